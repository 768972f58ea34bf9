package query_test

import (
	"strings"
	"testing"
	"time"

	"parley/internal/model"
	"parley/internal/store/query"
)

// TestKey holds that whatever is asked for otherwise has another key.
func TestKey(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	test := func(field string, op model.Operator, value any) *model.Filter {
		return &model.Filter{Field: field, Operator: op, Value: value}
	}
	group := func(op model.Operator, of ...*model.Filter) *model.Filter {
		g := &model.Filter{Operator: op}
		for _, f := range of {
			g.Filters = append(g.Filters, *f)
		}
		return g
	}
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	today := query.Env{Location: time.UTC, Now: noon}
	first := model.PageRequest{PerPage: 20, Number: 1}
	a, b := test("name", model.Equal, "a"), test("name", model.Equal, "b")
	seen := map[string]string{}
	for _, c := range []struct {
		name   string
		env    query.Env
		filter *model.Filter
		sort   model.Sort
		page   model.PageRequest
	}{
		{"all", today, nil, model.Sort{}, first},
		{"in an order", today, nil, model.Sort{Field: "name"}, first},
		{"the other way", today, nil, model.Sort{Field: "name", Descending: true}, first},
		{"more on a page", today, nil, model.Sort{}, model.PageRequest{PerPage: 21, Number: 1}},
		{"the second page", today, nil, model.Sort{}, model.PageRequest{PerPage: 20, Number: 2}},
		{"behind", today, nil, model.Sort{}, model.PageRequest{PerPage: 20, Number: 2, After: &model.Position{Value: int64(5), ID: "x"}}},
		{"behind a text", today, nil, model.Sort{}, model.PageRequest{PerPage: 20, Number: 2, After: &model.Position{Value: "5", ID: "x"}}},
		{"behind a fraction", today, nil, model.Sort{}, model.PageRequest{PerPage: 20, Number: 2, After: &model.Position{Value: 5.5, ID: "x"}}},
		{"behind nothing", today, nil, model.Sort{}, model.PageRequest{PerPage: 20, Number: 2, After: &model.Position{ID: "x"}}},
		{"behind another", today, nil, model.Sort{}, model.PageRequest{PerPage: 20, Number: 2, After: &model.Position{Value: int64(5), ID: "y"}}},
		{"a", today, a, model.Sort{}, first},
		{"b", today, b, model.Sort{}, first},
		{"not a", today, test("name", model.NotEqual, "a"), model.Sort{}, first},
		{"of another field", today, test("email", model.Equal, "a"), model.Sort{}, first},
		{"a tomorrow", query.Env{Location: time.UTC, Now: noon.Add(24 * time.Hour)}, a, model.Sort{}, first},
		{"a in Berlin", query.Env{Location: berlin, Now: noon}, a, model.Sort{}, first},
		{"a and b", today, group(model.And, a, b), model.Sort{}, first},
		{"a or b", today, group(model.Or, a, b), model.Sort{}, first},
		{"b and a", today, group(model.And, b, a), model.Sort{}, first},
		{"a and (b)", today, group(model.And, a, group(model.And, b)), model.Sort{}, first},
		{"(a and b)", today, group(model.And, group(model.And, a, b)), model.Sort{}, first},
		{"a number", today, test("seats", model.Equal, int64(5)), model.Sort{}, first},
		{"its text", today, test("seats", model.Equal, "5"), model.Sort{}, first},
		{"days", today, test("seats", model.Equal, model.DaysAgo(5)), model.Sort{}, first},
		{"nothing", today, test("seats", model.Equal, nil), model.Sort{}, first},
		{"true", today, test("seats", model.Equal, true), model.Sort{}, first},
		{"its word", today, test("seats", model.Equal, "true"), model.Sort{}, first},
		{"several", today, test("seats", model.In, []any{"a", "b"}), model.Sort{}, first},
		{"one with a comma", today, test("seats", model.In, []any{`a","b`}), model.Sort{}, first},
		{"a quotation mark", today, test("name", model.Equal, `a" (="name"`), model.Sort{}, first},
	} {
		key := query.Key(c.env, c.filter, c.sort, c.page)
		if other, taken := seen[key]; taken || key == "" {
			t.Errorf("%s has the key %q, as %s", c.name, key, other)
		}
		if again := query.Key(c.env, c.filter, c.sort, c.page); again != key {
			t.Errorf("%s has the keys %q and %q", c.name, key, again)
		}
		seen[key] = c.name
	}
	many := make([]*model.Filter, 100)
	for i := range many {
		many[i] = test("name", model.Equal, strings.Repeat("a", 50))
	}
	later := query.Env{Location: time.UTC, Now: noon.Add(time.Hour)}
	if one, other := query.Key(today, a, model.Sort{}, first), query.Key(later, a, model.Sort{}, first); one != other {
		t.Errorf("the key of one hour is %q, and of the next %q", one, other)
	}
	for name, key := range map[string]string{
		"until a second": query.Key(query.Env{Location: time.UTC, Now: noon, Until: 5}, a, model.Sort{}, first),
		"a long value":   query.Key(today, test("name", model.Equal, strings.Repeat("a", 3000)), model.Sort{}, first),
		"many tests":     query.Key(today, group(model.Or, many...), model.Sort{}, first),
	} {
		if key != "" {
			t.Errorf("%s has the key %q", name, key)
		}
	}
}
