package query

import (
	"strings"

	"parley/internal/model"
	"parley/internal/model/words"
)

// ListedConversations is the condition that every list of conversations states:
// tickets are not among them. The indexes repeat it word for word.
const ListedConversations = "kind = 'conversation'"

// Conversations writes the condition that a conversation c of the workspace, with
// its source s, matches a filter, into b.
func Conversations(b *Builder, env Env, f *model.Filter) error {
	return newConversationCompiler(b, env).filter(f, 1)
}

// AsksSource reports whether the condition of a filter names the source s.
func AsksSource(f *model.Filter) (asks bool) {
	f.Tests(func(test *model.Filter) {
		asks = asks || OfSource(test.Field)
	})
	return asks
}

// OfSource reports whether a field is one of the source s.
func OfSource(field string) bool {
	return strings.HasPrefix(field, "source.") || field == "channel_initiated"
}

// ConversationSort is the column that conversations are sorted by.
func ConversationSort(b *Builder, env Env, sort model.Sort) (Column, error) {
	switch sort.Field {
	case "id", "created_at", "updated_at":
		return Column{SQL: "c." + sort.Field}, nil
	}
	fd, ok := conversationField(env, sort.Field)
	switch {
	case !ok:
		return Column{}, invalidField(sort.Field)
	case fd.kind == member || fd.long:
		return Column{}, model.ParameterInvalid("Conversations cannot be sorted by %s", sort.Field)
	}
	expr := newConversationCompiler(b, env).expr(fd)
	if fd.kind == textual {
		expr += env.Dialect.Binary()
	}
	return Column{SQL: expr, Nullable: true}, nil
}

// conversationOperators are what each kind can be asked of conversations. There
// is no "or equal" among them, unlike those of contacts.
var conversationOperators = map[kind][]model.Operator{
	textual:    operators[textual],
	boolean:    operators[boolean],
	integer:    {model.Equal, model.NotEqual, model.In, model.NotIn, model.Greater, model.Less},
	decimal:    {model.Equal, model.NotEqual, model.In, model.NotIn, model.Greater, model.Less},
	moment:     {model.Equal, model.NotEqual, model.In, model.NotIn, model.Greater, model.Less},
	member:     {model.Equal, model.NotEqual, model.In, model.NotIn},
	identifier: append([]model.Operator{model.Greater, model.Less}, operators[textual]...),
}

func newConversationCompiler(b *Builder, env Env) *compiler {
	return &compiler{Builder: b, env: env, lookup: conversationField, operators: conversationOperators,
		searchable: "c.searchable"}
}

func conversationField(env Env, name string) (field, bool) {
	if fd, ok := conversationFields[name]; ok {
		return fd, true
	}
	fd, ok := customField(env, name)
	if fd.kind == date {
		fd.kind = moment
	}
	return fd, ok
}

