package richtext_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"parley/internal/richtext"
)

func TestArticle(t *testing.T) {
	t.Parallel()
	const (
		rel    = ` rel="nofollow noopener noreferrer"`
		player = ` sandbox="allow-scripts allow-same-origin allow-presentation allow-popups" allow="fullscreen; picture-in-picture; encrypted-media"` +
			` referrerpolicy="strict-origin-when-cross-origin" loading="lazy" allowfullscreen="true"></iframe>`
		yellow = `<div class="intercom-interblocks-callout intercom-interblocks-callout-yellow">` + "\n<p>a</p>\n</div>"
	)
	// In want, <p> is a paragraph with its class.
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"only space", " \n", ""},
		{"only tags", "<p> </p><table></table><div class=intercom-container></div><details></details>", ""},
		{"a word", "Body", "<p>Body</p>"},
		{"a paragraph", "<p>New gifts</p>", "<p>New gifts</p>"},
		{"of the live API", "<p class=\"no-margin\">a</p>\n<h2 id=\"h_5ff6e5c157\">b</h2>", "<p>a</p>\n<h2 id=\"h_5ff6e5c157\">b</h2>"},
		{"plain paragraphs", "one\ntwo\n\nwww.a.test", `<p>one<br>two</p>` + "\n" + `<p><a href="http://www.a.test"` + rel + `>www.a.test</a></p>`},
		{"text around blocks", "a<ul><li>b</ul>c", "<p>a</p>\n<ul>\n<li>b</li>\n</ul>\n<p>c</p>"},
		{"lines of an editor", "<div>one</div><div>two</div>", "<p>one</p>\n<p>two</p>"},
		{"sections", "<article><section>one</section><section><p>two</section></article>", "<p>one</p>\n<p>two</p>"},
		{"a rule", "a<hr>b<hr/>", "<p>a</p>\n<hr>\n<p>b</p>\n<hr>"},
		{"small headings", "<h5>a</h5>", "<h4>a</h4>"},

		{"alignment", `<p class="x intercom-align-center intercom-align-center">a</p><h1 class="intercom-align-right">b</h1>`,
			`<p class="no-margin intercom-align-center">a</p>` + "\n" + `<h1 class="intercom-align-right">b</h1>`},
		{"text", "<b>a</b><strong>b</strong><i>c</i><em>d</em><u>e</u><s>f</s><code>g</code><sub>h</sub><sup>i</sup><kbd>j</kbd><small>k</small><mark>l</mark>",
			"<p><b>a</b><strong>b</strong><i>c</i><em>d</em><u>e</u><s>f</s><code>g</code><sub>h</sub><sup>i</sup><kbd>j</kbd><small>k</small><mark>l</mark></p>"},
		{"text of manuals", "<tt>a</tt><samp>b</samp><var>c</var><cite>d</cite><ins>e</ins>f<abbr title=x>g</abbr><span class=x>h</span>",
			"<p><code>a</code><code>b</code><i>c</i><i>d</i><u>e</u>fgh</p>"},
		{"left open", "<p><b>a<p>b", "<p><b>a</b></p>\n<p>b</p>"},
		{"crossed", "<b>a<i>b</b>c</i>", "<p><b>a<i>b</i></b>c</p>"},

		{"a heading with an id", `<h2 id="Getting.started">a</h2><a href="#Getting.started">b</a>`,
			`<h2 id="h_Getting.started">a</h2>` + "\n" + `<p><a href="#h_Getting.started">b</a></p>`},
		{"an id with its prefix", `<h2 id="h_a">a</h2><a href="#h_a">b</a>`, `<h2 id="h_a">a</h2>` + "\n" + `<p><a href="#h_a">b</a></p>`},
		{"an id twice", `<h2 id="a">a</h2><h3 id="h_a">b</h3>`, `<h2 id="h_a">a</h2>` + "\n" + `<h3>b</h3>`},
		{"an id that is none", `<h2 id="a b">a</h2><h2 id="ä">b</h2><h2 id="` + strings.Repeat("a", 129) + `">c</h2>`, "<h2>a</h2>\n<h2>b</h2>\n<h2>c</h2>"},
		{"an id in front", `<a name="a">&nbsp;</a><h2>b</h2><section id="c"><h3>d</h3><h3>e</h3></section>`,
			"<p>\u00a0</p>\n<h2 id=\"h_a\">b</h2>\n<h3 id=\"h_c\">d</h3>\n<h3>e</h3>"},
		{"ids in front", `<section id="a"><div id="b"><span id="c"></span><h2>d</h2><a href="#b">e</a></div></section>`,
			"<h2 id=\"h_b\">d</h2>\n<p><a href=\"#h_b\">e</a></p>"},
		{"an id within", `<h2><a name="a"></a>b</h2><h3>c<a id="d"></a></h3><h4>e</h4>`, "<h2 id=\"h_a\">b</h2>\n<h3 id=\"h_d\">c</h3>\n<h4>e</h4>"},
		{"an id of other text", `<p id="a">b</p><h2>c</h2>`, "<p>b</p>\n<h2>c</h2>"},
		{"a term with an id", `<dl><dt id="a.b">c<dd>d</dl>`, "<dl>\n<dt id=\"h_a.b\">c</dt>\n<dd>d</dd>\n</dl>"},

		{"a link", `<a href="https://a.test/?b=1&c=2" target="_blank" rel="opener" class="x">a</a>`,
			`<p><a href="https://a.test/?b=1&amp;c=2" target="_blank"` + rel + `>a</a></p>`},
		{"a link to the same window", `<a href="mailto:ann@acme.test" target="_top">a</a>`, `<p><a href="mailto:ann@acme.test"` + rel + `>a</a></p>`},
		{"a button", `<div class="intercom-container"><a class="intercom-h2b-button" href="https://a.test">a</a></div>`,
			`<div class="intercom-container"><a class="intercom-h2b-button" href="https://a.test"` + rel + `>a</a></div>`},
		{"links to elsewhere on the site", `<a href="/a">a</a> <a href="a.html#b">b</a> <a href="//a.test">c</a> <a href="#">d</a> <a href="">e</a>`,
			"<p>a b c d e</p>"},
		{"a link with another scheme", `<a href="ftp://a.test">a</a><a href="javascript:b">b</a>`, "<p>ab</p>"},

		{"a list", `<ol start="3"><li><p>a</p></li><li>b<ul><li>c</li></ul></li></ol>`,
			"<ol start=\"3\">\n<li>\n<p>a</p>\n</li>\n<li>\n<p>b</p>\n<ul>\n<li>c</li>\n</ul>\n</li>\n</ol>"},
		{"an old list", "<menu><li>a</menu><dir>b</dir>", "<ul>\n<li>a</li>\n</ul>\n<ul>\n<li>b</li>\n</ul>"},
		{"terms", "<dl>a<dt>b<dd>c<dd><p>d</p>e<p>f</dl><dt>g<dd>h",
			"<dl>\n<dd>a</dd>\n<dt>b</dt>\n<dd>c</dd>\n<dd>\n<p>d</p>\n<p>e</p>\n<p>f</p>\n</dd>\n</dl>\n<p>g</p>\n<p>h</p>"},
		{"grouped terms", "<dl><div><dt>a</dt><dd>b</dd></div><div><dt>c</dt><dd><p>d</dd></div></dl>",
			"<dl>\n<dt>a</dt>\n<dd>b</dd>\n<dt>c</dt>\n<dd>\n<p>d</p>\n</dd>\n</dl>"},
		{"code", "<pre class='x hljs'><code class='language-c++ x'>\n a\n  <span class=hljs-keyword>b</span>\n</code></pre>",
			"<pre class=\"hljs\"><code class=\"language-c++\">\n a\n  b\n</code></pre>"},
		{"a quote", "<blockquote>a</blockquote><blockquote><p>b</blockquote>", "<blockquote>a</blockquote>\n<blockquote>\n<p>b</p>\n</blockquote>"},

		{"a table", `<table class="x" style="y"><caption>a</caption><colgroup><col></colgroup><thead><tr><th colspan="2">b</th></tr></thead><tr><td>c</td><td rowspan=3></td></tr></table>`,
			"<table>\n<caption>a</caption>\n<thead>\n<tr>\n<th colspan=\"2\">b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>c</td>\n<td rowspan=\"3\"></td>\n</tr>\n</tbody>\n</table>"},
		{"a table of the live API", `<div class="intercom-interblocks-table-container"><table role="presentation"><tbody><tr><td style="x"><p>a</p></td></tr></tbody></table></div>`,
			"<div class=\"intercom-interblocks-table-container\">\n<table>\n<tbody>\n<tr>\n<td>\n<p>a</p>\n</td>\n</tr>\n</tbody>\n</table>\n</div>"},
		{"a table in a table", "<table><tr><td><table><tr><td>a</table></table>",
			"<table>\n<tbody>\n<tr>\n<td>\n<table>\n<tbody>\n<tr>\n<td>a</td>\n</tr>\n</tbody>\n</table>\n</td>\n</tr>\n</tbody>\n</table>"},
		{"text in a table, but in no cell", "<table>a<tr><td>b</td></tr></table>", "<p>a</p>\n<table>\n<tbody>\n<tr>\n<td>b</td>\n</tr>\n</tbody>\n</table>"},
		{"cells without a table", "<tr><td>a</td><td>b</td></tr>", "<p>a b</p>"},
		{"numbers out of bounds", `<table><tr><td colspan="0" rowspan="1001">a<td colspan="1000">b<td colspan="-1">c<td colspan="007">d<td colspan="99999999999">e</table><ol start="x"><li>f</ol>`,
			"<table>\n<tbody>\n<tr>\n<td>a</td>\n<td colspan=\"1000\">b</td>\n<td>c</td>\n<td colspan=\"7\">d</td>\n<td>e</td>\n</tr>\n</tbody>\n</table>\n<ol>\n<li>f</li>\n</ol>"},

		{"an image", `<div class="intercom-container intercom-align-center"><img src="https://a.test/a.png" width="20" height="30000" style="height: auto;" alt="a &quot;b&quot;"></div>`,
			`<div class="intercom-container intercom-align-center"><img src="https://a.test/a.png" alt="a &#34;b&#34;" width="20"></div>`},
		{"images alone", `<p class="intercom-align-left"><a href="https://a.test"><img src="https://a.test/a.png"></a></p><img src="https://a.test/b.png">`,
			`<div class="intercom-container intercom-align-left"><a href="https://a.test"` + rel + `><img src="https://a.test/a.png" alt=""></a></div>` + "\n" +
				`<div class="intercom-container"><img src="https://a.test/b.png" alt=""></div>`},
		{"an image in text", `<p>a <img src="https://a.test/a.png"> b</p>`, `<p>a <img src="https://a.test/a.png" alt=""> b</p>`},
		{"an image that is not secret", `<img src="http://a.test/a.png"><img src="/a.png"><img src="data:image/png;base64,AA==">`, ""},
		{"a figure", `<figure><img src="https://a.test/a.png"><figcaption>a</figcaption></figure><figcaption>b</figcaption>`,
			"<figure>\n<div class=\"intercom-container\"><img src=\"https://a.test/a.png\" alt=\"\"></div>\n<figcaption>a</figcaption>\n</figure>\n<p>b</p>"},

		{"a callout", `<div class="intercom-interblocks-callout" style="background-color: #feedaf80; border-color: #fbc91633;"><p>a</p></div>`, yellow},
		{"a callout with its class", strings.ReplaceAll(yellow, "<p>", `<p class="no-margin">`), yellow},
		{"a callout of another colour", `<div class="intercom-interblocks-callout" style="background-color: url(x)">a</div>`,
			`<div class="intercom-interblocks-callout">a</div>`},
		{"classes of other places", `<div class="intercom-launcher intercom-lightweight-app modal">a</div>`, "<p>a</p>"},
		{"something to open", "<details><summary>a</summary>b<p>c</p></details><details open=x><summary><h3>d</h3></summary></details><summary>e</summary>",
			"<details>\n<summary>a</summary>\n<p>b</p>\n<p>c</p>\n</details>\n<details open>\n<summary>\n<h3>d</h3>\n</summary>\n</details>\n<p>e</p>"},

		{"a video", `<div class="intercom-h2b-video"><iframe src="https://www.youtube.com/embed/a_B-1?start=5&autoplay=1&rel=0" width="560" height="315" name="x" srcdoc="y" onload="z" sandbox="" allow="camera" title="A &lt;b&gt;"></iframe></div>`,
			"<div class=\"intercom-h2b-video\">\n<iframe src=\"https://www.youtube.com/embed/a_B-1?rel=0&amp;start=5\" title=\"A &lt;b&gt;\" width=\"560\" height=\"315\"" + player + "\n</div>"},
		{"a video in text", `<p>a<iframe src="//player.vimeo.com/video/1?h=2"></iframe>b</p>`,
			"<p>a</p>\n<iframe src=\"https://player.vimeo.com/video/1?h=2\"" + player + "\n<p>b</p>"},

		{"what is dropped", "a<script>b</script><style>c</style><svg><text>d</text></svg><math>e</math><template>f</template><select><option>g</select><textarea>h</textarea>" +
			"<title>i</title><noscript><b>j</b></noscript><!-- k --><base href=//l><meta><link><object data=m></object><embed src=n>", "<p>a</p>"},
		{"what is unwrapped", "<form action=x>a<button>b</button><label>c</label><input value=d></form>", "<p>a b c</p>"},
		{"deep", strings.Repeat("<div>", 600) + "a<p>b", "<p>a</p>\n<p>b</p>"},
		{"growing", "<p><a href='https://a.test/" + strings.Repeat("x", 3000) + "'></p>" + strings.Repeat("<p>a", 200),
			"<p>a</p>" + strings.Repeat("\n<p>a</p>", 199)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, form := range rich {
				want := c.want
				switch form.class {
				case "":
					want = strings.NewReplacer(` class="no-margin"`, "", "no-margin ", "").Replace(want)
				default:
					want = strings.ReplaceAll(want, "<p>", `<p class="no-margin">`)
				}
				got := form.clean(c.in)
				if got != want {
					t.Errorf("%s(%q)\n got %q\nwant %q", form.name, c.in, got, want)
				}
				if again := form.clean(got); again != got {
					t.Errorf("%s: twice it becomes %q", form.name, again)
				}
				judgeRich(t, form.class, c.in, got)
			}
		})
	}
}

