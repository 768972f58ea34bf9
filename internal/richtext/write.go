package richtext

import (
	"strings"

	"golang.org/x/net/html"
)

// isBlock tells the elements that stand on lines of their own.
func isBlock(n *html.Node) bool { return n.Type == html.ElementNode && isBlockName(n.Data) }

func isBlockName(name string) bool {
	switch name {
	case "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "ul", "ol", "li",
		"hr", "iframe", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td",
		"dl", "dt", "dd", "details", "summary", "figure", "figcaption",
		"section", "article", "aside", "main", "header", "footer", "nav", "address", "center", "hgroup", "dir", "menu":
		return true
	}
	return false
}

// A writer writes blocks.
type writer struct {
	form   *form
	out    []byte
	most   int                 // how long out may become; then nothing is begun
	deep   map[*html.Node]bool // the nodes that have a block in them
	linked map[string]bool     // the ids that links lead to
	ids    map[string]bool     // that were written
	anchor string              // the id for the next heading, if no words come before it
}

// write writes what is in a body. If that is more than most bytes, it may be cut
// off anywhere beyond them.
func (f *form) write(body *html.Node, most int) string {
	w := writer{form: f, most: most, deep: map[*html.Node]bool{}, linked: map[string]bool{}, ids: map[string]bool{}}
	for n := range body.Descendants() {
		if n.Data == "a" {
			if id := leadsTo(n); id != "" {
				w.linked[id] = true
			}
		}
		if !isBlock(n) {
			continue
		}
		for up := n.Parent; up != nil && !w.deep[up]; up = up.Parent {
			w.deep[up] = true
		}
	}
	w.blocks(body)
	return string(w.out)
}

// blocks writes what is in n, block by block. Text between blocks becomes a
// paragraph.
func (w *writer) blocks(n *html.Node) {
	start := len(w.out)
	run := inlineWriter{doc: w}
	end := func() {
		w.apart(start, func() { w.paragraph(&run, "") })
		run = inlineWriter{doc: w}
	}
	for c := range n.ChildNodes() {
		if !isBlock(c) && !w.deep[c] {
			run.node(c)
			continue
		}
		end()
		w.apart(start, func() { w.block(c) })
	}
	end()
}

// block writes one block; an element that cannot hold what it does, or is not of
// the form, gives only what is in it.
func (w *writer) block(n *html.Node) {
	w.arrive(n)
	switch n.Data {
	case "ul", "dir", "menu":
		w.enclose("ul", "<ul>", func() { w.lines(func() { w.items(n) }) })
	case "ol":
		w.enclose("ol", startTag("ol", "start", number(n, "start")), func() { w.lines(func() { w.items(n) }) })
	case "dl":
		w.enclose("dl", "<dl>", func() { w.lines(func() { w.terms(n) }) })
	case "table":
		w.table(n)
	case "hr":
		w.out = append(w.out, "<hr>"...)
	case "iframe":
		w.out = append(w.out, video(n)...)
	case "blockquote", "figure":
		w.hold(n.Data, startTag(n.Data), n)
	case "details":
		start := startTag("details")
		if has(n, "open") {
			start = "<details open>"
		}
		w.hold("details", start, n)
	case "summary", "figcaption":
		if parent := n.Parent.Data; parent == "details" && n.Data == "summary" || parent == "figure" && n.Data == "figcaption" {
			w.hold(n.Data, startTag(n.Data), n)
			return
		}
		w.text(n)
	case "div":
		if class := boxClass(n); class != "" {
			w.hold("div", startTag("div", "class", class), n)
			return
		}
		w.text(n)
	default:
		w.text(n)
	}
}

// text writes a block that holds text only, or the blocks that are in it instead.
func (w *writer) text(n *html.Node) {
	if w.deep[n] || !isBlock(n) {
		w.blocks(n)
		return
	}
	run := inlineWriter{doc: w, verbatim: n.Data == "pre"}
	name := n.Data
	switch name {
	case "h5", "h6":
		name = "h4"
	case "h1", "h2", "h3", "h4":
	case "pre":
		run.children(n)
		// A reader of HTML passes over one line end at the start.
		content := strings.TrimRight(strings.TrimLeft(run.String(), "\n"), blank)
		w.enclose("pre", startTag("pre", "class", classes(n, codeClass())), func() { w.out = append(w.out, content...) })
		return
	default:
		run.children(n)
		w.paragraph(&run, classes(n, alignment()))
		return
	}
	start := startTag(name, "id", w.id(n), "class", classes(n, alignment()))
	run.children(n)
	w.anchor = ""
	w.enclose(name, start, func() { w.out = append(w.out, run.content()...) })
}

