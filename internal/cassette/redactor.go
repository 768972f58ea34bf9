package cassette

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"parley/internal/lazy"

	"github.com/go-json-experiment/json/jsontext"
)

// A redactor replaces secrets by placeholders, the same one always by the same. What it
// has once seen to be a secret it finds anywhere.
type redactor struct {
	secrets  map[string]string // the placeholder of each
	searched []string          // those that are looked for everywhere, the longest first
	find     *strings.Replacer // of searched; nil after a change
	changed  bool              // since grown was asked
	people   bool
	persons  map[string]string // by address in lower case, and by number
	last     struct{ secret, person, phone int }
}

func newRedactor(people bool) *redactor {
	return &redactor{secrets: map[string]string{}, persons: map[string]string{}, people: people}
}

// Placeholder matches what stands for a secret in a cassette.
var Placeholder = lazy.Regexp(`REDACTED-[0-9]{1,9}`)

// minSearched is the length of the shortest secret that is looked for in what is not
// known to hold one: shorter ones are parts of innocent words.
const minSearched = 8

// secret is the placeholder of a secret.
func (r *redactor) secret(s string) string {
	if s == "" || Placeholder().FindString(s) == s {
		return s
	}
	placeholder := r.local(s)
	if len(s) >= minSearched && !slices.Contains(r.searched, s) {
		r.searched = append(r.searched, s)
		r.find, r.changed = nil, true
	}
	return placeholder
}

// local is the placeholder of what may be no secret but looks like one where it is.
func (r *redactor) local(s string) string {
	if s == "" || Placeholder().MatchString(s) {
		return s
	}
	p, ok := r.secrets[s]
	if !ok {
		r.last.secret++
		p = fmt.Sprintf("REDACTED-%d", r.last.secret)
		r.secrets[s] = p
	}
	return p
}

// grown reports whether there are secrets that were not looked for when it was asked
// before.
func (r *redactor) grown() bool {
	was := r.changed
	r.changed = false
	return was
}

// known replaces the secrets that are known.
func (r *redactor) known(s string) string {
	if len(r.searched) == 0 {
		return s
	}
	if r.find == nil {
		// Of two that begin alike the longer is meant.
		slices.SortFunc(r.searched, func(a, b string) int { return len(b) - len(a) })
		pairs := make([]string, 0, 2*len(r.searched))
		for _, s := range r.searched {
			pairs = append(pairs, s, r.secrets[s])
		}
		r.find = strings.NewReplacer(pairs...)
	}
	return r.find.Replace(s)
}

// shows reports whether a secret that is known can be read in a text.
func (r *redactor) shows(text []byte) bool {
	s := string(text)
	return r.known(s) != s
}

// remember goes on counting after the placeholders of a record.
func (r *redactor) remember(record []byte) {
	highest := func(last *int, pattern *regexp.Regexp) {
		for _, m := range pattern.FindAllSubmatch(record, -1) {
			if n, err := strconv.Atoi(string(m[1])); err == nil {
				*last = max(*last, n)
			}
		}
	}
	highest(&r.last.secret, numberedSecret())
	highest(&r.last.person, numberedPerson())
	for _, m := range Person().FindAll(record, -1) {
		r.last.phone = max(r.last.phone, phoneNumberOf(string(m))+1)
	}
}

var (
	numberedSecret = lazy.Regexp(`REDACTED-([0-9]{1,9})`)
	numberedPerson = lazy.Regexp(`person-([0-9]{1,9})@redacted\.example`)
)

// secretWords are in the names of members, parameters and attributes whose values are
// secrets, in lower case and without dashes.
var secretWords = []string{"token", "secret", "password", "passwd", "passphrase", "signature", "apikey", "accesskey", "privatekey", "jwt", "hash",
	"hmac", "credential", "authorization", "cookie", "sessionid"}

