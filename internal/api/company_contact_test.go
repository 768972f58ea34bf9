package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
)

func TestCompanyAttachAndDetach(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		company := r.Post(t, "/companies", `{"company_id":"1","name":"Acme"}`).OK()
		contact := r.Post(t, "/contacts", `{"email":"joe@acme.test"}`).OK()
		path := "/contacts/" + contact.ID() + "/companies"
		r.Clock.Pass(time.Second)
		want := whole(company)
		want["user_count"] = 1.0
		for _, name := range []string{"attach", "attach again"} {
			t.Run(name, func(t *testing.T) {
				if diff := cmp.Diff(want, whole(r.Post(t, path, object{"id": company.ID()}).OK())); diff != "" {
					t.Error(diff)
				}
			})
		}
		t.Run("both sides show it and are not touched", func(t *testing.T) {
			if diff := cmp.Diff(want, whole(r.Get(t, "/companies/"+company.ID()).OK())); diff != "" {
				t.Error(diff)
			}
			holds(t, r.Get(t, "/contacts/"+contact.ID()), nil, object{
				"updated_at": contact.At("updated_at"), "companies.total_count": 1.0,
				"companies.data": []any{object{"type": "company", "id": company.ID(), "url": "/companies/" + company.ID()}},
			})
			if diff := cmp.Diff([]any{any(want)}, r.Get(t, path).OK().At("data")); diff != "" {
				t.Error(diff)
			}
			attached := r.Get(t, "/companies/"+company.ID()+"/contacts").OK()
			if got := ids(t, attached); !slices.Equal(got, []string{contact.ID()}) || attached.At("data.0.companies.total_count") != 1.0 {
				t.Error(attached.Pretty())
			}
		})
		t.Run("detach", func(t *testing.T) {
			want["user_count"] = 0.0
			if diff := cmp.Diff(want, whole(r.Delete(t, path+"/"+company.ID(), nil).OK())); diff != "" {
				t.Error(diff)
			}
			r.Delete(t, path+"/"+company.ID(), nil).Fails(http.StatusNotFound, "company_not_found", "Company Not Found")
			holds(t, r.Get(t, "/contacts/"+contact.ID()), nil, object{"companies.total_count": 0.0})
			r.Get(t, "/companies/"+company.ID()).OK()
		})
	})
}

func TestCompanyAttachRefusals(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		_, _, stranger := r.NewWorkspace(t)
		company := r.Post(t, "/companies", `{"company_id":"1"}`).OK().ID()
		theirs := r.Post(t, "/companies", `{"company_id":"1"}`, apptest.As(stranger)).OK().ID()
		contact := r.Post(t, "/contacts", `{"email":"joe@acme.test"}`).OK().ID()
		path := "/contacts/" + contact + "/companies"
		nobody := "/contacts/" + noCompany + "/companies"
		for _, c := range []struct {
			name, call, body string
			want             refusal
		}{
			{"no body", "POST " + path, ``, *missing("company not specified")},
			{"null", "POST " + path, `null`, *missing("company not specified")},
			{"no id", "POST " + path, `{"company_id":"1"}`, *missing("company not specified")},
			{"a null id", "POST " + path, `{"id":null}`, *missing("company not specified")},
			{"an empty id", "POST " + path, `{"id":""}`, *missing("company not specified")},
			{"no company before no contact", "POST " + nobody, ``, *missing("company not specified")},
			{"an id that is no text", "POST " + path, `{"id":{}}`, *invalid("id is invalid")},
			{"unknown company", "POST " + path, `{"id":"123"}`, refusal{404, "company_not_found", "Company Not Found"}},
			{"a company_id for an id", "POST " + path, `{"id":1}`, refusal{404, "company_not_found", "Company Not Found"}},
			{"another workspace's company", "POST " + path, `{"id":"` + theirs + `"}`, refusal{404, "company_not_found", "Company Not Found"}},
			{"unknown contact", "POST " + nobody, `{"id":"` + company + `"}`, refusal{404, "not_found", "User Not Found"}},
			{"unknown contact and company", "POST " + nobody, `{"id":"123"}`, refusal{404, "not_found", "User Not Found"}},
			{"list of an unknown contact", "GET " + nobody, ``, refusal{404, "not_found", "User Not Found"}},
			{"too big a page of companies", "GET " + path + "?per_page=61", ``, *invalid("Per Page is too big")},
			{"too big a page of contacts", "GET /companies/" + company + "/contacts?per_page=61", ``, *invalid("Per Page is too big")},
			{"detach from what it is not in", "DELETE " + path + "/" + company, ``, refusal{404, "company_not_found", "Company Not Found"}},
			{"detach from an unknown company", "DELETE " + path + "/" + noCompany, ``, refusal{404, "company_not_found", "Company Not Found"}},
			{"detach an unknown contact", "DELETE " + nobody + "/" + company, ``, refusal{404, "not_found", "User Not Found"}},
		} {
			t.Run(c.name, func(t *testing.T) {
				method, path, _ := strings.Cut(c.call, " ")
				r.Do(t, method, path, c.body).Fails(c.want.status, c.want.code, c.want.message)
			})
		}
		t.Run("another workspace's contact", func(t *testing.T) {
			r.Post(t, path, object{"id": theirs}, apptest.As(stranger)).Fails(404, "not_found", "User Not Found")
			r.Get(t, path, apptest.As(stranger)).Fails(404, "not_found", "User Not Found")
			r.Delete(t, path+"/"+company, nil, apptest.As(stranger)).Fails(404, "not_found", "User Not Found")
		})
	})
}

