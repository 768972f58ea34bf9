package replay

import (
	"bytes"
	"fmt"
	"math"
	"mime"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"parley/internal/cassette"
)

// A Kind is what a difference is one of.
type Kind string

const (
	// Shape is what a client's code would meet: another status, a member more or less,
	// another type.
	Shape Kind = "shape"
	// Value is the same member with something else in it.
	Value Kind = "value"
)

// A Difference is a place where two answers are not the same.
type Difference struct {
	// At is a JSON pointer, or "@status", "@body" or "@header/Content-Type".
	At       string `json:"at"`
	Kind     Kind   `json:"kind"`
	Recorded string `json:"recorded"` // in a few words, or as JSON
	Replayed string `json:"replayed"`
}

const (
	maxDifferences = 200 // of one exchange
	maxShown       = 120 // bytes of a value in a difference
)

// A comparison holds a replayed answer against the recorded one.
type comparison struct {
	ids    *ids
	ignore []pattern
	strict bool // times, and the seconds between them, are values
	kind   string
	found  []Difference
	more   int
}

func (c *comparison) differ(at string, kind Kind, recorded, replayed string) {
	for _, p := range c.ignore {
		if p.matches(at) {
			return
		}
	}
	if len(c.found) == maxDifferences {
		c.more++
		return
	}
	c.found = append(c.found, Difference{at, kind, cut(recorded), cut(replayed)})
}

func (c *comparison) ignores(at string) bool {
	return slices.ContainsFunc(c.ignore, func(p pattern) bool { return p.matches(at) })
}

