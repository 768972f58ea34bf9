package query

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf8"

	"parley/internal/db"
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

// AddressAfterName is how much greater in the index the number of a contact's address is than that of its name.
const AddressAfterName = 1 << 31

// Documents is the range of the numbers that the names of a workspace have in the index of parts, the first and the last. Another workspace may have
// the same one: whose a number is says the table of documents.
func Documents(ws model.WorkspaceID) (first, last int64) {
	sum := sha256.Sum256([]byte(ws))
	first = int64(binary.BigEndian.Uint32(sum[:])>>1) << 32
	return first, first + AddressAfterName - 1
}

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
		if !strings.ContainsAny(part, "\x00"+string(utf8.RuneError)) { // of which the index may have another notion
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
	texts := func(match string, most int) (int, error) {
		b := &Builder{}
		b.Text("SELECT count(*) FROM (SELECT 1 FROM ", keptParts, " WHERE ")
		p.matches(b, p.tests[by.test].Field, match)
		b.Text(" LIMIT ", b.Arg(most), ") found")
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

// matches writes that the index has what it is asked for in a text of a field whose number is in the range of the workspace.
func (p *Plan) matches(b *Builder, field, match string) {
	first, last := Documents(p.env.Workspace)
	b.Text(keptParts, " MATCH ", b.Arg(match), " AND ", keptParts, ".rowid BETWEEN ", b.Arg(first+after(field)), " AND ", b.Arg(last+after(field)))
}

// found writes a SELECT of all of whom the test that leads may be true, by the index of parts, with the columns that the table of values has: those
// whom the index finds, and those who are not in it as they are, if there are any.
func (p *Plan) found(b *Builder) {
	field, ws := p.tests[p.by.test].Field, b.Arg(p.env.Workspace)
	b.Text("SELECT d.workspace_id, d.", field, " AS value, d.contact_created_at, d.contact_id, d.contact_role FROM ", keptParts, " CROSS JOIN ",
		keptDocuments, " d ON d.document = ", keptParts, ".rowid - ", b.Arg(after(field)), " WHERE ")
	p.matches(b, field, p.by.match)
	b.Text(" AND d.workspace_id = ", ws)
	if p.by.waiting == 0 {
		return
	}
	b.Text(" AND NOT EXISTS (SELECT 1 FROM ", keptChanges, " n WHERE n.workspace_id = ", ws, " AND n.contact_id = d.contact_id)",
		" UNION ALL SELECT c.workspace_id, c.", field, "_fold, c.created_at, c.id, c.role FROM ", keptChanges, " waiting CROSS JOIN contacts c",
		" ON c.workspace_id = ", ws, " AND c.id = waiting.contact_id WHERE waiting.workspace_id = ", ws, " AND c.role <> 'visitor' AND c.archived_at IS NULL")
}

// Gathers reports whether all who are found are likely to be few enough to be read once, and counted and put into the order of their creation by
// whoever reads them: to look at them a second time takes longer.
func (p *Plan) Gathers(sort model.Sort) bool {
	if !p.env.Dialect.Keeps() {
		return sort.Field == "created_at" && (p.identified() || p.ofParts())
	}
	return sort.Field == "created_at" && p.by.match != "" && p.by.found+p.by.waiting <= MostGathered
}

// Gather writes a statement that reads when each of them was made, and its id.
func (p *Plan) Gather(b *Builder) error {
	if !p.env.Dialect.Keeps() {
		if !p.identified() {
			b.Text(db.ByValues)
		}
		b.Text("SELECT created_at, id FROM contacts WHERE ")
		return p.inRows(b)
	}
	b.Text("SELECT ", ofValues.created, ", ", ofValues.id, " FROM ", p.from(b), " WHERE ")
	return p.led(b)
}

// values is where the rows are read that the test that leads has, and values by which it may be true.
func (p *Plan) values(b *Builder) string {
	if p.by.match == "" {
		return keptValues + " v"
	}
	s := &Builder{args: b.args}
	s.Text("(")
	p.found(s)
	s.Text(") v")
	b.args = s.args
	return s.SQL()
}