func TestCompanyLimitOfAContact(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		made := bulkCompanies(t, r, model.MaxContactCompanies+2)
		contact := companyMember(t, r)
		writeRows(t, r, fmt.Sprintf(`INSERT INTO contact_companies (workspace_id, contact_id, company_id, created_at)
			SELECT workspace_id, '%s', id, 1 FROM companies WHERE workspace_id = '%s' AND id <= '%s'`, contact, r.Workspace.ID, made[998]))
		path := "/contacts/" + contact + "/companies"

		var accepted []string
		for i, a := range atOnce(3, func(i int) *apptest.Answer { return r.Post(t, path, object{"id": made[999+i]}) }) {
			if a.Status == http.StatusOK {
				accepted = append(accepted, made[999+i])
			} else {
				a.Fails(http.StatusBadRequest, "contact_company_limit_exceeded", "Contact has reached the maximum of 1000 company associations")
			}
		}
		if len(accepted) != 1 {
			t.Fatalf("%d were attached as the thousandth", len(accepted))
		}
		r.Post(t, path, object{"id": made[5]}).OK() // it has that one
		holds(t, r.Get(t, "/contacts/"+contact), nil, object{"companies.total_count": 1000.0})
		r.Delete(t, path+"/"+made[5], nil).OK()
		r.Post(t, path, object{"id": made[5]}).OK()
	})
}

func TestCompanyAttachAtOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		company := r.Post(t, "/companies", `{"company_id":"1"}`).OK().ID()
		contact := companyMember(t, r)
		t.Run("one contact", func(t *testing.T) {
			for _, a := range atOnce(6, func(int) *apptest.Answer {
				return r.Post(t, "/contacts/"+contact+"/companies", object{"id": company})
			}) {
				holds(t, a, nil, object{"user_count": 1.0})
			}
		})
		t.Run("several contacts", func(t *testing.T) {
			var contacts []string
			for range 6 {
				contacts = append(contacts, companyMember(t, r))
			}
			for _, a := range atOnce(6, func(i int) *apptest.Answer {
				return r.Post(t, "/contacts/"+contacts[i]+"/companies", object{"id": company})
			}) {
				a.OK()
			}
			holds(t, r.Get(t, "/companies/"+company), nil, object{"user_count": 7.0})
		})
		t.Run("while the company is deleted", func(t *testing.T) {
			for _, a := range atOnce(6, func(i int) *apptest.Answer {
				if i == 3 {
					return r.Delete(t, "/companies/"+company, nil)
				}
				return r.Post(t, "/contacts/"+contact+"/companies", object{"id": company})
			}) {
				if a.Status != http.StatusOK {
					a.Fails(http.StatusNotFound, "company_not_found", "Company Not Found")
				}
			}
			r.Get(t, "/companies/"+company).Is(http.StatusNotFound)
			holds(t, r.Get(t, "/contacts/"+contact), nil, object{"companies.total_count": 0.0})
		})
	})
}

func TestCompanyContactsArePaged(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		company := r.Post(t, "/companies", `{"company_id":"1"}`).OK().ID()
		empty := r.Get(t, "/companies/"+company+"/contacts").OK()
		if diff := cmp.Diff(object{"type": "list", "data": []any{}, "total_count": 0.0,
			"pages": object{"type": "pages", "page": 1.0, "per_page": 50.0, "total_pages": 0.0}}, whole(empty)); diff != "" {
			t.Error(diff)
		}
		var before []string
		for i := range 7 {
			before = append(before, companyMember(t, r, company))
			if i%3 == 0 {
				r.Clock.Pass(time.Second)
			}
		}
		seen := map[string]int{}
		path := "/companies/" + company + "/contacts?per_page=2"
		for page := 1; path != ""; page++ {
			a := r.Get(t, path).OK()
			for _, id := range ids(t, a) {
				seen[id]++
			}
			holds(t, a, nil, object{"pages.page": float64(page), "pages.per_page": 2.0})
			next, _ := a.At("pages.next").(string)
			path = strings.TrimPrefix(next, "http://parley.test")
			if page <= 4 { // of the same second as some that are there
				companyMember(t, r, company)
			}
		}
		for _, id := range before {
			if seen[id] != 1 {
				t.Errorf("%s was seen %d times", id, seen[id])
			}
		}
		if last := r.Get(t, "/companies/"+company+"/contacts?page=60&per_page=60").OK(); len(ids(t, last)) != 0 {
			t.Error(last.Pretty())
		}
		newest := r.Get(t, "/companies/"+company+"/contacts?page=1&per_page=60").OK()
		if _, there := newest.At("pages").(object)["next"]; there || newest.At("total_count") != 11.0 || len(ids(t, newest)) != 11 {
			t.Error(newest.Pretty())
		}
	})
}

func TestCompanyAttachedOrder(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		var companies, contacts []string
		for i := range 3 {
			companies = append(companies, r.Post(t, "/companies", object{"company_id": fmt.Sprint(i)}).OK().ID())
			contacts = append(contacts, companyMember(t, r))
		}
		for _, i := range []int{1, 0, 2} {
			r.Clock.Pass(time.Second)
			r.Post(t, "/contacts/"+contacts[0]+"/companies", object{"id": companies[i]}).OK()
			if i > 0 {
				r.Post(t, "/contacts/"+contacts[i]+"/companies", object{"id": companies[0]}).OK()
			}
		}
		for path, want := range map[string][]string{
			"/contacts/" + contacts[0] + "/companies":  {companies[2], companies[0], companies[1]},
			"/companies/" + companies[0] + "/contacts": {contacts[2], contacts[0], contacts[1]},
		} {
			if diff := cmp.Diff(want, ids(t, r.Get(t, path))); diff != "" {
				t.Errorf("%s is not by the latest attached (-want +got):\n%s", path, diff)
			}
		}
	})
}
