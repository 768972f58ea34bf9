package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

// bigIDs are the decimal ids of the workspace whose ids are asked for.
var bigIDs = regexp.MustCompile(`\b900\d\d\d\b`)

// A matrixOperation is what the contract says of an operation.
type matrixOperation struct {
	id, method, path string
	dev, takesText   bool            // is for developers; has a body in its body
	query            []string        // parameters that name something
	body             map[string]bool // places that name something, and whether the contract has a number there
}

// ownNames are places that take a name which the client makes up, and so may be the same in two
// workspaces, or where an id is not what is looked for. What they do is looked at when all else is
// done.
var ownNames = map[string]string{
	"createContact external_id":        "a name of the client's own",
	"updateContact external_id":        "a name of the client's own",
	"createOrUpdateCompany company_id": "a name of the client's own",
	"convertVisitor user.user_id":      "a name of the client's own",
	"updateCompany company_id":         "a name of the client's own",
}

// empty are places where what is not there is a list without items.
var empty = map[string]string{"searchArticles ?help_center_id": "a search, which finds nothing"}

// nouns say whose id is in a place: in a path, behind the step before it, or else by its name.
var nouns = map[string]string{
	"/admins": "admin", "/teams": "team", "/tags": "tag", "/notes": "note", "/subscriptions": "subscription type", "/subscription_types": "subscription type",
	"/segments": "segment", "/visitors": "visitor", "/articles": "article", "/collections": "collection", "/help_centers": "help center",
	"/sections": "section", "/ticket_types": "ticket type", "/attributes": "ticket type attribute", "/tickets": "ticket", "/conversations": "conversation",
	"/data_attributes": "data attribute", "/news_items": "news item", "/newsfeeds": "newsfeed", "/data": "export", "/cancel": "export",
	"/contacts": "contact", "/customers": "contact", "/companies": "company",
	"/apps": "app", "/webhooks": "webhook", "/deliveries": "delivery", "/snapshots": "snapshot", "/faults": "fault",

	"admin_id": "admin", "owner_id": "admin", "author_id": "admin", "sender_id": "admin", "assignee_id": "admin",
	"intercom_user_id": "contact", "contact_id": "contact", "from": "contact", "into": "contact", "to": "contact",
	"user_id": "external id", "external_id": "external id", "company_id": "company's own id", "tag_id": "tag", "segment_id": "segment",
	"conversation_id": "conversation", "conversation_part_id": "part", "source_id": "source",
	"parent_id": "collection", "help_center_id": "help center", "ticket_type_id": "ticket type", "newsfeed_id": "newsfeed",
	"starting_after": "cursor", "scroll_param": "scroll", "before": "cursor", "since": "cursor", "app_id": "app", "object_id": "contact", "webhook_id": "webhook",

	"attachContactToACompany id": "company", "attachTagToContact id": "tag", "attachTagToConversation id": "tag", "detachTagFromConversation id": "tag",
	"attachSubscriptionTypeToContact id": "subscription type", "attachSubscriptionTypeOfAContact id": "subscription type",
	"createTag id": "tag", "createTag companies[].id": "company", "createTag users[].id": "contact",
	"createConversation from.id": "contact", "createMessage from.id": "admin", "createMessage to.id": "contact", "createTicket contacts[].id": "contact",
	"updateVisitor id": "visitor", "convertVisitor visitor.id": "visitor", "convertVisitor user.id": "contact",
	"updateVisitor user_id": "visitor's user id", "convertVisitor visitor.user_id": "visitor's user id", "retrieveVisitorWithUserId user_id": "visitor's user id",
	"createDataEvent id": "contact", "dataEventSummaries id": "contact", "createTicket company_id": "company",
}

