package api_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
)

// wholeContact is a new contact as the published examples show it: every key,
// with null for what is unset.
const wholeContact = `{"type":"contact","id":"<id>","workspace_id":"<workspace>","external_id":<external_id>,"role":"<role>",
 "email":<email>,"phone":null,"name":null,"avatar":null,"owner_id":null,
 "social_profiles":{"type":"list","data":[]},
 "has_hard_bounced":false,"marked_email_as_spam":false,"unsubscribed_from_emails":false,
 "created_at":1768478400,"updated_at":1768478400,"signed_up_at":<signed_up_at>,
 "last_seen_at":null,"last_replied_at":null,"last_contacted_at":null,"last_email_opened_at":null,"last_email_clicked_at":null,
 "language_override":null,"browser":null,"browser_version":null,"browser_language":null,"os":null,
 "location":{"type":"location","country":null,"region":null,"city":null,"country_code":null,"continent_code":null},
 "android_app_name":null,"android_app_version":null,"android_device":null,"android_os_version":null,"android_sdk_version":null,"android_last_seen_at":null,
 "ios_app_name":null,"ios_app_version":null,"ios_device":null,"ios_os_version":null,"ios_sdk_version":null,"ios_last_seen_at":null,
 "custom_attributes":{},
 "tags":{"type":"list","data":[],"url":"/contacts/<id>/tags","total_count":0,"has_more":false},
 "notes":{"type":"list","data":[],"url":"/contacts/<id>/notes","total_count":0,"has_more":false},
 "companies":{"type":"list","data":[],"url":"/contacts/<id>/companies","total_count":0,"has_more":false},
 "opted_out_subscription_types":{"type":"list","data":[],"url":"/contacts/<id>/subscriptions","total_count":0,"has_more":false},
 "opted_in_subscription_types":{"type":"list","data":[],"url":"/contacts/<id>/subscriptions","total_count":0,"has_more":false},
 "utm_campaign":null,"utm_content":null,"utm_medium":null,"utm_source":null,"utm_term":null,"referrer":null}`

func TestContactIsWhole(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		c := r.Post(t, "/contacts", `{"email":"joebloggs@intercom.io"}`).OK()
		values := []string{"<id>", c.ID(), "<workspace>", string(r.Workspace.ID), "<external_id>", "null", "<role>", "user",
			"<email>", `"joebloggs@intercom.io"`, "<signed_up_at>", "null"}
		is(t, c, wholeContact, values...)
		is(t, r.Get(t, "/contacts/"+c.ID()), wholeContact, values...)
		is(t, r.Get(t, "/contacts"), `{"type":"list","data":[`+wholeContact+`],"total_count":1,
			"pages":{"type":"pages","page":1,"per_page":50,"total_pages":1}}`, values...)
	})
}

