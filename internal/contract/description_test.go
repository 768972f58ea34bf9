package contract_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/contract"
	"parley/internal/means"
)

func TestPublishedExamplesFitTheirSchemas(t *testing.T) {
	t.Parallel()
	// The examples were captured from the live service; none departs from its
	// schema.
	j := load(t, means.PublishedDescription(t))
	if got := len(j.Operations()); got != 108 {
		t.Errorf("found %d operations, want 108", got)
	}
	if diff := cmp.Diff([]string{"custom_attributes"}, j.Undefined()); diff != "" {
		t.Errorf("undefined schemas (-want +got):\n%s", diff)
	}
	var requests, answers, lonely int
	for _, op := range j.Operations() {
		for _, example := range op.Examples {
			if example.Request != nil {
				requests++
			}
			if example.Status == 0 {
				lonely++
				t.Errorf("%s %s: nothing answers the request %s", op.Method, op.Path, example.Name)
				continue
			}
			answers++
			for _, v := range j.Response(op.Method, op.Path, example.Status, "application/json", example.Response) {
				t.Errorf("example %s: %v", example.Name, v)
			}
		}
	}
	t.Logf("%d answers, %d requests, %d of them without an answer", answers, requests, lonely)
}

func TestDescriptionListsRealMistakes(t *testing.T) {
	t.Parallel()
	path := means.PublishedDescription(t)
	strict, lenient := load(t, path), load(t, path, contract.Description()...)
	const (
		contact = `{"type":"contact","id":"1","email":null}`
		company = `{"type":"company","id":"1","plan":{},"custom_attributes":{"seats":7,"paid":true}}`
		visitor = `{"type":"visitor","id":"1","email":"","custom_attributes":{"visits":3}}`
		article = `{"type":"article","id":"1","translated_content":{"fr":{"type":"article_content","title":"Bonjour","url":null}}}`
		avatar  = `"avatar":{"type":"avatar","image_url":"https://images.test/1.png"}`
		pages   = `"pages":{"type":"pages","page":1,"next":"https://api.test/x?page=2","per_page":15,"total_pages":2},"total_count":20`
	)
	const talk = `{"type":"conversation","id":"1","statistics":{"type":"conversation_statistics","first_close_at":null},
		"conversation_rating":{"rating":null,"remark":null,"created_at":1700000000,"contact":null,"teammate":null},
		"source":{"type":"conversation","id":"1","attachments":[{"type":"upload","name":"a.pdf","width":null,"height":null}]}}`
	type call struct{ name, request, body string }
	var talks []call
	for _, request := range []string{"GET /conversations/1", "PUT /conversations/1", "POST /conversations/1/reply", "POST /conversations/1/parts",
		"POST /conversations/1/run_assignment_rules", "POST /conversations/redact"} {
		talks = append(talks, call{"an open conversation", request, talk})
	}
	for _, request := range []string{"POST /conversations/search"} {
		talks = append(talks, call{"open conversations", request, `{"type":"conversation.list","conversations":[` + talk + `]}`})
	}
	const file = `{"type":"upload","name":"a.pdf","width":null,"height":null}`
	for _, request := range []string{"POST /tickets", "GET /tickets/1", "PUT /tickets/1"} {
		talks = append(talks, call{"a ticket with files", request, `{"type":"ticket","id":"1","ticket_attributes":{"log":` + file + `},
			"ticket_parts":{"type":"ticket_part.list","ticket_parts":[{"type":"ticket_part","id":"1","attachments":[` + file + `]}]}}`})
	}
	for _, tt := range append(talks, []call{
		{"a note with a file", "POST /tickets/1/reply", `{"type":"ticket_part","id":"1","attachments":[` + file + `]}`},
		{"a contact without e-mail", "POST /contacts", contact},
		{"a contact without e-mail", "GET /contacts/1", contact},
		{"a contact without e-mail", "PUT /contacts/1", contact},
		{"a contact without e-mail", "POST /contacts/merge", contact},
		{"a contact without e-mail", "POST /visitors/convert", contact},
		{"contacts without e-mail", "GET /contacts", `{"type":"list","data":[` + contact + `]}`},
		{"contacts without e-mail", "POST /contacts/search", `{"type":"list","data":[` + contact + `]}`},
		{"contacts without e-mail", "GET /companies/1/contacts", `{"type":"list","data":[` + contact + `]}`},
		{"an avatar", "GET /admins/1", `{"type":"admin","id":"1",` + avatar + `}`},
		{"avatars", "GET /admins", `{"type":"admin.list","admins":[{"type":"admin","id":"1",` + avatar + `}]}`},
		{"a company", "POST /companies", company},
		{"a company", "GET /companies/1", company},
		{"a company", "PUT /companies/1", company},
		{"a company", "POST /contacts/1/companies", company},
		{"a company", "DELETE /contacts/1/companies/1", company},
		{"one company", "GET /companies", company},
		{"companies", "GET /companies", `{"type":"list","data":[` + company + `]}`},
		{"companies", "POST /companies/list", `{"type":"list","data":[` + company + `]}`},
		{"companies", "GET /companies/scroll", `{"type":"list","data":[` + company + `],"pages":null,"total_count":null,"scroll_param":"x"}`},
		{"a visitor", "GET /visitors", visitor},
		{"a visitor", "PUT /visitors", visitor},
		{"a next page", "GET /admins/activity_logs", `{"type":"activity_log.list","activity_logs":[],` + pages + `}`},
		{"a next page", "GET /companies", `{"type":"list","data":[],` + pages + `}`},
		{"a next page", "POST /companies/list", `{"type":"list","data":[],` + pages + `}`},
		{"a next page", "GET /companies/1/contacts", `{"type":"list","data":[],` + pages + `}`},
		{"a next page", "GET /contacts/1/notes", `{"type":"list","data":[],` + pages + `}`},
		{"a next page", "GET /articles", `{"type":"list","data":[],` + pages + `}`},
		{"a next page", "GET /help_center/collections", `{"type":"list","data":[],` + pages + `}`},
		{"a next page", "GET /help_center/sections", `{"type":"list","data":[],` + pages + `}`},
		{"a draft of a translation", "POST /articles", article},
		{"a draft of a translation", "GET /articles/1", article},
		{"a draft of a translation", "PUT /articles/1", article},
		{"drafts of translations", "GET /articles", `{"type":"list","data":[` + article + `]}`},
		{"a next page", "GET /news/news_items", `{"type":"list","data":[],` + pages + `}`},
		{"a next page", "GET /news/newsfeeds", `{"type":"list","data":[],` + pages + `}`},
		{"a next page", "GET /news/newsfeeds/1/items", `{"type":"list","data":[],` + pages + `}`},
		{"a file", "GET /download/content/data/1", "\x1f\x8b"},
		{"an attribute without options", "POST /ticket_types/1/attributes", `{"type":"ticket_type_attribute","id":"1","input_options":null}`},
		{"an attribute without options", "PUT /ticket_types/1/attributes/1", `{"type":"ticket_type_attribute","id":"1","input_options":null}`},
		{"conversation attributes", "GET /data_attributes", `{"type":"list","data":[{"type":"data_attribute","model":"conversation","name":"mood"}]}`},
		{"a conversation attribute", "PUT /data_attributes/1", `{"type":"data_attribute","model":"conversation","name":"mood"}`},
		{"events", "GET /events", `{"type":"event.list","events":[{"type":"event","event_name":"paid","created_at":1700000000,"metadata":{"sum":3}}],"pages":{"next":null}}`},
	}...) {
		method, path, _ := strings.Cut(tt.request, " ")
		if len(strict.Response(method, path, 200, asJSON, []byte(tt.body))) == 0 {
			t.Errorf("%s: %s is no violation, so it needs no exception", tt.request, tt.name)
		}
		for _, v := range lenient.Response(method, path, 200, asJSON, []byte(tt.body)) {
			t.Errorf("%s: %v", tt.name, v)
		}
	}
	for _, x := range lenient.Unused() {
		t.Errorf("%s %s: no case here meets it", x.Operation, x.Pointer)
	}
}
