package replay

import (
	"net/url"
	"regexp"
	"strings"
	"sync"

	"parley/internal/cassette"
	"parley/internal/lazy"
)

// maxIDs bounds what is remembered, however long a cassette is.
const maxIDs = 200_000

// ids knows, of what the recorded answers call something, what the replayed ones call
// it. Decimal ids are counted for each kind of thing, so that one may stand for several.
type ids struct {
	known map[string]map[string]string // by recorded id and kind
	n     int
}

func newIDs() *ids { return &ids{known: map[string]map[string]string{}} }

// learn remembers what a recorded id of a kind is now. What it was first stays.
func (d *ids) learn(kind, recorded, replayed string) {
	if d.n >= maxIDs || recorded == "" {
		return
	}
	of := d.known[recorded]
	if of == nil {
		of = map[string]string{}
		d.known[recorded] = of
	}
	if _, ok := of[kind]; !ok {
		of[kind] = replayed
		d.n++
	}
}

// exact is what a recorded id of that very kind is now.
func (d *ids) exact(kind, recorded string) (string, bool) {
	now, ok := d.known[recorded][kind]
	return now, ok
}

// now is what a recorded id is now: of that kind if it is known of it, else of whatever
// all kinds agree on. What is not known, or not clear, stays as it is.
func (d *ids) now(kind, recorded string) string {
	of := d.known[recorded]
	if now, ok := of[kind]; ok {
		return now
	}
	found, clear := recorded, false
	for _, now := range of {
		if clear && now != found {
			return recorded
		}
		found, clear = now, true
	}
	return found
}

// isID reports whether a member of that name tells which one something is, in a way
// that is another's on each server.
func isID(name string) bool {
	switch name {
	case "id", "ids", "uuid", "id_code", "starting_after", "request_id":
		return true
	}
	return strings.HasSuffix(name, "_id") || strings.HasSuffix(name, "_ids")
}

// kindOf is the kind of thing that a name or a type of the API is about: "contacts",
// "contact_id", "user" and "lead" are all about a contact.
func kindOf(name string) string {
	name = strings.TrimSuffix(strings.TrimSuffix(name, "_ids"), "_id")
	switch {
	case strings.HasSuffix(name, "ies"):
		name = name[:len(name)-3] + "y"
	case strings.HasSuffix(name, "s"):
		name = name[:len(name)-1]
	}
	switch name {
	case "user", "lead", "visitor", "new_contact", "from":
		return "contact"
	case "admin_assignee", "owner", "author", "created_by", "updated_by":
		return "admin"
	case "team_assignee":
		return "team"
	case "ticket": // a ticket is a conversation of another kind
		return "conversation"
	case "id", "uuid", "value", "assignee":
		return ""
	}
	return name
}

// longID is what is an id wherever it is met, since nothing else looks like it.
var longID = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:[0-9a-f]{24}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9]{9,20}|` + cassette.Placeholder().String() + `)$`)
})

// idLike finds what may be a long id within a text.
var idLike = lazy.Regexp(`[0-9A-Za-z-]{9,40}`)

// form is how an id is written.
func form(id string) string {
	switch {
	case digits().MatchString(id):
		return "a decimal id"
	case len(id) == 24 && longID().MatchString(id):
		return "an id of 24 hexadecimal digits"
	case len(id) == 36 && longID().MatchString(id):
		return "a UUID"
	default:
		return "an id of another form"
	}
}

var digits = lazy.Regexp(`^[0-9]{1,20}$`)

// text is a text with the long ids in it, and the people, as they are now.
func (d *ids) text(s string) string {
	if len(d.known) == 0 {
		return s
	}
	s = cassette.Person().ReplaceAllStringFunc(s, func(m string) string { return d.now("", m) })
	return idLike().ReplaceAllStringFunc(s, func(m string) string {
		if longID().MatchString(m) {
			return d.now("", m)
		}
		return m
	})
}

// sent remembers the people that a request names: they are called so on this server too.
// Others, whom an answer names first, have addresses of their own here.
func (d *ids) sent(s string) {
	for _, m := range cassette.Person().FindAllString(s, -1) {
		d.learn("", m, m)
	}
}

// target is a path and query with ids as they are now. An id is of the kind that the
// path names before it.
func (d *ids) target(target string) string {
	path, query, found := strings.Cut(target, "?")
	segments := strings.Split(path, "/")
	kind := ""
	for i, s := range segments {
		plain, err := url.PathUnescape(s)
		if err != nil {
			continue
		}
		if now := d.now(kind, plain); now != plain && plain != "" {
			segments[i] = url.PathEscape(now)
		}
		kind = kindOf(plain)
	}
	path = strings.Join(segments, "/")
	if !found {
		return path
	}
	return path + "?" + d.query(query)
}

// query is the parameters of a query or a form with ids as they are now.
func (d *ids) query(query string) string {
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, text, found := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(text)
		if !found || err != nil {
			continue
		}
		if now := d.named(name, plain, true); now != plain {
			pairs[i] = name + "=" + url.QueryEscape(now)
		}
	}
	return strings.Join(pairs, "&")
}

// named is a text that goes by a name. One that is alone may be an id as a whole.
func (d *ids) named(name, s string, alone bool) string {
	if alone && isID(name) {
		return d.now(kindOf(name), s)
	}
	return d.text(s)
}

// rewrite brings the ids in a request's JSON to what they are now.
func (d *ids) rewrite(v *value, name, kind string) {
	switch v.kind {
	case '{':
		// {"field": "tag_id", "operator": "=", "value": …}
		field := v.string("field")
		for i, item := range v.items {
			member, of := v.names[i], kindOf(v.names[i])
			switch {
			case member == "value" && isID(field):
				member, of = field, kindOf(field)
				if field == "id" {
					of = kind
				}
			case member == "id":
				if of = kindOf(v.string("type")); of == "" {
					of = kindOf(name)
				}
			case isID(member) && of == "":
				of = kind
			case !isID(member):
				of = kind
			}
			d.rewrite(item, member, of)
		}
	case '[':
		for _, item := range v.items {
			d.rewrite(item, name, kind)
		}
	case '"':
		if isID(name) {
			v.text = d.now(kind, v.text)
		} else {
			v.text = d.text(v.text)
		}
	case '0':
		if isID(name) {
			if now := d.now(kind, v.text); digits().MatchString(now) {
				v.text = now
			}
		}
	}
}
