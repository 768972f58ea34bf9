package model

import (
	"maps"
	"slices"
	"strconv"
)

// The lengths of time that matter, in seconds.
const (
	hour = 60 * 60
	day  = 24 * hour
)

// A conversation as the rules have it.
type conversation struct {
	id, source  string
	byAdmin     bool // an admin's message began it
	author      string
	state       string
	read        bool
	created     int64
	updated     int64
	waiting     int64 // since when a contact's message is unanswered
	until       int64 // of one that is snoozed
	admin, team string
	people      []string
	tags        map[string]bool
	attributes  object
	parts       []*part
	statistics  statistics
}

// A part is one thing that happened in a conversation.
type part struct{ kind, by, body string }

// statistics begin with the first message of a contact, but for the number of parts.
type statistics struct {
	firstContact, lastContact, firstAdmin, lastAdmin int64
	firstAssigned, lastAssigned, sinceAssigned       int64 // the last: the first reply since
	firstClose, lastClose                            int64
	closedBy                                         string
	toAssignment, toReply, toFirstClose, toLastClose any
	reopens, assignments                             int
	unanswered                                       int64
	replies                                          []int64
}

func (m *machine) conversationActions() map[string]func() {
	return map[string]func(){
		"begin a conversation":  m.begins,
		"a contact replies":     m.contactReplies,
		"an admin replies":      func() { m.adminReplies("comment") },
		"an admin notes":        func() { m.adminReplies("note") },
		"close a conversation":  func() { m.adminReplies("close") },
		"open a conversation":   func() { m.adminReplies("open") },
		"snooze a conversation": func() { m.adminReplies("snoozed") },
		"assign a conversation": func() { m.adminReplies("assignment") },
		"add a contact":         m.joins,
		"remove a contact":      m.leaves,
		"tag a conversation":    m.tagConversation,
		"untag a conversation":  m.untagConversation,
		"update a conversation": m.updateConversation,
		"redact a part":         m.redact,
	}
}

func (m *machine) conversation(id string) *conversation {
	for _, c := range m.conversations {
		if c.id == id {
			return c
		}
	}
	return nil
}

// talk draws the id of a conversation, mostly, and which that is.
func (m *machine) talk() (string, *conversation) {
	if len(m.conversations) == 0 || m.chance("no conversation", 10) {
		id := m.absent("no conversation", "conversation", func(id string) bool { return m.conversation(id) != nil })
		if len(m.tickets) > 0 && m.chance("a ticket", 3) {
			id = m.tickets[0].id // which is none
		}
		return id, nil
	}
	c := m.conversations[m.among("conversation", len(m.conversations))]
	return c.id, c
}

// begins has a contact write first. A visitor who does becomes a lead.
func (m *machine) begins() {
	id, who := m.person("contact")
	if who == nil {
		who = m.contact(id) // a visitor, perhaps
	}
	body := pick(m, "body", "Hello", "Hello", "Hello", "")
	why := done
	switch {
	case body == "":
		why = invalid("Body is required")
	case who == nil:
		why = userNotFound
	}
	got := m.ask("POST", "/conversations", object{"from": object{"type": "contact", "id": id}, "body": body}, why)
	if why != done {
		return
	}
	if who.role == "visitor" {
		who.role = "lead"
	}
	who.replied = m.now
	c := m.newConversation(got["conversation_id"].(string), got["id"].(string), who.id, "Hello")
	c.waiting = m.now
	c.statistics.contactWrote(m.now)
	m.shows("the first message", got, object{"type": "user_message", "created_at": m.now, "body": body, "message_type": "inapp"})
}

func (m *machine) newConversation(id, source, with, body string) *conversation {
	if m.conversation(id) != nil || m.ticket(id) != nil || m.gone["conversation "+id] {
		m.Fatalf("the id %s is given out twice", id)
	}
	c := &conversation{id: id, source: source, author: with, state: "open", created: m.now, updated: m.now, people: []string{with},
		tags: map[string]bool{}, attributes: object{}}
	m.conversations = append(m.conversations, c)
	return c
}

// open has a conversation be open; where it was closed, that counts.
func (c *conversation) open() {
	if c.state == "closed" {
		c.statistics.reopened()
	}
	c.state, c.until = "open", 0
}

func (c *conversation) add(now int64, kind, by, body string) {
	c.parts = append(c.parts, &part{kind, by, body})
	c.updated = max(c.updated, now)
}

// contactWrites is what a contact's message does: it waits, and it opens what is not open.
func (c *conversation) contactWrites(now int64, by, body string) {
	kind := "comment"
	if c.state != "open" {
		kind = "open"
		c.open()
	}
	c.add(now, kind, by, body)
	c.read = false
	if c.waiting == 0 {
		c.waiting = now
	}
	c.statistics.contactWrote(now)
}

