package metric_test

import (
	"bytes"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"parley/internal/metric"
)

// read has Prometheus' own parser read what a registry tells.
func read(t *testing.T, r *metric.Registry) map[string]*dto.MetricFamily {
	t.Helper()
	text, err := r.Text()
	if err != nil {
		t.Fatal(err)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	return families
}

// example registers one of everything, in no order.
func example() *metric.Registry {
	r := new(metric.Registry)
	waits := r.Histograms("wait_seconds", "Waits.", []float64{.25, 1, 2.5}, "operation")
	for _, s := range []float64{.25, .5, 2, 100} {
		waits.With("show").Observe(s)
	}
	waits.With("list").Observe(.125)
	requests := r.Counters("requests_total", "Requests, by operation and status.", "operation", "status")
	for _, status := range []string{"404", "200", "200"} {
		requests.With("show", status).Inc()
	}
	requests.With("list", "200") // is told before there is any
	r.Counters("refused_total", "Nobody has been refused.", "why")
	r.Gauge("streams_open", `A "help" with a \ and
a second line.`, func() float64 { return 1e6 })
	nodes := &metric.Desc{Name: "nodes", Help: "Nodes.", Kind: metric.KindGauge, Labels: []string{"version", "zone", "rack"}}
	lag := &metric.Desc{Name: "lag_seconds", Help: "Lag.", Kind: metric.KindGauge, Labels: []string{"to"}}
	r.Collect(func(tell metric.Tell) {
		tell(nodes, 2, "v2", "b", "")
		tell(lag, math.Inf(1), "inf")
		tell(lag, math.Inf(-1), "-inf")
		tell(lag, math.NaN(), "nan")
		tell(lag, .001, "\\ \"\n")
		tell(nodes, 1, "v1", "z", "é")
	}, nodes, lag)
	r.Append(func(w io.Writer) { io.WriteString(w, "go_threads 7\n") })
	return r
}

const golden = `# HELP lag_seconds Lag.
# TYPE lag_seconds gauge
lag_seconds{to="-inf"} -Inf
lag_seconds{to="\\ \"\n"} 0.001
lag_seconds{to="inf"} +Inf
lag_seconds{to="nan"} NaN
# HELP nodes Nodes.
# TYPE nodes gauge
nodes{version="v1",zone="z",rack="é"} 1
nodes{version="v2",zone="b",rack=""} 2
# HELP requests_total Requests, by operation and status.
# TYPE requests_total counter
requests_total{operation="list",status="200"} 0
requests_total{operation="show",status="200"} 2
requests_total{operation="show",status="404"} 1
# HELP streams_open A "help" with a \\ and\na second line.
# TYPE streams_open gauge
streams_open 1e+06
# HELP wait_seconds Waits.
# TYPE wait_seconds histogram
wait_seconds_bucket{operation="list",le="0.25"} 1
wait_seconds_bucket{operation="list",le="1"} 1
wait_seconds_bucket{operation="list",le="2.5"} 1
wait_seconds_bucket{operation="list",le="+Inf"} 1
wait_seconds_sum{operation="list"} 0.125
wait_seconds_count{operation="list"} 1
wait_seconds_bucket{operation="show",le="0.25"} 1
wait_seconds_bucket{operation="show",le="1"} 2
wait_seconds_bucket{operation="show",le="2.5"} 3
wait_seconds_bucket{operation="show",le="+Inf"} 4
wait_seconds_sum{operation="show"} 102.75
wait_seconds_count{operation="show"} 4
go_threads 7
`

func TestText(t *testing.T) {
	t.Parallel()
	text, err := example().Text()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(golden, string(text)); diff != "" {
		t.Error(diff)
	}
	if text, err := new(metric.Registry).Text(); len(text) > 0 || err != nil {
		t.Errorf("nothing is told as %q, %v", text, err)
	}
}

// TestJudge has Prometheus' libraries read and judge the text, and write it again.
func TestJudge(t *testing.T) {
	t.Parallel()
	r := example()
	families := read(t, r)
	problems, err := promlint.NewWithMetricFamilies(slices.Collect(maps.Values(families))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if p.Metric != "go_threads" { // which is not ours, and has no help
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	var again bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(families)) {
		if name == "go_threads" {
			continue
		}
		if _, err := expfmt.MetricFamilyToText(&again, families[name]); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(strings.TrimSuffix(golden, "go_threads 7\n"), again.String()); diff != "" {
		t.Error(diff)
	}
}

// TestMistakes holds that what a programmer gets wrong is found at once.
func TestMistakes(t *testing.T) {
	t.Parallel()
	register := func(d metric.Desc) func(*metric.Registry) {
		return func(r *metric.Registry) { r.Collect(func(metric.Tell) {}, &d) }
	}
	for _, c := range []struct {
		name, says string
		do         func(*metric.Registry)
	}{
		{"a name twice", "taken is registered already", func(r *metric.Registry) { r.Gauge("taken", "", nil); r.Counters("taken", "") }},
		{"no name", `"" is no name`, register(metric.Desc{Kind: metric.KindGauge})},
		{"a name with a dash", `"a-b" is no name`, register(metric.Desc{Name: "a-b", Kind: metric.KindGauge})},
		{"a name that begins with a digit", `"1a" is no name`, register(metric.Desc{Name: "1a", Kind: metric.KindGauge})},
		{"a help that is no text", `its help is no text`, register(metric.Desc{Name: "a", Help: "\xff", Kind: metric.KindGauge})},
		{"no kind", "a is of no kind", register(metric.Desc{Name: "a"})},
		{"a label with a colon", `the label "b:c"`, register(metric.Desc{Name: "a:b", Kind: metric.KindGauge, Labels: []string{"b:c"}})},
		{"a label of Prometheus'", `the label "__b"`, register(metric.Desc{Name: "a", Kind: metric.KindGauge, Labels: []string{"__b"}})},
		{"a label twice", `the label "b"`, register(metric.Desc{Name: "a", Kind: metric.KindGauge, Labels: []string{"b", "b"}})},
		{"a label of histograms", `the label "le"`, func(r *metric.Registry) { r.Histograms("a", "", nil, "le") }},
		{"three labels", "more than 2 labels", func(r *metric.Registry) { r.Counters("a", "", "b", "c", "d") }},
		{"bounds in no order", "the bounds of a are", func(r *metric.Registry) { r.Histograms("a", "", []float64{1, 1}) }},
		{"a bound that is infinite", "the bounds of a are", func(r *metric.Registry) { r.Histograms("a", "", []float64{1, math.Inf(1)}) }},
		{"too few values", "a has 2 labels, not 1", func(r *metric.Registry) { r.Counters("a", "", "b", "c").With("x") }},
		{"too many values", "a has 1 labels, not 2", func(r *metric.Registry) { r.Counters("a", "", "b").With("x", "y") }},
		{"a value that is no text", "the b of a is no text", func(r *metric.Registry) { r.Counters("a", "", "b").With("\xff") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if err, _ := recover().(error); err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("it ends in %v, want %q", err, c.says)
				}
			}()
			c.do(new(metric.Registry))
		})
	}
}

// TestFailures holds that a scrape fails which cannot be told in full, and the server goes on.
func TestFailures(t *testing.T) {
	t.Parallel()
	a := &metric.Desc{Name: "a", Kind: metric.KindGauge, Labels: []string{"b"}}
	for _, c := range []struct {
		name, says string
		register   func(*metric.Registry)
	}{
		{"a panic", "panic: oh", func(r *metric.Registry) { r.Collect(func(metric.Tell) { panic("oh") }, a) }},
		{"a gauge that panics", "panic: oh", func(r *metric.Registry) { r.Gauge("a", "", func() float64 { panic("oh") }) }},
		{"others that panic", "panic: oh", func(r *metric.Registry) { r.Append(func(io.Writer) { panic("oh") }) }},
		{"a family of nobody", "a is told by who did not register it", func(r *metric.Registry) { r.Collect(func(tell metric.Tell) { tell(a, 1, "x") }) }},
		{"too few values", "a has 1 labels, not 0", func(r *metric.Registry) { r.Collect(func(tell metric.Tell) { tell(a, 1) }, a) }},
		{"a value that is no text", "the b of a is no text", func(r *metric.Registry) { r.Collect(func(tell metric.Tell) { tell(a, 1, "\xff") }, a) }},
		{"a series twice", `a was told twice for ["x"]`, func(r *metric.Registry) {
			r.Collect(func(tell metric.Tell) { tell(a, 1, "x"); tell(a, 2, "y"); tell(a, 1, "x") }, a)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var r metric.Registry
			c.register(&r)
			if _, err := r.Text(); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("the error is %v, want %q", err, c.says)
			}
		})
	}
}

