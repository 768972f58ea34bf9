package richtext_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"parley/internal/richtext"
)

func TestFromInput(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"only space", " \n\t", ""},
		{"a word", "Hello", "<p>Hello</p>"},
		{"punctuation stays", `It's "fine" :)`, `<p>It's "fine" :)</p>`},
		{"special characters", "a < b && c > d", "<p>a &lt; b &amp;&amp; c &gt; d</p>"},
		{"an entity is text", "Tom &amp; Ann", "<p>Tom &amp;amp; Ann</p>"},
		{"lines", "one\ntwo\r\nthree\rfour", "<p>one<br>two<br>three<br>four</p>"},
		{"paragraphs", "\n\none\n\n \n\ntwo\n", "<p>one</p>\n<p>two</p>"},
		{"an address in angle brackets", "Ann <ann@acme.test>", "<p>Ann &lt;ann@acme.test&gt;</p>"},
		{"a type in angle brackets", "List<String>", "<p>List&lt;String&gt;</p>"},
		{"a heart", "I <3 you", "<p>I &lt;3 you</p>"},
		{"an unfinished tag", "if x <a then", "<p>if x &lt;a then</p>"},
		{"space within a line", "a  b", "<p>a  b</p>"},
		{"not UTF-8", "a\xffb", "<p>a\uFFFDb</p>"},

		{"a paragraph", "<p>This is a note.</p>", "<p>This is a note.</p>"},
		{"text around a tag", "Hello <b>world</b>", "<p>Hello <b>world</b></p>"},
		{"wrappers and indentation", "<html> <body>  <h2>List</h2>\n  <ul>\n    <li>Coffee</li>\n <li>Tea</li>  </ul>  </body></html>",
			"<h2>List</h2>\n<ul>\n<li>Coffee</li>\n<li>Tea</li>\n</ul>"},
		{"a list in a list", "<ul><li>a<ul><li>b</li></ul></li></ul>",
			"<ul>\n<li>\n<p>a</p>\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>"},
		{"a list without items", "<ol>one<b>two</b></ol>", "<ol>\n<li>one</li>\n<li><b>two</b></li>\n</ol>"},
		{"an item without a list", "<li>one</li>", "<p>one</p>"},
		{"lines of an editor", "<div>one</div><div><br></div><div>two</div>", "<p>one</p>\n<p><br></p>\n<p>two</p>"},
		{"a div around blocks", "<div><p>one</p>two</div>", "<p>one</p>\n<p>two</p>"},
		{"a span", "fo<span style='color:red'>o</span>", "<p>foo</p>"},
		{"table cells", "<table><tr><td>a</td><td>b</td></tr></table>", "<p>a  b</p>"},
		{"small headings", "<h6>a</h6>", "<h4>a</h4>"},
		{"struck out", "<del>a</del><strike>b</strike>", "<p><s>a</s><s>b</s></p>"},
		{"code", "<pre>\n\n a\n  b\n</pre><code>x</code>", "<pre> a\n  b</pre>\n<p><code>x</code></p>"},
		{"a quote", "<blockquote>a</blockquote><blockquote><p>a</p><p>b</p></blockquote>",
			"<blockquote>a</blockquote>\n<blockquote>\n<p>a</p>\n<p>b</p>\n</blockquote>"},
		{"bold around a block", "<b><p>a</p></b>", "<p>a</p>"},
		{"bold in bold", "<b>a<b>b</b></b>", "<p><b>ab</b></p>"},
		{"nothing in an element", "<p></p><b></b><ul></ul><ul><li></li></ul>", ""},
		{"left open", "<b>a", "<p><b>a</b></p>"},
		{"a link", `<a href="https://a.test/?b=1&c=2" onclick="x()" target=_top>a</a>`,
			`<p><a href="https://a.test/?b=1&amp;c=2" rel="nofollow noopener noreferrer">a</a></p>`},
		{"a mail link", `<a href="mailto:ann@acme.test">a</a>`,
			`<p><a href="mailto:ann@acme.test" rel="nofollow noopener noreferrer">a</a></p>`},
		{"a relative link", `<a href="/a">a</a>`, `<p>a</p>`},
		{"an image", `<img src="https://a.test/a.png" width=1 alt="it's &quot;a&quot;">`,
			`<p><img src="https://a.test/a.png" alt="it's &#34;a&#34;"></p>`},
		{"an image that is not secret", `a<img src="http://a.test/a.png">`, `<p>a</p>`},
		{"quotes in HTML", `<p>It's "fine"</p>`, `<p>It's "fine"</p>`},
		{"entities in HTML", "<p>&lt;b&gt; &eacute; &nbsp;</p>", "<p>&lt;b&gt; é \u00a0</p>"},
		{"deep", strings.Repeat("<b><i>", 400) + "a", "<p>a</p>"},
		{"growing", "<p><b><i><u><s><em><strong><code><del><strike></p>" + strings.Repeat("<p>x", 100),
			"<p>x</p>" + strings.Repeat("\n<p>x</p>", 99)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := richtext.FromInput(c.in)
			if got != c.want {
				t.Errorf("FromInput(%q)\n got %q\nwant %q", c.in, got, c.want)
			}
			if again := richtext.FromInput(got); again != got && got != "" {
				t.Errorf("twice it becomes %q", again)
			}
		})
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"a paragraph", "<p>It&#39;s</p>", "It's"},
		{"paragraphs and lines", "<p>one<br>two</p>\n<p>three</p>", "one\ntwo\n\nthree"},
		{"a list", "<p>Buy</p>\n<ul>\n<li>Coffee</li>\n<li>Tea</li>\n</ul>", "Buy\n\nCoffee\nTea"},
		{"a link", `<p>See <a href="https://a.test">this</a>.</p>`, "See this."},
		{"preformatted", "<pre>a\n  b</pre>", "a\n  b"},
		{"a script", "<p>a</p><script>b</script>", "a"},
		{"deep", strings.Repeat("<b><i>", 400) + "a", "a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := richtext.Text(c.in); got != c.want {
				t.Errorf("Text(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

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
}

func TestVectors(t *testing.T) {
	t.Parallel()
	for _, v := range vectors {
		for _, f := range []func(string) string{richtext.Sanitize, richtext.FromInput, richtext.FromText} {
			judge(t, v, f(v))
		}
	}
}

func FuzzSanitize(f *testing.F) {
	for _, v := range vectors {
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
		clean := richtext.Sanitize(s)
		judge(t, s, clean)
		if again := richtext.Sanitize(clean); again != clean {
			t.Fatalf("%q becomes %q becomes %q", s, clean, again)
		}
		plain := richtext.FromText(s)
		judge(t, s, plain)
		if again := richtext.Sanitize(plain); again != plain {
			t.Fatalf("the text %q becomes %q becomes %q", s, plain, again)
		}
		richtext.Text(s)
		richtext.FromInput(s)
	})
}

