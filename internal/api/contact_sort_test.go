package api_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/apptest"
	"parley/internal/model"
)

// everybody is a query that all contacts match.
var everybody = filter("role", "!=", "nobody")

// walk follows the cursors of a search to its end and returns all items.
func walk(t *testing.T, r *apptest.Rig, query, sort any, perPage int) []object {
	t.Helper()
	var all []object
	cursor := any(nil)
	for page := 1; ; page++ {
		a := r.Post(t, "/contacts/search", object{"query": query, "sort": sort,
			"pagination": object{"per_page": perPage, "starting_after": cursor}}).OK()
		holds(t, a, nil, object{"pages.page": float64(page)})
		for _, item := range a.At("data").([]any) {
			all = append(all, item.(object))
		}
		next := a.At("pages.next")
		if next == nil {
			return all
		}
		cursor = next.(object)["starting_after"]
		if page > 1000 {
			t.Fatal("the walk does not end")
		}
	}
}

// Contacts come in the order of any field that can be searched by, either way,
// those without a value last and equals by id; and page by page as all at once.
func TestSearchInOrder(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, a := range [][2]string{{"plan", "string"}, {"seats", "integer"}, {"spend", "float"}, {"paid", "boolean"}, {"since", "date"}} {
			declare(t, r, a[0], a[1])
		}
		// The values of three kinds of people: the first, the second and none.
		texts := []string{"b ä", "B Z", ""}
		for i := range 9 {
			kind := i % 3
			p := model.ContactPatch{ExternalID: model.Some(fmt.Sprintf("x%d", i*7%9)), CreatedAt: model.Some(int64(1000 + i%2))}
			if text := texts[kind]; text != "" {
				p.Name, p.Phone, p.Avatar = model.Some(text), model.Some(text), model.Some(text)
				p.Email = model.Some(fmt.Sprintf("%d@%s.test", i, strings.ReplaceAll(text, " ", "")))
				p.OwnerID, p.UnsubscribedFromEmails = model.Some(model.AdminID(1)), model.Some(kind == 1)
				p.SignedUpAt, p.LastSeenAt = model.Some(int64(10-kind)), model.Some(int64(10+kind))
				p.Attributes = model.Attributes{"plan": text, "seats": int64(kind - 5), "spend": float64(kind) - 1.5, "paid": kind == 1, "since": int64(50 + kind)}
				p.Profile = model.Some(model.Profile{Browser: text, City: text, IOSLastSeenAt: int64(5 + kind)})
			}
			if _, err := r.People.CreateContact(context.Background(), r.Actor(), p); err != nil {
				t.Fatal(err)
			}
		}
		// Where the value stands in an answer, if the field is not the path to it.
		shown := map[string]string{"avatar": "avatar.image_url"}
		for _, field := range []string{"id", "name", "email", "phone", "external_id", "role", "avatar", "owner_id", "created_at", "updated_at",
			"signed_up_at", "last_seen_at", "last_replied_at", "unsubscribed_from_emails", "browser", "location.city", "ios_last_seen_at",
			"custom_attributes.plan", "custom_attributes.seats", "custom_attributes.spend", "custom_attributes.paid", "custom_attributes.since"} {
			for _, order := range []string{"ascending", "descending"} {
				sort := object{"field": field, "order": order}
				all := walk(t, r, everybody, sort, 150)
				path := cmp.Or(shown[field], field)
				if !slices.IsSortedFunc(all, func(a, b object) int { return compareBy(path, order, a, b) }) || len(all) != 9 {
					t.Errorf("%s %s is no order:%s", field, order, column(all, path))
				}
				for _, perPage := range []int{1, 2, 4} {
					if paged := walk(t, r, everybody, sort, perPage); !slices.EqualFunc(all, paged, func(a, b object) bool { return a["id"] == b["id"] }) {
						t.Errorf("%s %s by %d differs:%s", field, order, perPage, column(paged, path))
					}
				}
			}
		}
	})
}

