"""Which files a corpus is made from: files, folders and patterns become one sorted list, and what is left out a reason.

The order depends on names only. Folders are followed through symbolic links, each folder and file once.
"""

import errno
import glob
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from groundup.utils.errors import UserError

FORMATS = {
    ".txt": "txt",
    ".md": "md",
    ".markdown": "md",
    ".rst": "md",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".xml": "xml",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".epub": "epub",
    ".pdf": "pdf",
    ".docx": "docx",
    ".srt": "subtitles",
    ".vtt": "subtitles",
    ".mbox": "mbox",
    ".warc": "warc",
    ".wet": "warc",
    ".zip": "zip",
    ".tar": "tar",
    ".tgz": "tar",
    ".tbz2": "tar",
    ".txz": "tar",
}
ARCHIVES = ("zip", "tar")
COMPRESSIONS = (".gz", ".bz2", ".xz", ".zst")
READABLE = (
    "txt, md, rst, html, xml, jsonl, csv, tsv, parquet, arrow, epub, pdf, docx, srt, vtt, mbox, warc or wet, "
    "each also .gz, .bz2, .xz or .zst, or in a .zip or .tar"
)


@dataclass(frozen=True)
class SourceFile:
    """A file to read."""

    path: Path
    name: str
    """Relative to the input folder, with forward slashes: how the corpus calls it."""
    format: str
    """A value of FORMATS."""
    input: str
    """The input, as the user gave it, in which it was found."""


@dataclass(frozen=True)
class SkippedFile:
    """A file or folder that is not read."""

    name: str
    reason: str
    """One of a few words, to count by."""
    detail: str
    """What exactly, for a person."""
    input: str


@dataclass
class FoundFiles:
    """What the inputs hold."""

    files: list[SourceFile] = field(default_factory=list)
    skipped: list[SkippedFile] = field(default_factory=list)
    hidden: int = 0
    """Files and folders whose name begins with a dot: passed over, and folders not looked into."""


def printable(path: str | Path) -> str:
    """A path as text that every file can hold, even if its name is not UTF-8."""
    return os.fsencode(path).decode(errors="replace")


def format_of(name: str) -> str | None:
    """The format that a file's name stands for, without .gz or .zst; None for a name that no reader is for."""
    path = PurePath(name.lower())
    return FORMATS.get(PurePath(path.stem).suffix if path.suffix in COMPRESSIONS else path.suffix)


def expand_inputs(inputs: Iterable[str | Path]) -> list[Path]:
    """Files and folders as they are, patterns such as data/*.txt as the sorted paths that match.

    Raises UserError for a path that does not exist, and when patterns are all there is and none matches: beside other
    text, as in [data/*.txt, data/raw], a pattern says where text may be.
    """
    paths: list[Path] = []
    unmatched: list[str | Path] = []
    for given in inputs:
        path = Path(given).expanduser()
        if os.path.lexists(path):
            paths.append(path)
            continue
        pattern = str(path)
        matches = sorted(glob.glob(pattern, recursive=True)) if glob.has_magic(pattern) else []
        if not matches and not glob.has_magic(pattern):
            raise UserError(
                f"The input {given} does not exist (looked in {Path.cwd()}). Give a file or folder of text."
            )
        unmatched += [] if matches else [given]
        paths.extend(Path(match) for match in matches)
    if unmatched and not paths:
        names = " and ".join(map(str, unmatched))
        raise UserError(f"The input {names} matches no file (looked in {Path.cwd()}). Give a file or folder of text.")
    if not paths:
        raise UserError("No input for the corpus. Give a file or folder of text, for example --input-dir data/raw.")
    return paths


def find_files(
    inputs: Sequence[Path], *, exclude: Iterable[Path] = (), called: Mapping[Path, str] | None = None
) -> FoundFiles:
    """Walk the inputs in their order, each folder in the order of names.

    `exclude`: own output, never read. `called`: inputs that the user knows by another name than their path.
    """
    walk = _Walk({_identity(path.stat()) for path in exclude if path.exists()}, called or {})
    for path in inputs:
        walk.visit_input(path)
    return walk.found


class _Walk:
    """One walk over all inputs: remembers what it has seen, so that nothing is read twice and no loop is endless."""

    def __init__(self, excluded: set[tuple[int, int]], called: Mapping[Path, str]) -> None:
        self.excluded = excluded
        self.called = called
        self.seen: set[tuple[int, int]] = set()
        self.found = FoundFiles()
        self.input = ""

    def visit_input(self, path: Path) -> None:
        self.input = self.called.get(path, printable(path))
        waiting = [(path, "" if os.path.isdir(path) else path.name)]
        while waiting:
            path, name = waiting.pop()
            waiting += reversed(self._visit(path, printable(name)))

    def _skip(self, name: str, reason: str, detail: str) -> list[tuple[Path, str]]:
        self.found.skipped.append(SkippedFile(name or ".", reason, detail, self.input))
        return []

    def _visit(self, path: Path, name: str) -> list[tuple[Path, str]]:
        """Take note of one file; return what is in a folder."""
        try:
            status = path.stat()
        except (OSError, RuntimeError) as error:
            return self._skip(name, *_cannot_look(error))
        identity = _identity(status)
        if identity in self.excluded:
            return self._skip(name, "own output", "it is what this command writes")
        if stat.S_ISDIR(status.st_mode):
            return self._visit_folder(path, name, identity)
        if trouble := _not_text(path.name, status):
            return self._skip(name, *trouble)
        if identity in self.seen:
            return self._skip(name, "already read", "the same file stands among the inputs before")
        self.seen.add(identity)
        file_format = format_of(path.name)
        assert file_format is not None
        self.found.files.append(SourceFile(path, name, file_format, self.input))
        return []

    def _visit_folder(self, path: Path, name: str, identity: tuple[int, int]) -> list[tuple[Path, str]]:
        if identity in self.seen:
            target, parent = Path(os.path.realpath(path)), Path(os.path.realpath(path.parent))
            if target == parent or target in parent.parents:
                return self._skip(name, "symbolic-link loop", "it leads back to a folder that holds it")
            return self._skip(name, "already read", "the same folder stands among the inputs before")
        self.seen.add(identity)
        try:
            names = sorted(os.listdir(path))
        except OSError as error:
            return self._skip(name, "unreadable", error.strerror or str(error))
        visible = [child for child in names if not child.startswith(".")]
        self.found.hidden += len(names) - len(visible)
        return [(path / child, f"{name}/{child}" if name else child) for child in visible]


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _cannot_look(error: Exception) -> tuple[str, str]:
    """Reason and detail for a path that the system tells nothing about."""
    if isinstance(error, FileNotFoundError):
        return "broken symbolic link", "it points to nothing"
    if isinstance(error, RuntimeError) or (isinstance(error, OSError) and error.errno == errno.ELOOP):
        return "symbolic-link loop", "it points to itself"  # a RuntimeError in older Pythons
    return "unreadable", (isinstance(error, OSError) and error.strerror) or str(error)


def _not_text(name: str, status: os.stat_result) -> tuple[str, str] | None:
    """Reason and detail for a file that is not worth opening; None for others."""
    if not stat.S_ISREG(status.st_mode):  # opening a named pipe would wait for ever
        return "not a regular file", "a pipe, socket or device"
    file_format = format_of(name)
    if file_format is None:
        return "unsupported extension", f"{PurePath(name).suffix or 'none'} is not {READABLE}"
    if file_format == "jsonl" and ".cached." in name:
        return "token file", "it holds token ids, not text"
    return ("empty", "0 bytes") if status.st_size == 0 else None
