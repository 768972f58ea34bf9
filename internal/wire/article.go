package wire

import (
	"math"

	"parley/internal/model"
	"parley/internal/model/content"
)

// An Article is a text of a help center. What readers did is shown of one alone,
// not in lists, and translations only where the help center has more than one
// locale.
type Article struct {
	ID                string             `json:"id"`
	Type              string             `json:"type" enum:"article"`
	WorkspaceID       string             `json:"workspace_id"`
	ParentID          NullInt            `json:"parent_id"`
	ParentType        NullText           `json:"parent_type" doc:"collection or section; null of an article that stands alone."`
	ParentIDs         []int64            `json:"parent_ids" doc:"Always empty, as the live API has it."`
	Statistics        *ArticleStatistics `json:"statistics,omitzero"`
	Title             string             `json:"title"`
	Description       string             `json:"description"`
	Body              string             `json:"body" doc:"HTML that is safe to show."`
	AuthorID          int64              `json:"author_id"`
	State             string             `json:"state" enum:"draft,published"`
	CreatedAt         int64              `json:"created_at"`
	UpdatedAt         int64              `json:"updated_at"`
	URL               NullText           `json:"url" doc:"Where readers find it; null of a draft."`
	DefaultLocale     string             `json:"default_locale,omitzero"`
	TranslatedContent *ArticleContents   `json:"translated_content,omitzero"`
}

// ArticleStatistics are what readers did.
type ArticleStatistics struct {
	Type                      string  `json:"type" enum:"article_statistics"`
	Views                     int64   `json:"views"`
	Conversations             int64   `json:"conversations"`
	Reactions                 int64   `json:"reactions"`
	HappyReactionPercentage   float64 `json:"happy_reaction_percentage"`
	NeutralReactionPercentage float64 `json:"neutral_reaction_percentage"`
	SadReactionPercentage     float64 `json:"sad_reaction_percentage"`
}

// ArticleContents are an article in each locale that it has a content in.
type ArticleContents = Localised[ArticleContent]

// An ArticleContent is an article in one locale.
type ArticleContent struct {
	Type        string   `json:"type" enum:"article_content"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Body        string   `json:"body"`
	AuthorID    int64    `json:"author_id"`
	State       string   `json:"state" enum:"draft,published"`
	CreatedAt   int64    `json:"created_at"`
	UpdatedAt   int64    `json:"updated_at"`
	URL         NullText `json:"url"`
}

// FromArticle translates an article of a workspace with its statistics. Base is
// where this server is.
func FromArticle(ws model.WorkspaceID, base string) func(*content.Article) Article {
	list := FromListedArticle(ws, base)
	return func(a *content.Article) Article {
		out := list(a)
		st := a.Statistics
		var all int64
		for _, n := range st.Reactions {
			all += n
		}
		out.Statistics = &ArticleStatistics{"article_statistics", st.Views, st.Conversations, all, percentage(st.Reactions[content.Happy], all),
			percentage(st.Reactions[content.Neutral], all), percentage(st.Reactions[content.Sad], all)}
		return out
	}
}

// percentage is a part of all in per cent, with two decimals; 0 of nothing.
func percentage(part, all int64) float64 {
	if all == 0 {
		return 0
	}
	return math.Round(float64(part)/float64(all)*10_000) / 100
}

// FromListedArticle translates an article as lists show it.
func FromListedArticle(ws model.WorkspaceID, base string) func(*content.Article) Article {
	return func(a *content.Article) Article {
		main := a.HelpCenter.DefaultLocale
		c := a.Content()
		out := Article{
			ID: a.ID.String(), Type: "article", WorkspaceID: string(ws), ParentID: NullInt(a.Parent), ParentIDs: []int64{},
			Title: c.Title, Description: c.Description, Body: c.Body, AuthorID: int64(c.Author), State: string(c.State),
			CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt, URL: NullText(a.URL(base, main)),
		}
		switch {
		case a.Parent == 0:
		case a.InSection:
			out.ParentType = NullText(content.InSection)
		default:
			out.ParentType = NullText(content.InCollection)
		}
		out.DefaultLocale, out.TranslatedContent = localise("article_translated_content", a.HelpCenter, a.Contents,
			func(l content.Locale, c content.ArticleContent) ArticleContent {
				return ArticleContent{"article_content", c.Title, c.Description, c.Body, int64(c.Author), string(c.State),
					c.CreatedAt, c.UpdatedAt, NullText(a.URL(base, l))}
			})
		return out
	}
}

// NewDeletedArticle is what is left to say of an article.
func NewDeletedArticle(id content.ArticleID) Deleted { return Deleted{id.String(), "article", true} }

// An ArticleRequest is a new article, or what to change of one.
type ArticleRequest struct {
	ArticleContentRequest
	ParentID          Opt[Text]                           `json:"parent_id,omitzero" doc:"A collection or a section; null or 0 for none."`
	ParentType        Opt[Text]                           `json:"parent_type,omitzero" doc:"collection or section. The id alone tells."`
	TranslatedContent Translations[ArticleContentRequest] `json:"translated_content,omitzero"`
}

// An ArticleContentRequest is an article in one locale.
type ArticleContentRequest struct {
	Title       Opt[Text] `json:"title,omitzero"`
	Description Opt[Text] `json:"description,omitzero" doc:"Plain text."`
	Body        Opt[Text] `json:"body,omitzero" doc:"Plain text or HTML."`
	AuthorID    Opt[Text] `json:"author_id,omitzero" doc:"An admin."`
	State       Opt[Text] `json:"state,omitzero" doc:"draft or published; draft of what is new."`
}

func (r ArticleContentRequest) patch() content.ArticleContentPatch {
	return content.ArticleContentPatch{Title: plain(r.Title), Description: plain(r.Description), Body: plain(r.Body),
		Author: convert(r.AuthorID, func(t Text) model.AdminID { return model.Decimal[model.AdminID](string(t)) }),
		State:  convert(r.State, func(t Text) content.ArticleState { return content.ArticleState(t) })}
}

// Patch is what the request asks to set and clear.
func (r ArticleRequest) Patch() content.ArticlePatch {
	return content.ArticlePatch{ArticleContentPatch: r.patch(),
		Translations: translations(r.TranslatedContent, ArticleContentRequest.patch),
		Parent:       convert(r.ParentID, collectionID),
		ParentType:   convert(r.ParentType, func(t Text) content.ParentType { return content.ParentType(t) })}
}

// collectionID reads the id of a collection; "0" is that of none, and any other
// text that is no id one of none that there is.
func collectionID(t Text) content.CollectionID {
	if t == "0" || t == "" {
		return 0
	}
	if id := model.Decimal[content.CollectionID](string(t)); id != 0 {
		return id
	}
	return -1
}

// An ArticleSearch is what a search for articles found.
type ArticleSearch struct {
	Type       string        `json:"type" enum:"list"`
	TotalCount int           `json:"total_count"`
	Data       FoundArticles `json:"data"`
	Pages      PageLinks     `json:"pages"`
}

// FoundArticles are the articles of a search, the best first.
type FoundArticles struct {
	Articles   []Article `json:"articles"`
	Highlights []string  `json:"highlights" doc:"Always empty."`
}

// NewArticleSearch makes a page of what was found; next is the next page's URL, or
// empty.
func NewArticleSearch(ws model.WorkspaceID, base string, p *model.Page[*content.Article], next string) ArticleSearch {
	return ArticleSearch{"list", p.Total, FoundArticles{each(p.Items, FromListedArticle(ws, base)), []string{}}, NewPageLinks(p, next)}
}