func TestVideos(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{ // want is "" if it is not shown
		{"https://www.youtube.com/embed/dQw4w9WgXcQ", "https://www.youtube.com/embed/dQw4w9WgXcQ"},
		{"https://youtube.com/embed/a", "https://youtube.com/embed/a"},
		{"https://www.youtube-nocookie.com/embed/videoseries?list=PL_1-2", "https://www.youtube-nocookie.com/embed/videoseries?list=PL_1-2"},
		{"//youtube-nocookie.com/embed/a#t=1", "https://youtube-nocookie.com/embed/a"},
		{"https://player.vimeo.com/video/76979871?h=8272103f6e&dnt=1&title=0", "https://player.vimeo.com/video/76979871?dnt=1&h=8272103f6e"},
		{"https://www.loom.com/embed/0281766fa2d04bb788eaf19e65135184?sid=a-b", "https://www.loom.com/embed/0281766fa2d04bb788eaf19e65135184?sid=a-b"},
		{"https://loom.com/embed/a", "https://loom.com/embed/a"},
		{"https://fast.wistia.net/embed/iframe/avk9twrrbn", "https://fast.wistia.net/embed/iframe/avk9twrrbn"},
		{"https://fast.wistia.com/embed/iframe/avk9twrrbn?videoFoam=true", "https://fast.wistia.com/embed/iframe/avk9twrrbn"},
		{"https://www.youtube.com/embed/a?start=%22%3E%3Cscript%3E&start=1", "https://www.youtube.com/embed/a"},
		{"https://www.youtube.com/embed/a?start=1;x&hl=de", "https://www.youtube.com/embed/a?hl=de"},

		{"", ""},
		{"/embed/a", ""},
		{"http://www.youtube.com/embed/a", ""},
		{"javascript://www.youtube.com/embed/a", ""},
		{"https://evil.test/embed/a", ""},
		{"https://www.youtube.com.evil.test/embed/a", ""},
		{"https://evil.test\\www.youtube.com/embed/a", ""},
		{"https://evil.test#www.youtube.com/embed/a", ""},
		{"https://evilyoutube.com/embed/a", ""},
		{"https://evil.youtube.com/embed/a", ""},
		{"https://www.youtube.com@evil.test/embed/a", ""},
		{"https://evil.test@www.youtube.com/embed/a", ""},
		{"https://www.youtube.com:8443/embed/a", ""},
		{"https://www.youtube.com./embed/a", ""},
		{"https://www.youtube.com/redirect?q=https://evil.test", ""},
		{"https://www.youtube.com/embed/../redirect", ""},
		{"https://www.youtube.com/embed/a/b", ""},
		{"https://www.youtube.com/embed/%61%2f..", ""},
		{"https://www.youtube.com/watch?v=a", ""},
		{"https://player.vimeo.com/video/a", ""},
		{"https://www.loom.com/share/a", ""},
		{"https://fast.wistia.net/embed/medias/a", ""},
	} {
		got := richtext.Article(`<iframe src="` + c.in + `"></iframe>`)
		src := ""
		if _, rest, ok := strings.Cut(got, `<iframe src="`); ok {
			src, _, _ = strings.Cut(rest, `"`)
		}
		if html.UnescapeString(src) != c.want {
			t.Errorf("%s becomes %q, want %q", c.in, got, c.want)
		}
	}
}

