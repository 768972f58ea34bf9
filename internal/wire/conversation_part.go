package wire

import "parley/internal/model"

// ConversationParts are the newest parts of a conversation, oldest first.
type ConversationParts struct {
	Type              string             `json:"type" enum:"conversation_part.list"`
	ConversationParts []ConversationPart `json:"conversation_parts"`
	TotalCount        int                `json:"total_count"`
}

// A ConversationPart is one thing that happened in a conversation.
type ConversationPart struct {
	Type        string        `json:"type" enum:"conversation_part"`
	ID          string        `json:"id"`
	PartType    string        `json:"part_type"`
	Body        NullText      `json:"body" doc:"HTML that is safe to show."`
	CreatedAt   int64         `json:"created_at"`
	UpdatedAt   int64         `json:"updated_at"`
	NotifiedAt  int64         `json:"notified_at"`
	AssignedTo  *AssignedTo   `json:"assigned_to" doc:"Null where the part assigns nothing."`
	Author      PartAuthor    `json:"author"`
	Attachments []Attachment  `json:"attachments"`
	ExternalID  NullText      `json:"external_id"`
	Redacted    bool          `json:"redacted"`
	Metadata    *PartMetadata `json:"metadata,omitzero" doc:"Of a quick reply, and of the answer to one."`
}

// An AssignedTo is who was assigned: an admin, a team, or nobody any more.
type AssignedTo struct {
	Type string   `json:"type" enum:"admin,team,nobody_admin,nobody_team"`
	ID   NullText `json:"id"`
}

// PartMetadata are the answers that a contact can give with one press, or gave.
type PartMetadata struct {
	QuickReplyOptions []QuickReplyOption `json:"quick_reply_options,omitzero"`
	QuickReplyUUID    string             `json:"quick_reply_uuid,omitzero"`
}

// A QuickReplyOption is an answer that a contact can give with one press.
type QuickReplyOption struct {
	Text string `json:"text"`
	UUID string `json:"uuid,omitzero"`
}

func (v View) part(p *model.Part) ConversationPart {
	out := ConversationPart{Type: "conversation_part", ID: p.ID.String(), PartType: string(p.Type),
		Body: NullText(v.text(p.Body)), CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt, NotifiedAt: p.NotifiedAt,
		AssignedTo: assignedTo(p.AssignedTo), Author: v.author(p.Author), Attachments: v.attachments(p.Attachments),
		ExternalID: NullText(p.ExternalID), Redacted: p.Redacted}
	switch {
	case len(p.Options) == 0:
	case p.Author.IsContact():
		out.Metadata = &PartMetadata{QuickReplyUUID: p.Options[0].UUID}
	default:
		out.Metadata = &PartMetadata{QuickReplyOptions: each(p.Options, func(o model.ReplyOption) QuickReplyOption {
			return QuickReplyOption{o.Text, o.UUID}
		})}
	}
	return out
}

func assignedTo(to model.Assignee) *AssignedTo {
	switch {
	case to.Type == "":
		return nil
	case to.ID == 0:
		return &AssignedTo{"nobody_" + string(to.Type), ""}
	default:
		return &AssignedTo{string(to.Type), NullText(model.PartID(to.ID).String())}
	}
}
