package contract

import "slices"

// Description lists the known mistakes of the published description of the
// REST API 2.9 that right answers meet. Some groups have none: a wrong format is
// no obstacle since formats are not judged, and a missing or misspelt member is
// none since the published schemas are open.
func Description() []Exception {
	full := []string{"GET /conversations/{id}", "PUT /conversations/{id}", "POST /conversations/{id}/reply", "POST /conversations/{id}/parts",
		"POST /conversations/{id}/run_assignment_rules", "POST /conversations/redact"}
	lists := []string{"POST /conversations/search"}
	tickets := []string{"POST /tickets", "GET /tickets/{id}", "PUT /tickets/{id}"}
	return slices.Concat(
		mistake("/statistics/*", "What has not happened yet has no time, and is null; the schema forgot that it may.", full...),
		mistake("/conversations/*/statistics/*", "What has not happened yet has no time, and is null; the schema forgot that it may.", lists...),
		mistake("/**/conversation_rating/*", "A rating that was asked for and not given has no number, remark or contact, and null here; the schema forgot that it may.", slices.Concat(full, lists)...),
		mistake("/**/attachments/*/width", "A file that is no image has no size in pixels, and null here; the schema forgot that it may.", slices.Concat(full, lists)...),
		mistake("/**/attachments/*/height", "A file that is no image has no size in pixels, and null here; the schema forgot that it may.", slices.Concat(full, lists)...),
		mistake("/ticket_parts/ticket_parts/*/attachments/*/width", "A file that is no image has no size in pixels, and null here; the schema forgot that it may.", tickets...),
		mistake("/ticket_parts/ticket_parts/*/attachments/*/height", "A file that is no image has no size in pixels, and null here; the schema forgot that it may.", tickets...),
		mistake("/ticket_attributes/*/width", "A file that is no image has no size in pixels, and null here; the schema forgot that it may.", tickets...),
		mistake("/ticket_attributes/*/height", "A file that is no image has no size in pixels, and null here; the schema forgot that it may.", tickets...),
		mistake("/attachments/*/width", "A file that is no image has no size in pixels, and null here; the schema forgot that it may.", "POST /tickets/{id}/reply"),
		mistake("/attachments/*/height", "A file that is no image has no size in pixels, and null here; the schema forgot that it may.", "POST /tickets/{id}/reply"),
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

		mistake("/translated_content/*/url", "A translation that is a draft has no page, and null here; the schema forgot that it may.",
			"POST /articles", "GET /articles/{id}", "PUT /articles/{id}"),
		mistake("/data/*/translated_content/*/url", "A translation that is a draft has no page, and null here; the schema forgot that it may.",
			"GET /articles"),
		mistake("/pages/next", "This list is paged by number, so next is the URL of the page that follows; the schema has the cursor object of other lists.",
			"GET /articles", "GET /help_center/collections", "GET /help_center/sections",
			"GET /news/news_items", "GET /news/newsfeeds", "GET /news/newsfeeds/{id}/items"),

		mistake("/input_options", "An attribute of numbers, of times or of truth values has no options, and null here; the schema forgot that it may.",
			"POST /ticket_types/{ticket_type_id}/attributes", "PUT /ticket_types/{ticket_type_id}/attributes/{id}"),

		mistake("/data/*/model", "Conversations have attributes too, and they are listed; the schema has those of contacts and companies only.",
			"GET /data_attributes"),
		mistake("/model", "Conversations have attributes too, and they are changed like any other; the schema has those of contacts and companies only.",
			"PUT /data_attributes/{id}"),
		mistake("/type", "Without summary=true the answer is the list of events, event.list; the schema has the summary only.",
			"GET /events"),

		mistake("", "The file of the export is the body; the description has an answer without one.",
			"GET /download/content/data/{job_identifier}"),
	)
}

func mistake(pointer, reason string, operations ...string) []Exception {
	list := make([]Exception, len(operations))
	for i, operation := range operations {
		list[i] = Exception{Operation: operation, Pointer: pointer, Reason: reason}
	}
	return list
}
