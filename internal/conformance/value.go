package conformance

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// valueAt is the value at a dotted path of a JSON text: "data.0.id", with last
// for the last item of a list. A step such as state=live picks the first item
// with that member, and stays where it is in an object that has it. A value is a
// string as it stands, or the JSON of a number or truth value; anything else, null
// and the empty string included, counts as not there.
func valueAt(text []byte, path string) (string, bool) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return "", false
	}
	for step := range strings.SplitSeq(path, ".") {
		v = follow(v, step)
	}
	s := scalar(v)
	return s, s != ""
}

func follow(v any, step string) any {
	member, value, picks := strings.Cut(step, "=")
	switch at := v.(type) {
	case map[string]any:
		if !picks {
			return at[step]
		}
		if scalar(at[member]) == value {
			return at
		}
	case []any:
		for _, item := range at {
			if o, ok := item.(map[string]any); picks && ok && scalar(o[member]) == value {
				return o
			}
		}
		i, err := strconv.Atoi(step)
		if step == "last" {
			i, err = len(at)-1, nil
		}
		if err == nil && 0 <= i && i < len(at) {
			return at[i]
		}
	}
	return nil
}

func scalar(v any) string {
	switch s := v.(type) {
	case string:
		return s
	case json.Number:
		return s.String()
	case bool:
		return strconv.FormatBool(s)
	}
	return ""
}

// inJSON writes a value for the inside of a JSON string. Numbers and truth values
// stay as they are, so that they may stand by themselves too.
func inJSON(value string) string {
	text, err := json.Marshal(value)
	if err != nil {
		return value // a string always has JSON
	}
	return string(text[1 : len(text)-1])
}

var (
	hexID  = regexp.MustCompile(`^[0-9a-f]{24}$`)
	uuid   = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	number = regexp.MustCompile(`^[0-9]+$`)
)

// unknownLike is an id of the same form that nothing has.
func unknownLike(id string) string {
	switch {
	case hexID.MatchString(id):
		return strings.Repeat("f", 24)
	case uuid.MatchString(id):
		return "ffffffff-ffff-4fff-bfff-ffffffffffff"
	case number.MatchString(id):
		return "2147483000" // near the end of what 32 bits hold
	default:
		return strings.Repeat("z", max(len(id), 1))
	}
}
