// Package explorer is the door to a page where people read the contract and make
// calls: a viewer with all that it needs, embedded.
// It must not know an operation or who asks: the page reads /openapi.json and calls
// the API as any other client does.
package explorer

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// Path is where the page is, with or without a slash behind it. All else that the
// door answers is below it.
const Path = "/docs"

// Link is where the page is and the token that it is to use, as its script reads it.
// Browsers keep what follows the # to themselves.
func Link(token string) string { return Path + "#token=" + url.PathEscape(token) }

// policy is what browsers may do for the page: load what is embedded and call this
// server. So nothing is asked of anybody else, whatever the viewer or a text of the
// contract would have it do. Images in data: URLs are those in the viewer's styles.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// A Door answers requests for the page and its files.
type Door struct {
	files  func() (map[string]*file, error)
	logger *slog.Logger
}

// New makes the door. The files are made ready when the first is asked for, which
// commands other than the server's never do.
func New(logger *slog.Logger) *Door { return &Door{sync.OnceValues(load), logger} }

// ServeHTTP needs no token: what it sends is the same for everybody.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		refuse(w, http.StatusMethodNotAllowed)
		return
	}
	files, err := d.files()
	if err != nil {
		d.fail(w, r, err)
		return
	}
	f, ok := files[r.URL.Path]
	if !ok {
		refuse(w, http.StatusNotFound)
		return
	}
	body, version := f.packed, f.version+"-gzip"
	if acceptsGzip(r.Header) {
		h.Set("Content-Encoding", "gzip")
	} else {
		if body, err = unpack(f.packed); err != nil {
			d.fail(w, r, err)
			return
		}
		version = f.version
	}
	h.Set("Content-Type", f.contentType)
	h.Set("Content-Length", strconv.Itoa(len(body))) // ServeContent leaves it out of what is encoded
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", `"`+version+`"`)
	h.Set("Cache-Control", "no-cache")
	if r.URL.Query().Get("v") == f.version {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// fail answers what only a mistake in the embedded files leads to.
func (d *Door) fail(w http.ResponseWriter, r *http.Request, err error) {
	d.logger.LogAttrs(r.Context(), slog.LevelError, "the API explorer cannot be shown", slog.Any("error", err))
	refuse(w, http.StatusInternalServerError)
}

func refuse(w http.ResponseWriter, status int) {
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, http.StatusText(status), status)
}
