package api_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
)

const (
	invalidName = "Your name for this attribute must only contain alphanumeric characters, currency symbols, and hyphens"
	noModel     = "The Data Attribute model field must be either contact or company"
	fewOptions  = "You must have at least two options on a list type data attribute"
)

func TestDataAttributeIsShownAsItWasDeclared(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		now := float64(apptest.Start.Unix())
		plain := map[string]any{
			"id": 1.0, "type": "data_attribute", "name": "Mithril Shirt", "full_name": "custom_attributes.Mithril Shirt",
			"label": "Mithril Shirt", "data_type": "string", "api_writable": true, "ui_writable": false,
			"messenger_writable": true, "custom": true, "archived": false, "admin_id": r.Admin.ID.String(),
			"created_at": now, "updated_at": now, "model": "company",
		}
		for _, c := range []struct {
			name string
			body string
			want map[string]any
		}{
			{"plain", `{"name":"Mithril Shirt","model":"company","data_type":"string"}`, nil},
			{"a list", `{"name":"Ring size","model":"contact","data_type":"string","options":[{"value":"1-10"},{"value":"11-20"}]}`,
				map[string]any{"name": "Ring size", "model": "contact", "options": []any{"1-10", "11-20"}}},
			{"a list of texts", `{"name":"Ring","model":"contact","data_type":"string","options":["a",2]}`,
				map[string]any{"name": "Ring", "model": "contact", "options": []any{"a", "2"}}},
			{"a list by its old type", `{"name":"Blade","model":"contact","data_type":"options","options":["a","b"]}`,
				map[string]any{"name": "Blade", "model": "contact", "options": []any{"a", "b"}}},
			{"no options", `{"name":"Bare","model":"company","data_type":"string","options":[]}`, map[string]any{"name": "Bare"}},
			{"null options", `{"name":"Bare too","model":"company","data_type":"float","options":null}`,
				map[string]any{"name": "Bare too", "data_type": "float"}},
			{"datetime", `{"name":"forged_at","model":"company","data_type":"datetime","description":"When","messenger_writable":false}`,
				map[string]any{"name": "forged_at", "data_type": "date", "description": "When", "messenger_writable": false}},
			{"a label", `{"name":"label-led","model":"company","data_type":"boolean","label":"Led"}`,
				map[string]any{"name": "label-led", "data_type": "boolean", "label": "Led"}},
			{"spaces around", `{"name":" Größe_€ 1 ","model":"company","data_type":"integer"}`,
				map[string]any{"name": "Größe_€ 1", "data_type": "integer"}},
			{"nothing begins archived", `{"name":"live","model":"company","data_type":"date","archived":true}`,
				map[string]any{"name": "live", "data_type": "date"}},
			{"a built-in name of the other model", `{"name":"website","model":"contact","data_type":"string"}`,
				map[string]any{"name": "website", "model": "contact"}},
			{"a name that is nested among the built-in ones", `{"name":"city","model":"contact","data_type":"string"}`,
				map[string]any{"name": "city", "model": "contact"}},
		} {
			t.Run(c.name, func(t *testing.T) {
				answer := r.Post(t, "/data_attributes", c.body).OK()
				want := map[string]any{}
				for k, v := range plain {
					want[k] = v
				}
				for k, v := range c.want {
					want[k] = v
					if k == "name" {
						want["full_name"] = "custom_attributes." + v.(string)
						want["label"] = v
					}
				}
				if label, ok := c.want["label"]; ok {
					want["label"] = label
				}
				var got map[string]any
				answer.Decode(&got)
				want["id"] = got["id"]
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			})
		}
	})
}

