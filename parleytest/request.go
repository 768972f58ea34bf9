package parleytest

import (
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// await is how long a test waits at most for what it expects.
const await = 20 * time.Second

// A RequestFilter says which calls are meant. What is empty is no condition.
type RequestFilter struct {
	// Operation is the id of an operation of the API: createContact, say.
	Operation string
	Method    string
	// Path is a pattern: /contacts/*, where * is one step.
	Path string
	// Status is a number, or a class of them: 4xx.
	Status string
	// Body has for each condition a JSON pointer, = and a value ("/email=joe@example.com"), or a text that is in the body.
	Body []string
	// Unmatched is for calls of what the API does not know: no such route, or members of the body that are not read.
	Unmatched bool
	// Since is the id of a call: only later ones are meant.
	Since string
}

// query is the filter in the contract's words.
func (f RequestFilter) query() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"operation": f.Operation, "method": f.Method, "path": f.Path, "status": f.Status, "since": f.Since} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.Unmatched {
		q.Set("unmatched", "true")
	}
	if len(f.Body) > 0 {
		q["body"] = f.Body
	}
	return q
}

// A Request is a call that the code under test made.
type Request struct {
	ID             string      `json:"id"` // later calls have higher numbers
	Method         string      `json:"method"`
	Path           string      `json:"path"`
	Query          string      `json:"query"`
	Operation      string      `json:"operation"` // empty for what the API does not have
	Status         int         `json:"status"`    // 0 if there was no answer
	Unmatched      bool        `json:"unmatched"`
	UnknownMembers []string    `json:"unknown_members"`  // JSON pointers to what the operation does not read: the first 8
	FaultID        string      `json:"fault_id"`         // the fault that it met; empty for none
	RequestHeader  http.Header `json:"request_headers"`  // without the token
	RequestBody    string      `json:"request_body"`     // its first 64 KB, as is ResponseBody
	ResponseHeader http.Header `json:"response_headers"` //
	ResponseBody   string      `json:"response_body"`
	Curl           string      `json:"curl"` // the call as a command for a shell, with $TOKEN for the token
}

// Requests are the calls that were made of the workspace, oldest first: of the newest 1,000 those that the filter means.
func (p *Parley) Requests(f RequestFilter) []Request {
	p.t.Helper()
	return p.requests(f.query())
}

func (p *Parley) requests(q url.Values) []Request {
	p.t.Helper()
	q.Set("limit", "1000")
	var list struct {
		Data []Request `json:"data"`
	}
	p.do(http.MethodGet, p.path("requests")+"?"+q.Encode(), nil, &list)
	return list.Data
}

// WaitForRequests waits until so many of the calls that the filter means were made, and returns all of them. If they have
// not come after 20 seconds, the test ends with the nearest that there were.
func (p *Parley) WaitForRequests(f RequestFilter, count int) []Request {
	p.t.Helper()
	p.assert(f, map[string]any{"at_least": count, "wait": await.Seconds()})
	return p.requests(f.query())
}

// AssertRequests ends the test unless exactly so many of the calls that the filter means were made by now.
func (p *Parley) AssertRequests(f RequestFilter, count int) {
	p.t.Helper()
	p.assert(f, map[string]any{"count": count})
}

// AssertMatched ends the test if the code under test has asked for what the API does not know: a route that is not there,
// or members of a body that are not read, which are typing errors as a rule.
func (p *Parley) AssertMatched() {
	p.t.Helper()
	p.AssertRequests(RequestFilter{Unmatched: true}, 0)
}

func (p *Parley) assert(f RequestFilter, in map[string]any) {
	p.t.Helper()
	for name, values := range f.query() {
		switch name {
		case "body":
			in[name] = values
		case "unmatched":
			in[name], _ = strconv.ParseBool(values[0])
		default:
			in[name] = values[0]
		}
	}
	p.do(http.MethodPost, p.path("requests", "assert"), in, nil)
}

// ForgetRequests forgets the calls that were made of the workspace.
func (p *Parley) ForgetRequests() {
	p.t.Helper()
	p.do(http.MethodDelete, p.path("requests"), nil, nil)
}
