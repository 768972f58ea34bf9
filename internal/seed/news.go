package seed

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"time"

	"parley/internal/model"
	"parley/internal/model/content"
	service "parley/internal/service/content"
	"parley/internal/service/workspace"
)

// A Newsfeed is known by its name.
type Newsfeed struct {
	Name     string   `yaml:"name"`
	Segments []string `yaml:"segments"` // of people, by name; empty, if it is for everybody
	At       Time     `yaml:"at"`
}

// A NewsItem is known by its title.
type NewsItem struct {
	Title           string               `yaml:"title"`
	Body            string               `yaml:"body"`
	Sender          string               `yaml:"sender"` // an admin's e-mail address; the owner of the workspace if empty
	State           content.NewsState    `yaml:"state"`
	Labels          []string             `yaml:"labels"`
	Reactions       []string             `yaml:"reactions"`
	CoverImageURL   string               `yaml:"cover_image_url"`
	DeliverSilently *bool                `yaml:"deliver_silently"`
	At              Time                 `yaml:"at"`
	Newsfeeds       []NewsfeedAssignment `yaml:"newsfeeds"`
}

// A NewsfeedAssignment is a newsfeed, by name, that a news item is in since a time.
type NewsfeedAssignment struct {
	Name string `yaml:"name"`
	At   Time   `yaml:"at"`
}

// newsfeedIDs are newsfeeds by name.
type newsfeedIDs map[string]content.NewsfeedID

// newsfeeds are made where they are missing, and shown to whom the file says: the
// first of the name.
func (r *run) newsfeeds(ctx context.Context) error {
	if len(r.file.Newsfeeds) == 0 && len(r.file.NewsItems) == 0 {
		return nil
	}
	list, err := r.Content.ListNewsfeeds(ctx, r.by, model.Sort{Field: "updated_at"}, model.PageRequest{PerPage: content.MaxNewsfeeds, Number: 1})
	if err != nil {
		return err
	}
	have := map[string]*content.Newsfeed{}
	r.newsfeedIDs = newsfeedIDs{}
	for _, f := range list.Items {
		if old := have[f.Name]; old == nil || f.ID < old.ID {
			have[f.Name], r.newsfeedIDs[f.Name] = f, f.ID
		}
	}
	segments, err := r.peopleSegments(ctx)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	return each(r.file.Newsfeeds, "newsfeeds", func(d *Newsfeed) error {
		name := strings.TrimSpace(d.Name)
		if name == "" {
			return faultf("a newsfeed of a seed needs a name")
		}
		if seen[name] {
			return faultf("there are two newsfeeds %q", name)
		}
		seen[name] = true
		p := content.NewsfeedPatch{Name: model.Some(name)}
		if d.Segments != nil {
			ids := []model.SegmentID{}
			for _, segment := range d.Segments {
				named, err := known(segments, "segment of people", segment)
				if err != nil {
					return in(err, "%s", name)
				}
				ids = append(ids, named...)
			}
			p.Segments = model.Some(ids)
		}
		return in(r.newsfeed(ctx, d, p, have[name]), "%s", name)
	})
}

// newsfeed makes the newsfeed that d describes, or brings old, if there is one, to
// it.
func (r *run) newsfeed(ctx context.Context, d *Newsfeed, p content.NewsfeedPatch, old *content.Newsfeed) error {
	if old == nil {
		r.report.count("newsfeeds", created)
		made, err := r.Content.CreateNewsfeed(r.at(ctx, d.At), r.by, p)
		if err == nil {
			r.newsfeedIDs[made.Name] = made.ID
		}
		return err
	}
	next := *old
	if err := next.Update(p, old.UpdatedAt); err != nil {
		return err
	}
	changed := !slices.Equal(old.Segments, next.Segments)
	r.report.count("newsfeeds", became(false, changed))
	if !changed {
		return nil
	}
	_, err := r.Content.UpdateNewsfeed(ctx, r.by, old.ID, p)
	return err
}

// peopleSegments are the segments of users and of leads by name. A name may be that
// of one of each.
func (r *run) peopleSegments(ctx context.Context) (map[string][]model.SegmentID, error) {
	list, err := r.People.ListSegments(ctx, r.by, model.ContactAttributes)
	byName := map[string][]model.SegmentID{}
	for _, g := range list {
		byName[g.Name] = append(byName[g.Name], g.ID)
	}
	return byName, err
}

