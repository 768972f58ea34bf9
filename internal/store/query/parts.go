package query

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"parley/internal/model"
)

const (
	// keptParts is SQLite's index of the parts of names and addresses of listed contacts.
	keptParts = "kept_contact_parts"
	// keptDocuments are the contacts that are in the index, with what they had when they were put there, by the numbers of their names.
	keptDocuments = "kept_contact_documents"
	// keptChanges are the contacts that are not in the index as they are.
	keptChanges = "kept_contact_changes"
	// partSize is how many characters a part has that is in the index.
	partSize = 3
	// mostParts is how many parts of a longer text are asked for.
	mostParts = 8
	// rare is up to how many texts each of several parts is counted, to find which of them are in the fewest.
	rare = 3000
	// many is how many contacts a workspace has at least where the index is asked: to look through fewer values takes less time than to ask.
	many = 5000
	// mostFound is how many contacts are looked at at most since the index found them, and sharedBy of how many contacts of the workspace
	// there is one of them at most: to find and look at one takes as long as to look through so many values.
	mostFound = 50_000
	sharedBy  = 8
	// asWaits is how many of these take as long as one who is not in the index as they are.
	asWaits = 4
)

// The number of a document begins with that of its workspace. The names of users, those of leads, the addresses of users and those of leads have
// numbers in this order: each are in one piece of the index.
const (
	// LeadAfterUser is how much greater the numbers of leads begin than those of users.
	LeadAfterUser = 1 << 36
	// AddressAfterName is how much greater in the index the number of a contact's address is than that of its name.
	AddressAfterName = 2 * LeadAfterUser
	// Numbers is how many numbers a workspace has.
	Numbers = 2 * AddressAfterName
	// AgesOf is of how many numbers one after the other it is known when the oldest and the newest of their contacts were made.
	AgesOf = 4096
)

// keptAges are these times, by the first of those numbers.
const keptAges = "kept_contact_ages"

// after is by how much the number of a field's text is greater than that of its document.
func after(field string) int64 {
	if field == "email" {
		return AddressAfterName
	}
	return 0
}

// partsOf are parts that are in whatever has a folded text in it, as the index is asked for each; none where it has none of three characters.
func partsOf(text string) []string {
	chars := []rune(text)
	var parts []string
	for i := 0; i+partSize <= len(chars); i++ {
		part := string(chars[i : i+partSize])
		if !strings.ContainsAny(part, otherwise) {
			parts = append(parts, `"`+strings.ReplaceAll(part, `"`, `""`)+`"`)
		}
	}
	slices.Sort(parts)
	parts = slices.Compact(parts)
	if n := len(parts); n > mostParts {
		for i := range mostParts {
			parts[i] = parts[i*(n-1)/(mostParts-1)]
		}
		parts = parts[:mostParts]
	}
	return parts
}

// otherwise are characters that the index takes for others, or for the end of a text.
const otherwise = "\x00\ufffd\ufffe\uffff"

// parts are those by which the index finds all of whom a test is true; none where it cannot.
func (t part) parts() []string {
	if t.Field != "name" && t.Field != "email" || t.Operator != model.Contains && t.Operator != model.EndsWith {
		return nil
	}
	text, ok := asText(t.Value)
	if !ok {
		return nil
	}
	return partsOf(text.(string))
}

