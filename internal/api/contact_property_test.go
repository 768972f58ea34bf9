package api_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"parley/internal/apptest"
	"parley/internal/model"
)

// Whatever contacts there are and whatever is asked, a search finds those that a
// slow reading of the rules, one contact at a time and without SQL, finds too.
func TestSearchAgreesWithTheRules(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		var worlds []*world
		for i := range 4 {
			worlds = append(worlds, newWorld(t, r.Elsewhere(t).Unjudged(), 25, i))
		}
		rapid.Check(t, func(rt *rapid.T) {
			w := rapid.SampledFrom(worlds).Draw(rt, "world")
			for range 5 {
				query := drawQuery(rt, w, 1)
				var want []string
				for _, p := range w.people {
					if p.matches(query, w.zone) {
						want = append(want, p.id)
					}
				}
				a := search(t, w.rig, query)
				got := ids(t, a)
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(got, want) || a.At("total_count") != float64(len(want)) {
					body, _ := json.Marshal(query)
					rt.Fatalf("%s\nfinds %v\nof    %v\nwant  %v", body, got, w.people, want)
				}
			}
		})
	})
}

// A world is a workspace as the test remembers it.
type world struct {
	rig    *apptest.Rig
	zone   *time.Location
	tags   []string
	people []*person
}

// A person is a contact as the test remembers it: what has no value is not in
// values.
type person struct {
	id     string
	values object
	tags   []string
}

func (p *person) String() string { return fmt.Sprintf("\n  %s %v %v", p.id, p.values, p.tags) }

// A searchField is a field that is drawn, of one of these types, with the values
// that are written and asked for; those that no contact can have stand in only
// where something is asked.
type searchField struct {
	name   string
	kind   string
	values []any
	asked  []any
}

