package api_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/model"
)

const noCompany = "0123456789abcdef01234567"

func TestCompanyIsShownWithoutWhatIsUnset(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		now := float64(apptest.Start.Unix())
		bare := object{
			"type": "company", "app_id": string(r.Workspace.ID), "remote_created_at": now, "created_at": now, "updated_at": now,
			"monthly_spend": 0.0, "session_count": 0.0, "user_count": 0.0, "plan": object{}, "custom_attributes": object{},
			"tags":     object{"type": "tag.list", "tags": []any{}},
			"segments": object{"type": "segment.list", "segments": []any{}},
		}
		for _, c := range []struct {
			name string
			body string
			want object // beside what every company has
		}{
			{"company_id alone", `{"company_id":"a"}`, object{"company_id": "a"}},
			{"name alone", `{"name":"Nameless"}`, object{"name": "Nameless"}},
			{"company_id as a number", `{"company_id":625}`, object{"company_id": "625"}},
			{"nulls", `{"company_id":"b","name":null,"plan":null,"size":null,"website":null,"industry":null,
				"monthly_spend":null,"remote_created_at":null,"custom_attributes":null}`, object{"company_id": "b"}},
			{"everything", `{"company_id":"c","name":"C & Co","size":0,"website":"any string","industry":"Software",
				"monthly_spend":155.98,"remote_created_at":1374138000,"plan":" Pro ","unknown":{"is":"ignored"}}`,
				object{"company_id": "c", "name": "C & Co", "size": 0.0, "website": "any string", "industry": "Software",
					"monthly_spend": 155.0, "remote_created_at": 1374138000.0,
					"plan": object{"type": "plan", "id": "1", "name": "Pro"}}},
			{"numbers as texts", `{"company_id":"d","size":"85","monthly_spend":"2147483647.5","remote_created_at":"1374138000"}`,
				object{"company_id": "d", "size": 85.0, "monthly_spend": 2147483647.0, "remote_created_at": 1374138000.0}},
			{"the plan of another", `{"company_id":"e","plan":"Pro"}`,
				object{"company_id": "e", "plan": object{"type": "plan", "id": "1", "name": "Pro"}}},
			{"a plan that differs by case", `{"company_id":"f","plan":"pro"}`,
				object{"company_id": "f", "plan": object{"type": "plan", "id": "2", "name": "pro"}}},
		} {
			t.Run(c.name, func(t *testing.T) {
				want := object{}
				for _, part := range []object{bare, c.want} {
					for k, v := range part {
						want[k] = v
					}
				}
				a := r.Post(t, "/companies", c.body).OK()
				want["id"] = a.ID()
				if len(a.ID()) != 24 {
					t.Errorf("the id is %q", a.ID())
				}
				for _, got := range []*apptest.Answer{a, r.Get(t, "/companies/"+a.ID()).OK()} {
					if diff := cmp.Diff(want, whole(got)); diff != "" {
						t.Errorf("%s (-want +got):\n%s", got.Call, diff)
					}
				}
			})
		}
	})
}

