package conformance_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/conformance"
)

// A breaker spoils the answers of a right server to one operation.
type breaker struct {
	handler      http.Handler
	method, path string // of the answers that are spoiled; a * at the end of the path is any rest
	spoil        func(w http.ResponseWriter, r *http.Request, right *httptest.ResponseRecorder)
}

func (b *breaker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	right := httptest.NewRecorder()
	b.handler.ServeHTTP(right, r)
	if start, open := strings.CutSuffix(b.path, "*"); r.Method == b.method && (r.URL.Path == b.path || open && strings.HasPrefix(r.URL.Path, start)) {
		b.spoil(w, r, right)
		return
	}
	pass(w, right, right.Body.Bytes())
}

// pass hands an answer on, with another body.
func pass(w http.ResponseWriter, right *httptest.ResponseRecorder, body []byte) {
	for name, values := range right.Header() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(right.Code)
	w.Write(body)
}

// replace is a spoiler that puts one text in the place of another.
func replace(old, new string) func(http.ResponseWriter, *http.Request, *httptest.ResponseRecorder) {
	return func(w http.ResponseWriter, r *http.Request, right *httptest.ResponseRecorder) {
		pass(w, right, bytes.ReplaceAll(right.Body.Bytes(), []byte(old), []byte(new)))
	}
}

// says is a spoiler that answers something else altogether.
func says(status int, contentType, body string) func(http.ResponseWriter, *http.Request, *httptest.ResponseRecorder) {
	return func(w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

const (
	asJSON = "application/json; charset=utf-8"
	list   = `{"type":"error.list","request_id":"1","errors":[{"code":"server_error","message":"Out of order"}]}`
)

func TestBrokenServers(t *testing.T) {
	t.Parallel()
	rig := apptest.New(t)
	var elsewhere atomic.Int32
	other := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		elsewhere.Add(1)
		io.WriteString(w, `{}`)
	}))
	t.Cleanup(func() { // when the cases are done
		if n := elsewhere.Load(); n > 0 {
			t.Errorf("another server was asked %d times", n)
		}
	})
	for _, c := range []struct {
		name, operation, method, path string
		spoil                         func(http.ResponseWriter, *http.Request, *httptest.ResponseRecorder)
		want                          []string
	}{
		{"a member is missing", "identifyAdmin", "GET", "/me", replace(`"has_inbox_seat":true`, `"x":1`),
			[]string{"/has_inbox_seat: missing", "/x: not documented"}},
		{"a value has another type", "listTags", "GET", "/tags", replace(`"type":"list"`, `"type":7`), []string{"/type: got number, want string"}},
		{"the status is another", "listTeams", "GET", "/teams", func(w http.ResponseWriter, r *http.Request, right *httptest.ResponseRecorder) {
			right.Code = 201
			pass(w, right, right.Body.Bytes())
		}, []string{"answered 201, want 200", "with a wrong token: answered 201 unauthorized (Access Token Invalid), want 401"}},
		{"it fails", "listTeams", "GET", "/teams", says(500, asJSON, list), []string{"answered 500 server_error (Out of order), want 200",
			"with a wrong token: answered 500 server_error (Out of order), want 401"}},
		{"a page instead of JSON", "listTeams", "GET", "/teams", says(200, "text/html", "<html>Welcome"), []string{"text/html is not documented",
			"with a wrong token: answered 200, want 401"}},
		{"half of the JSON", "listTeams", "GET", "/teams", says(200, asJSON, `{"type":`), []string{`the JSON cannot be read: jsontext: unexpected EOF within "/type" after offset 8`,
			"with a wrong token: answered 200, want 401"}},
		{"nothing", "listTeams", "GET", "/teams", says(200, asJSON, ""), []string{"no body where one is documented",
			"with a wrong token: answered 200, want 401"}},
		{"it sends elsewhere", "listTeams", "GET", "/teams", func(w http.ResponseWriter, r *http.Request, _ *httptest.ResponseRecorder) {
			http.Redirect(w, r, other+"/teams", http.StatusTemporaryRedirect)
		}, []string{"answered 307 with a redirect to " + other + "/teams, which was not followed, want 200",
			"with a wrong token: answered 307 with a redirect to " + other + "/teams, which was not followed, want 401"}},
		{"it does not end", "listTeams", "GET", "/teams", func(w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
			w.Header().Set("Content-Type", asJSON)
			for range 11 {
				w.Write(bytes.Repeat([]byte(" "), 1<<20))
			}
		}, []string{"the answer is longer than 10 MB", "with a wrong token: the answer is longer than 10 MB"}},
		{"it breaks off", "listTeams", "GET", "/teams", func(w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, `{"type":"te`)
		}, []string{"the answer broke off: unexpected EOF", "with a wrong token: the answer broke off: unexpected EOF"}},
		{"an unknown id is found", "findTag", "GET", "/tags/2147483000", says(200, asJSON, `{"type":"tag","id":"1","name":"a"}`),
			[]string{"with an unknown id: answered 200, want 404"}},
		{"the error has another code", "findTag", "GET", "/tags/2147483000", says(404, asJSON, list),
			[]string{`with an unknown id: the error has the code "server_error", want "not_found"`}},
		{"the error has another form", "findTag", "GET", "/tags/2147483000", says(404, asJSON, `{"error":"not_found"}`),
			[]string{"with an unknown id: /error: not documented", "with an unknown id: /errors: missing", "with an unknown id: /request_id: missing",
				"with an unknown id: /type: missing", `with an unknown id: the error has the code "", want "not_found"`}},
		{"anybody may ask", "listSegments", "GET", "/segments", func(w http.ResponseWriter, r *http.Request, right *httptest.ResponseRecorder) {
			if right.Code == 401 {
				says(401, asJSON, `{"type":"error.list","request_id":"1","errors":[]}`)(w, r, right)
				return
			}
			pass(w, right, right.Body.Bytes())
		}, []string{`with a wrong token: the answer is no list of errors with the code "unauthorized"`}},
		{"no id comes of it", "createTag", "POST", "/tags", replace(`"id":`, `"ident":`),
			[]string{"/id: missing", "/ident: not documented", "the answer has no id",
				"/id: missing", "/ident: not documented", "/id: missing", "/ident: not documented"}}, // it is called three times
		{"what it builds on fails", "updateCompany", "POST", "/companies", says(503, asJSON, list),
			[]string{"not called: it builds on createOrUpdateCompany, which failed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := rig.Elsewhere(t)
			o := options(r, serve(t, &breaker{r.Handler(), c.method, c.path, c.spoil}))
			o.Only = []string{c.operation}
			report := run(t, o)
			got := report.Operations[0]
			if got.Result != conformance.Failed || report.Totals.Failed != 1 {
				t.Errorf("the result is %s", got.Result)
			}
			if diff := cmp.Diff(c.want, got.Problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// TestServerThatAsksNoToken is one that does what anybody asks. What that made is
// taken away too.
func TestServerThatAsksNoToken(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	o := options(r, serve(t, http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		hr.Header.Set("Authorization", "Bearer "+r.Token)
		r.Handler().ServeHTTP(w, hr)
	})))
	o.Only = []string{"createTicketType", "createNote"}
	report := run(t, o)
	for _, op := range report.Operations {
		if diff := cmp.Diff([]string{"with a wrong token: answered 200, want 401"}, op.Problems); diff != "" {
			t.Errorf("%s (-want +got):\n%s", op.ID, diff)
		}
	}
	types, _ := r.Get(t, "/ticket_types").OK().At("data").([]any)
	for _, item := range types {
		if item.(map[string]any)["archived"] != true {
			t.Errorf("left behind: %v", item)
		}
	}
	if len(types) != 2 {
		t.Errorf("%d ticket types were made, want 2", len(types))
	}
}

func TestServerThatHangs(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	over := make(chan struct{})
	o := options(r, serve(t, http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		if hr.URL.Path == "/me" {
			r.Handler().ServeHTTP(w, hr)
			return
		}
		<-over
	})))
	t.Cleanup(func() { close(over) })
	o.Timeout = 500 * time.Millisecond
	o.Only = []string{"Teams", "Tags", "Notes"}
	report := run(t, o)
	text := table(t, report)
	if !strings.Contains(text, "no answer within 500ms") || !strings.Contains(text, "not called: the server no longer answers") {
		t.Errorf("the table does not tell:\n%s", text)
	}
	// As the table has it: what was given up soon may not have got to the server.
	asked := strings.Count(text, "no answer within")
	if asked != 3 {
		t.Errorf("the server was asked %d times, want 3:\n%s", asked, text)
	}
	if report.Totals.Failed != report.Totals.Operations {
		t.Errorf("totals: %+v", report.Totals)
	}
}

