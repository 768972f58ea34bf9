package revision

import (
	"sync"
	"sync/atomic"

	"parley/internal/db/statement"
	"parley/internal/sqlite"
)

// A File has the Revisions of a SQLite file, which tell without asking SQLite: for that a lock would have to be taken and given back.
//
// The shared index of the write-ahead log begins with a header that each commit changes, of whatever process, as its last
// step. While it is as it was, nothing was written. Where it has changed by one commit of this process, the statements of
// that one tell what was written. Anything else counts as a change of all tables.
type File struct {
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
	touches touches
}

// Of makes a File of a database by the name of its file, which is in use for as long as the File is.
func Of(database string) *File { return &File{database: database, touches: newTouches()} }

// Now returns the moment of what the tables hold. Where it is the same twice, nobody has committed a row of theirs between the
// first of these calls and the second. It is not known on PostgreSQL, nor while one commits.
func (r *Revision) Now() (now Moment, known bool) {
	if r.file == nil || r.file.blind.Load() {
		return Moment{}, false
	}
	header, err := r.file.index.Header()
	if err != nil {
		return Moment{}, false
	}
	return r.at(header)
}

// at is the moment of what the tables hold while the index has that header.
func (r *Revision) at(header sqlite.IndexHeader) (now Moment, known bool) {
	last := r.latest.Load()
	switch {
	case header == last.header:
		return last.Moment, true
	case r.file.committing.Load():
		return Moment{}, false // the writer is about to say whether it has changed them
	}
	next := &dated{header, r.after(last.Moment, everything)}
	return next.Moment, r.latest.CompareAndSwap(last, next)
}

// Within is Now for the group that the writer runs, before whose end nobody else commits. It is not known where the group may have written to
// the tables.
func (r *Revision) Within() (now Moment, known bool) {
	if r.file == nil || r.group.touched || r.file.blind.Load() {
		return Moment{}, false
	}
	return r.at(r.file.before)
}

// Still reports whether what the tables hold of some keys of a workspace is the same for who is in the group that the writer runs as it was at a moment.
func (r *Revision) Still(since Moment, workspace string, keys ...string) bool {
	if r.file == nil || r.group.all || r.file.blind.Load() {
		return false
	}
	now, known := r.at(r.file.before)
	if !known || r.group.name(0, workspace, keys) {
		return false
	}
	for _, key := range keys {
		if !r.Same(workspace, key, since, now, now) {
			return false
		}
	}
	return true
}

// A Claim says that somebody of the group that the writer runs knows what the tables hold of some keys, and will write no more of them.
type Claim struct {
	revision  *Revision
	workspace string
	keys      []string
	noted     int // how many rows of the group's notes were there
}

// Claim makes a claim, which counts for nothing if who makes it fails.
func (r *Revision) Claim(workspace string, keys ...string) Claim {
	if r.file != nil {
		r.at(r.file.before) // behind what another process has committed, so that the commit to come is told from that
	}
	return Claim{r, workspace, keys, len(r.group.rows)}
}

// Committed is called when the group is committed, before the next one begins. It returns the moment at which the tables hold what the
// claim is about, unless somebody behind it has written of the same keys, or another process has.
func (c Claim) Committed() (at Moment, known bool) {
	r := c.revision
	if r.committed == (Moment{}) || r.group.all || r.group.name(c.noted, c.workspace, c.keys) {
		return Moment{}, false
	}
	return r.committed, true
}

// Find finds a Revision that was made already, or nil.
func (f *File) Find(reading string, keys map[string]string) *Revision {
	if all := f.all.Load(); all != nil {
		return find(*all, reading, keys)
	}
	return nil
}

// Add makes a Revision of tables, unless somebody else just did.
func (f *File) Add(reading string, keys map[string]string, tables map[string]statement.Watch) (*Revision, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r := f.Find(reading, keys); r != nil {
		return r, nil
	}
	if f.index == nil {
		index, err := sqlite.OpenIndex(f.database)
		if err != nil {
			return nil, err
		}
		f.index = index
	}
	header, err := f.index.Check()
	if err != nil {
		return nil, err
	}
	r := newRevision(reading, keys, tables)
	r.file = f
	r.latest.Store(&dated{header, first})
	f.all.Store(added(&f.all, r))
	return r, nil
}

// added is a list of Revisions with one more.
func added(to *atomic.Pointer[[]*Revision], r *Revision) *[]*Revision {
	var all []*Revision
	if there := to.Load(); there != nil {
		all = append(all, *there...)
	}
	all = append(all, r)
	return &all
}

// Close is called when SQLite has closed the file.
func (f *File) Close() {
	if f.index != nil {
		f.index.Close()
	}
}

// Begin is called when the writer has the lock for a group.
func (f *File) Begin(conn *sqlite.Conn) {
	f.running = nil
	all := f.all.Load()
	if all == nil {
		return
	}
	before, err := f.index.Header()
	for _, r := range *all {
		r.group = notes{touched: err != nil, all: err != nil, rows: r.group.rows[:0]} // without the header they are told nothing
		r.committed = Moment{}
	}
	if err == nil {
		f.running, f.before, f.pages = *all, before, conn.PagesWritten()
	}
}

// Note is called with each statement of a group.
func (f *File) Note(text string, args []any) {
	for _, t := range f.touches.of(f.running, text) {
		f.running[t.place].group.note(t.Reach, args)
	}
}

// Commit commits a group by the given function, and gives each Revision that was of what was there before a moment for what is there now.
func (f *File) Commit(conn *sqlite.Conn, do func() error) error {
	if f.running == nil {
		return do()
	}
	f.committing.Store(true)
	defer f.committing.Store(false)
	if err := do(); err != nil {
		return err
	}
	if conn.PagesWritten() == f.pages {
		return nil // nothing was written, and whatever the header says is of others
	}
	after, err := f.index.Header()
	if err != nil {
		return nil
	}
	if after == f.before {
		f.blind.Store(true)
		return nil
	}
	if after.Commits() != f.before.Commits()+1 {
		return nil // another process has committed since
	}
	for _, r := range f.running {
		last := r.latest.Load()
		if last.header != f.before {
			continue // nor was it of that
		}
		next := &dated{after, r.after(last.Moment, &r.group)}
		if r.latest.CompareAndSwap(last, next) {
			r.committed = next.Moment
		}
	}
	return nil
}
