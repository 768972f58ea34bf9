// Package stream is the door of the live stream: server-sent events of what happens
// in a workspace, which go on without a gap when they are resumed.
// It must not decide who may see what.
package stream

import (
	"context"
	"errors"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/model/sandbox"
	"parley/internal/service/live"
	"parley/internal/service/workspace"
	"parley/internal/wire"
)

// Path is where the stream is.
const Path = "/_parley/events"

// Options are what the door needs.
type Options struct {
	Workspace *workspace.Service
	Live      *live.Service
	Logger    *slog.Logger
	// Admit counts the opening of a stream as a request, tells in the header where the
	// caller stands, and may refuse it. What is told afterwards counts as nothing.
	Admit func(context.Context, http.Header, *model.Actor) error
	// Version of the API, as answers tell it.
	Version string
	// Beat is how often a stream says that it is there; 0 means every 15 seconds.
	Beat time.Duration
}

const (
	beat = 15 * time.Second
	// check is after how many beats a stream looks whether who listens still may.
	check = 4
	// patience is how long a client may take to read what was sent to it before it is
	// given up.
	patience = 20 * time.Second
)

// A Door answers requests for streams.
type Door struct{ Options }

// New makes the door.
func New(o Options) *Door {
	if o.Beat <= 0 {
		o.Beat = beat
	}
	return &Door{o}
}

// ServeHTTP tells what happens until the client goes, falls behind or may listen no
// more, or the server stops. A client that comes back goes on where it was.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := model.NewUUID()
	w.Header().Set("X-Request-Id", id)
	w.Header().Set("Intercom-Version", d.Version)
	l, s, err := d.open(w, r)
	if err != nil {
		d.refuse(w, r, id, err)
		return
	}
	defer s.Close()
	if err := d.tell(r.Context(), newWriter(w), token(r), l, s); err != nil && r.Context().Err() == nil {
		d.Logger.LogAttrs(r.Context(), slog.LevelWarn, "a stream was cut off", slog.String("request_id", id), slog.Any("error", err))
	}
}

// open lets in who may listen.
func (d *Door) open(w http.ResponseWriter, r *http.Request) (*live.Listener, *live.Stream, error) {
	by, err := d.Workspace.Authenticate(r.Context(), token(r))
	if err != nil {
		return nil, nil, err
	}
	if by.IP, _, err = net.SplitHostPort(r.RemoteAddr); err != nil {
		by.IP = r.RemoteAddr
	}
	if err := d.Admit(r.Context(), w.Header(), by); err != nil {
		return nil, nil, err
	}
	if !accepts(r.Header.Values("Accept")) {
		return nil, nil, &model.Error{Kind: model.NotAcceptable, Code: "media_type_not_acceptable",
			Message: "The Accept header should send a media type of text/event-stream"}
	}
	l, err := listener(r.URL.Query(), r.Header.Get("Last-Event-ID"))
	if err != nil {
		return nil, nil, err
	}
	l.By = by
	s, err := d.Live.Listen(sandbox.With(r.Context(), by.Workspace.Sandbox), l)
	return l, s, err
}

// token is the bearer token of a request. None is taken from the URL, which ends
// up in logs.
func token(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// accepts reports whether a caller takes a stream of events.
func accepts(values []string) bool {
	all := strings.Join(values, ",")
	if strings.TrimSpace(all) == "" {
		return true
	}
	for part := range strings.SplitSeq(all, ",") {
		name, _, err := mime.ParseMediaType(part)
		if err == nil && (name == "text/event-stream" || name == "text/*" || name == "*/*") {
			return true
		}
	}
	return false
}

// maxTopics is how many topics a stream can name.
const maxTopics = 100

// listener reads what a client wants to hear, and where it was. A browser that
// comes back to the URL it knows says in the header where it was.
func listener(q url.Values, last string) (*live.Listener, error) {
	l := &live.Listener{Contact: model.ContactID(q.Get("contact_id"))}
	if !utf8.ValidString(string(l.Contact)) || strings.ContainsRune(string(l.Contact), 0) {
		return nil, model.UserNotFound()
	}
	var known bool
	switch after := q.Get("after"); {
	case last != "":
		l.Resumes = true
		l.After, known = event.ParsePosition(last)
		l.Unknown = !known
	case after != "":
		l.Resumes = true
		if l.After, known = event.ParsePosition(after); !known {
			return nil, model.ParameterInvalid("after is not a position")
		}
	}
	var err error
	l.Topics, err = topics(q["topics"])
	return l, err
}

// topics reads which topics a client wants to hear of; nil is all.
func topics(lists []string) (map[event.Topic]bool, error) {
	all := strings.Join(lists, ",")
	if all == "" {
		return nil, nil
	}
	wanted := map[event.Topic]bool{}
	for name := range strings.SplitSeq(all, ",") {
		name = strings.TrimSpace(name)
		topic, known := event.Known(name)
		switch {
		case topic == event.AllTopics:
			return nil, nil
		case known:
		case name == string(event.Changed), name == string(event.Typing), name == string(event.Presence):
			topic = event.Topic(name)
		default:
			return nil, model.ParameterInvalid("%.80q is not a topic", name)
		}
		if wanted[topic] = true; len(wanted) > maxTopics {
			return nil, model.ParameterInvalid("A stream can name %d topics at most", maxTopics)
		}
	}
	return wanted, nil
}

// refuse answers with a failure in the API's form.
func (d *Door) refuse(w http.ResponseWriter, r *http.Request, id string, err error) {
	e, told := model.AsError(err)
	status := http.StatusInternalServerError
	switch {
	case told:
		status = statuses[e.Kind]
	case errors.Is(err, context.Canceled):
		return // nobody reads it
	case errors.Is(err, db.ErrUnavailable):
		status = http.StatusServiceUnavailable
		d.Logger.LogAttrs(r.Context(), slog.LevelWarn, "a stream is refused for want of the database", slog.String("request_id", id), slog.Any("error", err))
		e = &model.Error{Code: "service_unavailable", Message: "The server cannot answer at the moment. Please try again"}
		w.Header().Set("Retry-After", "1")
	default:
		d.Logger.LogAttrs(r.Context(), slog.LevelError, "a stream cannot be opened", slog.String("request_id", id), slog.Any("error", err))
		e = &model.Error{Code: "server_error", Message: "Something went wrong on our side. Please try again"}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	w.Write(encoded(wire.NewError(id, e.Code, e.Message))) // a client that has gone is no failure of ours
}

// statuses are those of the kinds of failure that come up here.
var statuses = map[model.Kind]int{
	model.Invalid:       http.StatusBadRequest,
	model.Unauthorized:  http.StatusUnauthorized,
	model.Forbidden:     http.StatusForbidden,
	model.NotFound:      http.StatusNotFound,
	model.NotAcceptable: http.StatusNotAcceptable,
	model.RateLimited:   http.StatusTooManyRequests,
	model.Unavailable:   http.StatusServiceUnavailable,
}
