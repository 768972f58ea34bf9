package db

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"parley/internal/means"
)

// TestMomentsAreOfWhoAsks holds back the answers to as many questions for the moments as there may be, changes something, and asks again. Whoever began before
// the change is told of what there was, and whoever began after it is not, though these questions are still under way.
func TestMomentsAreOfWhoAsks(t *testing.T) {
	t.Parallel()
	at := means.Postgres(t)
	w, through := wired(t, at)
	db, other := open(t, Options{URL: through, Migrations: migrations}), open(t, Options{URL: at, Migrations: migrations})
	r, err := db.Revision(t.Context(), "SELECT * FROM note", nil)
	if err != nil {
		t.Fatal(err)
	}
	type told struct {
		Moment
		known bool
		err   error
	}
	ask := func() (got told) {
		now, err := db.Moments(context.Background())
		got.Moment, got.known = now.Of(r)
		got.err = err
		return got
	}
	var connect func(n int) error // which opens so many connections, and has them know the question
	connect = func(n int) error {
		return db.View(context.Background(), func(tx *Tx) error {
			tx.Last()
			tx.Moment(r)
			if n == 1 {
				return nil
			}
			return connect(n - 1)
		})
	}
	if err := connect(mostMoments + 1); err != nil {
		t.Fatal(err)
	}
	if got := ask(); got.err != nil || !got.known {
		t.Fatalf("the moment is not known: %v", got.err)
	}
	var holds []*held
	first := make(chan told, mostMoments)
	for range mostMoments {
		h := w.holdNext()
		go func() { first <- ask() }()
		<-h.there
		holds = append(holds, h)
	}
	update(t, other, func(tx *Tx) error {
		_, err := tx.Exec("DELETE FROM note")
		return errors.Join(err, insert("a")(tx))
	})
	second := make(chan told, 1)
	go func() { second <- ask() }()
	var after told
	select {
	case after = <-second:
	case <-time.After(10 * time.Second):
		t.Error("who came later waits for an answer that does not come")
	}
	for _, h := range holds {
		close(h.letGo)
		switch before := <-first; {
		case before.err != nil || after.err != nil || !after.known:
			t.Errorf("the moments are not known: %v, %v", before.err, after.err)
		case before.known && !before.Before(after.Moment): // it may be too long past to be known
			t.Errorf("the moment is %v before the change and %v after it", before, after)
		}
	}
}

// TestMoments asks many times at once, on a server that loses its connections, for a database that is closed meanwhile, and of those that tell nothing.
func TestMoments(t *testing.T) {
	t.Parallel()
	w, at := wired(t, means.Postgres(t))
	db := open(t, Options{URL: at, MaxConns: 2, Migrations: migrations})
	known := func(d *DB, r *Revision) bool {
		now, err := d.Moments(t.Context())
		if err != nil {
			t.Errorf("asking for the moments: %v", err)
		}
		_, known := now.Of(r)
		return known
	}
	if known(db, &Revision{}) {
		t.Error("a moment is known without a Revision")
	}
	r, err := db.Revision(t.Context(), "SELECT * FROM note", nil)
	if err != nil {
		t.Fatal(err)
	}
	many := func(do func()) {
		var all sync.WaitGroup
		for range 64 {
			all.Go(do)
		}
		all.Wait()
	}
	if !known(db, r) {
		t.Error("the moment is not known")
	}
	many(func() { known(db, r) })
	w.lose()
	many(func() { known(db, r) })

	full := open(t, Options{URL: at, MaxConns: 1, ConnWait: 50 * time.Millisecond, Migrations: migrations})
	if _, err := full.Revision(t.Context(), "SELECT * FROM note", nil); err != nil {
		t.Fatal(err)
	}
	err = full.View(t.Context(), func(tx *Tx) error {
		if _, err := full.Moments(tx.Context()); !errors.Is(err, ErrNested) {
			t.Errorf("within a transaction: %v", err)
		}
		many(func() {
			if _, err := full.Moments(t.Context()); !errors.Is(err, ErrUnavailable) {
				t.Errorf("while all connections are in use: %v", err)
			}
		})
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := db.Moments(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("who has left: %v", err)
	}
	many(func() {
		if _, err := db.Moments(context.Background()); err != nil && !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
		db.Close()
	})
	if _, err := db.Moments(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("of a database that is closed: %v", err)
	}

	file := open(t, Options{Path: filepath.Join(t.TempDir(), "notes.db"), Migrations: migrations})
	if r, err = file.Revision(t.Context(), "SELECT * FROM note", nil); err != nil {
		t.Fatal(err)
	}
	if known(file, r) {
		t.Error("SQLite tells moments by being asked")
	}
}
