package contract

import "slices"

// Description lists the known mistakes of the published description of the
// REST API 2.9 that right answers meet, for the groups Admins, Companies,
// Contacts, Data Attributes, Data Events, Notes, Segments, Subscription Types,
// Tags, Teams and Visitors. Four of those have none: a wrong format is no
// obstacle since formats are not judged, and a missing member is none since the
// published schemas are open.
func Description() []Exception {
	return slices.Concat(
		mistake("/email", "A contact without an e-mail address has null here; the schema forgot that it may.",
			"POST /contacts", "GET /contacts/{id}", "PUT /contacts/{id}", "POST /contacts/merge", "POST /visitors/convert"),
		mistake("/data/*/email", "A contact without an e-mail address has null here; the schema forgot that it may.",
			"GET /contacts", "POST /contacts/search", "GET /companies/{id}/contacts"),

		mistake("/admins/*/avatar", "Asked for with display_avatar, an avatar is an object with the URL inside, as in GET /me; the schema has the bare URL.",
			"GET /admins"),
		mistake("/avatar", "Asked for with display_avatar, an avatar is an object with the URL inside, as in GET /me; the schema has the bare URL.",
			"GET /admins/{id}"),

		mistake("/custom_attributes/*", "A custom attribute has the type it was defined with; the schema knows strings only.",
			"POST /companies", "GET /companies/{id}", "PUT /companies/{id}",
			"POST /contacts/{id}/companies", "DELETE /contacts/{contact_id}/companies/{id}",
			"GET /visitors", "PUT /visitors"),
		mistake("/data/*/custom_attributes/*", "A custom attribute has the type it was defined with; the schema knows strings only.",
			"GET /companies", "POST /companies/list", "GET /companies/scroll"),
		mistake("/type", "Looked up by name or company_id, the answer is the company itself; the schema has only the list that tag_id and segment_id give.",
			"GET /companies"),

		mistake("/pages/next", "This list is paged by number, so next is the URL of the page that follows; the schema has the cursor object of other lists.",
			"GET /admins/activity_logs", "GET /companies", "POST /companies/list", "GET /companies/{id}/contacts", "GET /contacts/{id}/notes"),

		mistake("/data/*/model", "Conversations have attributes too, and they are listed; the schema has those of contacts and companies only.",
			"GET /data_attributes"),
		mistake("/type", "Without summary=true the answer is the list of events, event.list; the schema has the summary only.",
			"GET /events"),
	)
}

func mistake(pointer, reason string, operations ...string) []Exception {
	list := make([]Exception, len(operations))
	for i, operation := range operations {
		list[i] = Exception{Operation: operation, Pointer: pointer, Reason: reason}
	}
	return list
}
