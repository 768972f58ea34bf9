package db

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"modernc.org/sqlite"
)

// A Revision tells of some tables of a SQLite file whether any of their rows may have been written, by this process or by
// another, without asking SQLite: for that a lock would have to be taken and given back.
//
// The shared index of the write-ahead log begins with a header that each commit changes, of whatever process, as its last
// step. While it is as it was, nothing was written. Where it has changed by one commit of this process, the statements of
// that one tell what was written. Anything else counts as a change of all tables.
type Revision struct {
	of     *revisions
	tables map[string]bool
	known  atomic.Pointer[revision]

	// Only the writer touches these.
	touching recent[bool] // whether a statement may write to the tables
	touched  bool         // by the group that is running
}

// revision is the number of what the tables hold while the log's index has that header.
type revision struct {
	header indexHeader
	number uint64
}

// Now returns the number of what the tables hold. Where it is the same twice, nobody has committed a row of theirs between the
// first of these calls and the second. It is not known on PostgreSQL, whose other nodes write without telling, nor in the moment of a commit.
func (r *Revision) Now() (number uint64, known bool) {
	if r.of == nil || r.of.blind.Load() {
		return 0, false
	}
	header, err := r.of.read()
	if err != nil {
		return 0, false
	}
	last := r.known.Load()
	switch {
	case header == last.header:
		return last.number, true
	case r.of.committing.Load():
		return 0, false // the writer is about to say whether it has changed them
	}
	next := &revision{header, last.number + 1}
	return next.number, r.known.CompareAndSwap(last, next)
}

// note is told each statement that the writer runs.
func (r *Revision) note(text string) {
	touches, seen := r.touching.get(text)
	if !seen {
		touches = writes(text, r.tables)
		r.touching.put(text, touches)
	}
	r.touched = r.touched || touches
}

// targets finds the tables that a statement writes to.
var targets = regexp.MustCompile("(?i)\\b(?:INTO|UPDATE(?:\\s+OR\\s+\\w+)?|DELETE\\s+FROM)\\s+(?:[\"`\\[]?\\w+[\"`\\]]?\\.)?[\"`\\[]?(\\w+)")

// reading finds statements that may be without any.
var reading = regexp.MustCompile(`(?i)^(?:\s|--.*\n|/\*[^*]*\*/)*(?:SELECT|WITH|VALUES|PRAGMA data_version)\b`)

// writes reports whether a statement may write to one of the tables: one of a form that is not known may.
func writes(text string, tables map[string]bool) bool {
	found := targets.FindAllStringSubmatch(text, -1)
	for _, of := range found {
		if tables[strings.ToLower(of[1])] {
			return true
		}
	}
	return len(found) == 0 && !reading.MatchString(text)
}

// Revision makes a Revision of the tables that a statement names, and of those that have some of these written to when they are
// written to, by references or by triggers. It never knows anything where that cannot be told: on PostgreSQL and in a database that is only read.
func (db *DB) Revision(ctx context.Context, statement string) (*Revision, error) {
	e, ok := db.engine.(*sqliteEngine)
	if !ok || e.writer == nil {
		return &Revision{}, nil
	}
	ctx, err := db.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer db.running.Done()
	tables := map[string]bool{}
	err = e.view(ctx, func(t *Tx) error { return followTables(t, statement, tables) })
	if err != nil {
		return nil, fmt.Errorf("finding what %q reads: %w", statement, err)
	}
	r, err := e.writer.revisions.add(tables)
	if err != nil {
		e.writer.logger.Warn("what other processes write cannot be told from the index of the write-ahead log: nothing that it would change is kept in memory", "error", err)
		return &Revision{}, nil
	}
	return r, nil
}

// followTables finds the tables that a statement names, those whose rows take rows of them along or whose triggers write to them, and so on.
func followTables(t *Tx, statement string, tables map[string]bool) error {
	names, err := pairs(t, `SELECT lower(name), '' FROM sqlite_schema WHERE type IN ('table', 'view')`)
	if err != nil {
		return err
	}
	for _, word := range regexp.MustCompile(`\w+`).FindAllString(strings.ToLower(statement), -1) {
		if slices.Contains(names, [2]string{word, ""}) {
			tables[word] = true
		}
	}
	references, err := pairs(t, `SELECT lower(s.name), lower(f."table") FROM sqlite_schema s JOIN pragma_foreign_key_list(s.name) f
		WHERE s.type = 'table' AND NOT (f.on_delete IN ('NO ACTION', 'RESTRICT') AND f.on_update IN ('NO ACTION', 'RESTRICT'))`)
	if err != nil {
		return err
	}
	triggers, err := pairs(t, `SELECT lower(tbl_name), sql FROM sqlite_schema WHERE type = 'trigger'`)
	if err != nil {
		return err
	}
	for _, trigger := range triggers {
		_, body, _ := strings.Cut(trigger[1], "BEGIN")
		for _, target := range targets.FindAllStringSubmatch(body, -1) {
			references = append(references, [2]string{strings.ToLower(target[1]), trigger[0]})
		}
	}
	for more := true; more; {
		more = false
		for _, r := range references {
			if tables[r[0]] && !tables[r[1]] {
				tables[r[1]], more = true, true
			}
		}
	}
	return nil
}

