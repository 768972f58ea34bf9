package sms_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/sms"
	"parley/internal/twiliotest"
)

const (
	to   = "+12025550123"
	body = "Here: https://a.test/msgr/0b1e ☎"
)

// short is how long a client waits for an answer that does not come.
const short = 200 * time.Millisecond

func TestSend(t *testing.T) {
	t.Parallel()
	service := "MG" + strings.Repeat("0", 31) + "1"
	for from, want := range map[string]twiliotest.Message{
		twiliotest.From: {SID: "SM00000000000000000000000000000001", To: to, From: twiliotest.From, Body: body, Status: "queued"},
		service:         {SID: "SM00000000000000000000000000000001", To: to, Service: service, Body: body, Status: "queued"},
	} {
		g := twiliotest.New(t)
		o := *g.Options()
		o.From = from
		receipt, err := sms.New(o).Send(t.Context(), to, body)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&sms.Receipt{ID: want.SID}, receipt); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]twiliotest.Message{want}, g.Taken()); diff != "" {
			t.Error(diff)
		}
	}
}

// What a gateway says, and what is made of it.
func TestSendFails(t *testing.T) {
	t.Parallel()
	const invalid = `{"code":21211,"message":"The 'To' number +1 is not valid","status":400}`
	long := `{"code":21610,"message":"` + strings.Repeat("é", 300) + `"}`
	elsewhere := twiliotest.New(t)
	for _, c := range []struct {
		name    string
		conduct twiliotest.Conduct
		want    *sms.Refusal // nil for what leaves it open whether the message was taken
		silent  bool         // until whoever asks gives up
	}{
		{"an invalid number", twiliotest.Say(400, invalid),
			&sms.Refusal{Status: 400, Code: 21211, Final: true, Reason: "The gateway answered with status 400, code 21211: The 'To' number +1 is not valid"}, false},
		{"a long reason", twiliotest.Say(400, long),
			&sms.Refusal{Status: 400, Code: 21610, Final: true, Reason: "The gateway answered with status 400, code 21610: " + strings.Repeat("é", 255) + "…"}, false},
		{"a reason of several lines", twiliotest.Say(422, "{\"code\":1,\"message\":\"a\\u0000b\\nc\"}"),
			&sms.Refusal{Status: 422, Code: 1, Final: true, Reason: "The gateway answered with status 422, code 1: a b c"}, false},
		{"an answer that is no JSON", twiliotest.Say(400, "<html>"), &sms.Refusal{Status: 400, Final: true, Reason: "The gateway answered with status 400"}, false},
		{"a region that is not allowed", twiliotest.Say(403, `{"code":21408}`),
			&sms.Refusal{Status: 403, Code: 21408, Final: true, Reason: "The gateway answered with status 403, code 21408"}, false},
		{"an account that is suspended", twiliotest.Say(403, `{"code":20005}`),
			&sms.Refusal{Status: 403, Code: 20005, Reason: "The gateway answered with status 403, code 20005"}, false},
		{"a wrong secret", twiliotest.Say(401, ``), &sms.Refusal{Status: 401, Reason: "The gateway answered with status 401"}, false},
		{"a wrong path", twiliotest.Say(404, ``), &sms.Refusal{Status: 404, Reason: "The gateway answered with status 404"}, false},
		{"too many at once", twiliotest.Say(429, `{"code":20429}`, "Retry-After", "7"),
			&sms.Refusal{Status: 429, Code: 20429, After: 7 * time.Second, Reason: "The gateway answered with status 429, code 20429"}, false},
		{"too many from one number", twiliotest.Say(429, `{"code":21611}`),
			&sms.Refusal{Status: 429, Code: 21611, Reason: "The gateway answered with status 429, code 21611"}, false},
		{"a date to wait for", twiliotest.Say(429, ``, "Retry-After", "Thu, 15 Jan 2026 12:01:30 GMT", "Date", "Thu, 15 Jan 2026 12:00:00 GMT"),
			&sms.Refusal{Status: 429, After: 90 * time.Second, Reason: "The gateway answered with status 429"}, false},
		{"a date that is over", twiliotest.Say(429, ``, "Retry-After", "Thu, 15 Jan 2026 11:00:00 GMT", "Date", "Thu, 15 Jan 2026 12:00:00 GMT"),
			&sms.Refusal{Status: 429, Reason: "The gateway answered with status 429"}, false},
		{"a time that is none", twiliotest.Say(429, ``, "Retry-After", "-5"), &sms.Refusal{Status: 429, Reason: "The gateway answered with status 429"}, false},
		{"another place", twiliotest.Say(307, ``, "Location", elsewhere.URL+"/2010-04-01/Accounts/"+twiliotest.Account+"/Messages.json"),
			&sms.Refusal{Status: 307, Reason: "The gateway answered with status 307"}, false},
		{"a failure of its own", twiliotest.Say(500, invalid), nil, false},
		{"a failure on the way", twiliotest.Say(504, ``), nil, false},
		{"taken, without a name", twiliotest.Say(201, `{}`), nil, false},
		{"taken, in other words", twiliotest.Say(201, `OK`), nil, false},
		{"taken, at length", twiliotest.TakeAtLength, nil, false},
		{"taken, then silence", twiliotest.TakeAndDrop, nil, false},
		{"taken, then waiting", twiliotest.TakeAndHang, nil, true},
		{"silence", twiliotest.Drop, nil, false},
		{"waiting", twiliotest.Hang, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := twiliotest.New(t)
			g.Then(c.conduct)
			o := *g.Options()
			if c.silent {
				o.Timeout = short
			}
			receipt, err := sms.New(o).Send(t.Context(), to, body)
			refusal, _ := errors.AsType[*sms.Refusal](err)
			if diff := cmp.Diff(c.want, refusal); diff != "" || err == nil || receipt != nil {
				t.Errorf("%v, %v (-want +got):\n%s", receipt, err, diff)
			}
			if text := fmt.Sprint(err); strings.Contains(text, to[1:]) || strings.Contains(text, twiliotest.Token) || strings.Contains(text, "Accounts") {
				t.Errorf("the error tells too much: %s", text)
			}
		})
	}
	t.Cleanup(func() {
		if n := len(elsewhere.Taken()); n > 0 {
			t.Errorf("%d messages went where a redirect led", n)
		}
	})
}

