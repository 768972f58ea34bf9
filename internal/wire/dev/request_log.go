package dev

import (
	"net/http"
	"strconv"

	"parley/internal/model"
	"parley/internal/wire"
)

// A LoggedRequest is a call that was made of a workspace.
type LoggedRequest struct {
	Type            string              `json:"type" enum:"request"`
	ID              string              `json:"id" doc:"Later calls have higher numbers."`
	At              int64               `json:"at"`
	TookUS          int64               `json:"took_us" doc:"Microseconds until the answer began."`
	Method          string              `json:"method"`
	Path            string              `json:"path"`
	Query           string              `json:"query"`
	Operation       wire.NullText       `json:"operation" doc:"null for what the API does not have."`
	Status          *int                `json:"status" doc:"null if there was no answer."`
	Unmatched       bool                `json:"unmatched" doc:"The API has no such route, or its operation does not read all members of the body."`
	UnknownMembers  []string            `json:"unknown_members" doc:"JSON pointers to members that the operation does not read: the first 8."`
	FaultID         wire.NullText       `json:"fault_id" doc:"The fault that it met."`
	RequestHeaders  map[string][]string `json:"request_headers" doc:"Without Authorization and Cookie."`
	RequestBody     string              `json:"request_body" doc:"Its first 64 KB."`
	RequestCut      bool                `json:"request_body_cut"`
	ResponseHeaders map[string][]string `json:"response_headers"`
	ResponseBody    string              `json:"response_body" doc:"Its first 64 KB; nothing of a file."`
	ResponseCut     bool                `json:"response_body_cut"`
	Curl            wire.NullText       `json:"curl" doc:"The call as a command for a shell, with $TOKEN for the token; null if the body was cut."`
}

// A Logged is a call as the log has it.
type Logged struct {
	ID                  uint64
	At, TookUS          int64
	Method, Path, Query string
	Operation, Fault    string
	Status              int
	Unmatched           bool
	Unread              []string
	RequestHeader       http.Header
	ResponseHeader      http.Header
	Request, Response   []byte
	RequestCut          bool
	ResponseCut         bool
	Curl                string
}

// FromLogged translates a call.
func FromLogged(l Logged) LoggedRequest {
	out := LoggedRequest{Type: "request", ID: strconv.FormatUint(l.ID, 10), At: l.At, TookUS: l.TookUS, Method: l.Method, Path: l.Path, Query: l.Query,
		Operation: wire.NullText(l.Operation), Unmatched: l.Unmatched, UnknownMembers: append([]string{}, l.Unread...),
		FaultID: wire.NullText(l.Fault), RequestHeaders: l.RequestHeader, RequestBody: string(l.Request), RequestCut: l.RequestCut,
		ResponseHeaders: l.ResponseHeader, ResponseBody: string(l.Response), ResponseCut: l.ResponseCut, Curl: wire.NullText(l.Curl)}
	if l.Status != 0 {
		out.Status = &l.Status
	}
	return out
}

// A RequestAssertion says how many calls there should be of which. What is absent is no
// condition.
type RequestAssertion struct {
	Operation string              `json:"operation,omitzero" doc:"The id of an operation."`
	Method    string              `json:"method,omitzero"`
	Path      string              `json:"path,omitzero" doc:"A pattern like /contacts/*."`
	Status    wire.Text           `json:"status,omitzero" doc:"A number, or a class like 4xx."`
	Body      []string            `json:"body,omitzero" doc:"Each a JSON pointer, = and a value, or a text that is in the body."`
	Unmatched wire.Opt[wire.Bool] `json:"unmatched,omitzero"`
	Since     wire.Text           `json:"since,omitzero" doc:"Only calls after this one, an id."`
	Count     wire.Opt[wire.Int]  `json:"count,omitzero" doc:"Exactly so many."`
	AtLeast   wire.Opt[wire.Int]  `json:"at_least,omitzero" doc:"1 if no number is given."`
	AtMost    wire.Opt[wire.Int]  `json:"at_most,omitzero"`
	Wait      wire.Number         `json:"wait,omitzero" doc:"Seconds to wait until it is so, 25 at most."`
}

// Bounds are how many there should be: most is -1 where there may be any number.
func (r RequestAssertion) Bounds() (least, most int64, err error) {
	least, most = 1, -1
	if r.AtMost.Has() {
		least, most = 0, int64(r.AtMost.Value)
	}
	if r.AtLeast.Has() {
		least = int64(r.AtLeast.Value)
	}
	if r.Count.Has() {
		if r.AtLeast.Has() || r.AtMost.Has() {
			return 0, 0, model.ParameterInvalid("count says it all: no at_least or at_most beside it")
		}
		least, most = int64(r.Count.Value), int64(r.Count.Value)
	}
	if least < 0 || r.AtMost.Has() && most < 0 || r.Count.Has() && most < 0 {
		return 0, 0, model.ParameterInvalid("count, at_least and at_most are 0 or more")
	}
	if most >= 0 && least > most {
		return 0, 0, model.ParameterInvalid("at_least is more than at_most")
	}
	return least, most, nil
}

// Asserted tells that it is so.
type Asserted struct {
	Type  string `json:"type" enum:"assertion"`
	Count int    `json:"count" doc:"How many calls there are."`
}
