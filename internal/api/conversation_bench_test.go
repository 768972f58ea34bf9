package api_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"

	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/service/inbox"
)

// The sizes that lists are measured at; PARLEY_BENCH_CONVERSATIONS adds one.
func listSizes(b *testing.B) []int {
	sizes := []int{1_000}
	if s := os.Getenv("PARLEY_BENCH_CONVERSATIONS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			b.Fatal(err)
		}
		sizes = append(sizes, n)
	}
	return sizes
}

// BenchmarkListConversations reads the 20 newest among few and among many.
func BenchmarkListConversations(b *testing.B) {
	onEachDatabase(b, func(b *testing.B, r *apptest.Rig) {
		for _, n := range listSizes(b) {
			b.Run(fmt.Sprint(n), func(b *testing.B) {
				r := r.Elsewhere(b)
				multiply(b, r, newTalk(b, r).id, n-1)
				r.Unjudged()
				for b.Loop() {
					r.Get(b, "/conversations").OK()
				}
			})
		}
	})
}

// BenchmarkReply replies on conversations of few and of many parts. The answer
// carries the newest 500 of them.
func BenchmarkReply(b *testing.B) {
	onEachReply(b, func(b *testing.B, c *talk) { c.does(b, "comment", "body", "Hello").OK() })
}

// BenchmarkWrite is a contact's message and an admin's answer to it, without
// reading what the conversation shows then: what others wait for who want to
// write, where it has too many parts to be read meanwhile.
func BenchmarkWrite(b *testing.B) {
	onEachReply(b, func(b *testing.B, c *talk) {
		for _, by := range []inbox.Reply{
			{Contact: model.ContactRef{ID: model.ContactID(c.contact)}},
			{Admin: model.Some(c.r.Admin.ID)},
		} {
			by.Type, by.Body = inbox.Comment, "Hello"
			_, err := c.r.Inbox.Write(context.Background(), c.r.Actor(), inbox.Target{ID: model.Decimal[model.ConversationID](c.id)}, by)
			noError(b, err)
		}
	})
}

// onEachReply measures a reply on conversations that have about as many parts:
// those of few are many, as each reply adds one.
func onEachReply(b *testing.B, reply func(b *testing.B, c *talk)) {
	onEachDatabase(b, func(b *testing.B, r *apptest.Rig) {
		for _, n := range []int{5, 500, 5_000} {
			talks := make([]*talk, max(1, 1000/n))
			b.Run(fmt.Sprint(n), func(b *testing.B) {
				for i := range talks {
					if talks[i] == nil {
						talks[i] = longTalk(b, r, n)
					}
				}
				i := 0
				for b.Loop() {
					reply(b, talks[i%len(talks)])
					i++
				}
			})
		}
	})
}

// BenchmarkAddCustomer is a write whose answer does not carry the parts.
func BenchmarkAddCustomer(b *testing.B) {
	onEachDatabase(b, func(b *testing.B, r *apptest.Rig) {
		for _, n := range []int{5, 5_000} {
			b.Run(fmt.Sprint(n), func(b *testing.B) {
				c := longTalk(b, r, n)
				friend := c.r.Post(b, "/contacts", object{"external_id": fmt.Sprint("friend", c.id)}).OK().ID()
				for b.Loop() {
					c.r.Post(b, c.path+"/customers", object{"admin_id": c.admin, "customer": object{"intercom_user_id": friend}}).OK()
					c.r.Delete(b, c.path+"/customers/"+friend, object{"admin_id": c.admin}).OK()
				}
			})
		}
	})
}

// BenchmarkFindConversation reads conversations of few and of many parts.
func BenchmarkFindConversation(b *testing.B) {
	onEachDatabase(b, func(b *testing.B, r *apptest.Rig) {
		for _, n := range []int{5, 500, 5_000} {
			b.Run(fmt.Sprint(n), func(b *testing.B) {
				c := longTalk(b, r, n)
				for b.Loop() {
					c.r.Get(b, c.path).OK()
				}
			})
		}
	})
}

// longTalk is a conversation with n parts, of which all but the first few are
// copies.
func longTalk(b *testing.B, r *apptest.Rig, n int) *talk {
	b.Helper()
	r = r.Elsewhere(b)
	c := newTalk(b, r)
	r.Unjudged()
	c.r = r
	for range 4 {
		c.does(b, "comment", "body", "How can I help you with that?").OK()
		c.says(b, "It does not work, whatever I do")
	}
	execute(b, r, `WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < $3)
		INSERT INTO conversation_parts (workspace_id, conversation_id, id, type, body, author_type, contact_id, admin_id,
			created_at, updated_at, redacted, details)
		SELECT workspace_id, conversation_id, 1000 + many.n, type, body, author_type, contact_id, admin_id, created_at, updated_at, redacted, details
		FROM conversation_parts p, many WHERE p.workspace_id = $1 AND p.conversation_id = $2 AND p.id = 2`,
		c.id, max(1, n-8))
	execute(b, r, `UPDATE sequences SET last = last + 10000 WHERE workspace_id = $1 AND name = 'part'`)
	execute(b, r, `WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < $3)
		INSERT INTO conversation_reply_times (workspace_id, conversation_id, seconds, part_id)
		SELECT t.workspace_id, t.conversation_id, t.seconds, 1000 + many.n FROM conversation_reply_times t, many
		WHERE t.workspace_id = $1 AND t.conversation_id = $2 AND t.part_id = 1`, c.id, max(1, n/2-4))
	return c
}

// multiply adds n copies of a conversation, each a second later than the last.
func multiply(b *testing.B, r *apptest.Rig, id string, n int) {
	b.Helper()
	columns := `state, read, priority, waiting_since, attributes, searchable, first_contact_reply_at, last_contact_reply_at,
		count_reopens, count_assignments, count_parts, unanswered_since`
	many := `WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < $3) `
	execute(b, r, many+`INSERT INTO conversations (workspace_id, id, kind, created_at, updated_at, `+columns+`)
		SELECT workspace_id, id + many.n, kind, created_at + many.n, updated_at + many.n, `+columns+`
		FROM conversations, many WHERE workspace_id = $1 AND id = $2`, id, n)
	columns = `type, delivered_as, subject, subject_fold, body, text_fold, author_type, contact_id, admin_id, url, redacted`
	execute(b, r, many+`INSERT INTO conversation_sources (workspace_id, conversation_id, id, `+columns+`)
		SELECT workspace_id, conversation_id + many.n, id + many.n, `+columns+`
		FROM conversation_sources, many WHERE workspace_id = $1 AND conversation_id = $2`, id, n)
	execute(b, r, many+`INSERT INTO conversation_contacts (workspace_id, conversation_id, contact_id)
		SELECT workspace_id, conversation_id + many.n, contact_id
		FROM conversation_contacts, many WHERE workspace_id = $1 AND conversation_id = $2`, id, n)
	execute(b, r, `UPDATE tallies SET total = total + $2 WHERE workspace_id = $1`, n)
	if r.Database.Dialect().Name() == "postgres" {
		if err := r.Database.Update(context.Background(), func(tx *db.Tx) error { _, err := tx.Exec(`ANALYZE`); return err }); err != nil {
			b.Fatal(err)
		}
	}
}

func onEachDatabase(b *testing.B, run func(b *testing.B, r *apptest.Rig)) {
	for _, r := range apptest.Rigs(b) {
		b.Run(r.Database.Dialect().Name(), func(b *testing.B) { run(b, r) })
	}
}
