package api_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"parley/internal/apptest"
	"parley/internal/model"
	"parley/internal/store"
)

// outbox reads the e-mails of the rig's workspace in a state.
func outbox(t testing.TB, r *apptest.Rig, state model.EmailState) []*model.OutgoingEmail {
	t.Helper()
	var found []*model.OutgoingEmail
	err := store.New(r.Database, r.Clock.Now, store.Options{}).View(t.Context(), r.Workspace.ID, func(tx *store.Tx) error {
		for after := ""; ; { // in pages of two
			page, err := tx.Messages.ListEmails(state, after, 2)
			if err != nil || len(page) == 0 {
				return err
			}
			found = append(found, page...)
			after = page[len(page)-1].ID
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func email(contact string, more ...any) object {
	body := object{"to": object{"type": "user", "id": contact}, "message_type": "email", "subject": "Thanks & <all>",
		"body": "<b onclick=x()>Hi</b> Joe,<script>x()</script><p>how are you?</p>"}
	for i := 0; i < len(more); i += 2 {
		body[more[i].(string)] = more[i+1]
	}
	return body
}

func TestEmailIsRendered(t *testing.T) {
	const (
		note = "You do not want e-mails from Acme? Answer this one and say so."
		head = "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n" +
			"<title>Thanks &amp; &lt;all&gt;</title>\n</head>\n"
		body = "<p><b>Hi</b> Joe,</p>\n<p>how are you?</p>"
		text = "Hi Joe,\n\nhow are you?\n\n-- \n" + note + "\n"
	)
	looks := map[string]string{
		"personal": head + "<body>\n" + body + "\n<p style=\"color:#6b6b6b;font-size:12px\">" + note + "</p>\n</body>\n</html>\n",
		"plain": head + "<body style=\"margin:0;padding:24px;font-family:sans-serif;font-size:15px;line-height:1.5\">\n" +
			"<div style=\"max-width:600px;margin:0 auto\">\n" +
			"<p style=\"color:#6b6b6b;border-bottom:1px solid #d9d9d9;padding-bottom:12px\">Acme</p>\n" + body + "\n" +
			"<p style=\"color:#6b6b6b;border-top:1px solid #d9d9d9;padding-top:12px;font-size:12px\">" + note + "</p>\n" +
			"</div>\n</body>\n</html>\n",
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		bob := newAdmin(t, r, model.Admin{Name: "Bob", Email: "bob@acme.test"})
		user := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		var want []*model.OutgoingEmail
		for _, template := range []string{"personal", "plain", ""} {
			body := email(user, "template", template, "from", object{"type": "admin", "id": 2})
			if template == "" {
				delete(body, "template")
				template = "plain"
			}
			id := model.Decimal[model.MessageID](r.Post(t, "/messages", body).OK().ID())
			want = append(want, &model.OutgoingEmail{Message: id, Contact: model.ContactID(user), From: bob.ID, To: "joe@bloggs.test",
				Subject: "Thanks & <all>", HTML: looks[template], Text: text, State: model.EmailQueued, CreatedAt: 1768478400})
		}
		// The clock stands still, so that only chance orders them.
		byMessage := cmpopts.SortSlices(func(a, b *model.OutgoingEmail) bool { return a.Message < b.Message })
		if diff := cmp.Diff(want, outbox(t, r, model.EmailQueued), cmpopts.IgnoreFields(model.OutgoingEmail{}, "ID"), byMessage); diff != "" {
			t.Errorf("the outbox (-want +got):\n%s", diff)
		}
		if suppressed := outbox(t, r, model.EmailSuppressed); len(suppressed) > 0 {
			t.Errorf("%d e-mails are suppressed", len(suppressed))
		}
		holds(t, r.Get(t, "/contacts/"+user), nil, object{"last_contacted_at": 1768478400.})
		if other := outbox(t, r.Elsewhere(t), model.EmailQueued); len(other) > 0 {
			t.Errorf("another workspace has %d e-mails", len(other))
		}
		r.Delete(t, "/contacts/"+user, nil).OK()
		if left := outbox(t, r, model.EmailQueued); len(left) > 0 {
			t.Errorf("%d e-mails are left of a deleted contact", len(left))
		}
	})
}

// What the workspace is called cannot break out of the frame.
func TestEmailEscapesNames(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		execute(t, r, `UPDATE workspaces SET name = $2 WHERE id = $1`, `A&B <script>x()</script>`)
		user := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		r.Post(t, "/messages", email(user)).OK()
		got := outbox(t, r, model.EmailQueued)[0]
		if strings.Contains(got.HTML, "<script") || strings.Count(got.HTML, "A&amp;B &lt;script&gt;x()&lt;/script&gt;") != 2 {
			t.Errorf("the e-mail is %s", got.HTML)
		}
		if !strings.Contains(got.Text, "from A&B <script>x()</script>?") {
			t.Errorf("the text is %s", got.Text)
		}
	})
}

func TestEmailIsSuppressed(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		optOut, err := r.People.CreateSubscriptionType(t.Context(), r.Actor(), model.SubscriptionType{State: model.SubscriptionLive,
			ConsentType: model.OptOut, DefaultLocale: "en", ContentTypes: []model.ContentType{model.ContentEmail},
			Translations: []model.Translation{{Locale: "en", Name: "News"}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name    string
			contact object
			arrange func(t *testing.T, id string)
			reason  model.Suppression // "" for an e-mail that goes out
			to      string
		}{
			{name: "nothing against it", contact: object{"email": "a@x.test"}, to: "a@x.test"},
			{name: "no address", contact: object{"external_id": "1"}, reason: "no_address"},
			{name: "a lead without an address", contact: object{"role": "lead"}, reason: "no_address"},
			{name: "unsubscribed", contact: object{"email": "b@x.test", "unsubscribed_from_emails": true}, reason: "unsubscribed", to: "b@x.test"},
			{name: "hard bounced", contact: object{"email": "c@x.test"}, reason: "hard_bounced", to: "c@x.test", arrange: func(t *testing.T, id string) {
				execute(t, r, `UPDATE contacts SET has_hard_bounced = $3 WHERE workspace_id = $1 AND id = $2`, id, true)
			}},
			{name: "marked as spam", contact: object{"email": "d@x.test"}, reason: "marked_as_spam", to: "d@x.test", arrange: func(t *testing.T, id string) {
				execute(t, r, `UPDATE contacts SET marked_email_as_spam = $3 WHERE workspace_id = $1 AND id = $2`, id, true)
			}},
			{name: "archived", contact: object{"email": "e@x.test"}, reason: "archived", to: "e@x.test", arrange: func(t *testing.T, id string) {
				r.Post(t, "/contacts/"+id+"/archive", nil).OK()
			}},
			{name: "opted out of a subscription type", contact: object{"email": "f@x.test"}, to: "f@x.test", arrange: func(t *testing.T, id string) {
				r.Post(t, "/contacts/"+id+"/subscriptions", object{"id": optOut.ID.String(), "consent_type": "opt_out"}).OK()
			}},
		} {
			t.Run(c.name, func(t *testing.T) {
				id := r.Post(t, "/contacts", c.contact).OK().ID()
				if c.arrange != nil {
					c.arrange(t, id)
				}
				a := r.Post(t, "/messages", email(id)).OK()
				shows(t, a, "type", "admin_message", "message_type", "email")
				state, contacted := model.EmailQueued, any(1768478400.)
				if c.reason != "" {
					state, contacted = model.EmailSuppressed, nil
				}
				all := outbox(t, r, state)
				i := len(all) - 1
				for ; i >= 0 && all[i].Message.String() != a.ID(); i-- {
				}
				if i < 0 {
					t.Fatalf("the e-mail is not %s", state)
				}
				if got := all[i]; got.Suppressed != c.reason || got.To != c.to || got.HTML == "" || string(got.Contact) != id {
					t.Errorf("the e-mail to %q is suppressed by %q, want %q and %q", got.To, got.Suppressed, c.to, c.reason)
				}
				holds(t, r.Get(t, "/contacts/"+id), nil, object{"last_contacted_at": contacted})
				// The message is there all the same, and can be answered.
				shows(t, replyLast(t, r, id, "Hi").OK(), "source.id", a.ID(), "source.subject", "Thanks & <all>")
			})
		}
		// In-app messages have nothing to do with the outbox.
		before := len(outbox(t, r, model.EmailQueued))
		id := r.Post(t, "/contacts", object{"email": "g@x.test"}).OK().ID()
		send(t, r, id, "Hello")
		if after := len(outbox(t, r, model.EmailQueued)); after != before {
			t.Errorf("an in-app message made %d e-mails", after-before)
		}
	})
}
