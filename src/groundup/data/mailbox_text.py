"""A mailbox (mbox): one document a message, its subject and what was written."""

import email
import email.policy
from collections.abc import Iterable, Iterator
from email.message import EmailMessage

from groundup.data.file_log import FileLog, Located
from groundup.data.html_text import HtmlText

MESSAGE_LIMIT = 64 << 20
"""Bytes: a longer message (with its attachments) is a bad row, since a message is held in memory."""


def read_mbox(blocks: Iterable[bytes], log: FileLog) -> Located:
    """The messages of a mailbox; locations are `message=3`, counted from 1."""
    for number, data in enumerate(_messages(blocks), 1):
        if data is None:
            log.bad_row(number, f"longer than {MESSAGE_LIMIT:,} bytes")
            continue
        try:
            text = _message_text(data)
        except Exception as error:
            log.bad_row(number, f"not a message ({' '.join(str(error).split())[:100]})")
            continue
        yield text, f"message={number}"


def _messages(blocks: Iterable[bytes]) -> Iterator[bytes | None]:
    """The bytes of each message without its "From " line; None for one that is too long."""
    lines: list[bytes] = []
    size, begun, after_blank = 0, False, True
    for line in _byte_lines(blocks):
        if after_blank and line.startswith(b"From "):
            if begun:
                yield b"".join(lines) if size <= MESSAGE_LIMIT else None
            lines, size, begun = [], 0, True
        elif begun or line.strip():
            begun = True
            size += len(line)
            if size <= MESSAGE_LIMIT:
                lines.append(line[1:] if line.startswith(b">From ") else line)
            else:
                lines = []
        after_blank = not line.strip()
    if begun:
        yield b"".join(lines) if size <= MESSAGE_LIMIT else None


def _byte_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    held = b""
    for block in blocks:
        *lines, held = (held + block).split(b"\n")
        for line in lines:
            yield line + b"\n"
        if len(held) > MESSAGE_LIMIT:
            yield held
            held = b""
    if held:
        yield held


def _message_text(data: bytes) -> str:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    subject = " ".join(str(message.get("Subject", "")).split())
    body = message.get_body(preferencelist=("plain", "html"))
    content = ""
    if body is not None:
        raw = body.get_payload(decode=True)
        payload = raw if isinstance(raw, bytes) else b""
        charset = body.get_content_charset("utf-8")
        try:
            content = payload.decode(charset, "replace")
        except LookupError:
            content = payload.decode("utf-8", "replace")
        if body.get_content_type() == "text/html":
            page = HtmlText()
            page.feed(content)
            page.finish()
            content = page.take()
    return f"{subject}\n\n{content}".strip()
