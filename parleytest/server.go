package parleytest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/datafolder"
	"parley/internal/outbound"
)

// shared is the server that the tests of the process share. It is the one thing here that no test owns: the functions
// of package testing know of no other place for it.
var shared = &keeper{}

// A keeper has a server as long as somebody uses it.
type keeper struct {
	mu    sync.Mutex
	users int
	used  *server
	// empty is the file of a database of which nothing is used yet: its schema is made once in a process.
	empty []byte
}

// Main runs the tests of a package, as its TestMain, and ends the process. The server is there throughout, where it
// would otherwise be made again for each test that nobody else runs beside.
func Main(m *testing.M) {
	if _, err := shared.enter(); err != nil {
		fmt.Fprintf(os.Stderr, "parleytest: %v\n", err)
		os.Exit(1)
	}
	code := m.Run()
	if err := shared.leave(); err != nil {
		fmt.Fprintf(os.Stderr, "parleytest: %v\n", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// enter counts one more who uses the server. It is made for the first.
func (k *keeper) enter() (*server, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.users == 0 {
		s, err := k.open()
		if err != nil {
			return nil, err
		}
		k.used = s
	}
	k.users++
	return k.used, nil
}

// leave counts one less. The last closes the server.
func (k *keeper) leave() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.users--; k.users > 0 {
		return nil
	}
	s := k.used
	k.used = nil
	return s.close()
}

// A server is a Parley without a port, in a temporary folder.
type server struct {
	app     *app.App
	folder  string
	unlock  func() error
	token   string // of whoever rules it
	pipe    *pipe
	http    *http.Server
	control *line // the way of calls of Parley's own

	mu  sync.Mutex
	url string // where it listens; empty: nowhere
}

// folders are the names of temporary folders, as os.MkdirTemp and filepath.Glob have them.
const folders = "parleytest-*"

// stale is the age from which a folder is removed that no process holds: one that was killed left it.
const stale = time.Minute

// open makes a server.
func (k *keeper) open() (s *server, err error) {
	folder, err := os.MkdirTemp("", folders)
	if err != nil {
		return nil, err
	}
	s = &server{folder: folder, token: rand.Text(), pipe: newPipe()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.remove())
		}
	}()
	if s.unlock, err = datafolder.Lock(folder); err != nil {
		return nil, err
	}
	removeStale()
	ctx := context.Background()
	// What goes wrong in a server of tests is shown in what it answers; of what it logs only failures of its own.
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	o := app.Options{Data: filepath.Join(folder, "data"), Unsynced: true, RateLimit: rateLimit, AppRateLimit: rateLimit, Version: "test", Clock: time.Now,
		Logger: logger, DevToken: s.token, AllowPrivateAddresses: true, Webhooks: app.WebhookOptions{Allow: outbound.Allowed{Loopback: true}}}
	if err := k.lay(ctx, o); err != nil {
		return nil, err
	}
	if s.app, err = app.Open(ctx, o); err != nil {
		return nil, err
	}
	s.app.Start()
	s.http = &http.Server{Handler: asSecure(s.app.Handler()), ConnContext: noteSecure, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelError)}
	go s.http.Serve(s.pipe) //nolint:errcheck // ends when the server is closed
	s.control = s.newLine()
	return s, nil
}

// rateLimit is how many requests are made in ten seconds before a workspace is told that they are too many: none is in the
// way of a test. Faults tell it on purpose.
const rateLimit = 1_000_000

// lay puts an empty database into the folder, or learns it from the first.
func (k *keeper) lay(ctx context.Context, o app.Options) error {
	file := filepath.Join(o.Data, app.DatabaseFile)
	if k.empty != nil {
		if err := os.Mkdir(o.Data, 0o700); err != nil {
			return err
		}
		return os.WriteFile(file, k.empty, 0o600)
	}
	d, err := app.OpenDatabase(ctx, o)
	if err != nil {
		return err
	}
	if err := d.Close(); err != nil { // which moves all into the one file
		return err
	}
	k.empty, err = os.ReadFile(file)
	return err
}

// removeStale removes what processes left that were killed.
func removeStale() {
	all, _ := filepath.Glob(filepath.Join(os.TempDir(), folders))
	for _, folder := range all {
		info, err := os.Stat(folder)
		if err != nil || time.Since(info.ModTime()) < stale {
			continue
		}
		unlock, err := datafolder.Lock(folder)
		if err != nil {
			continue // somebody uses it, or it is somebody else's
		}
		_ = os.RemoveAll(folder)
		_ = unlock()
	}
}

// serve has the server listen on a port, and returns where.
func (s *server) serve() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.url != "" {
		return s.url, nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go s.http.Serve(l) //nolint:errcheck // ends when the server is closed
	s.url = "http://" + l.Addr().String()
	return s.url, nil
}

// listens reports whether a host is where the server listens.
func (s *server) listens(host string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url != "" && s.url == "http://"+host
}

// patience is how long work may take that is under way when the last test ends.
const patience = 5 * time.Second

func (s *server) close() error {
	s.control.close()
	s.app.Drain()
	err := s.http.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return errors.Join(err, s.app.Stop(ctx), s.app.Close(), s.remove())
}

func (s *server) remove() error {
	var err error
	if s.unlock != nil {
		err = s.unlock()
	}
	return errors.Join(err, os.RemoveAll(s.folder))
}

// noteSecure and asSecure have the server see requests that came for https as such, so that its links are of that.
type secure struct{}

func noteSecure(ctx context.Context, c net.Conn) context.Context {
	if e, ok := c.(*end); ok && e.secure {
		return context.WithValue(ctx, secure{}, true)
	}
	return ctx
}

func asSecure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Context().Value(secure{}) != nil {
			r.TLS = &tls.ConnectionState{}
		}
		next.ServeHTTP(w, r)
	})
}

// A refusal is a call that was not answered as the test needs it.
type refusal struct {
	call   string
	status int
	body   []byte
}

func (r *refusal) Error() string {
	var told struct {
		Errors []struct{ Message string } `json:"errors"`
	}
	if json.Unmarshal(r.body, &told) == nil && len(told.Errors) > 0 {
		return told.Errors[0].Message + fmt.Sprintf(" (%s: %d)", r.call, r.status)
	}
	return fmt.Sprintf("%s: %d %.500s", r.call, r.status, r.body)
}

// call makes a call with JSON, and reads the answer into out unless that is nil.
func (s *server) call(way http.RoundTripper, token, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequest(method, usualURL+path, body)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := (&http.Client{Transport: way}).Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	switch {
	case err != nil:
		return fmt.Errorf("%s %s: %w", method, path, err)
	case answer.StatusCode < 200 || answer.StatusCode > 299:
		return &refusal{method + " " + path, answer.StatusCode, text}
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("%s %s: %w in %.500s", method, path, err, text)
	}
	return nil
}
