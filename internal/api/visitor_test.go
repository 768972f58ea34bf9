package api_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
)

type visitorDraft = model.VisitorDraft

// putVisitor makes a visitor, which only the Messenger can do over HTTP, and
// reads it back.
func putVisitor(t *testing.T, r *apptest.Rig, d visitorDraft) *apptest.Answer {
	t.Helper()
	c, err := r.People.PutVisitor(context.Background(), r.Actor(), d)
	if err != nil {
		t.Fatal(err)
	}
	return r.Get(t, "/visitors/"+string(c.ID)).OK()
}

const visitorUUID = "3ecf64d0-9ed1-4e9f-88e1-da7d6e6782f3"

// wholeVisitor is a visitor as the published examples show it.
const wholeVisitor = `{"type":"visitor","id":"<id>","user_id":"3ecf64d0-9ed1-4e9f-88e1-da7d6e6782f3","anonymous":true,"email":"","phone":null,
 "name":<name>,"pseudonym":<pseudonym>,"avatar":{"type":"avatar","image_url":null},"app_id":"<workspace>",
 "companies":{"type":"company.list","companies":[]},"location_data":{},"last_request_at":null,
 "created_at":1768478400,"remote_created_at":1768478400,"signed_up_at":1768478400,"updated_at":<updated_at>,"session_count":0,
 "social_profiles":{"type":"social_profile.list","social_profiles":[]},"owner_id":null,
 "unsubscribed_from_emails":false,"marked_email_as_spam":false,"has_hard_bounced":false,
 "tags":{"type":"tag.list","tags":[]},"segments":{"type":"segment.list","segments":[]},"custom_attributes":{},
 "referrer":null,"utm_campaign":null,"utm_content":null,"utm_medium":null,"utm_source":null,"utm_term":null,"do_not_track":null}`

func TestVisitorIsWhole(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		v := putVisitor(t, r, visitorDraft{ID: "6657abf76abd0164c24b0df9", UserID: visitorUUID})
		values := []string{"<id>", "6657abf76abd0164c24b0df9", "<workspace>", string(r.Workspace.ID),
			"<name>", "null", "<pseudonym>", "null", "<updated_at>", "1768478400"}
		is(t, v, wholeVisitor, values...)
		is(t, r.Get(t, "/visitors?user_id="+visitorUUID), wholeVisitor, values...)

		// A name brings a pseudonym, always the same for the same visitor.
		r.Clock.Pass(time.Minute)
		values[5], values[7], values[9] = `"Gareth Bale"`, `"Olive Bridge"`, "1768478460"
		is(t, r.Put(t, "/visitors", `{"id":"6657abf76abd0164c24b0df9","name":"Gareth Bale"}`), wholeVisitor, values...)
		is(t, r.Put(t, "/visitors", `{"user_id":"`+visitorUUID+`","name":"Gareth Bale"}`), wholeVisitor, values...)
		is(t, r.Put(t, "/visitors/6657abf76abd0164c24b0df9", `{}`), wholeVisitor, values...)
		is(t, r.Get(t, "/visitors/6657abf76abd0164c24b0df9"), wholeVisitor, values...)
		values[5] = "null"
		is(t, r.Put(t, "/visitors/6657abf76abd0164c24b0df9", `{"name":null}`), wholeVisitor, values...)
	})
}

