package api_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/apptest"
	"parley/internal/model"
)

func TestTagLife(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		is(t, r.Get(t, "/tags"), `{"type":"list","data":[]}`)
		is(t, r.Post(t, "/tags", `{"name":" test "}`), `{"type":"tag","id":"1","name":"test"}`)
		is(t, r.Post(t, "/tags", `{"name":"TEST"}`), `{"type":"tag","id":"1","name":"test"}`)
		is(t, r.Post(t, "/tags", `{"name":"other","id":null}`), `{"type":"tag","id":"2","name":"other"}`)
		is(t, r.Post(t, "/tags", `{"id":"1","name":"Renamed"}`), `{"type":"tag","id":"1","name":"Renamed"}`)
		is(t, r.Post(t, "/tags", `{"id":1,"name":"RENAMED"}`), `{"type":"tag","id":"1","name":"RENAMED"}`)
		is(t, r.Get(t, "/tags/1"), `{"type":"tag","id":"1","name":"RENAMED"}`)
		is(t, r.Get(t, "/tags"), `{"type":"list","data":[{"type":"tag","id":"1","name":"RENAMED"},{"type":"tag","id":"2","name":"other"}]}`)
		r.Post(t, "/tags", `{"id":"1","name":"OTHER"}`).Fails(400, "parameter_invalid", "A tag named 'OTHER' already exists")
		is(t, r.Post(t, "/tags", `{"name":"test"}`), `{"type":"tag","id":"3","name":"test"}`)

		if a := r.Delete(t, "/tags/1", `{}`).OK(); len(a.Body) != 0 {
			t.Errorf("a deleted tag answers %s", a.Body)
		}
		r.Get(t, "/tags/1").Fails(404, "not_found", "Resource Not Found")
		r.Delete(t, "/tags/1", nil).Fails(404, "not_found", "Resource Not Found")
		if id := r.Post(t, "/tags", `{"name":"renamed"}`).OK().ID(); id != "4" {
			t.Errorf("a new tag of an old name has the id %s", id)
		}
	})
}

func TestTagRefusals(t *testing.T) {
	bad := "invalid tag parameters"
	tests := []struct {
		name    string
		body    string
		refused *refusal
	}{
		{"the published failure", `{"test":"invalid"}`, invalid(bad)},
		{"no body", ``, invalid(bad)},
		{"no name", `{"id":"1"}`, invalid(bad)},
		{"an empty name", `{"name":""}`, invalid(bad)},
		{"a blank name", `{"name":"  "}`, invalid(bad)},
		{"a blank new name", `{"id":"1","name":" "}`, invalid(bad)},
		{"companies without a name", `{"companies":[{"company_id":"123"}]}`, invalid(bad)},
		{"a name too long", `{"name":"` + strings.Repeat("x", 256) + `"}`, invalid("Name is too long (maximum is 255 characters)")},
		{"a name that is a list", `{"name":["a"]}`, invalid("name is invalid")},
		{"an unknown tag", `{"id":"404","name":"new"}`, &refusal{404, "not_found", "Resource Not Found"}},
		{"an id that is none", `{"id":"vip","name":"new"}`, &refusal{404, "not_found", "Resource Not Found"}},
		{"the published company", `{"name":"new","companies":[{"company_id":"123"}]}`, &refusal{404, "company_not_found", "Company Not Found"}},
		{"a company that nobody names", `{"name":"new","companies":[{}]}`, &refusal{404, "company_not_found", "Company Not Found"}},
		{"the published user", `{"name":"new","users":[{"id":"123"}]}`, &refusal{404, "not_found", "User Not Found"}},
		{"a user that nobody names", `{"name":"new","users":[{"untag":true}]}`, &refusal{404, "not_found", "User Not Found"}},
		{"a user of an unknown external id", `{"name":"new","users":[{"user_id":"123"}]}`, &refusal{404, "not_found", "User Not Found"}},
		{"a user of an unknown address", `{"name":"new","users":[{"email":"no@x.test"}]}`, &refusal{404, "not_found", "User Not Found"}},
		{"a user of an address of one who is archived", `{"name":"new","users":[{"email":"archived@x.test"}]}`, &refusal{404, "not_found", "User Not Found"}},
		{"a user of an address of two", `{"name":"new","users":[{"email":"two@x.test"}]}`, &refusal{409, "conflict", "Multiple existing users match this email address - must be more specific using user_id"}},
		{"companies that are one", `{"name":"new","companies":{"id":"1"}}`, invalid("companies is invalid")},
		{"companies that are texts", `{"name":"new","companies":["1"]}`, invalid("companies.0 is invalid")},
		{"an untag that is no truth value", `{"name":"new","users":[{"id":"1","untag":"maybe"}]}`, invalid("users.0.untag is invalid")},
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r.Post(t, "/tags", `{"name":"old"}`).OK()
		r.Post(t, "/contacts", `{"external_id":"1","email":"two@x.test"}`).OK()
		r.Post(t, "/contacts", `{"external_id":"2","email":"two@x.test"}`).OK()
		archived := r.Post(t, "/contacts", `{"email":"archived@x.test"}`).OK().ID()
		r.Post(t, "/contacts/"+archived+"/archive", nil).OK()
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				r.Post(t, "/tags", tt.body).Fails(tt.refused.status, tt.refused.code, tt.refused.message)
				is(t, r.Get(t, "/tags"), `{"type":"list","data":[{"type":"tag","id":"1","name":"old"}]}`)
			})
		}
	})
}

