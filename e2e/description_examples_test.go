package e2e

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
)

// An arrangement makes what an example needs and returns the example's path and
// body with ids that stand for it.
type arrangement func(t *testing.T, w *world, body []byte) (path string, newBody []byte)

// Ids of nothing.
const (
	noHex     = "000000000000000000000000"
	noDecimal = "987654321"
)

var examples = map[string]arrangement{
	"GET /me successful_response":                     at("/me"),
	"GET /admins successful_response":                 at("/admins"),
	"GET /admins/activity_logs successful_response":   at("/admins/activity_logs?created_at_after=1677253093"),
	"GET /admins/{id} admin_found":                    of("/admins/%s", (*world).adminID),
	"GET /admins/{id} admin_not_found":                at("/admins/" + noDecimal),
	"PUT /admins/{id}/away successful_response":       of("/admins/%s/away", (*world).adminID),
	"PUT /admins/{id}/away admin_not_found":           at("/admins/" + noDecimal + "/away"),
	"GET /companies successful":                       at("/companies?per_page=15"),
	"GET /companies company_not_found":                at("/companies?company_id=of-nobody"),
	"POST /companies successful":                      at("/companies"),
	"POST /companies bad_request":                     at("/companies"),
	"POST /companies/list successful":                 at("/companies/list"),
	"GET /companies/scroll successful":                at("/companies/scroll"),
	"GET /companies/{id} successful":                  of("/companies/%s", (*world).company),
	"GET /companies/{id} company_not_found":           at("/companies/" + noHex),
	"PUT /companies/{id} successful":                  of("/companies/%s", (*world).company),
	"PUT /companies/{id} company_not_found":           at("/companies/" + noHex),
	"DELETE /companies/{id} successful":               of("/companies/%s", (*world).company),
	"DELETE /companies/{id} company_not_found":        at("/companies/" + noHex),
	"GET /companies/{id}/contacts successful":         of("/companies/%s/contacts", (*world).company),
	"GET /companies/{id}/contacts company_not_found":  at("/companies/" + noHex + "/contacts"),
	"GET /companies/{id}/segments successful":         of("/companies/%s/segments", (*world).company),
	"GET /companies/{id}/segments company_not_found":  at("/companies/" + noHex + "/segments"),
	"GET /contacts/{id}/companies successful":         of("/contacts/%s/companies", (*world).user),
	"GET /contacts/{id}/companies contact_not_found":  at("/contacts/" + noHex + "/companies"),
	"POST /contacts/{id}/companies bad_request":       of("/contacts/%s/companies", (*world).user),
	"POST /contacts/{id}/companies company_not_found": of("/contacts/%s/companies", (*world).user),
	"POST /contacts/{id}/companies successful": func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/contacts/" + w.user(t) + "/companies", with(t, body, "id", w.company(t))
	},
	"POST /contacts/{id}/companies contact_company_limit_exceeded": crowded,
	"DELETE /contacts/{contact_id}/companies/{id} successful": func(t *testing.T, w *world, body []byte) (string, []byte) {
		contact, company := w.user(t), w.company(t)
		w.must(t, "POST", "/contacts/"+contact+"/companies", map[string]any{"id": company})
		return "/contacts/" + contact + "/companies/" + company, body
	},
	"DELETE /contacts/{contact_id}/companies/{id} company_not_found": of("/contacts/%s/companies/"+noHex, (*world).user),
	"DELETE /contacts/{contact_id}/companies/{id} contact_not_found": of("/contacts/"+noHex+"/companies/%s", (*world).company),

	"GET /contacts successful":         at("/contacts?per_page=10"),
	"POST /contacts successful":        at("/contacts"),
	"POST /contacts/search successful": at("/contacts/search"),
	"GET /contacts/{id} successful":    of("/contacts/%s", (*world).user),
	"PUT /contacts/{id} successful": func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/contacts/" + w.user(t) + "", with(t, body, "email", w.unique()+"@example.test")
	},
	"DELETE /contacts/{id} successful":         of("/contacts/%s", (*world).user),
	"POST /contacts/{id}/archive successful":   of("/contacts/%s/archive", (*world).user),
	"POST /contacts/{id}/unarchive successful": of("/contacts/%s/unarchive", (*world).user),
	"POST /contacts/merge successful": func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/contacts/merge", with(t, body, "from", w.lead(t), "into", w.user(t))
	},

	"GET /contacts/{id}/notes successful_response": of("/contacts/%s/notes", (*world).user),
	"GET /contacts/{id}/notes contact_not_found":   at("/contacts/" + noHex + "/notes"),
	"POST /contacts/{id}/notes successful_response": func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/contacts/" + w.user(t) + "/notes", with(t, body, "admin_id", w.admin)
	},
	"POST /contacts/{id}/notes admin_not_found": func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/contacts/" + w.user(t) + "/notes", with(t, body, "admin_id", 987654321)
	},
	"POST /contacts/{id}/notes contact_not_found": at("/contacts/" + noHex + "/notes"),
	"GET /notes/{id} note_found": func(t *testing.T, w *world, body []byte) (string, []byte) {
		note := w.must(t, "POST", "/contacts/"+w.user(t)+"/notes", map[string]any{"body": "Hello"})
		return "/notes/" + note["id"].(string), body
	},
	"GET /notes/{id} note_not_found": at("/notes/" + noDecimal),

	"GET /contacts/{contact_id}/segments successful":             of("/contacts/%s/segments", (*world).user),
	"GET /contacts/{contact_id}/segments contact_not_found":      at("/contacts/" + noHex + "/segments"),
	"GET /segments successful_response":                          at("/segments"),
	"GET /segments/{id} successful_response":                     of("/segments/%s", (*world).segmentID),
	"GET /segments/{id} segment_not_found":                       at("/segments/" + noHex),
	"GET /subscription_types successful":                         at("/subscription_types"),
	"GET /contacts/{contact_id}/subscriptions successful":        of("/contacts/%s/subscriptions", (*world).user),
	"GET /contacts/{contact_id}/subscriptions contact_not_found": at("/contacts/" + noHex + "/subscriptions"),
	"POST /contacts/{contact_id}/subscriptions successful": func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/contacts/" + w.user(t) + "/subscriptions", with(t, body, "id", w.live)
	},
	"POST /contacts/{contact_id}/subscriptions contact_not_found":  at("/contacts/" + noHex + "/subscriptions"),
	"POST /contacts/{contact_id}/subscriptions resource_not_found": of("/contacts/%s/subscriptions", (*world).user),
	"DELETE /contacts/{contact_id}/subscriptions/{id} successful": func(t *testing.T, w *world, body []byte) (string, []byte) {
		contact := w.user(t)
		w.must(t, "POST", "/contacts/"+contact+"/subscriptions", map[string]any{"id": w.live, "consent_type": "opt_in"})
		return "/contacts/" + contact + "/subscriptions/" + w.live, body
	},
	"DELETE /contacts/{contact_id}/subscriptions/{id} contact_not_found":  at("/contacts/" + noHex + "/subscriptions/1"),
	"DELETE /contacts/{contact_id}/subscriptions/{id} resource_not_found": of("/contacts/%s/subscriptions/"+noDecimal, (*world).user),

	"GET /contacts/{contact_id}/tags successful":        of("/contacts/%s/tags", (*world).user),
	"GET /contacts/{contact_id}/tags contact_not_found": at("/contacts/" + noHex + "/tags"),
	"POST /contacts/{contact_id}/tags successful": func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/contacts/" + w.user(t) + "/tags", with(t, body, "id", w.tag(t))
	},
	"POST /contacts/{contact_id}/tags contact_not_found": at("/contacts/" + noHex + "/tags"),
	"POST /contacts/{contact_id}/tags tag_not_found": func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/contacts/" + w.user(t) + "/tags", with(t, body, "id", noDecimal)
	},
	"DELETE /contacts/{contact_id}/tags/{id} successful": func(t *testing.T, w *world, body []byte) (string, []byte) {
		contact, tag := w.user(t), w.tag(t)
		w.must(t, "POST", "/contacts/"+contact+"/tags", map[string]any{"id": tag})
		return "/contacts/" + contact + "/tags/" + tag, body
	},
	"DELETE /contacts/{contact_id}/tags/{id} contact_not_found": of("/contacts/"+noHex+"/tags/%s", (*world).tag),
	"DELETE /contacts/{contact_id}/tags/{id} tag_not_found":     of("/contacts/%s/tags/"+noDecimal, (*world).user),
	"GET /tags successful":                        at("/tags"),
	"POST /tags action_successful":                at("/tags"),
	"POST /tags company_not_found":                at("/tags"),
	"POST /tags invalid_parameters":               at("/tags"),
	"POST /tags user_not_found":                   at("/tags"),
	"GET /tags/{id} tag_found":                    of("/tags/%s", (*world).tag),
	"GET /tags/{id} tag_not_found":                at("/tags/" + noDecimal),
	"DELETE /tags/{id} tag_has_dependent_objects": dependent,
	"DELETE /tags/{id} resource_not_found":        at("/tags/" + noDecimal),

	"GET /data_attributes successful_response": at("/data_attributes"),
	"POST /data_attributes successful": func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/data_attributes", with(t, body, "name", w.unique())
	},
	"POST /data_attributes attribute_already_exists": ring,
	"POST /data_attributes same_name_already_exists": ring,
	"POST /data_attributes invalid_data_type":        at("/data_attributes"),
	"POST /data_attributes invalid_name":             at("/data_attributes"),
	"POST /data_attributes too_few_options_for_list": at("/data_attributes"),
	"PUT /data_attributes/{id} successful":           of("/data_attributes/%s", (*world).attribute),
	"PUT /data_attributes/{id} attribute_not_found":  at("/data_attributes/" + noDecimal),
	"PUT /data_attributes/{id} has_dependant_object": func(t *testing.T, w *world, body []byte) (string, []byte) {
		return fmt.Sprintf("/data_attributes/%d", w.required), body
	},
	"PUT /data_attributes/{id} too_few_options_in_list": of("/data_attributes/%s", (*world).attribute),

	"GET /events successful_response":   of("/events?type=user&summary=true&intercom_user_id=%s", (*world).user),
	"GET /teams successful":             at("/teams"),
	"GET /teams/{id} successful":        of("/teams/%s", (*world).teamID),
	"GET /teams/{id} team_not_found":    at("/teams/" + noDecimal),
	"GET /visitors successful":          at("/visitors?user_id=demo-visitor-1"),
	"GET /visitors visitor_not_found":   at("/visitors?user_id=of-nobody"),
	"PUT /visitors successful":          visited,
	"PUT /visitors visitor_not_found":   at("/visitors"),
	"POST /visitors/convert successful": converted,

	"GET /ticket_types successful":                                                 at("/ticket_types"),
	"POST /ticket_types ticket_type_created":                                       at("/ticket_types"),
	"GET /ticket_types/{id} ticket_type_found":                                     of("/ticket_types/%s", (*world).ticketType),
	"PUT /ticket_types/{id} ticket_type_updated":                                   of("/ticket_types/%s", (*world).ticketType),
	"POST /ticket_types/{ticket_type_id}/attributes ticket_type_attribute_created": of("/ticket_types/%s/attributes", (*world).ticketType),
	"PUT /ticket_types/{ticket_type_id}/attributes/{id} ticket_type_attribute_updated": func(t *testing.T, w *world, body []byte) (string, []byte) {
		path := "/ticket_types/" + w.ticketType(t) + "/attributes"
		made := w.must(t, "POST", path, map[string]any{"name": "name", "description": "description", "data_type": "string"})
		return path + "/" + made["id"].(string), body
	},

	"POST /tickets successful_response": func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/tickets", with(t, with(t, body, "ticket_type_id", w.ticketType(t)), "contacts", []map[string]any{{"id": w.user(t)}})
	},
	"GET /tickets/{id} ticket_found":        of("/tickets/%s", (*world).ticket),
	"PUT /tickets/{id} successful_response": assigning((*world).adminID, (*world).adminID),
	"PUT /tickets/{id} admin_not_found":     assigning(nil, (*world).adminID),
	"PUT /tickets/{id} assignee_not_found":  assigning((*world).adminID, nil),
	"POST /tickets/{id}/reply admin_note_reply": func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/tickets/" + w.ticket(t) + "/reply", with(t, body, "admin_id", w.admin)
	},

	"POST /messages user_message_created":                  writtenBy("user", (*world).user),
	"POST /messages lead_message_created":                  writtenBy("lead", (*world).lead),
	"POST /messages admin_message_created":                 sent,
	"POST /messages no_body_supplied_for_message":          sent,
	"POST /messages no_subject_supplied_for_email_message": sent,
	"POST /messages no_body_supplied_for_email_message":    sent,
}

