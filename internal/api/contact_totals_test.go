package api_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"parley/internal/apptest"
	"parley/internal/db"
)

// TestTotalsOfValues counts contacts by values that databases and JSON may spell in several ways.
func TestTotalsOfValues(t *testing.T) {
	apptest.OnEachAlone(t, func(t *testing.T, r *apptest.Rig) {
		for name, of := range map[string]string{"text": "string", "whole": "integer", "number": "float", "truth": "boolean"} {
			declare(t, r, name, of)
		}
		long := strings.Repeat("ß", 255)
		has := map[string][]any{
			"text":   {"Pro", "5", "true", `a "quoted\" text`, "back\\slash", "日本語", "two\nlines\u0001", long, "'; --"},
			"whole":  {0, -1, 5, 9007199254740991, -9007199254740991},
			"number": {0.1, 0.5, 2, 1e15, 123456789.125, 1e-7, -3.25},
			"truth":  {true, false},
		}
		for name, values := range has {
			for i, v := range values {
				r.Post(t, "/contacts", object{"role": "user", "external_id": fmt.Sprint(name, i), "custom_attributes": object{name: v}}).OK()
			}
		}
		for _, c := range []struct {
			name  string
			asked any
			found int
		}{
			{"text", "PRO", 1}, {"text", "5", 1}, {"text", "true", 1}, {"text", `A "QUOTED\" TEXT`, 1}, {"text", `a "quoted" text`, 0}, {"text", "back\\slash", 1}, {"text", "日本語", 1},
			{"text", "two\nlines\u0001", 1}, {"text", long, 1}, {"text", "'; --", 1}, {"text", "pr", 0}, {"text", strings.Repeat("ß", 2000), 0}, {"text", `"pro`, 0},
			{"whole", 0, 1}, {"whole", -1, 1}, {"whole", "5", 1}, {"whole", 5.0, 1}, {"whole", 9007199254740991, 1}, {"whole", -9007199254740991, 1}, {"whole", 7, 0},
			{"number", 0.1, 1}, {"number", 0.5, 1}, {"number", 2, 1}, {"number", 2.0, 1}, {"number", 1e15, 1}, {"number", 123456789.125, 1}, {"number", 1e-7, 1}, {"number", -3.25, 1},
			{"number", "0.50", 1}, {"number", 0.3, 0},
			{"truth", true, 1}, {"truth", "false", 1},
		} {
			for _, query := range []object{filter("custom_attributes."+c.name, "=", c.asked),
				{"operator": "AND", "value": []any{filter("role", "=", "user"), filter("custom_attributes."+c.name, "=", c.asked)}}} {
				if a := search(t, r, query).OK(); a.At("total_count") != float64(c.found) || len(ids(t, a)) != c.found {
					t.Errorf("%v counts %v and shows %d, not %d", query, a.At("total_count"), len(ids(t, a)), c.found)
				}
			}
		}
		holdRecount(t, r)
	})
}