// TestTogether has two who are asked wait for each other: a slow one holds up nobody.
func TestTogether(t *testing.T) {
	t.Parallel()
	var r metric.Registry
	met := make(chan float64)
	r.Gauge("a", "", func() float64 { return <-met })
	r.Gauge("b", "", func() float64 { met <- 1; return 2 })
	families := read(t, &r)
	if a, b := families["a"].Metric[0].Gauge.GetValue(), families["b"].Metric[0].Gauge.GetValue(); a != 1 || b != 2 {
		t.Errorf("they tell %v and %v", a, b)
	}
}

// TestConcurrency counts from many goroutines and scrapes meanwhile: nothing is lost, and each scrape agrees with itself.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	const goroutines, rounds = 8, 10_000
	var r metric.Registry
	counts, sizes := r.Counters("counts_total", "", "a", "b"), r.Histograms("sizes", "", []float64{1, 2, 3}, "a")
	var all sync.WaitGroup
	for range goroutines {
		all.Go(func() {
			for i := range rounds {
				counts.With("x", string(rune('a'+i%5))).Inc()
				sizes.With("x").Observe(float64(i % 5))
			}
		})
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	buckets := func() []uint64 {
		var upTo []uint64
		for _, m := range read(t, &r)["sizes"].GetMetric() {
			for _, b := range m.Histogram.Bucket {
				upTo = append(upTo, b.GetCumulativeCount())
			}
			if last := upTo[len(upTo)-1]; !slices.IsSorted(upTo) || last != m.Histogram.GetSampleCount() {
				t.Errorf("the buckets are %v of %d", upTo, m.Histogram.GetSampleCount())
			}
		}
		return upTo
	}
	for scraping := true; scraping; {
		select {
		case <-done:
			scraping = false
		default:
			buckets()
		}
	}
	const each = goroutines * rounds / 5
	if diff := cmp.Diff([]uint64{2 * each, 3 * each, 4 * each, 5 * each}, buckets()); diff != "" {
		t.Error(diff)
	}
	families := read(t, &r)
	if sum := families["sizes"].Metric[0].Histogram.GetSampleSum(); sum != (0+1+2+3+4)*each {
		t.Errorf("the sum is %v", sum)
	}
	for _, m := range families["counts_total"].Metric {
		if m.Counter.GetValue() != each {
			t.Errorf("%v is counted %v times, want %d", m.Label, m.Counter.GetValue(), each)
		}
	}
}

