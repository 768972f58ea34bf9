package tail_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/requestlog"
	"parley/internal/tail"
)

// noon is when everything happens.
var noon = time.Date(2026, 1, 15, 11, 0, 0, 0, time.UTC)

// call is one that went well, but for what is changed of it.
func call(change func(*requestlog.Entry)) *requestlog.Entry {
	e := &requestlog.Entry{Workspace: "ab12cd34", At: noon, Took: 3100 * time.Microsecond, Method: "GET", Path: "/me", Operation: "identifyAdmin", Status: 200,
		Unread: func() []string { return nil }}
	if change != nil {
		change(e)
	}
	return e
}

// answered has a call be answered with an error.
func answered(e *requestlog.Entry, status int, body string) {
	e.Status, e.Response = status, requestlog.NewBody([]byte(body))
}

// write runs a tail over calls and deliveries to its end.
func write(t *testing.T, to io.Writer, color bool, calls []*requestlog.Entry, deliveries ...tail.Delivery) error {
	t.Helper()
	log := requestlog.New(requestlog.Options{})
	ctx, stop := context.WithCancel(t.Context())
	told := log.Follow(ctx)
	for _, e := range calls {
		if e.Workspace == "" {
			log.Pass(e)
		} else {
			log.Add(e)
		}
	}
	w := tail.New(tail.Options{To: to, Color: color, Location: time.FixedZone("CET", 3600)})
	for _, d := range deliveries {
		w.Delivered(d)
	}
	stop()
	return w.Run("ab12cd34", log, told)
}