func TestTextOfArticles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"a table", "<p>a</p><table><caption>b</caption><tr><th>c</th><th>d</th></tr><tr><td>e</td><td>f<br>g</td></tr></table>h",
			"a\n\nb\n\nc\td\ne\tf g\n\nh"},
		{"a table with paragraphs", "<table>\n<tr>\n<td>\n<p>a</p>\n<p>b</p>\n</td>\n<td><ul><li>c</li><li>d</li></ul></td>\n</tr>\n<tr><td>e</table>", "a b\tc d\ne"},
		{"empty cells", "<table><tr><td></td><td>a</td><td></td><td>b</td><td></td></tr><tr><td>c</td></tr></table>", "a\t\tb\nc"},
		{"a table in a table", "<table><tr><td>a<table><tr><td>b</td><td>c</td></tr><tr><td>d</td></tr></table></td><td>e</td></tr></table>", "a b c d\te"},
		{"terms", "<dl><dt>a</dt><dd>b</dd><dt>c</dt><dd>d</dd></dl>", "a\nb\nc\nd"},
		{"a figure", `<figure><img src="https://a.test/a.png" alt="x"><figcaption>a</figcaption></figure>b`, "a\n\nb"},
		{"something to open", "<details><summary>a</summary>b</details>c", "a\n\nb\n\nc"},
		{"a video", `a<iframe src="https://www.youtube.com/embed/a">x</iframe>b`, "a\n\nb"},
		{"a rule", "a<hr>b", "a\n\nb"},
		{"a part of a word", "H<sub>2</sub>O <kbd>x</kbd><abbr>y</abbr><tt>z</tt>", "H2O xyz"},
		{"deep", strings.Repeat("<div>", 600) + "a<p>b<br>c<table><tr><td>d<td>e", "a\n\nb\nc\n\nd e"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := richtext.Text(c.in); got != c.want {
				t.Errorf("Text(%q) = %q, want %q", c.in, got, c.want)
			}
			if got := richtext.Text(richtext.Article(c.in)); got != c.want {
				t.Errorf("as an article it reads %q, want %q", got, c.want)
			}
		})
	}
}

