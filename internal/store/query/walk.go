package query

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"parley/internal/db"
	"parley/internal/model"
)

// This file is how contacts are read where the database has no table of their values, on PostgreSQL: what is known of a filter before it is asked
// decides between the indexes, so that most statements need not be planned for their values.

// identifying are fields of which hardly two contacts have the same value.
var identifying = []string{"id", "email", "phone", "external_id"}

// walked are the orders of lists that an index of contacts has.
var walked = []string{"created_at", "updated_at", "signed_up_at", "last_seen_at", "last_replied_at", "last_contacted_at"}

const (
	// fewest is up to how many contacts are found by an index of what they have, however many there are.
	fewest = 150
	// pageful is how many a page has, and perCome how many contacts are come upon in the time in which one is found and sorted.
	pageful, perCome = 50, 2
)

// identified reports whether a test names the contacts, one or hardly more.
func (p *Plan) identified() bool {
	return slices.ContainsFunc(p.tests, func(t part) bool {
		return slices.Contains(identifying, t.Field) && t.Operator == model.Equal && t.Value != nil
	})
}

// ofParts reports whether a test is for a part of a text that the index of parts has.
func (p *Plan) ofParts() bool {
	return slices.ContainsFunc(p.tests, func(t part) bool { return len(t.parts()) > 0 })
}

// gatherRows writes a statement that reads those who are named, or have a part, up to one more than are gathered.
func (p *Plan) gatherRows(b *Builder) error {
	if !p.identified() {
		b.Text(db.ByValues)
	}
	b.Text("SELECT created_at, id FROM contacts WHERE ")
	if err := p.inRows(b); err != nil {
		return err
	}
	b.Text(" LIMIT ", strconv.Itoa(MostGathered+1))
	return nil
}

// PostgreSQL's index of parts has words, and none of the signs between them, so that it would find a domain by its first letter where it is asked for
// "7@m". These signs are letters there.
const (
	signs        = "@.-_+ "
	signsLetters = "qxzjkv"
)

var withoutSigns = strings.NewReplacer("@", "q", ".", "x", "-", "z", "_", "j", "+", "k", " ", "v")

// part writes, before the test whether a text has a part, that it has that part where signs are letters: by that an index finds it.
func (c *compiler) part(column string, f *model.Filter) {
	if c.env.Dialect.Keeps() || f.Operator != model.Contains && f.Operator != model.EndsWith {
		return
	}
	v, ok := asText(f.Value)
	if !ok || utf8.RuneCountInString(v.(string)) < partSize {
		return
	}
	text := "%" + escape(withoutSigns.Replace(v.(string)))
	if f.Operator == model.Contains {
		text += "%"
	}
	c.Text("translate(", column, ", '", signs, "', '", signsLetters, "') LIKE ", c.Arg(text), " AND ")
}

// withoutValues is Rows where the database has no table of values.
func (p *Plan) withoutValues(s *Source, sort model.Sort, counted, of int) error {
	_, value, kept := p.kept()
	switch {
	case kept && value.value == "":
		return p.walk(s.Where)
	case !kept || !slices.Contains(walked, sort.Field):
		s.Search = true
		return p.inRows(s.Where)
	case counted > fewest && perCome*counted*counted > pageful*of:
		return p.walk(s.Where)
	default:
		s.Few = true
		return p.find(s.Where)
	}
}

// soonMet is the condition that so many have a value that a page full of them is met sooner in the order of the list than they are found.
var soonMet = fmt.Sprintf("found > %d AND %d * found * found > %d * everyone", fewest, perCome, pageful)

// AtOnce writes one statement that tells how many there are, in a row without an id, and has when those of a page were what the list is sorted by, and their
// ids: by the total, PostgreSQL itself sees which way to them is the short one. It reports false where that cannot be. How many have a part
// of a text it does not tell where they are too many to be gathered.
func (p *Plan) AtOnce(b *Builder, sort model.Sort, page model.PageRequest) (bool, error) {
	role, value, kept := p.kept()
	parts := p.ofWords()
	if p.env.Dialect.Keeps() || !kept && !parts || !slices.Contains(walked, sort.Field) {
		return false, nil
	}
	column, err := ContactSort(b, p.env, sort)
	if err != nil || column.Nullable && (page.Offset() > 0 || page.After != nil && page.After.Value == nil) {
		return false, err
	}
	b.FixLimit()
	end := func(by Column) {
		if column.Nullable {
			b.PageOfSome(by, "id", sort, page, page.PerPage+1)
		} else {
			b.Page(by, "id", sort, page, page.PerPage+1)
		}
	}
	b.Text("WITH kept AS MATERIALIZED (SELECT CAST((SELECT ")
	if err := p.total(b, nil, part{}); err != nil {
		return false, err
	}
	b.Text(") AS BIGINT) AS everyone")
	if parts {
		b.Text(")")
		if err := p.foundByParts(b, sort.Field); err != nil {
			return false, err
		}
		b.Text(" SELECT CASE WHEN count(*) <= ", strconv.Itoa(MostGathered), " THEN count(*) END, CAST(NULL AS BIGINT), NULL FROM found UNION ALL (SELECT 0, at, id FROM found WHERE TRUE")
		end(Column{SQL: "at"})
		b.Text(")")
		return true, nil
	}
	b.Text(", CAST((SELECT ")
	if err := p.total(b, role, value); err != nil {
		return false, err
	}
	b.Text(") AS BIGINT) AS found) SELECT found, CAST(NULL AS BIGINT), NULL FROM kept")
	way := func(condition func(*Builder) error, order, when string) error {
		b.Text(" UNION ALL (SELECT 0, ", sort.Field, ", id FROM contacts WHERE ")
		if err := condition(b); err != nil {
			return err
		}
		b.Text(when)
		end(Column{SQL: sort.Field, Order: order})
		b.Text(")")
		return nil
	}
	if value.value == "" {
		return true, way(p.walk, "", "")
	}
	if err := way(p.walk, "", " AND (SELECT "+soonMet+" FROM kept)"); err != nil {
		return false, err
	}
	return true, way(p.find, p.env.Dialect.Unsorted(sort.Field), " AND (SELECT NOT ("+soonMet+") FROM kept)")
}

