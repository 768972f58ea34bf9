package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"golang.org/x/net/html"

	"parley/internal/apptest"
	"parley/internal/means"
)

// hostile are texts that run a script, or load or send something, in the browser of whoever is
// shown them as HTML. Those of package richtext are many more; these are of each class one or two,
// for each field that is shown as HTML to be tried with all of them.
var hostile = []string{
	// what acts by itself
	`<script>__xss()</script>`, `<script src=//evil.test/x.js></script>`, `<img src=x onerror=__xss()>`, `<svg onload=__xss()>`, `<body onload=__xss()>`,
	`<details open ontoggle=__xss()>`, `<input autofocus onfocus=__xss()>`, `<video><source onerror=__xss()></video>`, `<marquee onstart=__xss()>`,
	`<p style="animation:x" onanimationstart=__xss()>a</p>`, `<iframe src="javascript:__xss()"></iframe>`, `<iframe srcdoc="&lt;script&gt;__xss()&lt;/script&gt;"></iframe>`,
	`<object data="javascript:__xss()"></object>`, `<embed src="data:text/html,<script>__xss()</script>">`, `<meta http-equiv=refresh content="0;url=javascript:__xss()">`,
	`<base href="https://evil.test/">`, `<link rel=stylesheet href=https://evil.test/x.css>`, `<style>*{background:url(https://evil.test/)}</style>`,
	`<div style="background:url(https://evil.test/)">a</div>`, `<template shadowrootmode=open><img src=x onerror=__xss()></template>`,
	// what waits for a click
	`<a href="javascript:__xss()">a</a>`, `<a href="JaVaScRiPt:__xss()">a</a>`, `<a href=" &#1;javascript:__xss()">a</a>`, "<a href=\"java\tscript:__xss()\">a</a>",
	"<a href=\"java\nscript:__xss()\">a</a>", `<a href="java&#x09;script:__xss()">a</a>`, `<a href="javascript&colon;__xss()">a</a>`, `<a href="&#106;avascript:__xss()">a</a>`,
	`<a href="vbscript:__xss()">a</a>`, `<a href="data:text/html;base64,PHNjcmlwdD5fX3hzcygpPC9zY3JpcHQ+">a</a>`, `<a href="https://a.test" onclick=__xss()>a</a>`,
	`<a href='https://a.test/"onmouseover="__xss()'>a</a>`, `<form action="https://evil.test/"><button formaction="javascript:__xss()">a</button></form>`,
	`<isindex type=image src=1 onerror=__xss()>`, `<area href="javascript:__xss()">`,
	// what another reading makes of it
	`<svg><script>__xss()</script></svg>`, `<svg><a xlink:href="javascript:__xss()"><text>a</text></a></svg>`, `<svg><style><img src=x onerror=__xss()></style></svg>`,
	`<svg></p><style><a id="</style><img src=1 onerror=__xss()>">`, `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=__xss()&gt;">`,
	`<form><math><mtext></form><form><mglyph><style></math><img src onerror=__xss()>`, `<math><annotation-xml encoding="text/html"><img src=x onerror=__xss()></annotation-xml></math>`,
	`<noscript><p title="</noscript><img src=x onerror=__xss()>">`, `<textarea><p title="</textarea><img src=x onerror=__xss()>">`, `<xmp><p title="</xmp><img src=x onerror=__xss()>">`,
	`<template><p title="</template><img src=x onerror=__xss()>">`, `<select><style></select><img src=x onerror=__xss()></style>`, `<title><p title="</title><img src=x onerror=__xss()>">`,
	`<!--><img src=x onerror=__xss()>-->`, `<!-- --!><img src=x onerror=__xss()>`, `<![CDATA[<img src=x onerror=__xss()>]]>`, `<?x <img src=x onerror=__xss()> ?>`,
	`<scr<script>ipt>__xss()</scr</script>ipt>`, `<img src="https://a.test/" alt="` + "`" + `"onerror=__xss()>`, `<<img src=x onerror=__xss()>`, `<plaintext><img src=x onerror=__xss()>`,
	`&lt;img src=x onerror=__xss()&gt;<b>`, `&amp;lt;img src=x onerror=__xss()&amp;gt;<br>`, `<p id=body name=cookie class="x" data-x=1>a</p>`,
	// what is made a link, or is no HTML
	`http://a.test/"onmouseover="__xss()`, `[a](javascript:__xss())`, `![a](https://a.test/"onerror="__xss())`, "http://a.test/\u2028onmouseover=__xss()",
	"<a href=\"https://a.test/\u202e\">a</a>", strings.Repeat("<div>", 500) + `<img src=x onerror=__xss()>`, strings.Repeat("<", 2000) + `img src=x onerror=__xss()>`,
}