func TestCalls(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*requestlog.Entry)
		want   string
	}{
		{"good", nil, "12:00:00  200  GET        3.1 ms  /me  identifyAdmin"},
		{"a query", func(e *requestlog.Entry) { e.Query = "a=%1b[31m&b=1" }, "12:00:00  200  GET        3.1 ms  /me?a=%1b[31m&b=1  identifyAdmin"},
		{"another workspace", func(e *requestlog.Entry) { e.Workspace = "zz" }, "12:00:00  200  GET        3.1 ms  [zz]  /me  identifyAdmin"},
		{"nobody's", func(e *requestlog.Entry) {
			e.Workspace = ""
			answered(e, 401, `{"type":"error.list","errors":[{"code":"unauthorized","message":"Access Token Invalid"}]}`)
		}, "12:00:00  401  GET        3.1 ms  /me  identifyAdmin  unauthorized: Access Token Invalid"},
		{"several errors", func(e *requestlog.Entry) { answered(e, 400, `{"errors":[{"code":"a","message":"b"},{},{}]}`) },
			"12:00:00  400  GET        3.1 ms  /me  identifyAdmin  a: b (and 2 more)"},
		{"an error of a form of its own", func(e *requestlog.Entry) { answered(e, 422, `{"errors":"x"}`) }, "12:00:00  422  GET        3.1 ms  /me  identifyAdmin"},
		{"no JSON", func(e *requestlog.Entry) { answered(e, 500, `<html>`) }, "12:00:00  500  GET        3.1 ms  /me  identifyAdmin"},
		{"no route", func(e *requestlog.Entry) {
			e.Operation, e.Unread, e.Method, e.Path = "", nil, "OPTIONS", "/cats"
			answered(e, 404, `{"errors":[{"code":"not_found","message":"Resource Not Found"}]}`)
		}, "12:00:00  404  OPTIONS    3.1 ms  /cats  not_found: Resource Not Found; no such operation"},
		{"members that are not read", func(e *requestlog.Entry) { e.Unread = func() []string { return []string{"/emial", "/\x1b[2J"} } },
			`12:00:00  200  GET        3.1 ms  /me  identifyAdmin  not read: /emial, /\x1b[2J`},
		{"a fault", func(e *requestlog.Entry) { e.Fault = "3"; e.Status = 0 },
			"12:00:00  ---  GET        3.1 ms  /me  identifyAdmin  the connection was closed; fault 3"},
		{"a quick one", func(e *requestlog.Entry) { e.Took = 42 * time.Microsecond }, "12:00:00  200  GET         42 µs  /me  identifyAdmin"},
		{"a slow one", func(e *requestlog.Entry) { e.Took = 2345 * time.Millisecond }, "12:00:00  200  GET       2345 ms  /me  identifyAdmin"},
		{"a stuck one", func(e *requestlog.Entry) { e.Took = 89 * time.Second }, "12:00:00  200  GET          89 s  /me  identifyAdmin"},
		{"a long path", func(e *requestlog.Entry) { e.Path = strings.Repeat("/é", 100) },
			"12:00:00  200  GET        3.1 ms  " + strings.Repeat("/é", 80) + "…  identifyAdmin"},
		{"what a terminal acts on", func(e *requestlog.Entry) {
			e.Method, e.Path, e.Query = "\x1b[1mX", "/\x1b]0;x\x07", "\u009b31m\u202eabc\r\n\t\u2028\xff\u00a0"
			answered(e, 400, `{"errors":[{"code":"\u001b[2J","message":"a\u0000b\u007f\n12:00:00  200"}]}`)
		}, `12:00:00  400  \x1b[1mX    3.1 ms  /\x1b]0;x\x07?\x9b31m\u202eabc\x0d\x0a\x09\u2028\xff\xa0  identifyAdmin  \x1b[2J: a\x00b\x7f\x0a12:00:00  200`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			if err := write(t, &out, false, []*requestlog.Entry{call(c.change)}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want+"\n", out.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDeliveries(t *testing.T) {
	t.Parallel()
	d := tail.Delivery{At: noon, Took: time.Millisecond, Workspace: "ab12cd34", Topic: "contact.user.created", URL: "http://localhost:1/\x1b[2J", Attempt: 1, Status: 200, State: "delivered"}
	failed := d
	failed.Workspace, failed.Attempt, failed.Status, failed.State, failed.Error = "zz", 2, 0, "retrying", "dial tcp:\nrefused"
	var out bytes.Buffer
	if err := write(t, &out, false, nil, d, failed); err != nil {
		t.Fatal(err)
	}
	want := `12:00:00  200  webhook    1.0 ms  contact.user.created to http://localhost:1/\x1b[2J  delivered
12:00:00  ---  webhook    1.0 ms  [zz]  contact.user.created to http://localhost:1/\x1b[2J  retrying: dial tcp:\x0arefused (attempt 2)
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// In colour, the only escape sequences are those of the tail, and without them the lines are the same.
func TestColor(t *testing.T) {
	t.Parallel()
	calls := func() (all []*requestlog.Entry) {
		for _, status := range []int{200, 302, 404, 503, 0} {
			all = append(all, call(func(e *requestlog.Entry) {
				e.Path = "/\x1b[31m"
				answered(e, status, `{"errors":[{"code":"a","message":"\u001b[0m"}]}`)
			}))
		}
		return all
	}
	var colored, plain bytes.Buffer
	if err := errors.Join(write(t, &colored, true, calls()), write(t, &plain, false, calls())); err != nil {
		t.Fatal(err)
	}
	const line = "<2>12:00:00<0>  <%s>%s<0>  GET      <2>  3.1 ms<0>  /\\x1b[31m  <2>identifyAdmin<0>%s\n"
	want := fmt.Sprintf(line, "32", "200", "") + fmt.Sprintf(line, "36", "302", "") +
		fmt.Sprintf(line, "33", "404", `  <33>a: \x1b[0m<0>`) + fmt.Sprintf(line, "31", "503", `  <31>a: \x1b[0m<0>`) +
		fmt.Sprintf(line, "31", "---", "  <31>the connection was closed<0>")
	spelled := strings.NewReplacer("\x1b[0m", "<0>", "\x1b[2m", "<2>", "\x1b[31m", "<31>", "\x1b[32m", "<32>", "\x1b[33m", "<33>", "\x1b[36m", "<36>").
		Replace(colored.String())
	if diff := cmp.Diff(want, spelled); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, s := range []string{"<0>", "<2>", "<31>", "<32>", "<33>", "<36>"} {
		spelled = strings.ReplaceAll(spelled, s, "")
	}
	if diff := cmp.Diff(plain.String(), spelled); diff != "" {
		t.Errorf("(-plain +colored):\n%s", diff)
	}
}

// A terminal that does not take lines holds nobody up, and is told how many it missed.
func TestBurst(t *testing.T) {
	t.Parallel()
	to := &terminal{entered: make(chan bool, 1), free: make(chan bool)}
	log := requestlog.New(requestlog.Options{})
	ctx, stop := context.WithCancel(t.Context())
	told := log.Follow(ctx)
	w := tail.New(tail.Options{To: to, Location: time.UTC})
	ran := make(chan error)
	go func() { ran <- w.Run("ab12cd34", log, told) }()
	log.Add(call(nil))
	<-to.entered // and hangs
	const calls, deliveries = 2000, 500
	for range calls {
		log.Add(call(nil))
	}
	for range deliveries {
		w.Delivered(tail.Delivery{At: noon, Topic: "t", URL: "u", Status: 200, State: "delivered"})
	}
	close(to.free)
	stop()
	if err := <-ran; err != nil {
		t.Fatal(err)
	}
	shown, left := 0, 0
	for line := range strings.Lines(to.String()) {
		var n int
		if _, err := fmt.Sscanf(line, "%d lines were left out", &n); err == nil {
			left += n
		} else if _, err := fmt.Sscanf(line, "%d line was left out", &n); err == nil {
			left += n
		} else {
			shown++
		}
	}
	if shown+left != 1+calls+deliveries || shown < 2 || left < 1000 {
		t.Errorf("%d lines are shown and %d left out, of %d", shown, left, 1+calls+deliveries)
	}
}

// A terminal is one that takes nothing until it is free.
type terminal struct {
	bytes.Buffer
	entered, free chan bool
}

func (w *terminal) Write(p []byte) (int, error) {
	select {
	case w.entered <- true:
	default:
	}
	<-w.free
	return w.Buffer.Write(p)
}

func TestOutputFails(t *testing.T) {
	t.Parallel()
	_, to := io.Pipe()
	to.Close()
	if err := write(t, to, false, []*requestlog.Entry{call(nil)}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the error is %v", err)
	}
}
