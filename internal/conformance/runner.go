package conformance

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/internal/contract"
)

// A runner goes through the script once, on one server.
type runner struct {
	Options
	client     *client
	script     []group
	documented map[string]contract.Op // by shape
	served     []*operation           // in the order of the script
	chosen     []*operation
	byID       map[string]*operation
	providers  map[string]provider
	values     map[string]string
	done       map[*call]verdict
	results    map[*operation]*Operation // of those that were chosen
	undos      []undo
	lateBudget time.Duration
	silent     int // calls without an answer, one after another
	report     *Report
}

// A verdict is what came of a call. The reason says why it was not made, or why
// others that build on it cannot be.
type verdict struct {
	result Result
	reason string
}

const (
	pollEvery = 2 * time.Second
	maxSilent = 3
)

// reach asks once, before anything is judged, whether there is a server that
// takes the token.
func (r *runner) reach(ctx context.Context) error {
	a, err := r.client.send(ctx, request{method: get, target: "/me"})
	switch {
	case err != nil:
		return fmt.Errorf("%w at %s: %w", ErrUnreachable, r.client.base, err)
	case a.status == http.StatusUnauthorized:
		return fmt.Errorf("the server at %s refuses the access token: it answered %v", r.client.base, a)
	}
	return nil
}

func (r *runner) runAll(ctx context.Context) {
	var first, last []*operation
	for _, op := range r.served {
		switch {
		case r.results[op] == nil:
		case op.end:
			last = append(last, op)
		default:
			first = append(first, op)
		}
	}
	slices.Reverse(last)
	all := append(first, last...)
	for i, op := range all {
		if ctx.Err() == nil {
			r.tell(i, len(all), op.id)
		}
		for c := range op.calls {
			r.perform(ctx, op, &op.calls[c])
		}
	}
	r.tell(len(all), len(all), "taking away what was made")
}

func (r *runner) tell(done, total int, operation string) {
	if r.Progress != nil {
		r.Progress(done, total, operation)
	}
}

// perform makes a call, once, and before it the calls that it needs.
func (r *runner) perform(ctx context.Context, op *operation, c *call) verdict {
	if v, ok := r.done[c]; ok {
		return v
	}
	r.done[c] = verdict{Failed, "it needs itself"} // unless the script is wrong, nobody reads this
	v := r.attempt(ctx, op, c)
	r.done[c] = v
	if result := r.results[op]; result != nil && v.reason != "" {
		result.judge(v)
	}
	return v
}

func (r *runner) attempt(ctx context.Context, op *operation, c *call) verdict {
	if r.ReadOnly && !op.readsOnly() {
		return verdict{Skipped, "it changes things, and this run only reads"}
	}
	if v := r.prepare(ctx, op, c); v.result != Passed {
		return v
	}
	if v := r.mayGoOn(ctx); v.result != Passed {
		return v
	}
	probes := r.results[op] != nil && c == &op.calls[0]
	if probes {
		r.probeUnknown(ctx, op, c)
	}
	v := r.make(ctx, op, c)
	if probes {
		r.probeToken(ctx, op, c)
	}
	return v
}

// mayGoOn says whether the run goes on.
func (r *runner) mayGoOn(ctx context.Context) verdict {
	switch {
	case ctx.Err() != nil:
		return verdict{Skipped, "the run was interrupted"}
	case r.silent >= maxSilent:
		return verdict{Failed, "not called: the server no longer answers"}
	}
	return verdict{result: Passed}
}

// prepare makes what a call builds on. The verdict is of the call if it cannot be
// made.
func (r *runner) prepare(ctx context.Context, op *operation, c *call) verdict {
	for _, id := range c.after {
		before := r.byID[id]
		if v := r.perform(ctx, before, &before.calls[0]); v.result != Passed {
			return blocked(v, id)
		}
	}
	for _, name := range c.needs(op) {
		if _, ok := r.values[name]; ok {
			continue
		}
		p, ok := r.providers[name]
		if !ok {
			return verdict{Skipped, r.lack(name)}
		}
		v := r.perform(ctx, p.op, p.call)
		if _, ok := r.values[name]; ok {
			continue
		}
		if v.result == Passed {
			return verdict{Skipped, r.lack(name)}
		}
		return blocked(v, p.op.id)
	}
	return verdict{result: Passed}
}

// blocked is the verdict on a call that builds on another.
func blocked(v verdict, id string) verdict {
	if v.result == Failed && !strings.HasPrefix(v.reason, "not called: ") {
		return verdict{Failed, "not called: it builds on " + id + ", which failed"}
	}
	return v
}

// lack says what is missing where a name has no value.
func (r *runner) lack(name string) string {
	switch {
	case name == "visitor_user_id":
		return "it needs a visitor, whom no operation makes: name one"
	case name == "second_visitor_user_id":
		return "it needs a second visitor, whom no operation makes: name two"
	case name == "completed_export":
		return "the export came to no file"
	case r.ReadOnly:
		return "it needs a " + strings.ReplaceAll(name, "_", " ") + ", which a run that only reads does not find"
	}
	return "the workspace has no " + strings.ReplaceAll(name, "_", " ")
}

