package content

import (
	"maps"
	"slices"
	"strings"

	"parley/internal/model"
)

// maxArticle is how long the body of an article may be in one locale, in bytes of
// the HTML that is kept. That of a body of short lines is longer than what was sent.
const maxArticle = 10 << 20

// An Article is a text of a help center, in its default locale and perhaps in
// others.
type Article struct {
	ID         ArticleID
	HelpCenter *HelpCenter  // the default one, of an article that stands alone
	Parent     CollectionID // 0 of an article that stands alone
	InSection  bool         // whether the parent is a section; as it is read
	CreatedAt  int64        // of the content in the default locale
	UpdatedAt  int64        // of that, or of the parent

	Contents   map[Locale]ArticleContent // that of the default locale too
	Statistics ArticleStatistics         // where they were read
}

// An ArticleContent is an article in one locale.
type ArticleContent struct {
	Title       string
	Description string // plain text
	Body        string // safe HTML
	Author      model.AdminID
	State       ArticleState
	CreatedAt   int64
	UpdatedAt   int64
}

// An ArticleState says whether readers can see a content.
type ArticleState string

const (
	Draft     ArticleState = "draft"
	Published ArticleState = "published"
)

// A ParentType says what sort of parent an article has.
type ParentType string

const (
	InCollection ParentType = "collection"
	InSection    ParentType = "section"
)

// ArticleStatistics are what readers did.
type ArticleStatistics struct {
	Views         int64
	Conversations int64 // that began on the article's page
	Reactions     map[Reaction]int64
}

// A Reaction is what a reader thought of an article.
type Reaction string

const (
	Happy   Reaction = "happy"
	Neutral Reaction = "neutral"
	Sad     Reaction = "sad"
)

// Validate refuses what is no reaction.
func (r Reaction) Validate() error {
	if r != Happy && r != Neutral && r != Sad {
		return model.ParameterInvalid("A reaction is happy, neutral or sad")
	}
	return nil
}

// Content is the article in the default locale.
func (a *Article) Content() ArticleContent { return a.Contents[a.HelpCenter.DefaultLocale] }

// Published reports whether the content in the default locale is published.
func (a *Article) Published() bool { return a.Content().State == Published }

// An ArticlePatch says what to change. A new article is a patch of an empty one.
type ArticlePatch struct {
	ArticleContentPatch                                           // in the default locale
	Translations        map[Locale]model.Opt[ArticleContentPatch] // null takes one away; the default locale may be among them
	Parent              model.Opt[CollectionID]                   // null, or 0: none
	ParentType          model.Opt[ParentType]
}

// An ArticleContentPatch says what to change in one locale. The body is safe HTML.
type ArticleContentPatch struct {
	Title       model.Opt[string]
	Description model.Opt[string]
	Body        model.Opt[string]
	Author      model.Opt[model.AdminID]
	State       model.Opt[ArticleState]
}

// Bodies calls clean on each body of the patch and puts what it returns in its
// place.
func (p *ArticlePatch) Bodies(clean func(string) string) {
	p.Body.Value = clean(p.Body.Value)
	translations := make(map[Locale]model.Opt[ArticleContentPatch], len(p.Translations))
	for l, t := range p.Translations {
		t.Value.Body.Value = clean(t.Value.Body.Value)
		translations[l] = t
	}
	p.Translations = translations
}

// Authors are the admins that the patch names.
func (p *ArticlePatch) Authors() []model.AdminID {
	var ids []model.AdminID
	add := func(c ArticleContentPatch) {
		if c.Author.Has() && !slices.Contains(ids, c.Author.Value) {
			ids = append(ids, c.Author.Value)
		}
	}
	add(p.ArticleContentPatch)
	for _, l := range slices.Sorted(maps.Keys(p.Translations)) {
		add(p.Translations[l].Value)
	}
	return ids
}

// NewArticle makes an article of a patch in a collection or section or, where that
// is nil, alone in a help center. Its id is left to be given.
func NewArticle(in *HelpCenter, parent *Collection, p ArticlePatch, now int64) (*Article, error) {
	a := &Article{HelpCenter: in, CreatedAt: now, UpdatedAt: now}
	if err := a.Move(parent, now); err != nil {
		return nil, err
	}
	return a, a.Update(p, now)
}