// at is an example that needs nothing but its path.
func at(path string) arrangement {
	return func(_ *testing.T, _ *world, body []byte) (string, []byte) { return path, body }
}

// of is an example of one object, whose id goes into the path.
func of(path string, make func(*world, *testing.T) string) arrangement {
	return func(t *testing.T, w *world, body []byte) (string, []byte) {
		return fmt.Sprintf(path, make(w, t)), body
	}
}

// with is an object with other values under some keys: key, value, key, value.
func with(t *testing.T, body []byte, changes ...any) []byte {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal(body, &object); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(changes); i += 2 {
		object[changes[i].(string)] = changes[i+1]
	}
	changed, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

// crowded is a contact in as many companies as there may be, and one more.
func crowded(t *testing.T, w *world, _ []byte) (string, []byte) {
	const most, clients = 1000, 16
	path := "/contacts/" + w.user(t) + "/companies"
	names := make(chan string)
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for name := range names {
				_, company := w.send(t, "POST", "/companies", []byte(`{"company_id":"`+name+`"}`), token)
				w.send(t, "POST", path, company, token) // the company has its id, which is all that is read
			}
		})
	}
	for range most {
		names <- w.unique()
	}
	close(names)
	wg.Wait()
	return path, []byte(`{"id":"` + w.company(t) + `"}`)
}

