"""Formats of office and publishing: epub, docx and pdf, each one document."""

import posixpath
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from typing import IO
from urllib.parse import unquote
from xml.etree import ElementTree

from groundup.data.decoding import BOMB_FLOOR, MOST_TIMES, SkipFile
from groundup.data.file_log import FileLog, Located
from groundup.data.html_text import HtmlText

_CONTAINER = "META-INF/container.xml"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DAMAGE = (zipfile.BadZipFile, ElementTree.ParseError, KeyError, OSError, EOFError, ValueError, RuntimeError)
_DAMAGE_LATER = (*_DAMAGE, NotImplementedError)


def _open_zip(file: IO[bytes], what: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except _DAMAGE_LATER as error:
        raise SkipFile("damaged", f"not a whole {what} file ({error})") from error


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    info = archive.getinfo(name)
    if info.file_size > max(BOMB_FLOOR, MOST_TIMES * info.compress_size):
        raise ValueError(f"{name} is an archive bomb")
    with archive.open(info) as member:
        return member.read(info.file_size)


def read_epub(file: IO[bytes], log: FileLog) -> Located:
    """The chapters of a book in the order of its spine."""
    with _open_zip(file, "epub") as archive:
        try:
            chapters = list(_spine(archive))
        except _DAMAGE_LATER as error:
            raise SkipFile("damaged", f"its table of chapters cannot be read ({_say(error)})") from error
        lost = 0
        for name in chapters:
            try:
                page = HtmlText()
                page.feed(_member(archive, name).decode("utf-8", "replace"))
                page.finish()
            except _DAMAGE_LATER:
                lost += 1
                continue
            if text := page.take().strip():
                yield f"{text}\n\n", ""
    if lost:
        log.notes.append(f"damaged: {lost:,} of {len(chapters):,} chapters could not be read")


def _spine(archive: zipfile.ZipFile) -> Iterator[str]:
    root = ElementTree.fromstring(_member(archive, _CONTAINER))
    package = next(element.get("full-path", "") for element in root.iter() if element.tag.endswith("}rootfile"))
    folder = posixpath.dirname(package)
    tree = ElementTree.fromstring(_member(archive, package))
    items = {item.get("id"): item.get("href", "") for item in tree.iter() if item.tag.endswith("}item")}
    for reference in tree.iter():
        if reference.tag.endswith("}itemref") and (href := items.get(reference.get("idref"))):
            yield posixpath.normpath(posixpath.join(folder, unquote(href)))


def read_docx(file: IO[bytes], log: FileLog) -> Located:
    """The paragraphs of a word processor's document, tables and all; no headers, footers and comments."""
    with _open_zip(file, "docx") as archive:
        try:
            body = ElementTree.fromstring(_member(archive, "word/document.xml"))
        except _DAMAGE_LATER as error:
            raise SkipFile("damaged", f"its text cannot be read ({_say(error)})") from error
    for paragraph in body.iter(f"{_WORD}p"):
        parts = []
        for element in paragraph.iter():
            if element.tag == f"{_WORD}t":
                parts.append(element.text or "")
            elif element.tag in (f"{_WORD}tab", f"{_WORD}br", f"{_WORD}cr"):
                parts.append("\t" if element.tag.endswith("}tab") else "\n")
        if text := "".join(parts).strip():
            yield f"{text}\n\n", ""


def read_pdf(file: IO[bytes], log: FileLog) -> Located:
    """The text of a document's pages, as far as it is text and no picture."""
    if find_spec("pypdf") is None:
        raise SkipFile("needs pypdf", "install it to read pdf: pip install 'groundup[pdf]'")
    import pypdf

    lost = empty = 0
    try:
        reader = pypdf.PdfReader(file, strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise SkipFile("encrypted", "it needs a password")
        count = len(reader.pages)
    except SkipFile:
        raise
    except Exception as error:
        raise SkipFile("damaged", f"not a whole pdf file ({_say(error)})") from error
    for number in range(count):
        try:
            text = reader.pages[number].extract_text().strip()
        except Exception:
            lost += 1
            continue
        empty += not text
        if text:
            yield f"{text}\n\n", ""
    if lost:
        log.notes.append(f"damaged: {lost:,} of {count:,} pages could not be read")
    if empty:
        log.notes.append(f"{empty:,} of {count:,} pages hold no text (pictures of text are not read)")


def _say(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
