package richtext_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"parley/internal/richtext"
)

// TestDocumentation holds that of pages as documentation has them no word is lost,
// added or moved, and that what orders them is kept.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in string
		keeps    []string
	}{
		{"DocBook", `<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "x.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>2. Options</title><link rel="stylesheet" href="m.css"/><meta name="generator" content="x"/></head>
<body bgcolor="white" text="black"><div class="navheader"><table width="100%" summary="Navigation header"><tr><td width="20%" align="left">
<a accesskey="p" href="a.html">Prev</a>&#160;</td><th width="60%" align="center">Chapter 2</th><td align="right">&#160;<a href="c.html">Next</a></td></tr></table><hr/></div>
<div class="sect1"><div class="titlepage"><div><div><h2 class="title" style="clear: both"><a id="options"/>2. Options</h2></div></div><hr/></div>
<div class="variablelist"><dl class="variablelist"><dt><a name="opt.out"></a><span class="term"><code class="option">-o <em class="replaceable"><code>file</code></em></code></span></dt>
<dd><p>Write to <code class="filename">file</code>, see <a class="xref" href="#options" title="2. Options">Section 2</a>.</p>
<div class="note" style="margin-left: 0.5in;"><h3 class="title">Note</h3>Not both<sup>[<a id="id1" href="#ftn.id1">1</a>]</sup>.</div></dd></dl></div>
<pre class="programlisting">
  x --out=<span class="emphasis"><em>y</em></span> \
    --in="a &lt; b"
</pre></div></body></html>`,
			[]string{`<h2 id="h_options">2. Options</h2>`, `<dt id="h_opt.out">`, `<a href="#h_options">Section 2</a>`, "  x --out=<em>y</em> \\\n    --in"}},
		{"Sphinx", `<!doctype html><html lang="en"><head><title>mod — X</title><script src="d.js"></script><style>a{}</style></head><body>
<div class="related" role="navigation"><ul><li class="right" style="margin-right: 10px"><a href="g.html" accesskey="I">index</a></li><li class="nav-item"><a href="../i.html">X</a> &#187;</li></ul></div>
<div class="body" role="main"><section id="module-mod"><span id="mod-the-module"></span><h1><a class="reference internal" href="#module-mod"><code class="xref py py-mod docutils literal notranslate"><span class="pre">mod</span></code></a> — The mod<a class="headerlink" href="#module-mod" title="Link">¶</a></h1>
<dl class="py function"><dt class="sig sig-object py" id="mod.run"><em class="property"><span class="k">async</span> </em><span class="sig-prename descclassname"><span class="pre">mod.</span></span><span class="sig-name"><span class="pre">run</span></span><span class="sig-paren">(</span><em class="sig-param"><span class="n"><span class="pre">x</span></span><span class="o"><span class="pre">=</span></span><span class="default_value"><span class="pre">1</span></span></em><span class="sig-paren">)</span></dt>
<dd><p>Runs <cite>x</cite>.</p><div class="admonition warning"><p class="admonition-title">Warning</p><p>Not twice.</p></div></dd></dl>
<div class="highlight-python3 notranslate"><div class="highlight"><pre><span></span><span class="kn">import</span> <span class="nn">mod</span>
<span class="k">if</span> <span class="n">a</span> <span class="o">&lt;</span> <span class="mi">1</span><span class="p">:</span>
    <span class="n">mod</span>
</pre></div></div>
<table class="docutils align-default"><colgroup><col style="width: 33%"/><col/></colgroup><thead><tr class="row-odd"><th class="head"><p>a</p></th><th class="head"><p>b</p></th></tr></thead><tbody><tr class="row-even"><td rowspan="2"><p>1</p></td><td><p>2</p></td></tr><tr><td></td></tr></tbody></table></section></div></body></html>`,
			[]string{`<h1 id="h_module-mod">`, `<dt id="h_mod.run">`, "import mod\nif a &lt; 1:\n    mod</pre>", `<td rowspan="2">`}},
		{"man2html", `<HTML><HEAD><TITLE>Man page of X</TITLE></HEAD><BODY>
<H1>X</H1>
Section: User Commands  (1)<BR>Updated: 2024-01-01<BR><A HREF="#index">Index</A>
<A HREF="http://localhost/cgi-bin/man/man2html">Return to Main Contents</A><HR>

<A NAME="lbAB">&nbsp;</A>
<H2>NAME</H2>

x - does it
<A NAME="lbAC">&nbsp;</A>
<H2>SYNOPSIS</H2>

<B>x</B>

[<I>option</I>]... <I>file</I>
<P>

<DL COMPACT>
<DT id="1"><B>-a</B>

<DD>
all
<DT id="2"><B>-b</B> <I>n</I><DD>
<I>n</I> times
</DL>
<PRE>
x -a |
	y
</PRE>

<HR>
<A NAME="index">&nbsp;</A><H2>Index</H2>
<DL>
<DT id="3"><A HREF="#lbAB">NAME</A><DD>
<DT id="4"><A HREF="#lbAC">SYNOPSIS</A><DD>
</DL>
</BODY>
</HTML>`,
			[]string{`<h2 id="h_lbAB">NAME</h2>`, `<dt id="h_3"><a href="#h_lbAB">NAME</a></dt>`, "<pre>x -a |\n\ty</pre>", `<a href="#h_index">Index</a>`}},
		{"mandoc", `<table class="head"><tr><td class="head-ltitle">X(1)</td><td class="head-vol">General Commands</td></tr></table><div class="manual-text">
<section class="Sh"><h1 class="Sh" id="NAME"><a class="permalink" href="#NAME">NAME</a></h1><p class="Pp"><code class="Nm">x</code> &#x2014; <span class="Nd">does it</span></p></section>
<table class="Nm"><tr><td><code class="Nm">x</code></td><td>[<code class="Fl">-a</code>] [<var class="Ar">file ...</var>]</td></tr></table>
<dl class="Bl-tag"><dt id="a"><a class="permalink" href="#a"><code class="Fl">-a</code></a></dt><dd>All.</dd></dl></div>`,
			[]string{`<h1 id="h_NAME"><a href="#h_NAME">NAME</a></h1>`, `<dt id="h_a"><a href="#h_a"><code>-a</code></a></dt>`, "<i>file ...</i>"}},
		{"Doxygen", `<div class="contents"><table class="memberdecls"><tr class="heading"><td colspan="2"><h2 class="groupheader"><a id="func-members" name="func-members"></a>
Functions</h2></td></tr><tr class="memitem:a"><td class="memItemLeft" align="right" valign="top">int&#160;</td><td class="memItemRight" valign="bottom"><b>f</b> (int <em>a</em>)</td></tr></table>
<div class="fragment"><div class="line"><a id="l00001" name="l00001"></a><span class="lineno">    1</span> <span class="keywordtype">int</span> a;</div><div class="line">  b;</div></div>
<dl class="section note"><dt>Note</dt><dd>x&lt;y&gt; </dd></dl><map name="m"><area href="a" alt="b"></map></div>`,
			[]string{`<h2 id="h_func-members">`, `<td colspan="2">`}},
		{"LaTeX2HTML", `<HTML><BODY ><!--Navigation Panel--><A NAME="tex2html1" HREF="n.html"><IMG WIDTH="37" HEIGHT="24" ALIGN="BOTTOM" BORDER="0" ALT="next" SRC="file:/n.png"></A><BR>
<B> Next:</B> <A NAME="tex2html2" HREF="n.html">One</A> <HR><H1><A NAME="SECTION1"></A><A NAME="sec:one"></A> <BR>One</H1><P>
Let <I>x</I><SUB>1</SUB>. <FONT SIZE="-1">Small <TT>t</TT></FONT><P><OL><LI>a
<LI>b<P>c</OL><TABLE CELLPADDING=3 BORDER="1"><TR><TD ALIGN="LEFT">a<TD ALIGN="RIGHT">b<TR><TD>c<TD>d</TABLE><BLOCKQUOTE>q<P>r</BLOCKQUOTE><BR><HR><ADDRESS>Ann</ADDRESS></BODY></HTML>`,
			[]string{`<h1 id="h_SECTION1">`, "<i>x</i><sub>1</sub>", "<td>a</td>\n<td>b</td>\n</tr>"}},
		{"a word processor", `<div class=WordSection1><p class=MsoNormal style='margin:0'><b><span lang=EN-GB style='font-size:14.0pt'>One<o:p></o:p></span></b></p>
<p class=MsoListParagraph style='text-indent:-.25in'><![if !supportLists]><span style='font-family:Symbol'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span><![endif]>two</p>
<table class=MsoTableGrid border=1><tr style='height:1'><td width=301 valign=top><p class=MsoNormal>a<o:p></o:p></p></td><td><p>b</p></td></tr></table></div>`,
			[]string{"<b>One", "<td>\n<p class=\"no-margin\">a"}},
		{"a web page", `<body><header><nav><a href="/">Home</a></nav></header><main><article><h1 id="top">T</h1><aside>s</aside><figure><img src="https://a.test/a.webp" width="640"><figcaption>c</figcaption></figure>
<p>It<em>’</em>s <q>q</q>, <time datetime="2024">then</time> <bdo dir="rtl">x</bdo> <ruby>r<rp>(</rp><rt>t</rt><rp>)</rp></ruby> lo<wbr>ng</p><details><summary>More</summary><p>m</p></details>
<div class="highlight highlight-source-shell"><pre>a <span class="pl-k">|</span> b</pre></div></article></main><footer><center>f</center></footer></body>`,
			[]string{`<h1 id="h_top">`, "<summary>More</summary>", "<pre>a | b</pre>"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := richtext.Article(c.in)
			judgeRich(t, "no-margin", c.in, got)
			text := richtext.Text(got)
			if want := richtext.Text(c.in); words(text) != words(want) {
				t.Errorf("the text was\n%s\nand is\n%s", want, text)
			}
			if want := visible(t, c.in); withoutSpace(text) != withoutSpace(want) {
				t.Errorf("what is seen was\n%s\nand is\n%s", want, text)
			}
			for _, part := range c.keeps {
				if !strings.Contains(got, part) {
					t.Errorf("%q is not in\n%s", part, got)
				}
			}
			if again := richtext.Article(got); again != got {
				t.Errorf("twice it becomes\n%s\nand not\n%s", again, got)
			}
		})
	}
}

func words(s string) string { return strings.Join(strings.Fields(s), " ") }

// visible is what a browser shows of a page, as far as it is text.
func visible(t *testing.T, page string) string {
	t.Helper()
	var out strings.Builder
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			out.WriteString(n.Data)
		case n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style" || n.Data == "title"):
			return
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	walk(doc)
	return out.String()
}
