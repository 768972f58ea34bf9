package conformance

import (
	"context"
	"encoding/json"
	"io"
)

// A Result is what came of an operation or of one exchange.
type Result string

const (
	Passed  Result = "pass"
	Failed  Result = "fail"
	Skipped Result = "skipped"
)

// A Purpose is what a request was sent for.
type Purpose string

const (
	PurposeCall    Purpose = "call"
	PurposeUnknown Purpose = "unknown id"
	PurposeToken   Purpose = "wrong token"
	PurposeCleanUp Purpose = "clean up"
)

// A Report is what a run found. It never has the token in it.
type Report struct {
	Server      string       `json:"server"`
	Mark        string       `json:"mark,omitempty"` // of all that was made
	StartedAt   int64        `json:"started_at"`     // Unix seconds
	FinishedAt  int64        `json:"finished_at"`
	Interrupted bool         `json:"interrupted"` // before all was called
	Totals      Totals       `json:"totals"`
	Operations  []*Operation `json:"operations"`
	// LeftBehind says of each thing that was made and could not be taken away what
	// it is.
	LeftBehind []string `json:"left_behind,omitempty"`
	// Others are the exchanges that prepared for the operations or cleaned up after
	// them.
	Others []Exchange `json:"others,omitempty"`
}

// Totals count operations.
type Totals struct {
	Operations int `json:"operations"`
	Passed     int `json:"passed"`
	Failed     int `json:"failed"`
	Skipped    int `json:"skipped"`
	// Excused are those that passed with answers that depart from the description,
	// where it is known to be mistaken.
	Excused int `json:"excused"`
}

// An Operation is what was found of one. Of several results a failure goes before
// a success, and that before a skipped call.
type Operation struct {
	ID        string     `json:"id"`
	Group     string     `json:"group"`
	Method    string     `json:"method"`
	Path      string     `json:"path"`
	Result    Result     `json:"result"`
	Status    int        `json:"status,omitempty"` // of the first call's answer
	Reason    string     `json:"reason,omitempty"` // why it was skipped
	Problems  []string   `json:"problems,omitempty"`
	Exchanges []Exchange `json:"exchanges"`
}

// An Exchange is one request and its answer.
type Exchange struct {
	Operation    string   `json:"operation,omitempty"` // its id
	Purpose      Purpose  `json:"purpose"`
	Method       string   `json:"method"`
	Path         string   `json:"path"`             // with the query
	Status       int      `json:"status,omitempty"` // 0: no answer
	ContentType  string   `json:"content_type,omitempty"`
	Milliseconds int64    `json:"milliseconds"`
	Result       Result   `json:"result"`
	Problems     []string `json:"problems,omitempty"`
	Excused      []Excuse `json:"excused,omitempty"`
	Request      string   `json:"request,omitempty"`
	Response     string   `json:"response,omitempty"`

	template          string
	request, response []byte
}

// Sent is the body of the request, and Received that of the answer. Reports keep
// neither.
func (e Exchange) Sent() []byte     { return e.request }
func (e Exchange) Received() []byte { return e.response }

// An Excuse is a known mistake of the description that an answer met.
type Excuse struct {
	Pointer string `json:"pointer"`
	Reason  string `json:"reason"`
}

func (e *Exchange) fail(problem string) {
	e.Result = Failed
	e.Problems = append(e.Problems, problem)
}

// add takes an exchange into the result of its operation.
func (o *Operation) add(e Exchange) {
	o.Exchanges = append(o.Exchanges, e)
	if e.Purpose == PurposeCall && o.Status == 0 {
		o.Status = e.Status
	}
	for _, p := range e.Problems {
		if e.Purpose != PurposeCall {
			p = "with " + article(e.Purpose) + ": " + p
		}
		o.Problems = append(o.Problems, p)
	}
	if e.Result == Failed || e.Result == Passed && e.Purpose == PurposeCall && o.Result != Failed {
		o.Result = e.Result
	}
}

func article(p Purpose) string {
	if p == PurposeUnknown {
		return "an " + string(p)
	}
	return "a " + string(p)
}

// judge takes the verdict on a call that was not made, or said nothing.
func (o *Operation) judge(v verdict) {
	switch {
	case v.result == Failed:
		o.Result = Failed
		o.Problems = append(o.Problems, v.reason)
	case o.Result == "":
		o.Result, o.Reason = Skipped, v.reason
	}
}

func (r *runner) finish(ctx context.Context) {
	t := &r.report.Totals
	for _, o := range r.report.Operations {
		if o.Result != Skipped {
			o.Reason = ""
		}
		t.Operations++
		switch o.Result {
		case Passed:
			t.Passed++
		case Failed:
			t.Failed++
		default:
			t.Skipped++
		}
		for _, e := range o.Exchanges {
			if o.Result == Passed && len(e.Excused) > 0 {
				t.Excused++
				break
			}
		}
	}
	r.report.Interrupted = ctx.Err() != nil
	r.report.FinishedAt = r.Clock().Unix()
}

// JSON writes the report for programs.
func (r *Report) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}
