package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/audit"
	"parley/internal/store/parts"
	"parley/internal/store/query"
)

// ownDatabase is a rig on an embedded database that no other test writes to.
func ownDatabase(t *testing.T) *apptest.Rig {
	t.Helper()
	d, err := app.OpenDatabase(t.Context(), app.Options{Data: t.TempDir(), Unsynced: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return apptest.On(t, d)
}

// indexParts puts all names and addresses of the database into the index of parts that are not there as they are. PostgreSQL has none.
func indexParts(t *testing.T, r *apptest.Rig) {
	t.Helper()
	if !r.Database.Dialect().Keeps() {
		return
	}
	for x, left := parts.New(r.Database, nil), true; left; {
		var err error
		if left, err = x.Step(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
}

// countAsMany has SQLite ask the index of parts in a workspace as if it had many contacts, by a role that none has.
func countAsMany(t *testing.T, r *apptest.Rig) {
	t.Helper()
	exec(t, r, fmt.Sprintf(`INSERT INTO kept_contact_totals VALUES ('%s', 'role', 'none', 'none', 5000)`, r.Workspace.ID))
}

// exec runs statements of a test on the database itself.
func exec(t *testing.T, r *apptest.Rig, statements ...string) {
	t.Helper()
	err := r.Database.Update(t.Context(), func(tx *db.Tx) error {
		for _, s := range statements {
			if _, err := tx.Exec(s); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// skipNumbers has those who are put into the index next have numbers that are far from those of others, but for the first of them: of each role, one whose
// number is the last but one of its range stands behind them until then.
func skipNumbers(t *testing.T, r *apptest.Rig) {
	t.Helper()
	exec(t, r, fmt.Sprintf(`INSERT INTO kept_contact_documents
		SELECT max(document) / %[1]d * %[1]d + %[1]d - 2, workspace_id, 'last ' || contact_role, contact_created_at, contact_role, NULL, NULL FROM kept_contact_documents
		WHERE workspace_id = '%[2]s' GROUP BY contact_role HAVING max(document) %% %[1]d < %[1]d - 2`, query.AgesOf, r.Workspace.ID),
		`INSERT INTO kept_contact_changes SELECT workspace_id, contact_id FROM kept_contact_documents WHERE contact_id LIKE 'last %'`)
}

// TestPartsTellWhoHasThem holds searches by what the index knows as it is asked, which are answered by the index alone, to what the texts are, and to what else
// is asked.
func TestPartsTellWhoHasThem(t *testing.T) {
	t.Parallel()
	r := ownDatabase(t)
	countAsMany(t, r)
	clock := r.Clock.Now().Unix()
	for i, name := range []string{"x\ufffdnn", "x\ufffenn", "x\uffffnn", "xann", "annx", "Ann"} {
		role := []model.Role{model.RoleLead, model.RoleUser}[i%2]
		p := model.ContactPatch{Role: model.Some(role), Name: model.Some(name), CreatedAt: model.Some(clock - int64(i)*10)}
		if role == model.RoleUser {
			p.ExternalID = model.Some(name)
		}
		if _, err := r.People.CreateContact(t.Context(), r.Actor(), p); err != nil {
			t.Fatal(err)
		}
	}
	all := func(of ...object) object { return object{"operator": "AND", "value": of} }
	ann, user, lead := filter("name", "~", "ann"), filter("role", "=", "user"), filter("role", "=", "lead")
	for _, when := range []string{"while all wait", "with all in the index"} {
		for _, c := range []struct {
			name  string
			query object
			want  float64
		}{
			{"a character that the index takes others for", filter("name", "~", "\ufffdnn"), 1},
			{"one that it takes for that", filter("name", "~", "\ufffenn"), 1},
			{"another", filter("name", "~", "\uffffnn"), 1},
			{"part", ann, 3},
			{"part of users", all(user, ann), 2},
			{"part of leads", all(ann, lead), 1},
			{"part of both roles", all(user, ann, lead), 0},
			{"part of visitors", all(ann, filter("role", "=", "visitor")), 0},
			{"part of some role", all(ann, filter("role", "!=", "lead")), 2},
			{"part and external id", all(ann, filter("external_id", "=", "Ann")), 1},
			{"part of users, and when they were made", all(ann, user, filter("created_at", ">", clock-86400*400), filter("email", "=", nil)), 2},
			{"two parts", all(ann, filter("name", "~", "nnx")), 1},
			{"two parts of users", all(user, ann, filter("name", "~", "nnx")), 0},
			{"end", filter("name", "$", "ann"), 2},
			{"end of users", all(user, filter("name", "$", "ann")), 2},
			{"longer part", filter("name", "~", "xann"), 1},
			{"no part", filter("name", "!~", "ann"), 3},
		} {
			if n := search(t, r, c.query).OK().At("total_count"); n != c.want {
				t.Errorf("%s, %s: %v are found, not %v", when, c.name, n, c.want)
			}
		}
		indexParts(t, r)
	}
	// Searches that are behind find who was made before.
	r.AsDeveloper().Put(t, "/_parley/workspaces/"+string(r.Workspace.ID), object{"search_lag": 45}).OK()
	if n := search(t, r, ann).OK().At("total_count"); n != 1. {
		t.Errorf("of those who were made 45 seconds ago %v are found, not 1", n)
	}
}

func holdRecount(t *testing.T, r *apptest.Rig) {
	t.Helper()
	err := r.Database.View(t.Context(), func(tx *db.Tx) error {
		wrong, _, err := audit.Recount(tx, 5)
		for _, m := range wrong {
			t.Errorf("%v", m)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestPartsAreFoundWhateverIsIndexed changes contacts while their names and addresses are put into the index of parts, now and then, and holds
// searches by parts to what the texts are.
func TestPartsAreFoundWhateverIsIndexed(t *testing.T) {
	t.Parallel()
	r := ownDatabase(t).Unjudged()
	countAsMany(t, r)
	var left []string
	names := []string{"", "Ann", "Joanna", "an", "ANN O'NEIL", "Straße", "STRAẞE", "σας", "a\"nn\"", "a%n_n\\", "日本語です", "👩‍🚀👩‍🚀", "nn\ufffdann", "e\u0301te\u0301", "a\uffffnn", "x\ufffdnn"}
	addresses := []string{"", "ann@x.test", "joanna@annex.test", "σας@y.test", "a@b.c"}
	asked := []string{"ann", "NNA", "nn", "n", "ß", "RAß", "ΣΑΣ", "\"nn", "nna", "%n_", "_n\\", "n o'n", "本語で", "です", "👩‍🚀", "👩", "\ufffdan", "t\u0301e", "te\u0301", "\uffffnn", "\ufffenn",
		"x.test", "@ann", "ann@x.test", "joanna@annex.test", "@b.c", strings.Repeat("ann", 20)}
	rapid.Check(t, func(rt *rapid.T) {
		for _, id := range left {
			if _, err := r.People.DeleteContact(t.Context(), r.Actor(), model.ContactID(id)); err != nil {
				t.Fatal(err)
			}
		}
		left = nil
		has, archived := map[string]map[string]string{}, map[string]bool{}
		some := func() string {
			ids := make([]string, 0, len(has))
			for id := range has {
				ids = append(ids, id)
			}
			slices.Sort(ids)
			return rapid.SampledFrom(ids).Draw(rt, "id")
		}
		patch := func() (model.ContactPatch, map[string]string) {
			name, address := rapid.SampledFrom(names).Draw(rt, "name"), rapid.SampledFrom(addresses).Draw(rt, "address")
			return model.ContactPatch{Name: model.Some(name), Email: model.Some(address)}, map[string]string{"name": name, "email": address, "role": "lead"}
		}
		for range rapid.IntRange(1, 8).Draw(rt, "changes") {
			switch what := rapid.IntRange(0, 10).Draw(rt, "what"); {
			case what <= 1 || len(has) == 0:
				p, texts := patch()
				p.Role = model.Some(model.RoleLead)
				c, err := r.People.CreateContact(t.Context(), r.Actor(), p)
				if err != nil {
					rt.Fatal(err)
				}
				has[string(c.ID)], left = texts, append(left, string(c.ID))
			case what <= 4:
				id := some()
				if archived[id] {
					continue
				}
				p, texts := patch()
				switch what {
				case 2:
					p.Name.Set, texts["name"] = false, has[id]["name"]
				case 3:
					p.Email.Set, texts["email"] = false, has[id]["email"]
				default:
					p = model.ContactPatch{Role: model.Some(model.RoleUser), ExternalID: model.Some(id)}
					texts["name"], texts["email"] = has[id]["name"], has[id]["email"]
				}
				if texts["role"] = has[id]["role"]; what == 4 {
					texts["role"] = "user"
				}
				if _, err := r.People.UpdateContact(t.Context(), r.Actor(), model.ContactID(id), p); err != nil {
					rt.Fatal(err)
				}
				has[id] = texts
			case what == 5:
				id := some()
				r.Delete(t, "/contacts/"+id, nil).OK()
				delete(has, id)
				left = slices.DeleteFunc(left, func(one string) bool { return one == id })
			case what <= 7:
				id := some()
				r.Post(t, "/contacts/"+id+"/"+[]string{"archive", "unarchive"}[what-6], nil).OK()
				archived[id] = what == 6
			default:
				indexParts(t, r)
				if what == 10 {
					skipNumbers(t, r)
				}
			}
		}
		for range 3 {
			field, operator := rapid.SampledFrom([]string{"name", "email"}).Draw(rt, "field"), rapid.SampledFrom([]string{"~", "$", "!~"}).Draw(rt, "operator")
			part := rapid.SampledFrom(asked).Draw(rt, "part")
			var want []string
			wanted := filter(field, operator, part)
			if role := rapid.SampledFrom([]string{"", "user", "lead"}).Draw(rt, "role"); role != "" {
				wanted = object{"operator": "AND", "value": []any{wanted, filter("role", "=", role)}}
			}
			for id, texts := range has {
				p := person{values: object{}}
				for name, text := range texts {
					if text != "" {
						p.values[name] = text
					}
				}
				if !archived[id] && p.matches(wanted, nil) {
					want = append(want, id)
				}
			}
			a := search(t, r, wanted)
			got := ids(t, a)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) || a.At("total_count") != float64(len(want)) {
				rt.Fatalf("%v finds %q of %q, not %q", wanted, got, has, want)
			}
		}
	})
	holdRecount(t, r)
}

// TestPartsWaitForTheirTurn holds searches to what there is while nothing is in the index, while all is, while much is not, while a step fails and
// after the index was emptied, on an upgrade of all that was there before.
func TestPartsWaitForTheirTurn(t *testing.T) {
	t.Parallel()
	r := ownDatabase(t)
	other := r.Elsewhere(t) // which has the same names
	countAsMany(t, r)
	countAsMany(t, other)
	var all []string
	make := func(n int) {
		for range n {
			p := model.ContactPatch{Role: model.Some(model.RoleLead), Name: model.Some(fmt.Sprintf("Ann %d", len(all))), Email: model.Some(fmt.Sprintf("a%d@ann.test", len(all)))}
			for _, in := range []*apptest.Rig{other, r} {
				c, err := in.People.CreateContact(t.Context(), in.Actor(), p)
				if err != nil {
					t.Fatal(err)
				}
				if in == r {
					all = append(all, string(c.ID))
				}
			}
		}
	}
	waiting := func() (n int) {
		err := r.Database.View(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(`SELECT count(*) FROM kept_contact_changes`).Scan(&n)
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	indexed := func() (texts, documents int) {
		err := r.Database.View(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(`SELECT (SELECT count(*) FROM kept_contact_parts), (SELECT count(*) FROM kept_contact_documents)`).Scan(&texts, &documents)
		})
		if err != nil {
			t.Fatal(err)
		}
		return texts, documents
	}
	hold := func(when string, left int) {
		t.Helper()
		if n := waiting(); n != left {
			t.Errorf("%s %d wait, not %d", when, n, left)
		}
		if texts, documents := indexed(); texts != 2*documents {
			t.Errorf("%s the index has %d texts, and there are those of %d", when, texts, documents)
		}
		for asked, want := range map[string]int{"ann 7": 1, "ann": len(all), "nobody": 0} {
			for _, in := range []*apptest.Rig{r, other} {
				if n := search(t, in, filter("name", "~", asked)).OK().At("total_count"); n != float64(want) {
					t.Errorf("%s %q finds %v, not %d", when, asked, n, want)
				}
			}
		}
		holdRecount(t, r)
	}
	make(10)
	hold("at first", 20)
	x := parts.New(r.Database, nil)
	if done, err := x.Step(t.Context(), 21); done || err != nil {
		t.Errorf("fewer than are worth it are indexed: %t, %v", done, err)
	}
	indexParts(t, r)
	hold("indexed", 0)
	make(20)
	hold("with some that wait", 40)
	// More than a search looks at.
	exec(t, r, fmt.Sprintf(`WITH n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999) INSERT INTO kept_contact_changes SELECT '%s', 'gone ' || i FROM n`, r.Workspace.ID))
	hold("with many that wait", 1040)
	exec(t, r, `CREATE TRIGGER broken BEFORE DELETE ON kept_contact_changes BEGIN SELECT RAISE(ABORT, 'no more'); END`)
	if _, err := x.Step(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "no more") {
		t.Errorf("a step that cannot end well ends with %v", err)
	}
	exec(t, r, `DROP TRIGGER broken`)
	hold("after a step that failed", 1040)
	indexParts(t, r)
	hold("once more indexed", 0)
	for _, id := range all[8:] {
		r.Delete(t, "/contacts/"+id, nil).OK()
		other.Delete(t, "/contacts/"+ids(t, search(t, other, filter("name", "=", fmt.Sprintf("Ann %d", len(all)-1))))[0], nil).OK()
		all = all[:len(all)-1]
	}
	hold("without most", 44)
	indexParts(t, r)
	hold("without most, indexed", 0)
	// What the migration leaves of a database of the version before, and what is done to have the index made anew.
	exec(t, r, `INSERT INTO kept_contact_parts (kept_contact_parts) VALUES ('delete-all')`, `DELETE FROM kept_contact_documents`, `DELETE FROM kept_contact_ages`,
		`INSERT INTO kept_contact_changes SELECT workspace_id, id FROM contacts WHERE workspace_id < '~'`)
	hold("emptied", 16)
	indexParts(t, r)
	hold("made anew", 0)
}

// TestPartsArePagedAsListsAre holds the pages of a search by a part, of which no more is read than may be on them where it is in the order of creation, to
// those of one that the database counts and sorts: in either order, with equal times, of contacts who are in the index, of whom few may have been made at
// once, and of some who wait.
func TestPartsArePagedAsListsAre(t *testing.T) {
	t.Parallel()
	r := ownDatabase(t)
	countAsMany(t, r)
	const many = 24
	for i := range many {
		if i%5 == 3 {
			indexParts(t, r)
			skipNumbers(t, r)
		}
		_, err := r.People.CreateContact(t.Context(), r.Actor(), model.ContactPatch{Role: model.Some(model.RoleLead), Name: model.Some(fmt.Sprintf("Anna %d", i)),
			CreatedAt: model.Some(int64(1000 + i*7%many/6))})
		if err != nil {
			t.Fatal(err)
		}
	}
	by := func(query object, field, order string, perPage int) (all []string) {
		for _, c := range walk(t, r, query, object{"field": field, "order": order}, perPage) {
			all = append(all, c["id"].(string))
		}
		return all
	}
	for _, when := range []string{"while some wait", "with all in the index"} {
		for _, sort := range [][2]string{{"created_at", "ascending"}, {"created_at", "descending"}, {"name", "descending"}} {
			want := by(filter("role", "=", "lead"), sort[0], sort[1], many)
			for _, perPage := range []int{1, 2, 3, many - 1, many, 50} {
				for _, part := range []string{"ann", "anna"} {
					if got := by(filter("name", "~", part), sort[0], sort[1], perPage); len(got) != many || !slices.Equal(got, want) {
						t.Errorf("%s, %s, %d on a page, those with %s are %q, not %q", when, sort, perPage, part, got, want)
					}
				}
			}
		}
		indexParts(t, r)
	}
	holdRecount(t, r)
	first := search(t, r, filter("name", "~", "anna 7")).OK()
	if first.At("total_count") != 1. || first.At("pages.next") != nil {
		t.Errorf("of one there are %v, and behind it comes %v", first.At("total_count"), first.At("pages.next"))
	}
	gone := r.Post(t, "/contacts/search", object{"query": filter("name", "~", "ann"), "pagination": object{"per_page": 1}}).OK()
	for _, id := range by(filter("name", "~", "ann"), "created_at", "descending", many) {
		r.Delete(t, "/contacts/"+id, nil).OK()
	}
	behind := r.Post(t, "/contacts/search", object{"query": filter("name", "~", "ann"),
		"pagination": object{"per_page": 1, "starting_after": gone.At("pages.next.starting_after")}}).OK()
	if behind.At("total_count") != 0. || len(ids(t, behind)) != 0 || behind.At("pages.next") != nil {
		t.Errorf("behind one who is gone, and nobody is left, come %s", behind.Body)
	}
}
