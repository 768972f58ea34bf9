package api_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/means"
	"parley/internal/model"
)

// TestPagesWhicheverWay walks through all who have a value that many have and one that few have, in every order, and through all with a part of a name: they come
// as they were put, none twice, and each page knows how many there are.
func TestPagesWhicheverWay(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		const all = 400
		for _, some := range [][2]string{{"i % 20 = 0", `{"os":"plan 9"}`}, {"i % 20 > 0 AND i % 2 = 0", `{"os":"linux"}`}, {"i % 2 = 1", `{"os":"linux","browser":"lynx"}`}} {
			exec(t, r, fmt.Sprintf(`WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
				INSERT INTO contacts (workspace_id, id, role, name, name_fold, unsubscribed_from_emails, marked_email_as_spam, has_hard_bounced,
					created_at, updated_at, last_seen_at, session_count, profile, attributes, searchable)
				SELECT '%s', '66570000000000000000' || i, CASE WHEN i %% 4 = 0 THEN 'lead' ELSE 'user' END, 'Ann', CASE WHEN i %% 3 = 0 THEN 'bea' ELSE 'ann' END, FALSE, FALSE, FALSE,
					1700000000 + i %% 50, 1700000000 + i %% 7, CASE WHEN i %% 3 > 0 THEN 1700000000 + i %% 11 END, 0, '{}', '{}', '%s' FROM n WHERE %s`,
				1000+all-1, r.Workspace.ID, some[1], some[0]))
		}
		both := func(a, b object) object { return object{"operator": "AND", "value": []any{a, b}} }
		user := filter("role", "=", "user")
		sorts := map[string]func(i int) (int, bool){
			"created_at":   func(i int) (int, bool) { return i % 50, true },
			"updated_at":   func(i int) (int, bool) { return i % 7, true },
			"last_seen_at": func(i int) (int, bool) { return i % 11, i%3 > 0 },
		}
		for n, c := range []struct {
			name  string
			query object
			is    func(i int) bool
		}{
			{"a role", user, func(i int) bool { return i%4 > 0 }},
			{"what many have", filter("os", "=", "linux"), func(i int) bool { return i%20 > 0 }},
			{"what few have", filter("os", "=", "plan 9"), func(i int) bool { return i%20 == 0 }},
			{"what nobody has", filter("os", "=", "beos"), func(int) bool { return false }},
			{"what many users have", both(user, filter("browser", "=", "lynx")), func(i int) bool { return i%2 == 1 }},
			{"a part", filter("name", "~", "ann"), func(i int) bool { return i%3 > 0 }},
			{"a part, of users", both(user, filter("name", "~", "ann")), func(i int) bool { return i%3 > 0 && i%4 > 0 }},
			{"the end", both(user, filter("name", "$", "bea")), func(i int) bool { return i%3 == 0 && i%4 > 0 }},
		} {
			if n == 4 {
				r.Unjudged() // each contact has been held against the contract in each order, and a page without any
			}
			for field, at := range sorts {
				for _, order := range []string{"ascending", "descending"} {
					var want []int
					for i := 1000; i < 1000+all; i++ {
						if c.is(i) {
							want = append(want, i)
						}
					}
					slices.SortFunc(want, func(i, j int) int {
						a, has := at(i)
						b, have := at(j)
						if has != have {
							return cmp.Compare(fmt.Sprint(have), fmt.Sprint(has)) // without a time: at the end
						}
						if !has {
							a, b = 0, 0
						}
						return cmp.Or(cmp.Compare(a, b), cmp.Compare(i, j)) * map[string]int{"ascending": 1, "descending": -1}[order]
					})
					var got []int
					page := object{"per_page": 97}
					for {
						a := r.Post(t, "/contacts/search", object{"query": c.query, "sort": object{"field": field, "order": order}, "pagination": page}).OK()
						if n := a.At("total_count"); n != float64(len(want)) {
							t.Errorf("%s by %s, %s: counted %v, want %d", c.name, field, order, n, len(want))
						}
						for _, id := range ids(t, a) {
							var i int
							fmt.Sscan(strings.TrimPrefix(id, "66570000000000000000"), &i)
							got = append(got, i)
						}
						if a.At("pages.next") == nil {
							break
						}
						page = object{"per_page": 97, "starting_after": a.At("pages.next.starting_after")}
					}
					if !slices.Equal(got, want) {
						t.Errorf("%s by %s, %s: %v, want %v", c.name, field, order, got, want)
					}
				}
			}
		}
	})
}