// compareBy is the order that a search should have: by the value, then by id;
// the unset last, either way.
func compareBy(path, order string, a, b object) int {
	direction := map[string]int{"ascending": 1, "descending": -1}[order]
	v, w := valueAt(a, path), valueAt(b, path)
	switch {
	case v == nil && w == nil:
	case v == nil:
		return 1
	case w == nil:
		return -1
	default:
		if c := compareValues(v, w); c != 0 {
			return c * direction
		}
	}
	return strings.Compare(a["id"].(string), b["id"].(string)) * direction
}

func compareValues(v, w any) int {
	switch v := v.(type) {
	case float64:
		return cmp.Compare(v, w.(float64))
	case bool:
		return cmp.Compare(fmt.Sprint(v), fmt.Sprint(w))
	default: // texts in the order of their bytes, once case is out of the way
		return strings.Compare(strings.ToLower(v.(string)), strings.ToLower(w.(string)))
	}
}

func valueAt(v any, path string) any {
	for _, step := range strings.Split(path, ".") {
		o, _ := v.(object)
		v = o[step]
	}
	return v
}

func column(items []object, path string) string {
	var sb strings.Builder
	for _, item := range items {
		fmt.Fprintf(&sb, "\n%v %v", valueAt(item, path), item["id"])
	}
	return sb.String()
}

// A walk shows everybody who was there when it began exactly once, whoever comes
// meanwhile.
func TestWalkWhileOthersCome(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		declare(t, r, "seats", "integer")
		// They come by the rule: that of the requests is tested elsewhere.
		person := func(i int) model.ContactPatch {
			p := model.ContactPatch{ExternalID: model.Some(fmt.Sprint(i)), Name: model.Some(string(rune('a' + i*7%26)))}
			if i%3 == 0 {
				p.LastSeenAt, p.Attributes = model.Some(int64(i%5)), model.Attributes{"seats": int64(i % 4)}
				p.Name = model.Opt[string]{}
			}
			return p
		}
		before := map[string]bool{}
		for i := range 40 {
			c, err := r.People.CreateContact(context.Background(), r.Actor(), person(i))
			noError(t, err)
			before[string(c.ID)] = true
			if i%4 == 0 {
				r.Clock.Pass(time.Second)
			}
		}
		next := 100
		whileOthersCome := func(walk func() []object) []object {
			var coming sync.WaitGroup
			for range 2 {
				first := next
				next += 30
				coming.Go(func() {
					for i := range 30 {
						if _, err := r.People.CreateContact(context.Background(), r.Actor(), person(first+i)); err != nil {
							t.Error(err)
						}
						r.Clock.Pass(time.Second)
					}
				})
			}
			defer coming.Wait()
			return walk()
		}
		once := func(name string, walked []object) {
			seen := map[string]int{}
			for _, item := range walked {
				seen[item["id"].(string)]++
			}
			for id := range before {
				if seen[id] != 1 {
					t.Errorf("%s shows %s %d times", name, id, seen[id])
				}
			}
			for id, n := range seen {
				if n > 1 {
					t.Errorf("%s shows %s, who came meanwhile, %d times", name, id, n)
				}
			}
		}
		once("the list", whileOthersCome(func() (listed []object) {
			for path := "/contacts?per_page=7"; path != ""; {
				a := r.Get(t, path).OK()
				for _, item := range a.At("data").([]any) {
					listed = append(listed, item.(object))
				}
				path = ""
				if next, ok := a.At("pages.next.starting_after").(string); ok {
					path = "/contacts?per_page=7&starting_after=" + next
				}
			}
			return listed
		}))
		for _, field := range []string{"created_at", "name", "last_seen_at", "custom_attributes.seats", "id"} {
			for _, order := range []string{"descending", "ascending"} {
				once(field+" "+order, whileOthersCome(func() []object {
					return walk(t, r, everybody, object{"field": field, "order": order}, 20)
				}))
			}
		}
	})
}
