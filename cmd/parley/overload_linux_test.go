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
// once afterwards. PARLEY_TEST_OVERLOAD=1m has it last so long, and tells how soon requests take no longer than before.
func TestOverload(t *testing.T) {
	t.Parallel()
	const (
		places, conns = 4, 300
		clients, each = 160, 9
		mostMemory    = 700 << 20 // bytes; it needs about a third
	)
	s := start(t, nil, "--data", t.TempDir(), "--log-level", "error", "--server-parallel", strconv.Itoa(places), "--server-wait", "50ms",
		"--server-connections", strconv.Itoa(conns))
	host := strings.TrimPrefix(s.url, "http://")
	length, err := time.ParseDuration(cmp.Or(os.Getenv("PARLEY_TEST_OVERLOAD"), "0s"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		s.ask("POST", "/contacts", s.token, fmt.Sprintf(`{"external_id":"c-%d","name":"Somebody"}`, i))
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
	var asked atomic.Int64
	health.Go(func() {
		probe := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
		for i := 0; ; i++ {
			path := []string{"/livez", "/readyz", "/metrics"}[i%3]
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
			select {
			case <-over:
				return
			default:
			}
		}
	})
	var statuses [600]atomic.Int64
	var load sync.WaitGroup
	crowd := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}, Timeout: patience}
	began := time.Now()
	for c := range clients {
		load.Go(func() {
			for i := 0; i < each || time.Since(began) < length; i++ {
				method, path, body := "GET", "/contacts?per_page=150", ""
				switch i % 3 {
				case 1:
					method, path, body = "POST", "/contacts", fmt.Sprintf(`{"external_id":"o-%d-%d"}`, c, i)
				case 2:
					method, path, body = "POST", "/contacts/search", `{"query":{"field":"name","operator":"~","value":"omebod"}}`
				}
				r, _ := http.NewRequest(method, s.url+path, strings.NewReader(body))
				r.Header = http.Header{"Authorization": {"Bearer " + s.token}, "Content-Type": {"application/json"}}
				answer, err := crowd.Do(r)
				if err != nil {
					t.Errorf("%s %s: %v", method, path, err)
					return
				}
				io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
				statuses[answer.StatusCode].Add(1)
				if answer.StatusCode == http.StatusServiceUnavailable && answer.Header.Get("Retry-After") == "" {
					t.Error("a 503 has no Retry-After")
				}
			}
		})
	}
	load.Wait()
	close(over)
	health.Wait()
	for status := range statuses {
		if n := statuses[status].Load(); n > 0 {
			t.Logf("%d: %d", status, n)
			if status/100 != 2 && status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
				t.Errorf("%d requests were answered %d", n, status)
			}
		}
	}
	if statuses[http.StatusOK].Load() == 0 || statuses[http.StatusServiceUnavailable].Load() == 0 {
		t.Error("there was no overload, or nothing else")
	}
	t.Logf("health was asked %d times; memory was %d MB at most", asked.Load(), s.peak(t)>>20)
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
