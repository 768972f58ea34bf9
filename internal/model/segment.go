package model

import (
	"slices"
	"strconv"
)

// A Segment is a stored filter with a name. Who is in it follows from what the
// contacts or companies are at the moment of asking. Two segments of one person
// type have different names.
type Segment struct {
	ID         SegmentID
	Name       string
	PersonType PersonType
	Filter     Filter
	CreatedAt  int64
	UpdatedAt  int64

	Count int // as loaded, where it was asked for: how many are in it
}

// A PersonType says what a segment holds, in the API's words.
type PersonType string

const (
	PersonUser    PersonType = "user"
	PersonLead    PersonType = "contact" // the API says "contact" and means leads
	PersonCompany PersonType = "company"
)

// MaxSegments is how many segments a workspace can have: as many as one statement
// can ask for at once.
const MaxSegments = 250

// Validate checks what a person chose, all but the filter, which is checked by
// compiling it.
func (s *Segment) Validate() error {
	switch s.PersonType {
	case PersonUser, PersonLead, PersonCompany:
	default:
		return ParameterInvalid("A segment's person_type must be user, contact or company")
	}
	if isBlank(s.Name) {
		return ParameterNotFound("A segment needs a name")
	}
	return ValidateText("Name", s.Name, MaxText)
}

// OfCompanies reports whether the segment holds companies, and not contacts.
func (s *Segment) OfCompanies() bool { return s.PersonType == PersonCompany }

// AttributeModel is whose attributes the segment's filter asks for.
func (s *Segment) AttributeModel() AttributeModel {
	if s.OfCompanies() {
		return CompanyAttributes
	}
	return ContactAttributes
}

// DependsOnTag reports whether the segment asks for a tag.
func (s *Segment) DependsOnTag(id TagID) bool { return slices.Contains(s.Tags(), id) }

// Tags are the tags that the segment asks for.
func (s *Segment) Tags() []TagID {
	var ids []TagID
	s.Filter.Tests(func(test *Filter) {
		if test.Field != "tag_id" {
			return
		}
		switch v := test.Value.(type) {
		case string:
			ids = append(ids, Decimal[TagID](v))
		case int64:
			ids = append(ids, Decimal[TagID](strconv.FormatInt(v, 10)))
		}
	})
	return ids
}

// DependsOnAttribute reports whether the segment asks for a custom attribute.
func (s *Segment) DependsOnAttribute(a *DataAttribute) bool {
	depends := false
	if s.AttributeModel() == a.Model {
		s.Filter.Tests(func(test *Filter) { depends = depends || test.Field == CustomField(a.Name) })
	}
	return depends
}

// SegmentLimitReached is the answer to one segment too many.
func SegmentLimitReached() *Error {
	return ParameterInvalid("A workspace can have %d segments at most", MaxSegments)
}
