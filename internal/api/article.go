package api

import (
	"cmp"

	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/wire"
)

// articlePaging is how articles are cut into pages.
var articlePaging = paging{usual: 25, most: 250}

// lastUpdated is the order of lists of what is published.
var lastUpdated = model.Sort{Field: "updated_at", Descending: true}

func (r *request) articleID() content.ArticleID {
	return model.Decimal[content.ArticleID](r.path("id"))
}

// GET /articles
func (a *API) listArticles(r *request, _ none) (wire.PageList[wire.Article], error) {
	return pageList(r, articlePaging, lastUpdated, func(page model.PageRequest) (*model.Page[*content.Article], error) {
		return a.Content.ListArticles(r.Context(), r.actor, lastUpdated, page)
	}, wire.FromListedArticle(r.actor.Workspace.ID, r.base))
}

// POST /articles
func (a *API) createArticle(r *request, in wire.ArticleRequest) (wire.Article, error) {
	made, err := a.Content.CreateArticle(r.Context(), r.actor, in.Patch())
	return article(r, made, err)
}

// GET /articles/search
func (a *API) searchArticles(r *request, _ none) (wire.ArticleSearch, error) {
	q := content.ArticleQuery{Phrase: r.query("phrase")}
	if q.Phrase == "" {
		return wire.ArticleSearch{}, model.ParameterNotFound("phrase is a required parameter.")
	}
	switch state := cmp.Or(r.query("state"), string(content.Published)); state {
	case "all":
	case string(content.Published), string(content.Draft):
		q.State = content.ArticleState(state)
	default:
		return wire.ArticleSearch{}, model.ParameterInvalid("state must be published, draft or all")
	}
	if id := r.query("help_center_id"); id != "" {
		if q.HelpCenter = model.Decimal[content.HelpCenterID](id); q.HelpCenter == 0 {
			return wire.ArticleSearch{}, content.HelpCenterUnknown()
		}
	}
	page, err := r.numberedPage(articlePaging)
	if err != nil {
		return wire.ArticleSearch{}, err
	}
	found, err := a.Content.SearchArticles(r.Context(), r.actor, q, page)
	if err != nil {
		return wire.ArticleSearch{}, err
	}
	return wire.NewArticleSearch(r.actor.Workspace.ID, r.base, found, numberedLink(r, found)), nil
}

// GET /articles/{id}
func (a *API) retrieveArticle(r *request, _ none) (wire.Article, error) {
	found, err := a.Content.FindArticle(r.Context(), r.actor, r.articleID())
	return article(r, found, err)
}

// PUT /articles/{id}
func (a *API) updateArticle(r *request, in wire.ArticleRequest) (wire.Article, error) {
	changed, err := a.Content.UpdateArticle(r.Context(), r.actor, r.articleID(), in.Patch())
	return article(r, changed, err)
}

// DELETE /articles/{id}
func (a *API) deleteArticle(r *request, _ none) (wire.Deleted, error) {
	err := a.Content.DeleteArticle(r.Context(), r.actor, r.articleID())
	return one(r.articleID(), err, wire.NewDeletedArticle)
}

func article(r *request, a *content.Article, err error) (wire.Article, error) {
	return one(a, err, wire.FromArticle(r.actor.Workspace.ID, r.base))
}
