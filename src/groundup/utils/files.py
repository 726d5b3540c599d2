"""Files that exist whole or not at all, and the hashes that name their contents."""

import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from groundup.utils.errors import UserError
from groundup.utils.processes import is_alive

_LEFTOVER = re.compile(r"\.(\d+)\.tmp(?:-\w+)?$")  # SQLite adds -wal and -shm


def sync_folder(folder: Path) -> None:
    """Make renames and new names inside `folder` survive a power cut. A no-op where folders cannot be opened."""
    if os.name == "nt":  # Windows has no handle for a folder
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def open_atomic(path: Path, mode: str = "w") -> Iterator[IO[Any]]:
    """Open a temporary file beside `path`; when the block ends well it is synced and takes the place of `path`.

    When the block raises, the temporary file is removed and an existing `path` stays as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, mode, encoding=None if "b" in mode else "utf-8", newline=None if "b" in mode else "") as f:
            yield f
            f.flush()
            os.fsync(f.fileno())
        os.replace(temporary, path)
        sync_folder(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def remove_leftovers(*paths: Path) -> None:
    """Remove what killed processes of `open_atomic` left beside these files; what living ones write stays."""
    for path in paths:
        for entry in path.parent.glob(f".{path.name}.*.tmp*") if path.parent.is_dir() else ():
            process = _LEFTOVER.search(entry.name)
            if entry.is_file() and process and not is_alive(int(process[1])):
                entry.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, atomically. NaN and infinity are refused: they are not JSON."""
    with open_atomic(path, "wb") as f:
        f.write(as_json(value))


def as_json(value: Any) -> bytes:
    """What `write_json` writes."""
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def read_json(path: Path) -> Any:
    """Read a JSON file. Raises UserError naming the file when it is damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not valid JSON ({error}). Restore or remove it, then run again.") from error


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON object; an empty one where there is no file, or another value. Raises UserError as read_json."""
    value = read_json(path) if path.is_file() else {}
    return value if isinstance(value, dict) else {}


@contextlib.contextmanager
def folder_atomic(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path`; when the block ends well it is renamed to `path`, which must not exist.

    Every file in it is synced first, so that the folder, once visible, is complete. On an error it is removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        yield temporary
        for file in temporary.rglob("*"):
            descriptor = os.open(file, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        os.rename(temporary, path)
        sync_folder(path.parent)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def sha256_file(path: Path, tell: Callable[[int], None] | None = None) -> str:
    """Hex SHA-256 of a file's bytes, read in constant memory; `tell` takes the size of each block read."""
    digest = hashlib.sha256()
    with open(path, "rb") as f:
        while block := f.read(1 << 20):
            digest.update(block)
            if tell is not None:
                tell(len(block))
    return digest.hexdigest()


def fingerprint(value: Any) -> str:
    """Hex SHA-256 of the canonical JSON of `value`: the same content gives the same name on every machine."""
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
