"""Text of evaluation files, found in a document and cut out: a model must not be tested on what it was trained on.

An evaluation text of WINDOW words or more is found by any WINDOW of its words in a row (as for GPT-3: Brown et al.
2020, appendix C), a shorter one when it stands there whole; below SHORTEST words it could stand anywhere by chance.
Words are compared in lower case and without punctuation. The lines that hold a match go; when that is most of the
document, all of it.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groundup.data.cleaning.findings import Finding, drop
from groundup.data.cleaning.words import hash_ngrams, hash_words, normal_words
from groundup.utils.errors import UserError

WINDOW = 13
SHORTEST = 5
MOST_OF_DOCUMENT = 0.5


class EvaluationTexts:
    """What the evaluation files hold, as sorted hashes of word sequences. Pickles small, and holds no text."""

    def __init__(self, texts: Iterator[str]) -> None:
        found: dict[int, list[NDArray[np.uint64]]] = {}
        first: list[NDArray[np.uint64]] = []
        self.too_short = self.texts = 0
        for text in texts:
            hashes = hash_words(normal_words(text))
            if len(hashes) < SHORTEST:
                self.too_short += 1
                continue
            self.texts += 1
            n = min(WINDOW, len(hashes))
            grams = hash_ngrams(hashes, n)
            found.setdefault(n, []).append(grams)
            first.append(hash_ngrams(hashes, SHORTEST)[: len(grams)])
        self.sequences = {n: np.unique(np.concatenate(grams)) for n, grams in sorted(found.items())}
        self.first = np.unique(np.concatenate(first)) if first else np.empty(0, np.uint64)

    def matches(self, hashes: NDArray[np.uint64]) -> list[tuple[int, int]]:
        """(first word, number of words) of every place where an evaluation text stands."""
        starts = np.flatnonzero(_among(hash_ngrams(hashes, SHORTEST), self.first))
        places: list[tuple[int, int]] = []
        for n, sequences in self.sequences.items():
            fitting = starts[starts + n <= len(hashes)]
            if not len(fitting):
                continue
            windows = hash_ngrams(hashes, n)[fitting]
            places += [(int(start), n) for start in fitting[_among(windows, sequences)]]
        return places


def _among(values: NDArray[np.uint64], table: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which values are in the sorted table."""
    if not len(table):
        return np.zeros(len(values), bool)
    return np.asarray(table[np.minimum(np.searchsorted(table, values), len(table) - 1)] == values)


def read_evaluation(paths: list[Path]) -> EvaluationTexts:
    """Read evaluation files: every text in a .jsonl or .json, every line of another. Raises UserError."""

    def texts() -> Iterator[str]:
        for path in paths:
            yield from _texts_of(path)

    return EvaluationTexts(texts())


def _texts_of(path: Path) -> Iterator[str]:
    try:
        with open(path, encoding="utf-8-sig") as file:
            if path.suffix == ".json":
                yield from _strings(json.load(file))
                return
            for line in file:
                if path.suffix == ".jsonl" and line.strip():
                    yield from _strings(json.loads(line))
                elif path.suffix != ".jsonl":
                    yield line
    except (OSError, ValueError) as error:
        what = error.strerror if isinstance(error, OSError) else "not UTF-8 text or JSON"
        raise UserError(f"The evaluation file {path} cannot be read ({what}). Give .jsonl, .json or text.") from error


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def remove_evaluation(text: str, evaluation: EvaluationTexts) -> tuple[str, list[Finding]]:
    """Cut the lines that hold evaluation texts out of a document."""
    lines = text.split("\n")
    words = [normal_words(line) for line in lines]
    places = evaluation.matches(hash_words([word for line in words for word in line]))
    if not places:
        return text, []
    ends = np.cumsum([len(line) for line in words])
    hit: set[int] = set()
    for start, n in places:
        first, last = np.searchsorted(ends, (start, start + n - 1), side="right")
        hit.update(range(int(first), int(last) + 1))
    share = sum(len(words[number]) for number in hit) / max(1, int(ends[-1]))
    example = lines[min(hit)].strip()[:100]
    if share > MOST_OF_DOCUMENT:
        return text, [drop("evaluation text", "most of the document", share, MOST_OF_DOCUMENT)]
    kept = "\n".join(line for number, line in enumerate(lines) if number not in hit)
    return kept, [Finding("evaluation text", "lines of an evaluation file", example, "cut out", count=len(hit))]
