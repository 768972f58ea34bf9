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
	page, err := r.linkPage(newsPaging, newsOrder)
	if err != nil {
		return wire.PageList[wire.Newsfeed]{}, err
	}
	feeds, err := a.Content.ListNewsfeeds(r.Context(), r.actor, newsOrder, page)
	if err != nil {
		return wire.PageList[wire.Newsfeed]{}, err
	}
	return wire.NewPageList(feeds, nextLink(r, feeds, newsOrder), wire.FromNewsfeed), nil
}

// GET /news/newsfeeds/{id}
func (a *API) findNewsfeed(r *request, _ none) (wire.Newsfeed, error) {
	f, err := a.Content.FindNewsfeed(r.Context(), r.actor, r.newsfeedID())
	return one(f, err, wire.FromNewsfeed)
}

// GET /news/newsfeeds/{id}/items
func (a *API) listLiveNews(r *request, _ none) (wire.PageList[wire.NewsItem], error) {
	page, err := r.linkPage(liveNewsPaging, liveNewsOrder)
	if err != nil {
		return wire.PageList[wire.NewsItem]{}, err
	}
	items, err := a.Content.ListLiveNews(r.Context(), r.actor, r.newsfeedID(), liveNewsOrder, page)
	if err != nil {
		return wire.PageList[wire.NewsItem]{}, err
	}
	return wire.NewPageList(items, nextLink(r, items, liveNewsOrder), wire.FromNewsItem(r.actor.Workspace.ID)), nil
}

func (r *request) newsfeedID() content.NewsfeedID {
	return model.Decimal[content.NewsfeedID](r.path("id"))
}
