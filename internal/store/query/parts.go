package query

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"parley/internal/model"
)

const (
	// keptParts is SQLite's index of the parts of names and addresses, a document for each contact.
	keptParts = "kept_contact_parts"
	// keptDocuments are whose the documents are.
	keptDocuments = "kept_contact_documents"
	// keptChanges are the contacts that are not in the index as they are.
	keptChanges = "kept_contact_changes"
	// partSize is how many characters a part has that is in the index.
	partSize = 3
	// mostParts is how many parts of a longer text are asked for.
	mostParts = 8
	// mostFound is how many contacts are looked at at most since the index found them, and sharedBy of how many contacts of the
	// workspace there is one of them at most: to look at one takes as long as to look through so many values.
	mostFound = 20_000
	sharedBy  = 16
	// fewFound is how many are looked at in any case.
	fewFound = 50
)

// Documents is the range of the documents of a workspace, the first and the last. Another workspace may have the same one: whose a document
// is says the table of documents.
func Documents(ws model.WorkspaceID) (first, last int64) {
	sum := sha256.Sum256([]byte(ws))
	first = int64(binary.BigEndian.Uint32(sum[:])>>1) << 32
	return first, first + 1<<32 - 1
}

// partsOf is what the index is asked for, so that it finds all in whose name or address a folded text is, or at the end of which; empty
// where the text has no part of three characters.
func partsOf(field, text string) string {
	chars := []rune(text)
	var parts []string
	for i := 0; i+partSize <= len(chars); i++ {
		part := string(chars[i : i+partSize])
		// The index leaves NUL out.
		if !strings.ContainsAny(part, "\x00"+string(utf8.RuneError)) {
			parts = append(parts, `"`+strings.ReplaceAll(part, `"`, `""`)+`"`)
		}
	}
	if n := len(parts); n > mostParts { // from the first to the last
		for i := range mostParts {
			parts[i] = parts[i*(n-1)/(mostParts-1)]
		}
		parts = parts[:mostParts]
	}
	if len(parts) == 0 {
		return ""
	}
	return field + " : (" + strings.Join(parts, " AND ") + ")"
}

// parts is what the index of parts is asked for, so that it finds all of whom a test is true; empty where it cannot.
func (t part) parts() string {
	if t.Field != "name" && t.Field != "email" || t.Operator != model.Contains && t.Operator != model.EndsWith {
		return ""
	}
	text, ok := asText(t.Value)
	if !ok {
		return ""
	}
	return partsOf(t.Field, text.(string))
}

// found writes a SELECT of the ids of contacts among whom are all that the index is asked for: those that it finds, and those that are not in
// it as they are. One who is in both is there twice unless union says otherwise.
func (p *Plan) found(b *Builder, match, union string) {
	ws := b.Arg(p.env.Workspace)
	first, last := Documents(p.env.Workspace)
	b.Text("SELECT waiting.contact_id FROM ", keptChanges, " waiting WHERE waiting.workspace_id = ", ws, " ", union,
		" SELECT d.contact_id FROM ", keptParts, " CROSS JOIN ", keptDocuments, " d ON d.workspace_id = ", ws, " AND d.document = ", keptParts, ".rowid WHERE ",
		keptParts, " MATCH ", b.Arg(match), " AND ", keptParts, ".rowid BETWEEN ", b.Arg(first), " AND ", b.Arg(last))
}

// countFound writes a SELECT of how many found has, or of mostFound where it has more than is worth it.
func (p *Plan) countFound(b *Builder, match string) {
	b.Text("SELECT CASE WHEN led.n < worth.n THEN led.n ELSE ", b.Arg(mostFound), " END FROM (", p.worth(b), ") worth, (SELECT count(*) AS n FROM (SELECT 1 FROM (")
	p.found(b, match, "UNION ALL")
	b.Text(") found LIMIT (", p.worth(b), ")) found) led")
}

// worth writes how many contacts it takes as long to look at as to look through the values of all.
func (p *Plan) worth(b *Builder) string {
	return "SELECT min(" + b.Arg(mostFound) + ", " + b.Arg(fewFound) + " + COALESCE(sum(t.contacts), 0) / " + b.Arg(sharedBy) + ") AS n FROM " + keptTotals +
		" t WHERE t.workspace_id = " + b.Arg(p.env.Workspace) + " AND t.field = 'role'"
}

// foundContacts is where the contacts are read that the index of parts leads to, one by one.
func (p *Plan) foundContacts(b *Builder) string {
	s := &Builder{args: b.args}
	s.Text("(")
	p.found(s, p.by.match, "UNION")
	s.Text(") found CROSS JOIN contacts ON contacts.workspace_id = ", s.Arg(p.env.Workspace), " AND contacts.id = found.contact_id")
	b.args = s.args
	return s.SQL()
}
