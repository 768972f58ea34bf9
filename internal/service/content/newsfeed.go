package content

import (
	"context"

	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/model/event"
	"parley/internal/store"
)

// CreateNewsfeed makes a newsfeed.
func (s *Service) CreateNewsfeed(ctx context.Context, by *model.Actor, p content.NewsfeedPatch) (*content.Newsfeed, error) {
	var f *content.Newsfeed
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if f, err = content.NewNewsfeed(p, tx.Now()); err != nil {
			return err
		}
		if err = checkAudience(tx, p); err != nil {
			return err
		}
		if err = tx.Newsfeeds.Lock(); err != nil {
			return err
		}
		n, err := tx.Newsfeeds.Count()
		if err != nil {
			return err
		}
		if n >= content.MaxNewsfeeds {
			return content.NewsfeedLimitReached()
		}
		if f.ID, err = tx.Newsfeeds.NewID(); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("newsfeed", f.ID.String()))
		return tx.Newsfeeds.Insert(f)
	})
	return f, err
}

// UpdateNewsfeed changes what the patch names.
func (s *Service) UpdateNewsfeed(ctx context.Context, by *model.Actor, id content.NewsfeedID, p content.NewsfeedPatch) (*content.Newsfeed, error) {
	var f *content.Newsfeed
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if f, err = tx.Newsfeeds.FindForUpdate(id); err != nil {
			return err
		}
		if err = f.Update(p, tx.Now()); err != nil {
			return err
		}
		if err = checkAudience(tx, p); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("newsfeed", f.ID.String()))
		return tx.Newsfeeds.Update(f)
	})
	return f, err
}

// checkAudience checks that the segments of a patch are there, and are of people.
func checkAudience(tx *store.Tx, p content.NewsfeedPatch) error {
	if len(p.Segments.Value) == 0 {
		return nil
	}
	all, err := tx.Segments.List()
	if err != nil {
		return err
	}
	people := map[model.SegmentID]bool{}
	for _, g := range all {
		people[g.ID] = !g.OfCompanies()
	}
	for _, id := range p.Segments.Value {
		if !people[id] {
			return content.AudienceNotFound(id)
		}
	}
	return nil
}

// FindNewsfeed reads a newsfeed.
func (s *Service) FindNewsfeed(ctx context.Context, by *model.Actor, id content.NewsfeedID) (*content.Newsfeed, error) {
	var f *content.Newsfeed
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		f, err = tx.Newsfeeds.Find(id)
		return err
	})
	return f, err
}

// ListNewsfeeds reads a page of the newsfeeds.
func (s *Service) ListNewsfeeds(ctx context.Context, by *model.Actor, sort model.Sort, page model.PageRequest) (*model.Page[*content.Newsfeed], error) {
	var feeds *model.Page[*content.Newsfeed]
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		feeds, err = tx.Newsfeeds.List(sort, page)
		return err
	})
	return feeds, err
}

// ListLiveNews reads a page of the news items that a newsfeed shows now.
func (s *Service) ListLiveNews(ctx context.Context, by *model.Actor, in content.NewsfeedID, sort model.Sort, page model.PageRequest) (*model.Page[*content.NewsItem], error) {
	var items *model.Page[*content.NewsItem]
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if err = tx.Newsfeeds.MustExist(in); err != nil {
			return err
		}
		items, err = tx.NewsItems.InNewsfeed(in, sort, page)
		return err
	})
	return items, err
}
