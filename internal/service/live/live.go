// Package live holds the rules of the live stream: who may listen to a workspace,
// from where on, who may see what happens, and who is there.
// It must not know HTTP, JSON or SQL, nor change anything that is kept.
package live

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/realtime"
	"parley/internal/store"
)

// resumable is how long ago the first event may be that a stream has missed, in
// seconds. Events are kept for longer.
const resumable = 60 * 60

// Options are what the rules need beside a store.
type Options struct {
	Clock  func() time.Time
	Logger *slog.Logger
	// Streams is how many may be open in this process, WorkspaceStreams in one
	// workspace of it; 0 is as many as are good.
	Streams, WorkspaceStreams int
	// Look is how long it is not looked for what other nodes wrote, at most; 0 is a second.
	Look time.Duration
	// Tell passes a signal that was given here on to other nodes, which Hear it; nil
	// where there are none. It must not wait, and may lose it.
	Tell func(ws model.WorkspaceID, signal *event.Told)
}

type (
	hub = realtime.Hub[*event.Told]
	// A Message is what streams are told, which they share.
	Message = realtime.Message[*event.Told]
)

// A Service is the rules, over a store.
type Service struct {
	store *store.Store
	hub   *hub
	clock func() time.Time
}

// New makes the rules over a store.
func New(s *store.Store, o Options) *Service {
	l := &Service{store: s, clock: o.Clock}
	options := realtime.Options[*event.Told]{Read: l.read, Clock: o.Clock, Logger: o.Logger, Streams: o.Streams, RoomStreams: o.WorkspaceStreams, Look: o.Look}
	if o.Tell != nil {
		options.Tell = func(s realtime.Signal[*event.Told]) { o.Tell(model.WorkspaceID(s.Room), s.Value) }
	}
	l.hub = realtime.NewHub(options)
	return l
}

// Told says that something happened in a workspace, here or on another node.
func (s *Service) Told(ws model.WorkspaceID) { s.hub.Wake(string(ws)) }

// Missed says that something may have happened in any workspace.
func (s *Service) Missed() { s.hub.WakeAll() }

// Streams is how many are open.
func (s *Service) Streams() int { return s.hub.Streams() }

// Close ends all streams.
func (s *Service) Close() { s.hub.Close() }

// A Listener is who listens, and to what.
type Listener struct {
	By      *model.Actor
	Contact model.ContactID      // as whom; empty for the actor's admin
	Topics  map[event.Topic]bool // none for all
	After   event.Position       // where to resume, if Resumes
	Resumes bool
	Unknown bool // it resumes at a position that cannot be one
}

// A Stream is what somebody who listens is told.
type Stream struct {
	*realtime.Stream[*event.Told]
	Start event.Position
	// Reset says that what happened before the start cannot be told any more.
	Reset bool
}

// Listen opens a stream, which the caller closes. One that does not resume begins
// now.
func (s *Service) Listen(ctx context.Context, l *Listener) (*Stream, error) {
	var newest event.Position
	opened := &Stream{}
	err := s.store.View(ctx, l.By.Workspace.ID, func(tx *store.Tx) (err error) {
		if err := mayListen(tx, l); err != nil {
			return err
		}
		if newest, err = tx.Events.Newest(); err != nil {
			return err
		}
		opened.Start, opened.Reset = newest, l.Unknown
		if !l.Resumes || l.Unknown {
			return nil
		}
		continues, err := tx.Events.Continues(l.After, tx.Now()-resumable)
		if opened.Reset = !continues; continues {
			opened.Start = l.After
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	opened.Stream, err = s.hub.Open(string(l.By.Workspace.ID), realtime.Position(opened.Start), realtime.Position(newest), l.sees)
	if err != nil {
		return nil, refusal(err)
	}
	return opened, nil
}

// refusal is why a stream is not opened, as the caller may learn it.
func refusal(err error) error {
	switch {
	case errors.Is(err, realtime.ErrRoomFull):
		return &model.Error{Kind: model.RateLimited, Code: "rate_limit_exceeded", Message: "The workspace has as many open streams as it may have"}
	case errors.Is(err, realtime.ErrManySignals):
		return &model.Error{Kind: model.RateLimited, Code: "rate_limit_exceeded", Message: "Too many are there at once"}
	case errors.Is(err, realtime.ErrFull):
		return &model.Error{Kind: model.Unavailable, Code: "service_unavailable", Message: "The server has as many open streams as it can have"}
	case errors.Is(err, realtime.ErrClosed):
		return &model.Error{Kind: model.Unavailable, Code: "service_unavailable", Message: "The server is stopping"}
	}
	return err
}

// MayListen checks that somebody who listens still may, but for the token.
func (s *Service) MayListen(ctx context.Context, l *Listener) error {
	if l.Contact == "" {
		return nil
	}
	return s.store.View(ctx, l.By.Workspace.ID, func(tx *store.Tx) error { return mayListen(tx, l) })
}

func mayListen(tx *store.Tx, l *Listener) error {
	if l.Contact == "" {
		return nil
	}
	return findContact(tx, l.Contact)
}

// findContact checks that there is a contact, be it a visitor, that is not spent.
func findContact(tx *store.Tx, id model.ContactID) error {
	roles, err := tx.Contacts.Roles([]model.ContactID{id})
	if err == nil && roles[id] == "" {
		return model.UserNotFound()
	}
	return err
}
