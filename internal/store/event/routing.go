package event

import (
	"sync"

	"parley/internal/model"
	"parley/internal/model/event"
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
// database holds against what it has.
type Seen struct {
	mu          sync.Mutex
	byWorkspace map[model.WorkspaceID]Routing // that tell anybody anything
}

// Guess is the routing that a workspace had last.
func (s *Seen) Guess(ws model.WorkspaceID) Routing {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byWorkspace[ws]
}

// Note takes a routing for the guess from now on.
func (s *Seen) Note(ws model.WorkspaceID, r Routing) {
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
