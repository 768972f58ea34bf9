package api_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/wire"
)

func TestCompanyLists(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		_, _, stranger := r.NewWorkspace(t)
		var made []string
		for i := range 4 {
			made = append(made, r.Post(t, "/companies", object{"company_id": fmt.Sprint(i), "size": i}).OK().ID())
			r.Clock.Pass(time.Second)
		}
		a, b, lonely, c := made[0], made[1], made[2], made[3]
		companyMember(t, r, a, b, c)
		// The first made the latest request; those that made none come last.
		companyRequested(t, r, a, 1000)
		companyRequested(t, r, lonely, 2000)
		tag := r.Post(t, "/tags", object{"name": "VIP", "companies": []any{object{"id": a}, object{"id": b}, object{"id": lonely}}}).OK().ID()
		unused := r.Post(t, "/tags", object{"name": "Unused"}).OK().ID()
		large := companySegment(t, r, "Large", model.PersonCompany, `{"operator":">","field":"size","value":0}`)
		users := companySegment(t, r, "Users", model.PersonUser, `{"operator":"=","field":"role","value":"user"}`)

		for _, c := range []struct {
			name, call string
			want       []string
			total      int
		}{
			{"all", "POST /companies/list", []string{a, c, b}, 3},
			{"all, by GET", "GET /companies", []string{a, c, b}, 3},
			{"an empty filter is none", "GET /companies?tag_id=&segment_id=&name=", []string{a, c, b}, 3},
			{"unknown parameters", "GET /companies?colour=red", []string{a, c, b}, 3},
			{"descending", "POST /companies/list?order=desc", []string{a, c, b}, 3},
			{"ascending", "POST /companies/list?order=asc", []string{b, c, a}, 3},
			{"ascending, by GET", "GET /companies?order=asc", []string{b, c, a}, 3},
			{"the second page", "POST /companies/list?page=2&per_page=2", []string{b}, 3},
			{"a page past the last", "POST /companies/list?page=7&per_page=60", []string{}, 3},
			{"paging in the body means nothing", `POST /companies/list {"per_page":1}`, []string{a, c, b}, 3},
			{"of a tag", "GET /companies?tag_id=" + tag, []string{a, b}, 2},
			{"of a tag, ascending", "GET /companies?order=asc&tag_id=" + tag, []string{b, a}, 2},
			{"of a tag that is on nothing", "GET /companies?tag_id=" + unused, []string{}, 0},
			{"of a segment", "GET /companies?segment_id=" + large, []string{c, b}, 2},
			{"of a tag and a segment", "GET /companies?segment_id=" + large + "&tag_id=" + tag, []string{b}, 1},
		} {
			t.Run(c.name, func(t *testing.T) {
				method, path, _ := strings.Cut(c.call, " ")
				path, body, _ := strings.Cut(path, " ")
				got := r.Do(t, method, path, body)
				if diff := cmp.Diff(c.want, ids(t, got)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				holds(t, got, nil, object{"type": "list", "total_count": float64(c.total)})
			})
		}
		for _, c := range []struct {
			name, call string
			want       refusal
		}{
			{"too big a page", "POST /companies/list?per_page=61", *invalid("Per Page is too big")},
			{"too big a page of a tag", "GET /companies?per_page=61&tag_id=" + tag, *invalid("Per Page is too big")},
			{"no page", "POST /companies/list?page=0", *invalid("Page is invalid")},
			{"unknown order", "POST /companies/list?order=down", *invalid("Order must be either asc or desc")},
			{"unknown tag", "GET /companies?tag_id=999", refusal{404, "not_found", "Resource Not Found"}},
			{"malformed tag", "GET /companies?tag_id=VIP", refusal{404, "not_found", "Resource Not Found"}},
			{"unknown segment", "GET /companies?segment_id=" + noCompany, refusal{404, "not_found", "Resource Not Found"}},
			{"segment of contacts", "GET /companies?segment_id=" + users, refusal{404, "not_found", "Resource Not Found"}},
			{"a cursor of one's own", "POST /companies/list?starting_after=abc", refusal{400, "client_error",
				"Invalid starting_after param. Please try again using a starting_after value from a paginated response"}},
		} {
			t.Run(c.name, func(t *testing.T) {
				method, path, _ := strings.Cut(c.call, " ")
				r.Do(t, method, path, nil).Fails(c.want.status, c.want.code, c.want.message)
			})
		}
		t.Run("of another workspace", func(t *testing.T) {
			r.Get(t, "/companies?tag_id="+tag, apptest.As(stranger)).Fails(http.StatusNotFound, "not_found", "Resource Not Found")
			r.Get(t, "/companies?segment_id="+large, apptest.As(stranger)).Fails(http.StatusNotFound, "not_found", "Resource Not Found")
			if got := ids(t, r.Get(t, "/companies", apptest.As(stranger))); len(got) != 0 {
				t.Errorf("a stranger sees %v", got)
			}
		})
		t.Run("pages", func(t *testing.T) {
			first := r.Post(t, "/companies/list?per_page=2&order=desc", nil).OK()
			link, err := url.Parse(first.At("pages.next").(string))
			if err != nil || link.Host != "parley.test" || link.Path != "/companies/list" || link.Query().Get("page") != "2" ||
				link.Query().Get("per_page") != "2" || link.Query().Get("order") != "desc" {
				t.Errorf("next is %v", link)
			}
			pages := first.At("pages").(object)
			delete(pages, "next")
			if diff := cmp.Diff(object{"type": "pages", "page": 1.0, "per_page": 2.0, "total_pages": 2.0}, pages); diff != "" {
				t.Error(diff)
			}
			want := object{"type": "pages", "next": nil, "page": 2.0, "per_page": 2.0, "total_pages": 2.0}
			if diff := cmp.Diff(want, r.Post(t, link.RequestURI(), nil).OK().At("pages")); diff != "" {
				t.Error(diff)
			}
			none := object{"type": "pages", "next": nil, "page": 1.0, "per_page": 15.0, "total_pages": 0.0}
			if diff := cmp.Diff(none, r.Get(t, "/companies?tag_id="+unused).OK().At("pages")); diff != "" {
				t.Error(diff)
			}
		})
		t.Run("an archived contact stays attached", func(t *testing.T) {
			contact := companyMember(t, r, lonely)
			if got := ids(t, r.Get(t, "/companies")); got[0] != lonely {
				t.Errorf("a company with a contact is not listed: %v", got)
			}
			r.Post(t, "/contacts/"+contact+"/archive", nil).OK()
			if got := ids(t, r.Get(t, "/companies")); got[0] != lonely {
				t.Errorf("a company with a contact is not listed: %v", got)
			}
			holds(t, r.Get(t, "/companies/"+lonely), nil, object{"user_count": 1.0})
			holds(t, r.Get(t, "/companies/"+lonely+"/contacts"), nil, object{"total_count": 0.0})
			r.Delete(t, "/contacts/"+contact, nil).OK()
			if got := ids(t, r.Get(t, "/companies")); slices.Contains(got, lonely) {
				t.Errorf("a company without contacts is listed: %v", got)
			}
			holds(t, r.Get(t, "/companies/"+lonely), nil, object{"user_count": 0.0})
		})
	})
}

