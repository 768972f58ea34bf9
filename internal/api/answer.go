package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"parley/internal/blob"
	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/wire"
)

// statuses is the one place where kinds of failure become statuses.
var statuses = map[model.Kind]int{
	model.Invalid:       http.StatusBadRequest,
	model.Unauthorized:  http.StatusUnauthorized,
	model.Forbidden:     http.StatusForbidden,
	model.NotFound:      http.StatusNotFound,
	model.NotAcceptable: http.StatusNotAcceptable,
	model.Conflict:      http.StatusConflict,
	model.TooLarge:      http.StatusRequestEntityTooLarge,
	model.Unsupported:   http.StatusUnsupportedMediaType,
	model.Unprocessable: http.StatusUnprocessableEntity,
	model.RateLimited:   http.StatusTooManyRequests,
	model.Unavailable:   http.StatusServiceUnavailable,
}

// The seconds after which it is worth while to ask again where the database was not
// available: a connection becomes free, or is made anew; somebody makes room on a disk.
const (
	retryAfter     = "1"
	retryUnwritten = "10"
)

const jsonType = "application/json; charset=utf-8"

// rooms are those of answers that have been sent, for the next of some size: a page of contacts has 80 KB. One of more than mostRoom bytes is not kept.
var rooms = sync.Pool{New: func() any { return new([]byte) }}

const mostRoom = 1 << 20

// write sends an answer and returns its status, which is another if the answer
// cannot be written. A none is an empty body.
func (a *API) write(w http.ResponseWriter, r *request, status int, answer any) int {
	h := w.Header()
	var body []byte
	switch answer := answer.(type) {
	case none:
	case binary:
		a.record(r, h, status, nil)
		return a.stream(w, r, status, answer)
	case wire.Appender:
		room := rooms.Get().(*[]byte)
		var err error
		if body, err = answer.AppendJSON((*room)[:0]); err != nil {
			return a.fail(w, r, err)
		}
		if *room = body; a.Requests == nil && cap(body) <= mostRoom { // else the log of calls has it
			defer rooms.Put(room)
		}
		h.Set("Content-Type", jsonType)
	default:
		var err error
		if body, err = wire.Marshal(answer); err != nil {
			return a.fail(w, r, err)
		}
		h.Set("Content-Type", jsonType)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	a.record(r, h, status, body)
	w.WriteHeader(status)
	w.Write(body) // a client that has gone is no failure of ours
	return status
}

// fail sends a failure and returns its status. What is not for the caller's eyes
// is logged under the request id that the caller is given.
func (a *API) fail(w http.ResponseWriter, r *request, err error) int {
	e, told := model.AsError(err)
	status := http.StatusInternalServerError
	var fault *chosen
	switch {
	case errors.As(err, &fault):
		status, e = fault.status, fault.told
		if fault.retryAfter > 0 {
			w.Header().Set("Retry-After", strconv.FormatInt(fault.retryAfter, 10))
		}
	case told:
		status = statuses[e.Kind]
	case errors.Is(err, db.ErrUnwritable), errors.Is(err, blob.ErrUnwritable):
		status = http.StatusServiceUnavailable
		// What keeps the database from being written is in the log already.
		level := slog.LevelWarn
		if errors.Is(err, db.ErrUnwritable) {
			level = slog.LevelDebug
		}
		a.Logger.LogAttrs(r.Context(), level, "request refused for want of a disk", slog.String("request_id", r.id),
			slog.String("operation", r.op.meta.ID), slog.Any("error", err))
		e = &model.Error{Code: "service_unavailable", Message: "The server cannot write at the moment, and has changed nothing. Please try again later"}
		w.Header().Set("Retry-After", retryUnwritten)
	case errors.Is(err, db.ErrUnavailable):
		status = http.StatusServiceUnavailable
		a.Logger.LogAttrs(r.Context(), slog.LevelWarn, "request refused for want of the database", slog.String("request_id", r.id),
			slog.String("operation", r.op.meta.ID), slog.Any("error", err))
		e = &model.Error{Code: "service_unavailable", Message: "The server cannot answer at the moment. Please try again"}
		w.Header().Set("Retry-After", retryAfter)
	case errors.Is(err, context.Canceled):
		status = 499 // the caller has gone; nobody reads this
		e = &model.Error{Code: "client_error", Message: "The client closed the request"}
	default:
		a.Logger.LogAttrs(r.Context(), slog.LevelError, "request failed", slog.String("request_id", r.id),
			slog.String("operation", r.op.meta.ID), slog.Any("error", err))
		e = &model.Error{Code: "server_error", Message: "Something went wrong on our side. Please try again"}
		if errors.Is(err, db.ErrUncertain) {
			e.Message = "The change was made, or was not: the database did not say which. Please look before you try again"
		}
	}
	if r.op.meta.Failures[status] != nil {
		return a.write(w, r, status, r.op.failure(e))
	}
	return a.write(w, r, status, wire.NewError(r.id, e.Code, e.Message))
}

// observe counts and logs a request that has been answered.
func (a *API) observe(r *request, status int, took time.Duration) {
	id := r.op.meta.ID
	if id == "" {
		id = "unknown"
	}
	a.Metrics.observe(id, status, took)
	level := slog.LevelInfo
	if !a.Logger.Enabled(r.Context(), level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("request_id", r.id), slog.String("method", r.http.Method), slog.String("operation", id),
		slog.Int("status", status), slog.Duration("took", took),
	}
	if r.actor != nil {
		attrs = append(attrs, slog.String("workspace", string(r.actor.Workspace.ID)))
	}
	record := slog.NewRecord(time.Now(), level, "request", 0) // a Logger would look up by whom it is called, which nobody is told
	record.AddAttrs(attrs...)
	_ = a.Logger.Handler().Handle(r.Context(), record)
}
