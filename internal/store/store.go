// Package store keeps the nouns in SQL: one type per noun, reached through a
// transaction that is bound to one workspace.
// It must not decide anything: what may happen is for the rules above it to say.
package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"io/fs"
	"time"

	"parley/internal/db"
	"parley/internal/jobs"
	"parley/internal/model"
	"parley/internal/model/sandbox"
	"parley/internal/store/activity"
	"parley/internal/store/content"
	"parley/internal/store/event"
	"parley/internal/store/fault"
	"parley/internal/store/identity"
	"parley/internal/store/keep"
	"parley/internal/store/outbox"
	"parley/internal/store/record"
	copies "parley/internal/store/sandbox"
	"parley/internal/store/team"
)

//go:embed migrations/*_*.sql migrations/schema.sqlite.sql.flate
var migrations embed.FS

// Migrations are the steps that make the schema, for db.Open.
func Migrations() fs.FS {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

// A Store is the database of every workspace.
type Store struct {
	db        *db.DB
	clock     func() time.Time
	queue     *jobs.Queue
	sequences *record.Sequences // nil where there is one writer
	options   Options
	seen      event.Seen
	actors    identity.Actors
	kept      kept
	copying   copies.Plan

	attributes record.Cache[*model.DataAttribute] // by model and name
}

// Options are how a store tells what happened.
type Options struct {
	// Encode makes what webhooks are sent. It must be there where anything is
	// written.
	Encode Encoder
	// Told is called after each commit in which something happened, with the webhook
	// subscriptions that are to be told, in this process only. It must not wait.
	Told func(ws model.WorkspaceID, subscriptions []int64)
	// Dev is for a server that tests are made with: no Update of a workspace runs beside
	// one of Alone.
	Dev bool
	// Cache is how many bytes of memory contacts take that were read, about, and as many conversations: 0 is as many as are good, and less is none. Pages of
	// lists take a quarter as much, or nothing with NoPages.
	Cache   int
	NoPages bool
}

// New makes a store of an open, migrated database. The clock tells each
// transaction its time.
func New(d *db.DB, clock func() time.Time, o Options) *Store {
	bytes := cmp.Or(o.Cache, keptBytes)
	if o.Dev {
		bytes = min(bytes, devKeptBytes)
	}
	bytes = max(bytes, 0)
	pages := bytes / 4
	if o.NoPages {
		pages = 0
	}
	s := &Store{db: d, clock: clock, queue: jobs.New(d, clock), options: o, kept: newKept(bytes, pages)}
	if d.Dialect().Shared() {
		s.sequences = record.NewSequences(d)
	}
	return s
}

// FindActor finds who acts with the token of that hash. An unknown or revoked token is Unauthorized.
func (s *Store) FindActor(ctx context.Context, hash string) (actor *model.Actor, err error) {
	view := func(fn func(*db.Tx) error) error { return s.view(ctx, fn) }
	if _, joined := s.joined(ctx); !joined {
		return s.actors.Find(ctx, s.db, hash, view)
	}
	err = view(func(t *db.Tx) (err error) { // which may have written of it already
		actor, err = identity.FindActor(t, hash)
		return err
	})
	return actor, err
}

// GuessActor guesses who acts with the token of that hash: see identity.Actors. Nothing that is read under the context that
// it returns may be told before ConfirmActor has returned nil. Without an actor there is no guess.
func (s *Store) GuessActor(ctx context.Context, hash string) (context.Context, *model.Actor) {
	return s.actors.Guess(ctx, s.db, hash)
}

// ConfirmActor confirms the guess of the context, if nobody has. A wrong one is identity.ErrGuess.
func (s *Store) ConfirmActor(ctx context.Context) error { return identity.Confirm(ctx, s.db) }

// View runs fn on one consistent snapshot of a workspace. fn must only read.
func (s *Store) View(ctx context.Context, ws model.WorkspaceID, fn func(*Tx) error) error {
	now := s.time(ctx)
	readers := s.readers(ctx, ws)
	return s.view(ctx, func(t *db.Tx) error {
		tx := newTx(t, ws, now, s.queue, nil)
		tx.kept = readers.in(t)
		tx.Copies = copies.Copies{Scope: tx.Scope, Plan: &s.copying, Queue: s.queue}
		return fn(tx)
	})
}

// Update runs fn in a transaction of a workspace. When it returns nil, what fn
// wrote is on disk, and what it told with it. fn may run more than once and must
// have no effect outside its transaction.
func (s *Store) Update(ctx context.Context, ws model.WorkspaceID, fn func(*Tx) error) error {
	var lock locking
	if s.options.Dev {
		lock = beside
	}
	return s.update(ctx, s.running(ctx, ws, lock, fn))
}

// Alone is Update while no other runs in the workspace: it waits for those that do, and
// those that come wait for it. On PostgreSQL that is only so where each server has Dev.
func (s *Store) Alone(ctx context.Context, ws model.WorkspaceID, fn func(*Tx) error) error {
	return s.update(ctx, s.running(ctx, ws, alone, fn))
}

// locking keeps others out of a workspace until the transaction ends.
type locking func(t *db.Tx, ws model.WorkspaceID) error

func beside(t *db.Tx, ws model.WorkspaceID) error { return t.LockShared("rows of " + string(ws)) }
func alone(t *db.Tx, ws model.WorkspaceID) error  { return t.Lock("rows of " + string(ws)) }

// A Tx is a transaction within one workspace; no row of another can be reached
// through it. It lives no longer than the function it is given to.
type Tx struct {
	*scope
	notices           notices
	Workspaces        Workspaces
	AccessTokens      identity.AccessTokens
	Admins            Admins
	Teams             team.Teams
	ActivityLogs      activity.Logs
	Contacts          Contacts
	Companies         Companies
	Plans             Plans
	Tags              Tags
	Notes             activity.Notes
	DataAttributes    DataAttributes
	DataEvents        activity.DataEvents
	Segments          Segments
	SubscriptionTypes outbox.SubscriptionTypes
	TicketTypes       TicketTypes
	Counts            Counts
	Conversations     Conversations
	Messages          outbox.Messages
	AssignmentRules   team.AssignmentRules
	Tickets           Tickets
	Attachments       Attachments
	HelpCenters       content.HelpCenters
	Collections       content.Collections
	Articles          content.Articles
	PhoneSwitches     outbox.PhoneSwitches
	SMS               outbox.SMS
	Jobs              Jobs
	NewsItems         content.NewsItems
	Newsfeeds         content.Newsfeeds
	DataExports       content.DataExports
	Apps              identity.Apps
	Codes             identity.Codes
	Credentials       identity.Credentials
	Sessions          identity.Sessions
	Attempts          identity.Attempts
	Events            event.Events
	Webhooks          event.Webhooks
	Deliveries        event.Deliveries
	Copies            copies.Copies // of the workspace
	FaultCalls        fault.Calls
}

// A scope is what the nouns of this package share beyond what a record.Scope has:
// how conversations and tickets, which are in one table, are written and read.
type scope struct {
	*record.Scope
	state            sandbox.State                       // of the workspace, as whoever let in who asks has read it
	attributes       *record.Cache[*model.DataAttribute] // nil in a View
	kept             readers                             // of a View
	whole            keep.Writer[model.Conversation]     // of an Update
	heldConversation record.Held[model.ConversationID]   // the one that was last read to be written to, or written
	heldContact      record.Held[model.ContactID]        // likewise
	current          *model.Conversation                 // the latest that the transaction knows as a whole
}

// Enter has the rest of the transaction take place in a workspace of that state, which
// the transaction has read: nobody did who let in who asks.
func (t *Tx) Enter(state sandbox.State) {
	t.SetTime(state.Clock.Now(t.Jobs.queue.Now()))
	t.enter(state)
}

func (t *Tx) enter(state sandbox.State) {
	t.state = state
	t.UseSeed(state.IDs)
}

func newTx(t *db.Tx, ws model.WorkspaceID, now time.Time, queue *jobs.Queue, sequences *record.Sequences) *Tx {
	s := &scope{Scope: record.NewScope(t, ws, now, sequences)}
	return &Tx{
		scope: s, Workspaces: Workspaces{s}, AccessTokens: identity.AccessTokens{Scope: s.Scope}, Admins: Admins{s}, Teams: team.Teams{Scope: s.Scope},
		ActivityLogs: activity.Logs{Scope: s.Scope}, Contacts: Contacts{s}, Companies: Companies{s}, Plans: Plans{s}, Tags: Tags{s}, Notes: activity.Notes{Scope: s.Scope},
		DataAttributes: DataAttributes{s}, DataEvents: activity.DataEvents{Scope: s.Scope}, Segments: Segments{s},
		SubscriptionTypes: outbox.SubscriptionTypes{Scope: s.Scope}, TicketTypes: TicketTypes{s}, Counts: Counts{s},
		Conversations: Conversations{s}, Messages: outbox.Messages{Scope: s.Scope}, AssignmentRules: team.AssignmentRules{Scope: s.Scope}, Tickets: Tickets{s}, Attachments: Attachments{s}, Jobs: Jobs{s, queue},
		HelpCenters: content.HelpCenters{Scope: s.Scope}, Collections: content.Collections{Scope: s.Scope},
		Articles:  content.Articles{Scope: s.Scope},
		NewsItems: content.NewsItems{Scope: s.Scope}, Newsfeeds: content.Newsfeeds{Scope: s.Scope},
		PhoneSwitches: outbox.PhoneSwitches{Scope: s.Scope}, SMS: outbox.SMS{Scope: s.Scope},
		DataExports: content.DataExports{Scope: s.Scope},
		Apps:        identity.Apps{Scope: s.Scope}, Codes: identity.Codes{Scope: s.Scope},
		Credentials: identity.Credentials{Scope: s.Scope}, Sessions: identity.Sessions{Scope: s.Scope}, Attempts: identity.Attempts{Scope: s.Scope},
		Events: event.Events{Scope: s.Scope}, Webhooks: event.Webhooks{Scope: s.Scope}, Deliveries: event.Deliveries{Scope: s.Scope},
		FaultCalls: fault.Calls{Scope: s.Scope},
	}
}

// NewSecret makes a random key of 32 bytes, in hexadecimal.
func NewSecret() string {
	var b [32]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
