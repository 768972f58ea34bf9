package store_test

import (
	"fmt"
	"strings"
)

// contact and company are ids that testdata/plans.sql gives out; much belongs to the
// first of each.
func contact(i int) string { return fmt.Sprintf("65%022x", i) }
func company(i int) string { return fmt.Sprintf("66%022x", i) }

// search is a search of contacts or conversations: tests "field operator value" that are
// joined by AND, and perhaps what to sort by, "field order".
func search(of, sort string, tests ...string) string {
	filters := make([]string, len(tests))
	for i, test := range tests {
		parts := strings.SplitN(test, " ", 3)
		filters[i] = fmt.Sprintf(`{"field":%q,"operator":%q,"value":%s}`, parts[0], parts[1], parts[2])
	}
	query := filters[0]
	if len(filters) > 1 {
		query = `{"operator":"AND","value":[` + strings.Join(filters, ",") + `]}`
	}
	order := ""
	if field, direction, ok := strings.Cut(sort, " "); ok {
		order = fmt.Sprintf(`,"sort":{"field":%q,"order":%q}`, field, direction)
	}
	return fmt.Sprintf(`POST /%s/search {"query":%s%s,"pagination":{"per_page":20}}`, of, query, order)
}

func contacts(tests ...string) string      { return search("contacts", "", tests...) }
func conversations(tests ...string) string { return search("conversations", "", tests...) }

