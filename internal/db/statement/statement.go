// Package statement reads the texts of SQL statements: which rows one may write to, of tables that somebody watches, which tables are written to along with
// others, and how SQLite has its parameters.
// It must not run any, and not guess: what it does not know may write to all rows.
package statement

import (
	"regexp"
	"strconv"
	"strings"

	"parley/internal/lazy"
)

// A Reach is which rows of the watched tables a statement may write to.
type Reach struct {
	// Touches is whether it may write to any.
	Touches bool
	// Workspace is the number of the argument that names the workspace of all these rows, from 1; 0 where none is known to.
	Workspace int
	// Key is the number of the argument that all these rows have in the key of their table, from 1, beside a Workspace; 0 where
	// none is known to be.
	Key int
	// Keys is whether that argument is a list of such keys, as JSON.
	Keys bool
}

// A Watch is how somebody watches a table.
type Watch struct {
	// Key is the column that tells its rows apart for who watches, beside workspace_id; empty where none does.
	Key string
	// Deletions is whether only these matter: they take rows of another table along.
	Deletions bool
}

// targets finds the tables that a statement writes to.
var targets = lazy.Regexp("(?i)\\b(?:INTO|UPDATE(?:\\s+OR\\s+\\w+)?|DELETE\\s+FROM)\\s+(?:[\"`\\[]?\\w+[\"`\\]]?\\.)?[\"`\\[]?(\\w+)")

// reading finds statements that may be without any.
var reading = lazy.Regexp(`(?i)^(?:\s|--.*\n|/\*[^*]*\*/)*(?:SELECT|WITH|VALUES|PRAGMA data_version)\b`)

// Targets are the tables that a statement writes to, in small letters, as far as its text names them.
func Targets(text string) (tables []string) {
	for _, found := range targets().FindAllStringSubmatch(text, -1) {
		tables = append(tables, strings.ToLower(found[1]))
	}
	return tables
}

// locking finds statements that write to rows in that they lock them.
var locking = lazy.Regexp(`(?i)\bFOR\s+(?:UPDATE|NO\s+KEY\s+UPDATE|SHARE|KEY\s+SHARE)\b`)

// Writes reports whether a statement may write anything, or lock a row. A function that it calls may do so all the same.
func Writes(text string) bool {
	return !reading().MatchString(text) || targets().MatchString(text) || locking().MatchString(text)
}

// deleting finds statements that may delete a row, if only to put another in its place.
var deleting = lazy.Regexp(`(?i)\b(?:DELETE|REPLACE)\b`)

// ReachOf finds what a statement may write to, of tables by their names, in small letters.
func ReachOf(text string, tables map[string]Watch) Reach {
	named := Targets(text)
	if len(named) == 0 && !reading().MatchString(text) {
		return Reach{Touches: true} // of no form that is known
	}
	touches := false
	for _, table := range named {
		watch, watched := tables[table]
		touches = touches || watched && (!watch.Deletions || deleting().MatchString(text))
	}
	switch {
	case !touches:
		return Reach{}
	case len(named) > 1 || strings.Contains(text, ";"):
		return Reach{Touches: true}
	}
	key := tables[named[0]].Key
	if found := inserting().FindStringSubmatch(text); found != nil {
		return inserted(found[1], found[2], key)
	}
	if found := copying().FindStringSubmatch(text); found != nil {
		return Reach{Touches: true, Workspace: alone(found[2])}
	}
	if found := changing().FindStringSubmatch(text); found != nil {
		return changed(found[1], found[2], key)
	}
	return Reach{Touches: true}
}

// inserting is rows of columns and values; those that are there already nothing happens to.
var inserting = lazy.Regexp(`(?i)^\s*INSERT\s+INTO\s+\w+\s*\(([\w\s,]+)\)\s*VALUES\s*\(([^()]*(?:\)\s*,\s*\([^()]*)*)\)(?:\s*ON\s+CONFLICT\s+DO\s+NOTHING)?\s*(?:RETURNING\s+[\w\s,]+)?$`)

// next is what is between two rows.
var next = lazy.Regexp(`\)\s*,\s*\(`)

