package model

import "strings"

// A Tag is a label for contacts, companies and conversations. Names differ by
// more than case.
type Tag struct {
	ID        TagID
	Name      string
	CreatedAt int64
	CreatedBy AdminID
}

// An AppliedTag is a tag on something: when it was put there, and by whom.
type AppliedTag struct {
	Tag
	AppliedAt int64
	AppliedBy AdminID
}

// NewTag makes a tag of a name.
func NewTag(id TagID, name string, by AdminID, now int64) (*Tag, error) {
	t := &Tag{ID: id, CreatedBy: by, CreatedAt: now}
	return t, t.Rename(name)
}

// Rename gives the tag another name.
func (t *Tag) Rename(name string) error {
	name = strings.TrimSpace(name)
	if name == "" {
		return InvalidTag()
	}
	if err := ValidateText("Name", name, MaxText); err != nil {
		return err
	}
	t.Name = name
	return nil
}

// InvalidTag is the answer to a POST /tags that names no tag.
func InvalidTag() *Error { return ParameterInvalid("invalid tag parameters") }

// TagInUse is the answer to deleting a tag that segments depend on.
func TagInUse(segments []string) *Error {
	return &Error{Invalid, "tag_has_dependent_objects",
		"Unable to delete Tag with dependent objects. Segments: " + strings.Join(segments, ", ") + "."}
}

// A TagTarget names what a tag goes on or comes off: a company by its id or
// company_id, a contact by its id, external id or e-mail address.
type TagTarget struct {
	ID, CompanyID, ExternalID, Email string
	Untag                            bool
}

// TagNameTaken is the answer to renaming a tag to the name of another.
func TagNameTaken(name string) *Error {
	return ParameterInvalid("A tag named '%s' already exists", name)
}
