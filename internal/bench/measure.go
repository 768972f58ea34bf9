package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"
)

// measure runs every operation with every number of connections, the targets by turns.
func (s *stage) measure(ctx context.Context) error {
	for _, op := range s.operations() {
		targets := s.targets
		if len(targets) > 1 && targets[1].bare && !op.bare {
			targets = targets[:1] // there is nothing to compare with
		}
		for _, n := range s.Connections {
			s.Progress(fmt.Sprintf("%s, %d at once", op.name, n))
			if err := s.compare(ctx, op, n, targets); err != nil {
				return fmt.Errorf("%s, %d at once: %w", op.name, n, err)
			}
		}
	}
	return nil
}

// compare measures one operation with so many connections.
func (s *stage) compare(ctx context.Context, op operation, n int, targets []*target) error {
	tallies := make([]tally, len(targets))
	for i, t := range targets {
		if err := t.staff(n); err != nil {
			return err
		}
		if err := t.warm(ctx, op, n, s.Turn/4); err != nil {
			return fmt.Errorf("%s: %w", t.told.Name, err)
		}
		tallies[i].ready(t, op, n)
	}
	for !s.done(tallies) {
		for i, t := range targets {
			if err := tallies[i].turn(ctx, t, s.Turn); err != nil {
				return fmt.Errorf("%s: %w", t.told.Name, err)
			}
		}
	}
	row := Row{Operation: op.name, Connections: n}
	for i := range tallies {
		row.Figures = append(row.Figures, tallies[i].figures(targets[i]))
	}
	if len(tallies) > 1 {
		ratio := ratioOf(tallies[0].rates, tallies[1].rates)
		ratio.CPU = quotient(row.Figures[0].ServerCPU, row.Figures[1].ServerCPU)
		row.Ratio = &ratio
	}
	s.report.Rows = append(s.report.Rows, row)
	return nil
}

// done reports whether all were measured for long enough, and often enough for a ratio.
func (s *stage) done(tallies []tally) bool {
	for i := range tallies {
		if t := &tallies[i]; t.elapsed < s.Time || len(tallies) > 1 && len(t.rates) < minPairs {
			return false
		}
	}
	return true
}

// warm runs an operation without counting it: connections, caches and plans are there when it counts.
func (t *target) warm(ctx context.Context, op operation, n int, long time.Duration) error {
	var lost tally
	lost.ready(t, op, n)
	return lost.turn(ctx, t, long)
}

// A tally is what was measured of one target so far.
type tally struct {
	run     []func() error // of each worker
	times   []time.Duration
	rates   []float64 // operations a second, of each turn
	elapsed time.Duration
	asked   int64
	looked  int64
	server  usage
	client  usage
}

func (m *tally) ready(t *target, op operation, n int) {
	for _, w := range t.workers[:n] {
		w.unread = 0
		m.run = append(m.run, op.ready(w))
	}
}

// turn has the workers of a target go on for so long, and until the last of them has its answer.
func (m *tally) turn(ctx context.Context, t *target, long time.Duration) error {
	workers := t.workers[:len(m.run)]
	taken := make([][]time.Duration, len(m.run))
	errs := make([]error, len(m.run))
	asked, looked := counted(workers)
	server, client := t.used(), ownUsage()
	var all sync.WaitGroup
	began := time.Now()
	for i, run := range m.run {
		all.Go(func() {
			for now := began; ; {
				if errs[i] = run(); errs[i] != nil {
					return
				}
				then := time.Now()
				taken[i] = append(taken[i], then.Sub(now))
				if now = then; now.Sub(began) >= long || ctx.Err() != nil {
					return
				}
			}
		})
	}
	all.Wait()
	elapsed := time.Since(began)
	m.server.add(server, t.used())
	m.client.add(client, ownUsage())
	if err := errors.Join(ctx.Err(), firstOf(errs)); err != nil {
		return err
	}
	count := 0
	for _, some := range taken {
		m.times = append(m.times, some...)
		count += len(some)
	}
	m.elapsed += elapsed
	m.rates = append(m.rates, float64(count)/elapsed.Seconds())
	nowAsked, nowLooked := counted(workers)
	m.asked, m.looked = m.asked+nowAsked-asked, m.looked+nowLooked-looked
	return nil
}

func counted(workers []*worker) (asked, looked int64) {
	for _, w := range workers {
		asked, looked = asked+w.asked, looked+w.looked
	}
	return asked, looked
}

// firstOf is one of the errors: what one worker is told wrong, the others mostly are too.
func firstOf(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *tally) figures(t *target) Figures {
	slices.Sort(m.times)
	f := Figures{Count: len(m.times), Requests: m.asked, Checked: m.looked, PerSecond: float64(len(m.times)) / m.elapsed.Seconds(),
		P50: percentile(m.times, 50).Seconds(), P95: percentile(m.times, 95).Seconds(), P99: percentile(m.times, 99).Seconds(),
		ServerCPU: m.server.each(m.asked), ClientCPU: m.client.each(m.asked)}
	f.Memory, _ = t.memory()
	return f
}

// percentile is the least of the times, which are sorted, that so many of a hundred do not exceed.
func percentile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[max(rank, 1)-1]
}

// ratioOf compares two targets turn by turn: how many times as much the first did.
func ratioOf(first, second []float64) Ratio {
	var all []float64
	for i := range min(len(first), len(second)) {
		if second[i] > 0 {
			all = append(all, first[i]/second[i])
		}
	}
	if len(all) == 0 {
		return Ratio{}
	}
	slices.Sort(all)
	return Ratio{Pairs: len(all), Median: between(all, 0.5), Low: between(all, 0.25), High: between(all, 0.75)}
}

// between is what lies so far between the first and the last of numbers that are sorted.
func between(sorted []float64, share float64) float64 {
	at := share * float64(len(sorted)-1)
	i := int(at)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// quotient is nil where one of the two is not known, or nothing.
func quotient(a, b *float64) *float64 {
	if a == nil || b == nil || *b == 0 {
		return nil
	}
	q := *a / *b
	return &q
}