// dependent is a tag that one segment asks for, whose name the message has.
func dependent(t *testing.T, w *world, body []byte) (string, []byte) {
	return "/tags/" + w.inUse, body
}

// ring makes sure that there is an attribute of the name that examples collide with.
func ring(t *testing.T, w *world, body []byte) (string, []byte) {
	w.send(t, "POST", "/data_attributes", []byte(`{"name":"The One Ring","model":"company","data_type":"string"}`), token)
	return "/data_attributes", body
}

func visited(t *testing.T, w *world, body []byte) (string, []byte) {
	visitor := w.get(t, "/visitors?user_id=demo-visitor-2")
	return "/visitors", with(t, body, "id", visitor["id"])
}

func converted(t *testing.T, _ *world, body []byte) (string, []byte) {
	return "/visitors/convert", with(t, body, "visitor", map[string]any{"user_id": "demo-visitor-3"})
}

// writtenBy is a message of a contact.
func writtenBy(role string, make func(*world, *testing.T) string) arrangement {
	return func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/messages", with(t, body, "from", map[string]any{"type": role, "id": make(w, t)})
	}
}

// sent is a message of the admin to a user.
func sent(t *testing.T, w *world, body []byte) (string, []byte) {
	body = with(t, body, "from", map[string]any{"type": "admin", "id": w.admin})
	return "/messages", with(t, body, "to", map[string]any{"type": "user", "id": w.user(t)})
}

