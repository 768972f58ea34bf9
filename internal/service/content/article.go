package content

import (
	"context"
	"maps"

	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/model/event"
	"parley/internal/richtext"
	"parley/internal/store"
)

// CreateArticle makes an article in the collection or section that the patch
// names, or one that stands alone in the default help center.
func (s *Service) CreateArticle(ctx context.Context, by *model.Actor, p content.ArticlePatch) (*content.Article, error) {
	p.Bodies(richtext.Article)
	var a *content.Article
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		parent, err := articleParent(tx, p)
		if err != nil {
			return err
		}
		var in *content.HelpCenter
		if parent == nil {
			if in, err = defaultHelpCenter(tx, by.Workspace); err != nil {
				return err
			}
		}
		if a, err = content.NewArticle(in, parent, p, tx.Now()); err != nil {
			return err
		}
		if err = checkAuthors(tx, p); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("article", a.ID.String()))
		return tx.Articles.Insert(a)
	})
	return a, err
}

// articleParent finds the collection or section that a patch puts an article into;
// nil where it puts it into none. It stays there until the transaction ends.
func articleParent(tx *store.Tx, p content.ArticlePatch) (*content.Collection, error) {
	if t := p.ParentType; t.Has() && t.Value != content.InCollection && t.Value != content.InSection {
		return nil, content.ParentMistaken(t.Value)
	}
	if !p.Parent.Has() || p.Parent.Value == 0 {
		return nil, nil
	}
	if err := tx.Collections.Lock(); err != nil {
		return nil, err
	}
	c, err := tx.Collections.Find(p.Parent.Value)
	if isNotFound(err) {
		return nil, content.ParentUnknown()
	}
	if err == nil && p.ParentType.Has() && c.Section() != (p.ParentType.Value == content.InSection) {
		err = content.ParentMistaken(p.ParentType.Value)
	}
	return c, err
}

// checkAuthors refuses authors who are no teammates.
func checkAuthors(tx *store.Tx, p content.ArticlePatch) error {
	for _, id := range p.Authors() {
		if _, err := tx.Admins.Find(id); isNotFound(err) {
			return content.AuthorUnknown()
		} else if err != nil {
			return err
		}
	}
	return nil
}

// FindArticle reads an article with its statistics.
func (s *Service) FindArticle(ctx context.Context, by *model.Actor, id content.ArticleID) (*content.Article, error) {
	var a *content.Article
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		a, err = tx.Articles.Find(id)
		return err
	})
	return a, err
}

// ListArticles reads a page of the articles, without their statistics.
func (s *Service) ListArticles(ctx context.Context, by *model.Actor, sort model.Sort, page model.PageRequest) (*model.Page[*content.Article], error) {
	var found *model.Page[*content.Article]
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		found, err = tx.Articles.List(sort, page)
		return err
	})
	return found, err
}

// SearchArticles finds articles by their words, the best first, without their
// statistics. A search finds a thousand at most.
func (s *Service) SearchArticles(ctx context.Context, by *model.Actor, q content.ArticleQuery, page model.PageRequest) (*model.Page[*content.Article], error) {
	var found *model.Page[*content.Article]
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		found, err = tx.Articles.Search(q, page)
		return err
	})
	return found, err
}

// UpdateArticle changes what the patch names. An article that is moved to no
// collection stands alone in its help center.
func (s *Service) UpdateArticle(ctx context.Context, by *model.Actor, id content.ArticleID, p content.ArticlePatch) (*content.Article, error) {
	p.Bodies(richtext.Article)
	return s.changeArticle(ctx, by, id, p.Parent.Set, func(tx *store.Tx, a *content.Article) error {
		before := maps.Clone(a.Contents)
		if err := a.Update(p, tx.Now()); err != nil {
			return err
		}
		parent, err := articleParent(tx, p)
		if err != nil {
			return err
		}
		if p.Parent.Set {
			if err := a.Move(parent, tx.Now()); err != nil {
				return err
			}
		}
		if err := checkAuthors(tx, p); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("article", a.ID.String()))
		return tx.Articles.Update(a, before)
	})
}

// DeleteArticle removes an article with its translations and statistics.
func (s *Service) DeleteArticle(ctx context.Context, by *model.Actor, id content.ArticleID) error {
	_, err := s.changeArticle(ctx, by, id, false, func(tx *store.Tx, a *content.Article) error {
		tx.Notify(event.Changed, event.Other("article", a.ID.String()))
		return tx.Articles.Delete(a)
	})
	return err
}

// changeArticle reads an article and changes it. One that may be moved is held
// after the collections are, as the deletion of a collection does it.
func (s *Service) changeArticle(ctx context.Context, by *model.Actor, id content.ArticleID, moves bool, change func(*store.Tx, *content.Article) error) (*content.Article, error) {
	var a *content.Article
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if moves {
			if err = tx.Collections.Lock(); err != nil {
				return err
			}
		}
		if a, err = tx.Articles.FindForUpdate(id); err != nil {
			return err
		}
		return change(tx, a)
	})
	return a, err
}

// ViewArticle counts that readers looked at an article so many times.
func (s *Service) ViewArticle(ctx context.Context, by *model.Actor, id content.ArticleID, times int64) error {
	if times < 1 {
		return model.ParameterInvalid("An article is viewed at least once")
	}
	return s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error { return tx.Articles.AddViews(id, times) })
}

// ReactToArticle writes down what a contact thinks of an article, in the place of
// what it thought before.
func (s *Service) ReactToArticle(ctx context.Context, by *model.Actor, id content.ArticleID, contact model.ContactRef, r content.Reaction) error {
	if err := r.Validate(); err != nil {
		return err
	}
	return s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		if err := tx.Articles.Hold(id); err != nil {
			return err
		}
		who, err := tx.Contacts.Resolve(contact)
		if err != nil {
			return err
		}
		return tx.Articles.React(id, who, r)
	})
}