// conversationFields are all but the custom attributes. Nobody but people takes
// part in conversations here, so that what an AI agent would have done is asked in
// vain.
var conversationFields = map[string]field{
	"id":            {kind: identifier, sql: "c.id"},
	"created_at":    {kind: moment, sql: "c.created_at"},
	"updated_at":    {kind: moment, sql: "c.updated_at"},
	"waiting_since": {kind: moment, sql: "c.waiting_since"},
	"snoozed_until": {kind: moment, sql: "c.snoozed_until"},
	"state":         {kind: textual, sql: "c.state"},
	"open":          {kind: boolean, sql: "(c.state <> 'closed')", test: openness},
	"read":          {kind: boolean, sql: "c.read"},
	"priority":      {kind: textual, sql: priority, test: byPriority},

	"admin_assignee_id": assignee("c.admin_assignee_id"),
	"team_assignee_id":  assignee("c.team_assignee_id"),
	"contact_ids":       several("conversation_contacts", "contact_id", asText),
	"teammate_ids":      several("conversation_teammates", "admin_id", asID),
	"tag_ids":           several("conversation_tags", "tag_id", asID),

	"channel_initiated":   {kind: textual, sql: "s.type"},
	"source.type":         {kind: textual, sql: "s.type"},
	"source.id":           {kind: identifier, sql: "s.id"},
	"source.delivered_as": {kind: textual, sql: "s.delivered_as"},
	"source.subject":      {kind: textual, sql: "NULLIF(s.subject_fold, '')"},
	"source.body":         {kind: textual, sql: bodyText, test: byWord, long: true},
	"source.url":          {kind: textual, sql: "s.url_fold"},
	"source.author.id":    {kind: textual, sql: authorID, test: byAuthor},
	"source.author.type": {kind: textual, sql: "COALESCE((SELECT CASE k.role WHEN 'lead' THEN 'lead' ELSE 'user' END" +
		sourceContact + "), s.author_type)"},
	"source.author.name":  author("k.name_fold", "k.name_fold"),
	"source.author.email": author("k.email_fold", "k.email"),

	"statistics.first_contact_reply_at":         {kind: moment, sql: "c.first_contact_reply_at"},
	"statistics.first_assignment_at":            {kind: moment, sql: "c.first_assignment_at"},
	"statistics.first_admin_reply_at":           {kind: moment, sql: "c.first_admin_reply_at"},
	"statistics.first_close_at":                 {kind: moment, sql: "c.first_close_at"},
	"statistics.last_assignment_at":             {kind: moment, sql: "c.last_assignment_at"},
	"statistics.last_assignment_admin_reply_at": {kind: moment, sql: "c.last_assignment_admin_reply_at"},
	"statistics.last_contact_reply_at":          {kind: moment, sql: "c.last_contact_reply_at"},
	"statistics.last_admin_reply_at":            shownWithStatistics(moment, "c.last_admin_reply_at"),
	"statistics.last_close_at":                  {kind: moment, sql: "c.last_close_at"},
	"statistics.last_closed_by_id":              {kind: textual, sql: "CAST(c.last_closed_by_id AS TEXT)"},
	"statistics.time_to_assignment":             {kind: integer, sql: "c.time_to_assignment"},
	"statistics.time_to_admin_reply":            {kind: integer, sql: "c.time_to_admin_reply"},
	"statistics.time_to_first_close":            {kind: integer, sql: "c.time_to_first_close"},
	"statistics.time_to_last_close":             {kind: integer, sql: "c.time_to_last_close"},
	"statistics.median_time_to_reply":           {kind: integer, sql: "c.median_time_to_reply"},
	"statistics.count_reopens":                  shownWithStatistics(integer, "c.count_reopens"),
	"statistics.count_assignments":              shownWithStatistics(integer, "c.count_assignments"),
	"statistics.count_conversation_parts":       shownWithStatistics(integer, "c.count_parts"),

	"conversation_rating.score":        {kind: integer, sql: "c.rating"},
	"conversation_rating.rating":       {kind: integer, sql: "c.rating"}, // as conversations show it
	"conversation_rating.remark":       {kind: textual, sql: "c.rating_remark_fold", long: true},
	"conversation_rating.contact_id":   {kind: textual, sql: "c.rating_contact_id"},
	"conversation_rating.admin_id":     {kind: textual, sql: "CAST(c.rating_admin_id AS TEXT)"},
	"conversation_rating.admin_d":      {kind: textual, sql: "CAST(c.rating_admin_id AS TEXT)"}, // as the published description spells it
	"conversation_rating.requested_at": {kind: moment, sql: "c.rating_requested_at"},
	"conversation_rating.replied_at":   {kind: moment, sql: "c.rating_replied_at"},

	"ai_agent_participated":     {kind: boolean, sql: "CAST(0 AS BOOLEAN)"},
	"ai_agent.resolution_state": {kind: textual, sql: noText},
	"ai_agent.last_answer_type": {kind: textual, sql: noText},
	"ai_agent.rating":           {kind: integer, sql: "CAST(NULL AS BIGINT)"},
	"ai_agent.rating_remark":    {kind: textual, sql: noText},
	"ai_agent.source_type":      {kind: textual, sql: noText},
	"ai_agent.source_title":     {kind: textual, sql: noText},
}

