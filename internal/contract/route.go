package contract

import (
	"fmt"
	"strings"
)

// A node is one segment of the path templates.
type node struct {
	fixed   map[string]*node
	param   *node
	methods map[string]*operation
}

func (n *node) add(op *operation) error {
	for segment := range strings.SplitSeq(strings.TrimPrefix(op.Path, "/"), "/") {
		switch {
		case strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}"):
			if n.param == nil {
				n.param = &node{}
			}
			n = n.param
		case strings.Contains(segment, "{"):
			return fmt.Errorf("%s: a parameter must be a whole segment", op.Path)
		default:
			if n.fixed == nil {
				n.fixed = map[string]*node{}
			}
			if n.fixed[segment] == nil {
				n.fixed[segment] = &node{}
			}
			n = n.fixed[segment]
		}
	}
	if n.methods == nil {
		n.methods = map[string]*operation{}
	}
	if other := n.methods[op.Method]; other != nil {
		return fmt.Errorf("%s and %s cannot be told apart", other.label(), op.label())
	}
	n.methods[op.Method] = op
	return nil
}

// find is the operation that serves method and path, nil if there is none.
func (n *node) find(method, path string) *operation {
	return n.match(method, strings.Split(strings.TrimPrefix(path, "/"), "/"))
}

func (n *node) match(method string, segments []string) *operation {
	switch {
	case n == nil:
		return nil
	case len(segments) == 0:
		return n.methods[method]
	}
	if op := n.fixed[segments[0]].match(method, segments[1:]); op != nil {
		return op
	}
	if segments[0] == "" {
		return nil
	}
	return n.param.match(method, segments[1:])
}
