package contract

import (
	"fmt"
	"strings"
	"sync/atomic"
)

// An Exception is a known mistake of the document, so that answers that depart
// from it there are right.
type Exception struct {
	Operation string // "GET /contacts/{id}" as the document writes it, or "*"
	Pointer   string // where in the answer: a JSON pointer in which * is any one segment and ** any number
	Reason    string // what is wrong with the document; required
}

// An exception with the empty Pointer is for the body as a whole: its type, its
// media type, and whether there is one.
type exception struct {
	Exception
	segments []string
	used     atomic.Bool
}

func compileExceptions(known []Exception) ([]*exception, error) {
	list := make([]*exception, len(known))
	for i, x := range known {
		method, path, _ := strings.Cut(x.Operation, " ")
		switch {
		case strings.TrimSpace(x.Reason) == "":
			return nil, fmt.Errorf("exception %s %q: the reason is missing", x.Operation, x.Pointer)
		case x.Operation != "*" && (method == "" || !strings.HasPrefix(path, "/")):
			return nil, fmt.Errorf("exception %q: want a method and a path, or *", x.Operation)
		case x.Pointer != "" && x.Pointer[0] != '/':
			return nil, fmt.Errorf("exception %s: %q is not a JSON pointer", x.Operation, x.Pointer)
		}
		list[i] = &exception{Exception: x, segments: splitPointer(x.Pointer)}
	}
	return list, nil
}

func (x *exception) covers(operation string, location []string) bool {
	return (x.Operation == "*" || x.Operation == operation) && matches(x.segments, location)
}

// matches compares a pattern with the segments of a pointer.
func matches(pattern, location []string) bool {
	for len(pattern) > 0 {
		if pattern[0] == "**" {
			for i := range len(location) + 1 {
				if matches(pattern[1:], location[i:]) {
					return true
				}
			}
			return false
		}
		if len(location) == 0 || pattern[0] != "*" && pattern[0] != location[0] {
			return false
		}
		pattern, location = pattern[1:], location[1:]
	}
	return len(location) == 0
}

// splitPointer lists the segments of a JSON pointer, unescaped.
func splitPointer(pointer string) []string {
	if pointer == "" {
		return nil
	}
	segments := strings.Split(pointer[1:], "/")
	for i, s := range segments {
		segments[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(s)
	}
	return segments
}

func joinPointer(segments []string) string {
	var pointer strings.Builder
	for _, s := range segments {
		pointer.WriteByte('/')
		pointer.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(s))
	}
	return pointer.String()
}
