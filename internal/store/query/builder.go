// Package query turns a filter into the WHERE clause of a SELECT, and a place in
// a list into the rest of it.
// It must not read anything: what a filter refers to (attributes, segments, the
// time zone) is handed in.
package query

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"parley/internal/model"
)

// A Builder collects the text of a statement and its arguments.
type Builder struct {
	text  strings.Builder
	args  []any
	fixed bool
}

// FixLimit has Page and its kin write how many rows are wanted into the statement itself. PostgreSQL, which plans once what it can plan for all values, takes
// an argument there for a tenth of all rows, and plans each time then.
func (b *Builder) FixLimit() { b.fixed = true }

func (b *Builder) limit(most int) string {
	if b.fixed {
		return strconv.Itoa(most)
	}
	return b.Arg(most)
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
	c := &Builder{args: slices.Clone(b.args), fixed: b.fixed}
	c.text.WriteString(b.SQL())
	return c
}

// A Column is what a list is sorted by.
type Column struct {
	SQL      string
	Nullable bool
	Order    string // what to sort by, where that is not spelled as SQL is
}

func (c Column) order() string { return cmp.Or(c.Order, c.SQL) }

// Page ends a SELECT whose condition has been written: the rows after the page's
// position in the order of column and id, as many as most. The column is one that
// is never NULL, or the condition leaves those out.
func (b *Builder) Page(column Column, id string, sort model.Sort, page model.PageRequest, most int) {
	before, direction := directions(sort)
	if after := page.After; after != nil {
		b.Text(" AND (", column.SQL, ", ", id, ") ", before, " (", b.Arg(after.Value), ", ", b.Arg(after.ID), ")")
	}
	b.Text(" ORDER BY ", column.order(), direction, ", ", id, direction, " LIMIT ", b.limit(most))
	if offset := page.Offset(); offset > 0 {
		b.Text(" OFFSET ", b.Arg(offset))
	}
}

// PageOfSome is Page among the rows that have a value in a column that may be NULL.
// They come before the others in either order, and an index has them in one piece.
func (b *Builder) PageOfSome(column Column, id string, sort model.Sort, page model.PageRequest, most int) {
	b.Text(" AND ", column.SQL, " IS NOT NULL")
	b.Page(column, id, sort, page, most)
}

// PageOfNone is what follows on PageOfSome: the rows whose column is NULL, by id. after
// is the id of the last one before, or nil.
func (b *Builder) PageOfNone(column Column, id string, sort model.Sort, after any, most int) {
	before, direction := directions(sort)
	b.Text(" AND ", column.SQL, " IS NULL")
	if after != nil {
		b.Text(" AND ", id, " ", before, " ", b.Arg(after))
	}
	b.Text(" ORDER BY ", id, direction, " LIMIT ", b.limit(most))
}

// PageWithNulls is Page for a column that may be NULL and a page found by how many rows
// are before it.
func (b *Builder) PageWithNulls(column Column, id string, sort model.Sort, page model.PageRequest, most int) {
	_, direction := directions(sort)
	b.Text(" ORDER BY ", column.SQL, direction, " NULLS LAST, ", id, direction, " LIMIT ", b.limit(most), " OFFSET ", b.Arg(page.Offset()))
}

func directions(sort model.Sort) (before, direction string) {
	if sort.Descending {
		return "<", " DESC"
	}
	return ">", " ASC"
}
