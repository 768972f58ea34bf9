package requestlog

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// inMemory is how many bytes of bodies a log has in memory.
func inMemory(l *Log) (n int) {
	for _, c := range l.contents() {
		n += len(c.bytes)
	}
	return n
}

// called are calls with bodies that are short, compressed, cut, and none.
func called(l *Log, workspace string, from, to int) {
	for i := from; i < to; i++ {
		list := bytes.Repeat(fmt.Appendf(nil, `{"id":"%d"},`, i), 100*i)
		l.Add(&Entry{Workspace: workspace, Method: "POST", Path: "/", Operation: "o", Unread: func() []string { return nil },
			Request: NewBody(fmt.Appendf(nil, `{"n":%d}`, i)), Response: NewBody(list)})
	}
}

// bodies are those of a workspace's calls, as they are read.
func bodies(l *Log, workspace string) string {
	var all strings.Builder
	for _, e := range l.List(workspace) {
		request, whole := e.Request.Read()
		response, responseWhole := e.Response.Read()
		fmt.Fprintf(&all, "%d: %s %t %s %t\n", e.ID, request, whole, response, responseWhole)
	}
	return all.String()
}

// TestRest has nothing of a body be in memory after a rest, and all that there was be read as before: when more has come since, and when some of it has gone.
func TestRest(t *testing.T) {
	t.Parallel()
	l, folder := New(Options{}), t.TempDir()
	check := func(when, want string) {
		t.Helper()
		if err := l.Rest(folder); err != nil {
			t.Fatal(err)
		}
		if n := inMemory(l); n != 0 {
			t.Errorf("%s: %d bytes are in memory", when, n)
		}
		if got := bodies(l, "a"); got != want {
			t.Errorf("%s: %d bytes are read, that differ from the %d there were", when, len(got), len(want))
		}
		if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
			t.Errorf("%s: %v is in the folder: %v", when, left, err)
		}
	}
	check("nothing has come", "")
	called(l, "a", 0, 80)
	if inMemory(l) == 0 {
		t.Fatal("no body is in memory before a rest")
	}
	was := bodies(l, "a")
	check("the first", was)
	held := l.List("a")
	file := held[0].Request.content.file
	check("nothing has come since", was)
	if held[0].Request.content.file != file {
		t.Error("a rest for which there was nothing wrote a file")
	}
	called(l, "b", 0, 5)
	called(l, "a", 80, 90)
	check("more has come", bodies(l, "a"))
	l.Clear("b")
	check("some has gone", bodies(l, "a"))
	c := Criteria{Body: []string{"/n=7"}}
	if found := c.Find(l.List("a")); len(found) != 1 || found[0].ID != 8 {
		t.Errorf("found %d calls by their bodies", len(found))
	}
	if curl := held[7].Curl(); !strings.Contains(curl, `--data-raw '{"n":7}'`) {
		t.Error(curl)
	}
	l.Clear("a")
	if l.bytes != 0 {
		t.Errorf("%d bytes are counted of nothing", l.bytes)
	}
	called(l, "a", 0, 2)
	check("what was there is gone", bodies(l, "a"))
	if kept, whole := held[7].Request.Read(); string(kept) != `{"n":7}` || !whole {
		t.Errorf("who was given a call reads %q (%t) once it is gone", kept, whole)
	}
}

// TestRestThatFails has all stay where it is.
func TestRestThatFails(t *testing.T) {
	t.Parallel()
	l := New(Options{})
	called(l, "a", 0, 3)
	was, size := bodies(l, "a"), inMemory(l)
	if err := l.Rest(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a rest without a folder: %v", err)
	}
	if bodies(l, "a") != was || inMemory(l) != size {
		t.Errorf("%d of %d bytes are in memory", inMemory(l), size)
	}

	// A file that cannot be read any more has nothing, and a rest that needs it leaves what came since where it is.
	if err := l.Rest(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	gone := l.List("a")[0]
	gone.Request.content.file.Close()
	if kept, whole := gone.Request.Read(); kept != nil || whole {
		t.Errorf("%q (%t) is read of a file that is closed", kept, whole)
	}
	if gone.Curl() != "" {
		t.Error(gone.Curl())
	}
	called(l, "b", 0, 1)
	if err := l.Rest(t.TempDir()); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a rest that cannot read: %v", err)
	}
	if got := bodies(l, "b"); got != "4: {\"n\":0} true  true\n" {
		t.Error(got)
	}
}

// TestRestBeside has calls come, be read and go while the log rests.
func TestRestBeside(t *testing.T) {
	t.Parallel()
	l, folder := New(Options{Entries: 20}), t.TempDir()
	var all sync.WaitGroup
	for _, f := range []func(){
		func() { called(l, "a", 1, 2) },
		func() { called(l, "b", 1, 2); l.Clear("b") },
		func() {
			for _, e := range l.List("a") {
				if kept, whole := e.Request.Read(); string(kept) != `{"n":1}` || !whole {
					t.Errorf("read %q (%t)", kept, whole)
				}
			}
		},
		func() {
			if err := l.Rest(folder); err != nil {
				t.Error(err)
			}
		},
		func() {
			if err := l.Rest(folder); err != nil {
				t.Error(err)
			}
		},
	} {
		all.Go(func() {
			for range 50 {
				f()
			}
		})
	}
	all.Wait()
}
