package wire

import (
	"strings"

	"parley/internal/model"
)

// A ConversationRequest is the first message of a contact.
type ConversationRequest struct {
	From            Opt[Sender]           `json:"from"`
	Body            Opt[Text]             `json:"body" doc:"Plain text."`
	Subject         Opt[Text]             `json:"subject,omitzero"`
	URL             Opt[Text]             `json:"url,omitzero" doc:"The page it was written on."`
	AttachmentURLs  Opt[[]string]         `json:"attachment_urls,omitzero"`
	AttachmentFiles Opt[[]AttachmentFile] `json:"attachment_files,omitzero"`
}

// A Sender names the contact who writes.
type Sender struct {
	Type   string    `json:"type,omitzero" doc:"user, lead or contact; who it is, is told by the rest."`
	ID     Opt[Text] `json:"id,omitzero"`
	UserID Opt[Text] `json:"user_id,omitzero"`
	Email  Opt[Text] `json:"email,omitzero"`
}

// Ref is the contact as the rules name one.
func (s Sender) Ref() (model.ContactRef, error) { return contactRef(s.ID, s.UserID, s.Email) }

func contactRef(id, externalID, email Opt[Text]) (model.ContactRef, error) {
	ref := model.ContactRef{ID: model.ContactID(id.Value), ExternalID: string(externalID.Value), Email: string(email.Value)}
	if ref == (model.ContactRef{}) {
		return ref, model.ParameterNotFound("The contact is required: intercom_user_id, user_id or email")
	}
	return ref, nil
}

// Uploads are the files that came with the message.
func (r ConversationRequest) Uploads() ([]model.Upload, error) { return uploads(r.AttachmentFiles) }

// A UserMessage is what is answered to a contact's first message.
type UserMessage struct {
	Type           string `json:"type" enum:"user_message"`
	ID             string `json:"id"`
	CreatedAt      int64  `json:"created_at"`
	Body           string `json:"body" doc:"As it was sent."`
	MessageType    string `json:"message_type" enum:"inapp,email"`
	ConversationID string `json:"conversation_id"`
}

// NewUserMessage tells of the message that began a conversation.
func NewUserMessage(c *model.Conversation, body string) UserMessage {
	return UserMessage{"user_message", c.Source.ID.String(), c.CreatedAt, body, "inapp", c.ID.String()}
}

// A ConversationUpdate says what to change of a conversation.
type ConversationUpdate struct {
	Read             Opt[Bool]  `json:"read,omitzero"`
	CustomAttributes Attributes `json:"custom_attributes,omitzero"`
}

// ReadFlag is whether the conversation is to be marked as read, or as unread.
func (u ConversationUpdate) ReadFlag() model.Opt[bool] {
	return convert(u.Read, func(b Bool) bool { return bool(b) })
}

// A ReplyRequest writes into a conversation or does something to it. Which fields
// are needed depends on message_type.
type ReplyRequest struct {
	MessageType     string                  `json:"message_type" enum:"comment,note,quick_reply,close,open,snoozed,assignment"`
	Type            string                  `json:"type,omitzero" doc:"user for a contact; admin for an admin; of an assignment, what is assigned to: admin or team."`
	AdminID         Opt[Text]               `json:"admin_id,omitzero" doc:"The admin who acts."`
	IntercomUserID  Opt[Text]               `json:"intercom_user_id,omitzero" doc:"The contact who writes, by id."`
	UserID          Opt[Text]               `json:"user_id,omitzero" doc:"The contact who writes, by external id."`
	Email           Opt[Text]               `json:"email,omitzero" doc:"The contact who writes, by e-mail address."`
	Body            Opt[Text]               `json:"body,omitzero" doc:"Plain text or HTML."`
	CreatedAt       Opt[Seconds]            `json:"created_at,omitzero" doc:"When the admin wrote it, if not now."`
	AttachmentURLs  Opt[[]string]           `json:"attachment_urls,omitzero"`
	AttachmentFiles Opt[[]AttachmentFile]   `json:"attachment_files,omitzero"`
	ReplyOptions    Opt[[]QuickReplyOption] `json:"reply_options,omitzero"`
	SnoozedUntil    Opt[Seconds]            `json:"snoozed_until,omitzero" doc:"Of snoozed: when to wake."`
	AssigneeID      Opt[Text]               `json:"assignee_id,omitzero" doc:"Of assignment: an admin or a team; 0 for nobody."`
}

// IsContact reports whether a contact writes.
func (r ReplyRequest) IsContact() bool {
	switch r.Type {
	case "user", "lead", "contact":
		return true
	}
	return false
}