// TestSearchAsksAtOnce counts what PostgreSQL is asked for a page of which nothing is at hand: those of it and how many there are, what they are and what belongs
// to them, and before that what a filter may refer to.
func TestSearchAsksAtOnce(t *testing.T) {
	t.Parallel()
	r, tr := traced(t, db.Options{URL: means.Postgres(t)})
	declare(t, r, "plan", "string")
	tag := r.Post(t, "/tags", object{"name": "one"}).OK().ID()
	for _, name := range []string{"Anna", "Anneke"} {
		id := r.Post(t, "/contacts", object{"external_id": name, "name": name, "custom_attributes": object{"plan": "pro"}}).OK().ID()
		r.Post(t, "/contacts/"+id+"/tags", object{"id": tag}).OK()
	}
	segment, err := r.People.PutSegment(context.Background(), r.Actor(), model.Segment{Name: "Pro", PersonType: model.PersonUser,
		Filter: model.Filter{Field: "custom_attributes.plan", Operator: model.Equal, Value: "pro"}})
	if err != nil {
		t.Fatal(err)
	}
	const page, refersTo = 3, 2
	for _, c := range []struct {
		query      object
		statements int
	}{
		{filter("role", "=", "user"), page},
		{filter("tag_id", "=", tag), page},
		{filter("external_id", "IN", []any{"Anna", "Anneke"}), page + 1}, // counted first
		{filter("name", "~", "ann"), page},
		{filter("custom_attributes.plan", "=", "pro"), page + refersTo},
		{filter("segment_id", "=", string(segment.ID)), page + refersTo},
	} {
		asked := tr.Of(func() {
			if n := r.Post(t, "/contacts/search", object{"query": c.query}).OK().At("total_count"); n != 2.0 {
				t.Errorf("%v finds %v", c.query, n)
			}
		})
		if len(asked) != c.statements {
			t.Errorf("%v takes %d statements, want %d:\n%s", c.query, len(asked), c.statements, texts(asked))
		}
	}
}

// TestFiltersReferToWhatThereIs changes attributes and segments on one server, and has another search by them that has read them before.
func TestFiltersReferToWhatThereIs(t *testing.T) {
	t.Parallel()
	nodes, _ := apptest.Nodes(t, 2, app.Options{})
	here, there := nodes[0], nodes[1]
	declare(t, there, "plan", "string")
	there.Post(t, "/contacts", object{"external_id": "1", "name": "Ann", "custom_attributes": object{"plan": "pro"}}).OK()
	there.Post(t, "/contacts", object{"external_id": "2", "name": "Bea", "custom_attributes": object{"plan": "free"}}).OK()
	put := func(name, value string) string {
		saved, err := there.People.PutSegment(context.Background(), there.Actor(), model.Segment{Name: name, PersonType: model.PersonUser,
			Filter: model.Filter{Field: "custom_attributes.plan", Operator: model.Equal, Value: value}})
		if err != nil {
			t.Fatal(err)
		}
		return string(saved.ID)
	}
	find := func(query object) *apptest.Answer { return here.Post(t, "/contacts/search", object{"query": query}) }
	found := func(query object, want float64) {
		t.Helper()
		if n := find(query).OK().At("total_count"); n != want {
			t.Errorf("%v finds %v, want %v", query, n, want)
		}
	}
	some := put("Some", "pro")
	for range 2 { // the second time, what filters may refer to is at hand
		found(filter("segment_id", "=", some), 1)
		find(filter("custom_attributes.seats", "=", 7)).Is(400)
	}
	put("Some", "enterprise")
	found(filter("segment_id", "=", some), 0)
	declare(t, there, "seats", "integer")
	found(filter("custom_attributes.seats", "=", 7), 0)
	more := put("More", "free")
	found(filter("segment_id", "=", more), 1)
}
