"""Web archives: the pages of a WARC file (ISO 28500) and the texts of a WET file, one document a record.

A record is a block of headers, a blank line and `Content-Length` bytes. `conversion` records (WET) are text,
`response` records hold an HTTP response, of which HTML and plain text are read. Others are passed over.
"""

import codecs
import re
import zlib
from collections.abc import Iterable

from groundup.data.decoding import BlockReader, SkipFile
from groundup.data.file_log import FileLog, Located
from groundup.data.html_text import HtmlText

RECORD_LIMIT = 32 << 20
"""Bytes: a longer record is a bad row, since a record is held in memory."""
_HEADER_LIMIT = 64 << 10
_CHARSET = re.compile(rb"""charset=["']?([\w.:-]{2,40})""", re.IGNORECASE)


def read_warc(blocks: Iterable[bytes], log: FileLog) -> Located:
    """The texts of the records; locations are `record=3`, counted from 1 over all records."""
    stream, number, passed = BlockReader(blocks), 0, 0
    while (header := _headers(stream)) is not None:
        number += 1
        kind, length = header.get("warc-type", ""), header.get("content-length", "")
        if not header.get("warc", "") or not length.isdecimal():
            if number == 1:
                raise SkipFile("damaged", "it does not begin with a WARC record")
            log.notes.append(f"damaged: record {number:,} has no valid header; what came before was read")
            return
        size = int(length)
        if kind not in ("conversion", "response") or size > RECORD_LIMIT:
            stream.skip(size)
            if size > RECORD_LIMIT:
                log.bad_row(number, f"longer than {RECORD_LIMIT:,} bytes")
            else:
                passed += 1
            continue
        payload = stream.read(size)
        if len(payload) < size:
            log.notes.append(f"damaged: it ends within record {number:,}")
        try:
            text = payload.decode("utf-8", "replace") if kind == "conversion" else _response_text(payload)
        except (ValueError, LookupError, OSError, EOFError, zlib.error) as error:
            log.bad_row(number, f"its content cannot be decoded ({error})")
            continue
        if text is None:
            passed += 1
        else:
            yield text, f"record={number}"
    if passed:
        log.notes.append(f"{passed:,} of {number:,} records are no pages (requests, metadata, pictures)")


def _headers(stream: BlockReader) -> dict[str, str] | None:
    """The header lines of the next record, with lower-case names; None at the end of the file."""
    line = stream.readline(_HEADER_LIMIT)
    while line and not line.strip():
        line = stream.readline(_HEADER_LIMIT)
    if not line:
        return None
    headers = {"warc": "yes"} if line.startswith(b"WARC/") else {}
    size = 0
    while (line := stream.readline(_HEADER_LIMIT)).strip():
        size += len(line)
        if size > _HEADER_LIMIT:
            return {}
        name, _, value = line.decode("utf-8", "replace").partition(":")
        headers[name.strip().lower()] = value.strip()
    return headers


def _response_text(payload: bytes) -> str | None:
    """The text of an HTTP response; None when it is no page."""
    head, _, body = payload.partition(b"\r\n\r\n")
    fields = {}
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        fields[name.strip().lower()] = value.strip().lower()
    kind = fields.get(b"content-type", b"text/html")
    if not kind.startswith((b"text/html", b"application/xhtml", b"text/plain")):
        return None
    if b"chunked" in fields.get(b"transfer-encoding", b""):
        body = _unchunked(body)
    if fields.get(b"content-encoding", b"") in (b"gzip", b"x-gzip", b"deflate"):
        body = _unpacked(body)
    match = _CHARSET.search(kind) or _CHARSET.search(body[:2000])
    encoding = match[1].decode("ascii") if match else "utf-8"
    try:
        codecs.lookup(encoding)
        text = body.decode(encoding, "replace")
    except LookupError:
        text = body.decode("utf-8", "replace")
    if kind.startswith(b"text/plain"):
        return text
    page = HtmlText()
    page.feed(text)
    page.finish()
    return page.take()


def _unpacked(body: bytes) -> bytes:
    decompressor = zlib.decompressobj(wbits=47 if body[:2] == b"\x1f\x8b" else zlib.MAX_WBITS)
    text = decompressor.decompress(body, RECORD_LIMIT)
    if decompressor.unconsumed_tail:
        raise ValueError(f"it unpacks to more than {RECORD_LIMIT:,} bytes")
    return text


def _unchunked(body: bytes) -> bytes:
    parts, position = [], 0
    while (end := body.find(b"\r\n", position)) >= 0:
        try:
            size = int(body[position:end].split(b";")[0], 16)
        except ValueError:
            return body  # it says chunked and is not: crawlers do that
        if size <= 0:
            break
        parts.append(body[end + 2 : end + 2 + size])
        position = end + 2 + size + 2
    return b"".join(parts)