// assigning is an update that gives a ticket to somebody in the name of an admin.
// Who is nil is nobody that the workspace has.
func assigning(admin, assignee func(*world, *testing.T) string) arrangement {
	return func(t *testing.T, w *world, body []byte) (string, []byte) {
		who := map[string]any{"admin_id": "123456789", "assignee_id": "987654321"}
		if admin != nil {
			who["admin_id"] = admin(w, t)
		}
		if assignee != nil {
			who["assignee_id"] = assignee(w, t)
		}
		return "/tickets/" + w.ticket(t), with(t, body, "assignment", who)
	}
}

func (w *world) adminID(*testing.T) string   { return w.admin }
func (w *world) teamID(*testing.T) string    { return w.team }
func (w *world) segmentID(*testing.T) string { return w.segment }

func (w *world) user(t *testing.T) string {
	return w.must(t, "POST", "/contacts", map[string]any{"role": "user", "external_id": w.unique()})["id"].(string)
}

func (w *world) lead(t *testing.T) string {
	return w.must(t, "POST", "/contacts", map[string]any{"role": "lead", "name": w.unique()})["id"].(string)
}

func (w *world) company(t *testing.T) string {
	return w.must(t, "POST", "/companies", map[string]any{"company_id": w.unique()})["id"].(string)
}

func (w *world) tag(t *testing.T) string {
	return w.must(t, "POST", "/tags", map[string]any{"name": w.unique()})["id"].(string)
}

func (w *world) ticketType(t *testing.T) string {
	return w.must(t, "POST", "/ticket_types", map[string]any{"name": w.unique()})["id"].(string)
}

func (w *world) ticket(t *testing.T) string {
	return w.must(t, "POST", "/tickets", map[string]any{"ticket_type_id": w.ticketType(t), "contacts": []map[string]any{{"id": w.user(t)}}})["id"].(string)
}

func (w *world) attribute(t *testing.T) string {
	made := w.must(t, "POST", "/data_attributes", map[string]any{"name": w.unique(), "model": "company", "data_type": "string",
		"options": []map[string]any{{"value": "a"}, {"value": "b"}}})
	return fmt.Sprint(int(made["id"].(float64)))
}
