package parleytest_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/parleytest"
)

// workspaces is how many tests TestIsolation has.
var workspaces = flag.Int("workspaces", 30, "tests that TestIsolation runs beside each other; with -parallel as many at once")

type object = map[string]any

// create makes a contact by the client, as code under test would.
func create(p *parleytest.Parley, base, email string) (*http.Response, []byte, error) {
	r, err := http.NewRequest(http.MethodPost, base+"/contacts", strings.NewReader(`{"email":"`+email+`"}`))
	if err != nil {
		return nil, nil, err
	}
	r.Header.Set("Authorization", "Bearer "+p.Token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := p.Client().Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer, body, err
}

func TestHosts(t *testing.T) {
	t.Parallel()
	p := parleytest.Start(t)
	for _, title := range []string{"a", "b"} {
		p.Call(http.MethodPost, "/articles", object{"title": title, "author_id": 1}, nil)
	}
	bases := []string{"https://api.intercom.io", "https://api.eu.intercom.io", "https://api.au.intercom.io", "http://api.intercom.io", "https://api.intercom.io:443", p.URL}
	for i, base := range append(bases, p.Serve()) {
		answer, body, err := create(p, base, fmt.Sprintf("%d@b.test", i))
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s answers %v, %s, %v", base, answer, body, err)
		}
		if link := nextPage(t, p, base); !strings.HasPrefix(link, base+"/articles?") {
			t.Errorf("a link of %s leads to %q", base, link)
		}
	}
	answer, err := http.Get(p.URL + "/livez") // which listens
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("%v, %v", answer, err)
	} else {
		answer.Body.Close()
	}
	for _, away := range []string{"http://example.test/", "https://api.intercom.io.example.test/", "http://127.0.0.1:1/"} {
		answer, err := p.Client().Get(away)
		if err == nil || !strings.Contains(err.Error(), "is not the API") {
			t.Errorf("%s: %v, %v", away, answer, err)
		}
	}
}

// nextPage is the link of a list to its second page.
func nextPage(t *testing.T, p *parleytest.Parley, base string) string {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, base+"/articles?per_page=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+p.Token)
	answer, err := p.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var list struct{ Pages struct{ Next string } }
	if err := json.NewDecoder(answer.Body).Decode(&list); err != nil {
		t.Fatal(err)
	}
	return list.Pages.Next
}

func TestTransport(t *testing.T) {
	t.Parallel()
	p := parleytest.Start(t)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "other") }))
	t.Cleanup(other.Close)
	client := &http.Client{Transport: p.Transport(http.DefaultTransport)}
	for at, want := range map[string]string{other.URL: "other", "https://api.intercom.io/livez": "ok\n"} {
		answer, err := client.Get(at)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if string(body) != want {
			t.Errorf("%s answers %q, want %q", at, body, want)
		}
	}
}

// TestIsolation has tests at once that all use the same names, each of which must see its own alone.
func TestIsolation(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	seen := map[string]bool{}
	for i := range *workspaces {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			p := parleytest.Start(t)
			mu.Lock()
			if seen[p.AppID] || seen[p.Token] {
				t.Errorf("the workspace %s is another test's", p.AppID)
			}
			seen[p.AppID], seen[p.Token] = true, true
			mu.Unlock()
			if i%4 == 0 {
				p.Fault(parleytest.Fault{Operation: "listTags", Status: 503})
			}
			for range 2 {
				if answer, body, err := create(p, "https://api.intercom.io", "same@example.test"); err != nil || answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusConflict {
					t.Errorf("%s: %v", body, err)
				}
			}
			var list struct {
				Data []struct{ Name string }
			}
			var tag object
			p.Call(http.MethodPost, "/tags", object{"name": fmt.Sprint(i)}, &tag)
			p.Call(http.MethodGet, "/contacts", nil, &list)
			if len(list.Data) != 1 {
				t.Errorf("there are %d contacts", len(list.Data))
			}
			if i%4 != 0 {
				p.Call(http.MethodGet, "/tags", nil, &list)
				if len(list.Data) != 1 || list.Data[0].Name != fmt.Sprint(i) {
					t.Errorf("the tags are %v", list.Data)
				}
			}
			p.AssertRequests(parleytest.RequestFilter{Operation: "createContact"}, 2)
			p.AssertRequests(parleytest.RequestFilter{Status: "5xx"}, 0)
			p.Reset()
			p.Call(http.MethodGet, "/contacts", nil, &list)
			if len(list.Data) != 0 {
				t.Errorf("after the reset there are %d contacts", len(list.Data))
			}
		})
	}
}