func TestCompanyRefusals(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		id := r.Post(t, "/companies", `{"company_id":"known","name":"Known"}`).OK().ID()
		before := r.Get(t, "/companies/"+id).OK()
		long := strings.Repeat("é", 256)
		for _, c := range []struct {
			name, body, code, message string
		}{
			{"only an unknown key", `{"test":"invalid"}`, "bad_request", "bad 'test' parameter"},
			{"the first of several unknown keys", `{"zeta":1,"alpha":2}`, "bad_request", "bad 'zeta' parameter"},
			{"no JSON", `{"company_id":`, "parameter_invalid", "The request body is not valid JSON"},
			{"no object", `["known"]`, "parameter_invalid", "The request body must be a JSON object"},
			{"size with a fraction", `{"company_id":"known","size":1.5}`, "parameter_invalid", "size is invalid"},
			{"size that is no number", `{"company_id":"known","size":"many"}`, "parameter_invalid", "size is invalid"},
			{"negative size", `{"company_id":"known","size":-1}`, "parameter_invalid", "Size must be between 0 and 2147483647"},
			{"too large a size", `{"company_id":"known","size":2147483648}`, "parameter_invalid", "Size must be between 0 and 2147483647"},
			{"negative spend", `{"company_id":"known","monthly_spend":-0.5}`, "parameter_invalid", "Monthly Spend must be between 0 and 2147483647"},
			{"too large a spend", `{"company_id":"known","monthly_spend":2147483648}`, "parameter_invalid", "Monthly Spend must be between 0 and 2147483647"},
			{"spend that is no number", `{"company_id":"known","monthly_spend":{}}`, "parameter_invalid", "monthly_spend is invalid"},
			{"negative time", `{"company_id":"known","remote_created_at":-1}`, "parameter_invalid", "remote_created_at is invalid"},
			{"plan as it is read", `{"company_id":"known","plan":{"name":"Pro"}}`, "parameter_invalid", "plan is invalid"},
			{"long name", `{"company_id":"known","name":"` + long + `"}`, "parameter_invalid", "Name is too long (maximum is 255 characters)"},
			{"long industry", `{"company_id":"known","industry":"` + long + `"}`, "parameter_invalid", "Industry is too long (maximum is 255 characters)"},
			{"long plan", `{"company_id":"known","plan":"` + long + `"}`, "parameter_invalid", "Plan is too long (maximum is 255 characters)"},
			{"long website", `{"company_id":"known","website":"` + strings.Repeat("w", 2049) + `"}`, "parameter_invalid", "Website is too long (maximum is 2048 characters)"},
			{"attribute that is an object", `{"company_id":"known","custom_attributes":{"a":{}}}`, "parameter_invalid",
				"Custom attribute 'a' is not of type Numeric, String or Boolean"},
		} {
			t.Run(c.name, func(t *testing.T) {
				r.Post(t, "/companies", c.body).Fails(http.StatusBadRequest, c.code, c.message)
				r.Put(t, "/companies/"+id, c.body).Fails(http.StatusBadRequest, c.code, c.message)
			})
		}
		for _, c := range []struct{ name, body string }{
			{"nothing", ""}, {"empty", `{}`}, {"null", `null`}, {"no company_id and no name", `{"size":5,"website":"x"}`},
			{"nulls", `{"company_id":null,"name":null}`}, {"blanks", `{"company_id":"","name":"  "}`},
		} {
			t.Run(c.name, func(t *testing.T) {
				r.Post(t, "/companies", c.body).Fails(http.StatusBadRequest, "parameter_not_found", "A company needs a company_id or a name")
			})
		}
		t.Run("long company_id", func(t *testing.T) {
			r.Post(t, "/companies", object{"company_id": long}).
				Fails(http.StatusBadRequest, "parameter_invalid", "Company ID is too long (maximum is 255 characters)")
		})
		t.Run("nothing was changed", func(t *testing.T) {
			if diff := cmp.Diff(whole(before), whole(r.Get(t, "/companies/"+id).OK())); diff != "" {
				t.Error(diff)
			}
		})
	})
}

