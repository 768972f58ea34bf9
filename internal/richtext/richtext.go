// Package richtext turns text from outside into HTML that is safe to show.
// It must not know who wrote the text, nor where it is shown.
//
// The HTML has one of two forms. Of messages it has blocks (p, h1 to h4, pre,
// blockquote, ul and ol of li) one after another, a newline between two, and
// within them text with b, strong, i, em, u, s, code, a, br and img. Links lead to
// http, https and mailto, images come by https, and no other attribute is left.
//
// Of articles, and of news, it has those, and tables, dl, details, figure, hr, div
// with a class of the live API's, videos of known hosts, and within text sub, sup,
// kbd, small and mark. Links lead to headings of the same article as well. Classes
// and numbers are kept by patterns; ids, of headings and dt, begin with h_.
package richtext

import (
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// FromText makes HTML of plain text: blank lines part paragraphs, other line ends
// become br, and addresses of the web and of e-mail become links.
func FromText(s string) string { return message.fromText(s) }

// Sanitize makes HTML safe, and brings it into the form of messages. Doing it
// twice changes nothing. HTML that is nested too deeply or grows too much is taken
// for its text alone.
func Sanitize(s string) string { return message.sanitize(s) }

// FromInput makes HTML of text that may be either: HTML if it has a tag of HTML
// in it, else plain. Addresses in HTML are links only where it says so.
func FromInput(s string) string { return message.fromInput(s) }

// Article makes the HTML of an article of text that may be HTML or plain, as
// FromInput does of a message. Every paragraph has the class no-margin. Doing it
// twice changes nothing.
//
// Relative links become text: the same article is shown in places of different
// addresses. A link to an id of the article is changed with the id.
func Article(s string) string { return article.fromInput(s) }

// News makes the HTML of a news item: as Article does, without the class.
func News(s string) string { return news.fromInput(s) }

// Text makes plain text of HTML: blank lines between blocks, a line for each br,
// li, dt, dd and row of a table, and a tab between the cells of a row.
func Text(s string) string {
	return plain(article.read(strings.ToValidUTF8(s, "\uFFFD")))
}

// plain makes plain text of what was read as an article or as news.
func plain(clean string, body *html.Node, err error) string {
	var w textWriter
	if err == nil {
		w.children(body)
		return w.String()
	}
	tokens := html.NewTokenizer(strings.NewReader(clean))
	for tokens.Next() != html.ErrorToken {
		switch t := tokens.Token(); t.Type {
		case html.TextToken:
			w.text(t.Data)
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			w.apart(t.Data)
		}
	}
	return w.String()
}

// A form is what HTML is brought into.
type form struct {
	policy func() *bluemonday.Policy
	rich   bool   // keeps what articles keep
	class  string // of every paragraph
}

var (
	message = &form{policy: sync.OnceValue(messagePolicy)}
	article = &form{policy: sync.OnceValue(articlePolicy), rich: true, class: "no-margin"}
	news    = &form{policy: article.policy, rich: true}
)

// maxReadings is how often HTML is read until it stays as it is. Two do but for
// tags nested against all rules.
const maxReadings = 5

// maxGrowth bounds how many times as long the HTML may become. Escaping makes
// five of it, the class of short paragraphs seven; more come of tags that are left
// open and begin anew in every paragraph.
const maxGrowth = 8

// blank is what HTML takes for space.
const blank = " \t\n\f\r"

var (
	newlines    = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\f", "\n", "\x00", "")
	textEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
)

func (f *form) fromInput(s string) string {
	if hasTag(s) {
		return f.sanitize(s)
	}
	return f.fromText(s)
}

func (f *form) fromText(s string) string {
	var out []byte
	start, open := startTag("p", "class", f.class), false
	end := func() {
		if open {
			out = append(out, "</p>"...)
		}
		open = false
	}
	for line := range strings.SplitSeq(newlines.Replace(strings.ToValidUTF8(s, "\uFFFD")), "\n") {
		line = strings.Trim(line, blank)
		switch {
		case line == "":
			end()
			continue
		case open:
			out = append(out, "<br>"...)
		case len(out) > 0:
			out = append(out, "\n"+start...)
		default:
			out = append(out, start...)
		}
		open = true
		out = append(out, link(line)...)
	}
	end()
	return string(out)
}

func (f *form) sanitize(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	most := maxGrowth*len(s) + 1024
	// What one reading of broken HTML makes of it, the next may read otherwise.
	for range maxReadings {
		clean, body, err := f.read(s)
		again := ""
		if err == nil {
			if again = f.write(body, most); again == s {
				return s
			}
		}
		if err != nil || len(again) > most || f.rich && strings.Count(again, "<") > maxTags {
			if f.rich {
				return f.fromText(plain(clean, body, err)) // large, and read already
			}
			break
		}
		s = again
	}
	return f.fromText(Text(s))
}

// read reads HTML, and nothing that is not safe: what the policy lets through, as it
// is and as a tree. Its error is that tags are nested too deeply, or are too many.
func (f *form) read(s string) (clean string, body *html.Node, err error) {
	clean = f.policy().Sanitize(s)
	tamed := clean
	if f.rich {
		if tamed, err = tame(clean); err != nil {
			return clean, nil, err
		}
	}
	body = &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(tamed), body)
	for _, n := range nodes {
		body.AppendChild(n)
	}
	if f.rich && err == nil {
		for n := range body.Descendants() {
			if n.Type == html.ElementNode {
				n.Data = strings.TrimPrefix(n.Data, renamed)
			}
		}
	}
	return clean, body, err
}
