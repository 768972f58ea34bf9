package api_test

import (
	"context"
	"slices"
	"strconv"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/means"
)

// smallSeed is what a test of an integration may need.
const smallSeed = `
admins: [{email: ann@acme.test, name: Ann}]
tags: [vip, lead]
companies: [{company_id: acme, name: Acme}]
contacts:
  - {external_id: "1", email: joe@acme.test, name: Joe, tags: [vip], companies: [acme]}
  - {external_id: "2", email: eve@acme.test, name: Eve}
`

// beside is how many other workspaces there are.
const beside = 1000

// BenchmarkCreateWorkspace makes workspaces for tests beside a thousand others: of nothing, of a small seed and of the example company. Without spares all rows are written then. With two of each, requests come apart from each other, so that more can be made
// between them, or one right after the other, which is more than can be made.
func BenchmarkCreateWorkspace(b *testing.B) {
	benchWorkspaces(b, func(b *testing.B, without, with *apptest.Rig, body object, apart time.Duration) {
		b.Run("without", func(b *testing.B) {
			measure(b, func() { without.Post(b, "/_parley/workspaces", body).OK() }, func() { time.Sleep(apart) })
		})
		b.Run("apart", func(b *testing.B) {
			measure(b, func() { with.Post(b, "/_parley/workspaces", body).OK() }, func() { time.Sleep(apart) })
		})
		b.Run("at-once", func(b *testing.B) {
			measure(b, func() { with.Post(b, "/_parley/workspaces", body).OK() })
		})
	})
}

// BenchmarkReset brings such a workspace back after a contact was added: one that was made of a spare, where others are made of spares meanwhile, and
// one without.
func BenchmarkReset(b *testing.B) {
	benchWorkspaces(b, func(b *testing.B, without, with *apptest.Rig, body object, apart time.Duration) {
		reset := func(b *testing.B, dev *apptest.Rig, before func()) {
			made := dev.Post(b, "/_parley/workspaces", body).OK()
			token := apptest.As(made.At("access_token").(string))
			measure(b, func() { dev.Post(b, "/_parley/workspaces/"+made.ID()+"/reset", nil).OK() },
				before, func() { dev.Post(b, "/contacts", object{"email": "new@acme.test"}, token).OK() })
		}
		b.Run("alone", func(b *testing.B) { reset(b, without, func() {}) })
		b.Run("beside", func(b *testing.B) { reset(b, with, func() { with.Post(b, "/_parley/workspaces", body).OK() }) })
	})
}

// benchWorkspaces runs a benchmark on servers without and with spares, which have databases of their own. apart is a time in which
// a spare can be made.
func benchWorkspaces(b *testing.B, run func(b *testing.B, without, with *apptest.Rig, body object, apart time.Duration)) {
	databases := map[string]func(b *testing.B) app.Options{
		"sqlite":   func(b *testing.B) app.Options { return app.Options{Data: b.TempDir()} },
		"postgres": func(b *testing.B) app.Options { return app.Options{Database: means.Postgres(b)} },
	}
	for name, database := range databases {
		b.Run(name, func(b *testing.B) {
			start := func(spares int) *apptest.Rig {
				d, err := app.OpenDatabase(b.Context(), database(b))
				if err != nil {
					b.Fatal(err)
				}
				b.Cleanup(func() { d.Close() })
				r := apptest.On(b, d).Restarted(b, app.Options{Spares: spares}).Unjudged()
				r.Start()
				b.Cleanup(func() { r.StopJobs(context.Background()) })
				dev := r.AsDeveloper()
				for range beside {
					dev.Post(b, "/_parley/workspaces", object{"seed": smallSeed}).OK()
				}
				return dev
			}
			without, with := start(0), start(2)
			for _, of := range []struct {
				name  string
				body  object
				apart time.Duration
			}{{"nothing", object{}, 50 * time.Millisecond}, {"seed", object{"seed": smallSeed}, 50 * time.Millisecond}, {"demo", object{"seed": "demo"}, time.Second}} {
				for _, dev := range []*apptest.Rig{without, with} {
					dev.Post(b, "/_parley/workspaces", of.body).OK()
				}
				b.Run(of.name, func(b *testing.B) { run(b, without, with, of.body, of.apart) })
			}
		})
	}
}

// measure times calls, each after what comes before it, and reports the half and the 99th of a hundred of them.
func measure(b *testing.B, call func(), before ...func()) {
	var took []time.Duration
	for b.Loop() {
		for _, f := range before {
			f()
		}
		began := time.Now()
		call()
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	for _, percent := range []int{50, 99} {
		b.ReportMetric(float64(took[len(took)*percent/100].Microseconds())/1000, "p"+strconv.Itoa(percent)+"-ms")
	}
}