func TestVisitorShowsWhatWasSeen(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		declare(t, r, "plan", "string")
		first := visitorDraft{UserID: visitorUUID, Email: "Gareth@X.test", Phone: "+1", SessionCount: 1, LastSeenAt: 7,
			Profile:    model.Profile{Country: "Ireland", CountryCode: "IRL", City: "Dublin", Referrer: "https://r.test", UTMSource: "ad"},
			Attributes: model.Attributes{"plan": "pro"}, CreatedAt: 5}
		holds(t, putVisitor(t, r, first), nil, object{"email": "gareth@x.test", "phone": "+1", "session_count": 1., "last_request_at": 7.,
			"created_at": 5., "remote_created_at": 5., "signed_up_at": 5., "updated_at": 5., "referrer": "https://r.test",
			"utm_source": "ad", "custom_attributes": object{"plan": "pro"},
			"location_data": object{"type": "location_data", "country_name": "Ireland", "country_code": "IRL", "city_name": "Dublin"}})

		second := visitorDraft{UserID: visitorUUID, SessionCount: 2, LastSeenAt: 9, Profile: model.Profile{City: "Cork"}, CreatedAt: 8}
		holds(t, putVisitor(t, r, second), nil, object{"email": "gareth@x.test", "phone": "+1", "session_count": 2., "last_request_at": 9.,
			"created_at": 5., "updated_at": 1768478400., "custom_attributes": object{"plan": "pro"},
			"location_data": object{"type": "location_data", "country_name": "Ireland", "country_code": "IRL", "city_name": "Cork"}})

		_, err := r.People.PutVisitor(context.Background(), r.Actor(), visitorDraft{Attributes: model.Attributes{"nope": 1}})
		if e, ok := model.AsError(err); !ok || e.Message != "Custom attribute 'nope' does not exist" {
			t.Errorf("an undeclared attribute gives %v", err)
		}
		user := r.Post(t, "/contacts", `{"external_id":"70"}`).OK().ID()
		_, err = r.People.PutVisitor(context.Background(), r.Actor(), visitorDraft{UserID: "70"})
		if e, ok := model.AsError(err); !ok || e.Message != "A contact matching those details already exists with id="+user {
			t.Errorf("a user's external id gives %v", err)
		}
	})
}

func TestUpdateVisitor(t *testing.T) {
	tests := []struct {
		name    string
		body    string
		want    object
		refused *refusal
	}{
		{name: "attributes", body: `{"user_id":"<uuid>","custom_attributes":{"plan":"pro"}}`, want: object{"custom_attributes": object{"plan": "pro"}, "pseudonym": nil}},
		{name: "nothing else", body: `{"user_id":"<uuid>","email":"a@x.test","phone":"1","pseudonym":"Me","role":"user","session_count":9,"owner_id":1}`,
			want: object{"email": "", "phone": nil, "pseudonym": nil, "type": "visitor", "session_count": 0., "owner_id": nil}},
		{name: "the id is meant before the user id", body: `{"id":"<id>","user_id":"fail","name":"A"}`, want: object{"name": "A"}},

		{name: "the published failure", body: `{"user_id":"fail","name":"Christian Fail"}`, refused: &refusal{404, "not_found", "Visitor Not Found"}},
		{name: "an unknown id", body: `{"id":"fail","user_id":"<uuid>","name":"A"}`, refused: &refusal{404, "not_found", "Visitor Not Found"}},
		{name: "a user is no visitor", body: `{"user_id":"70","name":"A"}`, refused: &refusal{404, "not_found", "Visitor Not Found"}},
		{name: "nobody", body: `{"name":"A"}`, refused: missing("A visitor is named by its id or its user_id")},
		{name: "no body", body: ``, refused: missing("A visitor is named by its id or its user_id")},
		{name: "a name that is a number", body: `{"id":"<id>","name":7}`, refused: invalid("name is invalid")},
		{name: "an undeclared attribute", body: `{"id":"<id>","name":"A","custom_attributes":{"nope":1}}`, refused: invalid("Custom attribute 'nope' does not exist")},
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		declare(t, r, "plan", "string")
		r.Post(t, "/contacts", `{"external_id":"70"}`).OK()
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				before := putVisitor(t, r, visitorDraft{})
				body := fill(tt.body, "<id>", before.ID(), "<uuid>", before.At("user_id").(string))
				a := r.Put(t, "/visitors", body)
				holds(t, a, tt.refused, tt.want)
				after := r.Get(t, "/visitors/"+before.ID())
				if tt.refused != nil && string(after.Body) != string(before.Body) {
					t.Errorf("a refused update has changed something:\n%s", cmp.Diff(before.Pretty(), after.Pretty()))
				}
				if tt.refused == nil && string(after.Body) != string(a.Body) {
					t.Errorf("read back, the visitor is another:\n%s", cmp.Diff(a.Pretty(), after.Pretty()))
				}
			})
		}
	})
}

