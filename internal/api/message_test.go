package api_test

import (
	"strings"
	"testing"
	"time"

	"parley/internal/apptest"
	"parley/internal/model"
)

const ownerAnn = `{"type":"admin","id":"1","name":"Ann Owner","email":"ann@acme.test","away_mode_enabled":false,"away_mode_reassign":false}`

func TestMessageOfAnAdmin(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		newAdmin(t, r, model.Admin{Name: "Bob", Email: "bob@acme.test"})
		user := r.Post(t, "/contacts", `{"external_id":"70","email":"joe@bloggs.test"}`).OK().ID()
		lead := r.Post(t, "/contacts", `{"role":"lead","email":"joe@bloggs.test"}`).OK().ID()
		const bob = `{"type":"admin","id":"2","name":"Bob","email":"bob@acme.test","away_mode_enabled":false,"away_mode_reassign":false}`
		for _, c := range []struct{ name, body, want string }{
			{"the published example", `{"from":{"type":"admin","id":"1"},"to":{"type":"user","id":"<user>"},"message_type":"conversation","body":"heyy"}`,
				`"subject":"heyy","body":"heyy","message_type":"inapp","owner":<ann>`},
			{"in_app", `{"from":{"type":"admin","id":1},"to":{"type":"user","id":"<user>"},"message_type":"in_app","body":"heyy","template":"?","subject":"x"}`,
				`"subject":"heyy","body":"heyy","message_type":"inapp","owner":<ann>`},
			{"inapp, by nobody in particular", `{"from":null,"to":{"type":"user","user_id":"70"},"message_type":"inapp","body":"heyy"}`,
				`"subject":"heyy","body":"heyy","message_type":"inapp","owner":<ann>`},
			{"without from", `{"to":{"type":"user","user_id":70},"message_type":"inapp","body":"heyy"}`,
				`"subject":"heyy","body":"heyy","message_type":"inapp","owner":<ann>`},
			{"by another admin", `{"from":{"type":"admin","id":"2"},"to":{"type":"user","id":"<user>"},"message_type":"inapp","body":"heyy"}`,
				`"subject":"heyy","body":"heyy","message_type":"inapp","owner":<bob>`},
			{"by an admin's address", `{"from":{"type":"admin","email":"BOB@acme.test"},"to":{"type":"user","id":"<user>"},"message_type":"inapp","body":"heyy"}`,
				`"subject":"heyy","body":"heyy","message_type":"inapp","owner":<bob>`},
			{"to the user of an address", `{"to":{"type":"user","email":"Joe@bloggs.test"},"message_type":"inapp","body":"heyy"}`,
				`"subject":"heyy","body":"heyy","message_type":"inapp","owner":<ann>`},
			{"to the lead of an address", `{"to":{"type":"lead","email":"joe@bloggs.test"},"message_type":"inapp","body":"heyy"}`,
				`"subject":"heyy","body":"heyy","message_type":"inapp","owner":<ann>`},
			{"to a lead under a wrong type", `{"to":{"type":"user","id":"<lead>"},"message_type":"inapp","body":"heyy"}`,
				`"subject":"heyy","body":"heyy","message_type":"inapp","owner":<ann>`},
			{"to a contact", `{"to":{"type":"contact","id":"<lead>"},"message_type":"inapp","body":"heyy"}`,
				`"subject":"heyy","body":"heyy","message_type":"inapp","owner":<ann>`},
			{"HTML is told as it was sent", `{"to":{"id":"<user>"},"message_type":"inapp","body":"<b onclick=x()>Hi</b><script>x()</script>"}`,
				`"subject":"<b onclick=x()>Hi</b><script>x()</script>","body":"<b onclick=x()>Hi</b><script>x()</script>","message_type":"inapp","owner":<ann>`},
			{"a number as a text", `{"to":{"id":"<user>"},"message_type":"inapp","body":12}`,
				`"subject":"12","body":"12","message_type":"inapp","owner":<ann>`},
			{"an e-mail", `{"from":{"type":"admin","id":"1"},"to":{"type":"user","id":"<user>"},"message_type":"email","subject":"Hey","body":"heyy","template":"personal"}`,
				`"subject":"Hey","body":"heyy","message_type":"email","owner":<ann>`},
			{"an e-mail without a template", `{"to":{"id":"<user>"},"message_type":"email","subject":"Hey","body":"heyy","template":null}`,
				`"subject":"Hey","body":"heyy","message_type":"email","owner":<ann>`},
			{"a subject is one line", `{"to":{"id":"<user>"},"message_type":"email","subject":" Hey\r\nBcc: all@x.test ","body":"heyy"}`,
				`"subject":"Hey  Bcc: all@x.test","body":"heyy","message_type":"email","owner":<ann>`},
		} {
			t.Run(c.name, func(t *testing.T) {
				people := []string{"<user>", user, "<lead>", lead}
				a := r.Post(t, "/messages", fill(c.body, people...))
				is(t, a, `{"type":"admin_message","id":"<id>","created_at":1768478400,`+c.want+`}`,
					"<id>", a.ID(), "<ann>", ownerAnn, "<bob>", bob)
			})
		}
		// None of them is a conversation yet.
		shows(t, r.Get(t, "/conversations").OK(), "total_count", 0)
	})
}

