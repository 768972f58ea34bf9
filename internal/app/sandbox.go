package app

import (
	"context"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/seed"
	"parley/internal/service/sandbox"
)

// demoSeed is the name of the seed that is the example company.
const demoSeed = "demo"

// changes counts what is written to the database and what waits for its turn. PostgreSQL has no turns, and others write to it too.
func changes(d *db.DB) func() int64 {
	if d.Dialect().Shared() {
		return func() int64 { return 0 }
	}
	return func() int64 {
		s := d.Stats()
		return s.Updates + s.Rollbacks + s.Waiting
	}
}

// readSeed reads the text of a seed for the rules of workspaces that tests are made with. No
// text is a seed of nothing.
func (a *App) readSeed(text string) (*sandbox.Seed, error) {
	var file *seed.File
	var err error
	if text == demoSeed {
		file, err = a.readDemo()
	} else {
		file, err = seed.Parse("seed", []byte(text))
	}
	if err != nil {
		return nil, told(err)
	}
	of := &sandbox.Seed{HasAdmins: len(file.Admins) > 0, Fill: func(ctx context.Context, id model.WorkspaceID) error {
		_, err := a.Seeds.Apply(ctx, file, id)
		return told(err)
	}}
	if w := file.Workspace; w != nil {
		of.Workspace = model.Workspace{Name: w.Name, Timezone: w.Timezone, Region: w.Region}
		if of.Workspace.OfficeHours, err = model.ParseOfficeHours(w.OfficeHours); err != nil {
			return nil, told(err)
		}
		w.ID = "" // of as many workspaces as are made of it
	}
	file.OneOfMany = true
	return of, nil
}

// told is an error for whoever wrote a seed, in the API's words, or one that is none of
// theirs.
func told(err error) error {
	if err == nil || !seed.IsFault(err) {
		return err
	}
	message := err.Error()
	if e, ok := err.(*model.Error); ok {
		message = e.Message
	}
	return &model.Error{Kind: model.Invalid, Code: "seed_invalid", Message: message}
}
