package api_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/model"
)

// irish is a mobile phone, of the documentation.
const irish = "+353832345678"

// switchFails checks that an answer is a failure in the form of phone switches.
func switchFails(t *testing.T, a *apptest.Answer, status int, key, message string) {
	t.Helper()
	var got any
	a.Is(status).Decode(&got)
	if diff := cmp.Diff(any(object{"error_key": key, "message": message}), got); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", a.Call, diff)
	}
}

// switchTo switches a phone and returns the link.
func switchTo(t testing.TB, r *apptest.Rig, phone string, attributes ...any) string {
	t.Helper()
	body := object{"phone": phone}
	if len(attributes) > 0 {
		custom := object{}
		for i := 0; i < len(attributes); i += 2 {
			custom[attributes[i].(string)] = attributes[i+1]
		}
		body["custom_attributes"] = custom
	}
	return r.Post(t, "/phone_call_redirects", body).OK().At("url").(string)
}

// texts are the text messages of the rig's outbox in a state, or in any.
func textMessages(t testing.TB, r *apptest.Rig, state model.SMSState) []*model.OutgoingSMS {
	t.Helper()
	var found []*model.OutgoingSMS
	for after := ""; ; { // in pages of two
		page, err := r.Inbox.ListSMS(t.Context(), r.Actor(), state, after, 2)
		noError(t, err)
		if len(page) == 0 {
			return found
		}
		found = append(found, page...)
		after = page[len(page)-1].ID
	}
}

func TestPhoneSwitch(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		declare(t, r, "issue_type", "string")
		declare(t, r, "priority", "string")
		a := r.Post(t, "/phone_call_redirects", `{"phone":"+353832345678","custom_attributes":{"issue_type":"Billing","priority":"High"}}`)
		link, _ := a.OK().At("url").(string)
		is(t, a, `{"type":"phone_call_redirect","url":"<link>","phone":"+353832345678"}`, "<link>", link)
		token := regexp.MustCompile(`^http://parley\.test/msgr/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$`).FindStringSubmatch(link)
		if token == nil {
			t.Fatalf("the link is %s", link)
		}
		lead := ids(t, r.Get(t, "/contacts"))
		if len(lead) != 1 {
			t.Fatalf("there are %d contacts", len(lead))
		}
		c := r.Get(t, "/contacts/"+lead[0]).OK()
		shows(t, c, "role", "lead", "phone", irish, "email", nil, "name", nil, "created_at", 1768478400, "last_contacted_at", nil,
			"custom_attributes", object{"issue_type": "Billing", "priority": "High"})
		if id, _ := c.At("external_id").(string); len(id) != 36 {
			t.Errorf("the lead's external id is %q", id)
		}
		want := []*model.OutgoingSMS{{Switch: token[1], Contact: model.ContactID(lead[0]), To: irish, State: model.SMSQueued,
			Body: "Continue your conversation with Acme here: " + link, CreatedAt: 1768478400}}
		if diff := cmp.Diff(want, textMessages(t, r, ""), cmpopts.IgnoreFields(model.OutgoingSMS{}, "ID")); diff != "" {
			t.Errorf("the outbox (-want +got):\n%s", diff)
		}
		if other := textMessages(t, r.Elsewhere(t), ""); len(other) > 0 {
			t.Errorf("another workspace has %d text messages", len(other))
		}
		// There is no gateway here.
		if n := r.RunJobs(); n != 1 {
			t.Errorf("%d jobs were run", n)
		}
		want[0].State = model.SMSKept
		if diff := cmp.Diff(want, textMessages(t, r, model.SMSKept), cmpopts.IgnoreFields(model.OutgoingSMS{}, "ID")); diff != "" {
			t.Errorf("the outbox (-want +got):\n%s", diff)
		}
	})
}