// Walking along the links shows what was there exactly once, whatever is made
// and deleted meanwhile.
func TestCompanyListIsSteady(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		contact := companyMember(t, r)
		create := func() string {
			id := r.Post(t, "/companies", object{"company_id": model.NewUUID()}).OK().ID()
			r.Post(t, "/contacts/"+contact+"/companies", object{"id": id}).OK()
			return id
		}
		var before []string
		for i := range 12 {
			before = append(before, create())
			if i%3 == 0 {
				companyRequested(t, r, before[i], int64(1000+i/6)) // some at the same time
			}
		}
		tag := r.Post(t, "/tags", object{"name": "All", "companies": func() (all []any) {
			for _, id := range before {
				all = append(all, object{"id": id})
			}
			return all
		}()}).OK().ID()
		for _, call := range []string{
			"POST /companies/list?per_page=5", "POST /companies/list?per_page=5&order=asc", "GET /companies?per_page=1",
			"GET /companies?per_page=3&tag_id=" + tag, "GET /contacts/" + contact + "/companies?per_page=4",
		} {
			t.Run(call, func(t *testing.T) {
				method, path, _ := strings.Cut(call, " ")
				seen := map[string]int{}
				for page := 1; path != ""; page++ {
					a := r.Do(t, method, path, nil).OK()
					for _, id := range ids(t, a) {
						seen[id]++
					}
					if page > 100 || a.At("pages.page") != float64(page) {
						t.Fatalf("page %d: %s", page, a.Pretty())
					}
					path, _ = a.At("pages.next").(string)
					path = strings.TrimPrefix(path, "http://parley.test")
					if page < 4 {
						r.Post(t, "/tags", object{"name": "All", "companies": []any{object{"id": create()}}}).OK()
					}
					if page == 2 { // one that was made meanwhile goes, too
						r.Delete(t, "/companies/"+create(), nil).OK()
					}
				}
				for _, id := range before {
					if seen[id] != 1 {
						t.Errorf("%s was seen %d times", id, seen[id])
					}
				}
				for id, n := range seen {
					if n > 1 {
						t.Errorf("%s was seen %d times", id, n)
					}
				}
			})
		}
	})
}

