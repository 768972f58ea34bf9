package api

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"parley/internal/model"
	"parley/internal/requestlog"
	"parley/internal/wire"
	"parley/internal/wire/dev"
)

const (
	// maxWait is how long a call waits for others, in seconds.
	maxWait = 25
	// nearest is how many calls are told that nearly were what was asked for.
	nearest = 3
)

// requestPaging is how many calls are shown.
var requestPaging = paging{usual: 100, most: 1000}

// GET /_parley/workspaces/{workspace_id}/requests
func (a *API) listRequests(r *request, _ none) (wire.List[dev.LoggedRequest], error) {
	var out wire.List[dev.LoggedRequest]
	c := requestlog.Criteria{Operation: r.query("operation"), Method: r.query("method"), Path: r.query("path"), Status: r.query("status"),
		Body: r.http.URL.Query()["body"]}
	if r.query("unmatched") != "" {
		unmatched, err := r.flag("unmatched")
		if err != nil {
			return out, err
		}
		c.Unmatched = &unmatched
	}
	if err := a.completeCriteria(&c, r.query("since")); err != nil {
		return out, err
	}
	limit, err := requestPaging.perPage(r.query("limit"))
	if err != nil {
		return out, model.ParameterInvalid("limit must be from 1 to %d", requestPaging.most)
	}
	wait, count, err := r.waiting()
	if err != nil {
		return out, err
	}
	found := c.Find(a.await(r, wait, func(all []*requestlog.Entry) bool { return len(c.Find(all)) >= count }))
	if c.Since == 0 {
		found = found[max(len(found)-limit, 0):] // the newest
	}
	return wire.NewList(found[:min(len(found), limit)], fromEntry), nil
}

// waiting is how long a call waits, and for how many.
func (r *request) waiting() (wait time.Duration, count int, err error) {
	seconds, count := 0.0, 1
	if text := r.query("wait"); text != "" {
		if seconds, err = strconv.ParseFloat(text, 64); err != nil {
			seconds = -1
		}
	}
	if text := r.query("count"); text != "" {
		if count, err = strconv.Atoi(text); err != nil || count < 1 {
			return 0, 0, model.ParameterInvalid("count is a whole number from 1")
		}
	}
	wait, err = waitOf(seconds)
	return wait, count, err
}

func waitOf(seconds float64) (time.Duration, error) {
	if !(seconds >= 0 && seconds <= math.MaxInt32) {
		return 0, model.ParameterInvalid("wait is a number of seconds, %d at most", maxWait)
	}
	return time.Duration(min(seconds, maxWait) * float64(time.Second)), nil
}

// await returns the workspace's calls once enough is content, or the time is over.
func (a *API) await(r *request, wait time.Duration, enough func([]*requestlog.Entry) bool) []*requestlog.Entry {
	workspace := string(r.actor.Workspace.ID)
	if wait == 0 {
		return a.Requests.List(workspace)
	}
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	return a.Requests.Await(ctx, workspace, enough)
}

// completeCriteria reads the id after which calls are meant, and judges the rest.
func (a *API) completeCriteria(c *requestlog.Criteria, since string) error {
	if since != "" && since != "0" {
		if c.Since = uint64(model.Decimal[int64](since)); c.Since == 0 {
			return model.ParameterInvalid("since is the id of a request")
		}
	}
	if err := a.checkOperation(c.Operation); err != nil {
		return err
	}
	if err := c.Validate(); err != nil {
		return model.ParameterInvalid("%s", err)
	}
	return nil
}

func fromEntry(e *requestlog.Entry) dev.LoggedRequest {
	request, requestWhole := e.Request.Read()
	response, responseWhole := e.Response.Read()
	return dev.FromLogged(dev.Logged{ID: e.ID, At: e.At.Unix(), TookUS: e.Took.Microseconds(), Method: e.Method, Path: e.Path, Query: e.Query,
		Operation: e.Operation, Fault: e.Fault, Status: e.Status, Unmatched: e.Unmatched(), Unread: e.Unread(),
		RequestHeader: e.RequestHeader, ResponseHeader: e.ResponseHeader, Request: request, Response: response,
		RequestCut: !requestWhole, ResponseCut: !responseWhole, Curl: e.Curl()})
}

// POST /_parley/workspaces/{workspace_id}/requests/assert
func (a *API) assertRequests(r *request, in dev.RequestAssertion) (dev.Asserted, error) {
	if err := a.strict(r); err != nil {
		return dev.Asserted{}, err
	}
	c := requestlog.Criteria{Operation: in.Operation, Method: in.Method, Path: in.Path, Status: string(in.Status), Body: in.Body}
	if in.Unmatched.Has() {
		unmatched := bool(in.Unmatched.Value)
		c.Unmatched = &unmatched
	}
	if err := a.completeCriteria(&c, string(in.Since)); err != nil {
		return dev.Asserted{}, err
	}
	least, most, err := in.Bounds()
	if err != nil {
		return dev.Asserted{}, err
	}
	wait, err := waitOf(float64(in.Wait))
	if err != nil {
		return dev.Asserted{}, err
	}
	// What is to be there is there at once; that nothing comes is known when the time is
	// over.
	all := a.await(r, wait, func(all []*requestlog.Entry) bool {
		n := int64(len(c.Find(all)))
		return most >= 0 && n > most || least > 0 && n >= least
	})
	found := c.Find(all)
	if n := int64(len(found)); n < least || most >= 0 && n > most {
		return dev.Asserted{}, &model.Error{Kind: model.Conflict, Code: "assertion_failed", Message: unasserted(&c, all, found, least, most)}
	}
	return dev.Asserted{Type: "assertion", Count: len(found)}, nil
}

// unasserted tells a person what there was in the place of what should have been.
func unasserted(c *requestlog.Criteria, all, found []*requestlog.Entry, least, most int64) string {
	wanted := fmt.Sprintf("at least %d", least)
	switch {
	case least == most:
		wanted = fmt.Sprintf("exactly %d", least)
	case most >= 0 && least == 0:
		wanted = fmt.Sprintf("at most %d", most)
	case most >= 0:
		wanted = fmt.Sprintf("%d to %d", least, most)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Found %d matching calls, and not %s", len(found), wanted)
	if int64(len(found)) < least {
		misses := c.Nearest(all, nearest)
		if len(misses) == 0 {
			b.WriteString(". There were no others")
		}
		for _, m := range misses {
			fmt.Fprintf(&b, "\nnearly: %s: %s", called(m.Entry), strings.Join(m.Unmet, ", "))
		}
	}
	for _, e := range found[max(len(found)-nearest, 0):] {
		fmt.Fprintf(&b, "\nfound: %s", called(e))
	}
	return b.String()
}

// called is a call in a few words.
func called(e *requestlog.Entry) string {
	status := "no answer"
	if e.Status != 0 {
		status = strconv.Itoa(e.Status)
	}
	return fmt.Sprintf("#%d %s %.200s (%s)", e.ID, e.Method, e.Path, status)
}

// DELETE /_parley/workspaces/{workspace_id}/requests
func (a *API) deleteRequests(r *request, _ none) (wire.Deleted, error) {
	id := string(r.actor.Workspace.ID)
	a.Requests.Clear(id)
	return wire.Deleted{ID: id, Object: "requests", Deleted: true}, nil
}