// TestManyTags holds that what has more tags than are read keeps its text, and that
// what becomes of it stays as it is.
func TestManyTags(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{
		"cells":    "<table><tr>" + strings.Repeat("<td>a", 400_001),
		"lines":    strings.Repeat("a\n", 400_001),
		"both":     strings.Repeat("<p>a", 200_001), // twice as many when they are closed
		"and deep": strings.Repeat("<blockquote>", 101) + strings.Repeat("<div>a</div>", 30_000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := richtext.Article(in)
			want, left := strings.Count(in, "a")-strings.Count(in, "table"), strings.Count(richtext.Text(got), "a")
			if left != want {
				t.Errorf("of %d letters there are %d left", want, left)
			}
			if strings.Contains(got, "<td") || strings.Contains(got, "<blockquote") {
				t.Error("its elements are still there")
			}
			if richtext.Article(got) != got {
				t.Error("twice it becomes something else")
			}
		})
	}
}

// TestInProportion holds that four times as much takes not much more than four
// times the memory, whatever is left open or ends nothing. It is not parallel, as
// the memory of other tests would count.
func TestInProportion(t *testing.T) {
	for name, in := range map[string]func(n int) string{
		"paragraphs":    func(n int) string { return strings.Repeat("<p>a", n) },
		"nested":        func(n int) string { return strings.Repeat("<div>", n) },
		"formats":       func(n int) string { return "<p><b><i><u><code><small></p>" + strings.Repeat("<p>a", n) },
		"crossed":       func(n int) string { return strings.Repeat("<b><p></b>a", n) },
		"ends":          func(n int) string { return "a" + strings.Repeat("abcdefgh</li>", n) },
		"ends in text":  func(n int) string { return "a" + strings.Repeat("abcdefgh</mark>", n) },
		"space":         func(n int) string { return "a" + strings.Repeat("        </li>", n) },
		"space in text": func(n int) string { return "a" + strings.Repeat("        </mark>", n) },
		"swallowed": func(n int) string {
			return strings.Repeat("<ul><mark></ul>", n/2) + strings.Repeat("abcdefgh</mark>", n/2)
		},
		"no cell":  func(n int) string { return "<table>" + strings.Repeat("abcdefgh<tr>", n) },
		"no table": func(n int) string { return strings.Repeat("abcdefgh<td>", n) },
		"a long link": func(n int) string {
			return "<p><a href=https://a.test/" + strings.Repeat("b", n) + "></p>" + strings.Repeat("<p>a", n)
		},
		"in items": func(n int) string {
			return "<ul><li><a href=https://a.test/" + strings.Repeat("b", n) + "></li>" + strings.Repeat("<li>a", n)
		},
		"blank lines": func(n int) string { return strings.Repeat("a\n\n", n) },
	} {
		memory := func(n int) uint64 {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			richtext.Article(in(n))
			runtime.ReadMemStats(&after)
			return after.TotalAlloc - before.TotalAlloc
		}
		if one, four := memory(8000), memory(32_000); four > 8*one {
			t.Errorf("%s: it takes %d bytes, and %d for four times as much", name, one, four)
		}
	}
}

