package query

import (
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"parley/internal/db"
	"parley/internal/model"
)

// The bounds of a filter: those the API documents, and some that keep a
// statement within what a database takes. MaxSegments segments fit into one.
const (
	maxDepth            = 2      // levels of AND and OR
	maxTests            = 15     // filters in one group
	maxValues           = 1000   // members of an IN list
	maxText             = 2048   // characters of a text value
	maxArguments        = 12_000 // of a statement
	maxSegmentArguments = 40     // of one segment's filter
	maxSegmentValues    = 200    // members of all IN lists of one segment's filter
)

// An Env is what a filter may refer to.
type Env struct {
	Dialect    *db.Dialect
	Workspace  model.WorkspaceID
	Location   *time.Location // whose days dates are counted in
	Now        time.Time
	Until      int64                     // only what was made until then; 0: whenever
	Attributes map[string]model.DataType // custom attributes by name
	Segments   map[model.SegmentID]*model.Segment
}

// Made is a further condition on when rows were made, by the name of the column; empty
// where there is none.
func (e *Env) Made(b *Builder, column string) string {
	if e.Until == 0 {
		return ""
	}
	return " AND " + column + " <= " + b.Arg(e.Until)
}

// A kind is how a field's values compare.
type kind int

const (
	textual kind = iota + 1
	integer
	decimal
	date
	boolean
	membership
	segmentMembership
	moment     // a time to the second
	identifier // a number that is also read as a text
	member     // of several that a row has
)

// operators are what each kind can be asked.
var operators = map[kind][]model.Operator{
	textual: {model.Equal, model.NotEqual, model.In, model.NotIn,
		model.Contains, model.NotContains, model.StartsWith, model.EndsWith},
	integer: {model.Equal, model.NotEqual, model.In, model.NotIn,
		model.Greater, model.Less, model.GreaterOrEqual, model.LessOrEqual},
	decimal: {model.Equal, model.NotEqual, model.In, model.NotIn,
		model.Greater, model.Less, model.GreaterOrEqual, model.LessOrEqual},
	date:              {model.Equal, model.Greater, model.Less},
	boolean:           {model.Equal, model.NotEqual, model.In, model.NotIn},
	membership:        {model.Equal, model.NotEqual},
	segmentMembership: {model.Equal, model.NotEqual, model.In, model.NotIn},
}

// A field is something rows can be asked about.
type field struct {
	kind kind
	sql  string                                   // the column or expression; of a searchable text, empty
	key  string                                   // the name within the searchable column, where there is no sql
	has  func(c *compiler, id string) error       // of a membership: the condition that a row is in it
	test func(c *compiler, f *model.Filter) error // a test other than of null, where it is no comparison of sql
	long bool                                     // too long to sort by

	parts bool // an index finds contacts by parts of it
}

// A compiler writes one filter.
type compiler struct {
	*Builder
	env        Env
	lookup     func(env Env, name string) (field, bool)
	operators  map[kind][]model.Operator
	searchable string // the column of what has none of its own
	nested     bool   // inside a segment
}

func newCompiler(b *Builder, env Env, lookup func(Env, string) (field, bool)) *compiler {
	return &compiler{Builder: b, env: env, lookup: lookup, operators: operators, searchable: "searchable"}
}

func (c *compiler) filter(f *model.Filter, depth int) error {
	if !f.IsGroup() {
		if err := c.test(f); err != nil {
			return err
		}
		return c.bounded()
	}
	switch {
	case depth > maxDepth:
		return model.ParameterInvalid("Filters can be nested %d levels deep at most", maxDepth)
	case len(f.Filters) > maxTests:
		return model.ParameterInvalid("At most %d filters can be joined by one %s", maxTests, f.Operator)
	case len(f.Filters) == 0:
		return model.ParameterInvalid("%s needs at least one filter", f.Operator)
	}
	c.Text("(")
	for i := range f.Filters {
		if i > 0 {
			c.Text(" ", string(f.Operator), " ")
		}
		if err := c.filter(&f.Filters[i], depth+1); err != nil {
			return err
		}
	}
	c.Text(")")
	return nil
}

// bounded refuses a statement that has grown beyond what a database takes.
func (c *compiler) bounded() error {
	if len(c.args) > maxArguments {
		return model.ParameterInvalid("The query asks for too much at once")
	}
	return nil
}

