package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
)

func test(field string, op model.Operator, value any) model.Filter {
	return model.Filter{Field: field, Operator: op, Value: value}
}

func all(filters ...model.Filter) model.Filter {
	return model.Filter{Operator: model.And, Filters: filters}
}

func anyOf(filters ...model.Filter) model.Filter {
	return model.Filter{Operator: model.Or, Filters: filters}
}

// segment makes one, as a seed does, and returns its id.
func segment(t *testing.T, r *apptest.Rig, name string, of model.PersonType, f model.Filter) string {
	t.Helper()
	g, err := r.People.PutSegment(t.Context(), r.Actor(), model.Segment{Name: name, PersonType: of, Filter: f})
	if err != nil {
		t.Fatal(err)
	}
	return string(g.ID)
}

func TestSegmentsAreListed(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		if got := string(r.Get(t, "/segments?include_count=true").OK().Body); got != `{"type":"segment.list","segments":[]}` {
			t.Error(got)
		}
		users := segment(t, r, "Users", model.PersonUser, test("name", model.NotEqual, nil))
		leads := segment(t, r, "Leads", model.PersonLead, test("name", model.NotEqual, nil))
		companies := segment(t, r, "Large", model.PersonCompany, test("size", model.GreaterOrEqual, int64(100)))
		for i := range 3 {
			r.Post(t, "/contacts", fmt.Sprintf(`{"external_id":"%d","name":"n"}`, i)).OK()
		}
		r.Post(t, "/contacts", `{"external_id":"unnamed"}`).OK()
		archived := r.Post(t, "/contacts", `{"external_id":"archived","name":"n"}`).OK().ID()
		r.Post(t, "/contacts/"+archived+"/archive", nil).OK()
		r.Post(t, "/contacts", `{"role":"lead","name":"n"}`).OK()
		for i, size := range []int{50, 100, 200} {
			c := r.Post(t, "/companies", fmt.Sprintf(`{"company_id":"%d","size":%d}`, i, size)).OK().ID()
			if i < 2 { // nobody belongs to the last one, and lists do not show it
				r.Post(t, "/contacts/"+archived+"/unarchive", nil).OK()
				r.Post(t, "/contacts/"+archived+"/companies", map[string]string{"id": c}).OK()
			}
		}
		r.Put(t, "/contacts/"+archived, `{"name":null}`).OK()

		now := float64(apptest.Start.Unix())
		shape := func(id, name, of string) map[string]any {
			return map[string]any{"type": "segment", "id": id, "name": name, "created_at": now, "updated_at": now, "person_type": of}
		}
		counted := func(g map[string]any, n float64) map[string]any { g["count"] = n; return g }
		for _, c := range []struct {
			path string
			want []map[string]any
		}{
			{"/segments", []map[string]any{shape(leads, "Leads", "contact"), shape(users, "Users", "user")}},
			{"/segments?include_count=false", []map[string]any{shape(leads, "Leads", "contact"), shape(users, "Users", "user")}},
			{"/segments?include_count=true", []map[string]any{counted(shape(leads, "Leads", "contact"), 1), counted(shape(users, "Users", "user"), 3)}},
			{"/segments?type=company", []map[string]any{shape(companies, "Large", "user")}},
			{"/segments?type=company&include_count=true", []map[string]any{counted(shape(companies, "Large", "user"), 1)}},
		} {
			var got struct {
				Type     string
				Segments []map[string]any
			}
			r.Get(t, c.path).OK().Decode(&got)
			if diff := cmp.Diff(c.want, got.Segments); diff != "" || got.Type != "segment.list" {
				t.Error(c.path, got.Type, diff)
			}
		}
		for _, c := range []struct {
			path string
			want map[string]any
		}{
			{"/segments/" + users, shape(users, "Users", "user")},
			{"/segments/" + users + "?include_count=true", counted(shape(users, "Users", "user"), 3)},
			{"/segments/" + companies + "?include_count=true", counted(shape(companies, "Large", "user"), 1)},
		} {
			var got map[string]any
			r.Get(t, c.path).OK().Decode(&got)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(c.path, diff)
			}
		}
		_, _, stranger := r.NewWorkspace(t)
		r.Get(t, "/segments/"+users, apptest.As(stranger)).Fails(404, "not_found", "Resource Not Found")
		r.Get(t, "/segments/"+users+"?include_count=true", apptest.As(stranger)).Fails(404, "not_found", "Resource Not Found")
		r.Get(t, "/segments/123").Fails(404, "not_found", "Resource Not Found")
		r.Get(t, "/segments?include_count=some").Fails(400, "parameter_invalid", "include_count must be true or false")
		r.Get(t, "/segments/"+users+"?include_count=some").Fails(400, "parameter_invalid", "include_count must be true or false")
	})
}

