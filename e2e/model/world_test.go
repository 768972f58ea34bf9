package model

import (
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// seed is what every workspace begins with: what the API itself cannot make.
const seed = `
workspace: {name: Acme, timezone: Europe/Berlin}
admins:
  - {email: ann@acme.test, name: Ann}
  - {email: ben@acme.test, name: Ben}
teams:
  - {name: Support, members: [{admin: ann@acme.test}]}
data_attributes:
  - {model: contact, name: plan, data_type: string}
  - {model: contact, name: seats, data_type: integer}
  - {model: company, name: tier, data_type: string}
  - {model: conversation, name: urgency, data_type: string}
tags: [VIP]
subscription_types:
  - {name: News, consent: opt_out, locale: en}
  - {name: Offers, consent: opt_in, locale: en}
visitors:
  - {user_id: v-1}
  - {user_id: v-2, email: vera@x.test}
segments:
  - {name: Important, person_type: user, filter: {field: tag_id, operator: "=", value: {tag: VIP}}}
  - {name: Paying leads, person_type: contact, filter: {field: custom_attributes.plan, operator: "=", value: pro}}
  - {name: Paying companies, person_type: company, filter: {field: monthly_spend, operator: ">", value: 10}}
`

// A world is what the rules say there is in a workspace.
type world struct {
	admins        []string // Ann, whose token it is, and Ben
	team          string
	subscriptions map[string]string // the consent that each type records
	segments      map[string]string // ids by name
	attributes    []*attribute
	away          map[string]bool // admins who hand over while they are away

	contacts  []*contact // in the order in which they were made, visitors too
	spent     map[string]string
	companies []*company
	tags      []*tag
	notes     map[string]*contact // whose they are

	conversations []*conversation
	messages      []*message
	types         []*ticketType
	tickets       []*ticket
	collections   []*collection
	articles      []*article
	news          map[string]object
	gone          map[string]bool // what was deleted, but for contacts: "tag 2"
}

// What there was of a contact that is spent.
const (
	merged  = "merged"
	deleted = "deleted"
)

// nobody are ids that nothing in the workspace has.
var nobody = []string{"6657aae86abd0164c24b0d29", "404", "nonsense", "%27", "-1", "9223372036854775808"}

// begin reads what the seed made.
func (m *machine) begin() {
	m.spent, m.notes, m.gone, m.away = map[string]string{}, map[string]*contact{}, map[string]bool{}, map[string]bool{}
	m.subscriptions, m.segments, m.news = map[string]string{}, map[string]string{}, map[string]object{}
	m.admins = ids(m.get("/admins"), "admins")
	m.team = ids(m.get("/teams"), "teams")[0]
	for _, one := range m.get("/subscription_types")["data"].([]any) {
		m.subscriptions[at(one, "id").(string)] = at(one, "consent_type").(string)
	}
	for _, kind := range []string{"", "?type=company"} {
		for _, one := range m.get("/segments" + kind)["segments"].([]any) {
			m.segments[at(one, "name").(string)] = at(one, "id").(string)
		}
	}
	for _, of := range []string{"contact", "company", "conversation"} {
		for _, one := range m.get("/data_attributes?model=" + of)["data"].([]any) {
			if id, custom := at(one, "id").(float64); custom {
				m.attributes = append(m.attributes, &attribute{id: int64(id), of: of, name: at(one, "name").(string), kind: at(one, "data_type").(string)})
			}
		}
	}
	m.tags = []*tag{{id: ids(m.get("/tags"), "data")[0], name: "VIP"}}
	for _, user := range []string{"v-1", "v-2"} {
		v := m.get("/visitors?user_id=" + user)
		m.contacts = append(m.contacts, &contact{id: v["id"].(string), role: "visitor", external: user, email: v["email"].(string),
			created: m.now, signedUp: m.now, attributes: object{}, tags: map[string]int64{}, companies: map[string]int64{},
			consents: map[string]bool{}, events: map[string]map[int64]bool{}, counts: map[string]*count{}})
	}
	slices.SortFunc(m.contacts, func(a, b *contact) int { return strings.Compare(a.id, b.id) })
}

// actions are what can be done in a sequence, by name. Each has some groups of them only, besides
// those of contacts, and so goes deeper into what these do to each other.
func (m *machine) actions() map[string]func(*rapid.T) {
	groups := map[string]map[string]func(){
		"attributes": m.attributeActions(), "companies": m.companyActions(), "content": m.contentActions(), "conversations": m.conversationActions(),
		"events": m.eventActions(), "messages": m.messageActions(), "tags": m.tagActions(), "tickets": m.ticketActions(), "visitors": m.visitorActions(),
	}
	all := m.contactActions()
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		if m.chance("with "+name, 2) {
			maps.Copy(all, groups[name])
		}
	}
	all["time passes"] = m.passTime
	out := make(map[string]func(*rapid.T), len(all))
	for name, act := range all {
		out[name] = func(t *rapid.T) {
			m.T = t
			act()
		}
	}
	return out
}

// living are the users and leads, archived ones too.
func (m *machine) living() []*contact {
	return slices.DeleteFunc(slices.Clone(m.contacts), func(c *contact) bool { return c.role == "visitor" })
}

func (m *machine) contact(id string) *contact {
	for _, c := range m.contacts {
		if c.id == id {
			return c
		}
	}
	return nil
}

// person draws the id of a user or lead, mostly, and who that is: nil for an id that no user or
// lead has, be it a visitor's, that of one who is gone, or one of another workspace.
func (m *machine) person(label string) (string, *contact) {
	all := m.living()
	if len(all) == 0 || m.chance(label+" is nobody", 8) {
		none := slices.Concat(nobody, slices.Sorted(maps.Keys(m.spent)))
		for _, c := range m.contacts {
			if c.role == "visitor" {
				none = append(none, c.id)
			}
		}
		return pick(m, label, none...), nil
	}
	c := all[m.among(label, len(all))]
	return c.id, c
}

// among draws one of n, the newest more often than the others.
func (m *machine) among(label string, n int) int {
	if n > 1 && m.chance(label+" is new", 2) {
		return n - 1
	}
	return pick(m, label, indexes(n)...)
}

func indexes(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// absent draws an id that no company, conversation or whatever has: of one that is gone, or of
// none.
func (m *machine) absent(label, kind string, alive func(id string) bool) string {
	none := slices.Concat(nobody, m.ended(kind))
	none = slices.DeleteFunc(none, alive)
	return pick(m, label, none...)
}

// ended are the ids of what there was of a kind.
func (m *machine) ended(kind string) (all []string) {
	for _, what := range slices.Sorted(maps.Keys(m.gone)) {
		if id, is := strings.CutPrefix(what, kind+" "); is {
			all = append(all, id)
		}
	}
	return all
}
