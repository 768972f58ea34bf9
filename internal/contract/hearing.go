package contract

import (
	"cmp"
	"slices"
	"strings"
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
func (h hearing) schema(s *schema, value any) finding {
	if s.accepts(value) {
		return finding{}
	}
	f := h.weigh(s, value, nil)
	// Members come in no order.
	slices.SortFunc(f.violations, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Message, b.Message))
	})
	return f
}

// weigh judges a value that a schema does not accept.
func (h hearing) weigh(s *schema, value any, location []string) finding {
	var all finding
	for p := range s.problems(value) {
		switch {
		case p.in != nil:
			all.add(h.weigh(p.in, p.value, slices.Concat(location, p.step)))
		case p.of != nil:
			all.add(h.choice(p.of, value, location))
		case p.missing != nil:
			all.add(h.members(location, p.missing, "missing"))
		case p.unknown != nil:
			all.add(h.members(location, p.unknown, "not documented"))
		default:
			all.add(h.at(location, p.text()))
		}
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
func (h hearing) choice(of []*schema, value any, location []string) finding {
	if here := h.at(location, ""); len(here.violations) == 0 {
		return here
	}
	var best finding
	var strangers []string // what schemas say that refuse the value itself
	for _, s := range of {
		f := h.weigh(s, value, location)
		switch {
		case len(f.violations) == 0:
			return f
		case s.refusesType(value):
			strangers = append(strangers, f.violations[0].Message)
		case best.violations == nil || len(f.violations) < len(best.violations):
			best = f
		}
	}
	if best.violations == nil {
		return h.at(location, strings.Join(strangers, "; or "))
	}
	return best
}
