package wire

import (
	"cmp"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"parley/internal/model"
)

// A SearchRequest asks for a page of what matches a query.
type SearchRequest struct {
	Query      *Filter         `json:"query"`
	Pagination Opt[Pagination] `json:"pagination,omitzero"`
	Sort       Opt[SearchSort] `json:"sort,omitzero"`
}

// Filter is the query as the rules take it.
func (r SearchRequest) Filter() (*model.Filter, error) {
	if r.Query == nil {
		return nil, model.ParameterNotFound("query is required")
	}
	return &r.Query.Filter, nil
}

// Order is the sort that was asked for, by the list's own field where none was
// named. Without an order it is descending.
func (r SearchRequest) Order(usual model.Sort) (model.Sort, error) {
	if !r.Sort.Has() {
		return usual, nil
	}
	sort := model.Sort{Field: cmp.Or(r.Sort.Value.Field, usual.Field)}
	switch order := r.Sort.Value.Order; order {
	case "", "descending":
		sort.Descending = true
	case "ascending":
	default:
		return usual, &model.Error{Kind: model.Invalid, Code: "invalid_sort_order",
			Message: "Invalid sort order '" + clip(order) + "'. Must be one of: ascending, descending"}
	}
	return sort, nil
}

// Page is the size and the cursor of the page that was asked for; empty where
// they were not.
func (r SearchRequest) Page() (perPage, cursor string) {
	asked := r.Pagination.Value
	if asked.PerPage.Has() {
		perPage = strconv.FormatInt(int64(asked.PerPage.Value), 10)
	}
	return perPage, string(asked.StartingAfter.Value)
}

// clip keeps an error message from echoing a request's length.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// A Pagination names a page of a search.
type Pagination struct {
	PerPage       Opt[Int]  `json:"per_page,omitzero"`
	StartingAfter Opt[Text] `json:"starting_after,omitzero"`
}

// A SearchSort orders a search.
type SearchSort struct {
	Field string `json:"field,omitzero"`
	Order string `json:"order,omitzero" enum:"ascending,descending"`
}

// A Filter is a test of a field, or filters joined by AND or OR.
type Filter struct{ model.Filter }

// Schema describes the type in the contract.
func (Filter) Schema() map[string]any {
	return map[string]any{
		"type":        "object",
		"description": "Either one filter (field, operator, value) or a group: operator AND or OR, and a value that is a list of filters.",
		"required":    []string{"operator", "value"},
		"properties": map[string]any{
			"field": map[string]any{"type": "string"},
			"operator": map[string]any{"type": "string",
				"enum": []string{"AND", "OR", "=", "!=", "IN", "NIN", "<", ">", "<=", ">=", "~", "!~", "^", "$"}},
			"value": map[string]any{},
		},
	}
}

// maxFilterDepth is how deep filters are read. The rules allow less; this is to
// read no body over and over.
const maxFilterDepth = 8

// UnmarshalJSONFrom reads a filter.
func (f *Filter) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	raw, err := d.ReadValue()
	if err != nil {
		return err
	}
	f.Filter, err = readFilter(raw, 1)
	return err
}

func readFilter(raw jsontext.Value, depth int) (f model.Filter, err error) {
	var in struct {
		Field    *string        `json:"field"`
		Operator *string        `json:"operator"`
		Value    jsontext.Value `json:"value"`
	}
	switch {
	case raw.Kind() != '{':
		return f, model.ParameterInvalid("A filter must be an object with a field, an operator and a value")
	case depth > maxFilterDepth:
		return f, model.ParameterInvalid("The filters are nested too deeply")
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return f, err
	}
	if in.Operator == nil {
		return f, model.ParameterInvalid("A filter needs an operator")
	}
	f.Operator = model.Operator(*in.Operator)
	switch f.Operator {
	case model.And, model.Or:
		f.Filters, err = readFilters(in.Value, f.Operator, depth)
		return f, err
	case model.Equal, model.NotEqual, model.In, model.NotIn, model.Greater, model.Less, model.GreaterOrEqual,
		model.LessOrEqual, model.Contains, model.NotContains, model.StartsWith, model.EndsWith:
	default:
		return f, model.ParameterInvalid("Operator '%s' is not supported", clip(*in.Operator))
	}
	if in.Field == nil {
		return f, model.ParameterInvalid("A filter needs a field")
	}
	if in.Value == nil {
		return f, model.ParameterInvalid("A filter needs a value")
	}
	f.Field = *in.Field
	f.Value, err = filterValue(in.Value)
	return f, err
}

func readFilters(raw jsontext.Value, join model.Operator, depth int) ([]model.Filter, error) {
	var members []jsontext.Value
	if raw.Kind() != '[' {
		return nil, model.ParameterInvalid("%s needs a list of filters", join)
	}
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, err
	}
	filters := make([]model.Filter, len(members))
	for i, m := range members {
		var err error
		if filters[i], err = readFilter(m, depth+1); err != nil {
			return nil, err
		}
	}
	return filters, nil
}

func filterValue(raw jsontext.Value) (any, error) {
	if raw.Kind() != '[' {
		return scalarValue(raw)
	}
	var members []jsontext.Value
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, err
	}
	list := make([]any, len(members))
	for i, m := range members {
		v, err := scalarValue(m)
		if err != nil {
			return nil, err
		}
		if v == nil {
			return nil, model.ParameterInvalid("A list of values cannot contain null")
		}
		list[i] = v
	}
	return list, nil
}

func scalarValue(raw jsontext.Value) (any, error) {
	switch raw.Kind() {
	case '{', '[':
		return nil, model.ParameterInvalid("A filter's value must be a text, a number, a truth value, null or a list of those")
	}
	var s scalar
	err := json.Unmarshal(raw, &s)
	return s.v, err
}

type scalar struct{ v any }

func (s *scalar) UnmarshalJSONFrom(d *jsontext.Decoder) (err error) {
	s.v, err = readScalar(d)
	return err
}
