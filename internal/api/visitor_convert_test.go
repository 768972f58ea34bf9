package api_test

import (
	"testing"
	"time"

	"parley/internal/apptest"
	"parley/internal/model"
)

// The published example: a visitor that turns out to be a new user is that user,
// identified by what was given and by nothing else.
func TestConvertVisitorToNewUser(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		v := putVisitor(t, r, visitorDraft{UserID: visitorUUID}).ID()
		a := r.Post(t, "/visitors/convert", `{"visitor":{"user_id":"`+visitorUUID+`"},"user":{"email":"foo@bar.com"},"type":"user"}`)
		is(t, a, wholeContact, "<id>", v, "<workspace>", string(r.Workspace.ID), "<external_id>", "null", "<role>", "user",
			"<email>", `"foo@bar.com"`, "<signed_up_at>", "1768478400")
		r.Get(t, "/visitors?user_id="+visitorUUID).Fails(404, "not_found", "Visitor Not Found")
		r.Get(t, "/visitors/"+v).Fails(404, "not_found", "Visitor Not Found")
		if again := r.Get(t, "/contacts/"+v).OK(); string(again.Body) != string(a.Body) {
			t.Errorf("read back, the user is another: %s", again.Pretty())
		}
		if got := ids(t, r.Get(t, "/contacts")); len(got) != 1 || got[0] != v {
			t.Errorf("the list shows %v; want %s", got, v)
		}
		putVisitor(t, r, visitorDraft{UserID: visitorUUID}) // its user id is free again
	})
}