// htmlFields are the members of requests that are shown as HTML, with a request for each operation
// that has one; VECTOR stands for the text.
var htmlFields = map[string]struct{ method, path, body string }{
	"createNote body":          {"POST", "/contacts/<contact>/notes", `{"admin_id":1,"body":VECTOR}`},
	"createConversation body":  {"POST", "/conversations", `{"from":{"type":"user","id":"<contact>"},"body":VECTOR}`},
	"replyConversation body":   {"POST", "/conversations/1/reply", `{"message_type":"comment","type":"admin","admin_id":1,"body":VECTOR}`},
	"manageConversation body":  {"POST", "/conversations/1/parts", `{"message_type":"close","type":"admin","admin_id":1,"body":VECTOR}`},
	"createMessage body":       {"POST", "/messages", `{"message_type":"email","subject":"x","template":"plain","from":{"type":"admin","id":"1"},"to":{"type":"user","id":"<contact>"},"body":VECTOR}`},
	"replyTicket body":         {"POST", "/tickets/3/reply", `{"message_type":"note","type":"admin","admin_id":1,"body":VECTOR}`},
	"createArticle body":       {"POST", "/articles", `{"title":"x","author_id":1,"body":VECTOR}`},
	"createArticle translated": {"POST", "/articles", `{"title":"x","author_id":1,"translated_content":{"pt":{"title":"x","body":VECTOR}}}`},
	"updateArticle body":       {"PUT", "/articles/1", `{"body":VECTOR}`},
	"updateArticle translated": {"PUT", "/articles/1", `{"translated_content":{"pt":{"title":"x","body":VECTOR}}}`},
	"createNewsItem body":      {"POST", "/news/news_items", `{"title":"x","sender_id":1,"state":"live","body":VECTOR}`},
	"updateNewsItem body":      {"PUT", "/news/news_items/1", `{"title":"x","sender_id":1,"body":VECTOR}`},
}

// echoes are those whose own answer repeats to the sender what was sent, as the live API's does. What
// is kept of it is judged where others are shown it.
var echoes = map[string]bool{"createConversation body": true, "createMessage body": true}

// TestHostileHTML writes hostile texts into the fields that are shown as HTML, and reads every
// member of an answer that carries HTML, at once and where it is shown later, with the parser of a
// browser's kind: nothing is in it that is not harmless by itself. A third of the texts goes into
// each field, the others into one after the other: what is made of them is one function's.
func TestHostileHTML(t *testing.T) {
	t.Parallel()
	r := apptest.New(t).Unjudged()
	r.Furnish(t, "amber")
	contact := r.Post(t, "/contacts", `{"role":"user","external_id":"joe","email":"joe@acme.test"}`).OK().ID()
	if len(hostile) < 60 {
		t.Fatalf("there are %d hostile texts", len(hostile))
	}
	judged := 0
	for i, field := range slices.Sorted(maps.Keys(htmlFields)) {
		f := htmlFields[field]
		for j, text := range hostile {
			if !means.Third(text) && j%len(htmlFields) != i {
				continue
			}
			a := r.Do(t, f.method, fill(f.path, "<contact>", contact), fill(f.body, "<contact>", contact, "VECTOR", quoted(t, text)))
			// A text of which nothing is left may be none.
			if a.Status != 200 && a.Status != 400 {
				t.Errorf("%s with %s is answered %d %s", field, text, a.Status, a.Body)
			}
			if !echoes[field] {
				judged += judgeAnswer(t, field+" with "+text, a)
			}
		}
	}
	for _, shown := range []string{"/contacts/" + contact + "/notes?per_page=50", "/conversations/1", "/conversations?per_page=50", "/tickets/3", "/articles?per_page=50", "/articles/1",
		"/articles/search?phrase=xss", "/news/news_items?per_page=50", "/news/newsfeeds/1/items?per_page=50"} {
		judged += judgeAnswer(t, shown, r.Get(t, shown).OK())
	}
	sent := r.AsDeveloper().Get(t, "/_parley/workspaces/"+string(r.Workspace.ID)+"/outbox?per_page=50").OK()
	judged += judgeAnswer(t, "the outbox", sent)
	if judged < 4*len(hostile) {
		t.Errorf("%d texts were judged", judged)
	}
	m := &matrix{t: t, r: r, operations: map[string]*matrixOperation{}, routes: http.NewServeMux()}
	m.read()
	for id, op := range m.operations {
		if _, listed := htmlFields[id+" body"]; op.takesText && !listed && !op.dev {
			t.Errorf("%s takes a body: say how in htmlFields", id)
		}
	}
}

