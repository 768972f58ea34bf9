package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"parley/internal/apptest"
)

// found are the ids of the conversations that a query finds, sorted, and how many
// the answer says there are.
func found(t *testing.T, r *apptest.Rig, query any) ([]string, int) {
	t.Helper()
	var page struct {
		Conversations []struct{ ID string }
		Total         int `json:"total_count"`
	}
	r.Post(t, "/conversations/search", object{"query": query, "pagination": object{"per_page": 150}}).OK().Decode(&page)
	all := []string{}
	for _, c := range page.Conversations {
		all = append(all, c.ID)
	}
	slices.Sort(all)
	return all, page.Total
}

// agrees checks that a search finds what a reading of the rules finds.
func (w *inboxWorld) agrees(t *testing.T, query object) (found_, others int) {
	t.Helper()
	want := []string{}
	for _, c := range w.shown {
		if matches(c, query) {
			want = append(want, c["id"].(string))
		}
	}
	slices.Sort(want)
	got, total := found(t, w.rig, query)
	if !slices.Equal(got, want) || total != len(want) {
		asked, _ := json.Marshal(query)
		t.Errorf("%s\nfinds %v (%d in all)\nwant  %v", asked, got, total, want)
	}
	return len(want), len(w.shown) - len(want)
}

// Every documented field, with every operator of its type and every value there
// is, finds the conversations that show what is asked for, immediately after they
// were written.
func TestConversationsByEveryField(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		w := newInboxWorld(t, r.Unjudged(), 40, 1)
		for _, f := range conversationFields {
			t.Run(f.name, func(t *testing.T) {
				w := *w
				rig := *w.rig
				w.rig = &rig
				values := w.values[f.name]
				if len(values) > 5 {
					values = slices.Concat(values[:2], values[len(values)-3:])
				}
				if len(values) < 2 && !strings.HasPrefix(f.name, "ai_agent") {
					t.Errorf("there are too few values to tell apart: %v", values)
				}
				values = slices.Concat(values, f.asked)
				for _, operator := range strings.Fields(operatorsOf[f.kind]) {
					found, others := 0, 0
					for _, v := range values {
						if f.kind == "decimal" && v == "nonsense" || v == "x" && (operator == ">" || operator == "<") {
							continue // that is refused
						}
						switch operator {
						case "IN", "NIN":
							v = []any{v, values[0]}
						case "^", "$", "~", "!~":
							v = part(v, operator)
						}
						a, b := w.agrees(t, filter(f.name, operator, v))
						found, others = found+a, others+b
					}
					if (found == 0 || others == 0) && !strings.HasPrefix(f.name, "ai_agent") && operator != ">" && operator != "<" {
						t.Errorf("%s finds %d and leaves %d", operator, found, others)
					}
				}
				w.agrees(t, filter(f.name, "=", nil))
				w.agrees(t, filter(f.name, "!=", nil))
				for _, operator := range []string{"=", "!=", "IN", "NIN", "<", ">", "<=", ">=", "~", "!~", "^", "$"} {
					if !slices.Contains(strings.Fields(operatorsOf[f.kind]), operator) {
						r.Post(t, "/conversations/search", object{"query": filter(f.name, operator, "1")}).
							Fails(400, "parameter_invalid", fmt.Sprintf("Operator %q cannot be used with %s", operator, f.name))
					}
				}
			})
		}
	})
}

// part is a piece of a text where an operator asks for one.
func part(v any, operator string) any {
	runes := []rune(fmt.Sprint(v))
	if len(runes) < 3 {
		return v
	}
	switch operator {
	case "^":
		return strings.ToUpper(string(runes[:len(runes)-1]))
	case "$":
		return string(runes[1:])
	default:
		return strings.ToUpper(string(runes[1 : len(runes)-1]))
	}
}

// Whatever conversations there are and whatever is asked, a search finds those
// that a reading of the rules finds, one conversation at a time and without SQL.
func TestConversationSearchAgreesWithTheRules(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		var worlds []*inboxWorld
		for i := range 3 {
			worlds = append(worlds, newInboxWorld(t, r.Elsewhere(t).Unjudged(), 20, i))
		}
		rapid.Check(t, func(rt *rapid.T) {
			w := rapid.SampledFrom(worlds).Draw(rt, "world")
			for range 5 {
				query := drawConversationQuery(rt, w, 1)
				if w.agrees(t, query); t.Failed() {
					rt.FailNow()
				}
			}
		})
	})
}

func drawConversationQuery(rt *rapid.T, w *inboxWorld, level int) object {
	if level <= 2 && rapid.Bool().Draw(rt, "group") {
		var inner []any
		for range rapid.IntRange(1, 4).Draw(rt, "size") {
			inner = append(inner, drawConversationQuery(rt, w, level+1))
		}
		return object{"operator": rapid.SampledFrom([]string{"AND", "OR"}).Draw(rt, "join"), "value": inner}
	}
	f := rapid.SampledFrom(conversationFields).Draw(rt, "field")
	operator := rapid.SampledFrom(strings.Fields(operatorsOf[f.kind])).Draw(rt, "operator")
	values := slices.Concat(w.values[f.name], f.asked)
	if operator == ">" || operator == "<" {
		values = slices.DeleteFunc(values, func(v any) bool { return v == "x" || v == "nonsense" })
	}
	if len(values) == 0 {
		values = []any{1}
	}
	list := rapid.SampledFrom(values)
	switch operator {
	case "IN", "NIN":
		return filter(f.name, operator, rapid.SliceOfN(list, 0, 3).Draw(rt, "values"))
	case "^", "$", "~", "!~":
		return filter(f.name, operator, part(list.Draw(rt, "value"), operator))
	case "=", "!=":
		if rapid.IntRange(0, 5).Draw(rt, "null") == 0 {
			return filter(f.name, operator, nil)
		}
	}
	return filter(f.name, operator, list.Draw(rt, "value"))
}
