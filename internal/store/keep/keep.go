// Package keep has objects that were read of the database at hand for as long as they are so there, whoever changes them.
// It must not know what they are, and not hand out one that a snapshot of the database would not show.
package keep

import (
	"context"
	"hash/maphash"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"parley/internal/db"
)

// Objects are those of one sort, of all workspaces, by their keys.
type Objects[T any] struct {
	reading string // a statement that names the tables that they are read of
	keys    map[string]string
	most    int // of bytes, of a shelf
	seed    maphash.Seed

	following sync.Mutex
	revision  atomic.Pointer[db.Revision]
	shelves   [16]shelf[T]
}

// shelf is some of them.
type shelf[T any] struct {
	mu     sync.Mutex
	byName map[name]kept[T]
	bytes  int
}

type name struct{ workspace, key string }

type kept[T any] struct {
	object *T
	also   []string
	bytes  int
	at     db.Moment // when it was so, if it has not changed since
}

// New keeps objects of some bytes in all. The statement names the tables that they are read of, and keys the columns that have their keys
// there, as db.Revision takes them.
func New[T any](bytes int, reading string, keys map[string]string) *Objects[T] {
	return &Objects[T]{reading: reading, keys: keys, most: bytes / len(Objects[T]{}.shelves), seed: maphash.MakeSeed()}
}

// A Reader reads objects of a workspace for one transaction, or none. The zero value keeps nothing.
type Reader[T any] struct {
	objects   *Objects[T]
	workspace string
	since     db.Moment // that the transaction sees what there was at, or later; where tx is nil
	told      bool      // since, by who asked for the moments of now
	tx        *db.Tx    // the transaction, where it is asked for the moment
}

// Reader begins to read. A transaction that it is for begins after it, and is given to it by In.
func (o *Objects[T]) Reader(ctx context.Context, d *db.DB, workspace string) Reader[T] {
	revision := o.follow(ctx, d)
	if revision == nil {
		return Reader[T]{}
	}
	r := Reader[T]{objects: o, workspace: workspace}
	var known bool
	if r.since, known = revision.Now(); !known && !d.Dialect().Shared() {
		return Reader[T]{}
	}
	return r
}

// In is the Reader in its transaction.
func (r Reader[T]) In(t *db.Tx) Reader[T] {
	if r.objects != nil && t.Dialect().Shared() {
		r.tx = t
	}
	return r
}

// follow asks for the revision, until it is had. Where that fails, so will what is read next.
func (o *Objects[T]) follow(ctx context.Context, d *db.DB) *db.Revision {
	if r := o.revision.Load(); r != nil {
		return r
	}
	o.following.Lock()
	defer o.following.Unlock()
	if r := o.revision.Load(); r != nil {
		return r
	}
	r, err := d.Revision(ctx, o.reading, o.keys)
	if err != nil {
		return nil
	}
	o.revision.Store(r)
	return r
}

// Keeps reports whether there is any use in asking.
func (r Reader[T]) Keeps() bool { return r.objects != nil }

// Here finds an object as it is now, for whom no transaction begins; nil where it is not at hand. Nobody may change it.
func (r Reader[T]) Here(key string) *T {
	if r.objects == nil || r.since == (db.Moment{}) {
		return nil
	}
	// The Reader has just begun: whoever kept the object since then has read it since then.
	if found := r.get(key); found.object != nil && r.same(key, found, r.since, r.since) {
		return found.object
	}
	return nil
}

// Get is Here that asks for the moments of now where these tell whether an object is at hand, and where it is likely: unless somebody has written
// since the latest that anybody was told.
func (r Reader[T]) Get(key string, ask func() (db.Moments, error)) (*T, error) {
	if r.objects == nil || r.since != (db.Moment{}) {
		return r.Here(key), nil
	}
	revision := r.objects.revision.Load()
	latest := revision.Latest()
	found := r.get(key)
	if found.object == nil || !r.same(key, found, latest, latest) {
		return nil, nil
	}
	moments, err := ask()
	if now, known := moments.Of(revision); !known || !r.same(key, found, now, revision.Latest()) {
		return nil, err
	}
	return found.object, nil
}

// At is the Reader for whom no transaction begins, and who has asked for the moments of now after it began: Find finds objects as they were then.
func (r Reader[T]) At(moments db.Moments) Reader[T] {
	if r.objects != nil && r.since == (db.Moment{}) {
		r.since, r.told = moments.Of(r.objects.revision.Load())
	}
	return r
}

// Likely is an object as it is unless somebody has changed it since the latest moment that anybody was told; nil where none is at hand. Whether that is so, Find tells
// when the transaction has asked for something.
func (r Reader[T]) Likely(key string) *T {
	if r.tx == nil {
		return r.Find([]string{key})[0]
	}
	latest := r.objects.revision.Load().Latest()
	if found := r.get(key); found.object != nil && r.same(key, found, latest, latest) {
		return found.object
	}
	return nil
}

// moment is when it was that the transaction sees, or before.
func (r Reader[T]) moment() (since db.Moment, known bool) {
	if r.tx == nil {
		return r.since, r.since != (db.Moment{})
	}
	return r.tx.Moment(r.objects.revision.Load())
}

