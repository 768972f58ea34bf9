package content

import (
	"cmp"
	"net/url"
	"path"
	"slices"
	"strings"

	"parley/internal/model"
	"parley/internal/model/emoji"
)

// The bounds of a news item.
const (
	maxNewsLabels    = 50
	maxNewsReactions = 10
	// shownReactions is how many places for reactions an item has that was not
	// told of any.
	shownReactions = 4
)

// A NewsItem is an announcement. It is shown in the newsfeeds that it is assigned
// to while it is live.
type NewsItem struct {
	ID              NewsItemID
	Title           string
	Body            string // HTML that is safe to show; empty if there is none
	Sender          model.AdminID
	State           NewsState
	Labels          []string // in alphabetical order
	CoverImageURL   string
	Reactions       []string // emoji, in order; an empty text is a place without one. None: nobody can react
	DeliverSilently bool     // without telling readers that there is something new
	CreatedAt       int64
	UpdatedAt       int64

	Assignments []NewsfeedAssignment // by newsfeed
}

// A NewsState says whether readers see a news item.
type NewsState string

const (
	NewsDraft NewsState = "draft"
	NewsLive  NewsState = "live"
)

// A NewsfeedAssignment puts a news item into a newsfeed.
type NewsfeedAssignment struct {
	Newsfeed    NewsfeedID
	PublishedAt int64 // 0 exactly while the item is a draft
}

// A NewsItemPatch says what to change. A new item is a patch of an empty one.
type NewsItemPatch struct {
	Title           model.Opt[string]
	Body            model.Opt[string] // HTML that is safe to show
	Sender          model.Opt[model.AdminID]
	State           model.Opt[NewsState]
	Labels          model.Opt[[]string]
	CoverImageURL   model.Opt[string]
	Reactions       model.Opt[[]string] // null: as if they were never set
	DeliverSilently model.Opt[bool]
	Assignments     model.Opt[[]NewsfeedAssignment] // all there are to be; where the time is 0, none is asked for
}

// NewNewsItem makes a news item of a patch, a draft if it does not say otherwise.
// Its id is left to be given.
func NewNewsItem(p NewsItemPatch, now int64) (*NewsItem, error) {
	switch {
	case !p.Title.Has():
		return nil, model.ParameterNotFound("Title is a required parameter.")
	case !p.Sender.Has():
		return nil, model.ParameterNotFound("sender_id is a required parameter.")
	}
	n := &NewsItem{State: NewsDraft, Reactions: make([]string, shownReactions), CreatedAt: now}
	return n, n.Update(p, now)
}

// Update applies a patch. Whether the sender and the newsfeeds are there is for
// the caller to know.
//
// An item that goes live is published in its newsfeeds now, or when the patch says;
// one that becomes a draft loses the times.
func (n *NewsItem) Update(p NewsItemPatch, now int64) error {
	next := *n
	if p.Title.Set {
		if next.Title = strings.TrimSpace(p.Title.Value); next.Title == "" {
			return model.ParameterInvalid("Title cannot be blank")
		}
	}
	if err := model.ValidateText("Title", next.Title, model.MaxText); err != nil {
		return err
	}
	p.Body.Apply(&next.Body)
	p.Sender.Apply(&next.Sender)
	if p.State.Has() {
		if next.State = p.State.Value; next.State != NewsDraft && next.State != NewsLive {
			return model.ParameterInvalid("State must be draft or live")
		}
	}
	if p.DeliverSilently.Has() {
		next.DeliverSilently = p.DeliverSilently.Value
	}
	if err := cmp.Or(next.setLabels(p.Labels), next.setCoverImage(p.CoverImageURL), next.setReactions(p.Reactions),
		next.setAssignments(p.Assignments, now)); err != nil {
		return err
	}
	next.UpdatedAt = now
	*n = next
	return nil
}