func TestSendReachesNobody(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	_, err := sms.New(sms.Options{URL: closed.URL, Account: "AC1", Token: "x", From: "1"}).Send(t.Context(), to, body)
	refusal, ok := errors.AsType[*sms.Refusal](err)
	if diff := cmp.Diff(&sms.Refusal{Reason: "The gateway cannot be reached"}, refusal); !ok || diff != "" {
		t.Errorf("%v: %s", err, diff)
	}
}

func TestSendTellsOfFailure(t *testing.T) {
	t.Parallel()
	g := twiliotest.New(t)
	g.Then(twiliotest.TakeAndFail)
	receipt, err := sms.New(*g.Options()).Send(t.Context(), to, body)
	if err != nil || receipt.ID == "" || receipt.Failed != "The gateway could not deliver it: code 30006" {
		t.Errorf("%+v, %v", receipt, err)
	}
}

// A message is found among those to the same number and to others, on whichever
// page.
func TestFind(t *testing.T) {
	t.Parallel()
	g := twiliotest.New(t)
	gateway := sms.New(*g.Options())
	for _, m := range [][2]string{{to, "a-link"}, {"+12025550124", "b-link"}} {
		if _, err := gateway.Send(t.Context(), m[0], m[1]); err != nil {
			t.Fatal(err)
		}
	}
	for range 450 { // more than two pages
		if _, err := gateway.Send(t.Context(), to, "another"); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ to, words, want string }{
		{to, "a-link", "SM00000000000000000000000000000001"},
		{to, "b-link", ""},
		{"+12025550124", "b-link", "SM00000000000000000000000000000002"},
		{"+12025550125", "b-link", ""},
	} {
		receipt, err := gateway.Find(t.Context(), c.to, c.words)
		switch {
		case c.want == "" && !errors.Is(err, sms.ErrNotFound):
			t.Errorf("%s %s: %v, %v", c.to, c.words, receipt, err)
		case c.want != "" && (err != nil || receipt.ID != c.want):
			t.Errorf("%s %s: %v, %v, want %s", c.to, c.words, receipt, err, c.want)
		}
	}
}

// What cannot be read is not taken for an empty list.
func TestFindFails(t *testing.T) {
	t.Parallel()
	long := `{"messages":[],"next_page_uri":"/x"}`
	const silent = "no answer"
	for name, answer := range map[string]http.HandlerFunc{
		"a failure": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"a refusal": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) },
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		},
		"no JSON":           func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") },
		"another object":    func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") },
		"too much":          func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat(" ", 2<<20)) },
		"silence":           func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		silent:              func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"pages without end": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, long) },
		"a page somewhere else": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, strings.Replace(long, "/x", "//elsewhere.test/x", 1))
		},
		"a page of another URL": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, strings.Replace(long, "/x", "@elsewhere.test/x", 1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(answer)
			t.Cleanup(server.Close)
			o := sms.Options{URL: server.URL, Account: "AC1", Token: "x", From: "1"}
			if name == silent {
				o.Timeout = short
			}
			if receipt, err := sms.New(o).Find(t.Context(), to, "x"); err == nil || errors.Is(err, sms.ErrNotFound) || strings.Contains(err.Error(), to[1:]) {
				t.Errorf("%v, %v", receipt, err)
			}
		})
	}
}
