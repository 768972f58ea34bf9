package content

import (
	"slices"
	"strings"

	"parley/internal/model"
)

// MaxNewsfeeds is how many newsfeeds a workspace can have. They are not deleted.
const MaxNewsfeeds = 200

// A Newsfeed is where news items are shown to an audience.
type Newsfeed struct {
	ID        NewsfeedID
	Name      string
	Segments  []model.SegmentID // of people, by id: who sees it; everybody if there are none
	CreatedAt int64
	UpdatedAt int64
}

// A NewsfeedPatch says what to change. A new newsfeed is a patch of an empty one.
type NewsfeedPatch struct {
	Name     model.Opt[string]
	Segments model.Opt[[]model.SegmentID] // null: everybody
}

// NewNewsfeed makes a newsfeed of a patch. Its id is left to be given.
func NewNewsfeed(p NewsfeedPatch, now int64) (*Newsfeed, error) {
	if !p.Name.Has() {
		return nil, model.ParameterNotFound("A newsfeed needs a name")
	}
	f := &Newsfeed{CreatedAt: now}
	return f, f.Update(p, now)
}

// Update applies a patch. Whether the segments are there is for the caller to
// know.
func (f *Newsfeed) Update(p NewsfeedPatch, now int64) error {
	next := *f
	if p.Name.Set {
		if next.Name = strings.TrimSpace(p.Name.Value); next.Name == "" {
			return model.ParameterInvalid("Name cannot be blank")
		}
	}
	if err := model.ValidateText("Name", next.Name, model.MaxText); err != nil {
		return err
	}
	if p.Segments.Set {
		next.Segments = slices.Clone(p.Segments.Value)
		slices.Sort(next.Segments)
		next.Segments = slices.Compact(next.Segments)
	}
	next.UpdatedAt = now
	*f = next
	return nil
}

// AudienceNotFound is the answer to a segment that is none of people.
func AudienceNotFound(id model.SegmentID) *model.Error {
	return model.ParameterInvalid("There is no segment of people with the id %q", id)
}

// NewsfeedLimitReached is the answer to one newsfeed too many.
func NewsfeedLimitReached() *model.Error {
	return model.ParameterInvalid("A workspace can have %d newsfeeds at most", MaxNewsfeeds)
}