func TestCompanyIsUpdated(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		full := `{"company_id":"acme","name":"Acme","plan":"Pro","size":85,"website":"acme.test","industry":"Software",
			"monthly_spend":10,"remote_created_at":1374138000}`
		id := r.Post(t, "/companies", full).OK().ID()
		now := apptest.Start.Unix()
		for _, c := range []struct {
			name   string
			method string
			body   string
			want   object // by key; nil for absent
		}{
			{"absent leaves, by company_id", "POST", `{"company_id":"acme","name":"Acme 2"}`,
				object{"name": "Acme 2", "size": 85.0, "website": "acme.test", "monthly_spend": 10.0, "remote_created_at": 1374138000.0}},
			{"absent leaves, by id", "PUT", `{"website":"2.acme.test"}`, object{"name": "Acme 2", "website": "2.acme.test", "industry": "Software"}},
			{"no body leaves all", "PUT", ``, object{"name": "Acme 2", "website": "2.acme.test"}},
			{"company_id stays", "PUT", `{"company_id":"other"}`, object{"company_id": "acme"}},
			{"company_id cannot be cleared", "PUT", `{"company_id":null}`, object{"company_id": "acme"}},
			{"plan changes", "PUT", `{"plan":"Free"}`, object{"plan": object{"type": "plan", "id": "2", "name": "Free"}}},
			{"null clears", "POST", `{"company_id":"acme","name":null,"size":null,"website":null,"industry":null,"monthly_spend":null,"plan":null,"remote_created_at":null}`,
				object{"name": nil, "size": nil, "website": nil, "industry": nil, "monthly_spend": 0.0, "plan": object{},
					"remote_created_at": float64(now)}},
			{"an empty text clears", "PUT", `{"website":"","industry":"","plan":""}`, object{"website": nil, "industry": nil, "plan": object{}}},
		} {
			t.Run(c.name, func(t *testing.T) {
				r.Clock.Pass(time.Second)
				path := "/companies"
				if c.method == "PUT" {
					path += "/" + id
				}
				a := r.Do(t, c.method, path, c.body).OK()
				c.want["id"], c.want["created_at"], c.want["updated_at"] = id, float64(now), float64(r.Clock.Now().Unix())
				for _, got := range []*apptest.Answer{a, r.Get(t, "/companies/"+id).OK()} {
					for key, want := range c.want {
						if diff := cmp.Diff(want, got.At(key)); diff != "" {
							t.Errorf("%s: %s (-want +got):\n%s", got.Call, key, diff)
						}
					}
				}
			})
		}
		t.Run("a company without company_id needs its name", func(t *testing.T) {
			id := r.Post(t, "/companies", `{"name":"Only"}`).OK().ID()
			r.Put(t, "/companies/"+id, `{"name":null}`).Fails(http.StatusBadRequest, "parameter_not_found", "A company needs a company_id or a name")
			if got := r.Put(t, "/companies/"+id, `{"company_id":"late","name":"Renamed"}`).OK(); got.At("company_id") != nil || got.At("name") != "Renamed" {
				t.Error(got.Pretty())
			}
		})
	})
}

// Without a company_id the name says which company is meant, among those that
// have none either: a request that is sent again makes no second one.
func TestCompanyIsSavedByName(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		identified := r.Post(t, "/companies", `{"company_id":"1","name":"Acme"}`).OK().ID()
		named := r.Post(t, "/companies", `{"name":"Acme","size":1}`).OK().ID()
		if named == identified {
			t.Fatal("a name found a company that has a company_id")
		}
		if again := r.Post(t, "/companies", `{"name":"ACME","website":"acme.test"}`).OK(); again.ID() != named ||
			again.At("size") != 1.0 || again.At("name") != "ACME" {
			t.Error(again.Pretty())
		}
		if other := r.Post(t, "/companies", `{"company_id":"2","name":"Acme"}`).OK(); other.ID() == named || other.ID() == identified {
			t.Error(other.Pretty())
		}
	})
}

