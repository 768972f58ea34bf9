package apptest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// An Answer is what the server said.
type Answer struct {
	t      testing.TB
	Status int
	Header http.Header
	Body   []byte
	Call   string // method and path, for messages

	once  sync.Once
	value any // what At reads
}

// An Edit changes a request before it is sent.
type Edit func(*http.Request)

// Header sets a header of the request; an empty value removes it.
func Header(name, value string) Edit {
	return func(r *http.Request) {
		if value == "" {
			r.Header.Del(name)
		} else {
			r.Header.Set(name, value)
		}
	}
}

// As sends the request with another token.
func As(token string) Edit { return Header("Authorization", "Bearer "+token) }

func (r *Rig) Get(t testing.TB, path string, edits ...Edit) *Answer {
	t.Helper()
	return r.Do(t, http.MethodGet, path, nil, edits...)
}

func (r *Rig) Post(t testing.TB, path string, body any, edits ...Edit) *Answer {
	t.Helper()
	return r.Do(t, http.MethodPost, path, body, edits...)
}

func (r *Rig) Put(t testing.TB, path string, body any, edits ...Edit) *Answer {
	t.Helper()
	return r.Do(t, http.MethodPut, path, body, edits...)
}

func (r *Rig) Delete(t testing.TB, path string, body any, edits ...Edit) *Answer {
	t.Helper()
	return r.Do(t, http.MethodDelete, path, body, edits...)
}

// Do sends a request as the rig's admin. A body that is a string or bytes is
// sent as it is, anything else as JSON. Every answer is held against the
// contract.
func (r *Rig) Do(t testing.TB, method, path string, body any, edits ...Edit) *Answer {
	t.Helper()
	var sent io.Reader // of a type whose length the request knows
	switch b := body.(type) {
	case nil:
		sent = strings.NewReader("")
	case string:
		sent = strings.NewReader(b)
	case []byte:
		sent = bytes.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		must(t, err)
		sent = bytes.NewReader(raw)
	}
	hr := httptest.NewRequest(method, "http://parley.test"+path, sent)
	hr.Header.Set("Authorization", "Bearer "+r.Token)
	if hr.ContentLength > 0 {
		hr.Header.Set("Content-Type", "application/json")
	}
	for _, edit := range edits {
		edit(hr)
	}
	w := httptest.NewRecorder()
	r.Handler().ServeHTTP(w, hr)
	a := &Answer{t: t, Status: w.Code, Header: w.Header(), Body: w.Body.Bytes(), Call: method + " " + path}
	for _, j := range r.judges {
		j.hold(t, hr, a)
	}
	return a
}

// OK checks that the answer is a 200 and returns it.
func (a *Answer) OK() *Answer {
	a.t.Helper()
	return a.Is(http.StatusOK)
}

// Is checks the answer's status and returns it.
func (a *Answer) Is(status int) *Answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("%s answered %d, want %d: %s", a.Call, a.Status, status, a.Body)
	}
	return a
}

// Fails checks that the answer is a failure with this status, code and message,
// in the API's form, and names the request as its header does.
func (a *Answer) Fails(status int, code, message string) {
	a.t.Helper()
	a.Is(status)
	var e struct {
		Type      string `json:"type"`
		RequestID string `json:"request_id"`
		Errors    []struct{ Code, Message string }
	}
	a.Decode(&e)
	if e.Type != "error.list" || len(e.Errors) != 1 || e.RequestID == "" || e.RequestID != a.Header.Get("X-Request-Id") {
		a.t.Fatalf("%s: not the API's form of an error: %s", a.Call, a.Body)
	}
	if got := e.Errors[0]; got.Code != code || got.Message != message {
		a.t.Fatalf("%s failed with %s %q, want %s %q", a.Call, got.Code, got.Message, code, message)
	}
}

// Decode reads the answer's JSON into v.
func (a *Answer) Decode(v any) {
	a.t.Helper()
	if err := json.Unmarshal(a.Body, v, json.MatchCaseInsensitiveNames(true)); err != nil {
		a.t.Fatalf("%s: %v in %s", a.Call, err, a.Body)
	}
}

// At reads a value out of the answer by a dotted path: "data.0.id". What is not
// there is nil. Nobody may change it.
func (a *Answer) At(path string) any {
	a.t.Helper()
	a.once.Do(func() { a.Decode(&a.value) })
	v := a.value
	for _, step := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[step]
		case []any:
			var i int
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return nil
		}
	}
	return v
}

// ID is the answer's own id.
func (a *Answer) ID() string {
	a.t.Helper()
	id, _ := a.At("id").(string)
	if id == "" {
		a.t.Fatalf("%s: the answer has no id: %s", a.Call, a.Body)
	}
	return id
}

// Pretty is the answer's JSON, indented, for goldens and messages.
func (a *Answer) Pretty() string {
	v := jsontext.Value(bytes.Clone(a.Body))
	if err := v.Indent(jsontext.WithIndent("  ")); err != nil {
		return string(a.Body)
	}
	return string(v)
}
