package richtext_test

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/go-json-experiment/json"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"parley/internal/richtext"
)

// vectors are attempts to run a script in the browser of whoever reads the text.
var vectors = []string{
	`<script>alert(1)</script>`,
	`<SCRIPT SRC=https://evil.test/x.js></SCRIPT>`,
	`<scr<script>ipt>alert(1)</scr</script>ipt>`,
	`<img src=x onerror=alert(1)>`,
	`<img src="https://a.test/a.png" onerror="alert(1)">`,
	`<img src="https://a.test/a.png"onload=alert(1)>`,
	`<img src='javascript:alert(1)'>`,
	`<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+">`,
	`<img/src="https://a.test/"/onerror=alert(1)>`,
	`<a href="javascript:alert(1)">a</a>`,
	`<a href="JaVaScRiPt:alert(1)">a</a>`,
	`<a href=" javascript:alert(1)">a</a>`,
	`<a href="java&#x09;script:alert(1)">a</a>`,
	`<a href="java&#10;script:alert(1)">a</a>`,
	`<a href="&#106;avascript:alert(1)">a</a>`,
	`<a href="&#x01;javascript:alert(1)">a</a>`,
	`<a href="vbscript:msgbox(1)">a</a>`,
	`<a href="data:text/html,<script>alert(1)</script>">a</a>`,
	`<a href="//evil.test">a</a>`,
	`<a href="https://a.test/" onmouseover="alert(1)">a</a>`,
	`<a href='https://a.test/"onmouseover="alert(1)'>a</a>`,
	"<a href=`javascript:alert(1)`>a</a>",
	`<p style="background:url(javascript:alert(1))">a</p>`,
	`<p onclick=alert(1) class=x id=x>a</p>`,
	`<style>@import 'https://evil.test';</style>`,
	`<link rel=stylesheet href=https://evil.test>`,
	`<meta http-equiv=refresh content="0;url=javascript:alert(1)">`,
	`<base href="javascript:alert(1)//">`,
	`<iframe src="javascript:alert(1)"></iframe>`,
	`<iframe srcdoc="<script>alert(1)</script>"></iframe>`,
	`<object data="javascript:alert(1)"></object><embed src="javascript:alert(1)">`,
	`<svg onload=alert(1)>`,
	`<svg><script>alert(1)</script></svg>`,
	`<svg><a xlink:href="javascript:alert(1)"><text>a</text></a></svg>`,
	`<svg><style><img src=x onerror=alert(1)></style></svg>`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
	`<math><a xlink:href="javascript:alert(1)">a</a></math>`,
	`<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>`,
	`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
	`<textarea><img title="</textarea><img src=x onerror=alert(1)>">`,
	`<title><img title="</title><img src=x onerror=alert(1)>">`,
	`<xmp><p title="</xmp><img src=x onerror=alert(1)>">`,
	`<template><script>alert(1)</script></template>`,
	`<select><style></select><img src=x onerror=alert(1)></style>`,
	`<details open ontoggle=alert(1)>a</details>`,
	`<video><source onerror=alert(1)></video><audio src=x onerror=alert(1)>`,
	`<body onload=alert(1)>a</body>`,
	`<input autofocus onfocus=alert(1)><button formaction=javascript:alert(1)>a</button>`,
	`<!--[if gte IE 4]><script>alert(1)</script><![endif]-->`,
	`<!--><img src=x onerror=alert(1)>-->`,
	`<![CDATA[<script>alert(1)</script>]]>`,
	`<?xml-stylesheet href="javascript:alert(1)"?>`,
	`&lt;script&gt;alert(1)&lt;/script&gt;<b>`,
	`<p>&lt;img src=x onerror=alert(1)&gt;</p>`,
	`<b/onclick=alert(1)//a</b>`,
	"<img\x00src=x onerror=alert(1)>",
	`<p>a</p><plaintext><script>alert(1)</script>`,
	`<a href="https://a.test"><table><td><a href="https://b.test" onclick=alert(1)>b`,
	`<ul><li onclick=alert(1)><blockquote cite="javascript:alert(1)">a`,
	`<font color="javascript:alert(1)"><span onclick=alert(1)>a`,

	// Of the classes of the OWASP XSS Filter Evasion Cheat Sheet and of the known
	// ways to make a second reading differ from the first.
	`<a href="java&Tab;script:alert(1)">a</a>`,
	`<a href="java&NewLine;script:alert(1)">a</a>`,
	`<a href="javascript&colon;alert(1)">a</a>`,
	`<a href="&#0000106&#0000097&#0000118&#0000097&#0000115&#0000099&#0000114&#0000105&#0000112&#0000116&#0000058alert(1)">a</a>`,
	`<a href="&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3Aalert(1)">a</a>`,
	`<a href="%6Aavascript:alert(1)">a</a>`,
	`<a href="javascript%3Aalert(1)">a</a>`,
	`<a href="https:javascript:alert(1)">a</a>`,
	`<a href="http:&#10;javascript:alert(1)">a</a>`,
	`<a href="mailto:javascript:alert(1)">a</a>`,
	`<a href="https://javascript:alert(1)">a</a>`,
	`<a href="https://a.test/&quot;onmouseover=&quot;alert(1)">a</a>`,
	`<a href="https://a.test/&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;">a</a>`,
	`<a href="https://a.test/#<img src=x onerror=alert(1)>">a</a>`,
	`<a href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">a</a>`,
	`<a href="feed:javascript:alert(1)">a</a>`,
	`<a href="view-source:javascript:alert(1)">a</a>`,
	`<a href="jar:https://a.test/x!/">a</a>`,
	`<a href="blob:https://a.test/1">a</a>`,
	`<a href="file:///etc/passwd">a</a>`,
	`<a href="livescript:alert(1)">a</a><a href="mocha:alert(1)">b</a>`,
	"<a href=\"\u2028javascript:alert(1)\">a</a>",
	"<a href=\"\u00a0javascript:alert(1)\">a</a>",
	"<a href=\"ja\x00vascript:alert(1)\">a</a>",
	"<a href=\"\x1bjavascript:alert(1)\">a</a>",
	"<a href=\"java\u200bscript:alert(1)\">a</a>",
	"<a href=\"ｊａｖａｓｃｒｉｐｔ:alert(1)\">a</a>",
	"<a href=\"javaſcript:alert(1)\">a</a>",
	`<a href="\\evil.test">a</a><a href="/\evil.test">b</a><a href="https:/\evil.test">c</a>`,
	`<a href=https://a.test/onclick=alert(1)>a</a>`,
	`<a href=https://a.test"onclick="alert(1)>a</a>`,
	`<a title=">" onclick=alert(1) href=https://a.test>a</a>`,
	`<a href="https://a.test" target="_self" download ping="https://evil.test">a</a>`,
	`<a href="https://a.test" style="position:fixed;inset:0">a</a>`,
	`<img src="https://a.test/a.png" srcset="javascript:alert(1) 1x">`,
	`<img src="https://a.test/a.png" alt="&quot;onerror=&quot;alert(1)">`,
	"<img src=\"https://a.test/a.png\" alt=\"`onerror=alert(1)\">",
	`<img src="https://a.test/a.png" alt='"><script>alert(1)</script>'>`,
	`<img src="https://a.test/a.png" longdesc="javascript:alert(1)" usemap="#x" ismap>`,
	`<img src="HTTPS://a.test/%22onerror=%22alert(1)">`,
	`<img src=https://a.test/a.png?'><script>alert(1)</script>>`,
	`<img dynsrc="javascript:alert(1)" lowsrc="javascript:alert(1)">`,
	`<image src=x onerror=alert(1)>`,
	`<img """><script>alert(1)</script>">`,
	`<<script>alert(1);//<</script>`,
	`<script/src=//evil.test></script/x>`,
	"<script\t\n\f>alert(1)</script\t\n>",
	`<script x=">" >alert(1)</script>`,
	`<script><!--<script></script>alert(1)--></script>`,
	`</script><script>alert(1)</script>`,
	`<ScRiPt>alert(1)</sCrIpT>`,
	`<script>alert(1)`,
	`<s<!-- -->cript>alert(1)</script>`,
	`<svg/onload=alert(1)>`,
	`<svg><script>alert&#40;1)</script></svg>`,
	`<svg><script/href="data:,alert(1)"/>`,
	`<svg><animate onbegin=alert(1) attributeName=x dur=1s>`,
	`<svg><a><animate attributeName=href values=javascript:alert(1) /><text y=20>a</text></a></svg>`,
	`<svg><use href="data:image/svg+xml,<svg id='x' onload='alert(1)'/>#x"/></svg>`,
	`<svg><foreignObject><iframe src=javascript:alert(1)></foreignObject></svg>`,
	`<svg><p><style><a id="</style><img src=1 onerror=alert(1)>">`,
	`<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">`,
	`<svg><title><style><img src=x onerror=alert(1)></style></title></svg>`,
	`<svg><![CDATA[<img src=x onerror=alert(1)>]]></svg>`,
	`<math></p><style><!--</style><img src/onerror=alert(1)>`,
	`<math><mtext><h1><a><h6></a></h6><mglyph><svg><mtext><style><a title="</style><img src onerror=alert(1)>"></style></h1>`,
	`<math><mi//xlink:href="data:x,<script>alert(1)</script>">`,
	`<math><annotation-xml encoding="text/html"><style><img src=x onerror=alert(1)></style></annotation-xml></math>`,
	`<math><maction actiontype="statusline#https://a.test" xlink:href="javascript:alert(1)">a</maction></math>`,
	`<form><div></form><form id=x><input name=attributes></div><img src=x onerror=alert(1)>`,
	`<table><script>alert(1)</script><tr><td><img src=x onerror=alert(1)></table>`,
	`<table><caption><svg><style></caption><img src=x onerror=alert(1)></style>`,
	`<noembed><img title="</noembed><img src onerror=alert(1)>"></noembed>`,
	`<noframes><img title="</noframes><img src onerror=alert(1)>"></noframes>`,
	`<iframe><img title="</iframe><img src onerror=alert(1)>"></iframe>`,
	`<style><img title="</style><img src onerror=alert(1)>"></style>`,
	`<script><img title="</script><img src onerror=alert(1)>"></script>`,
	`<option><style></option></select><b><img src=x onerror=alert(1)></style></option>`,
	`<select><math><mtext><img src=x onerror=alert(1)></mtext></math></select>`,
	`<template><template><img src=x onerror=alert(1)></template></template>`,
	`<template shadowrootmode=open><img src=x onerror=alert(1)></template>`,
	`<frameset onload=alert(1)><frame src=javascript:alert(1)></frameset>`,
	`<listing>&lt;img src=x onerror=alert(1)&gt;</listing>`,
	`<textarea>&lt;/textarea&gt;<img src=x onerror=alert(1)></textarea>`,
	`<xmp>&lt;/xmp><img src=x onerror=alert(1)>`,
	`<p title="&lt;/p&gt;&lt;img src=x onerror=alert(1)&gt;">a</p>`,
	`<pre>&lt;script&gt;alert(1)&lt;/script&gt;</pre>`,
	`<code>&#60;script&#62;alert(1)&#60;/script&#62;</code>`,
	`&amp;lt;img src=x onerror=alert(1)&amp;gt;<br>`,
	`&lt;<b>script</b>&gt;alert(1)`,
	`<<b>script>alert(1)<</b>/script>`,
	`<b><![CDATA[</b><script>alert(1)</script>]]>`,
	`<!-- a --!><script>alert(1)</script><!-- -->`,
	`<!-- a -- > <script>alert(1)</script> -->`,
	`<!---><script>alert(1)</script>-->`,
	`<!doctype html [<!ENTITY x "<script>alert(1)</script>">]><p>&x;`,
	`<?php echo 1 ?><script>alert(1)</script>`,
	`<%<script>alert(1)</script>%>`,
	`</ <script>alert(1)</script>>`,
	`<//><img src=x onerror=alert(1)>`,
	`<p/onclick="alert(1)"/id=x>a`,
	`<p =onclick=alert(1)>a</p>`,
	`<p "onclick"="alert(1)" 'x'>a</p>`,
	"<p\x0bonclick=alert(1)>a</p>",
	"<p\u00a0onclick=alert(1)>a</p>",
	`<p onclick&#61;alert(1)>a</p>`,
	`<p id=getElementById name=cookie class=modal data-bind="alert(1)" v-html="x" ng-app x-on:click="alert(1)">{{constructor.constructor('alert(1)')()}}</p>`,
	`<div style="background-image:\0075\0072\006C\0028'\006a\0061\0076\0061\0073\0063\0072\0069\0070\0074\003a\0061'">a</div>`,
	`<div style="width:expression(alert(1))" dir=rtl hidden contenteditable autofocus tabindex=1 onfocus=alert(1)>a</div>`,
	`<span style="animation:x" onanimationstart=alert(1) popover ontoggle=alert(1)>a</span>`,
	`<font face="x" size="-1" color="red;}</style><script>alert(1)</script>">a</font>`,
	`<ol start="javascript:alert(1)" type="1" reversed><li value="x" onclick=alert(1)>a</ol>`,
	`<marquee onstart=alert(1)>a</marquee><bgsound src="javascript:alert(1)"><layer src=x></layer>`,
	`<object data="javascript:alert(1)"><param name=x value=y></object><embed src="data:text/html,x"><applet code=x>`,
	`<iframe src="javascript:alert(1)"></iframe><iframe srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;"></iframe>`,
	`<portal src="javascript:alert(1)"></portal><fencedframe></fencedframe><slot onslotchange=alert(1)></slot>`,
	`<video poster="javascript:alert(1)" onloadstart=alert(1)><track kind=metadata src=x></video>`,
	`<isindex type=image src=1 onerror=alert(1)><keygen autofocus onfocus=alert(1)>`,
	`<link rel=import href="data:text/html,&lt;script&gt;alert(1)&lt;/script&gt;"><meta charset=utf-7>+ADw-script+AD4-alert(1)`,
	`<a><b><p></a><a href="javascript:alert(1)"></b></p>a`,
	`<b><a href="https://a.test"><ul><li></b><a href="javascript:alert(1)">a`,
	`<p><a href="https://a.test"><p><a href="https://b.test"><p onclick=alert(1)>`,
	strings.Repeat("<div>", 600) + `<img src=x onerror=alert(1)>`,
	strings.Repeat("<font>", 200) + `<p><style><!--</style><img src=x onerror=alert(1)>-->`,
	strings.Repeat("<", 3000) + `script>alert(1)</script>`,

	// Of what makes links of plain text.
	`http://a.test/"onmouseover="alert(1)`,
	`http://a.test/'onmouseover='alert(1)`,
	`http://a.test/><script>alert(1)</script>`,
	`http://a.test/&quot;onmouseover=&quot;alert(1)`,
	`http://a.test/?x=&#34;onmouseover=alert(1)`,
	`http://a.test/?"><img/src=x/onerror=alert(1)>`,
	"http://a.test/\tonmouseover=alert(1)",
	"http://a.test/\u2028onmouseover=alert(1)",
	"http://a.test/`onmouseover=alert(1)",
	`http://"onmouseover=alert(1)`,
	`http://javascript:alert(1)`,
	`javascript:http://a.test/%0aalert(1)`,
	`javascript://www.a.test/%0aalert(1)`,
	`data:text/html,http://a.test/<script>alert(1)</script>`,
	`www.a.test"onmouseover="alert(1)`,
	`www.javascript:alert(1).test`,
	`ann@acme.test"onmouseover="alert(1)`,
	`"onmouseover=alert(1)"ann@acme.test`,
	`javascript:alert(1)//ann@acme.test`,
	`ann@acme.test?subject=<script>alert(1)</script>`,
	`http://a.test/{{constructor.constructor('alert(1)')()}}`,
	`[a](javascript:alert(1)) ![a](http://a.test/"onerror="alert(1))`,
}

