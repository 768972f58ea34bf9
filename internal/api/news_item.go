package api

import (
	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/wire"
)

// newsPaging is how news items and newsfeeds are cut into pages.
var newsPaging = paging{usual: 10, most: 250}

// GET /news/news_items
func (a *API) listNewsItems(r *request, _ none) (wire.PageList[wire.NewsItem], error) {
	return pageList(r, newsPaging, lastUpdated, func(page model.PageRequest) (*model.Page[*content.NewsItem], error) {
		return a.Content.ListNewsItems(r.Context(), r.actor, lastUpdated, page)
	}, wire.FromNewsItem(r.actor.Workspace.ID))
}

// POST /news/news_items
func (a *API) createNewsItem(r *request, in wire.NewsItemRequest) (wire.NewsItem, error) {
	p, err := in.Patch()
	if err != nil {
		return wire.NewsItem{}, err
	}
	n, err := a.Content.CreateNewsItem(r.Context(), r.actor, p)
	return newsItem(r, n, err)
}

// GET /news/news_items/{id}
func (a *API) findNewsItem(r *request, _ none) (wire.NewsItem, error) {
	n, err := a.Content.FindNewsItem(r.Context(), r.actor, r.newsItemID())
	return newsItem(r, n, err)
}

// PUT /news/news_items/{id}
func (a *API) updateNewsItem(r *request, in wire.NewsItemRequest) (wire.NewsItem, error) {
	p, err := in.Patch()
	if err != nil {
		return wire.NewsItem{}, err
	}
	n, err := a.Content.UpdateNewsItem(r.Context(), r.actor, r.newsItemID(), p)
	return newsItem(r, n, err)
}

// DELETE /news/news_items/{id}
func (a *API) deleteNewsItem(r *request, _ none) (wire.Deleted, error) {
	n, err := a.Content.DeleteNewsItem(r.Context(), r.actor, r.newsItemID())
	return one(n, err, wire.FromDeletedNewsItem)
}

func newsItem(r *request, n *content.NewsItem, err error) (wire.NewsItem, error) {
	return one(n, err, wire.FromNewsItem(r.actor.Workspace.ID))
}

func (r *request) newsItemID() content.NewsItemID {
	return model.Decimal[content.NewsItemID](r.path("id"))
}
