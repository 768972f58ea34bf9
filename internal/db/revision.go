package db

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"parley/internal/db/statement"
	"parley/internal/sqlite"
)

// A Revision tells of some tables of a SQLite file whether any of their rows may have been written, by this process or by
// another, without asking SQLite: for that a lock would have to be taken and given back.
//
// The shared index of the write-ahead log begins with a header that each commit changes, of whatever process, as its last
// step. While it is as it was, nothing was written. Where it has changed by one commit of this process, the statements of
// that one tell what was written. Anything else counts as a change of all tables.
type Revision struct {
	of      *revisions
	reading string
	keys    map[string]string
	tables  map[string]statement.Watch
	known   atomic.Pointer[revision]
	marks   [marks]atomic.Uint64 // by a hash of what was written: the number with which it last was

	// Only the writer touches these.
	reaches statement.Recent[statement.Reach]
	touched bool // by the group that is running, or it is not known
	all     bool // and so that it is not known where
	rows    []uint64
}

// marks is how many there are: 64 kB of memory.
const marks = 1 << 13

// revision is the number of what the tables hold while the log's index has that header.
type revision struct {
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

// Now returns the moment of what the tables hold. Where it is the same twice, nobody has committed a row of theirs between the
// first of these calls and the second. It is not known on PostgreSQL, whose other nodes write without telling, nor while one commits.
func (r *Revision) Now() (now Moment, known bool) {
	if r.of == nil || r.of.blind.Load() {
		return Moment{}, false
	}
	header, err := r.of.index.Header()
	if err != nil {
		return Moment{}, false
	}
	last := r.known.Load()
	switch {
	case header == last.header:
		return last.Moment, true
	case r.of.committing.Load():
		return Moment{}, false // the writer is about to say whether it has changed them
	}
	next := &revision{header, Moment{last.number + 1, last.number + 1}}
	return next.Moment, r.known.CompareAndSwap(last, next)
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

// In is Now for a transaction of the same database, in which nobody else has written to the tables. It is not known where the transaction may
// have, or one that is to be committed with it; nor in one that only reads, which may see what there was before.
func (r *Revision) In(t *Tx) (now Moment, known bool) {
	if t.watch == nil || r.of == nil || r.touched {
		return Moment{}, false
	}
	return r.Now()
}

// note is told each statement that the writer runs.
func (r *Revision) note(text string, args []any) {
	reach, seen := r.reaches.Get(text)
	if !seen {
		reach = statement.ReachOf(text, r.tables)
		r.reaches.Put(text, reach)
	}
	if !reach.Touches {
		return
	}
	r.touched = true
	workspace, ok := argument(args, reach.Workspace)
	if !ok {
		r.all = true
		return
	}
	keys, ok := r.named(reach, args)
	if !ok {
		r.rows = append(r.rows, mark(workspace, ""))
	}
	for _, key := range keys {
		r.rows = append(r.rows, mark(workspace, key))
	}
}

// named are the keys that a statement names.
func (r *Revision) named(reach statement.Reach, args []any) (keys []string, ok bool) {
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
	switch value := args[number-1].(type) {
	case string:
		return value, value != ""
	case int64:
		return strconv.FormatInt(value, 10), true
	}
	return "", false
}

// Revision makes a Revision of the tables that a statement names, and of those that have some of these written to when they are
// written to, by references or by triggers. Keys are the columns by which rows of some tables are told apart, beside workspace_id: what goes along
// with a row by a reference or a trigger must be of the same key, where both tables have one, and of the same workspace. It never knows
// anything where that cannot be told: on PostgreSQL and in a database that is only read. Who asks for the same gets the same one.
func (db *DB) Revision(ctx context.Context, reading string, keys map[string]string) (*Revision, error) {
	e, ok := db.engine.(*sqliteEngine)
	if !ok || e.writer == nil {
		return &Revision{}, nil
	}
	ctx, err := db.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer db.running.Done()
	if r := e.writer.revisions.find(reading, keys); r != nil {
		return r, nil
	}
	tables := map[string]statement.Watch{}
	err = e.view(ctx, func(t *Tx) error { return followTables(t, reading, tables) })
	if err != nil {
		return nil, fmt.Errorf("finding what %q reads: %w", reading, err)
	}
	for table, watch := range tables {
		watch.Key = keys[table]
		tables[table] = watch
	}
	r, err := e.writer.revisions.add(reading, keys, tables)
	if err != nil {
		e.writer.logger.Warn("what other processes write cannot be told from the index of the write-ahead log: nothing that it would change is kept in memory", "error", err)
		return &Revision{}, nil
	}
	return r, nil
}

// followTables finds the tables that a statement names, those whose rows take rows of them along or whose triggers write to them, and so on.
func followTables(t *Tx, reading string, tables map[string]statement.Watch) error {
	names, err := pairs(t, `SELECT lower(name), '' FROM sqlite_schema WHERE type IN ('table', 'view')`)
	if err != nil {
		return err
	}
	for _, word := range regexp.MustCompile(`\w+`).FindAllString(strings.ToLower(reading), -1) {
		if slices.Contains(names, [2]string{word, ""}) {
			tables[word] = statement.Watch{}
		}
	}
	referring, err := pairs(t, `SELECT lower(s.name) || iif(f.on_update IN ('NO ACTION', 'RESTRICT'), '', ' updated'), lower(f."table") FROM sqlite_schema s JOIN pragma_foreign_key_list(s.name) f
		WHERE s.type = 'table' AND NOT (f.on_delete IN ('NO ACTION', 'RESTRICT') AND f.on_update IN ('NO ACTION', 'RESTRICT'))`)
	if err != nil {
		return err
	}
	triggers, err := pairs(t, `SELECT lower(tbl_name), sql FROM sqlite_schema WHERE type = 'trigger'`)
	if err != nil {
		return err
	}
	type cause struct {
		of, table string
		statement.Watch
	}
	var causes []cause
	for _, r := range referring {
		of, updated := strings.CutSuffix(r[0], " updated")
		causes = append(causes, cause{of, r[1], statement.Watch{Deletions: !updated}})
	}
	for _, trigger := range triggers {
		_, body, _ := strings.Cut(trigger[1], "BEGIN")
		for _, target := range statement.Targets(body) {
			causes = append(causes, cause{of: target, table: trigger[0]})
		}
	}
	for more := true; more; {
		more = false
		for _, c := range causes {
			_, named := tables[c.of]
			if watch, follows := tables[c.table]; named && (!follows || watch.Deletions && !c.Deletions) {
				tables[c.table], more = c.Watch, true
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

// revisions are all Revisions of a file.
type revisions struct {
	database   string
	all        atomic.Pointer[[]*Revision]
	committing atomic.Bool // the writer has begun to commit, and has not said yet what that changes
	blind      atomic.Bool // the index does not tell of commits, in a file system that keeps apart what is read and what is shared

	mu    sync.Mutex
	index *sqlite.Index // once there is a Revision

	// Only the writer touches these: what there was when the group that is running began.
	running []*Revision
	before  sqlite.IndexHeader
	pages   int
}

func newRevisions(database string) *revisions {
	return &revisions{database: database}
}

// find finds a Revision that was made already, or nil.
func (rs *revisions) find(reading string, keys map[string]string) *Revision {
	all := rs.all.Load()
	if all == nil {
		return nil
	}
	for _, r := range *all {
		if r.reading == reading && maps.Equal(r.keys, keys) {
			return r
		}
	}
	return nil
}

// add makes a Revision, unless somebody else just did.
func (rs *revisions) add(reading string, keys map[string]string, tables map[string]statement.Watch) (*Revision, error) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if r := rs.find(reading, keys); r != nil {
		return r, nil
	}
	if rs.index == nil {
		index, err := sqlite.OpenIndex(rs.database)
		if err != nil {
			return nil, err
		}
		rs.index = index
	}
	header, err := rs.index.Check()
	if err != nil {
		return nil, err
	}
	r := &Revision{of: rs, reading: reading, keys: keys, tables: tables, reaches: statement.NewRecent[statement.Reach](), touched: true}
	r.known.Store(&revision{header, Moment{1, 1}})
	var all []*Revision
	if there := rs.all.Load(); there != nil {
		all = *there
	}
	all = append(slices.Clip(all), r)
	rs.all.Store(&all)
	return r, nil
}

// close is called when SQLite has closed the file.
func (rs *revisions) close() {
	if rs.index != nil {
		rs.index.Close()
	}
}

// begin is called when the writer has the lock for a group.
func (rs *revisions) begin(s *session) {
	rs.running = nil
	all := rs.all.Load()
	if all == nil {
		return
	}
	before, err := rs.index.Header()
	for _, r := range *all {
		r.touched, r.all, r.rows = err != nil, false, r.rows[:0] // without the header they are told nothing
	}
	if err == nil {
		rs.running, rs.before, rs.pages = *all, before, s.conn.PagesWritten()
	}
}

// note is called with each statement of a group.
func (rs *revisions) note(text string, args []any) {
	for _, r := range rs.running {
		r.note(text, args)
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
	if s.conn.PagesWritten() == rs.pages {
		return nil // nothing was written, and whatever the header says is of others
	}
	after, err := rs.index.Header()
	if err != nil {
		return nil
	}
	if after == rs.before {
		rs.blind.Store(true)
		return nil
	}
	if after.Commits() != rs.before.Commits()+1 {
		return nil // another process has committed since
	}
	for _, r := range rs.running {
		last := r.known.Load()
		if last.header != rs.before {
			continue // nor was it of that
		}
		next := &revision{after, last.Moment}
		if r.touched {
			next.number++
		}
		if r.all {
			next.all = next.number
		}
		for _, row := range r.rows { // before anybody is told the number
			r.marks[row].Store(next.number)
		}
		r.known.CompareAndSwap(last, next)
	}
	return nil
}
