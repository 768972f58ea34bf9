package api_test

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
	"parley/internal/store"
)

// came is what came of a message, as an export tells it: by column, without those
// that are empty.
func came(t *testing.T, r *apptest.Rig, message string) map[string]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(exported(t, r, 0, 1<<40))).ReadAll()
	noError(t, err)
	found := map[string]string{}
	for _, row := range rows[1:] {
		for i, name := range rows[0] {
			if row[10] == message && row[i] != "" && strings.HasPrefix(name, "first_") {
				found[name] = row[i]
			}
		}
	}
	return found
}

func engage(t *testing.T, r *apptest.Rig, message string, e model.Engagement, at int64) {
	t.Helper()
	noError(t, r.Inbox.RecordEngagement(t.Context(), r.Workspace.ID, model.Decimal[model.MessageID](message), e, at))
}

func TestEngagement(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		const start = 1768478400
		r.Clock.Pass(time.Minute)
		joe := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		mail := r.Post(t, "/messages", email(joe)).OK().ID()
		chat := send(t, r, joe, "Hello")
		r.Clock.Pass(time.Hour)
		all := []model.Engagement{model.EngagementReply, model.EngagementOpen, model.EngagementClick, model.EngagementDismissal,
			model.EngagementUnsubscribe, model.EngagementHardBounce, "", "look"}
		columns := map[model.Engagement]string{"open": "first_open", "click": "first_click", "dismissal": "first_dismisall",
			"unsubscribe": "first_unsubscribe", "hard_bounce": "first_hard_bounce"}
		for _, c := range []struct{ message, kind, fits string }{
			{mail, "email", "open click unsubscribe hard_bounce"},
			{chat, "inapp", "open click dismissal"},
		} {
			want := map[string]string{}
			for i, e := range all {
				if !strings.Contains(" "+c.fits+" ", " "+string(e)+" ") || e == "" {
					err := r.Inbox.RecordEngagement(t.Context(), r.Workspace.ID, model.Decimal[model.MessageID](c.message), e, start+100)
					fails(t, err, "parameter_invalid", fmt.Sprintf("A message of the type %s has no %s", c.kind, e))
					continue
				}
				// Whatever comes last, the first one stays.
				for _, at := range []int64{start + 300, start + 200 + int64(i), start + 250, 1 << 50} {
					engage(t, r, c.message, e, at)
				}
				want[columns[e]] = fmt.Sprint(start + 200 + i)
			}
			if diff := cmp.Diff(want, came(t, r, c.message)); diff != "" {
				t.Errorf("of the %s came (-want +got):\n%s", c.kind, diff)
			}
		}

		// Nothing comes of what was not sent yet, nor after now.
		early, late := send(t, r, joe, "Hello"), send(t, r, joe, "Hello")
		for _, at := range []int64{-1 << 50, start} {
			engage(t, r, early, model.EngagementOpen, at)
		}
		engage(t, r, late, model.EngagementOpen, 1<<50)
		for _, message := range []string{early, late} {
			if diff := cmp.Diff(map[string]string{"first_open": fmt.Sprint(start + 3660)}, came(t, r, message)); diff != "" {
				t.Errorf("of %s came (-want +got):\n%s", message, diff)
			}
		}

		other := r.Elsewhere(t)
		for name, err := range map[string]error{
			"no message":            r.Inbox.RecordEngagement(t.Context(), r.Workspace.ID, 999, model.EngagementOpen, start),
			"another's message":     r.Inbox.RecordEngagement(t.Context(), other.Workspace.ID, model.Decimal[model.MessageID](chat), model.EngagementOpen, start),
			"no message of no kind": r.Inbox.RecordEngagement(t.Context(), r.Workspace.ID, 0, "look", start),
		} {
			t.Run(name, func(t *testing.T) { fails(t, err, "not_found", "Resource Not Found") })
		}
	})
}