// judge reads HTML as a browser does and fails unless it is of the safe form.
func judge(t *testing.T, in, out string) {
	t.Helper()
	allowed := strings.Fields("p h1 h2 h3 h4 pre blockquote ul ol li b strong i em u s code a br img")
	for tokens := html.NewTokenizer(strings.NewReader(out)); tokens.Next() != html.ErrorToken; {
		token := tokens.Token()
		switch token.Type {
		case html.TextToken:
			continue
		case html.StartTagToken, html.EndTagToken:
			if !slices.Contains(allowed, token.Data) {
				t.Fatalf("%q becomes %q, which has a %s in it", in, out, token.Data)
			}
		default:
			t.Fatalf("%q becomes %q, which has %q in it", in, out, token)
		}
		for _, a := range token.Attr {
			scheme, _, _ := strings.Cut(a.Val, ":")
			switch token.Data + " " + a.Key {
			case "a href":
				if !slices.Contains([]string{"http", "https", "mailto"}, strings.ToLower(scheme)) {
					t.Fatalf("%q becomes %q, which leads to %q", in, out, a.Val)
				}
			case "img src":
				if !strings.EqualFold(scheme, "https") {
					t.Fatalf("%q becomes %q, which shows %q", in, out, a.Val)
				}
			case "a rel", "img alt":
			default:
				t.Fatalf("%q becomes %q, which has %s on %s", in, out, a.Key, token.Data)
			}
		}
	}
}

func BenchmarkSanitize(b *testing.B) {
	body := strings.Repeat("<p>Dear <b>Ann</b>,<br>see <a href='https://a.test/?a=1&b=2'>this</a> &amp; that.</p>\n", 20)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		richtext.Sanitize(body)
	}
}