func TestCreateContact(t *testing.T) {
	long := strings.Repeat("ä", 255)
	tests := []struct {
		name    string
		body    string
		want    object
		refused *refusal
	}{
		{name: "a user by address", body: `{"email":"a@x.test"}`, want: object{"role": "user", "email": "a@x.test", "external_id": nil}},
		{name: "a user by external id", body: `{"external_id":"70"}`, want: object{"role": "user", "email": nil, "external_id": "70"}},
		{name: "an external id that is a number", body: `{"external_id":70}`, want: object{"external_id": "70"}},
		{name: "a number that no float holds", body: `{"external_id":12345678901234567890}`, want: object{"external_id": "12345678901234567890"}},
		{name: "the old name of the role means nothing", body: `{"type":"lead","email":"a@x.test"}`, want: object{"role": "user"}},
		{name: "a lead with nothing but a name", body: `{"role":"lead","name":"Ann"}`, want: object{"role": "lead", "name": "Ann", "email": nil}},
		{name: "a lead with an external id", body: `{"role":"lead","external_id":"7"}`, want: object{"role": "lead", "external_id": "7"}},
		{name: "an address is kept in lower case", body: `{"email":"  Joe@Bloggs.TEST "}`, want: object{"email": "joe@bloggs.test"}},
		{name: "and otherwise as it was spelt", body: `{"email":"γιώργος@παράδειγμα.test"}`, want: object{"email": "γιώργος@παράδειγμα.test"}},
		{name: "everything that can be written", body: `{"role":"user","external_id":"e","email":"a@x.test","phone":"+353 87 123",
			"name":"Ann","avatar":"https://x.test/a.png","signed_up_at":1571672154,"last_seen_at":"1571672155","owner_id":1,
			"unsubscribed_from_emails":true}`,
			want: object{"role": "user", "external_id": "e", "email": "a@x.test", "phone": "+353 87 123", "name": "Ann",
				"avatar": object{"type": "avatar", "image_url": "https://x.test/a.png"}, "signed_up_at": 1571672154.,
				"last_seen_at": 1571672155., "owner_id": 1., "unsubscribed_from_emails": true}},
		{name: "nothing that cannot", body: `{"email":"a@x.test","id":"x","created_at":1,"updated_at":1,"has_hard_bounced":true,
			"marked_email_as_spam":true,"location":{"country":"IE"},"browser":"firefox","workspace_id":"w","tags":["a"]}`,
			want: object{"created_at": 1768478400., "updated_at": 1768478400., "has_hard_bounced": false,
				"marked_email_as_spam": false, "location.country": nil, "browser": nil, "tags.total_count": 0.}},
		{name: "empty is unset", body: `{"email":"a@x.test","name":"","phone":"","avatar":"","external_id":"","signed_up_at":0,"owner_id":0}`,
			want: object{"name": nil, "phone": nil, "avatar": nil, "external_id": nil, "signed_up_at": nil, "owner_id": nil}},
		{name: "null is unset", body: `{"email":"a@x.test","role":null,"name":null,"phone":null,"avatar":null,"external_id":null,
			"signed_up_at":null,"last_seen_at":null,"owner_id":null,"unsubscribed_from_emails":null,"custom_attributes":null}`,
			want: object{"role": "user", "name": nil, "unsubscribed_from_emails": false, "custom_attributes": object{}}},
		{name: "values as texts", body: `{"email":"a@x.test","owner_id":"1","unsubscribed_from_emails":"true","phone":35387}`,
			want: object{"owner_id": 1., "unsubscribed_from_emails": true, "phone": "35387"}},
		{name: "a fraction of a second", body: `{"email":"a@x.test","last_seen_at":1571672154.75}`, want: object{"last_seen_at": 1571672154.}},
		{name: "the longest name", body: `{"email":"a@x.test","name":"` + long + `"}`, want: object{"name": long}},
		{name: "text of any script", body: `{"email":"a@x.test","name":"J\u00fcrgen \ud83d\ude00 \u202e\u0001"}`, want: object{"name": "Jürgen 😀 \u202e\u0001"}},

		{name: "no body", body: ``, refused: missing("A user needs an external_id or an email")},
		{name: "nobody", body: `{}`, refused: missing("A user needs an external_id or an email")},
		{name: "a user of nothing but a name", body: `{"role":"user","name":"Ann"}`, refused: missing("A user needs an external_id or an email")},
		{name: "identifiers that are empty", body: `{"email":" ","external_id":""}`, refused: missing("A user needs an external_id or an email")},
		{name: "an unknown role", body: `{"role":"admin","email":"a@x.test"}`, refused: invalid("Role must be either user or lead")},
		{name: "an empty role", body: `{"role":"","email":"a@x.test"}`, refused: invalid("Role must be either user or lead")},
		{name: "visitors are not made here", body: `{"role":"visitor","email":"a@x.test"}`, refused: invalid("Role must be either user or lead")},
		{name: "an address that is none", body: `{"email":"ann"}`, refused: invalid("Email is invalid")},
		{name: "an address of two", body: `{"email":"a@b@x.test"}`, refused: invalid("Email is invalid")},
		{name: "an address with a line break", body: `{"email":"a@x.test\nBcc: b@x.test"}`, refused: invalid("Email is invalid")},
		{name: "an address that is a number", body: `{"email":7}`, refused: invalid("email is invalid")},
		{name: "a name too long", body: `{"email":"a@x.test","name":"` + long + `x"}`, refused: invalid("Name is too long (maximum is 255 characters)")},
		{name: "an external id too long", body: `{"external_id":"` + long + `x"}`, refused: invalid("External ID is too long (maximum is 255 characters)")},
		{name: "an owner who is no teammate", body: `{"email":"a@x.test","owner_id":404}`, refused: invalid("The owner specified is not a member of the workspace")},
		{name: "an owner below nobody", body: `{"email":"a@x.test","owner_id":-1}`, refused: invalid("The owner specified is not a member of the workspace")},
		{name: "half an owner", body: `{"email":"a@x.test","owner_id":1.5}`, refused: invalid("owner_id is invalid")},
		{name: "an owner beyond exact numbers", body: `{"email":"a@x.test","owner_id":9007199254740993}`, refused: invalid("owner_id is invalid")},
		{name: "an owner in hexadecimal", body: `{"email":"a@x.test","owner_id":"0x1"}`, refused: invalid("owner_id is invalid")},
		{name: "a time before time", body: `{"email":"a@x.test","last_seen_at":-1}`, refused: invalid("last_seen_at is invalid")},
		{name: "a time that is a text", body: `{"email":"a@x.test","signed_up_at":"yesterday"}`, refused: invalid("signed_up_at is invalid")},
		{name: "a truth value that is none", body: `{"email":"a@x.test","unsubscribed_from_emails":"maybe"}`, refused: invalid("unsubscribed_from_emails is invalid")},
		{name: "attributes that are a list", body: `{"email":"a@x.test","custom_attributes":[]}`, refused: invalid("custom_attributes is invalid")},
		{name: "an attribute that nobody declared", body: `{"email":"a@x.test","custom_attributes":{"plan":"pro"}}`, refused: invalid("Custom attribute 'plan' does not exist")},
		{name: "an attribute that is an object", body: `{"email":"a@x.test","custom_attributes":{"plan":{}}}`, refused: invalid("Custom attribute 'plan' is not of type Numeric, String or Boolean")},
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				r := r.Elsewhere(t)
				a := r.Post(t, "/contacts", tt.body)
				holds(t, a, tt.refused, tt.want)
				if tt.refused != nil {
					if n := r.Get(t, "/contacts").At("total_count"); n != 0. {
						t.Errorf("a refused contact is there: %v", n)
					}
					return
				}
				if again := r.Get(t, "/contacts/"+a.ID()).OK(); string(again.Body) != string(a.Body) {
					t.Errorf("read back, the contact is another:\n%s", cmp.Diff(a.Pretty(), again.Pretty()))
				}
			})
		}
	})
}

