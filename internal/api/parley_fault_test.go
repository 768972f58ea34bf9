package api_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/apptest"
)

// faulty has something go wrong in the rig's workspace, and returns the fault's id.
func faulty(t testing.TB, r *apptest.Rig, fault object) string {
	t.Helper()
	return r.AsDeveloper().Post(t, faultsPath(r), fault).OK().ID()
}

func faultsPath(r *apptest.Rig) string {
	return "/_parley/workspaces/" + string(r.Workspace.ID) + "/faults"
}

func TestFaultsAnswer(t *testing.T) {
	t.Parallel()
	shared := apptest.New(t)
	for _, c := range []struct {
		name  string
		fault object
		// what calls answer, one after another; a plain path is a GET
		calls []string
		want  string
	}{
		{"each call", object{"status": 500}, []string{"/me", "/tags"}, "500 500"},
		{"an operation", object{"operation": "listTags", "status": 502}, []string{"/me", "/tags", "/admins"}, "200 502 200"},
		{"a method", object{"method": "POST", "status": 503}, []string{"/tags", "POST /tags"}, "200 503"},
		{"a path", object{"path": "/contacts/*", "status": 504}, []string{"/contacts", "/contacts/x", "/contacts/x/tags"}, "200 504 404"},
		{"the third call", object{"from": 3, "times": 1, "status": 500}, []string{"/me", "/me", "/me", "/me"}, "200 200 500 200"},
		{"the next two", object{"times": 2, "status": 500}, []string{"/me", "/tags", "/me"}, "500 500 200"},
		{"every second", object{"every": 2, "status": 500}, []string{"/me", "/me", "/me", "/me"}, "200 500 200 500"},
		{"every second from the third, twice", object{"every": 2, "from": 3, "times": 2, "status": 500},
			[]string{"/me", "/me", "/me", "/me", "/me", "/me", "/me"}, "200 200 500 200 500 200 200"},
		{"by chance", object{"probability": 0.5, "seed": 7, "status": 500}, []string{"/me", "/me", "/me", "/me", "/me", "/me", "/me", "/me"},
			"500 500 200 200 500 500 500 500"},
		{"by another chance", object{"probability": 0.5, "seed": "8", "status": 500}, []string{"/me", "/me", "/me", "/me", "/me", "/me", "/me", "/me"},
			"200 200 200 200 500 500 200 500"},
		{"a contact in the path", object{"contact": "abc", "status": 500}, []string{"/contacts/abc", "/contacts/abcd", "/contacts/%61bc/notes"}, "500 404 500"},
		{"a contact in the query", object{"contact": "a@b.test", "status": 500}, []string{"/visitors?user_id=a%40b.test", "/visitors?user_id=b"}, "500 404"},
		{"a contact in the body", object{"contact": "a@b.test", "status": 500},
			[]string{`POST /contacts {"email":"a@b.test"}`, `POST /contacts {"email":"aa@b.test"}`}, "500 200"},
		{"what is not there", object{"status": 500}, []string{"/nothing"}, "404"},
		{"a call that is refused", object{"times": 1, "status": 500}, []string{`POST /contacts {`, `POST /contacts {`}, "500 400"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := shared.Elsewhere(t).Unjudged() // a contract has no status of a fault
			faulty(t, r, c.fault)
			var got []string
			for _, call := range c.calls {
				method, rest, ok := strings.Cut(call, " ")
				if !ok {
					method, rest = "GET", call
				}
				path, body, _ := strings.Cut(rest, " ")
				got = append(got, fmt.Sprint(r.Do(t, method, path, body).Status))
			}
			if g := strings.Join(got, " "); g != c.want {
				t.Errorf("answered %s, want %s", g, c.want)
			}
		})
	}
}