func TestSegmentsOfAContact(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		tag := r.Post(t, "/tags", `{"name":"VIP"}`).OK().ID()
		r.Post(t, "/data_attributes", `{"name":"plan","model":"contact","data_type":"string"}`).OK()
		r.Post(t, "/data_attributes", `{"name":"renews","model":"contact","data_type":"date"}`).OK()
		r.Post(t, "/data_attributes", `{"name":"seats","model":"contact","data_type":"float"}`).OK()
		segment(t, r, "by tag", model.PersonUser, test("tag_id", model.Equal, tag))
		segment(t, r, "without the tag", model.PersonUser, test("tag_id", model.NotEqual, tag))
		segment(t, r, "active", model.PersonUser, test("last_seen_at", model.Greater, model.DaysAgo(30)))
		segment(t, r, "slipping", model.PersonUser, all(test("last_seen_at", model.Less, model.DaysAgo(30)), test("last_seen_at", model.Greater, model.DaysAgo(60))))
		segment(t, r, "today", model.PersonUser, test("last_seen_at", model.Equal, model.DaysAgo(0)))
		segment(t, r, "pro or many", model.PersonUser, anyOf(test("custom_attributes.plan", model.In, []any{"PRO", "enterprise"}), test("custom_attributes.seats", model.Greater, 10.5)))
		segment(t, r, "renews soon", model.PersonUser, test("custom_attributes.renews", model.Less, model.DaysAgo(-7)))
		segment(t, r, "number in a text", model.PersonUser, test("external_id", model.Equal, int64(7)))
		segment(t, r, "leads", model.PersonLead, test("role", model.Equal, "lead"))
		segment(t, r, "companies", model.PersonCompany, test("name", model.Equal, nil))

		seen := apptest.Start.AddDate(0, 0, -20).Unix()
		user := r.Post(t, "/contacts", fmt.Sprintf(`{"external_id":"7","last_seen_at":%d,"custom_attributes":{"plan":"Pro","renews":%d}}`,
			seen, apptest.Start.AddDate(0, 0, 3).Unix())).OK().ID()
		lead := r.Post(t, "/contacts", `{"role":"lead"}`).OK().ID()
		of := func(id string) []string {
			t.Helper()
			var list struct {
				Type string
				Data []map[string]any
			}
			r.Get(t, "/contacts/"+id+"/segments").OK().Decode(&list)
			names := []string{}
			for _, g := range list.Data {
				names = append(names, g["name"].(string))
				if _, counted := g["count"]; counted || list.Type != "list" || g["type"] != "segment" {
					t.Error(list)
				}
			}
			return names
		}
		want := func(id string, names ...string) {
			t.Helper()
			if diff := cmp.Diff(append([]string{}, names...), of(id)); diff != "" {
				t.Error(diff)
			}
		}
		want(user, "active", "number in a text", "pro or many", "renews soon", "without the tag")
		want(lead, "leads")
		r.Post(t, "/contacts/"+user+"/tags", map[string]string{"id": tag}).OK()
		want(user, "active", "by tag", "number in a text", "pro or many", "renews soon")
		r.Put(t, "/contacts/"+user, `{"custom_attributes":{"plan":"basic","renews":null,"seats":"11"}}`).OK()
		want(user, "active", "by tag", "number in a text", "pro or many")
		r.Clock.Pass(20 * 24 * time.Hour)
		want(user, "by tag", "number in a text", "pro or many", "slipping")
		r.Put(t, "/contacts/"+user, fmt.Sprintf(`{"last_seen_at":%d}`, r.Clock.Now().Unix())).OK()
		want(user, "active", "by tag", "number in a text", "pro or many", "today")
		r.Put(t, "/contacts/"+lead, `{"role":"user","email":"lea@acme.test"}`).OK()
		want(lead, "without the tag")
		r.Post(t, "/contacts/"+lead+"/archive", nil).OK()
		want(lead)

		_, _, stranger := r.NewWorkspace(t)
		r.Get(t, "/contacts/"+user+"/segments", apptest.As(stranger)).Fails(404, "not_found", "User Not Found")
		r.Get(t, "/contacts/nobody/segments").Fails(404, "not_found", "User Not Found")
	})
}

