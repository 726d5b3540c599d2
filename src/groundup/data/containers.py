"""Files inside files: zip and tar archives. Each member is unpacked to a temporary file and read like any other.

What an archive may do is bounded: what unpacks to more than MOST_TIMES its size is an archive bomb and is left
out, a sparse file too; an archive within an archive is not opened; nothing is ever written where a member's
name says. Every member that gives no text is told to the log.
"""

import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from groundup.data.decoding import BOMB_FLOOR, MOST_TIMES, BlockReader, SkipFile, byte_blocks
from groundup.data.file_log import FileLog, Located
from groundup.data.sources import ARCHIVES, format_of

ReadFile = Callable[[Path, str, str, FileLog], Located]
_DAMAGE = (zipfile.BadZipFile, tarfile.TarError, OSError, EOFError, RuntimeError, NotImplementedError, ValueError)
_COPY = 1 << 20


@dataclass(frozen=True)
class _Member:
    """A file in an archive."""

    name: str
    size_bytes: int
    """Unpacked, as the archive says."""
    trouble: str
    """Why it is not opened; empty if it is."""
    open: Callable[[], IO[bytes]]


def read_archive(path: Path, file_format: str, text_column: str, log: FileLog, read_file: ReadFile) -> Located:
    """Read every member that has a known format, in the order of the archive. Locations begin with `member=NAME`."""
    members = _zip_members(path, log) if file_format == "zip" else _tar_members(path, log)
    others = number = 0
    example = ""
    with tempfile.TemporaryDirectory() as folder:
        for number, member in enumerate(members, 1):
            kind = format_of(member.name)
            hidden = any(part.startswith(".") for part in PurePosixPath(member.name).parts)
            if kind is None or hidden:
                others += 1
                example = example or member.name
                continue
            trouble = "an archive within an archive" if kind in ARCHIVES else member.trouble
            if trouble:
                log.bad_row(number, f"member {member.name}: {trouble}")
                continue
            yield from _read_member(member, number, Path(folder), kind, text_column, log, read_file)
    if others:
        log.notes.append(f"{others:,} members are no text files (such as {example[:100]})")
    if not number:
        raise SkipFile("empty", "the archive has no members")


def _read_member(
    member: _Member, number: int, folder: Path, kind: str, text_column: str, log: FileLog, read_file: ReadFile
) -> Located:
    suffixes = "".join(PurePosixPath(member.name.lower()).suffixes[-2:])
    target = (
        folder / f"member{suffixes if suffixes.isascii() and len(suffixes) < 40 else PurePosixPath(member.name).suffix}"
    )

    def bad_row(row: int, reason: str) -> None:
        log.bad_row(number, f"member {member.name}, row {row}: {reason}")

    try:
        with member.open() as source, open(target, "wb") as copy:
            left = member.size_bytes
            while left > 0 and (block := source.read(min(_COPY, left))):
                copy.write(block)
                left -= len(block)
        inner = FileLog(bad_row)
        for text, place in read_file(target, kind, text_column, inner):
            yield text, f"member={member.name}&{place}" if place else f"member={member.name}"
        log.notes += [f"member {member.name}: {note}" for note in inner.notes]
    except SkipFile as skip:
        log.bad_row(number, f"member {member.name}: {skip.reason}: {skip.detail}")
    except _DAMAGE as error:
        log.bad_row(number, f"member {member.name}: damaged ({error})")
    finally:
        target.unlink(missing_ok=True)


def _zip_members(path: Path, log: FileLog) -> Iterator[_Member]:
    try:
        archive = zipfile.ZipFile(path)
    except _DAMAGE as error:
        raise SkipFile("damaged", f"not a whole zip archive ({error})") from error
    with archive:
        size = max(1, path.stat().st_size)
        for info in archive.infolist():
            log.at(info.header_offset / size)
            if info.is_dir():
                continue
            trouble = ""
            if info.flag_bits & 1:
                trouble = "encrypted"
            elif info.file_size > max(BOMB_FLOOR, MOST_TIMES * info.compress_size):
                trouble = f"an archive bomb ({info.compress_size:,} bytes would become {info.file_size:,})"

            def open_member(info: zipfile.ZipInfo = info) -> IO[bytes]:
                return archive.open(info)

            yield _Member(info.filename, info.file_size, trouble, open_member)


def _tar_members(path: Path, log: FileLog) -> Iterator[_Member]:
    stream = BlockReader(byte_blocks(path, log.notes.append, log.at))
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:  # type: ignore[call-overload]
            for info in archive:
                if info.isdir():
                    continue
                trouble = "" if info.isfile() and not info.issparse() else "a link, device or sparse file"

                def open_member(info: tarfile.TarInfo = info) -> IO[bytes]:
                    file = archive.extractfile(info)
                    if file is None:
                        raise OSError("it has no content")
                    return file

                yield _Member(info.name, info.size, trouble, open_member)
    except tarfile.ReadError as error:
        if stream.count == 0 or "empty" in str(error):
            raise SkipFile("damaged", f"not a tar archive ({error})") from error
        log.notes.append(f"damaged: the archive ends early ({error})")
    except (tarfile.TarError, EOFError, ValueError) as error:
        log.notes.append(f"damaged: the archive ends early ({error})")
