package app

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"parley/internal/metric"
)

// tell asks for the metrics of a registry.
func tell(r *metric.Registry, encoding string) (w *httptest.ResponseRecorder, log string) {
	var out bytes.Buffer
	a := &App{registry: r, options: Options{Logger: slog.New(slog.NewTextHandler(&out, nil))}}
	hr := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	hr.Header.Set("Accept-Encoding", encoding)
	for range 2 { // the second time with what the first has left
		w = httptest.NewRecorder()
		a.tellMetrics(w, hr)
	}
	return w, out.String()
}

func TestTellMetrics(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, accepts, encoding string }{
		{"plain", "identity", ""},
		{"packed", "gzip", "gzip"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := new(metric.Registry)
			r.Gauge("a", "A.", func() float64 { return 1 })
			w, _ := tell(r, c.accepts)
			if got := w.Header().Get("Content-Type"); w.Code != http.StatusOK || got != "text/plain; version=0.0.4; charset=utf-8" {
				t.Errorf("the answer is %d, %s", w.Code, got)
			}
			if got := w.Header().Get("Content-Encoding"); got != c.encoding {
				t.Errorf("it is encoded as %q, want %q", got, c.encoding)
			}
			var body io.Reader = w.Body
			if c.encoding != "" {
				var err error
				if body, err = gzip.NewReader(body); err != nil {
					t.Fatal(err)
				}
			}
			text, err := io.ReadAll(body)
			if want := "# HELP a A.\n# TYPE a gauge\na 1\n"; err != nil || string(text) != want {
				t.Errorf("it says %q, %v, want %q", text, err, want)
			}
		})
	}
}

// TestMetricsThatFail holds that the log alone tells why.
func TestMetricsThatFail(t *testing.T) {
	t.Parallel()
	r := new(metric.Registry)
	r.Gauge("a", "", func() float64 { panic("the secret reason") })
	w, log := tell(r, "gzip")
	if body := w.Body.String(); w.Code != http.StatusInternalServerError || body != "the metrics cannot be told\n" {
		t.Errorf("the answer is %d %q", w.Code, body)
	}
	if !strings.Contains(log, "the secret reason") {
		t.Errorf("the log does not tell why: %s", log)
	}
}