func TestSearchBySegment(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		a := segment(t, r, "a", model.PersonUser, test("name", model.StartsWith, "a"))
		old := segment(t, r, "old", model.PersonUser, test("last_seen_at", model.Less, model.DaysAgo(10)))
		companies := segment(t, r, "companies", model.PersonCompany, test("name", model.StartsWith, "a"))
		for _, c := range []string{`{"external_id":"1","name":"ann"}`, `{"external_id":"2","name":"Abe","last_seen_at":1000000}`,
			`{"external_id":"3","name":"bob","last_seen_at":1000000}`, `{"external_id":"4"}`, `{"role":"lead","name":"al","external_id":"5"}`} {
			r.Post(t, "/contacts", c).OK()
		}
		for _, c := range []struct{ operator, value, want string }{
			{"=", `"` + a + `"`, "1 2"},
			{"!=", `"` + a + `"`, "3 4 5"},
			{"!=", `"` + old + `"`, "1 4 5"},
			{"IN", `["` + a + `","` + old + `"]`, "1 2 3"},
			{"NIN", `["` + a + `","` + old + `"]`, "4 5"},
			{"IN", `[]`, ""},
			{"NIN", `[]`, "1 2 3 4 5"},
			{"IN", `["nothing","` + companies + `"]`, ""},
			{"NIN", `["nothing","` + companies + `"]`, "1 2 3 4 5"},
			{"=", `"nothing"`, ""},
			{"!=", `"nothing"`, "1 2 3 4 5"},
		} {
			t.Run(c.operator+" "+c.value, func(t *testing.T) {
				found := r.Post(t, "/contacts/search", `{"query":{"field":"segment_id","operator":"`+c.operator+`","value":`+c.value+`},
					"sort":{"field":"external_id","order":"ascending"}}`).OK()
				var got struct {
					Data []struct {
						ExternalID string `json:"external_id"`
					}
				}
				found.Decode(&got)
				var ids []string
				for _, c := range got.Data {
					ids = append(ids, c.ExternalID)
				}
				if diff := cmp.Diff(c.want, strings.Join(ids, " ")); diff != "" {
					t.Error(diff)
				}
			})
		}
		for _, c := range []struct{ field, operator, value, message string }{
			{"segment_id", ">", `"x"`, `Operator ">" cannot be used with segment_id`},
			{"segment_id", "IN", `"x"`, `IN needs a list of values for segment_id`},
			{"segment_id", "=", `["x"]`, `The value for segment_id does not fit the field and the operator "="`},
			{"segment_id", "=", `true`, `The value for segment_id does not fit the field and the operator "="`},
			{"tag_id", "IN", `["1"]`, `Operator "IN" cannot be used with tag_id`},
		} {
			r.Post(t, "/contacts/search", `{"query":{"field":"`+c.field+`","operator":"`+c.operator+`","value":`+c.value+`}}`).
				Fails(400, "parameter_invalid", c.message)
		}
	})
}

