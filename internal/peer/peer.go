// Package peer is the door that other nodes knock on: what happens on one becomes
// calls of rules on the others, at once.
// It must not decide, nor be relied on: what it carries may be lost, and what counts
// is found by looking.
package peer

import (
	"log/slog"
	"time"

	"parley/internal/bus"
	"parley/internal/model"
	"parley/internal/model/event"
)

// Options are what a Peer is built with. None of the functions may wait.
type Options struct {
	URL    string // of the database, for a session
	Clock  func() time.Time
	Logger *slog.Logger

	// Told says that something happened in a workspace, Deliver that its webhooks have
	// something to be sent, Look that jobs are due.
	Told    func(model.WorkspaceID)
	Deliver func(ws model.WorkspaceID, webhooks []int64)
	Look    func()
	// Missed says that any of these may have been missed.
	Missed func()
	// Sending is told the number of each transaction that tells other nodes something.
	Sending func(number uint64)
	// Signal takes in a signal of another node, or says that there is no room for it.
	Signal func(ws model.WorkspaceID, signal *event.Told) bool
	// Own calls fn with signals that hold and were given to this node, most at most.
	Own func(most int, fn func(ws model.WorkspaceID, signal *event.Told))
}

// maxOwn is how many signals are told again when a node has come to listen. The others
// are told when they are given again, which is within a minute.
const maxOwn = 2_000

// A Peer is a node among others on one database. Start it once, stop it once.
type Peer struct {
	options Options
	bus     *bus.Bus
}

// New makes a peer, which does nothing yet.
func New(o Options) *Peer {
	p := &Peer{options: o}
	p.bus = bus.New(bus.Options{URL: o.URL, Logger: o.Logger, Hear: p.hear, Missed: p.missed, Sending: o.Sending})
	return p
}

// Start has it listen and tell.
func (p *Peer) Start() { p.bus.Start() }

// Stop ends it.
func (p *Peer) Stop() { p.bus.Stop() }

// Stats are the counts of its bus.
func (p *Peer) Stats() bus.Stats { return p.bus.Stats() }

// Told tells other nodes that something happened in a workspace.
func (p *Peer) Told(ws model.WorkspaceID) { p.bus.Tell(toldKind, string(ws), string(ws)) }

// Deliver tells them which webhooks have something to be sent: one of them may be
// sending to these.
func (p *Peer) Deliver(ws model.WorkspaceID, webhooks []event.SubscriptionID) {
	for _, id := range webhooks {
		body := formDelivery(ws, int64(id))
		p.bus.Tell(deliverKind, body, body)
	}
}

// Due tells them that jobs are due which this node does not do.
func (p *Peer) Due() { p.bus.Tell(dueKind, "", "") }

// Signal tells them that somebody types or is there.
func (p *Peer) Signal(ws model.WorkspaceID, t *event.Told) {
	p.bus.Tell(signalKind, string(ws)+" "+string(t.Signal.Topic)+" "+t.Signal.Key(), formSignal(ws, t, p.options.Clock().Unix()))
}

// missed makes up for what was not heard here, and not told to whoever has come to
// listen.
func (p *Peer) missed() {
	p.options.Missed()
	p.options.Own(maxOwn, p.Signal)
}

// hear does what another node says, of whatever version, and reports whether it was
// understood.
func (p *Peer) hear(m bus.Message) bool {
	switch m.Kind {
	case toldKind:
		if !isName(m.Body) {
			return false
		}
		p.options.Told(model.WorkspaceID(m.Body))
	case deliverKind:
		ws, webhook, ok := readDelivery(m.Body)
		if !ok {
			return false
		}
		p.options.Deliver(ws, []int64{webhook})
	case dueKind:
		p.options.Look()
	case signalKind:
		ws, t, ok := readSignal(m.Body, p.options.Clock().Unix())
		return ok && p.options.Signal(ws, t)
	default:
		return false
	}
	return true
}