func (m *machine) contactReplies() {
	id, c := m.talk()
	var writer string
	var who *contact
	if c != nil && !m.chance("somebody else", 5) {
		writer = pick(m, "participant", c.people...)
		who = m.contact(writer)
	} else {
		writer, who = m.person("contact")
	}
	body := pick(m, "body", "Well", "Well", "<i>Well</i>", "")
	why := done
	switch {
	case body == "":
		why = invalid("Body is required")
	case c == nil:
		why = resourceNotFound
	case who == nil || who.role == "visitor" || !slices.Contains(c.people, writer):
		why = userNotFound // a visitor who takes part has to write first by itself
	}
	got := m.ask("POST", "/conversations/"+id+"/reply", object{"message_type": "comment", "type": "user", "intercom_user_id": writer, "body": body}, why)
	if why != done {
		return
	}
	who.replied = m.now
	c.contactWrites(m.now, writer, body)
	if m.away[c.admin] { // whoever hands over while away loses it
		c.admin = ""
		c.add(m.now, "away_mode_assignment", "bot", "")
	}
	m.showsConversation(got, c)
}

func (m *machine) adminReplies(verb string) {
	id, c := m.talk()
	admin := pick(m, "admin", m.admins[0], m.admins[1], m.admins[1], "99")
	body := ""
	ask := object{"message_type": verb, "type": "admin", "admin_id": admin}
	if verb == "comment" || verb == "note" || (verb == "close" || verb == "assignment") && m.chance("says something", 2) {
		body = pick(m, "body", "Yes", "No", "")
		ask["body"] = body
	}
	var to string
	var until int64
	switch verb {
	case "snoozed":
		until = m.now + int64(pick(m, "until", hour, day, 30*day, 0, -1))
		ask["snoozed_until"] = until
	case "assignment":
		ask["type"] = pick(m, "type", "admin", "team")
		to = pick(m, "to", m.admins[0], m.admins[1], "0", "77")
		if ask["type"] == "team" {
			to = pick(m, "to team", m.team, "0", "77")
		}
		ask["assignee_id"] = to
	}
	why := done
	switch {
	case body == "" && (verb == "comment" || verb == "note"):
		why = invalid("Body is required")
	case c == nil:
		why = resourceNotFound
	case admin == "99":
		why = noSuchAdmin
	case verb == "snoozed" && until <= m.now:
		why = invalid("snoozed_until must be a time in the future, in Unix seconds")
	case to == "77":
		why = refusal{404, "assignee_not_found", "Assignee not found"}
	}
	path := pick(m, "path", "/parts", "/reply")
	got := m.ask("POST", "/conversations/"+id+path, ask, why)
	if why != done {
		return
	}
	kind := verb
	switch verb {
	case "close":
		c.state, c.until, c.waiting = "closed", 0, 0
	case "open":
		c.open()
	case "snoozed":
		if c.state == "closed" {
			c.statistics.reopened()
		}
		c.state, c.until = "snoozed", until
	case "assignment":
		kind = c.assign(m.now, ask["type"] == "team", to)
	}
	c.add(m.now, kind, admin, body)
	if body != "" && verb != "note" {
		c.read, c.waiting = false, 0
		c.statistics.adminReplied(m.now)
		for _, id := range c.people {
			m.contact(id).contacted = m.now
		}
	}
	if verb == "close" {
		c.statistics.closed(m.now, admin)
	}
	m.showsConversation(got, c)
}

// assign gives a conversation to an admin or a team, which opens it, or to nobody.
func (c *conversation) assign(now int64, team bool, to string) string {
	kind := "assignment"
	if to == "0" {
		to = ""
	} else {
		switch c.state {
		case "closed":
			kind = "assign_and_reopen"
		case "snoozed":
			kind = "assign_and_unsnooze"
		}
		c.open()
		c.statistics.assigned(now)
	}
	if team {
		c.team = to
	} else {
		c.admin = to
	}
	return kind
}

// joins adds a contact; an address that nobody has makes a lead.
func (m *machine) joins() {
	id, c := m.talk()
	contact, who := m.person("contact")
	if m.chance("a visitor", 4) {
		if _, v := m.visitor(); v != nil {
			contact, who = v.id, v
		}
	}
	customer := object{"intercom_user_id": contact}
	why := done
	email := ""
	if m.chance("by email", 4) {
		email = pick(m, "email", "new@x.test", "a@x.test", "b@x.test")
		customer = object{"email": email}
		who, why = m.byEmail(email)
	} else if who == nil {
		if who = m.contact(contact); who == nil {
			why = userNotFound
		}
	}
	if c == nil {
		why = resourceNotFound
	}
	got := m.ask("POST", "/conversations/"+id+"/customers", object{"admin_id": m.admins[0], "customer": customer}, why)
	if why != done {
		return
	}
	if who == nil {
		who = m.leadOf(email, ids(got, "customers"))
	}
	if !slices.Contains(c.people, who.id) {
		c.people = append(c.people, who.id)
		c.add(m.now, "participant_added", m.admins[0], "")
	}
	m.same("customers of "+id, ids(got, "customers"), c.people)
}

