"""Files of conversations become rows: jsonl, json, parquet, csv or text, each also .gz or .zst."""

import csv
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, TypeVar

import pyarrow
import pyarrow.parquet

from groundup.data.conversations import (
    UTTERANCE_END,
    BadRow,
    Conversation,
    Preference,
    labelled_blocks,
    read_conversation,
    read_preference,
)
from groundup.data.decoding import SkipFile, byte_blocks, detect_form, read_text
from groundup.utils.errors import UserError
from groundup.utils.progress import Say, quiet

FORMATS = {".jsonl": "jsonl", ".json": "json", ".parquet": "parquet", ".csv": "csv", ".tsv": "csv", ".txt": "text"}
READABLE = "jsonl, json, parquet, csv or txt, each also .gz or .zst"
ROWS_TOLD = 5  # bad rows of a file that are told one by one; the others are counted

Rows = Iterator[tuple[int, Any]]
T = TypeVar("T", Conversation, Preference)


@dataclass
class RowReport:
    """What became of the rows of all files."""

    rows: int = 0
    bad: int = 0
    duplicates: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def describe(self, kept: int) -> str:
        """As one line."""
        line = f"{self.rows:,} rows: {kept:,} kept, {self.duplicates:,} duplicates left out, {self.bad:,} bad"
        reasons = "; ".join(f"{count:,} {reason}" for reason, count in self.reasons.most_common(3))
        return f"{line} ({reasons})" if reasons else line


def read_conversations(paths: Iterable[str | Path], say: Say = quiet) -> tuple[list[Conversation], RowReport]:
    """All conversations of files and folders, each once. Bad rows are told with file and line, counted and left out.

    Raises UserError for a path that does not exist or cannot be read at all, and when nothing is left.
    """
    return _read(paths, read_conversation, "conversation", say)


def read_preferences(paths: Iterable[str | Path], say: Say = quiet) -> tuple[list[Preference], RowReport]:
    """All preferences of files and folders; otherwise as `read_conversations`."""
    return _read(paths, read_preference, "preference", say)


def _read(paths: Iterable[str | Path], parse: Callable[[Any], T], what: str, say: Say) -> tuple[list[T], RowReport]:
    report = RowReport()
    kept: dict[Any, T] = {}
    files = expand(paths)
    for path in files:
        told = report.bad
        for number, row in rows_of(path, say):
            report.rows += 1
            try:
                if isinstance(row, BadRow):
                    raise row
                one = parse(row)
            except BadRow as error:
                report.bad += 1
                report.reasons[str(error).split(";")[0]] += 1
                if report.bad - told <= ROWS_TOLD:
                    say(f"{path}:{number}: {error}")
                continue
            key = (one.id, one.chosen, one.rejected) if isinstance(one, Preference) else one.id
            if key in kept:
                report.duplicates += 1
            kept.setdefault(key, one)
        if report.bad - told > ROWS_TOLD:
            say(f"{path}: {report.bad - told - ROWS_TOLD:,} further bad rows")
    if not kept:
        names = ", ".join(str(path) for path in files)
        raise UserError(f"{names} hold no {what} ({report.describe(0)}). See the help of groundup tune for the forms.")
    return list(kept.values()), report


def expand(paths: Iterable[str | Path]) -> list[Path]:
    """Files as they are, folders as the readable files in them, by name. Raises UserError."""
    found: list[Path] = []
    for given in map(Path, paths):
        if not given.exists():
            raise UserError(f"the file of conversations {given} does not exist. Check the path.")
        if given.is_dir():
            inside = [path for path in sorted(given.rglob("*")) if path.is_file() and format_of(path)]
            if not inside:
                raise UserError(f"the folder {given} holds no file of conversations ({READABLE}).")
            found += inside
        elif format_of(given) is None:
            raise UserError(f"{given} is no file of conversations: {READABLE} can be read.")
        else:
            found.append(given)
    return found


def format_of(path: Path) -> str | None:
    """The format that a file's name stands for, without .gz or .zst."""
    name = PurePath(path.name.lower())
    return FORMATS.get(PurePath(name.stem).suffix if name.suffix in (".gz", ".zst") else name.suffix)


def rows_of(path: Path, say: Say) -> Rows:
    """Yield (line or row number from 1, row) of one file; a BadRow in the place of a row that cannot be read."""
    try:
        if format_of(path) == "parquet":
            yield from _parquet_rows(path, say)
            return
        form = detect_form(path)
        lines = _lines(read_text(path, form, lambda note: say(f"{path}: {note}")))
        if format_of(path) == "jsonl":
            yield from _jsonl_rows(lines)
        elif format_of(path) == "json":
            yield from _json_rows("\n".join(lines))
        elif format_of(path) == "csv":
            yield from _csv_rows(lines)
        else:
            yield from _text_rows(lines)
    except SkipFile as skipped:
        raise UserError(f"{path} cannot be read: {skipped.detail}. Restore it, or leave it out.") from skipped


def _lines(pieces: Iterator[str]) -> Iterator[str]:
    held = ""
    for piece in pieces:
        *whole, held = (held + piece).split("\n")
        yield from (line.removesuffix("\r") for line in whole)
    if held:
        yield held


def _jsonl_rows(lines: Iterator[str]) -> Rows:
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                yield number, BadRow(f"not JSON ({error})")


def _json_rows(text: str) -> Rows:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SkipFile("damaged", f"not JSON ({error})") from error
    if isinstance(value, dict):
        lists = [part for part in value.values() if isinstance(part, list)]
        value = lists[0] if len(lists) == 1 and "messages" not in value else [value]
    if not isinstance(value, list):
        raise SkipFile("damaged", "neither a list of conversations nor an object that holds one")
    yield from enumerate(value, 1)


def _csv_rows(lines: Iterator[str]) -> Rows:
    header = next(lines, "")
    delimiter = max(",;\t|", key=header.count)
    names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter)
    number = 2
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, BadRow(str(error))
            continue
        if row and len(row) != len(names):
            yield number, BadRow(f"{len(row)} columns where the header has {len(names)}")
        elif row:
            yield number, {name: value for name, value in zip(names, row, strict=True) if value}
        number = reader.line_num + 2


def _text_rows(lines: Iterator[str]) -> Rows:
    first = [line for _, line in zip(range(50), lines, strict=False)]
    rest = (line for part in (first, lines) for line in part)
    if any(UTTERANCE_END in line for line in first):
        yield from ((number, line) for number, line in enumerate(rest, 1) if line.strip())
    else:
        yield from labelled_blocks(rest)


def _parquet_rows(path: Path, say: Say) -> Rows:
    damage = (pyarrow.ArrowException, OSError, ValueError)
    with tempfile.TemporaryFile() as unpacked:
        for block in byte_blocks(path, say):
            unpacked.write(block)
        unpacked.seek(0)
        number = 0
        try:
            for batch in pyarrow.parquet.ParquetFile(unpacked).iter_batches(256):
                for row in batch.to_pylist():
                    number += 1
                    yield number, {key: value for key, value in row.items() if value is not None}
        except damage as error:
            raise SkipFile("damaged", f"not a whole Parquet file ({' '.join(str(error).split())[:150]})") from error
