package api_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"parley/internal/apptest"
	"parley/internal/model"
)

// What a search of conversations has of its own. Each test has three: the first
// says "I need Support", an hour later the second says "Need support now", and the
// third, a second after that, "Something else".
func TestConversationSearchRules(t *testing.T) {
	start := apptest.Start.Unix()
	tests := []struct {
		name  string
		query string
		want  string
	}{
		{"a word", `["source.body","=","support"]`, "1 2"},
		{"a word in capitals", `["source.body","=","NEED"]`, "1 2"},
		{"a word and a mark", `["source.body","=","now!"]`, "2"},
		{"a phrase", `["source.body","=","need support"]`, ""},
		{"a phrase of one word", `["source.body","=","support support"]`, ""},
		{"a part of a word", `["source.body","=","suppor"]`, ""},
		{"no word", `["source.body","=",""]`, ""},
		{"not a word", `["source.body","!=","support"]`, "3"},
		{"not a phrase", `["source.body","!=","need support"]`, "1 2 3"},
		{"one of words", `["source.body","IN",["now","else","need support"]]`, "2 3"},
		{"none of words", `["source.body","NIN",["now","need support"]]`, "1 3"},
		{"a phrase as a part", `["source.body","~","NEED support"]`, "1 2"},
		{"a beginning", `["source.body","^","need"]`, "2"},
		{"an end", `["source.body","$","else"]`, "3"},
		{"markup", `["source.body","~","<p>"]`, ""},

		{"the second itself", fmt.Sprintf(`["created_at","=",%d]`, start+3600), "2"},
		{"not that second", fmt.Sprintf(`["created_at","!=",%d]`, start+3600), "1 3"},
		{"after it", fmt.Sprintf(`["created_at",">",%d]`, start+3600), "3"},
		{"before it", fmt.Sprintf(`["created_at","<",%d]`, start+3600), "1"},
		{"a fraction of it", fmt.Sprintf(`["created_at","=",%d.5]`, start+3600), "2"},
		{"after a fraction", fmt.Sprintf(`["created_at",">",%d.75]`, start+3600), "3"},
		{"a text", fmt.Sprintf(`["created_at",">","%d"]`, start), "2 3"},
		{"one of seconds", fmt.Sprintf(`["created_at","IN",[%d,"%d"]]`, start, start+3601), "1 3"},
		{"milliseconds", fmt.Sprintf(`["created_at",">",%d000]`, start-86400), ""},
		{"equal milliseconds", fmt.Sprintf(`["created_at","=",%d000]`, start), ""},

		{"unassigned by 0", `["admin_assignee_id","=",0]`, "1 3"},
		{"unassigned by null", `["admin_assignee_id","=",null]`, "1 3"},
		{"assigned by 0", `["admin_assignee_id","!=",0]`, "2"},
		{"assigned by null", `["admin_assignee_id","!=",null]`, "2"},
		{"one of 0", `["admin_assignee_id","IN",[0,7]]`, "1 3"},
		{"none of 0", `["admin_assignee_id","NIN",["0"]]`, "2"},
		{"not somebody", `["admin_assignee_id","!=",7]`, "1 2 3"},
		{"no team", `["team_assignee_id","=","0"]`, "1 2 3"},

		{"open", `["open","=",true]`, "1 2"},
		{"open as a word", `["open","=","true"]`, "1 2"},
		{"not open", `["open","=",false]`, "3"},
		{"neither open nor not", `["open","IN",[]]`, ""},
		{"snoozed", `["state","=","snoozed"]`, "2"},

		{"has a tag", `["tag_ids","!=",null]`, "1"},
		{"has no tag", `["tag_ids","=",null]`, "2 3"},
		{"unknown tag", `["tag_ids","=","404"]`, ""},
		{"not that tag", `["tag_ids","!=","1"]`, "2 3"},
		{"has a teammate", `["teammate_ids","!=",null]`, "2 3"},
		{"has contacts", `["contact_ids","!=",null]`, "1 2 3"},
		{"an id beyond", `["id",">",1]`, "2 3"},
		{"an id as a text", `["id","<","2"]`, "1"},
		{"ids of both kinds", `["id","IN",[1,"3","x"]]`, "1 3"},
		{"no id", `["id","=","01"]`, ""},
		{"no rating", `["conversation_rating.score","=",null]`, "1 2 3"},
		{"no AI", `["ai_agent_participated","=",true]`, ""},
		{"none but people", `["ai_agent_participated","=",false]`, "1 2 3"},
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r = r.In(t, "Asia/Kathmandu") // whose days begin elsewhere
		contact := r.Post(t, "/contacts", `{"external_id":"x"}`).OK().ID()
		tag := r.Post(t, "/tags", `{"name":"vip"}`).OK().ID()
		begin := func(body string) {
			r.Post(t, "/conversations", object{"from": object{"type": "user", "id": contact}, "body": body}).OK()
		}
		begin("I need Support")
		r.Post(t, "/conversations/1/tags", object{"id": tag, "admin_id": "1"}).OK()
		r.Clock.Pass(time.Hour)
		begin("Need support now")
		r.Post(t, "/conversations/2/parts", `{"message_type":"assignment","type":"admin","admin_id":"1","assignee_id":"1"}`).OK()
		r.Post(t, "/conversations/2/parts", object{"message_type": "snoozed", "admin_id": "1", "snoozed_until": r.Clock.Now().Unix() + 60}).OK()
		r.Clock.Pass(time.Second)
		begin("Something else")
		r.Post(t, "/conversations/3/parts", `{"message_type":"close","type":"admin","admin_id":"1"}`).OK()
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				var test [3]any
				noError(t, json.Unmarshal([]byte(tt.query), &test))
				got, total := found(t, r, filter(test[0].(string), test[1].(string), test[2]))
				if strings.Join(got, " ") != tt.want || total != len(got) {
					t.Errorf("%s finds %q, %d in all, want %q", tt.query, got, total, tt.want)
				}
			})
		}
		r.Post(t, "/conversations/redact", `{"type":"source","conversation_id":2,"source_id":2}`).OK()
		if got, _ := found(t, r, filter("source.body", "IN", []any{"now", "support", "deleted"})); !slices.Equal(got, []string{"1"}) {
			t.Errorf("redacted words find %q", got)
		}
		for _, query := range []object{filter("id", ">", 0), filter("contact_ids", "=", contact), filter("source.author.id", "=", contact), filter("tag_ids", "=", tag)} {
			if got, total := found(t, r.Elsewhere(t), query); len(got) > 0 || total > 0 {
				t.Errorf("%v finds %q of another workspace", query, got)
			}
		}
	})
}

