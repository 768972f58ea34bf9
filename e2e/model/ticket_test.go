package model

import "slices"

// A ticketType is a type of tickets as the rules have it.
type ticketType struct {
	id, name string
	archived bool
	severity bool // it has an attribute of that name, a whole number
}

// A ticket as the rules have it.
type ticket struct {
	id, kind, contact string
	state, admin      string
	title, severity   any
	shared, closed    bool
	until             int64
	parts             []string
}

func (m *machine) ticketActions() map[string]func() {
	return map[string]func(){
		"create a ticket type": m.createTicketType,
		"change a ticket type": m.changeTicketType,
		"add an attribute":     m.addTicketAttribute,
		"create a ticket":      m.createTicket,
		"update a ticket":      m.updateTicket,
		"note on a ticket":     m.noteOnTicket,
	}
}

func (m *machine) ticket(id string) *ticket {
	for _, t := range m.tickets {
		if t.id == id {
			return t
		}
	}
	return nil
}

func (m *machine) kind() (string, *ticketType) {
	if len(m.types) == 0 || m.chance("no type", 10) {
		return "404", nil
	}
	t := m.types[m.among("type", len(m.types))]
	return t.id, t
}

func (m *machine) createTicketType() {
	name := pick(m, "name", "Bug", "Wish", " ")
	why := done
	if name == " " {
		why = invalid("Name cannot be blank")
	}
	got := m.ask("POST", "/ticket_types", object{"name": name}, why)
	if why == done {
		m.types = append(m.types, &ticketType{id: got["id"].(string), name: name})
		m.shows("the ticket type", got, object{"type": "ticket_type", "name": name, "archived": false})
	}
}

func (m *machine) changeTicketType() {
	id, t := m.kind()
	archived := pick(m, "archived", true, false, false)
	why := done
	if t == nil {
		why = resourceNotFound
	}
	got := m.ask("PUT", "/ticket_types/"+id, object{"archived": archived}, why)
	if why == done {
		t.archived = archived
		m.shows("the ticket type", got, object{"id": id, "name": t.name, "archived": archived})
	}
}

func (m *machine) addTicketAttribute() {
	id, t := m.kind()
	why := done
	switch {
	case t == nil:
		why = resourceNotFound
	case t.severity:
		why = invalid("The ticket type has an attribute named 'severity' already")
	}
	got := m.ask("POST", "/ticket_types/"+id+"/attributes", object{"name": "severity", "description": "How bad", "data_type": "integer"}, why)
	if why == done {
		t.severity = true
		m.shows("the attribute", got, object{"name": "severity", "data_type": "integer", "order": 2})
	}
}

// values draws attributes of a ticket, and what they become, or why they cannot be.
func (m *machine) values(t *ticketType) (ask, kept object, why refusal) {
	ask, kept = object{}, object{}
	if m.chance("has a title", 2) {
		ask["_default_title_"] = pick(m, "title", any("Dark"), "Darker", nil)
		kept["_default_title_"] = ask["_default_title_"]
	}
	if m.chance("has a severity", 3) {
		v := pick(m, "severity", any(1), "2", "bad", nil)
		ask["severity"] = v
		switch {
		case t != nil && !t.severity:
			return ask, nil, invalid("Ticket attribute 'severity' does not exist")
		case v == "bad":
			return ask, nil, invalid("Ticket attribute 'severity' must be a whole number")
		case v == "2":
			v = 2
		}
		kept["severity"] = v
	}
	return ask, kept, done
}

func (m *machine) createTicket() {
	id, kind := m.kind()
	contact, who := m.person("contact")
	named := object{"id": contact}
	email := ""
	why := done
	if who == nil {
		why = userNotFound
	}
	if m.chance("by email", 5) {
		email = pick(m, "email", "new@x.test", "a@x.test", "vera@x.test")
		named = object{"email": email}
		who, why = m.byEmail(email)
		if who != nil && who.role == "visitor" {
			why = userNotFound
		}
	}
	ask, kept, wrong := m.values(kind)
	switch {
	case kind == nil:
		why = resourceNotFound
	case kind.archived:
		why = invalid("The ticket type is archived")
	case wrong != done:
		why = wrong
	}
	got := m.ask("POST", "/tickets", object{"ticket_type_id": id, "contacts": []object{named}, "ticket_attributes": ask}, why)
	if why != done {
		return
	}
	if who == nil {
		who = m.leadOf(email, ids(got, "contacts.contacts"))
	}
	t := &ticket{id: got["id"].(string), kind: id, contact: who.id, state: "submitted", title: kept["_default_title_"], severity: kept["severity"],
		parts: []string{"ticket_state_updated_by_admin"}}
	if m.ticket(t.id) != nil || m.conversation(t.id) != nil || m.gone["conversation "+t.id] {
		m.Fatalf("the id %s is given out twice", t.id)
	}
	m.tickets = append(m.tickets, t)
	m.showsTicket(got, t)
}

// work draws the id of a ticket, mostly, and which that is.
func (m *machine) work() (string, *ticket) {
	if len(m.tickets) == 0 || m.chance("no ticket", 10) {
		id := m.absent("no ticket", "conversation", func(id string) bool { return m.ticket(id) != nil })
		if len(m.conversations) > 0 && m.chance("a conversation", 3) {
			id = m.conversations[0].id // which is none
		}
		return id, nil
	}
	t := m.tickets[m.among("ticket", len(m.tickets))]
	return t.id, t
}

