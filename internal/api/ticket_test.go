package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
)

// work is a ticket type, whose first attributes are built in, and a lead to make
// tickets of it for.
type work struct {
	r       *apptest.Rig
	of      string // the id of the type
	contact string
	admin   string
}

func newWork(t testing.TB, r *apptest.Rig, attributes ...string) *work {
	t.Helper()
	w := &work{r: r, of: r.Post(t, "/ticket_types", `{"name":"Bug"}`).OK().ID(), admin: r.Admin.ID.String()}
	w.contact = r.Post(t, "/contacts", object{"role": "lead", "email": "lena@lead.test"}).OK().ID()
	for _, a := range attributes {
		r.Post(t, "/ticket_types/"+w.of+"/attributes", `{"description":"",`+a+`}`).OK()
	}
	return w
}

// ticket makes a ticket with the given attributes and returns where it is.
func (w *work) ticket(t testing.TB, attributes object) string {
	t.Helper()
	return "/tickets/" + w.open(t, attributes).OK().ID()
}

// open asks for a ticket with the given attributes.
func (w *work) open(t testing.TB, attributes object) *apptest.Answer {
	t.Helper()
	return w.r.Post(t, "/tickets", object{"ticket_type_id": w.of, "contacts": []object{{"id": w.contact}}, "ticket_attributes": attributes})
}

// ticketParts are what a ticket's parts tell: whose, of what type and, where they
// have it, from which state to which or to whom.
func ticketParts(t testing.TB, a *apptest.Answer) []string {
	t.Helper()
	var ticket struct {
		Parts struct {
			List []struct {
				Type   string                     `json:"part_type"`
				State  string                     `json:"ticket_state"`
				Before string                     `json:"previous_ticket_state"`
				To     *struct{ Type, ID string } `json:"assigned_to"`
				Author struct{ Type string }
			} `json:"ticket_parts"`
			Total int `json:"total_count"`
		} `json:"ticket_parts"`
	}
	a.OK().Decode(&ticket)
	var said []string
	for _, p := range ticket.Parts.List {
		word := p.Author.Type + " " + strings.TrimSuffix(p.Type, "_by_admin")
		if p.State != "" {
			word += " " + p.Before + ">" + p.State
		}
		if p.To != nil {
			word += " " + strings.TrimSpace(p.To.Type+" "+p.To.ID)
		}
		said = append(said, word)
	}
	if ticket.Parts.Total != len(said) {
		t.Errorf("total_count is %d of %d parts", ticket.Parts.Total, len(said))
	}
	return said
}

const (
	begunTicket = "bot ticket_state_updated submitted>submitted"
	ticketSet   = "bot ticket_attribute_updated"
)

func TestTicketIsShownAsItWasMade(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		w := newWork(t, r)
		other := r.Post(t, "/contacts", object{"external_id": "u1"}).OK().ID()
		r.Post(t, "/conversations", object{"from": object{"type": "user", "id": other}, "body": "Hello"}).OK() // takes the first id
		w.open(t, nil).OK()
		const want = `{"type":"ticket","id":"3","ticket_id":"2",
			"ticket_attributes":{"_default_title_":"example","_default_description_":null},
			"ticket_state":"submitted","ticket_state_internal_label":"Submitted","ticket_state_external_label":"Submitted",
			"ticket_type":{"type":"ticket_type","id":"1","name":"Bug","description":"","icon":"🎟️","workspace_id":"<ws>",
				"archived":false,"created_at":1768478400,"updated_at":1768478400,"is_internal":false,"ticket_type_attributes":` + builtIns + `},
			"contacts":{"type":"contact.list","contacts":[{"id":"<contact>","role":"lead"}]},
			"admin_assignee_id":"0","team_assignee_id":"0","created_at":1768478400,"updated_at":1768478400,
			"ticket_parts":{"type":"ticket_part.list","ticket_parts":[
				{"type":"ticket_part","id":"2","part_type":"ticket_state_updated_by_admin","ticket_state":"submitted",
				"previous_ticket_state":"submitted","created_at":1768478400,"updated_at":1768478400,
				"author":{"id":"900000001","type":"bot","name":"Operator","email":"operator+<ws>@intercom.io"},
				"attachments":[],"redacted":false}],"total_count":1},
			"is_shared":false}`
		values := []string{"<ws>", string(r.Workspace.ID), "<contact>", w.contact}
		made := w.open(t, object{"_default_title_": "example"})
		is(t, made, want, values...)
		r.Clock.Pass(time.Hour)
		is(t, r.Get(t, "/tickets/3"), want, values...)
	})
}

