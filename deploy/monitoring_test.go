package deploy

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley/internal/apptest"
)

// series are the metrics of a server: their labels, and the values of those whose
// values are few.
type series map[string]map[string][]string

var (
	sample = regexp.MustCompile(`(?m)^([a-z_]+)(?:\{(.*)\})? [^ ]+$`)
	pair   = regexp.MustCompile(`([a-z_]+)(=~|!~|!=|=)"([^"]*)"`)
)

// gather reads /metrics of a server that has done a little of everything.
func gather(t *testing.T) series {
	t.Helper()
	r := apptest.New(t)
	r.Post(t, "/_parley/webhooks", object{"url": "https://127.0.0.1:1/", "topics": []string{"contact.user.created"}}).OK()
	r.Post(t, "/contacts", object{"email": "joe@a.test"}).OK()
	r.RunJobs()
	w := httptest.NewRecorder()
	r.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	all := series{"up": {}}
	for _, m := range sample.FindAllStringSubmatch(w.Body.String(), -1) {
		if all[m[1]] == nil {
			all[m[1]] = map[string][]string{}
		}
		for _, label := range pair.FindAllStringSubmatch(m[2], -1) {
			all[m[1]][label[1]] = append(all[m[1]][label[1]], label[3])
		}
	}
	for _, labels := range all {
		labels["job"], labels["instance"] = nil, nil // which Prometheus adds
	}
	return all
}

var (
	selector  = regexp.MustCompile(`([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{([^}]*)\})?`)
	grouping  = regexp.MustCompile(`\b(?:by|without|on|ignoring)\s*\(([^)]*)\)`)
	duration  = regexp.MustCompile(`\[[^\]]*\]`)
	dashboard = regexp.MustCompile(`\$\{?[a-zA-Z_]+\}?`)
	number    = regexp.MustCompile(`\b[0-9][0-9.e]*\b`)
)

// words are what an expression has that is no metric.
var words = strings.Fields(`sum max count rate increase topk histogram_quantile unless and or`)

// check holds an expression of PromQL against what there is.
func (all series) check(t *testing.T, where, expr string) {
	t.Helper()
	var labels []string // of all its metrics
	text := grouping.ReplaceAllString(number.ReplaceAllString(dashboard.ReplaceAllString(duration.ReplaceAllString(expr, ""), "x"), ""), "")
	for _, m := range selector.FindAllStringSubmatch(text, -1) {
		if slices.Contains(words, m[1]) {
			continue
		}
		known, ok := all[m[1]]
		if !ok {
			t.Errorf("%s: there is no metric %s", where, m[1])
			continue
		}
		for label := range known {
			labels = append(labels, label)
		}
		for _, p := range pair.FindAllStringSubmatch(m[2], -1) {
			values, ok := known[p[1]]
			if !ok {
				t.Errorf("%s: %s has no label %s", where, m[1], p[1])
			}
			if p[1] == "state" && !slices.Contains(values, p[3]) {
				t.Errorf("%s: %s is never in the state %q", where, m[1], p[3])
			}
			if p[1] == "outcome" && strings.HasPrefix(m[1], "parley_webhook") && !slices.Contains(values, p[3]) {
				t.Errorf("%s: %s has no outcome %q", where, m[1], p[3])
			}
		}
	}
	if len(labels) == 0 {
		t.Errorf("%s: %q names no metric", where, expr)
	}
	for _, m := range grouping.FindAllStringSubmatch(expr, -1) {
		for label := range strings.SplitSeq(m[1], ",") {
			if label = strings.TrimSpace(label); !slices.Contains(labels, label) {
				t.Errorf("%s: nothing has the label %s", where, label)
			}
		}
	}
}

type alertFile struct {
	Groups []struct {
		Rules []struct {
			Alert, Expr         string
			Labels, Annotations map[string]string
		}
	}
}

// TestMonitoring holds that the alerts and the board ask for what a server tells.
func TestMonitoring(t *testing.T) {
	t.Parallel()
	all := gather(t)

	var alerts []string
	for _, g := range parse[alertFile](t, read(t, "monitoring/alerts.yaml")).Groups {
		for _, r := range g.Rules {
			alerts = append(alerts, r.Alert)
			all.check(t, r.Alert, r.Expr)
			if s := r.Labels["severity"]; s != "page" && s != "ticket" {
				t.Errorf("%s has the severity %q", r.Alert, s)
			}
			if r.Annotations["summary"] == "" {
				t.Errorf("%s says nothing", r.Alert)
			}
		}
	}
	var described []string
	for _, m := range regexp.MustCompile(`(?m)^\*\*(Parley[A-Za-z]+)\.\*\*`).FindAllStringSubmatch(read(t, "../docs/deploy.md"), -1) {
		described = append(described, m[1])
	}
	slices.Sort(alerts)
	slices.Sort(described)
	if !slices.Equal(alerts, described) {
		t.Errorf("docs/deploy.md says what to do about\n%q, and the alerts are\n%q", described, alerts)
	}

	var board struct {
		Panels []struct {
			Type, Title string
			Targets     []struct{ Expr string }
		}
		Templating struct {
			List []struct{ Type, Definition string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "monitoring/grafana.json")), &board); err != nil {
		t.Fatal(err)
	}
	for _, p := range board.Panels {
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("%s shows nothing", p.Title)
		}
		for _, target := range p.Targets {
			all.check(t, p.Title, target.Expr)
		}
	}
	for _, v := range board.Templating.List {
		if m := regexp.MustCompile(`^label_values\((.*), \w+\)$`).FindStringSubmatch(v.Definition); m != nil {
			all.check(t, v.Definition, m[1])
		} else if v.Type == "query" {
			t.Errorf("the variable asks for %s", v.Definition)
		}
	}

	// The other way round: what this house measures is on the board.
	shown := read(t, "monitoring/grafana.json")
	for name := range all {
		base := regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")
		if strings.HasPrefix(name, "parley_") && !strings.Contains(shown, base) {
			t.Errorf("the board does not show %s", name)
		}
	}
}
