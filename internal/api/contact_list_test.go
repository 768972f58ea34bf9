package api_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
)

// people makes n contacts a second apart and returns their ids, newest first.
func people(t *testing.T, r *apptest.Rig, n int) []string {
	t.Helper()
	var made []string
	for i := range n {
		made = append(made, r.Post(t, "/contacts", object{"external_id": strconv.Itoa(i)}).OK().ID())
		r.Clock.Pass(time.Second)
	}
	slices.Reverse(made)
	return made
}

func TestListContacts(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		is(t, r.Get(t, "/contacts"), `{"type":"list","data":[],"total_count":0,"pages":{"type":"pages","page":1,"per_page":50,"total_pages":0}}`)
		all := people(t, r, 7)
		var walked []string
		path := "/contacts?per_page=3"
		for page := 1; page <= 3; page++ {
			a := r.Get(t, path)
			walked = append(walked, ids(t, a)...)
			holds(t, a, nil, object{"type": "list", "total_count": 7., "pages.type": "pages", "pages.page": float64(page),
				"pages.per_page": 3., "pages.total_pages": 3.})
			next := a.At("pages.next")
			if page == 3 {
				if _, there := a.At("pages").(object)["next"]; there {
					t.Errorf("the last page names a next one: %v", next)
				}
				break
			}
			if next.(object)["page"] != float64(page+1) || len(next.(object)) != 2 {
				t.Errorf("page %d names as next %v", page, next)
			}
			path = "/contacts?per_page=3&starting_after=" + next.(object)["starting_after"].(string)
		}
		if diff := cmp.Diff(all, walked); diff != "" {
			t.Errorf("the walk differs (-want +got):\n%s", diff)
		}
		if got := ids(t, r.Get(t, "/contacts?per_page=7")); !slices.Equal(got, all) {
			t.Error("a page that is just full differs")
		}
		if next := r.Get(t, "/contacts?per_page=7").At("pages.next"); next != nil {
			t.Errorf("a page that is just full names a next one: %v", next)
		}
	})
}

func TestPageSizes(t *testing.T) {
	tests := []struct {
		perPage string // as JSON
		want    float64
		refused *refusal
	}{
		{perPage: `1`, want: 1}, {perPage: `150`, want: 150}, {perPage: `"20"`, want: 20}, {perPage: ``, want: 50},
		{perPage: `151`, refused: invalid("Per Page is too big")},
		{perPage: `9007199254740991`, refused: invalid("Per Page is too big")},
		{perPage: `0`, refused: invalid("Per Page is invalid")},
		{perPage: `-1`, refused: invalid("Per Page is invalid")},
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, tt := range tests {
			for _, list := range []string{"/contacts"} {
				a := r.Get(t, list+"?per_page="+strings.Trim(tt.perPage, `"`))
				holds(t, a, tt.refused, object{"pages.per_page": tt.want})
			}
			pagination := `{}`
			if tt.perPage != "" {
				pagination = `{"per_page":` + tt.perPage + `}`
			}
			a := r.Post(t, "/contacts/search", `{"query":{"field":"role","operator":"=","value":"user"},"pagination":`+pagination+`}`)
			holds(t, a, tt.refused, object{"pages.per_page": tt.want})
		}
		r.Get(t, "/contacts?per_page=99999999999999999999").Fails(400, "parameter_invalid", "Per Page is too big")
		for _, nonsense := range []string{"ten", "1.5", "0x10", "1e1", "%20"} {
			r.Get(t, "/contacts?per_page="+nonsense).Fails(400, "parameter_invalid", "Per Page is invalid")
		}
		for _, value := range []string{`"ten"`, `1.5`, `[5]`} {
			r.Post(t, "/contacts/search", `{"query":{"field":"role","operator":"=","value":"user"},"pagination":{"per_page":`+value+`}}`).
				Fails(400, "parameter_invalid", "pagination.per_page is invalid")
		}
	})
}

const badCursor = "Invalid starting_after param. Please try again using a starting_after value from a paginated response"