func TestSegmentIsPut(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		first := segment(t, r, "Active", model.PersonUser, test("name", model.Equal, "x"))
		other := segment(t, r, "Active", model.PersonLead, test("name", model.Equal, "x"))
		r.Clock.Pass(time.Hour)
		if again := segment(t, r, "Active", model.PersonUser, test("role", model.Equal, "user")); again != first || again == other {
			t.Errorf("%s is not %s", again, first)
		}
		r.Post(t, "/contacts", `{"external_id":"1"}`).OK()
		g := r.Get(t, "/segments/"+first+"?include_count=true").OK()
		if g.At("count") != 1.0 || g.At("created_at").(float64)+3600 != g.At("updated_at").(float64) {
			t.Error(g.Pretty())
		}

		archived := r.Post(t, "/data_attributes", `{"name":"archived","model":"contact","data_type":"string"}`).OK()
		r.Put(t, fmt.Sprint("/data_attributes/", archived.At("id")), `{"archived":true}`).OK()
		r.Post(t, "/data_attributes", `{"name":"of people","model":"contact","data_type":"string"}`).OK()
		deep := all(all(all(test("name", model.Equal, "x"))))
		fifteen := slices.Repeat([]model.Filter{test("name", model.Equal, "x")}, 15)
		wide := all(anyOf(fifteen...), anyOf(fifteen...), anyOf(fifteen...))
		for _, c := range []struct {
			name    string
			segment model.Segment
			message string
		}{
			{"no name", model.Segment{PersonType: model.PersonUser, Filter: test("name", model.Equal, "x")}, "A segment needs a name"},
			{"no person type", model.Segment{Name: "x", Filter: test("name", model.Equal, "x")}, "A segment's person_type must be user, contact or company"},
			{"no filter", model.Segment{Name: "x", PersonType: model.PersonUser}, " is not a valid search field"},
			{"unknown field", model.Segment{Name: "x", PersonType: model.PersonUser, Filter: test("shoe", model.Equal, "x")}, "shoe is not a valid search field"},
			{"another segment", model.Segment{Name: "x", PersonType: model.PersonUser, Filter: test("segment_id", model.Equal, first)}, "A segment cannot refer to a segment"},
			{"other segments", model.Segment{Name: "x", PersonType: model.PersonUser, Filter: all(test("segment_id", model.NotIn, []any{}))}, "A segment cannot refer to a segment"},
			{"unknown tag", model.Segment{Name: "x", PersonType: model.PersonUser, Filter: test("tag_id", model.NotEqual, "12")}, "Tag 12 does not exist"},
			{"archived attribute", model.Segment{Name: "x", PersonType: model.PersonUser, Filter: test("custom_attributes.archived", model.Equal, "x")},
				"Custom attribute 'archived' does not exist"},
			{"the other model's attribute", model.Segment{Name: "x", PersonType: model.PersonCompany, Filter: test("custom_attributes.of people", model.Equal, "x")},
				"custom_attributes.of people is not a valid search field"},
			{"too deep", model.Segment{Name: "x", PersonType: model.PersonUser, Filter: deep}, "Filters can be nested 2 levels deep at most"},
			{"too wide", model.Segment{Name: "x", PersonType: model.PersonUser, Filter: wide}, "A segment's filter asks for too much at once"},
			{"too many values", model.Segment{Name: "x", PersonType: model.PersonUser, Filter: test("external_id", model.In, slices.Repeat([]any{"x"}, 201))},
				"A segment's filter asks for too much at once"},
			{"days of a text", model.Segment{Name: "x", PersonType: model.PersonUser, Filter: test("name", model.Equal, model.DaysAgo(1))},
				`The value for name does not fit the field and the operator "="`},
		} {
			t.Run(c.name, func(t *testing.T) {
				_, err := r.People.PutSegment(t.Context(), r.Actor(), c.segment)
				if e, ok := model.AsError(err); !ok || e.Message != c.message {
					t.Errorf("got %v, want %s", err, c.message)
				}
			})
		}
	})
}

