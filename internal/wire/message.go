package wire

import "parley/internal/model"

// A MessageRequest is what an admin sends to a contact, or what a contact writes
// first. Which fields are needed depends on whose it is.
type MessageRequest struct {
	MessageType string         `json:"message_type,omitzero" doc:"in_app (also inapp, conversation) or email; an admin's message needs it."`
	Subject     Opt[Text]      `json:"subject,omitzero" doc:"An e-mail needs one."`
	Body        Opt[Text]      `json:"body" doc:"Plain text or HTML; a contact's is plain text."`
	Template    string         `json:"template,omitzero" doc:"How an e-mail looks: plain, as it does without, or personal."`
	From        Opt[Sender]    `json:"from,omitzero" doc:"An admin, or the contact who writes; without it the token's admin."`
	To          Opt[Recipient] `json:"to,omitzero" doc:"Whom an admin writes to."`
	Referer     Opt[Text]      `json:"referer,omitzero" doc:"The page that a contact wrote on."`

	CreateConversationWithoutContactReply Opt[Bool] `json:"create_conversation_without_contact_reply,omitzero" doc:"Whether the conversation begins before the contact answers an admin's message."`
}

// A Recipient names the contact that an admin writes to.
type Recipient struct {
	Type   string    `json:"type,omitzero" doc:"user or lead: which of those is meant who share an address."`
	ID     Opt[Text] `json:"id,omitzero"`
	UserID Opt[Text] `json:"user_id,omitzero"`
	Email  Opt[Text] `json:"email,omitzero"`
}

// IsContact reports whether a contact writes.
func (r MessageRequest) IsContact() bool {
	switch r.From.Value.Type {
	case "user", "lead", "contact":
		return true
	}
	return false
}

// Conversation is the request that a contact's message is the same as.
func (r MessageRequest) Conversation() ConversationRequest {
	return ConversationRequest{From: r.From, Body: r.Body, Subject: r.Subject, URL: r.Referer}
}

// Draft is what an admin wants to send.
func (r MessageRequest) Draft() (d model.MessageDraft, err error) {
	d = model.MessageDraft{Type: model.MessageType(r.MessageType), Subject: string(r.Subject.Value), Body: string(r.Body.Value),
		Template: model.Template(r.Template), Begin: bool(r.CreateConversationWithoutContactReply.Value)}
	if r.MessageType == "in_app" || r.MessageType == "conversation" {
		d.Type = model.InApp
	}
	if d.From, err = r.admin(); err != nil {
		return d, err
	}
	d.To = r.To.Value.ref()
	switch r.To.Value.Type {
	case "user":
		d.Role = model.RoleUser
	case "lead":
		d.Role = model.RoleLead
	case "", "contact":
	default:
		return d, model.ParameterInvalid("to.type is user or lead")
	}
	return d, nil
}

// admin is the admin who sends, if one is named.
func (r MessageRequest) admin() (ref model.Opt[model.AdminRef], err error) {
	from := r.From.Value
	switch {
	case !r.From.Has():
		return ref, nil
	case from.Type == "":
		return ref, model.ParameterNotFound("from.type is required: admin, user, lead or contact")
	case from.Type != "admin":
		return ref, model.ParameterInvalid("from.type is admin, user, lead or contact")
	case from.ID.Value != "":
		return model.Some(model.AdminRef{ID: model.Decimal[model.AdminID](string(from.ID.Value))}), nil
	case from.Email.Value != "":
		return model.Some(model.AdminRef{Email: string(from.Email.Value)}), nil
	default:
		return ref, model.ParameterNotFound("from needs an id or an email")
	}
}

func (r Recipient) ref() model.ContactRef {
	return model.ContactRef{ID: model.ContactID(r.ID.Value), ExternalID: string(r.UserID.Value), Email: string(r.Email.Value)}
}

// A Message is what an admin sent, or a contact wrote first.
type Message struct {
	Type           string  `json:"type" enum:"admin_message,user_message"`
	ID             string  `json:"id" doc:"The id, too, of the source of the conversation that the message begins."`
	CreatedAt      int64   `json:"created_at"`
	Subject        string  `json:"subject,omitzero" doc:"Of an admin's message. One that is no e-mail shows its body here."`
	Body           string  `json:"body" doc:"As it was sent."`
	MessageType    string  `json:"message_type" enum:"inapp,email"`
	ConversationID string  `json:"conversation_id,omitzero" doc:"Where there is a conversation already."`
	Owner          *Author `json:"owner,omitzero" doc:"The admin who sent it."`
}

// FromMessage translates a message of an admin; what was sent is told as it was.
func (r MessageRequest) FromMessage(m *model.Message) Message {
	owner := newAuthor(m.From)
	out := Message{Type: "admin_message", ID: m.ID.String(), CreatedAt: m.CreatedAt, Subject: m.Subject, Body: string(r.Body.Value),
		MessageType: string(m.Type), Owner: &owner}
	if m.Type == model.InApp {
		out.Subject = out.Body
	}
	if m.Conversation != 0 {
		out.ConversationID = m.Conversation.String()
	}
	return out
}

// FromUserMessage is what a contact wrote first as one of all messages.
func FromUserMessage(m UserMessage) Message {
	return Message{Type: m.Type, ID: m.ID, CreatedAt: m.CreatedAt, Body: m.Body, MessageType: m.MessageType, ConversationID: m.ConversationID}
}