// One call tags and untags many, contacts by id, external id or address; and if
// one of them is unknown, nobody.
func TestTagContacts(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		var contacts []string
		for _, body := range []string{`{"external_id":"a"}`, `{"email":"b@x.test"}`, `{"role":"lead","external_id":"c"}`} {
			contacts = append(contacts, r.Post(t, "/contacts", body).OK().ID())
		}
		names := map[string]string{contacts[0]: "a", contacts[1]: "b", contacts[2]: "c"}
		tagged := func(want ...string) {
			t.Helper()
			finds(t, r, names, filter("tag_id", "=", "1"), want...)
		}
		is(t, r.Post(t, "/tags", `{"name":"VIP","users":[{"id":"`+contacts[0]+`"},{"email":"B@X.test"}]}`), `{"type":"tag","id":"1","name":"VIP"}`)
		tagged("a", "b")
		r.Post(t, "/tags", `{"name":"vip","users":[{"user_id":"c"},{"id":"404"}]}`).Fails(404, "not_found", "User Not Found")
		tagged("a", "b")
		r.Post(t, "/tags", `{"name":"vip","users":[{"user_id":"a","untag":true},{"user_id":"nobody"}]}`).Fails(404, "not_found", "User Not Found")
		tagged("a", "b")
		r.Post(t, "/tags", `{"name":"vip","users":[{"user_id":"a","untag":true},{"user_id":"c"},{"user_id":"c"}]}`).OK()
		tagged("b", "c")
		r.Post(t, "/tags", `{"name":"vip","users":[{"user_id":"a","untag":"true"},{"email":"b@x.test","untag":true}]}`).OK() // a has none
		tagged("c")
		r.Post(t, "/tags", `{"name":"vip","users":[{"user_id":"a","untag":true},{"user_id":"a"},{"user_id":"c"},{"user_id":"c","untag":true}]}`).OK() // the last mention counts
		tagged("a")
		r.Post(t, "/tags", `{"name":"vip","users":[{"user_id":"a","untag":true},{"user_id":"c"}]}`).OK()
		tagged("c")
		is(t, r.Post(t, "/tags", `{"name":"nobody's","users":[]}`), `{"type":"tag","id":"2","name":"nobody's"}`)
		r.Delete(t, "/tags/1", nil).OK() // what is tagged is no obstacle
		holds(t, r.Get(t, "/contacts/"+contacts[2]), nil, object{"tags.total_count": 0.})
	})
}

func TestTagCompanies(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		one := r.Post(t, "/companies", `{"company_id":"1","name":"One"}`).OK().ID()
		two := r.Post(t, "/companies", `{"company_id":"2","name":"Two"}`).OK().ID()
		has := func(company string, want ...any) {
			t.Helper()
			list := []any{}
			for _, name := range want {
				list = append(list, object{"type": "tag", "id": "1", "name": name})
			}
			holds(t, r.Get(t, "/companies/"+company), nil, object{"tags": object{"type": "tag.list", "tags": list}})
		}
		is(t, r.Post(t, "/tags", `{"name":"VIP","companies":[{"id":"`+one+`"},{"company_id":"2"}]}`), `{"type":"tag","id":"1","name":"VIP"}`)
		has(one, "VIP")
		has(two, "VIP")
		r.Post(t, "/tags", `{"name":"VIP","companies":[{"id":"`+one+`","untag":true},{"id":"404"}]}`).Fails(404, "company_not_found", "Company Not Found")
		has(one, "VIP")
		r.Post(t, "/tags", `{"name":"vip","companies":[{"id":"`+one+`","untag":true}]}`).OK()
		r.Post(t, "/tags", `{"name":"vip","companies":[{"company_id":1,"untag":true}]}`).OK()
		has(one)
		has(two, "VIP")
	})
}