func quoted(t *testing.T, text string) string {
	t.Helper()
	q, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(q)
}

// judgeAnswer reads all members of an answer that carry HTML, and tells how many there were.
func judgeAnswer(t *testing.T, what string, a *apptest.Answer) (judged int) {
	t.Helper()
	if kind, sniff := a.Header.Get("Content-Type"), a.Header.Get("X-Content-Type-Options"); !strings.HasPrefix(kind, "application/json") || sniff != "nosniff" {
		t.Fatalf("%s is answered as %q, %q: a browser might take it for a page", what, kind, sniff)
	}
	var tree any
	a.Decode(&tree)
	var walk func(name string, v any)
	walk = func(name string, v any) {
		switch v := v.(type) {
		case object:
			_, mail := v["html"]
			for name, member := range v {
				if !mail || name != "body" { // which is the text for those who do not want HTML
					walk(name, member)
				}
			}
		case []any:
			for _, item := range v {
				walk(name, item)
			}
		case string:
			if name == "body" || name == "html" || name == "highlighted_body" {
				judged++
				if why := harm(v, name == "html"); why != "" {
					t.Errorf("%s shows %q, which has %s", what, v, why)
				}
			}
		}
	}
	walk("", tree)
	return judged
}

// harm is what a piece of HTML has that is not harmless by itself. A mail is a document of its own,
// with a head of ours.
func harm(text string, mail bool) string {
	if !mail {
		text = "<!doctype html><body>" + text
	}
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return err.Error()
	}
	for n := range root.Descendants() {
		switch {
		case n.Type == html.CommentNode:
			return "a comment"
		case n.Type != html.ElementNode || n.Data == "html" || n.Data == "head" || n.Data == "body":
			if !mail && len(n.Attr) > 0 {
				return "attributes of " + n.Data
			}
		case mail && n.Parent.Data == "head" && n.Namespace == "" && (n.Data == "title" || n.Data == "meta" && n.Attr[0].Key != "http-equiv"):
			continue
		case n.Namespace != "" || !harmless[n.Data]:
			return "the element " + n.Data
		}
		for _, a := range n.Attr {
			switch a.Key {
			case "href", "src":
				u, err := url.Parse(strings.TrimSpace(a.Val))
				if err != nil || !slices.Contains([]string{"http", "https", "mailto"}, u.Scheme) && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "//") {
					return fmt.Sprintf("the URL %q", a.Val)
				}
			case "style":
				if strings.ContainsAny(a.Val, "(@\\") {
					return "the style " + a.Val
				}
			case "alt", "class", "id", "name", "rel", "target", "title", "colspan", "rowspan", "start", "open", "width", "height", "allowfullscreen", "frameborder",
				"referrerpolicy", "sandbox", "allow":
			default:
				return "the attribute " + a.Key
			}
		}
	}
	return ""
}

// harmless are elements that load nothing and do nothing, but for images and players, whose URLs
// are looked at.
var harmless = set(`a abbr acronym address article aside b bdi bdo big blockquote br center cite code data dd del details dfn dir div dl dt em figcaption figure
	font footer h1 h2 h3 h4 h5 h6 header hgroup hr i iframe img ins kbd label li main mark menu nav nobr ol p pre q rb rp rt rtc ruby s samp section small span
	strike strong sub summary sup table caption thead tbody tfoot tr td th time tt u ul var wbr`)

func set(words string) map[string]bool {
	all := map[string]bool{}
	for _, w := range strings.Fields(words) {
		all[w] = true
	}
	return all
}
