package query

import (
	"cmp"
	"slices"
	"strings"

	"parley/internal/db"
	"parley/internal/model"
)

// A Plan is how the listed contacts that match a filter are counted and read. Where the database keeps a table of values, one
// test by which few are found leads to them, and the others are made of those; if they are of what the table has as well, contacts
// are counted without a look at any. A part of a name or an address leads by an index of parts, which finds contacts that are looked at.
type Plan struct {
	env     Env
	match   func(b *Builder) error // writes the whole filter as a test of contacts' rows; nil for none
	tests   []part                 // all of them must be true
	leaders []leader               // those that may lead; none where no table serves
	short   int                    // how many of these, the first, a table has in one piece
	by      leader                 // the one that does
}

// A part is a test, or a group of tests, that stands beside others.
type part struct {
	*model.Filter
	nested bool   // inside a segment
	field  field  // of a test that the table of values can answer
	value  string // the name that it has there; empty for what it cannot answer
	point  bool   // it is for one value, so that the table has those who have it in the order of the list
}

// A leader is a test that leads to contacts, by the table of values or by the index of parts.
type leader struct {
	test  int      // its place among the tests
	parts []string // that the index has of all of whom it is true; none: by the table
	match string   // what the index is asked for, once that is chosen; empty: by the table

	found, waiting int   // how many texts the index finds then, and how many contacts are not in it as they are
	first, last    int64 // the numbers that those whom it may find have, or their names
	tells          bool  // it needs no look at whom it finds
}

const (
	// keptValues are the values that listed contacts have, and with each of them when the contact was made, its id and its role.
	keptValues = "kept_contact_values"
	// KeptTotals are how many listed contacts of each role there are, under the field role, and how many of them have each value. PostgreSQL
	// has several rows of one, and spells values in a way of its own.
	KeptTotals = "kept_contact_totals"
	// maxKept is how many bytes a value has at most that both databases keep.
	maxKept = 1500
	// MostGathered is how many contacts are read one by one and sorted at most, rather than come upon in the order of the list.
	MostGathered = 5000
	// probed is up to how many contacts a test of values that may lead to them is counted, to find which of several should.
	probed = 2000
)

// PlanContacts finds how to count and read the listed contacts that match a filter, or all without one. An error is of
// the filter.
func PlanContacts(env Env, f *model.Filter) (*Plan, error) {
	p := &Plan{env: env}
	if f == nil {
		return p, nil
	}
	p.match = func(b *Builder) error { return Contacts(b, env, f) }
	if err := p.match(&Builder{}); err != nil {
		return nil, err
	}
	p.add(f, false)
	p.lead()
	return p, nil
}

// PlanSegment finds how to count the contacts in a segment.
func PlanSegment(env Env, s *model.Segment) (*Plan, error) {
	p := &Plan{env: env}
	p.match = func(b *Builder) error { return Segment(b, env, s) }
	if err := p.match(&Builder{}); err != nil {
		return nil, err
	}
	p.addSegment(s)
	p.lead()
	return p, nil
}

// add takes a filter apart into tests that must all be true.
func (p *Plan) add(f *model.Filter, nested bool) {
	if f.Operator == model.And || f.Operator == model.Or && len(f.Filters) == 1 {
		for i := range f.Filters {
			p.add(&f.Filters[i], nested)
		}
		return
	}
	if f.Field == "segment_id" && f.Operator == model.Equal && !nested {
		if id, ok := asText(f.Value); ok {
			if s := p.env.Segments[model.SegmentID(id.(string))]; s != nil && !s.OfCompanies() {
				p.addSegment(s)
				return
			}
		}
	}
	t := part{Filter: f, nested: nested}
	if !f.IsGroup() {
		p.keep(&t)
	}
	p.tests = append(p.tests, t)
}

func (p *Plan) addSegment(s *model.Segment) {
	role := model.Filter{Field: "role", Operator: model.Equal}
	switch s.PersonType {
	case model.PersonLead:
		role.Value = string(model.RoleLead)
	case model.PersonUser:
		role.Value = string(model.RoleUser)
	}
	if role.Value != nil {
		p.add(&role, true)
	}
	p.add(&s.Filter, true)
}

