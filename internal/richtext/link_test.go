package richtext_test

import (
	"strings"
	"testing"

	"parley/internal/richtext"
)

func TestLinks(t *testing.T) {
	t.Parallel()
	// In want, [address] is a link that reads and leads there, [address|text] one
	// that reads otherwise.
	for _, c := range []struct{ name, in, want string }{
		{"http", "See http://a.test", "See [http://a.test]"},
		{"https", "https://a.test/b?c=d#e now", "[https://a.test/b?c=d#e] now"},
		{"www", "at www.a.test/b", "at [http://www.a.test/b|www.a.test/b]"},
		{"mail", "to ann@acme.test please", "to [mailto:ann@acme.test|ann@acme.test] please"},
		{"several", "http://a.test, www.b.test; c@d.test", "[http://a.test], [http://www.b.test|www.b.test]; [mailto:c@d.test|c@d.test]"},
		{"lines", "http://a.test\nhttp://b.test", "[http://a.test]<br>[http://b.test]"},
		{"capitals", "HTTPS://A.Test WWW.B.Test Ann@ACME.test",
			"[https://A.Test|HTTPS://A.Test] [http://WWW.B.Test|WWW.B.Test] [mailto:Ann@ACME.test|Ann@ACME.test]"},
		{"an ampersand", "http://a.test/?b=1&c=2", "[http://a.test/?b=1&amp;c=2]"},
		{"an apostrophe", "http://a.test/it's o'brien@a.test", "[http://a.test/it's] [mailto:o'brien@a.test|o'brien@a.test]"},
		{"a port and an address in numbers", "http://localhost:8080/ http://[::1]:80/", "[http://localhost:8080/] [http://[::1]:80/]"},

		{"the end of a sentence", "Is it http://a.test/b?", "Is it [http://a.test/b]?"},
		{"many ends", "http://a.test/b?!...", "[http://a.test/b]?!..."},
		{"a comma", "http://a.test/b,c, d", "[http://a.test/b,c], d"},
		{"parentheses around", "(http://a.test/b)", "([http://a.test/b])"},
		{"parentheses inside", "http://a.test/b_(c)", "[http://a.test/b_(c)]"},
		{"parentheses inside and around", "(see http://a.test/b_(c)).", "(see [http://a.test/b_(c)])."},
		{"a parenthesis that is left open", "http://a.test/b(", "[http://a.test/b]("},
		{"a closed and an open one", "http://a.test/b)(c", "[http://a.test/b)(c]"},
		{"brackets", "[http://a.test] {http://b.test}", "⟦[http://a.test]⟧ {[http://b.test]}"},
		{"quotation marks", `"http://a.test" 'http://b.test' “http://c.test” «http://d.test» ` + "`http://e.test`",
			`"[http://a.test]" '[http://b.test]' “[http://c.test]” «[http://d.test]» ` + "`[http://e.test]`"},
		{"emphasis", "*http://a.test*", "*[http://a.test]*"},
		{"angle brackets", "<http://a.test> <ann@acme.test>", "&lt;[http://a.test]&gt; &lt;[mailto:ann@acme.test|ann@acme.test]&gt;"},
		{"a dash", "http://a.test—or", "[http://a.test]—or"},
		{"three dots", "http://a.test/b…", "[http://a.test/b]…"},
		{"a slash and a low line stay", "http://a.test/b/ http://a.test/b_", "[http://a.test/b/] [http://a.test/b_]"},
		{"a colon before", "site:http://a.test mail:ann@acme.test", "site:[http://a.test] mail:[mailto:ann@acme.test|ann@acme.test]"},
		{"Chinese around", "请看https://a.test/b。谢谢", "请看[https://a.test/b]。谢谢"},
		{"beyond ASCII", "https://a.test/é", "[https://a.test/%C3%A9|https://a.test/é]"},
		{"invisible signs", "http://a.test\u200b/b http://a.test/\u202egpj.exe", "[http://a.test]\u200b/b [http://a.test/]\u202egpj.exe"},
		{"an address in an address", "https://web.test/http://a.test", "[https://web.test/http://a.test]"},
		{"an @ in an address", "https://a.test/@ann", "[https://a.test/@ann]"},
		{"the end of an e-mail address", "ann@acme.test. bob@acme.test- 'cy@acme.test'",
			"[mailto:ann@acme.test|ann@acme.test]. [mailto:bob@acme.test|bob@acme.test]- '[mailto:cy@acme.test|cy@acme.test]'"},
		{"signs in an e-mail address", "ann.b-c+d_e@mail.acme.test", "[mailto:ann.b-c+d_e@mail.acme.test|ann.b-c+d_e@mail.acme.test]"},

		{"no host", "http:// https://. http:///b http://?", ""},
		{"a broken address", "http://a.test/%zz http://a.test:x http://a b", "http://a.test/%zz http://a.test:x [http://a] b"},
		{"another scheme", "ftp://a.test javascript:alert(1) data:text/html,x mailto: file:///etc/passwd", ""},
		{"no scheme", "a.test/b", ""},
		{"inside a word", "xhttp://a.test awww.a.test éwww.a.test", ""},
		{"www of nothing", "www. www.a www.. wwww.a.test", ""},
		{"www of somebody else", "www.a.test@evil.b.test ftp://www.a.test", ""},
		{"nearly e-mail", "@ann a@b a@b.c a@.test a@-a.test a..b@c.test .@a.test a@1.23", ""},
		{"two @", "a@b.test@c.test", ""},
		{"a letter beyond ASCII", "jérôme@a.test ann@bücher.test ann@a.testé", ""},
		{"the path of another scheme", "ftp://ann@a.test", ""},
		{"too long", "http://a.test/" + strings.Repeat("x", 2048), ""},
		{"too long a name", strings.Repeat("x", 65) + "@a.test", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			want := "<p>" + linksIn(c.want) + "</p>"
			if c.want == "" {
				want = "<p>" + strings.NewReplacer("&", "&amp;").Replace(c.in) + "</p>"
			}
			got := richtext.FromText(c.in)
			if got != want {
				t.Errorf("FromText(%q)\n got %q\nwant %q", c.in, got, want)
			}
			judge(t, c.in, got)
			if text := richtext.Text(got); text != c.in {
				t.Errorf("as text it reads %q", text)
			}
			if clean := richtext.Sanitize(got); clean != got {
				t.Errorf("Sanitize makes it %q", clean)
			}
		})
	}
}