func TestDataAttributeIsRefused(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r.Post(t, "/data_attributes", `{"name":"The One Ring","model":"company","data_type":"string"}`).OK()
		old := r.Post(t, "/data_attributes", `{"name":"Old","model":"contact","data_type":"string"}`).OK()
		r.Put(t, fmt.Sprint("/data_attributes/", old.At("id")), `{"archived":true}`).OK()
		for _, c := range []struct {
			name, body, code, message string
		}{
			{"taken by the other model", `{"name":"The One Ring","model":"contact","data_type":"integer"}`, "parameter_invalid",
				"You already have 'The One Ring' in your company data. To save this as new people data, use a different name."},
			{"taken", `{"name":"The One Ring","model":"company","data_type":"string"}`, "parameter_invalid",
				"You already have 'The One Ring' in your company data. To save this as new company data, use a different name."},
			{"taken by an archived one", `{"name":"Old","model":"company","data_type":"string"}`, "parameter_invalid",
				"You already have 'Old' in your people data. To save this as new company data, use a different name."},
			{"signs in the name", `{"name":"!nv@l!d n@me","model":"company","data_type":"string"}`, "parameter_invalid", invalidName},
			{"a dot in the name", `{"name":"plan.name","model":"company","data_type":"string"}`, "parameter_invalid", invalidName},
			{"a tab in the name", `{"name":"a\tb","model":"company","data_type":"string"}`, "parameter_invalid", invalidName},
			{"unknown type", `{"name":"The Second Ring","model":"company","data_type":"mithril"}`, "parameter_invalid", "Data Type isn't an option"},
			{"no type", `{"name":"The Second Ring","model":"company"}`, "parameter_invalid", "Data Type isn't an option"},
			{"no model, whatever else is wrong", `{"description":"Just a plain old ring","options":[{"value":"1-10"}],"archived":false}`, "parameter_invalid", noModel},
			{"conversations are only read", `{"name":"x","model":"conversation","data_type":"string"}`, "parameter_invalid", noModel},
			{"no body", ``, "parameter_invalid", noModel},
			{"no name", `{"model":"contact","data_type":"string"}`, "parameter_not_found", "Name is a required parameter."},
			{"blank name", `{"name":"  ","model":"contact","data_type":"string"}`, "parameter_not_found", "Name is a required parameter."},
			{"long name", `{"name":"` + strings.Repeat("ä", 191) + `","model":"contact","data_type":"string"}`, "parameter_invalid",
				"Name is too long (maximum is 190 characters)"},
			{"a standard name of people", `{"name":"Name","model":"contact","data_type":"string"}`, "parameter_invalid",
				"'Name' is one of our standard attributes for your people data. To save this as new people data, use a different name."},
			{"a standard name of companies", `{"name":"monthly_spend","model":"company","data_type":"string"}`, "parameter_invalid",
				"'monthly_spend' is one of our standard attributes for your company data. To save this as new company data, use a different name."},
			{"one option", `{"name":"Few","model":"contact","data_type":"string","options":[{"value":"1-10"}]}`, "parameter_invalid", fewOptions},
			{"a list without options", `{"name":"Few","model":"contact","data_type":"options"}`, "parameter_invalid", fewOptions},
			{"options are an object", `{"name":"Few","model":"contact","data_type":"string","options":{"value":"1-10"}}`, "parameter_invalid", "Options isn't an array"},
			{"options of a number", `{"name":"Few","model":"contact","data_type":"integer","options":["1","2"]}`, "parameter_invalid",
				"Options can only be given to an attribute of type string"},
			{"equal options", `{"name":"Few","model":"contact","data_type":"string","options":["1","1"]}`, "parameter_invalid", "Options must differ from each other"},
			{"blank option", `{"name":"Few","model":"contact","data_type":"string","options":["1"," "]}`, "parameter_invalid", "Options cannot be blank"},
			{"long description", `{"name":"Few","model":"contact","data_type":"string","description":"` + strings.Repeat("x", 1001) + `"}`,
				"parameter_invalid", "Description is too long (maximum is 1000 characters)"},
		} {
			t.Run(c.name, func(t *testing.T) {
				r.Post(t, "/data_attributes", c.body).Fails(400, c.code, c.message)
			})
		}
		r.Post(t, "/data_attributes", `{"name":"`+strings.Repeat("ä", 190)+`","model":"contact","data_type":"string"}`).OK()
	})
}

