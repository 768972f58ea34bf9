package richtext_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"parley/internal/richtext"
)

// The forms of articles and of news, each with the class of its paragraphs.
var rich = []struct {
	name  string
	clean func(string) string
	class string
}{{"Article", richtext.Article, "no-margin"}, {"News", richtext.News, ""}}

// TestArticleVectors holds what becomes of each vector as an article and as news,
// where messages have it and in what only articles have.
func TestArticleVectors(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, v := range corpus(t) {
		for _, in := range []string{v, "<p>Hello " + v + " there</p>", `<a href="` + v + `">a</a>`, `<a href='` + v + `'>a</a>`,
			"<img src=\"https://a.test/" + v + `" alt="` + v + `">`, "<pre>" + v, "<ul><li>" + v + "<li>", "http://a.test/" + v,
			"<table><tr><td>" + v + "<td>a", "<table>" + v + "<tr><td>a", "<dl><dt>" + v + "<dd>", "<details><summary>" + v,
			"<figure>" + v + "<figcaption>" + v, `<h2 id="` + v + `">a</h2>`, `<a href="#` + v + `">a</a>`, `<pre><code class="` + v + `">a`,
			`<div class="intercom-container ` + v + `" style="` + v + `">a</div>`, `<iframe src="` + v + `"></iframe>`,
			`<iframe src="https://www.youtube.com/embed/` + v + `" title="` + v + `">` + v + `</iframe>`,
			`<iframe src='https://player.vimeo.com/video/1?h=` + v + `'></iframe>`,
		} {
			for _, form := range rich {
				out := form.clean(in)
				if !isNew(seen, form.name+out) {
					continue
				}
				judgeRich(t, form.class, in, out)
				if again := form.clean(out); again != out {
					t.Fatalf("%s: %q becomes %q becomes %q", form.name, in, out, again)
				}
			}
		}
	}
}

// TestAttributes puts a script into every attribute of every element.
func TestAttributes(t *testing.T) {
	t.Parallel()
	elements := strings.Fields(`a abbr article aside audio b base blockquote body br button caption center code col dd details div dl dt em embed
		figcaption figure font form h1 h2 h3 h4 h5 h6 hr html i iframe img input kbd li link main map mark math meta nav object ol p
		param picture pre s section select small source span strong style sub summary sup svg table tbody td template textarea tfoot
		th thead title tr u ul video x-b x-text`)
	attributes := strings.Fields(`accept-charset action align allow allowfullscreen alt archive autofocus autoplay background bgcolor
		cite class classid code codebase color cols colspan content contenteditable data data-x dir draggable dynsrc enterkeyhint
		face fetchpriority formaction frameborder headers height hidden href hreflang http-equiv icon id inert integrity is itemid
		itemprop itemscope itemtype lang list loading longdesc lowsrc manifest name nonce onafterprint onanimationend onanimationstart
		onauxclick onbeforeinput onbegin onblur oncanplay onclick oncontentvisibilityautostatechange onerror onfocus onfocusin onload
		onmouseover onpointerenter onscrollend ontoggle ontransitionend open ping popover popovertarget poster profile referrerpolicy
		rel rowspan sandbox scope shadowrootmode sizes slot spellcheck src srcdoc srclang srcset start style summary tabindex target
		title type usemap value width xlink:href xml:base xmlns`)
	scripts := []string{
		`javascript:alert(1)`, "java&#9;script:alert(1)", ` &#1;JAVASCRIPT:alert(1)`, `data:text/html,<script>alert(1)</script>`,
		`https://www.youtube.com/embed/a&quot; onload=&quot;alert(1)`, `https://evil.test/`, `//evil.test/`, `alert(1)`,
		`&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;`, `1 onload=alert(1)`, `url(javascript:alert(1))`, `_self`, ``,
	}
	seen := map[string]bool{}
	for _, element := range elements {
		around := [2]string{"", ""}
		switch element {
		case "caption", "thead", "tbody", "tfoot", "tr", "col":
			around = [2]string{"<table>", "</table>"}
		case "td", "th":
			around = [2]string{"<table><tr>", "</tr></table>"}
		case "summary":
			around = [2]string{"<details>", "</details>"}
		case "figcaption":
			around = [2]string{"<figure>", "</figure>"}
		case "dt", "dd":
			around = [2]string{"<dl>", "</dl>"}
		}
		for _, attribute := range attributes {
			var all strings.Builder
			for _, script := range scripts {
				good := ""
				if element == "a" || element == "img" || element == "iframe" {
					good = ` href="https://a.test" src="https://www.youtube.com/embed/a"` // or it would not be there at all
				}
				all.WriteString(around[0] + "<" + element + good + " " + attribute + `="` + script + `">x</` + element + ">" + around[1])
			}
			if out := richtext.Article(all.String()); isNew(seen, out) {
				judgeRich(t, "no-margin", all.String(), out)
			}
		}
	}
}

