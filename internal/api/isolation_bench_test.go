package api_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/means"
	"parley/internal/store"
)

// BenchmarkIsolation has many workspaces on one PostgreSQL database, the i-th of them with
// a share of the contacts that is in proportion to 1/i. It measures requests of the small
// ones, those behind the hundredth: while nobody else asks; while 48 clients search
// the largest; and the same with a bound on how many requests of a workspace run at once.
// All is measured three times, by turns.
//
//	PARLEY_BENCH_WORKSPACES=10000 PARLEY_BENCH_CONTACTS=2000000 go test -timeout 3h -run xxx -bench Isolation -benchtime 300x ./internal/api
func BenchmarkIsolation(b *testing.B) {
	workspaces, contacts := number(b, "PARLEY_BENCH_WORKSPACES", 200), number(b, "PARLEY_BENCH_CONTACTS", 20_000)
	w := newCrowd(b, workspaces, contacts)
	type mode struct {
		name          string
		hammers, most int
	}
	for _, tt := range slices.Repeat([]mode{{"quiet", 0, 0}, {"hammered", 48, 0}, {"hammered, 4 at once", 48, 4}}, 3) {
		b.Run(tt.name, func(b *testing.B) {
			r := w.rig.Restarted(b, app.Options{WorkspaceParallel: tt.most}).Unjudged()
			ctx, cancel := context.WithCancel(b.Context())
			var hammering sync.WaitGroup
			var hits atomic.Int64
			for range tt.hammers {
				hammering.Go(func() {
					for ctx.Err() == nil {
						r.Post(b, "/contacts/search", `{"query":{"field":"role","operator":"=","value":"user"},"sort":{"field":"name"}}`, apptest.As(w.token(1)))
						hits.Add(1)
					}
				})
			}
			var mu sync.Mutex
			var took []time.Duration
			began := time.Now()
			b.SetParallelism(2)
			b.RunParallel(func(pb *testing.PB) {
				random := rand.New(rand.NewPCG(1, rand.Uint64()))
				for pb.Next() {
					i := w.pick(random)
					started := time.Now()
					w.ask(b, r, random, i)
					d := time.Since(started)
					mu.Lock()
					took = append(took, d)
					mu.Unlock()
				}
			})
			elapsed := time.Since(began)
			b.StopTimer()
			cancel()
			hammering.Wait()
			slices.Sort(took)
			ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
			b.ReportMetric(ms(took[len(took)/2]), "ms/p50")
			b.ReportMetric(ms(took[len(took)*99/100]), "ms/p99")
			b.ReportMetric(float64(hits.Load())/elapsed.Seconds(), "hot/s")
		})
	}
}

func number(b *testing.B, name string, usual int) int {
	b.Helper()
	text := os.Getenv(name)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	noError(b, err)
	return n
}

// A crowd is a database with many workspaces of very different sizes.
type crowd struct {
	rig   *apptest.Rig
	sizes []int // of the i-th, from 1
	small []int // the sum of the sizes up to each, from the hundredth on
}

// behind are the workspaces that are large.
const behind = 100

func (w *crowd) token(i int) string { return fmt.Sprint("token-", i) }

func newCrowd(b *testing.B, workspaces, contacts int) *crowd {
	b.Helper()
	d, err := db.Open(b.Context(), db.Options{URL: means.Postgres(b), Migrations: store.Migrations()})
	noError(b, err)
	b.Cleanup(func() { d.Close() })
	w := &crowd{rig: apptest.On(b, d), sizes: make([]int, workspaces+1)}
	harmonic, sum := 0.0, 0
	for i := range workspaces {
		harmonic += 1 / float64(i+1)
	}
	for i := 1; i <= workspaces; i++ {
		w.sizes[i] = max(10, int(float64(contacts)/harmonic/float64(i)))
		if i > behind {
			sum += w.sizes[i]
			w.small = append(w.small, sum)
		}
	}
	apptest.Unindexed(b, d, func() { noError(b, d.Update(context.Background(), w.fill)) })
	return w
}

// fill writes the workspaces.
func (w *crowd) fill(tx *db.Tx) error {
	if err := tx.Unhurried(); err != nil {
		return err
	}
	var sizes []string
	for _, n := range w.sizes[1:] {
		sizes = append(sizes, strconv.Itoa(n))
	}
	for _, text := range []string{
		`CREATE TABLE crowd AS SELECT 'w' || i AS ws, i, n FROM unnest(ARRAY[` + strings.Join(sizes, ",") + `]) WITH ORDINALITY AS s (n, i)`,
		`INSERT INTO workspaces (id, name, timezone, region, secret, created_at) SELECT ws, ws, 'UTC', 'US', repeat('0', 64), 1 FROM crowd`,
		`INSERT INTO admins (workspace_id, id, name, email, job_title, avatar, away_mode_enabled, away_mode_reassign, has_inbox_seat, owner, created_at, updated_at)
			SELECT ws, 1, 'Ann', 'ann@acme.test', '', '', FALSE, FALSE, TRUE, TRUE, 1, 1 FROM crowd`,
		`INSERT INTO access_tokens (token_hash, workspace_id, admin_id, name, created_at)
			SELECT encode(sha256(convert_to('token-' || i, 'UTF8')), 'hex'), ws, 1, '', 1 FROM crowd`,
		`INSERT INTO contacts (workspace_id, id, role, external_id, external_id_fold, email, email_fold, email_domain, name, name_fold,
				unsubscribed_from_emails, marked_email_as_spam, has_hard_bounced, created_at, updated_at, session_count, profile, attributes, searchable)
			SELECT ws, '65' || lpad(to_hex(k), 22, '0'), 'user', 'u-' || k, 'u-' || k, 'p' || k || '@x.test', 'p' || k || '@x.test', 'x.test',
				'Person ' || k, 'person ' || k, FALSE, FALSE, FALSE, 1700000000 + k, 1700000000 + k, 0, '{}', '{}', '{}'
			FROM crowd, generate_series(1, n) k`,
	} {
		if _, err := tx.Exec(text); err != nil {
			return fmt.Errorf("%w: %.100s", err, text)
		}
	}
	return nil
}

// pick draws a small workspace, a larger one more often.
func (w *crowd) pick(random *rand.Rand) int {
	at, _ := slices.BinarySearch(w.small, random.IntN(w.small[len(w.small)-1])+1)
	return at + behind + 1
}

// ask makes one request of a mix: of ten, three searches, two lists, four reads, and one
// that writes.
func (w *crowd) ask(b *testing.B, r *apptest.Rig, random *rand.Rand, i int) {
	as, k := apptest.As(w.token(i)), random.IntN(w.sizes[i])+1
	switch random.IntN(10) {
	case 0, 1, 2:
		r.Post(b, "/contacts/search", fmt.Sprintf(`{"query":{"field":"email","operator":"=","value":"p%d@x.test"}}`, k), as).OK()
	case 3, 4:
		r.Get(b, "/contacts?per_page=20", as).OK()
	case 5:
		r.Put(b, fmt.Sprintf("/contacts/65%022x", k), `{"phone":"+15550100"}`, as).OK()
	default:
		r.Get(b, fmt.Sprintf("/contacts/65%022x", k), as).OK()
	}
}