func TestServerThatCannotBeReached(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	o := options(r, closed.URL)
	if _, err := conformance.Run(t.Context(), o); !errors.Is(err, conformance.ErrUnreachable) || !strings.Contains(err.Error(), closed.URL) {
		t.Errorf("got %v", err)
	}
	o.Base, o.Token = serve(t, r.Handler()), "wrong"
	if _, err := conformance.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "refuses the access token: it answered 401 unauthorized (Access Token Invalid)") {
		t.Errorf("got %v", err)
	}
}

// limited lets every second request meet a rate limit that ends in five seconds.
func limited(h http.Handler, reset func(http.Header)) http.Handler {
	var n atomic.Int32
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1)%2 == 1 {
			reset(w.Header())
			says(429, asJSON, `{"type":"error.list","request_id":"1","errors":[{"code":"rate_limit_exceeded","message":"Exceeded rate limit"}]}`)(w, r, nil)
			return
		}
		h.ServeHTTP(w, r)
	})
}

func TestRateLimitIsWaitedFor(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	for _, c := range []struct {
		name  string
		reset func(h http.Header)
		want  time.Duration
	}{
		{"by the server's clock", func(h http.Header) {
			h.Set("Date", time.Unix(1000, 0).UTC().Format(http.TimeFormat))
			h.Set("X-RateLimit-Reset", "1005")
		}, 5 * time.Second},
		{"a reset that has passed", func(h http.Header) {
			h.Set("Date", time.Unix(1000, 0).UTC().Format(http.TimeFormat))
			h.Set("X-RateLimit-Reset", "900")
		}, time.Second},
		{"one that is far away", func(h http.Header) {
			h.Set("Date", time.Unix(1000, 0).UTC().Format(http.TimeFormat))
			h.Set("X-RateLimit-Reset", "9000")
		}, time.Minute},
		{"only that nothing is left", func(h http.Header) { h.Set("X-RateLimit-Remaining", "0") }, time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := options(r, serve(t, limited(r.Handler(), c.reset)))
			o.Only = []string{"Teams"}
			var waited []time.Duration
			o.Wait = func(_ context.Context, d time.Duration) error {
				waited = append(waited, d)
				return nil
			}
			report := run(t, o)
			if report.Totals.Failed > 0 {
				t.Errorf("failed:\n%s", table(t, report))
			}
			for _, d := range waited {
				if d != c.want {
					t.Errorf("waited for %v, want %v", d, c.want)
				}
			}
			if len(waited) != 3 { // for the first look, the call, and the wrong token
				t.Errorf("waited %d times, want 3", len(waited))
			}
		})
	}
}

func TestRateLimitThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	asked := 0
	o := options(r, serve(t, http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		if hr.URL.Path == "/teams" {
			asked++
			w.Header().Set("X-RateLimit-Remaining", "0")
			says(429, asJSON, list)(w, hr, nil)
			return
		}
		r.Handler().ServeHTTP(w, hr)
	})))
	o.Only = []string{"listTeams"}
	report := run(t, o)
	if got := report.Operations[0].Problems[0]; got != "answered 429 server_error (Out of order), want 200" || asked != 12 {
		t.Errorf("asked %d times: %s", asked, got)
	}
}

// TestInterruptedRun takes away what it has made, though its context has ended.
func TestInterruptedRun(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	o := options(r, serve(t, r.Handler()))
	ctx, interrupt := context.WithCancel(t.Context())
	o.Only = []string{"Tags"}
	o.Observe = func(e conformance.Exchange) {
		if e.Operation == "attachTagToConversation" && e.Purpose == conformance.PurposeCall {
			interrupt()
		}
	}
	report, err := conformance.Run(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	results := map[string]string{}
	for _, op := range report.Operations {
		results[op.ID] = fmt.Sprint(op.Result, " ", op.Reason)
	}
	if results["createTag"] != "pass " || results["deleteTag"] != "skipped the run was interrupted" || !report.Interrupted {
		t.Errorf("results: %v", results)
	}
	if got := r.Get(t, "/tags").OK().At("data"); len(got.([]any)) > 0 {
		t.Errorf("tags are left: %v", got)
	}
	if n := r.Get(t, "/contacts").OK().At("total_count"); n != 0.0 {
		t.Errorf("%v contacts are left", n)
	}
	open := r.Post(t, "/conversations/search", `{"query":{"field":"open","operator":"=","value":true}}`).OK()
	if n := open.At("total_count"); n != 0.0 {
		t.Errorf("%v conversations are open", n)
	}
}

// TestWhatCannotBeTakenAwayIsTold has a server that deletes nothing.
func TestWhatCannotBeTakenAwayIsTold(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	o := options(r, serve(t, &breaker{r.Handler(), "DELETE", "/contacts/*", says(500, asJSON, list)}))
	o.Only = []string{"createNote"}
	report := run(t, o)
	if len(report.LeftBehind) != 1 || !strings.HasSuffix(report.LeftBehind[0], "was answered 500 server_error (Out of order)") {
		t.Errorf("left behind: %v", report.LeftBehind)
	}
	if text := table(t, report); !strings.Contains(text, `All that was made carries the mark "Parley conformance t3st"`) {
		t.Errorf("the table does not tell the mark:\n%s", text)
	}
}

// TestWhatIsFoundLateIsAskedForAgain has a server that needs two looks to find a
// new contact.
func TestWhatIsFoundLateIsAskedForAgain(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	var looks atomic.Int32
	o := options(r, serve(t, &breaker{r.Handler(), "POST", "/messages", func(w http.ResponseWriter, hr *http.Request, right *httptest.ResponseRecorder) {
		if right.Code == 200 && looks.Add(1) <= 2 {
			says(404, asJSON, `{"type":"error.list","request_id":"1","errors":[{"code":"not_found","message":"User Not Found"}]}`)(w, hr, right)
			return
		}
		pass(w, right, right.Body.Bytes())
	}}))
	o.Only = []string{"createMessage"}
	if report := run(t, o); report.Totals.Passed != 1 || looks.Load() != 3 {
		t.Errorf("after %d looks:\n%s", looks.Load(), table(t, report))
	}
	looks.Store(-1000)
	o.Mark, o.Patience = "m0re", 10*time.Second
	report := run(t, o)
	if got := report.Operations[0].Problems; report.Totals.Failed != 1 || got[0] != "answered 404 not_found (User Not Found), want 200" || looks.Load() != -1000+6 {
		t.Errorf("after %d looks: %v", looks.Load()+1000, got)
	}
}