func TestDataAttributesAreListed(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		names := func(path string) []string {
			t.Helper()
			var list struct {
				Type string
				Data []struct {
					ID       *int64
					Name     string
					FullName string `json:"full_name"`
					Custom   bool
				}
			}
			r.Get(t, path).OK().Decode(&list)
			var found []string
			for _, a := range list.Data {
				if a.Custom != (a.ID != nil) {
					t.Errorf("%s has an id or lacks one", a.FullName)
				}
				if !strings.HasSuffix(a.FullName, a.Name) {
					t.Errorf("%s is called %s", a.FullName, a.Name)
				}
				found = append(found, a.FullName)
			}
			return found
		}
		r.Post(t, "/data_attributes", `{"name":"The One Ring","model":"company","data_type":"string"}`).OK()
		old := r.Post(t, "/data_attributes", `{"name":"Old","model":"company","data_type":"string"}`).OK()
		r.Put(t, fmt.Sprint("/data_attributes/", old.At("id")), `{"archived":true}`).OK()
		r.Post(t, "/data_attributes", `{"name":"Shoe size","model":"contact","data_type":"float"}`).OK()

		first := []string{"name", "company_id", "last_request_at", "remote_created_at", "user_count", "session_count",
			"plan.name", "monthly_spend", "size", "industry", "website"}
		last := []string{"id", "created_at", "updated_at", "plan.id", "app_id"}
		join := func(custom ...string) []string {
			return append(append(append([]string{}, first...), custom...), last...)
		}
		if diff := cmp.Diff(join("custom_attributes.The One Ring"), names("/data_attributes?model=company")); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(join("custom_attributes.The One Ring", "custom_attributes.Old"),
			names("/data_attributes?model=company&include_archived=true")); diff != "" {
			t.Error(diff)
		}
		contact, all := names("/data_attributes?model=contact"), names("/data_attributes")
		if diff := cmp.Diff(append(contact, join("custom_attributes.The One Ring")...), all); diff != "" {
			t.Error(diff)
		}
		if !strings.Contains(strings.Join(contact, " "), "custom_attributes.Shoe size") {
			t.Error(contact)
		}
		if got := names("/data_attributes?model=conversation"); got != nil {
			t.Error(got)
		}
		r.Get(t, "/data_attributes?model=tag").Fails(400, "parameter_invalid", "model must be contact, company or conversation")
		r.Get(t, "/data_attributes?include_archived=maybe").Fails(400, "parameter_invalid", "include_archived must be true or false")

		writable := map[string]bool{}
		var list struct {
			Data []struct {
				Name     string
				Writable bool `json:"api_writable"`
				UI       bool `json:"ui_writable"`
			}
		}
		r.Get(t, "/data_attributes?model=company").OK().Decode(&list)
		for _, a := range list.Data {
			writable[a.Name] = writable[a.Name] || a.Writable
			if a.UI {
				t.Errorf("%s can be written in the UI", a.Name)
			}
		}
		for _, name := range first {
			_, leaf, nested := strings.Cut(name, ".")
			if nested {
				name = leaf
			}
			want := strings.Contains("name remote_created_at monthly_spend size industry website", name)
			if writable[name] != want {
				t.Errorf("%s is writable: %v", name, writable[name])
			}
		}
	})
}

func TestDataAttributeIsUpdated(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		made := r.Post(t, "/data_attributes", `{"name":"The One Ring","model":"company","data_type":"string"}`).OK()
		path := fmt.Sprint("/data_attributes/", made.At("id"))
		r.Clock.Pass(1e9)
		for _, c := range []struct {
			name, body string
			want       map[string]any
		}{
			{"description and options", `{"description":"Just a plain old ring","options":[{"value":"1-10"},{"value":"11-20"}],"archived":false}`,
				map[string]any{"description": "Just a plain old ring", "options": []any{"1-10", "11-20"}, "archived": false}},
			{"what is not named stays", `{"messenger_writable":false}`,
				map[string]any{"description": "Just a plain old ring", "options": []any{"1-10", "11-20"}, "messenger_writable": false}},
			{"name, model and type stay", `{"name":"x","model":"contact","data_type":"integer"}`,
				map[string]any{"name": "The One Ring", "model": "company", "data_type": "string"}},
			{"label", `{"label":"The Ring"}`, map[string]any{"label": "The Ring", "name": "The One Ring"}},
			{"null clears the description", `{"description":null}`, map[string]any{"description": nil}},
			{"archived", `{"archived":true}`, map[string]any{"archived": true}},
			{"back again", `{"archived":"false"}`, map[string]any{"archived": false}},
			{"no body", ``, map[string]any{"label": "The Ring", "updated_at": made.At("created_at").(float64) + 1}},
		} {
			t.Run(c.name, func(t *testing.T) {
				answer := r.Put(t, path, c.body).OK()
				for key, want := range c.want {
					if diff := cmp.Diff(want, answer.At(key)); diff != "" {
						t.Errorf("%s: %s", key, diff)
					}
				}
			})
		}
		number := r.Post(t, "/data_attributes", `{"name":"n","model":"contact","data_type":"integer"}`).OK()
		numberPath := fmt.Sprint("/data_attributes/", number.At("id"))
		r.Put(t, path, `{"options":{"value":"1-10"},"description":"Too few options"}`).Fails(400, "parameter_invalid", "Options isn't an array")
		r.Put(t, path, `{"options":[{"value":"1-10"}]}`).Fails(400, "parameter_invalid", fewOptions)
		r.Put(t, path, `{"options":[]}`).Fails(400, "parameter_invalid", fewOptions)
		r.Put(t, numberPath, `{"options":["1","2"]}`).Fails(400, "parameter_invalid", "Options can only be given to an attribute of type string")
		r.Put(t, numberPath, `{"options":[]}`).OK()

		_, _, stranger := r.NewWorkspace(t)
		const missing = "We couldn't find that data attribute to update"
		for _, unknown := range []string{"/data_attributes/999", "/data_attributes/abc", "/data_attributes/0", "/data_attributes/9223372036854775808"} {
			r.Put(t, unknown, `{"archived":true}`).Fails(404, "field_not_found", missing)
		}
		r.Put(t, path, `{"archived":true}`, apptest.As(stranger)).Fails(404, "field_not_found", missing)
		if names := r.Get(t, "/data_attributes?model=company", apptest.As(stranger)).OK(); strings.Contains(string(names.Body), "One Ring") {
			t.Error("the attribute is seen from another workspace")
		}
	})
}