// Admin is the admin who acts; absent where a contact does.
func (r ReplyRequest) Admin() (model.Opt[model.AdminID], error) {
	if r.IsContact() {
		return model.Opt[model.AdminID]{}, nil
	}
	if r.Type != "" && r.Type != "admin" && r.Type != "team" {
		return model.Opt[model.AdminID]{}, model.ParameterInvalid("type is admin, team or user")
	}
	return adminID(r.AdminID)
}

// adminID is the admin that a request names, which it must.
func adminID(id Opt[Text]) (model.Opt[model.AdminID], error) {
	if id.Value == "" {
		return model.Opt[model.AdminID]{}, model.ParameterNotFound("admin_id is required")
	}
	return convert(id, func(t Text) model.AdminID { return model.Decimal[model.AdminID](string(t)) }), nil
}

// Contact is the contact who writes, or whose newest conversation is meant; none
// where the request names none.
func (r ReplyRequest) Contact() (model.ContactRef, error) {
	ref, err := contactRef(r.IntercomUserID, r.UserID, r.Email)
	if !r.IsContact() {
		err = nil
	}
	return ref, err
}

// WrittenAt is when an admin wrote it, if not now.
func (r ReplyRequest) WrittenAt() model.Opt[int64] {
	return convert(r.CreatedAt, func(t Seconds) int64 { return int64(t) })
}

// Uploads are the files that came with the reply.
func (r ReplyRequest) Uploads() ([]model.Upload, error) { return uploads(r.AttachmentFiles) }

// Options are the answers that a contact can give with one press, or gave.
func (r ReplyRequest) Options() []model.ReplyOption {
	return each(r.ReplyOptions.Value, func(o QuickReplyOption) model.ReplyOption { return model.ReplyOption{Text: o.Text, UUID: o.UUID} })
}

// Assignee is who an assignment goes to.
func (r ReplyRequest) Assignee() (model.Assignee, error) {
	if r.MessageType != "assignment" {
		return model.Assignee{}, nil
	}
	if !r.AssigneeID.Has() {
		return model.Assignee{}, model.ParameterNotFound("assignee_id is required")
	}
	id := int64(-1) // which nobody has
	if s := strings.TrimSpace(string(r.AssigneeID.Value)); s == "0" {
		id = 0
	} else if n := model.Decimal[model.AdminID](s); n != 0 {
		id = int64(n)
	}
	if r.Type == "team" {
		return model.Assignee{Type: model.AssignTeam, ID: id}, nil
	}
	return model.Assignee{Type: model.AssignAdmin, ID: id}, nil
}

// A CustomerRequest adds a contact to a conversation, in the name of an admin or
// of a contact who takes part.
type CustomerRequest struct {
	AdminID        Opt[Text]     `json:"admin_id,omitzero"`
	IntercomUserID Opt[Text]     `json:"intercom_user_id,omitzero"`
	UserID         Opt[Text]     `json:"user_id,omitzero"`
	Email          Opt[Text]     `json:"email,omitzero"`
	Customer       Opt[Customer] `json:"customer,omitzero" doc:"Who is added."`
}

// A Customer names a contact.
type Customer struct {
	IntercomUserID Opt[Text] `json:"intercom_user_id,omitzero"`
	UserID         Opt[Text] `json:"user_id,omitzero"`
	Email          Opt[Text] `json:"email,omitzero" doc:"One that nobody has makes a lead."`
}

// Ref is the contact as the rules name one.
func (c Customer) Ref() (model.ContactRef, error) {
	return contactRef(c.IntercomUserID, c.UserID, c.Email)
}

// Inviter is who acts: an admin, or else a contact.
func (r CustomerRequest) Inviter() (model.Opt[model.AdminID], model.ContactRef, error) {
	ref, err := contactRef(r.IntercomUserID, r.UserID, r.Email)
	if err == nil && !r.AdminID.Has() {
		return model.Opt[model.AdminID]{}, ref, nil
	}
	admin, err := adminID(r.AdminID)
	return admin, ref, err
}

// A RedactRequest names what is to lose its text: a part, or the source.
type RedactRequest struct {
	Type               string    `json:"type" enum:"conversation_part,source"`
	ConversationID     Opt[Text] `json:"conversation_id"`
	ConversationPartID Opt[Text] `json:"conversation_part_id,omitzero"`
	SourceID           Opt[Text] `json:"source_id,omitzero"`
}

// A ConversationTagRequest names a tag, and the admin who puts it on or takes it
// off; without one it is the token's admin.
type ConversationTagRequest struct {
	ID      Opt[Text] `json:"id,omitzero"`
	AdminID Opt[Text] `json:"admin_id,omitzero"`
}

// Admin is the admin who acts.
func (r ConversationTagRequest) Admin(usual model.AdminID) model.AdminID {
	if r.AdminID.Value == "" {
		return usual
	}
	return model.Decimal[model.AdminID](string(r.AdminID.Value))
}
