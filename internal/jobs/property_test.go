package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/internal/db"
	"parley/internal/jobs"
)

// A memory is a job as the test remembers it.
type memory struct {
	name, key    string
	attempt      int
	runAt, lease int64 // lease is 0 for none
	dead         bool
}

func (m *memory) due() int64 {
	if m.lease != 0 {
		return m.lease
	}
	return m.runAt
}

// A model is what the queue ought to hold. jobs are in the order they were
// enqueued.
type model struct {
	jobs []*memory
}

func (m *model) drop(gone *memory) {
	m.jobs = slices.DeleteFunc(m.jobs, func(j *memory) bool { return j == gone })
}

func (m *model) byKey(key string) *memory {
	for _, j := range m.jobs {
		if key != "" && j.key == key {
			return j
		}
	}
	return nil
}

// claim takes what a claim ought to take.
func (m *model) claim(now, until int64, most int) []*memory {
	var all []*memory
	for _, j := range m.jobs {
		if !j.dead && j.due() <= now {
			all = append(all, j)
		}
	}
	slices.SortStableFunc(all, func(a, b *memory) int { return int(a.due() - b.due()) })
	all = all[:min(most, len(all))]
	for _, j := range all {
		j.attempt++
		j.lease = until
	}
	return all
}

// A holding is what a worker got, who may come back with it at any time.
type holding struct {
	job     *jobs.Job
	memory  *memory
	attempt int
}

// Whatever is enqueued, claimed, cancelled and ended in whatever order, late
// workers among them, the queue gives out what a simple list would.
func TestQueueAgreesWithAList(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		rapid.Check(t, func(rt *rapid.T) {
			must(t, b.db.Update(ctx, func(tx *db.Tx) error { _, err := tx.Exec(`DELETE FROM jobs`); return err }))
			var m model
			var held []holding
			names := 0
			keys := rapid.SampledFrom([]string{"", "", "k", "l"})
			end := func(rt *rapid.T, what string, settle func(holding) (bool, error), effect func(*memory)) {
				if len(held) == 0 {
					rt.Skip("nothing was claimed")
				}
				h := rapid.SampledFrom(held).Draw(rt, "holding")
				ok, err := settle(h)
				must(t, err)
				want := slices.Contains(m.jobs, h.memory) && h.memory.attempt == h.attempt
				if ok != want {
					rt.Fatalf("%s of %s, attempt %d: held %v, want %v", what, h.memory.name, h.attempt, ok, want)
				}
				if want {
					effect(h.memory)
				}
			}
			rt.Repeat(map[string]func(*rapid.T){
				"enqueue": func(rt *rapid.T) {
					names++
					j := &memory{name: fmt.Sprint(names), key: keys.Draw(rt, "key")}
					j.runAt = b.in(time.Duration(rapid.IntRange(-5, 90).Draw(rt, "in")) * time.Second)
					m.drop(m.byKey(j.key))
					m.jobs = append(m.jobs, j)
					b.mail(t, j.name, j.key, j.runAt)
				},
				"roll back": func(*rapid.T) {
					sentinel := errors.New("no")
					err := b.db.Update(ctx, func(tx *db.Tx) error {
						if err := b.Enqueue(tx, jobs.Request{Workspace: "one", Kind: "mail", Key: "k", Payload: letter{"nobody"}}); err != nil {
							return err
						}
						return sentinel
					})
					if err != sentinel {
						t.Fatal(err)
					}
				},
				"cancel": func(rt *rapid.T) {
					key := keys.Draw(rt, "key")
					m.drop(m.byKey(key))
					must(t, b.db.Update(ctx, func(tx *db.Tx) error { return b.Cancel(tx, "one", "mail", key) }))
				},
				"claim": func(rt *rapid.T) {
					most := rapid.IntRange(1, 3).Draw(rt, "most")
					claimed := b.claim(t, most)
					remembered := m.claim(b.in(0), b.in(time.Minute), most)
					var got, want []string
					for _, j := range claimed {
						got = append(got, fmt.Sprint(to(t, []*jobs.Job{j}), " ", j.Attempt))
						for _, r := range remembered {
							if r.name == to(t, []*jobs.Job{j}) {
								held = append(held, holding{j, r, r.attempt})
							}
						}
					}
					for _, j := range remembered {
						want = append(want, fmt.Sprint(j.name, " ", j.attempt))
					}
					slices.Sort(got) // the order within a claim is that of run_at
					slices.Sort(want)
					if !slices.Equal(got, want) {
						rt.Fatalf("claimed %v, want %v", got, want)
					}
				},
				"complete": func(rt *rapid.T) {
					end(rt, "complete", func(h holding) (bool, error) { return b.Complete(ctx, h.job) }, m.drop)
				},
				"retry": func(rt *rapid.T) {
					at := b.in(time.Duration(rapid.IntRange(0, 90).Draw(rt, "in")) * time.Second)
					end(rt, "retry", func(h holding) (bool, error) { return b.Retry(ctx, h.job, errors.New("oh"), at) },
						func(j *memory) { j.runAt, j.lease = at, 0 })
				},
				"bury": func(rt *rapid.T) {
					end(rt, "bury", func(h holding) (bool, error) { return b.Bury(ctx, h.job, errors.New("oh")) },
						func(j *memory) { j.lease, j.dead = 0, true })
				},
				"time passes": func(rt *rapid.T) {
					b.pass(time.Duration(rapid.IntRange(1, 40).Draw(rt, "seconds")) * time.Second)
				},
				"": func(rt *rapid.T) {
					var want jobs.Counts
					var names []string
					for _, j := range m.jobs {
						names = append(names, fmt.Sprintf("%+v", *j))
						switch {
						case j.dead:
							want.Dead++
						case j.due() <= b.in(0):
							want.Due++
						default:
							want.Waiting++
						}
					}
					if got := b.counts(t); got != want {
						rt.Fatalf("%+v, want %+v:\n%s", got, want, strings.Join(names, "\n"))
					}
				},
			})
		})
	})
}
