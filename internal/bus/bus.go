// Package bus carries small messages between the servers of one PostgreSQL
// database, by LISTEN and NOTIFY on a connection of its own.
// It must not know what is said, nor be relied on: a message may be lost.
package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// A Message is what one server says to all others.
type Message struct {
	// Kind is what it says, in lower-case letters and digits. Where the form of its
	// body changes, it is another kind: servers of two versions understand each other
	// or leave each other alone.
	Kind string
	// Body is printable ASCII on one line, of 7,900 bytes at most with the kind.
	Body string
}

// Options are what a Bus is made with.
type Options struct {
	URL    string // postgres://…, of a session: LISTEN is nothing to a pooler of transactions
	Logger *slog.Logger
	// Hear is called with each message of another server, and reports whether it was
	// understood. It must not wait.
	Hear func(Message) bool
	// Missed is called when messages may have been missed, here or by a server that
	// has just begun to listen: who has something to say that still counts says it
	// again, and looks for what it may not have been told. It must not wait.
	Missed func()
	// Sending is called with the number of each transaction that notifies, before it is
	// committed; or nil. None of them writes to a table.
	Sending func(number uint64)

	Patience time.Duration // with the database; 0 means 5 seconds
}

const (
	channel = "parley"
	// beat is how often a server says that it is there.
	beat = 5 * time.Second
	// alone is for how long no other was heard where there is none to tell anything.
	alone = 3 * beat
	// breath is the time between two sends at least, in which more may come. A commit
	// that notifies takes a lock of all databases of the server.
	breath = 5 * time.Millisecond
	// calm is the time between two calls of Missed at least: many may begin at once.
	calm = time.Second

	firstPause = 100 * time.Millisecond // before a lost connection is made anew
	maxPause   = 15 * time.Second
)

// The kinds of the bus itself.
const (
	hello = "hello" // has just begun to listen
	here  = "here"  // is there
)

// errUnheard is why a connection is given up on which nothing is told.
var errUnheard = errors.New("what is told does not come back: LISTEN needs a session, which a pooler of transactions does not give (see the setting database_listen)")

// Stats are what a Bus has done.
type Stats struct {
	Connected bool
	Sent      int64         // messages
	Received  int64         // messages of others
	Dropped   int64         // messages that were not sent, as too many waited or there was no connection
	Skipped   int64         // of those received: not understood
	Lag       time.Duration // from telling to hearing, the last time that was measured
}

// A Bus tells other servers, and hears what they tell. Start it once, stop it once.
type Bus struct {
	options Options

	mu        sync.Mutex
	waiting   queue
	interrupt context.CancelFunc // ends the wait for a notification, if it may be ended
	heard     time.Time          // when another server was heard last, or might have been
	stats     Stats

	// Of the goroutine alone.
	failing  bool // the log says so
	missed   bool // since the last call of Missed
	calledAt time.Time

	running sync.WaitGroup
	leave   context.CancelFunc
}

// New makes a bus, which does nothing yet.
func New(o Options) *Bus {
	if o.Patience <= 0 {
		o.Patience = 5 * time.Second
	}
	return &Bus{options: o}
}

// Start has it listen and tell until Stop.
func (b *Bus) Start() {
	ctx, leave := context.WithCancel(context.Background())
	b.leave = leave
	b.running.Go(func() { b.run(ctx) })
}

// Stop ends it. What waits is not told any more.
func (b *Bus) Stop() {
	b.leave()
	b.running.Wait()
}

// Tell says something to all other servers, soon. A message takes the place of one
// that waits and has the same kind and key; two that are the same may be heard as one.
// It does not wait, and may lose the message: while there is no connection, or too many
// wait.
func (b *Bus) Tell(kind, key, body string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case !b.stats.Connected:
		b.stats.Dropped++
	case time.Since(b.heard) > alone: // there is nobody
	case !b.waiting.put(kind, key, body):
		b.stats.Dropped++
	case b.interrupt != nil:
		b.interrupt()
	}
}

// Stats are the counts as they are now.
func (b *Bus) Stats() Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stats
}

// run keeps a connection until ctx ends.
func (b *Bus) run(ctx context.Context) {
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		began := time.Now()
		err := b.session(ctx)
		if b.lost() || time.Since(began) > maxPause {
			pause = firstPause
		}
		if ctx.Err() != nil {
			return
		}
		if !b.failing {
			b.options.Logger.Warn("other servers cannot be told anything at once: they look by themselves", "error", err)
			b.failing = true
		}
		select {
		case <-time.After(pause/2 + rand.N(pause)/2):
		case <-ctx.Done():
			return
		}
	}
}

// lost takes note that the connection has ended, and reports whether there was one.
func (b *Bus) lost() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	was := b.stats.Connected
	b.stats.Connected = false
	b.stats.Dropped += int64(b.waiting.clear())
	return was
}

// A session is a connection, in the hands of one goroutine.
type session struct {
	*Bus
	conn   *pgx.Conn
	next   time.Time // when something may be sent
	beat   time.Time // when it is to be said that this server is there
	said   time.Time // when that was said last
	echoed bool      // and came back
}

