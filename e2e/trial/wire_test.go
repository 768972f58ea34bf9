package trial

import (
	"context"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// A wire is the way of one node to the database for what nodes tell each other. The test
// can cut it, and nothing else with it.
type wire struct {
	listener net.Listener
	to       string
	running  sync.WaitGroup

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
	taken int // connections that were cut
}

// newWire makes a way to where a database URL leads, which lasts as long as the test, and
// returns the URL of its beginning.
func newWire(t testing.TB, database string) (*wire, string) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: listener, to: u.Host, conns: map[net.Conn]bool{}}
	u.Host = listener.Addr().String()
	w.running.Go(w.serve)
	t.Cleanup(func() {
		listener.Close()
		w.sever()
		w.running.Wait()
	})
	return w, u.String()
}

func (w *wire) serve() {
	for {
		from, err := w.listener.Accept()
		if err != nil {
			return // the test is over
		}
		to, err := new(net.Dialer).DialContext(context.Background(), "tcp", w.to)
		if err != nil || !w.hold(from, to) {
			from.Close()
			if to != nil {
				to.Close()
			}
			continue
		}
		for _, way := range [][2]net.Conn{{from, to}, {to, from}} {
			w.running.Go(func() {
				_, _ = io.Copy(way[0], way[1])
				w.end(from, to)
			})
		}
	}
}

// hold keeps connections in mind, unless the wire is cut.
func (w *wire) hold(conns ...net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cut {
		w.taken++
		return false
	}
	for _, c := range conns {
		w.conns[c] = true
	}
	return true
}

func (w *wire) end(conns ...net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range conns {
		c.Close()
		delete(w.conns, c)
	}
}

// sever cuts the wire. What comes from then on is cut off too.
func (w *wire) sever() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = true
	w.taken += len(w.conns) / 2
	for c := range w.conns {
		c.Close()
	}
}

// mend lets connections through again, and returns how many were cut off.
func (w *wire) mend() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.taken
	w.cut, w.taken = false, 0
	return n
}
