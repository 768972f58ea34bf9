package richtext

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// isBlock tells the elements that stand on lines of their own.
func isBlock(n *html.Node) bool {
	if n.Type != html.ElementNode {
		return false
	}
	switch n.Data {
	case "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "ul", "ol", "li":
		return true
	}
	return false
}

// hasBlock reports whether there is a block in n.
func hasBlock(n *html.Node) bool {
	for d := range n.Descendants() {
		if isBlock(d) {
			return true
		}
	}
	return false
}

// blocks writes what is in n, block by block. Text between blocks becomes a
// paragraph.
func blocks(n *html.Node) []string {
	var out []string
	var run inlineWriter
	end := func() {
		out = append(out, enclose("p", run.content())...)
		run = inlineWriter{}
	}
	for c := range n.ChildNodes() {
		if !isBlock(c) && !hasBlock(c) {
			run.node(c)
			continue
		}
		end()
		out = append(out, block(c)...)
	}
	end()
	return out
}

// block writes one block; an element that cannot hold what it does, or is not of
// the form, gives only what is in it.
func block(n *html.Node) []string {
	name := n.Data
	switch name {
	case "h5", "h6":
		name = "h4"
	case "div":
		name = "p"
	}
	nested := hasBlock(n)
	switch {
	case name == "ul" || name == "ol":
		return encloseAll(name, items(n))
	case name == "blockquote" && nested:
		return encloseAll(name, blocks(n))
	case nested || !isBlock(n):
		return blocks(n)
	case name == "pre":
		w := inlineWriter{verbatim: true}
		w.children(n)
		// A reader of HTML passes over one line end at the start.
		return enclose(name, strings.TrimRight(strings.TrimLeft(w.String(), "\n"), blank))
	case name == "li": // outside of a list
		name = "p"
	}
	return enclose(name, inline(n))
}

// items writes what is in a list, as items.
func items(list *html.Node) []string {
	var out []string
	for c := range list.ChildNodes() {
		switch {
		case c.Type == html.ElementNode && c.Data == "li" && !hasBlock(c):
			out = append(out, enclose("li", inline(c))...)
		case c.Type == html.ElementNode && c.Data == "li":
			out = append(out, encloseAll("li", blocks(c))...)
		case isBlock(c) || hasBlock(c):
			out = append(out, encloseAll("li", block(c))...)
		default:
			var w inlineWriter
			w.node(c)
			out = append(out, enclose("li", w.content())...)
		}
	}
	return out
}

// enclose puts content into an element; nothing stays nothing.
func enclose(name, content string) []string {
	if content == "" {
		return nil
	}
	return []string{"<" + name + ">" + content + "</" + name + ">"}
}

// encloseAll puts blocks into an element, on lines of their own.
func encloseAll(name string, blocks []string) []string {
	if len(blocks) == 0 {
		return nil
	}
	return enclose(name, "\n"+strings.Join(blocks, "\n")+"\n")
}

// inline writes what is in an element that has no blocks in it.
func inline(n *html.Node) string {
	var w inlineWriter
	w.children(n)
	return w.content()
}

// An inlineWriter writes text and the elements within it.
type inlineWriter struct {
	out      []byte
	open     []string // the elements around the place of writing
	verbatim bool     // space counts
}

func (w *inlineWriter) String() string { return string(w.out) }

// content is what was written, without the space around it.
func (w *inlineWriter) content() string { return strings.Trim(w.String(), blank) }

func (w *inlineWriter) children(n *html.Node) {
	for c := range n.ChildNodes() {
		w.node(c)
	}
}

func (w *inlineWriter) node(n *html.Node) {
	if n.Type == html.TextNode {
		w.text(n.Data)
		return
	}
	name, start := n.Data, ""
	switch name {
	case "del", "strike":
		name = "s"
	case "b", "strong", "i", "em", "u", "s", "code":
	case "br":
		w.out = append(w.out, "<br>"...)
		return
	case "img":
		if src := attribute(n, "src"); src != "" {
			w.out = append(w.out, `<img src="`+attributeEscaper.Replace(src)+`" alt="`+attributeEscaper.Replace(attribute(n, "alt"))+`">`...)
		}
		return
	case "a":
		start = openLink(attribute(n, "href"))
	default:
		name = ""
	}
	if name == "" || slices.Contains(w.open, name) {
		w.children(n)
		return
	}
	if start == "" {
		start = "<" + name + ">"
	}
	w.out = append(w.out, start...)
	inside := len(w.out)
	w.open = append(w.open, name)
	w.children(n)
	w.open = w.open[:len(w.open)-1]
	if len(w.out) == inside { // nothing in it
		w.out = w.out[:inside-len(start)]
		return
	}
	w.out = append(w.out, "</"+name+">"...)
}

// text writes text.
func (w *inlineWriter) text(s string) {
	if w.verbatim {
		w.out = append(w.out, textEscaper.Replace(s)...)
		return
	}
	if bytes.HasSuffix(w.out, []byte("<br>")) {
		s = strings.TrimLeft(s, blank)
	}
	w.out = append(w.out, textEscaper.Replace(unindent(s))...)
}

// unindent makes one space of each that has a line end in it: indentation.
func unindent(s string) string {
	if !strings.ContainsAny(s, "\n\r\f") {
		return s
	}
	var out strings.Builder
	for s != "" {
		at := strings.IndexAny(s, blank)
		if at < 0 {
			at = len(s)
		}
		rest := strings.TrimLeft(s[at:], blank)
		space := s[at : len(s)-len(rest)]
		if strings.ContainsAny(space, "\n\r\f") {
			space = " "
		}
		out.WriteString(s[:at])
		out.WriteString(space)
		s = rest
	}
	return out.String()
}

var attributeEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;")

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