func TestLeadIsGivenAnExternalID(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		seen := map[any]bool{}
		for range 2 {
			id := r.Post(t, "/contacts", `{"role":"lead"}`).OK().At("external_id")
			text, _ := id.(string)
			if len(text) != 36 || strings.Count(text, "-") != 4 || seen[id] {
				t.Errorf("a lead has the external id %q; want a UUID of its own", text)
			}
			seen[id] = true
		}
	})
}

// Who may exist beside whom. Each case creates contacts in turn; the last one
// conflicts with the one at the index, or with none.
func TestContactsThatConflict(t *testing.T) {
	const none = -1
	tests := []struct {
		name   string
		bodies []string
		with   int
	}{
		{"two users with an external id", []string{`{"external_id":"1"}`, `{"external_id":"1"}`}, 0},
		{"external ids that differ by case", []string{`{"external_id":"a"}`, `{"external_id":"A"}`}, none},
		{"a lead with the external id of a user", []string{`{"external_id":"1"}`, `{"external_id":"1","role":"lead"}`}, 0},
		{"a user with the external id of a lead", []string{`{"external_id":"1","role":"lead"}`, `{"external_id":"1"}`}, 0},
		{"two users with nothing but one address", []string{`{"email":"a@x.test"}`, `{"email":"a@x.test"}`}, 0},
		{"an address in another case", []string{`{"email":"Ann@X.test"}`, `{"email":"aNN@x.TEST"}`}, 0},
		{"an address in another case of another script", []string{`{"email":"ΣΑΣ@x.test"}`, `{"email":"σας@x.test"}`}, 0},
		{"the address of one with an external id", []string{`{"email":"a@x.test","external_id":"1"}`, `{"email":"a@x.test"}`}, 0},
		{"an external id and the address of one without", []string{`{"email":"a@x.test"}`, `{"email":"a@x.test","external_id":"1"}`}, 0},
		{"one address, two external ids", []string{`{"email":"a@x.test","external_id":"1"}`, `{"email":"a@x.test","external_id":"2"}`}, none},
		{"one address, two external ids and then none", []string{`{"email":"a@x.test","external_id":"1"}`, `{"email":"a@x.test","external_id":"2"}`, `{"email":"a@x.test"}`}, 0},
		{"two leads with one address", []string{`{"email":"a@x.test","role":"lead"}`, `{"email":"a@x.test","role":"lead"}`}, none},
		{"a lead with the address of a user", []string{`{"email":"a@x.test"}`, `{"email":"a@x.test","role":"lead"}`}, none},
		{"a user with the address of a lead", []string{`{"email":"a@x.test","role":"lead"}`, `{"email":"a@x.test"}`}, none},
		{"phones and names are nobody's", []string{`{"external_id":"1","phone":"1","name":"A"}`, `{"external_id":"2","phone":"1","name":"A"}`}, none},
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				r := r.Elsewhere(t)
				var made []string
				for _, body := range tt.bodies[:len(tt.bodies)-1] {
					made = append(made, r.Post(t, "/contacts", body).OK().ID())
					r.Clock.Pass(time.Second) // of several, the oldest is named
				}
				last := tt.bodies[len(tt.bodies)-1]
				if tt.with == none {
					r.Post(t, "/contacts", last).OK()
					return
				}
				r.Post(t, "/contacts", last).Fails(409, "conflict",
					"A contact matching those details already exists with id="+made[tt.with])
				for i, id := range made {
					if i != tt.with {
						r.Delete(t, "/contacts/"+id, nil).OK()
					}
				}
				r.Post(t, "/contacts/"+made[tt.with]+"/archive", nil).OK()
				r.Post(t, "/contacts", last).Fails(409, "conflict",
					"An archived contact matching those details already exists with id="+made[tt.with])
				r.Delete(t, "/contacts/"+made[tt.with], nil).OK()
				r.Post(t, "/contacts", last).OK()
			})
		}
	})
}

