// Package wire is Intercom's JSON, in and out, and its translation to and from
// the nouns.
// It must not read or write anything, and must not decide what may happen.
package wire

import (
	"errors"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"parley/internal/model"
)

// The bounds of a request body.
const (
	MaxBody = 5 << 20 // bytes
	// MaxFilesBody is for operations that take files, which base64 makes a third
	// longer.
	MaxFilesBody = 15 << 20
	maxNesting   = 32    // objects and lists within each other
	maxMembers   = 5_000 // of one list
)

// Decode reads a JSON body into v, a pointer to a request type. An empty body is
// an empty object. What cannot be read is the caller's mistake and is said to be
// so, field and all.
func Decode(body []byte, v any) error {
	if len(body) == 0 {
		return nil
	}
	if err := check(body); err != nil {
		return err
	}
	err := json.Unmarshal(body, v)
	if err == nil {
		return nil
	}
	if e, ok := model.AsError(err); ok {
		return e
	}
	var wrongType *json.SemanticError
	if errors.As(err, &wrongType) {
		name := strings.ReplaceAll(strings.TrimPrefix(string(wrongType.JSONPointer), "/"), "/", ".")
		if name == "" {
			return model.ParameterInvalid("The request body must be a JSON object")
		}
		if len(name) > model.MaxText {
			name = name[:model.MaxText]
		}
		return model.ParameterInvalid("%s is invalid", strings.ToValidUTF8(name, "?"))
	}
	return malformed("")
}

func malformed(why string) error {
	if why != "" {
		why = ": " + why
	}
	return model.ParameterInvalid("The request body is not valid JSON%s", why)
}

// check refuses, before anything is built from it, a body that is nested too
// deeply, has a list too long, or holds a NUL, which a database cannot store.
// It only counts; whether the body is JSON at all is the decoder's business.
func check(body []byte) error {
	members := make([]int, 0, maxNesting) // per open bracket: commas so far, or -1 in an object
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '"':
			end, hasNUL := skipString(body, i+1)
			if hasNUL {
				return model.ParameterInvalid("Text cannot contain the NUL character")
			}
			i = end
		case '{', '[':
			if len(members) == maxNesting {
				return model.ParameterInvalid("The request body is nested more than %d levels deep", maxNesting)
			}
			count := 0
			if body[i] == '{' {
				count = -1
			}
			members = append(members, count)
		case '}', ']':
			if len(members) > 0 {
				members = members[:len(members)-1]
			}
		case ',':
			if n := len(members); n > 0 && members[n-1] >= 0 {
				if members[n-1]++; members[n-1] >= maxMembers {
					return model.ParameterInvalid("A list can have %d members at most", maxMembers)
				}
			}
		}
	}
	return nil
}

// skipString finds the end of a string that begins at i, and whether it spells
// a NUL.
func skipString(body []byte, i int) (end int, hasNUL bool) {
	for ; i < len(body); i++ {
		switch body[i] {
		case '"':
			return i, hasNUL
		case '\\':
			if i+5 < len(body) && string(body[i+1:i+6]) == "u0000" {
				hasNUL = true
			}
			i++
		}
	}
	return i, hasNUL
}

// An Appender is an answer of many kilobytes, which is put where there is room for it.
type Appender interface {
	// AppendJSON is Marshal, behind what is there already. Where it fails, what is behind that is of no use.
	AppendJSON(to []byte) ([]byte, error)
}

// Marshal is an answer as JSON: equal values in equal bytes. It is made in memory that is
// used again, which takes a fifth of the time that an io.Writer that grows would take.
func Marshal(v any) ([]byte, error) {
	switch v := v.(type) {
	case Contact:
		return v.marshal()
	case Appender:
		return v.AppendJSON(nil)
	}
	return marshal(v)
}

func marshal(v any) ([]byte, error) { return json.Marshal(v, encoding()) }

// encoding is how everything is encoded.
func encoding() json.Options {
	return json.JoinOptions(json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
}