func (c *compiler) test(f *model.Filter) error {
	fd, ok := c.lookup(c.env, f.Field)
	if !ok {
		return invalidField(f.Field)
	}
	if !slices.Contains(c.operators[fd.kind], f.Operator) {
		if f.Value != nil || f.Operator != model.NotEqual { // "!= null" may be asked of anything
			return model.ParameterInvalid("Operator %q cannot be used with %s", f.Operator, f.Field)
		}
	}
	switch {
	case fd.kind == segmentMembership && c.nested:
		return model.ParameterInvalid("A segment cannot refer to a segment")
	case fd.has != nil:
		return c.membership(fd, f)
	}
	if held, err := c.held(fd, f); held || err != nil {
		return err
	}
	expr := c.expr(fd)
	if f.Value == nil {
		switch f.Operator {
		case model.Equal:
			c.Text(expr, " IS NULL")
		case model.NotEqual:
			c.Text(expr, " IS NOT NULL")
		default:
			return wrongValue(f)
		}
		return nil
	}
	if fd.test != nil {
		return fd.test(c, f)
	}
	switch fd.kind {
	case date:
		return c.date(expr, f)
	case identifier:
		return c.identifier(expr, f)
	case textual:
		c.mention(fd, f)
		if fd.parts {
			c.part(fd.sql, f)
		}
	case boolean:
		if fd.key == "" && (f.Operator == model.Equal || f.Operator == model.NotEqual) {
			return c.truth(expr, f)
		}
	}
	return c.compare(expr, f, fd.convert())
}

// convert is how a caller's value becomes one that the field's are compared with.
func (fd field) convert() func(any) (any, bool) {
	switch fd.kind {
	case moment:
		return asSecond
	case textual:
		return asText
	case boolean:
		return asBool(fd)
	case decimal:
		return asDecimal
	default:
		return asInteger
	}
}

// expr is the SQL of a field's value.
func (c *compiler) expr(fd field) string {
	if fd.key == "" {
		return fd.sql
	}
	text := c.env.Dialect.JSONText(c.searchable, c.Arg(fd.key))
	switch fd.kind {
	case integer, date, moment:
		return "CAST(" + text + " AS BIGINT)"
	case decimal:
		return "CAST(" + text + " AS DOUBLE PRECISION)"
	default:
		return text
	}
}

// compare writes every comparison but those of dates. What has no value is
// unequal to any, so that "!=" and its kin find it.
func (c *compiler) compare(expr string, f *model.Filter, convert func(any) (any, bool)) error {
	if f.Operator == model.In || f.Operator == model.NotIn {
		return c.in(expr, f, convert)
	}
	v, ok := convert(f.Value)
	if !ok {
		return wrongValue(f)
	}
	switch f.Operator {
	case model.NotEqual:
		c.Text(expr, " IS DISTINCT FROM ", c.Arg(v))
	case model.Contains:
		if c.env.Dialect.Mentions("", "") != "" {
			c.Text(c.env.Dialect.Mentions(expr, c.Arg(v)))
		} else {
			c.Text(expr, " LIKE ", c.Arg("%"+escape(v.(string))+"%"), c.env.Dialect.Like())
		}
	case model.NotContains:
		c.Text("(", expr, " IS NULL OR ", expr, " NOT LIKE ", c.Arg("%"+escape(v.(string))+"%"), c.env.Dialect.Like(), ")")
	case model.StartsWith:
		c.prefix(expr, v.(string))
	case model.EndsWith:
		c.Text(expr, " LIKE ", c.Arg("%"+escape(v.(string))), c.env.Dialect.Like())
	default: // = < > <= >=
		c.Text(expr, " ", string(f.Operator), " ", c.Arg(v))
	}
	return nil
}

