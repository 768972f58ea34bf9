package wire

import (
	"parley/internal/model"
	"parley/internal/model/content"
)

// A Newsfeed as the API shows it, which is without its audience.
type Newsfeed struct {
	ID        string `json:"id"`
	Type      string `json:"type" enum:"newsfeed"`
	Name      string `json:"name"`
	CreatedAt int64  `json:"created_at"`
	UpdatedAt int64  `json:"updated_at"`
}

// FromNewsfeed translates a newsfeed.
func FromNewsfeed(f *content.Newsfeed) Newsfeed {
	return Newsfeed{f.ID.String(), "newsfeed", f.Name, f.CreatedAt, f.UpdatedAt}
}

// A NewsfeedAssignment puts a news item into a newsfeed.
type NewsfeedAssignment struct {
	NewsfeedID  int64 `json:"newsfeed_id"`
	PublishedAt int64 `json:"published_at,omitzero" doc:"Absent while the item is a draft."`
}

func fromNewsfeedAssignment(a content.NewsfeedAssignment) NewsfeedAssignment {
	return NewsfeedAssignment{int64(a.Newsfeed), a.PublishedAt}
}

// A NewsfeedAssignmentRequest asks to put a news item into a newsfeed.
type NewsfeedAssignmentRequest struct {
	NewsfeedID  Opt[Text]    `json:"newsfeed_id"`
	PublishedAt Opt[Seconds] `json:"published_at,omitzero" doc:"Not in the future; means nothing for a draft. Without it, now, or what it is already."`
}

func (r NewsfeedAssignmentRequest) assignment() (content.NewsfeedAssignment, error) {
	a := content.NewsfeedAssignment{PublishedAt: int64(r.PublishedAt.Value)}
	if !r.NewsfeedID.Has() {
		return a, model.ParameterNotFound("newsfeed_id is a required parameter of a newsfeed assignment.")
	}
	if a.Newsfeed = model.Decimal[content.NewsfeedID](string(r.NewsfeedID.Value)); a.Newsfeed == 0 {
		return a, model.ParameterInvalid("newsfeed_id is invalid")
	}
	return a, nil
}
