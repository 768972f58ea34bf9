package e2e

import (
	"testing"
	"time"
)

// conversationExamples are the examples of conversations.
var conversationExamples = map[string]arrangement{
	"GET /conversations successful": at("/conversations"),
	"POST /conversations conversation_created": func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/conversations", with(t, body, "from", map[string]any{"type": "user", "id": w.user(t)})
	},
	"POST /conversations contact_not_found":        at("/conversations"),
	"POST /conversations/search successful":        at("/conversations/search"),
	"GET /conversations/{id} conversation_found":   of("/conversations/%s", (*world).conversation),
	"GET /conversations/{id} not_found":            at("/conversations/" + noDecimal),
	"PUT /conversations/{id} conversation_found":   of("/conversations/%s", (*world).conversation),
	"PUT /conversations/{id} not_found":            at("/conversations/" + noDecimal),
	"POST /conversations/{id}/reply not_found":     at("/conversations/" + noDecimal + "/reply"),
	"POST /conversations/{id}/parts not_found":     byAdmin("/parts", (*world).noConversation),
	"POST /conversations/{id}/customers not_found": byAdmin("/customers", (*world).noConversation),
	"POST /conversations/{id}/reply user_reply": func(t *testing.T, w *world, body []byte) (string, []byte) {
		contact := w.user(t)
		return "/conversations/" + w.talk(t, contact) + "/reply", with(t, body, "intercom_user_id", contact)
	},
	"POST /conversations/{id}/reply user_last_conversation_reply": func(t *testing.T, w *world, body []byte) (string, []byte) {
		contact := w.user(t)
		w.talk(t, contact)
		return "/conversations/last/reply", with(t, body, "intercom_user_id", contact)
	},
	"POST /conversations/{id}/reply admin_note_reply":     byAdmin("/reply", (*world).conversation),
	"POST /conversations/{id}/parts close_a_conversation": byAdmin("/parts", (*world).conversation),
	"POST /conversations/{id}/parts open_a_conversation":  byAdmin("/parts", (*world).conversation),
	"POST /conversations/{id}/parts assign_a_conversation": func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/conversations/" + w.conversation(t) + "/parts", with(t, body, "admin_id", w.admin, "assignee_id", w.admin)
	},
	"POST /conversations/{id}/parts snooze_a_conversation": func(t *testing.T, w *world, body []byte) (string, []byte) {
		until := time.Now().Add(time.Hour).Unix() // the example's own time is over
		return "/conversations/" + w.conversation(t) + "/parts", with(t, body, "admin_id", w.admin, "snoozed_until", until)
	},
	"POST /conversations/{id}/run_assignment_rules assign_a_conversation_using_assignment_rules": of("/conversations/%s/run_assignment_rules", (*world).conversation),
	"POST /conversations/{id}/run_assignment_rules not_found":                                    at("/conversations/" + noDecimal + "/run_assignment_rules"),
	"POST /conversations/{id}/customers attach_a_contact_to_a_conversation": func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/conversations/" + w.conversation(t) + "/customers",
			with(t, body, "admin_id", w.admin, "customer", map[string]any{"intercom_user_id": w.user(t)})
	},
	"DELETE /conversations/{conversation_id}/customers/{contact_id} detach_a_contact_from_a_group_conversation": func(t *testing.T, w *world, body []byte) (string, []byte) {
		conversation, guest := w.conversation(t), w.user(t)
		w.must(t, "POST", "/conversations/"+conversation+"/customers",
			map[string]any{"admin_id": w.admin, "customer": map[string]any{"intercom_user_id": guest}})
		return "/conversations/" + conversation + "/customers/" + guest, with(t, body, "admin_id", w.admin)
	},
	"DELETE /conversations/{conversation_id}/customers/{contact_id} conversation_not_found": func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/conversations/" + noDecimal + "/customers/" + w.user(t), with(t, body, "admin_id", w.admin)
	},
	"DELETE /conversations/{conversation_id}/customers/{contact_id} contact_not_found": func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/conversations/" + w.conversation(t) + "/customers/" + noHex, with(t, body, "admin_id", w.admin)
	},
	"DELETE /conversations/{conversation_id}/customers/{contact_id} last_customer": func(t *testing.T, w *world, body []byte) (string, []byte) {
		contact := w.user(t)
		return "/conversations/" + w.talk(t, contact) + "/customers/" + contact, with(t, body, "admin_id", w.admin)
	},
	"POST /conversations/redact redact_a_conversation_part": func(t *testing.T, w *world, body []byte) (string, []byte) {
		conversation := w.conversation(t)
		noted := w.must(t, "POST", "/conversations/"+conversation+"/reply",
			map[string]any{"message_type": "note", "type": "admin", "admin_id": w.admin, "body": "A secret"})
		part := w.text(t, noted["conversation_parts"].(map[string]any), "conversation_parts", 0, "id")
		return "/conversations/redact", with(t, body, "conversation_id", conversation, "conversation_part_id", part)
	},
	"POST /conversations/redact not_found": at("/conversations/redact"),

	"POST /conversations/{conversation_id}/tags successful": func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/conversations/" + w.conversation(t) + "/tags", with(t, body, "id", w.tag(t), "admin_id", w.admin)
	},
	"POST /conversations/{conversation_id}/tags conversation_not_found": func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/conversations/" + noDecimal + "/tags", with(t, body, "id", w.tag(t), "admin_id", w.admin)
	},
	"DELETE /conversations/{conversation_id}/tags/{id} successful": func(t *testing.T, w *world, body []byte) (string, []byte) {
		conversation, tag := w.conversation(t), w.tag(t)
		w.must(t, "POST", "/conversations/"+conversation+"/tags", map[string]any{"id": tag, "admin_id": w.admin})
		return "/conversations/" + conversation + "/tags/" + tag, with(t, body, "admin_id", w.admin)
	},
	"DELETE /conversations/{conversation_id}/tags/{id} conversation_not_found": func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/conversations/" + noDecimal + "/tags/" + w.tag(t), with(t, body, "admin_id", w.admin)
	},
	"DELETE /conversations/{conversation_id}/tags/{id} tag_not_found": func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/conversations/" + w.conversation(t) + "/tags/" + noDecimal, with(t, body, "admin_id", w.admin)
	},
}

// byAdmin is an example in which an admin does something to a conversation.
func byAdmin(verb string, make func(*world, *testing.T) string) arrangement {
	return func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/conversations/" + make(w, t) + verb, with(t, body, "admin_id", w.admin)
	}
}

func (w *world) noConversation(*testing.T) string { return noDecimal }

func (w *world) conversation(t *testing.T) string { return w.talk(t, w.user(t)) }

// talk is a conversation that a contact has begun.
func (w *world) talk(t *testing.T, contact string) string {
	return w.must(t, "POST", "/conversations",
		map[string]any{"from": map[string]any{"type": "user", "id": contact}, "body": "Hello"})["conversation_id"].(string)
}