// corpus is vectors, and those that others test with.
func corpus(t testing.TB) []string {
	t.Helper()
	all := slices.Clone(vectors)
	files, err := filepath.Glob("testdata/xss/*.txt")
	if err != nil || len(files) != 3 {
		t.Fatalf("the files of vectors are %v, %v", files, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			var v string
			if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
				continue
			}
			if err := json.Unmarshal([]byte(line), &v); err != nil {
				t.Fatalf("%s: %v: %s", name, err, line)
			}
			all = append(all, v)
		}
	}
	return all
}

// TestVectors holds what becomes of each vector, alone and where a person would
// paste it, against a list of what may be in HTML.
func TestVectors(t *testing.T) {
	t.Parallel()
	all := corpus(t)
	if len(all) < 500 {
		t.Fatalf("there are only %d vectors", len(all))
	}
	seen := map[string]bool{}
	for _, v := range all {
		for _, in := range []string{v, "<p>Hello " + v + " there</p>", `<a href="` + v + `">a</a>`, `<a href='` + v + `'>a</a>`,
			"<img src=\"https://a.test/" + v + `" alt="` + v + `">`, "<pre>" + v, "<ul><li>" + v + "<li>", "http://a.test/" + v} {
			for _, f := range []func(string) string{richtext.Sanitize, richtext.FromInput, richtext.FromText} {
				if out := f(in); isNew(seen, out) {
					judge(t, in, out)
				}
			}
		}
	}
}

