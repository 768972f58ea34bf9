package fill

import (
	"encoding/json"
	"fmt"
	"strings"

	"parley/internal/bench"
	"parley/internal/model"
)

// partOfName is what the search for a part of a name looks for: two syllables that are in a few of a hundred surnames.
const partOfName = "nesfin"

// partOfEmail is what an address contains in the search by two filters: about one in three hundred does.
const partOfEmail = "7@m"

// counts are what searches find, counted as the contacts are made, without asking the database.
type counts struct {
	searches      []counted
	users         []bench.Person
	conversations int
}

// A counted is a search and whom it finds.
type counted struct {
	bench.Search
	finds func(*person) bool
}

func newCounts(frequent, rare model.TagID, segment model.SegmentID) *counts {
	c := new(counts)
	isUser := func(p *person) bool { return p.Role == model.RoleUser }
	hasTag := func(name string) func(*person) bool {
		return func(p *person) bool {
			for _, t := range p.tags {
				if t == name {
					return true
				}
			}
			return false
		}
	}
	c.search("search by role and attribute", "", both(filter("role", "=", "user"), filter("custom_attributes.plan", "=", planPro)),
		func(p *person) bool { return isUser(p) && p.Attributes["plan"] == planPro })
	c.search("search by role and part of e-mail", "", both(filter("role", "=", "user"), filter("email", "~", partOfEmail)),
		func(p *person) bool { return isUser(p) && strings.Contains(p.Email, partOfEmail) })
	c.search("search by rare attribute", "", filter("custom_attributes."+rareName, "=", rareValue),
		func(p *person) bool { return p.Attributes[rareName] == rareValue })
	c.search("search by part of name", "", filter("name", "~", partOfName),
		func(p *person) bool { return strings.Contains(strings.ToLower(p.Name), partOfName) })
	c.search("search by frequent tag", "", filter("tag_id", "=", fmt.Sprint(frequent)), hasTag(tagFrequent))
	c.search("search by rare tag", "", filter("tag_id", "=", fmt.Sprint(rare)), hasTag(tagRare))
	c.search("search by segment", "", filter("segment_id", "=", string(segment)),
		func(p *person) bool { return isUser(p) && p.Attributes["plan"] == planEnterprise })
	for _, field := range []string{"created_at", "updated_at", "signed_up_at", "last_seen_at", "last_replied_at", "last_contacted_at"} {
		c.search("sorted by "+field, field, filter("role", "=", "user"), isUser)
	}
	return c
}

func (c *counts) search(operation, sort string, query json.RawMessage, finds func(*person) bool) {
	c.searches = append(c.searches, counted{bench.Search{Operation: operation, Query: query, Sort: sort}, finds})
}

func filter(field, operator, value string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"field":%q,"operator":%q,"value":%q}`, field, operator, value))
}

func both(a, b json.RawMessage) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"operator":"AND","value":[%s,%s]}`, a, b))
}

func (c *counts) add(p *person) {
	for i := range c.searches {
		if c.searches[i].finds(p) {
			c.searches[i].Total++
		}
	}
	if p.Role == model.RoleUser {
		c.users = append(c.users, bench.Person{ID: string(p.ID), Email: p.Email})
	}
	if p.story != nil {
		c.conversations++
	}
}

// someUsers is how many users a driver asks for.
const someUsers = 2_000

func (c *counts) facts(o Options, token string) *bench.Facts {
	f := &bench.Facts{Format: bench.FactsFormat, Contacts: o.Contacts, Seed: o.Seed, Token: token, Admin: "1", Conversations: c.conversations}
	step := max(1, len(c.users)/someUsers)
	for i := 0; i < len(c.users) && len(f.People) < someUsers; i += step {
		f.People = append(f.People, c.users[i])
	}
	for _, s := range c.searches {
		f.Searches = append(f.Searches, s.Search)
	}
	return f
}