var planCases = []planCase{
	{"contacts", "GET /contacts?per_page=20", ""},
	{"contacts by address", contacts(`email = "person.77@rrrr.test"`), ""},
	{"contacts by part of an address", contacts(`email ~ "person.777"`), ""},
	{"contacts by the beginning of an address", contacts(`email ^ "person.777"`), ""},
	{"contacts by the end of an address", contacts(`email $ "n.777@nnlr.test"`), ""},
	{"contacts by domain", contacts(`email_domain = "aaaa.test"`), ""},
	{"contacts by name", contacts(`name = "aoi aia"`), ""},
	{"contacts by part of a name", contacts(`name ~ "aoia"`), ""},
	{"contacts by the beginning of a name", contacts(`name ^ "aoia"`), ""},
	{"contacts by a part of a name too short for an index", contacts(`name ~ "a "`), "two letters are in too many names for an index of three"},
	{"contacts by phone", contacts(`phone = "+155500000042"`), ""},
	{"contacts by the beginning of a phone", contacts(`phone ^ "+15550000004"`), ""},
	{"contacts by external id", contacts(`external_id = "u-42"`), ""},
	{"contacts by ids", contacts(`id IN ["` + contact(1) + `","` + contact(2) + `"]`), ""},
	{"contacts by addresses", contacts(`email IN ["person.77@rrrr.test","x@x.test"]`), ""},
	{"contacts by owner", contacts(`owner_id = 7`), ""},
	{"contacts by role", contacts(`role = "user"`), ""},
	{"contacts created of late", contacts(`created_at > 1699990000`), ""},
	{"contacts seen of late", contacts(`last_seen_at > 1704990000`), ""},
	{"contacts who wrote of late", contacts(`last_replied_at > 1703900000`), ""},
	{"contacts written to of late", contacts(`last_contacted_at > 1702900000`), ""},
	{"contacts who signed up of late", contacts(`signed_up_at > 1699990000`), ""},
	{"contacts by a switch", contacts(`has_hard_bounced = true`), ""},
	{"contacts marked as spam", contacts(`marked_email_as_spam = true`), ""},
	{"contacts by a tag of many", contacts(`tag_id = "1"`), ""},
	{"contacts by a tag of few", contacts(`tag_id = "60"`), ""},
	{"contacts by a tag of some", contacts(`tag_id = "7"`), ""},
	{"contacts of a segment", contacts(`segment_id = "aaaaaaaaaaaaaaaaaaaaaaa1"`), ""},
	{"contacts of a tagged segment", contacts(`segment_id = "aaaaaaaaaaaaaaaaaaaaaaa2"`), ""},
	{"contacts by a custom text", contacts(`custom_attributes.account = "a-77"`), ""},
	{"contacts by a frequent custom text", contacts(`custom_attributes.plan = "pro"`), ""},
	{"contacts by a custom number", contacts(`custom_attributes.seats = 777`), ""},
	{"contacts by a range of a custom number", contacts(`custom_attributes.seats > 990`), "members of the JSON column are indexed by value, not in order"},
	{"contacts by a custom switch", contacts(`custom_attributes.vip = true`), ""},
	{"contacts by country", contacts(`location.country = "france"`), ""},
	{"contacts by part of a custom text", contacts(`custom_attributes.account ~ "a-777"`), "members of the JSON column are indexed by value, not by parts"},
	{"users by tag and name", contacts(`role = "user"`, `tag_id = "1"`, `name ~ "aoia"`), ""},
	{"contacts by name, in its order", search("contacts", "name ascending", `role = "user"`), ""},
	{"contacts by name, backwards", search("contacts", "name descending", `role = "user"`), ""},
	{"contacts last seen, the next page", search("contacts", "last_seen_at descending", `role = "user"`), ""},
	{"contacts first seen, the next page", search("contacts", "last_seen_at ascending", `role = "user"`), ""},
	{"contacts signed up, the next page", search("contacts", "signed_up_at descending", `role = "lead"`), ""},
	{"contacts updated, the next page", search("contacts", "updated_at descending", `role = "user"`), ""},

	{"notes of a contact", "GET /contacts/" + contact(1) + "/notes", ""},
	{"tags of a contact", "GET /contacts/" + contact(4) + "/tags", ""},
	{"companies of a contact", "GET /contacts/" + contact(1) + "/companies", ""},
	{"segments of a contact", "GET /contacts/" + contact(1) + "/segments", ""},
	{"subscriptions of a contact", "GET /contacts/" + contact(1) + "/subscriptions", ""},
	{"events of a contact", "GET /events?type=user&intercom_user_id=" + contact(1), ""},
	{"summary of the events of a contact", "GET /events?type=user&summary=true&intercom_user_id=" + contact(1), ""},

	{"companies", "POST /companies/list", ""},
	{"companies, from the end", "POST /companies/list?order=asc", ""},
	{"companies by name", "GET /companies?name=Company%20ulosulovr", ""},
	{"companies by a tag of many", "GET /companies?tag_id=1", ""},
	{"companies by a tag of few", "GET /companies?tag_id=60", ""},
	{"companies of a segment", "GET /companies?segment_id=aaaaaaaaaaaaaaaaaaaaaaa3", "companies are few: what segments ask of them has no index"},
	{"companies one after another", "GET /companies/scroll", ""},
	{"contacts of a company", "GET /companies/" + company(1) + "/contacts", ""},
	{"segments of a company", "GET /companies/" + company(1) + "/segments", ""},

	{"tags", "GET /tags", ""},
	{"segments", "GET /segments", ""},
	{"admins", "GET /admins", ""},
	{"teams", "GET /teams", ""},
	{"activity", "GET /admins/activity_logs?created_at_after=1690000900", ""},
	{"subscription types", "GET /subscription_types", ""},
	{"data attributes", "GET /data_attributes?model=contact", ""},
	{"ticket types", "GET /ticket_types", ""},

	{"conversations", "GET /conversations?per_page=20", ""},
	{"conversations by id", conversations(`id = "42"`), ""},
	{"conversations by part of an id", conversations(`id ~ "77"`), "an id is a number"},
	{"conversations of a contact", conversations(`contact_ids = "` + contact(1) + `"`), ""},
	{"conversations of contacts", conversations(`contact_ids IN ["` + contact(2) + `","` + contact(3) + `"]`), ""},
	{"conversations by source", conversations(`source.id = "42"`), ""},
	{"conversations by assignee and state", conversations(`admin_assignee_id = 7`, `state = "open"`), ""},
	{"conversations by assignee", conversations(`admin_assignee_id = 7`), ""},
	{"conversations by assignees", conversations(`admin_assignee_id IN [7,8]`, `open = true`), ""},
	{"conversations of nobody", conversations(`admin_assignee_id = 0`, `open = true`), ""},
	{"conversations by team", conversations(`team_assignee_id = 3`, `open = true`), ""},
	{"conversations by a tag of many", conversations(`tag_ids = "1"`), ""},
	{"conversations by a tag of few", conversations(`tag_ids = "60"`), ""},
	{"conversations by a tag and a type", conversations(`tag_ids = "1"`, `source.type = "conversation"`), ""},
	{"conversations by teammate", conversations(`teammate_ids = "7"`), ""},
	{"conversations by word", conversations(`source.body = "question"`), ""},
	{"conversations by a rare word", conversations(`source.body = "aaoiaiaiai"`), ""},
	{"conversations by part of a text", conversations(`source.body ~ "aoiarl"`), ""},
	{"conversations by part of a subject", conversations(`source.subject ~ "aoiarl"`), ""},
	{"conversations by a subject", conversations(`source.subject = "about aoiarl"`), ""},
	{"conversations by an author's address", conversations(`source.author.email = "person.77@rrrr.test"`), ""},
	{"conversations by part of an author's name", conversations(`source.author.name ~ "aoia"`), ""},
	{"conversations by an author's id", conversations(`source.author.id = "` + contact(77) + `"`), ""},
	{"conversations by how they began", conversations(`source.delivered_as = "admin_initiated"`), "there are few ways"},
	{"conversations that are open", conversations(`open = true`), ""},
	{"conversations that are closed", conversations(`state = "closed"`), ""},
	{"conversations that are snoozed", conversations(`state = "snoozed"`), ""},
	{"conversations that wake", conversations(`snoozed_until > 1700000000`), ""},
	{"open conversations, who waits longest", search("conversations", "waiting_since ascending", `open = true`), ""},
	{"open conversations, who waits longest, the next page", search("conversations", "waiting_since ascending", `open = true`), ""},
	{"open conversations, who waits least, the next page", search("conversations", "waiting_since descending", `open = true`), ""},
	{"conversations waiting since", conversations(`waiting_since < 1690500000`), ""},
	{"conversations changed of late", search("conversations", "updated_at ascending", `updated_at > 1700200000`), ""},
	{"conversations begun of late", conversations(`created_at > 1699990000`), ""},
	{"conversations with priority", conversations(`priority = "priority"`), ""},
	{"conversations that were rated", conversations(`conversation_rating.score = 1`), ""},
	{"conversations not read", conversations(`read = false`, `open = true`), ""},
	{"conversations by a custom attribute", conversations(`custom_attributes.topic = "aaa"`), ""},
	{"conversations closed of late", conversations(`statistics.last_close_at > 1699990000`), ""},
	{"conversations, the next page", search("conversations", "created_at descending", `state = "closed"`), ""},
	{"a conversation", "GET /conversations/42", ""},
	{"a ticket", "GET /tickets/43", ""},

	{"articles", "GET /articles?per_page=20", ""},
	{"articles by words", "GET /articles/search?phrase=how%20to&state=all", ""},
	{"collections", "GET /help_center/collections", ""},
	{"sections", "GET /help_center/sections", ""},
	{"help centers", "GET /help_center/help_centers", ""},
	{"news", "GET /news/news_items", ""},
	{"newsfeeds", "GET /news/newsfeeds", ""},
	{"items of a newsfeed", "GET /news/newsfeeds/1/items", ""},
}