// Which values fit which fields, and what else is refused.
func TestConversationSearchRefusals(t *testing.T) {
	unfit := func(field, operator string) *refusal {
		return invalid(fmt.Sprintf("The value for %s does not fit the field and the operator %q", field, operator))
	}
	tests := []struct {
		field, operator, value string
		refused                *refusal
	}{
		{"created_at", ">", `"yesterday"`, unfit("created_at", ">")},
		{"created_at", "=", `true`, unfit("created_at", "=")},
		{"created_at", ">", `null`, unfit("created_at", ">")},
		{"created_at", ">", `1e15`, unfit("created_at", ">")},
		{"created_at", "IN", `["x"]`, unfit("created_at", "IN")},
		{"created_at", "IN", `1`, invalid("IN needs a list of values for created_at")},
		{"created_at", ">=", `1`, invalid(`Operator ">=" cannot be used with created_at`)},
		{"statistics.count_reopens", "<=", `1`, invalid(`Operator "<=" cannot be used with statistics.count_reopens`)},
		{"statistics.count_reopens", "=", `1.5`, unfit("statistics.count_reopens", "=")},
		{"statistics.count_reopens", "=", `"many"`, unfit("statistics.count_reopens", "=")},
		{"admin_assignee_id", "=", `"ann"`, unfit("admin_assignee_id", "=")},
		{"admin_assignee_id", "IN", `["x"]`, unfit("admin_assignee_id", "IN")},
		{"id", ">", `"x"`, unfit("id", ">")},
		{"id", "=", `true`, unfit("id", "=")},
		{"id", "=", `1.5`, unfit("id", "=")},
		{"id", "~", `false`, unfit("id", "~")},
		{"open", "=", `1`, unfit("open", "=")},
		{"open", "NIN", `true`, invalid("NIN needs a list of values for open")},
		{"read", "=", `"maybe"`, unfit("read", "=")},
		{"contact_ids", "=", `true`, unfit("contact_ids", "=")},
		{"contact_ids", "~", `"x"`, invalid(`Operator "~" cannot be used with contact_ids`)},
		{"contact_ids", "=", `["x"]`, unfit("contact_ids", "=")},
		{"tag_ids", "=", `true`, unfit("tag_ids", "=")},
		{"tag_ids", "IN", `"1"`, invalid("IN needs a list of values for tag_ids")},
		{"source.body", "=", `true`, unfit("source.body", "=")},
		{"source.body", ">", `"a"`, invalid(`Operator ">" cannot be used with source.body`)},
		{"source.body", "~", `["a"]`, unfit("source.body", "~")},
		{"source.author.email", "=", `false`, unfit("source.author.email", "=")},
		{"ai_agent.rating", "=", `"good"`, unfit("ai_agent.rating", "=")},
		{"title", "=", `"x"`, &refusal{400, "invalid_field", "title is not a valid search field"}},
		{"segment_id", "=", `"x"`, &refusal{400, "invalid_field", "segment_id is not a valid search field"}},
		{"custom_attributes.none", "=", `"x"`, &refusal{400, "invalid_field", "custom_attributes.none is not a valid search field"}},
	}
	const one = `{"field":"read","operator":"=","value":true}`
	group := func(of string) string { return `{"operator":"AND","value":[` + of + `]}` }
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		declare(t, r, "none", "string") // an attribute of contacts
		for _, tt := range tests {
			a := r.Post(t, "/conversations/search", fmt.Sprintf(`{"query":{"field":%q,"operator":%q,"value":%s}}`, tt.field, tt.operator, tt.value))
			holds(t, a, tt.refused, nil)
		}
		for body, refused := range map[string]*refusal{
			`{}`:             missing("query is required"),
			`{"query":null}`: missing("query is required"),
			`{"query":` + group(strings.Repeat(one+",", 15)+one) + `}`: invalid("At most 15 filters can be joined by one AND"),
			`{"query":` + group(group(group(one))) + `}`:               invalid("Filters can be nested 2 levels deep at most"),
			`{"query":` + group("") + `}`:                              invalid("AND needs at least one filter"),
			`{"query":` + one + `,"sort":{"field":"tag_ids"}}`:         invalid("Conversations cannot be sorted by tag_ids"),
			`{"query":` + one + `,"sort":{"field":"source.body"}}`:     invalid("Conversations cannot be sorted by source.body"),
			`{"query":` + one + `,"sort":{"field":"x"}}`:               {400, "invalid_field", "x is not a valid search field"},
			`{"query":` + one + `,"pagination":{"per_page":151}}`:      invalid("Per Page is too big"),
			`{"query":` + one + `,"pagination":{"starting_after":"x"}}`: {400, "client_error",
				"Invalid starting_after param. Please try again using a starting_after value from a paginated response"},
		} {
			holds(t, r.Post(t, "/conversations/search", body), refused, nil)
		}
	})
}