func TestUpdateContact(t *testing.T) {
	const user = `{"external_id":"70","email":"joe@bloggs.test","name":"Joe","phone":"1","avatar":"https://x.test/a","owner_id":1,
		"signed_up_at":5,"last_seen_at":6,"unsubscribed_from_emails":true}`
	const lead = `{"role":"lead","external_id":"l","email":"joe@bloggs.test"}`
	tests := []struct {
		name    string
		of      string
		body    string
		want    object
		refused *refusal
	}{
		{name: "the published example", of: `{"external_id":"70"}`, body: `{"email":"joebloggs@intercom.io","name":"joe bloggs"}`,
			want: object{"email": "joebloggs@intercom.io", "name": "joe bloggs", "external_id": "70", "role": "user"}},
		{name: "nothing", of: user, body: `{}`, want: object{"name": "Joe", "updated_at": 1768478460., "created_at": 1768478400.}},
		{name: "no body", of: user, body: ``, want: object{"name": "Joe"}},
		{name: "null clears", of: user, body: `{"email":null,"name":null,"phone":null,"avatar":null,"owner_id":null,"signed_up_at":null,
			"last_seen_at":null,"unsubscribed_from_emails":null}`,
			want: object{"external_id": "70", "email": nil, "name": nil, "phone": nil, "avatar": nil, "owner_id": nil, "signed_up_at": nil,
				"last_seen_at": nil, "unsubscribed_from_emails": false}},
		{name: "empty clears", of: user, body: `{"email":"","name":"","phone":"","avatar":""}`,
			want: object{"external_id": "70", "email": nil, "name": nil, "phone": nil, "avatar": nil, "owner_id": 1.}},
		{name: "an external id can be replaced", of: user, body: `{"external_id":"71"}`, want: object{"external_id": "71", "email": "joe@bloggs.test"}},
		{name: "its own identifiers are no conflict", of: user, body: `{"external_id":"70","email":"JOE@bloggs.test"}`, want: object{"email": "joe@bloggs.test"}},
		{name: "its own role", of: user, body: `{"role":"user","name":"J"}`, want: object{"role": "user", "name": "J"}},
		{name: "a lead becomes a user", of: lead, body: `{"role":"user"}`, want: object{"role": "user", "external_id": "l", "email": "joe@bloggs.test"}},
		{name: "a lead with a made-up external id too", of: `{"role":"lead"}`, body: `{"role":"user","email":"a@x.test"}`, want: object{"role": "user", "email": "a@x.test"}},
		{name: "read-only fields stay", of: user, body: `{"created_at":1,"has_hard_bounced":true,"browser":"b","id":"x"}`,
			want: object{"created_at": 1768478400., "has_hard_bounced": false, "browser": nil}},

		{name: "a user never becomes a lead", of: user, body: `{"role":"lead"}`, refused: &refusal{400, "client_error", "Contact with user role can't be converted to a lead"}},
		{name: "an unknown role", of: user, body: `{"role":"boss"}`, refused: invalid("Role must be either user or lead")},
		{name: "an unknown role of a lead", of: lead, body: `{"role":"visitor"}`, refused: invalid("Role must be either user or lead")},
		{name: "the last identifier of a user", of: `{"email":"a@x.test"}`, body: `{"email":null}`, refused: missing("A user needs an external_id or an email")},
		{name: "all identifiers of a user", of: user, body: `{"email":"","external_id":null}`, refused: missing("A user needs an external_id or an email")},
		{name: "an owner who is no teammate", of: user, body: `{"owner_id":404}`, refused: invalid("The owner specified is not a member of the workspace")},
		{name: "an address that is none", of: user, body: `{"email":"@"}`, refused: invalid("Email is invalid")},
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				r := r.Elsewhere(t)
				before := r.Post(t, "/contacts", tt.of).OK()
				r.Clock.Pass(time.Minute)
				defer r.Clock.Pass(-time.Minute)
				a := r.Put(t, "/contacts/"+before.ID(), tt.body)
				holds(t, a, tt.refused, tt.want)
				after := r.Get(t, "/contacts/"+before.ID()).OK()
				if tt.refused != nil && string(after.Body) != string(before.Body) {
					t.Errorf("a refused update has changed something:\n%s", cmp.Diff(before.Pretty(), after.Pretty()))
				}
				if tt.refused == nil && string(after.Body) != string(a.Body) {
					t.Errorf("read back, the contact is another:\n%s", cmp.Diff(a.Pretty(), after.Pretty()))
				}
			})
		}
	})
}

