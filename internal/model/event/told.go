package event

import "parley/internal/model"

// The topics of signals, which pass: they are no events, are kept nowhere and go to
// no webhook.
const (
	Typing   Topic = "parley.typing"
	Presence Topic = "parley.presence"
)

// A Signal is something that holds for a moment: somebody is there, or types.
type Signal struct {
	Topic     Topic
	Object    Object // what it is about; the zero value for the whole workspace
	From      Object // a contact or an admin
	Active    bool   // false says that it holds no longer
	CreatedAt int64
	ExpiresAt int64
}

// lifetimes are those of Lifetime.
var lifetimes = map[Topic]int64{Typing: 15, Presence: 60}

// Lifetime is how long a signal of a topic holds unless it is given again, in
// seconds; 0 for a topic that signals do not have.
func Lifetime(t Topic) int64 { return lifetimes[t] }

// NewSignal makes a signal that holds from now on, or no longer.
func NewSignal(t Topic, from, about Object, active bool, now int64) *Signal {
	s := &Signal{Topic: t, Object: about, From: from, Active: active, CreatedAt: now, ExpiresAt: now}
	if active {
		s.ExpiresAt += lifetimes[t]
	}
	return s
}

// Key names who signals, and about what: a later signal of the topic replaces an
// earlier one of the same key.
func (s *Signal) Key() string { return s.Object.Key() + " " + s.From.Key() }

// A Told is what a stream tells: an event or a signal, and who may see it besides
// teammates.
type Told struct {
	Event    *Event  // nil for a signal
	Signal   *Signal // nil for an event
	Contacts []model.ContactID
}

// Topic is that of the event or the signal.
func (t *Told) Topic() Topic {
	if t.Signal != nil {
		return t.Signal.Topic
	}
	return t.Event.Topic
}

// Object is what the event or the signal is about.
func (t *Told) Object() Object {
	if t.Signal != nil {
		return t.Signal.Object
	}
	return t.Event.Object
}

// shown are the topics that contacts see, by the type of the object. What teammates
// do among themselves is not there: notes, tags, assignments, priorities, snoozing.
var shown = map[ObjectType]map[Topic]bool{
	ConversationObject: {
		ConversationUserCreated: true, ConversationUserReplied: true, ConversationByAdmin: true, ConversationReplied: true,
		ConversationOpened: true, ConversationClosed: true, ConversationContactAttached: true, ConversationContactDetached: true,
		ConversationRated: true, ConversationRead: true, PartRedacted: true,
	},
	// That a ticket was shared has no topic of its own.
	TicketObject: {TicketCreated: true, TicketStateUpdated: true, TicketAttributeUpdated: true, Changed: true},
	// A note on a contact is a change of it, so that changes are not there.
	ContactObject: {
		ContactUserCreated: true, ContactLeadCreated: true, ContactUserUpdated: true, ContactLeadUpdated: true,
		ContactEmailUpdated: true, ContactLeadAddedEmail: true, ContactLeadSignedUp: true, VisitorSignedUp: true, ContactMerged: true,
		ContactSubscribed: true, ContactUnsubscribed: true, GranularSubscribe: true, GranularUnsubscribe: true, ContentStatChat: true,
	},
}

// ForContacts reports whether the event is one that contacts see who may see its
// object.
func (e *Event) ForContacts() bool { return shown[e.Object.Type][e.Topic] }
