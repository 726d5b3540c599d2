"""One reader for each format: a file becomes documents, in constant memory.

A reader yields (text, location). Consecutive texts with one location are the pieces of one document, so that a
document may be larger than memory. The location is "" for the document that is a whole file, else `line=12` or
`row=12`, counted from 1. What cannot be read is told to the `FileLog`: single rows, or remarks on the file.
"""

import contextlib
import csv
import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pyarrow
import pyarrow.ipc
import pyarrow.parquet

from groundup.data.books import read_docx, read_epub, read_pdf
from groundup.data.containers import read_archive
from groundup.data.decoding import SkipFile, byte_blocks, detect_form, read_text
from groundup.data.documents import MARKER_LINE
from groundup.data.file_log import FileLog, Located
from groundup.data.html_text import HtmlText
from groundup.data.mailbox_text import read_mbox
from groundup.data.markup import read_subtitles, read_xml
from groundup.data.sources import ARCHIVES, COMPRESSIONS
from groundup.data.warc import read_warc
from groundup.tokenizer.special_tokens import END_OF_TEXT

ROW_LIMIT = 64 << 20
"""Characters: a longer line of jsonl or field of csv is a bad row, since a row is held in memory."""
MARKUP_LIMIT = 8 << 20
"""Characters: html is read no further than to a longer tag or comment (pictures may stand within a tag)."""
_ROWS_AT_ONCE = 64
_DELIMITERS = ",;\t|"
_TABLE_DAMAGE = (pyarrow.ArrowException, OSError, ValueError)
_HALF_PAIR = re.compile("[\ud800-\udfff]")


def read_documents(path: Path, file_format: str, text_column: str, log: FileLog) -> Located:
    """Read one file. `file_format` is a value of sources.FORMATS; `text_column` is for jsonl, csv and parquet.

    Raises SkipFile, before any text, when the file as a whole gives none.
    """
    if file_format in ARCHIVES:
        yield from read_archive(path, file_format, text_column, log, read_documents)
    elif file_format in ("parquet", "arrow", "epub", "docx", "pdf"):
        yield from _read_whole_file(path, file_format, text_column, log)
    elif file_format in _OF_BYTES:
        yield from _OF_BYTES[file_format](byte_blocks(path, log.notes.append, log.at), log)
    else:
        yield from _read_text_file(path, file_format, text_column, log)


_OF_BYTES = {"xml": read_xml, "mbox": read_mbox, "warc": read_warc}


def _read_text_file(path: Path, file_format: str, text_column: str, log: FileLog) -> Located:
    form = detect_form(path)
    log.encoding = form.encoding
    if form.note:
        log.notes.append(form.note)
    pieces = read_text(path, form, log.notes.append, log.at)
    if file_format == "txt":
        yield from split_txt(pieces)
    elif file_format == "md":
        yield from ((piece, "") for piece in pieces)
    elif file_format == "html":
        yield from _read_html(pieces, log)
    elif file_format == "subtitles":
        yield from read_subtitles(_lines(pieces, log))
    elif file_format == "jsonl":
        yield from _read_jsonl(pieces, text_column, log)
    else:
        yield from _read_csv(pieces, text_column, log)


def split_txt(pieces: Iterator[str]) -> Located:
    """Part a text at its lines `<|endoftext|>`: several documents, named by their first line, or a single one."""
    line, location, begun, inside_line = 1, "", False, False
    for chunk in _whole_lines(pieces):
        position = 0
        for match in MARKER_LINE.finditer(chunk) if END_OF_TEXT in chunk else ():
            if match.start() == 0 and inside_line:
                continue
            if begun or location or match.start() > position:  # a marker at the very start parts nothing
                yield chunk[position : match.start()], location
            line += chunk.count("\n", position, match.end()) + 1
            location, begun, position = f"line={line}", False, min(match.end() + 1, len(chunk))
        if position < len(chunk):
            yield chunk[position:], location
            line, begun = line + chunk.count("\n", position), True
        inside_line = not chunk.endswith("\n")


def _whole_lines(pieces: Iterator[str]) -> Iterator[str]:
    """Cut the same text anew so that no line `<|endoftext|>` is cut: each chunk ends with a line, or in a long one."""
    held = ""
    for piece in pieces:
        text = held + piece
        end = text.rfind("\n") + 1
        if len(text) - end > 1000:  # no marker stands in so long a line
            end = len(text)
        held = text[end:]
        if end:
            yield text[:end]
    if held:
        yield held


def _read_html(pieces: Iterator[str], log: FileLog) -> Located:
    page = HtmlText()
    for piece in pieces:
        page.feed(piece)
        yield page.take(), ""
        if page.held > MARKUP_LIMIT:
            log.notes.append(f"read up to a tag or comment of more than {MARKUP_LIMIT:,} characters")
            return
    left_out = page.finish()
    yield page.take(), ""
    if left_out:
        log.notes.append(f"its last {left_out:,} characters are a tag or comment without end and were left out")


def _lines(pieces: Iterator[str], log: FileLog) -> Iterator[tuple[int, str]]:
    """Yield (number, line) without line ends. A line longer than ROW_LIMIT is told to the log and left out."""
    number, held, too_long = 1, "", False
    for piece in pieces:
        *lines, rest = piece.split("\n")
        for line in lines:
            if too_long:
                log.bad_row(number, f"longer than {ROW_LIMIT:,} characters")
            else:
                yield number, held + line
            number, held, too_long = number + 1, "", False
        if not too_long:
            held += rest
        if len(held) > ROW_LIMIT:
            held, too_long = "", True
    if too_long:
        log.bad_row(number, f"longer than {ROW_LIMIT:,} characters")
    elif held:
        yield number, held