// request is what a call sends, with the values that are known.
func (r *runner) request(op *operation, c *call, values map[string]string) request {
	values = maps.Clone(values)
	values["now"] = strconv.FormatInt(r.Clock().Unix(), 10)
	path, query, has := strings.Cut(c.target(op), "?")
	target := fill(path, values, url.PathEscape)
	if has {
		target += "?" + fill(query, values, url.QueryEscape)
	}
	return request{method: op.method, target: target, body: fill(c.body, values, inJSON), accept: op.accept}
}

// make makes the call itself and judges the answer.
func (r *runner) make(ctx context.Context, op *operation, c *call) verdict {
	q := r.request(op, c, r.values)
	a, err := r.patiently(ctx, c, q)
	if ctx.Err() != nil && err != nil {
		return verdict{Skipped, "the run was interrupted"}
	}
	e := r.exchange(op, PurposeCall, q, a)
	if a != nil {
		for _, other := range c.instead {
			if a.status == other.status && (other.code == "" || a.code() == other.code) {
				e.Result = Skipped
				r.record(op, e)
				return verdict{Skipped, other.why}
			}
		}
	}
	r.judge(&e, a, err, c.want())
	// What was made is taken note of even where the answer is wrong elsewhere.
	if a != nil && a.status/100 == 2 {
		r.learn(&e, c, a)
		r.remember(op, c, r.values)
	}
	r.record(op, e)
	if e.Result == Failed {
		return verdict{result: Failed}
	}
	return verdict{result: Passed}
}

// patiently sends a request again while it may only be too early.
func (r *runner) patiently(ctx context.Context, c *call, q request) (*answer, error) {
	for waited := time.Duration(0); ; waited += pollEvery {
		a, err := r.send(ctx, q)
		if err != nil {
			return a, err
		}
		switch {
		case c.late && a.status == http.StatusNotFound && r.lateBudget >= pollEvery:
			r.lateBudget -= pollEvery
		case c.until != nil && a.status == c.want() && waited+pollEvery <= r.Patience && !reached(a, c.until):
		default:
			return a, nil
		}
		if err := r.Wait(ctx, pollEvery); err != nil {
			return nil, err
		}
	}
}

func reached(a *answer, until []string) bool {
	status, _ := valueAt(a.body, "status")
	return slices.Contains(until, status)
}

// send counts the calls that get no answer.
func (r *runner) send(ctx context.Context, q request) (*answer, error) {
	a, err := r.client.send(ctx, q)
	if err == nil {
		r.silent = 0
	} else if ctx.Err() == nil {
		r.silent++
	}
	return a, err
}

// learn takes the values out of an answer that later calls need.
func (r *runner) learn(e *Exchange, c *call, a *answer) {
	for _, name := range slices.Sorted(maps.Keys(c.keep)) {
		value, ok := valueAt(a.body, c.keep[name])
		if !ok {
			e.fail("the answer has no " + c.keep[name])
			continue
		}
		r.values[name] = value
	}
	others := []map[string]string{c.pick}
	if r.ReadOnly {
		others = append(others, c.found)
	}
	for _, given := range others {
		for name, path := range given {
			if value, ok := valueAt(a.body, path); ok {
				r.values[name] = value
			}
		}
	}
}

// remember keeps in mind what a call made, or that it is gone.
func (r *runner) remember(op *operation, c *call, values map[string]string) {
	if op.end {
		gone := r.request(op, c, values)
		r.undos = slices.DeleteFunc(r.undos, func(u undo) bool { return u.method == gone.method && u.path == gone.target })
	}
	if c.undo.path == "" {
		return
	}
	for _, m := range placeholder.FindAllStringSubmatch(c.undo.path, -1) {
		if _, ok := values[m[1]]; !ok {
			r.report.LeftBehind = append(r.report.LeftBehind, "what "+op.id+" made, as its answer has no id")
			return
		}
	}
	u := c.undo
	u.path, u.body = fill(u.path, values, url.PathEscape), fill(u.body, values, inJSON)
	r.undos = append(r.undos, u)
}

// cleanUp takes away what the run made, the newest first, in time of its own.
func (r *runner) cleanUp(ctx context.Context) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
	defer stop()
	for _, u := range slices.Backward(r.undos) {
		q := request{method: u.method, target: u.path, body: u.body}
		a, err := r.client.send(ctx, q)
		e := r.exchange(nil, PurposeCleanUp, q, a)
		if err != nil || a.status/100 != 2 && a.status != http.StatusNotFound && !(u.any4xx && a.status/100 == 4) {
			left := u.method + " " + u.path + " would take it away, "
			if err != nil {
				left += "and failed: " + r.hide(err.Error())
			} else {
				left += "and was answered " + r.hide(a.String())
			}
			e.fail(left)
			r.report.LeftBehind = append(r.report.LeftBehind, left)
		}
		r.record(nil, e)
	}
}
