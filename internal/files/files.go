// Package files is the door that attachments are got through, by signed links
// that need no token.
// It must not decide who may see a file: that is in the link.
package files

import (
	"errors"
	"io/fs"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/service/inbox"
)

// Prefix is what the path of every link begins with.
const Prefix = "/files/"

// Options are what the door needs.
type Options struct {
	Inbox  *inbox.Service
	Logger *slog.Logger
}

// A Door answers requests for files.
type Door struct{ Options }

// New makes the door.
func New(o Options) *Door { return &Door{o} }

// ServeHTTP answers every link that is wrong, has expired or leads to what is gone
// in the same way.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, http.StatusMethodNotAllowed)
		return
	}
	link, ok := readLink(r.URL.Path)
	if !ok {
		refuse(w, http.StatusNotFound)
		return
	}
	err := d.send(w, r, link)
	if err == nil {
		return
	}
	// That a file is not where its row says is for whoever runs the server to
	// know.
	if _, told := model.AsError(err); !told && r.Context().Err() == nil {
		d.Logger.LogAttrs(r.Context(), slog.LevelError, "a file cannot be served", slog.String("workspace", string(link.Workspace)),
			slog.String("attachment", string(link.Attachment)), slog.Any("error", err))
		if errors.Is(err, db.ErrUnavailable) {
			w.Header().Set("Retry-After", "1")
			refuse(w, http.StatusServiceUnavailable)
			return
		}
		if !errors.Is(err, fs.ErrNotExist) {
			refuse(w, http.StatusInternalServerError)
			return
		}
	}
	refuse(w, http.StatusNotFound)
}

// readLink takes a link apart. The name at its end is for people only.
func readLink(path string) (model.FileLink, bool) {
	at := strings.Split(strings.TrimPrefix(path, Prefix), "/")
	if len(at) != 5 || !utf8.ValidString(path) || strings.Contains(path, "\x00") {
		return model.FileLink{}, false
	}
	return model.FileLink{Workspace: model.WorkspaceID(at[0]), Attachment: model.AttachmentID(at[1]),
		Expires: model.Decimal[int64](at[2]), Signature: at[3]}, true
}

func refuse(w http.ResponseWriter, status int) {
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, http.StatusText(status), status)
}

// send sends the file that a link leads to.
func (d *Door) send(w http.ResponseWriter, r *http.Request, link model.FileLink) error {
	a, lasts, err := d.Inbox.FindAttachment(r.Context(), link)
	if err != nil {
		return err
	}
	file, _, err := d.Inbox.OpenAttachment(r.Context(), a)
	if err != nil {
		return err
	}
	defer file.Close()
	h := w.Header()
	h.Set("Content-Type", a.ContentType)
	h.Set("Content-Disposition", disposition(a))
	// What somebody sent must not run with the rights of this server's address.
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "private, max-age="+strconv.FormatInt(lasts, 10))
	h.Set("ETag", `"`+string(a.ID)+`"`) // a file never changes
	http.ServeContent(w, r, "", time.Time{}, file)
	return nil
}

// disposition says whether to show or to save a file, and under which name.
func disposition(a *model.Attachment) string {
	how := "attachment"
	if a.Inline() {
		how = "inline"
	}
	return mime.FormatMediaType(how, map[string]string{"filename": a.Name})
}
