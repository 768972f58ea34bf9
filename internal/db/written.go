package db

import (
	"fmt"
	"slices"

	"parley/internal/sqlite"
)

// A Written is what was written of an owner's rows since a mark.
type Written struct {
	// Tables are those of which rows were written or taken away, by their names, with the numbers that SQLite gives the rows which
	// were inserted or updated. Some of these may be gone by now, or be as they were.
	Tables map[string][]int64
}

// Bounds of what is kept: beyond them it is not known any more what was written.
const (
	mostOwners = 4096
	mostRows   = 20_000 // of an owner
)

// Mark has the database keep which rows are written of an owner, from now on and under a name, in the place of what it kept of that
// owner; no name ends that. The owner of a row is the text in its first column. What is kept is a hint in memory, and can be lost at
// any time. PostgreSQL keeps nothing.
func (t *Tx) Mark(owner, name string) error {
	if t.watch == nil {
		return nil
	}
	if err := t.lookForOthers(); err != nil {
		return err
	}
	t.watch.mark(owner, name)
	return nil
}

// Written returns what was written of an owner's rows since its Mark, by this transaction too, or false where that is not known or
// the mark has another name.
func (t *Tx) Written(owner, name string) (w Written, known bool, err error) {
	if t.watch == nil {
		return w, false, nil
	}
	if err := t.lookForOthers(); err != nil {
		return w, false, err
	}
	m := t.watch.marks[owner]
	if m == nil || m.name != name {
		return w, false, nil
	}
	w.Tables = make(map[string][]int64, len(m.tables))
	for table, rows := range m.tables {
		list := make([]int64, 0, len(rows))
		for row := range rows {
			list = append(list, row)
		}
		slices.Sort(list)
		w.Tables[table] = list
	}
	return w, true, nil
}

// Touch says that the transaction writes rows of an owner which have no first column to tell by: those of SQLite's index of words. Which rows
// they are is not kept.
func (t *Tx) Touch(owner, table string) {
	if t.watch != nil {
		if m := t.watch.marks[owner]; m != nil {
			m.touch(table)
		}
	}
}

// lookForOthers forgets all marks where another connection, the command line's say, has written since it was last asked.
func (t *Tx) lookForOthers() error {
	var version int64
	if err := t.QueryRow("PRAGMA data_version").Scan(&version); err != nil {
		return fmt.Errorf("looking for other writers: %w", err)
	}
	if version != t.watch.version {
		clear(t.watch.marks)
		t.watch.version = version
	}
	return nil
}

// A watch keeps what is written on the one connection to SQLite that writes. Only the writer's goroutine has it.
type watch struct {
	conn    *sqlite.Conn
	on      bool // it is told of each row: not before somebody asks for a mark
	version int64
	marks   map[string]*marked
	fresh   []string // owners of marks that no commit has made firm
}

// marked is what was written of an owner's rows.
type marked struct {
	name   string
	tables map[string]map[int64]struct{}
	rows   int
}

func newWatch(conn *sqlite.Conn) *watch {
	return &watch{conn: conn, marks: map[string]*marked{}}
}

func (w *watch) mark(owner, name string) {
	if name == "" {
		delete(w.marks, owner)
		return
	}
	if !w.on {
		w.on = true
		w.conn.OnChange(w.note)
	}
	if len(w.marks) >= mostOwners {
		for another := range w.marks {
			delete(w.marks, another)
			break
		}
	}
	w.marks[owner] = &marked{name: name, tables: map[string]map[int64]struct{}{}}
	w.fresh = append(w.fresh, owner)
}

// note is called for each row before it is written, those that a reference takes along included.
func (w *watch) note(c sqlite.Change) {
	if len(w.marks) == 0 {
		return
	}
	owner, known := c.First()
	if !known { // whose row it is cannot be told
		clear(w.marks)
		return
	}
	m := w.marks[owner]
	if m == nil {
		return
	}
	rows := m.touch(c.Table())
	if c.Deleted {
		return
	}
	if _, there := rows[c.Row]; !there {
		rows[c.Row] = struct{}{}
		if m.rows++; m.rows > mostRows {
			delete(w.marks, owner)
		}
	}
}

// touch has a table among those of which something was written, and returns its rows.
func (m *marked) touch(table string) map[int64]struct{} {
	rows := m.tables[table]
	if rows == nil {
		rows = map[int64]struct{}{}
		m.tables[table] = rows
	}
	return rows
}

// firm is called after a commit.
func (w *watch) firm() { w.fresh = w.fresh[:0] }

// undone is called after a rollback, of one update or of all that await a commit: what marks of theirs counted from may never have been.
// What other marks have counted besides does no harm.
func (w *watch) undone() {
	for _, owner := range w.fresh {
		delete(w.marks, owner)
	}
	w.firm()
}
