package model

import (
	"slices"
	"strconv"
)

// A message is one that an admin sent and no conversation has begun with yet.
type message struct {
	id, to, body, by string
}

func (m *machine) messageActions() map[string]func() {
	return map[string]func(){
		"send a message":     m.send,
		"answer the last":    m.answerLast,
		"begin as a message": m.beginByMessage,
	}
}

// send writes to a user or lead. No conversation begins, unless it is asked for.
func (m *machine) send() {
	id, c := m.person("contact")
	kind, subject := pick(m, "type", "inapp", "email", "inapp", "email", "fax"), pick(m, "subject", "Hi", "Hi", "")
	body := pick(m, "body", "News", "News", "")
	admin := pick(m, "from", m.admins[0], m.admins[1], "99")
	begin := m.chance("begin", 3)
	why := done
	switch {
	case kind == "fax":
		why = invalid("message_type is in_app or email")
	case body == "":
		why = invalid("Body is required")
	case kind == "email" && subject == "":
		why = refusal{422, "parameter_not_found", "No subject supplied for email message"}
	case admin == "99":
		why = refusal{404, "admin_not_found", "Admin not found"}
	case c == nil:
		why = userNotFound
	}
	got := m.ask("POST", "/messages", object{"from": object{"type": "admin", "id": admin}, "to": object{"type": "contact", "id": id},
		"message_type": kind, "subject": subject, "body": body, "create_conversation_without_contact_reply": begin}, why)
	if why != done {
		return
	}
	if kind == "inapp" || c.email != "" && !c.archived && !c.unsubscribed {
		c.contacted = m.now
	}
	one := &message{id: got["id"].(string), to: id, body: body, by: admin}
	m.shows("the message", got, object{"type": "admin_message", "created_at": m.now, "message_type": kind, "body": body})
	if begin {
		m.beginWith(one, got["conversation_id"].(string))
		return
	}
	if got["conversation_id"] != nil {
		m.Fatalf("the message %s has the conversation %v", one.id, got["conversation_id"])
	}
	m.messages = append(m.messages, one)
}

// beginWith has the conversation of a message, which waits closed for the contact's answer.
func (m *machine) beginWith(one *message, id string) *conversation {
	c := m.newConversation(id, one.id, one.to, one.body)
	c.byAdmin, c.author, c.state = true, one.by, "closed"
	m.messages = slices.DeleteFunc(m.messages, func(other *message) bool { return other == one })
	return c
}

// answerLast writes into the contact's newest conversation. Where a message is newer, its own begins.
func (m *machine) answerLast() {
	id, who := m.person("contact")
	visitor := false
	if who == nil {
		who, visitor = m.contact(id), true
	}
	var newest *conversation
	for _, c := range m.conversations {
		if slices.Contains(c.people, id) && (newest == nil || after(c.id, newest.id)) {
			newest = c
		}
	}
	var waits *message
	for _, one := range m.messages {
		if one.to == id && (waits == nil || after(one.id, waits.id)) {
			waits = one
		}
	}
	if waits != nil && newest != nil && after(newest.source, waits.id) {
		waits = nil
	}
	why := done
	switch {
	case who == nil:
		why = userNotFound
	case waits == nil && newest == nil:
		why = resourceNotFound
	case visitor: // who takes part, and has to write first
		why = userNotFound
	}
	got := m.ask("POST", "/conversations/last/reply", object{"message_type": "comment", "type": "user", "intercom_user_id": id, "body": "Well"}, why)
	if why != done {
		return
	}
	if waits != nil {
		newest = m.beginWith(waits, got["id"].(string))
	}
	who.replied = m.now
	newest.contactWrites(m.now, id, "Well")
	if m.away[newest.admin] {
		newest.admin = ""
		newest.add(m.now, "away_mode_assignment", "bot", "")
	}
	m.showsConversation(got, newest)
}

// after reports whether one of two decimal ids was given out after the other.
func after(one, other string) bool {
	a, _ := strconv.ParseInt(one, 10, 64)
	b, _ := strconv.ParseInt(other, 10, 64)
	return a > b
}

// beginByMessage begins a conversation as POST /conversations does.
func (m *machine) beginByMessage() {
	id, who := m.person("contact")
	if who == nil {
		who = m.contact(id)
	}
	why := done
	if who == nil {
		why = userNotFound
	}
	got := m.ask("POST", "/messages", object{"from": object{"type": "user", "id": id}, "body": "Hello"}, why)
	if why != done {
		return
	}
	if who.role == "visitor" {
		who.role = "lead"
	}
	who.replied = m.now
	c := m.newConversation(got["conversation_id"].(string), got["id"].(string), id, "Hello")
	c.waiting = m.now
	c.statistics.contactWrote(m.now)
}
