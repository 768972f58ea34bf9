// Package event is what happened, as webhooks and the live stream tell it, and the
// laws that need nothing but it.
// It must not import anything but the standard library and the nouns below it.
package event

import (
	"strconv"

	"parley/internal/model"
)

// An Event is something that happened to an object of a workspace.
type Event struct {
	ID        string // a UUID that sorts by time
	Position  Position
	Topic     Topic
	Object    Object
	CreatedAt int64 // Unix seconds
}

// An Object is what something happened to.
type Object struct {
	Type ObjectType
	ID   string
}

// Key names the object among all of its workspace.
func (o Object) Key() string { return string(o.Type) + ":" + o.ID }

// An ObjectType is a sort of objects that things happen to.
type ObjectType string

const (
	ContactObject      ObjectType = "contact"
	CompanyObject      ObjectType = "company"
	AdminObject        ObjectType = "admin"
	ConversationObject ObjectType = "conversation"
	TicketObject       ObjectType = "ticket"
	WebhookObject      ObjectType = "webhook"

	// Of anything else the type is what the API calls it: tag, article, …
)

// A Position is where an event stands among those of its workspace: the order in
// which a stream tells them. It never changes, and nothing comes before a position
// that was read once.
type Position struct {
	Transaction int64 // 0 where transactions run one after another
	Number      int64
}

// An Item is what an event is told with. It names the object; what that shows it
// has, or that is read when somebody wants to be told.
type Item interface{ Object() Object }

// A Contact is an item that shows a contact.
type Contact struct {
	ID  model.ContactID
	New *model.Contact // it was made by the same transaction, and nothing belongs to it yet
}

// A Tagged is an item that shows a contact and a tag that was put on it or taken
// off.
type Tagged struct {
	ID  model.ContactID
	Tag *model.Tag
}

// A Subscribed is an item that shows a contact and a type of subscription that it
// chose something about.
type Subscribed struct {
	ID   model.ContactID
	Type *model.SubscriptionType
}

// A Merged is an item that shows the contact that another was merged into.
type Merged struct{ From, Into model.ContactID }

// A DataEvent is an item that shows what a contact did.
type DataEvent struct{ Event *model.DataEvent }

// A Company is an item that shows a company.
type Company struct{ Company *model.Company }

// An Admin is an item that shows an admin.
type Admin struct{ Admin *model.Admin }

// A Conversation is an item that shows a conversation, and of its parts the one
// that caused the event.
type Conversation struct {
	ID   model.ConversationID
	Part *model.Part         // nil for none
	Now  *model.Conversation // as it is when the transaction ends, loaded as a whole; nil where nobody has loaded that
}

// OfConversation is an item that shows what was done to a conversation.
func OfConversation(c *model.Conversation, p *model.Part) Conversation {
	of := Conversation{ID: c.ID, Part: p}
	if c.Whole {
		of.Now = c
	}
	return of
}

// A TaggedPart is an item that shows a conversation and a tag that was put on it.
type TaggedPart struct {
	ID  model.ConversationID
	Tag *model.AppliedTag
}

// A Ticket is an item that shows a ticket, and of its parts the one that caused
// the event.
type Ticket struct {
	ID   model.ConversationID
	Part *model.Part // nil for none
}

// A Stat is an item that tells what became of a message.
type Stat struct {
	Message *model.Message
	Name    model.Engagement // empty for that it was sent
	At      int64            // Unix seconds
}

// A Gone is an item of what is no more: it shows no more than which that was.
type Gone struct {
	Was        Object
	ExternalID string // the workspace's own id of it, if it had one
}

// A Pinged is an item that says that a webhook is there.
type Pinged struct{ ID SubscriptionID }

type other Object

// Other is an item of an object that no webhook shows.
func Other(t ObjectType, id string) Item { return other{t, id} }

func (i other) Object() Object      { return Object(i) }
func (i Contact) Object() Object    { return ofContact(i.ID) }
func (i Tagged) Object() Object     { return ofContact(i.ID) }
func (i Subscribed) Object() Object { return ofContact(i.ID) }
func (i Merged) Object() Object     { return ofContact(i.Into) }
func (i DataEvent) Object() Object  { return ofContact(i.Event.Contact) }
func (i Stat) Object() Object       { return ofContact(i.Message.To) }
func (i Gone) Object() Object       { return i.Was }
func (i Pinged) Object() Object     { return i.ID.Object() }

func (i Company) Object() Object { return Object{CompanyObject, string(i.Company.ID)} }

func (i Admin) Object() Object { return Object{AdminObject, i.Admin.ID.String()} }

func (i Conversation) Object() Object { return Object{ConversationObject, i.ID.String()} }
func (i TaggedPart) Object() Object   { return Object{ConversationObject, i.ID.String()} }
func (i Ticket) Object() Object       { return Object{TicketObject, i.ID.String()} }

// A Shown is an item with what it shows, as that is in the transaction that causes
// the event. What the item does not show, or is gone, is nil.
type Shown struct {
	Item
	Contact      *model.Contact
	Conversation *model.Conversation // of its parts the one that caused the event, if one did
	Ticket       *model.Ticket       // likewise
	Now          int64               // Unix seconds
}

// WithPart is a conversation that shows one part, or none.
func WithPart(c *model.Conversation, p *model.Part) *model.Conversation {
	if c == nil {
		return nil
	}
	one := *c
	if one.Parts = nil; p != nil {
		one.Parts = []*model.Part{p}
	}
	return &one
}

func ofContact(id model.ContactID) Object { return Object{ContactObject, string(id)} }

// Routes are the webhook subscriptions of a workspace that are to be told, by
// topic.
type Routes map[Topic][]int64

// To lists the subscriptions that want a topic, in ascending order and each once.
func (r Routes) To(t Topic) []int64 {
	if t == Changed {
		return nil
	}
	own, all := r[t], r[AllTopics]
	if len(own) == 0 {
		return all
	}
	if len(all) == 0 {
		return own
	}
	both := make([]int64, 0, len(own)+len(all))
	for len(own) > 0 && len(all) > 0 {
		switch {
		case own[0] < all[0]:
			both, own = append(both, own[0]), own[1:]
		case own[0] > all[0]:
			both, all = append(both, all[0]), all[1:]
		default:
			both, own, all = append(both, own[0]), own[1:], all[1:]
		}
	}
	return append(append(both, own...), all...)
}

// String is the position as clients hand it back.
func (p Position) String() string {
	return strconv.FormatInt(p.Transaction, 10) + "-" + strconv.FormatInt(p.Number, 10)
}
