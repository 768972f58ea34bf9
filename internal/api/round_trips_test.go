package api_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"

	"parley/internal/db"
	"parley/internal/means"
)

// asked counts what is asked of PostgreSQL by connections that pass through it, and how often, but for ends for which nobody waits.
type asked struct{ statements, times atomic.Int64 }

// through is a database's URL by which connections are counted.
func (a *asked) through(t *testing.T, at string) string {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	to := u.Host
	u.Host = listener.Addr().String()
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", to)
			if err != nil {
				client.Close()
				continue
			}
			go func() {
				io.Copy(client, server)
				client.Close()
			}()
			go func() {
				a.pass(server, bufio.NewReader(client))
				server.Close()
			}()
		}
	}()
	return u.String()
}

// pass passes on what a client sends, message by message, until it ends.
func (a *asked) pass(server io.Writer, client *bufio.Reader) {
	to := bufio.NewWriter(server)
	var end, any bool // the next statement is an end; another was sent since the last Sync
	for begun := false; ; {
		if client.Buffered() == 0 && to.Flush() != nil {
			return
		}
		header := make([]byte, 5)
		if !begun { // the first messages have no type
			header = header[:4]
		}
		if _, err := io.ReadFull(client, header); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(header[len(header)-4:])-4)
		if _, err := io.ReadFull(client, body); err != nil {
			return
		}
		switch {
		case !begun:
			begun = binary.BigEndian.Uint16(body) == 3 // the version; else it asks for TLS
		case header[0] == 'P': // Parse
			end = bytes.Contains(body, []byte("ROLLBACK"))
		case header[0] == 'B': // Bind
			if !end {
				a.statements.Add(1)
				any = true
			}
			end = false
		case header[0] == 'S': // Sync
			if any {
				a.times.Add(1)
			}
			any = false
		}
		to.Write(header)
		to.Write(body)
	}
}

// TestOneQuestion holds how often PostgreSQL is asked for what is shown, and for how many statements: those that a Trace has, what begins them, and
// which moment it is. Others may ask something meanwhile, so that the least of several counts.
func TestOneQuestion(t *testing.T) {
	t.Parallel()
	a := &asked{}
	r, _ := traced(t, db.Options{URL: a.through(t, means.Postgres(t))})
	c := newTalk(t, r)
	c.does(t, "comment", "body", "Hi").OK()
	w := newWork(t, r)
	ticket := w.ticket(t, nil)
	r.Post(t, ticket+"/reply", object{"admin_id": w.admin, "body": "x"}).OK()
	for _, tt := range []struct {
		name              string
		path              string
		times, statements int64
	}{
		{"a conversation", c.path, 1, 6 + 2},
		{"a ticket", ticket, 2, 7 + 2},
	} {
		times, statements := int64(1000), int64(1000)
		for range 20 {
			was, were := a.times.Load(), a.statements.Load()
			r.Get(t, tt.path).OK()
			times, statements = min(times, a.times.Load()-was), min(statements, a.statements.Load()-were)
		}
		if times != tt.times || statements != tt.statements {
			t.Errorf("for %s it is asked %d times for %d statements, want %d times for %d", tt.name, times, statements, tt.times, tt.statements)
		}
	}
}