// TestTagSoup makes articles of tags in any order, always the same ones.
func TestTagSoup(t *testing.T) {
	t.Parallel()
	names := strings.Fields(`a b code em font s small tt u p div h1 h2 h6 pre blockquote ul ol li table caption thead tbody tr th td dl dt dd details
		summary figure figcaption section center menu iframe br hr img sub kbd span q rt wbr svg math select title textarea noscript style
		script template form button body html col object`)
	attributes := []string{"", "", "", " id=a", " id=h_b", " name=c", " href=#a", " href=https://a.test", ` class="intercom-align-center no-margin"`,
		" class=intercom-container", " class=language-x", " src=https://www.youtube.com/embed/x", " open", " colspan=2", "/"}
	texts := []string{"", "", " ", "x", " y ", "\n", "&lt;b>", "\u00a0", "<!-- -->"}
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	for range 3000 {
		var b strings.Builder
		for range 1 + random.IntN(25) {
			if name := pick(names); random.IntN(3) == 0 {
				b.WriteString("</" + name + ">" + pick(texts))
			} else {
				b.WriteString("<" + name + pick(attributes) + ">" + pick(texts))
			}
		}
		in := b.String()
		for _, form := range rich {
			out := form.clean(in)
			judgeRich(t, form.class, in, out)
			if again := form.clean(out); again != out {
				t.Fatalf("%s: %q becomes %q becomes %q", form.name, in, out, again)
			}
			if text, want := richtext.Text(out), richtext.Text(in); withoutSpace(text) != withoutSpace(want) {
				t.Fatalf("%s: %q becomes %q, of which the text is %q and not %q", form.name, in, out, text, want)
			}
		}
	}
}

