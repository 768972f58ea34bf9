package event

import "slices"

// A Topic says what sort of thing happened, in the words of the API.
type Topic string

// The topics of version 2.9 that something here causes.
const (
	AdminAddedToWorkspace Topic = "admin.added_to_workspace"
	AdminAwayModeUpdated  Topic = "admin.away_mode_updated"
	AdminLoggedIn         Topic = "admin.logged_in"
	AdminLoggedOut        Topic = "admin.logged_out"

	CompanyCreated Topic = "company.created"
	CompanyUpdated Topic = "company.updated"
	CompanyDeleted Topic = "company.deleted"

	ContactArchived         Topic = "contact.archived"
	ContactUnarchived       Topic = "contact.unarchived"
	ContactDeleted          Topic = "contact.deleted"
	ContactMerged           Topic = "contact.merged"
	ContactEmailUpdated     Topic = "contact.email.updated"
	ContactSubscribed       Topic = "contact.subscribed"
	ContactUnsubscribed     Topic = "contact.unsubscribed"
	ContactLeadCreated      Topic = "contact.lead.created"
	ContactLeadUpdated      Topic = "contact.lead.updated"
	ContactLeadAddedEmail   Topic = "contact.lead.added_email"
	ContactLeadSignedUp     Topic = "contact.lead.signed_up"
	ContactLeadTagCreated   Topic = "contact.lead.tag.created"
	ContactLeadTagDeleted   Topic = "contact.lead.tag.deleted"
	ContactUserCreated      Topic = "contact.user.created"
	ContactUserUpdated      Topic = "contact.user.updated"
	ContactUserTagCreated   Topic = "contact.user.tag.created"
	ContactUserTagDeleted   Topic = "contact.user.tag.deleted"
	VisitorSignedUp         Topic = "visitor.signed_up"
	GranularSubscribe       Topic = "granular.subscribe"
	GranularUnsubscribe     Topic = "granular.unsubscribe"
	EventCreated            Topic = "event.created"
	ConversationUserCreated Topic = "conversation.user.created"
	ConversationUserReplied Topic = "conversation.user.replied"
	ConversationByAdmin     Topic = "conversation.admin.single.created"
	ConversationReplied     Topic = "conversation.admin.replied"
	ConversationNoted       Topic = "conversation.admin.noted"
	ConversationAssigned    Topic = "conversation.admin.assigned"
	// ConversationOpenAssigned is an assignment that opens the conversation as well.
	ConversationOpenAssigned    Topic = "conversation.admin.open.assigned"
	ConversationOpened          Topic = "conversation.admin.opened"
	ConversationClosed          Topic = "conversation.admin.closed"
	ConversationSnoozed         Topic = "conversation.admin.snoozed"
	ConversationUnsnoozed       Topic = "conversation.admin.unsnoozed"
	ConversationContactAttached Topic = "conversation.contact.attached"
	ConversationContactDetached Topic = "conversation.contact.detached"
	ConversationDeleted         Topic = "conversation.deleted"
	ConversationRated           Topic = "conversation.rating.added"
	ConversationRead            Topic = "conversation.read"
	ConversationPriority        Topic = "conversation.priority.updated"
	PartRedacted                Topic = "conversation_part.redacted"
	PartTagCreated              Topic = "conversation_part.tag.created"

	TicketCreated          Topic = "ticket.created"
	TicketStateUpdated     Topic = "ticket.state.updated"
	TicketNoteCreated      Topic = "ticket.note.created"
	TicketAdminAssigned    Topic = "ticket.admin.assigned"
	TicketTeamAssigned     Topic = "ticket.team.assigned"
	TicketAttributeUpdated Topic = "ticket.attribute.updated"

	ContentStatChat  Topic = "content_stat.chat"
	ContentStatEmail Topic = "content_stat.email"

	// Changed is a change that the API has no topic for. Only the live stream tells it.
	Changed Topic = "parley.changed"

	// Ping says that a subscription is there. Nothing happened.
	Ping Topic = "ping"
)

// AllTopics stands for every topic in a subscription.
const AllTopics Topic = "*"

// Caused are the topics that something here causes.
var Caused = []Topic{
	AdminAddedToWorkspace, AdminAwayModeUpdated, AdminLoggedIn, AdminLoggedOut, CompanyCreated, CompanyUpdated, CompanyDeleted,
	ContactArchived, ContactUnarchived, ContactDeleted, ContactMerged, ContactEmailUpdated, ContactSubscribed, ContactUnsubscribed,
	ContactLeadCreated, ContactLeadUpdated, ContactLeadAddedEmail, ContactLeadSignedUp, ContactLeadTagCreated, ContactLeadTagDeleted,
	ContactUserCreated, ContactUserUpdated, ContactUserTagCreated, ContactUserTagDeleted, VisitorSignedUp, GranularSubscribe,
	GranularUnsubscribe, EventCreated, ConversationUserCreated, ConversationUserReplied, ConversationByAdmin, ConversationReplied,
	ConversationNoted, ConversationAssigned, ConversationOpenAssigned, ConversationOpened, ConversationClosed, ConversationSnoozed,
	ConversationUnsnoozed, ConversationContactAttached, ConversationContactDetached, ConversationDeleted, ConversationRated,
	ConversationRead, ConversationPriority, PartRedacted, PartTagCreated, TicketCreated, TicketStateUpdated, TicketNoteCreated, TicketAdminAssigned,
	TicketTeamAssigned, TicketAttributeUpdated, ContentStatChat, ContentStatEmail, Ping,
}

// Uncaused are the topics of version 2.9 that nothing here causes yet, and why. A
// subscription may name them.
var Uncaused = map[Topic]string{
	"admin.removed_from_workspace": "an admin cannot be removed",
	"ticket.contact.attached":      "a ticket keeps the contact it was made for",
	"ticket.contact.detached":      "a ticket keeps the contact it was made for",
	"ticket.admin.replied":         "an admin's reply to a ticket is a note in this version",
	"ticket.contact.replied":       "a contact cannot reply to a ticket in this version",
	"content_stat.banner":          "there are no banners",
	"content_stat.carousel":        "there are no carousels",
	"content_stat.checklist":       "there are no checklists",
	"content_stat.custom_bot":      "there are no custom bots",
	"content_stat.news_item":       "what becomes of news is not recorded yet",
	"content_stat.post":            "there are no posts",
	"content_stat.push":            "there are no push messages",
	"content_stat.series":          "there are no series",
	"content_stat.series.webhook":  "there are no series",
	"content_stat.sms":             "there are no campaigns of text messages",
	"content_stat.survey":          "there are no surveys",
	"content_stat.tooltip_group":   "there are no tooltips",
	"content_stat.tour":            "there are no tours",
}

// aliases are topics as other versions spell them.
var aliases = map[Topic]Topic{"contact.archive": ContactArchived, "contact.unarchive": ContactUnarchived}

// Known finds the topic that a name stands for in a subscription.
func Known(name string) (Topic, bool) {
	t := Topic(name)
	if alias, ok := aliases[t]; ok {
		return alias, true
	}
	_, uncaused := Uncaused[t]
	return t, t == AllTopics || uncaused || slices.Contains(Caused, t)
}