// paragraph writes a run of text as a paragraph. Of an article, images without
// text are put into a container, as the live API does.
func (w *writer) paragraph(run *inlineWriter, align string) {
	name, class := "p", w.form.class
	if w.form.rich && run.image && !run.words {
		name, class = "div", "intercom-container"
	}
	class = strings.Trim(class+" "+align, " ")
	w.enclose(name, startTag(name, "class", class), func() { w.out = append(w.out, run.content()...) })
}

// items writes what is in a list, as items.
func (w *writer) items(list *html.Node) {
	start := len(w.out)
	for c := range list.ChildNodes() {
		w.apart(start, func() {
			switch {
			case c.Type == html.ElementNode && c.Data == "li":
				w.arrive(c)
				w.hold("li", "<li>", c)
			case isBlock(c) || w.deep[c]:
				w.enclose("li", "<li>", func() { w.lines(func() { w.block(c) }) })
			default:
				w.enclose("li", "<li>", func() { w.inline(c) })
			}
		})
	}
}

// terms writes what is in a dl, as dt and dd.
func (w *writer) terms(list *html.Node) {
	start := len(w.out)
	for c := range list.ChildNodes() {
		w.apart(start, func() {
			switch {
			case c.Type == html.ElementNode && c.Data == "dt":
				w.hold("dt", startTag("dt", "id", w.id(c)), c)
			case c.Type == html.ElementNode && c.Data == "dd":
				w.arrive(c)
				w.hold("dd", "<dd>", c)
			case c.Type == html.ElementNode && c.Data == "div" && w.deep[c]:
				w.arrive(c)
				w.terms(c)
			case isBlock(c) || w.deep[c]:
				w.enclose("dd", "<dd>", func() { w.lines(func() { w.block(c) }) })
			default:
				w.enclose("dd", "<dd>", func() { w.inline(c) })
			}
		})
	}
}

// table writes a table, or a part of one. The parser has put in order what may
// stand where; there is only space between the elements.
func (w *writer) table(n *html.Node) {
	w.enclose(n.Data, startTag(n.Data, "class", classes(n, box())), func() {
		w.lines(func() {
			start := len(w.out)
			for c := range n.ChildNodes() {
				if c.Type != html.ElementNode {
					continue
				}
				w.arrive(c)
				w.apart(start, func() {
					switch c.Data {
					case "caption":
						w.hold("caption", "<caption>", c)
					case "th", "td":
						// Also without content: what follows would move to its place.
						w.out = append(w.out, startTag(c.Data, "colspan", number(c, "colspan"), "rowspan", number(c, "rowspan"),
							"class", classes(c, box()))...)
						w.content(c)
						w.out = append(w.out, "</"+c.Data+">"...)
					case "thead", "tbody", "tfoot", "tr":
						w.table(c)
					}
				})
			}
		})
	})
}

// hold writes an element that holds text or blocks.
func (w *writer) hold(name, start string, n *html.Node) {
	w.enclose(name, start, func() { w.content(n) })
}

// content writes what is in n: blocks on lines of their own, or text.
func (w *writer) content(n *html.Node) {
	if w.deep[n] {
		w.lines(func() { w.blocks(n) })
		return
	}
	run := inlineWriter{doc: w}
	run.children(n)
	w.out = append(w.out, run.content()...)
}

// inline writes a node that has no blocks in it.
func (w *writer) inline(n *html.Node) {
	run := inlineWriter{doc: w}
	run.node(n)
	w.out = append(w.out, run.content()...)
}

// enclose puts what is written into an element; nothing stays nothing.
func (w *writer) enclose(name, start string, write func()) { w.within(start, "</"+name+">", write) }

// lines puts what is written on lines of its own.
func (w *writer) lines(write func()) { w.within("\n", "\n", write) }

// apart puts what is written on a new line, unless it is the first since start.
func (w *writer) apart(start int, write func()) {
	if len(w.out) == start {
		write()
		return
	}
	w.within("\n", "", write)
}

func (w *writer) within(before, after string, write func()) {
	if len(w.out) > w.most {
		return
	}
	start := len(w.out)
	w.out = append(w.out, before...)
	inside := len(w.out)
	write()
	if len(w.out) == inside {
		w.out = w.out[:start]
		return
	}
	w.out = append(w.out, after...)
}
