package inbox

import (
	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
)

// tellParts tells what was done to a conversation; no part is a change that leaves
// none.
func tellParts(tx *store.Tx, c *model.Conversation, parts []*model.Part) {
	told := false
	for _, p := range parts {
		for _, topic := range topicsOf(p) {
			tx.Notify(topic, event.OfConversation(c, p))
			told = true
		}
	}
	if !told {
		tx.Notify(event.Changed, event.OfConversation(c, nil))
	}
}

// topicsOf are the topics of a part of a conversation; none where the API has none
// for it.
func topicsOf(p *model.Part) []event.Topic {
	var topics []event.Topic
	if p.IsMessage() {
		switch {
		case p.Author.IsContact():
			topics = append(topics, event.ConversationUserReplied)
		case p.Author.Type == model.AuthorAdmin:
			topics = append(topics, event.ConversationReplied)
		}
	}
	switch p.Type {
	case model.PartNote:
		return []event.Topic{event.ConversationNoted}
	case model.PartClose:
		return append(topics, event.ConversationClosed)
	case model.PartOpen:
		return append(topics, event.ConversationOpened)
	case model.PartSnoozed:
		return append(topics, event.ConversationSnoozed)
	case model.PartTimerUnsnooze:
		return append(topics, event.ConversationUnsnoozed)
	case model.PartAssignment, model.PartDefaultAssignment, model.PartAwayModeAssignment:
		return append(topics, event.ConversationAssigned)
	case model.PartAssignAndReopen:
		return append(topics, event.ConversationOpenAssigned)
	case model.PartAssignAndUnsnooze:
		return append(topics, event.ConversationOpenAssigned, event.ConversationUnsnoozed)
	case model.PartParticipantAdded:
		return append(topics, event.ConversationContactAttached)
	case model.PartParticipantRemoved:
		return append(topics, event.ConversationContactDetached)
	case model.PartRatingChanged, model.PartRatingRemarkAdded:
		return append(topics, event.ConversationRated)
	}
	return topics
}

// tellMarks tells of what is marked on a conversation and leaves no part.
func tellMarks(tx *store.Tx, before model.Conversation, c *model.Conversation) {
	if c.Read && !before.Read {
		tx.Notify(event.ConversationRead, event.OfConversation(c, nil))
	}
	if c.Priority != before.Priority {
		tx.Notify(event.ConversationPriority, event.OfConversation(c, nil))
	}
}

// tellTicketParts is tellParts for a ticket.
func tellTicketParts(tx *store.Tx, id model.ConversationID, parts []*model.Part) {
	told := false
	for _, p := range parts {
		if topic := ticketTopic(p); topic != event.Changed {
			tx.Notify(topic, event.Ticket{ID: id, Part: p})
			told = true
		}
	}
	if !told {
		tx.Notify(event.Changed, event.Ticket{ID: id})
	}
}

func ticketTopic(p *model.Part) event.Topic {
	switch p.Type {
	case model.PartNote:
		return event.TicketNoteCreated
	case model.PartTicketStateUpdated:
		return event.TicketStateUpdated
	case model.PartTicketAttributeSet:
		return event.TicketAttributeUpdated
	}
	switch p.AssignedTo.Type {
	case model.AssignAdmin:
		return event.TicketAdminAssigned
	case model.AssignTeam:
		return event.TicketTeamAssigned
	}
	return event.Changed
}

// tellStat tells what became of a message; empty for that it was sent.
func tellStat(tx *store.Tx, m *model.Message, e model.Engagement, at int64) {
	topic := event.ContentStatChat
	if m.Type == model.Email {
		topic = event.ContentStatEmail
	}
	tx.Notify(topic, event.Stat{Message: m, Name: e, At: at})
}
