package record

import (
	"context"
	"sync"
	"sync/atomic"

	"parley/internal/db"
	"parley/internal/model"
)

// mostCached is of how many workspaces a cache has something. Beyond it all are read anew.
const mostCached = 1024

// A Cache has what each transaction that writes reads and what seldom changes, for as long as nobody has written to the tables that it is
// read of, in whatever process. A transaction that only reads has none of it on SQLite.
type Cache[V any] struct {
	following sync.Mutex
	revision  atomic.Pointer[db.Revision]

	mu          sync.Mutex
	moment      db.Moment // of which all are
	byWorkspace map[model.WorkspaceID]map[string]V
}

// Follow has the cache know when the tables that a statement names are written to. It is called before each transaction that is to use the
// cache; where it fails, the cache stays empty.
func (c *Cache[V]) Follow(ctx context.Context, d *db.DB, statement string) {
	if c.revision.Load() != nil || !c.following.TryLock() { // somebody else is at it
		return
	}
	defer c.following.Unlock()
	if c.revision.Load() != nil {
		return
	}
	if r, err := d.Revision(ctx, statement, nil); err == nil {
		c.revision.Store(r)
	}
}

// Get finds what is known under a key in a transaction of its workspace.
func (c *Cache[V]) Get(s *Scope, key string) (v V, known bool) {
	c.at(s, func(now db.Moment) {
		if now == c.moment {
			v, known = c.byWorkspace[s.Workspace][key]
		}
	})
	return v, known
}

// Put has what the transaction has just read be known under a key, unless something may have been written since.
func (c *Cache[V]) Put(s *Scope, key string, v V) {
	c.at(s, func(now db.Moment) {
		switch {
		case c.byWorkspace == nil, c.moment.Before(now), now == c.moment && len(c.byWorkspace) >= mostCached:
			c.moment, c.byWorkspace = now, map[model.WorkspaceID]map[string]V{}
		case now != c.moment:
			return // whoever is slow has read what is past
		}
		if c.byWorkspace[s.Workspace] == nil {
			c.byWorkspace[s.Workspace] = map[string]V{}
		}
		c.byWorkspace[s.Workspace][key] = v
	})
}

// at calls fn with the moment of what the transaction reads, if that is known.
func (c *Cache[V]) at(s *Scope, fn func(now db.Moment)) {
	if c == nil {
		return
	}
	r := c.revision.Load()
	if r == nil {
		return
	}
	if now, known := s.Tx.Moment(r); known {
		c.mu.Lock()
		defer c.mu.Unlock()
		fn(now)
	}
}