// isSecret reports whether what goes by that name is a secret. A code is one on its way
// to become a token, and a word for what went wrong elsewhere.
func isSecret(name string, codes bool) bool {
	plain := strings.Map(func(c rune) rune {
		if c == '-' || c == '_' || c == ' ' {
			return -1
		}
		return unicode.ToLower(c)
	}, name)
	switch plain {
	case "tokentype":
		return false
	case "code":
		return codes
	case "sig", "auth":
		return true
	}
	return slices.ContainsFunc(secretWords, func(word string) bool { return strings.Contains(plain, word) })
}

var (
	// An access token as the service writes it begins with the base64 of "tok:".
	accessToken = lazy.Regexp(accessPrefix + `[A-Za-z0-9+/_-]{12,}={0,2}`)
	scheme      = lazy.Regexp(`(?i)\b((?:bearer|basic) +)([A-Za-z0-9+/._~-]{8,}=*)`)
)

const accessPrefix = "dG9r"

// text replaces what is or looks like a secret in a text of any sort. Patterns are slow,
// and most texts have no need of them.
func (r *redactor) text(s string) string {
	s = r.known(s)
	if strings.Contains(s, " ") {
		s = replace(scheme(), s, func(m []string) string { return m[1] + r.secret(m[2]) })
	}
	if strings.Contains(s, accessPrefix) {
		s = accessToken().ReplaceAllStringFunc(s, r.secret)
	}
	s = r.named(s)
	if r.people {
		s = r.peopleIn(s)
	}
	return s
}

// named replaces what follows a secret's name in a text: token=…, "password": "…".
func (r *redactor) named(s string) string {
	var out strings.Builder
	done := 0 // so far s is in out
	for at := 0; ; at++ {
		next := strings.IndexAny(s[at:], "=:")
		if next < 0 {
			break
		}
		at += next
		end := len(strings.TrimRight(s[done:at], " \t\r\n\"'\\")) + done
		start := end
		for start > done && end-start < maxName && isWord(s[start-1]) {
			start--
		}
		if !isSecret(s[start:end], false) {
			continue
		}
		from := len(s) - len(strings.TrimLeft(s[at+1:], " \t\r\n\"'\\"))
		to := len(s)
		if n := strings.IndexAny(s[from:], " \t\r\n\"'\\&<>,;{}[]"); n >= 0 {
			to = from + n
		}
		if value := s[from:to]; value != "" && !strings.EqualFold(value, "bearer") && !strings.EqualFold(value, "basic") {
			out.WriteString(s[done:from])
			out.WriteString(r.local(value))
			done, at = to, to-1
		}
	}
	if done == 0 {
		return s
	}
	return out.String() + s[done:]
}

const maxName = 100

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-'
}

// replace is ReplaceAllStringFunc with the groups of each match.
func replace(re *regexp.Regexp, s string, with func(m []string) string) string {
	if !re.MatchString(s) {
		return s
	}
	return re.ReplaceAllStringFunc(s, func(match string) string { return with(re.FindStringSubmatch(match)) })
}

// authorization is what is kept of a header of that name: that there was one, of which
// scheme, and whether it was the same as another. Where the token is the user's name of
// the scheme Basic, it is the same as in another scheme.
func (r *redactor) authorization(value string) string {
	if value == "" {
		return ""
	}
	word, rest, found := strings.Cut(value, " ")
	rest = strings.TrimSpace(rest)
	if !found || rest == "" {
		return r.secret(value)
	}
	r.secret(rest)
	if strings.EqualFold(word, "Basic") {
		if decoded, err := base64.StdEncoding.DecodeString(rest); err == nil {
			user, password, _ := strings.Cut(string(decoded), ":")
			r.secret(password)
			if user != "" {
				return word + " " + r.secret(user)
			}
		}
	}
	if !strings.EqualFold(word, "Basic") && !strings.EqualFold(word, "Bearer") {
		word = "Other" // it may be a part of a secret
	}
	return word + " " + r.secrets[rest]
}

