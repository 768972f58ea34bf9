package richtext

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"parley/internal/lazy"

	"golang.org/x/net/html"
)

// The bounds of attributes.
const (
	maxNumber  = 10_000 // pixels
	maxSpan    = 1000   // columns or rows
	maxClasses = 4
	maxID      = 128 // bytes, without the prefix
)

// The classes that are kept, each on some elements.
var (
	alignment = lazy.Regexp(`^intercom-align-(left|center|right|justify)$`)
	box       = lazy.Regexp(`^intercom-(container|align-(left|center|right|justify)|(interblocks|h2b)-[a-z0-9-]{1,40})$`)
	button    = lazy.Regexp(`^intercom-h2b-button$`)
	codeClass = lazy.Regexp(`^(hljs|lang(uage)?-[A-Za-z0-9.+#_-]{1,30})$`)
)

const callout = "intercom-interblocks-callout"

// calloutStyle finds the colour of a callout, one of the five that the live API
// gives.
var calloutStyle = lazy.Regexp(`(?i)\bbackground-color:\s*#(e8e8e8|e3e7fa|d7efdc|feedaf|fed9db)`)

// classes are those of an element that match a pattern, each once.
func classes(n *html.Node, pattern *regexp.Regexp) string {
	var kept []string
	for class := range strings.FieldsSeq(attribute(n, "class")) {
		if len(kept) < maxClasses && pattern.MatchString(class) && !slices.Contains(kept, class) {
			kept = append(kept, class)
		}
	}
	return strings.Join(kept, " ")
}

// boxClass are the classes of a div. The colour of a callout, in a style, becomes
// one of them.
func boxClass(n *html.Node) string {
	class := classes(n, box())
	color := calloutStyle().FindStringSubmatch(attribute(n, "style"))
	if color == nil || class != callout {
		return class
	}
	names := map[string]string{"e8e8e8": "gray", "e3e7fa": "blue", "d7efdc": "green", "feedaf": "yellow", "fed9db": "red"}
	return class + " " + callout + "-" + names[strings.ToLower(color[1])]
}

// idPrefix keeps ids from the names that scripts look for in a page. Those of the
// live API begin with it.
const idPrefix = "h_"

var slug = lazy.Regexp(`^[\w.:-]+$`)

// safeID makes an id of a name that somebody gave, "" if it cannot be one.
func safeID(name string) string {
	name = strings.TrimPrefix(name, idPrefix)
	if name == "" || len(name) > maxID || !slug().MatchString(name) {
		return ""
	}
	return idPrefix + name
}

// idOf is the id of an element, or the name of an a, as one that can be written.
func idOf(n *html.Node) string {
	id := attribute(n, "id")
	if id == "" && n.Data == "a" {
		id = attribute(n, "name")
	}
	return safeID(id)
}

// arrive remembers the id of an element that is not written with one. One that is
// linked to goes before one that is not.
func (w *writer) arrive(n *html.Node) {
	if id := idOf(n); id != "" && (w.linked[id] || !w.linked[w.anchor]) {
		w.anchor = id
	}
}

// id is the id of a heading: its own, of something in front of it or in it. Each
// is written once.
func (w *writer) id(n *html.Node) string {
	id := idOf(n)
	if id == "" {
		id = w.anchor
	}
	for d := range n.Descendants() {
		if id != "" {
			break
		}
		id = idOf(d)
	}
	w.anchor = ""
	if w.ids[id] {
		return ""
	}
	if id != "" {
		w.ids[id] = true
	}
	return id
}

// leadsTo is the id in the same article to which a link leads, "" if it does not.
func leadsTo(n *html.Node) string {
	if name, ok := strings.CutPrefix(attribute(n, "href"), "#"); ok {
		return safeID(name)
	}
	return ""
}

// rel is said of every link that leads away.
const rel = "nofollow noopener noreferrer"

// anchor writes the start of a link, "" if it leads nowhere.
func anchor(n *html.Node) string {
	href := attribute(n, "href")
	if id := leadsTo(n); id != "" {
		return startTag("a", "href", "#"+id)
	}
	u, err := url.Parse(href)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "mailto" {
		return ""
	}
	target := ""
	if attribute(n, "target") == "_blank" {
		target = "_blank"
	}
	return startTag("a", "class", classes(n, button()), "href", href, "target", target, "rel", rel)
}

// image writes an image, "" if it does not come by https.
func image(n *html.Node) string {
	src := attribute(n, "src")
	if !byHTTPS().MatchString(src) {
		return ""
	}
	return `<img src="` + attributeEscaper.Replace(src) + `" alt="` + attributeEscaper.Replace(attribute(n, "alt")) + `"` +
		attributes("width", number(n, "width"), "height", number(n, "height")) + ">"
}

// number is the number that an attribute has, "" if it has none within bounds.
func number(n *html.Node, name string) string {
	most := maxNumber
	if strings.HasSuffix(name, "span") {
		most = maxSpan
	}
	i, err := strconv.Atoi(attribute(n, name))
	if err != nil || i < 1 || i > most {
		return ""
	}
	return strconv.Itoa(i)
}

// startTag writes the start of an element. Attributes without a value are left
// out.
func startTag(name string, pairs ...string) string {
	return "<" + name + attributes(pairs...) + ">"
}

func attributes(pairs ...string) string {
	out := ""
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out += " " + pairs[i] + `="` + attributeEscaper.Replace(pairs[i+1]) + `"`
		}
	}
	return out
}

var attributeEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;")

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
