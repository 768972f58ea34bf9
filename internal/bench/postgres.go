package bench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// copyOnPostgres makes a database with what the folder holds, and returns its URL and how to drop it. The first run restores the
// archive of the folder into a database that stays; each run copies that.
func copyOnPostgres(ctx context.Context, o Options) (address string, drop func() error, err error) {
	c, err := pgx.Connect(ctx, o.Database)
	if err != nil {
		return "", nil, err
	}
	defer c.Close(ctx)
	filled := fmt.Sprintf("parley_bench_%d_%d_%d_%s", FactsFormat, o.Facts.Contacts, o.Facts.Seed, tokenMark(o.Facts.Token))
	var there bool
	if err := c.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", filled).Scan(&there); err != nil {
		return "", nil, err
	}
	if !there {
		o.Progress("restoring the data on PostgreSQL")
		if err := restoreOnPostgres(ctx, c, o, filled); err != nil {
			return "", nil, err
		}
	}
	name := fmt.Sprintf("parley_bench_run_%d", time.Now().UnixNano())
	if _, err := c.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+filled); err != nil {
		return "", nil, err
	}
	return databaseURL(o.Database, name), func() error { return dropDatabase(o.Database, name) }, nil
}

// tokenMark tells fills apart that only differ in the token, without telling the token.
func tokenMark(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:4])
}

// restoreOnPostgres fills a database by the program's own archive.
func restoreOnPostgres(ctx context.Context, c *pgx.Conn, o Options, filled string) error {
	archive := filepath.Join(o.Folder, "parley.backup")
	if _, err := os.Stat(archive); err != nil {
		if err := runProgram(ctx, o.Program, "backup", archive, "--without-files", "--data", o.Folder); err != nil {
			return err
		}
	}
	growing := filled + "_growing"
	if _, err := c.Exec(ctx, "DROP DATABASE IF EXISTS "+growing+" WITH (FORCE)"); err != nil {
		return err
	}
	if _, err := c.Exec(ctx, "CREATE DATABASE "+growing); err != nil {
		return err
	}
	err := runProgram(ctx, o.Program, "restore", archive, "--without-files", "--data", o.Folder, "--database", databaseURL(o.Database, growing))
	if err == nil {
		_, err = c.Exec(ctx, "ALTER DATABASE "+growing+" RENAME TO "+filled)
	}
	if err != nil {
		_, dropped := c.Exec(context.WithoutCancel(ctx), "DROP DATABASE "+growing+" WITH (FORCE)")
		return errors.Join(err, dropped)
	}
	return nil
}

func runProgram(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = plainEnvironment()
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("parley %s: %w: %s", args[0], err, strings.TrimSpace(string(text)))
	}
	return nil
}

// databaseURL is the URL of another database on the same server.
func databaseURL(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server // with which nobody could have connected
	}
	u.Path = "/" + name
	return u.String()
}

func dropDatabase(server, name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	_, err = c.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	return err
}

// maxPoints is how many rows the table has at most that pgx reads: an index of more is not deeper by a step that could be measured.
const maxPoints = 100_000

// preparePoints makes a database with one table, whose rows have the answer for one of the people each and which has as many rows as
// there are contacts.
func preparePoints(ctx context.Context, o Options, answer []byte) (address string, drop func() error, err error) {
	c, err := pgx.Connect(ctx, o.Database)
	if err != nil {
		return "", nil, err
	}
	defer c.Close(ctx)
	name := fmt.Sprintf("parley_bench_points_%d", time.Now().UnixNano())
	if _, err := c.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", nil, err
	}
	drop = func() error { return dropDatabase(o.Database, name) }
	address = databaseURL(o.Database, name)
	if err := fillPoints(ctx, address, o.Facts, string(answer)); err != nil {
		return "", nil, errors.Join(err, drop())
	}
	return address, drop, nil
}

func fillPoints(ctx context.Context, address string, facts *Facts, answer string) error {
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	ids := make([]string, len(facts.People))
	for i, p := range facts.People {
		ids[i] = p.ID
	}
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{"CREATE TABLE answers (id TEXT COLLATE \"C\" PRIMARY KEY, answer TEXT NOT NULL)", nil},
		{"INSERT INTO answers SELECT id, replace($2, $3, id) FROM unnest($1::text[]) id", []any{ids, answer, ids[0]}},
		{"INSERT INTO answers SELECT lpad(to_hex(i), 24, 'f'), $1 FROM generate_series(1, $2::int) i",
			[]any{answer, max(0, min(maxPoints, facts.Contacts)-len(ids))}},
		{"ANALYZE answers", nil},
	} {
		if _, err := c.Exec(ctx, step.sql, step.args...); err != nil {
			return err
		}
	}
	return nil
}
