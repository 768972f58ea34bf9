package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"parley/internal/model"
	"parley/internal/model/sandbox"
)

// ownPath reports whether a request is for what the live API does not have.
func ownPath(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, ours) }

// meetFault has a call go wrong as a developer has it for the workspace. What the live
// API does not have never does, so that nobody is locked out.
func (a *API) meetFault(w http.ResponseWriter, r *request) error {
	if len(r.actor.Workspace.Sandbox.Faults) == 0 || r.op.dev || ownPath(r.http) {
		return nil
	}
	f, ok, err := a.Sandbox.Meet(r.Context(), r.actor, &sandbox.Call{Operation: r.op.meta.ID, Method: r.http.Method,
		Path: r.http.URL.EscapedPath(), Query: r.http.URL.RawQuery, Body: r.body})
	if err != nil || !ok {
		return err
	}
	r.fault = &f
	if err := pause(r.Context(), time.Duration(f.Latency)*time.Millisecond); err != nil {
		return err
	}
	h := w.Header()
	switch {
	case f.Drop && !f.After:
		a.record(r, h, 0, nil)
		panic(http.ErrAbortHandler) // which closes the connection
	case f.RateLimit:
		h["X-RateLimit-Remaining"] = []string{"0"}
		f.Status = http.StatusTooManyRequests
	case f.Status == 0:
		return nil
	}
	return &chosen{f.Status, f.RetryAfter, faultError(&f, asSpelt(h, "X-RateLimit-Limit"))}
}

// asSpelt is a header that is named as the live API spells it, and not as Go would.
func asSpelt(h http.Header, name string) string { return strings.Join(h[name], "") }

// A chosen failure is one that a fault has a call answered with, whatever its status.
type chosen struct {
	status     int
	retryAfter int64 // seconds; 0: the answer does not say
	told       *model.Error
}

func (c *chosen) Error() string { return fmt.Sprintf("fault: %d %v", c.status, c.told) }

// failures are the codes and messages with which the live API answers a status.
var failures = map[int]model.Error{
	http.StatusBadRequest:           {Code: "bad_request", Message: "Bad Request"},
	http.StatusUnauthorized:         {Code: "unauthorized", Message: "Access Token Invalid"},
	http.StatusForbidden:            {Code: "api_plan_restricted", Message: "Active subscription needed."},
	http.StatusNotFound:             {Code: "not_found", Message: "Resource Not Found"},
	http.StatusMethodNotAllowed:     {Code: "action_forbidden", Message: "Method Not Allowed"},
	http.StatusNotAcceptable:        {Code: "media_type_not_acceptable", Message: "The Accept header should send a media type of application/json"},
	http.StatusRequestTimeout:       {Code: "request_timeout", Message: "Request Timeout"},
	http.StatusConflict:             {Code: "conflict", Message: "Multiple existing users match this email address - must be more specific using user_id"},
	http.StatusUnsupportedMediaType: {Code: "unsupported", Message: "Unsupported Media Type"},
	http.StatusUnprocessableEntity:  {Code: "unprocessable_entity", Message: "Unprocessable Entity"},
	http.StatusTooManyRequests:      {Code: "rate_limit_exceeded"}, // its message has the limit
	http.StatusServiceUnavailable:   {Code: "service_unavailable", Message: "Service Unavailable"},
}

// faultError is what the body of a fault's answer says.
func faultError(f *sandbox.Fault, limit string) *model.Error {
	status, e := f.Status, failures[f.Status]
	if status == http.StatusTooManyRequests {
		e.Message = "Exceeded rate limit of " + limit + " in 10_seconds"
	}
	usual := "client_error"
	if status >= http.StatusInternalServerError {
		usual = "server_error"
	}
	e.Code = cmp.Or(f.Code, e.Code, usual)
	e.Message = cmp.Or(f.Message, e.Message, http.StatusText(status), "Error "+strconv.Itoa(status))
	return &e
}

// pause waits, or until the context ends.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A badLine is the way of an answer that a fault drops, cuts or slows down.
type badLine struct {
	http.ResponseWriter
	fault *sandbox.Fault
	ctx   context.Context
	sent  int64
}

// Unwrap is for http.ResponseController.
func (l *badLine) Unwrap() http.ResponseWriter { return l.ResponseWriter }

// WriteHeader sends the header, which announces the whole body, unless there is to be
// no answer.
func (l *badLine) WriteHeader(status int) {
	if l.fault.Drop {
		panic(http.ErrAbortHandler)
	}
	l.ResponseWriter.WriteHeader(status)
}

// Write sends what of the body is to be sent. Where that is not all, the connection is
// closed.
func (l *badLine) Write(p []byte) (int, error) {
	if most := l.fault.Truncate; most > 0 {
		if l.sent+int64(len(p)) <= most {
			l.sent += int64(len(p))
			return l.ResponseWriter.Write(p)
		}
		_, _ = l.ResponseWriter.Write(p[:most-l.sent])
		_ = http.NewResponseController(l.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	if l.fault.Drip > 0 {
		return l.drip(p)
	}
	return l.ResponseWriter.Write(p)
}

// drips is how many pieces a second a slow body comes in, at most.
const drips = 20

// drip sends a piece, waits for as long as it takes at the rate, and goes on. The
// server's bound on a whole answer holds for each piece.
func (l *badLine) drip(p []byte) (n int, err error) {
	conn := http.NewResponseController(l.ResponseWriter)
	piece := max(l.fault.Drip/drips, 1)
	for len(p) > 0 {
		size := min(piece, int64(len(p)))
		// By the clock of the machine, as connections go. What has no deadlines is none.
		_ = conn.SetWriteDeadline(time.Now().Add(stall))
		written, err := l.ResponseWriter.Write(p[:size])
		if n += written; err != nil {
			return n, err
		}
		_ = conn.Flush()
		if p = p[size:]; len(p) > 0 {
			if err := pause(l.ctx, time.Duration(size)*time.Second/time.Duration(l.fault.Drip)); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}
