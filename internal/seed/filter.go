package seed

import (
	"maps"
	"slices"
	"strings"

	"parley/internal/model"
)

var errFilter = faultf("a filter is {field, operator, value}, or {operator: AND or OR, value: a list of filters}")

// filter reads the filter of a segment or of an assignment rule: the language of
// searches, in which a value may also be {days_ago: 30}, {tag: name}, {team:
// name} or {admin: e-mail address}.
func (r *run) filter(raw map[string]any) (model.Filter, error) {
	operator, _ := raw["operator"].(string)
	f := model.Filter{Operator: model.Operator(strings.ToUpper(operator))}
	if f.IsGroup() {
		list, ok := raw["value"].([]any)
		if !ok || len(raw) != 2 {
			return f, errFilter
		}
		for _, member := range list {
			inner, ok := member.(map[string]any)
			if !ok {
				return f, errFilter
			}
			test, err := r.filter(inner)
			if err != nil {
				return f, err
			}
			f.Filters = append(f.Filters, test)
		}
		return f, nil
	}
	var ok bool
	value, given := raw["value"]
	if f.Field, ok = raw["field"].(string); !ok || !given || len(raw) != 3 || operator == "" {
		return f, errFilter
	}
	var err error
	f.Value, err = r.filterValue(value)
	return f, in(err, "%s", f.Field)
}

func (r *run) filterValue(v any) (any, error) {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i := range v {
			var err error
			if list[i], err = r.filterValue(v[i]); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		return r.reference(v)
	default:
		return plain(v)
	}
}

// reference is a value that is worked out: an id by a name, or a date by a
// distance.
func (r *run) reference(v map[string]any) (any, error) {
	for _, kind := range slices.Sorted(maps.Keys(v)) {
		name, isName := v[kind].(string)
		days, isNumber := v[kind].(uint64)
		switch {
		case len(v) == 1 && kind == "days_ago" && isNumber && days < 100_000:
			return model.DaysAgo(days), nil
		case len(v) == 1 && kind == "tag" && isName:
			id, err := r.tag(name)
			return id.String(), err
		case len(v) == 1 && kind == "team" && isName:
			id, err := known(r.teamIDs, "team", name)
			return int64(id), err
		case len(v) == 1 && kind == "admin" && isName:
			id, err := r.admin(name)
			return int64(id), err
		}
	}
	return nil, faultf("a value is a text, a number, true, false, null, a list of those, {days_ago: 30}, {tag: name}, {team: name} or {admin: e-mail address}")
}

// plain brings a value of YAML into the form that the nouns have it in.
func plain(v any) (any, error) {
	switch v := v.(type) {
	case nil, string, bool, int64, float64:
		return v, nil
	case uint64:
		return int64(v), nil
	default:
		return nil, faultf("%v is neither a text nor a number nor true, false or null", v)
	}
}
