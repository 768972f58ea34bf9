package stream_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/internal/apptest"
)

// manyStreams is how many BenchmarkStreams opens; as each takes two descriptors of
// the machine, it may need a higher limit.
const manyStreams = 5000

// BenchmarkStreams measures what open streams take of memory, by what the system
// says of the process, and how long it takes until all are told of a change. The
// clients are another process.
func BenchmarkStreams(b *testing.B) {
	if at := os.Getenv("PARLEY_BENCH_LISTEN"); at != "" {
		listenTo(b, at)
		return
	}
	r := apptest.New(b).Unjudged()
	server := httptest.NewServer(r.Handler())
	defer server.Close()
	defer r.Live.Close()
	joe := r.Post(b, "/contacts", object{"role": "user", "external_id": "joe"}).OK().ID()
	for b.Loop() {
		before := resident(b)
		cmd := exec.Command(os.Args[0], "-test.run", "xxx", "-test.bench", "Streams$", "-test.benchtime", "1x")
		cmd.Env = append(os.Environ(), "PARLEY_BENCH_LISTEN="+server.Listener.Addr().String()+" "+r.Token)
		cmd.Stderr = os.Stderr
		in, err := cmd.StdinPipe()
		must(b, err)
		out, err := cmd.StdoutPipe()
		must(b, err)
		must(b, cmd.Start())
		said := bufio.NewScanner(out)
		wait := func(word string) {
			b.Helper()
			for said.Scan() {
				if strings.Contains(said.Text(), word) {
					return
				}
			}
			b.Fatalf("the clients ended before %q", word)
		}
		wait("all are open")
		opened := resident(b)
		runtime.GC()
		debug.FreeOSMemory()
		idle := resident(b)
		began := time.Now()
		r.Put(b, "/contacts/"+joe, object{"name": strconv.FormatInt(began.UnixNano(), 10)}).OK()
		wait("all were told")
		took := time.Since(began)
		busy := resident(b)
		b.ReportMetric(float64(opened-before)/(1<<20), "MB-opened")
		b.ReportMetric(float64(idle-before)/(1<<20), "MB-idle")
		b.ReportMetric(float64(busy-before)/(1<<20), "MB-told")
		b.ReportMetric(float64(idle-before)/manyStreams/1024, "KB/stream")
		b.ReportMetric(float64(took.Milliseconds()), "ms-to-tell-all")
		b.ReportMetric(float64(runtime.NumGoroutine())/manyStreams, "goroutines/stream")
		in.Close()
		cmd.Process.Kill()
		cmd.Wait()
	}
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// resident is how much memory the process has, in bytes.
func resident(b *testing.B) int64 {
	b.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Skip("the system does not tell of memory: ", err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	must(b, err)
	return pages * int64(os.Getpagesize())
}

// listenTo is the other process: it opens the streams, says so, and says when each
// was told something.
func listenTo(b *testing.B, at string) {
	address, token, _ := strings.Cut(at, " ")
	readers := make([]*bufio.Reader, manyStreams)
	for i := range readers {
		conn, err := net.Dial("tcp", address)
		must(b, err)
		_, err = fmt.Fprintf(conn, "GET /_parley/events?topics=contact.user.updated HTTP/1.1\r\nHost: parley.test\r\nAuthorization: Bearer %s\r\nAccept: text/event-stream\r\n\r\n", token)
		must(b, err)
		readers[i] = bufio.NewReaderSize(conn, 512)
		until(b, readers[i], "event: ready")
	}
	fmt.Println("all are open")
	for _, r := range readers {
		until(b, r, "event: contact.user.updated")
	}
	fmt.Println("all were told")
	io.Copy(io.Discard, os.Stdin) // until the server has measured
}

func until(b *testing.B, r *bufio.Reader, line string) {
	b.Helper()
	for {
		text, err := r.ReadString('\n')
		must(b, err)
		if strings.HasPrefix(text, line) {
			return
		}
	}
}
