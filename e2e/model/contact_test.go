package model

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// A contact is a user, a lead or a visitor as the rules have it.
type contact struct {
	id, role, external, email, name string
	owner                           int64
	unsubscribed, archived          bool
	created, signedUp               int64
	replied, contacted              int64 // when it last wrote, and was last written to
	attributes                      object
	tags                            map[string]int64 // since when
	notes                           []string
	companies                       map[string]int64 // since when
	consents                        map[string]bool  // by subscription type
	events                          map[string]map[int64]bool
	counts                          map[string]*count
}

// A count is how often a contact did something.
type count struct{ n, first, last int64 }

func (m *machine) contactActions() map[string]func() {
	return map[string]func(){
		"create a contact":    m.createContact,
		"create a lead":       func() { m.create(object{"role": "lead", "name": "Lea"}) },
		"update a contact":    m.updateContact,
		"archive a contact":   m.archive,
		"unarchive a contact": m.unarchive,
		"delete a contact":    m.deleteContact,
		"merge contacts":      m.merge,
		"read a contact":      m.readContact,
	}
}

// drawPatch draws a body of a contact, mostly one that can be.
func (m *machine) drawPatch() object {
	p := object{}
	some := func(name string, values ...any) {
		if m.chance("has "+name, 2) {
			p[name] = pick(m, name, values...)
		}
	}
	some("role", "user", "lead", "user", "lead", "visitor", nil)
	some("external_id", "1", "2", "ä", "v-1", nil, "")
	some("email", "a@x.test", "A@X.test", "b@x.test", "vera@x.test", " b@x.test ", "no address", nil)
	some("name", "Ann", "Ännchen", "", nil, strings.Repeat("n", 256))
	some("owner_id", 1, "2", 99, 0, nil)
	some("unsubscribed_from_emails", true, false)
	if m.chance("has attributes", 3) {
		a := object{}
		for _, name := range []string{"plan", "seats", "size", "tier"} {
			if m.chance("has "+name, 3) {
				a[name] = pick(m, name, any("pro"), "4", 3, nil, "free")
			}
		}
		p["custom_attributes"] = a
	}
	return p
}

// applied is a contact with a patch, or why it cannot be.
func (m *machine) applied(c contact, p object, isNew bool) (*contact, refusal) {
	owner, ownerGiven := p["owner_id"]
	n := map[any]int64{1: 1, "2": 2, 99: 99, 0: 0, nil: 0}[owner]
	if ownerGiven && n != 0 && !slices.Contains(m.admins, text(n)) {
		return nil, invalid("The owner specified is not a member of the workspace")
	}
	attributes, why := m.conform("contact", p["custom_attributes"])
	if why != done {
		return nil, why
	}
	role, _ := p["role"].(string)
	switch {
	case !isNew && c.role == "user" && role == "lead":
		return nil, refusal{400, "client_error", "Contact with user role can't be converted to a lead"}
	case role == "visitor":
		return nil, invalid("Role must be either user or lead")
	}
	c.role = cmp.Or(role, c.role)
	if email, ok := p["email"].(string); ok && strings.TrimSpace(email) != "" && !strings.Contains(email, "@") {
		return nil, invalid("Email is invalid")
	}
	if name, ok := p["name"].(string); ok && len(name) > 255 {
		return nil, invalid("Name is too long (maximum is 255 characters)")
	}
	for name, field := range map[string]*string{"external_id": &c.external, "email": &c.email, "name": &c.name} {
		if v, given := p[name]; given {
			*field, _ = v.(string)
		}
	}
	c.email = strings.ToLower(strings.TrimSpace(c.email))
	if ownerGiven {
		c.owner = n
	}
	if v, given := p["unsubscribed_from_emails"]; given {
		c.unsubscribed = v.(bool)
	}
	c.attributes = merge(c.attributes, attributes)
	if c.role == "user" && c.external == "" && c.email == "" {
		return nil, required("A user needs an external_id or an email")
	}
	return &c, done
}

