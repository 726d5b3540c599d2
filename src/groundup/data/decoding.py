"""From the bytes of a file, compressed or not, to its text in pieces: constant memory, and no file is fatal.

Which encoding a file has is decided on all of it before any of its text is used, so a file is read twice:
a byte order mark says so; else UTF-8 if it is valid; else, without control bytes, mostly UTF-8 with the bad bytes
replaced, or Windows' cp1252; else it is binary. NUL bytes (outside UTF-16) make a file binary at once.
"""

import bz2
import codecs
import gzip
import io
import lzma
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import zstandard

from groundup.utils.files import sha256_file
from groundup.utils.progress import quiet

BLOCK = 1 << 20
"""Bytes read at once."""
_ZSTD_INPUT = 1 << 9  # what comes out for one input is bounded by the input's size only, so it is kept small
_CONTROL_BYTES = bytes(set(range(32)) - set(b"\a\b\t\n\v\f\r\x1b")) + b"\x7f"
_WESTERN_BYTES = bytes(set(range(256)) - set(b"\x81\x8d\x8f\x90\x9d"))  # cp1252 leaves these five undefined
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DAMAGE = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zstandard.ZstdError)
BOMB_FLOOR = 64 << 20
"""Bytes: what unpacks to less is harmless, however small it was."""
MOST_TIMES = 300
"""What unpacks to more than this times its size is an archive bomb: text packs to a tenth, logs to a hundredth."""

Note = Callable[[str], None]
"""Takes what a person should know about a file that is read nevertheless."""


class SkipFile(Exception):  # noqa: N818 - a decision, not an error
    """This file gives no text. `reason` is one of a few words to count by, `detail` says what exactly."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


def size_and_hash(path: Path, tell: Callable[[int], None] | None = None) -> tuple[int, str]:
    """A file's size in bytes and its SHA-256; `tell` takes the size of each block that has been read.

    Raises SkipFile when it cannot be read.
    """
    try:
        return path.stat().st_size, sha256_file(path, tell)
    except OSError as error:
        raise SkipFile("unreadable", error.strerror or str(error)) from error


def size_of(path: Path) -> int:
    """A file's size in bytes; 0 when it cannot be looked at, which reading it will say."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def note_change(path: Path, size_bytes: int, note: Note) -> None:
    """Say when a file is no longer as large as it was when its hash was taken."""
    try:
        now = path.stat().st_size
    except OSError:
        note("it was removed while it was read")
        return
    if now != size_bytes:
        note(f"it changed while it was read: {size_bytes:,} bytes at first, {now:,} now")


def byte_blocks(path: Path, note: Note = quiet, at: Callable[[float], None] | None = None) -> Iterator[bytes]:
    """Yield the decompressed bytes of a file. After damage what came before it stands, and `note` is told.

    `at` takes the share of the file that has been read.

    Raises SkipFile when nothing at all can be read.
    """
    count = 0
    opener = _OPENERS.get(path.suffix.lower())
    try:
        with open(path, "rb") as file:
            # Not beyond the size that it has now: a file that grows while it is read (a log) would never end.
            size = os.fstat(file.fileno()).st_size
            for block in opener(file) if opener else _plain_blocks(file, size):
                count += len(block)
                if opener and count > max(BOMB_FLOOR, MOST_TIMES * size):
                    note(f"archive bomb: it unpacks to more than {MOST_TIMES} times its size; its rest was left out")
                    return
                if at is not None:
                    at(file.tell() / max(1, size))
                yield block
    except _DAMAGE as error:
        what = (error.strerror if isinstance(error, OSError) else None) or str(error)
        if not count:
            raise SkipFile("damaged" if path.suffix.lower() in _OPENERS else "unreadable", what) from error
        note(f"damaged: only the first {count:,} bytes (uncompressed) could be read ({what})")


def _plain_blocks(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0 and (block := file.read(min(BLOCK, size))):
        size -= len(block)
        yield block


def _gzip_blocks(file: BinaryIO) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=file) as stream:
        while block := stream.read1(BLOCK):  # read() would lose what it has when it meets damage
            yield block


def _zstd_blocks(file: BinaryIO) -> Iterator[bytes]:
    # Public dumps of large corpora use windows of 2 GB; memory is taken only when a file asks for it.
    decompressor = zstandard.ZstdDecompressor(max_window_size=1 << 31)
    data = file.read(_ZSTD_INPUT)
    while data:  # a file may hold several frames
        frame = decompressor.decompressobj()
        while not frame.eof:
            if not data:
                raise EOFError("it ends within compressed data")
            if block := frame.decompress(data):
                yield block
            data = frame.unused_data if frame.eof else file.read(_ZSTD_INPUT)
        data = data or file.read(_ZSTD_INPUT)


def _bz2_blocks(file: BinaryIO) -> Iterator[bytes]:
    yield from _streams(file, bz2.BZ2Decompressor)


def _xz_blocks(file: BinaryIO) -> Iterator[bytes]:
    # The format lets a file ask for gigabytes of memory; xz -9 needs 65 MB.
    yield from _streams(file, lambda: lzma.LZMADecompressor(memlimit=512 << 20))


def _streams(file: BinaryIO, new: Callable[[], Any]) -> Iterator[bytes]:
    """One or several compressed streams after each other, unpacked in blocks of bounded size."""
    data = file.read(BLOCK)
    while data:
        decompressor = new()
        while not decompressor.eof:
            if decompressor.needs_input and not data:
                data = file.read(BLOCK)
                if not data:
                    raise EOFError("it ends within compressed data")
            if block := decompressor.decompress(data, BLOCK):
                yield block
            data = b""
        data = decompressor.unused_data or file.read(BLOCK)
        while data and not data.strip(b"\0"):  # padding between streams
            data = file.read(BLOCK)


