package record

import (
	"database/sql"
	"fmt"

	"parley/internal/model"
)

// filterRow is a filter as a JSONB column holds it.
type filterRow struct {
	Operator model.Operator `json:"operator"`
	Field    string         `json:"field,omitzero"`
	Value    any            `json:"value,omitzero"`
	DaysAgo  *int           `json:"days_ago,omitzero"`
	Filters  []filterRow    `json:"filters,omitzero"`
}

func toFilterRow(f model.Filter) filterRow {
	row := filterRow{Operator: f.Operator, Field: f.Field, Value: f.Value}
	if days, ok := f.Value.(model.DaysAgo); ok {
		n := int(days)
		row.Value, row.DaysAgo = nil, &n
	}
	for _, inner := range f.Filters {
		row.Filters = append(row.Filters, toFilterRow(inner))
	}
	return row
}

func (row filterRow) filter() model.Filter {
	f := model.Filter{Operator: row.Operator, Field: row.Field, Value: Whole(row.Value)}
	if row.DaysAgo != nil {
		f.Value = model.DaysAgo(*row.DaysAgo)
	}
	for _, inner := range row.Filters {
		f.Filters = append(f.Filters, inner.filter())
	}
	return f
}

// Filter is a filter for a JSONB column, and FilterColumn scans one.
func Filter(f model.Filter) any { return ToJSON(toFilterRow(f)) }

// FilterColumn has a filter scanned out of a JSONB column.
func FilterColumn(f *model.Filter) sql.Scanner { return filterColumn{f} }

type filterColumn struct{ f *model.Filter }

func (c filterColumn) Scan(v any) error {
	var row filterRow
	if err := (JSONColumn(&row)).Scan(v); err != nil {
		return fmt.Errorf("filter: %w", err)
	}
	*c.f = row.filter()
	return nil
}

// OptionalFilter is a filter for a JSONB column that may be NULL, and
// OptionalFilterColumn scans one.
func OptionalFilter(f *model.Filter) any {
	if f == nil {
		return nil
	}
	return ToJSON(toFilterRow(*f))
}

// OptionalFilterColumn has a filter scanned out of a JSONB column, or nil.
func OptionalFilterColumn(f **model.Filter) sql.Scanner { return optionalFilterColumn{f} }

type optionalFilterColumn struct{ f **model.Filter }

func (c optionalFilterColumn) Scan(v any) error {
	if *c.f = nil; v == nil {
		return nil
	}
	*c.f = new(model.Filter)
	return filterColumn{*c.f}.Scan(v)
}
