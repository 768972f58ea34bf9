package requestlog

import (
	"bytes"
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// unsent are headers that a curl command does not name: those that curl makes itself,
// and those by which the answer would not be one for a terminal.
var unsent = []string{"Authorization", "Content-Length", "Host", "Connection", "Accept-Encoding", "Transfer-Encoding", "Expect"}

// Curl is the call as a command for a shell, with $TOKEN in the place of the token. It
// is empty where the body was not kept whole.
func (e *Entry) Curl() string {
	body, whole := e.Request.Read()
	if !whole {
		return ""
	}
	var b strings.Builder
	data := ""
	switch {
	case len(body) == 0:
	case utf8.Valid(body) && !bytes.ContainsRune(body, 0):
		data = " --data-raw " + quote(string(body))
	default: // no argument can hold it
		b.WriteString("printf %s " + quote(base64.StdEncoding.EncodeToString(body)) + " | base64 -d | ")
		data = " --data-binary @-"
	}
	b.WriteString("curl -g ")
	if e.Method == http.MethodHead {
		b.WriteString("-I ")
	} else {
		b.WriteString("-X " + quote(e.Method) + " ")
	}
	b.WriteString(`-H "Authorization: Bearer $TOKEN"`)
	for _, name := range slices.Sorted(maps.Keys(e.RequestHeader)) {
		if slices.Contains(unsent, name) {
			continue
		}
		for _, value := range e.RequestHeader[name] {
			if value == "" {
				b.WriteString(" -H " + quote(name+";")) // which is how curl is told to send an empty one
			} else {
				b.WriteString(" -H " + quote(name+": "+value))
			}
		}
	}
	if data != "" && e.RequestHeader.Get("Content-Type") == "" {
		b.WriteString(" -H 'Content-Type:'") // or curl would say that it is a form
	}
	target := e.Base + e.Path
	if e.Query != "" {
		target += "?" + e.Query
	}
	b.WriteString(data + " " + quote(target))
	return b.String()
}

// quote is a text as one word of a shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
