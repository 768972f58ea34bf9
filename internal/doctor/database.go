package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"parley/internal/app"
	"parley/internal/db"
	"parley/internal/store"
)

// patience is how long a check of the database takes at most, unless everything is to be read.
const patience = 20 * time.Second

// damaged is what to do about a file that cannot be read.
const damaged = "stop the server, keep a copy of the file, and restore the last backup"

// open opens the database to be read.
func (e *examination) open() error {
	if e.Settings.Database == "" {
		path := filepath.Join(e.Settings.Data, app.DatabaseFile)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			e.problem("there is no "+path, "start a server, which makes it, restore a backup, or name another folder with --data")
			return nil
		}
	}
	ctx, cancel := context.WithTimeout(e.ctx, patience)
	defer cancel()
	d, err := app.OpenReadOnly(ctx, e.App)
	if err != nil {
		advice := "see that the database runs and lets this machine in, and look at the setting database"
		if e.Settings.Database == "" {
			advice = damaged
		}
		e.problem(err.Error(), advice)
		return nil
	}
	e.db = d
	if e.Settings.Database == "" {
		e.ok("SQLite, which can be read")
	} else {
		e.ok("PostgreSQL, which can be reached")
	}
	return nil
}

// schema compares the version of the schema with what this program knows.
func (e *examination) schema() error {
	newest, err := db.NewestVersion(store.Migrations())
	if err != nil {
		return err
	}
	var version int64
	err = e.view(func(tx *db.Tx) (err error) {
		version, err = tx.SchemaVersion()
		return err
	})
	switch {
	case err != nil:
		return err
	case version == 0:
		e.problem("there are no tables of Parley in the database", "start a server, which makes them, or restore a backup")
	case version > newest:
		e.warning(fmt.Sprintf("the schema has the version %d, and this program knows none above %d", version, newest),
			"use the program of the servers that run; what follows may be mistaken")
		e.upToDate = true
	case version < newest:
		e.warning(fmt.Sprintf("the schema has the version %d, and this program is for %d", version, newest),
			"the next start of a server with this program brings it up to date; some checks are left out")
	default:
		e.ok("version %d, as this program wants it", version)
		e.upToDate = true
	}
	return nil
}

// databaseFile looks at the SQLite file.
func (e *examination) databaseFile() error {
	var mode, sound string
	err := e.view(func(tx *db.Tx) error { return tx.QueryRow("PRAGMA journal_mode").Scan(&mode) })
	if err != nil {
		return err
	}
	if mode != "wal" {
		e.problem("its journal mode is "+mode+": readers and writers wait for each other, and a server refuses it",
			"see that the folder is on a disk of this machine, and start a server, which sets it")
	}
	var synchronous int
	if err := e.view(func(tx *db.Tx) error { return tx.QueryRow("PRAGMA synchronous").Scan(&synchronous) }); err != nil {
		return err
	}
	const full = 2
	if synchronous < full {
		e.problem("what is committed may not be on disk: synchronous is not FULL", "this is a mistake of Parley: please report it")
	}
	ctx, cancel := context.WithTimeout(e.ctx, patience)
	defer cancel()
	check, others := "quick_check", "; --full looks at indexes and references too"
	if e.Full {
		check, others, ctx = "integrity_check", "", e.ctx
	}
	err = e.db.View(ctx, func(tx *db.Tx) error { return tx.QueryRow("PRAGMA " + check + "(1)").Scan(&sound) })
	if err != nil && ctx.Err() != nil && e.ctx.Err() == nil {
		e.warning(fmt.Sprintf("it is so large that reading it takes more than %v", patience), "use --full, which takes as long as it does")
		return nil
	}
	if err != nil || sound != "ok" {
		e.problem(fmt.Sprintf("the file is damaged: %s", or(sound, fmt.Sprint(err))), damaged)
		return nil
	}
	if e.Full {
		err := e.view(func(tx *db.Tx) error {
			var broken int64
			err := tx.QueryRow("SELECT count(*) FROM pragma_foreign_key_check").Scan(&broken)
			if err == nil && broken > 0 {
				e.problem(fmt.Sprintf("%d rows refer to rows that are not there", broken), "something else than Parley has written to the file: restore the last backup")
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	if !e.found() {
		e.ok("it is sound, in the journal mode WAL%s", others)
	}
	return nil
}
