package api_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parley/internal/apptest"
)

// A happening is one thing that was done to a conversation, as the plain
// computation of its statistics sees it.
type happening struct {
	at      int64
	what    string // contact, admin, note, close, open, assign, unassign, snooze
	message bool   // of close and assign: with a text
	closed  bool   // whether the conversation was closed before
	snoozed bool
}

// statisticsOf reads a conversation's life from the beginning, for each of the
// numbers anew.
func statisticsOf(life []happening, admin string) object {
	first := life[0].at // the source
	adminWrites := func(h happening) bool {
		return h.what == "admin" || (h.what == "close" || h.what == "assign" || h.what == "unassign") && h.message
	}
	timeOf := func(matches func(happening) bool, last bool) any {
		var found any
		for _, h := range life {
			if matches(h) && (found == nil || last) {
				found = float64(h.at)
			}
		}
		return found
	}
	after := func(at any) any {
		if at == nil {
			return nil
		}
		return at.(float64) - float64(first)
	}
	is := func(what string) func(happening) bool { return func(h happening) bool { return h.what == what } }
	firstReply := timeOf(adminWrites, false)
	var beforeReply, sinceAssigned any
	var reopens, assignments int
	var waits []int64
	unanswered := first
	for _, h := range life {
		if h.what == "assign" {
			assignments++
			sinceAssigned = nil
			if firstReply == nil || float64(h.at) < firstReply.(float64) || len(waits) == 0 {
				beforeReply = float64(h.at)
			}
		}
		if h.closed && (h.what == "contact" || h.what == "open" || h.what == "assign" || h.what == "snooze") {
			reopens++
		}
		if adminWrites(h) {
			if sinceAssigned == nil && assignments > 0 {
				sinceAssigned = float64(h.at)
			}
			if unanswered != 0 {
				waits = append(waits, h.at-unanswered)
				unanswered = 0
			}
		}
		if h.what == "contact" && unanswered == 0 {
			unanswered = h.at
		}
	}
	var median any
	if n := len(waits); n > 0 {
		slices.Sort(waits)
		median = float64((waits[(n-1)/2] + waits[n/2]) / 2)
	}
	want := object{"type": "conversation_statistics", "first_contact_reply_at": float64(first),
		"last_contact_reply_at": timeOf(is("contact"), true),
		"first_admin_reply_at":  firstReply, "last_admin_reply_at": timeOf(adminWrites, true),
		"first_assignment_at": timeOf(is("assign"), false), "last_assignment_at": timeOf(is("assign"), true),
		"last_assignment_admin_reply_at": sinceAssigned,
		"first_close_at":                 timeOf(is("close"), false), "last_close_at": timeOf(is("close"), true), "last_closed_by_id": nil,
		"time_to_assignment": after(beforeReply), "time_to_admin_reply": after(firstReply),
		"time_to_first_close": after(timeOf(is("close"), false)), "time_to_last_close": after(timeOf(is("close"), true)),
		"median_time_to_reply": median, "count_reopens": float64(reopens), "count_assignments": float64(assignments),
		"count_conversation_parts": float64(len(life) - 1)}
	if want["first_close_at"] != nil {
		want["last_closed_by_id"] = admin
	}
	return want
}

// TestStatisticsOfAnyLife has conversations live at random and compares the
// statistics that were kept with those of the plain computation.
func TestStatisticsOfAnyLife(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		rapid.Check(t, func(rt *rapid.T) {
			c := newTalk(t, r)
			life := []happening{{at: r.Clock.Now().Unix(), what: "contact"}}
			closed, snoozed := false, false
			var answer *apptest.Answer
			for range rapid.IntRange(1, 14).Draw(rt, "length") {
				r.Clock.Pass(time.Duration(rapid.IntRange(0, 4000).Draw(rt, "pause")) * time.Second)
				h := happening{at: r.Clock.Now().Unix(), closed: closed, snoozed: snoozed,
					what: rapid.SampledFrom([]string{"contact", "contact", "admin", "admin", "note", "close", "open", "assign", "unassign", "snooze"}).Draw(rt, "what")}
				h.message = (h.what == "close" || h.what == "assign") && rapid.Bool().Draw(rt, "message")
				var text []any
				if h.message {
					text = []any{"body", "Look"}
				}
				switch h.what {
				case "contact":
					answer = c.says(t, "Hm")
					closed = false
				case "admin":
					answer = c.does(t, "comment", "body", "Well").OK()
				case "note":
					answer = c.does(t, "note", "body", "Well").OK()
				case "close":
					answer = c.does(t, "close", text...).OK()
					closed = true
				case "open":
					answer = c.does(t, "open").OK()
					closed = false
				case "assign":
					answer = c.does(t, "assignment", append(text, "assignee_id", c.admin)...).OK()
					closed = false
				case "unassign":
					answer = c.does(t, "assignment", "assignee_id", 0).OK()
				case "snooze":
					answer = c.does(t, "snoozed", "snoozed_until", strconv.FormatInt(h.at+1_000_000, 10)).OK()
					closed = false
				}
				life = append(life, h)
			}
			asRead(t, r, "the last change", c.id, answer)
			if diff := cmp.Diff(statisticsOf(life, c.admin), r.Get(t, c.path).OK().At("statistics")); diff != "" {
				rt.Fatalf("after %v the statistics differ (-want +got):\n%s", fmt.Sprint(life), diff)
			}
		})
	})
}