func TestTicketIsMade(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		w := newWork(t, r)
		elsewhere := newWork(t, r.Elsewhere(t))
		theirs := elsewhere.contact
		theirType := elsewhere.r.Post(t, "/ticket_types", `{"name":"Theirs"}`).OK().ID()
		archived := r.Post(t, "/ticket_types", `{"name":"Old"}`).OK().ID()
		if archived == theirType {
			theirType = "77"
		}
		r.Put(t, "/ticket_types/"+archived, `{"archived":true}`).OK()
		user := r.Post(t, "/contacts", object{"external_id": "u-1", "email": "ursula@user.test"}).OK().ID()
		for range 2 {
			r.Post(t, "/contacts", object{"role": "lead", "email": "twins@lead.test"}).OK()
		}
		r.Post(t, "/companies", object{"company_id": "acme", "name": "Acme"}).OK()
		elsewhere.r.Post(t, "/companies", object{"company_id": "theirs", "name": "Theirs"}).OK()
		visitor := putVisitor(t, r, visitorDraft{UserID: visitorUUID}).ID()

		known := []any{object{"id": w.contact, "role": "lead"}}
		for _, c := range []struct {
			name    string
			body    string
			want    object
			refused *refusal
		}{
			{"for a lead", `{"ticket_type_id":"1","contacts":[{"id":"<lead>"}]}`, object{"contacts.contacts": known, "ticket_type.id": "1",
				"ticket_attributes": object{"_default_title_": nil, "_default_description_": nil}}, nil},
			{"of a number for a type", `{"ticket_type_id":1,"contacts":[{"id":"<lead>"}]}`, object{"ticket_type.id": "1"}, nil},
			{"for a user, by external id", `{"ticket_type_id":1,"contacts":[{"external_id":"u-1"}]}`,
				object{"contacts.contacts": []any{object{"id": user, "role": "user"}}}, nil},
			{"for a user, by address", `{"ticket_type_id":1,"contacts":[{"email":"Ursula@User.test"}]}`,
				object{"contacts.contacts": []any{object{"id": user, "role": "user"}}}, nil},
			{"the id counts first", `{"ticket_type_id":1,"contacts":[{"id":"<lead>","email":"ursula@user.test"}]}`, object{"contacts.contacts": known}, nil},
			{"of a company", `{"ticket_type_id":1,"contacts":[{"id":"<lead>"}],"company_id":"acme"}`, object{"type": "ticket"}, nil},
			{"of no company", `{"ticket_type_id":1,"contacts":[{"id":"<lead>"}],"company_id":""}`, object{"type": "ticket"}, nil},
			{"with null for all that may be", `{"ticket_type_id":1,"contacts":[{"id":"<lead>","email":null}],"company_id":null,"ticket_attributes":null}`,
				object{"type": "ticket"}, nil},
			{"with keys that nobody knows", `{"ticket_type_id":1,"contacts":[{"id":"<lead>","x":1}],"is_shared":true,"state":"resolved","created_at":1}`,
				object{"ticket_state": "submitted", "is_shared": false, "created_at": 1768478400.0}, nil},

			{"without a body", ``, nil, missing("ticket_type_id is required")},
			{"without a type", `{"contacts":[{"id":"<lead>"}]}`, nil, missing("ticket_type_id is required")},
			{"with null for a type", `{"ticket_type_id":null,"contacts":[{"id":"<lead>"}]}`, nil, missing("ticket_type_id is required")},
			{"of an unknown type", `{"ticket_type_id":"99","contacts":[{"id":"<lead>"}]}`, nil, &refusal{404, "not_found", notFound}},
			{"of no type at all", `{"ticket_type_id":"Bug","contacts":[{"id":"<lead>"}]}`, nil, &refusal{404, "not_found", notFound}},
			{"of another workspace's type", `{"ticket_type_id":"<their type>","contacts":[{"id":"<lead>"}]}`, nil, &refusal{404, "not_found", notFound}},
			{"of an archived type", `{"ticket_type_id":"<archived>","contacts":[{"id":"<lead>"}]}`, nil, invalid("The ticket type is archived")},
			{"without contacts", `{"ticket_type_id":1}`, nil, missing("contacts is required")},
			{"with no contact", `{"ticket_type_id":1,"contacts":[]}`, nil, missing("contacts is required")},
			{"with two contacts", `{"ticket_type_id":1,"contacts":[{"id":"<lead>"},{"external_id":"u-1"}]}`, nil, invalid("A ticket has one contact only")},
			{"with an empty contact", `{"ticket_type_id":1,"contacts":[{}]}`, nil, missing("The contact is required: id, external_id or email")},
			{"with a contact that is no list", `{"ticket_type_id":1,"contacts":{"id":"<lead>"}}`, nil, invalid("contacts is invalid")},
			{"for an unknown contact", `{"ticket_type_id":1,"contacts":[{"id":"6657abe46abd0164c24b0df2"}]}`, nil, &refusal{404, "not_found", "User Not Found"}},
			{"for an unknown external id", `{"ticket_type_id":1,"contacts":[{"external_id":"nobody"}]}`, nil, &refusal{404, "not_found", "User Not Found"}},
			{"for another workspace's contact", `{"ticket_type_id":1,"contacts":[{"id":"<theirs>"}]}`, nil, &refusal{404, "not_found", "User Not Found"}},
			{"for a visitor", `{"ticket_type_id":1,"contacts":[{"id":"<visitor>"}]}`, nil, &refusal{404, "not_found", "User Not Found"}},
			{"for an address that several share", `{"ticket_type_id":1,"contacts":[{"email":"twins@lead.test"}]}`, nil,
				&refusal{409, "conflict", "Multiple existing users match this email address - must be more specific using user_id"}},
			{"for what is no address", `{"ticket_type_id":1,"contacts":[{"email":"nobody"}]}`, nil, invalid("Email is invalid")},
			{"of an unknown company", `{"ticket_type_id":1,"contacts":[{"id":"<lead>"}],"company_id":"x"}`, nil,
				&refusal{404, "company_not_found", "Company Not Found"}},
			{"of another workspace's company", `{"ticket_type_id":1,"contacts":[{"id":"<lead>"}],"company_id":"theirs"}`, nil,
				&refusal{404, "company_not_found", "Company Not Found"}},
			{"with attributes that are no object", `{"ticket_type_id":1,"contacts":[{"id":"<lead>"}],"ticket_attributes":[]}`, nil, invalid("ticket_attributes is invalid")},
			{"with an object for a value", `{"ticket_type_id":1,"contacts":[{"id":"<lead>"}],"ticket_attributes":{"_default_title_":{}}}`, nil,
				invalid("ticket_attributes._default_title_ is invalid")},
			{"with a list for a text", `{"ticket_type_id":1,"contacts":[{"id":"<lead>"}],"ticket_attributes":{"_default_title_":["x"]}}`, nil,
				invalid("Ticket attribute '_default_title_' must be text")},
			{"with an unknown attribute", `{"ticket_type_id":1,"contacts":[{"id":"<lead>"}],"ticket_attributes":{"x":"y"}}`, nil,
				invalid("Ticket attribute 'x' does not exist")},
		} {
			t.Run(c.name, func(t *testing.T) {
				body := fill(c.body, "<lead>", w.contact, "<theirs>", theirs, "<archived>", archived, "<their type>", theirType, "<visitor>", visitor)
				a := r.Post(t, "/tickets", body)
				holds(t, a, c.refused, c.want)
				if c.refused == nil {
					if got := ticketParts(t, a); !cmp.Equal(got, []string{begunTicket}) {
						t.Error(got)
					}
				}
			})
		}
		if got := w.open(t, nil).OK().At("ticket_id"); got != "10" {
			t.Errorf("what is refused takes no number; it is %v", got)
		}
	})
}