func TestDataAttributesAreLimited(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		const full = "You can have 250 custom attributes in your people data at most"
		declare := func(model string, n int) *apptest.Answer {
			return r.Post(t, "/data_attributes", fmt.Sprintf(`{"name":"%s %d","model":"%[1]s","data_type":"string"}`, model, n))
		}
		for n := range 250 {
			declare("contact", n).OK()
		}
		declare("contact", 250).Fails(400, "custom_data_limit_reached", full)
		declare("company", 0).OK()
		r.Put(t, "/data_attributes/1", `{"archived":true}`).OK()
		declare("contact", 250).OK()
		r.Put(t, "/data_attributes/1", `{"archived":false}`).Fails(400, "custom_data_limit_reached", full)
		r.Put(t, "/data_attributes/1", `{"description":"still archived"}`).OK()
	})
}

func TestOneOfManyDeclaresAName(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		var declared atomic.Int32
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				m := []string{"contact", "company"}[i%2]
				switch a := r.Post(t, "/data_attributes", `{"name":"Precious","model":"`+m+`","data_type":"string"}`); a.Status {
				case 200:
					declared.Add(1)
				case 400:
				default:
					t.Errorf("%d: %s", a.Status, a.Body)
				}
			})
		}
		wg.Wait()
		if declared.Load() != 1 {
			t.Errorf("%d attributes have one name", declared.Load())
		}
	})
}

