"""Token files in the making: a hidden work folder that survives a kill, and a publication that happens whole.

    .<basename>.partial/
      state.json         the key of what is being made, and how far each file is good: documents, rows, tokens
      train.bin .idx .docs, val.bin ...     appended to; what stands behind the counts of state.json is cut off
      publish.json       once everything is finished: which file gets which name, .meta.json files last

What is written does not depend on where it was interrupted: the files grow by whole documents, in corpus order.
"""

import errno
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from groundup.data.encoding import EncodedDocument
from groundup.data.packing import row_lengths
from groundup.data.token_files import (
    FORMAT_VERSION,
    ID_BYTES,
    SPLITS,
    TokenLedger,
    TokenMeta,
    content_fingerprint,
    disk_dtype,
    set_name,
)
from groundup.utils.files import read_json, sha256_file, sync_folder, write_json
from groundup.utils.progress import Say

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_BLOCK_BYTES = 1 << 20


@dataclass
class Counts:
    """How much one side has so far."""

    documents: int = 0
    rows: int = 0
    tokens: int = 0
    bytes: int = 0  # of text
    truncated: int = 0  # tokens
    padded: int = 0  # tokens


class TokenWriter:
    """Appends documents to the sets of one corpus and publishes them. Close it, or use it in a `with`."""

    def __init__(self, work: Path, key: str, *, method: str, seq_len: int, dtype: str, say: Say) -> None:
        """Go on with what `work` holds for the same `key` (of everything that decides the files), else begin anew."""
        self.work, self._method, self._seq_len, self._dtype = work, method, seq_len, disk_dtype(dtype)
        self._key = key
        self.documents_done = 0  # of the corpus, those included that are written nowhere
        self.counts = {side: Counts() for side in SPLITS}
        if not self._recover():
            if work.exists():
                say(f"{work} was left by an interrupted run over other text or settings: removed")
                shutil.rmtree(work)
            work.mkdir(parents=True)
        elif self.documents_done:
            say(f"going on after the {self.documents_done:,} documents that an interrupted run has finished")
        self._open_files = ExitStack()
        self._files: dict[tuple[str, str], IO[bytes]] = {}
        for side, count in self.counts.items():
            for suffix, size in self._sizes(count).items():
                file = self._open_files.enter_context((work / f"{side}.{suffix}").open("ab"))
                file.truncate(size)  # a new .idx grows to hold its first offset, 0
                self._files[side, suffix] = file

    def __enter__(self) -> "TokenWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(self, documents: Sequence[EncodedDocument], documents_done: int) -> None:
        """Write documents; `documents_done` of the corpus are dealt with then."""
        for side, count in self.counts.items():
            mine = [document for document in documents if document.side == side]
            if not mine:
                continue
            kept: list[npt.NDArray[Any]] = []
            lengths: list[int] = []
            for document in mine:
                rows = row_lengths(len(document.ids), self._method, self._seq_len)
                kept.append(document.ids[: sum(rows)])
                lengths += rows
                count.truncated += len(document.ids) - sum(rows)
                count.padded += 0 if self._method == "pack" else len(rows) * self._seq_len - sum(rows)
                count.bytes += document.text_bytes
            ends = count.tokens + np.cumsum(lengths)
            self._files[side, "bin"].write(np.concatenate(kept).astype(self._dtype).tobytes())
            self._files[side, "idx"].write(ends.astype("<u8").tobytes())
            self._files[side, "docs"].write(b"".join(document.id for document in mine))
            count.documents += len(mine)
            count.rows += len(lengths)
            count.tokens = int(ends[-1])
        self.documents_done = documents_done

    def commit(self) -> None:
        """Make everything appended so far survive a kill or a power cut."""
        for file in self._files.values():
            file.flush()
            os.fsync(file.fileno())
        counts = {side: asdict(count) for side, count in self.counts.items()}
        write_json(
            self.work / "state.json", {"key": self._key, "documents_done": self.documents_done, "counts": counts}
        )

    def close(self) -> None:
        """Let go of the files."""
        self._open_files.close()

    def publish(self, meta: Mapping[str, Any], basename: str, timestamp: str, formats: Sequence[str]) -> list[str]:
        """Give the finished files their names; return the names of the sets. Sides without tokens make no set.

        `meta`: what TokenMeta holds beside what is counted here.
        """
        self.commit()
        self.close()
        moves: list[tuple[str, str]] = []
        metas: list[tuple[str, str]] = []
        names: list[str] = []
        for side, count in self.counts.items():
            if not count.tokens:
                continue
            name = set_name(basename, side, self._seq_len, timestamp)
            suffixes = [
                *(("bin", "idx") if "bin" in formats else ()),
                *(("jsonl",) if "jsonl" in formats else ()),
                "docs",
            ]
            self._write_meta(side, count, suffixes, meta)
            moves += [(f"{side}.{suffix}", f"{name}.{suffix}") for suffix in suffixes]
            metas.append((f"{side}.meta.json", f"{name}.meta.json"))
            names.append(name)
        write_json(self.work / "publish.json", {"moves": [*moves, *metas]})
        finish_publication(self.work)
        return names

    def _write_meta(self, side: str, count: Counts, suffixes: Sequence[str], meta: Mapping[str, Any]) -> None:
        tokens, offsets = self.work / f"{side}.bin", self.work / f"{side}.idx"
        if "jsonl" in suffixes:
            _write_jsonl(self.work / f"{side}.jsonl", tokens, self._dtype, offsets)
        files = {}
        for suffix in suffixes:
            path = self.work / f"{side}.{suffix}"
            files[suffix] = {"size_bytes": path.stat().st_size, "checksum": sha256_file(path)}
        name = content_fingerprint(
            _blocks(tokens, self._dtype),
            _blocks(offsets, np.dtype("<u8")),
            split=side,
            method=self._method,
            seq_len=self._seq_len,
            tokenizer=meta["tokenizer_fingerprint"],
        )
        sources = [{**source, "documents": count.documents} for source in meta["sources"]]
        whole = TokenMeta(
            **{**meta, "sources": sources},
            format_version=FORMAT_VERSION,
            split=side,
            method=self._method,
            seq_len=self._seq_len,
            documents=count.documents,
            rows=count.rows,
            tokens=count.tokens,
            bytes=count.bytes,
            dtype=self._dtype.name,
            files=files,
            content_fingerprint=name,
            ledger=ledger_of(count),
        )
        write_json(self.work / f"{side}.meta.json", whole.to_dict())

    def _sizes(self, count: Counts) -> dict[str, int]:
        return {
            "bin": count.tokens * self._dtype.itemsize,
            "idx": (count.rows + 1) * 8,
            "docs": count.documents * ID_BYTES,
        }

    def _recover(self) -> bool:
        """Take over the counts in the work folder, if they are of the same key and its files hold as much."""
        state = self.work / "state.json"
        if not state.is_file():
            return False
        value = read_json(state)
        if value["key"] != self._key:
            return False
        counts = {side: Counts(**value["counts"][side]) for side in SPLITS}
        for side, count in counts.items():
            for suffix, size in self._sizes(count).items():
                path = self.work / f"{side}.{suffix}"
                if not path.is_file() or path.stat().st_size < size:
                    return False
        self.documents_done, self.counts = value["documents_done"], counts
        return True


