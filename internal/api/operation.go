package api

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"runtime/debug"
	"strings"

	"parley/internal/model"
	"parley/internal/openapi"
	"parley/internal/wire"
)

// An operation is a route, what the contract says of it, and what it does.
type operation struct {
	meta  openapi.Operation
	limit int64 // bytes of the body
	dev   bool  // is for whoever has the token of the server, not for one of a workspace
	serve func(*request, []byte) (any, error)
	// failure is the body of failures that are of a form of the operation's own;
	// meta.Failures has their statuses.
	failure func(*model.Error) any
}

// reads reports whether the operation only reads: a GET, or a search.
func (op *operation) reads() bool {
	return op.meta.Method == http.MethodGet || strings.HasSuffix(op.meta.Path, "/search")
}

// none is the body of an operation that takes or returns none.
type none struct{}

// do makes an operation of a handler: In is its body, Out its answer. One that
// answers a binary produces bytes; any other, JSON.
func do[In, Out any](method, path, id, summary string, handler func(*request, In) (Out, error)) *operation {
	op := newOperation(method, path, id, summary, reflect.TypeFor[In](), reflect.TypeFor[Out]())
	takesBody := op.meta.Request != nil
	op.serve = func(r *request, body []byte) (any, error) {
		var in In
		if takesBody {
			if err := wire.Decode(body, &in); err != nil {
				return nil, err
			}
		}
		return handler(r, in)
	}
	return op
}

func newOperation(method, path, id, summary string, in, out reflect.Type) *operation {
	op := &operation{limit: wire.MaxBody, meta: openapi.Operation{Method: method, Path: path, ID: id, Summary: summary, Status: http.StatusOK}}
	if in != reflect.TypeFor[none]() {
		op.meta.Request = in
	}
	switch out {
	case reflect.TypeFor[none]():
	case reflect.TypeFor[binary]():
		op.meta.Produces = octets
	default:
		op.meta.Response = out
	}
	return op
}

// fails adds the statuses that the operation documents besides those that every
// operation has.
func (op *operation) fails(statuses ...int) *operation {
	op.meta.Errors = append(op.meta.Errors, statuses...)
	return op
}

// failsWith has failures of these statuses told in a form of the operation's own.
func (op *operation) failsWith(form func(*model.Error) any, statuses ...int) *operation {
	op.failure, op.meta.Failures = form, map[int]reflect.Type{}
	for _, status := range statuses {
		op.meta.Failures[status] = reflect.TypeOf(form(&model.Error{}))
	}
	return op.fails(statuses...)
}

// files lets bodies carry files.
func (op *operation) files() *operation {
	op.limit = wire.MaxFilesBody
	return op
}

// query adds parameters of the query string.
func (op *operation) query(params ...openapi.Param) *operation {
	op.meta.Params = append(op.meta.Params, params...)
	return op
}

// answers sets the status of success where it is not 200.
func (op *operation) answers(status int) *operation {
	op.meta.Status = status
	return op
}

// unknownRoute stands for what is no operation, an unknown method on a known
// path included.
var unknownRoute = new(operation)

// handle is the way every request takes.
func (a *API) handle(op *operation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		r := &request{http: hr, asked: hr, op: op, id: model.NewUUID(), base: a.base(hr), began: a.Clock()}
		status := op.meta.Status
		defer func() {
			if failure := recover(); failure != nil {
				if failure == http.ErrAbortHandler {
					panic(failure)
				}
				status = a.fail(w, r, fmt.Errorf("panic: %v\n%s", failure, debug.Stack()))
			}
			a.observe(r, status, a.Clock().Sub(r.began))
		}()
		w.Header().Set("X-Request-Id", r.id)
		w.Header().Set("Intercom-Version", Version)
		w.Header().Set("X-Content-Type-Options", "nosniff") // whatever people wrote, an answer is no page
		answer, err := a.serve(w, r)
		answer, err = a.confirm(w, r, answer, err)
		if r.fault != nil {
			w = &badLine{ResponseWriter: w, fault: r.fault, ctx: hr.Context()}
		}
		if err != nil {
			status = a.fail(w, r, err)
		} else {
			status = a.write(w, r, status, answer)
		}
	})
}

