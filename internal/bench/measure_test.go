package bench

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func TestPercentile(t *testing.T) {
	t.Parallel()
	upTo := func(n int) []time.Duration {
		var all []time.Duration
		for i := range n {
			all = append(all, time.Duration(i+1))
		}
		return all
	}
	for _, c := range []struct {
		name  string
		times []time.Duration
		p     float64
		want  time.Duration
	}{
		{"of nothing", nil, 50, 0},
		{"of one, the middle", upTo(1), 50, 1},
		{"of one, the highest", upTo(1), 99, 1},
		{"of two, the middle is the lower", upTo(2), 50, 1},
		{"of three, the middle", upTo(3), 50, 2},
		{"of a hundred, the middle", upTo(100), 50, 50},
		{"of a hundred, the 95th", upTo(100), 95, 95},
		{"of a hundred, the 99th", upTo(100), 99, 99},
		{"of ten, the 95th is the last", upTo(10), 95, 10},
		{"of a thousand, the 99th", upTo(1000), 99, 990},
		{"the last", upTo(7), 100, 7},
		{"the first", upTo(7), 0, 1},
	} {
		if got := percentile(c.times, c.p); got != c.want {
			t.Errorf("%s: %d and not %d", c.name, got, c.want)
		}
	}
}

func TestRatio(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		first, second []float64
		want          Ratio
	}{
		{"of nothing", nil, nil, Ratio{}},
		{"of one turn each", []float64{30}, []float64{10}, Ratio{Pairs: 1, Median: 3, Low: 3, High: 3}},
		{"pair by pair, however the machine is", []float64{100, 10, 40}, []float64{50, 5, 10}, Ratio{Pairs: 3, Median: 2, Low: 2, High: 3}},
		{"of an even number", []float64{1, 2, 3, 4}, []float64{1, 1, 1, 1}, Ratio{Pairs: 4, Median: 2.5, Low: 1.75, High: 3.25}},
		{"a turn without a partner", []float64{2, 9}, []float64{1}, Ratio{Pairs: 1, Median: 2, Low: 2, High: 2}},
		{"a turn in which nothing was done", []float64{2, 9}, []float64{0, 3}, Ratio{Pairs: 1, Median: 3, Low: 3, High: 3}},
	} {
		if got := ratioOf(c.first, c.second); got != c.want {
			t.Errorf("%s: %v and not %v", c.name, got, c.want)
		}
	}
}

// TestAnswers reads answers as servers may write them, and refuses what is none.
func TestAnswers(t *testing.T) {
	t.Parallel()
	const ok = "HTTP/1.1 200 OK\r\n"
	for _, c := range []struct {
		name, answer string
		status       int
		body, fails  string
	}{
		{"of a length", ok + "Content-Length: 3\r\n\r\nabc", 200, "abc", ""},
		{"of a length in other letters", ok + "content-length:3\r\nX: y\r\n\r\nabc", 200, "abc", ""},
		{"empty", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 404, "", ""},
		{"without a body", "HTTP/1.1 204 No Content\r\n\r\n", 204, "", ""},
		{"in chunks", ok + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n", 200, "abc0123456789", ""},
		{"in chunks with more behind", ok + "transfer-encoding: Chunked\r\n\r\n1\r\na\r\n0\r\nX: y\r\n\r\n", 200, "a", ""},
		{"longer than the buffer", ok + "Content-Length: 100000\r\n\r\n" + strings.Repeat("x", 100_000), 200, strings.Repeat("x", 100_000), ""},
		{"of no length", ok + "\r\nabc", 0, "", "does not say how long"},
		{"of a length below 0", ok + "Content-Length: -1\r\n\r\n", 0, "", "is no length"},
		{"of a length beyond reason", ok + "Content-Length: 99999999999\r\n\r\n", 0, "", "is no length"},
		{"that ends too early", ok + "Content-Length: 9\r\n\r\nabc", 0, "", "unexpected EOF"},
		{"in chunks that lie", ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n", 0, "", "longer than it says"},
		{"in chunks of no size", ok + "Transfer-Encoding: chunked\r\n\r\nx\r\n", 0, "", "does not begin a chunk"},
		{"that is the last", ok + "Connection: close\r\nContent-Length: 3\r\n\r\nabc", 0, "", "closes the connection"},
		{"of another protocol", "SSH-2.0-OpenSSH\r\n", 0, "", "does not begin an answer"},
		{"of no status", "HTTP/1.1 abc\r\n\r\n", 0, "", "invalid syntax"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			status, body, err := exchange(t, c.answer)
			if c.fails != "" {
				if err == nil || !strings.Contains(err.Error(), c.fails) {
					t.Errorf("it is read as %d %q with the error %v", status, body, err)
				}
				return
			}
			if err != nil || status != c.status || body != c.body {
				t.Errorf("it is read as %d %.100q with the error %v", status, body, err)
			}
		})
	}
}

// exchange sends a request to a server that has one answer for everything.
func exchange(t *testing.T, answer string) (status int, body string, err error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	request := appendRequest(nil, "POST", "/contacts", "server.test", "secret", []byte(`{"a":1}`))
	heard := make(chan string, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		got := make([]byte, len(request))
		_, _ = io.ReadFull(c, got)
		heard <- string(got)
		_, _ = io.WriteString(c, answer)
	}()
	c, err := dial(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	status, text, err := c.do(request)
	const want = "POST /contacts HTTP/1.1\r\nHost: server.test\r\nAuthorization: Bearer secret\r\nAccept: application/json\r\n" +
		"Intercom-Version: 2.9\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}"
	if got := <-heard; got != want {
		t.Errorf("the request is %q", got)
	}
	return status, string(text), err
}
