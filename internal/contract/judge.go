// Package contract holds HTTP answers against an OpenAPI document.
// It must not know any route: what is right is what the document says, less
// the mistakes of the document that are listed as exceptions.
package contract

import (
	"fmt"
	"mime"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
)

// A Judge knows one document. It is safe for concurrent use.
type Judge struct {
	operations []*operation
	routes     *node
	undefined  []string
	known      []*exception
}

// A Violation is one way in which an answer departs from the document.
type Violation struct {
	Kind      Kind
	Operation string // "GET /contacts/{id}", or method and path if none fits
	Status    int
	Pointer   string // JSON pointer of the offending value; of the member itself if it is missing or unknown
	Message   string
}

// A Kind says what a violation is about.
type Kind string

// The kinds. After the first two, nothing else about the answer is known.
const (
	KindOperation Kind = "operation" // the document has no such operation
	KindStatus    Kind = "status"    // the operation has no such status
	KindContent   Kind = "content"   // the status has no such media type
	KindBody      Kind = "body"      // no JSON, no body, or a body where there is none
	KindSchema    Kind = "schema"    // JSON that the schema refuses
)

func (v Violation) String() string {
	return fmt.Sprintf("%s %d: %s at %q: %s", v.Operation, v.Status, v.Kind, v.Pointer, v.Message)
}

// New reads a document, JSON or YAML, of OpenAPI 3.0 or 3.1. A reference to a
// schema that is not defined means any object; see [Judge.Undefined].
func New(text []byte, known []Exception) (*Judge, error) {
	exceptions, err := compileExceptions(known)
	if err != nil {
		return nil, err
	}
	doc, err := readDocument(text)
	if err != nil {
		return nil, err
	}
	operations, err := doc.operations()
	if err != nil {
		return nil, err
	}
	j := &Judge{operations: operations, routes: &node{}, undefined: doc.undefined, known: exceptions}
	for _, op := range operations {
		if err := j.routes.add(op); err != nil {
			return nil, err
		}
	}
	return j, nil
}

// Load reads the document at path.
func Load(path string, known []Exception) (*Judge, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	j, err := New(text, known)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return j, nil
}

// Operations are all operations of the document, by path and method.
func (j *Judge) Operations() []Op {
	list := make([]Op, len(j.operations))
	for i, op := range j.operations {
		list[i] = op.Op
	}
	return list
}

// Undefined names the schemas that the document refers to and does not define.
func (j *Judge) Undefined() []string { return slices.Clone(j.undefined) }

// Unused are the exceptions that have excused nothing so far. After a run that
// meets every answer they are mistakes the document no longer makes.
func (j *Judge) Unused() []Exception {
	var list []Exception
	for _, x := range j.known {
		if !x.used.Load() {
			list = append(list, x.Exception)
		}
	}
	return list
}

// Response judges one answer. The path is that of the request, without query;
// where several templates fit, fixed segments beat parameters.
func (j *Judge) Response(method, path string, status int, contentType string, body []byte) []Violation {
	violations, _ := j.Weigh(method, path, status, contentType, body)
	return violations
}

// Weigh is [Judge.Response] and tells besides which exceptions the answer met.
func (j *Judge) Weigh(method, path string, status int, contentType string, body []byte) ([]Violation, []Exception) {
	f := j.find(method, path, status, contentType, body)
	var met []Exception
	for _, x := range f.excused {
		x.used.Store(true)
		if !slices.Contains(met, x.Exception) {
			met = append(met, x.Exception)
		}
	}
	return f.violations, met
}

func (j *Judge) find(method, path string, status int, contentType string, body []byte) finding {
	op := j.routes.find(method, path)
	if op == nil {
		return wrong(Violation{KindOperation, method + " " + path, status, "", "no operation fits"})
	}
	answer := op.answer(status)
	if answer == nil {
		return wrong(Violation{KindStatus, op.label(), status, "", "the status is not documented"})
	}
	c := hearing{j.known, op.label(), status}
	if len(answer.media) == 0 {
		if len(body) > 0 {
			return c.whole(KindBody, "a body where none is documented")
		}
		return finding{}
	}
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil && len(body) > 0 {
		return c.whole(KindContent, fmt.Sprintf("%q is not a media type", contentType))
	}
	if len(body) == 0 {
		return c.whole(KindBody, "no body where one is documented")
	}
	schema, ok := answer.content(mediaType)
	switch {
	case !ok:
		return c.whole(KindContent, mediaType+" is not documented")
	case schema == nil || !isJSON(mediaType):
		return finding{}
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return c.whole(KindBody, "the JSON cannot be read: "+err.Error())
	}
	return c.schema(schema, value)
}

// An answer is what the document says of one status.
type answer struct {
	media map[string]*schema // by media type or range; nil: any body
}

// content is the schema for a media type, nil if any body will do; ok is
// whether the media type is documented.
func (a *answer) content(mediaType string) (found *schema, ok bool) {
	main, _, _ := strings.Cut(mediaType, "/")
	for _, documented := range []string{mediaType, main + "/*", "*/*"} {
		if found, ok = a.media[documented]; ok {
			return found, true
		}
	}
	return nil, false
}

func (op *operation) answer(status int) *answer {
	code := strconv.Itoa(status)
	for _, documented := range []string{code, code[:1] + "XX", "default"} {
		if a, ok := op.answers[documented]; ok {
			return a
		}
	}
	return nil
}

func isJSON(mediaType string) bool {
	return mediaType == "application/json" || strings.HasSuffix(mediaType, "+json")
}