func TestSeeds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, seed, want string // how many contacts; or what the test ends with
	}{
		{"nothing", "", "0"},
		{"text", "contacts: [{email: a@b.test}, {email: c@b.test}]", "2"},
		{"the example company", parleytest.Demo, "many"},
		{"wrong", "contacts: [{email: 7, cats: 9}]", `unknown field "cats"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			ended := end(t, func(t testing.TB) {
				var list struct {
					Total int `json:"total_count"`
				}
				parleytest.StartWith(t, parleytest.Options{Seed: c.seed}).Call(http.MethodGet, "/contacts", nil, &list)
				if got = fmt.Sprint(list.Total); list.Total >= 10 {
					got = "many"
				}
			})
			if got != c.want && !(got == "" && strings.Contains(ended, c.want)) {
				t.Errorf("there are %q contacts, want %q: %s", got, c.want, ended)
			}
		})
	}
}

// TestIDs has the same calls in two workspaces give the same answers.
func TestIDs(t *testing.T) {
	t.Parallel()
	o := parleytest.Options{IDs: "42", Now: time.Date(2027, 1, 15, 8, 0, 0, 0, time.UTC), Frozen: true}
	var answers []string
	for range 2 {
		p := parleytest.StartWith(t, o)
		_, body, err := create(p, p.URL, "a@b.test")
		if err != nil {
			t.Fatal(err)
		}
		answers = append(answers, strings.ReplaceAll(string(body), p.AppID, "APP"))
	}
	if answers[0] != answers[1] || !strings.Contains(answers[0], fmt.Sprint(o.Now.Unix())) {
		t.Errorf("the answers are\n%s\n%s", answers[0], answers[1])
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	begin := time.Date(2027, 1, 15, 8, 0, 0, 0, time.UTC)
	p := parleytest.StartWith(t, parleytest.Options{Now: begin, Frozen: true})
	shows := func(want time.Time) {
		t.Helper()
		if now := p.Now(); !now.Equal(want) {
			t.Errorf("the clock shows %v, want %v", now, want)
		}
	}
	shows(begin)
	p.Call(http.MethodPost, "/contacts", object{"email": "a@b.test"}, nil)
	var talk struct {
		ID    string `json:"conversation_id"`
		State string `json:"state"`
	}
	p.Call(http.MethodPost, "/conversations", object{"from": object{"type": "user", "email": "a@b.test"}, "body": "Hello"}, &talk)
	p.Call(http.MethodPost, "/conversations/"+talk.ID+"/parts",
		object{"message_type": "snoozed", "admin_id": "1", "snoozed_until": begin.Add(48 * time.Hour).Unix()}, nil)
	state := func() string {
		p.Call(http.MethodGet, "/conversations/"+talk.ID, nil, &talk)
		return talk.State
	}
	p.Advance(47 * time.Hour)
	if got := state(); got != "snoozed" {
		t.Errorf("an hour before it is %s", got)
	}
	p.Advance(25 * time.Hour)
	if got := state(); got != "open" {
		t.Errorf("a day after it is %s", got)
	}
	p.SetTime(begin.Add(100 * time.Hour))
	shows(begin.Add(100 * time.Hour))
	p.Unfreeze()
	p.Freeze()
	p.Advance(0)
	for name, c := range map[string]struct {
		run  func(p *parleytest.Parley)
		want string
	}{
		"back":      {func(p *parleytest.Parley) { p.SetTime(begin) }, "cannot be set back"},
		"backwards": {func(p *parleytest.Parley) { p.Advance(-time.Second) }, "cannot be set back"},
		"a bit":     {func(p *parleytest.Parley) { p.Advance(time.Millisecond) }, "an advance is of whole seconds, not 1ms"},
		"released":  {func(p *parleytest.Parley) { p.Release() }, "cannot be set back"},
	} {
		if got := end(t, func(t testing.TB) { c.run(p.In(t)) }); !strings.Contains(got, c.want) {
			t.Errorf("%s ends with %q, want %q", name, got, c.want)
		}
	}
	p.Reset()
	shows(begin)
	machine := parleytest.StartWith(t, parleytest.Options{Now: begin.AddDate(-20, 0, 0)})
	machine.Release()
	if since := time.Since(machine.Now()); since < 0 || since > time.Minute {
		t.Errorf("the clock is %v behind the machine's", since)
	}
}

func TestSnapshots(t *testing.T) {
	t.Parallel()
	p := parleytest.Start(t)
	empty := p.Snapshot("empty")
	p.Call(http.MethodPost, "/contacts", object{"email": "a@b.test"}, nil)
	one := p.Snapshot("one")
	p.Call(http.MethodPost, "/tags", object{"name": "t"}, nil)
	changes := func(since *parleytest.Snapshot, to ...*parleytest.Snapshot) string {
		var kinds []string
		for _, c := range p.Diff(since, to...) {
			kinds = append(kinds, c.Kind+" "+c.Type)
		}
		return strings.Join(kinds, ", ")
	}
	for _, c := range []struct{ got, want string }{
		{changes(empty), "created contact, created tag"}, {changes(one), "created tag"}, {changes(empty, one), "created contact"},
	} {
		if c.got != c.want {
			t.Errorf("changed: %s, want %s", c.got, c.want)
		}
	}
	if c := p.Diff(one)[0]; c.Fields["name"].After != "t" || c.String() != "created tag 1" {
		t.Errorf("the change is %s %v", c, c.Fields)
	}
	t.Run("another workspace", func(t *testing.T) {
		other := parleytest.StartWith(t, parleytest.Options{Snapshot: one})
		var list struct {
			Total int `json:"total_count"`
		}
		if other.Call(http.MethodGet, "/contacts", nil, &list); list.Total != 1 || other.AppID == p.AppID {
			t.Errorf("%d contacts in %s", list.Total, other.AppID)
		}
		if got := end(t, func(t testing.TB) { other.In(t).Restore(one) }); !strings.Contains(got, "of another workspace") {
			t.Errorf("ends with %q", got)
		}
	})
	p.Restore(empty)
	if got := changes(empty); got != "" {
		t.Errorf("restored, but for %s", got)
	}
}

func TestSearchLag(t *testing.T) {
	t.Parallel()
	p := parleytest.StartWith(t, parleytest.Options{Frozen: true})
	p.SearchLag(time.Minute)
	p.Call(http.MethodPost, "/contacts", object{"email": "a@b.test"}, nil)
	found := func() (n int) {
		var list struct {
			Total int `json:"total_count"`
		}
		p.Call(http.MethodPost, "/contacts/search", object{"query": object{"field": "email", "operator": "=", "value": "a@b.test"}}, &list)
		return list.Total
	}
	before := found()
	p.Advance(2 * time.Minute)
	if after := found(); before != 0 || after != 1 {
		t.Errorf("%d and %d found, want 0 and 1", before, after)
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	p := parleytest.Start(t)
	done := make(chan error)
	go func() {
		_, _, err := create(p, "https://api.intercom.io", "a@b.test")
		done <- err
	}()
	calls := p.WaitForRequests(parleytest.RequestFilter{Operation: "createContact", Body: []string{"/email=a@b.test"}}, 1)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if c := calls[0]; c.Method != "POST" || c.Path != "/contacts" || c.Status != 200 || c.RequestBody != `{"email":"a@b.test"}` ||
		c.RequestHeader.Get("Content-Type") != "application/json" || c.Curl == "" || c.ResponseBody == "" {
		t.Errorf("the call is %+v", c)
	}
	p.AssertMatched()
	p.AssertRequests(parleytest.RequestFilter{Since: calls[0].ID}, 0)
	p.Call(http.MethodPost, "/tags", object{"name": "t", "colour": "red"}, nil)
	for name, c := range map[string]struct {
		run  func(p *parleytest.Parley)
		want []string
	}{
		"other": {func(p *parleytest.Parley) {
			p.AssertRequests(parleytest.RequestFilter{Operation: "createContact", Body: []string{"/email=b@b.test"}}, 1)
		}, []string{"Found 0 matching calls, and not exactly 1", `nearly: #`, `is "a@b.test", not "b@b.test"`}},
		"too many":  {func(p *parleytest.Parley) { p.AssertRequests(parleytest.RequestFilter{Path: "/contacts"}, 0) }, []string{"Found 1 matching calls", "found: #"}},
		"unmatched": {func(p *parleytest.Parley) { p.AssertMatched() }, []string{"Found 1 matching calls, and not exactly 0", "POST /tags"}},
		"no such":   {func(p *parleytest.Parley) { p.Requests(parleytest.RequestFilter{Operation: "feedCat"}) }, []string{`"feedCat" is not an operation`}},
	} {
		got := end(t, func(t testing.TB) { c.run(p.In(t)) })
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s ends with %q, want %q", name, got, want)
			}
		}
	}
	if unknown := p.Requests(parleytest.RequestFilter{Unmatched: true}); len(unknown) != 1 || strings.Join(unknown[0].UnknownMembers, " ") != "/colour" {
		t.Errorf("unmatched are %+v", unknown)
	}
	p.ForgetRequests()
	if left := p.Requests(parleytest.RequestFilter{}); len(left) != 0 {
		t.Errorf("left are %+v", left)
	}
}

