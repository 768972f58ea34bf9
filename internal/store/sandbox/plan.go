// Package sandbox copies the rows of a workspace to another, as the catalog of the database describes them.
// It must not decide which copy is made, nor know what a row means beyond what the lists here say.
package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"parley/internal/db"
)

// A treatment is what becomes of the rows of a table, other than being copied.
type treatment int

const (
	stay  treatment = iota + 1 // they are no part of what a workspace is in, and are left alone
	end                        // they are of a moment: a copy has none, and going back to one ends them
	aside                      // a copy has them in another table
)

// An exception is a table whose rows are not simply copied, and why.
type exception struct {
	treatment treatment
	why       string
}

// exceptions are all tables whose rows are not simply copied. A table that a migration makes is copied, unless it is
// named here.
var exceptions = map[string]exception{
	"workspaces":              {stay, "what of it is copied is named in the statements"},
	"access_tokens":           {stay, "a token opens one workspace, and goes on doing so while its admin is there"},
	"app_client_ids":          {stay, "an id is one workspace's alone; they follow the apps"},
	"help_center_identifiers": {stay, "an address is one workspace's alone; they follow the help centers"},
	"events":                  {stay, "they are told by their position, which listeners have"},
	"rate_windows":            {stay, "what was asked was asked"},
	"nodes":                   {stay, "a server is for all workspaces"},
	"snapshots":               {stay, "copies have no copies"},
	"snapshot_uses":           {stay, "copies have no copies"},
	"snapshot_jobs":           {stay, "only copies have them"},
	"snapshot_words":          {stay, "only copies have them"},
	"snapshot_files":          {stay, "that a copy named a file is forgotten with the file"},

	"authorization_codes": {end, "they are good for minutes"},
	"admin_sessions":      {end, "who is signed in is no state of the workspace"},
	"sign_in_attempts":    {end, "they count for minutes"},
	"company_scrolls":     {end, "they are good for a minute"},
	"deliveries":          {end, "what is on its way is sent once"},
	"delivery_attempts":   {end, "what was sent was sent"},
	"data_exports":        {end, "their files are made for an hour, under the id of the workspace"},
	"data_export_parts":   {end, "their files are made for an hour, under the id of the workspace"},

	"jobs":           {aside, "those of a copy must not run"},
	"article_search": {aside, "that of a copy must not be searched"},
}

// A Plan is what is known of the tables. The zero value learns it when it is first asked.
type Plan struct {
	mu     sync.Mutex
	tables []table // parents before those that refer to them; those that stay are not among them
	row    string  // the columns of workspaces that a new one has no value of its own for
	asked  [questions]string
}

// A question is asked about tables, in one statement for all that it can be asked about.
type question int

const (
	filled    question = iota // has $1 rows?
	moments                   // has $1 rows that going back ends?
	differing                 // has $1 a row that $2 has not, or has otherwise?
	lacking                   // has $2 more rows than $1?
	questions
)

// A table is a table and the statements that copy and wipe it.
type table struct {
	*db.Table
	treatment treatment // 0 for what is copied
	held      bool      // by rows of other tables, which do not go with those that they refer to
	wipe      string    // of $1
	some      string    // is wiped of $1: so many rows as $2 says, or more that go with them

	// Of those that are copied:
	copy    string // from $1 to $2
	order   string // of the rows of copy, so that they can be copied some at a time; empty where they refer to each other
	differs string // a condition that a row of $1 is not in $2, or otherwise
	drop    string // the rows of $1 that are not in $2, or otherwise
	lacks   string // an expression: $2 has more rows than $1
	add     string // the rows of $1 that are not in $2
}

// of reads the tables, once.
func (p *Plan) of(t *db.Tx) ([]table, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tables != nil {
		return p.tables, nil
	}
	all, err := t.Tables()
	if err != nil {
		return nil, err
	}
	references, err := t.References()
	if err != nil {
		return nil, err
	}
	var list []table
	for _, t := range sorted(all, references) {
		if t.Name == "workspaces" {
			p.row = others(t)
		}
		treatment := exceptions[t.Name].treatment
		if treatment == stay || strings.HasPrefix(t.Name, "article_search_") { // where SQLite keeps its index of words
			continue
		}
		held := slices.ContainsFunc(references, func(r db.Reference) bool { return r.Other == t.Name && r.Holds })
		made := newTable(t, treatment, held)
		if slices.ContainsFunc(references, func(r db.Reference) bool { return r.Other == t.Name && r.Table == t.Name }) {
			made.order = ""
		}
		list = append(list, made)
	}
	for i, t := range list {
		name := db.Quoted(t.Name)
		ask := func(q question, condition string) {
			if p.asked[q] != "" {
				p.asked[q] += " UNION ALL "
			}
			p.asked[q] += fmt.Sprintf("SELECT %d WHERE %s", i, condition)
		}
		if t.Name == "article_search" { // which cannot be asked so: see goBackInWords
			continue
		}
		some := "EXISTS (SELECT 1 FROM " + name + " WHERE workspace_id = $1)"
		ask(filled, some)
		if t.treatment != 0 {
			ask(moments, some)
			continue
		}
		ask(differing, "EXISTS (SELECT 1 FROM "+name+" WHERE workspace_id = $1 AND "+t.differs+")")
		ask(lacking, t.lacks)
	}
	p.tables = list
	return list, nil
}

