package backup

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"parley/internal/db"
)

// Target says how an archive is loaded.
type Target struct {
	Facts Facts
	Keep  Keeper // takes the files; nil reads them only, to see that they are whole
	// First is the number of the first row of each table that is told. Nothing that was ever told by such a number may have
	// been beyond it.
	First int64
}

// Load reads the rest of the archive into an empty database that has the schema of the archive's version, checks that all
// is there that the archive and the rows speak of, and returns what that was. On an error the caller gives up the
// transaction, and what Keep took.
func (r *Reader) Load(l *db.Loader, t Target) (*Manifest, error) {
	tables, err := r.tables(l, t.Facts)
	if err != nil {
		return nil, err
	}
	m := &Manifest{}
	for _, table := range tables {
		rows := r.rows(table.Name, table.Columns)
		if slices.Contains(t.Facts.Told, table.Name) {
			rows = retold(table, rows, t.First)
		}
		count := Rows{Table: table.Name}
		err := l.Insert(table, func() ([]any, error) {
			row, err := rows()
			if err == nil {
				count.Rows++
			}
			return row, err
		})
		if err != nil {
			return nil, fmt.Errorf("the table %s, at row %d: %w", table.Name, count.Rows, err)
		}
		m.Tables = append(m.Tables, count)
	}
	if err := r.loadFiles(l, t, tables, m); err != nil {
		return nil, err
	}
	return m, r.finish(m)
}

// tables finds the tables of the archive in the database. They must be all there are.
func (r *Reader) tables(l *db.Loader, facts Facts) ([]*db.Table, error) {
	there, err := l.Tables()
	if err != nil {
		return nil, err
	}
	left := map[string]*db.Table{}
	for _, t := range there {
		left[t.Name] = t
	}
	var tables []*db.Table
	for _, t := range r.Head.Tables {
		table := left[t.Name]
		if table == nil {
			return nil, fmt.Errorf("%s names the table %.100q, which the schema version %d does not have, or names it twice", headName, t.Name, r.Head.Schema)
		}
		delete(left, t.Name)
		columns, err := inOrder(t, table)
		if err != nil {
			return nil, err
		}
		tables = append(tables, &db.Table{Name: table.Name, Columns: columns})
	}
	for name := range left {
		if !slices.Contains(facts.Passing, name) {
			return nil, fmt.Errorf("%s lacks the table %s", headName, name)
		}
	}
	return tables, nil
}

// inOrder finds the columns of the archive's table among those of the database's. They must be all there are.
func inOrder(from Table, table *db.Table) ([]db.Column, error) {
	var columns []db.Column
	for _, c := range from.Columns {
		at := slices.IndexFunc(table.Columns, func(have db.Column) bool { return have.Name == c.Name })
		if at < 0 || slices.Contains(columns, table.Columns[at]) {
			return nil, fmt.Errorf("%s names the column %.100q of %s, which is not there, or names it twice", headName, c.Name, table.Name)
		}
		columns = append(columns, table.Columns[at])
	}
	if len(columns) != len(table.Columns) {
		return nil, fmt.Errorf("%s lacks columns of %s", headName, table.Name)
	}
	return columns, nil
}

// retold gives rows new positions, in their order: before any transaction, from a number on.
func retold(t *db.Table, rows func() ([]any, error), number int64) func() ([]any, error) {
	at := func(name string) int {
		return slices.IndexFunc(t.Columns, func(c db.Column) bool { return c.Name == name })
	}
	transaction, place := at("transaction_id"), at("number")
	return func() ([]any, error) {
		row, err := rows()
		if err == nil {
			row[transaction], row[place] = int64(0), number
			number++
		}
		return row, err
	}
}

// arrived is a table for as long as an archive is loaded: the files that came with it.
var arrivedColumns = []db.Column{{Name: "key", Type: db.Text}, {Name: "there", Type: db.Boolean}}

func (r *Reader) loadFiles(l *db.Loader, t Target, tables []*db.Table, m *Manifest) error {
	if !r.Head.Files {
		return nil
	}
	if t.Keep == nil {
		t.Keep = func(_ string, _ int64, from io.Reader) error {
			_, err := io.Copy(io.Discard, from)
			return err
		}
	}
	if _, err := l.Exec("CREATE TEMPORARY TABLE arrived_files (key TEXT PRIMARY KEY, there BOOLEAN NOT NULL)"); err != nil {
		return err
	}
	if err := l.Insert(&db.Table{Name: "arrived_files", Columns: arrivedColumns}, r.files(t.Keep, m)); err != nil {
		return fmt.Errorf("the files: %w", err)
	}
	var missing []string
	for _, f := range t.Facts.Files {
		if !slices.ContainsFunc(tables, func(t *db.Table) bool { return t.Name == f.Table }) {
			continue
		}
		const some = "5"
		err := eachRow(l.Tx, "SELECT named.key FROM ("+f.Keys+") AS named WHERE NOT EXISTS (SELECT 1 FROM arrived_files a WHERE a.key = named.key) LIMIT "+some,
			func(rows *db.Rows) error {
				var key string
				err := rows.Scan(&key)
				missing = append(missing, key)
				return err
			})
		if err != nil {
			return err
		}
	}
	if missing != nil {
		return fmt.Errorf("the archive lacks files that its rows name, for example %s", strings.Join(missing, ", "))
	}
	return nil
}