const (
	noText   = "CAST(NULL AS TEXT)"
	priority = "(CASE WHEN c.priority THEN 'priority' ELSE 'not_priority' END)"
	authorID = "COALESCE(s.contact_id, CAST(s.admin_id AS TEXT))"
	bodyText = "NULLIF(s.text_fold, '')"

	sourceContact = " FROM contacts k WHERE k.workspace_id = s.workspace_id AND k.id = s.contact_id"
	sourceAdmin   = " FROM admins k WHERE k.workspace_id = s.workspace_id AND k.id = s.admin_id"
)

// shownWithStatistics is what there may be before there are statistics, which
// begin when a contact has written.
func shownWithStatistics(k kind, column string) field {
	return field{kind: k, sql: "(CASE WHEN c.first_contact_reply_at IS NOT NULL THEN " + column + " END)"}
}

// openness writes a test of what is open as one of the state.
func openness(c *compiler, f *model.Filter) error {
	list, operator := []any{f.Value}, model.In
	if f.Operator == model.NotEqual || f.Operator == model.NotIn {
		operator = model.NotIn
	}
	if f.Operator == model.In || f.Operator == model.NotIn {
		var err error
		if list, err = members(f); err != nil {
			return err
		}
	}
	states := []any{}
	for _, v := range list {
		switch open, ok := asBool(field{})(v); {
		case !ok:
			return wrongValue(f)
		case open == true:
			states = append(states, string(model.Open), string(model.Snoozed))
		default:
			states = append(states, string(model.Closed))
		}
	}
	return c.in("c.state", &model.Filter{Field: f.Field, Operator: operator, Value: states}, asText)
}

// assignee is an admin or a team. Nobody is null and 0 alike.
func assignee(column string) field {
	return field{kind: integer, sql: column, test: func(c *compiler, f *model.Filter) error {
		n, ok := asInteger(f.Value)
		nobody := ok && n == int64(0)
		switch {
		case f.Operator == model.In || f.Operator == model.NotIn:
			return c.assignees(column, f)
		case nobody && f.Operator == model.Equal:
			c.Text(column, " IS NULL")
		case nobody && f.Operator == model.NotEqual:
			c.Text(column, " IS NOT NULL")
		default:
			return c.compare(column, f, asInteger)
		}
		return nil
	}}
}

// assignees writes a test of one of several assignees, of whom 0 is nobody.
func (c *compiler) assignees(column string, f *model.Filter) error {
	list, err := members(f)
	if err != nil {
		return err
	}
	some, nobody := make([]any, 0, len(list)), false
	for _, v := range list {
		n, ok := asInteger(v)
		if !ok {
			return wrongValue(f)
		}
		if n == int64(0) {
			nobody = true
		} else {
			some = append(some, v)
		}
	}
	c.Text("(")
	if err := c.in(column, &model.Filter{Field: f.Field, Operator: f.Operator, Value: some}, asInteger); err != nil {
		return err
	}
	switch {
	case nobody && f.Operator == model.In:
		c.Text(" OR ", column, " IS NULL")
	case nobody:
		c.Text(" AND ", column, " IS NOT NULL")
	}
	c.Text(")")
	return nil
}

// A kin is rows that tell of conversations: a table, the id of the conversation
// in it, and what is asked of it.
type kin struct {
	from, workspace, conversation, column string
	parts                                 bool // as of a field
}

