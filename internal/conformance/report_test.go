package conformance_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/conformance"
)

// A direct transport hands requests to a handler, without a network.
type direct struct{ handler http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	hr := r.Clone(r.Context())
	hr.RequestURI, hr.RemoteAddr = r.URL.RequestURI(), "192.0.2.1:1234"
	d.handler.ServeHTTP(w, hr)
	return w.Result(), nil
}

// golden compares a text with a file of testdata. PARLEY_TEST_UPDATE=1 writes it
// anew.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if os.Getenv("PARLEY_TEST_UPDATE") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// TestReports has one operation of each result, a member whose name would make a
// terminal write in red, and a server that cannot archive.
func TestReports(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	o := options(r, "http://parley.test/below")
	o.Transport = direct{http.StripPrefix("/below", &breaker{&breaker{r.Handler(), "GET", "/ticket_types/1", replace(`"icon":`, `"\u001b[31micon":`)},
		"PUT", "/ticket_types/1", says(500, asJSON, list)})}
	o.Only = []string{"Teams", "getTicketType", "listTicketTypes"}
	report := run(t, o)
	var text, all, program strings.Builder
	for _, err := range []error{report.Table(&text, false), report.Table(&all, true), report.JSON(&program)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "report.txt", text.String())
	golden(t, "report_verbose.txt", all.String())
	golden(t, "report.json", program.String())
}

// TestReportKeepsNoToken has a server that tells everybody's token.
func TestReportKeepsNoToken(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	o := options(r, "http://parley.test")
	o.Transport = direct{&breaker{r.Handler(), "GET", "/teams", func(w http.ResponseWriter, hr *http.Request, right *httptest.ResponseRecorder) {
		says(400, asJSON, `{"type":"error.list","errors":[{"code":"`+r.Token+`","message":"`+hr.Header.Get("Authorization")+`"}]}`+strings.Repeat(" ", 5000))(w, hr, right)
	}}}
	o.Bodies = true
	o.Only = []string{"listTeams", "updateTicketType"}
	report := run(t, o)
	var program strings.Builder
	if err := report.JSON(&program); err != nil {
		t.Fatal(err)
	}
	if text := program.String() + table(t, report); strings.Contains(text, r.Token) {
		t.Errorf("the report has the token in it:\n%s", text)
	}
	e := report.Operations[0].Exchanges[0]
	if !strings.Contains(e.Response, "Bearer ***") || !strings.HasSuffix(e.Response, " bytes)") || len(e.Response) > 4100 {
		t.Errorf("the body is not kept, or too much of it: %d bytes, %.200s", len(e.Response), e.Response)
	}
	update := report.Operations[1].Exchanges
	if call := update[len(update)-2]; call.Purpose != conformance.PurposeCall || !strings.Contains(call.Request, "Bookings and clients") ||
		!strings.Contains(call.Response, `"type":"ticket_type"`) {
		t.Errorf("the bodies of %s %s are not kept: %q, %q", call.Method, call.Path, call.Request, call.Response)
	}
}
