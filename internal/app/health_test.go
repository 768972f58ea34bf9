package app_test

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"parley/internal/app"
	"parley/internal/apptest"
)

func TestMain(m *testing.M) { apptest.Main(m) }

// open makes an app on a database of its own.
func open(t *testing.T) *app.App {
	t.Helper()
	a, err := app.Open(context.Background(), app.Options{Data: t.TempDir(), RateLimit: 100, Clock: time.Now, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// get asks without a token, as those who watch a server do.
func get(h http.Handler, path string) (status int, body string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	text, _ := io.ReadAll(w.Result().Body)
	return w.Code, string(text)
}

func TestHealth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		change      func(*app.App)
		live, ready int
		says        string
	}{
		{"serving", func(*app.App) {}, 200, 200, "ok\n"},
		{"draining", (*app.App).Drain, 200, 503, "the server is stopping\n"},
		{"without its database", func(a *app.App) { a.Close() }, 200, 503, "the database does not answer\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := open(t)
			c.change(a)
			if status, _ := get(a.Handler(), "/livez"); status != c.live {
				t.Errorf("/livez answers %d, want %d", status, c.live)
			}
			if status, body := get(a.Handler(), "/readyz"); status != c.ready || body != c.says {
				t.Errorf("/readyz answers %d %q, want %d %q", status, body, c.ready, c.says)
			}
		})
	}
}

// judge has Prometheus' libraries read metrics, and find fault with those that are ours.
func judge(t *testing.T, metrics string) {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(metrics))
	if err != nil {
		t.Fatalf("%v:\n%s", err, metrics)
	}
	if len(families) < 50 {
		t.Errorf("there are %d families", len(families))
	}
	problems, err := promlint.NewWithMetricFamilies(slices.Collect(maps.Values(families))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		counter := strings.HasPrefix(p.Metric, "parley_rate_counter_") // is what they are about, not their type
		if strings.HasPrefix(p.Metric, "parley_") && !counter {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	once := map[string]bool{}
	for line := range strings.Lines(metrics) {
		series := line[:strings.LastIndexByte(line, ' ')]
		if once[series] {
			t.Errorf("%s is told twice", series)
		}
		once[series] = true
	}
}

func TestMetrics(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r.Post(t, "/contacts", map[string]any{"email": "secret.person@private.test", "name": "Secret Person"}).OK()
		r.Get(t, "/contacts/0123456789abcdef01234567").Is(404)
		r.Get(t, "/secret-path").Is(404)
		status, body := get(r.Handler(), "/metrics")
		if status != http.StatusOK {
			t.Fatalf("/metrics answers %d", status)
		}
		for _, want := range []string{
			`parley_http_requests_total\{operation="createContact",status="200"\} 1`,
			`parley_http_requests_total\{operation="showContact",status="404"\} 1`,
			`parley_http_requests_total\{operation="unknown",status="404"\} 1`,
			`parley_http_request_duration_seconds_bucket\{operation="createContact",le="\+Inf"\} 1`,
			`parley_database_updates_total [1-9]`,
			`parley_database_updates_waiting \d`,
			`parley_database_reader_waits_total \d`,
			`parley_database_connection_waits_total \d`,
			`parley_build_info\{database="(sqlite|postgres)",go_version="go1[^"]*",version="[^"]*"\} 1`,
			`go_goroutines [1-9]`,
			`process_open_fds [1-9]`, `process_max_fds [1-9]`, `process_resident_memory_bytes [1-9]`,
			`process_cpu_seconds_total [0-9.]+$`, `process_start_time_seconds 1[0-9.e+]+$`,
		} {
			if !regexp.MustCompile(`(?m)^` + want).MatchString(body) {
				t.Errorf("/metrics lacks %s", want)
			}
		}
		judge(t, body)
		for _, private := range []string{"private.test", "Secret", "secret-path", "0123456789abcdef01234567", string(r.Workspace.ID), r.Token} {
			if strings.Contains(body, private) {
				t.Errorf("/metrics tells %q", private)
			}
		}
	})
}
