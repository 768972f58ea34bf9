// Package query turns a filter into the WHERE clause of a SELECT, and a place in
// a list into the rest of it.
// It must not read anything: what a filter refers to (attributes, segments, the
// time zone) is handed in.
package query

import (
	"slices"
	"strconv"
	"strings"

	"parley/internal/model"
)

// A Builder collects the text of a statement and its arguments.
type Builder struct {
	text strings.Builder
	args []any
}

// Text appends SQL.
func (b *Builder) Text(parts ...string) {
	for _, p := range parts {
		b.text.WriteString(p)
	}
}

// Arg adds an argument and returns its placeholder.
func (b *Builder) Arg(v any) string {
	b.args = append(b.args, v)
	return "$" + strconv.Itoa(len(b.args))
}

// SQL is the statement so far.
func (b *Builder) SQL() string { return b.text.String() }

// Args are the arguments in the order of their placeholders.
func (b *Builder) Args() []any { return b.args }

// Clone copies the builder, so that a condition can go on in two statements.
func (b *Builder) Clone() *Builder {
	c := &Builder{args: slices.Clone(b.args)}
	c.text.WriteString(b.SQL())
	return c
}

// A Column is what a list is sorted by.
type Column struct {
	SQL      string
	Nullable bool
}

// Page ends a SELECT whose condition has been written: the rows after the page's
// position in the order of column and id, one more than the page holds so that
// the caller sees whether another follows.
func (b *Builder) Page(column Column, id string, sort model.Sort, page model.PageRequest) {
	before, direction := ">", " ASC"
	if sort.Descending {
		before, direction = "<", " DESC"
	}
	if after := page.After; after != nil {
		switch {
		case !column.Nullable:
			b.Text(" AND (", column.SQL, ", ", id, ") ", before, " (", b.Arg(after.Value), ", ", b.Arg(after.ID), ")")
		case after.Value == nil:
			b.Text(" AND ", column.SQL, " IS NULL AND ", id, " ", before, " ", b.Arg(after.ID))
		default:
			v := b.Arg(after.Value)
			b.Text(" AND (", column.SQL, " ", before, " ", v, " OR ", column.SQL, " = ", v, " AND ", id, " ", before, " ",
				b.Arg(after.ID), " OR ", column.SQL, " IS NULL)")
		}
	}
	b.Text(" ORDER BY ", column.SQL, direction)
	if column.Nullable {
		b.Text(" NULLS LAST")
	}
	b.Text(", ", id, direction, " LIMIT ", b.Arg(page.PerPage+1))
	if offset := page.Offset(); offset > 0 {
		b.Text(" OFFSET ", b.Arg(offset))
	}
}
