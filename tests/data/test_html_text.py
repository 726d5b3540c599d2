"""The visible text of web pages, well formed and not."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.data.html_text import HtmlText

PAGE = """<!DOCTYPE html>
<html><head><title>Not this</title><style>p { color: red }</style></head>
<body><nav><ul><li>Home</li><li>About</li></ul></nav>
<script>if (a < b) document.write("<p>no</p>")</script>
<h1>A   title</h1>
<p>First <b>bold</b>
   words &amp; caf&eacute; &#8212; 1 &lt; 2.<br>Second&nbsp;line</p>
<ul><li>one</li><li>two</li></ul>
<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>
<pre>  code
    kept</pre>
<div hidden>secret</div><!-- a comment -->
<footer>Imprint</footer></body></html>"""
TEXT = """A title

First bold words & café — 1 < 2.
Second\u00a0line

one
two

a\tb
1\t2

  code
    kept"""


def text_of(*parts):
    page = HtmlText()
    taken = []
    for part in parts:
        page.feed(part)
        taken.append(page.take())
    page.finish()
    return "".join(taken) + page.take()


def test_visible_text_of_a_page():
    assert text_of(PAGE) == TEXT


@given(st.lists(st.integers(0, len(PAGE)), max_size=6).map(sorted))
def test_parts_make_no_difference(cuts):
    borders = [0, *cuts, len(PAGE)]
    assert text_of(*(PAGE[a:b] for a, b in pairwise(borders))) == TEXT


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("just text", "just text"),
        ("<p>one<p>two", "one\n\ntwo"),
        ("<div><nav>menu</div><p>text", "text"),  # the nav is closed by what holds it
        ("<head><title>t</title><p>text", "text"),  # the head is closed by what cannot be in it
        ("<title>t</title><style>x</style>text", "text"),
        ("a<script src='x'/></script>b", "ab"),
        ("<p>a</p><svg/><iframe/><p>b</p>", "a\n\nb"),
        ("1 < 2 and <unknown>3</unknown> > 2", "1 < 2 and 3 > 2"),
        ("<![CDATA[x]]><![odd<p>text</p>", "text"),
        ("", ""),
        ("text &amp", "text &"),
        ("text <!-- without end", "text"),
        ("text <a href='", "text"),
        ("<script>never closed", ""),
        ("<div>" * 3000 + "deep" + "</p></div>" * 3000, "deep"),
        ("</div></p></nav>text</html>", "text"),
        ("<aside>x<aside>y</aside>z</aside>text", "text"),
    ],
)
def test_pages_as_they_are(page, text):
    assert text_of(page).strip() == text


@given(
    st.lists(st.sampled_from(["<", ">", "!", "[", "-", "&", "#", "/", "p", "script", "nav", "'", "=", "\n", "x", "]"]))
)
def test_nothing_makes_it_fail(parts):
    text_of(*parts)
