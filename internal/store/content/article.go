package content

import (
	"fmt"
	"maps"
	"slices"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/store/query"
	"parley/internal/store/record"
)

// Articles are the articles of a workspace's help centers, with what readers did.
type Articles struct{ *record.Scope }

const articleColumns = `a.id, a.help_center_id, a.parent_id,
	COALESCE((SELECT c.parent_id IS NOT NULL FROM collections c WHERE c.workspace_id = a.workspace_id AND c.id = a.parent_id), FALSE),
	a.created_at, a.updated_at`

func scanArticle(row record.Scanner) (*content.Article, error) {
	a := content.Article{HelpCenter: &content.HelpCenter{}, Contents: map[content.Locale]content.ArticleContent{}}
	err := row.Scan(&a.ID, &a.HelpCenter.ID, record.OrZero(&a.Parent), &a.InSection, &a.CreatedAt, &a.UpdatedAt)
	return &a, err
}

// Insert writes a new article and gives it its id.
func (s Articles) Insert(a *content.Article) error {
	id, err := s.NextID("article")
	if err != nil {
		return err
	}
	a.ID = content.ArticleID(id)
	err = s.Write(`INSERT INTO articles (workspace_id, id, help_center_id, parent_id, published, created_at, updated_at, views, conversations)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0)`,
		s.Workspace, a.ID, a.HelpCenter.ID, record.Number(a.Parent), a.Published(), a.CreatedAt, a.UpdatedAt)
	if err != nil {
		return fmt.Errorf("store: insert article: %w", err)
	}
	for l, c := range a.Contents {
		if err := s.writeContent(a.ID, l, c); err != nil {
			return err
		}
		if err := s.index(a.ID, l, c); err != nil {
			return err
		}
	}
	return nil
}

// Update writes an article back, and of its contents those that differ from what
// they were before.
func (s Articles) Update(a *content.Article, before map[content.Locale]content.ArticleContent) error {
	err := s.Write(`UPDATE articles SET help_center_id = $3, parent_id = $4, published = $5, updated_at = $6
		WHERE workspace_id = $1 AND id = $2`, s.Workspace, a.ID, a.HelpCenter.ID, record.Number(a.Parent), a.Published(), a.UpdatedAt)
	if err != nil {
		return fmt.Errorf("store: update article: %w", err)
	}
	for l := range before {
		if _, kept := a.Contents[l]; !kept {
			if err := s.deleteContent(a.ID, l); err != nil {
				return err
			}
		}
	}
	for l, c := range a.Contents {
		old := before[l]
		if old == c {
			continue
		}
		if err := s.writeContent(a.ID, l, c); err != nil {
			return err
		}
		if old.Title == c.Title && old.Description == c.Description && old.Body == c.Body {
			continue // it is found by the same words
		}
		if err := s.unindex(a.ID, l); err != nil {
			return err
		}
		if err := s.index(a.ID, l, c); err != nil {
			return err
		}
	}
	return nil
}

func (s Articles) writeContent(id content.ArticleID, l content.Locale, c content.ArticleContent) error {
	err := s.Write(`INSERT INTO article_contents (workspace_id, article_id, locale, title, description, body, author_id, state, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (workspace_id, article_id, locale) DO UPDATE SET title = excluded.title, description = excluded.description,
			body = excluded.body, author_id = excluded.author_id, state = excluded.state, updated_at = excluded.updated_at`,
		s.Workspace, id, l, c.Title, c.Description, c.Body, c.Author, c.State, c.CreatedAt, c.UpdatedAt)
	if err != nil {
		return fmt.Errorf("store: write content of article: %w", err)
	}
	return nil
}

func (s Articles) deleteContent(id content.ArticleID, l content.Locale) error {
	err := s.Write(`DELETE FROM article_contents WHERE workspace_id = $1 AND article_id = $2 AND locale = $3`, s.Workspace, id, l)
	if err != nil {
		return fmt.Errorf("store: delete content of article: %w", err)
	}
	return s.unindex(id, l)
}

// Find reads an article with its contents and statistics.
func (s Articles) Find(id content.ArticleID) (*content.Article, error) {
	a, err := scanArticle(s.QueryRow(`SELECT `+articleColumns+` FROM articles a WHERE a.workspace_id = $1 AND a.id = $2`, s.Workspace, id))
	if err != nil {
		return nil, record.OrNotFound(err, model.ResourceNotFound())
	}
	if err := s.load(a); err != nil {
		return nil, err
	}
	return a, s.loadStatistics(a)
}

// FindForUpdate is Find of an article that is held before all that hangs on it is
// read.
func (s Articles) FindForUpdate(id content.ArticleID) (*content.Article, error) {
	if err := s.Hold(id); err != nil {
		return nil, err
	}
	return s.Find(id)
}

// Hold holds an article until the transaction ends.
func (s Articles) Hold(id content.ArticleID) error {
	var held content.ArticleID
	err := s.QueryRow(`SELECT id FROM articles WHERE workspace_id = $1 AND id = $2`+s.Dialect().ForUpdate(), s.Workspace, id).Scan(&held)
	return record.OrNotFound(err, model.ResourceNotFound())
}

