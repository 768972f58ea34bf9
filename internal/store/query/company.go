package query

import "parley/internal/model"

// PeopledCompanies is the condition that every list of companies states: a
// company that nobody belongs to appears in none.
const PeopledCompanies = "EXISTS (SELECT 1" + companyContacts + ")"

// companyContacts are the contacts of a company. An archived one stays among
// them, though lists of contacts do not show it.
const companyContacts = ` FROM contact_companies m
	WHERE m.workspace_id = companies.workspace_id AND m.company_id = companies.id`

// Companies writes the condition that a company of the workspace matches a
// filter, into b.
func Companies(b *Builder, env Env, f *model.Filter) error {
	c := newCompiler(b, env, companyField)
	return c.filter(f, 1)
}

// companyFields are those with a column of their own.
var companyFields = map[string]field{
	"id":                {kind: textual, sql: "id"},
	"name":              {kind: textual, sql: "name_fold"},
	"size":              {kind: integer, sql: "size"},
	"monthly_spend":     {kind: integer, sql: "monthly_spend"},
	"session_count":     {kind: integer, sql: "session_count"},
	"user_count":        {kind: integer, sql: "(SELECT count(*)" + companyContacts + ")"},
	"created_at":        {kind: date, sql: "created_at"},
	"remote_created_at": {kind: date, sql: "remote_created_at"},
	"updated_at":        {kind: date, sql: "updated_at"},
	"last_request_at":   {kind: date, sql: "NULLIF(last_request_at, 0)"},
	"tag_id":            {kind: membership, has: hasCompanyTag},
	"segment_id":        {kind: segmentMembership, has: inCompanySegment},
}

// searchableCompanyTexts are the texts kept folded in the searchable column.
var searchableCompanyTexts = map[string]bool{"company_id": true, "plan": true, "website": true, "industry": true}

func companyField(env Env, name string) (field, bool) {
	if fd, ok := companyFields[name]; ok {
		return fd, true
	}
	if searchableCompanyTexts[name] {
		return field{kind: textual, key: name}, true
	}
	return customField(env, name)
}

// hasCompanyTag begins with the tag: a tag is on few of the companies.
func hasCompanyTag(c *compiler, id string) error {
	c.Text("id IN (SELECT t.company_id FROM company_tags t WHERE t.workspace_id = ", c.Arg(c.env.Workspace),
		" AND t.tag_id = ", c.Arg(int64(model.Decimal[model.TagID](id))), ")")
	return nil
}

// inCompanySegment writes the segment's own filter, as for contacts.
func inCompanySegment(c *compiler, id string) error {
	s, ok := c.env.Segments[model.SegmentID(id)]
	if !ok || s.PersonType != model.PersonCompany {
		c.Text("1 = 0")
		return nil
	}
	return segmentMembers(c, s)
}