// keep finds what the table of values can answer. It has one value of a field for each contact, but for tags; and of custom attributes,
// names and addresses it has all, since they cannot be too long.
func (p *Plan) keep(t *part) {
	if t.Value == nil {
		return
	}
	fd, ok := contactField(p.env, t.Field)
	if !ok {
		return
	}
	if t.Field == "tag_id" {
		if _, ok := asText(t.Value); ok && t.Operator == model.Equal {
			t.value, t.point = t.Field, true
		}
		return
	}
	name := cmp.Or(fd.key, t.Field)
	whole := strings.HasPrefix(name, "custom_attributes.") || name == "name" || name == "email"
	switch t.Operator {
	case model.Equal:
		if v, ok := asText(t.Value); fd.key == "" || ok && len(v.(string)) > maxKept {
			return
		}
		t.point = fd.kind != date
	case model.In, model.Greater, model.Less, model.GreaterOrEqual, model.LessOrEqual, model.StartsWith, model.Contains, model.EndsWith:
		if !whole {
			return
		}
	default:
		return
	}
	t.field, t.value = fd, name
}

// lead finds the tests that may lead. Where one is of what a contact has alone, or nearly so, an index of contacts is better.
func (p *Plan) lead() {
	if !p.env.Dialect.Keeps() {
		return
	}
	var points, others, parts, through []leader
	for i, t := range p.tests {
		switch t.Field {
		case "id", "email", "phone", "external_id", "name":
			if t.Value != nil && (t.Operator == model.Equal || t.Operator == model.In) {
				return
			}
		}
		switch {
		case t.value == "":
		case t.point:
			points = append(points, leader{test: i})
		case t.Operator == model.Contains || t.Operator == model.EndsWith:
			through = append(through, leader{test: i})
			if of := t.parts(); len(of) > 0 {
				parts = append(parts, leader{test: i, parts: of})
			}
		default:
			others = append(others, leader{test: i})
		}
	}
	p.leaders = slices.Concat(points, others, parts, through)
	p.short = len(points) + len(others) + len(parts)
	if one := slices.Concat(points, others, through); len(one) > 0 {
		p.by = one[0]
	}
}

// Choose finds which of the tests should lead, where several may: the one that leads to the fewest contacts, counted up to a bound. Where each has
// as many as its bound, a test of a part of a text leads if there is one: to look through all values of a field takes less time than to look at each
// of many contacts. count runs a SELECT of a number.
func (p *Plan) Choose(count func(*Builder) (int, error)) error {
	if len(p.leaders) < 2 {
		return nil
	}
	least, chosen := 0, false
	for _, by := range p.leaders[:p.short] {
		n, ok, err := 0, false, error(nil)
		if len(by.parts) > 0 {
			n, ok, err = p.chooseParts(&by, count)
		} else {
			n, ok, err = p.countLed(by, count)
		}
		if err != nil {
			return err
		}
		if ok && (!chosen || n < least) {
			p.by, least, chosen = by, n, true
		}
	}
	if !chosen && p.short < len(p.leaders) {
		p.by = p.leaders[p.short]
	}
	return nil
}

// countLed counts how many contacts a test leads to, and reports whether they are fewer than the bound.
func (p *Plan) countLed(by leader, count func(*Builder) (int, error)) (n int, ok bool, err error) {
	b := &Builder{}
	b.Text("SELECT count(*) FROM (SELECT 1 FROM ", keptValues, " v WHERE ")
	if err := p.valued(b, "v", p.tests[by.test]); err != nil {
		return 0, false, err
	}
	b.Text(" LIMIT ", b.Arg(probed), ") led")
	n, err = count(b)
	return n, n < probed, err
}

// valued writes that a row of the table is for a value by which a test is true.
func (p *Plan) valued(b *Builder, row string, t part) error {
	b.Text(row, ".workspace_id = ", b.Arg(p.env.Workspace), " AND ", row, ".field = ", b.Arg(t.value), " AND ")
	return p.compare(b, row+".value", t)
}