// What is switched is the phone of the contact who is most likely to call.
func TestPhoneSwitchFindsTheContact(t *testing.T) {
	user := func(fields object) object {
		all := object{"role": "user", "external_id": model.NewUUID(), "phone": irish}
		for name, v := range fields {
			all[name] = v
		}
		return all
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, c := range []struct {
			name    string
			people  []object // the phone is of the first; of nobody if there is none
			archive bool     // the others
		}{
			{name: "nobody"},
			{name: "a user", people: []object{user(nil)}},
			{name: "a user before leads", people: []object{user(object{"last_seen_at": 5}), {"role": "lead", "phone": irish, "last_seen_at": 1768478000}}},
			{name: "who was seen last", people: []object{user(object{"last_seen_at": 9}), user(object{"last_seen_at": 7}), user(nil)}},
			{name: "not who is archived", archive: true, people: []object{{"role": "lead", "phone": irish}, user(object{"last_seen_at": 9})}},
			{name: "not who has a similar number", people: []object{user(nil), user(object{"phone": irish + "9", "last_seen_at": 9}), user(object{"phone": irish[:12], "last_seen_at": 9})}},
			{name: "without the plus", people: []object{user(object{"phone": "353832345678"})}},
			{name: "with 00", people: []object{user(object{"phone": "00353832345678"})}},
			{name: "in groups", people: []object{user(object{"phone": "+353 83 234 5678"})}},
			{name: "in groups with dashes", people: []object{user(object{"phone": "+353-83-234-5678"})}},
		} {
			t.Run(c.name, func(t *testing.T) {
				r := r.Elsewhere(t)
				declare(t, r, "calls", "integer")
				var made []string
				for _, fields := range c.people {
					made = append(made, r.Post(t, "/contacts", fields).OK().ID())
				}
				if c.archive {
					for _, id := range made[1:] {
						r.Post(t, "/contacts/"+id+"/archive", nil).OK()
					}
				}
				r.Clock.Pass(time.Minute)
				switchTo(t, r, "+353 (0)83 234 5678", "calls", "7")
				m := textMessages(t, r, "")[0]
				if m.To != irish || len(made) > 0 && string(m.Contact) != made[0] {
					t.Errorf("%s was sent to %s of %s", m.ID, m.To, m.Contact)
				}
				found := r.Get(t, "/contacts/"+string(m.Contact)).OK()
				shows(t, found, "custom_attributes", object{"calls": 7}, "updated_at", r.Clock.Now().Unix())
				for _, id := range made {
					if id != string(m.Contact) {
						shows(t, r.Get(t, "/contacts/"+id).OK(), "custom_attributes", object{})
					}
				}
				if len(made) > 0 {
					if n := len(ids(t, r.Get(t, "/contacts?per_page=50"))); !c.archive && n != len(made) {
						t.Errorf("there are %d contacts, want %d", n, len(made))
					}
					if got, want := found.At("phone"), c.people[0]["phone"]; got != want {
						t.Errorf("the phone is written %v now, want %v", got, want)
					}
				}
			})
		}
	})
}

// Who wrote last goes before who was seen, and attributes that are not named stay.
func TestPhoneSwitchOfWhoWrote(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		declare(t, r, "a", "string")
		declare(t, r, "b", "string")
		seen := r.Post(t, "/contacts", object{"external_id": "seen", "phone": irish, "last_seen_at": 1768478300}).OK().ID()
		wrote := r.Post(t, "/contacts", object{"external_id": "wrote", "phone": irish, "custom_attributes": object{"a": "1", "b": "2"}}).OK().ID()
		r.Post(t, "/conversations", object{"from": object{"type": "user", "id": wrote}, "body": "Hello"}).OK()
		switchTo(t, r, irish, "b", nil)
		if m := textMessages(t, r, "")[0]; string(m.Contact) != wrote {
			t.Errorf("the message is to %s, want %s, not %s", m.Contact, wrote, seen)
		}
		r.Clock.Pass(time.Minute)
		switchTo(t, r, irish) // nothing to keep, nothing changes
		shows(t, r.Get(t, "/contacts/"+wrote).OK(), "custom_attributes", object{"a": "1"}, "updated_at", 1768478400)
	})
}