func pairs(t *Tx, statement string) (found [][2]string, err error) {
	rows, err := t.Query(statement)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var one [2]string
		if err := rows.Scan(&one[0], &one[1]); err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, rows.Err()
}

// indexHeader is what the shared index of a write-ahead log begins with (sqlite.org/walformat.html, 2.1): the commits so far, the end
// of the log, and sums over both, in the order of the machine's bytes.
type indexHeader [48]byte

// commits is how many there were, of all processes.
func (h indexHeader) commits() uint32 { return binary.NativeEndian.Uint32(h[8:]) }

// version of the index's format.
const indexVersion = 3007000

var errNoIndex = errors.New("the shared index of the write-ahead log is not as SQLite describes it")

// revisions are all Revisions of a file.
type revisions struct {
	path       string // of the index
	all        atomic.Pointer[[]*Revision]
	committing atomic.Bool // the writer has begun to commit, and has not said yet what that changes
	blind      atomic.Bool // the index does not tell of commits, in a file system that keeps apart what is read and what is shared

	mu   sync.Mutex
	file *os.File // the index, once there is a Revision

	// Only the writer touches these: what there was when the group that is running began.
	running []*Revision
	before  indexHeader
	pages   int
}

func newRevisions(database string) *revisions {
	return &revisions{path: database + "-shm"}
}

// add makes a Revision. The file of the index stays open for as long as SQLite uses it: when a process closes a file, POSIX takes away
// all locks that it has on it.
func (rs *revisions) add(tables map[string]bool) (*Revision, error) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.file == nil {
		file, err := os.Open(rs.path)
		if err != nil {
			return nil, err
		}
		rs.file = file
	}
	header, err := rs.read()
	if err != nil {
		return nil, err
	}
	if binary.NativeEndian.Uint32(header[:]) != indexVersion || header[12] == 0 {
		return nil, fmt.Errorf("%s: %w", rs.path, errNoIndex)
	}
	r := &Revision{of: rs, tables: tables, touching: newRecent[bool]()}
	r.known.Store(&revision{header, 1})
	var all []*Revision
	if there := rs.all.Load(); there != nil {
		all = *there
	}
	all = append(slices.Clip(all), r)
	rs.all.Store(&all)
	return r, nil
}

// read reads the header of the index. In the midst of a change it is one that never was.
func (rs *revisions) read() (h indexHeader, err error) {
	_, err = rs.file.ReadAt(h[:], 0)
	if err == io.EOF {
		err = nil
	}
	return h, err
}

// close is called when SQLite has closed the file.
func (rs *revisions) close() {
	if rs.file != nil {
		rs.file.Close()
	}
}

// begin is called when the writer has the lock for a group.
func (rs *revisions) begin(s *session) {
	rs.running = nil
	all := rs.all.Load()
	if all == nil {
		return
	}
	var err error
	if rs.before, err = rs.read(); err != nil {
		return
	}
	if rs.pages, _, err = s.raw.Status(sqlite.DBStatusCacheWrite, false); err != nil {
		return
	}
	rs.running = *all
	for _, r := range rs.running {
		r.touched = false
	}
}

// note is called with each statement of a group.
func (rs *revisions) note(text string) {
	for _, r := range rs.running {
		r.note(text)
	}
}

// commit commits a group by the given function, and gives each Revision that was of what was there before a number for what is there now.
func (rs *revisions) commit(s *session, do func() error) error {
	if rs.running == nil {
		return do()
	}
	rs.committing.Store(true)
	defer rs.committing.Store(false)
	if err := do(); err != nil {
		return err
	}
	pages, _, err := s.raw.Status(sqlite.DBStatusCacheWrite, false)
	if err != nil || pages == rs.pages {
		return nil // nothing was written, and whatever the header says is of others
	}
	after, err := rs.read()
	if err != nil {
		return nil
	}
	if after == rs.before {
		rs.blind.Store(true)
		return nil
	}
	if after.commits() != rs.before.commits()+1 {
		return nil // another process has committed since
	}
	for _, r := range rs.running {
		last := r.known.Load()
		if last.header != rs.before {
			continue // nor was it of that
		}
		next := &revision{after, last.number}
		if r.touched {
			next.number++
		}
		r.known.CompareAndSwap(last, next)
	}
	return nil
}
