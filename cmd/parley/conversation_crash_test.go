package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A talker replies to a conversation of its own until the server is gone.
type talker struct {
	contact, conversation string
	confirmed             int // replies
}

// conversation is what a crash must not tear apart.
type conversation struct {
	State        string
	SnoozedUntil int64 `json:"snoozed_until"`
	Statistics   struct {
		Parts int `json:"count_conversation_parts"`
	}
	Parts struct {
		List []struct {
			Type string `json:"part_type"`
		} `json:"conversation_parts"`
	} `json:"conversation_parts"`
}

func (s *server) conversation(t *testing.T, id string) conversation {
	t.Helper()
	var c conversation
	s.read(t, "/conversations/"+id, &c)
	return c
}

func (s *server) newTalker(t *testing.T, name string) *talker {
	t.Helper()
	var contact, message struct {
		ID           string
		Conversation string `json:"conversation_id"`
	}
	if err := json.Unmarshal([]byte(s.ask("POST", "/contacts", s.token, fmt.Sprintf(`{"external_id":%q}`, name))), &contact); err != nil {
		t.Fatal(err)
	}
	body := fmt.Sprintf(`{"from":{"type":"user","id":%q},"body":"Hello"}`, contact.ID)
	if err := json.Unmarshal([]byte(s.ask("POST", "/conversations", s.token, body)), &message); err != nil {
		t.Fatal(err)
	}
	return &talker{contact: contact.ID, conversation: message.Conversation}
}

// talk closes, reopens, snoozes and comments in turn. Each changes the part, the
// conversation, its statistics, its contact or a job.
func (w *talker) talk(s *server, admin string, confirmed *atomic.Int64, reached chan struct{}) {
	far := time.Now().Add(time.Hour).Unix()
	for i := 0; i < 490; i++ { // fewer than are shown
		body := []string{
			fmt.Sprintf(`{"message_type":"close","admin_id":%q,"body":"Bye"}`, admin),
			fmt.Sprintf(`{"message_type":"comment","type":"user","intercom_user_id":%q,"body":"Wait"}`, w.contact),
			fmt.Sprintf(`{"message_type":"snoozed","admin_id":%q,"snoozed_until":%d}`, admin, far),
			fmt.Sprintf(`{"message_type":"open","admin_id":%q}`, admin),
		}[i%4]
		status, _, err := s.do("POST", "/conversations/"+w.conversation+"/reply", s.token, body)
		if err != nil || status != http.StatusOK {
			return
		}
		w.confirmed++
		if confirmed.Add(1) == 600 {
			close(reached)
		}
	}
}

// TestKillAmongReplies kills the server while teammates and contacts reply. Each
// part and what follows from it is there as a whole or not at all; and a snooze
// that ended meanwhile has ended once when the server is back.
func TestKillAmongReplies(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := start(t, nil, "--data", data, "--log-level", "error")
	var me struct{ ID string }
	s.read(t, "/me", &me)
	sleeper := s.newTalker(t, "sleeper")
	talkers := make([]*talker, 16)
	for i := range talkers {
		talkers[i] = s.newTalker(t, fmt.Sprintf("talker%02d", i))
	}
	wakes := time.Now().Add(2 * time.Second).Unix()
	s.ask("POST", "/conversations/"+sleeper.conversation+"/parts", s.token,
		fmt.Sprintf(`{"message_type":"snoozed","admin_id":%q,"snoozed_until":"%d"}`, me.ID, wakes))
	var confirmed atomic.Int64
	reached := make(chan struct{})
	var done sync.WaitGroup
	for _, w := range talkers {
		done.Go(func() { w.talk(s, me.ID, &confirmed, reached) })
	}
	select {
	case <-reached:
	case <-time.After(patience):
		t.Fatalf("only %d replies were confirmed", confirmed.Load())
	}
	s.signal(syscall.SIGKILL)
	s.wait()
	done.Wait()
	t.Logf("killed after %d confirmed replies", confirmed.Load())

	after := start(t, nil, "--data", data, "--log-level", "error")
	after.token = s.token
	states := map[string]string{"close": "closed", "snoozed": "snoozed", "open": "open"}
	for _, w := range talkers {
		c := after.conversation(t, w.conversation)
		parts := len(c.Parts.List)
		if parts != c.Statistics.Parts || parts < w.confirmed || parts > w.confirmed+1 {
			t.Errorf("the conversation %s has %d parts and counts %d; %d were confirmed", w.conversation, parts, c.Statistics.Parts, w.confirmed)
		}
		if parts > 0 && c.State != states[c.Parts.List[parts-1].Type] {
			t.Errorf("the conversation %s is %s after a part %s", w.conversation, c.State, c.Parts.List[parts-1].Type)
		}
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		c := after.conversation(t, sleeper.conversation)
		if c.State == "open" {
			if len(c.Parts.List) != 2 || c.Parts.List[1].Type != "timer_unsnooze" {
				t.Errorf("the sleeper woke with %v", c.Parts.List)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the sleeper is %s, long after %d", c.State, wakes)
		}
	}
}