func TestOutbox(t *testing.T) {
	t.Parallel()
	p := parleytest.Start(t)
	var contact struct{ ID string }
	p.Call(http.MethodPost, "/contacts", object{"email": "a@b.test", "role": "user"}, &contact)
	p.Call(http.MethodPost, "/messages", object{"message_type": "email", "subject": "Hi", "body": "Hello", "from": object{"type": "admin", "id": "1"},
		"to": object{"type": "user", "id": contact.ID}}, nil)
	mails := p.WaitForOutbox(parleytest.OutboxFilter{Kind: "email", To: "a@b.test"}, 1)
	if m := mails[0]; len(mails) != 1 || m.Subject != "Hi" || m.ContactID != contact.ID || !strings.Contains(m.Body, "Hello") {
		t.Errorf("the mails are %+v", mails)
	}
	if other := p.Outbox(parleytest.OutboxFilter{Kind: "sms"}); len(other) != 0 {
		t.Errorf("text messages are %+v", other)
	}
}

// TestCall tells what went wrong.
func TestCall(t *testing.T) {
	t.Parallel()
	p := parleytest.Start(t)
	for path, want := range map[string]string{"/contacts/x": "(GET /contacts/x: 404)", "/livez": "invalid character"} {
		if got := end(t, func(t testing.TB) { p.In(t).Call(http.MethodGet, path, nil, new(json.RawMessage)) }); !strings.Contains(got, want) {
			t.Errorf("%s ends with %q, want %q", path, got, want)
		}
	}
}

// end runs what ends a test of its own, and returns with what; empty: it did not.
func end(t testing.TB, run func(t testing.TB)) string {
	t.Helper()
	inner := &ended{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(inner)
	}()
	<-done
	return inner.said()
}

// ended is a test that keeps how it fails.
type ended struct {
	testing.TB
	mu   sync.Mutex
	with string
}

func (e *ended) said() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.with
}

func (e *ended) Errorf(format string, args ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.with += fmt.Sprintf(format, args...)
}

func (e *ended) Fatalf(format string, args ...any) {
	e.Errorf(format, args...)
	runtime.Goexit()
}