// Find finds objects as the transaction of the Reader sees them, with nil for those that are not at hand. Nobody may change them.
func (r Reader[T]) Find(keys []string) []*T {
	objects := make([]*T, len(keys))
	if r.objects == nil {
		return objects
	}
	found := make([]kept[T], len(keys))
	for i, key := range keys {
		found[i] = r.get(key)
	}
	since, known := r.moment()
	if !known {
		return objects
	}
	// What has not changed from before the transaction until now is the same in it. Now is after the objects were found, or else one of them
	// could have been read of what nobody has told of yet.
	now, known := r.objects.revision.Load().Now()
	if r.tx != nil || r.told { // who kept them has told the moment
		now, known = r.objects.revision.Load().Latest(), true
	}
	if !known {
		return objects
	}
	for i, key := range keys {
		if found[i].object != nil && r.same(key, found[i], since, now) {
			objects[i] = found[i].object
		}
	}
	return objects
}

func (r Reader[T]) get(key string) kept[T] {
	return r.objects.get(name{r.workspace, key})
}

func (r Reader[T]) same(key string, found kept[T], since, now db.Moment) bool {
	revision := r.objects.revision.Load()
	for _, other := range found.also {
		if !revision.Same(r.workspace, other, found.at, since, now) {
			return false
		}
	}
	return revision.Same(r.workspace, key, found.at, since, now)
}

// Complete is Find that has read those that are not at hand. What read returns by its key it has kept, if it likes.
func (r Reader[T]) Complete(keys []string, read func(missing []string) (map[string]*T, error)) ([]*T, error) {
	objects := r.Find(keys)
	var missing []string
	for i, o := range objects {
		if o == nil {
			missing = append(missing, keys[i])
		}
	}
	if len(missing) == 0 {
		return objects, nil
	}
	found, err := read(missing)
	if err != nil {
		return nil, err
	}
	for i, o := range objects {
		if o == nil {
			objects[i] = found[keys[i]]
		}
	}
	return objects, nil
}

// Keep keeps an object that the transaction of the Reader has read, of about so many bytes. It is read also of rows of the other
// keys. Whoever changes it later changes what others find.
func (r Reader[T]) Keep(key string, object *T, bytes int, also ...string) {
	if r.objects == nil || bytes > r.objects.most/8 {
		return
	}
	if since, known := r.moment(); known {
		r.objects.put(name{r.workspace, key}, kept[T]{object, also, bytes, since})
	}
}

// A Writer has objects of a workspace from one transaction that writes to the next, on SQLite. The zero value has none.
type Writer[T any] struct {
	objects   *Objects[T]
	revision  *db.Revision
	workspace string
	tx        *db.Tx
}

// Follow has transactions that write find objects, and keep them. It is called before each.
func (o *Objects[T]) Follow(ctx context.Context, d *db.DB) {
	if !d.Dialect().Shared() && o.most > 0 {
		o.follow(ctx, d)
	}
}

// Writer is for a transaction that writes.
func (o *Objects[T]) Writer(tx *db.Tx, workspace string) Writer[T] {
	revision := o.revision.Load()
	if revision == nil || tx.Dialect().Shared() {
		return Writer[T]{}
	}
	return Writer[T]{o, revision, workspace, tx}
}

// Find finds an object as it is for the transaction; nil where it is not at hand, or may have been written to. Nobody may change it.
func (w Writer[T]) Find(key string) *T {
	if w.objects == nil {
		return nil
	}
	named := name{w.workspace, key}
	found := w.objects.get(named)
	if found.object != nil && w.tx.Still(w.revision, found.at, w.workspace, key) && w.tx.Still(w.revision, found.at, w.workspace, found.also...) {
		return found.object
	}
	return nil
}

// Keep keeps an object of about so many bytes as the transaction leaves it, which neither writes of it any more nor changes it. It is read also of rows of the
// other keys.
func (w Writer[T]) Keep(key string, object *T, bytes int, also ...string) {
	if w.objects == nil || bytes > w.objects.most/8 {
		return
	}
	w.tx.AtCommit(w.revision, func(at db.Moment) {
		w.objects.put(name{w.workspace, key}, kept[T]{object, also, bytes, at})
	}, w.workspace, append(also, key)...)
}

func (o *Objects[T]) put(named name, object kept[T]) {
	s := o.shelf(named)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byName == nil {
		s.byName = map[name]kept[T]{}
	}
	s.drop(named)
	for other := range s.byName { // in no order
		if s.bytes+object.bytes <= o.most {
			break
		}
		s.drop(other)
	}
	s.byName[named] = object
	s.bytes += object.bytes
}

func (o *Objects[T]) get(named name) kept[T] {
	s := o.shelf(named)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byName[named]
}

func (s *shelf[T]) drop(named name) {
	s.bytes -= s.byName[named].bytes
	delete(s.byName, named)
}

func (o *Objects[T]) shelf(named name) *shelf[T] {
	return &o.shelves[maphash.Comparable(o.seed, named)%uint64(len(o.shelves))]
}

// Each calls do with the name of each object that is there, be it as it was or not.
func (o *Objects[T]) Each(do func(workspace, key string)) {
	for i := range o.shelves {
		s := &o.shelves[i]
		s.mu.Lock()
		names := slices.Collect(maps.Keys(s.byName))
		s.mu.Unlock()
		for _, named := range names {
			do(named.workspace, named.key)
		}
	}
}

// Forget forgets all of them.
func (o *Objects[T]) Forget() {
	for i := range o.shelves {
		s := &o.shelves[i]
		s.mu.Lock()
		s.byName, s.bytes = nil, 0
		s.mu.Unlock()
	}
}
