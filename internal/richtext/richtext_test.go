package richtext_test

import (
	"strings"
	"testing"

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
		{"an address in angle brackets", "Ann <ann@acme.test>",
			`<p>Ann &lt;<a href="mailto:ann@acme.test" rel="nofollow noopener noreferrer">ann@acme.test</a>&gt;</p>`},
		{"an address", "https://a.test\n\nor www.b.test", `<p><a href="https://a.test" rel="nofollow noopener noreferrer">https://a.test</a></p>` + "\n" +
			`<p>or <a href="http://www.b.test" rel="nofollow noopener noreferrer">www.b.test</a></p>`},
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

func BenchmarkSanitize(b *testing.B) {
	body := strings.Repeat("<p>Dear <b>Ann</b>,<br>see <a href='https://a.test/?a=1&b=2'>this</a> &amp; that.</p>\n", 20)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		richtext.Sanitize(body)
	}
}
