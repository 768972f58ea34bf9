package trial

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"parley/internal/db"
	"parley/internal/store"
)

// What releases left behind, as scripts/keep-release keeps it, and the token of who owns the workspace in it.
const (
	keptFolders = "../../internal/app/testdata/releases/*/data.tar.gz"
	keptToken   = "dG9rOmEtcmVsZWFzZS1pcy1rZXB0"
)

// ofTheMoment are how the names of those tables begin which a server changes by itself as soon as it runs: a snooze is over, a
// delivery and an export are due or lapse, a webhook is given up, long after it was kept. That they agree with each other is what an audit says.
var ofTheMoment = []string{"conversation", "total", "tallies", "sequences", "rate_windows", "jobs", "nodes", "deliver", "webhooks", "events", "data_export", "outgoing", "workspaces", "goose_db_version"}

// A legacy is the data of an earlier version.
type legacy struct {
	name string
	make func(d *database) error
	asks string // with the token of somebody in it; empty: there is nobody
}

// killsAmidUpgrade kills a server again and again while it brings up to date what an earlier version left, until it is
// let be. In the end there are the schema and the rows that an undisturbed upgrade leads to. It is the data of a release,
// of all sorts, and by turns an empty database of a schema some versions before, of which more kills fall amid the migrations.
func killsAmidUpgrade(t *testing.T, program string, kills int, seed uint64) {
	u := &trial{TB: t, seed: seed, began: time.Now(), statuses: map[int]int{}, counts: map[string]int{}, http: &http.Client{}}
	dice := u.dice("upgrades", 0)
	kept, err := filepath.Glob(keptFolders)
	if err != nil || len(kept) == 0 {
		t.Fatalf("no release is kept (%v)", err)
	}
	migrations := migrationsOfSQLite(t)

	const perFolder = 4
	usual := map[string]upgraded{} // what comes of it undisturbed
	killedAt := map[string]int{}
	for turn := range (kills + perFolder - 1) / perFolder {
		from := release(kept[dice.IntN(len(kept))])
		if turn%2 == 1 {
			from = older(migrations, 1+dice.IntN(len(migrations)-1))
		}
		want, known := usual[from.name]
		if !known {
			u.bequeath(program, from)
			want = u.upgrade(from)
			usual[from.name] = want
		}
		u.bequeath(program, from)
		for range perFolder {
			if _, err := u.nodes[0].killed(time.Duration(dice.Int64N(int64(want.took))), "serve"); err != nil {
				u.wrong("%s: an upgrade that was cut off before: %v", from.name, err)
			}
			at, err := u.versionLeft()
			u.hold("the version that was left", err)
			killedAt[at]++
		}
		got := u.upgrade(from)
		u.hold(from.name+": the schema after kills", judgeSame(got.schema, want.schema))
		u.hold(from.name+": the rows after kills", judgeSame(got.rows, want.rows))
	}
	t.Logf("the versions of the schema at which it was killed: %v; the last is %s", killedAt, migrations[len(migrations)-1])
	if t.Failed() {
		t.Logf("PARLEY_TEST_SEED=%d", seed)
	}
}

// upgraded is what an upgrade led to.
type upgraded struct {
	schema, rows []string
	took         time.Duration // until the server could be asked
}

// bequeath puts what an earlier version left into a folder of its own, which the trial's server is to serve.
func (t *trial) bequeath(program string, from legacy) {
	t.Helper()
	t.d = &database{t: t, dir: t.TempDir()}
	if err := from.make(t.d); err != nil {
		t.Fatalf("%s: %v", from.name, err)
	}
	t.nodes = newNodes(t, program, t.d, 1)
}