// TestFaultsMeetWhoIsKnown makes and takes away a fault for somebody whose calls went well a moment ago: the next call meets it, or
// does not, and is counted once.
func TestFaultsMeetWhoIsKnown(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r = r.Unjudged()
		limit := func() string { return strings.Join(spelt(r.Get(t, "/tags").OK().Header, "X-RateLimit-Limit"), "") }
		limit()
		all := limit()
		dev := r.AsDeveloper()
		first := faulty(t, r, object{"rate_limit": true})
		for range 2 {
			a := r.Get(t, "/tags")
			a.Fails(429, "rate_limit_exceeded", "Exceeded rate limit of "+all+" in 10_seconds")
			if left := spelt(a.Header, "X-RateLimit-Remaining"); len(left) != 1 || left[0] != "0" {
				t.Errorf("%v requests are left", left)
			}
		}
		dev.Delete(t, faultsPath(r)+"/"+first, nil).OK()
		limit()
		faulty(t, r, object{"from": 2, "times": 1, "status": 500})
		var got []int
		for range 4 {
			got = append(got, r.Get(t, "/tags").Status)
		}
		if !slices.Equal(got, []int{200, 500, 200, 200}) {
			t.Errorf("answered %v", got)
		}
	})
}

func TestFaultsSayWhat(t *testing.T) {
	t.Parallel()
	shared := apptest.New(t)
	for _, c := range []struct {
		fault   object
		status  int
		code    string
		message string
	}{
		{object{"status": 400}, 400, "bad_request", "Bad Request"},
		{object{"status": 401}, 401, "unauthorized", "Access Token Invalid"},
		{object{"status": 403}, 403, "api_plan_restricted", "Active subscription needed."},
		{object{"status": 404}, 404, "not_found", "Resource Not Found"},
		{object{"status": 429}, 429, "rate_limit_exceeded", "Exceeded rate limit of 1000000 in 10_seconds"},
		{object{"status": 418}, 418, "client_error", "I'm a teapot"},
		{object{"status": 500}, 500, "server_error", "Internal Server Error"},
		{object{"status": 503}, 503, "service_unavailable", "Service Unavailable"},
		{object{"status": 599}, 599, "server_error", "Error 599"},
		{object{"status": 422, "code": "mine", "message": "No \"way\""}, 422, "mine", `No "way"`},
		{object{"rate_limit": true}, 429, "rate_limit_exceeded", "Exceeded rate limit of 1000000 in 10_seconds"},
	} {
		t.Run(fmt.Sprint(c.status, c.code), func(t *testing.T) {
			t.Parallel()
			r := shared.Elsewhere(t).Unjudged()
			faulty(t, r, c.fault)
			r.Get(t, "/me").Fails(c.status, c.code, c.message)
		})
	}
	r := shared.Elsewhere(t).Unjudged()
	faulty(t, r, object{"rate_limit": true, "retry_after": 3})
	for name, want := range map[string]string{"X-RateLimit-Limit": "1000000", "X-RateLimit-Remaining": "0",
		"X-RateLimit-Reset": fmt.Sprint(apptest.Start.Unix() + 10), "Retry-After": "3"} {
		if got := strings.Join(r.Get(t, "/me").Header[name], " "); got != want { // as the live API spells it
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// TestFaultsAreCounted has calls come at once, on two servers of one database.
func TestFaultsAreCounted(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r.Unjudged()
		other := r.Restarted(t, app.Options{}).Unjudged()
		faulty(t, r, object{"from": 5, "times": 3, "status": 500})
		faulty(t, r, object{"operation": "identifyAdmin", "from": 2, "every": 4, "times": 2, "status": 503}) // the 2nd and 6th, but the older acts
		var wg sync.WaitGroup
		var failed, away atomic.Int64
		for i := range 16 {
			at := r
			if i%2 == 1 {
				at = other
			}
			wg.Go(func() {
				switch status := at.Get(t, "/me").Status; status {
				case 500:
					failed.Add(1)
				case 503:
					away.Add(1)
				case 200:
				default:
					t.Errorf("answered %d", status)
				}
			})
		}
		wg.Wait()
		if failed.Load() != 3 || away.Load() != 1 {
			t.Errorf("%d calls failed with 500 and %d with 503, want 3 and 1", failed.Load(), away.Load())
		}
		list := r.AsDeveloper().Get(t, faultsPath(r)).OK()
		for path, want := range (object{"data.0.calls": 16.0, "data.0.acted": 3.0, "data.1.calls": 16.0, "data.1.acted": 1.0}) {
			if got := list.At(path); got != want {
				t.Errorf("%s is %v, want %v", path, got, want)
			}
		}
	})
}

func TestFaultsLockNobodyOut(t *testing.T) {
	t.Parallel()
	r := apptest.New(t).Unjudged()
	other := r.Elsewhere(t)
	first := faulty(t, r, object{"status": 500})
	faulty(t, r, object{"drop": true})
	r.Get(t, "/me").Is(500)
	r.Get(t, "/_parley/apps").OK()
	other.Get(t, "/me").OK()
	dev := r.AsDeveloper()
	dev.Get(t, "/_parley/workspaces").OK()
	is(t, dev.Delete(t, faultsPath(r)+"/"+first, nil), `{"id":"1","object":"fault","deleted":true}`)
	dev.Delete(t, faultsPath(r)+"/"+first, nil).Fails(404, "not_found", "Fault not found")
	is(t, dev.Delete(t, faultsPath(r), nil), `{"id":"<id>","object":"faults","deleted":true}`, "<id>", string(r.Workspace.ID))
	r.Get(t, "/me").OK()
	is(t, dev.Get(t, faultsPath(r)), `{"type":"list","data":[]}`)
	is(t, dev.Post(t, faultsPath(r), object{"status": 500, "operation": "listTags", "every": 2}),
		`{"type":"fault","id":"3","created_at":1768478400,"status":500,"operation":"listTags","every":2,"calls":0,"acted":0}`)
}

func TestFaultsAreRefused(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	dev := r.AsDeveloper()
	for _, c := range []struct {
		name    string
		fault   any
		message string
	}{
		{"nothing", object{}, "a fault needs something that it does: latency, status, rate_limit, drop, truncate, drip or deliveries"},
		{"an unknown member", object{"status": 500, "stauts": 500}, `There is no member "/stauts"`},
		{"an unknown operation", object{"status": 500, "operation": "listCats"}, `"listCats" is not an operation of the API`},
		{"an operation of ours", object{"status": 500, "operation": "listApps"}, `"listApps" is not an operation of the API`},
		{"a bad pattern", object{"status": 500, "path": "/contacts/["}, `path must be a path like /contacts/*, not "/contacts/["`},
		{"no path", object{"status": 500, "path": "contacts"}, `path must be a path like /contacts/*, not "contacts"`},
		{"a status that is none", object{"status": 600}, "status must be from 400 to 599"},
		{"a good status", object{"status": 200}, "status must be from 400 to 599"},
		{"a long latency", object{"latency": 30_001}, "latency must be from 1 to 30000"},
		{"a negative latency", object{"latency": -1}, "latency must be from 1 to 30000"},
		{"too much at once", object{"status": 500, "drop": true}, "a fault does one of status, rate_limit, drop, truncate and drip"},
		{"after what", object{"status": 500, "after": true}, "after says when to drop"},
		{"whose message", object{"drop": true, "message": "m"}, "code, message and retry_after are of a status"},
		{"much chance", object{"status": 500, "probability": 1.5}, "probability must be more than 0, and 1 at most"},
		{"no number", object{"status": 500, "from": "x"}, "from is invalid"},
		{"times", object{"status": 500, "times": -2}, "times must be from 1 to 1000000"},
		{"a long contact", object{"status": 500, "contact": strings.Repeat("x", 256)}, "contact is longer than 255 bytes"},
		{"a topic of calls", object{"status": 500, "topic": "contact.created"}, "topic, webhook_id and delay are for a fault with deliveries"},
		{"calls and deliveries", object{"status": 500, "deliveries": "lose"}, "a fault with deliveries does nothing to calls"},
		{"deliveries of an operation", object{"deliveries": "lose", "method": "GET"}, "operation, method, path and contact are for a fault of calls, which has no deliveries"},
		{"what with deliveries", object{"deliveries": "eat"}, "deliveries must be lose, duplicate or reorder, not \"eat\""},
		{"no topic", object{"deliveries": "lose", "topic": "cat.fed"}, `"cat.fed" is not a topic`},
		{"no webhook", object{"deliveries": "lose", "webhook_id": "x"}, "webhook_id is not the id of a webhook"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dev.Post(t, faultsPath(r), c.fault).Fails(400, "parameter_invalid", c.message)
		})
	}
	dev.Post(t, faultsPath(r), object{"deliveries": "lose", "webhook_id": "9"}).Is(404)
	dev.Post(t, "/_parley/workspaces/nobodyhas/faults", object{"status": 500}).Is(404)
	r.Post(t, faultsPath(r), object{"status": 500}).Fails(401, "unauthorized", "Access Token Invalid")
	is(t, dev.Get(t, faultsPath(r)), `{"type":"list","data":[]}`)
	for range 100 {
		dev.Post(t, faultsPath(r), object{"operation": "listTags", "status": 500}).OK()
	}
	dev.Post(t, faultsPath(r), object{"status": 500}).Fails(400, "parameter_invalid", "A workspace has 100 faults at most")
}