func TestMessageOfAContact(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		user := r.Post(t, "/contacts", `{"external_id":"70","email":"joe@bloggs.test"}`).OK().ID()
		lead := r.Post(t, "/contacts", `{"role":"lead"}`).OK().ID()
		for _, c := range []struct{ name, from, author, url string }{
			{"a user", `{"type":"user","id":"` + user + `"}`, "user", "https://twitter.com/bob"},
			{"a user by user_id", `{"type":"user","user_id":"70"}`, "user", ""},
			{"a user by address", `{"type":"user","email":"joe@bloggs.test"}`, "user", ""},
			{"a lead", `{"type":"lead","id":"` + lead + `"}`, "lead", "https://twitter.com/bob"},
			{"a contact", `{"type":"contact","id":"` + lead + `"}`, "lead", ""},
		} {
			t.Run(c.name, func(t *testing.T) {
				referer := "null"
				if c.url != "" {
					referer = `"` + c.url + `"`
				}
				a := r.Post(t, "/messages", `{"from":`+c.from+`,"body":"a < <b>b</b>","referer":`+referer+`}`).OK()
				conversation, _ := a.At("conversation_id").(string)
				is(t, a, `{"type":"user_message","id":"<id>","created_at":1768478400,"body":"a < <b>b</b>","message_type":"inapp",
					"conversation_id":"<conversation>"}`, "<id>", a.ID(), "<conversation>", conversation)
				holds(t, r.Get(t, "/conversations/"+conversation), nil, object{
					"source.id": a.ID(), "source.type": "conversation", "source.delivered_as": "customer_initiated",
					"source.body": "<p>a &lt; &lt;b&gt;b&lt;/b&gt;</p>", "source.author.type": c.author,
					"source.url": map[bool]any{true: nil, false: c.url}[c.url == ""],
					"open":       true, "state": "open", "waiting_since": 1768478400., "first_contact_reply.created_at": 1768478400.})
			})
		}
		// A visitor who writes becomes a lead.
		visitor := putVisitor(t, r, visitorDraft{}).ID()
		r.Post(t, "/messages", object{"from": object{"type": "contact", "id": visitor}, "body": "Hi"}).OK()
		holds(t, r.Get(t, "/contacts/"+visitor), nil, object{"role": "lead"})
	})
}

