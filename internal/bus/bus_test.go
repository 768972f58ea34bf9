package bus_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/internal/bus"
	"parley/internal/means"
)

// A node is a server on a bus, and what it heard.
type node struct {
	*bus.Bus
	t      *testing.T
	heard  chan bus.Message
	sent   chan string // the numbers of its transactions, and how these were when it said so
	missed chan struct{}
	log    *log
}

// A log keeps its lines.
type log struct {
	mu    sync.Mutex
	lines []string
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, string(p))
	return len(p), nil
}

func (l *log) count(part string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, line := range l.lines {
		if strings.Contains(line, part) {
			n++
		}
	}
	return n
}

// join has a server listen that understands every kind but "strange".
func join(t *testing.T, at string) *node {
	t.Helper()
	n := &node{t: t, heard: make(chan bus.Message, 100_000), sent: make(chan string, 100_000), missed: make(chan struct{}, 1000), log: &log{}}
	n.Bus = bus.New(bus.Options{URL: at, Logger: slog.New(slog.NewTextHandler(n.log, nil)), Patience: time.Second,
		Hear: func(m bus.Message) bool {
			if m.Kind == "strange" {
				return false
			}
			n.heard <- m
			return true
		},
		Missed:  func() { n.missed <- struct{}{} },
		Sending: func(number uint64) { n.sent <- fmt.Sprint(number) }})
	n.Start()
	t.Cleanup(n.Stop)
	return n
}

const patience = 30 * time.Second

// await waits until the bus has come to something.
func (n *node) await(what string, come func(bus.Stats) bool) {
	n.t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !come(n.Stats()); <-tick.C {
		if time.Now().After(end) {
			n.t.Fatalf("it is not %s: %+v", what, n.Stats())
		}
	}
}

func (n *node) connected() *node {
	n.t.Helper()
	n.await("connected", func(s bus.Stats) bool { return s.Connected })
	return n
}

// next waits for the next message.
func (n *node) next() bus.Message {
	n.t.Helper()
	select {
	case m := <-n.heard:
		return m
	case <-time.After(patience):
		n.t.Fatal("nothing is heard")
		panic("unreachable")
	}
}

// again waits until the bus says that something may have been missed.
func (n *node) again() {
	n.t.Helper()
	select {
	case <-n.missed:
	case <-time.After(patience):
		n.t.Fatal("nobody says that something was missed")
	}
}

// TestSending holds that each transaction that notifies says its number before it is committed.
func TestSending(t *testing.T) {
	t.Parallel()
	at := means.Postgres(t)
	a, b := join(t, at).connected(), join(t, at).connected()
	for i := range 100 {
		a.Tell("number", fmt.Sprint(i), "")
	}
	for range 100 {
		b.next()
	}
	a.await("done", func(s bus.Stats) bool { return s.Sent == 100 })
	conn, err := pgx.Connect(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	numbers := map[string]bool{}
	for len(a.sent) > 0 {
		number := <-a.sent
		var status string
		if err := conn.QueryRow(t.Context(), "SELECT pg_xact_status($1::text::xid8)", number).Scan(&status); err != nil {
			t.Fatal(err)
		}
		if numbers[number] || status != "committed" {
			t.Errorf("%s is %s, and was said before: %v", number, status, numbers[number])
		}
		numbers[number] = true
	}
	if len(numbers) < 2 { // that it is here, and what was told
		t.Errorf("%d transactions have notified", len(numbers))
	}
}

// query runs a statement beside the servers.
func query(t *testing.T, at, statement string, args ...any) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement, args...); err != nil {
		t.Fatal(err)
	}
}

// TestOthersAreTold has two servers tell each other much at once: all of it is
// heard, in order, by the other alone.
func TestOthersAreTold(t *testing.T) {
	t.Parallel()
	at := means.Postgres(t)
	a, b := join(t, at).connected(), join(t, at).connected()
	const many = 3000
	for i := range many {
		for _, from := range []*node{a, b} {
			from.Tell("number", fmt.Sprint(i), fmt.Sprint(i))
		}
	}
	for _, to := range []*node{a, b} {
		for i := range many {
			if m := to.next(); m != (bus.Message{Kind: "number", Body: fmt.Sprint(i)}) {
				t.Fatalf("%d. comes %+v", i, m)
			}
		}
	}
	long := strings.Repeat("x", 7_895)
	a.Tell("long", "1", long)
	a.Tell("longer", "1", long)         // is none
	a.Tell("line", "1", "one\nanother") // is none
	a.Tell("umlaut", "1", "ä")          // is none
	a.Tell("", "1", "x")                // is none
	a.Tell("last", "", "")
	if m := b.next(); m.Kind != "long" || m.Body != long {
		t.Errorf("it comes %s of %d bytes", m.Kind, len(m.Body))
	}
	if m := b.next(); m != (bus.Message{Kind: "last"}) {
		t.Errorf("it comes %+v", m)
	}
	a.await("done", func(s bus.Stats) bool { return s.Sent == many+2 && s.Dropped == 4 })
	if len(a.heard)+len(b.heard) > 0 {
		t.Errorf("more was heard: %d and %d", len(a.heard), len(b.heard))
	}
}

