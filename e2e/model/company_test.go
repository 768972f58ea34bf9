package model

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A company as the rules have it.
type company struct {
	id, companyID, name, plan string
	spend                     int64
	created, updated          int64
	attributes                object
	tags                      map[string]bool
}

func (m *machine) companyActions() map[string]func() {
	return map[string]func(){
		"save a company":     m.saveCompany,
		"update a company":   m.updateCompany,
		"delete a company":   m.deleteCompany,
		"attach a company":   m.attachCompany,
		"detach a company":   m.detachCompany,
		"companies of a tag": m.listTaggedCompanies,
	}
}

func (m *machine) company(id string) *company {
	for _, c := range m.companies {
		if c.id == id {
			return c
		}
	}
	return nil
}

// firm draws the id of a company, mostly, and which that is.
func (m *machine) firm() (string, *company) {
	if len(m.companies) == 0 || m.chance("no company", 8) {
		return m.absent("no company", "company", func(id string) bool { return m.company(id) != nil }), nil
	}
	c := m.companies[m.among("company", len(m.companies))]
	return c.id, c
}

func (m *machine) drawCompany() object {
	p := object{}
	some := func(name string, values ...any) {
		if m.chance("has "+name, 2) {
			p[name] = pick(m, name, values...)
		}
	}
	some("company_id", "c1", "c2", 3, "")
	some("name", "Acme", "ACME", "Bolt", "", nil)
	some("plan", "Pro", "pro", " Pro ", nil, "")
	some("monthly_spend", 9, 11.75, 0, -1, nil)
	if m.chance("has attributes", 3) {
		p["custom_attributes"] = object{pick(m, "attribute", "tier", "size", "plan"): pick(m, "value", any("gold"), 7, nil)}
	}
	return p
}

// with is a company with a patch, or why it cannot be.
func (c company) with(m *machine, p object, attributes object) (*company, refusal) {
	if name, given := p["name"]; given {
		c.name, _ = name.(string)
	}
	if c.companyID == "" && strings.TrimSpace(c.name) == "" {
		return nil, required("A company needs a company_id or a name")
	}
	if spend, given := p["monthly_spend"]; given {
		if spend == -1 {
			return nil, invalid("Monthly Spend must be between 0 and 2147483647")
		}
		c.spend = map[any]int64{9: 9, 11.75: 11, 0: 0, nil: 0}[spend]
	}
	if plan, given := p["plan"]; given {
		name, _ := plan.(string)
		c.plan = strings.TrimSpace(name)
	}
	c.attributes, c.updated = merge(c.attributes, attributes), m.now
	return &c, done
}

// saveCompany makes the company of that company_id, or changes it. One without is told by its name.
func (m *machine) saveCompany() {
	p := m.drawCompany()
	companyID, _ := p["company_id"].(string)
	if p["company_id"] == 3 {
		companyID = "3"
	}
	name, _ := p["name"].(string)
	if companyID == "" && name == "" {
		m.ask("POST", "/companies", p, required("A company needs a company_id or a name"))
		return
	}
	attributes, why := m.conform("company", p["custom_attributes"])
	i := slices.IndexFunc(m.companies, func(c *company) bool {
		return c.companyID == companyID && (companyID != "" || strings.EqualFold(c.name, name))
	})
	next := &company{companyID: companyID, created: m.now, attributes: object{}, tags: map[string]bool{}}
	if i >= 0 {
		next = m.companies[i]
	}
	if why == done {
		next, why = next.with(m, p, attributes)
	}
	got := m.ask("POST", "/companies", p, why)
	switch {
	case why != done:
		return
	case i >= 0:
		m.companies[i] = next
	default:
		if next.id = got["id"].(string); m.company(next.id) != nil || m.gone["company "+next.id] {
			m.Fatalf("the id %s is given out twice", next.id)
		}
		m.companies = append(m.companies, next)
	}
	m.shows("the saved company", got, m.shownCompany(next))
}

// updateCompany changes all but the company_id.
func (m *machine) updateCompany() {
	id, c := m.firm()
	p := m.drawCompany()
	if c == nil {
		m.ask("PUT", "/companies/"+id, p, companyNotFound)
		return
	}
	attributes, why := m.conform("company", p["custom_attributes"])
	next := c
	if why == done {
		next, why = c.with(m, p, attributes)
	}
	got := m.ask("PUT", "/companies/"+id, p, why)
	if why == done {
		*c = *next
		m.shows("the changed company", got, m.shownCompany(c))
	}
}