var (
	drawnTexts = []any{"Ann", "ANN", "anna", "a_n", "a%", `a\n`, "Straße", "STRAẞE", "σας", "ΣΑΣ", "'", "100", "true"}
	drawnParts = []any{"", "a", "N", "_", "%", `\`, "ß", "Σ", "an", "nn", "0", "zz"}
	drawnTimes = []any{0, 1, 1704067199, 1704067200, 1704096000, 1704095999, 1710064800, 1710061200, 1710140400, 1730617200, 1730620800, 1730707200}

	searchFields = []searchField{
		{"name", "text", drawnTexts, drawnParts},
		{"phone", "text", drawnTexts, drawnParts},
		{"browser", "text", drawnTexts, drawnParts},
		{"location.city", "text", drawnTexts, drawnParts},
		{"custom_attributes.plan", "text", drawnTexts, drawnParts},
		{"email", "text", []any{"ann@x.test", "bob@x.test", "σας@y.test"}, []any{"ANN@X.test", "@x", "ΣΑΣ", "test", "@"}},
		{"email_domain", "text", nil, []any{"x.test", "Y.TEST", "y", "ann"}},
		{"role", "text", []any{"user", "lead"}, []any{"USER", "visitor", "l"}},
		{"owner_id", "number", []any{1}, []any{0, 2, "1"}},
		{"custom_attributes.seats", "number", []any{-1, 0, 1, 10, 9}, []any{"1", "-1", 2}},
		{"custom_attributes.spend", "number", []any{-0.5, 0.25, 1, 10, 9.75}, []any{"0.25", "1e1", 2}},
		{"unsubscribed_from_emails", "truth", []any{true, false}, []any{"true", "false"}},
		{"custom_attributes.paid", "truth", []any{true, false}, []any{"true", "false"}},
		{"created_at", "date", drawnTimes[1:], []any{"1704096000", 1704095999.5}},
		{"updated_at", "date", nil, drawnTimes},
		{"last_seen_at", "date", drawnTimes[1:], drawnTimes},
		{"ios_last_seen_at", "date", drawnTimes[1:], drawnTimes},
		{"custom_attributes.since", "date", drawnTimes[1:], drawnTimes},
		{"tag_id", "tag", nil, nil},
	}
	searchOperators = map[string][]string{
		"text":   {"=", "!=", "IN", "NIN", "~", "!~", "^", "$"},
		"number": {"=", "!=", "IN", "NIN", ">", "<", ">=", "<="},
		"truth":  {"=", "!=", "IN", "NIN"},
		"date":   {"=", ">", "<"},
		"tag":    {"=", "!="},
	}
)

// newWorld fills a workspace with people; the seed tells which.
func newWorld(t *testing.T, r *apptest.Rig, people, seed int) *world {
	t.Helper()
	w := &world{rig: r, zone: r.Workspace.Location()}
	for _, a := range [][2]string{{"plan", "string"}, {"seats", "integer"}, {"spend", "float"}, {"paid", "boolean"}, {"since", "date"}} {
		declare(t, r, a[0], a[1])
	}
	for _, name := range []string{"one", "two"} {
		w.tags = append(w.tags, r.Post(t, "/tags", object{"name": name}).OK().ID())
	}
	draw := rapid.Custom(func(rt *rapid.T) *person { return drawPerson(rt, w) })
	for i := range people {
		w.add(t, i, draw.Example(seed*people+i))
	}
	return w
}

func drawPerson(rt *rapid.T, w *world) *person {
	p := &person{values: object{}}
	for _, f := range searchFields {
		always := f.name == "role" || f.name == "created_at" || f.name == "unsubscribed_from_emails"
		if len(f.values) > 0 && (always || rapid.Bool().Draw(rt, "has "+f.name)) {
			p.values[f.name] = rapid.SampledFrom(f.values).Draw(rt, f.name)
		}
	}
	for _, tag := range w.tags {
		if rapid.Bool().Draw(rt, "has tag") {
			p.tags = append(p.tags, tag)
		}
	}
	return p
}

// add makes the person a contact.
func (w *world) add(t *testing.T, i int, p *person) {
	t.Helper()
	r := w.rig
	text := func(name string) model.Opt[string] {
		v, there := p.values[name].(string)
		return model.Opt[string]{Value: v, Set: there}
	}
	seconds := func(name string) int64 { v, _ := p.values[name].(int); return int64(v) }
	patch := model.ContactPatch{
		Role: model.Some(model.Role(p.values["role"].(string))), ExternalID: model.Some(fmt.Sprint(i)),
		Name: text("name"), Phone: text("phone"), Email: text("email"), LastSeenAt: model.Some(seconds("last_seen_at")),
		UnsubscribedFromEmails: model.Some(p.values["unsubscribed_from_emails"].(bool)),
		OwnerID:                model.Some(model.AdminID(seconds("owner_id"))), CreatedAt: model.Some(seconds("created_at")),
		Profile:    model.Some(model.Profile{Browser: text("browser").Value, City: text("location.city").Value, IOSLastSeenAt: seconds("ios_last_seen_at")}),
		Attributes: model.Attributes{},
	}
	for name, v := range p.values {
		if attribute, ok := strings.CutPrefix(name, "custom_attributes."); ok {
			if n, whole := v.(int); whole {
				v = int64(n)
			}
			patch.Attributes[attribute] = v
		}
	}
	c, err := r.People.CreateContact(context.Background(), r.Actor(), patch)
	if err != nil {
		t.Fatal(err)
	}
	p.id = string(c.ID)
	for _, tag := range p.tags {
		r.Post(t, "/contacts/"+p.id+"/tags", object{"id": tag}).OK()
	}
	p.values["updated_at"] = p.values["created_at"]
	if email, ok := p.values["email"].(string); ok {
		_, p.values["email_domain"], _ = strings.Cut(email, "@")
	}
	w.people = append(w.people, p)
}

func drawQuery(rt *rapid.T, w *world, level int) object {
	if level <= 2 && rapid.Bool().Draw(rt, "group") {
		var inner []any
		for range rapid.IntRange(1, 4).Draw(rt, "size") {
			inner = append(inner, drawQuery(rt, w, level+1))
		}
		return object{"operator": rapid.SampledFrom([]string{"AND", "OR"}).Draw(rt, "join"), "value": inner}
	}
	f := rapid.SampledFrom(searchFields).Draw(rt, "field")
	operator := rapid.SampledFrom(searchOperators[f.kind]).Draw(rt, "operator")
	values := slices.Concat(f.values, f.asked)
	if f.kind == "tag" {
		values = []any{w.tags[0], w.tags[1], "404"}
	}
	if f.kind != "tag" && (operator == "=" || operator == "!=") {
		values = append(values, nil)
	}
	value := rapid.SampledFrom(values).Draw(rt, "value")
	if operator == "IN" || operator == "NIN" {
		value = rapid.SliceOfN(rapid.SampledFrom(values), 0, 3).Draw(rt, "values")
	}
	return filter(f.name, operator, value)
}

// matches reads a query by the rules.
func (p *person) matches(query object, zone *time.Location) bool {
	operator := query["operator"].(string)
	if operator == "AND" || operator == "OR" {
		for _, inner := range query["value"].([]any) {
			if p.matches(inner.(object), zone) != (operator == "AND") {
				return operator == "OR"
			}
		}
		return operator == "AND"
	}
	field, asked := query["field"].(string), query["value"]
	if field == "tag_id" {
		return slices.Contains(p.tags, asked.(string)) == (operator == "=")
	}
	has, there := p.values[field]
	if asked == nil {
		return there == (operator == "!=")
	}
	// The negative ones match what has no value, the others never do.
	switch operator {
	case "!=":
		return !there || !same(field, has, asked)
	case "!~":
		return !there || !contains(has.(string), asked.(string))
	case "NIN":
		return !there || !slices.ContainsFunc(asked.([]any), func(one any) bool { return same(field, has, one) })
	}
	if !there {
		return false
	}
	switch operator {
	case "IN":
		return slices.ContainsFunc(asked.([]any), func(one any) bool { return same(field, has, one) })
	case "~":
		return contains(has.(string), asked.(string))
	case "^":
		n := utf8.RuneCountInString(asked.(string))
		text := []rune(has.(string))
		return n <= len(text) && strings.EqualFold(string(text[:n]), asked.(string))
	case "$":
		n := utf8.RuneCountInString(asked.(string))
		text := []rune(has.(string))
		return n <= len(text) && strings.EqualFold(string(text[len(text)-n:]), asked.(string))
	}
	if kindOf(field) == "date" {
		day := func(v any) string { return time.Unix(int64(asNumber(v)), 0).In(zone).Format(time.DateOnly) }
		switch operator {
		case "=":
			return day(has) == day(asked)
		case ">":
			return day(has) > day(asked)
		default:
			return day(has) < day(asked)
		}
	}
	switch operator {
	case ">":
		return asNumber(has) > asNumber(asked)
	case "<":
		return asNumber(has) < asNumber(asked)
	case ">=":
		return asNumber(has) >= asNumber(asked)
	case "<=":
		return asNumber(has) <= asNumber(asked)
	default:
		return same(field, has, asked)
	}
}

func kindOf(field string) string {
	i := slices.IndexFunc(searchFields, func(f searchField) bool { return f.name == field })
	return searchFields[i].kind
}

func same(field string, has, asked any) bool {
	switch kindOf(field) {
	case "number":
		return asNumber(has) == asNumber(asked)
	case "text":
		return strings.EqualFold(has.(string), asked.(string))
	default:
		return fmt.Sprint(has) == fmt.Sprint(asked)
	}
}

// contains tries every part of a text.
func contains(text, part string) bool {
	all, n := []rune(text), utf8.RuneCountInString(part)
	for i := 0; i+n <= len(all); i++ {
		if strings.EqualFold(string(all[i:i+n]), part) {
			return true
		}
	}
	return false
}

func asNumber(v any) float64 {
	var f float64
	if _, err := fmt.Sscan(fmt.Sprint(v), &f); err != nil {
		panic(err)
	}
	return f
}
