package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestOverload asks a server for many times what it may do at once, and holds its connections in every bad way there is.
// It answers each with success, 429 or 503, keeps to a bound of memory, says all the while that it is well, and is so at
// once afterwards. PARLEY_TEST_OVERLOAD=1m has it last so long, with the settings that a server has by default and as many
// clients as they are for, and tells how long requests waited and how soon they take no longer than before.
func TestOverload(t *testing.T) {
	t.Parallel()
	const (
		each       = 9
		mostMemory = 700 << 20 // bytes; it needs about a third
	)
	length, err := time.ParseDuration(cmp.Or(os.Getenv("PARLEY_TEST_OVERLOAD"), "0s"))
	if err != nil {
		t.Fatal(err)
	}
	// Few places are soon taken. By default 256 requests are answered at once and 1,024 wait.
	clients, settings := 160, []string{"--server-parallel", "4", "--server-wait", "50ms", "--server-connections", "300"}
	if length > 0 {
		clients, settings = 2560, nil
	}
	args := append([]string{"serve", "--addr", "127.0.0.1:0", "--data", t.TempDir(), "--log-level", "error"}, settings...)
	s := follow(t, invokeFor(t, length+2*patience, nil, args...))
	host := strings.TrimPrefix(s.url, "http://")
	for i := range 100 {
		s.ask("POST", "/contacts", s.token, fmt.Sprintf(`{"external_id":"c-%d","name":"Somebody"}`, i))
	}
	if length > 0 {
		const few = 5 * time.Second
		t.Logf("16 clients alone are answered %d requests a second", s.askAll(16, 0, few).answers[http.StatusOK].Load()/int64(few.Seconds()))
	}
	usual := s.slowest(20)
	head := func(path string, more string) string {
		return "POST " + path + " HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer " + s.token + "\r\nContent-Type: application/json\r\n" + more + "\r\n"
	}
	// Each of these holds a connection and says no more.
	bad := []string{
		"",                                    // says nothing at all
		"GET /contacts HTTP/1.1\r\nHost: a\r", // stops in its header
		head("/contacts", "Content-Length: 1000\r\n") + `{"external_id":`,                                                      // stops in its body
		head("/contacts", "Content-Length: 5000000\r\n") + `{"name":"` + strings.Repeat("x", 2<<20),                            // in a large one
		head("/contacts", "X-Huge: "+strings.Repeat("x", 512<<10)+"\r\n"),                                                      // has too large a header
		head("/contacts", "Content-Length: 60000000\r\n"),                                                                      // announces too large a body
		strings.Repeat("GET /contacts?per_page=150 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "+s.token+"\r\n\r\n", 40) + "", // does not read its answers
	}
	var held []net.Conn
	for i := range 15 * len(bad) {
		conn, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, conn)
		conn.SetWriteDeadline(time.Now().Add(patience))
		go io.WriteString(conn, bad[i%len(bad)]) // it may be refused before it has said all
	}
	defer func() {
		for _, conn := range held {
			conn.Close()
		}
	}()

	over := make(chan struct{})
	var health sync.WaitGroup
	var asked, longest atomic.Int64
	health.Go(func() {
		probe := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
		for i := 0; ; i++ {
			path := []string{"/livez", "/readyz", "/metrics"}[i%3]
			sent := time.Now()
			answer, err := probe.Get(s.url + path)
			if err != nil {
				t.Errorf("%s: %v", path, err)
				return
			}
			io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				t.Errorf("%s is answered %d", path, answer.StatusCode)
			}
			asked.Add(1)
			raise(&longest, int64(time.Since(sent)))
			select {
			case <-over:
				return
			default:
			}
		}
	})
	load := s.askAll(clients, each, length)
	close(over)
	health.Wait()
	for status := range load.answers {
		if n := load.answers[status].Load(); n > 0 {
			t.Logf("%d: %d, after %v at most", status, n, time.Duration(load.waits[status].Load()).Round(time.Millisecond))
			if status/100 != 2 && status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
				t.Errorf("%d requests were answered %d", n, status)
			}
		}
	}
	if load.answers[http.StatusOK].Load() == 0 || load.answers[http.StatusServiceUnavailable].Load() == 0 {
		t.Error("there was no overload, or nothing else")
	}
	t.Logf("health was asked %d times, and took %v at most; memory was %d MB at most", asked.Load(),
		time.Duration(longest.Load()).Round(time.Millisecond), s.peak(t)>>20)
	if peak := s.peak(t); peak > mostMemory {
		t.Errorf("the server used %d MB of memory, want %d at most", peak>>20, mostMemory>>20)
	}
	if length > 0 {
		ended, now := time.Now(), s.slowest(20)
		for now > 2*usual && time.Since(ended) < patience {
			now = s.slowest(20)
		}
		t.Logf("before, the slowest of 20 requests took %v; %v after the end, %v", usual, time.Since(ended), now)
	}
	// What was held is held still.
	s.ask("POST", "/contacts", s.token, `{"external_id":"afterwards"}`)
	metrics := s.ask("GET", "/metrics", "", "")
	for _, want := range []string{`parley_http_requests_refused_total{why="`, "parley_http_requests_queued 0\n"} {
		if !strings.Contains(metrics, want) {
			t.Errorf("the metrics have no %q", want)
		}
	}
	s.signal(syscall.SIGTERM)
	s.wait()
}