// updateTicket changes all that is asked for, or nothing.
func (m *machine) updateTicket() {
	id, t := m.work()
	var kind *ticketType
	if t != nil {
		kind = m.types[slices.IndexFunc(m.types, func(one *ticketType) bool { return one.id == t.kind })]
	}
	ask := object{}
	values, kept, why := m.values(kind)
	if len(values) > 0 {
		ask["ticket_attributes"] = values
	}
	next := ticket{}
	if t != nil {
		next = *t
		next.parts = slices.Clone(t.parts)
	}
	if why == done {
		for name, field := range map[string]*any{"_default_title_": &next.title, "severity": &next.severity} {
			if v, given := kept[name]; given && v != *field {
				*field = v
				next.parts = append(next.parts, "ticket_attribute_updated_by_admin")
			}
		}
	}
	if m.chance("has a state", 2) {
		state := pick(m, "state", "in_progress", "waiting_on_customer", "resolved", "submitted")
		ask["state"] = state
		switch {
		case why != done:
		case state == "submitted":
			why = invalid("state must be in_progress, waiting_on_customer or resolved")
		case state != next.state:
			next.state = state
			next.parts = append(next.parts, "ticket_state_updated_by_admin")
		}
	}
	if m.chance("is shared", 3) {
		next.shared = pick(m, "shared", true, false)
		ask["is_shared"] = next.shared
	}
	if m.chance("is assigned", 3) {
		by, to := pick(m, "by", m.admins[0], m.admins[1], "99"), pick(m, "to", m.admins[1], "0", "77")
		ask["assignment"] = object{"admin_id": by, "assignee_id": to, "type": "admin"}
		switch {
		case why != done:
		case by == "99" || to == "77":
			why = refusal{404, "assignee_not_found", "Assignee not found"}
		case to != "0":
			switch {
			case next.closed:
				next.parts = append(next.parts, "assign_and_reopen")
			case next.until != 0:
				next.parts = append(next.parts, "assign_and_unsnooze")
			default:
				next.parts = append(next.parts, "assignment")
			}
			next.closed, next.until = false, 0
			next.admin = to
		case next.admin != "":
			next.parts = append(next.parts, "assignment")
			next.admin = ""
		}
	}
	m.turn(&next, ask)
	if t == nil {
		why = resourceNotFound
	}
	got := m.ask("PUT", "/tickets/"+id, ask, why)
	if why == done {
		*t = next
		m.showsTicket(got, t)
	}
}

// turn closes a ticket, or puts it aside until a time to come, or opens it: the first that is asked
// for. What is so already leaves no part.
func (m *machine) turn(t *ticket, ask object) {
	open, opens := true, m.chance("is turned", 3)
	if opens {
		open = pick(m, "open", true, false)
		ask["open"] = open
	}
	until := int64(0)
	if m.chance("is snoozed", 4) {
		until = m.now + int64(pick(m, "until", hour, day, -1))
		ask["snoozed_until"] = until
	}
	switch {
	case !open:
		if !t.closed {
			t.closed, t.until = true, 0
			t.parts = append(t.parts, "close")
		}
	case until > m.now:
		if t.until != until {
			t.closed, t.until = false, until
			t.parts = append(t.parts, "snoozed")
		}
	case opens && (t.closed || t.until != 0):
		t.closed, t.until = false, 0
		t.parts = append(t.parts, "open")
	}
}

func (m *machine) noteOnTicket() {
	id, t := m.work()
	admin, body := pick(m, "admin", m.admins[0], m.admins[1], "99"), pick(m, "body", "Hm", "Hm", "")
	why := done
	switch {
	case body == "":
		why = invalid("Body is required")
	case t == nil:
		why = resourceNotFound
	case admin == "99":
		why = noSuchAdmin
	}
	got := m.ask("POST", "/tickets/"+id+"/reply", object{"message_type": "note", "type": "admin", "admin_id": admin, "body": body}, why)
	if why == done {
		m.shows("the note", got, object{"type": "ticket_part", "part_type": "note", "body": "<p>Hm</p>"})
		t.parts = append(t.parts, "note")
	}
}

func (m *machine) showsTicket(got object, t *ticket) {
	what := "ticket " + t.id
	admin := t.admin
	if admin == "" {
		admin = "0"
	}
	m.shows(what, got, object{"type": "ticket", "id": t.id, "ticket_state": t.state, "admin_assignee_id": admin, "is_shared": t.shared})
	m.same("contacts of "+what, ids(got, "contacts.contacts"), []string{t.contact})
	values := got["ticket_attributes"].(object)
	m.shows("the attributes of "+what, values, object{"_default_title_": t.title})
	if t.severity != nil {
		m.shows("the attributes of "+what, values, object{"severity": t.severity})
	}
	list := at(got, "ticket_parts.ticket_parts").([]any)
	kinds := make([]string, len(list))
	for i, one := range list {
		kinds[i], _ = at(one, "part_type").(string)
	}
	m.same("parts of "+what, kinds, t.parts)
}