// Conversations come in the order of any field of one value, either way, those
// without a value last and equals by id; and page by page as all at once.
func TestConversationSearchInOrder(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		w := newInboxWorld(t, r.Unjudged(), 25, 7)
		walk := func(sort object, perPage int) []string {
			var all []string
			cursor := any(nil)
			for {
				a := r.Post(t, "/conversations/search", object{"query": filter("id", ">", 0), "sort": sort,
					"pagination": object{"per_page": perPage, "starting_after": cursor}}).OK()
				for _, c := range a.At("conversations").([]any) {
					all = append(all, c.(object)["id"].(string))
				}
				next, more := a.At("pages.next").(object)
				if !more || len(all) > len(w.shown) {
					return all
				}
				cursor = next["starting_after"]
			}
		}
		for _, f := range conversationFields {
			if f.kind == "several" || f.kind == "body" || f.name == "conversation_rating.remark" {
				continue
			}
			for _, order := range []string{"ascending", "descending"} {
				shown := slices.Clone(w.shown)
				slices.SortFunc(shown, func(a, b object) int {
					x, y := f.of(a), f.of(b)
					if len(x) != len(y) {
						return len(y) - len(x) // what there is comes first
					}
					c := 0
					if len(x) > 0 {
						c = f.compare(x[0], y[0])
					}
					if c == 0 {
						c = cmp.Compare(asNumber(a["id"]), asNumber(b["id"]))
					}
					if order == "descending" {
						c = -c
					}
					return c
				})
				var want []string
				for _, c := range shown {
					want = append(want, c["id"].(string))
				}
				for _, perPage := range []int{3, 150} {
					if got := walk(object{"field": f.name, "order": order}, perPage); !slices.Equal(got, want) {
						t.Errorf("%s %s by %d\nis   %v\nwant %v", f.name, order, perPage, got, want)
					}
				}
			}
		}
	})
}

// compare orders two values of the field.
func (f searchable) compare(a, b any) int {
	switch f.kind {
	case "text":
		return strings.Compare(model.Fold(a.(string)), model.Fold(b.(string)))
	case "truth":
		return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
	default:
		return cmp.Compare(asNumber(a), asNumber(b))
	}
}
