package richtext

import (
	"strings"

	"golang.org/x/net/html"
)

// A textWriter writes plain text.
type textWriter struct {
	out      strings.Builder
	pending  int  // line ends to come before the next text
	tabs     int  // and tabs after them
	space    bool // and a space, if there is neither
	cells    int  // how many cells of tables are around the place of writing
	verbatim bool // space counts
}

func (w *textWriter) String() string { return strings.Trim(w.out.String(), blank) }

func (w *textWriter) children(n *html.Node) {
	for c := range n.ChildNodes() {
		w.node(c)
	}
}

func (w *textWriter) node(n *html.Node) {
	switch {
	case n.Type == html.TextNode:
		w.text(n.Data)
		return
	case n.Data == "br":
		w.apart("br")
		return
	}
	around := w.verbatim
	w.verbatim = around || n.Data == "pre"
	w.apart(n.Data)
	switch n.Data {
	case "iframe": // a page of somebody else
	case "table", "thead", "tbody", "tfoot", "tr":
		w.parts(n)
	case "td", "th":
		w.cells++
		w.children(n)
		w.cells--
	default:
		w.children(n)
	}
	w.apart(n.Data)
	w.verbatim = around
}

// parts writes what is in a table, between which there is only space. In a row, a
// tab stands between cells, the last empty ones left out.
func (w *textWriter) parts(n *html.Node) {
	first := true
	for c := range n.ChildNodes() {
		if c.Type != html.ElementNode {
			continue
		}
		if n.Data == "tr" && w.cells == 0 && !first {
			w.tabs++
		}
		first = false
		w.node(c)
	}
	if w.cells == 0 {
		w.tabs = 0
	}
}

// apart parts what was written from what comes, as the element between them does.
// A cell of a table stays on its line.
func (w *textWriter) apart(name string) {
	lines := 0
	switch {
	case name == "br":
		lines = w.pending + 1
	case name == "td" || name == "th":
		w.space = true
		return
	case name == "li" || name == "dt" || name == "dd" || name == "tr":
		lines = 1
	case isBlockName(name):
		lines = 2
	}
	switch {
	case lines == 0:
	case w.cells > 0:
		w.space = true
	default:
		w.pending = max(w.pending, lines)
	}
}

func (w *textWriter) text(s string) {
	if !w.verbatim {
		if s = unindent(s); w.pending > 0 || w.tabs > 0 || w.space {
			s = strings.TrimLeft(s, blank)
		}
	}
	if s == "" {
		return
	}
	if w.out.Len() > 0 {
		w.out.WriteString(strings.Repeat("\n", w.pending))
		w.out.WriteString(strings.Repeat("\t", w.tabs))
		if w.space && w.pending == 0 && w.tabs == 0 {
			w.out.WriteByte(' ')
		}
	}
	w.pending, w.tabs, w.space = 0, 0, false
	w.out.WriteString(s)
}
