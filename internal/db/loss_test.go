package db

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"parley/internal/db/statement"
	"parley/internal/means"

	"github.com/jackc/pgx/v5"
)

// terminate ends every session of a database but its own.
func terminate(t *testing.T, at string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid()`); err != nil {
		t.Fatal(err)
	}
}

// TestLostConnection has PostgreSQL end the sessions of transactions, idle or in the middle.
func TestLostConnection(t *testing.T) {
	t.Parallel()
	at := means.Postgres(t)
	db := open(t, Options{URL: at, Migrations: migrations})
	ctx := context.Background()
	var all sync.WaitGroup // several connections, all of which are lost
	met := make(chan struct{})
	for n := range 4 {
		all.Go(func() {
			update(t, db, func(tx *Tx) error {
				met <- struct{}{}
				return insert(fmt.Sprint("a", n))(tx)
			})
		})
	}
	for range 4 {
		<-met
	}
	all.Wait()

	terminate(t, at)
	if got := ids(t, db); got != "a0 a1 a2 a3" { // which fails the test if there is an error
		t.Errorf("after idle connections were lost: %q", got)
	}
	terminate(t, at)
	runs := 0
	update(t, db, func(tx *Tx) error {
		runs++
		return insert("b")(tx)
	})
	if runs != 1 {
		t.Errorf("an update ran %d times although its connection was lost before it began", runs)
	}

	runs = 0
	err := db.View(ctx, func(tx *Tx) error {
		runs++
		if err := tx.QueryRow("SELECT count(*) FROM note").Scan(new(int)); err != nil {
			return err
		}
		terminate(t, at)
		return tx.QueryRow("SELECT count(*) FROM note").Scan(new(int))
	})
	if !errors.Is(err, ErrUnavailable) || runs != 1 {
		t.Errorf("a view that lost its connection: %v after %d runs", err, runs)
	}

	runs = 0
	told := 0
	update(t, db, func(tx *Tx) error {
		runs++
		tx.AfterCommit(func() { told++ })
		if err := insert(fmt.Sprint("c", runs))(tx); err != nil {
			return err
		}
		if runs == 1 {
			terminate(t, at)
		}
		return insert(fmt.Sprint("d", runs))(tx)
	})
	if runs != 2 || told != 1 {
		t.Errorf("an update that lost its connection ran %d times and told %d times, want twice and once", runs, told)
	}
	if got, want := ids(t, db), "a0 a1 a2 a3 b c2 d2"; got != want {
		t.Errorf("notes %q, want %q", got, want)
	}
	if stats := db.Stats(); stats.LostConns == 0 || stats.BusyConns != 0 {
		t.Errorf("stats %+v", stats)
	}
}

// TestCutAtCommit holds that an update whose commit was not answered is not run again, whether it was committed or not.
func TestCutAtCommit(t *testing.T) {
	t.Parallel()
	direct := means.Postgres(t)
	w, at := wired(t, direct)
	db := open(t, Options{URL: at, Migrations: migrations})
	for _, c := range []struct {
		name  string
		after bool
		want  string
	}{
		{"before PostgreSQL has it", false, ""},
		{"after it is done", true, "after it is done"},
	} {
		w.cutAt("COMMIT\x00", c.after)
		runs := 0
		err := db.Update(context.Background(), func(tx *Tx) error {
			runs++
			tx.AfterCommit(func() { t.Errorf("cut %s: AfterCommit ran", c.name) })
			return insert(c.name)(tx)
		})
		if !errors.Is(err, ErrUncertain) || errors.Is(err, ErrUnavailable) || runs != 1 {
			t.Errorf("cut %s: %v after %d runs", c.name, err, runs)
		}
		if got := ids(t, db); got != c.want {
			t.Errorf("cut %s: notes %q, want %q", c.name, got, c.want)
		}
	}
}

// TestRestart has the database go and come back.
func TestRestart(t *testing.T) {
	t.Parallel()
	w, at := wired(t, means.Postgres(t))
	db := open(t, Options{URL: at, Migrations: migrations})
	update(t, db, insert("a"))
	address := w.listener.Addr().String()
	w.cut()
	ctx := context.Background()
	for name, err := range map[string]error{
		"view":   db.View(ctx, func(tx *Tx) error { return tx.QueryRow("SELECT 1").Scan(new(int)) }),
		"update": db.Update(ctx, insert("b")),
		"ping":   db.Ping(ctx),
	} {
		if !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s without a database: %v", name, err)
		}
	}
	w.listen(t, address)
	update(t, db, insert("c"))
	if got := ids(t, db); got != "a c" {
		t.Errorf("after it came back: notes %q, want %q", got, "a c")
	}
}

// TestNoConnectionIsFree holds that a transaction waits for a connection, but not for ever.
func TestNoConnectionIsFree(t *testing.T) {
	t.Parallel()
	db := open(t, Options{URL: means.Postgres(t), MaxConns: 1, ConnWait: 20 * time.Millisecond, Migrations: migrations})
	ctx := context.Background()
	update(t, db, func(tx *Tx) error {
		for name, begin := range map[string]func(context.Context, func(*Tx) error) error{"view": db.View, "update": db.Update} {
			err := begin(ctx, func(*Tx) error {
				t.Errorf("a %s ran although there was no connection for it", name)
				return nil
			})
			if !errors.Is(err, ErrUnavailable) {
				t.Errorf("a %s for which there was no connection: %v", name, err)
			}
		}
		return insert("a")(tx)
	})
	stats := db.Stats()
	if stats.ConnTimeouts != 2 || stats.ConnWaits != 2 || stats.WaitSeconds < 0.04 || stats.Conns != 1 || stats.BusyConns != 0 || stats.OpenConns != 1 {
		t.Errorf("stats %+v", stats)
	}
	if got := ids(t, db); got != "a" {
		t.Errorf("notes %q, want %q", got, "a")
	}
}

// TestStatementTakesTooLong tells a statement that PostgreSQL stopped from one that is wrong.
func TestStatementTakesTooLong(t *testing.T) {
	t.Parallel()
	db := open(t, Options{URL: means.Postgres(t), Migrations: migrations})
	for name, begin := range map[string]func(context.Context, func(*Tx) error) error{"view": db.View, "update": db.Update} {
		runs := 0
		err := begin(context.Background(), func(tx *Tx) error {
			runs++
			if _, err := tx.Exec("SET LOCAL statement_timeout = 20"); err != nil {
				return err
			}
			_, err := tx.Exec("SELECT pg_sleep(60)")
			return err
		})
		if !errors.Is(err, ErrUnavailable) || runs != 1 {
			t.Errorf("%s: %v after %d runs", name, err, runs)
		}
		err = begin(context.Background(), func(tx *Tx) error { return tx.QueryRow("SELECT 1/0").Scan(new(int)) })
		if err == nil || errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: a mistake is told as %v", name, err)
		}
	}
}

// TestStatementThatIsPassedOver has a statement that the connection knows go with one that fails before it, so that PostgreSQL passes it over.
// What comes later on the connection is read as what it is.
func TestStatementThatIsPassedOver(t *testing.T) {
	t.Parallel()
	db := open(t, Options{URL: means.Postgres(t), MaxConns: 1, Migrations: migrations})
	wide := func(tx *Tx) error {
		var a, b, c int
		return tx.QueryRow("SELECT 1, 2, 3").Scan(&a, &b, &c)
	}
	narrow := func(tx *Tx) error {
		var one, two string
		err := tx.QueryRow("SELECT 'one' AS one, 'two' AS two").Scan(&one, &two)
		if err == nil && (one != "one" || two != "two") {
			err = fmt.Errorf("it is %q and %q", one, two)
		}
		return err
	}
	for range 2 {
		for name, begin := range map[string]func(context.Context, func(*Tx) error) error{"view": db.View, "update": db.Update} {
			for _, known := range []func(*Tx) error{wide, narrow} {
				if err := begin(context.Background(), known); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			err := begin(context.Background(), func(tx *Tx) error {
				tx.later("SELECT 1/0", nil)
				return wide(tx)
			})
			if err == nil {
				t.Fatalf("%s: a statement that divides by nothing is none that fails", name)
			}
			for _, later := range []func(*Tx) error{narrow, wide, narrow} {
				if err := begin(context.Background(), later); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	}
}

// withSetting is a URL with one more parameter.
func withSetting(at, name, value string) string {
	u, err := url.Parse(at)
	if err != nil {
		return at
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// TestConflictAtCommit has PostgreSQL find a conflict when it commits, which is as good as one found before.
func TestConflictAtCommit(t *testing.T) {
	t.Parallel()
	db := open(t, Options{URL: means.Postgres(t), Migrations: with(fstest.MapFS{
		"0003_late.postgres.sql": migration(`CREATE SEQUENCE attempt;
CREATE TABLE late (code TEXT, until BIGINT);
-- +goose StatementBegin
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF nextval('attempt') < NEW.until THEN
		RAISE EXCEPTION 'not yet' USING ERRCODE = NEW.code;
	END IF;
	RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON late DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();`),
	})})
	for _, c := range []struct {
		code string
		runs int
		good bool
	}{
		{"40001", 3, true},
		{"40P01", 3, true},
		{"23505", 3, true},
		{"23514", 1, false}, // check violation
	} {
		update(t, db, func(tx *Tx) error {
			_, err := tx.Exec("ALTER SEQUENCE attempt RESTART")
			return err
		})
		runs, told := 0, 0
		err := db.Update(context.Background(), func(tx *Tx) error {
			runs++
			tx.AfterCommit(func() { told++ })
			_, err := tx.Exec("INSERT INTO late (code, until) VALUES ($1, 3)", c.code)
			return err
		})
		if runs != c.runs || (err == nil) != c.good || (told == 1) != c.good || errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: %v after %d runs, told %d times", c.code, err, runs, told)
		}
	}
}

// TestSchemaMovesOn holds that a statement is prepared anew when what it returns has changed.
func TestSchemaMovesOn(t *testing.T) {
	t.Parallel()
	at := means.Postgres(t)
	db := open(t, Options{URL: at, MaxConns: 2, Migrations: migrations})
	update(t, db, insert("a"))
	read := func(tx *Tx) error { return tx.QueryRow("SELECT score FROM note WHERE id = $1", "a").Scan(new(any)) }
	for _, change := range []string{"TEXT", "BIGINT", "TEXT"} {
		if err := db.View(context.Background(), read); err != nil {
			t.Errorf("a view before it is %s: %v", change, err)
		}
		other := open(t, Options{URL: at, Migrations: migrations})
		update(t, other, func(tx *Tx) error {
			_, err := tx.Exec("ALTER TABLE note ALTER COLUMN score TYPE " + change + " USING score::text::" + change)
			return err
		})
		if err := db.View(context.Background(), read); err != nil {
			t.Errorf("a view once it is %s: %v", change, err)
		}
		runs := 0
		err := db.Update(context.Background(), func(tx *Tx) error {
			runs++
			return read(tx)
		})
		if err != nil || runs != 1 {
			t.Errorf("an update once it is %s: %v after %d runs", change, err, runs)
		}
	}
}

// TestManyPostgresStatements prepares more statements than are kept.
func TestManyPostgresStatements(t *testing.T) {
	t.Parallel()
	db := open(t, Options{URL: means.Postgres(t), Migrations: migrations})
	update(t, db, func(tx *Tx) error {
		for n := range statement.Limit + 50 {
			var got int
			if err := tx.QueryRow(fmt.Sprintf("SELECT %d + $1::int", n), 1).Scan(&got); err != nil {
				return err
			}
			if got != n+1 {
				t.Fatalf("statement %d returned %d", n, got)
			}
		}
		var kept int
		if err := tx.QueryRow("SELECT count(*) FROM pg_prepared_statements").Scan(&kept); err != nil {
			return err
		}
		if kept > statement.Limit {
			t.Errorf("the server keeps %d statements, want %d at most", kept, statement.Limit)
		}
		return nil
	})
}

// A transaction in a hurry gives an answer up that does not come; one that is not waits.
func TestUnhurried(t *testing.T) {
	t.Parallel()
	db := open(t, Options{URL: means.Postgres(t), MaxConns: 1})
	slow := func(unhurried bool) error {
		return db.Update(t.Context(), func(tx *Tx) error {
			if unhurried {
				if err := tx.Unhurried(); err != nil {
					return err
				}
			}
			if _, err := tx.Exec("SELECT 1"); err != nil { // who has been told nothing yet would begin anew
				return err
			}
			l := tx.run.(*postgresSession).link
			l.patience, l.deadline = 50*time.Millisecond, time.Time{}
			_, err := tx.Exec("SELECT pg_sleep(0.3)")
			return err
		})
	}
	for _, test := range []struct {
		name      string
		unhurried bool
		want      error
	}{{"in a hurry", false, ErrUnavailable}, {"not", true, nil}, {"in a hurry again", false, ErrUnavailable}} {
		if err := slow(test.unhurried); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}