func TestUpdateThatConflicts(t *testing.T) {
	tests := []struct {
		name       string
		other, one string
		change     string
		conflict   bool
	}{
		{"another's external id", `{"external_id":"1"}`, `{"external_id":"2"}`, `{"external_id":"1"}`, true},
		{"another's only address", `{"email":"a@x.test"}`, `{"external_id":"2"}`, `{"email":"A@x.test"}`, true},
		{"the address of one with an external id", `{"email":"a@x.test","external_id":"1"}`, `{"external_id":"2"}`, `{"email":"a@x.test"}`, false},
		{"giving up what told them apart", `{"email":"a@x.test","external_id":"1"}`, `{"email":"a@x.test","external_id":"2"}`, `{"external_id":null}`, true},
		{"a lead that becomes a second user", `{"email":"a@x.test"}`, `{"email":"a@x.test","role":"lead"}`, `{"role":"user"}`, true},
		{"a lead that becomes a user beside one with an external id", `{"email":"a@x.test","external_id":"1"}`, `{"email":"a@x.test","role":"lead"}`, `{"role":"user"}`, false},
		{"a lead's address is free", `{"email":"a@x.test"}`, `{"role":"lead"}`, `{"email":"a@x.test"}`, false},
		{"a name", `{"email":"a@x.test"}`, `{"external_id":"2"}`, `{"name":"a@x.test"}`, false},
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				r := r.Elsewhere(t)
				other := r.Post(t, "/contacts", tt.other).OK().ID()
				one := r.Post(t, "/contacts", tt.one).OK()
				if !tt.conflict {
					r.Put(t, "/contacts/"+one.ID(), tt.change).OK()
					return
				}
				r.Put(t, "/contacts/"+one.ID(), tt.change).Fails(409, "conflict",
					"A contact matching those details already exists with id="+other)
				if after := r.Get(t, "/contacts/"+one.ID()); string(after.Body) != string(one.Body) {
					t.Errorf("a refused update has changed something:\n%s", cmp.Diff(one.Pretty(), after.Pretty()))
				}
				r.Post(t, "/contacts/"+other+"/archive", nil).OK()
				r.Put(t, "/contacts/"+one.ID(), tt.change).Fails(409, "conflict",
					"An archived contact matching those details already exists with id="+other)
			})
		}
	})
}