// byEmail is who has an address, archived ones aside: nobody, one, or too many to tell.
func (m *machine) byEmail(email string) (*contact, refusal) {
	var found []*contact
	for _, c := range m.contacts {
		if c.email == email && !c.archived {
			found = append(found, c)
		}
	}
	switch len(found) {
	case 0:
		return nil, done
	case 1:
		return found[0], done
	}
	return nil, refusal{409, "conflict", "Multiple existing users match this email address - must be more specific using user_id"}
}

// leadOf is the lead that was made of an address: the one among these that was not known.
func (m *machine) leadOf(email string, among []string) *contact {
	i := slices.IndexFunc(among, func(id string) bool { return m.contact(id) == nil })
	if i < 0 {
		m.Fatalf("there is no lead of %s among %v", email, among)
	}
	got := m.get("/contacts/" + among[i])
	c := &contact{role: "lead", email: email, created: m.now, attributes: object{}}
	m.add(c, among[i], got["external_id"])
	m.shows("the lead", got, c.shown())
	return c
}

func (m *machine) leaves() {
	id, c := m.talk()
	contact, _ := m.person("contact")
	if c != nil && !m.chance("somebody else", 4) {
		contact = pick(m, "participant", c.people...)
	}
	why := done
	switch {
	case c == nil:
		why = resourceNotFound
	case !slices.Contains(c.people, contact):
		why = userNotFound
	case len(c.people) == 1:
		why = refusal{422, "parameter_invalid", "Removing the last customer is not allowed"}
	}
	got := m.ask("DELETE", "/conversations/"+id+"/customers/"+contact, object{"admin_id": m.admins[0]}, why)
	if why == done {
		c.people = slices.DeleteFunc(c.people, func(one string) bool { return one == contact })
		c.add(m.now, "participant_removed", m.admins[0], "")
		m.same("customers of "+id, ids(got, "customers"), c.people)
	}
}

func (m *machine) tagConversation() {
	id, c := m.talk()
	tag, t := m.label()
	why := done
	switch {
	case c == nil:
		why = notFound("Conversation not found")
	case t == nil:
		why = resourceNotFound
	default:
		c.tags[tag] = true
		c.updated = m.now
	}
	m.ask("POST", "/conversations/"+id+"/tags", object{"id": tag, "admin_id": m.admins[1]}, why)
}

func (m *machine) untagConversation() {
	id, c := m.talk()
	tag, _ := m.label()
	why := done
	switch {
	case c == nil:
		why = notFound("Conversation not found")
	case !c.tags[tag]:
		why = refusal{404, "tag_not_found", "Tag not found"}
	default:
		delete(c.tags, tag)
		c.updated = m.now
	}
	m.ask("DELETE", "/conversations/"+id+"/tags/"+tag, object{"admin_id": m.admins[1]}, why)
}

// updateConversation leaves a part for each attribute that changes, or one where only the mark
// that it was read was given.
func (m *machine) updateConversation() {
	id, c := m.talk()
	patch := object{}
	if m.chance("read", 2) {
		patch["read"] = pick(m, "as read", true, false)
	}
	if m.chance("attributes", 2) {
		patch["custom_attributes"] = object{pick(m, "attribute", "urgency", "urgency", "plan"): pick(m, "value", any("high"), "low", nil, 5)}
	}
	attributes, why := m.conform("conversation", patch["custom_attributes"])
	if c == nil {
		why = resourceNotFound
	}
	got := m.ask("PUT", "/conversations/"+id, patch, why)
	if why != done {
		return
	}
	changes := 0
	for name, v := range attributes {
		if c.attributes[name] != v {
			changes++
		}
	}
	read, given := patch["read"].(bool)
	if changes == 0 && given {
		changes = 1
	}
	for range changes {
		c.add(m.now, "conversation_attribute_updated_by_admin", "bot", "")
	}
	c.attributes = merge(c.attributes, attributes)
	if given {
		c.read = read
	}
	m.showsConversation(got, c)
}

// redact takes the text out of the last part.
func (m *machine) redact() {
	id, c := m.talk()
	gone := refusal{404, "conversation_part_or_message_not_found", "Conversation part or message not found"}
	if c == nil || len(c.parts) == 0 {
		m.ask("POST", "/conversations/redact", object{"type": "conversation_part", "conversation_id": id, "conversation_part_id": "404404404"}, gone)
		return
	}
	shown := m.get("/conversations/" + id)
	parts := ids(shown, "conversation_parts.conversation_parts")
	p := c.parts[len(c.parts)-1]
	why := done
	if p.body == "" {
		why = refusal{400, "conversation_part_not_redactable", "This conversation part cannot be redacted"}
	}
	m.ask("POST", "/conversations/redact", object{"type": "conversation_part", "conversation_id": id, "conversation_part_id": parts[len(parts)-1]}, why)
	if why == done && p.body != redacted {
		p.body, c.updated = redacted, m.now
	}
}

