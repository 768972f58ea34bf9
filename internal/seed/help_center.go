package seed

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"

	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/richtext"
)

// allAtOnce is a page as large as it may be, to read a whole list by.
const allAtOnce = 250

// A shelf is where a collection, a section or an article is known by its name.
type shelf struct {
	within content.CollectionID // 0 of collections and of articles that stand alone
	name   string
}

// helpCenters are made where they are missing, and brought to what the file says
// where they are there. Then come their collections and articles.
func (r *run) helpCenters(ctx context.Context) error {
	f := r.file
	if len(f.HelpCenters) == 0 && len(f.Collections) == 0 && len(f.Articles) == 0 {
		return nil
	}
	have, err := r.Content.ListHelpCenters(ctx, r.by)
	if err != nil {
		return err
	}
	r.helpCenterIDs = map[string]content.HelpCenterID{}
	err = each(f.HelpCenters, "help_centers", func(d *HelpCenter) error {
		p := content.HelpCenterPatch{DisplayName: ifGiven(d.Name), CustomDomain: ifGiven(d.CustomDomain), WebsiteTurnedOn: ifSet(d.WebsiteTurnedOn)}
		if d.DefaultLocale != "" {
			p.DefaultLocale = model.Some(d.DefaultLocale)
		}
		if d.Locales != nil {
			p.Locales = model.Some(d.Locales)
		}
		// The default one comes first.
		i := slices.IndexFunc(have, func(h *content.HelpCenter) bool { return d.Identifier == "" || h.Identifier == d.Identifier })
		if i < 0 {
			made, err := r.Content.CreateHelpCenter(r.at(ctx, d.At), r.by, d.Identifier, p, r.otherIdentifiers(d.Identifier)...)
			if err == nil {
				have = append(have, made)
				r.report.count("help centers", created)
			}
			return err
		}
		next := *have[i]
		if err := next.Update(p, next.UpdatedAt); err != nil {
			return err
		}
		changed := !reflect.DeepEqual(*have[i], next)
		r.report.count("help centers", became(false, changed))
		if changed {
			_, err = r.Content.UpdateHelpCenter(ctx, r.by, next.ID, p)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, h := range have {
		r.helpCenterIDs[h.Identifier] = h.ID
		if f.OneOfMany {
			r.helpCenterIDs[strings.TrimSuffix(h.Identifier, "-"+string(r.by.Workspace.ID))] = h.ID
		}
	}
	if err := r.knowContent(ctx); err != nil {
		return err
	}
	err = each(f.Collections, "collections", func(d *Collection) error { return r.collection(ctx, d, 0) })
	if err != nil {
		return err
	}
	return r.articles(ctx, f.Articles, 0)
}

// otherIdentifiers are what a help center may be known by if another has its identifier.
func (r *run) otherIdentifiers(identifier string) []string {
	if !r.file.OneOfMany || identifier == "" {
		return nil
	}
	end := "-" + string(r.by.Workspace.ID)
	return []string{identifier[:min(len(identifier), content.MaxIdentifier-len(end))] + end}
}

// knowContent reads what collections and articles there are.
func (r *run) knowContent(ctx context.Context) error {
	r.collections, r.knownArticles = map[shelf]*content.Collection{}, map[shelf]*content.Article{}
	if r.fresh {
		return nil
	}
	for _, list := range []func(context.Context, *model.Actor, model.Sort, model.PageRequest) (*model.Page[*content.Collection], error){
		r.Content.ListCollections, r.Content.ListSections} {
		err := readAll(func(sort model.Sort, page model.PageRequest) (*model.Page[*content.Collection], error) {
			return list(ctx, r.by, sort, page)
		}, func(c *content.Collection) { r.collections[shelf{c.Parent, c.Content().Name}] = c })
		if err != nil {
			return err
		}
	}
	return readAll(func(sort model.Sort, page model.PageRequest) (*model.Page[*content.Article], error) {
		return r.Content.ListArticles(ctx, r.by, sort, page)
	}, func(a *content.Article) { r.knownArticles[shelf{a.Parent, a.Content().Title}] = a })
}

// readAll reads a list to its end. Of two of one name the older is known by it.
func readAll[T any](list func(model.Sort, model.PageRequest) (*model.Page[T], error), know func(T)) error {
	page := model.PageRequest{PerPage: allAtOnce, Number: 1}
	for {
		found, err := list(model.Sort{Field: "updated_at", Descending: true}, page)
		if err != nil {
			return err
		}
		for _, item := range found.Items {
			know(item)
		}
		if found.Next == nil {
			return nil
		}
		page.Number, page.After = page.Number+1, found.Next
	}
}

// collection makes a collection, or a section within another, or brings it to what
// the file says, and goes on with what is in it.
func (r *run) collection(ctx context.Context, d *Collection, within content.CollectionID) error {
	p := content.CollectionPatch{CollectionContentPatch: content.CollectionContentPatch{Name: model.Some(d.Name), Description: ifGiven(d.Description)},
		Icon: ifGiven(d.Icon), Translations: map[content.Locale]model.Opt[content.CollectionContentPatch]{}}
	for l, t := range d.Translations {
		p.Translations[l] = model.Some(content.CollectionContentPatch{Name: ifGiven(t.Name), Description: ifGiven(t.Description)})
	}
	kind, create, update := "collections", r.Content.CreateCollection, r.Content.UpdateCollection
	switch {
	case within != 0 && d.HelpCenter != "":
		return faultf("a section is in the help center of what it is within")
	case within != 0:
		kind, create, update = "sections", r.Content.CreateSection, r.Content.UpdateSection
		p.Parent = model.Some(within)
	case d.HelpCenter != "":
		id, err := known(r.helpCenterIDs, "help center", d.HelpCenter)
		if err != nil {
			return in(err, "%s", d.Name)
		}
		p.HelpCenter = model.Some(id)
	}
	c := r.collections[shelf{within, d.Name}]
	if c == nil {
		var err error
		if c, err = create(r.at(ctx, d.At), r.by, p); err != nil {
			return in(err, "%s", d.Name)
		}
		r.collections[shelf{within, d.Name}] = c
		r.report.count(kind, created)
	} else {
		next := *c
		if err := next.Update(p, c.UpdatedAt); err != nil {
			return in(err, "%s", d.Name)
		}
		changed := !reflect.DeepEqual(*c, next)
		r.report.count(kind, became(false, changed))
		if changed {
			if _, err := update(ctx, r.by, c.ID, p); err != nil {
				return in(err, "%s", d.Name)
			}
		}
	}
	if err := r.articles(ctx, d.Articles, c.ID); err != nil {
		return in(err, "%s", d.Name)
	}
	return in(each(d.Sections, "sections", func(s *Collection) error { return r.collection(ctx, s, c.ID) }), "%s", d.Name)
}

func (r *run) articles(ctx context.Context, list []Article, within content.CollectionID) error {
	return each(list, "articles", func(d *Article) error { return in(r.article(ctx, d, within), "%s", d.Title) })
}

// article makes an article, or brings it to what the file says.
func (r *run) article(ctx context.Context, d *Article, within content.CollectionID) error {
	main, err := r.articleText(d.ArticleText, r.by.Admin)
	if err != nil {
		return err
	}
	p := content.ArticlePatch{ArticleContentPatch: main, Translations: map[content.Locale]model.Opt[content.ArticleContentPatch]{}}
	if within != 0 {
		p.Parent = model.Some(within)
	}
	for l, t := range d.Translations {
		text, err := r.articleText(t, main.Author.Value)
		if err != nil {
			return in(err, "%s", l)
		}
		p.Translations[l] = model.Some(text)
	}
	if old := r.knownArticles[shelf{within, d.Title}]; old != nil {
		next := *old
		clean := p
		clean.Bodies(richtext.Article)
		if err := next.Update(clean, old.UpdatedAt); err != nil {
			return err
		}
		changed := !sameTexts(old.Contents, next.Contents)
		r.report.count("articles", became(false, changed))
		if changed {
			_, err = r.Content.UpdateArticle(ctx, r.by, old.ID, p)
		}
		return err
	}
	r.report.count("articles", created)
	first := p
	if d.UpdatedAt.given { // it was a draft until then
		first.State = model.Some(content.Draft)
	}
	a, err := r.Content.CreateArticle(r.at(ctx, d.At), r.by, first)
	if err != nil {
		return err
	}
	if d.UpdatedAt.given {
		published := content.ArticlePatch{ArticleContentPatch: content.ArticleContentPatch{State: p.State}}
		if _, err := r.Content.UpdateArticle(r.at(ctx, d.UpdatedAt), r.by, a.ID, published); err != nil {
			return err
		}
	}
	return r.readers(ctx, d, a.ID)
}

// sameTexts compares contents but for their times.
func sameTexts(a, b map[content.Locale]content.ArticleContent) bool {
	return maps.EqualFunc(a, b, func(a, b content.ArticleContent) bool {
		a.CreatedAt, a.UpdatedAt = b.CreatedAt, b.UpdatedAt
		return a == b
	})
}

// articleText is a text of the file as a patch.
func (r *run) articleText(t ArticleText, author model.AdminID) (content.ArticleContentPatch, error) {
	if t.Author != "" {
		var err error
		if author, err = r.admin(t.Author); err != nil {
			return content.ArticleContentPatch{}, err
		}
	}
	p := content.ArticleContentPatch{Title: ifGiven(t.Title), Description: ifGiven(t.Description), Body: ifGiven(t.Body), Author: model.Some(author)}
	if t.State != "" {
		p.State = model.Some(t.State)
	}
	return p, nil
}

// readers are what readers did with a new article.
func (r *run) readers(ctx context.Context, d *Article, id content.ArticleID) error {
	if d.Views != 0 {
		if err := r.Content.ViewArticle(ctx, r.by, id, d.Views); err != nil {
			return err
		}
	}
	for _, reaction := range slices.Sorted(maps.Keys(d.Reactions)) {
		for _, contact := range d.Reactions[reaction] {
			if err := r.Content.ReactToArticle(ctx, r.by, id, r.contactRef(contact), reaction); err != nil {
				return in(err, "%s, by %s", reaction, contact)
			}
		}
	}
	return nil
}
