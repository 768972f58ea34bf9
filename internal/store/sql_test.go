package store_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A reading is what a statement says of workspaces: the placeholders that stand for
// one, and the tables that it reads or writes without naming any.
type reading struct {
	params  []int
	unnamed []string
}

// readWorkspaces reads a statement of the store's own, not SQL at large. A table counts
// as named if the workspace_id of its rows is a placeholder, or is equal to that of a
// table that is named: in the condition of the SELECT, UPDATE or DELETE that the table
// stands in, not within an OR; or in the rows of an INSERT.
func readWorkspaces(statement string) reading {
	r := &reader{named: map[int]bool{}, ctes: map[string]bool{}}
	r.statement(tokens.FindAllString(unseen.ReplaceAllString(statement, "$1"), -1), nil)
	return reading{slices.Sorted(maps.Keys(r.named)), r.unnamed}
}

var (
	tokens      = regexp.MustCompile(`'(?:[^']|'')*'|\$\d+|\w+|<>|<=|>=|\|\||::|->>|->|\S`)
	placeholder = regexp.MustCompile(`^\$\d+$`)
	unseen      = regexp.MustCompile(`\(SELECT (\$\d+)::TEXT\)`) // a placeholder that a planner does not see
	word        = regexp.MustCompile(`^[A-Za-z_]\w*$`)
)

// ends are the words that end a list of tables, or stand where an alias could.
var ends = []string{"WHERE", "ON", "JOIN", "LEFT", "INNER", "CROSS", "GROUP", "ORDER", "LIMIT", "UNION", "SET", "USING", "FOR", "RETURNING",
	"VALUES", "SELECT", "OFFSET", "HAVING"}

type reader struct {
	named   map[int]bool
	unnamed []string
	ctes    map[string]bool
}

// A scope is one SELECT, INSERT, UPDATE or DELETE. equal has what the workspace of each
// of its tables, by alias, is said to be equal to: placeholders, or tables of this scope
// or of one around it.
type scope struct {
	outer *scope
	table map[string]string
	equal map[string][]string
}

func (r *reader) statement(ts []string, outer *scope) {
	if is(ts, 0, "WITH") {
		i := 1
		if is(ts, 1, "RECURSIVE") {
			i++
		}
		for {
			r.ctes[ts[i]] = true
			for i++; !is(ts, i, "AS"); i++ { // over the names of its columns
			}
			for i++; ts[i] != "("; i++ { // over MATERIALIZED
			}
			end := closing(ts, i)
			r.statement(ts[i+1:end], outer)
			i = end + 1
			if !is(ts, i, ",") {
				break
			}
			i++
		}
		ts = ts[i:]
	}
	for from, i := 0, 0; i <= len(ts); i++ {
		switch {
		case i < len(ts) && ts[i] == "(":
			i = closing(ts, i)
		case i == len(ts) || is(ts, i, "UNION"):
			r.part(ts[from:i], outer)
			from = i + 1
			if is(ts, from, "ALL") {
				from++
			}
		}
	}
}

// part reads what stands between the UNIONs.
func (r *reader) part(ts []string, outer *scope) {
	s := &scope{outer, map[string]string{}, map[string][]string{}}
	tables, conditions, or := false, false, false
	var found [][2]string
	for i := 0; i < len(ts); i++ {
		switch {
		case is(ts, i, "INTO"):
			r.insert(ts[i+1:], s)
		case is(ts, i, "FROM") && is(ts, i-1, "DISTINCT") && (is(ts, i-2, "IS") || is(ts, i-2, "NOT")): // a comparison
		case is(ts, i, "FROM") || is(ts, i, "JOIN") || is(ts, i, "UPDATE") && i == 0:
			tables, conditions = true, false
			i = r.tableAt(ts, i+1, s)
		case tables && ts[i] == ",":
			i = r.tableAt(ts, i+1, s)
		case is(ts, i, "WHERE") || is(ts, i, "ON") && !is(ts, i+1, "CONFLICT"):
			tables, conditions = false, true
		case is(ts, i, "SET") || is(ts, i, "ORDER") || is(ts, i, "GROUP") || is(ts, i, "RETURNING") || is(ts, i, "CONFLICT"):
			tables, conditions = false, false
		case is(ts, i, "OR") && conditions:
			or = true
		case ts[i] == "(":
			i = closing(ts, i)
		case ts[i] == "=" && conditions:
			found = append(found, [2]string{operand(ts[:i]), first(ts[i+1:])})
		}
	}
	if !or {
		for _, pair := range found {
			s.learn(pair[0], pair[1])
			s.learn(pair[1], pair[0])
		}
	}
	for alias, table := range s.table {
		switch params := s.params(alias, map[*scope]map[string]bool{}); {
		case len(params) > 0:
			for _, n := range params {
				r.named[n] = true
			}
		default:
			r.unnamed = append(r.unnamed, table)
		}
	}
	r.inner(ts, s)
}

