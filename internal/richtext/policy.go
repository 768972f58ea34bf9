package richtext

import (
	"regexp"
	"strings"

	"parley/internal/lazy"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// messagePolicy is what is let through to be written as a message: besides what
// the form has, the elements that are written as one of those or only hold others.
func messagePolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowNoAttrs().OnElements("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "ul", "ol", "li",
		"b", "strong", "i", "em", "u", "s", "del", "strike", "code", "br",
		"span", "font", "small", "mark", "sub", "sup")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src").Matching(byHTTPS()).OnElements("img")
	p.AllowAttrs("alt").OnElements("img")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	p.SkipElementsContent("title", "textarea", "select", "template", "svg", "math", "xmp", "plaintext")
	p.AddSpaceWhenStrippingTag(true) // the words of two table cells are not one
	return p
}

// articlePolicy is what is let through to be written as an article. What is in the
// attributes is judged when they are written.
func articlePolicy() *bluemonday.Policy {
	p := messagePolicy()
	for _, names := range []string{
		"a img iframe hr table caption thead tbody tfoot tr th td dl dt dd details summary figure figcaption",
		"section article aside main header footer nav address center hgroup dir menu",
		"tt samp kbd var cite dfn ins big abbr acronym q bdi bdo time data label nobr wbr ruby rb rp rt rtc",
	} {
		p.AllowNoAttrs().OnElements(strings.Fields(names)...)
	}
	p.AllowAttrs("id").Matching(regexp.MustCompile(`^[\w.:-]+$`)).Globally()
	p.AllowAttrs("name").Matching(regexp.MustCompile(`^[\w.:-]+$`)).OnElements("a")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^[\w\s.+#-]+$`)).OnElements("p", "div", "h1", "h2", "h3", "h4", "h5", "h6",
		"pre", "code", "a", "table", "tr", "th", "td")
	p.AllowAttrs("style").Matching(calloutStyle()).OnElements("div")
	p.AllowAttrs("target").Matching(regexp.MustCompile(`^_blank$`)).OnElements("a")
	p.AllowAttrs("open").OnElements("details")
	number := regexp.MustCompile(`^[0-9]{1,5}$`)
	p.AllowAttrs("start").Matching(number).OnElements("ol")
	p.AllowAttrs("colspan", "rowspan").Matching(number).OnElements("th", "td")
	p.AllowAttrs("width", "height").Matching(number).OnElements("img", "iframe")
	p.AllowAttrs("src", "title").OnElements("iframe")
	p.AllowRelativeURLs(true) // of which those that begin with # are written, and players that begin with //
	return p
}

// byHTTPS tells the addresses of images that come by https.
var byHTTPS = lazy.Regexp(`^(?i)https://`)

// hasTag reports whether a text has a tag of HTML in it. "<3", "a < b" and
// "<ann@acme.test>" are none.
func hasTag(s string) bool {
	tokens := html.NewTokenizer(strings.NewReader(s))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return false
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, _ := tokens.TagName()
			if isElement(atom.Lookup(name)) {
				return true
			}
		}
	}
}

// isElement reports whether a name is that of an element of HTML, past ones
// included.
func isElement(a atom.Atom) bool {
	switch a {
	case atom.A, atom.Abbr, atom.Acronym, atom.Address, atom.Applet, atom.Area, atom.Article, atom.Aside, atom.Audio,
		atom.B, atom.Base, atom.Basefont, atom.Bdi, atom.Bdo, atom.Big, atom.Blink, atom.Blockquote, atom.Body, atom.Br,
		atom.Button, atom.Canvas, atom.Caption, atom.Center, atom.Cite, atom.Code, atom.Col, atom.Colgroup, atom.Data,
		atom.Datalist, atom.Dd, atom.Del, atom.Details, atom.Dfn, atom.Dialog, atom.Dir, atom.Div, atom.Dl, atom.Dt,
		atom.Em, atom.Embed, atom.Fieldset, atom.Figcaption, atom.Figure, atom.Font, atom.Footer, atom.Form, atom.Frame,
		atom.Frameset, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Head, atom.Header, atom.Hgroup,
		atom.Hr, atom.Html, atom.I, atom.Iframe, atom.Img, atom.Image, atom.Input, atom.Ins, atom.Kbd, atom.Keygen,
		atom.Label, atom.Legend, atom.Li, atom.Link, atom.Listing, atom.Main, atom.Map, atom.Mark, atom.Marquee,
		atom.Math, atom.Menu, atom.Menuitem, atom.Meta, atom.Meter, atom.Nav, atom.Nobr, atom.Noembed, atom.Noframes,
		atom.Noscript, atom.Object, atom.Ol, atom.Optgroup, atom.Option, atom.Output, atom.P, atom.Param, atom.Picture,
		atom.Plaintext, atom.Pre, atom.Progress, atom.Q, atom.Rb, atom.Rp, atom.Rt, atom.Rtc, atom.Ruby, atom.S,
		atom.Samp, atom.Script, atom.Section, atom.Select, atom.Slot, atom.Small, atom.Source, atom.Spacer, atom.Span,
		atom.Strike, atom.Strong, atom.Style, atom.Sub, atom.Summary, atom.Sup, atom.Svg, atom.Table, atom.Tbody, atom.Td,
		atom.Template, atom.Textarea, atom.Tfoot, atom.Th, atom.Thead, atom.Time, atom.Title, atom.Tr, atom.Track,
		atom.Tt, atom.U, atom.Ul, atom.Var, atom.Video, atom.Wbr, atom.Xmp:
		return true
	}
	return false
}