func TestContactAttributes(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		declare(t, r, "plan", "string")
		declare(t, r, "seats", "integer")
		declare(t, r, "spend", "float")
		declare(t, r, "paid", "boolean")
		c := r.Post(t, "/contacts", `{"email":"a@x.test","custom_attributes":{"plan":"pro","seats":3,"spend":155.5,"paid":true}}`).OK()
		want := object{"plan": "pro", "seats": 3., "spend": 155.5, "paid": true}
		holds(t, c, nil, object{"custom_attributes": want})
		for range 20 { // always in the same order
			if again := r.Get(t, "/contacts/"+c.ID()); string(again.Body) != string(c.Body) {
				t.Fatalf("read again, the contact is another:\n%s", cmp.Diff(c.Pretty(), again.Pretty()))
			}
		}

		for _, step := range []struct {
			name, body string
			want       object
		}{
			{"one changes, the others stay", `{"custom_attributes":{"plan":"team"}}`, object{"plan": "team", "seats": 3., "spend": 155.5, "paid": true}},
			{"null clears one", `{"custom_attributes":{"seats":null}}`, object{"plan": "team", "spend": 155.5, "paid": true}},
			{"clearing what is not there", `{"custom_attributes":{"seats":null}}`, object{"plan": "team", "spend": 155.5, "paid": true}},
			{"none are named", `{"custom_attributes":{}}`, object{"plan": "team", "spend": 155.5, "paid": true}},
			{"null names none", `{"custom_attributes":null}`, object{"plan": "team", "spend": 155.5, "paid": true}},
			{"false and zero are values", `{"custom_attributes":{"paid":false,"spend":0,"plan":null}}`, object{"spend": 0., "paid": false}},
			{"minus zero is zero", `{"custom_attributes":{"spend":-0.0}}`, object{"spend": 0., "paid": false}},
		} {
			holds(t, r.Put(t, "/contacts/"+c.ID(), step.body), nil, object{"custom_attributes": step.want})
			if t.Failed() {
				t.Fatal(step.name)
			}
		}
		r.Put(t, "/contacts/"+c.ID(), `{"name":"Ann","custom_attributes":{"paid":true,"nope":1}}`).
			Fails(400, "parameter_invalid", "Custom attribute 'nope' does not exist")
		holds(t, r.Get(t, "/contacts/"+c.ID()), nil, object{"name": nil, "custom_attributes": object{"spend": 0., "paid": false}})
	})
}

// declare makes a custom attribute of contacts.
func declare(t *testing.T, r *apptest.Rig, name, dataType string) {
	t.Helper()
	r.Post(t, "/data_attributes", object{"name": name, "model": "contact", "data_type": dataType}).OK()
}

// What an unknown id answers, operation by operation. So does the id of a
// visitor, which is no contact.
func TestUnknownContact(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		user := r.Post(t, "/contacts", `{"external_id":"1"}`).OK().ID()
		lead := r.Post(t, "/contacts", `{"role":"lead"}`).OK().ID()
		visitor := putVisitor(t, r, visitorDraft{})
		for _, id := range []string{"6657aae86abd0164c24b0d29", visitor.ID(), "x", "'", "1%20OR%201", strings.Repeat("a", 5000), "%F0%9F%98%80"} {
			for _, call := range []struct{ method, path, body, message string }{
				{"GET", "/contacts/" + id, ``, "User Not Found"},
				{"PUT", "/contacts/" + id, `{"name":"A"}`, "User Not Found"},
				{"DELETE", "/contacts/" + id, ``, "User Not Found"},
				{"POST", "/contacts/" + id + "/archive", ``, "Contact Not Found"},
				{"POST", "/contacts/" + id + "/unarchive", ``, "Contact Not Found"},
				{"GET", "/contacts/" + id + "/tags", ``, "User Not Found"},
				{"POST", "/contacts/" + id + "/tags", `{"id":"1"}`, "User Not Found"},
				{"DELETE", "/contacts/" + id + "/tags/1", ``, "User Not Found"},
			} {
				r.Do(t, call.method, call.path, call.body).Fails(404, "not_found", call.message)
			}
			if strings.Contains(id, "%") {
				continue
			}
			r.Post(t, "/contacts/merge", object{"from": id, "into": user}).Fails(404, "not_found", "Contact Not Found")
			r.Post(t, "/contacts/merge", object{"from": lead, "into": id}).Fails(404, "not_found", "Contact Not Found")
		}
		r.Get(t, "/contacts/"+user).OK()
		r.Get(t, "/contacts/"+lead).OK()
	})
}