// TestOnlyTheLatestWaits has a server told much about few things while it sends.
func TestOnlyTheLatestWaits(t *testing.T) {
	t.Parallel()
	at := means.Postgres(t)
	a, b := join(t, at).connected(), join(t, at).connected()
	const many = 20_000
	for i := range many + 1 {
		a.Tell("state", fmt.Sprint(i%5), fmt.Sprint(i))
	}
	latest := map[int]int{}
	for latest[many%5] != many {
		var n int
		fmt.Sscan(b.next().Body, &n)
		if n < latest[n%5] {
			t.Fatalf("%d comes after %d", n, latest[n%5])
		}
		latest[n%5] = n
	}
	if sent := a.Stats().Sent; sent > many/4 {
		t.Errorf("%d messages were sent", sent)
	}
}

// TestTooManyWait has a server say more at once than may wait.
func TestTooManyWait(t *testing.T) {
	t.Parallel()
	a := join(t, means.Postgres(t)).connected()
	const many = 50_000 // far more than are sent meanwhile
	for i := range many {
		a.Tell("number", fmt.Sprint(i), strings.Repeat("x", 1000))
	}
	if s := a.Stats(); s.Dropped == 0 || s.Dropped >= many {
		t.Errorf("%d messages were dropped", s.Dropped)
	}
}

// TestConnectionIsLost ends the connections of two servers: they make others, say
// that something may have been missed, and go on.
func TestConnectionIsLost(t *testing.T) {
	t.Parallel()
	at := means.Postgres(t)
	a, b := join(t, at).connected(), join(t, at).connected()
	a.again()
	b.again()
	a.again() // b is new
	query(t, at, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'parley bus' AND datname = current_database()")
	a.again()
	b.again()
	a.connected()
	b.connected()
	for _, n := range []*node{a, b} {
		if lost, back := n.log.count("cannot be told"), n.log.count("at once again"); lost != 1 || back != 1 {
			t.Errorf("the log has %d and %d lines: %q", lost, back, n.log.lines)
		}
	}
	a.Tell("after", "", "1")
	b.Tell("after", "", "2")
	if m, n := b.next(), a.next(); m.Body != "1" || n.Body != "2" {
		t.Errorf("they hear %+v and %+v", m, n)
	}
}

// TestStrangersArePassedOver notifies what no server of this version says.
func TestStrangersArePassedOver(t *testing.T) {
	t.Parallel()
	at := means.Postgres(t)
	a := join(t, at).connected()
	for _, payload := range []string{"", "x", "parley 2\nnumber 1", "parley 1", "parley 1\n", "parley 1\n\n \nnumber 1\nstrange 2\nnumber",
		"parley 1\nhello\nhere and more\nnumber 3"} {
		query(t, at, "SELECT pg_notify('parley', $1)", payload)
	}
	var heard []bus.Message
	for range 3 {
		heard = append(heard, a.next())
	}
	if want := []bus.Message{{Kind: "number", Body: "1"}, {Kind: "number"}, {Kind: "number", Body: "3"}}; !slices.Equal(heard, want) {
		t.Errorf("it hears %q, want %q", heard, want)
	}
	a.await("done", func(s bus.Stats) bool { return s.Received == 6 && s.Skipped == 5 })
}

// TestNotListening has servers that cannot listen: one that is not reached, and one
// behind a pooler, which takes LISTEN for one transaction's. They say so once, and
// lose what they are told.
func TestNotListening(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, url, says string
	}{
		{"no database", "postgres://nobody@127.0.0.1:1/none", "connection refused"},
		{"behind a pooler", deaf(t, means.Postgres(t)), "see the setting database_listen"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := join(t, c.url)
			a.await("said", func(bus.Stats) bool { return a.log.count("cannot be told") == 1 && a.log.count(c.says) == 1 })
			a.Tell("number", "", "1")
			if s := a.Stats(); s.Connected || s.Dropped != 1 {
				t.Errorf("it counts %+v", s)
			}
		})
	}
}

// deaf is the URL of a way to a database on which no notification arrives.
func deaf(t *testing.T, to string) string {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { door.Close() })
	server := u.Host
	go func() {
		for {
			client, err := door.Accept()
			if err != nil {
				return
			}
			database, err := net.Dial("tcp", server)
			if err != nil {
				client.Close()
				return
			}
			go func() {
				io.Copy(database, client)
				database.Close()
			}()
			go withoutNotifications(client, database)
		}
	}()
	q := u.Query()
	q.Set("sslmode", "disable") // or nobody could tell the messages apart
	u.Host, u.RawQuery = door.Addr().String(), q.Encode()
	return u.String()
}

// withoutNotifications passes on what a database says: messages of a byte that names
// their sort, their length, and as much more.
func withoutNotifications(client, database net.Conn) {
	defer client.Close()
	var head [5]byte
	for {
		if _, err := io.ReadFull(database, head[:]); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
		if _, err := io.ReadFull(database, body); err != nil {
			return
		}
		if head[0] == 'A' {
			continue
		}
		if _, err := client.Write(append(head[:], body...)); err != nil {
			return
		}
	}
}
