package model

import (
	"maps"
	"slices"
)

// settle checks, when all is done, that everything is as the model says: each thing by itself,
// every list, searches and counts.
func (m *machine) settle() {
	m.settleContacts()
	m.settleCompanies()
	m.settleInbox()
	m.settleContent()
	m.settleCounts()
}

func (m *machine) settleContacts() {
	var listed, users, leads, important, paying []string
	tagged := map[string][]string{}
	for _, c := range m.contacts {
		if c.role == "visitor" {
			m.ask("GET", "/contacts/"+c.id, nil, userNotFound)
			m.holdVisitor(m.get("/visitors/"+c.id), c)
			continue
		}
		m.holdContact(c)
		m.holdEvents(c)
		m.same("notes of contact "+c.id, ids(m.get("/contacts/"+c.id+"/notes?per_page=60"), "data"), c.notes)
		m.same("tags of contact "+c.id, ids(m.get("/contacts/"+c.id+"/tags"), "data"), slices.Collect(maps.Keys(c.tags)))
		m.same("companies of contact "+c.id, ids(m.get("/contacts/"+c.id+"/companies?per_page=60"), "data"), slices.Collect(maps.Keys(c.companies)))
		m.ask("GET", "/visitors/"+c.id, nil, visitorNotFound)
		if c.archived {
			continue
		}
		listed = append(listed, c.id)
		for id := range c.tags {
			tagged[id] = append(tagged[id], c.id)
		}
		var in []string
		if c.role == "user" {
			if users = append(users, c.id); tagsOf(c, m.tags[0].id) {
				important = append(important, c.id)
				in = append(in, m.segments["Important"])
			}
		} else if leads = append(leads, c.id); c.attributes["plan"] == "pro" {
			paying = append(paying, c.id)
			in = append(in, m.segments["Paying leads"])
		}
		m.same("segments of contact "+c.id, ids(m.get("/contacts/"+c.id+"/segments"), "data"), in)
	}
	m.pages("/contacts?per_page=7", "data", listed)
	m.finds("/contacts/search", "data", object{"field": "role", "operator": "=", "value": "user"}, users)
	m.finds("/contacts/search", "data", object{"field": "role", "operator": "=", "value": "lead"}, leads)
	m.finds("/contacts/search", "data", object{"field": "segment_id", "operator": "=", "value": m.segments["Important"]}, important)
	m.finds("/contacts/search", "data", object{"field": "segment_id", "operator": "=", "value": m.segments["Paying leads"]}, paying)
	for _, t := range m.tags {
		m.finds("/contacts/search", "data", object{"field": "tag_id", "operator": "=", "value": t.id}, tagged[t.id])
	}
	for _, id := range slices.Sorted(maps.Keys(m.spent)) {
		m.ask("GET", "/contacts/"+id, nil, userNotFound)
		m.ask("GET", "/visitors/"+id, nil, visitorNotFound)
	}
	for _, id := range slices.Sorted(maps.Keys(m.notes)) {
		m.shows("note "+id, m.get("/notes/"+id), object{"contact": object{"type": "contact", "id": m.notes[id].id}})
	}
}

func tagsOf(c *contact, tag string) bool {
	_, on := c.tags[tag]
	return on
}

func (m *machine) settleCompanies() {
	var listed, all []string
	for _, c := range m.companies {
		m.holdCompany(c)
		all = append(all, c.id)
		if len(m.members(c.id)) > 0 {
			listed = append(listed, c.id)
		}
	}
	got := m.ask("POST", "/companies/list?per_page=60", nil, done)
	m.same("companies that are listed", ids(got, "data"), listed)
	scroll := m.get("/companies/scroll")
	m.same("companies of a scroll", ids(scroll, "data"), all)
	m.same("tags", ids(m.get("/tags"), "data"), each(m.tags, func(t *tag) string { return t.id }))
	for _, of := range []string{"contact", "company", "conversation"} {
		var live []string
		for _, a := range m.attributes {
			if a.of == of && !a.archived {
				live = append(live, a.name)
			}
		}
		var custom []string
		for _, one := range m.get("/data_attributes?model=" + of)["data"].([]any) {
			if at(one, "custom") == true {
				custom = append(custom, at(one, "name").(string))
			}
		}
		m.same("attributes of a "+of, custom, live)
	}
}

