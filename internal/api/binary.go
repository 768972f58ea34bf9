package api

import (
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"time"
)

// A binary is the answer of an operation that produces bytes and no JSON.
type binary struct {
	body io.ReadCloser
	size int64  // bytes
	name string // of a file, for whoever saves it
}

// octets is the media type of a binary.
const octets = "application/octet-stream"

const (
	// stall is how long a client may take for each piece of a binary, in place of the
	// server's bound on a whole answer.
	stall = 90 * time.Second
	piece = 256 << 10 // bytes
)

// stream sends a binary piece by piece, as it is read. What breaks off is shorter
// than was announced, which the client sees.
func (a *API) stream(w http.ResponseWriter, r *request, status int, b binary) int {
	defer b.body.Close()
	h := w.Header()
	h.Set("Content-Type", octets)
	h.Set("Content-Length", strconv.FormatInt(b.size, 10))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": b.name}))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "private, no-store")
	w.WriteHeader(status)
	if r.http.Method == http.MethodHead {
		return status
	}
	conn := http.NewResponseController(w)
	for {
		_ = conn.SetWriteDeadline(a.Clock().Add(stall)) // what has no deadlines is no connection
		_, err := io.CopyN(w, b.body, piece)
		switch {
		case err == io.EOF:
			return status
		case r.Context().Err() != nil: // the client has gone
			return status
		case err != nil:
			a.Logger.LogAttrs(r.Context(), slog.LevelWarn, "an answer broke off", slog.String("request_id", r.id),
				slog.String("operation", r.op.meta.ID), slog.Any("error", err))
			return status
		}
	}
}
