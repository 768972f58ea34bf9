package api

import (
	"parley/internal/model"
	"parley/internal/service/inbox"
	"parley/internal/wire"
)

// The two ways conversations are listed: default and maximum of a page, and the
// orders where none is asked for.
var (
	conversationPaging      = paging{usual: 20, most: 150}
	conversationOrder       = model.Sort{Field: "updated_at", Descending: true}
	conversationSearchOrder = model.Sort{Field: "created_at", Descending: true}
)

// POST /conversations
func (a *API) createConversation(r *request, in wire.ConversationRequest) (wire.UserMessage, error) {
	var none wire.UserMessage
	if !in.From.Has() {
		return none, model.ParameterNotFound("from is required")
	}
	from, err := in.From.Value.Ref()
	if err != nil {
		return none, err
	}
	files, err := in.Uploads()
	if err != nil {
		return none, err
	}
	c, err := a.Inbox.CreateConversation(r.Context(), r.actor, inbox.NewConversation{From: from, Body: string(in.Body.Value),
		Subject: string(in.Subject.Value), URL: string(in.URL.Value), Files: files, URLs: in.AttachmentURLs.Value})
	return one(c, err, func(c *model.Conversation) wire.UserMessage { return wire.NewUserMessage(c, string(in.Body.Value)) })
}

// GET /conversations
func (a *API) listConversations(r *request, _ none) (wire.ConversationList, error) {
	page, err := r.cursorPage(conversationPaging, conversationOrder, r.query("per_page"), r.query("starting_after"))
	if err != nil {
		return wire.ConversationList{}, err
	}
	found, err := a.Inbox.ListConversations(r.Context(), r.actor, conversationOrder, page)
	return a.conversations(r, found, conversationOrder, err)
}

// POST /conversations/search
func (a *API) searchConversations(r *request, in wire.SearchRequest) (wire.ConversationList, error) {
	filter, sort, page, err := r.search(in, conversationPaging, conversationSearchOrder)
	if err != nil {
		return wire.ConversationList{}, err
	}
	found, err := a.Inbox.SearchConversations(r.Context(), r.actor, filter, sort, page)
	return a.conversations(r, found, sort, err)
}

func (a *API) conversations(r *request, found *model.Page[*model.Conversation], sort model.Sort, err error) (wire.ConversationList, error) {
	if err != nil {
		return wire.ConversationList{}, err
	}
	view, err := a.view(r)
	if err != nil {
		return wire.ConversationList{}, err
	}
	return wire.NewConversationList(found, nextCursor(r, found, sort), view), nil
}

// GET /conversations/{id}
func (a *API) findConversation(r *request, _ none) (wire.FullConversation, error) {
	c, err := a.Inbox.FindConversation(r.Context(), r.actor, r.conversationID("id"))
	return a.conversation(r, c, err)
}

// PUT /conversations/{id}
func (a *API) updateConversation(r *request, in wire.ConversationUpdate) (wire.FullConversation, error) {
	c, err := a.Inbox.UpdateConversation(r.Context(), r.actor, r.conversationID("id"), inbox.ConversationPatch{
		Read: in.ReadFlag(), Attributes: model.Attributes(in.CustomAttributes)})
	return a.conversation(r, c, err)
}

// POST /conversations/{id}/reply and POST /conversations/{id}/parts, which do the
// same, as old clients expect.
func (a *API) replyConversation(r *request, in wire.ReplyRequest) (wire.FullConversation, error) {
	reply, err := readReply(in)
	if err != nil {
		return wire.FullConversation{}, err
	}
	to := inbox.Target{ID: r.conversationID("id"), Latest: r.path("id") == "last", Of: reply.Contact}
	c, err := a.Inbox.Reply(r.Context(), r.actor, to, reply)
	return a.conversation(r, c, err)
}

func readReply(in wire.ReplyRequest) (reply inbox.Reply, err error) {
	reply = inbox.Reply{Type: inbox.ReplyType(in.MessageType), Body: string(in.Body.Value), URLs: in.AttachmentURLs.Value,
		Options: in.Options(), At: in.WrittenAt(), SnoozedUntil: int64(in.SnoozedUntil.Value)}
	if reply.Admin, err = in.Admin(); err != nil {
		return reply, err
	}
	if reply.Contact, err = in.Contact(); err != nil {
		return reply, err
	}
	if reply.To, err = in.Assignee(); err != nil {
		return reply, err
	}
	reply.Files, err = in.Uploads()
	return reply, err
}