// chooseParts finds what to ask the index for, so that few are found of whom the test is not true, and how many contacts are to be looked at then. It
// reports false where they are more than is worth it.
func (p *Plan) chooseParts(by *leader, count func(*Builder) (int, error)) (found int, ok bool, err error) {
	b := &Builder{}
	b.Text("SELECT CAST(total(t.contacts) AS BIGINT) FROM ", KeptTotals, " t WHERE t.workspace_id = ", b.Arg(p.env.Workspace), " AND t.field = 'role'")
	all, err := count(b)
	if err != nil || all < many {
		return 0, false, err
	}
	worth := min(mostFound, all/sharedBy)
	b = &Builder{}
	b.Text("SELECT count(*) FROM (SELECT 1 FROM ", keptChanges, " waiting WHERE waiting.workspace_id = ", b.Arg(p.env.Workspace), " LIMIT ", b.Arg(worth/asWaits), ") found")
	waiting, err := count(b)
	if err != nil || waiting == worth/asWaits {
		return 0, false, err
	}
	worth -= waiting * asWaits
	b = &Builder{}
	b.Text("SELECT COALESCE((SELECT d.document / ", b.Arg(int64(Numbers)), " FROM ", keptDocuments, " d WHERE d.workspace_id = ", b.Arg(p.env.Workspace), " LIMIT 1), 0)")
	of, err := count(b)
	if err != nil {
		return 0, false, err
	}
	by.first, by.last = p.numbers(int64(of))
	by.tells = p.toldBy(by.test)
	texts := func(match string, most int) (int, error) {
		b := &Builder{}
		limit := strconv.Itoa(rare)
		if most != rare { // of an index like this, SQLite compiles a statement anew each time it has an argument here
			limit = b.Arg(most)
		}
		b.Text("SELECT count(*) FROM (SELECT 1 FROM ", keptParts, " WHERE ")
		p.matches(b, *by, match)
		b.Text(" LIMIT ", limit, ") found")
		return count(b)
	}
	in := make(map[string]int, len(by.parts))
	if len(by.parts) > 1 && worth > rare {
		for _, one := range by.parts {
			if in[one], err = texts(one, rare); err != nil {
				return 0, false, err
			}
		}
	}
	least := slices.SortedFunc(slices.Values(by.parts), func(a, b string) int { return cmp.Compare(in[a], in[b]) })
	if len(least) > 2 && worth > rare && in[least[0]] < rare {
		least = least[:2]
	}
	by.match, by.waiting = strings.Join(least, " AND "), waiting
	if by.found = in[least[0]]; by.found > 0 && by.found < rare && p.short == 1 {
		return by.found + waiting*asWaits, true, nil // or fewer, which matters only where something else may lead instead
	}
	by.found, err = texts(by.match, worth)
	return by.found + waiting*asWaits, by.found < worth, err
}

// numbers are the first and the last that names may have of whom the filter is true, of those of a workspace. None has the first ones, of 0.
func (p *Plan) numbers(workspace int64) (first, last int64) {
	first = workspace * Numbers
	switch p.role() {
	case model.RoleUser:
		return first, first + LeadAfterUser - 1
	case model.RoleLead:
		return first + LeadAfterUser, first + AddressAfterName - 1
	default:
		return first, first + AddressAfterName - 1
	}
}

// role is the one that a test says they have; none where no test does.
func (p *Plan) role() model.Role {
	for _, t := range p.tests {
		if text, ok := asText(t.Value); ok && t.Field == "role" && t.Operator == model.Equal {
			return model.Role(text.(string))
		}
	}
	return ""
}

// toldBy reports whether the index finds by a test all of whom the filter is true and nobody else: where that is for one part as the index has it, and
// no more is asked than a role by which numbers are told apart.
func (p *Plan) toldBy(test int) bool {
	t := p.tests[test]
	text, _ := asText(t.Value)
	if t.Operator != model.Contains || utf8.RuneCountInString(text.(string)) != partSize || p.env.Until != 0 {
		return false
	}
	role := p.role()
	return len(p.tests) == 1 || len(p.tests) == 2 && (role == model.RoleUser || role == model.RoleLead)
}

// matches writes that the index has what it is asked for in a text whose number is one of those.
func (p *Plan) matches(b *Builder, by leader, match string) {
	after := after(p.tests[by.test].Field)
	b.Text(keptParts, " MATCH ", b.Arg(match), " AND ", keptParts, ".rowid BETWEEN ", b.Arg(by.first+after), " AND ", b.Arg(by.last+after))
}

// found writes a SELECT of all of whom the test that leads may be true, by the index of parts, with the columns that the table of values has: those
// whom the index finds, and those who are not in it as they are, if there are any.
func (p *Plan) found(b *Builder) {
	field := p.tests[p.by.test].Field
	b.Text("SELECT d.workspace_id, d.", field, " AS value, d.contact_created_at, d.contact_id, d.contact_role FROM ", keptParts, " CROSS JOIN ",
		keptDocuments, " d ON d.document = ", keptParts, ".rowid - ", b.Arg(after(field)), " WHERE ")
	p.matches(b, p.by, p.by.match)
	if p.by.waiting > 0 {
		b.Text(" AND NOT EXISTS (SELECT 1 FROM ", keptChanges, " n WHERE n.workspace_id = ", b.Arg(p.env.Workspace), " AND n.contact_id = d.contact_id) UNION ALL ")
		p.waiting(b)
	}
}