// inner reads the statements within parentheses.
func (r *reader) inner(ts []string, s *scope) {
	for i := 0; i < len(ts); i++ {
		if ts[i] != "(" {
			continue
		}
		end := closing(ts, i)
		if within := ts[i+1 : end]; is(within, 0, "SELECT") || is(within, 0, "WITH") {
			r.statement(within, s)
		} else {
			r.inner(within, s)
		}
		i = end
	}
}

// tableAt takes down the table that begins at a place, unless it is a SELECT or a
// function, and returns the place where it ends.
func (r *reader) tableAt(ts []string, i int, s *scope) int {
	if is(ts, i, "LATERAL") {
		i++
	}
	if ts[i] == "(" {
		i = closing(ts, i)
	} else if name := ts[i]; i+1 >= len(ts) || ts[i+1] != "(" {
		alias, at := name, i+1
		if is(ts, at, "AS") {
			at++
		}
		if at < len(ts) && word.MatchString(ts[at]) && !slices.Contains(ends, strings.ToUpper(ts[at])) {
			alias, i = ts[at], at
		}
		if !r.ctes[name] {
			s.table[alias] = name
		}
		return i
	} else {
		i = closing(ts, i+1)
	}
	if is(ts, i+1, "AS") {
		i++
	}
	if i+1 < len(ts) && word.MatchString(ts[i+1]) && !slices.Contains(ends, strings.ToUpper(ts[i+1])) {
		i++
	}
	return i
}

// insert reads the rows that are written: of each, the value of the column that names
// the workspace.
func (r *reader) insert(ts []string, s *scope) {
	table, open := ts[0], slices.Index(ts, "(")
	columns := list(ts[open+1 : closing(ts, open)])
	place := slices.IndexFunc(columns, func(c []string) bool { return c[0] == key(table) })
	ts = ts[closing(ts, open)+1:]
	var rows [][][]string
	if is(ts, 0, "VALUES") {
		for i := 0; i == 0 || is(ts, i, ","); i = closing(ts, i+1) + 1 {
			rows = append(rows, list(ts[i+2:closing(ts, i+1)]))
		}
	} else {
		end := 1
		for ; end < len(ts) && !is(ts, end, "FROM"); end++ {
			if ts[end] == "(" {
				end = closing(ts, end)
			}
		}
		rows = append(rows, list(ts[1:end]))
	}
	for _, row := range rows {
		switch {
		case place < 0:
			r.unnamed = append(r.unnamed, table)
		case placeholder.MatchString(row[place][0]) && len(row[place]) == 1:
			r.named[number(row[place][0])] = true
		case row[place][len(row[place])-1] != "workspace_id": // that of a table, which is looked at
			r.unnamed = append(r.unnamed, table)
		}
	}
}

// key is the column that tells whose a row is.
func key(table string) string {
	if table == "workspaces" {
		return "id"
	}
	return "workspace_id"
}

// learn takes down that what is on the left is equal to what is on the right.
func (s *scope) learn(left, right string) {
	alias, column, qualified := strings.Cut(left, ".")
	if !qualified {
		column = left
		if alias = ""; len(s.table) == 1 {
			for only := range s.table {
				alias = only
			}
		}
	}
	if table, ok := s.table[alias]; !ok || column != key(table) {
		return
	}
	if !placeholder.MatchString(right) {
		of, column, _ := strings.Cut(right, ".")
		if column != "workspace_id" && column != "id" {
			return
		}
		right = of
	}
	s.equal[alias] = append(s.equal[alias], right)
}

// params are the placeholders that the workspace of a table is equal to.
func (s *scope) params(alias string, seen map[*scope]map[string]bool) (all []int) {
	if seen[s] == nil {
		seen[s] = map[string]bool{}
	}
	if seen[s][alias] {
		return nil
	}
	seen[s][alias] = true
	for _, other := range s.equal[alias] {
		if placeholder.MatchString(other) {
			all = append(all, number(other))
			continue
		}
		for at := s; at != nil; at = at.outer {
			if _, ok := at.table[other]; ok {
				all = append(all, at.params(other, seen)...)
				break
			}
		}
	}
	return all
}

func is(ts []string, i int, keyword string) bool {
	return i >= 0 && i < len(ts) && strings.EqualFold(ts[i], keyword)
}

// closing is the place of the parenthesis that closes the one at a place.
func closing(ts []string, open int) int {
	for depth, i := 0, open; i < len(ts); i++ {
		switch ts[i] {
		case "(":
			depth++
		case ")":
			if depth--; depth == 0 {
				return i
			}
		}
	}
	panic(fmt.Sprintf("no parenthesis closes %v", ts[open:]))
}

// list parts what stands between commas.
func list(ts []string) (items [][]string) {
	from := 0
	for i := 0; i <= len(ts); i++ {
		switch {
		case i < len(ts) && ts[i] == "(":
			i = closing(ts, i)
		case i == len(ts) || ts[i] == ",":
			items = append(items, ts[from:i])
			from = i + 1
		}
	}
	return items
}

