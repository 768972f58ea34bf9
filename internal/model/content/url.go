package content

import (
	"net/url"
	"strings"
	"unicode"

	"parley/internal/model"
)

// SitePrefix is what the path of every help center without a domain of its own
// begins with.
const SitePrefix = "/help/"

// maxSlug is how many characters of a title are in a URL.
const maxSlug = 80

// URL is where the help center is: on its own domain, or below base, which is
// where this server is.
func (h *HelpCenter) URL(base string) string {
	if h.CustomDomain != "" {
		return "https://" + h.CustomDomain
	}
	return base + SitePrefix + h.Identifier
}

// URL is where the collection is in the default locale. One in which nothing is
// published has no page: there it is the help center's.
func (c *Collection) URL(base string) string {
	if !c.Published {
		return c.HelpCenter.URL(base) + "/"
	}
	return c.HelpCenter.page(base, c.HelpCenter.DefaultLocale, "collections", c.ID.String(), c.Content().Name)
}

// URL is where the article is in a locale; empty where it is not published.
func (a *Article) URL(base string, l Locale) string {
	c, ok := a.Contents[l]
	if !ok || c.State != Published {
		return ""
	}
	return a.HelpCenter.page(base, l, "articles", a.ID.String(), c.Title)
}

func (h *HelpCenter) page(base string, l Locale, sort, id, title string) string {
	name := id
	if s := slug(title); s != "" {
		name += "-" + s
	}
	return h.URL(base) + "/" + string(l) + "/" + sort + "/" + url.PathEscape(name)
}

// slug is a title as URLs have it: its letters and digits in lower case, with a
// hyphen for all that is between them.
func slug(title string) string {
	var out []rune
	for _, r := range strings.ToLower(strings.ReplaceAll(title, "'", "")) {
		switch {
		case unicode.IsLetter(r), unicode.IsNumber(r), unicode.IsMark(r) && len(out) > 0 && out[len(out)-1] != '-':
			out = append(out, r)
		case len(out) > 0 && out[len(out)-1] != '-':
			out = append(out, '-')
		}
		if len(out) == maxSlug {
			break
		}
	}
	return strings.Trim(string(out), "-")
}

// A Place is where a page of an article is.
type Place struct {
	Identifier string // of the help center, or empty
	Domain     string // of the help center, where the identifier is empty
	Article    ArticleID
}

// ParseArticleURL reads the URL of an article's page, in whatever locale and with
// whatever title. It reports whether it may be one.
func ParseArticleURL(text string) (Place, bool) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return Place{}, false
	}
	p := Place{Domain: strings.ToLower(u.Hostname())}
	path := strings.TrimPrefix(u.Path, "/")
	if below, ok := strings.CutPrefix(u.Path, SitePrefix); ok {
		p.Domain = ""
		p.Identifier, path, _ = strings.Cut(below, "/")
	}
	step := strings.Split(path, "/")
	if len(step) != 3 || Locale(step[0]).Validate() != nil || step[1] != "articles" {
		return Place{}, false
	}
	id, _, _ := strings.Cut(step[2], "-")
	p.Article = model.Decimal[ArticleID](id)
	return p, p.Article != 0
}
