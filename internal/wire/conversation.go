package wire

import (
	"parley/internal/model"
	"parley/internal/richtext"
)

// A Conversation as lists and searches show it.
type Conversation struct {
	Type               string              `json:"type" enum:"conversation"`
	ID                 string              `json:"id"`
	CreatedAt          int64               `json:"created_at"`
	UpdatedAt          int64               `json:"updated_at"`
	WaitingSince       NullInt             `json:"waiting_since" doc:"The first message of a contact that waits for an answer."`
	SnoozedUntil       NullInt             `json:"snoozed_until"`
	Source             Source              `json:"source"`
	Contacts           ContactReferences   `json:"contacts"`
	FirstContactReply  *FirstContactReply  `json:"first_contact_reply"`
	AdminAssigneeID    NullInt             `json:"admin_assignee_id"`
	TeamAssigneeID     NullInt             `json:"team_assignee_id"`
	Open               bool                `json:"open" doc:"True of a snoozed conversation too."`
	State              string              `json:"state" enum:"open,closed,snoozed"`
	Read               bool                `json:"read"`
	Tags               ConversationTags    `json:"tags"`
	Priority           string              `json:"priority" enum:"priority,not_priority"`
	SLAApplied         *struct{}           `json:"sla_applied" doc:"Always null: there are no service levels."`
	Statistics         *Statistics         `json:"statistics" doc:"Null until a contact has written."`
	ConversationRating *ConversationRating `json:"conversation_rating"`
	Teammates          *Teammates          `json:"teammates" doc:"The admins who wrote a part; null for none."`
	Title              NullText            `json:"title"`
	Topics             struct{}            `json:"topics" doc:"Always empty: there are no topics."`
	Ticket             *struct{}           `json:"ticket" doc:"Always null: a ticket is no conversation here."`
	CustomAttributes   AnswerAttributes    `json:"custom_attributes"`
}

// A FullConversation has its newest parts too.
type FullConversation struct {
	Conversation
	ConversationParts ConversationParts `json:"conversation_parts"`
}

// A Source is the message that began a conversation.
type Source struct {
	Type        string       `json:"type" enum:"conversation,email"`
	ID          string       `json:"id"`
	DeliveredAs string       `json:"delivered_as" enum:"customer_initiated,admin_initiated"`
	Subject     string       `json:"subject"`
	Body        string       `json:"body" doc:"HTML that is safe to show."`
	Author      PartAuthor   `json:"author"`
	Attachments []Attachment `json:"attachments"`
	URL         NullText     `json:"url"`
	Redacted    bool         `json:"redacted"`
}

