package query

import "parley/internal/model"

// Segment writes the condition that a contact or company of the workspace is in
// a segment, into b.
func Segment(b *Builder, env Env, s *model.Segment) error {
	c := newCompiler(b, env, contactField)
	if s.OfCompanies() {
		c.lookup = companyField
	}
	return segmentMembers(c, s)
}

// CheckSegment compiles a segment's filter and reports what is wrong with it.
func CheckSegment(env Env, s *model.Segment) error {
	b := &Builder{}
	if err := Segment(b, env, s); err != nil {
		return err
	}
	values := 0
	s.Filter.Tests(func(test *model.Filter) {
		list, _ := test.Value.([]any)
		values += len(list)
	})
	if len(b.args) > maxSegmentArguments || values > maxSegmentValues {
		return model.ParameterInvalid("A segment's filter asks for too much at once")
	}
	return nil
}

func segmentMembers(c *compiler, s *model.Segment) error {
	inner := *c
	inner.nested = true
	switch s.PersonType {
	case model.PersonLead:
		c.Text("(role = 'lead' AND ")
	case model.PersonUser:
		c.Text("(role = 'user' AND ")
	default:
		c.Text("(")
	}
	if err := inner.filter(&s.Filter, 1); err != nil {
		return err
	}
	c.Text(")")
	return nil
}