// cut bounds what is shown of a value.
func cut(s string) string {
	if len(s) <= maxShown {
		return s
	}
	n := maxShown
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// Headers whose presence matters, whatever is in them.
var presence = []string{"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset", "Retry-After", "Location"}

// answers compares two answers.
func (c *comparison) answers(recorded, replayed *cassette.Response, body []byte) {
	if recorded.Status != replayed.Status {
		c.differ("@status", Shape, strconv.Itoa(recorded.Status), strconv.Itoa(replayed.Status))
	}
	if was, is := mediaType(recorded.Header("Content-Type")), mediaType(replayed.Header("Content-Type")); was != is {
		c.differ("@header/Content-Type", Shape, was, is)
	}
	for _, name := range presence {
		if was, is := there(recorded.Header(name)), there(replayed.Header(name)); was != is {
			c.differ("@header/"+name, Shape, was, is)
		}
	}
	switch {
	case recorded.Omitted != "":
	case recorded.JSON != nil:
		was, err := parse(recorded.JSON)
		is, err2 := parse(body)
		switch {
		case err != nil: // too deep, or made by hand
			c.bytes(recorded.JSON, body)
		case err2 != nil:
			c.differ("@body", Shape, "JSON", "no JSON: "+string(body))
		default:
			c.values("", "", c.kind, was, is)
		}
	case recorded.Base64 != nil:
		c.bytes(recorded.Base64, body)
	default:
		if was := c.ids.text(recorded.Text); !c.sameText(was, string(body)) {
			c.differ("@body", Value, strconv.Quote(was), strconv.Quote(string(body)))
		}
	}
}

func (c *comparison) bytes(was, is []byte) {
	if !bytes.Equal(was, is) {
		c.differ("@body", Value, fmt.Sprintf("%d bytes", len(was)), fmt.Sprintf("%d other bytes", len(is)))
	}
}

func there(header string) string {
	if header == "" {
		return "missing"
	}
	return "present"
}

func mediaType(header string) string {
	media, params, err := mime.ParseMediaType(header)
	switch {
	case header == "":
		return "missing"
	case err != nil:
		return header
	case params["charset"] != "":
		return media + "; charset=" + strings.ToLower(params["charset"])
	}
	return media
}

// values compares what is at a pointer: of a member of that name, in an object of that
// kind.
func (c *comparison) values(at, name, kind string, was, is *value) {
	switch {
	case was.kind != is.kind && !(isBool(was) && isBool(is)):
		c.differ(at, Shape, was.described(), is.described())
	case was.kind == '{':
		c.objects(at, name, kind, was, is)
	case was.kind == '[':
		for i := range min(len(was.items), len(is.items)) {
			c.values(child(at, strconv.Itoa(i)), name, kind, was.items[i], is.items[i])
		}
		if len(was.items) != len(is.items) {
			c.differ(at, Value, elements(was), elements(is))
		}
	case was.kind == '"':
		c.strings(at, name, kind, was, is)
	case was.kind == '0':
		c.numbers(at, name, kind, was, is)
	case was.kind != is.kind:
		c.differ(at, Value, was.described(), is.described())
	}
}

func isBool(v *value) bool { return v.kind == 't' || v.kind == 'f' }

func elements(v *value) string { return fmt.Sprintf("%d elements", len(v.items)) }

// described is a value as a difference shows it.
func (v *value) described() string {
	if v.kind == '{' || v.kind == '[' {
		return v.kindName()
	}
	return string(v.append(nil))
}

func (c *comparison) objects(at, name, kind string, was, is *value) {
	if t := kindOf(was.string("type")); t != "" {
		kind = t
	} else if k := kindOf(name); k != "" && was.member("id") != nil {
		kind = k
	}
	now := make(map[string]*value, len(is.names))
	for i, n := range is.names {
		now[n] = is.items[i]
	}
	for i, n := range was.names {
		of := kind
		if k := kindOf(n); isID(n) && k != "" {
			of = k
		}
		switch item, ok := now[n]; {
		case c.ignores(child(at, n)):
		case ok:
			c.values(child(at, n), n, of, was.items[i], item)
		default:
			c.differ(child(at, n), Shape, was.items[i].described(), "missing")
		}
		delete(now, n)
	}
	for i, n := range is.names {
		if _, ok := now[n]; ok {
			c.differ(child(at, n), Shape, "missing", is.items[i].described())
		}
	}
}

func (c *comparison) strings(at, name, kind string, was, is *value) {
	if isID(name) && c.sameID(at, kind, was.text, is.text) {
		return
	}
	if !isID(name) && (was.text == is.text || c.sameText(c.ids.text(was.text), is.text)) {
		return
	}
	if !isID(name) && c.standsFor(was.text, is.text) {
		return
	}
	if !c.strict && isTime(was.text) && isTime(is.text) {
		return
	}
	c.differ(at, Value, was.described(), is.described())
}

// standsFor reports whether a text is a placeholder of what may be anything here, and
// learns what it is: later requests may send it.
func (c *comparison) standsFor(was, is string) bool {
	_, known := c.ids.exact("", was)
	if was == "" || is == "" || cassette.Placeholder().FindString(was) != was && (known || cassette.Person().FindString(was) != was) {
		return false
	}
	c.ids.learn("", was, is)
	return true
}

// sameID reports whether two ids may be those of one thing, and learns that they are.
func (c *comparison) sameID(at, kind, was, is string) bool {
	if (was == "") != (is == "") {
		return false
	}
	if cassette.Placeholder().FindString(was) == was && was != "" {
		c.ids.learn("", was, is)
		return true
	}
	if now, ok := c.ids.exact(kind, was); ok && now != is {
		c.differ(at, Value, fmt.Sprintf("%s, which is %s now", was, now), is)
		return true
	}
	if form(was) != form(is) {
		c.differ(at, Value, was+", "+form(was), is+", "+form(is))
	}
	if at != "/request_id" {
		c.ids.learn(kind, was, is)
	}
	return true
}

// sameText compares texts but for placeholders and what a URL has of its server.
func (c *comparison) sameText(was, is string) bool {
	if was == is {
		return true
	}
	if at := cassette.Placeholder().FindStringIndex(was); at != nil && at[1]-at[0] < len(was) && fits(was, is) {
		return true
	}
	a, b := webURL(was), webURL(is)
	if a == nil || b == nil || a.Path != c.ids.target(b.Path) && c.ids.target(a.Path) != b.Path {
		return false
	}
	asked, answered := a.Query(), b.Query()
	if len(asked) != len(answered) {
		return false
	}
	for name, values := range asked {
		now, ok := answered[name]
		if !ok || len(now) != len(values) {
			return false
		}
		for i, v := range values {
			if v != now[i] && c.ids.named(name, v, true) != now[i] && !cassette.Placeholder().MatchString(v) && !(isTime(v) && isTime(now[i])) {
				return false
			}
		}
	}
	return true
}

// fits reports whether a text can be what another says, where anything may stand for
// each placeholder.
func fits(was, is string) bool {
	parts := cassette.Placeholder().Split(was, 1000)
	rest, ok := strings.CutPrefix(is, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

func webURL(s string) *url.URL {
	if !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://") {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil
	}
	return u
}

func (c *comparison) numbers(at, name, kind string, was, is *value) {
	switch {
	case isID(name):
		if !c.sameID(at, kind, was.text, is.text) {
			c.differ(at, Value, was.text, is.text)
		}
	case was.text == is.text || sameNumber(was.text, is.text):
	case !c.strict && (isTime(was.text) && isTime(is.text) || isSpan(at, name)):
	default:
		c.differ(at, Value, was.text, is.text)
	}
}

func sameNumber(a, b string) bool {
	if digits().MatchString(a) && digits().MatchString(b) {
		return false // they are spelled in one way only, and may be longer than a float
	}
	x, err := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return err == nil && err2 == nil && x == y && !math.IsInf(x, 0)
}

// isTime reports Unix seconds from 2001 to 2100, and times in words.
func isTime(s string) bool {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n >= 1_000_000_000 && n < 4_102_444_800
	}
	_, err := time.Parse(time.RFC3339, s)
	return err == nil
}

// isSpan reports the statistics of a conversation that say how many seconds lie between
// two of its times: a replay waits for nobody, so they are no more the same than times.
func isSpan(at, name string) bool {
	return strings.HasSuffix(at, "/statistics/"+name) &&
		(strings.HasPrefix(name, "time_to_") || strings.HasPrefix(name, "median_time_to_"))
}

// A pattern is a JSON pointer in which * stands for one name or index, or the name of a
// member wherever it is.
type pattern struct {
	name  string
	steps []string
}

func newPattern(text string) pattern {
	if strings.HasPrefix(text, "/") {
		return pattern{steps: strings.Split(text, "/")}
	}
	return pattern{name: text}
}

// matches reports whether a place is what the pattern names, or below it.
func (p pattern) matches(at string) bool {
	if p.steps == nil {
		return at == p.name || strings.HasSuffix(at, child("", p.name)) || strings.Contains(at, child("", p.name)+"/")
	}
	steps := strings.Split(at, "/")
	if len(steps) < len(p.steps) {
		return false
	}
	for i, s := range p.steps {
		if s != "*" && s != steps[i] {
			return false
		}
	}
	return true
}
