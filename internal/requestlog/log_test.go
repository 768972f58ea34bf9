package requestlog_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/requestlog"
)

// noise is a body that cannot be compressed.
func noise(size int) []byte {
	b := make([]byte, size)
	rand.Read(b)
	return b
}

func entry(workspace string, size int) *requestlog.Entry {
	return &requestlog.Entry{Workspace: workspace, Method: "GET", Path: "/", Operation: "o", Request: requestlog.NewBody(noise(size)),
		Unread: func() []string { return nil }}
}

func kept(l *requestlog.Log, workspace string) string {
	var all []string
	for _, e := range l.List(workspace) {
		all = append(all, fmt.Sprint(e.ID))
	}
	return strings.Join(all, " ")
}

func TestBounds(t *testing.T) {
	t.Parallel()
	l := requestlog.New(requestlog.Options{Entries: 3, Bytes: 10 << 10, Total: 35 << 9})
	check := func(when, a, b string) {
		t.Helper()
		if gotA, gotB := kept(l, "a"), kept(l, "b"); gotA != a || gotB != b {
			t.Errorf("%s: %q and %q are kept, want %q and %q", when, gotA, gotB, a, b)
		}
	}
	for range 4 {
		l.Add(entry("a", 0))
	}
	check("more than three", "2 3 4", "")
	l.Add(entry("a", 7<<10))
	check("more than 10 KB", "4 5", "") // of which each takes 1 KB beside its body
	l.Add(entry("b", 1<<10))
	l.Add(entry("b", 6<<10))
	check("more than 17.5 KB", "5", "6 7")
	l.Add(entry("b", 0))
	check("all of them", "5", "7 8")
	l.Add(entry("c", 4<<10))
	check("another workspace", "", "7 8")
	l.Add(entry("a", 64<<10))
	check("one that is larger than all", "10", "")
	l.Clear("a")
	l.Clear("nobody")
	check("nothing is left", "", "")
	l.Add(entry("a", 0))
	check("ids count on", "11", "")
}

// TestBodies has what is kept of bodies, whether they are compressed or not.
func TestBodies(t *testing.T) {
	t.Parallel()
	list := bytes.Repeat([]byte(`{"type":"contact","id":"1"},`), 4000)
	for _, c := range []struct {
		name string
		body []byte
		cut  bool
	}{
		{"none", nil, false},
		{"short", list[:100], false},
		{"a list", list[:20<<10], false},
		{"as long as may be", list[:requestlog.Kept], false},
		{"a longer one", list, true},
		{"noise", noise(20 << 10), false},
		{"more noise", noise(requestlog.Kept + 1), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			kept, whole := requestlog.NewBody(c.body).Read()
			if want := c.body[:min(len(c.body), requestlog.Kept)]; !bytes.Equal(kept, want) || whole == c.cut {
				t.Errorf("%d bytes are kept that differ from the %d, and whole is %t, want %t", len(kept), len(want), whole, !c.cut)
			}
		})
	}
}

