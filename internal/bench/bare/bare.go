// Package bare serves next to nothing over HTTP: what a server costs that has no rules is what ours is compared with.
// It must not grow: what it did for an answer would be taken for the least that an answer costs.
package bare

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Same answers every request with the same bytes.
func Same(answer []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { write(w, answer) })
}

// Point answers GET /contacts/{id} with the row of that id, read by its primary key out of the table answers.
func Point(pool *pgxpool.Pool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := strings.TrimPrefix(r.URL.Path, "/contacts/")
		var answer []byte
		if err := pool.QueryRow(r.Context(), "SELECT answer FROM answers WHERE id = $1", id).Scan(&answer); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		write(w, answer)
	})
}

func write(w http.ResponseWriter, answer []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
	_, _ = w.Write(answer)
}

// Serve serves on a free port of this machine, which it prints as our server does, until ctx ends.
func Serve(ctx context.Context, h http.Handler, output io.Writer) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(output, "Listening on:  http://%s\n", listener.Addr())
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	stopped := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stopped()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
