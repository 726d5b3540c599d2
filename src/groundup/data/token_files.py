"""Token files: what a corpus becomes on disk, and how it is found and checked again.

    <basename>.<train|val>.cached.<seq_len>.<timestamp>.bin         token ids, flat, little-endian uint16 or uint32
                                                       .idx         uint64: where each document (pack) or row (split,
                                                                    truncate) begins, and the end of the last one
                                                       .jsonl       the same as text: {"input_ids": [...]} a line
                                                       .docs        16 bytes a document: its id, to know it again
                                                       .mask        only conversations: a byte a token, 1 where the
                                                                    loss counts it
                                                       .meta.json   what all this was made from, written last

The files of one name are a *set*: without .meta.json they do not exist. Each document is `<|endoftext|>` and then the
ids of its text. .jsonl is read into memory; .bin is mapped and can be larger than memory.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, astuple, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from groundup.utils.errors import UserError
from groundup.utils.files import fingerprint, read_json, sha256_file

FORMAT_VERSION = 1
FORMATS = ("bin", "jsonl")
METHODS = ("pack", "split", "truncate")
SPLITS = ("train", "val")
ID_BYTES = 16  # of a document's id in .docs

_NAME = re.compile(r"(?P<base>.+)\.(?P<split>train|val)\.cached\.(?P<seq_len>\d+)\.(?P<time>\d{8}-\d{6}(-\d+)?)$")
_META = ".meta.json"


@dataclass(frozen=True)
class TokenLedger:
    """Where the tokens of a set went: read = kept + truncated + discarded. Padding is added when reading."""

    read: int = 0  # tokens of its documents, `<|endoftext|>` included
    kept: int = 0  # on disk
    padded: int = 0  # pad tokens that fill its rows up to seq_len; not on disk
    truncated: int = 0  # behind the first seq_len tokens of a document
    discarded: int = 0  # left out with their whole document

    def __add__(self, other: "TokenLedger") -> "TokenLedger":
        return TokenLedger(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True)
class TokenMeta:
    """The content of .meta.json."""

    format_version: int
    split: str  # train | val
    method: str  # pack | split | truncate | chat (rows that conversations were packed into, data/chat_tokens.py)
    seq_len: int  # tokens in a full row; with pack only part of the name
    tokenizer_fingerprint: str
    tokenizer_path: str  # as given when the set was made
    vocab_size: int
    end_of_text_id: int
    pad_id: int
    sources: list[dict[str, Any]]  # path, sha256 and number of documents of each corpus file
    documents: int
    rows: int  # what .idx counts: documents with pack, rows otherwise
    tokens: int
    bytes: int  # UTF-8 bytes of the documents' text, truncated parts included
    dtype: str  # uint16 | uint32
    files: dict[str, dict[str, Any]]  # by suffix (bin, idx, jsonl, docs): size_bytes and checksum (SHA-256)
    content_fingerprint: str
    split_rule: dict[str, Any]  # which text is for validation
    ledger: TokenLedger
    created: str  # UTC, ISO 8601

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @staticmethod
    def from_dict(value: Mapping[str, Any], path: Path) -> "TokenMeta":
        """Read what to_dict wrote. Raises UserError naming `path` for another format or a missing key."""
        version = value.get("format_version") if isinstance(value, Mapping) else None
        if version != FORMAT_VERSION:
            raise UserError(
                f"{path} has format_version {version} where this program reads {FORMAT_VERSION}. "
                "Make the token files again with `groundup tokenize` in an empty folder."
            )
        missing = [f.name for f in fields(TokenMeta) if f.name not in value]
        if missing:
            raise UserError(f"{path} lacks {', '.join(missing)}. Restore it, or remove the set and tokenise again.")
        known = {f.name: value[f.name] for f in fields(TokenMeta)}
        return TokenMeta(**{**known, "ledger": TokenLedger(**value["ledger"])})


@dataclass(frozen=True)
class TokenSet:
    """One set of token files that is really there, opened when its tokens are first asked for."""

    folder: Path
    name: str  # file name without the last suffix
    meta: TokenMeta
    format: str  # bin | jsonl: which of its files is read

    @property
    def fingerprint(self) -> str:
        """Name of its content: equal for the same tokens in any format, wherever and whenever they were made."""
        return self.meta.content_fingerprint

    @property
    def basename(self) -> str:
        """The part of its name that the corpus gave it: all sets made from one corpus file share it."""
        match = _NAME.match(self.name)
        return match["base"] if match else self.name

    @cached_property
    def tokens(self) -> npt.NDArray[Any]:
        """All ids, (meta.tokens,), uint16 or uint32, read-only; mapped for bin, in memory for jsonl."""
        if self.format == "jsonl":
            return self._jsonl[0]
        return np.memmap(self.path("bin"), dtype=disk_dtype(self.meta.dtype), mode="r", shape=(self.meta.tokens,))

    @cached_property
    def offsets(self) -> npt.NDArray[np.uint64]:
        """Where each document or row begins in `tokens`, and the end of the last one: (meta.rows + 1,)."""
        if self.format == "jsonl":
            return self._jsonl[1]
        return np.memmap(self.path("idx"), dtype="<u8", mode="r", shape=(self.meta.rows + 1,))

    @cached_property
    def loss_mask(self) -> npt.NDArray[np.uint8] | None:
        """1 where a token counts in the loss as a target, (meta.tokens,); None where all do."""
        if "mask" not in self.meta.files:
            return None
        return np.memmap(self.path("mask"), dtype=np.uint8, mode="r", shape=(self.meta.tokens,))

    @property
    def files(self) -> list[Path]:
        """The files that its tokens are read from."""
        return [self.path(suffix) for suffix in (("bin", "idx") if self.format == "bin" else ("jsonl",))]

    def path(self, suffix: str) -> Path:
        """The file of this set that ends in `suffix` (bin, idx, jsonl, docs, meta.json)."""
        return self.folder / f"{self.name}.{suffix}"

    def document_ids(self) -> bytes:
        """The ids of its documents, ID_BYTES each, in order."""
        self._check_size("docs")
        return self.path("docs").read_bytes()

    def verify(self, *, deep: bool = False) -> None:
        """Raise UserError when a file is missing or has not the size recorded; `deep` also compares checksums."""
        for suffix in (*(("bin", "idx") if self.format == "bin" else ("jsonl",)), *self.meta.files.keys() & {"mask"}):
            self._check_size(suffix)
            recorded = self.meta.files[suffix]["checksum"]
            if deep and (found := sha256_file(self.path(suffix))) != recorded:
                raise self._damaged(suffix, f"checksum {recorded[:12]}...", f"{found[:12]}...")

    def _check_size(self, suffix: str) -> None:
        recorded = self.meta.files[suffix]["size_bytes"] if suffix in self.meta.files else "a file"
        path = self.path(suffix)
        found = path.stat().st_size if path.is_file() else None
        if found != recorded:
            raise self._damaged(suffix, f"{recorded} bytes", "no file" if found is None else f"{found} bytes")

    def _damaged(self, suffix: str, expected: str, found: str) -> UserError:
        return UserError(
            f"the token file {self.path(suffix)} is damaged: expected {expected}, found {found}. "
            f"Restore it, or remove all files {self.name}.* and run `groundup tokenize` again."
        )

    @cached_property
    def _jsonl(self) -> tuple[npt.NDArray[Any], npt.NDArray[np.uint64]]:
        path = self.path("jsonl")
        tokens = np.empty(self.meta.tokens, disk_dtype(self.meta.dtype))
        offsets = np.zeros(self.meta.rows + 1, "<u8")
        rows = end = 0
        with open(path, encoding="utf-8") as f:
            for rows, line in enumerate(f, start=1):
                try:
                    ids = np.array(json.loads(line)["input_ids"], dtype=tokens.dtype)
                    tokens[end : end + len(ids)] = ids
                    end += len(ids)
                    offsets[rows] = end
                except (ValueError, TypeError, KeyError, OverflowError, IndexError) as error:
                    raise self._damaged("jsonl", f'{{"input_ids": [...]}} in line {rows}', "something else") from error
        if (rows, end) != (self.meta.rows, self.meta.tokens):
            raise self._damaged("jsonl", f"{self.meta.rows} rows, {self.meta.tokens} tokens", f"{rows} and {end}")
        tokens.flags.writeable = offsets.flags.writeable = False
        return tokens, offsets


def disk_dtype(name: str) -> np.dtype[Any]:
    """The little-endian numpy type for uint16 or uint32."""
    return np.dtype(name).newbyteorder("<")


def dtype_for(vocab_size: int) -> str:
    """The smallest type that holds every id of a vocabulary."""
    return "uint16" if vocab_size <= 1 << 16 else "uint32"


def set_name(basename: str, split: str, seq_len: int, timestamp: str) -> str:
    """File name of a set, without the last suffix."""
    return f"{basename}.{split}.cached.{seq_len}.{timestamp}"


def content_fingerprint(
    tokens: Iterable[npt.NDArray[Any]],
    offsets: Iterable[npt.NDArray[np.uint64]],
    *,
    split: str,
    method: str,
    seq_len: int,
    tokenizer: str,
) -> str:
    """Name the content of a set: ids, boundaries, and what made them; whatever format and type hold it.

    tokens and offsets come in blocks of any size.
    """
    ids, boundaries = hashlib.sha256(), hashlib.sha256()
    for block in tokens:
        ids.update(block.astype("<u4").tobytes())
    for block in offsets:
        boundaries.update(block.astype("<u8").tobytes())
    return fingerprint(
        {
            "split": split,
            "method": method,
            "seq_len": None if method == "pack" else seq_len,
            "tokenizer": tokenizer,
            "ids": ids.hexdigest(),
            "boundaries": boundaries.hexdigest(),
        }
    )


def find_token_sets(
    folder: Path,
    *,
    split: str | None = None,
    method: str | None = None,
    seq_len: int | None = None,
    tokenizer_fingerprint: str | None = None,
) -> list[TokenSet]:
    """Return the sets in `folder`, oldest first; the same content once, as bin where there is one.

    split, method and seq_len (of sets that are not packed) leave out the others. Raises UserError for a set whose files
    are missing or of another size than recorded, and, naming both sides, for one made with another tokenizer than
    `tokenizer_fingerprint`.
    """
    found: dict[str, TokenSet] = {}
    for token_set in sorted(_sets_in(folder), key=_age):
        meta = token_set.meta
        if split not in (None, meta.split) or method not in (None, meta.method):
            continue
        if meta.method != "pack" and seq_len not in (None, meta.seq_len):
            continue
        if tokenizer_fingerprint not in (None, meta.tokenizer_fingerprint):
            raise UserError(
                f"{token_set.path('meta.json')} was made with the tokenizer {meta.tokenizer_fingerprint[:12]}... "
                f"({meta.tokenizer_path}), and {str(tokenizer_fingerprint)[:12]}... is in use now. "
                "Use that tokenizer, or tokenise into another folder."
            )
        token_set.verify()
        known = found.get(token_set.fingerprint)
        if known is None or (known.format == "jsonl" and token_set.format == "bin"):
            found[token_set.fingerprint] = token_set
    return list(found.values())


def find_leftovers(folder: Path) -> list[Path]:
    """Files that look like parts of a set but have no .meta.json: nothing reads them."""
    if not folder.is_dir():
        return []
    parts = (path for path in sorted(folder.iterdir()) if path.suffix in (".bin", ".idx", ".jsonl", ".docs", ".mask"))
    return [path for path in parts if _NAME.match(path.stem) and not path.with_name(path.stem + _META).exists()]


def _sets_in(folder: Path) -> Iterator[TokenSet]:
    for path in _meta_files(folder):
        meta = TokenMeta.from_dict(read_json(path), path)
        name = path.name.removesuffix(_META)
        there = [format for format in FORMATS if format in meta.files and (folder / f"{name}.{format}").exists()]
        # With neither file there, the recorded one is named as missing by verify.
        recorded = [format for format in FORMATS if format in meta.files]
        yield TokenSet(folder, name, meta, (there or recorded)[0])


def _meta_files(folder: Path) -> Iterable[Path]:
    files = sorted(folder.glob(f"*{_META}")) if folder.is_dir() else []
    return (path for path in files if _NAME.match(path.name.removesuffix(_META)))


def _age(token_set: TokenSet) -> tuple[str, str]:
    match = _NAME.match(token_set.name)
    assert match is not None
    return match["time"], token_set.name