// serve lets a request in, reads it whole and has it answered.
func (a *API) serve(w http.ResponseWriter, r *request) (answer any, err error) {
	if r.op.serve == nil {
		a.recognise(r)
		return nil, model.ResourceNotFound()
	}
	if err := a.admitInTurn(w, r); err != nil {
		return nil, err
	}
	if err := checkURL(r.http); err != nil {
		return nil, err
	}
	defer a.Crowd.forget(r)
	if !r.read {
		if r.body, err = a.readBody(w, r); err != nil {
			return nil, err
		}
		r.read = true
	}
	if err := a.meetFault(w, r); err != nil {
		return nil, err
	}
	if !r.op.dev { // who may be what the others wait for
		done, err := a.takeTurn(r)
		if err != nil {
			return nil, err
		}
		defer done()
		// Who waits for others of its workspace is not in the way of those of another.
		leave, err := a.Crowd.take(w, r)
		if err != nil {
			return nil, err
		}
		defer leave()
	}
	return r.op.serve(r, r.body)
}

// admitInTurn is admit, which asks the database, in a place of the crowd. The place is free again while the client sends
// the body, for as long as it takes.
func (a *API) admitInTurn(w http.ResponseWriter, r *request) error {
	if r.op.dev {
		return a.admit(w, r)
	}
	leave, err := a.Crowd.take(w, r)
	if err != nil {
		return err
	}
	defer leave()
	return a.admit(w, r)
}

// admit lets in who has a valid token and requests left in this window, speaks a
// version there is, can read what the operation produces and may do it; in this
// order, as the live API does.
func (a *API) admit(w http.ResponseWriter, r *request) (err error) {
	if r.op.dev {
		if err := a.admitDeveloper(r); err != nil {
			return err
		}
		r.enter()
		return checkAccept(r.http.Header.Values("Accept"), r.op.meta.Produces)
	}
	if err := a.authenticate(r); err != nil {
		return err
	}
	r.enter()
	if err := a.limit(w, r); err != nil {
		return err
	}
	if err := checkVersion(r.http.Header.Get("Intercom-Version")); err != nil {
		return err
	}
	if err := checkAccept(r.http.Header.Values("Accept"), r.op.meta.Produces); err != nil {
		return err
	}
	return r.op.checkScope(r.actor)
}

func checkURL(hr *http.Request) error {
	if !storable(hr.URL.Path) {
		return model.ResourceNotFound()
	}
	for name, values := range hr.URL.Query() {
		for _, v := range values {
			if !storable(v) || !storable(name) {
				return model.ParameterInvalid("The query string contains text that is not valid")
			}
		}
	}
	return nil
}

// readBody reads a bounded body. It is read even where it means nothing, as
// clients send one with DELETE.
func (a *API) readBody(w http.ResponseWriter, r *request) ([]byte, error) {
	hr, most := r.http, r.op.limit
	if hr.ContentLength == 0 {
		return nil, nil
	}
	if hr.ContentLength > most {
		return nil, bodyTooLarge(most)
	}
	body, err := io.ReadAll(a.Crowd.weigh(r, http.MaxBytesReader(w, hr.Body, most)))
	if err != nil {
		if errors.Is(err, errHeavy) {
			return nil, a.Crowd.refuse(w, "bodies")
		}
		if _, tooLarge := err.(*http.MaxBytesError); tooLarge {
			return nil, bodyTooLarge(most)
		}
		return nil, model.ParameterInvalid("The request body could not be read")
	}
	// A developer types calls by hand, and curl calls every body a form.
	if r.op.meta.Request != nil && len(body) > 0 && !r.op.dev {
		if err := checkContentType(hr.Header.Get("Content-Type")); err != nil {
			return nil, err
		}
	}
	return body, nil
}

func bodyTooLarge(most int64) error {
	return &model.Error{Kind: model.TooLarge, Code: "parameter_invalid",
		Message: fmt.Sprintf("The request body is larger than %d MB", most>>20)}
}

// base is what links in answers begin with.
func (a *API) base(hr *http.Request) string {
	if a.PublicURL != "" {
		return a.PublicURL
	}
	scheme := "http://"
	if hr.TLS != nil {
		scheme = "https://"
	}
	return scheme + hr.Host
}
