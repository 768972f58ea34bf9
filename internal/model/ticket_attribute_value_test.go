package model_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/model"
)

// ticketType is a type with an attribute of each data type, which is its name.
func ticketType(t testing.TB) *model.TicketType {
	t.Helper()
	of, err := model.NewTicketType(model.TicketTypePatch{Name: model.Some("Bug")}, 1)
	if err != nil {
		t.Fatal(err)
	}
	add := func(name string, kind model.TicketDataType, more model.TicketTypeAttributePatch) {
		t.Helper()
		more.Name, more.Description, more.DataType = model.Some(name), model.Some(""), model.Some(kind)
		if _, err := of.AddAttribute(more, 1); err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range []model.TicketDataType{model.TicketString, model.TicketInteger, model.TicketDecimal, model.TicketBoolean,
		model.TicketDatetime, model.TicketFiles} {
		add(string(kind), kind, model.TicketTypeAttributePatch{})
	}
	add("text", model.TicketString, model.TicketTypeAttributePatch{Multiline: model.Some(true)})
	add("album", model.TicketFiles, model.TicketTypeAttributePatch{AllowMultiple: model.Some(true)})
	add("list", model.TicketList, model.TicketTypeAttributePatch{Items: model.Some([]model.ListItem{
		{ID: "id-of-low", Name: "low"}, {ID: "id-of-high", Name: "high"}, {ID: "id-of-old", Name: "old"}, {ID: "high", Name: "id-of-low"}})})
	change(t, of, "list", model.TicketTypeAttributePatch{Items: model.Some([]model.ListItem{{Name: "low"}, {Name: "high"}, {Name: "id-of-low"}})})
	add("gone", model.TicketString, model.TicketTypeAttributePatch{RequiredToCreate: model.Some(true)})
	change(t, of, "gone", model.TicketTypeAttributePatch{Archived: model.Some(true)})
	return of
}

// change applies a patch to the attribute of that name.
func change(t testing.TB, of *model.TicketType, name string, p model.TicketTypeAttributePatch) {
	t.Helper()
	for i, a := range of.Attributes {
		a.ID = model.TicketTypeAttributeID(i + 1)
	}
	a, ok := of.Attribute(name)
	if !ok {
		t.Fatalf("no attribute %s", name)
	}
	if _, err := of.UpdateAttribute(a.ID, p, 2); err != nil {
		t.Fatal(err)
	}
}

func TestTicketAttributeValues(t *testing.T) {
	t.Parallel()
	of := ticketType(t)
	const (
		url     = "https://files.test/a.png"
		badURL  = "must be the http or https URL of a file, or a list of such URLs"
		badItem = "must be the id of an item of the list"
		badTime = "must be a time, in Unix seconds or as ISO 8601 has it"
	)
	long := func(n int) string { return strings.Repeat("ü", n) }
	for _, c := range []struct {
		name    string
		sent    any
		kept    any
		refused string
	}{
		{"_default_title_", "Found a bug", "Found a bug", ""},
		{"_default_description_", "It\nis broken", "It\nis broken", ""},
		{"string", " x ", " x ", ""}, {"string", int64(5), "5", ""}, {"string", 1.5, "1.5", ""}, {"string", long(2048), long(2048), ""},
		{"string", nil, nil, ""}, {"string", "", nil, ""}, {"string", " \n", nil, ""}, {"string", []any{}, nil, ""},
		{"string", true, nil, "must be text"}, {"string", []any{"a"}, nil, "must be text"}, {"string", map[string]any{}, nil, "must be text"},
		{"string", long(2049), nil, "is too long (maximum is 2048 characters)"},
		{"text", long(100_000), long(100_000), ""}, {"text", long(100_001), nil, "is too long (maximum is 100000 characters)"},

		{"integer", int64(5), int64(5), ""}, {"integer", 5.0, int64(5), ""}, {"integer", "-5", int64(-5), ""}, {"integer", "", nil, ""},
		{"integer", int64(1<<53 - 1), int64(1<<53 - 1), ""}, {"integer", int64(1 << 53), nil, "must be a whole number"},
		{"integer", 1.5, nil, "must be a whole number"}, {"integer", "five", nil, "must be a whole number"}, {"integer", true, nil, "must be a whole number"},
		{"integer", []any{int64(1)}, nil, "must be a whole number"},

		{"decimal", 1.5, 1.5, ""}, {"decimal", int64(3), 3.0, ""}, {"decimal", "1e3", 1000.0, ""}, {"decimal", nil, nil, ""},
		{"decimal", "NaN", nil, "must be a number"}, {"decimal", 1e300, nil, "must be a number"}, {"decimal", false, nil, "must be a number"},

		{"boolean", true, true, ""}, {"boolean", false, false, ""}, {"boolean", "true", true, ""}, {"boolean", nil, nil, ""},
		{"boolean", int64(1), nil, "must be true or false"}, {"boolean", "yes", nil, "must be true or false"},

		{"datetime", int64(1700000000), int64(1700000000), ""}, {"datetime", 1700000000.9, int64(1700000000), ""}, {"datetime", "1700000000", int64(1700000000), ""},
		{"datetime", "2023-11-14T22:13:20Z", int64(1700000000), ""}, {"datetime", "2023-11-14T23:13:20.999+01:00", int64(1700000000), ""},
		{"datetime", "2023-11-14T23:13:20+0100", int64(1700000000), ""}, {"datetime", " 2023-11-14 22:13:20 ", int64(1700000000), ""},
		{"datetime", "2023-11-14T22:13:20", int64(1700000000), ""}, {"datetime", "2023-11-14T22:13Z", int64(1699999980), ""}, {"datetime", "2023-11-14", int64(1699920000), ""},
		{"datetime", "2023-11-31", nil, badTime}, {"datetime", "tomorrow", nil, badTime}, {"datetime", int64(1700000000000), nil, badTime}, {"datetime", true, nil, badTime},

		{"list", "id-of-high", "id-of-high", ""}, {"list", "low", "id-of-low", ""}, {"list", " low ", "id-of-low", ""}, {"list", nil, nil, ""}, {"list", "", nil, ""},
		{"list", "id-of-low", "id-of-low", ""}, {"list", "high", "high", ""}, // an id before a name
		{"list", "Low", nil, badItem}, {"list", "id", nil, badItem}, {"list", int64(0), nil, badItem}, {"list", []any{"low"}, nil, badItem},
		{"list", "id-of-old", nil, "cannot be 'old' any more: the item is no longer on the list"},
		{"list", "old", nil, "cannot be 'old' any more: the item is no longer on the list"},

		{"files", url, []string{url}, ""}, {"files", []any{"http://files.test/ä?b=c#d"}, []string{"http://files.test/ä?b=c#d"}, ""},
		{"files", nil, nil, ""}, {"files", []any{}, nil, ""}, {"files", "", nil, ""},
		{"files", []any{url, url}, nil, "takes one file only"}, {"files", "files.test/a.png", nil, badURL}, {"files", "ftp://files.test/a", nil, badURL},
		{"files", "https:///a", nil, badURL}, {"files", "https://:80/", nil, badURL}, {"files", "javascript:alert(1)", nil, badURL}, {"files", int64(5), nil, badURL},
		{"files", []any{nil}, nil, badURL}, {"files", []any{[]any{url}}, nil, badURL}, {"files", "https://files.test/\x7f", nil, badURL},
		{"files", "https://files.test/" + strings.Repeat("a", 2048), nil, "has a URL that is too long (maximum is 2048 characters)"},
		{"album", []any{url, url}, []string{url, url}, ""}, {"album", url, []string{url}, ""},
		{"album", []any{url, url, url, url, url, url, url, url, url, url, url}, nil, "takes 10 files at most"},
		{"album", []any{url, "x"}, nil, badURL},

		{"nothing", "x", nil, "does not exist"}, {"nothing", nil, nil, "does not exist"}, {"String", "x", nil, "does not exist"}, {"", "x", nil, "does not exist"},
		{"gone", "x", nil, "does not exist"}, {"gone", nil, nil, "does not exist"},
	} {
		for _, creating := range []bool{true, false} {
			name := fmt.Sprintf("%s %.30v %v", c.name, c.sent, creating)
			got, err := of.CheckAttributes(map[string]any{c.name: c.sent}, creating)
			if c.refused != "" {
				e, _ := model.AsError(err)
				if e == nil || e.Code != "parameter_invalid" || e.Message != "Ticket attribute '"+c.name+"' "+c.refused {
					t.Errorf("%s: %v, want it refused since it %s", name, err, c.refused)
				}
				continue
			}
			want := map[string]any{c.name: c.kept}
			if creating && c.kept == nil {
				want = map[string]any{}
			}
			if err != nil || !cmp.Equal(want, got) {
				t.Errorf("%s: %v, %v; want %v", name, got, err, want)
			}
		}
	}
	_, err := of.CheckAttributes(map[string]any{long(300): "x"}, true)
	if e, _ := model.AsError(err); e == nil || e.Message != "Ticket attribute '"+long(255)+"…' does not exist" {
		t.Error(err)
	}
}

func TestRequiredTicketAttributes(t *testing.T) {
	t.Parallel()
	of := ticketType(t)
	for _, name := range []string{"files", "boolean", "_default_title_", "list"} {
		change(t, of, name, model.TicketTypeAttributePatch{RequiredToCreate: model.Some(true)})
	}
	all := map[string]any{"files": "https://a.test", "boolean": false, "_default_title_": "x", "list": "low"}
	for _, c := range []struct {
		name     string
		values   map[string]any
		creating bool
		missing  string
	}{
		{"all", nil, true, ""},
		{"blank title", map[string]any{"_default_title_": " "}, true, "_default_title_"},
		{"null truth value", map[string]any{"boolean": nil}, true, "boolean"},
		{"several, in the type's order", map[string]any{"list": "", "files": []any{}, "boolean": nil, "_default_title_": nil}, true,
			"_default_title_, boolean, files, list"},
		{"cleared", map[string]any{"list": nil}, false, "list"},
	} {
		values := map[string]any{}
		for name, v := range all {
			values[name] = v
		}
		for name, v := range c.values {
			values[name] = v
		}
		_, err := of.CheckAttributes(values, c.creating)
		e, _ := model.AsError(err)
		if c.missing == "" && err != nil || c.missing != "" && (e == nil || e.Message != "Missing required ticket attributes: "+c.missing) {
			t.Errorf("%s: %v, want %s", c.name, err, c.missing)
		}
	}
	for creating, want := range map[bool]string{true: "_default_title_, boolean, files, list", false: ""} {
		_, err := of.CheckAttributes(nil, creating)
		if e, _ := model.AsError(err); want == "" && err != nil || want != "" && (e == nil || !strings.HasSuffix(e.Message, ": "+want)) {
			t.Errorf("without any, creating %v: %v", creating, err)
		}
	}
}

// Whatever JSON is sent as attributes, it is refused in the API's words or brought
// into a form that is settled: as kept, it is taken again.
func FuzzTicketAttributes(f *testing.F) {
	for _, seed := range []string{`{}`, `null`, `{"string":"x","integer":1,"decimal":-0.0,"boolean":true,"datetime":"2023-11-14T22:13:20Z","list":"low","files":["https://a.test"]}`,
		`{"integer":"1e3","datetime":-1,"files":[null],"list":{}}`, `{"gone":1}`, `{"datetime":"0001-01-01"}`, `{"datetime":"9999-12-31T23:59:59-12:00"}`,
		`{"decimal":1e15,"album":["http://[::1]:x","https://u:p@a.test/%zz"]}`, `{"text":"\ufffd\u2028","_default_title_":" "}`} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	of := ticketType(f)
	f.Fuzz(func(t *testing.T, body string, creating bool) {
		var values map[string]any
		if json.Unmarshal([]byte(body), &values) != nil {
			return
		}
		kept, err := of.CheckAttributes(values, creating)
		if err != nil {
			if e, told := model.AsError(err); !told || e.Code != "parameter_invalid" {
				t.Fatal(err)
			}
			return
		}
		again := map[string]any{}
		for name, v := range kept {
			switch v := v.(type) {
			case []string:
				list := make([]any, len(v))
				for i := range v {
					list[i] = v[i]
				}
				again[name] = list
			case nil, string, bool, int64, float64:
				again[name] = v
			default:
				t.Fatalf("%s is kept as a %T", name, v)
			}
		}
		twice, err := of.CheckAttributes(again, creating)
		if err != nil || !cmp.Equal(kept, twice) {
			t.Errorf("%v is kept as %v, and that as %v (%v)", values, kept, twice, err)
		}
	})
}

// Whatever the items of a list are changed to, the list keeps its laws: who is
// there keeps its id, and nobody is lost.
func FuzzListItems(f *testing.F) {
	f.Add("a|b|c", "b|d")
	f.Add("a", "")
	f.Add(" a |A|ä", "a|a,b")
	f.Add("\xff|\x00", strings.Repeat("x|", 300))
	f.Fuzz(func(t *testing.T, before, after string) {
		split := func(s string) (list []model.ListItem) {
			for name := range strings.SplitSeq(s, "|") {
				list = append(list, model.ListItem{Name: name})
			}
			return list
		}
		of, err := model.NewTicketType(model.TicketTypePatch{Name: model.Some("Bug")}, 1)
		if err != nil {
			t.Fatal(err)
		}
		a, err := of.AddAttribute(model.TicketTypeAttributePatch{Name: model.Some("l"), Description: model.Some(""),
			DataType: model.Some(model.TicketList), Items: model.Some(split(before))}, 1)
		if err != nil {
			if _, told := model.AsError(err); !told {
				t.Fatal(err)
			}
			return
		}
		a.ID = 3
		next, err := of.UpdateAttribute(3, model.TicketTypeAttributePatch{Items: model.Some(split(after))}, 2)
		if err != nil {
			if now, _ := of.Attribute("l"); now != a {
				t.Error("a refused change has left something behind")
			}
			return
		}
		seen := map[string]bool{}
		for i, item := range next.Items {
			if item.Name == "" || item.ID == "" || seen[item.Name] || seen[item.ID] || strings.Contains(item.Name, ",") {
				t.Errorf("item %d is %+v", i, item)
			}
			if i > 0 && next.Items[i-1].Archived && !item.Archived {
				t.Errorf("item %d stands behind those that were dropped", i)
			}
			seen[item.Name], seen[item.ID] = true, true
		}
		for _, item := range a.Items {
			if now, ok := next.Item(item.ID); !ok || now.Name != item.Name {
				t.Errorf("%+v has become %+v", item, now)
			}
		}
	})
}

// A ticket type's icon is one emoji or refused, however it is spelt.
func FuzzTicketTypeIcon(f *testing.F) {
	for _, seed := range []string{"🎟️", ":ticket:", "👩‍💻", "🇩🇪", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "🐞🐞", "\xff", "\u200d", "🏴\U000e0067"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, icon string) {
		made, err := model.NewTicketType(model.TicketTypePatch{Name: model.Some("x"), Icon: model.Some(icon)}, 1)
		if err != nil {
			return
		}
		if strings.TrimSpace(icon) == "" {
			icon = model.DefaultTicketIcon
		}
		if made.Icon != strings.TrimSpace(icon) {
			t.Errorf("%q becomes %q", icon, made.Icon)
		}
		if strings.ContainsFunc(made.Icon, func(r rune) bool { return 'A' <= r && r <= 'z' || r == 0xfffd }) {
			t.Errorf("%q is taken for an emoji", made.Icon)
		}
	})
}
