package api_test

import (
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

// BenchmarkCreateWorkspace makes workspaces for tests beside a thousand others: of nothing,
// of a small seed and of the example company.
func BenchmarkCreateWorkspace(b *testing.B) {
	benchWorkspaces(b, func(b *testing.B, dev *apptest.Rig, body object) {
		measure(b, func() { dev.Post(b, "/_parley/workspaces", body).OK() })
	})
}

// BenchmarkReset brings such a workspace back after a contact was added.
func BenchmarkReset(b *testing.B) {
	benchWorkspaces(b, func(b *testing.B, dev *apptest.Rig, body object) {
		made := dev.Post(b, "/_parley/workspaces", body).OK()
		token := apptest.As(made.At("access_token").(string))
		measure(b, func() { dev.Post(b, "/_parley/workspaces/"+made.ID()+"/reset", nil).OK() },
			func() { dev.Post(b, "/contacts", object{"email": "new@acme.test"}, token).OK() })
	})
}

func benchWorkspaces(b *testing.B, run func(b *testing.B, dev *apptest.Rig, body object)) {
	rigs := map[string]func(b *testing.B) *apptest.Rig{
		"sqlite":   func(b *testing.B) *apptest.Rig { return apptest.New(b) },
		"postgres": func(b *testing.B) *apptest.Rig { means.NeedPostgres(b); return apptest.WithPostgres(b, app.Options{}) },
	}
	for name, rig := range rigs {
		b.Run(name, func(b *testing.B) {
			dev := rig(b).Unjudged().AsDeveloper()
			for range beside {
				dev.Post(b, "/_parley/workspaces", object{"seed": smallSeed}).OK()
			}
			for _, of := range []struct {
				name string
				body object
			}{{"nothing", object{}}, {"seed", object{"seed": smallSeed}}, {"demo", object{"seed": "demo"}}} {
				dev.Post(b, "/_parley/workspaces", of.body).OK()
				b.Run(of.name, func(b *testing.B) { run(b, dev, of.body) })
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
