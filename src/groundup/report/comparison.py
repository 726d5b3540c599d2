"""Two runs side by side: settings that differ, results, and their curves at equal steps, tokens or seconds.

Curves say how the runs went. Whether their results differ by more than chance, only both models' losses on the same
windows of text tell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError  # OmegaConf's own dependency, which lets these errors through

from groundup.runs.folder import RunFolder
from groundup.runs.listing import RunSummary, summarize
from groundup.runs.manifest import MANIFEST
from groundup.runs.metrics import Row, read_rows
from groundup.utils.errors import UserError, nearest_hint
from groundup.utils.files import read_json, read_object

AXES = {"steps": "step", "tokens": "tokens", "seconds": "elapsed_seconds"}  # by the key of metrics.jsonl
MARKS = 10  # places at which the curves are compared
WHERE_THINGS_LIE = ("training.output_dir",)  # differs between any two runs, and says nothing


@dataclass(frozen=True)
class Mark:
    """Both runs at one place of the axis."""

    at: float  # steps, tokens or seconds
    train_loss: tuple[float | None, float | None]  # mean over the rows since the mark before
    val_bpb: tuple[float | None, float | None]  # of the newest evaluation so far


@dataclass(frozen=True)
class Comparison:
    """What differs between two runs. Pairs are always (A, B)."""

    runs: tuple[RunSummary, RunSummary]
    settings: dict[str, tuple[Any, Any]]  # by key; only those that differ
    results: dict[str, tuple[float | None, float | None]]
    by: str  # the axis of `marks`
    marks: list[Mark]
    remarks: list[str]  # what makes the numbers harder to compare than they look

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "runs": [run.to_dict() for run in self.runs]}


def compare_runs(a: Path, b: Path, *, by: str = "steps") -> Comparison:
    """Compare the runs in two run folders. Raises UserError for an unknown axis or a folder without metrics."""
    if by not in AXES:
        raise UserError(f'--by "{by}" is unknown.{nearest_hint(by, AXES)}')
    settings = (read_settings(a), read_settings(b))
    rows = (read_metrics(a), read_metrics(b))
    return Comparison(
        runs=(summarize(a), summarize(b)),
        settings=differences(*settings),
        results=_results((a, b), rows),
        by=by,
        marks=align(*rows, by=by),
        remarks=_remarks((a, b), settings),
    )


def read_settings(run: Path) -> dict[str, Any]:
    """The resolved configuration of a run, flat: {"training.seed": 1, ...}."""
    path = RunFolder(run).config
    try:
        values = OmegaConf.to_container(OmegaConf.load(path))
    except (OSError, ValueError, OmegaConfBaseException, YAMLError) as error:
        raise UserError(
            f"{path} cannot be read ({type(error).__name__}). Compare runs that have their config.yaml."
        ) from error
    return flatten(values) if isinstance(values, dict) else {}


def flatten(values: Mapping[Any, Any], prefix: str = "") -> dict[str, Any]:
    """Nested sections as dotted keys."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= flatten(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat


def differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Settings that are not the same in both; None where one run does not know the key."""
    keys = [key for key in {**a, **b} if key not in WHERE_THINGS_LIE]
    return {key: (a.get(key), b.get(key)) for key in keys if a.get(key) != b.get(key)}


def read_metrics(run: Path) -> list[Row]:
    """The rows of training steps."""
    rows = [row for row in read_rows(RunFolder(run).metrics) if "train_loss" in row]
    if not rows:
        raise UserError(f"{run} has no metrics yet: nothing has been trained. Choose another run (groundup runs).")
    return rows


def align(a: Sequence[Row], b: Sequence[Row], *, by: str) -> list[Mark]:
    """Both curves at equal places, as far as both runs went."""
    key = AXES[by]
    end = min(a[-1][key], b[-1][key])
    count = min(MARKS, int(end)) if by == "steps" else MARKS
    places = [end * (i + 1) / count for i in range(count)]
    places = [round(place) for place in places] if by != "seconds" else places
    marks, before = [], 0.0
    for place in places:
        pairs = [_at(rows, key, before, place) for rows in (a, b)]
        marks.append(Mark(place, (pairs[0][0], pairs[1][0]), (pairs[0][1], pairs[1][1])))
        before = place
    return marks


def _at(rows: Sequence[Row], key: str, after: float, until: float) -> tuple[float | None, float | None]:
    """(mean training loss within the stretch, newest bits per byte at its end); None where there is no row."""
    losses = [row["train_loss"] for row in rows if after < row[key] <= until and row["train_loss"] is not None]
    evaluated = [row["val_bpb"] for row in rows if row[key] <= until and row.get("val_bpb") is not None]
    return (sum(losses) / len(losses) if losses else None), (evaluated[-1] if evaluated else None)


def _results(
    runs: tuple[Path, Path], rows: tuple[list[Row], list[Row]]
) -> dict[str, tuple[float | None, float | None]]:
    """What each run came to, by name; validation numbers are those of the best checkpoint on all validation text."""
    columns = []
    for run, own in zip(runs, rows, strict=True):
        last = own[-1]
        final = _evaluation(run)
        newest = next((row for row in reversed(own) if row.get("val_bpb") is not None), {})
        columns.append(
            {
                **{key: final.get(key, newest.get(key)) for key in ("val_bpb", "val_loss", "val_ppl")},
                "train_loss": last["train_loss"],
                "steps": last["step"],
                "tokens": last["tokens"],
                "seconds": last["elapsed_seconds"],
                "tokens_per_second": last["tokens"] / max(last["elapsed_seconds"], 1e-9),
            }
        )
    return {key: (columns[0][key], columns[1][key]) for key in columns[0]}


def _evaluation(run: Path) -> dict[str, Any]:
    return read_object(RunFolder(run).evaluation)


def _remarks(runs: tuple[Path, Path], settings: tuple[dict[str, Any], dict[str, Any]]) -> list[str]:
    """What a reader must know before believing a difference."""
    remarks = []
    tokenizers = [_tokenizer_hash(run) for run in runs]
    if None not in tokenizers and tokenizers[0] != tokenizers[1]:
        remarks.append("the tokenizers differ: only val_bpb compares, losses and perplexities do not")
    read = [_evaluation(run).get("bytes") for run in runs]
    if None not in read and read[0] != read[1]:
        remarks.append(f"the validation texts differ ({read[0]:,} and {read[1]:,} bytes): no result compares")
    if settings[0].get("training.seed") == settings[1].get("training.seed"):
        remarks.append("one seed each: another seed alone moves results, too")
    return remarks


def _tokenizer_hash(run: Path) -> str | None:
    """What tells tokenizers apart: the checksum of their file in the newest checkpoint; None where there is none."""
    folder = RunFolder(run)
    steps = folder.steps()
    manifest = folder.step_folder(steps[-1]) / MANIFEST if steps else None
    if manifest is None or not manifest.is_file():
        return None
    checksum: str | None = read_json(manifest)["files"].get("model/tokenizer.json", {}).get("sha256")
    return checksum


def describe(comparison: Comparison) -> str:
    """The comparison for a person: one section after the other."""
    names = [run.path for run in comparison.runs]
    sections = [
        _section(f"A  {names[0]} ({comparison.runs[0].state})\nB  {names[1]} ({comparison.runs[1].state})", []),
        _section("settings that differ", [("", "A", "B"), *_setting_rows(comparison)]),
        _section("results", [("", "A", "B", "B - A"), *_result_rows(comparison)]),
        _section(f"curves at equal {comparison.by}", _curve_rows(comparison)),
        "\n".join(f"note: {remark}" for remark in comparison.remarks),
    ]
    return "\n\n".join(section for section in sections if section)


def _section(title: str, rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return title
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]).rstrip()
        for row in rows
    ]
    return "\n".join([title, *(f"  {line}" for line in lines)])


def _setting_rows(comparison: Comparison) -> list[tuple[str, str, str]]:
    rows = [(key, _shown(a), _shown(b)) for key, (a, b) in comparison.settings.items()]
    return rows or [("none", "", "")]


def _shown(value: Any) -> str:
    text = "-" if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _result_rows(comparison: Comparison) -> list[tuple[str, str, str, str]]:
    rows = []
    for key, (a, b) in comparison.results.items():
        change = "" if a is None or b is None else f"{b - a:+,.{_places(key)}f}"
        rows.append((key, _number(a, _places(key)), _number(b, _places(key)), change))
    return rows


def _places(key: str) -> int:
    return {"steps": 0, "tokens": 0, "tokens_per_second": 0, "seconds": 1, "val_ppl": 2}.get(key, 4)


def _number(value: float | None, places: int) -> str:
    return "-" if value is None else f"{value:,.{places}f}"


def _curve_rows(comparison: Comparison) -> list[tuple[str, ...]]:
    head = (comparison.by, "train_loss A", "B", "B - A", "val_bpb A", "B", "B - A")
    rows: list[tuple[str, ...]] = [head]
    for mark in comparison.marks:
        cells = [_number(mark.at, 1 if comparison.by == "seconds" else 0)]
        for a, b in (mark.train_loss, mark.val_bpb):
            change = "" if a is None or b is None else f"{b - a:+.4f}"
            cells += [_number(a, 4), _number(b, 4), change]
        rows.append(tuple(cells))
    return rows
