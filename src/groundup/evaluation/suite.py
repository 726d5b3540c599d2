"""What an evaluation suite is: something that asks a model questions of one kind and returns numbers with their proof.

To add a suite, write a class with `name` and `run(subject, say)` in a file of this folder, and offer it in
cli/evaluating.py.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from groundup.evaluation.statistics import wilson_interval
from groundup.model.transformer import Transformer
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.files import sha256_file
from groundup.utils.progress import Say


@dataclass(frozen=True)
class Subject:
    """The model that is evaluated."""

    model: Transformer
    tokenizer: Tokenizer
    batch_tokens: int  # tokens that go through the model at a time
    workers: int = 1  # batches that are read side by side


@dataclass
class SuiteResult:
    """What a suite found."""

    suite: str
    scores: dict[str, Any]  # numbers, as JSON
    settings: dict[str, Any] = field(default_factory=dict)  # all that decides them beside model and data
    data: list[dict[str, Any]] = field(default_factory=list)  # files with their hashes
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Outcome of every item, by part of the suite, for paired comparison: {"correct": "1101"}, one digit an item; or
    {"nats": [...], "bytes": [...]}, one number a document."""
    lines: list[str] = field(default_factory=list)  # for people

    def to_dict(self) -> dict[str, Any]:
        """As JSON, without the lines."""
        return {
            "suite": self.suite,
            "scores": self.scores,
            "settings": self.settings,
            "data": self.data,
            "items": self.items,
        }


class Suite(Protocol):
    """Implemented by the files of this folder."""

    name: str

    def run(self, subject: Subject, say: Say) -> SuiteResult:
        """Ask the model. Raises UserError for data that cannot be used."""


@dataclass(frozen=True)
class Accuracy:
    """A share of right answers, with what guessing reaches and how sure it is."""

    correct: int
    n: int
    chance: float  # what guessing reaches on average

    @property
    def share(self) -> float:
        """Right answers among all."""
        return self.correct / self.n

    def to_dict(self) -> dict[str, Any]:
        """As JSON; the interval is Wilson's, 95 %."""
        return {
            "accuracy": self.share,
            "correct": self.correct,
            "n": self.n,
            "chance": self.chance,
            "interval_95": list(wilson_interval(self.correct, self.n)),
        }

    def describe(self) -> str:
        """As text: 0.812 (0.789 to 0.834, chance 0.500, 1,000 items)."""
        low, high = wilson_interval(self.correct, self.n)
        return f"{self.share:.3f}  ({low:.3f} to {high:.3f}, chance {self.chance:.3f}, {self.n:,} items)"


def digits(outcomes: list[bool]) -> str:
    """Right and wrong as "1101"."""
    return "".join("1" if outcome else "0" for outcome in outcomes)


def file_record(path: Path, **more: Any) -> dict[str, Any]:
    """Name, size and hash of a file of data. The name alone: folders differ between machines."""
    return {"file": path.name, "size_bytes": path.stat().st_size, "sha256": sha256_file(path), **more}


def table(rows: list[tuple[str, str]]) -> list[str]:
    """Lines of name and value, values below each other."""
    width = max((len(name) for name, _ in rows), default=0)
    return [f"  {name:<{width}}  {value}" for name, value in rows]