_OPENERS = {
    ".gz": _gzip_blocks,
    ".tgz": _gzip_blocks,
    ".zst": _zstd_blocks,
    ".bz2": _bz2_blocks,
    ".tbz2": _bz2_blocks,
    ".xz": _xz_blocks,
    ".txz": _xz_blocks,
}


class BlockReader:
    """Blocks of bytes as something to read from."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self._held = b""
        self._place = 0
        self.count = 0
        """Bytes handed out."""

    def read(self, size: int = -1) -> bytes:
        """The next bytes: as many as are asked for, fewer at the end."""
        parts, missing = [], size
        while missing:
            if self._place >= len(self._held) and not self._fill():
                break
            end = len(self._held) if missing < 0 else min(len(self._held), self._place + missing)
            parts.append(self._held[self._place : end])
            missing -= (end - self._place) if missing > 0 else 0
            self._place = end
        data = b"".join(parts)
        self.count += len(data)
        return data

    def readline(self, limit: int) -> bytes:
        """The next line with its end, at most `limit` bytes of it."""
        parts, size = [], 0
        while size < limit:
            if self._place >= len(self._held) and not self._fill():
                break
            found = self._held.find(b"\n", self._place, self._place + limit - size)
            end = found + 1 if found >= 0 else min(len(self._held), self._place + limit - size)
            parts.append(self._held[self._place : end])
            size += end - self._place
            self._place = end
            if found >= 0:
                break
        self.count += size
        return b"".join(parts)

    def skip(self, size: int) -> None:
        """Pass over bytes."""
        while size > 0 and (block := self.read(min(size, BLOCK))):
            size -= len(block)

    def _fill(self) -> bool:
        self._held, self._place = next(self._blocks, b""), 0
        return bool(self._held)


@dataclass(frozen=True)
class TextForm:
    """How to decode a file."""

    encoding: str
    errors: str = "strict"
    note: str = ""
    """What a person should know about it."""


def read_text(
    path: Path, form: TextForm, note: Note = quiet, at: Callable[[float], None] | None = None
) -> Iterator[str]:
    """Yield a file's text in pieces, with line ends as "\\n"; `at` takes the share of the file that has been read."""
    decoder = _decoder(form)
    for block in byte_blocks(path, note, at):
        if text := decoder.decode(block):
            yield text
    if text := decoder.decode(b"", final=True):
        yield text


def _decoder(form: TextForm) -> io.IncrementalNewlineDecoder:
    return io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(form.encoding)(form.errors), translate=True)


def detect_form(path: Path) -> TextForm:
    """Find out how to decode a file, reading all of it. Raises SkipFile when it is empty, binary or unreadable."""
    head = next(byte_blocks(path), b"")
    if not head:
        raise SkipFile("empty", "0 bytes (uncompressed)")
    if head.startswith(_UTF_16):
        return _check_utf_16(path)
    encoding = "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"
    decoder = codecs.getincrementaldecoder(encoding)()
    valid, all_ascii, pending = True, True, b""
    for block in byte_blocks(path):
        if b"\0" in block:
            raise SkipFile("binary", "it holds NUL bytes; if it is text in UTF-16, save it as UTF-8")
        if valid:
            try:
                all_ascii = decoder.decode(block).isascii() and all_ascii
                pending = decoder.getstate()[0]
            except UnicodeDecodeError:
                valid = False  # go on: NUL bytes may follow
    if valid and not pending:
        return TextForm(encoding)
    if valid and not all_ascii:
        return TextForm(encoding, "ignore", "its last character is cut off and was left out")
    return _not_utf_8(path, encoding)


def _check_utf_16(path: Path) -> TextForm:
    decoder = codecs.getincrementaldecoder("utf-16")()
    try:
        for block in byte_blocks(path):
            if "\0" in decoder.decode(block):
                raise SkipFile("binary", "it holds NUL characters")
    except UnicodeDecodeError as error:
        raise SkipFile("binary", "it begins as UTF-16 and is not") from error
    cut = decoder.getstate()[0]
    return TextForm("utf-16", "ignore", "its last character is cut off and was left out") if cut else TextForm("utf-16")


def _not_utf_8(path: Path, encoding: str) -> TextForm:
    """Decide between UTF-8 with a few bad bytes, cp1252 and binary."""
    lenient = codecs.getincrementaldecoder(encoding)("replace")
    western, bad, good = True, 0, 0
    for block in chain(byte_blocks(path), [b""]):
        if len(block.translate(None, _CONTROL_BYTES)) < len(block):
            raise SkipFile("binary", "it is not UTF-8 and holds control bytes")
        text = lenient.decode(block, final=not block)
        replaced = text.count("\ufffd")
        bad += replaced
        good += len(text) - len(text.encode("ascii", "ignore")) - replaced
        western = western and not block.translate(None, _WESTERN_BYTES)
    if bad <= good:
        return TextForm(encoding, "replace", f"{bad:,} places are not UTF-8 and were replaced by U+FFFD")
    if western:
        return TextForm("cp1252", note="not UTF-8: decoded as cp1252; if it reads wrongly, save it as UTF-8")
    raise SkipFile("binary", "it is neither UTF-8 nor cp1252 text")
