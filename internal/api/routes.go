package api

import (
	"net/http"

	"parley/internal/openapi"
	"parley/internal/wire"
)

const (
	get  = http.MethodGet
	post = http.MethodPost
	put  = http.MethodPut
	del  = http.MethodDelete
)

// Parameters that several operations share.
var (
	perPage       = openapi.Param{Name: "per_page", In: "query", Type: "integer", Description: "How many items a page has."}
	startingAfter = openapi.Param{Name: "starting_after", In: "query", Type: "string", Description: "The cursor of the page, as the page before gave it."}
	displayAvatar = openapi.Param{Name: "display_avatar", In: "query", Type: "boolean", Description: "Whether avatars are shown; they are not unless asked for."}
	pageNumber    = openapi.Param{Name: "page", In: "query", Type: "integer", Description: "Which page, from 1."}
	includeCount  = openapi.Param{Name: "include_count", In: "query", Type: "boolean", Description: "Count who is in each segment."}
	displayAs     = openapi.Param{Name: "display_as", In: "query", Enum: []string{"plaintext", "html"}, Description: "plaintext for texts without markup."}
	order         = openapi.Param{Name: "order", In: "query", Enum: []string{"asc", "desc"}, Description: "By the last request; desc where none is given."}
)

// operations is the table of contents of the server. Operation ids are those of
// the published description, with their spelling mended.
func (a *API) operations() []*operation {
	var all []*operation
	group := func(tag string, ops ...*operation) {
		for _, op := range ops {
			op.meta.Tag = tag
			all = append(all, op)
		}
	}
	group("Admins",
		do(get, "/me", "identifyAdmin", "Identify the admin who asks, and the workspace", a.identifyAdmin),
		do(get, "/admins", "listAdmins", "List all admins", a.listAdmins).query(displayAvatar).fails(400),
		do(get, "/admins/activity_logs", "listActivityLogs", "List what admins did to the workspace, newest first", a.listActivityLogs).
			query(openapi.Param{Name: "created_at_after", Required: true, Description: "From when, in Unix seconds."},
				openapi.Param{Name: "created_at_before", Description: "Until when, in Unix seconds."},
				pageNumber, perPage, startingAfter).fails(400),
		do(get, "/admins/{id}", "retrieveAdmin", "Read an admin", a.retrieveAdmin).query(displayAvatar).fails(400, 404),
		do(put, "/admins/{id}/away", "setAwayAdmin", "Turn an admin's away mode on or off", a.setAwayAdmin).fails(400, 404),
	)
	group("Teams",
		do(get, "/teams", "listTeams", "List all teams", a.listTeams),
		do(get, "/teams/{id}", "retrieveTeam", "Read a team", a.retrieveTeam).fails(404),
	)
	group("Contacts",
		do(get, "/contacts", "listContacts", "List contacts", a.listContacts).query(perPage, startingAfter).fails(400),
		do(post, "/contacts", "createContact", "Create a contact", a.createContact).fails(400, 409),
		do(post, "/contacts/search", "searchContacts", "Search contacts", a.searchContacts).fails(400),
		do(post, "/contacts/merge", "mergeContact", "Merge a lead into a user", a.mergeContacts).fails(400, 404, 409),
		do(get, "/contacts/{contact_id}", "showContact", "Read a contact", a.findContact).fails(404),
		do(put, "/contacts/{contact_id}", "updateContact", "Update a contact", a.updateContact).fails(400, 404, 409),
		do(del, "/contacts/{contact_id}", "deleteContact", "Delete a contact for good", a.deleteContact).fails(404),
		do(post, "/contacts/{contact_id}/archive", "archiveContact", "Archive a contact", a.archiveContact).fails(400, 404),
		do(post, "/contacts/{contact_id}/unarchive", "unarchiveContact", "Bring an archived contact back", a.unarchiveContact).fails(400, 404),
	)
	group("Visitors",
		do(get, "/visitors", "retrieveVisitorWithUserId", "Read the visitor with a user id", a.findVisitorByUserID).
			query(openapi.Param{Name: "user_id", Required: true, Description: "The visitor's user id, a UUID."}).fails(400, 404),
		do(put, "/visitors", "updateVisitor", "Update the visitor that the body names", a.updateNamedVisitor).fails(400, 404),
		do(post, "/visitors/convert", "convertVisitor", "Make a user or a lead of a visitor", a.convertVisitor).fails(400, 404, 409),
		do(get, "/visitors/{id}", "retrieveVisitor", "Read a visitor", a.findVisitor).fails(404),
		do(put, "/visitors/{id}", "updateVisitorById", "Update a visitor", a.updateVisitor).fails(400, 404),
		do(del, "/visitors/{id}", "deleteVisitor", "Delete a visitor", a.deleteVisitor).fails(404),
	)
	group("Companies",
		do(post, "/companies", "createOrUpdateCompany", "Create a company, or update the one of that company_id", a.createOrUpdateCompany).fails(400),
		do(get, "/companies", "retrieveCompany", "Find a company by company_id or name, or list those of a tag or segment", a.retrieveCompany).
			query(openapi.Param{Name: "company_id"}, openapi.Param{Name: "name"}, openapi.Param{Name: "tag_id"}, openapi.Param{Name: "segment_id"},
				pageNumber, perPage, startingAfter, order).fails(400, 404),
		do(get, "/companies/{company_id}", "retrieveACompanyById", "Read a company", a.findCompany).fails(404),
		do(put, "/companies/{company_id}", "updateCompany", "Update a company", a.updateCompany).fails(400, 404),
		do(del, "/companies/{company_id}", "deleteCompany", "Delete a company; its contacts stay", a.deleteCompany).fails(404),
		do(get, "/companies/{company_id}/contacts", "listAttachedContacts", "List the contacts of a company", a.listAttachedContacts).
			query(pageNumber, perPage, startingAfter).fails(400, 404),
		do(get, "/companies/{company_id}/segments", "listAttachedSegmentsForCompanies", "List the segments a company is in", a.listAttachedSegments).fails(404),
		do(post, "/companies/list", "listAllCompanies", "List the companies that have contacts", a.listAllCompanies).
			query(pageNumber, perPage, startingAfter, order).fails(400),
		do(get, "/companies/scroll", "scrollOverAllCompanies", "Scroll over all companies", a.scrollCompanies).
			query(openapi.Param{Name: "scroll_param", Description: "Of the page before; without it a scroll begins."}).fails(400, 404),
		do(post, "/contacts/{contact_id}/companies", "attachContactToACompany", "Attach a contact to a company", a.attachContactToCompany).fails(400, 404),
		do(get, "/contacts/{contact_id}/companies", "listCompaniesForAContact", "List the companies of a contact", a.listCompaniesForContact).
			query(pageNumber, perPage, startingAfter).fails(400, 404),
		do(del, "/contacts/{contact_id}/companies/{company_id}", "detachContactFromACompany", "Detach a contact from a company", a.detachContactFromCompany).fails(404),
	)
	group("Tags",
		do(get, "/tags", "listTags", "List all tags", a.listTags),
		do(post, "/tags", "createTag", "Create or rename a tag, or put it on companies or contacts and take it off", a.createTag).fails(400, 404, 409),
		do(get, "/tags/{id}", "findTag", "Read a tag", a.findTag).fails(404),
		do(del, "/tags/{id}", "deleteTag", "Delete a tag", a.deleteTag).fails(400, 404),
		do(get, "/contacts/{contact_id}/tags", "listTagsForAContact", "List the tags of a contact", a.listContactTags).fails(404),
		do(post, "/contacts/{contact_id}/tags", "attachTagToContact", "Put a tag on a contact", a.attachTagToContact).fails(404),
		do(del, "/contacts/{contact_id}/tags/{id}", "detachTagFromContact", "Take a tag off a contact", a.detachTagFromContact).fails(404),
		do(post, "/conversations/{conversation_id}/tags", "attachTagToConversation", "Put a tag on a conversation", a.attachTagToConversation).fails(400, 404),
		do(del, "/conversations/{conversation_id}/tags/{id}", "detachTagFromConversation", "Take a tag off a conversation", a.detachTagFromConversation).fails(400, 404),
	)
	group("Notes",
		do(get, "/contacts/{contact_id}/notes", "listNotes", "List the notes on a contact, newest first", a.listNotes).
			query(pageNumber, perPage, startingAfter).fails(400, 404),
		do(post, "/contacts/{contact_id}/notes", "createNote", "Write a note on a contact", a.createNote).fails(400, 404),
		do(get, "/notes/{id}", "retrieveNote", "Read a note", a.retrieveNote).fails(404),
	)
	group("Subscription Types",
		do(get, "/subscription_types", "listSubscriptionTypes", "List all subscription types", a.listSubscriptionTypes),
		do(get, "/contacts/{contact_id}/subscriptions", "listSubscriptionsForAContact", "List what a contact chose", a.listContactSubscriptions).fails(404),
		do(post, "/contacts/{contact_id}/subscriptions", "attachSubscriptionTypeToContact",
			"Record that a contact opted out of a subscription type, or in to it", a.attachSubscriptionType).fails(400, 404),
		do(del, "/contacts/{contact_id}/subscriptions/{id}", "detachSubscriptionTypeToContact",
			"Forget what a contact chose about a subscription type", a.detachSubscriptionType).fails(404),
		do(get, "/contacts/{contact_id}/subscription_types", "listSubscriptionTypesForAContact", "List what a contact chose", a.listContactSubscriptions).fails(404),
		do(post, "/contacts/{contact_id}/subscription_types", "attachSubscriptionTypeOfAContact",
			"Record that a contact opted out of a subscription type, or in to it", a.attachSubscriptionType).fails(400, 404),
		do(del, "/contacts/{contact_id}/subscription_types/{id}", "detachSubscriptionTypeOfAContact",
			"Forget what a contact chose about a subscription type", a.detachSubscriptionType).fails(404),
	)
	group("Conversations",
		do(get, "/conversations", "listConversations", "List all conversations, the last updated first", a.listConversations).
			query(perPage, startingAfter, displayAs).fails(400),
		do(post, "/conversations", "createConversation", "Begin a conversation with a contact's message", a.createConversation).
			files().fails(400, 404, 409, 413),
		do(post, "/conversations/search", "searchConversations", "Search conversations", a.searchConversations).query(displayAs).fails(400),
		do(post, "/conversations/redact", "redactConversation", "Take the text out of a part or a source, for good", a.redactConversation).
			query(displayAs).fails(400, 404),
		do(get, "/conversations/{id}", "retrieveConversation", "Read a conversation with its newest parts", a.findConversation).
			query(displayAs).fails(400, 404),
		do(put, "/conversations/{id}", "updateConversation", "Mark a conversation as read, or change its attributes", a.updateConversation).
			query(displayAs).fails(400, 404),
		do(post, "/conversations/{id}/reply", "replyConversation", "Write into a conversation, or manage it", a.replyConversation).
			query(displayAs).files().fails(400, 404, 409, 413),
		do(post, "/conversations/{id}/parts", "manageConversation", "Close, open, snooze or assign a conversation, or write into it", a.replyConversation).
			query(displayAs).files().fails(400, 404, 409, 413),
		do(post, "/conversations/{id}/run_assignment_rules", "autoAssignConversation", "Assign a conversation by the workspace's rules", a.autoAssignConversation).
			query(displayAs).fails(400, 404),
		do(post, "/conversations/{id}/run_assignment_rules/parts", "autoAssignConversationParts", "Assign a conversation by the workspace's rules", a.autoAssignConversation).
			query(displayAs).fails(400, 404),
		do(post, "/conversations/{id}/customers", "attachContactToConversation", "Add a contact to a conversation", a.attachContactToConversation).
			fails(400, 404, 409),
		do(del, "/conversations/{conversation_id}/customers/{contact_id}", "detachContactFromConversation", "Take a contact out of a conversation",
			a.detachContactFromConversation).fails(400, 404, 422),
	)
	group("Messages",
		do(post, "/messages", "createMessage", "Send a message to a contact, or begin a conversation with a contact's", a.createMessage).
			fails(400, 404, 409, 422),
	)
	group("Switch",
		do(post, "/phone_call_redirects", "createPhoneSwitch", "Send a caller a text message with a link to the Messenger", a.createPhoneSwitch).
			failsWith(wire.NewSwitchError, 400, 422),
	)
	group("Counts",
		do(get, "/counts", "counts", "Count what is in the workspace", a.counts).
			query(openapi.Param{Name: "type", Description: "What to count; without it, everything.",
				Enum: []string{"user", "lead", "company", "tag", "segment", "conversation"}},
				openapi.Param{Name: "count", Description: "What to count it by, one by one.",
					Enum: []string{"tag", "segment", "user", "admin"}}).fails(400),
	)
	group("Articles",
		do(get, "/articles", "listArticles", "List all articles, the last updated first", a.listArticles).
			query(pageNumber, perPage, startingAfter).fails(400),
		do(post, "/articles", "createArticle", "Create an article", a.createArticle).fails(400),
		do(get, "/articles/search", "searchArticles", "Search articles by their words", a.searchArticles).
			query(openapi.Param{Name: "phrase", Required: true, Description: "The words; an article has all of them, the last one perhaps as the beginning of another."},
				openapi.Param{Name: "state", Enum: []string{"published", "draft", "all"}, Description: "Of the content that has the words; published where none is given."},
				openapi.Param{Name: "help_center_id", Description: "Only articles of this help center."},
				pageNumber, perPage).fails(400),
		do(get, "/articles/{id}", "retrieveArticle", "Read an article", a.retrieveArticle).fails(404),
		do(put, "/articles/{id}", "updateArticle", "Update, translate, publish or move an article", a.updateArticle).fails(400, 404),
		do(del, "/articles/{id}", "deleteArticle", "Delete an article", a.deleteArticle).fails(404),
	)
	group("Help Center",
		do(get, "/help_center/collections", "listAllCollections", "List all collections, the last updated first", a.listCollections).
			query(pageNumber, perPage, startingAfter).fails(400),
		do(post, "/help_center/collections", "createCollection", "Create a collection", a.createCollection).fails(400),
		do(get, "/help_center/collections/{id}", "retrieveCollection", "Read a collection", a.retrieveCollection).fails(404),
		do(put, "/help_center/collections/{id}", "updateCollection", "Update or translate a collection", a.updateCollection).fails(400, 404),
		do(del, "/help_center/collections/{id}", "deleteCollection", "Delete a collection and its sections; the articles stay", a.deleteCollection).fails(404),
		do(get, "/help_center/help_centers", "listHelpCenters", "List all help centers", a.listHelpCenters).query(pageNumber).fails(400),
		do(get, "/help_center/help_centers/{id}", "retrieveHelpCenter", "Read a help center", a.retrieveHelpCenter).fails(404),
		do(get, "/help_center/sections", "listAllSections", "List all sections, the last updated first", a.listSections).
			query(pageNumber, perPage, startingAfter).fails(400),
		do(post, "/help_center/sections", "createSection", "Create a section", a.createSection).fails(400),
		do(get, "/help_center/sections/{id}", "retrieveSection", "Read a section", a.retrieveSection).fails(404),
		do(put, "/help_center/sections/{id}", "updateSection", "Update, translate or move a section", a.updateSection).fails(400, 404),
		do(del, "/help_center/sections/{id}", "deleteSection", "Delete a section and those within it; the articles stay", a.deleteSection).fails(404),
	)
	group("Data Attributes",
		do(get, "/data_attributes", "listDataAttributes", "List the attributes of contacts and companies, built-in and custom", a.listDataAttributes).
			query(openapi.Param{Name: "model", Description: "Whose: contact, company or conversation. Without it, those of contacts and companies."},
				openapi.Param{Name: "include_archived", Type: "boolean", Description: "Archived ones too."}).fails(400),
		do(post, "/data_attributes", "createDataAttribute", "Declare a custom attribute", a.createDataAttribute).fails(400),
		do(put, "/data_attributes/{id}", "updateDataAttribute", "Update, archive or bring back a custom attribute", a.updateDataAttribute).fails(400, 404, 422),
	)
	group("Data Events",
		do(get, "/events", "listDataEvents", "List what a contact did in the last 90 days, or how often it did what", a.listDataEvents).
			query(openapi.Param{Name: "type", Required: true, Description: "Always user."},
				openapi.Param{Name: "user_id", Description: "The contact's external id."},
				openapi.Param{Name: "intercom_user_id", Description: "The contact's id."},
				openapi.Param{Name: "email", Description: "The contact's e-mail address."},
				openapi.Param{Name: "summary", Type: "boolean", Description: "How often it did what, from the beginning."},
				perPage,
				openapi.Param{Name: "before", Description: "A cursor, as pages.next has it."},
				openapi.Param{Name: "since", Description: "A cursor, as pages.since has it."}).fails(400, 404, 409),
		do(post, "/events", "createDataEvent", "Report what a contact did", a.createDataEvent).answers(http.StatusAccepted).fails(400, 404, 409),
		do(post, "/events/summaries", "dataEventSummaries", "Add to how often a contact did something", a.addDataEventSummary).fails(400, 404, 409),
	)
	group("Data Export",
		do(post, "/export/content/data", "createDataExport", "Begin an export of which messages were sent, and what came of them", a.createDataExport).
			fails(400),
		do(get, "/export/content/data/{job_identifier}", "getDataExport", "Read how far an export is", a.getDataExport).fails(404),
		do(post, "/export/cancel/{job_identifier}", "cancelDataExport", "Cancel an export that is not over", a.cancelDataExport).fails(404),
		do(get, "/download/content/data/{job_identifier}", "downloadDataExport", "Download the file of a completed export", a.downloadDataExport).fails(404),
	)
	group("Segments",
		do(get, "/segments", "listSegments", "List the segments of contacts, or of companies", a.listSegments).
			query(includeCount, openapi.Param{Name: "type", Description: "company for the segments of companies."}).fails(400),
		do(get, "/segments/{id}", "retrieveSegment", "Read a segment", a.findSegment).query(includeCount).fails(400, 404),
		do(get, "/contacts/{contact_id}/segments", "listSegmentsForAContact", "List the segments a contact is in", a.listContactSegments).fails(404),
	)
	group("Ticket Types",
		do(get, "/ticket_types", "listTicketTypes", "List all ticket types, archived ones too", a.listTicketTypes),
		do(post, "/ticket_types", "createTicketType", "Create a ticket type", a.createTicketType).fails(400),
		do(get, "/ticket_types/{id}", "getTicketType", "Read a ticket type", a.findTicketType).fails(404),
		do(put, "/ticket_types/{id}", "updateTicketType", "Update, archive or bring back a ticket type", a.updateTicketType).fails(400, 404),
	)
	group("Ticket Type Attributes",
		do(post, "/ticket_types/{ticket_type_id}/attributes", "createTicketTypeAttribute", "Add an attribute to a ticket type",
			a.createTicketTypeAttribute).fails(400, 404),
		do(put, "/ticket_types/{ticket_type_id}/attributes/{id}", "updateTicketTypeAttribute",
			"Update, archive or bring back an attribute of a ticket type", a.updateTicketTypeAttribute).fails(400, 404),
	)
	group("Tickets",
		do(post, "/tickets", "createTicket", "Create a ticket", a.createTicket).fails(400, 404, 409),
		do(get, "/tickets/{id}", "getTicket", "Read a ticket with its newest parts", a.findTicket).fails(404),
		do(put, "/tickets/{id}", "updateTicket", "Update, assign, share, open, close or snooze a ticket", a.updateTicket).fails(400, 404),
		do(post, "/tickets/{id}/reply", "replyTicket", "Write a note on a ticket", a.replyTicket).files().fails(400, 404, 413),
	)
	group("News",
		do(get, "/news/news_items", "listNewsItems", "List all news items, the last updated first", a.listNewsItems).
			query(pageNumber, perPage, startingAfter).fails(400),
		do(post, "/news/news_items", "createNewsItem", "Create a news item", a.createNewsItem).fails(400),
		do(get, "/news/news_items/{id}", "retrieveNewsItem", "Read a news item", a.findNewsItem).fails(404),
		do(put, "/news/news_items/{id}", "updateNewsItem", "Update a news item, or set it live or back to draft", a.updateNewsItem).fails(400, 404),
		do(del, "/news/news_items/{id}", "deleteNewsItem", "Delete a news item", a.deleteNewsItem).fails(404),
		do(get, "/news/newsfeeds", "listNewsfeeds", "List all newsfeeds, the last updated first", a.listNewsfeeds).
			query(pageNumber, perPage, startingAfter).fails(400),
		do(get, "/news/newsfeeds/{id}", "retrieveNewsfeed", "Read a newsfeed", a.findNewsfeed).fails(404),
		do(get, "/news/newsfeeds/{id}/items", "listLiveNewsfeedItems", "List the news items that a newsfeed shows, the last published first", a.listLiveNews).
			query(pageNumber, perPage, startingAfter).fails(400, 404),
	)
	return all
}