func (c *compiler) in(expr string, f *model.Filter, convert func(any) (any, bool)) error {
	list, err := members(f)
	if err != nil {
		return err
	}
	values := make([]any, len(list))
	for i, member := range list {
		var ok bool
		if values[i], ok = convert(member); !ok {
			return wrongValue(f)
		}
	}
	switch {
	case f.Operator == model.In && len(values) == 0: // nothing is in an empty list
		c.Text(expr, " IN (NULL)")
	case f.Operator == model.In:
		c.Text(expr, " ", c.among(values))
	case len(values) == 0: // and everything outside it; the expression's own argument must be used
		c.Text("(", expr, " IS NULL OR ", expr, " IS NOT NULL)")
	default:
		c.Text("(", expr, " IS NULL OR NOT ", expr, " ", c.among(values), ")")
	}
	return nil
}

// few is how many members of a list are an argument each, so that a planner sees
// them.
const few = 8

// among is the condition that what stands before it is one of the values. Many texts
// and many whole numbers are one argument together: databases are slow to read a
// statement of many.
func (c *compiler) among(values []any) string {
	if len(values) > few {
		switch values[0].(type) {
		case string:
			return c.env.Dialect.In(c.Arg(toJSON(values)))
		case int64:
			return c.env.Dialect.InInts(c.Arg(toJSON(values)))
		}
	}
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = c.Arg(v)
	}
	return "IN (" + strings.Join(names, ", ") + ")"
}

// prefix writes that a text begins with another. Of a column, which is in the order of
// the bytes, it asks whether the text is in the range of those that do: an index has
// them in one piece.
func (c *compiler) prefix(expr, prefix string) {
	if strings.ContainsAny(expr, "( ") {
		c.Text(expr, " LIKE ", c.Arg(escape(prefix)+"%"), c.env.Dialect.Like())
		return
	}
	c.Text("(", expr, " >= ", c.Arg(prefix))
	if end, ok := successor(prefix); ok {
		c.Text(" AND ", expr, " < ", c.Arg(end))
	}
	c.Text(")")
}

// successor is the first text, in the order of the bytes, behind all that begin with a
// prefix. There is none behind the last character there is, nor behind nothing.
func successor(prefix string) (string, bool) {
	for prefix != "" {
		last, size := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-size]
		switch {
		case last == 0xD7FF: // surrogates are no characters
			return prefix + "\uE000", true
		case last < utf8.MaxRune:
			return prefix + string(last+1), true
		}
	}
	return "", false
}

// truth writes a test of a column of truth values as the column itself, which is how
// an index of the rare ones spells it.
func (c *compiler) truth(expr string, f *model.Filter) error {
	v, ok := asBool(field{})(f.Value)
	if !ok {
		return wrongValue(f)
	}
	if (v == true) == (f.Operator == model.Equal) {
		c.Text(expr)
	} else {
		c.Text("NOT ", expr)
	}
	return nil
}

// members are the values of an IN or NIN.
func members(f *model.Filter) ([]any, error) {
	list, ok := f.Value.([]any)
	switch {
	case !ok:
		return nil, model.ParameterInvalid("%s needs a list of values for %s", f.Operator, f.Field)
	case len(list) > maxValues:
		return nil, model.ParameterInvalid("A list can have %d values at most", maxValues)
	}
	return list, nil
}

// date compares whole days of the workspace's time zone, as the live API does
// for contacts: "after the 5th" begins with the 6th.
func (c *compiler) date(expr string, f *model.Filter) error {
	var year, day int
	var month time.Month
	switch v := f.Value.(type) {
	case model.DaysAgo:
		year, month, day = c.env.Now.In(c.env.Location).Date()
		day -= int(v)
	default:
		seconds, ok := toFloat(v)
		if !ok || math.Abs(seconds) > 1e14 {
			return wrongValue(f)
		}
		year, month, day = time.Unix(int64(math.Floor(seconds)), 0).In(c.env.Location).Date()
	}
	start := startOfDay(year, month, day, c.env.Location)
	next := startOfDay(year, month, day+1, c.env.Location)
	switch f.Operator {
	case model.Greater:
		c.Text(expr, " >= ", c.Arg(next))
	case model.Less:
		c.Text(expr, " < ", c.Arg(start))
	default:
		c.Text("(", expr, " >= ", c.Arg(start), " AND ", expr, " < ", c.Arg(next), ")")
	}
	return nil
}

