// Package richtext turns text from outside into HTML that is safe to show.
// It must not know who wrote the text, nor where it is shown.
//
// The HTML has one form: blocks (p, h1 to h4, pre, blockquote, ul and ol of li)
// one after another, a newline between two, and within them text with b, strong,
// i, em, u, s, code, a, br and img. Links lead to http, https and mailto, images
// come by https, and no other attribute is left.
package richtext

import (
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// FromText makes HTML of plain text: blank lines part paragraphs, other line ends
// become br, and addresses of the web and of e-mail become links.
func FromText(s string) string {
	var paragraphs, lines []string
	end := func() {
		if len(lines) > 0 {
			paragraphs = append(paragraphs, "<p>"+strings.Join(lines, "<br>")+"</p>")
		}
		lines = nil
	}
	for line := range strings.SplitSeq(newlines.Replace(strings.ToValidUTF8(s, "\uFFFD")), "\n") {
		if line = strings.Trim(line, blank); line == "" {
			end()
		} else {
			lines = append(lines, link(line))
		}
	}
	end()
	return strings.Join(paragraphs, "\n")
}

// Sanitize makes HTML safe, and brings it into the one form. Doing it twice
// changes nothing. HTML that is nested too deeply or grows too much is taken for
// its text alone.
func Sanitize(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	most := maxGrowth*len(s) + 1024
	// What one reading of broken HTML makes of it, the next may read otherwise.
	for range maxReadings {
		body, err := parse(s)
		if err != nil {
			break
		}
		again := s
		if s = strings.Join(blocks(body), "\n"); s == again {
			return s
		}
		if len(s) > most {
			break
		}
	}
	return FromText(Text(s))
}

// FromInput makes HTML of text that may be either: HTML if it has a tag of HTML
// in it, else plain. Addresses in HTML are links only where it says so.
func FromInput(s string) string {
	if hasTag(s) {
		return Sanitize(s)
	}
	return FromText(s)
}

// Text makes plain text of HTML: blank lines between blocks, and a line for each
// br and li.
func Text(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	var w textWriter
	if body, err := parse(s); err == nil {
		w.children(body)
		return w.String()
	}
	tokens := html.NewTokenizer(strings.NewReader(policy.Sanitize(s)))
	for tokens.Next() != html.ErrorToken {
		if t := tokens.Token(); t.Type == html.TextToken {
			w.text(t.Data)
		}
	}
	return w.String()
}

// maxReadings is how often HTML is read until it stays as it is. Two do but for
// tags nested against all rules.
const maxReadings = 5

// maxGrowth bounds how many times as long the HTML may become. Escaping makes
// five of it; more come of tags that are left open and begin anew in every
// paragraph.
const maxGrowth = 8

// blank is what HTML takes for space.
const blank = " \t\n\f\r"

var (
	newlines    = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\f", "\n", "\x00", "")
	textEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	policy      = newPolicy()
)

// newPolicy is what is let through to be written: besides what the form has, the
// elements that are written as one of those or only hold others.
func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowNoAttrs().OnElements("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "ul", "ol", "li",
		"b", "strong", "i", "em", "u", "s", "del", "strike", "code", "br",
		"span", "font", "small", "mark", "sub", "sup")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src").Matching(regexp.MustCompile(`^(?i)https://`)).OnElements("img")
	p.AllowAttrs("alt").OnElements("img")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	p.SkipElementsContent("title", "textarea", "select", "template", "svg", "math", "xmp", "plaintext")
	p.AddSpaceWhenStrippingTag(true) // the words of two table cells are not one
	return p
}

// parse reads HTML, and nothing that is not safe. Its error is that tags are
// nested too deeply.
func parse(s string) (*html.Node, error) {
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(policy.Sanitize(s)), body)
	for _, n := range nodes {
		body.AppendChild(n)
	}
	return body, err
}

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
