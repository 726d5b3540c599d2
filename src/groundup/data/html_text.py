"""The main visible text of a web page, through the standard library's parser.

Blocks (paragraphs, headings, lists) are parted by a blank line, list items and table rows by a line end, table cells by
a tab; white space is one space except in `<pre>`. Left out: scripts, styles, the head, navigation, asides, footers,
controls, drawings, and whatever is marked `hidden`.
"""

import html
import re
from html.parser import HTMLParser

_INVISIBLE = {
    *(
        "head",
        "title",
        "script",
        "style",
        "template",
        "noscript",
        "svg",
        "math",
        "iframe",
        "object",
        "video",
        "audio",
        "canvas",
    ),
    *("nav", "aside", "footer", "button", "select", "textarea", "datalist", "dialog"),
}
_PARAGRAPHS = {
    *("p", "div", "article", "section", "main", "header", "body", "html", "blockquote", "pre", "address", "figure"),
    *("figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "hr", "form", "fieldset", "details"),
    *("head", "nav", "aside", "footer", "dialog"),
}
_LINES = {"li", "tr", "dt", "dd", "br", "caption", "summary", "option"}
_CELLS = {"td", "th"}
# Elements that authors do close: the end of one ends whatever invisible element was left open within it.
_CLOSED = _INVISIBLE | {"html", "body", "main", "article", "section", "header", "div", "table", "blockquote", "form"}
_SPACE = re.compile(r"[ \t\n\r\f]+")


DEEPEST = 1000
"""Elements within each other that are followed; deeper ones are not, so that no page takes long."""


class HtmlText(HTMLParser):
    """Feed it a page in parts; `take` returns the text that has become certain since the last call."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._open: list[str] = []
        self._hidden_from = -1  # depth in _open of the outermost invisible element; -1: all is visible
        self._preformatted = 0
        self._gap = ""  # white space due before the next text
        self._begun = False

    def take(self) -> str:
        """The text since the last call."""
        text = "".join(self._parts)
        self._parts.clear()
        return text

    @property
    def held(self) -> int:
        """Characters that wait for the end of a tag, a comment or an entity."""
        return len(self.rawdata)

    def finish(self) -> int:
        """Take what still waits as text. Return the characters left out: markup that is never closed is no text.

        (`close` would look for text in it, in time that grows with the square of its length.)
        """
        rest, self.rawdata = self.rawdata, ""
        if rest.startswith("<"):
            return len(rest)
        self.handle_data(html.unescape(rest))
        return 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._break_at(tag)
        if "head" in self._open[-1:] and tag in _PARAGRAPHS - _INVISIBLE:  # authors may leave the head open
            self.handle_endtag("head")
        hidden = tag in _INVISIBLE or (tag in _CLOSED and any(name == "hidden" for name, _ in attrs))
        if tag in _CLOSED and len(self._open) < DEEPEST:
            if hidden and self._hidden_from < 0:
                self._hidden_from = len(self._open)
            self._open.append(tag)
        self._preformatted += tag == "pre"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._break_at(tag)  # to HTML "<div/>" opens an element, but authors mean an empty one

    def handle_endtag(self, tag: str) -> None:
        self._break_at(tag)
        if tag == "pre":
            self._preformatted = max(0, self._preformatted - 1)
        if tag in self._open:
            while self._open.pop() != tag:
                pass
            if len(self._open) <= self._hidden_from:
                self._hidden_from = -1

    def handle_data(self, data: str) -> None:
        if self._hidden_from >= 0 or not data:
            return
        if not self._preformatted:
            data = _SPACE.sub(" ", data)
            if data.startswith(" "):
                self._gap = self._gap or " "
                data = data[1:]
            if not data:
                return
        if self._gap and self._begun:
            self._parts.append(self._gap)
        self._gap, self._begun = "", True
        if not self._preformatted and data.endswith(" "):
            self._gap, data = " ", data[:-1]
        self._parts.append(data)

    def parse_html_declaration(self, i: int) -> int:
        """As in the parser of the library, which in some versions stops at "<![" with an AssertionError."""
        try:
            return super().parse_html_declaration(i)
        except AssertionError:
            return self.parse_bogus_comment(i)

    def _break_at(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self._gap = "\n\n"
        elif tag in _LINES and self._gap != "\n\n":
            self._gap = "\n"
        elif tag in _CELLS and not self._gap.strip(" "):
            self._gap = "\t"
