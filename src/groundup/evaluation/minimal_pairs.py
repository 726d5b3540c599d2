"""Minimal pairs, in the format of BLiMP (Warstadt et al. 2020, arXiv 1912.00582).

A line is {"sentence_good": ..., "sentence_bad": ..., "UID": paradigm, "linguistics_term": phenomenon, "field": ...}.
The model is right where it finds the good sentence likelier than the bad one: the sum of the log-probabilities of all
tokens of each sentence after `<|endoftext|>`. A tie counts as wrong. Guessing reaches 0.5.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groundup.evaluation.scoring_progress import score_all
from groundup.evaluation.suite import Accuracy, Subject, SuiteResult, digits, file_record, table
from groundup.inference.scoring import Request
from groundup.utils.errors import UserError
from groundup.utils.progress import Say

CHANCE = 0.5
TEMPLATE = "<|endoftext|>{sentence}"


@dataclass(frozen=True)
class Pair:
    """A sentence as it should be, and the same with one mistake."""

    good: str
    bad: str
    paradigm: str
    phenomenon: str


@dataclass(frozen=True)
class PairScore:
    """-log p of both sentences in nats."""

    good_nats: float
    bad_nats: float

    @property
    def correct(self) -> bool:
        """The good sentence is the likelier one."""
        return self.good_nats < self.bad_nats


class MinimalPairs:
    """The suite: files or folders of pairs."""

    name = "pairs"

    def __init__(self, paths: Sequence[Path]) -> None:
        """Raises UserError at once for a path without pairs."""
        self.files = find_files(paths)

    def run(self, subject: Subject, say: Say) -> SuiteResult:
        """Accuracy by paradigm and phenomenon, and over all."""
        pairs = [pair for file in self.files for pair in read_pairs(file)]
        scores = score_pairs(subject, pairs, say)
        return summarise(pairs, [score.correct for score in scores], [file_record(file) for file in self.files])


def score_pairs(subject: Subject, pairs: Sequence[Pair], say: Say) -> list[PairScore]:
    """Score both sentences of each pair; what they begin with in common is read once."""
    tokenizer = subject.tokenizer
    begin = [tokenizer.specials.ids["end_of_text"]]
    ids = tokenizer.encode_batch([sentence for pair in pairs for sentence in (pair.good, pair.bad)])
    groups = [[Request(begin, good), Request(begin, bad)] for good, bad in zip(ids[::2], ids[1::2], strict=True)]
    scored = score_all(subject, groups, "pairs", say)
    return [PairScore(good.nats, bad.nats) for good, bad in scored]


def summarise(pairs: Sequence[Pair], correct: Sequence[bool], data: list[dict[str, Any]]) -> SuiteResult:
    """The numbers of pairs that have been judged."""
    by_paradigm: dict[str, list[bool]] = defaultdict(list)
    phenomena: dict[str, str] = {}
    for pair, right in zip(pairs, correct, strict=True):
        by_paradigm[pair.paradigm].append(right)
        phenomena[pair.paradigm] = pair.phenomenon
    by_phenomenon: dict[str, list[bool]] = defaultdict(list)
    for paradigm, outcomes in by_paradigm.items():
        by_phenomenon[phenomena[paradigm]] += outcomes
    total = accuracy(correct)
    rows = [(name, accuracy(outcomes).describe()) for name, outcomes in sorted(by_phenomenon.items())]
    return SuiteResult(
        "pairs",
        scores={
            "overall": total.to_dict(),
            "phenomena": {name: accuracy(outcomes).to_dict() for name, outcomes in sorted(by_phenomenon.items())},
            "paradigms": {
                name: {"phenomenon": phenomena[name], **accuracy(outcomes).to_dict()}
                for name, outcomes in sorted(by_paradigm.items())
            },
        },
        settings={"template": TEMPLATE, "score": "summed log-probability of the sentence"},
        data=data,
        items={name: {"correct": digits(outcomes)} for name, outcomes in sorted(by_paradigm.items())},
        lines=[f"minimal pairs  {total.describe()}", *table(rows)],
    )


def accuracy(correct: Iterable[bool]) -> Accuracy:
    """Share of pairs that were judged rightly."""
    outcomes = list(correct)
    return Accuracy(sum(outcomes), len(outcomes), CHANCE)


def find_files(paths: Sequence[Path]) -> list[Path]:
    """The .jsonl files that `paths` name: themselves, or those in a folder. Raises UserError where there is none."""
    files: list[Path] = []
    for path in paths:
        found = sorted(path.glob("*.jsonl")) if path.is_dir() else [path] if path.is_file() else []
        if not found:
            raise UserError(f"--pairs {path} names no .jsonl file. Give a file or folder of pairs in BLiMP's format.")
        files += found
    return files


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of one file. Raises UserError naming the line that is none."""
    pairs = []
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                good, bad = row["sentence_good"], row["sentence_bad"]
                if not (isinstance(good, str) and isinstance(bad, str) and good and bad):
                    raise TypeError("a sentence is not text")
                paradigm = str(row.get("UID") or path.stem)
                pairs.append(Pair(good, bad, paradigm, str(row.get("linguistics_term") or paradigm)))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise UserError(
                    f'{path}: line {number} is no JSON object with "sentence_good" and "sentence_bad". '
                    "Give pairs in BLiMP's format."
                ) from error
    if not pairs:
        raise UserError(f"{path} holds no pairs. Give a file or folder of pairs in BLiMP's format.")
    return pairs