// isNew reports whether a text is not among those seen, and puts it there. What is
// judged is what came out alone, and many attempts become the same.
func isNew(seen map[string]bool, text string) bool {
	if seen[text] {
		return false
	}
	seen[text] = true
	return true
}

func FuzzSanitize(f *testing.F) {
	for _, v := range corpus(f) {
		f.Add(v)
	}
	for _, v := range []string{
		"a\n\nb", "<ul><li>a<ol><p>b", "<pre>\n\n<p>a", "<b><p>a</b>b", "<a href=https://a.test><p><a href=https://b.test>",
		"<table><a href=https://a.test><tr><a>", "<h1><p>a</h1>", "<br>\n<br> <b> \n</b>", "<p>\r\na &amp;lt; </p>",
		"<i><b><i><b>a</i></b>c", "<img src=https://a.test/%zz alt='<'>", "<li><li><ul><b><ul>",
	} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, clean := range []string{richtext.Sanitize(s), richtext.FromInput(s)} {
			judge(t, s, clean)
			if again := richtext.Sanitize(clean); again != clean {
				t.Fatalf("%q becomes %q becomes %q", s, clean, again)
			}
		}
	})
}

func FuzzFromText(f *testing.F) {
	for _, v := range corpus(f) {
		f.Add(v)
	}
	for _, v := range []string{
		"See http://a.test/b_(c)?d=e&f=g#h, www.b.test or (ann@acme.test).", "http://é.test/é?é#é https://a:b@c.test:8/", "HTTP://A.TEST/%41%zz",
		"ann@acme.test@b.test 'a'@b.test", " a \r\n\f\n b\x00c\n\n\n http://[::1]/", "http://a.test/)](", "www.a.test. www.a.test\u200b.",
	} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, s string) {
		plain := richtext.FromText(s)
		judge(t, s, plain)
		if clean := richtext.Sanitize(plain); clean != plain {
			t.Fatalf("the text %q becomes %q, and that, cleaned, %q", s, plain, clean)
		}
		if again := richtext.FromText(richtext.Text(plain)); again != plain {
			t.Fatalf("the text %q becomes %q, and that, read as text, %q", s, plain, again)
		}
	})
}