// A cursor opens the list it was given out for, and no other.
func TestCursorsFromElsewhere(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		made := people(t, r, 3)
		search := func(r *apptest.Rig, sort, cursor string) *apptest.Answer {
			return r.Post(t, "/contacts/search", `{"query":{"field":"role","operator":"=","value":"user"},"sort":`+sort+`,
				"pagination":{"per_page":1,"starting_after":"`+cursor+`"}}`)
		}
		const byCreation = `{"field":"created_at","order":"descending"}`
		next := func(a *apptest.Answer) string { return a.At("pages.next.starting_after").(string) }
		listed := next(r.Get(t, "/contacts?per_page=1"))
		found := next(search(r, byCreation, ""))
		ascending := next(search(r, `{"field":"created_at","order":"ascending"}`, ""))
		byName := next(search(r, `{"field":"name","order":"descending"}`, ""))

		if got := ids(t, r.Get(t, "/contacts?per_page=1&starting_after="+listed)); got[0] != made[1] {
			t.Errorf("the list goes on with %v", got)
		}
		if got := ids(t, search(r, byCreation, found)); got[0] != made[1] {
			t.Errorf("the search goes on with %v", got)
		}
		if got := ids(t, search(r, `null`, found)); got[0] != made[1] {
			t.Errorf("the same order, not spelt out, goes on with %v", got)
		}

		elsewhere := r.Elsewhere(t)
		people(t, elsewhere, 2)
		theirs := next(elsewhere.Get(t, "/contacts?per_page=1"))
		forged := func(fields string) string { return base64.RawURLEncoding.EncodeToString([]byte(fields)) }
		for name, cursor := range map[string]string{
			"a search's": found, "another workspace's": theirs, "an id": made[0], "nonsense": "nonsense", "a space": "%20",
			"one cut short": listed[:len(listed)-2], "one made longer": listed + "AAAA", "padded": listed + "=",
			"not signed": forged(fmt.Sprintf(`[1768478401,"%s",2]`, made[1])), "with an empty signature": forged(`[1,"a",2,""]`),
			"beyond numbers":         forged(`[1e999,"a",2,""]`),
			"with another signature": forged(fmt.Sprintf(`[1768478401,"%s",2,"0123456789abcdef01234567"]`, made[1])),
			"empty":                  forged(`[]`), "deep": forged(strings.Repeat("[", 20000)),
		} {
			t.Run(name, func(t *testing.T) {
				r.Get(t, "/contacts?per_page=1&starting_after="+cursor).Fails(400, "client_error", badCursor)
			})
		}
		for name, cursor := range map[string]string{"the list's": listed, "another order's": ascending, "another field's": byName,
			"a number": "7", "another workspace's": theirs} {
			t.Run("searching with "+name, func(t *testing.T) {
				search(r, byCreation, cursor).Fails(400, "client_error", badCursor)
			})
		}
		// Numbers are no cursors, nor is anything beyond text; null and empty are the first page.
		r.Post(t, "/contacts/search", `{"query":{"field":"role","operator":"=","value":"user"},"pagination":{"starting_after":7}}`).Fails(400, "client_error", badCursor)
		r.Post(t, "/contacts/search", `{"query":{"field":"role","operator":"=","value":"user"},"pagination":{"starting_after":[]}}`).
			Fails(400, "parameter_invalid", "pagination.starting_after is invalid")
		for _, pagination := range []string{`{"starting_after":null}`, `{"starting_after":""}`, `{}`, `null`} {
			a := r.Post(t, "/contacts/search", `{"query":{"field":"role","operator":"=","value":"user"},"pagination":`+pagination+`}`)
			holds(t, a, nil, object{"pages.page": 1., "data.0.id": made[0]})
		}
		// In the query string of a search the cursor means nothing.
		a := r.Post(t, "/contacts/search?starting_after="+found+"&per_page=1", `{"query":{"field":"role","operator":"=","value":"user"}}`)
		holds(t, a, nil, object{"pages.page": 1., "pages.per_page": 50., "data.0.id": made[0]})
	})
}
