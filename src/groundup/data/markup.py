"""XML of any kind and subtitles, as text."""

import re
from collections.abc import Iterable
from xml.parsers import expat

from groundup.data.decoding import SkipFile
from groundup.data.file_log import FileLog, Located

_TIMING = re.compile(r"^\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}\s*-->")
_CUE_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,60}>|\{\\an?\d\}|<\d+:\d{2}(?::\d{2})?\.\d{3}>")
_SPACE = re.compile(r"\s+")


class XmlText:
    """The characters between tags. An end of line beside a tag, and two tags without text between them, part blocks."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._after_tag = True
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = lambda name, attributes: self._tag()
        self._parser.EndElementHandler = lambda name: self._tag()
        self._parser.CharacterDataHandler = self._characters

    def feed(self, block: bytes, final: bool = False) -> str:
        """Take bytes and return the text that they complete. Raises expat.ExpatError for what is not XML."""
        self._parser.Parse(block, final)
        text = "".join(self._parts)
        self._parts.clear()
        return text

    def taken(self) -> str:
        """What had been understood before an error."""
        text = "".join(self._parts)
        self._parts.clear()
        return text

    def _tag(self) -> None:
        if self._after_tag:
            self._parts.append("\n\n")
        self._after_tag = True

    def _characters(self, data: str) -> None:
        if not data.strip():
            if "\n" in data:
                self._parts.append("\n\n")
            else:
                self._parts.append(" ")
                self._after_tag = False
            return
        self._after_tag = False
        before = "\n\n" if "\n" in data[: len(data) - len(data.lstrip())] else ""
        after = "\n\n" if "\n" in data[len(data.rstrip()) :] else ""
        start = " " if not before and data[0].isspace() else ""
        end = " " if not after and data[-1].isspace() else ""
        self._parts.append(f"{before}{start}{_SPACE.sub(' ', data.strip())}{end}{after}")


def read_xml(blocks: Iterable[bytes], log: FileLog) -> Located:
    """The text of an XML file, one document. Entity bombs are refused by the parser itself (expat 2.4 and later)."""
    page, begun = XmlText(), False
    try:
        for block in blocks:
            if text := page.feed(block):
                begun = begun or bool(text.strip())
                yield text, ""
        if text := page.feed(b"", final=True):
            yield text, ""
    except expat.ExpatError as error:
        rest = page.taken()
        bomb = "amplification" in str(error)  # what it gave so far is the bomb's text
        if not begun and (bomb or not rest.strip()):
            raise SkipFile("damaged", f"not XML ({error})") from error
        yield rest, ""
        log.notes.append(f"damaged: not XML any more from line {error.lineno:,} on; what came before was read")


def read_subtitles(lines: Iterable[tuple[int, str]]) -> Located:
    """What is said in an srt or vtt file, a line a cue line; no numbers, times, notes and styles."""
    in_cue, last = False, ""
    for _, raw in lines:
        line = raw.strip("\ufeff \t\r")
        if not line:
            in_cue = False
        elif _TIMING.match(line):
            in_cue = True
        elif in_cue and (text := " ".join(_CUE_TAG.sub("", line).split())) and text != last:
            last = text  # rolling captions show each line twice
            yield f"{text}\n", ""
