package node_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // makes and drops the test database

	"parley/internal/db"
	"parley/internal/means"
	"parley/internal/node"
)

// onEach runs a test on each database, which has the table of nodes alone.
func onEach(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Parallel()
	text, err := os.ReadFile("../store/migrations/0023_nodes.sql")
	must(t, err)
	run := func(t *testing.T, o db.Options) {
		o.Migrations = fstest.MapFS{"0023_nodes.sql": {Data: text}}
		d, err := db.Open(t.Context(), o)
		must(t, err)
		t.Cleanup(func() { d.Close() })
		test(t, d)
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		run(t, db.Options{Path: filepath.Join(t.TempDir(), "parley.db")})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		run(t, db.Options{URL: means.Postgres(t)})
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pass lets time go by for all who are there, as the clock of the database has it.
func pass(t *testing.T, d *db.DB, seconds int64) {
	t.Helper()
	must(t, d.Update(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE nodes SET started_at = started_at - $1, seen_at = seen_at - $1`, seconds)
		return err
	}))
}

func isConflict(err error) bool {
	_, ok := errors.AsType[*node.Conflict](err)
	return ok
}

// at is a node on a machine that keeps files somewhere.
func at(id, host string, files node.Files) *node.Node {
	return &node.Node{ID: id, Host: host, Version: "1.2.3", Schema: 23, Files: files}
}

// TestWhoMayServeBesideWhom has a node join where another is.
func TestWhoMayServeBesideWhom(t *testing.T) {
	folder := func(id string, shared bool) node.Files {
		return node.Files{Place: "/srv/" + id, FolderID: id, Shared: shared}
	}
	bucket := func(place string) node.Files { return node.Files{Place: place} }
	onEach(t, func(t *testing.T, d *db.DB) {
		for i, c := range []struct {
			name       string
			there, new *node.Node
			may        bool
		}{
			{"the same bucket", at("a", "one", bucket("s3://b/p")), at("b", "two", bucket("s3://b/p")), true},
			{"another prefix", at("a", "one", bucket("s3://b/p")), at("b", "two", bucket("s3://b/q")), false},
			{"a bucket beside a folder", at("a", "one", folder("x", true)), at("b", "two", bucket("s3://b")), false},
			{"a folder beside a bucket", at("a", "one", bucket("s3://b")), at("b", "one", folder("x", true)), false},
			{"a folder beside another", at("a", "one", folder("x", false)), at("b", "two", folder("y", false)), false},
			{"a folder beside another on one machine", at("a", "one", folder("x", false)), at("b", "one", folder("y", false)), false},
			{"the folder of one that was killed", at("a", "one", folder("x", false)), at("b", "one", folder("x", false)), true},
			{"what may be a copy", at("a", "one", folder("x", false)), at("b", "two", folder("x", false)), false},
			{"a folder that is shared", at("a", "one", folder("x", true)), at("b", "two", folder("x", true)), true},
			{"a folder that is not shared, as is said", at("a", "one", folder("x", true)), at("b", "two", folder("y", true)), false},
			{"one who does not say that it is shared", at("a", "one", folder("x", true)), at("b", "two", folder("x", false)), false},
			{"itself again", at("a", "one", bucket("s3://b")), at("a", "one", bucket("s3://c")), true},
		} {
			nodes := node.New(d)
			c.there.ID, c.new.ID = fmt.Sprint(c.there.ID, i), fmt.Sprint(c.new.ID, i)
			must(t, nodes.Join(t.Context(), c.there))
			err := nodes.Join(t.Context(), c.new)
			if c.may && err != nil || !c.may && !isConflict(err) {
				t.Errorf("%s: %v", c.name, err)
			}
			must(t, nodes.Leave(t.Context(), c.there))
			if !c.may {
				if err := nodes.Join(t.Context(), c.new); err != nil {
					t.Errorf("%s, when that one has left: %v", c.name, err)
				}
			}
			must(t, nodes.Leave(t.Context(), c.new))
		}
		if all, err := node.New(d).List(t.Context()); err != nil || len(all) > 0 {
			t.Errorf("%d are left: %v", len(all), err)
		}
	})
}

// TestOneOfManyIsFirst has nodes begin at once with a folder each.
func TestOneOfManyIsFirst(t *testing.T) {
	onEach(t, func(t *testing.T, d *db.DB) {
		errs := make([]error, 8)
		var joining sync.WaitGroup
		for i := range errs {
			joining.Go(func() {
				errs[i] = node.New(d).Join(context.Background(), at(fmt.Sprint(i), "one", node.Files{Place: fmt.Sprint("/", i), FolderID: fmt.Sprint(i)}))
			})
		}
		joining.Wait()
		joined := 0
		for _, err := range errs {
			if err == nil {
				joined++
			} else if !isConflict(err) {
				t.Error(err)
			}
		}
		if joined != 1 {
			t.Errorf("%d have joined", joined)
		}
	})
}

// TestNodeLapses has a node be away for so long that another takes its place: it is
// refused when it is back. One whose place is free goes on.
func TestNodeLapses(t *testing.T) {
	onEach(t, func(t *testing.T, d *db.DB) {
		nodes := node.New(d)
		a, b := at("a", "one", node.Files{Place: "/a", FolderID: "a"}), at("b", "two", node.Files{Place: "/b", FolderID: "b"})
		must(t, nodes.Join(t.Context(), a))
		pass(t, d, 10)
		must(t, nodes.Renew(t.Context(), a))
		pass(t, d, 15)
		if err := nodes.Join(t.Context(), b); !isConflict(err) {
			t.Fatalf("beside one that was seen 15 seconds ago: %v", err)
		}
		pass(t, d, 15)
		must(t, nodes.Renew(t.Context(), a)) // nobody has come meanwhile
		pass(t, d, 30)
		must(t, nodes.Join(t.Context(), b))
		all, err := nodes.List(t.Context())
		must(t, err)
		if len(all) != 2 || all[0].ID != "a" || all[0].Living() || all[0].Unseen < 30 || !all[1].Living() || all[1].Host != "two" || all[1].Schema != 23 ||
			all[1].Version != "1.2.3" || all[1].Files.Place != "/b" || all[1].StartedAt == 0 || all[1].StartedAt != b.StartedAt {
			t.Errorf("the nodes are %+v and %+v", all[0], all[1])
		}
		refused := make(chan error, 1)
		k := nodes.Keep(a, slog.New(slog.DiscardHandler), func(err error) { refused <- err })
		if err := <-refused; !isConflict(err) {
			t.Errorf("who is back is refused by %v", err)
		}
		must(t, k.Stop(t.Context()))
		pass(t, d, 601)
		must(t, nodes.Join(t.Context(), a))
		if all, err = nodes.List(t.Context()); err != nil || len(all) != 1 || all[0].ID != "a" {
			t.Errorf("what has become old stays: %+v, %v", all, err)
		}
	})
}

// TestKeeper has nodes be kept: they know of each other, and leave.
func TestKeeper(t *testing.T) {
	onEach(t, func(t *testing.T, d *db.DB) {
		nodes := node.New(d)
		var keepers []*node.Keeper
		for _, id := range []string{"a", "b"} {
			n := at(id, id, node.Files{Place: "s3://b"})
			must(t, nodes.Join(t.Context(), n))
			keepers = append(keepers, nodes.Keep(n, slog.New(slog.DiscardHandler), func(err error) { t.Error(err) }))
		}
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for end := time.Now().Add(30 * time.Second); len(keepers[1].Living()) != 2; <-tick.C {
			if time.Now().After(end) {
				t.Fatalf("it knows of %d", len(keepers[1].Living()))
			}
		}
		for _, k := range keepers {
			must(t, k.Stop(t.Context()))
		}
		if all, err := nodes.List(t.Context()); err != nil || len(all) > 0 {
			t.Errorf("%d are left: %v", len(all), err)
		}
	})
}