// BenchmarkArticle shows that no HTML takes much longer than other of its length
// or of as many tags, as large as a body may be.
func BenchmarkArticle(b *testing.B) {
	const most = 5 << 20
	fill := func(unit string, n int) string { return strings.Repeat(unit, n/len(unit)) }
	tags := func(unit string, n int) string { return strings.Repeat(unit, n/strings.Count(unit, "<")) }
	formats := strings.Repeat("<b><i><u><s><em><strong><code><small><strike><tt><big><font><nobr>", 3)
	for _, c := range []struct{ name, in string }{
		{"an article of 1 MB", fill(guide, 1<<20)},
		{"an article of 5 MB", fill(guide, most)},
		{"plain text", fill("It is what it was when we were here.\n\nThen and there.\n", most)},
		{"short paragraphs", fill("<p>a", most)},
		{"short paragraphs, all read", tags("<p>a", 190_000)},
		{"nested too deeply", fill("<div>", most)},
		{"deep", strings.Repeat("<blockquote>", 100) + tags("<hr>", 299_000)},
		{"deeper", strings.Repeat("<blockquote>", 490) + tags("<hr>", 49_000)},
		{"left open", "<p>" + formats + "</p>" + tags("<p>a", 190_000)},
		{"crossed", tags("<b><p></b>a", 390_000)},
		{"ends of nothing", "a" + tags("abcdefghij</li>", 390_000)},
		{"ends of nothing within text", "a" + tags("abcdefghij</mark>", 390_000)},
		{"space between ends", "a" + tags("          </li>", 390_000)},
		{"text in no cell", "<table>" + tags("abcdefghij<tr>", 390_000)},
		{"cells in nothing", tags("abcdefghij<td>", 390_000)},
		{"links left open", tags("<a href=https://a.test/b><p></a>a", 390_000)},
		{"tables left open", fill("<table><tr><td>", most)},
		{"cells", "<table>" + tags("<tr><td>a<td>b", 190_000)},
		{"videos", tags("<iframe src=//youtube.com/embed/a></iframe>", 190_000)},
		{"ids", tags("<h1 id=a>b", 190_000)},
		{"attributes", "<p " + fill("a=b ", most) + ">c"},
		{"classes", `<p class="` + fill("a ", most) + `">b`},
		{"brackets", "<b>" + fill("<", most)},
		{"comments", "<b>" + fill("<!-- ", most)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.in)))
			b.ReportAllocs()
			for b.Loop() {
				richtext.Article(c.in)
			}
		})
	}
}

