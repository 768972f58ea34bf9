package content

import (
	"context"
	"slices"

	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/model/event"
	"parley/internal/richtext"
	"parley/internal/store"
)

// NewsBody is what is kept of the body of a news item, which is plain text or HTML:
// HTML that is safe to show.
func NewsBody(input string) string { return richtext.News(input) }

// cleanNews makes the body of a patch safe to show.
func cleanNews(p content.NewsItemPatch) (content.NewsItemPatch, error) {
	err := model.ValidateText("Body", p.Body.Value, model.MaxBody)
	p.Body.Value = NewsBody(p.Body.Value)
	return p, err
}

// CreateNewsItem makes a news item, whose body is plain text or HTML.
func (s *Service) CreateNewsItem(ctx context.Context, by *model.Actor, p content.NewsItemPatch) (*content.NewsItem, error) {
	p, err := cleanNews(p)
	if err != nil {
		return nil, err
	}
	var n *content.NewsItem
	err = s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if n, err = content.NewNewsItem(p, tx.Now()); err != nil {
			return err
		}
		if err = checkNews(tx, p, n); err != nil {
			return err
		}
		if n.ID, err = tx.NewsItems.NewID(); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("news_item", n.ID.String()))
		return tx.NewsItems.Insert(n)
	})
	return n, err
}

// UpdateNewsItem changes what the patch names.
func (s *Service) UpdateNewsItem(ctx context.Context, by *model.Actor, id content.NewsItemID, p content.NewsItemPatch) (*content.NewsItem, error) {
	p, err := cleanNews(p)
	if err != nil {
		return nil, err
	}
	var n *content.NewsItem
	err = s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if n, err = tx.NewsItems.FindForUpdate(id); err != nil {
			return err
		}
		before := n.Assignments
		if err = n.Update(p, tx.Now()); err != nil {
			return err
		}
		if err = checkNews(tx, p, n); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("news_item", n.ID.String()))
		if err = tx.NewsItems.Update(n); err != nil || slices.Equal(before, n.Assignments) {
			return err
		}
		return tx.NewsItems.UpdateAssignments(n)
	})
	return n, err
}

// checkNews checks that the sender and the newsfeeds that a patch gives an item are
// there.
func checkNews(tx *store.Tx, p content.NewsItemPatch, n *content.NewsItem) error {
	if p.Sender.Set {
		if known, err := tx.Admins.Exists(n.Sender); err != nil {
			return err
		} else if !known {
			return content.SenderNotFound()
		}
	}
	if !p.Assignments.Set || len(n.Assignments) == 0 {
		return nil
	}
	known, err := tx.Newsfeeds.Among(n.Newsfeeds())
	if err != nil {
		return err
	}
	for _, id := range n.Newsfeeds() {
		if !known[id] {
			return content.NewsfeedNotFound(id)
		}
	}
	return nil
}

// FindNewsItem reads a news item.
func (s *Service) FindNewsItem(ctx context.Context, by *model.Actor, id content.NewsItemID) (*content.NewsItem, error) {
	var n *content.NewsItem
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		n, err = tx.NewsItems.Find(id)
		return err
	})
	return n, err
}

// FindNewsItemByTitle reads the news item of that title, the first of several.
func (s *Service) FindNewsItemByTitle(ctx context.Context, by *model.Actor, title string) (*content.NewsItem, error) {
	var n *content.NewsItem
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		n, err = tx.NewsItems.FindByTitle(title)
		return err
	})
	return n, err
}

// ListNewsItems reads a page of the news items, drafts too.
func (s *Service) ListNewsItems(ctx context.Context, by *model.Actor, sort model.Sort, page model.PageRequest) (*model.Page[*content.NewsItem], error) {
	var items *model.Page[*content.NewsItem]
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		items, err = tx.NewsItems.List(sort, page)
		return err
	})
	return items, err
}

// DeleteNewsItem removes a news item for good, and returns what it was.
func (s *Service) DeleteNewsItem(ctx context.Context, by *model.Actor, id content.NewsItemID) (*content.NewsItem, error) {
	var n *content.NewsItem
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if n, err = tx.NewsItems.FindForUpdate(id); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("news_item", id.String()))
		return tx.NewsItems.Delete(id)
	})
	return n, err
}