func TestUnknownVisitor(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		user := r.Post(t, "/contacts", `{"external_id":"70"}`).OK().ID()
		for _, path := range []string{"/visitors?user_id=fail", "/visitors?user_id=70", "/visitors/fail", "/visitors/" + user, "/visitors/convert"} {
			r.Get(t, path).Fails(404, "not_found", "Visitor Not Found")
		}
		for _, path := range []string{"/visitors", "/visitors?user_id=", "/visitors?email=a@x.test"} {
			r.Get(t, path).Fails(400, "parameter_not_found", "user_id is required")
		}
		r.Put(t, "/visitors/"+user, `{"name":"A"}`).Fails(404, "not_found", "Visitor Not Found")
		r.Delete(t, "/visitors/"+user, nil).Fails(404, "not_found", "Visitor Not Found")
		r.Get(t, "/contacts/"+user).OK()
	})
}

func TestDeleteVisitor(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		v := putVisitor(t, r, visitorDraft{UserID: visitorUUID}).ID()
		is(t, r.Delete(t, "/visitors/"+v, nil), `{"id":"<id>","type":"visitor","user_id":"`+visitorUUID+`"}`, "<id>", v)
		r.Delete(t, "/visitors/"+v, nil).Fails(404, "not_found", "Visitor Not Found")
		r.Get(t, "/visitors/"+v).Fails(404, "not_found", "Visitor Not Found")
		r.Get(t, "/visitors?user_id="+visitorUUID).Fails(404, "not_found", "Visitor Not Found")
		r.Post(t, "/contacts/"+v+"/unarchive", nil).Fails(404, "not_found", "Contact Not Found")
		if again := putVisitor(t, r, visitorDraft{UserID: visitorUUID}).ID(); again == v {
			t.Error("the same visitor came back")
		}
	})
}

// A conversation that only a visitor is left in goes with it, as it would with a contact; one that others
// take part in stays theirs.
func TestDeleteVisitorWhoTakesPart(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		v := putVisitor(t, r, visitorDraft{UserID: visitorUUID}).ID()
		lead := r.Post(t, "/contacts", object{"role": "lead"}).OK().ID()
		begun := func() string {
			path := "/conversations/" + r.Post(t, "/conversations", object{"from": object{"type": "lead", "id": lead}, "body": "Hello"}).OK().At("conversation_id").(string)
			r.Post(t, path+"/customers", object{"admin_id": "1", "customer": object{"intercom_user_id": v}}).OK()
			return path
		}
		alone, shared := begun(), begun()
		r.Delete(t, alone+"/customers/"+lead, object{"admin_id": "1"}).OK()
		r.Delete(t, "/visitors/"+v, nil).OK()
		r.Get(t, alone).Fails(404, "not_found", "Resource Not Found")
		if a := r.Get(t, shared).OK(); a.At("contacts.contacts.0.id") != lead || a.At("contacts.contacts.1") != nil {
			t.Errorf("who takes part is %v", a.At("contacts"))
		}
	})
}

func TestVisitorsAreNoContacts(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		putVisitor(t, r, visitorDraft{UserID: visitorUUID, Email: "v@x.test", Name: "V"})
		everybody := `{"query":{"field":"created_at","operator":">","value":0}}`
		for _, body := range []string{everybody, `{"query":{"field":"role","operator":"=","value":"visitor"}}`,
			`{"query":{"field":"external_id","operator":"=","value":"` + visitorUUID + `"}}`,
			`{"query":{"operator":"OR","value":[{"field":"role","operator":"=","value":"visitor"},{"field":"name","operator":"=","value":"V"}]}}`} {
			if got := ids(t, r.Post(t, "/contacts/search", body)); len(got) != 0 {
				t.Errorf("%s finds a visitor", body)
			}
		}
		if got := ids(t, r.Get(t, "/contacts")); len(got) != 0 {
			t.Error("a visitor is listed")
		}
		r.Post(t, "/tags", `{"name":"t","users":[{"user_id":"`+visitorUUID+`"}]}`).Fails(404, "not_found", "User Not Found")
		r.Post(t, "/tags", `{"name":"t","users":[{"email":"v@x.test"}]}`).Fails(404, "not_found", "User Not Found")
		// Its address is not taken, its user id is.
		r.Post(t, "/contacts", `{"email":"v@x.test"}`).OK()
		r.Post(t, "/contacts", `{"external_id":"`+visitorUUID+`"}`).Is(409)
	})
}
