package wire

import (
	"cmp"
	"fmt"

	"parley/internal/model"
	"parley/internal/model/event"
)

// A Gone is what is left to tell of what is no more.
type Gone struct {
	Type       string `json:"type"`
	ID         string `json:"id"`
	ExternalID string `json:"external_id,omitzero"`
	CompanyID  string `json:"company_id,omitzero"`
}

// A ContactTag tells that a tag was put on a contact or taken off.
type ContactTag struct {
	Type      string  `json:"type" enum:"contact_tag"`
	CreatedAt int64   `json:"created_at"`
	Tag       Tag     `json:"tag"`
	Contact   Contact `json:"contact"`
}

// A ContactSubscription tells what a contact chose about a type of subscription;
// null for all e-mail.
type ContactSubscription struct {
	Type         string            `json:"type" enum:"contact_subscription"`
	CreatedAt    int64             `json:"created_at"`
	Subscription *SubscriptionType `json:"subscription"`
	Contact      Contact           `json:"contact"`
}

// A TaggedConversation tells which tag was put on a conversation.
type TaggedConversation struct {
	FullConversation
	TagsAdded ConversationTags `json:"tags_added"`
}

// A ContentStat tells what became of a message.
type ContentStat struct {
	Type        string  `json:"type" enum:"content_stat"`
	ContentType string  `json:"content_type" enum:"email,chat"`
	ContentID   string  `json:"content_id"`
	Stat        string  `json:"stat"`
	CreatedAt   int64   `json:"created_at"`
	Contact     Contact `json:"contact"`
}

// A PingItem says that a webhook is there.
type PingItem struct {
	Type    string `json:"type" enum:"ping"`
	Message string `json:"message"`
}

// ItemEncoder makes the JSON that events are told with. Links lead below base.
func ItemEncoder(base string) func(*model.Workspace, event.Shown) ([]byte, error) {
	return func(w *model.Workspace, s event.Shown) ([]byte, error) {
		item, err := fromShown(View{Workspace: w, Base: base, Now: s.Now}, s)
		if err != nil {
			return nil, err
		}
		return Marshal(item)
	}
}

func fromShown(v View, s event.Shown) (any, error) {
	switch i := s.Item.(type) {
	case event.Company:
		return FromCompany(v.Workspace.ID)(i.Company), nil
	case event.Admin:
		return FromAdmin(i.Admin), nil
	case event.Pinged:
		return PingItem{"ping", "This webhook is there, and Parley can reach it."}, nil
	case event.Gone:
		return fromGone(i.Was, i.ExternalID), nil
	}
	switch {
	case s.Conversation != nil:
		return fromShownConversation(v, s), nil
	case s.Ticket != nil:
		return FromTicket(v)(s.Ticket), nil
	case s.Contact != nil:
		return fromShownContact(v, s)
	}
	return fromGone(s.Item.Object(), ""), nil // a later rule of the same transaction removed it
}

func fromGone(was event.Object, externalID string) Gone {
	g := Gone{Type: string(was.Type), ID: was.ID}
	if was.Type == event.CompanyObject {
		g.CompanyID = externalID
	} else {
		g.ExternalID = externalID
	}
	return g
}

func fromShownConversation(v View, s event.Shown) any {
	full := FromFullConversation(v)(s.Conversation)
	if i, ok := s.Item.(event.TaggedPart); ok {
		return TaggedConversation{full, ConversationTags{"tag.list", []AppliedTag{FromAppliedTag(i.Tag)}}}
	}
	return full
}

func fromShownContact(v View, s event.Shown) (any, error) {
	c := FromContact(v.Workspace.ID)(s.Contact)
	switch i := s.Item.(type) {
	case event.Contact, event.Merged:
		return &c, nil
	case event.Tagged:
		return ContactTag{"contact_tag", s.Now, FromTag(i.Tag), c}, nil
	case event.Subscribed:
		out := ContactSubscription{"contact_subscription", s.Now, nil, c}
		if i.Type != nil {
			t := FromSubscriptionType(i.Type)
			out.Subscription = &t
		}
		return out, nil
	case event.DataEvent:
		return fromDataEvent(s.Contact, i.Event), nil
	case event.Stat:
		return ContentStat{"content_stat", contentType(i.Message), i.Message.ID.String(), cmp.Or(string(i.Name), "sent"), i.At, c}, nil
	}
	return nil, fmt.Errorf("wire: nothing shows a %T", s.Item)
}

func contentType(m *model.Message) string {
	if m.Type == model.Email {
		return "email"
	}
	return "chat"
}