// first is the column or placeholder that tokens begin with, and operand the one that
// they end with.
func first(ts []string) string {
	if len(ts) > 2 && ts[1] == "." {
		return ts[0] + "." + ts[2]
	}
	return ts[0]
}

func operand(ts []string) string {
	if n := len(ts); n > 2 && ts[n-2] == "." {
		return ts[n-3] + "." + ts[n-1]
	}
	return ts[len(ts)-1]
}

func number(placeholder string) int {
	n, _ := strconv.Atoi(placeholder[1:])
	return n
}

func TestReadWorkspaces(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, statement string
		want            reading
	}{
		{"a condition", `SELECT a FROM notes WHERE workspace_id = $1 AND id = $2`, reading{[]int{1}, nil}},
		{"none", `SELECT a FROM notes WHERE id = $1`, reading{nil, []string{"notes"}}},
		{"an argument that a planner does not see", `SELECT a FROM notes WHERE workspace_id = (SELECT $1::TEXT) AND id = $2`, reading{[]int{1}, nil}},
		{"a condition that no index serves", `SELECT a FROM notes WHERE CASE WHEN workspace_id = (SELECT $1::TEXT) THEN TRUE END AND id = $2`, reading{[]int{1}, nil}},
		{"within an OR", `SELECT a FROM notes WHERE workspace_id = $1 OR id = $2`, reading{nil, []string{"notes"}}},
		{"an OR beside it", `SELECT a FROM notes WHERE workspace_id = $1 AND (id = $2 OR id = $3)`, reading{[]int{1}, nil}},
		{"in what is selected", `SELECT workspace_id = $1 FROM notes`, reading{nil, []string{"notes"}}},
		{"another column", `SELECT a FROM notes WHERE other_workspace_id = $1`, reading{nil, []string{"notes"}}},
		{"the wrong way round", `SELECT a FROM notes n WHERE $3 = n.workspace_id`, reading{[]int{3}, nil}},
		{"a joined table that is equal", `SELECT a FROM notes n JOIN admins a ON a.workspace_id = n.workspace_id AND a.id = n.admin_id WHERE n.workspace_id = $1`,
			reading{[]int{1}, nil}},
		{"a joined table that is not", `SELECT a FROM notes n JOIN admins a ON a.id = n.admin_id WHERE n.workspace_id = $1`, reading{[]int{1}, []string{"admins"}}},
		{"two workspaces", `SELECT a FROM notes n JOIN admins a ON a.workspace_id = $2 WHERE n.workspace_id = $1`, reading{[]int{1, 2}, nil}},
		{"a sub-select of its own", `SELECT a FROM notes WHERE workspace_id = $1 AND id IN (SELECT id FROM tags)`, reading{[]int{1}, []string{"tags"}}},
		{"one that leans on what is around it", `SELECT a FROM notes WHERE workspace_id = $1 AND
			EXISTS (SELECT 1 FROM tags t WHERE t.workspace_id = notes.workspace_id AND t.id = notes.id)`, reading{[]int{1}, nil}},
		{"one that leans on nothing", `SELECT a FROM notes WHERE EXISTS (SELECT 1 FROM tags t WHERE t.workspace_id = notes.workspace_id)`,
			reading{nil, []string{"notes", "tags"}}},
		{"half a union", `SELECT a FROM notes WHERE workspace_id = $1 UNION ALL SELECT a FROM tags`, reading{[]int{1}, []string{"tags"}}},
		{"a table of a statement's own", `WITH few (id) AS (SELECT id FROM tags WHERE workspace_id = $1) SELECT id FROM few`, reading{[]int{1}, nil}},
		{"the workspace itself", `SELECT name FROM workspaces WHERE id = $1`, reading{[]int{1}, nil}},
		{"rows", `INSERT INTO notes (id, workspace_id) VALUES ($1, $2), ($3, $2)`, reading{[]int{2}, nil}},
		{"rows of several", `INSERT INTO notes (id, workspace_id) VALUES ($1, $2), ($3, $4)`, reading{[]int{2, 4}, nil}},
		{"rows of none", `INSERT INTO notes (id) VALUES ($1)`, reading{nil, []string{"notes"}}},
		{"rows of a table", `INSERT INTO notes (workspace_id, id) SELECT workspace_id, id FROM tags WHERE workspace_id = $1`, reading{[]int{1}, nil}},
		{"rows of one too large", `INSERT INTO notes (workspace_id, id) SELECT workspace_id, id FROM tags`, reading{nil, []string{"tags"}}},
		{"a change", `UPDATE notes SET workspace_id = $2 WHERE id = $1`, reading{nil, []string{"notes"}}},
		{"a removal", `DELETE FROM notes WHERE workspace_id = $1`, reading{[]int{1}, nil}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := readWorkspaces(c.statement)
			slices.Sort(got.unnamed)
			if !slices.Equal(got.params, c.want.params) || !slices.Equal(got.unnamed, c.want.unnamed) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
