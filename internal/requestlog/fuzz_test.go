package requestlog_test

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"parley/internal/requestlog"
)

// words takes a command apart as a shell does that knows single quotes, a backslash outside of
// them and double quotes without escapes: all that a command is made of.
func words(command string) (all []string, ok bool) {
	var word strings.Builder
	within := false
	for i := 0; i < len(command); i++ {
		switch c := command[i]; c {
		case '\'', '"':
			end := strings.IndexByte(command[i+1:], c)
			if end < 0 {
				return nil, false
			}
			word.WriteString(command[i+1 : i+1+end])
			i += end + 1
			within = true
		case '\\':
			if i++; i == len(command) {
				return nil, false
			}
			word.WriteByte(command[i])
			within = true
		case ' ':
			if within {
				all = append(all, word.String())
			}
			word.Reset()
			within = false
		case '\n', ';', '&', '<', '>', '`', '(', ')', '*', '?', '~', '#':
			return nil, false // the shell would take it for its own
		default:
			word.WriteByte(c)
			within = true
		}
	}
	if within {
		all = append(all, word.String())
	}
	return all, true
}

// Whatever a call has, its command is one that a shell reads as it was.
func FuzzCurl(f *testing.F) {
	f.Add("POST", "/contacts", "a=b&c", "X-Note", "it's", []byte(`{"name":"O'Neil"}`))
	f.Add("HEAD", "/'; rm -rf ~ #", "$(id)", "Accept", "", []byte("\x00\xff"))
	f.Add("DELETE", "/a\nb", "`id`", "Content-Type", "a\\", []byte("@file"))
	f.Fuzz(func(t *testing.T, method, path, query, name, value string, body []byte) {
		e := &requestlog.Entry{Method: method, Path: path, Query: query, Base: "http://parley.test", RequestHeader: http.Header{}, Request: requestlog.NewBody(body)}
		if name != "" {
			e.RequestHeader.Set(name, value)
		}
		command := e.Curl()
		if command == "" {
			if _, whole := e.Request.Read(); whole {
				t.Fatal("there is no command for a call that was kept whole")
			}
			return
		}
		said, ok := words(command)
		if !ok {
			t.Fatalf("a shell reads more than words in %s", command)
		}
		target := "http://parley.test" + path
		if query != "" {
			target += "?" + query
		}
		if said[len(said)-1] != target {
			t.Errorf("%s asks for %q, not %q", command, said[len(said)-1], target)
		}
		if len(body) == 0 {
			return
		}
		if i := slices.Index(said, "--data-raw"); i >= 0 {
			if said[i+1] != string(body) {
				t.Errorf("%s sends %q, not %q", command, said[i+1], body)
			}
		} else if raw, err := base64.StdEncoding.DecodeString(said[2]); err != nil || !bytes.Equal(raw, body) {
			t.Errorf("%s sends %q, not %q: %v", command, raw, body, err)
		}
	})
}

// Any criteria are refused, or a call meets them or there is a reason why not.
func FuzzCriteria(f *testing.F) {
	for _, c := range [][5]string{
		{"createContact", "post", "/contacts/*", "4xx", "/email=joe@x.test"}, {"", "", "[", "", ""}, {"", "", "[a-", "600", "=x"}, {"", "", `\`, "0", "/a/0/b=1"},
		{"", "", "/*/*/*", "xx", "/=1"}, {"", "", "", "-1", "/~2=x"}, {"", "", "", "5xx", "name"}, {"", "", "", "", "/a=null"},
	} {
		f.Add(c[0], c[1], c[2], c[3], c[4], []byte(`{"email":"joe@x.test","a":[{"b":1}],"":1}`), true)
	}
	f.Fuzz(func(t *testing.T, operation, method, pattern, status, body string, sent []byte, unmatched bool) {
		c := &requestlog.Criteria{Operation: operation, Method: method, Path: pattern, Status: status, Body: []string{body}}
		if unmatched {
			c.Unmatched = &unmatched
		}
		if err := c.Validate(); err != nil {
			return
		}
		u := url.URL{Path: "/contacts/1"}
		hr := httptest.NewRequest("POST", u.String(), nil)
		e := &requestlog.Entry{ID: 1, Operation: "createContact", Method: hr.Method, Path: hr.URL.Path, Status: 409, Unread: func() []string { return nil }, Request: requestlog.NewBody(sent)}
		unmet := c.Unmet(e)
		if c.Meet(e) != (len(unmet) == 0) {
			t.Fatalf("%+v: met is %v, and what is not met is %q", c, c.Meet(e), unmet)
		}
		valid := utf8.Valid(sent)
		for _, text := range []string{body, pattern, status, method, operation} { // halves of a letter are one together
			valid = valid && utf8.ValidString(text)
		}
		for _, why := range unmet {
			if len(why) > 4096 || valid && !utf8.ValidString(why) {
				t.Errorf("a reason is %q", why)
			}
		}
		if bare := (&requestlog.Criteria{}); !bare.Meet(e) {
			t.Error("no condition is not met")
		}
	})
}
