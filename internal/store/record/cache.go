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
// read of, in whatever process. On PostgreSQL, whose other nodes write without telling, and where a transaction only reads, it is empty.
type Cache[V any] struct {
	following sync.Mutex
	revision  atomic.Pointer[db.Revision]

	// Only one transaction at a time has these: on SQLite one writes at a time.
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

// In has what is known in a transaction of its workspace, by keys. To it goes what the transaction reads that is not there, at once: nothing
// may be written between asking and that.
func (c *Cache[V]) In(s *Scope) map[string]V {
	var moment db.Moment
	known := false
	if c != nil {
		if r := c.revision.Load(); r != nil {
			moment, known = s.Tx.Moment(r)
		}
	}
	if !known {
		return map[string]V{}
	}
	if moment != c.moment || c.byWorkspace == nil || len(c.byWorkspace) >= mostCached {
		c.moment, c.byWorkspace = moment, map[model.WorkspaceID]map[string]V{}
	}
	if c.byWorkspace[s.Workspace] == nil {
		c.byWorkspace[s.Workspace] = map[string]V{}
	}
	return c.byWorkspace[s.Workspace]
}
