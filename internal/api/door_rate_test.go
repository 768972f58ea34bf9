package api_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/apptest"
)

func TestRate(t *testing.T) {
	t.Parallel()
	r := apptest.With(t, app.Options{RateLimit: 10})
	r.Clock.Pass(3 * time.Second)
	until := apptest.Start.Add(10 * time.Second).Unix()
	told := func(a *apptest.Answer, remaining int, reset int64) {
		t.Helper()
		for name, want := range map[string]int64{"X-RateLimit-Limit": 10, "X-RateLimit-Remaining": int64(remaining), "X-RateLimit-Reset": reset} {
			if got := spelt(a.Header, name); len(got) != 1 || got[0] != strconv.FormatInt(want, 10) {
				t.Errorf("%s: %s is %v, want %d", a.Call, name, got, want)
			}
		}
	}
	// Every answer counts, whatever it is; only a refused token does not.
	told(r.Get(t, "/me").OK(), 9, until)
	told(r.Post(t, "/contacts", `{"email":"a@x.test"}`).OK(), 8, until)
	told(r.Get(t, "/contacts/404").Is(404), 7, until)
	told(r.Post(t, "/tags", `{`).Is(400), 6, until)
	told(r.Get(t, "/me", apptest.Header("Accept", "text/html")).Is(406), 5, until)
	told(r.Get(t, "/me", apptest.Header("Intercom-Version", "x")).Is(400), 4, until)
	told(r.Post(t, "/tags", `{}`, apptest.Header("Content-Type", "text/plain")).Is(415), 3, until)
	if refused := r.Get(t, "/me", apptest.As("nope")).Is(401); len(spelt(refused.Header, "X-RateLimit-Limit")) != 0 {
		t.Errorf("a refused token is told of the rate: %v", refused.Header)
	}
	told(r.Get(t, "/me").OK(), 2, until)
	r.Clock.Pass(6999 * time.Millisecond)
	told(r.Get(t, "/me").OK(), 1, until)
	told(r.Get(t, "/me").OK(), 0, until)

	for range 2 {
		a := r.Post(t, "/contacts", `{"email":"late@x.test"}`)
		a.Fails(429, "rate_limit_exceeded", "Exceeded rate limit of 10 in 10_seconds")
		told(a, 0, until)
	}
	// Another workspace has its own count.
	elsewhere := r.Elsewhere(t)
	told(elsewhere.Get(t, "/me").OK(), 9, until)

	r.Clock.Pass(time.Millisecond)
	told(r.Get(t, "/contacts").OK(), 9, until+10)
	if n := r.Get(t, "/contacts").At("total_count"); n != 1. {
		t.Errorf("a refused request has had an effect: there are %v contacts", n)
	}
	r.Clock.Pass(25 * time.Second) // windows do not begin with the first request in them
	told(r.Get(t, "/me").OK(), 9, until+30)
}

// spelt is a header under that very name: as the live API spells it, which
// net/http would not.
func spelt(h http.Header, name string) []string { return h[name] }

// HEAD is GET without the body, over a real connection.
func TestHead(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	server := httptest.NewServer(r.Handler())
	defer server.Close()
	id := r.Post(t, "/contacts", `{"email":"a@x.test"}`).OK().ID()
	for path, status := range map[string]int{"/me": 200, "/contacts": 200, "/contacts/" + id: 200, "/contacts/404": 404, "/nope": 404,
		"/contacts/merge": 404, "/contacts/" + id + "/archive": 404} {
		hr, err := http.NewRequest(http.MethodHead, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		hr.Header.Set("Authorization", "Bearer "+r.Token)
		answer, err := http.DefaultClient.Do(hr)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != status || answer.ContentLength <= 0 || answer.Header.Get("X-Request-Id") == "" {
			t.Errorf("HEAD %s answers %d, %d bytes, %v", path, answer.StatusCode, answer.ContentLength, answer.Header)
		}
	}
	if archived := ids(t, r.Get(t, "/contacts")); len(archived) != 1 {
		t.Error("a HEAD has had an effect")
	}
}
