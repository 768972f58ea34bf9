// Package metric keeps counters and histograms, and writes them in Prometheus' text
// format with what others tell when they are asked.
// It must not know what is measured.
package metric

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// A Kind says what the values of a family are.
type Kind string

const (
	KindCounter   Kind = "counter"
	KindGauge     Kind = "gauge"
	kindHistogram Kind = "histogram"
)

// A Desc describes a family of series, which differ by the values of its labels.
type Desc struct {
	Name, Help string
	Kind       Kind
	Labels     []string
}

// A Tell takes a value of a family, with those of its labels in their order. It panics
// where the family was not registered with who tells, or the labels do not fit.
type Tell func(d *Desc, value float64, labels ...string)

// A Registry knows all that is measured. The zero value knows nothing yet.
type Registry struct {
	mu      sync.Mutex
	names   map[string]bool
	sources []source
	texts   []func(io.Writer)
}

// A source tells the series of some families at each scrape.
type source struct {
	descs   []*Desc
	collect func(tell func(*Desc, series))
}

// A series has a value, or a histogram.
type series struct {
	labels    []string
	value     float64
	histogram *Histogram
}

// Collect has collect asked at each scrape for the families described. Others are asked
// meanwhile, and it may be asked again before it is done. It panics where a name is taken, as
// do all who register, or a description is wrong.
func (r *Registry) Collect(collect func(Tell), descs ...*Desc) {
	r.register(source{descs, func(tell func(*Desc, series)) {
		collect(func(d *Desc, value float64, labels ...string) { tell(d, series{labels: labels, value: value}) })
	}})
}

// Gauge has value asked at each scrape.
func (r *Registry) Gauge(name, help string, value func() float64) {
	d := &Desc{Name: name, Help: help, Kind: KindGauge}
	r.Collect(func(tell Tell) { tell(d, value()) }, d)
}

// Append has write add to each scrape what another library measures, in the same format.
func (r *Registry) Append(write func(io.Writer)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.texts = append(r.texts, write)
}

func (r *Registry) register(s source) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, d := range s.descs {
		if err := d.check(); err != nil {
			panic(err)
		}
		if r.names[d.Name] {
			panic(fmt.Errorf("metric: %s is registered already", d.Name))
		}
		if r.names == nil {
			r.names = map[string]bool{}
		}
		r.names[d.Name] = true
	}
	r.sources = append(r.sources, s)
}

// check finds what Prometheus would not read.
func (d *Desc) check() error {
	if !isName(d.Name, true) || !utf8.ValidString(d.Help) {
		return fmt.Errorf("metric: %q is no name, or its help is no text", d.Name)
	}
	if d.Kind != KindCounter && d.Kind != KindGauge && d.Kind != kindHistogram {
		return fmt.Errorf("metric: %s is of no kind", d.Name)
	}
	for i, l := range d.Labels {
		if !isName(l, false) || strings.HasPrefix(l, "__") || l == "le" && d.Kind == kindHistogram || slices.Contains(d.Labels[:i], l) {
			return fmt.Errorf("metric: %s cannot have the label %q", d.Name, l)
		}
	}
	return nil
}

func isName(s string, colons bool) bool {
	for i, c := range []byte(s) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || colons && c == ':'
		if !letter && (i == 0 || c < '0' || '9' < c) {
			return false
		}
	}
	return s != ""
}

// fit finds values of labels that a family cannot have.
func (d *Desc) fit(labels []string) error {
	if len(labels) != len(d.Labels) {
		return fmt.Errorf("metric: %s has %d labels, not %d", d.Name, len(d.Labels), len(labels))
	}
	for i, l := range labels {
		if !utf8.ValidString(l) {
			return fmt.Errorf("metric: the %s of %s is no text", d.Labels[i], d.Name)
		}
	}
	return nil
}

// Text is everything at this moment: families by name, series by the values of their labels, and
// then what is appended. A family without series is left out. Whoever panics when asked makes it
// an error, which is for a log.
func (r *Registry) Text() ([]byte, error) {
	r.mu.Lock()
	sources, texts := slices.Clone(r.sources), slices.Clone(r.texts)
	r.mu.Unlock()

	told := make([]map[*Desc][]series, len(sources))
	errs := make([]error, len(sources)+len(texts))
	var all sync.WaitGroup
	for i, s := range sources { // at once: some ask a database that may be slow
		all.Go(func() { errs[i] = guard(func() { told[i] = s.ask() }) })
	}
	var others bytes.Buffer
	for i, write := range texts {
		errs[len(sources)+i] = guard(func() { write(&others) })
	}
	all.Wait()

	families := map[*Desc][]series{}
	for _, t := range told {
		maps.Copy(families, t) // no two sources share a family
	}
	var b bytes.Buffer
	for _, d := range slices.SortedFunc(maps.Keys(families), func(a, b *Desc) int { return strings.Compare(a.Name, b.Name) }) {
		of := families[d]
		slices.SortFunc(of, func(a, b series) int { return slices.Compare(a.labels, b.labels) })
		for i := range of[1:] {
			if slices.Equal(of[i].labels, of[i+1].labels) {
				errs = append(errs, fmt.Errorf("metric: %s was told twice for %q", d.Name, of[i].labels))
			}
		}
		writeFamily(&b, d, of)
	}
	b.Write(others.Bytes())
	return b.Bytes(), errors.Join(errs...)
}

// ask gathers the series of a source.
func (s source) ask() map[*Desc][]series {
	told := map[*Desc][]series{}
	s.collect(func(d *Desc, one series) {
		if !slices.Contains(s.descs, d) {
			panic(fmt.Errorf("metric: %s is told by who did not register it", d.Name))
		}
		if err := d.fit(one.labels); err != nil {
			panic(err)
		}
		told[d] = append(told[d], one)
	})
	return told
}

// guard turns a panic into an error.
func guard(f func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	f()
	return nil
}
