package query

import (
	"strings"

	"parley/internal/model"
)

// ListedContacts is the condition that every list of contacts states: neither
// visitors nor archived contacts appear in one. The indexes repeat it word for
// word.
const ListedContacts = "role <> 'visitor' AND archived_at IS NULL"

// Contacts writes the condition that a contact of the workspace matches a
// filter, into b.
func Contacts(b *Builder, env Env, f *model.Filter) error {
	c := newCompiler(b, env, contactField)
	return c.filter(f, 1)
}

// ContactSort is the column that contacts are sorted by.
func ContactSort(b *Builder, env Env, sort model.Sort) (Column, error) {
	switch sort.Field {
	case "created_at", "updated_at":
		return Column{SQL: sort.Field}, nil
	}
	fd, ok := contactField(env, sort.Field)
	if !ok || fd.has != nil {
		return Column{}, invalidField(sort.Field)
	}
	c := newCompiler(b, env, contactField)
	expr := c.expr(fd)
	if fd.kind == textual && fd.key != "" {
		expr += env.Dialect.Binary() // a column is in byte order by itself
	}
	return Column{SQL: expr, Nullable: true}, nil
}

// contactFields are those with a column of their own.
var contactFields = map[string]field{
	"id":                       {kind: textual, sql: "id"},
	"role":                     {kind: textual, sql: "role", test: byRole},
	"name":                     {kind: textual, sql: "name_fold", parts: true},
	"email":                    {kind: textual, sql: "email_fold", parts: true},
	"email_domain":             {kind: textual, sql: "email_domain"},
	"phone":                    {kind: textual, sql: "phone_fold"},
	"external_id":              {kind: textual, sql: "external_id_fold"},
	"owner_id":                 {kind: integer, sql: "owner_id"},
	"created_at":               {kind: date, sql: "created_at"},
	"updated_at":               {kind: date, sql: "updated_at"},
	"signed_up_at":             {kind: date, sql: "signed_up_at"},
	"last_seen_at":             {kind: date, sql: "last_seen_at"},
	"last_contacted_at":        {kind: date, sql: "last_contacted_at"},
	"last_replied_at":          {kind: date, sql: "last_replied_at"},
	"last_email_opened_at":     {kind: date, sql: "last_email_opened_at"},
	"last_email_clicked_at":    {kind: date, sql: "last_email_clicked_at"},
	"unsubscribed_from_emails": {kind: boolean, sql: "unsubscribed_from_emails"},
	"marked_email_as_spam":     {kind: boolean, sql: "marked_email_as_spam"},
	"has_hard_bounced":         {kind: boolean, sql: "has_hard_bounced"},
	"tag_id":                   {kind: membership, has: hasContactTag},
	"segment_id":               {kind: segmentMembership, has: inContactSegment},
}

// searchableContactTexts are the texts kept folded in the searchable column.
var searchableContactTexts = map[string]bool{
	"avatar": true, "language_override": true, "browser": true, "browser_language": true, "os": true,
	"location.country": true, "location.region": true, "location.city": true,
	"ios_app_version": true, "ios_device": true, "ios_app_device": true, "ios_os_version": true,
	"ios_app_name": true, "ios_sdk_version": true,
	"android_app_version": true, "android_device": true, "android_os_version": true,
	"android_app_name": true, "android_sdk_version": true,
}

// contactAliases are names the published description spells otherwise.
var contactAliases = map[string]string{
	"andoid_sdk_version": "android_sdk_version",
	"ios_app_device":     "ios_device",
}

func contactField(env Env, name string) (field, bool) {
	if alias, ok := contactAliases[name]; ok {
		name = alias
	}
	if fd, ok := contactFields[name]; ok {
		return fd, true
	}
	switch {
	case searchableContactTexts[name]:
		return field{kind: textual, key: name}, true
	case name == "ios_last_seen_at" || name == "android_last_seen_at":
		return field{kind: date, key: name}, true
	}
	return customField(env, name)
}

// customField is a custom attribute, compared as its declared type says.
func customField(env Env, name string) (field, bool) {
	attribute, ok := strings.CutPrefix(name, "custom_attributes.")
	if !ok {
		return field{}, false
	}
	t, ok := env.Attributes[attribute]
	return field{kind: kindOf(t), key: name}, ok
}

func kindOf(t model.DataType) kind {
	switch t {
	case model.TypeInteger:
		return integer
	case model.TypeFloat:
		return decimal
	case model.TypeBoolean:
		return boolean
	case model.TypeDate:
		return date
	default:
		return textual
	}
}

// byRole writes a role that there is into the statement itself. SQLite looks at a role that is an argument, since it could be that of an
// index of some contacts, and would compile the statement anew each time it has another.
func byRole(c *compiler, f *model.Filter) error {
	if v, ok := asText(f.Value); ok && f.Operator == model.Equal {
		switch role := model.Role(v.(string)); role {
		case model.RoleUser, model.RoleLead:
			c.Text("role = '", string(role), "'")
			return nil
		}
	}
	return c.compare("role", f, asText)
}

func hasContactTag(c *compiler, id string) error {
	c.Text("contacts.id IN (SELECT t.contact_id FROM contact_tags t WHERE t.workspace_id = ", c.Arg(c.env.Workspace),
		" AND t.tag_id = ", c.Arg(int64(model.Decimal[model.TagID](id))), ")")
	return nil
}

// inContactSegment writes the segment's own filter: who is in it is asked, not
// remembered.
func inContactSegment(c *compiler, id string) error {
	s, ok := c.env.Segments[model.SegmentID(id)]
	if !ok || s.OfCompanies() {
		c.Text("1 = 0")
		return nil
	}
	return segmentMembers(c, s)
}