// What an e-mail tells of a contact is kept with the contact, and holds for what is
// sent next. What the workspace says of it comes of no message.
func TestEngagementOfAContact(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		const start = 1768478400
		for _, c := range []struct {
			name   string
			e      model.Engagement
			want   object
			reason model.Suppression // of the next e-mail
		}{
			{"open", model.EngagementOpen, object{"last_email_opened_at": start + 30., "updated_at": start + 0.}, ""},
			{"click", model.EngagementClick, object{"last_email_clicked_at": start + 30., "updated_at": start + 0.}, ""},
			{"unsubscribe", model.EngagementUnsubscribe, object{"unsubscribed_from_emails": true, "updated_at": start + 60.}, "unsubscribed"},
			{"hard bounce", model.EngagementHardBounce, object{"has_hard_bounced": true, "updated_at": start + 60.}, "hard_bounced"},
		} {
			t.Run(c.name, func(t *testing.T) {
				// Each has a clock's hour of its own, in a workspace of its own.
				r := r.Elsewhere(t)
				before := r.Clock.Now().Unix()
				joe := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
				nothing := object{"last_email_opened_at": nil, "last_email_clicked_at": nil, "unsubscribed_from_emails": false,
					"has_hard_bounced": false, "updated_at": float64(before)}
				chat, mail := send(t, r, joe, "Hello"), r.Post(t, "/messages", email(joe)).OK().ID()
				r.Clock.Pass(time.Minute)
				if c.e == model.EngagementOpen || c.e == model.EngagementClick {
					engage(t, r, chat, c.e, before+10) // tells nothing of an address
				}
				holds(t, r.Get(t, "/contacts/"+joe), nil, nothing)
				engage(t, r, mail, c.e, before+30)
				want := maps.Clone(nothing)
				for name, value := range c.want {
					if at, ok := value.(float64); ok {
						value = at - start + float64(before)
					}
					want[name] = value
				}
				holds(t, r.Get(t, "/contacts/"+joe), nil, want)
				r.Clock.Pass(time.Minute)
				engage(t, r, mail, c.e, before+20) // the last time stays the last
				holds(t, r.Get(t, "/contacts/"+joe), nil, want)

				next := r.Post(t, "/messages", email(joe)).OK().ID()
				suppressed := outbox(t, r, model.EmailSuppressed)
				if (len(suppressed) == 1) != (c.reason != "") || len(suppressed) == 1 && suppressed[0].Suppressed != c.reason {
					t.Errorf("the next e-mail is suppressed by %v, want %q", suppressed, c.reason)
				}
				if sent := strings.Contains(exported(t, r, 0, 1<<40), ","+next+",Email,"); sent != (c.reason == "") {
					t.Errorf("the export tells that the next e-mail was sent: %v", sent)
				}
			})
		}
		joe := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		mail := r.Post(t, "/messages", email(joe)).OK().ID()
		r.Put(t, "/contacts/"+joe, `{"unsubscribed_from_emails":true}`).OK()
		if got := came(t, r, mail); len(got) > 0 {
			t.Errorf("of the e-mail came %v", got)
		}
	})
}

// A message is answered when its contact writes into its conversation.
func TestEngagementByReply(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		joe := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		ann := r.Post(t, "/contacts", `{"email":"ann@bloggs.test"}`).OK().ID()
		tick := func() int64 {
			r.Clock.Pass(time.Second)
			return r.Clock.Now().Unix()
		}
		check := func(message string, at int64) {
			t.Helper()
			want := map[string]string{}
			if at != 0 {
				want["first_reply"] = fmt.Sprint(at)
			}
			if diff := cmp.Diff(want, came(t, r, message)); diff != "" {
				t.Errorf("of %s came (-want +got):\n%s", message, diff)
			}
		}
		reply := func(conversation, contact string) {
			t.Helper()
			r.Post(t, "/conversations/"+conversation+"/reply", object{"message_type": "comment", "type": "user", "intercom_user_id": contact, "body": "Hi"}).OK()
		}

		// The answer that begins the conversation, and those that go on with it.
		first := send(t, r, joe, "Hello")
		check(first, 0)
		answered := tick()
		begun := replyLast(t, r, joe, "Hi").OK().ID()
		tick()
		reply(begun, joe)
		check(first, answered)

		// A conversation that was there before the answer; somebody else answers first.
		a := r.Post(t, "/messages", object{"to": object{"id": joe}, "message_type": "inapp", "body": "Hello",
			"create_conversation_without_contact_reply": true}).OK()
		second, id := a.ID(), a.At("conversation_id").(string)
		r.Post(t, "/conversations/"+id+"/customers", object{"admin_id": "1", "customer": object{"intercom_user_id": ann}}).OK()
		tick()
		reply(id, ann)
		r.Post(t, "/conversations/"+id+"/reply", object{"message_type": "comment", "type": "admin", "admin_id": "1", "body": "Well?"}).OK()
		check(second, 0)
		answered = tick()
		reply(id, joe)
		tick()
		reply(id, ann)
		reply(id, joe)
		check(second, answered)

		// What fails leaves nothing, and a conversation of the contact's own answers no
		// message, be their ids alike.
		third := send(t, r, joe, "Hello")
		replyLast(t, r, joe, "").Is(400)
		own := r.Post(t, "/conversations", object{"from": object{"type": "user", "id": joe}, "body": "Help"}).OK().At("conversation_id").(string)
		reply(own, joe)
		check(third, 0)

		// A lead's answers are the user's whom it becomes.
		lead := r.Post(t, "/contacts", `{"role":"lead"}`).OK().ID()
		fourth, fifth := send(t, r, lead, "Hello"), ""
		answered = tick()
		id = replyLast(t, r, lead, "Hi").OK().ID()
		fifth = r.Post(t, "/messages", object{"to": object{"id": lead}, "message_type": "inapp", "body": "Hello",
			"create_conversation_without_contact_reply": true}).OK().ID()
		r.Post(t, "/contacts/merge", object{"from": lead, "into": joe}).OK()
		again := tick()
		reply(id, joe)
		replyLast(t, r, joe, "Hi").OK()
		check(fourth, answered)
		check(fifth, again)
	})
}