func TestTicketForAnUnknownAddressMakesALead(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		w := newWork(t, r)
		body := object{"ticket_type_id": w.of, "contacts": []object{{"email": "new@lead.test"}}}
		answers := atOnce(4, func(int) *apptest.Answer { return r.Post(t, "/tickets", body) })
		lead := answers[0].OK().At("contacts.contacts.0.id")
		for _, a := range answers {
			holds(t, a, nil, object{"contacts.contacts": []any{object{"id": lead, "role": "lead"}}})
		}
		holds(t, r.Get(t, "/contacts/"+lead.(string)), nil, object{"role": "lead", "email": "new@lead.test"})
	})
}

func TestTicketNumbersAreInOrder(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		w := newWork(t, r)
		seen := map[any]bool{}
		for _, a := range atOnce(8, func(int) *apptest.Answer { return w.open(t, nil) }) {
			seen[a.OK().At("ticket_id")] = true
		}
		for _, n := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
			if !seen[n] {
				t.Errorf("no ticket has the number %s: %v", n, seen)
			}
		}
	})
}

// Of each data type: what is sent, and what is shown of it.
func TestTicketHasValuesOfEachType(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		w := newWork(t, r, `"name":"text","data_type":"string"`, `"name":"long","data_type":"string","multiline":true`,
			`"name":"count","data_type":"integer"`, `"name":"price","data_type":"decimal"`, `"name":"urgent","data_type":"boolean"`,
			`"name":"due","data_type":"datetime"`, `"name":"one","data_type":"list","list_items":"Low,High"`)
		list := r.Get(t, "/ticket_types/"+w.of).OK()
		low, _ := list.At("ticket_type_attributes.data.8.input_options.list_options.0.id").(string)
		path := w.ticket(t, nil)
		for _, c := range []struct {
			name, attribute string
			sent, shown     any
		}{
			{"text", "text", "Ä <b>&", "Ä <b>&"},
			{"a number as text", "text", 7, "7"},
			{"lines", "long", "a\nb", "a\nb"},
			{"an integer", "count", 42, 42.0},
			{"a negative one, as text", "count", "-3", -3.0},
			{"zero", "count", 0, 0.0},
			{"a decimal", "price", 9.99, 9.99},
			{"a whole decimal", "price", 5, 5.0},
			{"true", "urgent", true, true},
			{"false, as text", "urgent", "false", false},
			{"a time", "due", 1768478400, 1768478400.0},
			{"a date", "due", "2026-01-15", 1768435200.0},
			{"an item by its id", "one", low, low},
			{"an item by its name", "one", "Low", low},
			{"nothing", "text", nil, nil},
			{"blank", "text", " ", nil},
			{"no list", "text", []any{}, nil},
		} {
			t.Run(c.name, func(t *testing.T) {
				made := w.open(t, object{c.attribute: c.sent})
				holds(t, made, nil, object{"ticket_attributes." + c.attribute: c.shown})
				holds(t, r.Get(t, "/tickets/"+made.ID()), nil, object{"ticket_attributes." + c.attribute: c.shown})

				before := r.Get(t, path).At("ticket_attributes." + c.attribute)
				old := len(ticketParts(t, r.Get(t, path)))
				a := r.Put(t, path, object{"ticket_attributes": object{c.attribute: c.sent}})
				holds(t, a, nil, object{"ticket_attributes." + c.attribute: c.shown})
				changes := 0
				if !cmp.Equal(before, c.shown) {
					changes = 1
				}
				if got := len(ticketParts(t, a)) - old; got != changes {
					t.Errorf("%v after %v leaves %d parts", c.shown, before, got)
				}
			})
		}
	})
}

