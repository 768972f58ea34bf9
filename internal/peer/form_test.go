package peer

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"parley/internal/bus"
	"parley/internal/model"
	"parley/internal/model/event"
)

// FuzzHear has a node hear what another of any version may say. What it takes for a
// signal is one that it could have been given itself, and says the same when it is
// passed on.
func FuzzHear(f *testing.F) {
	typing := event.NewSignal(event.Typing, event.Object{Type: event.AdminObject, ID: "1"}, event.Object{Type: event.ConversationObject, ID: "7"}, true, 1_000_000)
	for _, seed := range [][2]string{
		{"told", "k3v0x8qa"}, {"told", ""}, {"told", "a b"}, {"deliver", "k3v0x8qa 7"}, {"deliver", "k3v0x8qa -7"}, {"deliver", "7"}, {"due", ""}, {"due", "x"}, {"later", "x"},
		{"signal", formSignal("k3v0x8qa", &event.Told{Signal: typing, Contacts: []model.ContactID{"0123456789abcdef01234567"}}, 1_000_003)},
		{"signal", `{"workspace":"a","topic":"parley.presence","from":{"type":"contact","id":"1"},"active":false,"age":0,"holds":0}`},
		{"signal", `{"workspace":"a","topic":"parley.presence","from":{"type":"contact","id":"1"},"active":true,"age":0,"holds":61}`},
		{"signal", `{"workspace":"a","topic":"contact.created","from":{"type":"contact","id":"1"},"active":true,"age":0,"holds":1}`},
		{"signal", `null`}, {"signal", `{}`}, {"signal", `[`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, kind, body string) {
		calls := 0
		p := &Peer{options: Options{
			Clock: func() time.Time { return time.Unix(1_000_003, 0) },
			Told: func(ws model.WorkspaceID) {
				if calls++; !isName(string(ws)) {
					t.Errorf("%q is a workspace", ws)
				}
			},
			Deliver: func(ws model.WorkspaceID, webhooks []int64) {
				if calls++; !isName(string(ws)) || len(webhooks) != 1 || webhooks[0] < 1 {
					t.Errorf("%q and %d are webhooks", ws, webhooks)
				}
			},
			Look: func() { calls++ },
			Signal: func(ws model.WorkspaceID, s *event.Told) bool {
				calls++
				again, same, ok := readSignal(formSignal(ws, s, 1_000_003), 1_000_003)
				if !ok || again != ws || !reflect.DeepEqual(same, s) {
					t.Errorf("%q is passed on as %+v", body, same)
				}
				if s.Signal.ExpiresAt > 1_000_003+event.Lifetime(s.Signal.Topic) || s.Event != nil || len(s.Signal.Key()) > 200 {
					t.Errorf("%q is taken for %+v", body, s.Signal)
				}
				return true
			}}}
		if understood := p.hear(bus.Message{Kind: kind, Body: body}); understood != (calls == 1) || calls > 1 {
			t.Errorf("%q %q is understood: %t, with %d calls", kind, body, understood, calls)
		}
	})
}

// TestSignalHasTheTimesOfWhoHears passes a signal between nodes whose clocks differ by
// a day: it holds for as long as it would have.
func TestSignalHasTheTimesOfWhoHears(t *testing.T) {
	t.Parallel()
	const here, there = 1_000_000, 1_086_400
	given := event.NewSignal(event.Presence, event.Object{Type: event.ContactObject, ID: "0123456789abcdef01234567"}, event.Object{}, true, here)
	_, heard, ok := readSignal(formSignal("k3v0x8qa", &event.Told{Signal: given}, here+20), there)
	if !ok || heard.Signal.CreatedAt != there-20 || heard.Signal.ExpiresAt != there+40 {
		t.Errorf("it is heard as %+v (%t)", heard.Signal, ok)
	}
	if body := formSignal("k3v0x8qa", &event.Told{Signal: given, Contacts: make([]model.ContactID, model.MaxParticipants)}, here); len(body)+model.MaxParticipants*24 > 7_800 {
		t.Errorf("with %d contacts it has %d bytes and their ids", model.MaxParticipants, len(body))
	}
	if strings.ContainsAny(formSignal("k3v0x8qa", &event.Told{Signal: given}, here), "\n\r") {
		t.Error("a signal is more than a line")
	}
}
