package bench_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"parley/internal/apptest"
	"parley/internal/bench"
	"parley/internal/bench/fill"
	"parley/internal/model"
)

func TestMain(m *testing.M) { apptest.Main(m) }

// contacts are few: what is measured here is nothing.
const contacts = 100

// TestRun has every operation be measured on a filled workspace, where every answer is right.
func TestRun(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		facts := filled(t, r)
		report, err := bench.Run(t.Context(), options(r.URL(), facts))
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]bool{}
		for _, row := range report.Rows {
			names[row.Operation] = true
			f := row.Figures[0]
			if f.Count < row.Connections || f.Checked == 0 || f.PerSecond <= 0 || f.P50 <= 0 || f.P95 < f.P50 || f.P99 < f.P95 {
				t.Errorf("%s, %d at once: %+v", row.Operation, row.Connections, f)
			}
		}
		for _, s := range facts.Searches {
			if !names[s.Operation] {
				t.Errorf("%s was not measured", s.Operation)
			}
		}
		if len(names) != len(facts.Searches)+5 {
			t.Errorf("%d operations were measured: %v", len(names), names)
		}
		var table, js bytes.Buffer
		if err := report.Table(&table); err != nil || !strings.Contains(table.String(), "create a contact") {
			t.Errorf("the table is, with the error %v,\n%s", err, table.String())
		}
		if err := report.JSON(&js); err != nil || !strings.Contains(js.String(), `"per_second"`) {
			t.Errorf("the report is, with the error %v,\n%s", err, js.String())
		}
	})
}

// options measure everything for no longer than it takes.
func options(at string, facts *bench.Facts) bench.Options {
	return bench.Options{URL: at, MayWrite: true, Facts: facts, Connections: []int{2}, Time: time.Millisecond, Turn: time.Millisecond}
}

func filled(t *testing.T, r *apptest.Rig) *bench.Facts {
	t.Helper()
	facts, err := fill.Into(t.Context(), r.Database, fill.Options{Contacts: contacts, Seed: 7, Workspace: model.NewWorkspaceID(), Clock: r.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

// TestWrongAnswers has a server be found out whose answers are not what was filled.
func TestWrongAnswers(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	facts := filled(t, r)
	replace := func(pattern, by string) func(string) string {
		re := regexp.MustCompile(pattern)
		return func(body string) string { return re.ReplaceAllString(body, by) }
	}
	for _, c := range []struct {
		name      string
		operation string // that is measured
		status    int
		spoil     func(body string) string
		fails     string
	}{
		{"another contact", "read a contact", 200, replace(`"id": ?"[0-9a-f]{24}"`, `"id":"6500000000000000000000ff"`), "it is about"},
		{"a status", "read a contact", 500, replace(`^$`, ``), "500"},
		{"nothing", "read a contact", 200, replace(`(?s).+`, ``), "wrong"},
		{"no JSON", "read a contact", 200, replace(`^\{`, `<`), "not the JSON"},
		{"a total that is too high", "rare attribute", 200, replace(`"total_count": ?4`, `"total_count":5`), "it counts 5, and there are 4"},
		{"a total of one address", "search by e-mail", 200, replace(`"total_count": ?1`, `"total_count":2`), "there are 2"},
		{"no rows", "sorted by created_at", 200, replace(`"data": ?\[\{"type": ?"contact".*`, fmt.Sprintf(`"data":[],"total_count":%d}`, total(facts, "sorted by created_at"))), "0 rows and not 50"},
		{"another order", "sorted by created_at", 200, replace(`"created_at": ?1[67]\d*`, `"created_at":x`), "not the JSON"},
		{"an order that rises", "sorted by created_at", 200, rising(), "comes before"},
		{"too few conversations", "newest conversations", 200, replace(`"total_count": ?20`, `"total_count":19`), "it counts 19"},
		{"another contact made", "create a contact", 200, replace(`"external_id": ?"new-\d+"`, `"external_id":"new-"`), "and not about new-"},
		{"a conversation of no id", "4 replies", 200, replace(`"conversation_id": ?"\d+"`, `"conversation_id":""`), "names no conversation"},
		{"a reply that is lost", "4 replies", 200, replace(`("external_id": ?null, ?"redacted": ?false\}\], ?"total_count": ?)4`, `${1}3`), "has 3 parts"},
	} {
		t.Run(c.name, func(t *testing.T) { // one after another: those that change something come last
			o := options(spoiled(t, r.URL(), c.status, c.spoil), facts)
			o.Only, o.Connections = []string{c.operation}, []int{1}
			if _, err := bench.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), c.fails) {
				t.Errorf("the run ends with %v", err)
			}
		})
	}
}

// rising puts another time into each row, each later than the one before.
func rising() func(string) string {
	re := regexp.MustCompile(`"created_at": ?\d+`)
	return func(body string) string {
		at := 1_600_000_000
		return re.ReplaceAllStringFunc(body, func(string) string { at++; return fmt.Sprintf(`"created_at":%d`, at) })
	}
}

func total(facts *bench.Facts, operation string) int {
	for _, s := range facts.Searches {
		if strings.Contains(s.Operation, operation) {
			return s.Total
		}
	}
	return 0
}

// spoiled is a server that hands on what another answers, but for the first answer, by which it is seen that it is there.
func spoiled(t *testing.T, at string, status int, spoil func(string) string) string {
	t.Helper()
	to, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	first := make(chan struct{}, 1)
	first <- struct{}{}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ModifyResponse = func(a *http.Response) error {
		select {
		case <-first:
			return nil
		default:
		}
		body, err := io.ReadAll(a.Body)
		if err != nil {
			return err
		}
		text := spoil(string(body))
		a.StatusCode, a.Body = status, io.NopCloser(strings.NewReader(text))
		a.ContentLength = int64(len(text))
		a.Header.Set("Content-Length", fmt.Sprint(len(text)))
		return nil
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.URL
}

// TestRefused has what cannot be measured be refused before anything is started.
func TestRefused(t *testing.T) {
	t.Parallel()
	facts := &bench.Facts{Contacts: 100, People: []bench.Person{{ID: "1"}}}
	for _, c := range []struct {
		name, fails string
		change      func(*bench.Options)
	}{
		{"no facts", "no facts", func(o *bench.Options) { o.Facts = nil }},
		{"no connections", "connections are", func(o *bench.Options) { o.Connections = nil }},
		{"too many connections", "connections are", func(o *bench.Options) { o.Connections = []int{5000} }},
		{"no time", "above 0", func(o *bench.Options) { o.Time = 0 }},
		{"an operation that there is not", "no operation", func(o *bench.Options) { o.Only = []string{"deletion"} }},
		{"pgx without PostgreSQL", "needs a database", func(o *bench.Options) { o.Against = bench.Pgx }},
		{"a server that is not there", "refused", func(o *bench.Options) { o.URL = "http://127.0.0.1:1" }},
		{"a URL of another scheme", "no other scheme", func(o *bench.Options) { o.URL = "https://127.0.0.1" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := options("http://127.0.0.1:1", facts)
			c.change(&o)
			if _, err := bench.Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), c.fails) {
				t.Errorf("the run ends with %v", err)
			}
		})
	}
}