// noIDs are places by whose names they might be ids.
var noIDs = map[string]string{
	"createTag users[].company_id":          "names no contact",
	"createTag companies[].user_id":         "names no company",
	"advanceClock to":                       "a time",
	"createFault from":                      "a number",
	"createFault after":                     "a text",
	"replayDeliveries from":                 "a time",
	"replayDeliveries to":                   "a time",
	"assertRequests since":                  "a call of the workspace in the path",
	"listRequests since":                    "a call of the workspace in the path",
	"listDeliveries before":                 "a place among the deliveries of the webhook in the path",
	"listOutbox to":                         "an address that was written to",
	"listOutbox after":                      "a place in the outbox of the workspace in the path",
	"diffSnapshot to":                       "a snapshot of the workspace in the path",
	"listWorkspaces starting_after":         "whoever has the token of the server may see all workspaces",
	"createWorkspace id":                    "is of a workspace that is not there yet",
	"createWorkspace ids":                   "a text of the client's own",
	"createWorkspace snapshot.workspace_id": "whoever has the token of the server may copy any workspace",
	"detachTagFromConversation id":          "the path names the tag",
	"detachContactFromConversation customer.intercom_user_id": "the path names the contact",
	"detachContactFromConversation customer.user_id":          "the path names the contact",
	"replyConversation assignee_id":                           "is of other parts than replies, and not read",
	"detachContactFromConversation intercom_user_id":          "the path names the contact",
	"detachContactFromConversation user_id":                   "the path names the contact",
	"updateVisitorById id":                                    "the path names the visitor",
	"updateVisitorById user_id":                               "the path names the visitor",
}

// read learns the operations from the contracts.
func (m *matrix) read() {
	m.t.Helper()
	text, err := m.r.API.Document()
	if err != nil {
		m.t.Fatal(err)
	}
	m.api = text
	ours, err := m.r.API.ExtensionDocument()
	if err != nil {
		m.t.Fatal(err)
	}
	for _, text := range [][]byte{text, ours} {
		var d map[string]any
		if err := json.Unmarshal(text, &d); err != nil {
			m.t.Fatal(err)
		}
		follow := func(v any) object {
			for {
				o, _ := v.(object)
				ref, is := o["$ref"].(string)
				if !is {
					return o
				}
				v = any(d)
				for _, step := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
					v = v.(object)[step]
				}
			}
		}
		for path, methods := range d["paths"].(object) {
			for method, o := range methods.(object) {
				o := o.(object)
				op := &matrixOperation{id: o["operationId"].(string), method: strings.ToUpper(method), path: path, body: map[string]bool{},
					dev: strings.HasPrefix(path, "/_parley/workspaces")}
				for _, p := range list(o["parameters"]) {
					if p := follow(p); p["in"] == "query" && isIDName(p["name"].(string)) {
						op.query = append(op.query, p["name"].(string))
					}
				}
				for _, content := range follow(follow(o["requestBody"])["content"]) {
					schema := content.(object)["schema"]
					idPlaces(schema, follow, "", op.body, 0)
					properties, _ := follow(schema)["properties"].(object)
					op.takesText = properties["body"] != nil
				}
				m.operations[op.id] = op
				m.routes.HandleFunc(op.method+" "+path, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Operation", op.id) })
			}
		}
	}
	if len(m.operations) < 108+40 {
		m.t.Fatalf("the contracts have %d operations", len(m.operations))
	}
}

func list(v any) []any { all, _ := v.([]any); return all }

// idPlaces are the places of a schema whose names are those of ids.
func idPlaces(schema any, follow func(any) object, at string, into map[string]bool, depth int) {
	s := follow(schema)
	if depth > 8 {
		return
	}
	for _, key := range []string{"anyOf", "oneOf", "allOf"} {
		for _, one := range list(s[key]) {
			idPlaces(one, follow, at, into, depth+1)
		}
	}
	if s["items"] != nil {
		idPlaces(s["items"], follow, at+"[]", into, depth+1)
	}
	properties, _ := s["properties"].(object)
	for name, property := range properties {
		place := strings.TrimPrefix(at+"."+name, ".")
		// Articles have the same in each language: one stands for all.
		if strings.HasPrefix(place, "translated_content.") && !strings.HasPrefix(place, "translated_content.pt") || strings.HasPrefix(place, "translated_content.pt-") {
			continue
		}
		p := follow(property)
		if isIDName(name) && p["properties"] == nil {
			into[place] = strings.Contains(fmt.Sprint(p["type"]), "integer")
		}
		idPlaces(property, follow, place, into, depth+1)
	}
}

var idNames = regexp.MustCompile(`(^|_)ids?$|^(from|into|to|since|before|after|starting_after|scroll_param)$`)

func isIDName(name string) bool { return idNames.MatchString(name) }