func TestConvertVisitor(t *testing.T) {
	const (
		user70     = `{"external_id":"70","email":"joe@x.test"}`
		onlyEmail  = `{"email":"joe@x.test"}`
		lead       = `{"role":"lead","external_id":"l","email":"joe@x.test"}`
		became     = -1 // the visitor itself
		notVisitor = "Visitor Not Found"
	)
	clash := func(article, id string) *refusal {
		return &refusal{409, "conflict", article + " matching those details already exists with id=" + id}
	}
	tests := []struct {
		name    string
		there   []string // contacts that the workspace has
		archive bool     // the first of them
		body    string   // <v> the visitor's id, <uuid> its user id, <0> the first contact
		into    int
		want    object
		refused *refusal
	}{
		{name: "to a user by external id", body: `{"type":"user","visitor":{"id":"<v>"},"user":{"user_id":"70"}}`, into: became,
			want: object{"role": "user", "external_id": "70", "email": "gareth@x.test", "name": "Gareth"}},
		{name: "to a user by external id and address", body: `{"type":"user","visitor":{"id":"<v>"},"user":{"user_id":"70","email":"New@x.test"}}`, into: became,
			want: object{"role": "user", "external_id": "70", "email": "new@x.test"}},
		{name: "to a user under the visitor's own user id", body: `{"type":"user","visitor":{"id":"<v>"},"user":{"user_id":"<uuid>"}}`, into: became,
			want: object{"role": "user", "external_id": "<uuid>"}},
		{name: "by the visitor's address", body: `{"type":"user","visitor":{"email":"GARETH@x.test"},"user":{"user_id":"70"}}`, into: became,
			want: object{"external_id": "70", "email": "gareth@x.test"}},
		{name: "to a lead without a user", body: `{"type":"lead","visitor":{"user_id":"<uuid>"}}`, into: became,
			want: object{"role": "lead", "external_id": "<uuid>", "email": "gareth@x.test", "name": "Gareth"}},
		{name: "to a lead with a user that is null", body: `{"type":"lead","visitor":{"user_id":"<uuid>"},"user":null}`, into: became, want: object{"role": "lead"}},
		{name: "to a lead with a user that is empty", body: `{"type":"lead","visitor":{"user_id":"<uuid>"},"user":{}}`, into: became, want: object{"role": "lead"}},
		{name: "to a lead by address", body: `{"type":"lead","visitor":{"user_id":"<uuid>"},"user":{"email":"l@x.test"}}`, into: became,
			want: object{"role": "lead", "external_id": "<uuid>", "email": "l@x.test"}},
		{name: "to a lead by external id", body: `{"type":"lead","visitor":{"user_id":"<uuid>"},"user":{"user_id":"l"}}`, into: became,
			want: object{"role": "lead", "external_id": "l"}},

		{name: "into the user with that id", there: []string{user70}, body: `{"type":"user","visitor":{"id":"<v>"},"user":{"id":"<0>"}}`,
			want: object{"role": "user", "external_id": "70", "email": "joe@x.test", "name": "Gareth"}},
		{name: "into the user with that external id", there: []string{user70}, body: `{"type":"user","visitor":{"id":"<v>"},"user":{"user_id":"70","email":"other@x.test"}}`,
			want: object{"external_id": "70", "email": "joe@x.test"}},
		{name: "into the user with that address", there: []string{onlyEmail}, body: `{"type":"user","visitor":{"id":"<v>"},"user":{"email":"JOE@x.test"}}`,
			want: object{"external_id": nil, "email": "joe@x.test", "name": "Gareth"}},
		{name: "into the lead with that id", there: []string{lead}, body: `{"type":"lead","visitor":{"id":"<v>"},"user":{"id":"<0>"}}`,
			want: object{"role": "lead", "external_id": "l", "name": "Gareth"}},
		{name: "into the lead with that external id", there: []string{lead}, body: `{"type":"lead","visitor":{"id":"<v>"},"user":{"user_id":"l"}}`, want: object{"role": "lead"}},
		{name: "into the lead with that address", there: []string{lead}, body: `{"type":"lead","visitor":{"id":"<v>"},"user":{"email":"joe@x.test"}}`, want: object{"role": "lead"}},
		{name: "a lead's address makes no user of it", there: []string{lead}, body: `{"type":"user","visitor":{"id":"<v>"},"user":{"email":"joe@x.test"}}`, into: became,
			want: object{"role": "user", "email": "joe@x.test"}},
		{name: "nor a user's address a lead", there: []string{user70}, body: `{"type":"lead","visitor":{"id":"<v>"},"user":{"email":"joe@x.test"}}`, into: became,
			want: object{"role": "lead", "email": "joe@x.test"}},

		{name: "an unknown visitor", body: `{"type":"user","visitor":{"user_id":"fail"},"user":{"email":"a@x.test"}}`, refused: &refusal{404, "not_found", notVisitor}},
		{name: "a user is no visitor", there: []string{user70}, body: `{"type":"user","visitor":{"id":"<0>"},"user":{"email":"a@x.test"}}`, refused: &refusal{404, "not_found", notVisitor}},
		{name: "an unknown user", body: `{"type":"user","visitor":{"id":"<v>"},"user":{"id":"fail"}}`, refused: &refusal{404, "not_found", "User Not Found"}},
		{name: "a user whose id is a lead's", there: []string{lead}, body: `{"type":"user","visitor":{"id":"<v>"},"user":{"id":"<0>"}}`, refused: &refusal{404, "not_found", "User Not Found"}},
		{name: "a lead whose id is a user's", there: []string{user70}, body: `{"type":"lead","visitor":{"id":"<v>"},"user":{"id":"<0>"}}`, refused: &refusal{404, "not_found", "User Not Found"}},
		{name: "a user whose external id is a lead's", there: []string{lead}, body: `{"type":"user","visitor":{"id":"<v>"},"user":{"user_id":"l"}}`, refused: clash("A contact", "<0>")},
		{name: "a user whose address is another's alone", there: []string{onlyEmail}, body: `{"type":"user","visitor":{"id":"<v>"},"user":{"user_id":"71","email":"joe@x.test"}}`, refused: clash("A contact", "<0>")},
		{name: "a user who is archived, by external id", there: []string{user70}, archive: true, body: `{"type":"user","visitor":{"id":"<v>"},"user":{"user_id":"70"}}`, refused: clash("An archived contact", "<0>")},
		{name: "a user who is archived, by address", there: []string{onlyEmail}, archive: true, body: `{"type":"user","visitor":{"id":"<v>"},"user":{"email":"joe@x.test"}}`, refused: clash("An archived contact", "<0>")},
		{name: "a user who is archived, by id", there: []string{user70}, archive: true, body: `{"type":"user","visitor":{"id":"<v>"},"user":{"id":"<0>"}}`, refused: &refusal{404, "not_found", "User Not Found"}},
		{name: "an address of two users", there: []string{user70, `{"external_id":"71","email":"joe@x.test"}`}, body: `{"type":"user","visitor":{"id":"<v>"},"user":{"email":"joe@x.test"}}`,
			refused: &refusal{409, "conflict", "Multiple existing users match this email address - must be more specific using user_id"}},

		{name: "no body", body: ``, refused: missing("type is required: user or lead")},
		{name: "no type", body: `{"visitor":{"id":"<v>"},"user":{"email":"a@x.test"}}`, refused: missing("type is required: user or lead")},
		{name: "an unknown type", body: `{"type":"visitor","visitor":{"id":"<v>"},"user":{"email":"a@x.test"}}`, refused: invalid("Type must be either user or lead")},
		{name: "no visitor", body: `{"type":"user","user":{"email":"a@x.test"}}`, refused: missing("visitor needs an id, a user_id or an email")},
		{name: "a visitor without a name", body: `{"type":"user","visitor":{"name":"Gareth"},"user":{"email":"a@x.test"}}`, refused: missing("visitor needs an id, a user_id or an email")},
		{name: "no user", body: `{"type":"user","visitor":{"id":"<v>"}}`, refused: missing("user needs an id, a user_id or an email")},
		{name: "an empty user", body: `{"type":"user","visitor":{"id":"<v>"},"user":{}}`, refused: missing("user needs an id, a user_id or an email")},
		{name: "a user that is a text", body: `{"type":"user","visitor":{"id":"<v>"},"user":"a@x.test"}`, refused: invalid("user is invalid")},
		{name: "an address that is none", body: `{"type":"user","visitor":{"id":"<v>"},"user":{"email":"nope"}}`, refused: invalid("Email is invalid")},
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				r := r.Elsewhere(t)
				v := putVisitor(t, r, visitorDraft{Name: "Gareth", Email: "gareth@x.test"})
				values := []string{"<v>", v.ID(), "<uuid>", v.At("user_id").(string)}
				var there []string
				for _, body := range tt.there {
					there = append(there, r.Post(t, "/contacts", body).OK().ID())
				}
				if len(there) > 0 {
					values = append(values, "<0>", there[0])
				}
				if tt.archive {
					r.Post(t, "/contacts/"+there[0]+"/archive", nil).OK()
				}
				a := r.Post(t, "/visitors/convert", fill(tt.body, values...))
				if tt.refused != nil {
					a.Fails(tt.refused.status, tt.refused.code, fill(tt.refused.message, values...))
					if after := r.Get(t, "/visitors/"+v.ID()); string(after.Body) != string(v.Body) {
						t.Errorf("a refused conversion has changed the visitor: %s", after.Pretty())
					}
					return
				}
				for path, value := range tt.want {
					if text, ok := value.(string); ok {
						value = fill(text, values...)
					}
					holds(t, a, nil, object{path: value})
				}
				r.Get(t, "/visitors/"+v.ID()).Fails(404, "not_found", "Visitor Not Found")
				result := v.ID()
				if tt.into != became {
					result = there[tt.into]
					r.Get(t, "/contacts/"+v.ID()).Fails(404, "not_found", "User Not Found")
				}
				if again := r.Get(t, "/contacts/"+result).OK(); a.ID() != result || string(again.Body) != string(a.Body) {
					t.Errorf("the conversion answers %s, and %s is then %s", a.Pretty(), result, again.Pretty())
				}
			})
		}
	})
}