// TestFaultsOfConnections has a client on a real connection.
func TestFaultsOfConnections(t *testing.T) {
	t.Parallel()
	shared := apptest.New(t)
	server := httptest.NewServer(shared.Handler())
	t.Cleanup(server.Close)
	post := func(t *testing.T, r *apptest.Rig, email string) (*http.Response, []byte, error) {
		hr, err := http.NewRequest("POST", server.URL+"/contacts", strings.NewReader(`{"email":"`+email+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		hr.Header.Set("Authorization", "Bearer "+r.Token)
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // which would ask again by itself
		answer, err := client.Do(hr)
		if err != nil {
			return nil, nil, err
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		return answer, body, err
	}
	made := func(t *testing.T, r *apptest.Rig) any {
		return r.Post(t, "/contacts/search", `{"query":{"field":"role","operator":"=","value":"user"}}`).At("total_count")
	}
	for _, c := range []struct {
		name  string
		fault object
		made  float64
	}{{"before", object{"drop": true, "method": "POST", "path": "/contacts"}, 0}, {"after", object{"drop": true, "after": true, "path": "/contacts"}, 1}} {
		t.Run("dropped "+c.name, func(t *testing.T) {
			t.Parallel()
			r := shared.Elsewhere(t)
			faulty(t, r, c.fault)
			if answer, body, err := post(t, r, "a@b.test"); !errors.Is(err, io.EOF) {
				t.Errorf("got %v %q and %v, want no answer", answer, body, err)
			}
			if n := made(t, r); n != c.made {
				t.Errorf("there are %v contacts, want %v", n, c.made)
			}
			logged := r.AsDeveloper().Get(t, requestsPath(r)+"?operation=createContact").OK()
			if logged.At("data.0.fault_id") != "1" || logged.At("data.0.request_body") != `{"email":"a@b.test"}` {
				t.Errorf("the log does not have it: %s", logged.Body)
			}
		})
	}
	t.Run("truncated", func(t *testing.T) {
		t.Parallel()
		r := shared.Elsewhere(t)
		faulty(t, r, object{"truncate": 10})
		answer, body, err := post(t, r, "a@b.test")
		if !errors.Is(err, io.ErrUnexpectedEOF) || len(body) != 10 || answer.ContentLength < 100 {
			t.Errorf("got %q of %v and %v, want 10 bytes and that the rest is missing", body, answer, err)
		}
		faulty(t, r, object{"truncate": 10})
		r.AsDeveloper().Delete(t, faultsPath(r), nil).OK()
		faulty(t, r, object{"truncate": 1_000_000})
		if _, body, err := post(t, r, "b@b.test"); err != nil || !strings.HasSuffix(string(body), "}") {
			t.Errorf("what is shorter is not cut: %v %q", err, body)
		}
	})
	t.Run("dripping", func(t *testing.T) {
		t.Parallel()
		r := shared.Elsewhere(t)
		faulty(t, r, object{"drip": 20_000})
		began := time.Now()
		_, body, err := post(t, r, "a@b.test")
		if err != nil || len(body) < 1000 || !strings.HasSuffix(string(body), "}") {
			t.Fatalf("got %q and %v", body, err)
		}
		if took := time.Since(began); took < 40*time.Millisecond {
			t.Errorf("%d bytes came within %v", len(body), took)
		}
	})
	t.Run("late", func(t *testing.T) {
		t.Parallel()
		r := shared.Elsewhere(t).Unjudged()
		faulty(t, r, object{"latency": 20, "status": 500})
		began := time.Now()
		if answer, _, err := post(t, r, "a@b.test"); err != nil || answer.StatusCode != 500 || time.Since(began) < 20*time.Millisecond {
			t.Errorf("got %v and %v after %v", answer, err, time.Since(began))
		}
	})
}