func TestArchiveContact(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		id := r.Post(t, "/contacts", `{"email":"a@x.test"}`).OK().ID()
		kept := r.Post(t, "/contacts", `{"email":"b@x.test"}`).OK().ID()
		r.Clock.Pass(time.Minute)
		for range 2 { // the second time changes nothing
			is(t, r.Post(t, "/contacts/"+id+"/archive", nil), `{"id":"<id>","object":"contact","archived":true}`, "<id>", id)
		}
		everybody := `{"query":{"field":"email","operator":"$","value":"x.test"}}`
		for name, a := range map[string]*apptest.Answer{"list": r.Get(t, "/contacts"), "search": r.Post(t, "/contacts/search", everybody)} {
			if got := ids(t, a); len(got) != 1 || got[0] != kept || a.At("total_count") != 1. {
				t.Errorf("the %s shows %v; want %s alone", name, got, kept)
			}
		}
		holds(t, r.Get(t, "/contacts/"+id), nil, object{"id": id, "email": "a@x.test", "updated_at": 1768478460.})

		r.Clock.Pass(time.Minute)
		for range 2 {
			is(t, r.Post(t, "/contacts/"+id+"/unarchive", `{}`), `{"id":"<id>","object":"contact","archived":false}`, "<id>", id)
		}
		if got := ids(t, r.Post(t, "/contacts/search", everybody)); len(got) != 2 {
			t.Errorf("an unarchived contact is not found again: %v", got)
		}
		holds(t, r.Get(t, "/contacts/"+id), nil, object{"updated_at": 1768478520.})
	})
}

func TestDeleteContact(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, archived := range []bool{false, true} {
			c := r.Post(t, "/contacts", `{"external_id":"70","email":"a@x.test"}`).OK()
			if archived {
				r.Post(t, "/contacts/"+c.ID()+"/archive", nil).OK()
			}
			is(t, r.Delete(t, "/contacts/"+c.ID(), `{}`), `{"id":"<id>","object":"contact","deleted":true}`, "<id>", c.ID())
			r.Delete(t, "/contacts/"+c.ID(), nil).Fails(404, "not_found", "User Not Found")
			r.Get(t, "/contacts/"+c.ID()).Fails(404, "not_found", "User Not Found")
			r.Put(t, "/contacts/"+c.ID(), `{"name":"A"}`).Fails(404, "not_found", "User Not Found")
			r.Post(t, "/contacts/"+c.ID()+"/archive", nil).Fails(404, "not_found", "Contact Not Found")
			r.Post(t, "/contacts/"+c.ID()+"/unarchive", nil).Fails(400, "not_restorable",
				"This contact is marked for permanent deletion and is not restorable")
			if n := r.Get(t, "/contacts").At("total_count"); n != 0. {
				t.Errorf("%v contacts are left", n)
			}
		}
	})
}

// A contact shows ten of what belongs to it, newest first, and says how many
// there are.
func TestContactShowsTenTags(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		c := r.Post(t, "/contacts", `{"email":"a@x.test"}`).OK().ID()
		for n := 1; n <= 12; n++ {
			tag := r.Post(t, "/tags", object{"name": "tag " + strconv.Itoa(n)}).OK().ID()
			r.Post(t, "/contacts/"+c+"/tags", object{"id": tag}).OK()
			r.Clock.Pass(time.Second)
			if n == 10 {
				holds(t, r.Get(t, "/contacts/"+c), nil, object{"tags.total_count": 10., "tags.has_more": false})
			}
		}
		a := r.Get(t, "/contacts/"+c)
		holds(t, a, nil, object{"tags.total_count": 12., "tags.has_more": true,
			"tags.data.0": object{"type": "tag", "id": "12", "url": "/tags/12"},
			"tags.data.9": object{"type": "tag", "id": "3", "url": "/tags/3"}, "tags.data.10": nil})
		if got := ids(t, r.Get(t, a.At("tags.url").(string))); len(got) != 12 || got[0] != "12" || got[11] != "1" {
			t.Errorf("all tags are %v; want 12 to 1", got)
		}
		if got := r.Get(t, "/contacts").At("data.0.tags"); !cmp.Equal(got, a.At("tags")) {
			t.Errorf("the list shows other tags: %v", got)
		}
	})
}
