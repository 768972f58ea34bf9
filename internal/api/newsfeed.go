package api

import (
	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/wire"
)

var (
	liveNewsPaging = paging{usual: 20, most: 250}
	liveNewsOrder  = model.Sort{Field: "published_at", Descending: true}
)

// GET /news/newsfeeds: cut into pages as news items are.
func (a *API) listNewsfeeds(r *request, _ none) (wire.PageList[wire.Newsfeed], error) {
	return pageList(r, newsPaging, lastUpdated, func(page model.PageRequest) (*model.Page[*content.Newsfeed], error) {
		return a.Content.ListNewsfeeds(r.Context(), r.actor, lastUpdated, page)
	}, wire.FromNewsfeed)
}

// GET /news/newsfeeds/{id}
func (a *API) findNewsfeed(r *request, _ none) (wire.Newsfeed, error) {
	f, err := a.Content.FindNewsfeed(r.Context(), r.actor, r.newsfeedID())
	return one(f, err, wire.FromNewsfeed)
}

// GET /news/newsfeeds/{id}/items
func (a *API) listLiveNews(r *request, _ none) (wire.PageList[wire.NewsItem], error) {
	return pageList(r, liveNewsPaging, liveNewsOrder, func(page model.PageRequest) (*model.Page[*content.NewsItem], error) {
		return a.Content.ListLiveNews(r.Context(), r.actor, r.newsfeedID(), liveNewsOrder, page)
	}, wire.FromNewsItem(r.actor.Workspace.ID))
}

func (r *request) newsfeedID() content.NewsfeedID {
	return model.Decimal[content.NewsfeedID](r.path("id"))
}