// newsItems are made where they are missing, and brought to what the file says
// where they are there: the first of the title.
func (r *run) newsItems(ctx context.Context) error {
	seen := map[string]bool{}
	return each(r.file.NewsItems, "news_items", func(d *NewsItem) error {
		d.Title = strings.TrimSpace(d.Title)
		if d.Title == "" {
			return faultf("a news item of a seed needs a title")
		}
		if seen[d.Title] {
			return faultf("there are two news items %q", d.Title)
		}
		seen[d.Title] = true
		old, err := r.Content.FindNewsItemByTitle(ctx, r.by, d.Title)
		switch {
		case isNotFound(err):
			r.report.count("news items", created)
			err = r.createNewsItem(ctx, d)
		case err == nil:
			err = r.updateNewsItem(ctx, d, old)
		}
		return in(err, "%s", d.Title)
	})
}

// createNewsItem makes an item at its time. What puts it into newsfeeds later than
// that is a change of its own.
func (r *run) createNewsItem(ctx context.Context, d *NewsItem) error {
	p, err := r.newsItem(d, &content.NewsItem{})
	if err != nil {
		return err
	}
	if p.Sender.Value, err = r.admin(d.Sender); err != nil {
		return err
	}
	p.Sender.Set = true
	all, at := p.Assignments, r.now
	if d.At.given {
		at = d.At.unix(r.now)
	}
	last := at
	p.Assignments.Value = nil
	for _, a := range all.Value {
		if a.PublishedAt <= at || d.State != content.NewsLive {
			p.Assignments.Value = append(p.Assignments.Value, a)
		} else {
			last = max(last, a.PublishedAt)
		}
	}
	n, err := r.Content.CreateNewsItem(r.at(ctx, d.At), r.by, p)
	if err != nil || last == at {
		return err
	}
	later := workspace.Backdate(ctx, time.Unix(min(last, max(at, r.now)), 0)) // a time that is yet to come is refused
	_, err = r.Content.UpdateNewsItem(later, r.by, n.ID, content.NewsItemPatch{Assignments: all})
	return err
}

func (r *run) updateNewsItem(ctx context.Context, d *NewsItem, old *content.NewsItem) error {
	p, err := r.newsItem(d, old)
	if err != nil {
		return err
	}
	next, clean := *old, p
	clean.Body.Value = service.NewsBody(p.Body.Value)
	if err := next.Update(clean, r.now); err != nil {
		return err
	}
	changed := !slices.Equal(old.Labels, next.Labels) || !slices.Equal(old.Reactions, next.Reactions) ||
		!slices.Equal(old.Assignments, next.Assignments)
	next.Labels, next.Reactions, next.Assignments, next.UpdatedAt = old.Labels, old.Reactions, old.Assignments, old.UpdatedAt
	changed = changed || !reflect.DeepEqual(*old, next)
	r.report.count("news items", became(false, changed))
	if changed {
		_, err = r.Content.UpdateNewsItem(ctx, r.by, old.ID, p)
	}
	return err
}

// newsItem is what d says of an item that is there, or of an empty one. A distance
// from now does not move a time that is set.
func (r *run) newsItem(d *NewsItem, old *content.NewsItem) (content.NewsItemPatch, error) {
	p := content.NewsItemPatch{Title: model.Some(d.Title), Body: ifGiven(d.Body), CoverImageURL: ifGiven(d.CoverImageURL),
		DeliverSilently: ifSet(d.DeliverSilently)}
	if d.Sender != "" {
		id, err := r.admin(d.Sender)
		if err != nil {
			return p, err
		}
		p.Sender = model.Some(id)
	}
	if d.State != "" {
		p.State = model.Some(d.State)
	}
	if d.Labels != nil {
		p.Labels = model.Some(d.Labels)
	}
	if d.Reactions != nil {
		p.Reactions = model.Some(d.Reactions)
	}
	if d.Newsfeeds == nil {
		return p, nil
	}
	set := map[content.NewsfeedID]int64{}
	for _, a := range old.Assignments {
		set[a.Newsfeed] = a.PublishedAt
	}
	list := []content.NewsfeedAssignment{}
	for _, f := range d.Newsfeeds {
		id, err := known(r.newsfeedIDs, "newsfeed", strings.TrimSpace(f.Name))
		if err != nil {
			return p, err
		}
		a := content.NewsfeedAssignment{Newsfeed: id, PublishedAt: f.At.unix(r.now)}
		if f.At.distance && set[id] != 0 {
			a.PublishedAt = set[id]
		}
		list = append(list, a)
	}
	p.Assignments = model.Some(list)
	return p, nil
}