func FuzzArticle(f *testing.F) {
	for _, v := range corpus(f) {
		f.Add(v)
	}
	for _, v := range []string{
		"a\n\nb www.a.test", "<table><caption>a<tr><td>b<th colspan=2>c<table><tr>d", "<table>a<p>b<tr>c<li>d</td>e", "<dl>a<dt>b<div><dd>c<p>d",
		"<details>a<summary>b<h2 id=c>d</details>", "<figure><img src=https://a.test/b><figcaption>c", "<a name=a><h2>b</a>c<a href=#a>d",
		"<b><table><tr><td></b>a<b></table>c", "<iframe src=//youtu.be/a>b</iframe><iframe src=https://www.loom.com/embed/a?sid=b>",
		"<div class='intercom-interblocks-callout' style='background-color: #feedaf80'><p>a", "<pre><code class='hljs language-go'>\n\na</pre>",
		"<tt>a<samp>b</tt>c</samp><ins><del>d</ins>", "<li></li>a</li>b</li> </li>c", "<h2 id=a>b</h2><h3 id=h_a>c<a id=d></h3><h4>e",
		"<summary>a<dt>b<figcaption>c<td>d<tr>e", "<ol start=3><li value=2>a<ul>b<dl>c", "<p class='intercom-align-center x'><img src=https://a.test/b> <hr>",
	} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, form := range rich {
			out := form.clean(s)
			judgeRich(t, form.class, s, out)
			if again := form.clean(out); again != out {
				t.Fatalf("%s: %q becomes %q becomes %q", form.name, s, out, again)
			}
		}
	})
}

// judgeRich holds HTML against the form of articles, or with another class of
// paragraphs that of news.
func judgeRich(t *testing.T, class, in, out string) {
	t.Helper()
	ids := map[string]bool{}
	judgeBy(t, func(t *testing.T, in, out string, n *html.Node) {
		t.Helper()
		if why := fault(n, class, ids); why != "" {
			t.Fatalf("%q becomes %q, where %s has %s", in, out, n.Data, why)
		}
		switch href := value(n, "href"); {
		case n.Data == "img":
			judgeURL(t, in, out, value(n, "src"), "https")
		case n.Data == "a" && !strings.HasPrefix(href, "#"):
			judgeURL(t, in, out, href, "http", "https", "mailto")
		}
	}, in, out)
}

// What may be in what: the elements within text, and for each other one where it
// may stand; where nothing is said, among blocks.
const (
	inlines = "a b br code em i img kbd mark s small strong sub sup u"
	flow    = "div blockquote li td th caption dd dt details summary figure figcaption"
)

var parents = map[string]string{
	"li": "ul ol", "dt": "dl", "dd": "dl", "summary": "details", "figcaption": "figure",
	"caption": "table", "thead": "table", "tbody": "table", "tfoot": "table", "tr": "thead tbody tfoot", "td": "tr", "th": "tr",
	"p": flow, "h1": flow, "h2": flow, "h3": flow, "h4": flow, "pre": flow, "blockquote": flow, "ul": flow, "ol": flow, "dl": flow,
	"hr": flow, "table": flow, "details": flow, "figure": flow, "iframe": flow, "div": flow,
}