// Update applies a patch, but for the parent, which takes more than the article to
// know. Of what does not change the time stays.
func (a *Article) Update(p ArticlePatch, now int64) error {
	next := *a
	next.Contents = maps.Clone(a.Contents)
	if next.Contents == nil {
		next.Contents = map[Locale]ArticleContent{}
	}
	main := a.HelpCenter.DefaultLocale
	own := p.ArticleContentPatch
	if t := p.Translations[main]; t.Null {
		return model.ParameterInvalid("The content in the default locale cannot be removed")
	} else if t.Set {
		own = ArticleContentPatch{either(own.Title, t.Value.Title), either(own.Description, t.Value.Description),
			either(own.Body, t.Value.Body), either(own.Author, t.Value.Author), either(own.State, t.Value.State)}
	}
	if err := next.translate(main, own, now); err != nil {
		return err
	}
	for _, l := range slices.Sorted(maps.Keys(p.Translations)) {
		if err := l.Validate(); err != nil {
			return err
		}
		t := p.Translations[l]
		if t.Null {
			delete(next.Contents, l)
		} else if l != main {
			if err := next.translate(l, t.Value, now); err != nil {
				return err
			}
		}
	}
	if c := next.Content(); c != a.Content() {
		next.UpdatedAt = now
	}
	*a = next
	return nil
}

// translate applies a patch to the content in one locale. A new one is a draft of
// the article's author, unless it says otherwise.
func (a *Article) translate(l Locale, p ArticleContentPatch, now int64) error {
	old, there := a.Contents[l]
	c := old
	if !there {
		isMain := l == a.HelpCenter.DefaultLocale
		c = ArticleContent{Author: a.Content().Author, State: Draft, CreatedAt: now}
		switch {
		case isMain && !p.Author.Has():
			return model.ParameterNotFound("author_id must be in the main body or default locale translated_content object")
		case isMain && !p.Title.Has():
			return model.ParameterNotFound("title must be in the main body or default locale translated_content object")
		case !p.Title.Has():
			return model.ParameterNotFound("title is required in the translated_content object of %s", l)
		}
	}
	p.Title.Apply(&c.Title)
	p.Description.Apply(&c.Description)
	p.Body.Apply(&c.Body)
	if p.Author.Has() {
		c.Author = p.Author.Value
	}
	if p.State.Has() {
		c.State = p.State.Value
	}
	if c.Title = model.OneLine(c.Title); c.Title == "" {
		return model.ParameterInvalid("Title cannot be blank")
	}
	if c.State != Draft && c.State != Published {
		return model.ParameterInvalid("State must be either draft or published")
	}
	if err := model.ValidateText("Title", c.Title, model.MaxText); err != nil {
		return err
	}
	if len(c.Body) > maxArticle {
		return model.ParameterInvalid("Body is too long (maximum is %d MB of HTML)", maxArticle>>20)
	}
	c.Description = strings.TrimSpace(c.Description)
	if err := model.ValidateText("Description", c.Description, maxDescription); err != nil {
		return err
	}
	if c != old {
		c.UpdatedAt = now
	}
	a.Contents[l] = c
	return nil
}

// Move puts the article into a collection or section, or, where that is nil, lets
// it stand alone in its help center.
func (a *Article) Move(to *Collection, now int64) error {
	parent, inSection, in := CollectionID(0), false, a.HelpCenter
	if to != nil {
		parent, inSection, in = to.ID, to.Section(), to.HelpCenter
	}
	if _, ok := a.Contents[in.DefaultLocale]; !ok && len(a.Contents) > 0 {
		return model.ParameterInvalid("The article has no content in %s, the default locale of that help center", in.DefaultLocale)
	}
	if a.Parent != parent {
		a.UpdatedAt = now
	}
	a.HelpCenter, a.Parent, a.InSection = in, parent, inSection
	return nil
}

// AuthorUnknown is the answer to an author who is no teammate.
func AuthorUnknown() *model.Error {
	return model.ParameterInvalid("author_id is not the id of an admin of the workspace")
}

// ParentMistaken is the answer to a parent of another sort than was said.
func ParentMistaken(t ParentType) *model.Error {
	if t != InCollection && t != InSection {
		return model.ParameterInvalid("parent_type must be either collection or section")
	}
	return model.ParameterInvalid("parent_id is not the id of a %s", string(t))
}

// MaxQueryWords is how many words of a phrase articles are searched by; those
// behind are not looked at.
const MaxQueryWords = 20

// An ArticleQuery says which articles are looked for.
type ArticleQuery struct {
	Phrase     string
	State      ArticleState // of the content that has the words; any where empty
	HelpCenter HelpCenterID // any where 0
}
