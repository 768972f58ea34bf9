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
	"snapshot_files":          {stay, "a file is named for good"},

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
}

// A table is a table and the statements that copy and wipe it.
type table struct {
	*db.Table
	treatment treatment // 0 for what is copied
	copy      string    // from $1 to $2; of those that are copied
	wipe      string    // of $1
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
		made := table{Table: t, treatment: treatment, wipe: "DELETE FROM " + db.Quoted(t.Name) + " WHERE workspace_id = $1"}
		if treatment == 0 {
			made.copy = "INSERT INTO " + db.Quoted(t.Name) + " (workspace_id, " + others(t) + ") SELECT CAST($2 AS TEXT), " + others(t) +
				" FROM " + db.Quoted(t.Name) + " WHERE workspace_id = $1"
		}
		list = append(list, made)
	}
	p.tables = list
	return list, nil
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
func sorted(all []*db.Table, references [][2]string) []*db.Table {
	var list []*db.Table
	seen := map[string]bool{}
	var visit func(t *db.Table)
	visit = func(t *db.Table) {
		if seen[t.Name] {
			return
		}
		seen[t.Name] = true
		for _, r := range references {
			if i := slices.IndexFunc(all, func(o *db.Table) bool { return o.Name == r[1] }); r[0] == t.Name && i >= 0 {
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
	all, err := c.Plan.of(c.Tx)
	if err != nil {
		return nil, err
	}
	var asked []string
	for i, t := range all {
		if t.Name != "article_search" { // which cannot be asked so: see words
			asked = append(asked, fmt.Sprintf("SELECT %d WHERE EXISTS (SELECT 1 FROM %s WHERE workspace_id = $1)", i, db.Quoted(t.Name)))
		}
	}
	rows, err := c.Query(strings.Join(asked, " UNION ALL "), workspace)
	if err != nil {
		return nil, fmt.Errorf("store: look for rows: %w", err)
	}
	defer rows.Close()
	var found []int
	for rows.Next() {
		var i int
		if err := rows.Scan(&i); err != nil {
			return nil, fmt.Errorf("store: look for rows: %w", err)
		}
		found = append(found, i)
	}
	slices.Sort(found)
	list := make([]table, len(found))
	for i, at := range found {
		list[i] = all[at]
	}
	return list, rows.Err()
}
