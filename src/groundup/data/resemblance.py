"""Which documents, and which paragraphs of the others, resemble what stands before them: stage 2 of the corpus."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from groundup.data.cleaning.minhash import Decision, NearDuplicates
from groundup.data.cleaning.profile import CleaningSettings
from groundup.data.store import Signed, Store
from groundup.data.time_left import CountLeft
from groundup.utils.progress import Say, quiet

STEP = "near-duplicates"
_EXCERPT = 160


class Resemblances:
    """Compares all that is signed in the store; then asked about each document in the same order.

    Documents come first. Paragraphs are compared only among the documents that are not left out, so that no paragraph
    goes for the sake of one that is not in the corpus.
    """

    def __init__(
        self, settings: CleaningSettings, store: Store, keys: Iterable[str], scratch: Path, say: Say = quiet
    ) -> None:
        self._settings = settings
        self._say = say
        self._documents, self._paragraphs = _nothing(), _nothing()
        self._owners = np.empty(0, np.int64)
        self._document = self._paragraph = 0  # how many have been asked about
        self._names: dict[int, str] = {}
        self._wanted: set[int] = set()  # documents whose names will be needed
        keys = list(keys)
        if settings.near_duplicates:
            self._documents = self._compare_documents(store, keys, scratch)
        if settings.near_paragraphs:
            self._paragraphs = self._compare_paragraphs(store, keys, scratch)

    def _compare_documents(self, store: Store, keys: list[str], scratch: Path) -> Decision:
        near = NearDuplicates(self._settings.near_duplicates, scratch, what="documents", say=self._say)
        for signed in self._signed(store, keys, "documents"):
            near.add(signed.documents)
        decision = near.decide()
        self._wanted.update(np.unique(decision.original[decision.original >= 0]).tolist())
        return decision

    def _compare_paragraphs(self, store: Store, keys: list[str], scratch: Path) -> Decision:
        near = NearDuplicates(self._settings.near_paragraphs, scratch, what="paragraphs", say=self._say)
        count, owners = 0, []
        for signed in self._signed(store, keys, "paragraphs"):
            owner = signed.owners + count
            count += len(signed.documents)
            if len(self._documents.original):
                kept = self._documents.original[owner] < 0
                owner, paragraphs = owner[kept], signed.paragraphs[kept]
            else:
                paragraphs = signed.paragraphs
            near.add(paragraphs, owner)
            owners.append(owner)
        self._owners = np.concatenate([*owners, np.empty(0, np.int64)])
        decision = near.decide()
        self._wanted.update(np.unique(self._owners[decision.original[decision.original >= 0]]).tolist())
        return decision

    def _signed(self, store: Store, keys: list[str], what: str) -> Iterator[Signed]:
        """The signatures of every chunk; says how far it is."""
        progress = CountLeft(f"Comparing {what}, 1 of 3", store.count_chunks(keys), "chunks of signatures", self._say)
        for number, signed in enumerate(signed for key in keys for signed in store.signatures(key)):
            progress.tell(number)
            yield signed

    def of_document(self, source: str, part: dict[str, Any]) -> tuple[dict[str, Any] | None, list[tuple[int, int]]]:
        """Why the next document is left out (as a finding), or which of its paragraphs are, or neither.

        `part` is its row in the store, `source` its name. The finding on paragraphs is added to the row's findings.
        """
        if not part.get("signed"):
            return None, []
        number, self._document = self._document, self._document + 1
        if number in self._wanted:
            self._names[number] = source
        if len(self._documents.original) and (original := int(self._documents.original[number])) >= 0:
            value = float(self._documents.similarity[number])
            return self._finding("resembles", original, value, self._settings.near_duplicates, 1), []
        spans = part.get("paragraphs", [])
        if not spans or not self._settings.near_paragraphs:
            return None, []
        first, self._paragraph = self._paragraph, self._paragraph + len(spans)
        originals = self._paragraphs.original[first : self._paragraph]
        hits = np.flatnonzero(originals >= 0)
        if not len(hits):
            return None, []
        similarity = self._paragraphs.similarity[first : self._paragraph]
        best = int(hits[similarity[hits].argmax()])
        owner = int(self._owners[originals[best]])
        value, limit = float(similarity[best]), self._settings.near_paragraphs
        finding = self._finding("paragraph resembles", owner, value, limit, len(hits))
        part["findings"] = [*part.get("findings", ()), finding]
        start, end = spans[best]
        part.setdefault("before", part["text"][start : min(end, start + _EXCERPT)])
        part.setdefault("after", "")
        return None, [(spans[n][0], spans[n][1]) for n in hits.tolist()]

    def _finding(self, rule: str, original: int, value: float, limit: float, count: int) -> dict[str, Any]:
        rule = f"{rule} {self._names[original]}"
        return {"step": STEP, "rule": rule, "value": round(value, 3), "limit": limit, "count": count}


def _nothing() -> Decision:
    return Decision(np.empty(0, np.int64), np.empty(0, np.float32))
