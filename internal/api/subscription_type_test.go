package api_test

import (
	"strings"
	"testing"

	"parley/internal/apptest"
	"parley/internal/model"
)

const (
	newsJSON = `{"type":"subscription","id":"1","state":"live","consent_type":"opt_out",
		"default_translation":{"name":"News","description":"What is new","locale":"en"},
		"translations":[{"name":"Neues","description":"","locale":"de"},{"name":"News","description":"What is new","locale":"en"}],
		"content_types":["email"]}`
	offersJSON = `{"type":"subscription","id":"2","state":"draft","consent_type":"opt_in",
		"default_translation":{"name":"Offers","description":"","locale":"en"},
		"translations":[{"name":"Offers","description":"","locale":"en"}],"content_types":["email","sms_message"]}`
)

// newSubscriptionTypes adds one that contacts opt out of, and one to opt in to.
func newSubscriptionTypes(t *testing.T, r *apptest.Rig) {
	t.Helper()
	for _, kind := range []model.SubscriptionType{
		{ConsentType: model.OptOut, DefaultLocale: "en", Translations: []model.Translation{
			{Locale: "de", Name: "Neues"}, {Locale: "en", Name: "News", Description: "What is new"}}},
		{ConsentType: model.OptIn, DefaultLocale: "en", State: model.SubscriptionDraft,
			Translations: []model.Translation{{Locale: "en", Name: "Offers"}},
			ContentTypes: []model.ContentType{model.ContentEmail, model.ContentSMS}},
	} {
		_, err := r.App.People.CreateSubscriptionType(t.Context(), r.Actor(), kind)
		must(t, err)
	}
}

func TestSubscriptions(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		const none = `{"type":"list","data":[]}`
		is(t, r.Get(t, "/subscription_types"), none)
		newSubscriptionTypes(t, r)
		is(t, r.Get(t, "/subscription_types"), `{"type":"list","data":[`+newsJSON+`,`+offersJSON+`]}`)

		contact := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		path := "/contacts/" + contact + "/subscriptions"
		shows := func(out, in []any) {
			t.Helper()
			c := r.Get(t, "/contacts/"+contact).OK()
			holds(t, c, nil, object{
				"opted_out_subscription_types.data": out, "opted_out_subscription_types.total_count": float64(len(out)),
				"opted_in_subscription_types.data": in, "opted_in_subscription_types.total_count": float64(len(in)),
				"opted_in_subscription_types.url": path,
			})
		}
		reference := func(id string) []any {
			return []any{object{"type": "subscription", "id": id, "url": "/subscription_types/" + id}}
		}
		is(t, r.Get(t, path), none)
		shows([]any{}, []any{})
		for range 2 { // twice changes nothing
			is(t, r.Post(t, path, `{"id":2,"consent_type":"opt_in"}`), offersJSON)
		}
		is(t, r.Get(t, path), `{"type":"list","data":[`+offersJSON+`]}`)
		shows([]any{}, reference("2"))
		is(t, r.Post(t, path, `{"id":"1","consent_type":"opt_out"}`), newsJSON)
		is(t, r.Get(t, path), `{"type":"list","data":[`+newsJSON+`,`+offersJSON+`]}`)
		shows(reference("1"), reference("2"))
		for range 2 {
			is(t, r.Delete(t, path+"/2", nil), offersJSON)
			is(t, r.Get(t, path), `{"type":"list","data":[`+newsJSON+`]}`)
		}
		is(t, r.Delete(t, path+"/1", `{}`), newsJSON)
		shows([]any{}, []any{})
	})
}