// compare writes that a value is one by which a test is true.
func (p *Plan) compare(b *Builder, value string, t part) error {
	if t.Field == "tag_id" {
		id, _ := t.asked()
		b.Text(value, " = ", b.Arg(id))
		return nil
	}
	c := newCompiler(b, p.env, nil)
	if t.field.kind != textual && t.field.kind != boolean {
		b.Text(value, " < '' AND ") // behind all numbers are the texts
	}
	if t.field.kind == date {
		return c.date(value, t.Filter)
	}
	return c.compare(value, t.Filter, t.field.convert())
}

// Number writes a statement that counts the contacts. Its first column is of how many there are, where that is of use, or 0.
func (p *Plan) Number(b *Builder) error {
	role, value, ok := p.kept()
	if !ok {
		b.Text(db.ByValues)
	}
	b.Text("SELECT ")
	if !ok || value.value == "" || p.env.Dialect.Keeps() {
		b.Text("0, ")
		return p.Count(b)
	}
	b.Text("(SELECT ")
	if err := p.total(b, role, part{}); err != nil {
		return err
	}
	b.Text("), ")
	return p.total(b, role, value)
}

// Count writes what counts the contacts, behind a SELECT.
func (p *Plan) Count(b *Builder) error {
	if role, value, ok := p.kept(); ok {
		return p.total(b, role, value)
	}
	if len(p.leaders) == 0 {
		b.Text("count(*) FROM contacts WHERE ")
		return p.inRows(b)
	}
	b.Text("count(*) FROM ", p.from(b), " WHERE ")
	return p.led(b)
}

// from is where the test that leads does, with the contacts beside it where anything is asked of these.
func (p *Plan) from(b *Builder) string {
	for i := range p.tests {
		if !p.covers(i) {
			return p.values(b) + besideContacts
		}
	}
	return p.values(b)
}

// kept is what is asked of which the number is kept: a role, which is nil for any, and a value, or no field for all contacts.
func (p *Plan) kept() (role any, value part, ok bool) {
	if p.env.Until != 0 {
		return nil, value, false
	}
	for _, t := range p.tests {
		text, isText := asText(t.Value)
		switch {
		case isText && t.Field == "role" && t.Operator == model.Equal && role == nil:
			role = text
		case t.point && value.value == "":
			value = t
		default:
			return nil, value, false
		}
	}
	return role, value, true
}

// total writes what counts contacts of which the number is kept.
func (p *Plan) total(b *Builder, role any, value part) error {
	b.Text("COALESCE(sum(t.contacts), 0) FROM ", KeptTotals, " t WHERE ")
	switch {
	case value.value == "":
		b.Text("t.workspace_id = ", b.Arg(p.env.Workspace), " AND t.field = 'role'")
	case p.env.Dialect.Keeps():
		if err := p.valued(b, "t", value); err != nil {
			return err
		}
	default:
		v, ok := value.asked()
		if !ok {
			return wrongValue(value.Filter)
		}
		b.Text("t.workspace_id = ", b.Arg(p.env.Workspace), " AND t.field = ", b.Arg(value.value),
			" AND t.value = kept_contact_value(", b.Arg(toJSON(v)), "::jsonb)")
	}
	if role != nil {
		b.Text(" AND t.role = ", b.Arg(role))
	}
	return nil
}

// asked is the value that a test is for.
func (t part) asked() (any, bool) {
	if t.Field == "tag_id" {
		id, ok := asText(t.Value)
		return int64(model.Decimal[model.TagID](id.(string))), ok
	}
	return t.field.convert()(t.Value)
}

// Rows is where the ids of the contacts are read, as many as were counted, of how many there are.
func (p *Plan) Rows(sort model.Sort, counted, of int) (*Source, error) {
	where := &Builder{}
	s := &Source{From: "contacts", Where: where, ID: "id", Column: func(b *Builder) (Column, error) { return ContactSort(b, p.env, sort) }}
	byCreation := sort.Field == "created_at"
	switch {
	case !p.env.Dialect.Keeps():
		return s, p.withoutValues(s, sort, counted, of)
	case len(p.leaders) == 0 || counted > MostGathered && !(byCreation && p.tests[p.by.test].point): // in the order of all
		return s, p.inRows(where)
	case byCreation: // which is beside each value
		s.From, s.Column = p.from(where), func(*Builder) (Column, error) { return Column{SQL: ofValues.created}, nil }
	default:
		s.From = p.values(where) + besideContacts
	}
	s.ID = ofValues.id
	return s, p.led(where)
}

