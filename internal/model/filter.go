package model

// A Filter is a question about a row: a test of one field, or a group of
// filters joined by AND or OR. Searches, segments and views are filters.
type Filter struct {
	Operator Operator
	Field    string   // of a test
	Value    any      // of a test: nil, string, bool, int64, float64, []any of those, or DaysAgo
	Filters  []Filter // of a group
}

// An Operator joins or compares.
type Operator string

const (
	And            Operator = "AND"
	Or             Operator = "OR"
	Equal          Operator = "="
	NotEqual       Operator = "!="
	In             Operator = "IN"
	NotIn          Operator = "NIN"
	Greater        Operator = ">"
	Less           Operator = "<"
	GreaterOrEqual Operator = ">="
	LessOrEqual    Operator = "<="
	Contains       Operator = "~"
	NotContains    Operator = "!~"
	StartsWith     Operator = "^"
	EndsWith       Operator = "$"
)

// IsGroup reports whether the filter joins others.
func (f *Filter) IsGroup() bool { return f.Operator == And || f.Operator == Or }

// DaysAgo is a date relative to the day the filter is evaluated on. Only
// segments use it: "seen in the last 30 days" must stay true tomorrow.
type DaysAgo int

// Tests calls fn for each test in the filter.
func (f *Filter) Tests(fn func(test *Filter)) {
	if !f.IsGroup() {
		fn(f)
		return
	}
	for i := range f.Filters {
		f.Filters[i].Tests(fn)
	}
}
