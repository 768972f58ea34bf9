// Package doctor looks at the settings of a Parley, and at the database and the place of files that they name, and says
// what is wrong and what to do about it.
// It must not change anything, but for a probe among the files where it is told to write one.
package doctor

import (
	"context"
	"fmt"
	"time"

	"parley/internal/app"
	"parley/internal/blob"
	"parley/internal/config"
	"parley/internal/db"
)

// Options say what to look at, and how closely.
type Options struct {
	Settings config.Settings
	App      app.Options // that the settings stand for
	Full     bool        // everything is read: all of the database, all files that rows name
	Write    bool        // a file is written, read and deleted where files are

	// OldTransaction is how long a transaction may hold others up before it is told; 0: a minute.
	OldTransaction time.Duration
}

// A Level says how bad something is.
type Level string

// The levels of findings.
const (
	OK      Level = "ok"
	Warning Level = "warning" // it works, but may not for long, or not for everybody
	Problem Level = "problem" // it does not work, or something is lost
)

// A Finding is what a check has found out.
type Finding struct {
	Check  string `json:"check"`
	Level  Level  `json:"level"`
	Text   string `json:"text"`
	Advice string `json:"advice,omitzero"` // what to do about it
}

// A check is one thing that is looked at. A new one is a function and a line here.
type check struct {
	name string
	look func(*examination) error // an error is a problem, too
}

// before are the checks that need no database.
func before() []check {
	return []check{
		{"settings", (*examination).settings},
		{"data folder", (*examination).dataFolder},
		{"files", (*examination).place},
		{"database", (*examination).open},
	}
}

// inside are the checks of a database that can be read.
func inside(dialect *db.Dialect) []check {
	checks := []check{{"schema", (*examination).schema}}
	if dialect.Name() == "postgres" {
		checks = append(checks,
			check{"server", (*examination).server},
			check{"clock", (*examination).clock},
			check{"connections", (*examination).connections},
			check{"transactions", (*examination).transactions},
			check{"indexes", (*examination).indexes},
			check{"vacuum", (*examination).vacuum})
	} else {
		checks = append(checks, check{"database file", (*examination).databaseFile})
	}
	return append(checks,
		check{"jobs", (*examination).jobs},
		check{"webhooks", (*examination).webhooks},
		check{"files of rows", (*examination).blobs},
		check{"kept numbers", (*examination).counts})
}

// An examination is a run of the checks.
type examination struct {
	Options
	ctx      context.Context
	files    blob.Store // nil if the settings name none that can be used
	db       *db.DB     // nil while it is not open
	upToDate bool       // the schema is one that this program knows

	check    string
	findings []Finding
}

// Examine runs all checks, and returns what they found in their order. Each finds something.
func Examine(ctx context.Context, o Options) []Finding {
	e := &examination{Options: o, ctx: ctx}
	e.run(before())
	if e.db != nil {
		defer e.db.Close()
		e.run(inside(e.db.Dialect()))
	}
	return e.findings
}

func (e *examination) run(checks []check) {
	for _, c := range checks {
		e.check = c.name
		if err := c.look(e); err != nil {
			e.problem(fmt.Sprintf("the check failed: %v", err), "")
		}
	}
}

func (e *examination) ok(format string, args ...any) { e.find(OK, fmt.Sprintf(format, args...), "") }

func (e *examination) warning(text, advice string) { e.find(Warning, text, advice) }

func (e *examination) problem(text, advice string) { e.find(Problem, text, advice) }

func (e *examination) find(level Level, text, advice string) {
	e.findings = append(e.findings, Finding{e.check, level, text, advice})
}

// found reports whether the check that runs has found something bad.
func (e *examination) found() bool {
	n := len(e.findings)
	return n > 0 && e.findings[n-1].Check == e.check && e.findings[n-1].Level != OK
}

// view reads the database.
func (e *examination) view(fn func(*db.Tx) error) error {
	return e.db.View(e.ctx, func(tx *db.Tx) error {
		if e.Full {
			if err := tx.Unhurried(); err != nil {
				return err
			}
		}
		return fn(tx)
	})
}

// at is a time as people read it.
func at(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.DateTime) }
