package db

import (
	"bytes"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// wire is what connections to PostgreSQL go through, and can be cut.
type wire struct {
	to       string
	delay    time.Duration // of whatever passes
	listener net.Listener
	sent     atomic.Int64 // how often a client has sent something

	mu    sync.Mutex
	conns []net.Conn
	word  string // the connection of who sends it is cut…
	after bool   // …once the answer is there, which the sender does not get
	hold  *held  // the next answer; or nil
}

// held is an answer that is there, and not passed on before it is let go.
type held struct{ there, letGo chan struct{} }

// holdNext has the next answer be held, and what comes after it on its connection.
func (w *wire) holdNext() *held {
	h := &held{make(chan struct{}), make(chan struct{})}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hold = h
	return h
}

// wait holds an answer that is to be held.
func (w *wire) wait() {
	w.mu.Lock()
	h := w.hold
	w.hold = nil
	w.mu.Unlock()
	if h != nil {
		close(h.there)
		<-h.letGo
	}
}

// wired returns a database's URL by a wire.
func wired(t testing.TB, at string) (*wire, string) {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{to: u.Host}
	w.listen(t, "127.0.0.1:0")
	u.Host = w.listener.Addr().String()
	t.Cleanup(w.cut)
	return w, u.String()
}

func (w *wire) listen(t testing.TB, address string) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	w.listener = listener
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", w.to)
			if err != nil {
				client.Close()
				continue
			}
			w.mu.Lock()
			w.conns = append(w.conns, client, server)
			w.mu.Unlock()
			go w.pass(client, server)
		}
	}()
}

// cut ends all connections and takes no new ones.
func (w *wire) cut() {
	w.listener.Close()
	w.lose()
}

// lose ends all connections.
func (w *wire) lose() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
	w.conns = nil
}

// cutAt has the connection cut that sends a word next.
func (w *wire) cutAt(word string, after bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.word, w.after = word, after
}

// isCut reports whether what a client sends is the word, and whether it is to be passed on.
func (w *wire) isCut(sent []byte) (cut, after bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.word == "" || !bytes.Contains(sent, []byte(w.word)) {
		return false, false
	}
	w.word = ""
	return true, w.after
}

// pass passes on what a client sends and what it is answered. PostgreSQL answers one message of the client at a time, so
// that nothing else arrives while the answer to the word is awaited.
func (w *wire) pass(client, server net.Conn) {
	defer server.Close()
	defer client.Close()
	var deaf sync.WaitGroup
	mute := make(chan struct{})
	deaf.Go(func() {
		part := make([]byte, 1<<16)
		for {
			n, err := server.Read(part)
			select {
			case <-mute:
				return
			default:
			}
			if err != nil {
				client.Close()
				return
			}
			w.wait()
			time.Sleep(w.delay)
			client.Write(part[:n])
		}
	})
	part := make([]byte, 1<<16)
	for {
		n, err := client.Read(part)
		if err != nil {
			return
		}
		w.sent.Add(1)
		cut, after := w.isCut(part[:n])
		if cut && !after {
			return
		}
		if cut {
			close(mute)
		}
		time.Sleep(w.delay)
		if _, err := server.Write(part[:n]); err != nil {
			return
		}
		if cut {
			deaf.Wait()
			return
		}
	}
}