// conflict is why a contact cannot be beside the others.
func (m *machine) conflict(c *contact) refusal {
	var rivals []*contact
	for _, other := range m.contacts {
		byEmail := c.role == "user" && other.role == "user" && c.email != "" && c.email == other.email &&
			(c.external == "" || other.external == "")
		if other.id != c.id && (c.external != "" && c.external == other.external || byEmail) {
			rivals = append(rivals, other)
		}
	}
	if len(rivals) == 0 {
		return done
	}
	first := slices.MinFunc(rivals, func(a, b *contact) int {
		if a.archived != b.archived {
			return map[bool]int{false: -1, true: 1}[a.archived]
		}
		return cmp.Or(cmp.Compare(a.created, b.created), strings.Compare(a.id, b.id))
	})
	words := "A contact"
	if first.archived {
		words = "An archived contact"
	}
	return refusal{409, "conflict", words + " matching those details already exists with id=" + first.id}
}

func (m *machine) createContact() { m.create(m.drawPatch()) }

func (m *machine) create(p object) {
	c, why := m.applied(contact{role: "user", attributes: object{}, created: m.now}, p, true)
	if why == done {
		why = m.conflict(c)
	}
	got := m.ask("POST", "/contacts", p, why)
	if why == done {
		m.add(c, got["id"].(string), got["external_id"])
		m.shows("the new contact", got, c.shown())
	}
}

// add keeps a contact that was made. A lead that was given no external id has one of its own.
func (m *machine) add(c *contact, id string, external any) {
	if m.contact(id) != nil || m.spent[id] != "" {
		m.Fatalf("the id %s is given out twice", id)
	}
	c.id = id
	if c.role == "lead" && c.external == "" {
		if c.external, _ = external.(string); c.external == "" {
			m.Fatalf("the new lead %s has no external id", id)
		}
	}
	c.tags, c.companies, c.consents = map[string]int64{}, map[string]int64{}, map[string]bool{}
	c.events, c.counts = map[string]map[int64]bool{}, map[string]*count{}
	m.contacts = append(m.contacts, c)
}

func (m *machine) updateContact() {
	id, c := m.person("contact")
	p := m.drawPatch()
	if c == nil {
		m.ask("PUT", "/contacts/"+id, p, userNotFound)
		return
	}
	next, why := m.applied(*c, p, false)
	if why == done && (next.role != c.role || next.external != c.external || next.email != c.email) {
		why = m.conflict(next)
	}
	got := m.ask("PUT", "/contacts/"+id, p, why)
	if why == done {
		*c = *next
		m.shows("the changed contact", got, c.shown())
		m.shows("the changed contact", got, object{"updated_at": m.now})
	}
}

func (m *machine) archive() {
	id, c := m.person("contact")
	if c == nil {
		m.ask("POST", "/contacts/"+id+"/archive", nil, contactNotFound)
		return
	}
	m.shows("the archived contact", m.ask("POST", "/contacts/"+id+"/archive", nil, done), object{"id": id, "object": "contact", "archived": true})
	c.archived = true
}

func (m *machine) unarchive() {
	id, c := m.person("contact")
	switch {
	case c != nil:
		m.shows("the contact that is back", m.ask("POST", "/contacts/"+id+"/unarchive", nil, done), object{"id": id, "archived": false})
		c.archived = false
	case m.spent[id] == deleted:
		m.ask("POST", "/contacts/"+id+"/unarchive", nil, refusal{400, "not_restorable", "This contact is marked for permanent deletion and is not restorable"})
	default:
		m.ask("POST", "/contacts/"+id+"/unarchive", nil, contactNotFound)
	}
}

// deleteContact takes along the conversations and tickets that nobody else takes part in.
func (m *machine) deleteContact() {
	id, c := m.person("contact")
	if c == nil {
		m.ask("DELETE", "/contacts/"+id, nil, userNotFound)
		return
	}
	m.shows("the deleted contact", m.ask("DELETE", "/contacts/"+id, nil, done), object{"id": id, "object": "contact", "deleted": true})
	m.drop(c, deleted)
	m.forgetTalks(c)
}

func (m *machine) drop(c *contact, how string) {
	m.spent[c.id] = how
	m.contacts = slices.DeleteFunc(m.contacts, func(one *contact) bool { return one == c })
	for id, of := range m.notes {
		if of == c {
			delete(m.notes, id)
		}
	}
}

func (m *machine) merge() {
	from, lead := m.person("from")
	into, user := m.person("into")
	var why refusal
	switch {
	case lead == nil || user == nil:
		why = contactNotFound
	case lead.role != "lead" || user.role != "user":
		why = refusal{400, "invalid_merge", "Merging can only be performed on a lead into a user"}
	default:
		why = m.absorb(lead, user, false)
	}
	got := m.ask("POST", "/contacts/merge", object{"from": from, "into": into}, why)
	if why == done {
		m.absorb(lead, user, true)
		m.shows("the merged contact", got, user.shown())
	}
}