// A PartAuthor is who wrote something or did it, as they are now.
type PartAuthor struct {
	ID    string `json:"id"`
	Type  string `json:"type" enum:"user,lead,admin,bot,team"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

// ContactReferences are the contacts who take part.
type ContactReferences struct {
	Type     string      `json:"type" enum:"contact.list"`
	Contacts []Reference `json:"contacts"`
}

// A FirstContactReply tells of the first message of a contact.
type FirstContactReply struct {
	CreatedAt int64    `json:"created_at"`
	Type      string   `json:"type"`
	URL       NullText `json:"url"`
}

// ConversationTags are the tags of a conversation.
type ConversationTags struct {
	Type string       `json:"type" enum:"tag.list"`
	Tags []AppliedTag `json:"tags"`
}

// Teammates are admins who took part.
type Teammates struct {
	Type   string      `json:"type" enum:"admin.list"`
	Admins []Reference `json:"admins"`
}

// A ConversationRating is what a contact thought of a conversation. Its rating is
// null while it is only asked for.
type ConversationRating struct {
	Rating    NullInt    `json:"rating"`
	Remark    NullText   `json:"remark"`
	CreatedAt int64      `json:"created_at" doc:"When it was asked for."`
	Contact   *Reference `json:"contact"`
	Teammate  *Reference `json:"teammate"`
}

// Statistics are times in Unix seconds, durations in seconds and numbers.
type Statistics struct {
	Type                       string   `json:"type" enum:"conversation_statistics"`
	TimeToAssignment           *int64   `json:"time_to_assignment"`
	TimeToAdminReply           *int64   `json:"time_to_admin_reply" doc:"In office hours, like the durations below."`
	TimeToFirstClose           *int64   `json:"time_to_first_close"`
	TimeToLastClose            *int64   `json:"time_to_last_close"`
	MedianTimeToReply          *int64   `json:"median_time_to_reply"`
	FirstContactReplyAt        NullInt  `json:"first_contact_reply_at"`
	FirstAssignmentAt          NullInt  `json:"first_assignment_at"`
	FirstAdminReplyAt          NullInt  `json:"first_admin_reply_at"`
	FirstCloseAt               NullInt  `json:"first_close_at"`
	LastAssignmentAt           NullInt  `json:"last_assignment_at"`
	LastAssignmentAdminReplyAt NullInt  `json:"last_assignment_admin_reply_at"`
	LastContactReplyAt         NullInt  `json:"last_contact_reply_at"`
	LastAdminReplyAt           NullInt  `json:"last_admin_reply_at"`
	LastCloseAt                NullInt  `json:"last_close_at"`
	LastClosedByID             NullText `json:"last_closed_by_id"`
	CountReopens               int64    `json:"count_reopens"`
	CountAssignments           int64    `json:"count_assignments"`
	CountConversationParts     int64    `json:"count_conversation_parts"`
}

// FromConversation translates a conversation without its parts.
func FromConversation(v View) func(*model.Conversation) Conversation {
	return func(c *model.Conversation) Conversation {
		out := Conversation{Type: "conversation", ID: c.ID.String(), CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
			WaitingSince: NullInt(c.WaitingSince), SnoozedUntil: NullInt(c.SnoozedUntil), Source: v.source(&c.Source),
			Contacts: ContactReferences{"contact.list", each(c.Contacts, func(p model.Participant) Reference {
				return Reference{"contact", string(p.ID)}
			})},
			AdminAssigneeID: NullInt(c.AdminAssignee), TeamAssigneeID: NullInt(c.TeamAssignee),
			Open: c.IsOpen(), State: string(c.State), Read: c.Read,
			Tags: ConversationTags{"tag.list", each(c.Tags, FromAppliedTag)}, Priority: "not_priority",
			Statistics: fromStatistics(&c.Statistics), ConversationRating: fromRating(c.Rating),
			Title: NullText(c.Title), CustomAttributes: AnswerAttributes(c.Attributes)}
		if c.Priority {
			out.Priority = "priority"
		}
		if at := c.Statistics.FirstContactReplyAt; at != 0 {
			out.FirstContactReply = &FirstContactReply{CreatedAt: at, Type: string(c.Source.Type)}
			if c.Source.Author.IsContact() {
				out.FirstContactReply.URL = NullText(c.Source.URL)
			}
		}
		if len(c.Teammates) > 0 {
			out.Teammates = &Teammates{"admin.list", each(c.Teammates, func(id model.AdminID) Reference {
				return Reference{"admin", id.String()}
			})}
		}
		return out
	}
}

// FromFullConversation translates a conversation with its newest parts.
func FromFullConversation(v View) func(*model.Conversation) FullConversation {
	return func(c *model.Conversation) FullConversation {
		parts := each(c.Parts, v.part)
		return FullConversation{FromConversation(v)(c),
			ConversationParts{"conversation_part.list", parts, len(parts)}}
	}
}

func (v View) source(s *model.Source) Source {
	return Source{string(s.Type), s.ID.String(), string(s.DeliveredAs), s.Subject, v.text(s.Body), v.author(s.Author),
		v.attachments(s.Attachments), NullText(s.URL), s.Redacted}
}

// text is a body as it is to be shown.
func (v View) text(body string) string {
	if v.Plain {
		return richtext.Text(body)
	}
	return body
}

func (v View) author(a model.Author) PartAuthor {
	out := PartAuthor{ID: string(a.Contact), Type: string(a.Type), Name: a.Name, Email: a.Email}
	switch a.Type {
	case model.AuthorAdmin:
		out.ID = a.Admin.String()
	case model.AuthorBot:
		out.ID, out.Name = model.OperatorID.String(), "Operator"
		out.Email = "operator+" + string(v.Workspace.ID) + "@intercom.io"
	}
	return out
}

func fromRating(r *model.Rating) *ConversationRating {
	if r == nil {
		return nil
	}
	out := &ConversationRating{Rating: NullInt(r.Score), Remark: NullText(r.Remark), CreatedAt: r.RequestedAt}
	if r.Contact != "" {
		out.Contact = &Reference{"contact", string(r.Contact)}
	}
	if r.Admin != 0 {
		out.Teammate = &Reference{"admin", r.Admin.String()}
	}
	return out
}

func fromStatistics(s *model.Statistics) *Statistics {
	if s.FirstContactReplyAt == 0 {
		return nil
	}
	out := &Statistics{Type: "conversation_statistics",
		TimeToAssignment: present(s.TimeToAssignment), TimeToAdminReply: present(s.TimeToAdminReply),
		TimeToFirstClose: present(s.TimeToFirstClose), TimeToLastClose: present(s.TimeToLastClose),
		MedianTimeToReply:   present(s.MedianTimeToReply),
		FirstContactReplyAt: NullInt(s.FirstContactReplyAt), FirstAssignmentAt: NullInt(s.FirstAssignmentAt),
		FirstAdminReplyAt: NullInt(s.FirstAdminReplyAt), FirstCloseAt: NullInt(s.FirstCloseAt),
		LastAssignmentAt: NullInt(s.LastAssignmentAt), LastAssignmentAdminReplyAt: NullInt(s.LastAssignmentAdminReplyAt),
		LastContactReplyAt: NullInt(s.LastContactReplyAt), LastAdminReplyAt: NullInt(s.LastAdminReplyAt),
		LastCloseAt: NullInt(s.LastCloseAt), CountReopens: s.CountReopens, CountAssignments: s.CountAssignments,
		CountConversationParts: s.CountParts}
	if s.LastClosedBy != 0 {
		out.LastClosedByID = NullText(s.LastClosedBy.String())
	}
	return out
}

// present is a number that may be 0; nil for none.
func present(o model.Opt[int64]) *int64 {
	if !o.Has() {
		return nil
	}
	return &o.Value
}

// A ConversationList is a page of conversations.
type ConversationList struct {
	Type          string         `json:"type" enum:"conversation.list"`
	Conversations []Conversation `json:"conversations"`
	TotalCount    int            `json:"total_count"`
	Pages         CursorPages    `json:"pages"`

	items items // in the place of Conversations
}

// AppendJSON implements Appender.
func (l ConversationList) AppendJSON(to []byte) ([]byte, error) {
	return l.items.appendTo(to, l, "conversations")
}

// NewConversationList makes a page; cursor is the next page's, if there is one.
func NewConversationList(p *model.Page[*model.Conversation], cursor string, v View) ConversationList {
	from := FromConversation(v)
	return ConversationList{Type: "conversation.list", Conversations: []Conversation{}, TotalCount: p.Total, Pages: NewCursorPages(p, cursor),
		items: items{len(p.Items), func(i int) ([]byte, error) {
			c := p.Items[i]
			return v.room(c).or(func() ([]byte, error) {
				made := from(c)
				return marshal(&made)
			})
		}}}
}

// room is where there is room for what a list shows of a conversation, unless that is of the moment, as links of attachments are.
func (v View) room(c *model.Conversation) encoded {
	if v.Plain || len(c.Source.Attachments) > 0 {
		return encoded{}
	}
	return encoded{c.Encoded}
}

// Customers are the contacts who take part, as adding and removing one answers.
type Customers struct {
	Customers []Reference `json:"customers"`
}

// FromCustomers translates who takes part in a conversation.
func FromCustomers(c *model.Conversation) Customers {
	return Customers{each(c.Contacts, func(p model.Participant) Reference { return Reference{string(p.Role), string(p.ID)} })}
}
