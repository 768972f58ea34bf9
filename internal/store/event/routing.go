package event

import (
	"context"
	"sync"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store/record"
)

// A Routing is who is to be told in a workspace, as it was read.
type Routing struct {
	event.Routes
	text string // as the database spells it, the same for the same routes; empty for none that was read
}

// Only is a routing of everything to one webhook.
func Only(id event.SubscriptionID) Routing {
	return Routing{Routes: event.Routes{event.AllTopics: {int64(id)}}}
}

// Is reports whether two readings found the same.
func (r Routing) Is(other Routing) bool { return r.text == other.text }

// Seen are the routings of workspaces as this process has read them last. They may have
// changed since, by another server say, so that they are good for a guess that the
// database holds against what it has; unless it is known that they have not.
type Seen struct {
	cache       record.Cache[Routing] // has one for each workspace
	mu          sync.Mutex
	byWorkspace map[model.WorkspaceID]Routing // that tell anybody anything
}

const routes = "routes" // the key of a routing in the cache

// Follow is called before each transaction in which something happens.
func (s *Seen) Follow(ctx context.Context, d *db.DB) {
	s.cache.Follow(ctx, d, `SELECT webhook_routes FROM workspaces`)
}

// Guess is the routing that a workspace had last, and whether it has that for sure in the
// transaction.
func (s *Seen) Guess(in Events) (r Routing, sure bool) {
	if r, sure = s.cache.Get(in.Scope, routes); sure {
		return r, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byWorkspace[in.Workspace], false
}

// Note takes a routing that the transaction has read for the guess from now on.
func (s *Seen) Note(in Events, r Routing) {
	s.cache.Put(in.Scope, routes, r)
	ws := in.Workspace
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(r.Routes) == 0 {
		delete(s.byWorkspace, ws)
		return
	}
	if s.byWorkspace == nil {
		s.byWorkspace = map[model.WorkspaceID]Routing{}
	}
	s.byWorkspace[ws] = r
}