func TestCustomAttributesFitTheirDeclaration(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, kind := range []string{"string", "integer", "float", "boolean", "date"} {
			r.Post(t, "/data_attributes", `{"name":"`+kind+`","model":"contact","data_type":"`+kind+`"}`).OK()
		}
		r.Post(t, "/data_attributes", `{"name":"list","model":"contact","data_type":"string","options":["a","b"]}`).OK()
		id := r.Post(t, "/contacts", `{"external_id":"1"}`).OK().ID()

		for _, c := range []struct{ name, sent, kept, refused string }{
			{"string", `"x"`, `"x"`, ""}, {"string", `""`, `""`, ""}, {"string", `5`, `"5"`, ""}, {"string", `1.5`, `"1.5"`, ""}, {"string", `true`, `"true"`, ""},
			{"string", `"` + strings.Repeat("ü", 255) + `"`, `"` + strings.Repeat("ü", 255) + `"`, ""},
			{"string", `"` + strings.Repeat("x", 256) + `"`, "", "is too long (maximum is 255 characters)"},
			{"list", `"c"`, `"c"`, ""},
			{"integer", `5`, `5`, ""}, {"integer", `5.0`, `5`, ""}, {"integer", `"5"`, `5`, ""}, {"integer", `" -5.0 "`, `-5`, ""}, {"integer", `-7`, `-7`, ""},
			{"integer", `9007199254740991`, `9007199254740991`, ""}, {"integer", `"9007199254740991"`, `9007199254740991`, ""},
			{"integer", `"9007199254740992"`, "", "must be a whole number"}, {"integer", `1.5`, "", "must be a whole number"},
			{"integer", `"five"`, "", "must be a whole number"}, {"integer", `""`, "", "must be a whole number"}, {"integer", `true`, "", "must be a whole number"},
			{"integer", `"99999999999999999999"`, "", "must be a whole number"}, {"integer", `"0x10"`, "", "must be a whole number"},
			{"float", `1.5`, `1.5`, ""}, {"float", `"-1.5e3"`, `-1500`, ""}, {"float", `3`, `3`, ""}, {"float", `0.1`, `0.1`, ""},
			{"float", `"NaN"`, "", "must be a number"}, {"float", `"Infinity"`, "", "must be a number"}, {"float", `"."`, "", "must be a number"},
			{"boolean", `true`, `true`, ""}, {"boolean", `"false"`, `false`, ""}, {"boolean", `1`, "", "must be true or false"}, {"boolean", `"yes"`, "", "must be true or false"},
			{"date", `1700000000`, `1700000000`, ""}, {"date", `"1700000000"`, `1700000000`, ""}, {"date", `1700000000.9`, `1700000000`, ""}, {"date", `-86400`, `-86400`, ""},
			{"date", `"2024-01-01"`, "", "must be a date in Unix seconds"}, {"date", `1700000000000`, "", "must be a date in Unix seconds"},
		} {
			t.Run(c.name+" "+c.sent[:min(len(c.sent), 20)], func(t *testing.T) {
				answer := r.Put(t, "/contacts/"+id, `{"custom_attributes":{"`+c.name+`":`+c.sent+`}}`)
				if c.refused != "" {
					answer.Fails(400, "invalid_document", "Custom attribute '"+c.name+"' "+c.refused)
					return
				}
				want := `"` + c.name + `":` + c.kept
				for _, a := range []*apptest.Answer{answer.OK(), r.Get(t, "/contacts/"+id).OK()} {
					if !strings.Contains(string(a.Body), want) {
						t.Errorf("want %s in %s", want, a.Pretty())
					}
				}
			})
		}

		const unknown = "Custom attribute 'what' does not exist"
		r.Put(t, "/contacts/"+id, `{"custom_attributes":{"what":1}}`).Fails(400, "parameter_invalid", unknown)
		r.Put(t, "/contacts/"+id, `{"custom_attributes":{"what":null}}`).Fails(400, "parameter_invalid", unknown)
		r.Post(t, "/contacts", `{"email":"a@b.test","custom_attributes":{"what":1}}`).Fails(400, "parameter_invalid", unknown)
		r.Post(t, "/companies", `{"company_id":"1","custom_attributes":{"string":"of people"}}`).Fails(400, "parameter_invalid", "Custom attribute 'string' does not exist")
		r.Put(t, "/contacts/"+id, `{"custom_attributes":{"string":{"a":1}}}`).
			Fails(400, "parameter_invalid", "Custom attribute 'string' is not of type Numeric, String or Boolean")
		long := strings.Repeat("x", 500)
		r.Put(t, "/contacts/"+id, `{"custom_attributes":{"`+long+`":1}}`).
			Fails(400, "parameter_invalid", "Custom attribute '"+long[:190]+"…' does not exist")

		r.Post(t, "/data_attributes", `{"name":"rings","model":"company","data_type":"integer"}`).OK()
		company := r.Post(t, "/companies", `{"company_id":"1","name":"Shire","custom_attributes":{"rings":"9"}}`).OK()
		if company.At("custom_attributes.rings") != 9.0 {
			t.Error(company.Pretty())
		}
	})
}

func TestArchivedAttributeCanOnlyBeCleared(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		a := r.Post(t, "/data_attributes", `{"name":"plan","model":"contact","data_type":"string"}`).OK()
		id := r.Post(t, "/contacts", `{"external_id":"1","custom_attributes":{"plan":"pro"}}`).OK().ID()
		r.Put(t, fmt.Sprint("/data_attributes/", a.At("id")), `{"archived":true}`).OK()

		found := r.Post(t, "/contacts/search", `{"query":{"field":"custom_attributes.plan","operator":"=","value":"PRO"}}`).OK()
		if found.At("total_count") != 1.0 {
			t.Error("what was written before is not found")
		}
		r.Put(t, "/contacts/"+id, `{"custom_attributes":{"plan":"basic"}}`).
			Fails(400, "parameter_invalid", "Custom attribute 'plan' does not exist")
		cleared := r.Put(t, "/contacts/"+id, `{"custom_attributes":{"plan":null}}`).OK()
		if cleared.At("custom_attributes.plan") != nil {
			t.Error(cleared.Pretty())
		}
	})
}