func TestPhoneSwitchRefusals(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		declare(t, r, "calls", "integer")
		old := r.Post(t, "/data_attributes", `{"name":"old","model":"contact","data_type":"string"}`).OK().At("id")
		r.Put(t, "/data_attributes/"+fmt.Sprint(old), `{"archived":true}`).OK()
		theirs := r.Elsewhere(t)
		declare(t, theirs, "theirs", "string")
		r.Post(t, "/contacts", object{"external_id": "1", "phone": irish}).OK()
		with := func(attributes string) string {
			return `{"phone":"+353832345678","custom_attributes":` + attributes + `}`
		}
		const badNumber = "invalid_phone_number"
		for _, c := range []struct {
			name, body   string
			status       int
			key, message string
		}{
			{"no phone", `{}`, 400, badNumber, "Invalid phone number"},
			{"no body", ``, 400, badNumber, "Invalid phone number"},
			{"null for a body", `null`, 400, badNumber, "Invalid phone number"},
			{"null", `{"phone":null}`, 400, badNumber, "Invalid phone number"},
			{"an empty text", `{"phone":""}`, 400, badNumber, "Invalid phone number"},
			{"another text", `{"phone":"call me"}`, 400, badNumber, "Invalid phone number"},
			{"the documented form, of nobody", `{"phone":"+1 1234567890"}`, 400, badNumber, "Invalid phone number"},
			{"too short for its country", `{"phone":"+35383234567"}`, 400, badNumber, "Invalid phone number"},
			{"a national number", `{"phone":"083 234 5678"}`, 400, badNumber, "Invalid phone number"},
			{"00 for the plus", `{"phone":"00353832345678"}`, 400, badNumber, "Invalid phone number"},
			{"a number, which cannot have a plus", `{"phone":353832345678}`, 400, badNumber, "Invalid phone number"},
			{"a long text", `{"phone":"+` + strings.Repeat("3", 100_000) + `"}`, 400, badNumber, "Invalid phone number"},
			{"the published landline", `{"phone":"+40241100100","custom_attributes":{"issue_type":"Billing"}}`,
				422, "sms_not_supported", "This phone number cannot receive text messages"},
			{"a number that costs", `{"phone":"+19005551234"}`, 422, "sms_not_supported", "This phone number cannot receive text messages"},
			{"an unknown attribute", with(`{"issue_type":"Billing"}`), 400, "parameter_invalid", "Custom attribute 'issue_type' does not exist"},
			{"an archived attribute", with(`{"old":"x"}`), 400, "parameter_invalid", "Custom attribute 'old' does not exist"},
			{"another workspace's attribute", with(`{"theirs":"x"}`), 400, "parameter_invalid", "Custom attribute 'theirs' does not exist"},
			{"a value of another type", with(`{"calls":"many"}`), 400, "invalid_document", "Custom attribute 'calls' must be a whole number"},
			{"an object for a value", with(`{"calls":{}}`), 400, "parameter_invalid", "Custom attribute 'calls' is not of type Numeric, String or Boolean"},
			{"a list of attributes", with(`[]`), 400, "parameter_invalid", "custom_attributes is invalid"},
			{"an object for a phone", `{"phone":{}}`, 400, "parameter_invalid", "phone is invalid"},
			{"not an object", `[]`, 400, "parameter_invalid", "The request body must be a JSON object"},
			{"not JSON", `{"phone":`, 400, "parameter_invalid", "The request body is not valid JSON"},
		} {
			t.Run(c.name, func(t *testing.T) {
				switchFails(t, r.Post(t, "/phone_call_redirects", c.body), c.status, c.key, c.message)
			})
		}
		// The link must fit into a text message.
		far := func(hr *apptest.Rig) *apptest.Rig {
			return hr.Restarted(t, app.Options{PublicURL: "https://" + strings.Repeat("x", 210)})
		}
		switchFails(t, far(r).Post(t, "/phone_call_redirects", object{"phone": irish}), 400, "parameter_invalid", "The link is too long (maximum is 255 characters)")
		// What fails before the operation is reached fails as everywhere.
		body := object{"phone": irish}
		r.Post(t, "/phone_call_redirects", body, apptest.As("wrong")).Fails(401, "unauthorized", "Access Token Invalid")
		r.Post(t, "/phone_call_redirects", body, apptest.Header("Accept", "text/html")).
			Fails(406, "media_type_not_acceptable", "The Accept header should send a media type of application/json")
		r.Post(t, "/phone_call_redirects", body, apptest.Header("Content-Type", "text/plain")).
			Fails(415, "unsupported", "The Content-Type header should send a media type of application/json")
		r.Post(t, "/phone_call_redirects", `{"x":"`+strings.Repeat("x", 5<<20)+`"}`).Fails(413, "parameter_invalid", "The request body is larger than 5 MB")
		r.Get(t, "/phone_call_redirects").Fails(404, "not_found", "Resource Not Found")
		// Nothing came of any of them.
		if n := len(ids(t, r.Get(t, "/contacts"))); n != 1 || len(textMessages(t, r, "")) > 0 || r.RunJobs() > 0 {
			t.Errorf("there are %d contacts, and text messages: %v", n, textMessages(t, r, ""))
		}
	})
}

// A phone gets five messages an hour from a workspace, by whatever spelling.
func TestPhoneSwitchLimit(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		refused := func() {
			t.Helper()
			switchFails(t, r.Post(t, "/phone_call_redirects", object{"phone": irish}), 422, "sms_limit_exceeded",
				"Too many text messages were sent to this phone number. Please try again later")
		}
		links := map[string]bool{}
		for _, spelling := range []string{irish, "+353 83 234 5678", "+353-83-2345678", "+353 (0) 83 2345678", irish} {
			links[switchTo(t, r, spelling)] = true
			r.Clock.Pass(time.Minute)
		}
		if len(links) != 5 {
			t.Errorf("there are %d links", len(links))
		}
		refused()
		switchTo(t, r, "+12025550123")
		switchTo(t, r.Elsewhere(t), irish)
		r.Clock.Pass(54*time.Minute + 59*time.Second)
		refused()
		r.Clock.Pass(time.Second)
		switchTo(t, r, irish)
		refused()
		if n := len(textMessages(t, r, "")); n != 7 {
			t.Errorf("there are %d text messages, want 7", n)
		}
	})
}