// Whoever reports at the same time, the earliest stays, and no report is lost.
func TestEngagementsAtOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		joe := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		mail := r.Post(t, "/messages", object{"to": object{"id": joe}, "message_type": "email", "subject": "Hey", "body": "Hello",
			"create_conversation_without_contact_reply": true}).OK().ID()
		r.Clock.Pass(time.Hour)
		kinds := []model.Engagement{model.EngagementOpen, model.EngagementClick, model.EngagementUnsubscribe, model.EngagementHardBounce}
		together(24, func(i int) *apptest.Answer {
			if i%6 == 5 {
				return replyLast(t, r, joe, "Hi").OK()
			}
			if err := r.Inbox.RecordEngagement(t.Context(), r.Workspace.ID, model.Decimal[model.MessageID](mail), kinds[i%4], 1768478424-int64(i)); err != nil {
				t.Error(err)
			}
			return nil
		})
		if diff := cmp.Diff(map[string]string{"first_open": "1768478404", "first_click": "1768478403", "first_unsubscribe": "1768478402",
			"first_hard_bounce": "1768478405", "first_reply": "1768482000"}, came(t, r, mail)); diff != "" {
			t.Errorf("of the e-mail came (-want +got):\n%s", diff)
		}
		holds(t, r.Get(t, "/contacts/"+joe), nil, object{"has_hard_bounced": true, "unsubscribed_from_emails": true,
			"last_replied_at": 1768482000., "last_email_opened_at": 1768478424., "last_email_clicked_at": 1768478423.})
	})
}

// A message that changes hands meanwhile keeps what came of it.
func TestEngagementDuringAMerge(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for range 5 {
			r := r.Elsewhere(t)
			user := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
			lead := r.Post(t, "/contacts", `{"role":"lead","email":"joe@home.test"}`).OK().ID()
			var mails []string
			for range 7 {
				mails = append(mails, r.Post(t, "/messages", email(lead)).OK().ID())
			}
			at := r.Clock.Now().Unix()
			together(8, func(i int) *apptest.Answer {
				if i == 7 {
					return r.Post(t, "/contacts/merge", object{"from": lead, "into": user}).OK()
				}
				err := r.Inbox.RecordEngagement(t.Context(), r.Workspace.ID, model.Decimal[model.MessageID](mails[i]), model.EngagementOpen, at)
				if err != nil {
					t.Error(err)
				}
				return nil
			})
			text := exported(t, r, 0, 1<<40)
			if n := strings.Count(text, fmt.Sprintf(",,,,,,,%d,,,,\n", at)); n != 7 || strings.Contains(text, lead) {
				t.Errorf("%d of 7 messages were opened:\n%s", n, text)
			}
		}
	})
}

// What was sent before engagements were kept is told from what there is: as the
// migration leaves it, it is as if they always had been.
func TestEngagementBeforeItWasKept(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		joe := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		lead := r.Post(t, "/contacts", `{"role":"lead"}`).OK().ID()
		send(t, r, joe, "never answered")
		for _, to := range []string{joe, lead} {
			r.Post(t, "/messages", email(to)).OK()
			r.Clock.Pass(time.Second)
			id := replyLast(t, r, to, "Hi").OK().ID()
			r.Clock.Pass(time.Second)
			r.Post(t, "/conversations/"+id+"/parts", object{"message_type": "close", "admin_id": "1"}).OK()
			replyLast(t, r, to, "Hi again").OK()
		}
		a := r.Post(t, "/messages", object{"to": object{"id": joe}, "message_type": "inapp", "body": "Hello",
			"create_conversation_without_contact_reply": true}).OK()
		path := "/conversations/" + a.At("conversation_id").(string)
		r.Post(t, path+"/customers", object{"admin_id": "1", "customer": object{"intercom_user_id": lead}}).OK()
		for _, who := range []string{lead, joe} {
			r.Clock.Pass(time.Second)
			r.Post(t, path+"/reply", object{"message_type": "comment", "type": "user", "intercom_user_id": who, "body": "Hi"}).OK()
		}
		want := exported(t, r, 0, 1<<40)
		if n := strings.Count(want, "\n"); n != 4 {
			t.Fatalf("there are %d receipts:\n%s", n-1, want)
		}
		execute(t, r, `UPDATE messages SET sent = TRUE, first_reply_at = NULL WHERE workspace_id = $1`)
		text, err := fs.ReadFile(store.Migrations(), "0012_data_exports.sql")
		noError(t, err)
		ran := 0
		for statement := range strings.SplitSeq(string(text), ";") {
			if i := strings.Index(statement, "UPDATE messages"); i >= 0 {
				where := strings.LastIndex(statement, "WHERE ") + len("WHERE ") // other tests have the rest of the database
				execute(t, r, statement[i:where]+"messages.workspace_id = $1 AND "+statement[where:])
				ran++
			}
		}
		if got := exported(t, r, 0, 1<<40); ran != 2 || got != want {
			t.Errorf("after %d statements the export is\n%s\nnot\n%s", ran, got, want)
		}
	})
}