func TestTicketNeedsWhatItsTypeRequires(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		w := newWork(t, r, `"name":"severity","data_type":"integer","required_to_create":true`, `"name":"where","data_type":"string","required_to_create":true`)
		const both = "Missing required ticket attributes: severity, where"
		w.open(t, nil).Fails(400, "parameter_invalid", both)
		w.open(t, object{"severity": nil, "where": "  "}).Fails(400, "parameter_invalid", both)
		w.open(t, object{"severity": 0}).Fails(400, "parameter_invalid", "Missing required ticket attributes: where")
		path := w.ticket(t, object{"severity": 0, "where": "here"})
		r.Put(t, path, object{"ticket_attributes": object{"severity": nil}, "state": "resolved"}).
			Fails(400, "parameter_invalid", "Missing required ticket attributes: severity")
		holds(t, r.Put(t, path, object{"ticket_attributes": object{"_default_title_": "x"}}), nil,
			object{"ticket_attributes.severity": 0.0, "ticket_state": "submitted"})
	})
}

func TestTicketKeepsValuesWhenItsTypeChanges(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		w := newWork(t, r, `"name":"old","data_type":"string"`)
		path := w.ticket(t, object{"old": "value"})
		attribute := "/ticket_types/" + w.of + "/attributes/3"

		r.Put(t, attribute, `{"name":"new"}`).OK()
		holds(t, r.Get(t, path), nil, object{"ticket_attributes.new": "value", "ticket_attributes.old": nil})
		r.Put(t, attribute, `{"archived":true}`).OK()
		holds(t, r.Get(t, path), nil, object{"ticket_attributes": object{"_default_title_": nil, "_default_description_": nil}})
		r.Put(t, path, `{"ticket_attributes":{"new":"x"}}`).Fails(400, "parameter_invalid", "Ticket attribute 'new' does not exist")
		r.Post(t, "/ticket_types/"+w.of+"/attributes", `{"name":"new","description":"","data_type":"integer"}`).OK()
		holds(t, r.Put(t, path, `{"ticket_attributes":{"new":7}}`), nil, object{"ticket_attributes.new": 7.0})
		r.Put(t, "/ticket_types/"+w.of+"/attributes/4", `{"archived":true}`).OK()
		r.Put(t, attribute, `{"archived":false}`).OK()
		holds(t, r.Get(t, path), nil, object{"ticket_attributes.new": "value"})

		r.Put(t, "/ticket_types/"+w.of, `{"archived":true}`).OK()
		holds(t, r.Put(t, path, `{"state":"resolved"}`), nil, object{"ticket_state": "resolved", "ticket_type.archived": true})
	})
}

