package richtext

import (
	"strings"

	"golang.org/x/net/html"
)

// A textWriter writes plain text.
type textWriter struct {
	out      strings.Builder
	pending  int  // line ends to come before the next text
	verbatim bool // space counts
}

func (w *textWriter) String() string { return strings.Trim(w.out.String(), blank) }

func (w *textWriter) children(n *html.Node) {
	for c := range n.ChildNodes() {
		w.node(c)
	}
}

func (w *textWriter) node(n *html.Node) {
	apart := 0
	switch {
	case n.Type == html.TextNode:
		w.text(n.Data)
		return
	case n.Data == "br":
		w.pending++
		return
	case n.Data == "li":
		apart = 1
	case isBlock(n):
		apart = 2
	}
	around := w.verbatim
	w.verbatim = around || n.Data == "pre"
	w.pending = max(w.pending, apart)
	w.children(n)
	w.pending = max(w.pending, apart)
	w.verbatim = around
}

func (w *textWriter) text(s string) {
	if !w.verbatim {
		if s = unindent(s); w.pending > 0 {
			s = strings.TrimLeft(s, blank)
		}
	}
	if s == "" {
		return
	}
	if w.out.Len() > 0 {
		w.out.WriteString(strings.Repeat("\n", w.pending))
	}
	w.pending = 0
	w.out.WriteString(s)
}