// TestTotalsOfWhatManyChange has many change the same contacts, their tags and their roles at once, in whatever order statements get to the rows, some
// of it taken back, and counts anew.
func TestTotalsOfWhatManyChange(t *testing.T) {
	apptest.OnEachAlone(t, func(t *testing.T, r *apptest.Rig) {
		const rounds, window, tags, writers, changes = 40, 2, 2, 6, 5
		var tagIDs []string
		for i := range tags {
			tagIDs = append(tagIDs, r.Post(t, "/tags", object{"name": fmt.Sprint("tag ", i)}).OK().ID())
		}
		ws := string(r.Workspace.ID)
		for round := range rounds {
			var some []string // few, so that they are changed often enough to be moved to other pages while others hold them
			for i := range window {
				some = append(some, r.Post(t, "/contacts", object{"role": "lead", "name": fmt.Sprint("Ann ", i)}).OK().ID())
			}
			var all sync.WaitGroup
			for w := range writers {
				all.Go(func() {
					draw := rand.New(rand.NewPCG(uint64(w), uint64(round)))
					for range changes {
						if err := changeTotals(t, r, draw, some, tagIDs); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			all.Wait()
		}
		holdRecount(t, r)
		exec(t, r, `DELETE FROM tags WHERE workspace_id = '`+ws+`' AND id = `+tagIDs[0])
		holdRecount(t, r)
		exec(t, r, `DELETE FROM workspaces WHERE id = '`+ws+`'`)
		err := r.Database.View(t.Context(), func(tx *db.Tx) error {
			var left int
			err := tx.QueryRow(`SELECT count(*) FROM kept_contact_totals WHERE workspace_id = $1`, ws).Scan(&left)
			if left > 0 {
				t.Errorf("of a workspace that is gone %d totals are left", left)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// changeTotals has one transaction change some contacts and their tags, and now and then takes all of it back.
func changeTotals(t *testing.T, r *apptest.Rig, draw *rand.Rand, contacts, tags []string) error {
	errBack := fmt.Errorf("taken back")
	ws := r.Workspace.ID
	err := r.Database.Update(t.Context(), func(tx *db.Tx) error {
		if tx.Dialect().Name() == "postgres" { // which finds out after a second, where not told otherwise, that two wait for each other
			if _, err := tx.Exec(`SET LOCAL deadlock_timeout = '10ms'`); err != nil {
				return err
			}
		}
		for range 1 + draw.IntN(3) {
			var err error
			id, tag := contacts[draw.IntN(len(contacts))], tags[draw.IntN(len(tags))]
			switch draw.IntN(12) {
			case 0, 1:
				_, err = tx.Exec(`UPDATE contacts SET role = $3 WHERE workspace_id = $1 AND id = $2`, ws, id, []string{"user", "lead", "visitor"}[draw.IntN(3)])
			case 2:
				_, err = tx.Exec(`UPDATE contacts SET archived_at = $3 WHERE workspace_id = $1 AND id = $2`, ws, id, []any{nil, 5}[draw.IntN(2)])
			case 3:
				_, err = tx.Exec(`UPDATE contacts SET searchable = $3 WHERE workspace_id = $1 AND id = $2`, ws, id, fmt.Sprintf(`{"os":"os %d","browser":"b"}`, draw.IntN(3)))
			case 4, 5, 6, 7:
				_, err = tx.Exec(`INSERT INTO contact_tags (workspace_id, contact_id, tag_id, applied_at, applied_by)
					SELECT workspace_id, id, $3, 1, 1 FROM contacts WHERE workspace_id = $1 AND id = $2 ON CONFLICT DO NOTHING`, ws, id, tag)
			case 8, 9:
				_, err = tx.Exec(`DELETE FROM contact_tags WHERE workspace_id = $1 AND contact_id = $2`, ws, id)
			case 10:
				_, err = tx.Exec(`DELETE FROM contact_tags WHERE workspace_id = $1 AND tag_id = $2`, ws, tag)
			default:
				if draw.IntN(3) == 0 { // seldom, since then there is nothing left to change
					_, err = tx.Exec(`DELETE FROM contacts WHERE workspace_id = $1 AND id = $2`, ws, id)
				}
			}
			if err != nil {
				return err
			}
		}
		if draw.IntN(8) == 0 {
			return errBack
		}
		return nil
	})
	if err == errBack {
		return nil
	}
	return err
}

// TestTotalsOfLongTransactions has transactions write contacts and tags one by one, more often than is counted at once, take some of it back, have references looked
// at in between, and end well or not.
func TestTotalsOfLongTransactions(t *testing.T) {
	apptest.OnEachAlone(t, func(t *testing.T, r *apptest.Rig) {
		ws, tag := string(r.Workspace.ID), r.Post(t, "/tags", object{"name": "one"}).OK().ID()
		write := func(tx *db.Tx, statement string, args ...any) {
			t.Helper()
			if _, err := tx.Exec(statement, append([]any{ws}, args...)...); err != nil {
				t.Fatal(err)
			}
		}
		errBack := fmt.Errorf("taken back")
		for _, c := range []struct {
			name             string
			first, contacts  int
			immediate, fails bool
		}{
			{"some", 0, 30, false, false}, {"many", 1000, 300, false, false}, {"many, looked at in between", 2000, 300, true, false}, {"taken back", 3000, 300, false, true},
		} {
			err := r.Database.Update(t.Context(), func(tx *db.Tx) error {
				for i := c.first; i < c.first+c.contacts; i++ {
					id := fmt.Sprintf("6657%020d", i)
					write(tx, `INSERT INTO contacts (workspace_id, id, role, unsubscribed_from_emails, marked_email_as_spam, has_hard_bounced, created_at, updated_at, session_count,
						profile, attributes, searchable) VALUES ($1, $2, 'user', FALSE, FALSE, FALSE, 1, 1, 0, '{}', '{}', $3)`, id, fmt.Sprintf(`{"os":"linux","browser":"b %d"}`, i%7))
					write(tx, `INSERT INTO contact_tags (workspace_id, contact_id, tag_id, applied_at, applied_by) VALUES ($1, $2, $3, 1, 1)`, id, tag)
					switch i % 5 {
					case 1:
						write(tx, `UPDATE contacts SET role = 'lead' WHERE workspace_id = $1 AND id = $2`, id)
					case 2:
						write(tx, `DELETE FROM contacts WHERE workspace_id = $1 AND id = $2`, id)
					}
					if c.immediate && i == c.first+c.contacts/2 && tx.Dialect().Shared() {
						if _, err := tx.Exec(`SET CONSTRAINTS ALL IMMEDIATE`); err != nil {
							return err
						}
					}
				}
				if c.fails {
					return errBack
				}
				return nil
			})
			if (err != nil) != c.fails {
				t.Fatalf("%s: %v", c.name, err)
			}
			holdRecount(t, r)
		}
		for query, want := range map[string]int{`{"field":"os","operator":"=","value":"linux"}`: 504, `{"field":"tag_id","operator":"=","value":"` + tag + `"}`: 504,
			`{"operator":"AND","value":[{"field":"role","operator":"=","value":"lead"},{"field":"os","operator":"=","value":"linux"}]}`: 126} {
			if n := search(t, r, query).OK().At("total_count"); n != float64(want) {
				t.Errorf("%s finds %v, not %d", query, n, want)
			}
		}
		if !r.Database.Dialect().Shared() {
			return
		}
		err := r.Database.View(t.Context(), func(tx *db.Tx) error {
			var left int
			err := tx.QueryRow(`SELECT (SELECT count(*) FROM kept_contact_additions) + (SELECT count(*) FROM kept_contact_transactions)`).Scan(&left)
			if left > 0 {
				t.Errorf("%d rows are left of what is done", left)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}
