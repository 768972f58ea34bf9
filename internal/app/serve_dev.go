package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/requestlog"
	"parley/internal/service/sandbox"
	"parley/internal/tail"
)

// Dev is how a server is watched by whoever writes an integration: its output shows what
// it is asked. The token that is set opens a workspace whenever the server starts, which
// can be reset if the server made it.
type Dev struct {
	Color    bool           // of the output
	Location *time.Location // of the times in it
	Note     string         // is told at the start
}

// beginDev finds the workspace that the token opens. Where there is none it becomes one of
// the oldest, or of a new one.
func (s *Server) beginDev(ctx context.Context, a *App) (greeting, error) {
	hello := greeting{token: s.Settings.Token, note: s.Dev.Note}
	by, err := a.Workspace.Authenticate(ctx, hello.token)
	if err == nil {
		hello.workspace = by.Workspace
		return hello, nil
	}
	if e, told := model.AsError(err); !told || e.Kind != model.Unauthorized {
		return hello, err
	}
	first, err := findFirst(ctx, a)
	if err != nil {
		return hello, err
	}
	if hello.workspace = first.workspace; hello.workspace == nil {
		request := sandbox.Request{Token: hello.token}
		if s.Settings.Demo {
			request.Seed = demoSeed
		}
		if hello.workspace, _, err = a.Sandbox.Create(ctx, request); err != nil {
			err = fmt.Errorf("making the first workspace: %w", err)
		}
		return hello, err
	}
	if by, err = a.Workspace.Operator(ctx, hello.workspace.ID); err != nil {
		return hello, err
	}
	_, err = a.Workspace.CreateToken(ctx, by, by.Admin, "parley dev", hello.token)
	return hello, err
}

// A watch shows what a server is asked; nil where nobody looks.
type watch struct {
	tail  *tail.Tail
	calls <-chan *requestlog.Entry
	stop  context.CancelFunc
	ended chan struct{}
}

// watch has what a server tells webhooks be shown once the watch begins, if somebody looks.
func (s *Server) watch(o *Options) *watch {
	if s.Dev == nil {
		return nil
	}
	w := &watch{tail: tail.New(tail.Options{To: s.Output, Color: s.Dev.Color, Location: s.Dev.Location}), ended: make(chan struct{})}
	o.Sent = func(ws model.WorkspaceID, url string, d event.Delivery, a event.Attempt) {
		w.tail.Delivered(tail.Delivery{At: o.Clock(), Took: a.Took, Workspace: string(ws), Topic: string(d.Notification.Topic), URL: url,
			Attempt: a.Number, Status: a.Status, State: string(d.State), Error: a.Error})
	}
	return w
}

// follow has the calls wait that come from now on.
func (w *watch) follow(a *App) {
	if w == nil {
		return
	}
	var ctx context.Context
	ctx, w.stop = context.WithCancel(context.Background())
	w.calls = a.Requests.Follow(ctx)
}

// begin shows them.
func (w *watch) begin(a *App, ws model.WorkspaceID) {
	if w == nil {
		return
	}
	go func() {
		defer close(w.ended)
		if err := w.tail.Run(string(ws), a.Requests, w.calls); err != nil {
			a.options.Logger.Warn("calls are not shown any more", "error", err)
		}
	}()
}

// end shows what has come, and no more. It does not wait for an output that hangs.
func (w *watch) end() {
	if w == nil {
		return
	}
	w.stop()
	select {
	case <-w.ended:
	case <-time.After(closeTimeout):
	}
}

// ForgetData removes the database and the attachments of a folder, as if no server had run
// on it. None may be at it.
func ForgetData(dir string) error {
	unlock, err := lockFolder(dir)
	if err != nil {
		return err
	}
	defer unlock()
	// The database goes last: until then a start finds it, and whoever forgets may do so again.
	for _, name := range []string{FilesFolder, DatabaseFile + "-wal", DatabaseFile + "-shm", DatabaseFile} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