// judge holds HTML against the form of messages.
func judge(t *testing.T, in, out string) {
	t.Helper()
	judgeBy(t, judgeMessage, in, out)
}

// judgeBy reads HTML as a browser does, with the parser and not with the sanitiser,
// and fails unless it is of a safe form: listed elements with listed attributes,
// links to listed schemes however they are spelled, the same tree when it is
// written and read again, and no more in its plain text than its text.
func judgeBy(t *testing.T, judgeElement func(t *testing.T, in, out string, n *html.Node), in, out string) {
	t.Helper()
	for tokens := html.NewTokenizer(strings.NewReader(out)); tokens.Next() != html.ErrorToken; {
		if token := tokens.Token(); token.Type == html.CommentToken || token.Type == html.DoctypeToken {
			t.Fatalf("%q becomes %q, which has %q in it", in, out, token)
		}
	}
	var text strings.Builder
	tree := parse(t, out)
	for n := range tree.Descendants() {
		switch n.Type {
		case html.TextNode:
			text.WriteString(n.Data)
		case html.ElementNode:
			judgeElement(t, in, out, n)
		default:
			t.Fatalf("%q becomes %q, which has a node of type %d in it: %q", in, out, n.Type, n.Data)
		}
	}
	written := render(t, tree)
	if again := render(t, parse(t, written)); again != written {
		t.Fatalf("%q becomes %q, which is read as %q and then as %q", in, out, written, again)
	}
	if plain := withoutSpace(richtext.Text(out)); plain != withoutSpace(text.String()) {
		t.Fatalf("%q becomes %q, of which the text is %q and not %q", in, out, plain, text.String())
	}
}