// The list of all ends after ten thousand.
func TestCompanyListEnds(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		made := bulkCompanies(t, r, 10_001)
		inEveryCompany(t, r)
		for _, c := range []struct {
			name, query string
			items       int
			more        bool
		}{
			{"the page before the last", "page=166", 60, true},
			{"the page with the ten-thousandth", "page=167", 40, false},
			{"the page behind", "page=168", 0, false},
			{"a page far behind", "page=1000000", 0, false},
		} {
			t.Run(c.name, func(t *testing.T) {
				a := r.Post(t, "/companies/list?order=asc&per_page=60&"+c.query, nil)
				if got := ids(t, a); len(got) != c.items || (a.At("pages.next") != nil) != c.more {
					t.Errorf("%d items, next is %v", len(got), a.At("pages.next"))
				}
				holds(t, a, nil, object{"total_count": 10_000.0, "pages.total_pages": 167.0})
			})
		}
		t.Run("the last page of the right size", func(t *testing.T) {
			a := r.Get(t, "/companies?order=asc&per_page=50&page=200")
			if got := ids(t, a); len(got) != 50 || got[49] != made[9_999] || a.At("pages.next") != nil {
				t.Errorf("%d items, next is %v", len(got), a.At("pages.next"))
			}
		})
		t.Run("the list of a tag does not end", func(t *testing.T) {
			tag := r.Post(t, "/tags", object{"name": "All"}).OK().ID()
			writeRows(t, r, fmt.Sprintf(`INSERT INTO company_tags (workspace_id, company_id, tag_id, applied_at, applied_by)
				SELECT workspace_id, id, %s, 1, 1 FROM companies WHERE workspace_id = '%s'`, tag, r.Workspace.ID))
			a := r.Get(t, "/companies?order=asc&per_page=50&page=201&tag_id="+tag)
			if got := ids(t, a); len(got) != 1 || got[0] != made[10_000] || a.At("total_count") != 10_001.0 {
				t.Errorf("%d items of %v", len(got), a.At("total_count"))
			}
		})
	})
}

func TestCompanySegmentsAndTags(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r.Post(t, "/data_attributes", object{"name": "tier", "model": "company", "data_type": "integer"}).OK()
		small := r.Post(t, "/companies", `{"company_id":"Small","name":"Straße","size":5,"plan":"Free","custom_attributes":{"tier":1}}`).OK().ID()
		large := r.Post(t, "/companies", `{"company_id":"Large","size":500,"plan":"Pro","industry":"Software","website":"https://Large.test",
			"monthly_spend":99,"custom_attributes":{"tier":3}}`).OK().ID()
		contact := companyMember(t, r, small, large)
		companyMember(t, r, large)
		vip := r.Post(t, "/tags", object{"name": "VIP", "companies": []any{object{"id": large}}}).OK().ID()
		r.Clock.Pass(time.Second)
		old := r.Post(t, "/tags", object{"name": "Old", "companies": []any{object{"company_id": "Large"}}}).OK().ID()

		test := func(field, operator, value string) string {
			return `{"field":"` + field + `","operator":"` + operator + `","value":` + value + `}`
		}
		want := map[string][]string{}
		for _, c := range []struct {
			name, filter string
			in           []string
		}{
			{"name", test("name", "=", `"STRASSE"`), nil},
			{"name folded", test("name", "=", `"sTRAßE"`), []string{small}},
			{"name unset", test("name", "=", `null`), []string{large}},
			{"company_id", test("company_id", "=", `"large"`), []string{large}},
			{"id", test("id", "=", `"`+small+`"`), []string{small}},
			{"plan", test("plan", "IN", `["PRO","Enterprise"]`), []string{large}},
			{"not of the plan", test("plan", "!=", `"pro"`), []string{small}},
			{"size", test("size", ">", `5`), []string{large}},
			{"website", test("website", "$", `"LARGE.test"`), []string{large}},
			{"industry", test("industry", "~", `"soft"`), []string{large}},
			{"spend", test("monthly_spend", "<", `1`), []string{small}},
			{"sessions", test("session_count", "=", `0`), []string{small, large}},
			{"users", test("user_count", ">=", `2`), []string{large}},
			{"created", test("created_at", ">", `0`), []string{small, large}},
			{"created elsewhere", test("remote_created_at", "<", `4102444800`), []string{small, large}},
			{"updated", test("updated_at", "=", fmt.Sprint(apptest.Start.Unix())), []string{small, large}},
			{"requested", test("last_request_at", "!=", `null`), nil},
			{"tag", test("tag_id", "=", `"`+vip+`"`), []string{large}},
			{"not the tag", test("tag_id", "!=", `"`+vip+`"`), []string{small}},
			{"attribute", test("custom_attributes.tier", "<=", `1`), []string{small}},
			{"group", `{"operator":"OR","value":[` + test("size", "<", "10") + `,` + test("plan", "=", `"pro"`) + `]}`, []string{small, large}},
		} {
			id := companySegment(t, r, c.name, model.PersonCompany, c.filter)
			for _, company := range c.in {
				want[company] = append(want[company], id)
			}
			t.Run(c.name, func(t *testing.T) {
				got := ids(t, r.Get(t, "/companies?segment_id="+id))
				slices.Sort(got)
				in := slices.Sorted(slices.Values(c.in))
				if !slices.Equal(got, in) {
					t.Errorf("in it are %v, want %v", got, in)
				}
			})
		}
		for _, id := range []string{small, large} {
			t.Run("all of "+id, func(t *testing.T) {
				a := r.Get(t, "/companies/"+id).OK()
				segments := a.At("segments").(object)
				var got []string
				for _, s := range segments["segments"].([]any) {
					got = append(got, s.(object)["id"].(string))
				}
				if diff := cmp.Diff(slices.Sorted(slices.Values(want[id])), slices.Sorted(slices.Values(got))); diff != "" || segments["type"] != "segment.list" {
					t.Errorf("segments (-want +got):\n%s", diff)
				}
				attached := r.Get(t, "/companies/"+id+"/segments").OK()
				if diff := cmp.Diff(object{"type": "list", "data": segments["segments"]}, whole(attached)); diff != "" {
					t.Error(diff)
				}
				for _, list := range []*apptest.Answer{
					r.Get(t, "/companies"), r.Get(t, "/contacts/"+contact+"/companies"), r.Get(t, "/companies/scroll"),
				} {
					for _, item := range list.OK().At("data").([]any) {
						if item.(object)["id"] == id {
							if diff := cmp.Diff(whole(a), item); diff != "" {
								t.Errorf("%s: (-alone +listed)\n%s", list.Call, diff)
							}
						}
					}
				}
				r.Clock.Pass(time.Minute) // and the scroll is forgotten
			})
		}
		wantTags := object{"type": "tag.list", "tags": []any{
			object{"type": "tag", "id": old, "name": "Old"}, object{"type": "tag", "id": vip, "name": "VIP"},
		}}
		if diff := cmp.Diff(wantTags, r.Get(t, "/companies/"+large).OK().At("tags")); diff != "" {
			t.Error(diff)
		}
	})
}

