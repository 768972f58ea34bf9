package model

import (
	"maps"
	"slices"
	"strings"
)

// A tag as the rules have it.
type tag struct{ id, name string }

func (m *machine) tagActions() map[string]func() {
	return map[string]func(){
		"create a tag":          m.createTag,
		"rename a tag":          m.renameTag,
		"delete a tag":          m.deleteTag,
		"tag companies":         m.tagCompanies,
		"tag contacts":          m.tagContacts,
		"attach a tag":          m.attachTag,
		"detach a tag":          m.detachTag,
		"write a note":          m.writeNote,
		"choose a subscription": m.subscribe,
		"forget a subscription": m.unsubscribe,
		"set an admin away":     m.setAway,
	}
}

var tagNames = []string{"VIP", "vip", "Beta", "beta", "Ünter", "ünter", "  Beta "}

func (m *machine) named(name string) *tag {
	for _, t := range m.tags {
		if strings.EqualFold(t.name, strings.TrimSpace(name)) {
			return t
		}
	}
	return nil
}

func (m *machine) tag(id string) *tag {
	for _, t := range m.tags {
		if t.id == id {
			return t
		}
	}
	return nil
}

// label draws the id of a tag, mostly, and which that is.
func (m *machine) label() (string, *tag) {
	if len(m.tags) == 0 || m.chance("no tag", 8) {
		return m.absent("no tag", "tag", func(id string) bool { return m.tag(id) != nil }), nil
	}
	t := m.tags[m.among("tag", len(m.tags))]
	return t.id, t
}

// ensure is the tag of that name, which is made if need be: an answer shows its id.
func (m *machine) ensure(name string, got object) *tag {
	t := m.named(name)
	if t == nil {
		t = &tag{id: got["id"].(string), name: strings.TrimSpace(name)}
		if m.tag(t.id) != nil || m.gone["tag "+t.id] {
			m.Fatalf("the id %s is given out twice", t.id)
		}
		m.tags = append(m.tags, t)
	}
	m.shows("the tag", got, object{"type": "tag", "id": t.id, "name": t.name})
	return t
}

func (m *machine) createTag() {
	name := pick(m, "name", append(tagNames, "", " ")...)
	why := done
	if strings.TrimSpace(name) == "" {
		why = invalid("invalid tag parameters")
	}
	if got := m.ask("POST", "/tags", object{"name": name}, why); why == done {
		m.ensure(name, got)
	}
}

func (m *machine) renameTag() {
	id, t := m.label()
	name := pick(m, "name", tagNames...)
	why := done
	switch other := m.named(name); {
	case t == nil:
		why = resourceNotFound
	case other != nil && other != t:
		why = invalid("A tag named '" + strings.TrimSpace(name) + "' already exists")
	default:
		t.name = strings.TrimSpace(name)
	}
	if got := m.ask("POST", "/tags", object{"id": id, "name": name}, why); why == done {
		m.shows("the renamed tag", got, object{"id": id, "name": t.name})
	}
}

// deleteTag takes the tag off everything, unless a segment asks for it.
func (m *machine) deleteTag() {
	id, t := m.label()
	switch {
	case t == nil:
		m.ask("DELETE", "/tags/"+id, nil, resourceNotFound)
		return
	case t == m.tags[0]: // the seed's
		m.ask("DELETE", "/tags/"+id, nil, refusal{400, "tag_has_dependent_objects", "Unable to delete Tag with dependent objects. Segments: Important."})
		return
	}
	m.ask("DELETE", "/tags/"+id, nil, done)
	m.gone["tag "+id] = true
	m.tags = slices.DeleteFunc(m.tags, func(one *tag) bool { return one == t })
	for _, c := range m.contacts {
		delete(c.tags, id)
	}
	for _, c := range m.companies {
		delete(c.tags, id)
	}
	for _, c := range m.conversations {
		delete(c.tags, id)
	}
}

// tagCompanies puts a tag on some and takes it off others, all or none of them.
func (m *machine) tagCompanies() {
	name := pick(m, "name", tagNames...)
	targets, why := []object{}, done
	untag := map[*company]bool{}
	for range pick(m, "companies", 1, 2, 3) {
		id, c := m.firm()
		target := object{"id": id}
		if c == nil {
			why = companyNotFound
		} else if c.companyID != "" && m.chance("by company_id", 2) {
			target = object{"company_id": c.companyID}
		}
		off := m.chance("untag", 3)
		target["untag"] = off
		untag[c] = off
		targets = append(targets, target)
	}
	got := m.ask("POST", "/tags", object{"name": name, "companies": targets}, why)
	if why != done {
		return
	}
	t := m.ensure(name, got)
	for c, off := range untag {
		if off {
			delete(c.tags, t.id)
		} else {
			c.tags[t.id] = true
		}
	}
}