// waiting writes a SELECT of those who are not in the index as they are, with the same columns.
func (p *Plan) waiting(b *Builder) {
	field, ws := p.tests[p.by.test].Field, b.Arg(p.env.Workspace)
	b.Text("SELECT c.workspace_id, c.", field, "_fold AS value, c.created_at AS contact_created_at, c.id AS contact_id, c.role AS contact_role FROM ", keptChanges,
		" waiting CROSS JOIN contacts c ON c.workspace_id = ", ws, " AND c.id = waiting.contact_id WHERE waiting.workspace_id = ", ws,
		" AND c.role <> 'visitor' AND c.archived_at IS NULL")
}

// Gathers reports whether all who are found are likely to be few enough to be read once, and counted and put into the order of their creation by
// whoever reads them: to look at them a second time takes longer. Where the index tells, their numbers are read and no more than that.
func (p *Plan) Gathers(sort model.Sort) bool {
	switch {
	case sort.Field != "created_at":
		return false
	case !p.env.Dialect.Keeps():
		return p.identified() || p.ofParts() && !p.ofWords()
	default:
		return p.by.match != "" && (p.by.tells || p.by.found+p.by.waiting <= MostGathered)
	}
}

// Gather writes a statement that reads when each of them was made, and its id; of more than MostGathered, one more than that. Where the index tells, it is
// of those who are not in it as they are.
func (p *Plan) Gather(b *Builder) error {
	if !p.env.Dialect.Keeps() {
		return p.gatherRows(b)
	}
	from := p.from
	if p.by.tells {
		from = func(b *Builder) string { return within(b, p.waiting) }
	}
	b.Text("SELECT ", ofValues.created, ", ", ofValues.id, " FROM ", from(b), " WHERE ")
	return p.led(b)
}

// Tells reports whether the index tells, without a look at anybody, who is found: all but those whom Gather writes a SELECT of, if there are any.
func (p *Plan) Tells() (tells, all bool) { return p.by.tells, p.by.waiting == 0 }

// Told writes a SELECT of the numbers of those of whom the index tells, in whatever order.
func (p *Plan) Told(b *Builder) {
	number := keptParts + ".rowid - " + b.Arg(after(p.tests[p.by.test].Field))
	b.Text("SELECT ", number, " FROM ", keptParts, " WHERE ")
	p.matches(b, p.by, p.by.match)
	if p.by.waiting > 0 {
		b.Text(" AND ", number, " NOT IN (SELECT d.document FROM ", keptChanges, " waiting CROSS JOIN ", keptDocuments,
			" d ON d.workspace_id = waiting.workspace_id AND d.contact_id = waiting.contact_id WHERE waiting.workspace_id = ", b.Arg(p.env.Workspace), ")")
	}
}

// Ages writes a SELECT of the first of AgesOf numbers, and of when the oldest and the newest of their contacts were made, for all that those have who
// may be found.
func (p *Plan) Ages(b *Builder) {
	b.Text("SELECT a.document, a.oldest, a.newest FROM ", keptAges, " a WHERE a.document BETWEEN ", b.Arg(p.by.first), " AND ", b.Arg(p.by.last))
}

// Numbered writes a SELECT of when each of those was made who have the numbers of a JSON list, and its id.
func (p *Plan) Numbered(b *Builder, numbers string) {
	b.Text("SELECT d.contact_created_at, d.contact_id FROM ", keptDocuments, " d WHERE d.document ", p.env.Dialect.InInts(b.Arg(numbers)))
}

// values is where the rows are read that the test that leads has, and values by which it may be true.
func (p *Plan) values(b *Builder) string {
	if p.by.match == "" {
		return keptValues + " v"
	}
	return within(b, p.found)
}

// within is a SELECT as a table, v, whose arguments are the statement's.
func within(b *Builder, write func(*Builder)) string {
	s := &Builder{args: b.args}
	s.Text("(")
	write(s)
	s.Text(") v")
	b.args = s.args
	return s.SQL()
}