// startOfDay is the first second of a day. Where clocks are put forward at
// midnight that is not 00:00, and a day that a zone left out begins with the next.
func startOfDay(year int, month time.Month, day int, zone *time.Location) int64 {
	inUTC := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	wanted := inUTC(year, month, day)
	from := wanted.Add(-36 * time.Hour).Unix() // no zone is that far from UTC
	return from + int64(sort.Search(72*3600, func(i int) bool {
		return !inUTC(time.Unix(from+int64(i), 0).In(zone).Date()).Before(wanted)
	}))
}

// identifier compares a decimal id: as a number, or as a text where a part of it
// is asked for.
func (c *compiler) identifier(expr string, f *model.Filter) error {
	switch f.Operator {
	case model.Greater, model.Less:
		return c.compare(expr, f, asInteger)
	case model.Contains, model.NotContains, model.StartsWith, model.EndsWith:
		return c.compare("CAST("+expr+" AS TEXT)", f, asText)
	default:
		return c.compare(expr, f, asID)
	}
}

// membership writes that a row is in one of the named groups, or in none of
// them. A row of which it cannot be said is in none.
func (c *compiler) membership(fd field, f *model.Filter) error {
	list := []any{f.Value}
	if f.Operator == model.In || f.Operator == model.NotIn {
		var err error
		if list, err = members(f); err != nil {
			return err
		}
	}
	ids := make([]string, len(list))
	for i, member := range list {
		id, ok := asText(member)
		if !ok {
			return wrongValue(f)
		}
		ids[i] = id.(string)
	}
	if len(ids) == 0 {
		c.Text("(1 = 0)")
	} else if err := c.hasAny(fd, ids); err != nil {
		return err
	}
	if f.Operator == model.NotEqual || f.Operator == model.NotIn {
		c.Text(" IS NOT TRUE")
	}
	return nil
}

// hasAny writes that one of some ids is had, halves within halves: SQLite compiles a
// chain of as many members in the square of their number.
func (c *compiler) hasAny(fd field, ids []string) error {
	c.Text("(")
	if half := len(ids) / 2; half > 0 {
		if err := c.hasAny(fd, ids[:half]); err != nil {
			return err
		}
		c.Text(" OR ")
		if err := c.hasAny(fd, ids[half:]); err != nil {
			return err
		}
	} else {
		if err := fd.has(c, ids[0]); err != nil {
			return err
		}
		if err := c.bounded(); err != nil {
			return err
		}
	}
	c.Text(")")
	return nil
}

func invalidField(name string) error {
	if utf8.RuneCountInString(name) > model.MaxText {
		name = "Field"
	}
	return &model.Error{Kind: model.Invalid, Code: "invalid_field", Message: name + " is not a valid search field"}
}

func wrongValue(f *model.Filter) error {
	return model.ParameterInvalid("The value for %s does not fit the field and the operator %q", f.Field, f.Operator)
}

// The converters take a value as JSON has it and return it as the column has
// it. Numbers may come as strings, and ids of text fields as numbers.

func asText(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		return model.Fold(v), utf8.RuneCountInString(v) <= maxText
	case int64:
		return strconv.FormatInt(v, 10), true
	default:
		return nil, false
	}
}

func asBool(fd field) func(any) (any, bool) {
	return func(v any) (any, bool) {
		b, ok := v.(bool)
		if s, isText := v.(string); isText {
			b, ok = s == "true", s == "true" || s == "false"
		}
		if fd.key != "" { // the searchable column holds the word
			return strconv.FormatBool(b), ok
		}
		return b, ok
	}
}

func asInteger(v any) (any, bool) {
	f, ok := toFloat(v)
	if !ok || f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
		return nil, false
	}
	return int64(f), true
}

// asSecond cuts a fraction off: times are whole seconds.
func asSecond(v any) (any, bool) {
	f, ok := toFloat(v)
	if !ok || math.Abs(f) > 1e14 {
		return nil, false
	}
	return int64(math.Floor(f)), true
}

// asID gives 0, which no row has, for a text that is no id.
func asID(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		return int64(model.Decimal[model.ConversationID](v)), true
	default:
		return asInteger(v)
	}
}

func asDecimal(v any) (any, bool) { return toFloat(v) }

func toFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case string:
		f, err := strconv.ParseFloat(v, 64)
		return f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) && !strings.ContainsAny(v, "xX_")
	default:
		return 0, false
	}
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func escape(s string) string { return likeEscaper.Replace(s) }
