package api_test

import (
	"context"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/db"
)

// While a request of a workspace is answered that may have no more at once, others of
// it wait, and those of other workspaces do not.
func TestTurns(t *testing.T) {
	t.Parallel()
	plain, _ := traced(t, db.Options{Path: filepath.Join(t.TempDir(), "parley.db")})
	r := plain.Restarted(t, app.Options{WorkspaceParallel: 1})
	other := r.Elsewhere(t)
	waiting := func() bool {
		w := httptest.NewRecorder()
		r.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		return strings.Contains(w.Body.String(), "\nparley_http_requests_waiting 1\n")
	}
	// A transaction that writes keeps the next one from doing so.
	begun, end := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		noError(t, r.Database.Update(context.Background(), func(*db.Tx) error {
			close(begun)
			<-end
			return nil
		}))
	})
	<-begun
	all.Go(func() { r.Post(t, "/tags", object{"name": "first"}).OK() })
	until(t, func() bool { return r.Database.Stats().Waiting == 1 })
	var tags *apptest.Answer
	all.Go(func() { tags = r.Get(t, "/tags").OK() })
	until(t, waiting)
	other.Get(t, "/tags").OK()
	close(end)
	all.Wait()
	if n := len(tags.At("data").([]any)); n != 1 {
		t.Errorf("the request that waited sees %d tags", n)
	}
}

// until yields to others until a condition holds.
func until(t *testing.T, condition func() bool) {
	t.Helper()
	for !condition() {
		if t.Context().Err() != nil {
			t.Fatal("it does not come to that")
		}
	}
}