func TestTicketIsOfOneWorkspace(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		other := newWork(t, r.Elsewhere(t))
		other.ticket(t, nil)
		theirs := strings.TrimPrefix(other.ticket(t, nil), "/tickets/")
		w := newWork(t, r)
		mine := w.ticket(t, nil)
		talk := newTalk(t, r)
		for _, id := range []string{"99", "0", "-1", "abc", "01", "9223372036854775808", talk.id, theirs} {
			if id == theirs && id == talk.id {
				continue
			}
			r.Get(t, "/tickets/"+id).Fails(404, "not_found", notFound)
			r.Put(t, "/tickets/"+id, `{"is_shared":true}`).Fails(404, "not_found", notFound)
			r.Post(t, "/tickets/"+id+"/reply", object{"message_type": "note", "type": "admin", "admin_id": w.admin, "body": "x"}).Fails(404, "not_found", notFound)
		}
		r.Delete(t, mine, nil).Fails(404, "not_found", notFound)
		r.Get(t, "/tickets").Fails(404, "not_found", notFound)
		if got := ticketParts(t, other.r.Get(t, "/tickets/"+theirs)); !cmp.Equal(got, []string{begunTicket}) {
			t.Error(got)
		}
	})
}

func TestTicketIsNoConversation(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		w := newWork(t, r)
		talk := newTalk(t, r)
		id := w.open(t, nil).OK().ID()
		path := "/conversations/" + id
		who := object{"message_type": "note", "type": "admin", "admin_id": w.admin, "body": "x", "id": "1"}
		r.Get(t, path).Fails(404, "not_found", notFound)
		r.Put(t, path, `{"read":true}`).Fails(404, "not_found", notFound)
		r.Post(t, path+"/reply", who).Fails(404, "not_found", notFound)
		r.Post(t, path+"/parts", object{"message_type": "close", "type": "admin", "admin_id": w.admin}).Fails(404, "not_found", notFound)
		r.Post(t, path+"/run_assignment_rules", nil).Fails(404, "not_found", notFound)
		r.Post(t, path+"/customers", object{"admin_id": w.admin, "customer": object{"intercom_user_id": talk.contact}}).Fails(404, "not_found", notFound)
		r.Post(t, path+"/tags", who).Fails(404, "not_found", "Conversation not found")
		r.Post(t, "/conversations/redact", object{"type": "conversation_part", "conversation_id": id, "conversation_part_id": "1"}).
			Fails(404, "conversation_part_or_message_not_found", "Conversation part or message not found")
		r.Post(t, "/conversations/last/reply", object{"message_type": "comment", "type": "user", "intercom_user_id": w.contact, "body": "x"}).
			Fails(404, "not_found", notFound)
		holds(t, r.Get(t, "/conversations"), nil, object{"total_count": 1.0, "conversations.0.id": talk.id, "conversations.1": nil})
		everything := `{"query":{"field":"created_at","operator":">","value":1}}`
		holds(t, r.Post(t, "/conversations/search", everything), nil, object{"total_count": 1.0, "conversations.0.id": talk.id, "conversations.1": nil})
	})
}

func TestTicketGoesWithAMerge(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		w := newWork(t, r)
		path := w.ticket(t, nil)
		user := r.Post(t, "/contacts", object{"external_id": "u-1"}).OK().ID()
		r.Post(t, "/contacts/merge", object{"from": w.contact, "into": user}).OK()
		holds(t, r.Get(t, path), nil, object{"contacts.contacts": []any{object{"id": user, "role": "user"}}})
	})
}

func TestTicketGoesWithItsContact(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		w := newWork(t, r, `"name":"log","data_type":"files"`)
		path := w.ticket(t, object{"log": "https://files.test/a.txt"})
		r.Post(t, "/contacts/"+w.contact+"/archive", nil).OK()
		holds(t, r.Get(t, path), nil, object{"contacts.contacts": []any{object{"id": w.contact, "role": "lead"}}})
		r.Delete(t, "/contacts/"+w.contact, nil).OK()
		r.Get(t, path).Fails(404, "not_found", notFound)
		r.Put(t, path, `{"state":"resolved"}`).Fails(404, "not_found", notFound)
	})
}