func (m *machine) tagContacts() {
	name := pick(m, "name", tagNames...)
	targets, why := []object{}, done
	untag := map[*contact]bool{}
	for range pick(m, "contacts", 1, 2, 3) {
		id, c := m.person("contact")
		target := object{"id": id}
		if c == nil {
			why = userNotFound
		} else if c.external != "" && m.chance("by user_id", 2) {
			target = object{"user_id": c.external}
		}
		off := m.chance("untag", 3)
		target["untag"] = off
		untag[c] = off
		targets = append(targets, target)
	}
	got := m.ask("POST", "/tags", object{"name": name, "users": targets}, why)
	if why != done {
		return
	}
	t := m.ensure(name, got)
	for c, off := range untag {
		if off {
			delete(c.tags, t.id)
		} else {
			keep(c.tags, t.id, m.now)
		}
	}
}

func (m *machine) attachTag() {
	contact, c := m.person("contact")
	id, t := m.label()
	why := done
	switch {
	case c == nil:
		why = userNotFound
	case t == nil:
		why = resourceNotFound
	default:
		keep(c.tags, id, m.now)
	}
	got := m.ask("POST", "/contacts/"+contact+"/tags", object{"id": id}, why)
	if why == done {
		m.shows("the applied tag", got, object{"id": id, "name": t.name, "applied_at": c.tags[id]})
	}
}

func (m *machine) detachTag() {
	contact, c := m.person("contact")
	id, t := m.label()
	why := done
	if c == nil {
		why = userNotFound
	} else if _, on := c.tags[id]; !on {
		why = resourceNotFound
	}
	got := m.ask("DELETE", "/contacts/"+contact+"/tags/"+id, nil, why)
	if why == done {
		m.shows("the removed tag", got, object{"id": id, "name": t.name, "applied_at": c.tags[id]})
		delete(c.tags, id)
	}
}

func (m *machine) writeNote() {
	contact, c := m.person("contact")
	admin := pick(m, "admin", m.admins[0], m.admins[1], "99")
	body := pick(m, "body", "Tall", "<b>Very</b> tall", " ", "<script></script>")
	why := done
	switch {
	case body == " " || body == "<script></script>":
		why = required("Body is required")
	case c == nil:
		why = userNotFound
	case admin == "99":
		why = resourceNotFound
	}
	got := m.ask("POST", "/contacts/"+contact+"/notes", object{"body": body, "admin_id": admin}, why)
	if why != done {
		return
	}
	id := got["id"].(string)
	m.shows("the note", got, object{"type": "note", "created_at": m.now, "body": "<p>" + body + "</p>", "contact": object{"type": "contact", "id": contact}})
	if m.notes[id] != nil {
		m.Fatalf("the id %s is given out twice", id)
	}
	m.notes[id] = c
	c.notes = append(c.notes, id)
}

// subscribe records a choice, out of what is opt-out or in to what is opt-in.
func (m *machine) subscribe() {
	contact, c := m.person("contact")
	kind := pick(m, "type", append(slices.Sorted(maps.Keys(m.subscriptions)), "404")...)
	consent := pick(m, "consent", "opt_out", "opt_in", "maybe")
	why := done
	switch {
	case consent == "maybe":
		why = invalid("consent_type must be either opt_out or opt_in")
	case c == nil:
		why = userNotFound
	case kind == "404":
		why = resourceNotFound
	case m.subscriptions[kind] != consent:
		why = invalid("The consent_type of this subscription type is " + m.subscriptions[kind])
	default:
		c.consents[kind] = true
	}
	got := m.ask("POST", "/contacts/"+contact+"/subscriptions", object{"id": kind, "consent_type": consent}, why)
	if why == done {
		m.shows("the subscription", got, object{"type": "subscription", "id": kind, "consent_type": consent})
		m.same("choices of contact "+contact, ids(m.get("/contacts/"+contact+"/subscriptions"), "data"), slices.Collect(maps.Keys(c.consents)))
	}
}

func (m *machine) unsubscribe() {
	contact, c := m.person("contact")
	kind := pick(m, "type", append(slices.Sorted(maps.Keys(m.subscriptions)), "404")...)
	why := done
	switch {
	case c == nil:
		why = userNotFound
	case kind == "404":
		why = resourceNotFound
	default:
		delete(c.consents, kind)
	}
	m.ask("DELETE", "/contacts/"+contact+"/subscriptions/"+kind, nil, why)
}

// setAway tells Ben's conversations apart from Ann's: who writes to one who hands over while
// away takes the conversation off them.
func (m *machine) setAway() {
	id := pick(m, "admin", m.admins[0], m.admins[1], "99")
	away, reassign := pick(m, "away", true, false), pick(m, "reassign", true, false)
	why := done
	if id == "99" {
		why = noSuchAdmin
	}
	got := m.ask("PUT", "/admins/"+id+"/away", object{"away_mode_enabled": away, "away_mode_reassign": reassign}, why)
	if why == done {
		m.away[id] = away && reassign
		m.shows("the admin", got, object{"id": id, "away_mode_enabled": away})
	}
}
