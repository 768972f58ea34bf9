package query

import (
	"fmt"
	"strconv"

	"parley/internal/model"
)

// maxKey is how long a key is at most: what is asked for by a longer one is seldom asked for twice.
const maxKey = 2000

// Key names a page of a list by all that decides which rows are on it, beside the rows that there are: what is asked for, and by which days. Where it is the same twice, and
// nobody has written in between, so is the page. It is empty where that is not so, or not worth it.
func Key(env Env, filter *model.Filter, sort model.Sort, page model.PageRequest) string {
	if env.Until != 0 {
		return "" // by the second
	}
	var b []byte
	if filter != nil {
		b = fmt.Appendf(b, "%s %s ", env.Location, env.Now.In(env.Location).Format("2006-01-02"))
	}
	b = fmt.Appendf(b, "%q %t %d %d", sort.Field, sort.Descending, page.PerPage, page.Number)
	if page.After != nil {
		b = appendValue(append(b, " after "...), page.After.Value)
		b = strconv.AppendQuote(b, page.After.ID)
	}
	if filter != nil {
		b = appendFilter(b, filter)
	}
	if len(b) > maxKey {
		return ""
	}
	return string(b)
}

func appendFilter(b []byte, f *model.Filter) []byte {
	if len(b) > maxKey {
		return b
	}
	b = append(b, " ("...)
	b = append(b, f.Operator...)
	if !f.IsGroup() {
		b = strconv.AppendQuote(b, f.Field)
		b = appendValue(b, f.Value)
	}
	for i := range f.Filters {
		b = appendFilter(b, &f.Filters[i])
	}
	return append(b, ')')
}

// appendValue writes a value so that another, or one of another type, is written otherwise.
func appendValue(b []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
		return append(b, '-')
	case string:
		return strconv.AppendQuote(b, v)
	case []any:
		b = append(b, '[')
		for _, one := range v {
			b = append(appendValue(b, one), ',')
		}
		return append(b, ']')
	default: // bool, int64, float64, model.DaysAgo
		return fmt.Appendf(b, "%T %v ", v, v)
	}
}