func (n *NewsItem) setLabels(o model.Opt[[]string]) error {
	if !o.Set {
		return nil
	}
	labels := make([]string, len(o.Value))
	for i, label := range o.Value {
		if labels[i] = strings.TrimSpace(label); labels[i] == "" {
			return model.ParameterInvalid("Labels cannot be blank")
		}
		if err := model.ValidateText("A label", labels[i], model.MaxText); err != nil {
			return err
		}
	}
	slices.SortFunc(labels, func(a, b string) int { return cmp.Or(cmp.Compare(model.Fold(a), model.Fold(b)), cmp.Compare(a, b)) })
	labels = slices.Compact(labels)
	if len(labels) > maxNewsLabels {
		return model.ParameterInvalid("A news item can have %d labels at most", maxNewsLabels)
	}
	n.Labels = labels
	return nil
}

func (n *NewsItem) setCoverImage(o model.Opt[string]) error {
	o.Apply(&n.CoverImageURL)
	if !o.Set || n.CoverImageURL == "" {
		return nil
	}
	if err := model.ValidateText("Cover image URL", n.CoverImageURL, model.MaxURL); err != nil {
		return err
	}
	u, err := url.Parse(n.CoverImageURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return model.ParameterInvalid("Cover image URL must be a URL that begins with http or https")
	}
	switch strings.ToLower(path.Ext(u.Path)) {
	case ".jpg", ".jpeg", ".png":
		return nil
	default:
		return model.ParameterInvalid("Cover image URL must have a .jpg, .jpeg or .png extension")
	}
}

func (n *NewsItem) setReactions(o model.Opt[[]string]) error {
	switch {
	case !o.Set:
		return nil
	case o.Null:
		n.Reactions = make([]string, shownReactions)
		return nil
	case len(o.Value) > maxNewsReactions:
		return model.ParameterInvalid("A news item can have %d reactions at most", maxNewsReactions)
	}
	n.Reactions = slices.Clone(o.Value)
	for i, reaction := range n.Reactions {
		switch {
		case reaction == "":
		case !emoji.Is(reaction):
			return model.ParameterInvalid("Each of the reactions must be a single emoji or null")
		case slices.Contains(n.Reactions[:i], reaction):
			return model.ParameterInvalid("%s is among the reactions twice", reaction)
		}
	}
	return nil
}

// setAssignments puts the item into newsfeeds, and sets and clears the times as its
// state wants them. One that stays in a newsfeed without being told a time keeps
// its own.
func (n *NewsItem) setAssignments(o model.Opt[[]NewsfeedAssignment], now int64) error {
	before := make(map[NewsfeedID]int64, len(n.Assignments))
	for _, a := range n.Assignments {
		before[a.Newsfeed] = a.PublishedAt
	}
	next := slices.Clone(n.Assignments)
	if o.Set {
		next = slices.Clone(o.Value)
	}
	slices.SortFunc(next, func(a, b NewsfeedAssignment) int { return cmp.Compare(a.Newsfeed, b.Newsfeed) })
	for i := range next {
		a := &next[i]
		if i > 0 && next[i-1].Newsfeed == a.Newsfeed {
			return model.ParameterInvalid("The news item is assigned to newsfeed %s twice", a.Newsfeed)
		}
		switch {
		case n.State == NewsDraft:
			a.PublishedAt = 0
		case o.Set && a.PublishedAt > now:
			return model.ParameterInvalid("published_at cannot be in the future")
		default:
			a.PublishedAt = cmp.Or(a.PublishedAt, before[a.Newsfeed], now)
		}
	}
	n.Assignments = next
	return nil
}

// Newsfeeds are those that the item is assigned to.
func (n *NewsItem) Newsfeeds() []NewsfeedID {
	ids := make([]NewsfeedID, len(n.Assignments))
	for i, a := range n.Assignments {
		ids[i] = a.Newsfeed
	}
	return ids
}

// SenderNotFound is the answer to a sender_id that is no admin.
func SenderNotFound() *model.Error {
	return model.ParameterInvalid("The sender specified is not a member of the workspace")
}

// NewsfeedNotFound is the answer to a news item for a newsfeed that is not there.
func NewsfeedNotFound(id NewsfeedID) *model.Error {
	return model.ParameterInvalid("Newsfeed %s does not exist", id)
}
