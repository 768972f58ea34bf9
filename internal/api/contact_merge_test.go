package api_test

import (
	"context"
	"testing"
	"time"

	"parley/internal/apptest"
	"parley/internal/model"
)

func merge(t *testing.T, r *apptest.Rig, from, into string) *apptest.Answer {
	t.Helper()
	return r.Post(t, "/contacts/merge", object{"from": from, "into": into})
}

func TestMergeFillsWhatIsMissing(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		declare(t, r, "plan", "string")
		declare(t, r, "seats", "integer")
		lead := r.Post(t, "/contacts", `{"role":"lead","email":"lead@x.test","name":"Lead","phone":"1","avatar":"https://x.test/l","owner_id":1,
			"signed_up_at":5,"last_seen_at":9,"unsubscribed_from_emails":true,"custom_attributes":{"plan":"pro","seats":3}}`).OK().ID()
		r.Clock.Pass(time.Minute)
		user := r.Post(t, "/contacts", `{"external_id":"70","name":"User","last_seen_at":7,"custom_attributes":{"plan":"team"}}`).OK().ID()
		r.Clock.Pass(time.Minute)
		a := merge(t, r, lead, user)
		holds(t, a, nil, object{"id": user, "role": "user", "external_id": "70", "name": "User", "email": "lead@x.test", "phone": "1",
			"avatar.image_url": "https://x.test/l", "owner_id": 1., "signed_up_at": 5., "last_seen_at": 7.,
			"created_at": 1768478460., "updated_at": 1768478520.,
			"unsubscribed_from_emails": true, // the address is the lead's, and so is this
			"custom_attributes":        object{"plan": "team", "seats": 3.}})
		if again := r.Get(t, "/contacts/"+user); string(again.Body) != string(a.Body) {
			t.Errorf("read back, the user is another: %s", again.Pretty())
		}
	})
}

func TestMergeKeepsWhatIsThere(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		lead := r.Post(t, "/contacts", `{"role":"lead","email":"lead@x.test","phone":"1","unsubscribed_from_emails":true}`).OK().ID()
		user := r.Post(t, "/contacts", `{"email":"user@x.test","phone":"2"}`).OK().ID()
		holds(t, merge(t, r, lead, user), nil, object{"external_id": nil, "email": "user@x.test", "phone": "2", "unsubscribed_from_emails": false})
	})
}

// A merged contact is nowhere, and its identifiers are free.
func TestMergedContactIsGone(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		user := r.Post(t, "/contacts", `{"external_id":"70"}`).OK().ID()
		lead := r.Post(t, "/contacts", `{"role":"lead","external_id":"l","name":"Lead"}`).OK().ID()
		merge(t, r, lead, user).OK()
		r.Get(t, "/contacts/"+lead).Fails(404, "not_found", "User Not Found")
		r.Put(t, "/contacts/"+lead, `{"name":"A"}`).Fails(404, "not_found", "User Not Found")
		r.Delete(t, "/contacts/"+lead, nil).Fails(404, "not_found", "User Not Found")
		r.Get(t, "/contacts/"+lead+"/tags").Fails(404, "not_found", "User Not Found")
		r.Post(t, "/contacts/"+lead+"/archive", nil).Fails(404, "not_found", "Contact Not Found")
		r.Post(t, "/contacts/"+lead+"/unarchive", nil).Fails(404, "not_found", "Contact Not Found")
		merge(t, r, lead, user).Fails(404, "not_found", "Contact Not Found")
		for _, a := range []*apptest.Answer{r.Get(t, "/contacts"), r.Post(t, "/contacts/search", `{"query":{"field":"name","operator":"=","value":"lead"}}`)} {
			if got := ids(t, a); len(got) != 1 || got[0] != user {
				t.Errorf("%s shows %v; want %s alone", a.Call, got, user)
			}
		}
		r.Post(t, "/contacts", `{"external_id":"l"}`).OK()
	})
}

// What belongs to the lead belongs to the user afterwards; what both have stays
// as the user has it.
func TestMergeMovesWhatBelongsToTheLead(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		user := r.Post(t, "/contacts", `{"external_id":"70"}`).OK().ID()
		lead := r.Post(t, "/contacts", `{"role":"lead"}`).OK().ID()
		both := r.Post(t, "/tags", `{"name":"both"}`).OK().ID()
		leads := r.Post(t, "/tags", `{"name":"lead's"}`).OK().ID()
		company := r.Post(t, "/companies", `{"company_id":"c","name":"C"}`).OK().ID()
		r.Post(t, "/contacts/"+user+"/tags", object{"id": both}).OK()
		r.Clock.Pass(time.Minute)
		for _, tag := range []string{both, leads} {
			r.Post(t, "/contacts/"+lead+"/tags", object{"id": tag}).OK()
		}
		r.Post(t, "/contacts/"+lead+"/companies", object{"id": company}).OK()
		note := r.Post(t, "/contacts/"+lead+"/notes", `{"body":"hello"}`).OK().ID()
		r.Clock.Pass(time.Minute)

		holds(t, merge(t, r, lead, user), nil, object{"tags.total_count": 2., "companies.data.0.id": company, "notes.data.0.id": note})
		holds(t, r.Get(t, "/contacts/"+user+"/tags"), nil, object{"data.0.id": leads, "data.0.applied_at": 1768478460.,
			"data.1.id": both, "data.1.applied_at": 1768478400.})
		holds(t, r.Get(t, "/notes/"+note), nil, object{"contact.id": user})
		holds(t, r.Get(t, "/companies/"+company), nil, object{"user_count": 1.})
	})
}

