package parleytest_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"testing"

	"parley/parleytest"
)

// BenchmarkStart measures a workspace from its beginning to its end, with a first call: in a process that has the server already, and
// in one where nobody else uses it, so that it is made each time.
func BenchmarkStart(b *testing.B) {
	lives := func(b *testing.B) {
		for b.Loop() {
			one(b, func(t testing.TB) { parleytest.Start(t).Call(http.MethodGet, "/me", nil, nil) })
		}
	}
	b.Run("further", func(b *testing.B) {
		parleytest.Start(b) // holds the server
		lives(b)
	})
	b.Run("alone", lives)
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			cmd := exec.Command(os.Args[0], "-test.run=^$", "-test.bench=^BenchmarkFirst$", "-test.benchtime=1x")
			if out, err := cmd.CombinedOutput(); err != nil {
				b.Fatalf("%v: %s", err, out)
			}
		}
	})
	b.Run("process", func(b *testing.B) { // what first takes without a workspace
		for b.Loop() {
			if out, err := exec.Command(os.Args[0], "-test.run=^$").CombinedOutput(); err != nil {
				b.Fatalf("%v: %s", err, out)
			}
		}
	})
}

// BenchmarkFirst makes the first workspace of a process.
func BenchmarkFirst(b *testing.B) {
	for b.Loop() {
		one(b, func(t testing.TB) { parleytest.Start(t).Call(http.MethodGet, "/me", nil, nil) })
	}
}

// BenchmarkCall measures a call by the way that a test's client takes, and by a socket.
func BenchmarkCall(b *testing.B) {
	p := parleytest.Start(b)
	for _, way := range []string{"within the process", "by a socket"} {
		b.Run(way, func(b *testing.B) {
			client := p.Client()
			if way == "by a socket" {
				p.Serve()
				client = &http.Client{Transport: &http.Transport{}}
				b.Cleanup(client.CloseIdleConnections)
			}
			r, err := http.NewRequest(http.MethodGet, p.URL+"/me", nil)
			if err != nil {
				b.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+p.Token)
			for b.Loop() {
				answer, err := client.Do(r)
				if err != nil {
					b.Fatal(err)
				}
				answer.Body.Close()
			}
		})
	}
}

// one runs something with a test that ends with it.
func one(b *testing.B, run func(t testing.TB)) {
	b.Helper()
	t := &life{TB: b}
	run(t)
	for i := len(t.cleanups) - 1; i >= 0; i-- {
		t.cleanups[i]()
	}
}

// A life is a test within a benchmark.
type life struct {
	testing.TB
	cleanups []func()
}

func (l *life) Cleanup(f func()) { l.cleanups = append(l.cleanups, f) }

func (l *life) Name() string { return fmt.Sprint(l.TB.Name(), "/life") }
