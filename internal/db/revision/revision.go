// Package revision tells of some tables whether any of their rows may have been written since they were read, by this process or by
// another.
// It must not read the tables, and not guess: what it is not sure of has been written.
package revision

import (
	"database/sql/driver"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"sync/atomic"

	"parley/internal/db/statement"
	"parley/internal/sqlite"
)

// A Revision tells of the tables that it was made for. Those of a SQLite file are of a File, those of a PostgreSQL database of a Server; the
// zero value never knows anything.
type Revision struct {
	reading string
	keys    map[string]string
	tables  map[string]statement.Watch
	latest  atomic.Pointer[dated]
	marks   [marks]atomic.Uint64 // by a hash of what was written: the number with which it last was

	file      *File  // nil on a Server
	group     notes  // of the group that the writer of the file runs; only it touches these
	committed Moment // of the group, if it is known, since its commit; only the writer touches it
	place     int    // among those of a Server, from 1
}

// marks is how many there are: 64 kB of memory.
const marks = 1 << 13

// dated is the moment of what the tables hold, on SQLite while the log's index has that header.
type dated struct {
	header sqlite.IndexHeader
	Moment
}

// A Moment numbers what some tables hold.
type Moment struct {
	number uint64
	all    uint64 // the number with which any of it may have changed
}

// Before reports whether the tables were written to between a moment and another that came later.
func (m Moment) Before(other Moment) bool { return m.number < other.number }

// newRevision makes a Revision of tables whose rows are told apart by keys.
func newRevision(reading string, keys map[string]string, tables map[string]statement.Watch) *Revision {
	for table, watch := range tables {
		watch.Key = keys[table]
		tables[table] = watch
	}
	return &Revision{reading: reading, keys: keys, tables: tables, group: notes{touched: true, all: true}}
}

// first is the moment of a Revision that nobody has asked yet.
var first = Moment{1, 1}

// find finds a Revision that was made already, or nil.
func find(all []*Revision, reading string, keys map[string]string) *Revision {
	for _, r := range all {
		if r.reading == reading && maps.Equal(r.keys, keys) {
			return r
		}
	}
	return nil
}

// Latest is the latest moment that anybody was told. The tables may have been written to since.
func (r *Revision) Latest() Moment {
	if last := r.latest.Load(); last != nil {
		return last.Moment
	}
	return Moment{}
}

// Same reports whether what the tables hold of a key in a workspace has been the same at both moments, and between them until now, which is
// the latest moment that the caller was told: after it was given what it asks about. Keys are of the columns that the Revision was made with.
func (r *Revision) Same(workspace, key string, a, b, now Moment) bool {
	last := max(now.all, r.marks[mark(workspace, "")].Load(), r.marks[mark(workspace, key)].Load())
	return last <= min(a.number, b.number)
}

// mark is where it is marked that a key of a workspace was written to, or, without a key, that all of the workspace was. Those who share
// one count as written to for each other.
func mark(workspace, key string) uint64 {
	const prime = 1099511628211 // of the hash FNV-1a
	h := uint64(14695981039346656037)
	for _, text := range [2]string{workspace, key} {
		for i := range len(text) {
			h = (h ^ uint64(text[i])) * prime
		}
		h *= prime // between the two
	}
	return (h ^ h>>32) % marks
}

// notes are what some statements may write to of the tables of a Revision.
type notes struct {
	touched bool // any of them, or it is not known
	all     bool // and it is not known which
	rows    []uint64
}

// note is told a statement that may write to the tables.
func (n *notes) note(reach statement.Reach, args []any) {
	n.touched = true
	workspace, ok := argument(args, reach.Workspace)
	if !ok {
		n.all = true
		return
	}
	keys, ok := named(reach, args)
	if !ok {
		n.rows = append(n.rows, mark(workspace, ""))
	}
	for _, key := range keys {
		n.rows = append(n.rows, mark(workspace, key))
	}
}

// name reports whether the rows that were noted from a place on are any of some keys of a workspace, or may be.
func (n *notes) name(from int, workspace string, keys []string) bool {
	if slices.Contains(n.rows[from:], mark(workspace, "")) {
		return true
	}
	return slices.ContainsFunc(keys, func(key string) bool { return slices.Contains(n.rows[from:], mark(workspace, key)) })
}

// after is the moment behind another, once what is noted was committed. Its marks are there before anybody is told of it.
func (r *Revision) after(m Moment, committed ...*notes) Moment {
	next := m
	for _, n := range committed {
		if !n.touched {
			continue
		}
		next.number = m.number + 1
		if n.all {
			next.all = next.number
		}
		for _, row := range n.rows {
			r.marks[row].Store(next.number)
		}
	}
	return next
}

// everything are the notes of who may have written anything.
var everything = &notes{touched: true, all: true}

// named are the keys that a statement names.
func named(reach statement.Reach, args []any) (keys []string, ok bool) {
	key, ok := argument(args, reach.Key)
	switch {
	case !ok:
		return nil, false
	case !reach.Keys:
		return []string{key}, true
	}
	err := json.Unmarshal([]byte(key), &keys)
	return keys, err == nil
}

// argument is the text of an argument by its number. An empty one stands for nothing.
func argument(args []any, number int) (text string, ok bool) {
	if number == 0 || number > len(args) {
		return "", false
	}
	value, err := driver.DefaultParameterConverter.ConvertValue(args[number-1])
	if err != nil {
		return "", false
	}
	switch value := value.(type) {
	case string:
		return value, value != ""
	case []byte:
		return string(value), len(value) > 0
	case int64:
		return strconv.FormatInt(value, 10), true
	}
	return "", false
}