// TestSum has many observe the same for long enough to get into each other's way, on one core too.
func TestSum(t *testing.T) {
	t.Parallel()
	const goroutines, rounds = 4, 2_000_000
	var r metric.Registry
	sizes := r.Histograms("sizes", "", nil).With()
	var all sync.WaitGroup
	for range goroutines {
		all.Go(func() {
			for range rounds {
				sizes.Observe(.5)
			}
		})
	}
	all.Wait()
	if sum := read(t, &r)["sizes"].Metric[0].Histogram.GetSampleSum(); sum != goroutines*rounds/2 {
		t.Errorf("the sum is %v", sum)
	}
}

// TestOutside observes what no bound is made for.
func TestOutside(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		value        float64
		first, count uint64
	}{
		{"less than all", -5, 1, 1},
		{"the bound itself", 1, 1, 1},
		{"no number", math.NaN(), 0, 1},
		{"infinity", math.Inf(1), 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var r metric.Registry
			r.Histograms("a", "", []float64{1, 2}).With().Observe(c.value)
			h := read(t, &r)["a"].Metric[0].Histogram
			if h.Bucket[0].GetCumulativeCount() != c.first || h.GetSampleCount() != c.count {
				t.Errorf("the buckets are %v", h.Bucket)
			}
			if sum := h.GetSampleSum(); sum != c.value && !math.IsNaN(c.value) {
				t.Errorf("the sum is %v", sum)
			}
		})
	}
}

// FuzzLabels has values of labels come back from the parser as they were told.
func FuzzLabels(f *testing.F) {
	for _, s := range []string{"", "a", `\n`, "\n", `"`, `\`, `}`, "\r", "\x00", "é", "a=\"b\",c", " # HELP"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		a, b = strings.ToValidUTF8(a, "?"), strings.ToValidUTF8(b, "?")
		var r metric.Registry
		r.Counters("a_total", "", "a", "b").With(a, b).Inc()
		m := read(t, &r)["a_total"].Metric[0]
		if got := m.Label[0].GetValue(); got != a {
			t.Errorf("%q became %q", a, got)
		}
		if got := m.Label[1].GetValue(); got != b {
			t.Errorf("%q became %q", b, got)
		}
	})
}