// ofMessages are the elements of messages, with their attributes.
var ofMessages = func() map[string][]string {
	allowed := map[string][]string{"a": {"href", "rel"}, "img": {"src", "alt"}}
	for name := range strings.FieldsSeq("p h1 h2 h3 h4 pre blockquote ul ol li b strong i em u s code br") {
		allowed[name] = nil
	}
	return allowed
}()

func judgeMessage(t *testing.T, in, out string, n *html.Node) {
	t.Helper()
	attributes, ok := ofMessages[n.Data]
	if !ok || n.Namespace != "" {
		t.Fatalf("%q becomes %q, which has a %s in it", in, out, n.Data)
	}
	for _, a := range n.Attr {
		if !slices.Contains(attributes, a.Key) || a.Namespace != "" {
			t.Fatalf("%q becomes %q, which has %s on %s", in, out, a.Key, n.Data)
		}
		switch n.Data + " " + a.Key {
		case "a href":
			judgeURL(t, in, out, a.Val, "http", "https", "mailto")
		case "img src":
			judgeURL(t, in, out, a.Val, "https")
		case "a rel":
			if a.Val != "nofollow noopener noreferrer" {
				t.Fatalf("%q becomes %q, with a link whose rel is %q", in, out, a.Val)
			}
		}
	}
}

// judgeURL fails unless a URL begins with one of the schemes, as it is and however
// often it is decoded.
func judgeURL(t *testing.T, in, out, address string, schemes ...string) {
	t.Helper()
	for range 4 {
		// A browser passes over these.
		address = strings.Map(func(r rune) rune {
			if r <= ' ' || r == '\x7f' || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
				return -1
			}
			return r
		}, address)
		scheme, _, ok := strings.Cut(address, ":")
		if !ok || !slices.Contains(schemes, strings.ToLower(scheme)) {
			t.Fatalf("%q becomes %q, which leads to %q", in, out, address)
		}
		address = html.UnescapeString(address)
		if decoded, err := url.PathUnescape(address); err == nil {
			address = decoded
		}
	}
}

func parse(t *testing.T, s string) *html.Node {
	t.Helper()
	// As a browser reads what is put into an element of a page.
	div := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(strings.NewReader(s), div)
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	for _, n := range nodes {
		div.AppendChild(n)
	}
	return div
}

func render(t *testing.T, n *html.Node) string {
	t.Helper()
	var out strings.Builder
	for c := range n.ChildNodes() {
		if err := html.Render(&out, c); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

func withoutSpace(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n\f\r", r) {
			return -1
		}
		return r
	}, s)
}