// TestListsAreCompressed has more lists be kept than there would be room for as they were sent.
func TestListsAreCompressed(t *testing.T) {
	t.Parallel()
	list := bytes.Repeat([]byte(`{"type":"contact","id":"1"},`), 1000)
	l := requestlog.New(requestlog.Options{Total: 10 * len(list)})
	for range 40 {
		l.Add(&requestlog.Entry{Workspace: "a", Response: requestlog.NewBody(list)})
	}
	if n := len(l.List("a")); n != 40 {
		t.Errorf("%d of 40 lists are kept", n)
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	l := requestlog.New(requestlog.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	told := l.Follow(ctx)
	const sent = 1000 // more than wait for a reader who does not read
	for range sent {
		l.Add(entry("a", 0))
	}
	if e := <-told; e.ID != 1 || e.Workspace != "a" {
		t.Errorf("told %+v", e)
	}
	cancel()
	n := 1
	for range told {
		n++
	}
	if n >= sent {
		t.Errorf("all %d were told, who waits for none", n)
	}
	l.Add(entry("a", 0)) // nobody follows any more
}

// What is of no workspace is told, and kept for nobody.
func TestPass(t *testing.T) {
	t.Parallel()
	l := requestlog.New(requestlog.Options{})
	if l.Followed() || l.Last() != 0 {
		t.Error("a new log is followed, or has calls")
	}
	ctx, cancel := context.WithCancel(t.Context())
	told := l.Follow(ctx)
	if !l.Followed() {
		t.Error("nobody follows")
	}
	l.Add(entry("a", 0))
	l.Pass(entry("", 0))
	l.Add(entry("a", 0))
	for id := range uint64(3) {
		if e := <-told; e.ID != id+1 {
			t.Errorf("told %d, want %d", e.ID, id+1)
		}
	}
	if got := kept(l, "a"); got != "1 3" || kept(l, "") != "" || l.Last() != 3 {
		t.Errorf("%q are kept, and %q for nobody; the last is %d", got, kept(l, ""), l.Last())
	}
	cancel()
	for range told {
		t.Error("told more")
	}
	if l.Followed() {
		t.Error("somebody follows still")
	}
}

func TestAwait(t *testing.T) {
	t.Parallel()
	l := requestlog.New(requestlog.Options{})
	three := func(all []*requestlog.Entry) bool { return len(all) >= 3 }
	waiting := make(chan []*requestlog.Entry)
	for range 2 {
		go func() { waiting <- l.Await(t.Context(), "a", three) }()
	}
	for range 3 {
		l.Add(entry("b", 0))
		l.Add(entry("a", 0))
	}
	for range 2 {
		if n := len(<-waiting); n != 3 {
			t.Errorf("saw %d", n)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if n := len(l.Await(ctx, "c", three)); n != 0 {
		t.Errorf("saw %d", n)
	}
	go func() { waiting <- l.Await(context.Background(), "c", three) }()
	l.Close()
	l.Close()
	if n := len(<-waiting); n != 0 {
		t.Errorf("saw %d", n)
	}
}

// TestCurl has a shell read the commands.
func TestCurl(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err) // every machine that builds this has one
	}
	for _, c := range []struct {
		name  string
		entry requestlog.Entry
		want  []string
		stdin string
	}{
		{"plain", requestlog.Entry{Method: "GET", Base: "http://h", Path: "/a", Query: "b=[1]&c=$x"},
			[]string{"-g", "-X", "GET", "-H", "Authorization: Bearer t'k", "http://h/a?b=[1]&c=$x"}, ""},
		{"quotes", requestlog.Entry{Method: "POST", Base: "http://h", Path: "/", Request: requestlog.NewBody([]byte("it's \"$HOME\" `x` \\\n@!")),
			RequestHeader: http.Header{"X-A": {"it's", ""}, "Content-Type": {"a/b"}, "Authorization": {"secret"}, "Content-Length": {"7"}}},
			[]string{"-g", "-X", "POST", "-H", "Authorization: Bearer t'k", "-H", "Content-Type: a/b", "-H", "X-A: it's", "-H", "X-A;", "--data-raw",
				"it's \"$HOME\" `x` \\\n@!", "http://h/"}, ""},
		{"no type", requestlog.Entry{Method: "PUT", Base: "http://h", Path: "/", Request: requestlog.NewBody([]byte("{}"))},
			[]string{"-g", "-X", "PUT", "-H", "Authorization: Bearer t'k", "-H", "Content-Type:", "--data-raw", "{}", "http://h/"}, ""},
		{"no text", requestlog.Entry{Method: "PUT", Base: "http://h", Path: "/", Request: requestlog.NewBody([]byte("a\x00\xff'"))},
			[]string{"-g", "-X", "PUT", "-H", "Authorization: Bearer t'k", "-H", "Content-Type:", "--data-binary", "@-", "http://h/"}, "a\x00\xff'"},
		{"a head", requestlog.Entry{Method: "HEAD", Base: "http://h", Path: "/"}, []string{"-g", "-I", "-H", "Authorization: Bearer t'k", "http://h/"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			read := ""
			if c.stdin != "" {
				read = "; cat"
			}
			cmd := exec.Command(sh, "-c", `curl() { printf '%s\0' "$@"`+read+`; }; `+c.entry.Curl())
			cmd.Env = []string{"TOKEN=t'k", "PATH=/usr/bin:/bin"}
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			args := strings.SplitN(string(out), "\x00", len(c.want)+1)
			if rest := args[len(args)-1]; rest != c.stdin {
				t.Errorf("the body is %q, want %q", rest, c.stdin)
			}
			if diff := cmp.Diff(c.want, args[:len(args)-1]); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.entry.Curl(), diff)
			}
		})
	}
	cut := requestlog.Entry{Request: requestlog.NewBody(make([]byte, requestlog.Kept+1))}
	if cut.Curl() != "" {
		t.Errorf("half a body: %.100s", cut.Curl())
	}
}