func (m *machine) settleInbox() {
	byState, tagged, of := map[string][]string{}, map[string][]string{}, map[string][]string{}
	for _, c := range m.conversations {
		m.showsConversation(m.get("/conversations/"+c.id), c)
		byState[c.state] = append(byState[c.state], c.id)
		for id := range c.tags {
			tagged[id] = append(tagged[id], c.id)
		}
		for _, id := range c.people {
			of[id] = append(of[id], c.id)
		}
		m.ask("GET", "/tickets/"+c.id, nil, resourceNotFound)
	}
	m.pages("/conversations?per_page=5", "conversations", each(m.conversations, func(c *conversation) string { return c.id }))
	for _, state := range []string{"open", "closed", "snoozed"} {
		m.finds("/conversations/search", "conversations", object{"field": "state", "operator": "=", "value": state}, byState[state])
	}
	for _, t := range m.tags {
		m.finds("/conversations/search", "conversations", object{"field": "tag_ids", "operator": "=", "value": t.id}, tagged[t.id])
	}
	for _, c := range m.living() {
		m.finds("/conversations/search", "conversations", object{"field": "contact_ids", "operator": "=", "value": c.id}, of[c.id])
	}
	for _, t := range m.tickets {
		m.showsTicket(m.get("/tickets/"+t.id), t)
		m.ask("GET", "/conversations/"+t.id, nil, resourceNotFound)
	}
	m.same("ticket types", ids(m.get("/ticket_types"), "data"), each(m.types, func(t *ticketType) string { return t.id }))
	for _, id := range m.ended("conversation") {
		m.ask("GET", "/conversations/"+id, nil, resourceNotFound)
		m.ask("GET", "/tickets/"+id, nil, resourceNotFound)
	}
}

func (m *machine) settleContent() {
	var collections, sections []string
	for _, c := range m.collections {
		if c.parent == "" {
			collections = append(collections, c.id)
		} else {
			sections = append(sections, c.id)
		}
	}
	m.same("collections", ids(m.get("/help_center/collections?per_page=250"), "data"), collections)
	m.same("sections", ids(m.get("/help_center/sections?per_page=250"), "data"), sections)
	for _, a := range m.articles {
		m.showsArticle(m.get("/articles/"+a.id), a)
	}
	m.same("articles", ids(m.get("/articles?per_page=250"), "data"), each(m.articles, func(a *article) string { return a.id }))
	m.same("news", ids(m.get("/news/news_items?per_page=150"), "data"), slices.Collect(maps.Keys(m.news)))
	for id, want := range m.news {
		m.shows("news item "+id, m.get("/news/news_items/"+id), want)
	}
}

// settleCounts checks /counts.
func (m *machine) settleCounts() {
	var users, leads, assigned, open, closed int
	byTag, bySegment := map[string]int{}, map[string]int{}
	for _, c := range m.living() {
		if c.archived {
			continue
		}
		for id := range c.tags {
			byTag[m.tag(id).name]++
		}
		if c.role == "user" {
			if users++; tagsOf(c, m.tags[0].id) {
				bySegment["Important"]++
			}
		} else if leads++; c.attributes["plan"] == "pro" {
			bySegment["Paying leads"]++
		}
	}
	for _, c := range m.conversations {
		switch {
		case c.state == "closed":
			closed++
		default:
			open++
		}
		if c.state != "closed" && c.admin != "" {
			assigned++
		}
	}
	n := func(n int) object { return object{"count": n} }
	m.shows("the counts", m.get("/counts"), object{"user": n(users), "lead": n(leads), "company": n(len(m.companies)), "tag": n(len(m.tags)), "segment": n(3)})
	got := m.get("/counts?type=conversation")["conversation"].(object)
	m.shows("the counts of conversations", got, object{"open": open, "closed": closed, "assigned": assigned, "unassigned": open - assigned})
	for what, want := range map[string]map[string]int{"tag": byTag, "segment": bySegment} {
		list := at(m.get("/counts?type=user&count="+what), "user."+what).([]any)
		for _, one := range list {
			for name, n := range one.(object) {
				if n != float64(want[name]) {
					m.Fatalf("the %s %s counts %v contacts, want %d", what, name, n, want[name])
				}
			}
		}
	}
}

// pages reads a list to its end, page by page: each of these once, and their number on every page.
func (m *machine) pages(path, key string, want []string) {
	m.Helper()
	var got []string
	for cursor := ""; ; {
		page := m.get(path + cursor)
		got = append(got, ids(page, key)...)
		if page["total_count"] != float64(len(want)) {
			m.Fatalf("%s counts %v, want %d", path, page["total_count"], len(want))
		}
		next, more := at(page, "pages.next.starting_after").(string)
		if !more {
			break
		}
		cursor = "&starting_after=" + next
	}
	m.same(path, got, want)
}

// finds checks what a search finds.
func (m *machine) finds(path, key string, query object, want []string) {
	m.Helper()
	got := m.ask("POST", path, object{"query": query, "pagination": object{"per_page": 150}}, done)
	m.same(text(query), ids(got, key), want)
}

func each[From, To any](list []From, fn func(From) To) []To {
	out := make([]To, len(list))
	for i, v := range list {
		out[i] = fn(v)
	}
	return out
}
