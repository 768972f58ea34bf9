package seed_test

import (
	"context"
	"testing"

	"parley/internal/apptest"
	"parley/internal/model"
	"parley/internal/seed"
)

// BenchmarkDemo is what the demo adds to the start of a server, but for what is
// slower the first time.
func BenchmarkDemo(b *testing.B) {
	r := apptest.New(b)
	for b.Loop() {
		f, err := seed.Demo()
		if err != nil {
			b.Fatal(err)
		}
		f.Workspace.ID = model.NewWorkspaceID()
		if _, err := r.Seeds.Apply(context.Background(), f, ""); err != nil {
			b.Fatal(err)
		}
	}
}
