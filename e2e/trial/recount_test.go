package trial

import (
	"context"
)

// recounts are questions to the database that find nothing where all is well: what is
// kept beside something else, and differs from it.
var recounts = []struct{ what, query string }{
	{"jobs that were given up", `SELECT kind || ': ' || last_error FROM jobs WHERE failed_at IS NOT NULL`},
	{"deliveries that were dropped", `SELECT object || ': ' || state FROM deliveries WHERE state <> 'delivered'`},
	{"counts of conversations", `SELECT c.workspace_id || ': ' || COALESCE(t.total, 0) || ', not ' || c.n FROM
		(SELECT workspace_id, count(*) AS n FROM conversations WHERE kind = 'conversation' GROUP BY workspace_id) c LEFT JOIN
		(SELECT workspace_id, sum(total) AS total FROM tallies WHERE name = 'conversation' GROUP BY workspace_id) t
		ON c.workspace_id = t.workspace_id WHERE COALESCE(t.total, 0) <> c.n`},
	{"counts of parts", `SELECT c.workspace_id || ' ' || c.id || ': ' || c.count_parts || ', not ' || count(p.id) FROM conversations c
		LEFT JOIN conversation_parts p ON p.workspace_id = c.workspace_id AND p.conversation_id = c.id
		GROUP BY c.workspace_id, c.id, c.count_parts HAVING c.count_parts <> count(p.id)`},
	{"counts of assignments", `SELECT c.workspace_id || ' ' || c.id || ': ' || c.count_assignments || ', not ' || count(p.id) FROM conversations c
		LEFT JOIN conversation_parts p ON p.workspace_id = c.workspace_id AND p.conversation_id = c.id AND p.assigned_id <> 0
		WHERE c.kind = 'conversation' GROUP BY c.workspace_id, c.id, c.count_assignments HAVING c.count_assignments <> count(p.id)`},
	// The last is the one with the greatest id: who waits for a conversation closes it after another, at a time that may be before.
	{"times of the last close", `SELECT workspace_id || ' ' || id || ': ' || kept || ' and ' || closed FROM (
			SELECT c.workspace_id, c.id, COALESCE(c.last_close_at, 0) AS kept, COALESCE((SELECT p.created_at FROM conversation_parts p
				WHERE p.workspace_id = c.workspace_id AND p.conversation_id = c.id AND p.type = 'close' ORDER BY p.id DESC LIMIT 1), 0) AS closed
			FROM conversations c WHERE c.kind = 'conversation') AS x WHERE kept <> closed`},
	{"medians of reply times", `SELECT m.workspace_id || ' ' || m.conversation_id || ': ' || m.seconds || ' of ' || m.replies FROM conversation_medians m
		JOIN (SELECT workspace_id, conversation_id, seconds, count(*) OVER (PARTITION BY workspace_id, conversation_id) AS n,
			row_number() OVER (PARTITION BY workspace_id, conversation_id ORDER BY seconds) AS place FROM conversation_reply_times) t
		ON t.workspace_id = m.workspace_id AND t.conversation_id = m.conversation_id
		WHERE t.place = (t.n + 1) / 2 AND (t.n <> m.replies OR t.seconds <> m.seconds)`},
	{"states that no part led to", `SELECT workspace_id || ' ' || id || ': ' || state || ' after ' || type FROM (
			SELECT c.workspace_id, c.id, c.state, (SELECT p.type FROM conversation_parts p WHERE p.workspace_id = c.workspace_id AND p.conversation_id = c.id
				AND p.type IN ('open', 'close', 'snoozed', 'timer_unsnooze', 'assign_and_reopen', 'assign_and_unsnooze') ORDER BY p.id DESC LIMIT 1) AS type
			FROM conversations c WHERE c.kind = 'conversation') led
		WHERE type IS NOT NULL AND state <> CASE type WHEN 'close' THEN 'closed' WHEN 'snoozed' THEN 'snoozed' ELSE 'open' END`},
	{"sleepers that nothing will wake", `SELECT c.workspace_id || ' ' || c.id FROM conversations c WHERE c.state = 'snoozed' AND NOT EXISTS
		(SELECT 1 FROM jobs j WHERE j.workspace_id = c.workspace_id AND j.kind = 'unsnooze' AND j.unique_key = CAST(c.id AS TEXT) AND j.run_at = c.snoozed_until)`},
	{"conversations without a contact or a first message", `SELECT c.workspace_id || ' ' || c.id FROM conversations c WHERE
		NOT EXISTS (SELECT 1 FROM conversation_contacts p WHERE p.workspace_id = c.workspace_id AND p.conversation_id = c.id)
		OR c.kind = 'conversation'
		AND NOT EXISTS (SELECT 1 FROM conversation_sources s WHERE s.workspace_id = c.workspace_id AND s.conversation_id = c.id)`},
	{"tickets that are no conversation, or the other way round", `SELECT COALESCE(c.workspace_id || ' ' || c.id, t.workspace_id || ' ' || t.id) FROM
		(SELECT workspace_id, id FROM conversations WHERE kind = 'ticket') c FULL JOIN tickets t ON t.workspace_id = c.workspace_id AND t.id = c.id
		WHERE c.id IS NULL OR t.id IS NULL`},
	{"ids beyond those that were given out", `SELECT c.workspace_id || ': ' || c.id FROM (SELECT workspace_id, max(id) AS id FROM conversations GROUP BY workspace_id) c
		LEFT JOIN sequences s ON s.workspace_id = c.workspace_id AND s.name = 'conversation' WHERE s.last IS NULL OR s.last < c.id`},
	{"deliveries without what they tell", `SELECT workspace_id || ' ' || number FROM deliveries WHERE item = ''`},
}

// recount asks all of them.
func (t *trial) recount(ctx context.Context) {
	for _, r := range recounts {
		found, err := t.d.texts(ctx, r.query)
		t.hold(r.what, err)
		for i, f := range found {
			if i == 5 {
				t.wrong("%s: and %d more", r.what, len(found)-i)
				break
			}
			t.wrong("%s: %s", r.what, f)
		}
	}
}