// patterns are what the values of attributes are like, by element and name.
var patterns = func() map[string]*regexp.Regexp {
	const align, box = `intercom-align-(left|center|right|justify)`, `intercom-(container|align-[a-z]+|(interblocks|h2b)-[a-z0-9-]+)`
	number, id, text := `[1-9][0-9]{0,4}`, `h_[A-Za-z0-9_.:-]{1,128}`, `(?s).*`
	all := map[string]string{
		"a href": text, "a rel": "nofollow noopener noreferrer", "a target": "_blank", "a class": "intercom-h2b-button",
		"img src": "(?i)https://.+", "img alt": text, "img width": number, "img height": number,
		"iframe src":   `https://((www\.)?youtube(-nocookie)?\.com/embed|player\.vimeo\.com/video|(www\.)?loom\.com/embed|fast\.wistia\.(com|net)/embed/iframe)/[A-Za-z0-9_-]+(\?[a-z_]+=[A-Za-z0-9_.-]+(&[a-z_]+=[A-Za-z0-9_.-]+)*)?`,
		"iframe title": text, "iframe width": number, "iframe height": number, "iframe loading": "lazy", "iframe allowfullscreen": "true",
		"iframe sandbox": "allow-scripts allow-same-origin allow-presentation allow-popups",
		"iframe allow":   "fullscreen; picture-in-picture; encrypted-media", "iframe referrerpolicy": "strict-origin-when-cross-origin",
		"td colspan": number, "td rowspan": number, "th colspan": number, "th rowspan": number, "ol start": number,
		"details open": "", "dt id": id, "p class": `(no-margin ?)?(` + align + `( |$)){0,4}`,
	}
	for name := range strings.FieldsSeq("h1 h2 h3 h4") {
		all[name+" id"], all[name+" class"] = id, align+`( `+align+`){0,3}`
	}
	for name := range strings.FieldsSeq("div table thead tbody tfoot tr td th") {
		all[name+" class"] = box + `( ` + box + `){0,4}`
	}
	for name := range strings.FieldsSeq("pre code") {
		all[name+" class"] = `(hljs|lang(uage)?-[A-Za-z0-9.+#_-]+)( (hljs|lang(uage)?-[A-Za-z0-9.+#_-]+)){0,3}`
	}
	compiled := map[string]*regexp.Regexp{}
	for key, pattern := range all {
		compiled[key] = regexp.MustCompile(`^(` + pattern + `)$`)
	}
	return compiled
}()

// fault is what is wrong with an element of an article.
func fault(n *html.Node, class string, ids map[string]bool) string {
	parent := n.Parent.Data
	top := n.Parent.Parent == nil // the page's own div
	where, isBlock := parents[n.Data]
	switch {
	case n.Namespace != "":
		return "the namespace " + n.Namespace
	case isBlock && !slices.Contains(strings.Fields(where), parent) && !(top && where == flow):
		return "a place in " + parent
	case !isBlock && !slices.Contains(strings.Fields(inlines), n.Data):
		return "no business here"
	case !isBlock && top:
		return "no block around it"
	}
	seen := map[string]bool{}
	for _, a := range n.Attr {
		pattern := patterns[n.Data+" "+a.Key]
		switch {
		case a.Namespace != "" || pattern == nil || seen[a.Key]:
			return "the attribute " + a.Key
		case !pattern.MatchString(a.Val):
			return a.Key + "=" + a.Val
		case a.Key == "id" && ids[a.Val]:
			return "an id that was there before"
		case a.Key == "id":
			ids[a.Val] = true
		}
		seen[a.Key] = true
	}
	switch n.Data {
	case "p":
		if first, _, _ := strings.Cut(value(n, "class"), " "); class != "" && first != class || class == "" && first == "no-margin" {
			return "the class " + value(n, "class")
		}
	case "a":
		if id, ok := strings.CutPrefix(value(n, "href"), "#"); ok {
			if !patterns["dt id"].MatchString(id) || len(n.Attr) > 1 {
				return "an anchor that is none of ours"
			}
		} else if !seen["rel"] {
			return "no rel"
		}
		for up := n.Parent; up != nil; up = up.Parent {
			if up.Data == "a" {
				return "a link around it"
			}
		}
	case "iframe":
		u, err := url.Parse(value(n, "src"))
		hosts := []string{"www.youtube.com", "youtube.com", "www.youtube-nocookie.com", "youtube-nocookie.com", "player.vimeo.com",
			"www.loom.com", "loom.com", "fast.wistia.com", "fast.wistia.net"}
		if err != nil || u.Scheme != "https" || !slices.Contains(hosts, u.Host) || u.User != nil || !seen["sandbox"] || n.FirstChild != nil {
			return "the source " + value(n, "src")
		}
	}
	return ""
}

func value(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