// POST /conversations/{id}/run_assignment_rules
func (a *API) autoAssignConversation(r *request, _ none) (wire.FullConversation, error) {
	c, err := a.Inbox.RunAssignmentRules(r.Context(), r.actor, r.conversationID("id"))
	return a.conversation(r, c, err)
}

// POST /conversations/redact
func (a *API) redactConversation(r *request, in wire.RedactRequest) (wire.FullConversation, error) {
	id := model.Decimal[model.ConversationID](string(in.ConversationID.Value))
	var c *model.Conversation
	var err error
	switch in.Type {
	case "conversation_part":
		c, err = a.Inbox.RedactPart(r.Context(), r.actor, id, model.Decimal[model.PartID](string(in.ConversationPartID.Value)))
	case "source":
		c, err = a.Inbox.RedactSource(r.Context(), r.actor, id, model.Decimal[model.MessageID](string(in.SourceID.Value)))
	default:
		err = model.ParameterInvalid("type is conversation_part or source")
	}
	return a.conversation(r, c, err)
}

// POST /conversations/{id}/customers
func (a *API) attachContactToConversation(r *request, in wire.CustomerRequest) (wire.Customers, error) {
	var none wire.Customers
	admin, inviter, err := in.Inviter()
	if err != nil {
		return none, err
	}
	who, err := in.Customer.Value.Ref()
	if err != nil {
		return none, err
	}
	c, err := a.Inbox.AddContact(r.Context(), r.actor, r.conversationID("id"), inbox.Invitation{Admin: admin, Contact: inviter}, who)
	return one(c, err, wire.FromCustomers)
}

// DELETE /conversations/{conversation_id}/customers/{contact_id}
func (a *API) detachContactFromConversation(r *request, in wire.CustomerRequest) (wire.Customers, error) {
	admin, inviter, err := in.Inviter()
	if err != nil {
		return wire.Customers{}, err
	}
	c, err := a.Inbox.RemoveContact(r.Context(), r.actor, r.conversationID("conversation_id"),
		inbox.Invitation{Admin: admin, Contact: inviter}, r.contactID())
	return one(c, err, wire.FromCustomers)
}

// POST /conversations/{conversation_id}/tags
func (a *API) attachTagToConversation(r *request, in wire.ConversationTagRequest) (wire.AppliedTag, error) {
	t, err := a.Inbox.AttachTag(r.Context(), r.actor, r.conversationID("conversation_id"), in.Admin(r.actor.Admin),
		model.Decimal[model.TagID](string(in.ID.Value)))
	return one(t, err, wire.FromAppliedTag)
}

// DELETE /conversations/{conversation_id}/tags/{id}
func (a *API) detachTagFromConversation(r *request, in wire.ConversationTagRequest) (wire.AppliedTag, error) {
	t, err := a.Inbox.DetachTag(r.Context(), r.actor, r.conversationID("conversation_id"), in.Admin(r.actor.Admin), r.tagID())
	return one(t, err, wire.FromAppliedTag)
}

func (r *request) conversationID(name string) model.ConversationID {
	return model.Decimal[model.ConversationID](r.path(name))
}

func (a *API) conversation(r *request, c *model.Conversation, err error) (wire.FullConversation, error) {
	if err != nil {
		return wire.FullConversation{}, err
	}
	view, err := a.view(r)
	if err != nil {
		return wire.FullConversation{}, err
	}
	return wire.FromFullConversation(view)(c), nil
}

// view is how what people wrote is shown to who asks.
func (a *API) view(r *request) (wire.View, error) {
	view := wire.View{Workspace: r.actor.Workspace, Base: r.base, Now: a.now(r)}
	switch r.query("display_as") {
	case "", "html":
	case "plaintext":
		view.Plain = true
	default:
		return view, model.ParameterInvalid("display_as is plaintext, or is left out")
	}
	return view, nil
}