func TestCompanyIsFound(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		_, _, stranger := r.NewWorkspace(t)
		first := r.Post(t, "/companies", `{"company_id":"1","name":"Zoë & Co"}`).OK().ID()
		r.Clock.Pass(time.Second)
		second := r.Post(t, "/companies", `{"company_id":"2","name":"Zoë & Co"}`).OK().ID()
		named := r.Post(t, "/companies", `{"name":"Named"}`).OK().ID()
		for _, c := range []struct{ name, query, want string }{
			{"company_id", "company_id=2", second},
			{"name: the first of several", "name=Zo%C3%AB+%26+Co", first},
			{"name in another case", "name=ZO%C3%8B+%26+CO", first},
			{"name of one without company_id", "name=named", named},
			{"company_id before name", "company_id=2&name=Named", second},
			{"an empty company_id is none", "company_id=&name=Named", named},
			{"company_id before tag_id", "company_id=1&tag_id=7", first},
		} {
			t.Run(c.name, func(t *testing.T) {
				if got := r.Get(t, "/companies?"+c.query).OK(); got.At("id") != c.want || got.At("type") != "company" {
					t.Errorf("want %s, got %s", c.want, got.Pretty())
				}
			})
		}
		for _, c := range []struct{ name, path, token string }{
			{"unknown company_id", "/companies?company_id=3", r.Token},
			{"company_id in another case", "/companies?company_id=x", r.Token},
			{"unknown name", "/companies?name=Nobody", r.Token},
			{"unknown id", "/companies/" + noCompany, r.Token},
			{"malformed id", "/companies/625e90fc", r.Token},
			{"company_id for an id", "/companies/1", r.Token},
			{"company_id of another workspace", "/companies?company_id=1", stranger},
			{"name of another workspace", "/companies?name=Named", stranger},
			{"id of another workspace", "/companies/" + first, stranger},
			{"contacts of another workspace's", "/companies/" + first + "/contacts", stranger},
			{"segments of another workspace's", "/companies/" + first + "/segments", stranger},
			{"contacts of an unknown one", "/companies/" + noCompany + "/contacts", r.Token},
			{"segments of an unknown one", "/companies/" + noCompany + "/segments", r.Token},
		} {
			t.Run(c.name, func(t *testing.T) {
				r.Get(t, c.path, apptest.As(c.token)).Fails(http.StatusNotFound, "company_not_found", "Company Not Found")
			})
		}
		t.Run("one company_id in two workspaces", func(t *testing.T) {
			theirs := r.Post(t, "/companies", `{"company_id":"1","name":"Theirs"}`, apptest.As(stranger)).OK()
			if theirs.ID() == first || r.Get(t, "/companies?company_id=1").OK().At("name") != "Zoë & Co" {
				t.Error(theirs.Pretty())
			}
		})
		t.Run("writing to another workspace's", func(t *testing.T) {
			r.Put(t, "/companies/"+first, `{"name":"Mine"}`, apptest.As(stranger)).Fails(http.StatusNotFound, "company_not_found", "Company Not Found")
			r.Delete(t, "/companies/"+first, nil, apptest.As(stranger)).Fails(http.StatusNotFound, "company_not_found", "Company Not Found")
		})
	})
}

func TestCompanyIsDeleted(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		company := r.Post(t, "/companies", `{"company_id":"1","name":"Acme","plan":"Pro"}`).OK()
		contact := companyMember(t, r, company.ID())
		r.Post(t, "/tags", object{"name": "VIP", "companies": []any{object{"company_id": "1"}}}).OK()

		deleted := r.Delete(t, "/companies/"+company.ID(), `{"ignored":true}`).OK()
		if diff := cmp.Diff(object{"id": company.ID(), "object": "company", "deleted": true}, whole(deleted)); diff != "" {
			t.Error(diff)
		}
		for _, method := range []string{"GET", "PUT", "DELETE"} {
			r.Do(t, method, "/companies/"+company.ID(), nil).Fails(http.StatusNotFound, "company_not_found", "Company Not Found")
		}
		r.Get(t, "/companies?company_id=1").Fails(http.StatusNotFound, "company_not_found", "Company Not Found")
		if left := r.Get(t, "/contacts/"+contact).OK(); left.At("companies.total_count") != 0.0 {
			t.Error(left.Pretty())
		}
		r.Delete(t, "/contacts/"+contact+"/companies/"+company.ID(), nil).Fails(http.StatusNotFound, "company_not_found", "Company Not Found")

		again := r.Post(t, "/companies", `{"company_id":"1"}`).OK()
		if again.ID() == company.ID() || again.At("name") != nil || again.At("user_count") != 0.0 || again.At("tags.tags.0") != nil {
			t.Error(again.Pretty())
		}
	})
}

