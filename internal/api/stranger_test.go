package api_test

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/apptest"
	"parley/internal/conformance"
	"parley/internal/contract"
)

// TestStrangers goes through the script of package conformance in the example company, and
// has each request of it, whatever ids and bodies it has, be made before by the owner of
// another workspace: who changes nothing in the company, and is shown nothing of it.
func TestStrangers(t *testing.T) {
	t.Parallel()
	r := company(t)
	yaml, _, err := r.API.Document()
	if err != nil {
		t.Fatal(err)
	}
	judge, err := contract.New(yaml, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &stranger{direct: direct{r.Handler()}, t: t, of: r.Rig, by: r.Elsewhere(t).Unjudged(), ear: &ear{r: r.Rig}}
	s.ear.hear(t)
	// Whoever read a secret of the company would be shown it in an answer.
	s.secrets = slices.Sorted(maps.Keys(s.secretsOf(t, r)))
	if len(s.secrets) < 50 {
		t.Fatalf("the company has %d secrets: %q", len(s.secrets), s.secrets)
	}
	report, err := conformance.Run(t.Context(), conformance.Options{
		Base: "https://parley.example", Token: r.Token, Description: judge, Plain: true, Clock: r.Clock.Now,
		Only: groups(judge), Visitors: []string{"demo-visitor-1", "demo-visitor-2"}, Transport: s,
		Wait: func(context.Context, time.Duration) error {
			r.RunJobs()
			s.ear.hear(t)
			return nil
		},
		Observe: func(conformance.Exchange) { r.Clock.Pass(time.Second) },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range report.Operations {
		if op.Result != conformance.Passed {
			t.Errorf("%s: %s %v: what the stranger did is in its way", op.ID, op.Reason, op.Problems)
		}
	}
	if len(report.Operations) < 108 || s.calls < 200 || s.refused < 60 {
		t.Errorf("%d operations, %d calls of the stranger, of which %d were refused for their ids", len(report.Operations), s.calls, s.refused)
	}
}

// A stranger makes each request before it is made by whoever may.
type stranger struct {
	direct
	t       testing.TB
	of, by  *apptest.Rig
	ear     *ear // in the company
	secrets []string

	calls, refused int
}

func (s *stranger) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	s.ear.hear(s.t) // what the owner did
	if r.Header.Get("Authorization") == "Bearer "+s.of.Token {
		s.try(r, body)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return s.direct.RoundTrip(r)
}

func (s *stranger) try(r *http.Request, body []byte) {
	s.t.Helper()
	hr := httptest.NewRequest(r.Method, r.URL.String(), bytes.NewReader(body))
	hr.Header = r.Header.Clone()
	hr.Header.Set("Authorization", "Bearer "+s.by.Token)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, hr)
	s.calls++
	what := r.Method + " " + r.URL.RequestURI() + " " + string(body)
	if w.Code >= 500 || w.Code == http.StatusUnauthorized {
		s.t.Errorf("a stranger's %s is answered %d %s", what, w.Code, w.Body)
	}
	// Ids of 24 digits are never those of two workspaces.
	if id := objectIDs.FindString(r.URL.Path); id != "" {
		s.refused++
		if w.Code != http.StatusNotFound && w.Code != http.StatusBadRequest && w.Code != http.StatusUnprocessableEntity {
			s.t.Errorf("a stranger's %s is answered %d %s", what, w.Code, w.Body)
		}
	}
	for _, secret := range s.secrets {
		if strings.Contains(w.Body.String(), secret) && !strings.Contains(what, secret) {
			s.t.Errorf("a stranger's %s is shown %q: %s", what, secret, w.Body)
		}
	}
	if topics, objects := s.ear.hear(s.t); len(topics) > 0 {
		s.t.Errorf("a stranger's %s had %v happen to %v", what, topics, objects)
	}
}

// addresses are e-mail addresses and what somebody wrote, as JSON has them.
var addresses = regexp.MustCompile(`[a-z0-9._-]+@[a-z0-9.-]+\.[a-z]+`)

// secretsOf are ids, addresses and names of the company that nobody else has.
func (s *stranger) secretsOf(t *testing.T, r stage) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, path := range []string{"/contacts?per_page=150", "/conversations?per_page=50", "/articles?per_page=50", "/segments", "/admins", "/news/news_items"} {
		body := string(r.Get(t, path).OK().Body)
		for _, secret := range append(objectIDs.FindAllString(body, -1), addresses.FindAllString(body, -1)...) {
			all[secret] = true
		}
	}
	for _, id := range r.ids(t) {
		all[id] = true
	}
	return all
}