def ledger_of(count: Counts) -> TokenLedger:
    """The ledger of one side."""
    return TokenLedger(
        read=count.tokens + count.truncated, kept=count.tokens, padded=count.padded, truncated=count.truncated
    )


@contextmanager
def held(folder: Path, say: Say) -> Iterator[None]:
    """Keep other processes from making token files in `folder` meanwhile; wait, saying so, while one does.

    The folder is made if need be, and removed again if it stays empty. Without such locks (Windows, some network
    disks) nobody is kept out.
    """
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as release:
        if fcntl is not None:
            descriptor = os.open(folder, os.O_RDONLY)
            release.callback(os.close, descriptor)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(f"another process is making token files in {folder}: waiting for it")
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            except OSError as error:
                if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.EINVAL):
                    raise
        try:
            yield
        finally:
            if is_new:
                with suppress(OSError):  # it is not empty, as it should be
                    folder.rmdir()


def work_folder(folder: Path, basename: str) -> Path:
    """Where the sets of one corpus are made."""
    return folder / f".{basename}.partial"


def finish_publications(folder: Path, say: Say) -> None:
    """Finish every publication that was interrupted half-way."""
    for listed in sorted(folder.glob(".*.partial/publish.json")):
        finish_publication(listed.parent)
        say(f"finished the token files of {listed.parent.name.removeprefix('.').removesuffix('.partial')}")


def finish_publication(work: Path) -> None:
    """Move the listed files, those of .meta.json last, then remove the work folder. Can be done over and over."""
    folder = work.parent
    for source, target in read_json(work / "publish.json")["moves"]:
        if (work / source).exists():
            if target.endswith(".meta.json"):
                sync_folder(folder)  # the meta must not survive a power cut that its files do not
            os.replace(work / source, folder / target)
    sync_folder(folder)
    # The list goes last: an interrupted removal must not leave files that look like work to go on with.
    for path in sorted(work.iterdir(), key=lambda path: path.name == "publish.json"):
        path.unlink()
    work.rmdir()


def _blocks(path: Path, dtype: np.dtype[Any]) -> Iterator[npt.NDArray[Any]]:
    """The numbers in a file, read block by block: a map of it would count as memory in use."""
    with open(path, "rb") as f:
        while block := f.read(_BLOCK_BYTES):
            yield np.frombuffer(block, dtype)


def _write_jsonl(path: Path, tokens: Path, dtype: np.dtype[Any], offsets: Path) -> None:
    start = 0
    with open(path, "w", encoding="ascii", newline="\n") as f, open(tokens, "rb") as ids:
        for ends in _blocks(offsets, np.dtype("<u8")):
            for end in ends.tolist():
                if end:  # the first offset begins the first row and ends none
                    row = np.frombuffer(ids.read((end - start) * dtype.itemsize), dtype).tolist()
                    f.write(json.dumps({"input_ids": row}, separators=(",", ":")) + "\n")
                start = end
        f.flush()
        os.fsync(f.fileno())