// What was seen of a visitor goes with it.
func TestConvertedVisitorKeepsWhatWasSeen(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		declare(t, r, "plan", "string")
		declare(t, r, "seats", "integer")
		draft := visitorDraft{Phone: "+1", LastSeenAt: 9, Profile: model.Profile{Country: "Ireland", Browser: "firefox"},
			Attributes: model.Attributes{"plan": "pro", "seats": int64(3)}, CreatedAt: 5}
		v := putVisitor(t, r, draft).ID()
		r.Clock.Pass(time.Minute)
		holds(t, r.Post(t, "/visitors/convert", object{"type": "lead", "visitor": object{"id": v}}), nil, object{"id": v, "phone": "+1",
			"last_seen_at": 9., "location.country": "Ireland", "browser": "firefox", "created_at": 5., "updated_at": 1768478460.,
			"custom_attributes": object{"plan": "pro", "seats": 3.}})

		user := r.Post(t, "/contacts", `{"external_id":"70","phone":"+2","custom_attributes":{"plan":"team"}}`).OK().ID()
		v = putVisitor(t, r, draft).ID()
		holds(t, r.Post(t, "/visitors/convert", object{"type": "user", "visitor": object{"id": v}, "user": object{"id": user}}), nil, object{"id": user,
			"phone": "+2", "last_seen_at": 9., "location.country": "Ireland", "custom_attributes": object{"plan": "team", "seats": 3.}})
	})
}
