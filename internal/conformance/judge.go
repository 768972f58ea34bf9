package conformance

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"parley/internal/contract"
)

// probeUnknown asks for ids that nothing has, where the description says what is
// answered then.
func (r *runner) probeUnknown(ctx context.Context, op *operation, c *call) {
	if !slices.Contains(r.documented[shape(op.method, op.path)].Statuses, http.StatusNotFound) {
		return
	}
	path, _, _ := strings.Cut(c.target(op), "?")
	for i, m := range placeholder.FindAllStringSubmatch(path, -1) {
		if i >= len(op.unknown) || r.mayGoOn(ctx).result != Passed {
			return
		}
		values := maps.Clone(r.values)
		values[m[1]] = unknownLike(values[m[1]])
		q := r.request(op, c, values)
		// The same name may stand in the body, where it must stay what it is.
		q.body = r.request(op, c, r.values).body
		a, err := r.send(ctx, q)
		if ctx.Err() != nil && err != nil {
			return
		}
		e := r.exchange(op, PurposeUnknown, q, a)
		r.judge(&e, a, err, http.StatusNotFound)
		if a != nil && a.status == http.StatusNotFound && a.code() != op.unknown[i] {
			e.fail(fmt.Sprintf("the error has the code %q, want %q", a.code(), op.unknown[i]))
		}
		r.record(op, e)
	}
}

// probeToken asks the same with a token of nobody.
func (r *runner) probeToken(ctx context.Context, op *operation, c *call) {
	if r.mayGoOn(ctx).result != Passed {
		return
	}
	q := r.request(op, c, r.values)
	q.token = wrongToken
	a, err := r.send(ctx, q)
	if ctx.Err() != nil && err != nil {
		return
	}
	e := r.exchange(op, PurposeToken, q, a)
	r.judge(&e, a, err, http.StatusUnauthorized)
	if a != nil && a.status/100 == 2 { // it did what it was asked, for nobody
		values := maps.Clone(r.values)
		for name, path := range c.keep {
			if value, ok := valueAt(a.body, path); ok {
				values[name] = value
			}
		}
		r.remember(op, c, values)
	}
	if f := (failure{}); a != nil && a.status == http.StatusUnauthorized {
		if f = a.failure(); f.Type != "error.list" || len(f.Errors) == 0 || f.Errors[0].Code != "unauthorized" {
			e.fail(`the answer is no list of errors with the code "unauthorized"`)
		}
	}
	r.record(op, e)
}

// judge holds an answer against what is wanted and what the description says.
func (r *runner) judge(e *Exchange, a *answer, err error, want int) {
	if err != nil {
		e.fail(r.hide(err.Error()))
		return
	}
	path, _, _ := strings.Cut(e.Path, "?")
	violations, excused := r.Description.Weigh(e.Method, path, a.status, a.contentType, a.body)
	if a.status != want {
		e.fail(r.hide(fmt.Sprintf("answered %v, want %d", a, want)))
		violations = nil // of an answer that nobody wanted
	}
	if _, ok := r.documented[shape(e.Method, e.template)]; !ok {
		if e.Purpose == PurposeCall {
			e.fail("the description has no such operation")
		}
		return
	}
	for _, v := range violations {
		// Many operations fail in ways that the description does not list.
		if v.Kind == contract.KindStatus && e.Purpose != PurposeCall {
			continue
		}
		text := v.Message
		if v.Pointer != "" {
			text = v.Pointer + ": " + text
		}
		e.fail(r.hide(text))
	}
	for _, x := range excused {
		e.Excused = append(e.Excused, Excuse{x.Pointer, x.Reason})
	}
}

func (r *runner) exchange(op *operation, purpose Purpose, q request, a *answer) Exchange {
	e := Exchange{Purpose: purpose, Method: q.method, Path: q.target, Result: Passed, request: []byte(q.body)}
	if op != nil {
		e.Operation, e.template = op.id, op.path
	}
	if a != nil {
		e.Status, e.Milliseconds, e.ContentType, e.response = a.status, a.took.Milliseconds(), a.contentType, a.body
	}
	return e
}

// record puts an exchange into the report, where it belongs.
func (r *runner) record(op *operation, e Exchange) {
	if r.Observe != nil {
		r.Observe(e)
	}
	if r.Bodies {
		e.Request, e.Response = r.excerpt(e.request), r.excerpt(e.response)
	}
	result := r.results[op]
	if result == nil {
		r.report.Others = append(r.report.Others, e)
		return
	}
	result.add(e)
}

// maxBody is how much of a body a report keeps, in bytes.
const maxBody = 4000

func (r *runner) excerpt(body []byte) string {
	if !utf8.Valid(body) {
		return fmt.Sprintf("(%d bytes)", len(body))
	}
	text := r.hide(string(body))
	if len(text) > maxBody {
		text = strings.ToValidUTF8(text[:maxBody], "") + fmt.Sprintf(" … (%d bytes)", len(body))
	}
	return text
}

// hide takes the token out of a text that goes into the report.
func (r *runner) hide(text string) string { return strings.ReplaceAll(text, r.Token, "***") }
