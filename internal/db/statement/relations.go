package statement

import (
	"slices"
	"strings"
)

// Relations are the tables of a database, and which of them are written to when others are.
type Relations struct {
	Names  []string // in small letters, as all names here
	causes []cause
}

// A cause is a table that is written to along with another.
type cause struct {
	table, other string
	Watch
}

// Writes says that who writes to a table may write to another: the rows of that go along with those of this, or a trigger of this writes to it.
func (r *Relations) Writes(table, other string, when Watch) {
	r.causes = append(r.causes, cause{table, other, when})
}

// Follow finds the tables that a statement names, those that have them written to, those that have these written to, and so on.
func (r *Relations) Follow(text string) map[string]Watch {
	tables := map[string]Watch{}
	for name := range strings.FieldsFuncSeq(strings.ToLower(text), outsideNames) {
		if slices.Contains(r.Names, name) {
			tables[name] = Watch{}
		}
	}
	for more := true; more; {
		more = false
		for _, by := range r.causes {
			_, named := tables[by.other]
			if watch, follows := tables[by.table]; named && (!follows || watch.Deletions && !by.Deletions) {
				tables[by.table], more = by.Watch, true
			}
		}
	}
	return tables
}

// outsideNames reports whether a character is in no name.
func outsideNames(r rune) bool { return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') }
