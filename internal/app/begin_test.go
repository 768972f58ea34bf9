package app_test

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"

	"parley/internal/app"
	"parley/internal/config"
	"parley/internal/db"
	"parley/internal/means"
	"parley/internal/store"
)

// A server that starts while another fills the database waits for it longer than a
// statement may take.
func TestStartWaitsForAnother(t *testing.T) {
	t.Parallel()
	url := means.Postgres(t)
	d, err := db.Open(t.Context(), db.Options{URL: url, Migrations: store.Migrations()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	// The other one is at it until the server was cut off once.
	holds, cut, filled := make(chan struct{}), make(chan struct{}, 100), make(chan error, 1)
	go func() {
		filled <- d.Update(context.Background(), func(tx *db.Tx) error {
			if err := tx.Lock("first start"); err != nil {
				return err
			}
			if _, err := tx.SchemaVersion(); err != nil { // the lock goes with the first statement
				return err
			}
			close(holds)
			<-cut
			return nil
		})
	}()
	<-holds
	t.Cleanup(func() { cut <- struct{}{} }) // if it was not
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	says, out := io.Pipe()
	ended := make(chan error, 1)
	server := app.Server{Version: "test", Output: out, Logger: slog.New(slog.NewTextHandler(onLine{"trying again", cut}, nil)),
		Settings: config.Settings{Addr: "127.0.0.1:0", Data: t.TempDir(), Database: url + "&statement_timeout=300", RateLimit: 1000, FilesShared: true}}
	go func() { ended <- server.Run(ctx) }()
	told := make(chan struct{})
	go func() {
		var buffer [4096]byte
		if n, _ := says.Read(buffer[:]); strings.Contains(string(buffer[:n]), "Listening on:") {
			close(told)
		}
		io.Copy(io.Discard, says)
	}()
	select {
	case <-told:
	case err := <-ended:
		t.Fatalf("it gave up: %v", err)
	}
	if err := <-filled; err != nil {
		t.Error(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// An onLine is told of lines that have a text in them.
type onLine struct {
	text string
	tell chan<- struct{}
}

func (w onLine) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.text) {
		w.tell <- struct{}{}
	}
	return len(p), nil
}