// A tag that a segment asks for cannot be deleted.
func TestTagInUse(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		used := r.Post(t, "/tags", `{"name":"used"}`).OK().ID()
		free := r.Post(t, "/tags", `{"name":"free"}`).OK().ID()
		for _, name := range []string{"Seg 1", "Seg 2"} {
			_, err := r.People.PutSegment(context.Background(), r.Actor(), model.Segment{Name: name, PersonType: model.PersonUser,
				Filter: model.Filter{Operator: model.And, Filters: []model.Filter{{Field: "role", Operator: model.Equal, Value: "user"},
					{Field: "tag_id", Operator: model.NotEqual, Value: used}}}})
			if err != nil {
				t.Fatal(err)
			}
		}
		r.Delete(t, "/tags/"+used, nil).Fails(400, "tag_has_dependent_objects",
			"Unable to delete Tag with dependent objects. Segments: Seg 1, Seg 2.")
		r.Get(t, "/tags/"+used).OK()
		r.Delete(t, "/tags/"+free, nil).OK()
	})
}

func TestTagsOnAContact(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		c := r.Post(t, "/contacts", `{"external_id":"a"}`).OK().ID()
		for _, name := range []string{"one", "two", "three"} {
			r.Post(t, "/tags", object{"name": name}).OK()
		}
		applied := func(id, name string, at int64) string {
			return fmt.Sprintf(`{"type":"tag","id":"%s","name":"%s","applied_at":%d,"applied_by":{"type":"admin","id":"%s"}}`, id, name, at, r.Admin.ID)
		}
		const at = 1768478400
		is(t, r.Get(t, "/contacts/"+c+"/tags"), `{"type":"list","data":[]}`)
		is(t, r.Post(t, "/contacts/"+c+"/tags", `{"id":"2"}`), applied("2", "two", at))
		r.Clock.Pass(time.Second)
		is(t, r.Post(t, "/contacts/"+c+"/tags", `{"id":1}`), applied("1", "one", at+1))
		is(t, r.Post(t, "/contacts/"+c+"/tags", `{"id":"2"}`), applied("2", "two", at)) // twice is once
		is(t, r.Post(t, "/contacts/"+c+"/tags", `{"id":"3"}`), applied("3", "three", at+1))
		is(t, r.Get(t, "/contacts/"+c+"/tags"), `{"type":"list","data":[`+applied("3", "three", at+1)+`,`+applied("1", "one", at+1)+`,`+applied("2", "two", at)+`]}`)
		holds(t, r.Get(t, "/contacts/"+c), nil, object{"tags.data.0.id": "3", "tags.data.1.id": "1", "tags.data.2.id": "2", "tags.total_count": 3.})

		is(t, r.Delete(t, "/contacts/"+c+"/tags/2", nil), applied("2", "two", at))
		r.Delete(t, "/contacts/"+c+"/tags/2", nil).Fails(404, "not_found", "Resource Not Found")
		for _, id := range []string{"404", "vip", "02", "+1", "9223372036854775808", "-1", "1.0"} {
			r.Post(t, "/contacts/"+c+"/tags", object{"id": id}).Fails(404, "not_found", "Resource Not Found")
			r.Delete(t, "/contacts/"+c+"/tags/"+id, nil).Fails(404, "not_found", "Resource Not Found")
			r.Get(t, "/tags/"+id).Fails(404, "not_found", "Resource Not Found")
		}
		r.Post(t, "/contacts/"+c+"/tags", nil).Fails(404, "not_found", "Resource Not Found")
		r.Post(t, "/contacts/"+c+"/tags", `{"id":{}}`).Fails(400, "parameter_invalid", "id is invalid")
		holds(t, r.Get(t, "/contacts/"+c), nil, object{"tags.total_count": 2.})
	})
}

// However many make a tag at once, there is one.
func TestTagMadeByManyAtOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		var made sync.WaitGroup
		answers := make([]*apptest.Answer, 16)
		for i := range answers {
			made.Go(func() { answers[i] = r.Post(t, "/tags", object{"name": []string{"vip", "VIP"}[i%2]}) })
		}
		made.Wait()
		for _, a := range answers {
			if a.OK().ID() != answers[0].ID() {
				t.Errorf("one is %s, another %s", answers[0].Body, a.Body)
			}
		}
		if n := len(ids(t, r.Get(t, "/tags"))); n != 1 {
			t.Errorf("there are %d tags", n)
		}
	})
}
