package wire

import "parley/internal/model"

// A Tag as /tags shows it.
type Tag struct {
	Type string `json:"type" enum:"tag"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// FromTag translates a tag.
func FromTag(t *model.Tag) Tag { return Tag{"tag", t.ID.String(), t.Name} }

// An AppliedTag is a tag on something.
type AppliedTag struct {
	Type      string    `json:"type" enum:"tag"`
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	AppliedAt int64     `json:"applied_at"`
	AppliedBy Reference `json:"applied_by"`
}

// FromAppliedTag translates a tag on something.
func FromAppliedTag(t *model.AppliedTag) AppliedTag {
	return AppliedTag{"tag", t.ID.String(), t.Name, t.AppliedAt, Reference{"admin", t.AppliedBy.String()}}
}

// A TagRequest is any of the five jobs of POST /tags: create, rename, tag or
// untag companies, tag or untag contacts.
type TagRequest struct {
	ID        Opt[Text]        `json:"id,omitzero"`
	Name      Opt[Text]        `json:"name,omitzero"`
	Companies Opt[[]TagTarget] `json:"companies,omitzero"`
	Users     Opt[[]TagTarget] `json:"users,omitzero"`
}

// A TagTarget names a company or a contact, and whether the tag goes off it.
type TagTarget struct {
	ID        Text `json:"id,omitzero"`
	CompanyID Text `json:"company_id,omitzero" doc:"Of a company: the workspace's own id."`
	UserID    Text `json:"user_id,omitzero" doc:"Of a contact: its external id."`
	Email     Text `json:"email,omitzero" doc:"Of a contact."`
	Untag     Bool `json:"untag,omitzero"`
}

// Target is the noun's form of it.
func (t TagTarget) Target() model.TagTarget {
	return model.TagTarget{ID: string(t.ID), CompanyID: string(t.CompanyID), ExternalID: string(t.UserID),
		Email: string(t.Email), Untag: bool(t.Untag)}
}

// Targets translates a list of them.
func Targets(list Opt[[]TagTarget]) []model.TagTarget { return each(list.Value, TagTarget.Target) }

// An IDRequest names the one object an operation attaches.
type IDRequest struct {
	ID Opt[Text] `json:"id,omitzero"`
}
