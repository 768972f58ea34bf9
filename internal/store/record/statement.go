package record

import (
	"fmt"
	"strings"
	"unicode"
)

// Columns are the names of a list of columns.
func Columns(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}

// Inserts is a statement that inserts a row into a table of workspaces: $1 is its workspace, and $2 the first of the columns.
func Inserts(table string, columns ...string) string {
	places := make([]string, len(columns))
	for i := range columns {
		places[i] = fmt.Sprintf("$%d", i+2)
	}
	return fmt.Sprintf(`INSERT INTO %s (workspace_id, %s) VALUES ($1, %s)`, table, strings.Join(columns, ", "), strings.Join(places, ", "))
}

// Updates is a statement that writes columns of a row of a workspace: $1 and $2 are the workspace and the id, and $3 is the first of the columns.
func Updates(table string, columns ...string) string {
	set := make([]string, len(columns))
	for i, column := range columns {
		set[i] = fmt.Sprintf("%s = $%d", column, i+3)
	}
	return fmt.Sprintf(`UPDATE %s SET %s WHERE workspace_id = $1 AND id = $2`, table, strings.Join(set, ", "))
}

// WriteTo is Write, whose error tells what it was to do.
func (s *Scope) WriteTo(do, statement string, values ...any) error {
	if err := s.Write(statement, values...); err != nil {
		return fmt.Errorf("store: %s: %w", do, err)
	}
	return nil
}
