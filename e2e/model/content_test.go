package model

import (
	"maps"
	"slices"
	"strconv"
)

// A collection is one, or a section: one within another.
type collection struct{ id, parent, name string }

// An article as the rules have it.
type article struct{ id, parent, title, state string }

func (m *machine) contentActions() map[string]func() {
	return map[string]func(){
		"create a collection": m.createCollection,
		"create a section":    m.createSection,
		"delete a collection": m.deleteCollection,
		"create an article":   m.createArticle,
		"update an article":   m.updateArticle,
		"delete an article":   m.deleteArticle,
		"create a news item":  m.createNews,
		"delete a news item":  m.deleteNews,
	}
}

func (m *machine) collection(id string) *collection {
	for _, c := range m.collections {
		if c.id == id {
			return c
		}
	}
	return nil
}

// shelf draws the id of a collection or section, mostly, and which that is.
func (m *machine) shelf() (string, *collection) {
	if len(m.collections) == 0 || m.chance("no collection", 8) {
		return m.absent("no collection", "collection", func(id string) bool { return m.collection(id) != nil }), nil
	}
	c := m.collections[m.among("collection", len(m.collections))]
	return c.id, c
}

func (m *machine) createCollection() {
	name := pick(m, "name", "Guides", "Guides", " ")
	why := done
	if name == " " {
		why = invalid("Name cannot be blank")
	}
	got := m.ask("POST", "/help_center/collections", object{"name": name}, why)
	if why == done {
		m.shows("the collection", got, object{"type": "collection", "name": name})
		m.collections = append(m.collections, &collection{id: got["id"].(string), name: name})
	}
}

// levels is how deep a collection is, from 1.
func (m *machine) levels(c *collection) int {
	n := 1
	for ; c.parent != ""; c = m.collection(c.parent) {
		n++
	}
	return n
}

func (m *machine) createSection() {
	parent, in := m.shelf()
	why := done
	switch {
	case in == nil:
		why = invalid("parent_id is not the id of a collection or a section")
	case m.levels(in) == 3:
		why = invalid("Collections and sections can have 3 levels at most")
	}
	got := m.ask("POST", "/help_center/sections", object{"name": "Cables", "parent_id": parent}, why)
	if why == done {
		m.shows("the section", got, object{"type": "section", "name": "Cables", "parent_id": parent})
		m.collections = append(m.collections, &collection{id: got["id"].(string), parent: parent, name: "Cables"})
	}
}

// deleteCollection takes along what is within it, but for articles, which stand alone from then on.
func (m *machine) deleteCollection() {
	id, c := m.shelf()
	sort := "collection"
	if c != nil && c.parent != "" {
		sort = "section"
	}
	if c == nil || m.chance("by the other path", 8) {
		if sort == "section" {
			sort = "collection"
		} else if c != nil {
			sort = "section"
		}
		m.ask("DELETE", "/help_center/"+sort+"s/"+id, nil, resourceNotFound)
		return
	}
	m.shows("the deleted "+sort, m.ask("DELETE", "/help_center/"+sort+"s/"+id, nil, done), object{"id": id, "object": sort, "deleted": true})
	dead := map[string]bool{id: true}
	for range m.collections { // as deep as they can be
		for _, one := range m.collections {
			if dead[one.parent] {
				dead[one.id] = true
			}
		}
	}
	for id := range dead {
		m.gone["collection "+id] = true
	}
	m.collections = slices.DeleteFunc(m.collections, func(one *collection) bool { return dead[one.id] })
	for _, a := range m.articles {
		if dead[a.parent] {
			a.parent = ""
		}
	}
}