// A Source is a table or a join, and the condition of what is read of it.
type Source struct {
	From   string
	Where  *Builder
	ID     string
	Column func(*Builder) (Column, error) // that it is sorted by
	Search bool                           // the condition is to be planned for its values
	Few    bool                           // rows are there: they are found and then sorted
}

// besideContacts joins the contacts that a value leads to, one by one.
const besideContacts = " CROSS JOIN contacts ON contacts.workspace_id = v.workspace_id AND contacts.id = v.contact_id"

// columns are where a condition finds of a contact what the table of values has beside each value.
type columns struct{ created, id string }

var (
	ofValues   = columns{"v.contact_created_at", "v.contact_id"}
	ofContacts = columns{"contacts.created_at", "contacts.id"}
)

// inRows writes the condition for rows of contacts, come upon in some order of theirs.
func (p *Plan) inRows(b *Builder) error {
	b.Text("workspace_id = ", b.Arg(p.env.Workspace), " AND ", ListedContacts, p.env.Made(b, "created_at"))
	if len(p.leaders) == 0 {
		if p.match == nil {
			return nil
		}
		b.Text(" AND ")
		return p.match(b)
	}
	for _, t := range p.tests {
		b.Text(" AND ")
		if err := p.test(b, t, ofContacts); err != nil {
			return err
		}
	}
	return nil
}

// led writes the condition for contacts to which the test that leads does.
func (p *Plan) led(b *Builder) error {
	lead := p.valued
	if p.by.match != "" {
		lead = func(b *Builder, row string, t part) error { return p.compare(b, row+".value", t) }
	}
	if err := lead(b, "v", p.tests[p.by.test]); err != nil {
		return err
	}
	b.Text(p.env.Made(b, ofValues.created))
	for i, t := range p.tests {
		if i == p.by.test {
			continue
		}
		b.Text(" AND ")
		if err := p.beside(b, i, t); err != nil {
			return err
		}
	}
	return nil
}

func (p *Plan) beside(b *Builder, i int, t part) error {
	switch {
	case p.ofSame(t):
		return p.compare(b, "v.value", t)
	case p.covers(i):
		return p.test(b, t, ofValues)
	default:
		return p.test(b, t, ofContacts)
	}
}

// ofSame reports whether a test is of the field that leads, of which a contact has one value.
func (p *Plan) ofSame(t part) bool {
	return t.value != "" && t.value != "tag_id" && t.value == p.tests[p.by.test].value
}

// covers reports whether the table of values has all that a test asks.
func (p *Plan) covers(i int) bool {
	t := p.tests[i]
	if i == p.by.test || t.point || p.ofSame(t) {
		return true
	}
	covered := true
	t.Tests(func(test *model.Filter) {
		covered = covered && (test.Field == "role" || test.Field == "created_at") && test.Value != nil
	})
	return covered
}

// test writes a test of one contact.
func (p *Plan) test(b *Builder, t part, of columns) error {
	if t.point { // a row of the table is found by the whole of its key
		b.Text("(SELECT o.contact_role FROM ", keptValues, " o WHERE ")
		if err := p.valued(b, "o", t); err != nil {
			return err
		}
		b.Text(" AND o.contact_created_at = ", of.created, " AND o.contact_id = ", of.id, ") IS NOT NULL")
		return nil
	}
	c := newCompiler(b, p.env, func(env Env, name string) (field, bool) {
		switch {
		case name == "role" && of == ofValues:
			return field{kind: textual, sql: "v.contact_role"}, true
		case name == "created_at":
			return field{kind: date, sql: of.created}, true
		default:
			return contactField(env, name)
		}
	})
	c.nested = t.nested
	return c.filter(t.Filter, 1)
}
