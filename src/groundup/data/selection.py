"""Which documents of a corpus are to be tokenised, and on which side each one is.

Ids are 16 bytes; a corpus of any size is held as one array of them, so a million documents take 16 MB.
"""

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from groundup.data.documents import read_corpus
from groundup.data.split import SplitRule, choose_rule
from groundup.data.token_files import ID_BYTES, SPLITS, TokenSet
from groundup.utils.files import sha256_file
from groundup.utils.progress import Say

TRAIN, VAL, KNOWN, REPEATED, HELD_OUT = range(5)  # what becomes of a document; the first two index SPLITS

Ids = npt.NDArray[np.bytes_]
# Sorting and comparing as S16 is exact, since all have one length. Elements taken out of such an array lose trailing
# zero bytes, though: take ids out of the bytes themselves.


@dataclass(frozen=True)
class DocumentLedger:
    """What became of every document: read is the sum of the others."""

    read: int = 0
    train: int = 0
    val: int = 0
    known: int = 0  # stand in token files made earlier
    repeated: int = 0  # stood earlier in the same corpus
    held_out: int = 0  # of the corpus: stand in the validation file, too; of that file: were trained on already

    def __add__(self, other: "DocumentLedger") -> "DocumentLedger":
        return DocumentLedger(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @staticmethod
    def of(fates: npt.NDArray[np.uint8]) -> "DocumentLedger":
        """Count what `choose_documents` has returned."""
        return DocumentLedger(len(fates), *np.bincount(fates, minlength=5).tolist())


@dataclass(frozen=True)
class Split:
    """How new documents are divided: by a rule on their content, or all to training beside a validation file."""

    rule: SplitRule | None
    record: dict[str, Any]  # for the .meta.json files

    def side(self, document_id: str) -> int:
        """TRAIN or VAL."""
        return VAL if self.rule is not None and self.rule.side(document_id) == "val" else TRAIN


def read_ids(corpus: Path) -> bytes:
    """The ids of a corpus file's documents, ID_BYTES each, in order."""
    ids = bytearray()
    for document in read_corpus(corpus):
        ids += bytes.fromhex(document.id)
    return bytes(ids)


def as_array(ids: bytes) -> Ids:
    """The ids as an array that numpy can sort and compare."""
    return np.frombuffer(ids, dtype=f"S{ID_BYTES}")


def ids_of_sets(sets: Sequence[TokenSet]) -> Ids:
    """The ids of all documents in token files."""
    return as_array(b"".join(token_set.document_ids() for token_set in sets))


def choose_documents(ids: bytes, side: Callable[[str], int], *, known: Ids, held_out: Ids) -> npt.NDArray[np.uint8]:
    """Return what becomes of each document, (n,): TRAIN, VAL, KNOWN, REPEATED or HELD_OUT."""
    array = as_array(ids)
    fates = np.full(len(array), REPEATED, np.uint8)
    _, first = np.unique(array, return_index=True)
    fates[first] = TRAIN
    fates[np.isin(array, held_out)] = HELD_OUT
    fates[np.isin(array, known)] = KNOWN
    for index in np.flatnonzero(fates == TRAIN).tolist():
        fates[index] = side(_hex(ids, index))
    return fates


def settle_split(existing: Sequence[TokenSet], validation: float | Path, corpora: Sequence[bytes], say: Say) -> Split:
    """Decide how documents are divided: as these token files were, whatever is asked for now; else as asked.

    existing: all sets of the folder, oldest first. corpora: the ids of each corpus. Raises UserError for too few
    documents, or a share that is none.
    """
    if isinstance(validation, Path):
        return Split(None, {"kind": "file", "path": str(validation), "sha256": sha256_file(validation)})
    recorded = [token_set.meta.split_rule for token_set in existing]
    by_content = [record for record in recorded if record["kind"] != "file"]
    if by_content:
        record = by_content[0]
        if record.get("fraction") != validation:
            say(
                f"these token files were made with the validation share {record.get('fraction')}, and it stays so: "
                f"{validation} is ignored, since text never changes sides"
            )
        return Split(SplitRule.from_dict(record), record)
    if recorded:
        say(
            f"validation stays the file {recorded[-1]['path']}: all new text is for training, and the share "
            f"{validation} is ignored"
        )
        return Split(None, recorded[-1])
    rule = choose_rule((_hex(ids, index) for ids in corpora for index in range(len(ids) // ID_BYTES)), validation)
    return Split(rule, {**rule.to_dict(), "fraction": validation})


def side_name(fate: int) -> str:
    """train or val."""
    return SPLITS[fate]


def _hex(ids: bytes, index: int) -> str:
    return ids[ID_BYTES * index : ID_BYTES * (index + 1)].hex()