func TestCompanyAttributes(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for name, kind := range map[string]string{"tier": "integer", "ratio": "float", "paid": "boolean", "region": "string"} {
			r.Post(t, "/data_attributes", object{"name": name, "model": "company", "data_type": kind}).OK()
		}
		for _, c := range []struct {
			name, patch string
			want        object
		}{
			{"values of each type", `{"tier":2,"ratio":155.5,"paid":true,"region":"EU"}`, object{"tier": 2.0, "ratio": 155.5, "paid": true, "region": "EU"}},
			{"a name alone is changed", `{"tier":3}`, object{"tier": 3.0, "ratio": 155.5, "paid": true, "region": "EU"}},
			{"null clears a name", `{"ratio":null,"paid":null}`, object{"tier": 3.0, "region": "EU"}},
			{"an empty object leaves all", `{}`, object{"tier": 3.0, "region": "EU"}},
			{"values are brought into form", `{"tier":"4","region":7}`, object{"tier": 4.0, "region": "7"}},
		} {
			t.Run(c.name, func(t *testing.T) {
				got := r.Post(t, "/companies", `{"company_id":"1","custom_attributes":`+c.patch+`}`).OK()
				if diff := cmp.Diff(c.want, got.At("custom_attributes")); diff != "" {
					t.Error(diff)
				}
			})
		}
		for _, c := range []struct{ name, patch string }{
			{"an undeclared name", `{"nope":1}`}, {"a value of another type", `{"tier":"many"}`},
		} {
			t.Run(c.name, func(t *testing.T) {
				r.Post(t, "/companies", `{"company_id":"2","custom_attributes":`+c.patch+`}`).Is(http.StatusBadRequest)
				r.Get(t, "/companies?company_id=2").Is(http.StatusNotFound)
				r.Post(t, "/companies", `{"company_id":"1","name":"Changed","custom_attributes":`+c.patch+`}`).Is(http.StatusBadRequest)
				holds(t, r.Get(t, "/companies?company_id=1"), nil, object{"name": nil, "custom_attributes": object{"tier": 4.0, "region": "7"}})
			})
		}
	})
}

func TestCompanyIsSavedByManyAtOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, c := range []struct{ name, body string }{
			{"by company_id", `{"company_id":"1","name":"Acme","plan":"Pro"}`},
			{"by name", `{"name":"Acme","plan":"Free"}`},
		} {
			t.Run(c.name, func(t *testing.T) {
				answers := atOnce(8, func(int) *apptest.Answer { return r.Post(t, "/companies", c.body) })
				for _, a := range answers {
					if a.OK().ID() != answers[0].ID() || a.At("plan.id") != answers[0].At("plan.id") {
						t.Errorf("two companies or plans: %s and %s", answers[0].Body, a.Body)
					}
				}
			})
		}
		if all := scrollAll(t, r); len(all) != 2 {
			t.Errorf("there are %d companies", len(all))
		}
	})
}

// atOnce calls fn n times side by side.
func atOnce(n int, fn func(i int) *apptest.Answer) []*apptest.Answer {
	answers := make([]*apptest.Answer, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { answers[i] = fn(i) })
	}
	all.Wait()
	return answers
}

// companyMember makes a contact that is one of the companies'.
func companyMember(t *testing.T, r *apptest.Rig, companies ...string) string {
	t.Helper()
	contact := r.Post(t, "/contacts", object{"external_id": model.NewUUID()}).OK().ID()
	for _, id := range companies {
		r.Post(t, "/contacts/"+contact+"/companies", object{"id": id}).OK()
	}
	return contact
}

// whole is all of an answer.
func whole(a *apptest.Answer) object {
	var v object
	a.Decode(&v)
	return v
}

// writeRows changes what no operation does.
func writeRows(t *testing.T, r *apptest.Rig, statements ...string) {
	t.Helper()
	err := r.Database.Update(context.Background(), func(tx *db.Tx) error {
		for _, s := range statements {
			if _, err := tx.Exec(s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