func TestMessageRefusals(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		user := r.Post(t, "/contacts", `{"external_id":"70","email":"joe@bloggs.test"}`).OK().ID()
		r.Post(t, "/contacts", `{"external_id":"71","email":"joe@bloggs.test"}`).OK()
		r.Post(t, "/contacts", `{"external_id":"72","email":"gone@bloggs.test"}`).OK()
		gone := r.Post(t, "/contacts", `{"email":"old@bloggs.test"}`).OK().ID()
		r.Post(t, "/contacts/"+gone+"/archive", nil).OK()
		deleted := r.Post(t, "/contacts", `{"email":"deleted@bloggs.test"}`).OK().ID()
		r.Delete(t, "/contacts/"+deleted, nil).OK()
		visitor := putVisitor(t, r, visitorDraft{}).ID()
		other := r.Elsewhere(t)
		theirs := other.Post(t, "/contacts", `{"external_id":"99"}`).OK().ID()
		newAdmin(t, other, model.Admin{Name: "Bob", Email: "bob@elsewhere.test"}) // id 2 there

		const long = 100_001
		noBody := invalid("Body is required")
		noSubject := &refusal{422, "parameter_not_found", "No subject supplied for email message"}
		noUser := &refusal{404, "not_found", "User Not Found"}
		noAdmin := &refusal{404, "admin_not_found", "Admin not found"}
		several := &refusal{409, "conflict", "Multiple existing users match this email address - must be more specific using user_id"}
		admin := func(more string) string {
			return `{"from":{"type":"admin","id":"1"},"to":{"type":"user","id":"` + user + `"},` + more + `}`
		}
		to := func(to string) string { return `{"to":` + to + `,"message_type":"inapp","body":"x"}` }
		from := func(from string) string {
			return `{"from":` + from + `,"to":{"id":"` + user + `"},"message_type":"inapp","body":"x"}`
		}
		for _, c := range []struct {
			name, body string
			refused    *refusal
		}{
			{"the published example without a body", admin(`"message_type":"inapp","body":null,"subject":"heyy"`), noBody},
			{"the published e-mail without a body", admin(`"message_type":"email","body":null,"subject":"heyy"`), noBody},
			{"the published e-mail without a subject", `{"from":{"type":"admin","id":"1"},"to":{"type":"user","user_id":"70"},"message_type":"email","body":"hey there"}`, noSubject},
			{"no body key", admin(`"message_type":"inapp"`), noBody},
			{"a blank body", admin(`"message_type":"inapp","body":" \n\t"`), noBody},
			{"a body of markup alone", admin(`"message_type":"inapp","body":"<p><b></b></p>"`), noBody},
			{"a body of script alone", admin(`"message_type":"inapp","body":"<script>x()</script>"`), noBody},
			{"an e-mail without both", admin(`"message_type":"email"`), noBody},
			{"a blank subject", admin(`"message_type":"email","body":"x","subject":" \n "`), noSubject},
			{"a null subject", admin(`"message_type":"email","body":"x","subject":null`), noSubject},
			{"no message_type", admin(`"body":"x"`), missing("message_type is required: in_app or email")},
			{"another message_type", admin(`"message_type":"sms","body":"x"`), invalid("message_type is in_app or email")},
			{"a list of message_types", admin(`"message_type":["email"],"body":"x"`), invalid("message_type is invalid")},
			{"another template", admin(`"message_type":"email","body":"x","subject":"x","template":"fancy"`), invalid("template is plain or personal")},
			{"a subject that is too long", admin(`"message_type":"email","body":"x","subject":"` + strings.Repeat("é", 256) + `"`),
				invalid("Subject is too long (maximum is 255 characters)")},
			{"a body that is too long", admin(`"message_type":"inapp","body":"` + strings.Repeat("é", long) + `"`),
				invalid("Body is too long (maximum is 100000 characters)")},
			{"a NUL", admin(`"message_type":"inapp","body":"a\u0000"`), invalid("Text cannot contain the NUL character")},
			{"a flag that is none", admin(`"message_type":"inapp","body":"x","create_conversation_without_contact_reply":"maybe"`),
				invalid("create_conversation_without_contact_reply is invalid")},
			{"an unknown admin", from(`{"type":"admin","id":"2"}`), noAdmin},
			{"an odd admin", from(`{"type":"admin","id":"abc"}`), noAdmin},
			{"admin 0", from(`{"type":"admin","id":0}`), noAdmin},
			{"an unknown admin's address", from(`{"type":"admin","email":"bob@elsewhere.test"}`), noAdmin},
			{"an admin without a name", from(`{"type":"admin"}`), missing("from needs an id or an email")},
			{"no type", from(`{"id":"1"}`), missing("from.type is required: admin, user, lead or contact")},
			{"another type", from(`{"type":"team","id":"1"}`), invalid("from.type is admin, user, lead or contact")},
			{"from is a text", from(`"1"`), invalid("from is invalid")},
			{"an unknown contact writes", from(`{"type":"user","id":"123_doesnt_exist"}`), noUser},
			{"another workspace's contact writes", from(`{"type":"user","id":"` + theirs + `"}`), noUser},
			{"a contact writes nothing", `{"from":{"type":"user","id":"` + user + `"},"body":""}`, noBody},
			{"a page that is too long", `{"from":{"type":"user","id":"` + user + `"},"body":"x","referer":"` + strings.Repeat("x", 2049) + `"}`,
				invalid("URL is too long (maximum is 2048 characters)")},
			{"a shared address writes", from(`{"type":"user","email":"joe@bloggs.test"}`), several},
			{"to nobody", `{"message_type":"inapp","body":"x"}`, missing("to needs an id, a user_id or an email")},
			{"to null", to(`null`), missing("to needs an id, a user_id or an email")},
			{"to a type alone", to(`{"type":"user"}`), missing("to needs an id, a user_id or an email")},
			{"to an admin", to(`{"type":"admin","id":"1"}`), invalid("to.type is user or lead")},
			{"to an unknown id", to(`{"type":"user","id":"000000000000000000000000"}`), noUser},
			{"to an odd id", to(`{"type":"user","id":5}`), noUser},
			{"to an unknown user_id", to(`{"type":"user","user_id":"99"}`), noUser},
			{"to an unknown address", to(`{"type":"user","email":"nobody@x.test"}`), noUser},
			{"to the lead of a user's address", to(`{"type":"lead","email":"gone@bloggs.test"}`), noUser},
			{"to a shared address", to(`{"type":"user","email":"joe@bloggs.test"}`), several},
			{"to a shared address of no type", to(`{"email":"joe@bloggs.test"}`), several},
			{"to an archived contact's address", to(`{"type":"user","email":"old@bloggs.test"}`), noUser},
			{"to one who is deleted", to(`{"type":"user","id":"` + deleted + `"}`), noUser},
			{"to a visitor", to(`{"type":"user","id":"` + visitor + `"}`), noUser},
			{"to another workspace's contact", to(`{"type":"user","id":"` + theirs + `"}`), noUser},
			{"nothing", ``, missing("message_type is required: in_app or email")},
			{"not an object", `[]`, invalid("The request body must be a JSON object")},
			{"not JSON", `{"body":`, invalid("The request body is not valid JSON")},
		} {
			t.Run(c.name, func(t *testing.T) {
				r.Post(t, "/messages", c.body).Fails(c.refused.status, c.refused.code, c.refused.message)
			})
		}
		// Nothing came of any of them.
		shows(t, r.Get(t, "/conversations").OK(), "total_count", 0)
		holds(t, r.Get(t, "/contacts/"+user), nil, object{"last_contacted_at": nil})
		r.Post(t, "/messages", from(`{"type":"admin","id":"1"}`), apptest.As("wrong")).Fails(401, "unauthorized", "Access Token Invalid")
		r.Post(t, "/messages", from(`{"type":"admin","id":"1"}`), apptest.As(other.Token)).Fails(404, "not_found", "User Not Found")
		r.Get(t, "/messages").Fails(404, "not_found", "Resource Not Found")
	})
}

// A body of the greatest length comes back and is kept whole.
func TestMessageOfLength(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		user := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		body := strings.Repeat("<", 100_000)
		a := r.Post(t, "/messages", object{"to": object{"id": user}, "message_type": "email", "subject": "x", "body": body,
			"create_conversation_without_contact_reply": true}).OK()
		if a.At("body") != body {
			t.Errorf("the body came back as %.40v…", a.At("body"))
		}
		want := "<p>" + strings.Repeat("&lt;", 100_000) + "</p>"
		if got := r.Get(t, "/conversations/"+a.At("conversation_id").(string)).OK().At("source.body"); got != want {
			t.Errorf("the source is %.40v…", got)
		}
	})
}

// An in-app message moves the time when the contact was last written to.
func TestMessageMovesLastContact(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		user := r.Post(t, "/contacts", `{"role":"lead"}`).OK().ID()
		r.Clock.Pass(time.Minute)
		r.Post(t, "/messages", object{"to": object{"id": user}, "message_type": "inapp", "body": "x"}).OK()
		holds(t, r.Get(t, "/contacts/"+user), nil, object{"last_contacted_at": 1768478460., "last_replied_at": nil, "updated_at": 1768478400.})
	})
}
