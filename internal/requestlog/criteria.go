package requestlog

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Criteria say which calls are meant. What is zero is no condition.
type Criteria struct {
	Operation string
	Method    string
	Path      string   // a pattern as path.Match has it
	Status    string   // 404, or 4xx
	Body      []string // each a JSON pointer, = and a value, or a text that is in the request's body
	Unmatched *bool
	Since     uint64 // an id: only later ones
}

// Validate tells what cannot be meant.
func (c *Criteria) Validate() error {
	if _, err := path.Match(c.Path, ""); err != nil {
		return fmt.Errorf("path is no pattern: %.80q", c.Path)
	}
	if c.Status != "" && !statusForm(c.Status) {
		return fmt.Errorf("status is a number or a class like 4xx, not %.80q", c.Status)
	}
	return nil
}

func statusForm(s string) bool {
	if len(s) == 3 && s[1:] == "xx" {
		return s[0] >= '1' && s[0] <= '5'
	}
	n, err := strconv.Atoi(s)
	return err == nil && (n == 0 || n >= 100 && n <= 599)
}

// Meet reports whether a call is meant.
func (c *Criteria) Meet(e *Entry) bool { return e.ID > c.Since && len(c.Unmet(e)) == 0 }

// Unmet tells, for a person, which conditions a call does not meet.
func (c *Criteria) Unmet(e *Entry) (unmet []string) {
	no := func(format string, args ...any) { unmet = append(unmet, fmt.Sprintf(format, args...)) }
	if c.Operation != "" && c.Operation != e.Operation {
		if e.Operation == "" {
			no("the operation is none, not %.200s", c.Operation)
		} else {
			no("the operation is %s, not %.200s", e.Operation, c.Operation)
		}
	}
	if c.Method != "" && !strings.EqualFold(c.Method, e.Method) {
		no("the method is %s, not %.200s", e.Method, c.Method)
	}
	if c.Path != "" {
		if ok, err := path.Match(c.Path, e.Path); !ok || err != nil {
			no("the path is %.200s, not %.200s", e.Path, c.Path)
		}
	}
	if c.Status != "" && !c.hasStatus(e.Status) {
		no("the status is %d, not %.80s", e.Status, c.Status)
	}
	if len(c.Body) > 0 {
		body, _ := e.Request.Read()
		for _, want := range c.Body {
			if why := lacks(body, want); why != "" {
				no("%s", why)
			}
		}
	}
	if c.Unmatched != nil && *c.Unmatched != e.Unmatched() {
		no("unmatched is %t", !*c.Unmatched)
	}
	return unmet
}

func (c *Criteria) hasStatus(status int) bool {
	if class, ok := strings.CutSuffix(c.Status, "xx"); ok {
		return strconv.Itoa(status/100) == class
	}
	return strconv.Itoa(status) == c.Status
}

// lacks tells why a body does not have what is wanted; empty if it has.
func lacks(body []byte, want string) string {
	pointer, value, ok := strings.Cut(want, "=")
	if !ok || !strings.HasPrefix(pointer, "/") {
		if bytes.Contains(body, []byte(want)) {
			return ""
		}
		return fmt.Sprintf("the body does not contain %.200q", want)
	}
	var root any
	if err := json.Unmarshal(body, &root); err != nil {
		return fmt.Sprintf("the body has no %.200s", pointer)
	}
	at, ok := find(root, jsontext.Pointer(pointer))
	if !ok {
		return fmt.Sprintf("the body has no %.200s", pointer)
	}
	text, isText := at.(string)
	if !isText {
		b, err := json.Marshal(at, json.Deterministic(true))
		if err != nil {
			return fmt.Sprintf("%.200s in the body cannot be read", pointer)
		}
		text = string(b)
	}
	if text != value {
		return fmt.Sprintf("%.200s in the body is %.200q, not %.200q", pointer, text, value)
	}
	return ""
}

// find is the value in a JSON tree that a pointer names.
func find(at any, p jsontext.Pointer) (any, bool) {
	for token := range p.Tokens() {
		switch v := at.(type) {
		case map[string]any:
			member, ok := v[token]
			if !ok {
				return nil, false
			}
			at = member
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(v) {
				return nil, false
			}
			at = v[i]
		default:
			return nil, false
		}
	}
	return at, true
}

// Find returns those of calls that are meant, in their order.
func (c *Criteria) Find(all []*Entry) []*Entry {
	var found []*Entry
	for _, e := range all {
		if c.Meet(e) {
			found = append(found, e)
		}
	}
	return found
}

// A Miss is a call that is not meant, and why.
type Miss struct {
	Entry *Entry
	Unmet []string
}

// Nearest returns so many of the calls that are not meant: those that lack least, and
// of these the newest, first.
func (c *Criteria) Nearest(all []*Entry, most int) []Miss {
	var misses []Miss
	for _, e := range slices.Backward(all) {
		if unmet := c.Unmet(e); e.ID > c.Since && len(unmet) > 0 {
			misses = append(misses, Miss{e, unmet})
		}
	}
	slices.SortStableFunc(misses, func(a, b Miss) int { return len(a.Unmet) - len(b.Unmet) })
	return misses[:min(most, len(misses))]
}