// several is a field of which a conversation can have several values: one of them
// is asked for. What it has none of is null.
func several(table, column string, convert func(any) (any, bool)) field {
	of := kin{table + " m", "m.workspace_id", "m.conversation_id", "m." + column, false}
	return field{
		kind: member,
		sql: "(SELECT min(" + of.column + ") FROM " + of.from +
			" WHERE m.workspace_id = c.workspace_id AND m.conversation_id = c.id)",
		test: func(c *compiler, f *model.Filter) error { return c.amongRows(f, convert, of) },
	}
}

// author is a text of the contact or the admin who wrote a source. Whose it is
// found first: there are few with one name.
func author(ofContact, ofAdmin string) field {
	const with = " k JOIN conversation_sources o ON o.workspace_id = k.workspace_id AND o."
	contact := kin{"contacts" + with + "contact_id = k.id", "k.workspace_id", "o.conversation_id", ofContact, true}
	admin := kin{"admins" + with + "admin_id = k.id", "k.workspace_id", "o.conversation_id", ofAdmin, false}
	return field{
		kind: textual,
		sql:  "COALESCE((SELECT " + ofContact + sourceContact + "), (SELECT " + ofAdmin + sourceAdmin + "))",
		test: func(c *compiler, f *model.Filter) error { return c.amongRows(f, asText, contact, admin) },
	}
}

// byPriority writes a test of the two words for it as one of the column.
func byPriority(c *compiler, f *model.Filter) error {
	if word, ok := asText(f.Value); ok && f.Operator == model.Equal && (word == "priority" || word == "not_priority") {
		return c.truth("c.priority", &model.Filter{Field: f.Field, Operator: f.Operator, Value: word == "priority"})
	}
	return c.compare(priority, f, asText)
}

// byAuthor writes a test of who wrote a source. The id of an admin is a number there,
// and no id of a contact is one that an admin could have.
func byAuthor(c *compiler, f *model.Filter) error {
	if text, ok := f.Value.(string); ok && f.Operator == model.Equal && model.Decimal[model.AdminID](text) == 0 {
		return c.amongRows(f, asText, kin{"conversation_sources o", "o.workspace_id", "o.conversation_id", "o.contact_id", false})
	}
	return c.compare(authorID, f, asText)
}

// byWord writes a test of a body: whether it has a word, or that word and no
// other is asked for; a part of its text where that is asked for.
func byWord(c *compiler, f *model.Filter) error {
	switch f.Operator {
	case model.Contains, model.NotContains, model.StartsWith, model.EndsWith:
		return c.compare(bodyText, f, asText)
	}
	return c.amongRows(f, asWord, kin{"conversation_words w", "w.workspace_id", "w.conversation_id", "w.word", false})
}

// asWord gives an empty text, which no word is, for what is not one word.
func asWord(v any) (any, bool) {
	text, ok := asText(v)
	if !ok {
		return nil, false
	}
	if all := words.Of(text.(string)); len(all) == 1 && len(strings.Fields(text.(string))) == 1 {
		return all[0], true
	}
	return "", true
}

// positives are the operators whose opposite the others ask.
var positives = map[model.Operator]model.Operator{
	model.NotEqual: model.Equal, model.NotIn: model.In, model.NotContains: model.Contains,
}

// amongRows writes that a conversation is one of those that some rows tell of or,
// where the operator says so, none of them.
func (c *compiler) amongRows(f *model.Filter, convert func(any) (any, bool), rows ...kin) error {
	asked := *f
	if positive, ok := positives[f.Operator]; ok {
		asked.Operator = positive
		c.Text("NOT ")
	}
	before := "c.id IN ("
	for _, of := range rows {
		c.Text(before, "SELECT ", of.conversation, " FROM ", of.from, " WHERE ", of.workspace, " = ", c.Arg(c.env.Workspace), " AND ")
		if of.parts {
			c.part(of.column, &asked)
		}
		if err := c.compare(of.column, &asked, convert); err != nil {
			return err
		}
		before = " UNION ALL "
	}
	c.Text(")")
	return nil
}
