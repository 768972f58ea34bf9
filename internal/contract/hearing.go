package contract

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// A hearing weighs one answer.
type hearing struct {
	known     []*exception
	operation string
	status    int
}

// A finding is what is wrong with a value, and which exceptions excuse the
// rest.
type finding struct {
	violations []Violation
	excused    []*exception
}

// whole judges the body as such. Only an exception for exactly that excuses
// it, not one for any place in it.
func (h hearing) whole(kind Kind, text string) finding {
	for _, x := range h.known {
		if x.Pointer == "" && x.covers(h.operation, nil) {
			return finding{excused: []*exception{x}}
		}
	}
	return wrong(Violation{kind, h.operation, h.status, "", text})
}

// wrong is a finding of one violation.
func wrong(v Violation) finding { return finding{violations: []Violation{v}} }

// schema judges a decoded body.
func (h hearing) schema(schema *jsonschema.Schema, value any) finding {
	err := schema.Validate(value)
	if err == nil {
		return finding{}
	}
	var failed *jsonschema.ValidationError
	if !errors.As(err, &failed) {
		return wrong(Violation{KindSchema, h.operation, h.status, "", err.Error()})
	}
	f := h.weigh(failed)
	// The validator walks maps, so its order is random.
	slices.SortFunc(f.violations, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Message, b.Message))
	})
	return f
}

func (h hearing) weigh(e *jsonschema.ValidationError) finding {
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		return h.members(e.InstanceLocation, k.Missing, "missing")
	case *kind.AdditionalProperties:
		return h.members(e.InstanceLocation, k.Properties, "not documented")
	case *kind.AnyOf, *kind.OneOf:
		if len(e.Causes) > 0 {
			return h.choice(e)
		}
	}
	if len(e.Causes) == 0 {
		return h.at(e.InstanceLocation, e.ErrorKind.LocalizedString(message.NewPrinter(language.English)))
	}
	var all finding
	for _, cause := range e.Causes {
		all.add(h.weigh(cause))
	}
	return all
}

func (f *finding) add(more finding) {
	f.violations = append(f.violations, more.violations...)
	f.excused = append(f.excused, more.excused...)
}

// at is a violation at a place, unless it is excused.
func (h hearing) at(location []string, text string) finding {
	for _, x := range h.known {
		if x.covers(h.operation, location) {
			return finding{excused: []*exception{x}}
		}
	}
	return wrong(Violation{KindSchema, h.operation, h.status, joinPointer(location), text})
}

func (h hearing) members(of []string, names []string, text string) finding {
	var all finding
	for _, name := range names {
		all.add(h.at(append(slices.Clone(of), name), text))
	}
	return all
}

// choice judges a value that none of several schemas accepts, by the schema
// that comes nearest: one that would accept it but for exceptions, else the
// one with fewest complaints among those that agree on its type.
func (h hearing) choice(e *jsonschema.ValidationError) finding {
	if here := h.at(e.InstanceLocation, ""); len(here.violations) == 0 {
		return here
	}
	var best finding
	var strangers []string // what schemas say that refuse the value itself
	for _, cause := range e.Causes {
		f := h.weigh(cause)
		switch {
		case len(f.violations) == 0:
			return f
		case isTypeError(cause, len(e.InstanceLocation)):
			strangers = append(strangers, f.violations[0].Message)
		case best.violations == nil || len(f.violations) < len(best.violations):
			best = f
		}
	}
	if best.violations == nil {
		return h.at(e.InstanceLocation, strings.Join(strangers, "; or "))
	}
	return best
}

// isTypeError reports that the value at the given depth is of another type
// than the schema wants.
func isTypeError(e *jsonschema.ValidationError, depth int) bool {
	if _, ok := e.ErrorKind.(*kind.Type); ok {
		return len(e.InstanceLocation) == depth
	}
	return len(e.Causes) == 1 && isTypeError(e.Causes[0], depth)
}