func TestSegmentsHoldWhatTheyAskFor(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		tag := r.Post(t, "/tags", `{"name":"VIP"}`).OK().ID()
		path := func(model, name string) string {
			a := r.Post(t, "/data_attributes", fmt.Sprintf(`{"name":%q,"model":%q,"data_type":"string"}`, name, model)).OK()
			return fmt.Sprint("/data_attributes/", a.At("id"))
		}
		plan, rings, free := path("contact", "plan"), path("company", "rings"), path("contact", "free")
		segment(t, r, "People", model.PersonLead, anyOf(test("tag_id", model.Equal, tag), all(test("custom_attributes.plan", model.NotEqual, nil))))
		segment(t, r, "Companies", model.PersonCompany, test("custom_attributes.rings", model.Equal, "9"))

		const inUse = "The Data Attribute you are trying to archive has a dependant object"
		r.Put(t, plan, `{"description":"Trying to archive","archived":true}`).Fails(422, "data_invalid", inUse)
		r.Put(t, rings, `{"archived":true}`).Fails(422, "data_invalid", inUse)
		r.Put(t, free, `{"archived":true}`).OK()
		r.Put(t, plan, `{"archived":false,"description":"still here"}`).OK()
		r.Delete(t, "/tags/"+tag, nil).Fails(400, "tag_has_dependent_objects", "Unable to delete Tag with dependent objects. Segments: People.")

		segment(t, r, "People", model.PersonLead, test("name", model.NotEqual, nil))
		r.Put(t, plan, `{"archived":true}`).OK()
		r.Delete(t, "/tags/"+tag, nil).OK()
	})
}

// TestManySegmentsAreAskedAtOnce fills a workspace with as many segments as it can
// have, each as large as it can be: the statements stay within what databases take.
func TestManySegmentsAreAskedAtOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		fifteen := slices.Repeat([]model.Filter{test("name", model.Contains, "5")}, 15)
		large := all(anyOf(fifteen...), anyOf(fifteen...), test("name", model.In, slices.Repeat([]any{"x", "NAME 5"}, 50)),
			test("custom_attributes.n", model.NotIn, slices.Repeat([]any{int64(1)}, 100)), test("browser", model.Equal, nil))
		r.Post(t, "/data_attributes", `{"name":"n","model":"contact","data_type":"integer"}`).OK()
		var ids []string
		for i := range model.MaxSegments {
			ids = append(ids, segment(t, r, fmt.Sprint("s", i), model.PersonUser, large))
		}
		_, err := r.People.PutSegment(t.Context(), r.Actor(), model.Segment{Name: "one more", PersonType: model.PersonUser, Filter: large})
		if e, ok := model.AsError(err); !ok || e.Message != "A workspace can have 250 segments at most" {
			t.Error(err)
		}
		id := r.Post(t, "/contacts", `{"external_id":"1","name":"name 5"}`).OK().ID()
		if got := r.Get(t, "/segments?include_count=true").OK(); got.At("segments.249.count") != 1.0 {
			t.Error(got.At("segments.249"))
		}
		if got := r.Get(t, "/contacts/"+id+"/segments").OK(); got.At("data.249.type") != "segment" {
			t.Error(got.At("data.249"))
		}
		list := `["` + strings.Join(ids, `","`) + `"]`
		one := `{"field":"segment_id","operator":"IN","value":` + list + `}`
		if got := r.Post(t, "/contacts/search", `{"query":`+one+`}`).OK(); got.At("total_count") != 1.0 {
			t.Error(got.Pretty())
		}
		r.Post(t, "/contacts/search", `{"query":{"operator":"AND","value":[`+one+`,`+one+`]}}`).
			Fails(400, "parameter_invalid", "The query asks for too much at once")
	})
}