// Of many who switch a phone at once, five do, and all of them for one lead.
func TestPhoneSwitchedByManyAtOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		done := 0
		for _, a := range together(16, func(int) *apptest.Answer { return r.Post(t, "/phone_call_redirects", object{"phone": irish}) }) {
			if a.Status == 200 {
				done++
			} else if a.Status != 422 {
				t.Errorf("%s answers %d %s", a.Call, a.Status, a.Body)
			}
		}
		if n := len(ids(t, r.Get(t, "/contacts"))); done != 5 || n != 1 || len(textMessages(t, r, "")) != 5 {
			t.Errorf("%d were switched for %d contacts, with %d messages", done, n, len(textMessages(t, r, "")))
		}
	})
}

// The text has the workspace's name as far as there is room, in one line.
func TestPhoneSwitchText(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r = r.Restarted(t, app.Options{PublicURL: "https://parley.example/chat"})
		for name, shown := range map[string]string{
			"Larkpool":               "Larkpool",
			strings.Repeat("é", 40):  strings.Repeat("é", 40),
			strings.Repeat("é", 255): strings.Repeat("é", 37) + "...",
			"A\r\nB\x01C":            "A  B C",
		} {
			execute(t, r, `UPDATE workspaces SET name = $2 WHERE id = $1`, name)
			r.Clock.Pass(time.Hour)
			link := switchTo(t, r, irish)
			all := textMessages(t, r, "")
			if got, want := all[len(all)-1].Body, "Continue your conversation with "+shown+" here: "+link; got != want ||
				!strings.HasPrefix(link, "https://parley.example/chat/msgr/") {
				t.Errorf("the text is %q, want %q", got, want)
			}
		}
	})
}

// What belongs to a lead goes along with it: into the user that it is merged into,
// or away.
func TestPhoneSwitchOfAContactThatGoes(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		switchTo(t, r, irish)
		lead := ids(t, r.Get(t, "/contacts"))[0]
		user := r.Post(t, "/contacts", object{"external_id": "1"}).OK().ID()
		merge(t, r, lead, user).OK()
		shows(t, r.Get(t, "/contacts/"+user).OK(), "phone", irish)
		if got := textMessages(t, r, ""); len(got) != 1 || string(got[0].Contact) != user {
			t.Errorf("the outbox has %v", got)
		}
		for range 4 { // what the lead was sent counts on
			switchTo(t, r, irish)
		}
		if a := r.Post(t, "/phone_call_redirects", object{"phone": irish}); a.Status != 422 {
			t.Errorf("the sixth switch answers %s", a.Body)
		}
		r.Delete(t, "/contacts/"+user, nil).OK()
		if got := textMessages(t, r, ""); len(got) > 0 {
			t.Errorf("of a deleted contact are left %v", got)
		}
		if n := r.RunJobs(); n != 5 { // they find nothing to send
			t.Errorf("%d jobs were run", n)
		}
	})
}

// Whatever there is, SQLite reads the few rows that a switch is about.
func TestPlansOfPhoneSwitches(t *testing.T) {
	t.Parallel()
	r, tr := traced(t, db.Options{Path: filepath.Join(t.TempDir(), "parley.db")})
	switchTo(t, r, irish)
	id := textMessages(t, r, "")[0].ID
	for name, call := range map[string]func(){
		"of a contact":  func() { switchTo(t, r, irish) },
		"of a new lead": func() { switchTo(t, r, "+12025550123") },
		"the job":       func() { noError(t, r.Inbox.SendSMS(t.Context(), r.Workspace.ID, id, nil)) },
		"the outbox":    func() { textMessages(t, r, "") },
		"a state of it": func() { textMessages(t, r, model.SMSKept) },
		"the contact goes": func() {
			r.Delete(t, "/contacts/"+string(textMessages(t, r, "")[0].Contact), nil).OK()
		},
	} {
		statements := tr.Of(call)
		if len(statements) == 0 || len(statements) > 40 {
			t.Errorf("%s takes %d statements", name, len(statements))
		}
		for _, s := range statements {
			plan := s.Plan(t, r.Database)
			for _, fault := range apptest.Faults(plan) {
				t.Errorf("%s: %s\nin %s\nof %s", name, fault, s.String(), strings.Join(plan, "\n   "))
			}
		}
	}
}