func (m *machine) deleteCompany() {
	id, c := m.firm()
	if c == nil {
		m.ask("DELETE", "/companies/"+id, nil, companyNotFound)
		return
	}
	m.shows("the deleted company", m.ask("DELETE", "/companies/"+id, nil, done), object{"id": id, "object": "company", "deleted": true})
	m.gone["company "+id] = true
	m.companies = slices.DeleteFunc(m.companies, func(one *company) bool { return one == c })
	for _, person := range m.contacts {
		delete(person.companies, id)
	}
}

func (m *machine) attachCompany() {
	contact, c := m.person("contact")
	id, firm := m.firm()
	why := done
	switch {
	case c == nil:
		why = userNotFound
	case firm == nil:
		why = companyNotFound
	default:
		keep(c.companies, id, m.now)
	}
	got := m.ask("POST", "/contacts/"+contact+"/companies", object{"id": id}, why)
	if why == done {
		m.shows("the attached company", got, m.shownCompany(firm))
	}
}

func (m *machine) detachCompany() {
	contact, c := m.person("contact")
	id, firm := m.firm()
	why := done
	if c == nil {
		why = userNotFound
	} else if _, attached := c.companies[id]; !attached {
		why = companyNotFound
	}
	if why == done {
		delete(c.companies, id)
	}
	got := m.ask("DELETE", "/contacts/"+contact+"/companies/"+id, nil, why)
	if why == done {
		m.shows("the detached company", got, m.shownCompany(firm))
	}
}

// members are the contacts of a company, archived ones too.
func (m *machine) members(id string) (all []*contact) {
	for _, c := range m.living() {
		if _, is := c.companies[id]; is {
			all = append(all, c)
		}
	}
	return all
}

func (m *machine) shownCompany(c *company) object {
	shown := object{"type": "company", "id": c.id, "monthly_spend": c.spend, "created_at": c.created, "updated_at": c.updated, "remote_created_at": c.created,
		"user_count": len(m.members(c.id)), "custom_attributes": c.attributes}
	for name, v := range map[string]string{"company_id": c.companyID, "name": c.name} {
		shown[name] = null(v)
	}
	return shown
}

// holdCompany reads a company and checks all that is known of it.
func (m *machine) holdCompany(c *company) {
	got := m.get("/companies/" + c.id)
	m.shows("company "+c.id, got, m.shownCompany(c))
	if name, _ := at(got, "plan.name").(string); name != c.plan {
		m.Fatalf("company %s has the plan %q, want %q", c.id, name, c.plan)
	}
	m.same("tags of company "+c.id, ids(got, "tags.tags"), slices.Collect(maps.Keys(c.tags)))
	var want []string
	if c.spend > 10 && len(m.members(c.id)) > 0 { // as in lists, one without contacts is in none
		want = []string{m.segments["Paying companies"]}
	}
	m.same("segments of company "+c.id, ids(got, "segments.segments"), want)
	var people []string
	for _, p := range m.members(c.id) {
		if !p.archived {
			people = append(people, p.id)
		}
	}
	list := m.get("/companies/" + c.id + "/contacts?per_page=60")
	m.same("contacts of company "+c.id, ids(list, "data"), people)
	if list["total_count"] != float64(len(people)) {
		m.Fatalf("company %s counts %v contacts, want %d", c.id, list["total_count"], len(people))
	}
	if c.companyID != "" {
		m.shows("company "+c.companyID, m.get("/companies?company_id="+c.companyID), object{"id": c.id})
	}
}

func (m *machine) listTaggedCompanies() {
	id, t := m.label()
	if t == nil {
		m.ask("GET", "/companies?tag_id="+id, nil, resourceNotFound)
		return
	}
	var want []string
	for _, c := range m.companies {
		if c.tags[id] && len(m.members(c.id)) > 0 {
			want = append(want, c.id)
		}
	}
	got := m.get("/companies?per_page=60&tag_id=" + id)
	m.same("companies with the tag "+id, ids(got, "data"), want)
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
