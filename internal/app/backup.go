package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"parley/internal/backup"
	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/store/audit"
)

// facts are what an archive must know of our tables.
func facts() backup.Facts {
	f := backup.Facts{Passing: audit.Passing(), Told: audit.Told(), Workspaces: audit.Workspaces}
	for _, q := range audit.Files() {
		f.Files = append(f.Files, backup.FileNames{Table: q.Tables[0], Keys: q.SQL})
	}
	return f
}

// OpenReadOnly opens the database that the options name to be read, whatever its schema, and changes nothing about it.
func OpenReadOnly(ctx context.Context, o Options) (*db.DB, error) {
	return db.Open(ctx, db.Options{URL: o.Database, Path: filepath.Join(o.Data, DatabaseFile), ReadOnly: true, Readers: 1, MaxConns: 2, Logger: o.Logger})
}

// Backup writes an archive of the whole database, and of attachments and exports unless they are left out. Servers may
// run meanwhile.
func Backup(ctx context.Context, o Options, withFiles bool, to io.Writer) (*backup.Manifest, error) {
	d, err := OpenReadOnly(ctx, o)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	if err := mustKnowSchema(ctx, d); err != nil {
		return nil, err
	}
	source := backup.Source{Database: d, Facts: facts(), Program: o.Version, Now: o.Clock()}
	if withFiles {
		if source.Files, err = OpenFiles(o); err != nil {
			return nil, err
		}
	}
	return backup.Write(ctx, source, to)
}

// mustKnowSchema refuses a database of a newer Parley: nobody knows what is special about its tables.
func mustKnowSchema(ctx context.Context, d *db.DB) error {
	newest, err := db.NewestVersion(store.Migrations())
	if err != nil {
		return err
	}
	return d.View(ctx, func(tx *db.Tx) error {
		version, err := tx.SchemaVersion()
		if err == nil && version > newest {
			err = fmt.Errorf("%w: its schema has version %d, this one knows none above %d", db.ErrNewerSchema, version, newest)
		}
		return err
	})
}

// Restore fills the empty database that the options name from an archive, all or nothing, and puts its files where the
// settings say.
func Restore(ctx context.Context, o Options, withFiles bool, from io.Reader) (*backup.Head, *backup.Manifest, error) {
	r, err := backup.NewReader(from)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	if o.Database == "" {
		unlock, err := lockFolder(o.Data)
		if err != nil {
			return nil, nil, err
		}
		defer unlock()
	}
	target := backup.Target{Facts: facts(), First: o.Clock().UnixMicro()}
	takeBack := func(context.Context) error { return nil }
	if withFiles {
		files, err := OpenFiles(o)
		if err != nil {
			return nil, nil, err
		}
		place, err := backup.NewPlace(files)
		if err != nil {
			return nil, nil, err
		}
		defer place.Close()
		target.Keep, takeBack = place.Keeper(ctx), place.TakeBack
	}
	m, err := load(ctx, o, r, target)
	if err != nil && !errors.Is(err, db.ErrLoaded) {
		err = errors.Join(err, takeBack(context.WithoutCancel(ctx)))
	}
	return &r.Head, m, err
}

func load(ctx context.Context, o Options, r *backup.Reader, target backup.Target) (m *backup.Manifest, err error) {
	options := db.Options{URL: o.Database, Path: filepath.Join(o.Data, DatabaseFile), Migrations: store.Migrations(), Logger: o.Logger}
	err = db.Load(ctx, options, r.Head.Schema, func(l *db.Loader) (err error) {
		m, err = r.Load(l, target)
		return err
	})
	return m, err
}

// A Verdict is what a look at an archive found.
type Verdict struct {
	Head     backup.Head
	Manifest backup.Manifest
	Counts   int              // kinds of kept numbers that were counted anew
	Wrong    []audit.Mismatch // of those, up to five of a kind
}

// Verify restores an archive into a database of its own in a temporary folder, which then goes, and counts anew what is
// kept. An error says why the archive cannot be restored.
func Verify(ctx context.Context, o Options, from io.Reader) (*Verdict, error) {
	dir, err := os.MkdirTemp("", "parley-verify-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	r, err := backup.NewReader(from)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	o = Options{Data: dir, Logger: o.Logger}
	m, err := load(ctx, o, r, backup.Target{Facts: facts(), First: 1})
	if err != nil {
		return nil, err
	}
	d, err := OpenReadOnly(ctx, o)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	v := &Verdict{Head: r.Head, Manifest: *m}
	const most = 5
	err = d.View(ctx, func(tx *db.Tx) (err error) {
		v.Wrong, v.Counts, err = audit.Recount(tx, most)
		return err
	})
	return v, err
}
