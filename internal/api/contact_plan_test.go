package api_test

import (
	"slices"
	"strings"
	"testing"

	"parley/internal/apptest"
	"parley/internal/db"
)

// TestContactsAreFoundByWhatTheyHave reads how SQLite counts and reads contacts: by one value that all of them have, where there is one, in
// the order of the list, and without a look at a contact that is not of the page, where the rest is kept beside the values.
func TestContactsAreFoundByWhatTheyHave(t *testing.T) {
	t.Parallel()
	r, tr := traced(t, db.Options{Path: t.TempDir() + "/parley.db"})
	for name, of := range map[string]string{"plan": "string", "seats": "integer", "since": "date"} {
		declare(t, r, name, of)
	}
	countAsMany(t, r)
	tag := r.Post(t, "/tags", object{"name": "one"}).OK().ID()
	for i := range 3 {
		id := r.Post(t, "/contacts", object{"role": "user", "external_id": string(rune('a' + i)), "name": "Ann", "email": string(rune('a'+i)) + "@x.test",
			"custom_attributes": object{"plan": "Pro", "seats": i, "since": 1704067200}}).OK().ID()
		r.Post(t, "/contacts/"+id+"/tags", object{"id": tag}).OK()
	}
	const (
		total   = "SEARCH t USING PRIMARY KEY (workspace_id=? AND field=?"
		value   = "SEARCH v USING PRIMARY KEY (workspace_id=? AND field=? AND value=?)"
		made    = "SEARCH v USING PRIMARY KEY (workspace_id=? AND field=? AND value=? AND contact_created_at>?)"
		values  = "SEARCH v USING PRIMARY KEY (workspace_id=? AND field=?)"
		between = "SEARCH v USING PRIMARY KEY (workspace_id=? AND field=? AND value>? AND value<?)"
		point   = "SEARCH o USING PRIMARY KEY (workspace_id=? AND field=? AND value=? AND contact_created_at=? AND contact_id=?)"
		contact = "SEARCH contacts USING INDEX sqlite_autoindex_contacts_1 (workspace_id=? AND id=?)"
		indexed = "SCAN kept_contact_parts VIRTUAL TABLE INDEX 0:M1><"
		had     = "SEARCH d USING INTEGER PRIMARY KEY (rowid=?)"
		same    = "SEARCH n USING PRIMARY KEY (workspace_id=? AND contact_id=?)"
		waiting = "SEARCH waiting USING PRIMARY KEY (workspace_id=?)"
		doubted = "SEARCH d USING COVERING INDEX kept_contact_documents_by_contact (workspace_id=? AND contact_id=?)"
		aged    = "SEARCH a USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"
		has     = "SEARCH c USING INDEX sqlite_autoindex_contacts_1 (workspace_id=? AND id=?)"
	)
	parts := []string{indexed, had, same, waiting, has} // all who are found are read once, and counted and sorted by whoever does
	told := []string{indexed, waiting, doubted}         // nobody is looked at to know that they are found
	user, pro, tagged := filter("role", "=", "user"), filter("custom_attributes.plan", "=", "PRO"), filter("tag_id", "=", tag)
	all := func(of ...object) object { return object{"operator": "AND", "value": of} }
	for _, c := range []struct {
		name  string
		query object
		count []string // the plan
		sorts bool     // in memory, since no index has what is found in the order of the list
	}{
		{"role", user, []string{total}, false},
		{"attribute", pro, []string{total}, false},
		{"role and attribute", all(user, pro), []string{total}, false},
		{"tag", tagged, []string{total}, false},
		{"attribute of those made of late", all(pro, filter("created_at", ">", 1704067200)), []string{made}, false},
		{"tag and attribute", all(tagged, pro), []string{value, point}, false},
		{"either of two roles, and tag", all(tagged, object{"operator": "OR", "value": []object{user, filter("role", "=", "lead")}}), []string{value}, false},
		{"tag and what is not kept", all(tagged, filter("last_seen_at", ">", 1704067200)), []string{value, contact}, false},
		{"range of a number", all(user, filter("custom_attributes.seats", ">", 0)), []string{between}, true},
		{"day", filter("custom_attributes.since", "=", 1704067200), []string{between}, true},
		{"number between two", all(filter("custom_attributes.seats", ">", 0), filter("custom_attributes.seats", "<", 2)), []string{between}, true},
		{"part of a name", all(user, filter("name", "~", "ann")), told, false},
		{"part of a name that is longer than those of the index", all(user, filter("email", "~", "@x.t")), parts, false},
		{"part of a name that is too short for the index", all(user, filter("name", "~", "nn")), []string{values}, true},
		{"end of an address", filter("email", "$", "@x.test"), parts, false},
		{"part of either", object{"operator": "OR", "value": []object{filter("name", "~", "ann"), filter("email", "~", "ann")}}, []string{"SEARCH contacts USING"}, false},
		{"no part of a name", filter("name", "!~", "bob"), []string{"SEARCH contacts USING"}, false},
		{"part of a name and a number", all(filter("name", "~", "ann"), filter("custom_attributes.seats", ">", 1)), []string{between, contact}, true},
		{"part of a name and what is not kept", all(filter("name", "~", "ann"), filter("last_seen_at", ">", 1704067200)), []string{indexed, had, same, contact, waiting, has, contact}, false},
		{"part of a name, role and what is not kept", all(user, filter("name", "~", "ann"), filter("last_seen_at", ">", 1704067200)), []string{indexed, had, same, contact, waiting, has, contact}, false},
		{"part of a name of few with a tag", all(filter("name", "~", "nn"), tagged), []string{value, contact}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var counts, rows [][]string
			once := c.count[0] == indexed
			for _, s := range tr.Of(func() { search(t, r, c.query).OK() }) {
				switch text := s.String(); {
				case strings.Contains(text, "FROM (SELECT 1 FROM"): // which of two tests should lead
					if faults := apptest.Faults(s.Plan(t, r.Database)); len(faults) > 0 {
						t.Errorf("%q", faults)
					}
				case once && strings.HasPrefix(text, "SELECT v.contact_created_at, v.contact_id FROM (SELECT c."): // who are not in the index
					if steps := searches(s.Plan(t, r.Database)); !slices.EqualFunc(steps, []string{waiting, has}, strings.HasPrefix) {
						t.Errorf("who wait are read by %q", steps)
					}
				case once && strings.HasPrefix(text, "SELECT v.contact_created_at, v.contact_id FROM"), strings.HasPrefix(text, "SELECT kept_contact_parts.rowid"):
					rows = append(rows, s.Plan(t, r.Database))
					counts = append(counts, searches(rows[0]))
				case strings.Contains(text, "SELECT 0, COALESCE(sum(t.contacts)") || strings.Contains(text, "SELECT 0, count(*) FROM"):
					counts = append(counts, searches(s.Plan(t, r.Database)))
				case strings.Contains(text, " ORDER BY "):
					rows = append(rows, s.Plan(t, r.Database))
				}
			}
			if len(counts) != 1 || len(counts[0]) != len(c.count) {
				t.Fatalf("it is counted by %q, not by %q", counts, c.count)
			}
			for i, step := range c.count {
				if !strings.HasPrefix(counts[0][i], step) {
					t.Errorf("it is counted by %q, not by %q", counts[0], c.count)
				}
			}
			for _, plan := range rows {
				if sorts := slices.Contains(plan, "USE TEMP B-TREE FOR ORDER BY"); sorts != c.sorts {
					t.Errorf("that it sorts what it finds is %t: %q", sorts, plan)
				}
				if faults := apptest.Faults(plan); len(faults) > 0 {
					t.Errorf("%q", faults)
				}
			}
			if len(rows) == 0 {
				t.Error("nothing is read")
			}
		})
	}
	t.Run("part of a name where all are in the index", func(t *testing.T) {
		indexParts(t, r)
		for part, want := range map[string][][]string{"ann": {{indexed}, {aged}, {had, "SCAN json_each"}}, "ann%": {{indexed, had}}} {
			var read [][]string
			for _, s := range tr.Of(func() { search(t, r, filter("name", "~", part)).OK() }) {
				if text := s.String(); strings.HasPrefix(text, "SELECT") && strings.Contains(text, "kept_contact_") && !strings.Contains(text, "SELECT 1 FROM") {
					read = append(read, searches(s.Plan(t, r.Database)))
				}
			}
			if of := read[2:]; !slices.EqualFunc(of, want, func(got, want []string) bool { return slices.EqualFunc(got, want, strings.HasPrefix) }) {
				t.Errorf("those with %s are read by %q, not by %q", part, of, want)
			}
		}
	})
}

// searches are the steps of a plan that read a table.
func searches(plan []string) (steps []string) {
	for _, step := range plan {
		if strings.HasPrefix(step, "SEARCH ") || strings.HasPrefix(step, "SCAN ") {
			steps = append(steps, step)
		}
	}
	return steps
}
