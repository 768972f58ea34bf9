package metric

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
)

// maxLabels is how many labels a Vec has at most.
const maxLabels = 2

// A Vec has a Counter or a Histogram for each combination of values of its labels. It is safe for concurrent use.
type Vec[S Counter | Histogram] struct {
	desc   *Desc
	fresh  func() *S
	series sync.Map // of *S by [maxLabels]string
}

// Counters registers a family of counters.
func (r *Registry) Counters(name, help string, labels ...string) *Vec[Counter] {
	v := newVec(&Desc{name, help, KindCounter, labels}, func() *Counter { return new(Counter) })
	v.register(r, func(c *Counter) series { return series{value: float64(c.count.Load())} })
	return v
}

// Histograms registers a family of histograms. Their buckets are bounded by bounds, in ascending order, and by
// infinity.
func (r *Registry) Histograms(name, help string, bounds []float64, labels ...string) *Vec[Histogram] {
	bounds = slices.Clone(bounds)
	for i, bound := range bounds {
		if math.IsNaN(bound) || math.IsInf(bound, 0) || i > 0 && bounds[i-1] >= bound {
			panic(fmt.Errorf("metric: the bounds of %s are %v", name, bounds))
		}
	}
	v := newVec(&Desc{name, help, kindHistogram, labels}, func() *Histogram {
		return &Histogram{bounds: bounds, counts: make([]atomic.Uint64, len(bounds)+1)}
	})
	v.register(r, func(h *Histogram) series { return series{histogram: h} })
	return v
}

func newVec[S Counter | Histogram](d *Desc, fresh func() *S) *Vec[S] {
	if len(d.Labels) > maxLabels {
		panic(fmt.Errorf("metric: %s has more than %d labels", d.Name, maxLabels))
	}
	return &Vec[S]{desc: d, fresh: fresh}
}

func (v *Vec[S]) register(r *Registry, read func(*S) series) {
	r.register(source{[]*Desc{v.desc}, func(tell func(*Desc, series)) {
		v.series.Range(func(k, s any) bool {
			key, one := k.([maxLabels]string), read(s.(*S))
			one.labels = key[:len(v.desc.Labels)]
			tell(v.desc, one)
			return true
		})
	}})
}

// With is the one of these values of the labels, in their order. It is told from then on. With panics where they do
// not fit. It neither waits nor allocates once it was called with them.
func (v *Vec[S]) With(labels ...string) *S {
	var key [maxLabels]string
	if len(labels) == len(v.desc.Labels) {
		copy(key[:], labels)
		if s, ok := v.series.Load(key); ok {
			return s.(*S)
		}
	}
	return v.add(slices.Clone(labels))
}

// add is With for values that are new.
func (v *Vec[S]) add(labels []string) *S {
	if err := v.desc.fit(labels); err != nil {
		panic(err)
	}
	var key [maxLabels]string
	for i, l := range labels {
		key[i] = strings.Clone(l) // it may be part of something large
	}
	s, _ := v.series.LoadOrStore(key, v.fresh())
	return s.(*S)
}

// A Counter only grows.
type Counter struct{ count atomic.Uint64 }

// Inc counts one more.
func (c *Counter) Inc() { c.count.Add(1) }

// A Histogram counts observations by how large they are.
type Histogram struct {
	bounds []float64
	counts []atomic.Uint64 // of each bucket alone, the last of what is beyond all bounds
	sum    atomic.Uint64   // the bits of a float64
}

// Observe counts one more, of that size.
func (h *Histogram) Observe(value float64) {
	h.counts[sort.SearchFloat64s(h.bounds, value)].Add(1) // NaN is beyond all bounds
	for {
		before := h.sum.Load()
		if h.sum.CompareAndSwap(before, math.Float64bits(math.Float64frombits(before)+value)) {
			return
		}
	}
}