// ofWords reports whether a test is for a part of a text by which the index finds few, whatever letters the locale of the database has.
func (p *Plan) ofWords() bool {
	return slices.ContainsFunc(p.tests, func(t part) bool {
		if len(t.parts()) == 0 {
			return false
		}
		text, _ := asText(t.Value)
		return partOfWord.MatchString(withoutSigns.Replace(text.(string)))
	})
}

var partOfWord = regexp.MustCompile(`[a-z0-9]{3}`)

// foundByParts writes those whom the index of parts finds. It has whose they are as well, in one piece for each workspace: to read that of a workspace with most
// of all contacts takes longer than to look at the few of others.
func (p *Plan) foundByParts(b *Builder, sorted string) error {
	const most = "2 * everyone > (SELECT reltuples FROM pg_class WHERE oid = 'contacts'::regclass)"
	limit := " LIMIT " + strconv.Itoa(MostGathered+1) + ")"
	b.Text(", found AS MATERIALIZED ((SELECT ", sorted, " AS at, id FROM contacts WHERE CASE WHEN workspace_id = ", p.unseen(b), " THEN TRUE END")
	if err := p.matching(b); err != nil {
		return err
	}
	b.Text(" AND (SELECT ", most, " FROM kept)", limit, " UNION ALL (SELECT ", sorted, ", id FROM contacts WHERE workspace_id = ", p.unseen(b))
	if err := p.matching(b); err != nil {
		return err
	}
	b.Text(" AND (SELECT NOT (", most, ") FROM kept)", limit, ")")
	return nil
}

// matching writes the rest of a condition, for contacts of a workspace who match.
func (p *Plan) matching(b *Builder) error {
	b.Text(" AND ", ListedContacts, p.env.Made(b, "created_at"), " AND ")
	return p.match(b)
}

// find writes the condition for rows of contacts who are found by an index of what they have. The planner does not see the value, and so makes
// its plan once.
func (p *Plan) find(b *Builder) error {
	return p.listed(b, func(t part, v any) {
		if t.Field == "tag_id" {
			b.Text("contacts.id = ANY (ARRAY(SELECT o.contact_id FROM contact_tags o WHERE o.workspace_id = ", p.unseen(b), " AND o.tag_id = (SELECT ", b.Arg(v), "::BIGINT)))")
		} else {
			b.Text(p.env.Dialect.Holds("searchable", "(SELECT "+b.Arg(toJSON(map[string]any{t.value: v}))+"::jsonb)"))
		}
	})
}

// walk writes the condition for rows of contacts that are come upon in the order of a list. What is asked of the value is put so that no index serves it, and
// that the planner thinks the same of each value.
func (p *Plan) walk(b *Builder) error {
	return p.listed(b, func(t part, v any) {
		b.Text("CASE WHEN ")
		if t.Field == "tag_id" {
			b.Text("EXISTS (SELECT 1 FROM contact_tags o WHERE o.workspace_id = ", p.unseen(b), " AND o.contact_id = contacts.id AND o.tag_id = (SELECT ",
				b.Arg(v), "::BIGINT) OFFSET 0)")
		} else {
			b.Text(p.env.Dialect.Holds("searchable", b.Arg(toJSON(map[string]any{t.value: v}))))
		}
		b.Text(" THEN TRUE END")
	})
}

// unseen is the workspace for a plan that is to be made once: the planner does not see whose rows it is for, and so a plan for each promises nothing.
func (p *Plan) unseen(b *Builder) string { return "(SELECT " + b.Arg(p.env.Workspace) + "::TEXT)" }

// listed writes the condition for rows of contacts of whom the number is kept. has writes that they have the value.
func (p *Plan) listed(b *Builder, has func(t part, v any)) error {
	b.Text("workspace_id = ", p.unseen(b), " AND ", ListedContacts)
	for _, t := range p.tests {
		b.Text(" AND ")
		if !t.point {
			if err := p.test(b, t, ofContacts); err != nil {
				return err
			}
			continue
		}
		v, ok := t.asked()
		if !ok {
			return wrongValue(t.Filter)
		}
		has(t, v)
	}
	return nil
}