// json is the JSON of a body without its secrets, members in their order and numbers as
// they are spelled. What is not JSON, or too deep, is not ok.
func (r *redactor) json(body []byte, codes bool) (_ jsontext.Value, ok bool) {
	var out bytes.Buffer
	dec := jsontext.NewDecoder(bytes.NewReader(body))
	enc := jsontext.NewEncoder(&out, jsontext.AllowDuplicateNames(true))
	if err := r.value(dec, enc, "", codes, false, 0); err != nil {
		return nil, false
	}
	if _, err := dec.ReadToken(); err == nil || dec.InputOffset() < int64(len(bytes.TrimRight(body, " \t\r\n"))) {
		return nil, false // something follows
	}
	v := jsontext.Value(bytes.TrimSpace(out.Bytes()))
	return v, v.IsValid() // names that are alike now are not
}

var errTooDeep = errors.New("too deep")

func (r *redactor) value(dec *jsontext.Decoder, enc *jsontext.Encoder, name string, codes, secret bool, depth int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	tok, err := dec.ReadToken()
	if err != nil {
		return err
	}
	switch tok.Kind() {
	case '{':
		if err := enc.WriteToken(tok); err != nil {
			return err
		}
		for dec.PeekKind() == '"' {
			tok, err := dec.ReadToken()
			if err != nil {
				return err
			}
			member := tok.String()
			if err := enc.WriteToken(jsontext.String(r.text(member))); err != nil {
				return err
			}
			if err := r.value(dec, enc, member, codes, secret || isSecret(member, codes), depth+1); err != nil {
				return err
			}
		}
	case '[':
		if err := enc.WriteToken(tok); err != nil {
			return err
		}
		for k := dec.PeekKind(); k != ']' && k != 0; k = dec.PeekKind() {
			if err := r.value(dec, enc, name, codes, secret, depth+1); err != nil {
				return err
			}
		}
	case '"':
		return enc.WriteToken(jsontext.String(r.string(name, tok.String(), secret)))
	case '0':
		if secret {
			tok = jsontext.Int(0) // still a number
		}
		return enc.WriteToken(tok)
	default:
		return enc.WriteToken(tok)
	}
	end, err := dec.ReadToken()
	if err != nil {
		return err
	}
	return enc.WriteToken(end)
}

// string is a text that goes by a name.
func (r *redactor) string(name, s string, secret bool) string {
	if secret {
		return r.secret(s)
	}
	if r.people {
		s = r.phoneNamed(name, s)
	}
	return r.text(s)
}

// target is a path and query without secrets. What holds none stays as it is spelled.
func (r *redactor) target(target string) string {
	path, query, found := strings.Cut(target, "?")
	segments := strings.Split(path, "/")
	for i, s := range segments {
		segments[i] = r.escaped(s, url.PathUnescape, url.PathEscape, r.text)
	}
	path = strings.Join(segments, "/")
	if !found {
		return path
	}
	return path + "?" + r.query(query, strings.HasPrefix(path, "/auth/"))
}

// query is the parameters of a query or a form without secrets.
func (r *redactor) query(query string, codes bool) string {
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, value, found := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(name)
		if err != nil {
			plain = name
		}
		pairs[i] = r.escaped(name, url.QueryUnescape, url.QueryEscape, r.text)
		if found {
			pairs[i] += "=" + r.escaped(value, url.QueryUnescape, url.QueryEscape, func(s string) string {
				return r.string(plain, s, isSecret(plain, codes))
			})
		}
	}
	return strings.Join(pairs, "&")
}

// escaped changes a text below its escapes, and leaves it alone if there is nothing to
// change.
func (r *redactor) escaped(s string, unescape func(string) (string, error), escape func(string) string, change func(string) string) string {
	plain, err := unescape(s)
	if err != nil {
		return change(s)
	}
	if changed := change(plain); changed != plain {
		return escape(changed)
	}
	return s
}
