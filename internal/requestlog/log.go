// Package requestlog keeps the last calls of each workspace in memory, so that whoever
// tests an integration can ask what it sent. Their bodies are in a file while nobody asks.
// It must not know what a call is for, and nothing may rely on what it keeps.
package requestlog

import (
	"container/list"
	"context"
	"net/http"
	"sync"
	"time"
)

// An Entry is one call. It does not change once it was added.
type Entry struct {
	ID        uint64 // counts the calls of the process, from 1
	Workspace string
	At        time.Time // when it came
	Took      time.Duration
	Base      string // scheme and host, as the client has them
	Method    string
	Path      string // as it was sent, escapes included
	Query     string
	Operation string // empty for what is none
	Status    int    // 0: there was no answer
	Fault     string // id of the fault that was met; empty for none

	RequestHeader, ResponseHeader http.Header
	Request, Response             Body

	// Unread are the members of the request's body that its operation does not read, as
	// JSON pointers. It is asked for when somebody looks, and costs the call nothing.
	Unread func() []string
}

// Unmatched reports whether the call has something that the API does not know: its
// route, or a member of its body.
func (e *Entry) Unmatched() bool { return e.Operation == "" || len(e.Unread()) > 0 }

// overhead is about what an entry takes beside its texts.
const overhead = 1 << 10

// size is about how many bytes of memory an entry takes.
func (e *Entry) size() int {
	n := overhead + e.Request.size() + e.Response.size() + len(e.Path) + len(e.Query)
	for name, values := range e.RequestHeader {
		n += len(name)
		for _, v := range values {
			n += len(v)
		}
	}
	return n
}

// Options are the bounds of a Log. What is 0 is as much as is good.
type Options struct {
	Entries int // of a workspace; 1,000
	Bytes   int // of a workspace; 4 MB
	Total   int // bytes of all workspaces; 8 MB
}

// A Log keeps calls. Where there is no room for one more, the oldest of its workspace
// goes, or the oldest of all. It is safe for concurrent use.
type Log struct {
	options Options

	mu         sync.Mutex
	workspaces map[string]*calls
	all        list.List // of *Entry, oldest first
	bytes      int
	last       uint64
	followers  map[chan *Entry]bool
	closed     bool
	ended      chan struct{}
}

// calls are those of one workspace.
type calls struct {
	entries []*list.Element // of the list of all, oldest first
	bytes   int
	waiting int           // how many wait for the next
	added   chan struct{} // is closed when there is one
}

// New makes a log.
func New(o Options) *Log {
	if o.Entries <= 0 {
		o.Entries = 1000
	}
	if o.Bytes <= 0 {
		o.Bytes = 4 << 20
	}
	if o.Total <= 0 {
		o.Total = 8 << 20
	}
	return &Log{options: o, workspaces: map[string]*calls{}, followers: map[chan *Entry]bool{}, ended: make(chan struct{})}
}

// Add keeps a call and gives it its id.
func (l *Log) Add(e *Entry) {
	size := e.size()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	e.ID = l.last
	c := l.of(e.Workspace)
	c.entries = append(c.entries, l.all.PushBack(e))
	c.bytes, l.bytes = c.bytes+size, l.bytes+size
	for len(c.entries) > l.options.Entries || c.bytes > l.options.Bytes && len(c.entries) > 1 {
		l.dropOldest(e.Workspace)
	}
	for l.bytes > l.options.Total && l.all.Len() > 1 {
		l.dropOldest(l.all.Front().Value.(*Entry).Workspace)
	}
	if c.waiting > 0 {
		close(c.added)
		c.added, c.waiting = make(chan struct{}), 0
	}
	l.tell(e)
}

// Pass tells those who follow of a call that is of no workspace, and so kept for nobody.
// It has an id like others.
func (l *Log) Pass(e *Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	e.ID = l.last
	l.tell(e)
}

func (l *Log) tell(e *Entry) {
	for f := range l.followers {
		select {
		case f <- e:
		default: // it is too slow
		}
	}
}

// Last is the id of the newest call, 0 where there was none. Whoever follows has been told
// of it, or was too slow.
func (l *Log) Last() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// Followed reports whether somebody follows.
func (l *Log) Followed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.followers) > 0
}

func (l *Log) of(workspace string) *calls {
	c := l.workspaces[workspace]
	if c == nil {
		c = &calls{added: make(chan struct{})}
		l.workspaces[workspace] = c
	}
	return c
}

// dropOldest forgets the oldest call of a workspace, and the workspace with its last.
func (l *Log) dropOldest(workspace string) {
	c := l.workspaces[workspace]
	oldest := c.entries[0]
	size := l.all.Remove(oldest).(*Entry).size()
	c.entries[0] = nil
	c.entries = c.entries[1:]
	c.bytes, l.bytes = c.bytes-size, l.bytes-size
	l.tidy(workspace, c)
}

// tidy forgets a workspace of which there is nothing and for which nobody waits.
func (l *Log) tidy(workspace string, c *calls) {
	if len(c.entries) == 0 && c.waiting == 0 {
		delete(l.workspaces, workspace)
	}
}

// List returns the calls of a workspace that are kept, oldest first.
func (l *Log) List(workspace string) []*Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.list(workspace)
}

func (l *Log) list(workspace string) []*Entry {
	c := l.workspaces[workspace]
	if c == nil {
		return nil
	}
	all := make([]*Entry, len(c.entries))
	for i, at := range c.entries {
		all[i] = at.Value.(*Entry)
	}
	return all
}

// Clear forgets the calls of a workspace.
func (l *Log) Clear(workspace string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := l.workspaces[workspace]; c != nil && len(c.entries) > 0; {
		l.dropOldest(workspace)
	}
}

// Await shows the calls of a workspace to enough, and again after each that is added,
// until that is content, the context ends or the log is closed. It returns what it
// showed last.
func (l *Log) Await(ctx context.Context, workspace string, enough func([]*Entry) bool) []*Entry {
	for {
		l.mu.Lock()
		all, closed := l.list(workspace), l.closed
		c := l.of(workspace)
		c.waiting++
		added := c.added
		l.mu.Unlock()
		done := enough(all) || closed
		if !done {
			select {
			case <-added:
				continue
			case <-ctx.Done():
			}
		}
		l.mu.Lock()
		if c.added == added { // or nobody counts as waiting any more
			c.waiting--
		}
		l.tidy(workspace, c)
		l.mu.Unlock()
		return all
	}
}

// followed is how many calls wait for a follower.
const followed = 256

// Follow tells every call from now on, of all workspaces and of none, until the context
// ends; then the channel is closed. Calls for which a slow reader has no room are not told to it.
func (l *Log) Follow(ctx context.Context) <-chan *Entry {
	f := make(chan *Entry, followed)
	l.mu.Lock()
	l.followers[f] = true
	l.mu.Unlock()
	context.AfterFunc(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.followers, f)
		close(f)
	})
	return f
}

// Closed is closed when all waiting is to end.
func (l *Log) Closed() <-chan struct{} { return l.ended }

// Close ends all waiting: the server stops.
func (l *Log) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.closed = true
	close(l.ended)
	for _, c := range l.workspaces {
		close(c.added)
		c.added, c.waiting = make(chan struct{}), 0
	}
}