func inserted(columns, values, key string) (reach Reach) {
	names := strings.Split(columns, ",")
	for n, row := range next().Split(values, -1) {
		one, given := Reach{Touches: true}, strings.Split(row, ",")
		if len(names) != len(given) {
			return one
		}
		for i, name := range names {
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "workspace_id":
				one.Workspace = parameter(given[i])
			case key:
				one.Key = parameter(given[i])
			}
		}
		if n == 0 {
			reach = one
		}
		if one.Workspace != reach.Workspace {
			reach.Workspace = 0
		}
		if one.Key != reach.Key {
			reach.Key = 0
		}
	}
	return reach.sound()
}

// copying is rows that are made of others of their workspace.
var copying = lazy.Regexp(`(?is)^\s*INSERT\s+INTO\s+\w+\s*\(\s*workspace_id\b[\w\s,]*\)\s*SELECT\s+workspace_id\b([^;]*?)\bWHERE\b(.*)$`)

// changing is rows that a condition finds.
var changing = lazy.Regexp(`(?is)^\s*(?:UPDATE\s+\w+\s+SET\b(.*?)|DELETE\s+FROM\s+\w+)\s+WHERE\b(.*)$`)

// one and some are conditions that rows have a key, or one of some.
var (
	one  = lazy.Regexp(`(?i)^\s*(\w+)\s*=\s*(\$\d+)\s*$`)
	some = lazy.Regexp(`(?i)^\s*(\w+)\s+IN\s+\(SELECT\s+value\s+FROM\s+json_each\((\$\d+)\)\)\s*$`)
)

func changed(set, condition, key string) Reach {
	reach := Reach{Touches: true, Workspace: alone(condition)}
	if reach.Workspace == 0 || key == "" || assigns(set, key) {
		return reach
	}
	if assigns(set, "workspace_id") {
		return Reach{Touches: true}
	}
	parts, _ := conjunction(condition)
	for _, part := range parts {
		if found := one().FindStringSubmatch(part); found != nil && strings.EqualFold(found[1], key) {
			reach.Key = parameter(found[2])
		} else if found := some().FindStringSubmatch(part); found != nil && strings.EqualFold(found[1], key) {
			reach.Key, reach.Keys = parameter(found[2]), true
		}
	}
	return reach.sound()
}

// assigns reports whether a list of assignments may be to the column.
func assigns(set, column string) bool {
	return regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(column) + `\b\s*[=,)]`).MatchString(set)
}

// alone is the number of the argument that a condition has as the workspace of all rows that it finds, or 0.
func alone(condition string) int {
	parts, sure := conjunction(condition)
	if !sure {
		return 0
	}
	for _, part := range parts {
		if found := one().FindStringSubmatch(part); found != nil && strings.EqualFold(found[1], "workspace_id") {
			return parameter(found[2])
		}
	}
	return 0
}

// conjunction is the conditions that must all hold. It is not sure where another may do in place of these.
func conjunction(condition string) (parts []string, sure bool) {
	condition, _, _ = strings.Cut(condition, "RETURNING")
	condition, _, _ = strings.Cut(condition, "ON CONFLICT")
	depth, begin := 0, 0
	for i := 0; i < len(condition); i++ {
		switch {
		case condition[i] == '(':
			depth++
		case condition[i] == ')':
			depth--
		case condition[i] == '\'' || condition[i] == '"' || strings.HasPrefix(condition[i:], "--") || strings.HasPrefix(condition[i:], "/*"):
			return nil, false // of texts and comments nothing is known
		case depth == 0 && word(condition, i, "OR"), depth == 0 && word(condition, i, "UNION"), depth == 0 && word(condition, i, "BETWEEN"):
			return nil, false
		case depth == 0 && word(condition, i, "AND"):
			parts = append(parts, condition[begin:i])
			begin = i + len("AND")
		}
		if depth < 0 {
			return nil, false
		}
	}
	return append(parts, condition[begin:]), depth == 0
}

// word reports whether a word stands at a place.
func word(text string, at int, w string) bool {
	end := at + len(w)
	return end <= len(text) && strings.EqualFold(text[at:end], w) && (at == 0 || !letter(text[at-1])) && (end == len(text) || !letter(text[end]))
}

func letter(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// parameter is the number of a parameter, $1, or 0 where the text is something else.
func parameter(text string) int {
	digits, ok := strings.CutPrefix(strings.TrimSpace(text), "$")
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// sound has no key without a workspace.
func (r Reach) sound() Reach {
	if r.Workspace == 0 || r.Key == 0 {
		r.Key, r.Keys = 0, false
	}
	return r
}
