package conformance

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

const (
	get  = http.MethodGet
	post = http.MethodPost
	put  = http.MethodPut
	del  = http.MethodDelete
)

// A group is the operations of one tag of the API, in an order that suits the
// calls.
type group struct {
	name       string
	operations []*operation
}

// An operation of the API, and the calls that try it. The first of them is asked
// for with a wrong token and with unknown ids as well.
type operation struct {
	id     string // as the published description has it, with the spelling mended
	method string
	path   string // "/contacts/{contact_id}/tags/{id}"
	// unknown has, for each id in the path, the code of the 404 that an unknown one
	// is answered with. It is asked for where the description has a 404.
	unknown []string
	accept  string // media type; empty is application/json
	reads   bool   // changes nothing, though it is no GET
	// end is for operations that use up what others need: they come last, the
	// latest of the script first.
	end bool
	// beyond is for operations that the published description does not have. They
	// are called where the given one has them.
	beyond bool
	calls  []call

	group string
}

// A call is one request. In its texts ${name} stands for a value that an earlier
// answer gave, or for one of those that the run begins with:
//
//	${mark}       " (Parley conformance 7kq2m)", behind the name of all that is made
//	${word}       "-parley-conformance-7kq2m", the same within ids and addresses
//	${label}      "-parley-conformance", where a new word in each run would pile up
//	${now}, ${hour_ago}, ${month_ago}, ${tomorrow}    Unix seconds; now is when the call is made
//	${visitor_user_id}, ${second_visitor_user_id}     of the visitors of the options
type call struct {
	to     string // path and query; empty: the path of the operation
	body   string // JSON
	status int    // of success; 0 is 200
	// What the answer gives, by name: the path of the value in it. What is kept must
	// be there, what is picked may be missing. What is found serves runs that only
	// read, which cannot make what they ask for.
	keep, pick, found map[string]string
	after             []string // operations that must have succeeded before
	undo              undo     // takes away what the call made
	instead           []instead
	late              bool     // a 404 may pass: the server needs a while to find what is new
	until             []string // asks again until the answer's status member has one of these values
}

// An undo is the request that takes away what a call made, or puts it aside.
// Whether there is still something to undo is not known, so that a 404 is fine.
type undo struct {
	method, path, body string
	any4xx             bool // it may also be too late
}

// An instead is an answer other than success that says nothing against the
// server: the call is skipped.
type instead struct {
	status int
	code   string // of the error; empty is any
	why    string
}

func (op *operation) readsOnly() bool { return op.method == get || op.reads }

func (c *call) target(op *operation) string {
	if c.to == "" {
		return op.path
	}
	return c.to
}

func (c *call) want() int {
	if c.status == 0 {
		return http.StatusOK
	}
	return c.status
}

// script is every operation of the API. The groups come in an order in which most
// of what one needs has been made by those before it.
func script() []group {
	all := []group{
		admins(), teams(), contacts(), companies(), tags(), notes(), subscriptionTypes(), segments(), conversations(), messages(),
		dataEvents(), dataAttributes(), counts(), ticketTypes(), ticketTypeAttributes(), tickets(), visitors(), helpCenter(), articles(),
		news(), dataExport(), phoneSwitch(),
	}
	for _, g := range all {
		for _, op := range g.operations {
			op.group = g.name
		}
	}
	return all
}

var (
	placeholder = regexp.MustCompile(`\$\{([a-z_]+)\}`)
	parameter   = regexp.MustCompile(`\{[^}]*\}`)
)

// needs are the names that a call's request is made of.
func (c *call) needs(op *operation) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(c.target(op)+c.body, -1) {
		if !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
	}
	return names
}

// fill puts the values of names into a text, as escape writes them.
func fill(text string, values map[string]string, escape func(string) string) string {
	return placeholder.ReplaceAllStringFunc(text, func(m string) string {
		return escape(values[strings.Trim(m, "${}")])
	})
}

// shape is a method and path without the names of its parameters, which
// descriptions spell differently.
func shape(method, path string) string { return method + " " + parameter.ReplaceAllString(path, "{}") }
