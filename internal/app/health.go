package app

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"parley/internal/db"
	"parley/internal/files"
	"parley/internal/metric"
	"parley/internal/page"
	"parley/internal/stream"
)

// readyTimeout is how long the database may take to show that it is there.
const readyTimeout = 2 * time.Second

// routes puts health, metrics, files, the live stream and the explorer beside the API.
func (a *App) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", alive)
	mux.HandleFunc("GET /readyz", a.ready)
	mux.HandleFunc("GET /metrics", a.tellMetrics)
	mux.Handle("/", a.API)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.draining.Load() {
			w.Header().Set("Connection", "close") // the next one goes to another server
		}
		path := r.URL.Path
		if !aboutServer(path) {
			a.restLater()
		}
		switch {
		case aboutServer(path):
			mux.ServeHTTP(w, r)
		case path == stream.Path && r.Method == http.MethodGet:
			a.stream.ServeHTTP(w, r)
		case strings.HasPrefix(path, files.Prefix):
			a.Files.ServeHTTP(w, r)
		case a.OAuth.Has(path):
			a.OAuth.ServeHTTP(w, r)
		case a.explorer.Has(path):
			a.explorer.ServeHTTP(w, r)
		case a.devPage != nil && a.devPage.Has(path):
			a.devPage.ServeHTTP(w, r)
		default: // the API judges paths itself; a ServeMux answers some with a redirect
			a.API.ServeHTTP(w, r)
		}
	})
}

// aboutServer reports whether a path tells how the server is, which is told whatever else it has to do.
func aboutServer(path string) bool {
	return path == "/livez" || path == "/readyz" || path == "/metrics"
}

// alive answers 200 as long as there is a process to answer.
func alive(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok") }

// ready answers 200 only while requests can be served. Where nothing can be written it
// answers 200 too, and says so: who serves alone is better than nobody.
func (a *App) ready(w http.ResponseWriter, r *http.Request) {
	if a.draining.Load() {
		say(w, http.StatusServiceUnavailable, "the server is stopping")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	switch err := a.db.Ping(ctx); {
	case errors.Is(err, db.ErrUnwritable):
		say(w, http.StatusOK, "ok, but nothing can be written: the disk is full, or fails")
		return
	case err != nil:
		a.options.Logger.Warn("not ready", "error", err)
		say(w, http.StatusServiceUnavailable, "the database does not answer")
		return
	}
	say(w, http.StatusOK, "ok")
}

// tellMetrics answers all or nothing: half of the figures would look like others that are gone.
func (a *App) tellMetrics(w http.ResponseWriter, r *http.Request) {
	text, err := a.registry.Text()
	if err != nil {
		a.options.Logger.Error("metrics cannot be told", "error", err)
		say(w, http.StatusInternalServerError, "the metrics cannot be told")
		return
	}
	h := w.Header()
	h.Set("Content-Type", metric.ContentType)
	h.Set("Vary", "Accept-Encoding")
	if !page.AcceptsGzip(r.Header) {
		w.Write(text) // a caller that has gone is no failure of ours
		return
	}
	h.Set("Content-Encoding", "gzip")
	packer, _ := a.packers.Get().(*gzip.Writer)
	if packer == nil {
		packer = gzip.NewWriter(nil)
	}
	defer a.packers.Put(packer)
	packer.Reset(w)
	packer.Write(text)
	packer.Close()
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	io.WriteString(w, text+"\n") // a caller that has gone is no failure of ours
}