func TestSubscriptionRefusals(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		newSubscriptionTypes(t, r)
		contact := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		path := "/contacts/" + contact + "/subscriptions"
		_, _, elsewhere := r.NewWorkspace(t)
		unknownUser := &refusal{404, "not_found", "User Not Found"}
		unknown := &refusal{404, "not_found", "Resource Not Found"}
		for _, c := range []struct {
			name, path, body string
			refused          *refusal
		}{
			{"no such contact", "/contacts/0123456789abcdef01234567/subscriptions", `{"id":1,"consent_type":"opt_out"}`, unknownUser},
			{"no such type", path, `{"id":3,"consent_type":"opt_in"}`, unknown},
			{"an odd type", path, `{"id":"invalid_id","consent_type":"opt_in"}`, unknown},
			{"no type", path, `{"consent_type":"opt_in"}`, missing("id is required")},
			{"nothing", path, ``, missing("id is required")},
			{"no consent", path, `{"id":1}`, missing("consent_type is required")},
			{"null", path, `{"id":1,"consent_type":null}`, missing("consent_type is required")},
			{"an odd consent", path, `{"id":1,"consent_type":"yes"}`, invalid("consent_type must be either opt_out or opt_in")},
			{"the other consent", path, `{"id":1,"consent_type":"opt_in"}`, invalid("The consent_type of this subscription type is opt_out")},
			{"a number", path, `{"id":1,"consent_type":1}`, invalid("consent_type is invalid")},
		} {
			t.Run(c.name, func(t *testing.T) {
				r.Post(t, c.path, c.body).Fails(c.refused.status, c.refused.code, c.refused.message)
			})
		}
		is(t, r.Get(t, path), `{"type":"list","data":[]}`)
		r.Get(t, "/contacts/123/subscriptions").Fails(404, "not_found", "User Not Found")
		r.Delete(t, "/contacts/123/subscriptions/1", nil).Fails(404, "not_found", "User Not Found")
		for _, id := range []string{"3", "0", "abc", "01", "99999999999999999999"} {
			r.Delete(t, path+"/"+id, nil).Fails(404, "not_found", "Resource Not Found")
		}
		there := apptest.As(elsewhere)
		is(t, r.Get(t, "/subscription_types", there), `{"type":"list","data":[]}`)
		r.Get(t, path, there).Fails(404, "not_found", "User Not Found")
		theirs := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`, there).OK().ID()
		r.Post(t, "/contacts/"+theirs+"/subscriptions", `{"id":1,"consent_type":"opt_out"}`, there).Fails(404, "not_found", "Resource Not Found")
		r.Delete(t, "/contacts/"+theirs+"/subscriptions/1", nil, there).Fails(404, "not_found", "Resource Not Found")
		for _, p := range []string{"/subscription_types", path} {
			r.Get(t, p, apptest.As("wrong")).Fails(401, "unauthorized", "Access Token Invalid")
		}
	})
}

func TestSubscriptionTypeRules(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		english := []model.Translation{{Locale: "en", Name: "News"}}
		for _, c := range []struct {
			name          string
			kind          model.SubscriptionType
			code, message string
		}{
			{"no consent type", model.SubscriptionType{DefaultLocale: "en", Translations: english}, "parameter_not_found", "consent_type is required"},
			{"an odd consent type", model.SubscriptionType{ConsentType: "maybe", DefaultLocale: "en", Translations: english},
				"parameter_invalid", "consent_type must be either opt_out or opt_in"},
			{"an odd state", model.SubscriptionType{State: "dead", ConsentType: model.OptIn, DefaultLocale: "en", Translations: english},
				"parameter_invalid", `A subscription type is live, draft or archived, not "dead"`},
			{"an odd content type", model.SubscriptionType{ConsentType: model.OptIn, DefaultLocale: "en", Translations: english,
				ContentTypes: []model.ContentType{"fax"}}, "parameter_invalid", `A content type is email or sms_message, not "fax"`},
			{"no translation", model.SubscriptionType{ConsentType: model.OptIn, DefaultLocale: "en"},
				"parameter_not_found", "A subscription type needs a translation to its default locale"},
			{"no default translation", model.SubscriptionType{ConsentType: model.OptIn, DefaultLocale: "de", Translations: english},
				"parameter_not_found", "A subscription type needs a translation to its default locale"},
			{"two translations", model.SubscriptionType{ConsentType: model.OptIn, DefaultLocale: "en", Translations: append(english, english...)},
				"parameter_invalid", "There are two translations to en"},
			{"no name", model.SubscriptionType{ConsentType: model.OptIn, DefaultLocale: "en", Translations: []model.Translation{{Locale: "en"}}},
				"parameter_not_found", "A translation needs a locale and a name"},
			{"a long name", model.SubscriptionType{ConsentType: model.OptIn, DefaultLocale: "en",
				Translations: []model.Translation{{Locale: "en", Name: strings.Repeat("a", 256)}}},
				"parameter_invalid", "Name is too long (maximum is 255 characters)"},
		} {
			t.Run(c.name, func(t *testing.T) {
				_, err := r.App.People.CreateSubscriptionType(t.Context(), r.Actor(), c.kind)
				fails(t, err, c.code, c.message)
			})
		}
		is(t, r.Get(t, "/subscription_types"), `{"type":"list","data":[]}`)
	})
}

// The Ruby SDK calls the same three operations by another name.
func TestSubscriptionsUnderTheirOtherName(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		newSubscriptionTypes(t, r)
		contact := r.Post(t, "/contacts", `{"email":"a@acme.test"}`).OK().ID()
		path := "/contacts/" + contact
		r.Post(t, path+"/subscription_types", `{"id":1,"consent_type":"opt_out"}`).OK()
		if a, b := r.Get(t, path+"/subscription_types").OK(), r.Get(t, path+"/subscriptions").OK(); string(a.Body) != string(b.Body) || a.At("data.0.id") != "1" {
			t.Errorf("%s, want %s", a.Body, b.Body)
		}
		r.Delete(t, path+"/subscription_types/1", nil).OK()
		if got := ids(t, r.Get(t, path+"/subscriptions")); len(got) != 0 {
			t.Error(got)
		}
	})
}
