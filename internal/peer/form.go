package peer

import (
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"parley/internal/model"
	"parley/internal/model/event"
)

// The kinds of messages. A form that changes gets a kind of its own, as nodes of two
// versions may run side by side: what one does not know it passes over.
const (
	toldKind    = "told"    // a workspace
	deliverKind = "deliver" // a workspace and a webhook
	dueKind     = "due"     // nothing
	signalKind  = "signal"  // a signal, in JSON
)

// maxName is how long an id is at most.
const maxName = 64

// isName reports whether a text may be an id: of a workspace, say, or of a contact.
func isName(s string) bool {
	return s != "" && len(s) <= maxName && !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_')
	})
}

func formDelivery(ws model.WorkspaceID, webhook int64) string {
	return string(ws) + " " + strconv.FormatInt(webhook, 10)
}

func readDelivery(body string) (ws model.WorkspaceID, webhook int64, ok bool) {
	name, number, _ := strings.Cut(body, " ")
	webhook, err := strconv.ParseInt(number, 10, 64)
	return model.WorkspaceID(name), webhook, err == nil && webhook > 0 && isName(name)
}

// A signal is what is said of one. Times are counted from when it is said, since the
// clocks of two machines differ.
type signal struct {
	Workspace string   `json:"workspace"`
	Topic     string   `json:"topic"`
	From      object   `json:"from"`
	Object    *object  `json:"object,omitempty"`
	Contacts  []string `json:"contacts,omitempty"` // who may see it, beside teammates
	Active    bool     `json:"active"`
	Age       int64    `json:"age"`   // seconds since it was given
	Holds     int64    `json:"holds"` // seconds for which it holds
}

type object struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

func formSignal(ws model.WorkspaceID, t *event.Told, now int64) string {
	s := signal{Workspace: string(ws), Topic: string(t.Signal.Topic), From: object{string(t.Signal.From.Type), t.Signal.From.ID},
		Active: t.Signal.Active, Age: max(0, now-t.Signal.CreatedAt), Holds: max(0, t.Signal.ExpiresAt-now)}
	if o := t.Signal.Object; o != (event.Object{}) {
		s.Object = &object{string(o.Type), o.ID}
	}
	for _, id := range t.Contacts {
		s.Contacts = append(s.Contacts, string(id))
	}
	body, err := json.Marshal(s)
	if err != nil {
		return "" // which nobody understands; there is no way to it
	}
	return string(body)
}

// readSignal reads a signal, and makes its times those of this node. None holds longer
// than its topic lets it, nor is anything taken for an id that cannot be one.
func readSignal(body string, now int64) (model.WorkspaceID, *event.Told, bool) {
	var s signal
	if json.Unmarshal([]byte(body), &s) != nil {
		return "", nil, false
	}
	lifetime := event.Lifetime(event.Topic(s.Topic))
	t := &event.Told{Signal: &event.Signal{Topic: event.Topic(s.Topic), From: event.Object{Type: event.ObjectType(s.From.Type), ID: s.From.ID},
		Active: s.Active, CreatedAt: now - s.Age, ExpiresAt: now + s.Holds}}
	ok := isName(s.Workspace) && lifetime > 0 && s.Age >= 0 && s.Age <= lifetime && s.Holds >= 0 && s.Holds <= lifetime && s.Active == (s.Holds > 0) &&
		isName(s.From.ID) && (t.Signal.From.Type == event.AdminObject || t.Signal.From.Type == event.ContactObject) && len(s.Contacts) <= model.MaxParticipants
	if s.Object != nil {
		t.Signal.Object = event.Object{Type: event.ObjectType(s.Object.Type), ID: s.Object.ID}
		ok = ok && isName(s.Object.ID) && (t.Signal.Object.Type == event.ConversationObject || t.Signal.Object.Type == event.TicketObject)
	}
	for _, id := range s.Contacts {
		ok = ok && isName(id)
		t.Contacts = append(t.Contacts, model.ContactID(id))
	}
	return model.WorkspaceID(s.Workspace), t, ok
}
