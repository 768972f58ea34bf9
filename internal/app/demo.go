package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"parley/internal/config"
	"parley/internal/model"
	"parley/internal/seed"
)

// demo is the example company, as it was read.
type demo struct {
	file *seed.File
	err  error
}

// demoAhead begins to read the example company where a server is about to make its database and to fill it with that: the one is done while the other is.
// Elsewhere it is nil.
func demoAhead(s config.Settings) <-chan demo {
	if !s.Demo || s.Database != "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(s.Data, DatabaseFile)); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	read := make(chan demo, 1)
	go func() {
		defer close(read)
		file, err := seed.Demo()
		read <- demo{file, err}
	}()
	return read
}

// readDemo reads the example company. The first who asks has what was read ahead.
func (a *App) readDemo() (*seed.File, error) {
	if a.options.demo != nil {
		if read, first := <-a.options.demo; first {
			return read.file, read.err
		}
	}
	return seed.Demo()
}

// createDemo makes the example company.
func (a *App) createDemo(ctx context.Context) (*model.Actor, error) {
	file, err := a.readDemo()
	if err != nil {
		return nil, err
	}
	report, err := a.Seeds.Apply(ctx, file, "")
	if err != nil {
		return nil, err
	}
	return &model.Actor{Workspace: report.Workspace, Admin: report.Owner}, nil
}