// session listens and tells until the connection breaks, or ctx ends.
func (b *Bus) session(ctx context.Context) error {
	s := &session{Bus: b}
	if err := s.connect(ctx); err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		s.conn.Close(ctx)
	}()
	for {
		now := time.Now()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case !s.echoed && now.Sub(s.said) > b.options.Patience:
			return errUnheard
		case !now.Before(s.beat):
			if err := s.say(ctx, here); err != nil {
				return err
			}
		}
		if b.missed && now.Sub(b.calledAt) >= calm {
			b.missed, b.calledAt = false, now
			b.options.Missed()
		}
		if !now.Before(s.next) {
			if err := s.send(ctx); err != nil {
				return err
			}
		}
		if err := s.listen(ctx); err != nil {
			return err
		}
	}
}

// connect begins to listen, and says so.
func (s *session) connect(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.options.Patience)
	defer cancel()
	config, err := pgx.ParseConfig(s.options.URL)
	if err != nil {
		return fmt.Errorf("bus: reading the database URL: %w", err)
	}
	if _, given := config.RuntimeParams["application_name"]; !given {
		config.RuntimeParams["application_name"] = "parley bus"
	}
	// No statement is prepared, which a pooler might have to know of.
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	if s.conn, err = pgx.ConnectConfig(ctx, config); err != nil {
		return fmt.Errorf("bus: %w", err)
	}
	if _, err = s.conn.Exec(ctx, "LISTEN "+channel); err == nil {
		err = s.say(ctx, hello)
	}
	if err != nil {
		s.conn.Close(ctx)
	}
	return err
}

// say sends a message of the bus itself, of which the session hears too.
func (s *session) say(ctx context.Context, kind string) error {
	now := time.Now()
	s.said, s.echoed, s.beat = now, false, now.Add(beat)
	return s.notify(ctx, []string{header + kind})
}

// send sends what waits.
func (s *session) send(ctx context.Context) error {
	s.mu.Lock()
	payloads, n := s.waiting.take()
	s.mu.Unlock()
	if n == 0 {
		return nil
	}
	if err := s.notify(ctx, payloads); err != nil {
		return err
	}
	s.mu.Lock()
	s.stats.Sent += int64(n)
	s.mu.Unlock()
	s.next = time.Now().Add(breath)
	return nil
}

// notify is a transaction of its own, in which nothing else happens.
func (s *session) notify(ctx context.Context, payloads []string) error {
	ctx, cancel := context.WithTimeout(ctx, s.options.Patience)
	defer cancel()
	var b pgx.Batch
	b.Queue("BEGIN")
	var number string
	b.Queue("SELECT pg_current_xact_id()::text, count(pg_notify('"+channel+"', payload)) FROM unnest($1::text[]) AS payload", payloads).QueryRow(
		func(row pgx.Row) error { return row.Scan(&number, nil) })
	err := s.conn.SendBatch(ctx, &b).Close()
	if n, bad := strconv.ParseUint(number, 10, 64); err == nil && bad == nil && s.options.Sending != nil {
		s.options.Sending(n)
	}
	if err == nil {
		_, err = s.conn.Exec(ctx, "COMMIT")
	}
	if err != nil {
		return fmt.Errorf("bus: notify: %w", err)
	}
	return nil
}

// listen hears what others tell until there is something to be done.
func (s *session) listen(ctx context.Context) error {
	wait, cancel := context.WithDeadline(ctx, s.until())
	defer cancel()
	s.mu.Lock()
	switch paused := time.Now().Before(s.next); {
	case paused: // what comes now is sent together, later
	case s.waiting.empty():
		s.interrupt = cancel
	default:
		cancel()
	}
	s.mu.Unlock()
	n, err := s.conn.WaitForNotification(wait)
	ended := wait.Err() != nil
	s.mu.Lock()
	s.interrupt = nil
	s.mu.Unlock()
	switch {
	case n != nil && n.PID == s.conn.PgConn().PID():
		s.echo()
	case n != nil:
		s.hear(n.Payload)
	}
	if err != nil && (!ended || s.conn.IsClosed()) {
		return fmt.Errorf("bus: listen: %w", err)
	}
	return nil
}

// until is when there will be something to be done, whatever is heard.
func (s *session) until() time.Time {
	at := s.beat
	earlier := func(t time.Time) {
		if t.Before(at) {
			at = t
		}
	}
	if !s.echoed {
		earlier(s.said.Add(s.options.Patience))
	}
	if s.missed {
		earlier(s.calledAt.Add(calm))
	}
	if time.Now().Before(s.next) {
		earlier(s.next)
	}
	return at
}

// echo takes note that what this server told came back.
func (s *session) echo() {
	if s.echoed {
		return // what it sent since
	}
	s.echoed = true
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Lag = time.Since(s.said)
	if s.stats.Connected {
		return
	}
	s.stats.Connected = true
	s.heard = time.Now() // whoever is there says so before long
	s.missed = true
	if s.failing {
		s.options.Logger.Info("other servers are told at once again")
		s.failing = false
	}
}

// hear reads what another server sent at once.
func (s *session) hear(payload string) {
	messages, ok := parse(payload)
	skipped := 0
	if !ok {
		skipped = 1
	}
	s.mu.Lock()
	if time.Since(s.heard) > alone {
		s.missed = true // it was not told anything for a while
	}
	s.heard = time.Now()
	s.mu.Unlock()
	for _, m := range messages {
		switch {
		case m.Kind == hello:
			s.missed = true
		case m.Kind == here:
		case !s.options.Hear(m):
			skipped++
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Received += int64(len(messages))
	s.stats.Skipped += int64(skipped)
}
