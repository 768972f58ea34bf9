package api_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"parley/internal/api"
	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/metric"
)

// ask sends a request to a door that is no rig's.
func ask(door http.Handler, token string) (*httptest.ResponseRecorder, string) {
	hr := httptest.NewRequest(http.MethodGet, "/contacts", nil)
	hr.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	door.ServeHTTP(w, hr)
	return w, w.Header().Get("X-Request-Id")
}

// isSilent checks that a failure of the server is told without its cause, which
// stands in the log under the id that the caller was given.
func isSilent(t *testing.T, w *httptest.ResponseRecorder, id, log, cause string) {
	t.Helper()
	var got, want any
	wanted := `{"type":"error.list","request_id":"` + id + `","errors":[{"code":"server_error","message":"Something went wrong on our side. Please try again"}]}`
	if err := json.Unmarshal([]byte(wanted), &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 500 || !jsonEqual(got, want) {
		t.Errorf("a failure answers %d %s", w.Code, w.Body)
	}
	if !strings.Contains(log, id) || !strings.Contains(log, cause) {
		t.Errorf("the log does not tell of %q under %q:\n%s", cause, id, log)
	}
}

func jsonEqual(a, b any) bool {
	x, _ := json.Marshal(a, json.Deterministic(true))
	y, _ := json.Marshal(b, json.Deterministic(true))
	return bytes.Equal(x, y)
}

// A door without rules behind it panics as soon as it needs one.
func TestPanic(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	var log bytes.Buffer
	registry := new(metric.Registry)
	door := api.New(api.Options{Workspace: r.App.Workspace, Clock: r.Clock.Now, Logger: slog.New(slog.NewTextHandler(&log, nil)),
		Metrics: api.NewMetrics(registry), Rates: r.App.Rates})
	w, id := ask(door, r.Token)
	isSilent(t, w, id, log.String(), "nil pointer")
	if !strings.Contains(log.String(), "SearchContacts") {
		t.Errorf("the log does not tell where:\n%s", log.String())
	}
	if len(spelt(w.Header(), "X-RateLimit-Remaining")) != 1 {
		t.Errorf("the answer does not tell of the rate: %v", w.Header())
	}
	metrics, err := registry.Text()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(metrics), `status="500"} 1`) {
		t.Error("the failure is not counted")
	}
}

func TestDatabaseThatIsGone(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	a, err := app.Open(context.Background(), app.Options{Data: t.TempDir(), RateLimit: 10, Clock: apptest.Start.Local, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	w, id := ask(a.Handler(), "any")
	isSilent(t, w, id, log.String(), "the database is closed")
}
