// Package page sends a page and its files, which are all in the program, under a
// policy that says what browsers may do for it.
// It must not know what a page shows, or who looks at it.
package page

import (
	"bytes"
	"io/fs"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options are what a Door sends.
type Options struct {
	// Path is where the page is, with or without a slash behind it. All else is below it.
	Path string
	// Files has the folders: index.html in one of them is the page. It refers to the others
	// by their names alone, whatever folder they are in. What ends in .gz is compressed
	// already, and sent under the name without.
	Files   fs.ReadDirFS
	Folders []string
	Policy  string // the Content-Security-Policy
	Logger  *slog.Logger
}

// A Door answers requests for a page and its files.
type Door struct {
	Options
	files func() (map[string]*file, error)
}

// New makes the door. The files are made ready when the first is asked for, which
// commands other than the server's never do.
func New(o Options) *Door {
	d := &Door{Options: o}
	d.files = sync.OnceValues(d.load)
	return d
}

// Has reports whether a path is the page's or below it.
func (d *Door) Has(path string) bool {
	rest, ok := strings.CutPrefix(path, d.Path)
	return ok && (rest == "" || rest[0] == '/')
}

// ServeHTTP needs no token: what it sends is the same for everybody.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", d.Policy)
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
	if AcceptsGzip(r.Header) {
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
	d.Logger.LogAttrs(r.Context(), slog.LevelError, "a page cannot be shown", slog.String("path", d.Path), slog.Any("error", err))
	refuse(w, http.StatusInternalServerError)
}

func refuse(w http.ResponseWriter, status int) {
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, http.StatusText(status), status)
}