// absorb gives one contact what another has and it lacks, or says why it cannot.
func (m *machine) absorb(from, into *contact, really bool) refusal {
	next := *into
	if next.email == "" {
		next.email, next.unsubscribed = from.email, next.unsubscribed || from.unsubscribed
	}
	next.name, next.owner, next.signedUp = cmp.Or(next.name, from.name), cmp.Or(next.owner, from.owner), cmp.Or(next.signedUp, from.signedUp)
	next.replied, next.contacted = cmp.Or(next.replied, from.replied), cmp.Or(next.contacted, from.contacted)
	next.attributes = merge(from.attributes, next.attributes)
	others := *m
	others.contacts = slices.DeleteFunc(slices.Clone(m.contacts), func(c *contact) bool { return c == from })
	if why := others.conflict(&next); why != done || !really {
		return why
	}
	for tag, since := range from.tags {
		keep(next.tags, tag, since)
	}
	for company, since := range from.companies {
		keep(next.companies, company, since)
	}
	for kind := range from.consents {
		next.consents[kind] = true
	}
	for _, note := range from.notes {
		next.notes = append(next.notes, note)
		m.notes[note] = into
	}
	for name, more := range from.counts {
		n := more.n
		for second := range from.events[name] {
			if next.events[name][second] {
				n-- // it is one event
			} else {
				next.happened(name, second)
			}
		}
		next.counted(name, n, more.first, more.last)
	}
	m.moveTalks(from, into)
	m.drop(from, merged)
	*into = next
	return done
}

func (c *contact) happened(name string, second int64) {
	if c.events[name] == nil {
		c.events[name] = map[int64]bool{}
	}
	c.events[name][second] = true
}

func (c *contact) counted(name string, n, first, last int64) {
	if had := c.counts[name]; had != nil {
		had.n, had.first, had.last = had.n+n, min(had.first, first), max(had.last, last)
	} else {
		c.counts[name] = &count{n, first, last}
	}
}

func (m *machine) readContact() {
	id, c := m.person("contact")
	if c == nil {
		m.ask("GET", "/contacts/"+id, nil, userNotFound)
		return
	}
	m.holdContact(c)
}

// holdContact reads a contact and checks all that is known of it.
func (m *machine) holdContact(c *contact) {
	got := m.get("/contacts/" + c.id)
	m.shows("contact "+c.id, got, c.shown())
	for name, want := range map[string][]string{
		"tags": slices.Collect(maps.Keys(c.tags)), "notes": c.notes, "companies": slices.Collect(maps.Keys(c.companies)),
		"opted_out_subscription_types": m.consents(c, "opt_out"), "opted_in_subscription_types": m.consents(c, "opt_in"),
	} {
		if at(got, name+".total_count") != float64(len(want)) {
			m.Fatalf("contact %s has %v %s, want %d", c.id, at(got, name+".total_count"), name, len(want))
		}
		if len(want) <= 10 {
			m.same(name+" of contact "+c.id, ids(got, name+".data"), want)
		}
	}
}

func (m *machine) consents(c *contact, consent string) []string {
	var kinds []string
	for kind := range c.consents {
		if m.subscriptions[kind] == consent {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// shown is what every answer shows of a contact.
func (c *contact) shown() object {
	return object{"type": "contact", "id": c.id, "role": c.role, "external_id": null(c.external), "email": null(c.email), "name": null(c.name),
		"owner_id": null(c.owner), "unsubscribed_from_emails": c.unsubscribed, "created_at": c.created, "signed_up_at": null(c.signedUp),
		"last_replied_at": null(c.replied), "last_contacted_at": null(c.contacted), "custom_attributes": c.attributes}
}

// merge is an object with another's members in it; null takes one away.
func merge(into, more object) object {
	all := maps.Clone(into)
	for name, v := range more {
		if v == nil {
			delete(all, name)
		} else {
			all[name] = v
		}
	}
	return all
}

// keep sets what is not there yet.
func keep[K comparable, V any](in map[K]V, key K, value V) {
	if _, there := in[key]; !there {
		in[key] = value
	}
}