const redacted = "<p><i>This message was deleted</i></p>"

// passTime moves the clock. Who snoozed until then wakes, one after another, each at its time.
func (m *machine) passTime() {
	seconds := int64(pick(m, "seconds", 1, 60, hour, hour+1, day, 31*day))
	for {
		var next *conversation
		for _, c := range m.conversations {
			if c.until != 0 && c.until <= m.now+seconds && (next == nil || c.until < next.until) {
				next = c
			}
		}
		if next == nil {
			break
		}
		at := next.until
		next.open()
		next.add(at, "timer_unsnooze", "bot", "")
	}
	for _, t := range m.tickets {
		if t.until != 0 && t.until <= m.now+seconds {
			t.until = 0
			t.parts = append(t.parts, "timer_unsnooze")
		}
	}
	m.advance(seconds)
}

// forgetTalks takes a contact that is deleted out of its conversations. Those of nobody else are
// gone, and of others what it wrote.
func (m *machine) forgetTalks(who *contact) {
	m.conversations = slices.DeleteFunc(m.conversations, func(c *conversation) bool {
		if slices.Equal(c.people, []string{who.id}) {
			m.gone["conversation "+c.id] = true
			return true
		}
		c.people = slices.DeleteFunc(c.people, func(id string) bool { return id == who.id })
		for _, p := range c.parts {
			if p.by == who.id && p.body != "" {
				p.body = redacted
			}
		}
		return false
	})
	m.tickets = slices.DeleteFunc(m.tickets, func(t *ticket) bool {
		if t.contact == who.id {
			m.gone["conversation "+t.id] = true
		}
		return t.contact == who.id
	})
	m.messages = slices.DeleteFunc(m.messages, func(one *message) bool { return one.to == who.id })
}

// moveTalks gives what one contact took part in and wrote to another.
func (m *machine) moveTalks(from, into *contact) {
	for _, c := range m.conversations {
		if i := slices.Index(c.people, from.id); i >= 0 {
			if c.people = slices.Delete(c.people, i, i+1); !slices.Contains(c.people, into.id) {
				c.people = append(c.people, into.id)
			}
		}
		for _, p := range c.parts {
			if p.by == from.id {
				p.by = into.id
			}
		}
		if c.author == from.id {
			c.author = into.id
		}
	}
	for _, t := range m.tickets {
		if t.contact == from.id {
			t.contact = into.id
		}
	}
	for _, one := range m.messages {
		if one.to == from.id {
			one.to = into.id
		}
	}
}

// showsConversation checks all that is known of a conversation.
func (m *machine) showsConversation(got object, c *conversation) {
	m.Helper()
	what := "conversation " + c.id
	m.shows(what, got, c.shown())
	m.same("contacts of "+what, ids(got, "contacts.contacts"), c.people)
	m.same("tags of "+what, ids(got, "tags.tags"), slices.Collect(maps.Keys(c.tags)))
	m.shows("the source of "+what, got["source"].(object), object{"id": c.source})
	list, listed := at(got, "conversation_parts.conversation_parts").([]any)
	if !listed {
		return
	}
	if len(list) != len(c.parts) {
		m.Fatalf("%s has %d parts, want %d", what, len(list), len(c.parts))
	}
	for i, p := range c.parts {
		by := p.by
		if by == "bot" {
			by = at(list[i], "author.id").(string)
		}
		body := any(nil)
		if p.body != "" {
			body = p.body
			if p.body != redacted {
				body = "<p>" + p.body + "</p>"
			}
		}
		if at(list[i], "part_type") != p.kind || at(list[i], "author.id") != by || at(list[i], "body") != body {
			m.Fatalf("part %d of %s is %s, want %s of %s: %v", i, what, text(list[i]), p.kind, p.by, body)
		}
	}
}

func (c *conversation) shown() object {
	return object{"type": "conversation", "state": c.state, "open": c.state != "closed", "read": c.read, "created_at": c.created, "updated_at": c.updated,
		"waiting_since": null(c.waiting), "snoozed_until": null(c.until), "admin_assignee_id": decimal(c.admin), "team_assignee_id": decimal(c.team),
		"custom_attributes": c.attributes, "statistics": c.statistics.shown(len(c.parts))}
}

// decimal is an id where the API shows it as a number; null for none.
func decimal(id string) any {
	n, err := strconv.Atoi(id)
	if err != nil {
		return nil
	}
	return n
}
