package richtext

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// An inlineWriter writes text and the elements within it.
type inlineWriter struct {
	doc      *writer
	out      []byte
	open     []string // the elements around the place of writing
	verbatim bool     // space counts
	words    bool     // something else than space was written
	image    bool     // an image was written
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
	w.doc.arrive(n)
	name, start := w.inlineName(n.Data), ""
	switch name {
	case "br":
		w.out = append(w.out, "<br>"...)
		return
	case "img":
		if tag := image(n); tag != "" {
			w.out = append(w.out, tag...)
			w.image = true
		}
		return
	case "a":
		if start = anchor(n); start == "" {
			name = ""
		}
	case "code":
		start = startTag(name, "class", classes(n, codeClass()))
	default:
		start = startTag(name)
	}
	if name == "" || slices.Contains(w.open, name) {
		w.children(n)
		return
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

// inlineName is the name under which an element within text is written, "" if only
// what is in it is.
func (w *inlineWriter) inlineName(name string) string {
	switch name {
	case "a", "b", "strong", "i", "em", "u", "s", "code", "br", "img":
		return name
	case "del", "strike":
		return "s"
	}
	if !w.doc.form.rich {
		return ""
	}
	switch name {
	case "sub", "sup", "kbd", "small", "mark":
		return name
	case "tt", "samp":
		return "code"
	case "var", "cite", "dfn":
		return "i"
	case "ins":
		return "u"
	}
	return ""
}

// text writes text.
func (w *inlineWriter) text(s string) {
	if strings.TrimSpace(s) != "" {
		w.words = true
		w.doc.anchor = ""
	}
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