// linksIn writes out the links of a case.
func linksIn(s string) string {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "[")
		out.WriteString(before)
		if !ok {
			return strings.NewReplacer("⟦", "[", "⟧", "]").Replace(out.String())
		}
		end := strings.Index(rest, "]")
		if strings.HasPrefix(rest, "http://[") {
			end = strings.LastIndex(rest, "]")
		}
		href, text, ok := strings.Cut(rest[:end], "|")
		if !ok {
			text = href
		}
		out.WriteString(`<a href="` + href + `" rel="nofollow noopener noreferrer">` + text + "</a>")
		s = rest[end+1:]
	}
}

// TestNoLinksInHTML holds that HTML has the links that it says and no others.
func TestNoLinksInHTML(t *testing.T) {
	t.Parallel()
	const rel = ` rel="nofollow noopener noreferrer"`
	for _, c := range []struct{ in, want string }{
		{"<p>http://a.test and ann@a.test</p>", "<p>http://a.test and ann@a.test</p>"},
		{`<a href="https://b.test/">http://a.test</a>`, `<p><a href="https://b.test/"` + rel + `>http://a.test</a></p>`},
		{"http://a.test<br>", "<p>http://a.test<br></p>"},
	} {
		if got := richtext.FromInput(c.in); got != c.want {
			t.Errorf("FromInput(%q)\n got %q\nwant %q", c.in, got, c.want)
		}
	}
}

// BenchmarkFromText shows that no text takes much longer than others of its length.
func BenchmarkFromText(b *testing.B) {
	for _, c := range []struct{ name, unit string }{
		{"prose", "It is what it was when we were here, then and there.\n"},
		{"links", "See https://a.test/b?c=d&e=f, www.a.test or ann@acme.test.\n"},
		{"broken links", "http://%zz"},
		{"ends", "http://a.test/)))))))))))))))))))))))))))))) "},
		{"at signs", "a@"},
		{"names", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
		{"www", "www."},
		{"domains", "a@a.a.a.a.a.a.a.a.a.a.a.a.a.a."},
	} {
		text := strings.Repeat(c.unit, 100_000/len(c.unit))
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				richtext.FromText(text)
			}
		})
	}
}
