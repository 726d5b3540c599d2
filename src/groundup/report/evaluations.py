"""What `groundup eval --json` has left in a run folder, as tables: any suite, whatever its scores are called."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groundup.utils.errors import UserError
from groundup.utils.files import read_json

PLACES = ("*.json", "evaluations/*.json")
FORMAT = "groundup-evaluation"
MEASURED = ("accuracy", "share", "bits_per_byte", "value")  # keys that hold a number beside its interval
INTERVAL = "interval_95"
COUNTS = ("n", "correct")
OUTCOMES = "correct"  # where it is text: "1101", one digit an item, for comparison and not for people


@dataclass(frozen=True)
class Score:
    """One line of a table."""

    name: str
    value: float | int | str
    interval: tuple[float, float] | None = None  # 95 %
    chance: float | None = None  # what guessing reaches
    n: int | None = None  # items

    @property
    def is_share(self) -> bool:
        """Whether it can be drawn on a scale from 0 to 1."""
        return self.chance is not None and isinstance(self.value, float | int) and 0 <= self.value <= 1


@dataclass(frozen=True)
class EvaluationTable:
    """The scores of one suite in one file."""

    file: str
    suite: str
    model: str  # the folder of what was evaluated
    scores: list[Score]


def read_evaluations(run: Path) -> list[EvaluationTable]:
    """Every suite in every evaluation file of a run folder; other JSON files, and damaged ones, are passed over."""
    tables = []
    for file in (file for place in PLACES for file in sorted(run.glob(place))):
        try:
            value = read_json(file)
        except (OSError, UserError):
            continue
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            continue
        folder = Path(str(value.get("model", {}).get("folder", "")))
        model = folder.parent.name if folder.name == "model" else folder.name
        tables += [
            EvaluationTable(file.relative_to(run).as_posix(), result["suite"], model, list(scores_of(result["scores"])))
            for result in value["suites"]
        ]
    return tables


def scores_of(scores: Mapping[str, Any], prefix: str = "") -> Iterator[Score]:
    """Flatten nested scores; a part with a number and its interval or chance level becomes one line.

    Beside other numbers, `right_share` or `right_accuracy` has its interval as `right_interval_95`.
    """
    measured = next((key for key in MEASURED if key in scores), None)
    if measured is not None and (INTERVAL in scores or "chance" in scores):
        ends = scores.get(INTERVAL)
        yield Score(
            name=f"{prefix}, {measured}" if prefix else measured,
            value=scores[measured],
            interval=None if ends is None else (float(ends[0]), float(ends[1])),
            chance=scores.get("chance"),
            n=scores.get("n"),
        )
        scores = {k: v for k, v in scores.items() if k not in (measured, INTERVAL, "chance", *COUNTS)}
    for key, value in scores.items():
        if key == OUTCOMES and isinstance(value, str):
            continue
        name = f"{prefix}, {key}" if prefix else str(key)
        ends = scores.get(f"{key.removesuffix('_share').removesuffix('_accuracy')}_{INTERVAL}")
        if isinstance(value, dict):
            yield from scores_of(value, name)
        elif isinstance(value, bool) or value is None:
            yield Score(name, "-" if value is None else str(value).lower())
        elif isinstance(value, int | float | str):
            yield Score(name, value, None if ends is None else (float(ends[0]), float(ends[1])))