// TestTooManyConnections makes more connections than a server has: those go that nobody uses, and never one that waits
// for its answer.
func TestTooManyConnections(t *testing.T) {
	t.Parallel()
	const most = 20
	s := start(t, nil, "--data", t.TempDir(), "--log-level", "error", "--server-connections", strconv.Itoa(most))
	host := strings.TrimPrefix(s.url, "http://")
	dial := func() net.Conn {
		t.Helper()
		conn, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	// This one is in use: the server has asked for its body, of which it has sent some.
	busy := dial()
	busy.SetReadDeadline(time.Now().Add(patience))
	const body = `{"external_id":"patient"}`
	fmt.Fprintf(busy, "POST /contacts HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n",
		s.token, len(body))
	answers := bufio.NewReader(busy)
	if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, " 100 ") {
		t.Fatalf("a body is asked for by %q (%v)", line, err)
	}
	if _, err := answers.ReadString('\n'); err != nil { // the empty line behind it
		t.Fatal(err)
	}
	fmt.Fprint(busy, body[:5])
	var silent []net.Conn
	for range 3 * most {
		silent = append(silent, dial())
	}
	s.ask("GET", "/readyz", "", "")
	s.ask("GET", "/me", s.token, "")
	// The oldest of those that say nothing is gone.
	silent[0].SetReadDeadline(time.Now().Add(patience))
	if n, err := silent[0].Read(make([]byte, 1)); err == nil || os.IsTimeout(err) {
		t.Errorf("a connection that nobody uses is there: %d bytes, %v", n, err)
	}
	fmt.Fprint(busy, body[5:])
	busy.SetReadDeadline(time.Now().Add(patience))
	answer, err := http.ReadResponse(answers, nil)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("the one in use is answered %v (%v)", answer, err)
	}
	answer.Body.Close()
	if !strings.Contains(s.ask("GET", "/metrics", "", ""), "\nparley_http_connections_closed_total ") {
		t.Error("the metrics do not tell that connections were closed")
	}
}

// answered counts answers by status, and has how long one of each took at most.
type answered struct{ answers, waits [600]atomic.Int64 }

// askAll has clients at once ask one thing after another, each so many times and for as long. They do not heed Retry-After.
func (s *server) askAll(clients, each int, length time.Duration) *answered {
	var all answered
	var load sync.WaitGroup
	crowd := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}, Timeout: patience}
	defer crowd.CloseIdleConnections()
	began := time.Now()
	for c := range clients {
		load.Go(func() {
			for i := 0; i < each || time.Since(began) < length; i++ {
				method, path, body := "GET", "/contacts?per_page=150", ""
				switch i % 3 {
				case 1:
					method, path, body = "POST", "/contacts", fmt.Sprintf(`{"external_id":"o-%d-%d-%d"}`, clients, c, i)
				case 2:
					method, path, body = "POST", "/contacts/search", `{"query":{"field":"name","operator":"~","value":"omebod"}}`
				}
				r, _ := http.NewRequest(method, s.url+path, strings.NewReader(body))
				r.Header = http.Header{"Authorization": {"Bearer " + s.token}, "Content-Type": {"application/json"}}
				sent := time.Now()
				answer, err := crowd.Do(r)
				if err != nil {
					s.t.Errorf("%s %s: %v", method, path, err)
					return
				}
				io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
				all.answers[answer.StatusCode].Add(1)
				raise(&all.waits[answer.StatusCode], int64(time.Since(sent)))
				if answer.StatusCode == http.StatusServiceUnavailable && answer.Header.Get("Retry-After") == "" {
					s.t.Error("a 503 has no Retry-After")
				}
			}
		})
	}
	load.Wait()
	return &all
}

// raise keeps the larger of a number and another.
func raise(most *atomic.Int64, n int64) {
	for was := most.Load(); n > was && !most.CompareAndSwap(was, n); was = most.Load() {
	}
}

// slowest is how long the slowest of so many requests took, one after the other.
func (s *server) slowest(n int) (most time.Duration) {
	for range n {
		began := time.Now()
		s.ask("GET", "/contacts?per_page=50", s.token, "")
		most = max(most, time.Since(began))
	}
	return most
}

// peak is the most memory that the server has had, in bytes.
func (s *server) peak(t *testing.T) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	kB, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return kB << 10
}