// guide is a part of an article, as people write them.
var guide = fmt.Sprintf(`<h2 id="connect">Connect your shop</h2>
<p class="no-margin">Before you begin, make sure that you are an <b>owner</b> of the workspace. Others see the page, but <i>cannot change</i>
anything on it; ask one of <a href="https://acme.test/team?sort=name&role=owner" target="_blank">the owners</a> to do it.</p>
<div class="intercom-interblocks-callout" style="background-color: #e3e7fa80; border-color: #334bfa33;"><p class="no-margin">It takes ten minutes.</p></div>
<ol><li><p class="no-margin">Open <b>Settings</b> and choose <b>Shops</b>.</p><div class="intercom-container"><img src="https://acme.test/shops.png" width="800" height="450"></div></li>
<li><p class="no-margin">Press <kbd>Add</kbd>, and see <a href="#connect">above</a>.</p><ul><li>One shop is free.</li><li>More are not.</li></ul></li></ol>
<div class="intercom-interblocks-table-container"><table role="presentation"><tbody>%s</tbody></table></div>
<pre><code class="language-sh">acme connect --shop 1 &amp;&amp; acme status
</code></pre>
<div class="intercom-h2b-video"><iframe src="https://www.loom.com/embed/0281766fa2d04bb788eaf19e65135184" frameborder="0" allowfullscreen></iframe></div>
`, strings.Repeat(`<tr><td style="padding: 8px"><p>Orders</p></td><td><p>are read each hour, the first 10,000 at once</p></td></tr>`, 5))