// operationOf is the id of the operation that a request is for.
func (m *matrix) operationOf(hr *http.Request) string {
	w := httptest.NewRecorder()
	m.routes.ServeHTTP(w, httptest.NewRequest(hr.Method, hr.URL.Path, nil))
	return w.Header().Get("Operation")
}

// namesAnID reports whether the path of a request has an id, which is of one workspace.
func (m *matrix) namesAnID(op *matrixOperation, hr *http.Request) bool {
	return strings.Contains(op.path, "{") && !strings.HasSuffix(hr.URL.Path, "/last")
}

// A place is a request with another workspace's id somewhere.
type place struct {
	name    string // {contact_id}, ?tag_id or from.id
	request *http.Request
	body    []byte
}

// places are the variants of a request that have another workspace's id in one place.
func (m *matrix) places(op *matrixOperation, hr *http.Request, body []byte) []place {
	m.t.Helper()
	var all []place
	add := func(name, path string, body []byte) {
		again := httptest.NewRequest(hr.Method, "https://parley.example"+path, nil)
		again.Header = hr.Header.Clone()
		all = append(all, place{name, again, body})
	}
	template, given := strings.Split(op.path, "/"), strings.Split(hr.URL.Path, "/")
	for i, step := range template {
		if !strings.HasPrefix(step, "{") || step == "{workspace_id}" {
			continue
		}
		steps := slices.Clone(given)
		steps[i] = m.their(op, step, "/"+template[i-1])
		add(step, strings.Join(steps, "/")+"?"+hr.URL.RawQuery, body)
	}
	for _, name := range op.query {
		if id := m.their(op, name, name); id != "" {
			query := hr.URL.Query()
			for other := range query {
				if alternatives[other] {
					query.Del(other)
				}
			}
			query.Set(name, id)
			add("?"+name, hr.URL.Path+"?"+query.Encode(), body)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(op.body)) {
		steps := strings.Split(name, ".")
		if id := m.their(op, name, steps[len(steps)-1]); id != "" {
			var tree any = object{}
			if len(body) > 0 {
				if err := json.Unmarshal(body, &tree); err != nil {
					m.t.Fatalf("%s: %v in %s", op.id, err, body)
				}
			}
			var value any = id
			if op.body[name] {
				value = jsonNumber(id)
			}
			changed, err := json.Marshal(with(tree, steps, value), json.Deterministic(true))
			if err != nil {
				m.t.Fatal(err)
			}
			add(name, hr.URL.RequestURI(), changed)
		}
	}
	return all
}

// their is an id of the victim for a place, of the noun that the table says.
func (m *matrix) their(op *matrixOperation, name, usual string) string {
	m.t.Helper()
	if noIDs[op.id+" "+name] != "" {
		m.excused[op.id+" "+name] = true
		return ""
	}
	noun, known := nouns[op.id+" "+name]
	if !known {
		noun, known = nouns[usual]
	}
	if !known {
		m.t.Errorf("whose id is %s of %s? say so in matrix_place_test.go", name, op.id)
		return ""
	}
	if m.theirs[noun] == "" {
		m.t.Fatalf("there is no %s in another workspace", noun)
	}
	return m.theirs[noun]
}

// alternatives are the ways to name a person, of which one is given.
var alternatives = map[string]bool{"id": true, "user_id": true, "external_id": true, "email": true, "intercom_user_id": true, "company_id": true, "name": true}

// with is a value with something in a place, in the stead of what else says who is meant there.
func with(tree any, steps []string, value any) any {
	name, isList := strings.CutSuffix(steps[0], "[]")
	o, _ := tree.(object)
	if o == nil {
		o = object{}
	}
	if isList {
		items := list(o[name])
		if len(items) == 0 {
			items = []any{object{}}
		}
		items[0] = with(items[0], steps[1:], value)
		o[name] = items
		return o
	}
	if len(steps) > 1 {
		o[name] = with(o[name], steps[1:], value)
		return o
	}
	switch name {
	case "source_id":
		o["type"] = "source"
	case "intercom_user_id", "user_id":
		delete(o, "customer")
	}
	if persons[name] {
		for other := range o {
			if persons[other] {
				delete(o, other)
			}
		}
		if name == "user_id" || name == "intercom_user_id" {
			if o["type"] == "admin" {
				o["type"] = "user"
				delete(o, "admin_id")
			}
		}
	}
	o[name] = value
	return o
}

// persons are the members of a body of which one names a person.
var persons = map[string]bool{"id": true, "user_id": true, "external_id": true, "email": true, "intercom_user_id": true}

// jsonNumber is an id as a number where it is one.
func jsonNumber(id string) any {
	var n int64
	if _, err := fmt.Sscan(id, &n); err != nil || fmt.Sprint(n) != id {
		return id
	}
	return n
}

// furnishVictim fills the workspace whose ids are asked for, and learns them.
func (m *matrix) furnishVictim() {
	t, v := m.t, m.victim
	t.Helper()
	v.Furnish(t, "beryl")
	first := func(path, at string) string {
		t.Helper()
		value := v.Get(t, path).OK().At(at)
		if value == nil {
			t.Fatalf("%s has no %s", path, at)
		}
		return fmt.Sprint(value)
	}
	found := v.Post(t, "/contacts/search", object{"query": object{"field": "external_id", "operator": "=", "value": "beryl-user"}}).OK()
	contact := found.At("data.0.id").(string)
	conversation := first("/conversations/900001", "id") // the first of the file, which has parts
	ticketType := first("/ticket_types", "data.0.id")
	attribute := ""
	for _, a := range v.Get(t, "/data_attributes?model=contact").OK().At("data").([]any) {
		if a := a.(object); a["name"] == "beryl_seats" {
			attribute = fmt.Sprint(a["id"])
		}
	}
	made := func(path string, body object, at string) string {
		t.Helper()
		return fmt.Sprint(v.Post(t, path, body).OK().At(at))
	}
	app := v.Post(t, "/_parley/apps", object{"name": "beryl"}).OK()
	webhook := made("/_parley/webhooks", object{"url": "https://beryl.test/", "topics": []string{"contact.user.updated"}}, "id")
	v.Post(t, "/_parley/webhooks/"+webhook+"/ping", nil).OK()
	sandbox := "/_parley/workspaces/" + string(v.Workspace.ID)
	v.AsDeveloper().Post(t, sandbox+"/snapshots", object{"name": "beryl-snapshot"}).OK()
	fault := ""
	for range 3 { // more than the owner makes: they are counted from 1 in each workspace
		fault = v.AsDeveloper().Post(t, sandbox+"/faults", object{"operation": "identifyAdmin", "status": 503}).OK().ID()
	}
	m.theirs = map[string]string{
		"visitor": first("/visitors?user_id=beryl-visitor-1", "id"), "visitor's user id": "beryl-visitor-1",
		"contact": contact, "external id": "beryl-user", "company": first("/companies?company_id=beryl-company", "id"), "company's own id": "beryl-company",
		"admin": first("/admins", "admins.0.id"), "team": first("/teams", "teams.0.id"), "tag": first("/tags", "data.0.id"),
		"ticket":            first("/tickets/900003", "id"), // behind the conversations
		"note":              first("/contacts/"+contact+"/notes", "data.0.id"),
		"subscription type": first("/subscription_types", "data.0.id"), "segment": first("/segments", "segments.0.id"),
		"conversation": conversation, "part": first("/conversations/"+conversation, "conversation_parts.conversation_parts.0.id"),
		"source":      first("/conversations/"+conversation, "source.id"),
		"ticket type": ticketType, "ticket type attribute": first("/ticket_types/"+ticketType, "ticket_type_attributes.data.0.id"),
		"data attribute": attribute, "collection": first("/help_center/collections", "data.0.id"),
		"section": first("/help_center/sections", "data.0.id"), "article": first("/articles", "data.0.id"), "help center": first("/help_center/help_centers", "data.0.id"),
		"news item": first("/news/news_items", "data.0.id"), "newsfeed": first("/news/newsfeeds", "data.0.id"),
		"cursor": first("/contacts?per_page=1", "pages.next.starting_after"), "scroll": first("/companies/scroll", "scroll_param"),
		"export": made("/export/content/data", object{"created_at_after": 1, "created_at_before": 2}, "job_identifier"),
		"app":    app.ID(), "webhook": webhook,
		"delivery": first("/_parley/webhooks/"+webhook+"/deliveries", "data.0.id"), "snapshot": "beryl-snapshot", "fault": fault,
	}
}
