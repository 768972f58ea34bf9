package db

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
)

// inOneGroup has updates share a commit, in their order, behind one that writes to no table, and returns how they ended.
func inOneGroup(t *testing.T, d *DB, fns ...func(*Tx) error) []error {
	t.Helper()
	running, release := make(chan struct{}), make(chan struct{})
	ended := make([]error, len(fns))
	var all sync.WaitGroup
	all.Go(func() {
		if err := d.Update(context.Background(), func(*Tx) error { close(running); <-release; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-running
	for i, fn := range fns {
		all.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					ended[i] = fmt.Errorf("panic: %v", p)
				}
			}()
			ended[i] = d.Update(context.Background(), fn)
		})
		queued(t, d, i+1)
	}
	close(release)
	all.Wait()
	return ended
}

// TestRevisionInATransaction asks a revision of rooms within a transaction that comes after another, or shares its commit with it.
func TestRevisionInATransaction(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "homes.db")
	d, other := openHomes(t, path), openHomes(t, path)
	r, err := d.Revision(t.Context(), `SELECT id FROM rooms WHERE id = $1`, nil)
	if err != nil {
		t.Fatal(err)
	}
	update(t, d, func(tx *Tx) error {
		if _, known := tx.Moment(r); !known {
			t.Error("it is not known where nobody has written")
		}
		return nil
	})
	if err := d.View(t.Context(), func(tx *Tx) error {
		if _, known := tx.Moment(r); known {
			t.Error("it is known in a transaction that only reads")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	writes := func(statements ...string) func(*Tx) error {
		return func(tx *Tx) error {
			for _, s := range statements {
				if _, err := tx.Exec(s); err != nil {
					return err
				}
			}
			return nil
		}
	}
	for i, c := range []struct {
		name           string
		first          func(*Tx) error
		before         string // what the second does before it asks
		within, beyond bool   // whether it's known in the group, and whether the number is the same after the group
	}{
		{"nothing", func(*Tx) error { return nil }, "", true, true},
		{"something else", writes(`UPDATE roads SET n = n + 1`), "", true, true},
		{"a member has written", writes(`INSERT INTO rooms VALUES (10, 2)`), "", false, false},
		{"a member has written by a reference", writes(`DELETE FROM homes WHERE id = 1`, `INSERT INTO homes VALUES (1, 0)`), "", false, false},
		{"a member has written and failed", func(tx *Tx) error {
			return errors.Join(writes(`INSERT INTO rooms VALUES (11, 2)`)(tx), broken)
		}, "", false, false},
		{"itself", func(*Tx) error { return nil }, `UPDATE rooms SET home = 1`, false, false},
		{"itself, something else", func(*Tx) error { return nil }, `UPDATE roads SET n = n + 1`, true, true},
	} {
		var alone, within, after Moment
		var inAlone, inWithin, inAfter bool
		update(t, d, func(tx *Tx) error { alone, inAlone = tx.Moment(r); return nil })
		for _, err := range inOneGroup(t, d, c.first, func(tx *Tx) error {
			if c.before != "" {
				if err := writes(c.before)(tx); err != nil {
					return err
				}
			}
			within, inWithin = tx.Moment(r)
			return nil
		}) {
			if err != nil && !errors.Is(err, broken) {
				t.Fatalf("%s: %v", c.name, err)
			}
		}
		update(t, d, func(tx *Tx) error { after, inAfter = tx.Moment(r); return nil })
		if !inAlone || !inAfter || inWithin != c.within || inWithin && within != alone || (after == alone) != c.beyond {
			t.Errorf("%d, %s: %v (%t), within the group %v (%t), after it %v (%t)", i, c.name, alone, inAlone, within, inWithin, after, inAfter)
		}
	}
	var before, after Moment
	update(t, d, func(tx *Tx) error { before, _ = tx.Moment(r); return nil })
	if err := run(other, `UPDATE roads SET n = n + 1`); err != nil {
		t.Fatal(err)
	}
	update(t, d, func(tx *Tx) error { after, _ = tx.Moment(r); return nil })
	if after == before {
		t.Error("another process has written, and the number is the same")
	}
	// Whoever asks for one while a group runs does not know what the group has written.
	asked, made := make(chan struct{}), make(chan *Revision)
	go func() {
		<-asked
		late, err := d.Revision(context.Background(), `SELECT n FROM homes`, nil)
		if err != nil {
			t.Error(err)
		}
		made <- late
	}()
	update(t, d, func(tx *Tx) error {
		if err := writes(`UPDATE homes SET n = 7`)(tx); err != nil {
			return err
		}
		close(asked)
		if _, known := tx.Moment(<-made); known {
			t.Error("a revision knows of a group that ran before it was there")
		}
		return nil
	})
}

// TestRevisionInGroupsIsNeverLate has transactions of two processes write, fail and panic in groups, while they keep what they read
// of homes by a revision. What is kept is what each of them would read.
func TestRevisionInGroupsIsNeverLate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "homes.db")
	d, other := openHomes(t, path), openHomes(t, path)
	r, err := d.Revision(t.Context(), `SELECT n FROM homes`, nil)
	if err != nil {
		t.Fatal(err)
	}
	// Only the writer's goroutine touches these.
	var of Moment
	var kept int64
	var found, read int
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	draw := rand.New(rand.NewPCG(seed, 0))
	broken := errors.New("broken")
	member := func(write, fail int) func(*Tx) error {
		return func(tx *Tx) error {
			look := func() error {
				var n int64
				if err := tx.QueryRow(`SELECT n FROM homes WHERE id = 2`).Scan(&n); err != nil {
					return err
				}
				number, known := tx.Moment(r)
				switch {
				case !known:
				case number == of:
					if found++; kept != n {
						t.Errorf("%d is kept where %d is", kept, n)
					}
				default:
					read++
					of, kept = number, n
				}
				return nil
			}
			if err := look(); err != nil {
				return err
			}
			statement := [...]string{`UPDATE roads SET n = n + 1`, `UPDATE homes SET n = n + 1`, `SELECT 1`, `UPDATE roads SET n = n - 1`}[write]
			if _, err := tx.Exec(statement); err != nil {
				return err
			}
			if err := look(); err != nil {
				return err
			}
			switch fail {
			case 0:
				return broken
			case 1:
				_, err := tx.Exec(`INSERT INTO homes VALUES (1, 1)`) // which is there
				return err
			case 2:
				panic("oh")
			}
			return nil
		}
	}
	for round := range 60 {
		var members []func(*Tx) error
		for range 1 + draw.IntN(8) {
			members = append(members, member(draw.IntN(4), draw.IntN(12)))
		}
		if round%5 == 4 {
			if err := run(other, fmt.Sprintf(`UPDATE homes SET n = n + %d`, draw.IntN(2))); err != nil {
				t.Fatal(err)
			}
		}
		inOneGroup(t, d, members...)
	}
	if found == 0 || read == 0 {
		t.Errorf("it was found %d times as it was kept, and kept %d times", found, read)
	}
}