func (m *machine) createArticle() {
	a := &article{title: pick(m, "title", "How", "Why"), state: pick(m, "state", "draft", "published")}
	ask := object{"title": a.title, "author_id": m.admins[0], "body": "<p>So</p>", "state": a.state}
	why := done
	if m.chance("is in a collection", 2) {
		parent, in := m.shelf()
		if a.parent = parent; in == nil {
			why = invalid("parent_id is not the id of a collection or a section")
		}
		ask["parent_id"] = parent
	}
	if m.chance("has no such author", 8) {
		ask["author_id"] = "99"
		if why == done {
			why = invalid("author_id is not the id of an admin of the workspace")
		}
	}
	got := m.ask("POST", "/articles", ask, why)
	if why == done {
		a.id = got["id"].(string)
		m.articles = append(m.articles, a)
		m.showsArticle(got, a)
	}
}

func (m *machine) text() (string, *article) {
	alive := func(id string) bool {
		return slices.ContainsFunc(m.articles, func(a *article) bool { return a.id == id })
	}
	if len(m.articles) == 0 || m.chance("no article", 8) {
		return m.absent("no article", "article", alive), nil
	}
	a := m.articles[m.among("article", len(m.articles))]
	return a.id, a
}

func (m *machine) updateArticle() {
	id, a := m.text()
	if a == nil {
		m.ask("PUT", "/articles/"+id, object{"title": "Why"}, resourceNotFound)
		return
	}
	next := *a
	ask := object{}
	why := done
	if m.chance("has a title", 2) {
		next.title = pick(m, "title", "How", "Why", "Who")
		ask["title"] = next.title
	}
	if m.chance("has a state", 2) {
		next.state = pick(m, "state", "draft", "published", "lost")
		ask["state"] = next.state
		if next.state == "lost" {
			why = invalid("State must be either draft or published")
		}
	}
	if m.chance("has a parent", 2) {
		parent, in := m.shelf()
		if m.chance("none", 3) {
			parent, in = "0", &collection{}
		}
		ask["parent_id"] = parent
		if next.parent = parent; parent == "0" {
			next.parent = ""
		}
		if in == nil && why == done {
			why = invalid("parent_id is not the id of a collection or a section")
		}
	}
	got := m.ask("PUT", "/articles/"+id, ask, why)
	if why == done {
		*a = next
		m.showsArticle(got, a)
	}
}

func (m *machine) deleteArticle() {
	id, a := m.text()
	if a == nil {
		m.ask("DELETE", "/articles/"+id, nil, resourceNotFound)
		return
	}
	m.shows("the deleted article", m.ask("DELETE", "/articles/"+id, nil, done), object{"id": id, "object": "article", "deleted": true})
	m.gone["article "+id] = true
	m.articles = slices.DeleteFunc(m.articles, func(one *article) bool { return one == a })
}

func (m *machine) showsArticle(got object, a *article) {
	kind, parent := any(nil), any(nil)
	if a.parent != "" {
		kind = "collection"
		parent, _ = strconv.Atoi(a.parent)
		if m.collection(a.parent).parent != "" {
			kind = "section"
		}
	}
	m.shows("article "+a.id, got, object{"type": "article", "title": a.title, "state": a.state, "parent_id": parent, "parent_type": kind})
}

func (m *machine) createNews() {
	title, sender, state := pick(m, "title", "New", " "), pick(m, "sender", m.admins[1], m.admins[1], "99"), pick(m, "state", "draft", "live")
	why := done
	if title == " " {
		why = invalid("Title cannot be blank")
	} else if sender == "99" {
		why = invalid("The sender specified is not a member of the workspace")
	}
	got := m.ask("POST", "/news/news_items", object{"title": title, "sender_id": sender, "state": state, "body": "<p>It is</p>"}, why)
	if why == done {
		shown := object{"type": "news-item", "title": title, "state": state, "created_at": m.now}
		m.shows("the news item", got, shown)
		m.news[got["id"].(string)] = shown
	}
}

func (m *machine) deleteNews() {
	id := pick(m, "item", append(slices.Sorted(maps.Keys(m.news)), "404")...)
	if m.news[id] == nil {
		m.ask("DELETE", "/news/news_items/"+id, nil, resourceNotFound)
		return
	}
	m.shows("the deleted news item", m.ask("DELETE", "/news/news_items/"+id, nil, done), object{"id": id, "object": "news-item", "deleted": true})
	delete(m.news, id)
}
