package model

import "slices"

func (m *machine) visitorActions() map[string]func() {
	return map[string]func(){
		"update a visitor":  m.updateVisitor,
		"convert a visitor": m.convertVisitor,
		"delete a visitor":  m.deleteVisitor,
	}
}

var visitorNotFound = notFound("Visitor Not Found")

// visitor draws one of the ids that visitors began with, or another, and who that is.
func (m *machine) visitor() (string, *contact) {
	user := pick(m, "visitor", "v-1", "v-2", "v-3", "1")
	for _, c := range m.contacts {
		if c.role == "visitor" && c.external == user {
			return user, c
		}
	}
	return user, nil
}

func (m *machine) updateVisitor() {
	user, v := m.visitor()
	name := pick(m, "name", any("Vic"), "", nil)
	attributes, why := m.conform("contact", object{"plan": pick(m, "plan", any("pro"), 5, nil)})
	if v == nil {
		why = visitorNotFound
	}
	got := m.ask("PUT", "/visitors", object{"user_id": user, "name": name, "custom_attributes": attributes}, why)
	if why == done {
		v.name, _ = name.(string)
		v.attributes = merge(v.attributes, attributes)
		m.holdVisitor(got, v)
	}
}

func (m *machine) holdVisitor(got object, v *contact) {
	m.shows("visitor "+v.id, got, object{"type": "visitor", "id": v.id, "user_id": v.external, "email": v.email, "name": null(v.name),
		"owner_id": nil, "created_at": v.created, "custom_attributes": v.attributes})
}

func (m *machine) deleteVisitor() {
	_, v := m.visitor()
	if v == nil {
		id := pick(m, "nobody", nobody...)
		m.ask("DELETE", "/visitors/"+id, nil, visitorNotFound)
		return
	}
	m.shows("the deleted visitor", m.ask("DELETE", "/visitors/"+v.id, nil, done), object{"type": "visitor", "id": v.id, "user_id": v.external})
	m.contacts = slices.DeleteFunc(m.contacts, func(c *contact) bool { return c == v })
	m.forgetTalks(v)
}

// convertVisitor makes a user or a lead of a visitor or, where there is such a one already, merges
// it into that.
func (m *machine) convertVisitor() {
	user, v := m.visitor()
	role := pick(m, "role", "user", "lead")
	ask := object{"type": role, "visitor": object{"user_id": user}}
	email, external := "", ""
	if role == "user" || m.chance("as somebody", 2) {
		as := object{}
		if m.chance("by email", 2) {
			email = pick(m, "email", "a@x.test", "b@x.test", "vera@x.test")
			as["email"] = email
		} else {
			external = pick(m, "external", "1", "2", "new")
			as["user_id"] = external
		}
		ask["user"] = as
	}
	var found []*contact
	for _, c := range m.living() {
		if c.role == role && !c.archived && (external != "" && c.external == external || email != "" && c.email == email) {
			found = append(found, c)
		}
	}
	var why refusal
	var next *contact
	switch {
	case v == nil:
		why = visitorNotFound
	case len(found) > 1:
		why = refusal{409, "conflict", "Multiple existing users match this email address - must be more specific using user_id"}
	case len(found) == 1:
		why = m.absorb(v, found[0], false)
	default:
		turned := *v
		next = &turned
		next.role = role
		if role == "user" || external != "" {
			next.external = external
		}
		if email != "" {
			next.email = email
		}
		why = m.conflict(next)
	}
	got := m.ask("POST", "/visitors/convert", ask, why)
	switch {
	case why != done:
		return
	case next != nil:
		*v = *next
	default:
		m.absorb(v, found[0], true)
		v = found[0]
	}
	m.shows("who the visitor is", got, v.shown())
}