// List reads a page of the articles.
func (s Articles) List(sort model.Sort, page model.PageRequest) (*model.Page[*content.Article], error) {
	where := &query.Builder{}
	where.Text("a.workspace_id = ", where.Arg(s.Workspace))
	found, err := record.ReadPage(s.Scope, record.Listing[*content.Article]{
		Columns: articleColumns, From: "articles a", Where: where, ID: "a.id",
		Column: record.SortedBy("a.updated_at"), Scan: scanArticle,
		Key: func(a *content.Article) string { return a.ID.String() },
	}, sort, page)
	if err != nil {
		return nil, err
	}
	return found, s.load(found.Items...)
}

// load reads the contents and the help centers of articles.
func (s Articles) load(all ...*content.Article) error {
	if len(all) == 0 {
		return nil
	}
	byID := make(map[content.ArticleID]*content.Article, len(all))
	centers := make([]**content.HelpCenter, len(all))
	for i, a := range all {
		byID[a.ID], centers[i] = a, &a.HelpCenter
	}
	err := s.Rows(`SELECT article_id, locale, title, description, body, author_id, state, created_at, updated_at
		FROM article_contents WHERE workspace_id = $1 AND article_id `+s.Dialect().InInts("$2"),
		[]any{s.Workspace, record.ToJSON(slices.Collect(maps.Keys(byID)))}, func(r *db.Rows) error {
			var id content.ArticleID
			var l content.Locale
			var c content.ArticleContent
			err := r.Scan(&id, &l, &c.Title, &c.Description, &c.Body, &c.Author, &c.State, &c.CreatedAt, &c.UpdatedAt)
			byID[id].Contents[l] = c
			return err
		})
	if err != nil {
		return fmt.Errorf("store: load articles: %w", err)
	}
	return HelpCenters(s).load(centers...)
}

// loadStatistics reads what readers of an article did.
func (s Articles) loadStatistics(a *content.Article) error {
	st := &a.Statistics
	tally := func(column string) string {
		return `COALESCE((SELECT CAST(sum(` + column + `) AS BIGINT) FROM article_tallies WHERE workspace_id = $1 AND article_id = $2), 0)`
	}
	err := s.QueryRow(`SELECT views + `+tally("views")+`, conversations + `+tally("conversations")+` FROM articles WHERE workspace_id = $1 AND id = $2`, s.Workspace, a.ID).
		Scan(&st.Views, &st.Conversations)
	if err == nil {
		st.Reactions = map[content.Reaction]int64{}
		err = s.Rows(`SELECT reaction, count(*) FROM article_reactions WHERE workspace_id = $1 AND article_id = $2 GROUP BY reaction`,
			[]any{s.Workspace, a.ID}, func(r *db.Rows) error {
				var reaction content.Reaction
				var n int64
				err := r.Scan(&reaction, &n)
				st.Reactions[reaction] = n
				return err
			})
	}
	if err != nil {
		return fmt.Errorf("store: statistics of article: %w", err)
	}
	return nil
}

// Delete removes an article with all that belongs to it.
func (s Articles) Delete(a *content.Article) error {
	for l := range a.Contents {
		if err := s.unindex(a.ID, l); err != nil {
			return err
		}
	}
	if err := s.Write(`DELETE FROM articles WHERE workspace_id = $1 AND id = $2`, s.Workspace, a.ID); err != nil {
		return fmt.Errorf("store: delete article: %w", err)
	}
	return nil
}

// AddViews counts that an article was looked at so many times.
func (s Articles) AddViews(id content.ArticleID, n int64) error {
	var known content.ArticleID
	err := s.QueryRow(`SELECT id FROM articles WHERE workspace_id = $1 AND id = $2`, s.Workspace, id).Scan(&known)
	if err != nil {
		return record.OrNotFound(err, model.ResourceNotFound())
	}
	return s.add("views", id, n)
}

func (s Articles) add(column string, id content.ArticleID, n int64) error {
	return s.Add(record.Tally{Table: "article_tallies", Key: "article_id", Column: column}, id, n)
}

// AddConversation counts that a conversation began on the page of an article that
// is published. A page of something else counts for nothing.
func (s Articles) AddConversation(at content.Place) error {
	var published int
	err := s.QueryRow(`SELECT count(*) FROM articles WHERE workspace_id = $1 AND id = $2
		AND EXISTS (SELECT 1 FROM article_contents c WHERE c.workspace_id = $1 AND c.article_id = $2 AND c.state = 'published')
		AND help_center_id IN (SELECT h.id FROM help_centers h WHERE h.workspace_id = $1 AND (h.identifier = $3 OR h.custom_domain = $4))`,
		s.Workspace, at.Article, at.Identifier, at.Domain).Scan(&published)
	if err != nil {
		return fmt.Errorf("store: find article of conversation: %w", err)
	}
	if published == 0 {
		return nil
	}
	return s.add("conversations", at.Article, 1)
}

// React writes down what a contact thinks of an article, in the place of what it
// thought before.
func (s Articles) React(id content.ArticleID, by model.ContactID, r content.Reaction) error {
	err := s.Write(`INSERT INTO article_reactions (workspace_id, article_id, contact_id, reaction, created_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (workspace_id, article_id, contact_id) DO UPDATE SET reaction = excluded.reaction, created_at = excluded.created_at`,
		s.Workspace, id, by, r, s.Now())
	if err != nil {
		return fmt.Errorf("store: react to article: %w", err)
	}
	return nil
}
