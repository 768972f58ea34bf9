package api_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/means"
	"parley/internal/store"
)

// mostWriters is how many clients write at once in BenchmarkWriters, at most. The
// pool has a connection for each, so that nothing but the database holds them up.
const mostWriters = 64

// BenchmarkWriters has clients write at once: all of them in one workspace, and each
// in its own, which tells what it would be if nobody stood in another's way. Each has
// a contact and conversations that the others leave alone. It reports which part of
// the clients waited for a lock of the database, on average over the run.
func BenchmarkWriters(b *testing.B) {
	for _, name := range []string{"sqlite", "postgres"} {
		b.Run(name, func(b *testing.B) {
			o := db.Options{Migrations: store.Migrations(), MaxConns: mostWriters + 16}
			if name == "sqlite" {
				o.Path = filepath.Join(b.TempDir(), "parley.db")
			} else {
				o.URL = means.Postgres(b)
			}
			d, err := db.Open(context.Background(), o)
			noError(b, err)
			b.Cleanup(func() { noError(b, d.Close()) })
			r := apptest.On(b, d).Unjudged()
			shared := newHome(b, r)
			together, apart := make([]*writer, mostWriters), make([]*writer, mostWriters)
			for i := range mostWriters {
				together[i], apart[i] = newWriter(b, shared), newWriter(b, newHome(b, r.Elsewhere(b)))
			}
			for _, w := range writings {
				for _, n := range []int{1, 16, mostWriters} {
					b.Run(fmt.Sprintf("%s/%d/one workspace", w.name, n), func(b *testing.B) { haveWritten(b, together[:n], w.write) })
					b.Run(fmt.Sprintf("%s/%d/%d workspaces", w.name, n, n), func(b *testing.B) { haveWritten(b, apart[:n], w.write) })
				}
			}
		})
	}
}

// A home is a workspace with what its writers share.
type home struct {
	r               *apptest.Rig
	kind, tag, page string
	made            atomic.Int64
}

func newHome(b *testing.B, r *apptest.Rig) *home {
	b.Helper()
	article := newArticle(b, r, object{"title": "How it works", "state": "published"})
	return &home{r: r, kind: r.Post(b, "/ticket_types", `{"name":"Bug"}`).OK().ID(), tag: r.Post(b, "/tags", `{"name":"vip"}`).OK().ID(),
		page: r.Get(b, "/articles/"+article).OK().At("url").(string)}
}

// A writer is a client with what it alone writes to.
type writer struct {
	*home
	contact string
	talks   []*talk
	n       int // of what it has written
}

func newWriter(b *testing.B, h *home) *writer {
	b.Helper()
	w := &writer{home: h}
	for range 8 {
		w.talks = append(w.talks, newTalk(b, h.r))
	}
	w.contact = w.talks[0].contact
	return w
}

// writings are what a writer may do, once a call.
var writings = []struct {
	name  string
	write func(w *writer, b *testing.B)
}{
	{"contact", (*writer).createContact},
	{"conversation", (*writer).begin},
	{"conversation from an article", (*writer).ask},
	{"reply", (*writer).reply},
	{"ticket", (*writer).createTicket},
	{"event", (*writer).track},
	{"tag", (*writer).label},
	{"close and snooze", (*writer).turn},
	{"mixed", func(w *writer, b *testing.B) {
		all := []func(*writer, *testing.B){(*writer).createContact, (*writer).begin, (*writer).reply, (*writer).createTicket,
			(*writer).track, (*writer).label, (*writer).turn}
		all[w.n/7%len(all)](w, b)
	}},
}

func (w *writer) createContact(b *testing.B) {
	w.r.Post(b, "/contacts", benchPerson(w.made.Add(1))).OK()
}

func (w *writer) begin(b *testing.B) {
	w.r.Post(b, "/conversations", object{"from": object{"type": "user", "id": w.contact}, "body": "Hello"}).OK()
}

func (w *writer) ask(b *testing.B) {
	w.r.Post(b, "/messages", object{"from": object{"type": "user", "id": w.contact}, "body": "Hello", "referer": w.page}).OK()
}

func (w *writer) talk() *talk { return w.talks[w.n%len(w.talks)] }

func (w *writer) reply(b *testing.B) { w.talk().does(b, "comment", "body", "Hello").OK() }

func (w *writer) createTicket(b *testing.B) {
	w.r.Post(b, "/tickets", object{"ticket_type_id": w.kind, "contacts": []object{{"id": w.contact}}}).OK()
}

func (w *writer) track(b *testing.B) {
	w.r.Post(b, "/events", object{"event_name": "opened", "created_at": apptest.Start.Unix() - w.made.Add(1), "id": w.contact}).Is(202)
}

func (w *writer) label(b *testing.B) {
	path := "/contacts/" + w.talk().contact + "/tags"
	if w.n/len(w.talks)%2 == 0 {
		w.r.Post(b, path, object{"id": w.tag}).OK()
	} else {
		w.r.Delete(b, path+"/"+w.tag, nil)
	}
}

func (w *writer) turn(b *testing.B) {
	switch w.n / len(w.talks) % 3 {
	case 0:
		w.talk().does(b, "close").OK()
	case 1:
		w.talk().does(b, "open").OK()
	default:
		w.talk().does(b, "snoozed", "snoozed_until", apptest.Start.Unix()+3600).OK()
	}
}

// haveWritten has the writers share b.N writes, and reports how long they took.
func haveWritten(b *testing.B, writers []*writer, write func(*writer, *testing.B)) {
	var left atomic.Int64
	left.Store(int64(b.N))
	took := make([][]time.Duration, len(writers))
	locks := watchLocks(b, writers[0].r.Database)
	b.ResetTimer()
	var all sync.WaitGroup
	for i, w := range writers {
		all.Go(func() {
			for ; left.Add(-1) >= 0; w.n++ {
				began := time.Now()
				write(w, b)
				took[i] = append(took[i], time.Since(began))
			}
		})
	}
	all.Wait()
	b.StopTimer()
	locks(len(writers))
	each := slices.Concat(took...)
	slices.Sort(each)
	ms := func(part int) float64 { return float64(each[(len(each)-1)*part/100].Microseconds()) / 1000 }
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
	b.ReportMetric(ms(50), "p50-ms")
	b.ReportMetric(ms(99), "p99-ms")
	b.ReportMetric(0, "ns/op") // the clients', not that of one
}

// watchLocks asks PostgreSQL again and again who waits for a lock that another
// transaction holds, until the returned function is called.
func watchLocks(b *testing.B, d *db.DB) (report func(writers int)) {
	if !d.Dialect().Shared() {
		return func(int) {}
	}
	end := make(chan struct{})
	var looks, waiting, members int64
	look := func() (age int64) {
		noError(b, d.View(context.Background(), func(tx *db.Tx) error {
			var n int64
			err := tx.QueryRow(`SELECT count(*), mxid_age('1') FROM pg_stat_activity
				WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n, &age)
			looks, waiting = looks+1, waiting+n
			return err
		}))
		return age
	}
	members = look()
	var done sync.WaitGroup
	done.Go(func() {
		every := time.NewTicker(5 * time.Millisecond)
		defer every.Stop()
		for {
			select {
			case <-end:
				return
			case <-every.C:
				look()
			}
		}
	})
	return func(writers int) {
		close(end)
		done.Wait()
		b.ReportMetric(100*float64(waiting)/float64(looks)/float64(writers), "%waiting")
		b.ReportMetric(float64(look()-members)/float64(b.N), "multixacts/op")
	}
}