// companyRequested says when a company made its last request.
func companyRequested(t *testing.T, r *apptest.Rig, id string, at int64) {
	t.Helper()
	patch := model.CompanyPatch{LastRequestAt: model.Some(at)}
	c, err := r.People.UpdateCompany(context.Background(), r.Actor(), model.CompanyID(id), patch)
	if err != nil || c.LastRequestAt != at {
		t.Fatal(c, err)
	}
}

// companySegment makes a segment of a filter that is written as in a search.
func companySegment(t *testing.T, r *apptest.Rig, name string, of model.PersonType, filter string) string {
	t.Helper()
	var f wire.Filter
	if err := json.Unmarshal([]byte(filter), &f); err != nil {
		t.Fatal(err)
	}
	g, err := r.People.PutSegment(context.Background(), r.Actor(), model.Segment{Name: name, PersonType: of, Filter: f.Filter})
	if err != nil {
		t.Fatal(err)
	}
	return string(g.ID)
}

// bulkCompanies makes many companies at once and returns their ids in order.
func bulkCompanies(t *testing.T, r *apptest.Rig, n int) []string {
	t.Helper()
	const prefix = "600000000000000" // older than what a test makes by the door
	err := r.Database.Update(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < CAST($1 AS BIGINT))
			INSERT INTO companies (workspace_id, id, company_id, monthly_spend, session_count, remote_created_at,
				created_at, updated_at, last_request_at, attributes, searchable)
			SELECT CAST($2 AS TEXT), CAST($3 AS TEXT) || CAST(100000000 + i AS TEXT), 'bulk-' || CAST(i AS TEXT),
				0, 0, 1, 1, 1, 0, '{}', '{}' FROM n`, n, r.Workspace.ID, prefix)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	made := make([]string, n)
	for i := range made {
		made[i] = fmt.Sprintf("%s%d", prefix, 100000001+i)
	}
	return made
}

// inEveryCompany attaches one contact to all companies, past what the API allows.
func inEveryCompany(t *testing.T, r *apptest.Rig) {
	t.Helper()
	writeRows(t, r, fmt.Sprintf(`INSERT INTO contact_companies (workspace_id, contact_id, company_id, created_at)
		SELECT workspace_id, '%s', id, 1 FROM companies WHERE workspace_id = '%s'`, companyMember(t, r), r.Workspace.ID))
}
