package api_test

import (
	"testing"

	"parley/internal/apptest"
	"parley/internal/model"
)

func TestCounts(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, c := range []struct{ path, want string }{
			{"/counts", `{"type":"count.hash","company":{"count":0},"user":{"count":0},"lead":{"count":0},"tag":{"count":0},"segment":{"count":0}}`},
			{"/counts?type=user&count=tag", `{"type":"count","user":{"tag":[]}}`},
			{"/counts?type=user&count=segment", `{"type":"count","user":{"segment":[]}}`},
			{"/counts?type=company&count=user", `{"type":"count","company":{"user":[]}}`},
		} {
			is(t, r.Get(t, c.path), c.want)
		}

		ann := r.Post(t, "/contacts", `{"email":"ann@b.test"}`).OK().ID()
		ben := r.Post(t, "/contacts", `{"email":"ben@b.test"}`).OK().ID()
		lead := r.Post(t, "/contacts", `{"role":"lead","name":"Leo"}`).OK().ID()
		gone := r.Post(t, "/contacts", `{"email":"gone@b.test"}`).OK().ID()
		small := r.Post(t, "/companies", `{"company_id":"s","name":"Small"}`).OK().ID()
		large := r.Post(t, "/companies", `{"company_id":"l"}`).OK().ID()
		r.Post(t, "/companies", `{"name":"remote_company_id","company_id":"r"}`).OK()
		r.Post(t, "/companies", `{"name":"Nameless"}`).OK()
		for _, p := range [][2]string{{ann, large}, {lead, large}, {gone, large}, {ann, small}} {
			r.Post(t, "/contacts/"+p[0]+"/companies", object{"id": p[1]}).OK()
		}
		r.Post(t, "/tags", object{"name": "VIP", "users": []object{{"id": ann}, {"id": lead}, {"id": gone}}}).OK()
		r.Post(t, "/tags", object{"name": "Big \"one\"", "companies": []object{{"id": large}}}).OK()
		r.Post(t, "/tags", object{"name": "Idle"}).OK()
		r.Post(t, "/contacts/"+gone+"/archive", nil).OK()
		for _, g := range []model.Segment{
			{Name: "Ann", PersonType: model.PersonUser, Filter: model.Filter{Field: "email", Operator: model.StartsWith, Value: "ann"}},
			{Name: "Leads", PersonType: model.PersonLead, Filter: model.Filter{Field: "created_at", Operator: model.Greater, Value: int64(0)}},
			{Name: "Nobody", PersonType: model.PersonUser, Filter: model.Filter{Field: "email", Operator: model.Equal, Value: "x"}},
			{Name: "Companies", PersonType: model.PersonCompany, Filter: model.Filter{Field: "name", Operator: model.Equal, Value: "Small"}},
		} {
			g.Filter = model.Filter{Operator: model.And, Filters: []model.Filter{g.Filter}}
			_, err := r.App.People.PutSegment(t.Context(), r.Actor(), g)
			must(t, err)
			r.Clock.Pass(1e9)
		}
		newAdmin(t, r, model.Admin{Name: "Bob", Email: "bob@acme.test"})
		_, _, elsewhere := r.NewWorkspace(t)
		_ = ben

		for _, c := range []struct{ path, want string }{
			{"/counts", `{"type":"count.hash","company":{"count":4},"user":{"count":2},"lead":{"count":1},"tag":{"count":3},"segment":{"count":4}}`},
			{"/counts?type=user", `{"type":"count","user":{"count":2}}`},
			{"/counts?type=lead", `{"type":"count","lead":{"count":1}}`},
			{"/counts?type=company&unknown=1", `{"type":"count","company":{"count":4}}`},
			{"/counts?type=tag", `{"type":"count","tag":{"count":3}}`},
			{"/counts?type=segment", `{"type":"count","segment":{"count":4}}`},
			{"/counts?type=user&count=tag", `{"type":"count","user":{"tag":[{"VIP":2},{"Big \"one\"":0},{"Idle":0}]}}`},
			{"/counts?type=company&count=tag&per_page=1", `{"type":"count","company":{"tag":[{"VIP":0},{"Big \"one\"":1},{"Idle":0}]}}`},
			{"/counts?type=user&count=segment", `{"type":"count","user":{"segment":[{"Ann":1},{"Leads":1},{"Nobody":0}]}}`},
			{"/counts?type=company&count=segment", `{"type":"count","company":{"segment":[{"Companies":1}]}}`},
			{"/counts?type=conversation", `{"type":"count","conversation":{"assigned":0,"closed":0,"open":0,"unassigned":0}}`},
			{"/counts?type=conversation&count=admin", `{"type":"count","conversation":{"admin":[
				{"id":"1","name":"Ann Owner","open":0,"closed":0},{"id":"2","name":"Bob","open":0,"closed":0}]}}`},
		} {
			t.Run(c.path, func(t *testing.T) { is(t, r.Get(t, c.path), c.want) })
		}
		perCompany := r.Get(t, "/counts?type=company&count=user").OK()
		holds(t, perCompany, nil, object{
			"company.user.0": object{"l": 2.0, "remote_company_id": "l"}, // without a name it goes by its company_id
			"company.user.1": object{"Small": 1.0, "remote_company_id": "s"},
		})
		if n := len(perCompany.At("company.user").([]any)); n != 4 {
			t.Errorf("%d companies are counted: %s", n, perCompany.Body)
		}
		is(t, r.Get(t, "/counts", apptest.As(elsewhere)),
			`{"type":"count.hash","company":{"count":0},"user":{"count":0},"lead":{"count":0},"tag":{"count":0},"segment":{"count":0}}`)

		refused := "There is no such count: type is user, lead, company, tag, segment or conversation, and" +
			" count is tag or segment of a user or company, user of a company, or admin of a conversation"
		for _, query := range []string{"?type=nothing", "?count=tag", "?type=user&count=company", "?type=tag&count=user", "?type=conversation&count=tag"} {
			r.Get(t, "/counts"+query).Fails(400, "parameter_invalid", refused)
		}
		r.Get(t, "/counts", apptest.As("wrong")).Fails(401, "unauthorized", "Access Token Invalid")
	})
}