func TestMergeRefusals(t *testing.T) {
	tests := []struct {
		name    string
		body    string
		refused *refusal
	}{
		{"a user into a user", `{"from":"<user>","into":"<other>"}`, &refusal{400, "invalid_merge", "Merging can only be performed on a lead into a user"}},
		{"a user into a lead", `{"from":"<user>","into":"<lead>"}`, &refusal{400, "invalid_merge", "Merging can only be performed on a lead into a user"}},
		{"a lead into a lead", `{"from":"<lead>","into":"<lead 2>"}`, &refusal{400, "invalid_merge", "Merging can only be performed on a lead into a user"}},
		{"a lead into itself", `{"from":"<lead>","into":"<lead>"}`, &refusal{400, "invalid_merge", "Merging can only be performed on a lead into a user"}},
		{"a user into itself", `{"from":"<user>","into":"<user>"}`, &refusal{400, "invalid_merge", "Merging can only be performed on a lead into a user"}},
		{"an unknown lead", `{"from":"6657aae86abd0164c24b0d29","into":"<user>"}`, &refusal{404, "not_found", "Contact Not Found"}},
		{"an unknown user", `{"from":"<lead>","into":"6657aae86abd0164c24b0d29"}`, &refusal{404, "not_found", "Contact Not Found"}},
		{"an unknown one into itself", `{"from":"x","into":"x"}`, &refusal{404, "not_found", "Contact Not Found"}},
		{"external ids", `{"from":"<lead>","into":"70"}`, &refusal{404, "not_found", "Contact Not Found"}},
		{"no from", `{"into":"<user>"}`, missing("A merge needs the ids of both contacts, as from and into")},
		{"no into", `{"from":"<lead>","into":null}`, missing("A merge needs the ids of both contacts, as from and into")},
		{"no body", ``, missing("A merge needs the ids of both contacts, as from and into")},
		{"an id that is an object", `{"from":{"id":"<lead>"},"into":"<user>"}`, invalid("from is invalid")},
		{"an address that another user has alone", `{"from":"<lead>","into":"<user>"}`, &refusal{409, "conflict", "A contact matching those details already exists with id=<other>"}},
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		values := []string{
			"<user>", r.Post(t, "/contacts", `{"external_id":"70"}`).OK().ID(),
			"<other>", r.Post(t, "/contacts", `{"email":"a@x.test"}`).OK().ID(),
			"<lead>", r.Post(t, "/contacts", `{"role":"lead","email":"a@x.test"}`).OK().ID(),
			"<lead 2>", r.Post(t, "/contacts", `{"role":"lead"}`).OK().ID(),
		}
		before := r.Get(t, "/contacts")
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				r.Post(t, "/contacts/merge", fill(tt.body, values...)).Fails(tt.refused.status, tt.refused.code, fill(tt.refused.message, values...))
				if after := r.Get(t, "/contacts"); string(after.Body) != string(before.Body) {
					t.Errorf("a refused merge has changed something: %s", after.Pretty())
				}
			})
		}
	})
}

// Archived contacts can be merged: they are out of sight, not gone.
func TestMergeOfArchivedContacts(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		user := r.Post(t, "/contacts", `{"external_id":"70"}`).OK().ID()
		lead := r.Post(t, "/contacts", `{"role":"lead","name":"Lead"}`).OK().ID()
		r.Post(t, "/contacts/"+lead+"/archive", nil).OK()
		holds(t, merge(t, r, lead, user), nil, object{"id": user, "name": "Lead"})
		if got := ids(t, r.Get(t, "/contacts")); len(got) != 1 {
			t.Errorf("the list shows %v", got)
		}
	})
}

// The Messenger's record of a person is filled in, too.
func TestMergeFillsTheProfile(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		make := func(role model.Role, p model.Profile) string {
			c, err := r.People.CreateContact(context.Background(), r.Actor(), model.ContactPatch{
				Role: model.Some(role), ExternalID: model.Some(string(role)), Profile: model.Some(p)})
			if err != nil {
				t.Fatal(err)
			}
			return string(c.ID)
		}
		lead := make(model.RoleLead, model.Profile{City: "Cork", Browser: "firefox", IOSLastSeenAt: 4,
			SocialProfiles: []model.SocialProfile{{Name: "Twitter", URL: "http://twitter.com/x"}}})
		user := make(model.RoleUser, model.Profile{City: "Dublin"})
		holds(t, merge(t, r, lead, user), nil, object{"location.city": "Dublin", "browser": "firefox", "ios_last_seen_at": 4.,
			"social_profiles.data": []any{object{"type": "social_profile", "name": "Twitter", "url": "http://twitter.com/x"}}})
	})
}