// upgrade lets the server come up, asks it for what was left, and judges its database.
func (t *trial) upgrade(from legacy) (o upgraded) {
	t.Helper()
	n, d := t.nodes[0], t.d
	began := time.Now()
	if err := n.start(); err != nil {
		t.wrong("%s: %v", from.name, err)
		return o
	}
	o.took = time.Since(began)
	if from.asks != "" {
		for path, has := range map[string]string{"/me": "kept", "/contacts": "kept-user", "/conversations/1": "kept", "/help_center/collections": "kept"} {
			a := user{t, from.asks}.askAt(n.address(), "GET", path, "")
			if !a.ok() || !strings.Contains(strings.ToLower(string(a.body)), has) {
				t.wrong("%s: %s is answered %s", from.name, path, a)
			}
		}
	}
	n.kill()
	var err error
	o.schema, err = d.texts(t.Context(), `SELECT type || ' ' || name || ' ' || COALESCE(sql, '') FROM sqlite_schema ORDER BY type, name`)
	t.hold("the schema", err)
	if from.asks != "" { // else the first start makes up a workspace
		o.rows, err = d.rows(t.Context())
		t.hold("the rows", err)
	} else if made, err := d.number(t.Context(), `SELECT count(*) FROM workspaces`); err != nil || made != 1 {
		t.wrong("%s: there are %d workspaces (%v)", from.name, made, err)
	}
	t.audit(t.Context(), d)
	return o
}

// release is what a release left behind.
func release(archive string) legacy {
	return legacy{"release " + filepath.Base(filepath.Dir(archive)), func(d *database) error {
		if out, err := exec.Command("tar", "-xzf", archive, "-C", d.dir).CombinedOutput(); err != nil {
			return fmt.Errorf("tar: %w\n%s", err, out)
		}
		return nil
	}, keptToken}
}

// older is an empty database with the first of the migrations.
func older(migrations []string, n int) legacy {
	return legacy{fmt.Sprintf("schema %d", n), func(d *database) error {
		some := fstest.MapFS{}
		for _, name := range migrations[:n] {
			text, err := fs.ReadFile(store.Migrations(), name)
			if err != nil {
				return err
			}
			some[name] = &fstest.MapFile{Data: text}
		}
		open, err := db.Open(context.Background(), db.Options{Path: d.file(), Migrations: some})
		if err != nil {
			return err
		}
		return open.Close()
	}, ""}
}

// migrationsOfSQLite are the names of all of them, in order.
func migrationsOfSQLite(t *testing.T) []string {
	t.Helper()
	all, err := fs.Glob(store.Migrations(), "[0-9]*.sql")
	if err != nil {
		t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(name string) bool { return strings.HasSuffix(name, ".postgres.sql") })
	if slices.Sort(all); len(all) < 30 {
		t.Fatalf("there are %d migrations", len(all))
	}
	return all
}

// versionLeft is the version of the schema that a server which was killed has left. It is looked for in a copy, so that the
// next one finds the files as they were left.
func (t *trial) versionLeft() (string, error) {
	left := &database{t: t, dir: t.TempDir()}
	defer os.RemoveAll(left.dir)
	if err := t.d.copyTo(left); err != nil {
		return "", err
	}
	versions, err := left.texts(t.Context(), `SELECT CAST(max(version_id) AS TEXT) FROM goose_db_version WHERE is_applied`)
	return strings.Join(versions, ""), err
}

// rows are all rows but those of the moment, each as a text, in their order.
func (d *database) rows(ctx context.Context) (all []string, err error) {
	err = d.view(ctx, func(tx *db.Tx) error {
		tables, err := tx.Tables()
		if err != nil {
			return err
		}
		for _, table := range tables {
			if slices.ContainsFunc(ofTheMoment, func(begin string) bool { return strings.HasPrefix(table.Name, begin) }) {
				continue
			}
			columns := make([]string, len(table.Columns))
			for i, c := range table.Columns {
				columns[i] = "quote(" + c.Name + ")"
			}
			some, err := texts(tx, `SELECT '`+table.Name+` ' || `+strings.Join(columns, ` || ',' || `)+` FROM `+table.Name)
			if err != nil {
				return fmt.Errorf("%s: %w", table.Name, err)
			}
			all = append(all, some...)
		}
		if slices.Sort(all); len(all) < 50 {
			return fmt.Errorf("there are %d rows", len(all))
		}
		return nil
	})
	return all, err
}
