"""What has been cleaned, kept in one SQLite file: a restart goes on where it stopped, an added file is all that is new.

A file of text is cleaned in chunks of some megabytes. A chunk is stored in one transaction, under a key that names all
that its content depends on: the file's bytes, its format, the settings and the version of the steps. So a chunk found
under its key is as good as one that was made just now, and nothing needs to be known about the run that made it.

The file also remembers the order in which files entered the corpus, so that what is added later comes later.
"""

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from groundup.data.cleaning.minhash import HASHES
from groundup.utils.errors import UserError

FORMAT = 2
_LEVEL = 3

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Signed:
    """The signatures of a chunk."""

    documents: NDArray[np.uint16]
    """(documents that have one, HASHES), in their order"""
    paragraphs: NDArray[np.uint16]
    """(paragraphs that have one, HASHES), in their order"""
    owners: NDArray[np.int64]
    """(paragraphs) The document of each, counted from 0 among those above."""


@dataclass(frozen=True)
class CleanChunk:
    """A chunk as the store takes it."""

    body: bytes
    signed: Signed


def pack(rows: Rows) -> bytes:
    """The documents of a chunk as bytes."""
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return zstandard.ZstdCompressor(level=_LEVEL).compress(lines.encode("utf-8", "surrogatepass"))


def unpack(body: bytes) -> Rows:
    """What `pack` was given."""
    text = zstandard.ZstdDecompressor().decompress(body).decode("utf-8", "surrogatepass")
    return [json.loads(line) for line in text.split("\n")] if text else []


def keys_in(path: Path) -> set[str]:
    """The keys of the files that a store holds, which nobody writes to meanwhile; none if there is no such store."""
    if not path.is_file():
        return set()
    with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as db:
        return {key for (key,) in db.execute("SELECT key FROM files")}


class Store:
    """Cleaned chunks by key. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.is_dir():
            raise UserError(f"{path} is a folder. Give a file that keeps what is cleaned (--parts).")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = sqlite3.connect(path)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, FORMAT):
                raise UserError(f"{path} was written by another version. Remove it; everything is then cleaned anew.")
            self._db.executescript(
                f"""PRAGMA user_version={FORMAT};
                CREATE TABLE IF NOT EXISTS chunks (key TEXT, number INTEGER, body BLOB NOT NULL,
                    signatures BLOB NOT NULL, paragraphs BLOB NOT NULL, owners BLOB NOT NULL,
                    PRIMARY KEY (key, number)) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS files (key TEXT PRIMARY KEY, account TEXT NOT NULL);
                CREATE TABLE IF NOT EXISTS history (place INTEGER PRIMARY KEY, input TEXT, name TEXT, sha256 TEXT,
                    documents INTEGER, sections INTEGER);"""
            )
        except sqlite3.DatabaseError as error:
            raise UserError(f"{path} cannot be used ({error}). Remove it; everything is then cleaned anew.") from error

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def account(self, key: str) -> dict[str, Any] | None:
        """What the reader had to tell about a file that has been cleaned to its end; None if it has not."""
        row = self._db.execute("SELECT account FROM files WHERE key = ?", (key,)).fetchone()
        return json.loads(row[0]) if row else None

    def put_account(self, key: str, account: dict[str, Any]) -> None:
        """Say that all chunks of a file are there."""
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", (key, json.dumps(account)))

    def has_chunk(self, key: str, number: int) -> bool:
        """Whether a chunk of a file, by number from 0, is there."""
        return bool(self._db.execute("SELECT 1 FROM chunks WHERE key = ? AND number = ?", (key, number)).fetchone())

    def put_chunk(self, key: str, number: int, chunk: CleanChunk) -> None:
        """Keep a chunk; when this returns, a killed process does not lose it."""
        signed = chunk.signed
        blobs = (signed.documents.tobytes(), signed.paragraphs.tobytes(), signed.owners.astype(np.uint32).tobytes())
        with self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO chunks VALUES (?, ?, ?, ?, ?, ?)", (key, number, chunk.body, *blobs)
            )

    def take(self, path: Path) -> None:
        """Take over the chunks and accounts of another store."""
        with Store(path):  # so that a file that is none, or of another version, is refused
            pass
        self._db.execute("ATTACH DATABASE ? AS other", (str(path),))
        with self._db:
            for table in ("chunks", "files"):
                self._db.execute(f"INSERT OR IGNORE INTO {table} SELECT * FROM other.{table}")
        self._db.execute("DETACH DATABASE other")

    def count_chunks(self, keys: Iterable[str]) -> int:
        """How many chunks the files with these keys have."""
        query = "SELECT count(*) FROM chunks WHERE key = ?"
        return sum(self._db.execute(query, (key,)).fetchone()[0] for key in keys)

    def bodies(self, key: str) -> Iterator[Rows]:
        """The documents of a file, chunk by chunk."""
        for (body,) in self._db.execute("SELECT body FROM chunks WHERE key = ? ORDER BY number", (key,)):
            yield unpack(body)

    def signatures(self, key: str) -> Iterator[Signed]:
        """The signatures of a file's documents and paragraphs that have one, chunk by chunk."""
        query = "SELECT signatures, paragraphs, owners FROM chunks WHERE key = ? ORDER BY number"
        for documents, paragraphs, owners in self._db.execute(query, (key,)):
            yield Signed(
                np.frombuffer(documents, np.uint16).reshape(-1, HASHES),
                np.frombuffer(paragraphs, np.uint16).reshape(-1, HASHES),
                np.frombuffer(owners, np.uint32).astype(np.int64),
            )

    def history(self) -> list[dict[str, Any]]:
        """The files of the last finished corpus, in their order."""
        rows = self._db.execute("SELECT input, name, sha256, documents, sections FROM history ORDER BY place")
        names = ("input", "name", "sha256", "documents", "sections")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def finish(self, files: list[dict[str, Any]], keys: set[str]) -> None:
        """A corpus is finished: remember its files, and forget chunks that are no part of it."""
        with self._db:
            self._db.execute("DELETE FROM history")
            self._db.executemany(
                "INSERT INTO history (input, name, sha256, documents, sections) "
                "VALUES (:input, :name, :sha256, :documents, :sections)",
                files,
            )
            self._db.execute("CREATE TEMP TABLE IF NOT EXISTS wanted (key TEXT PRIMARY KEY)")
            self._db.execute("DELETE FROM wanted")
            self._db.executemany("INSERT INTO wanted VALUES (?)", ((key,) for key in keys))
            self._db.execute("DELETE FROM chunks WHERE key NOT IN (SELECT key FROM wanted)")
            self._db.execute("DELETE FROM files WHERE key NOT IN (SELECT key FROM wanted)")