def _names(names: Any) -> str:
    shown = [str(name)[:40] for name in names]
    return ", ".join(shown[:20]) + (f" and {len(shown) - 20} more" if len(shown) > 20 else "") or "none"


def _read_jsonl(pieces: Iterator[str], column: str, log: FileLog) -> Located:
    for number, line in _lines(pieces, log):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            log.bad_row(number, f"not JSON ({error})")
            continue
        if not isinstance(row, dict):
            log.bad_row(number, "not a JSON object")
        elif column not in row:
            log.bad_row(number, f'no column "{column}"; the columns are: {_names(row)}')
        elif not isinstance(row[column], str):
            log.bad_row(number, f'column "{column}" is not text but {type(row[column]).__name__}')
        elif "\\u" in line:  # an escape may be half a surrogate pair, which no file can hold
            yield _HALF_PAIR.sub("\ufffd", row[column]), f"line={number}"
        else:
            yield row[column], f"line={number}"


def _read_csv(pieces: Iterator[str], column: str, log: FileLog) -> Located:
    csv.field_size_limit(ROW_LIMIT)  # its own default is 128 KB
    last = 0

    def lines() -> Iterator[str]:
        nonlocal last  # the line that the csv module took last
        for number, line in _lines(pieces, log):
            last = number
            yield line + "\n"

    source = lines()
    header, delimiter = _csv_header(next(source, ""), column)
    if column not in header:
        raise SkipFile("no text column", f'no column "{column}"; the columns are: {_names(header)}')
    rows, index = csv.reader(source, delimiter=delimiter), header.index(column)
    while True:
        start = last + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            log.bad_row(start, str(error))
            continue
        if len(row) > index:
            yield row[index], f"line={start}"
        elif row:
            log.bad_row(start, f'no column "{column}": only {len(row)} of {len(header)} columns')


def _csv_header(line: str, column: str) -> tuple[list[str], str]:
    """The column names and the delimiter: the first of , ; tab | with which the text column is there."""
    for delimiter in _DELIMITERS:
        try:
            header = [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]
        except csv.Error as error:
            raise SkipFile("no text column", f"its first line cannot be read ({error})") from error
        if column in header:
            return header, delimiter
    return [name.strip() for name in next(csv.reader([line]), [])], ","


def _read_whole_file(path: Path, file_format: str, column: str, log: FileLog) -> Located:
    """Formats that are not read from front to back."""
    try:
        packed = path.suffix.lower() in COMPRESSIONS
        file = _unpacked(path, log) if packed else path.open("rb")
    except OSError as error:
        raise SkipFile("unreadable", error.strerror or str(error)) from error
    with file:
        if file_format == "parquet":
            yield from _parquet_rows(file, column, log)
        elif file_format == "arrow":
            yield from _arrow_rows(file, column, log)
        elif file_format == "epub":
            yield from read_epub(file, log)
        elif file_format == "docx":
            yield from read_docx(file, log)
        else:
            yield from read_pdf(file, log)


def _unpacked(path: Path, log: FileLog) -> IO[bytes]:
    """Decompress into a temporary file: Parquet is read from its end."""
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile())
        for block in byte_blocks(path, log.notes.append):
            file.write(block)
        stack.pop_all()  # all went well: the caller closes it
        return file


def _parquet_rows(file: IO[bytes], column: str, log: FileLog) -> Located:
    try:
        table = pyarrow.parquet.ParquetFile(file, buffer_size=1 << 20, pre_buffer=False)
        schema = table.schema_arrow
    except _TABLE_DAMAGE as error:
        raise SkipFile("damaged", f"not a whole Parquet file ({_one_line(error)})") from error
    _check_column(schema, column)
    batches = table.iter_batches(_ROWS_AT_ONCE, columns=[column], use_threads=False)
    yield from _column_rows(batches, column, log, table.metadata.num_rows)


def _arrow_rows(file: IO[bytes], column: str, log: FileLog) -> Located:
    """Arrow's file format, or its stream format, in which the datasets library keeps its tables."""
    try:
        try:
            table = pyarrow.ipc.open_file(file)
            batches = (table.get_batch(number) for number in range(table.num_record_batches))
        except pyarrow.ArrowInvalid:
            file.seek(0)
            table = pyarrow.ipc.open_stream(file)
            batches = iter(table)
    except _TABLE_DAMAGE as error:
        raise SkipFile("damaged", f"not an Arrow file ({_one_line(error)})") from error
    _check_column(table.schema, column)
    yield from _column_rows((batch.select([column]) for batch in batches), column, log)


def _check_column(schema: pyarrow.Schema, column: str) -> None:
    if column not in schema.names:
        raise SkipFile("no text column", f'no column "{column}"; the columns are: {_names(schema.names)}')
    kind = schema.field(column).type
    if pyarrow.types.is_dictionary(kind):
        kind = kind.value_type
    if not (pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind) or kind == pyarrow.string_view()):
        raise SkipFile("no text column", f'column "{column}" is not text but {kind}')


def _column_rows(batches: Iterator[Any], column: str, log: FileLog, rows: int = 0) -> Located:
    """The texts of a column; `rows`: how many there are, if it is known."""
    number = 0
    try:
        for batch in batches:
            log.at(number / rows if rows else 0.0)
            for text in batch.column(0).to_pylist():
                number += 1
                if text is None:
                    log.bad_row(number, f'column "{column}" is not text but null')
                else:
                    yield text, f"row={number}"
    except _TABLE_DAMAGE as error:
        if not number:
            raise SkipFile("damaged", _one_line(error)) from error
        log.notes.append(f"damaged: only the first {number:,} rows could be read ({_one_line(error)})")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