// ownHere are columns that have a value of their own in each workspace, by their tables: follow writes them.
var ownHere = map[string]string{"apps": "client_id", "help_centers": "identifier"}

func newTable(t *db.Table, treatment treatment, held bool) table {
	name := db.Quoted(t.Name)
	made := table{Table: t, treatment: treatment, held: held, wipe: "DELETE FROM " + name + " WHERE workspace_id = $1"}
	var key []string
	for _, column := range t.Key {
		if column != "workspace_id" {
			key = append(key, db.Quoted(column))
		}
	}
	made.some = made.wipe + " AND $2 > 0"
	if columns := strings.Join(key, ", "); columns != "" { // else there is one row
		made.some = made.wipe + " AND (" + columns + ") IN (SELECT " + columns + " FROM " + name + " WHERE workspace_id = $1 LIMIT $2)"
		made.order = " ORDER BY " + columns
	}
	if treatment != 0 {
		return made
	}
	var same, all []string
	for _, c := range t.Columns {
		column := db.Quoted(c.Name)
		switch {
		case c.Name == "workspace_id":
			continue
		case slices.Contains(t.Key, c.Name):
			same = append(same, "o."+column+" = "+name+"."+column)
			all = append(all, "o."+column+" = "+name+"."+column)
		case c.Type == db.JSON: // texts that mean the same are not the same
			all = append(all, "CAST(o."+column+" AS TEXT) IS NOT DISTINCT FROM CAST("+name+"."+column+" AS TEXT)")
		case c.Name != ownHere[t.Name]:
			all = append(all, "o."+column+" IS NOT DISTINCT FROM "+name+"."+column)
		}
	}
	and := func(conditions []string) string { return strings.Join(append([]string{""}, conditions...), " AND ") }
	rows, count := others(t), "(SELECT count(*) FROM "+name+" WHERE workspace_id = "
	made.copy = "INSERT INTO " + name + " (workspace_id, " + rows + ") SELECT CAST($2 AS TEXT), " + rows + " FROM " + name + " WHERE workspace_id = $1"
	made.differs = "NOT EXISTS (SELECT 1 FROM " + name + " o WHERE o.workspace_id = $2" + and(all) + ")"
	made.drop = made.wipe + " AND " + made.differs
	made.lacks = count + "$1) < " + count + "$2)"
	made.add = made.copy + " AND NOT EXISTS (SELECT 1 FROM " + name + " o WHERE o.workspace_id = $2" + and(same) + ")"
	return made
}

// others are the columns beside the one that says whose a row is.
func others(t *db.Table) string {
	var names []string
	for _, c := range t.Columns {
		if c.Name != "workspace_id" && (t.Name != "workspaces" || c.Name != "id") {
			names = append(names, db.Quoted(c.Name))
		}
	}
	return strings.Join(names, ", ")
}

// sorted puts tables behind those that they refer to.
func sorted(all []*db.Table, references []db.Reference) []*db.Table {
	var list []*db.Table
	seen := map[string]bool{}
	var visit func(t *db.Table)
	visit = func(t *db.Table) {
		if seen[t.Name] {
			return
		}
		seen[t.Name] = true
		for _, r := range references {
			if i := slices.IndexFunc(all, func(o *db.Table) bool { return o.Name == r.Other }); r.Table == t.Name && i >= 0 {
				visit(all[i])
			}
		}
		list = append(list, t)
	}
	for _, t := range all {
		visit(t)
	}
	return list
}

// filled are the tables in which a workspace has rows, in the order of the plan: most have none, and asking for all at
// once costs a tenth of a statement for each.
func (c Copies) filled(workspace string) ([]table, error) {
	return c.choose("look for rows", filled, workspace)
}
