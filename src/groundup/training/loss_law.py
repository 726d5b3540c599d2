"""What a run of minutes will end at: a formula fitted to our own measured runs, and where those runs end.

    bits per byte = c^difficulty_power * (floor + data * (D / 1 MB)^-data_power + size * (N / 1M)^-size_power)

c is the text's difficulty, bits per byte that xz leaves of a sample of it; N the parameters that multiply activations;
D the bytes read in training, of which those read again count less and less (Muennighoff et al. 2023): with U different
bytes, D = U (1 + R (1 - exp(-(passes - 1) / R))). The runs are training/loss_runs.jsonl, the coefficients
training/loss_law.json; both are written by benchmarks/fit_loss.py. All runs used the default recipe (dropout 0.1 beyond
three passes or so), batches of 8 x 256 tokens and the schedule's whole length.
"""

import json
import lzma
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.resources import files
from itertools import product
from typing import Any

import numpy as np

XZ_PRESET = 6
POWERS = tuple(0.05 * n for n in range(2, 13))  # steeper ones would be read into the noise of few runs
SIZE_POWERS = (0.1, 0.25, 0.5)
DIFFICULTY_POWERS = tuple(0.1 * n for n in range(10, 22))
REPEATS_WORTH = (2.0, 4.0, 8.0, 15.0)  # candidates for R


@dataclass(frozen=True)
class MeasuredRun:
    """One run that the formula is fitted to."""

    text: str
    difficulty: float  # bits per byte that xz leaves
    parameters: int  # matrices of the blocks, and the head
    seen_bytes: float
    unique_bytes: float
    bits_per_byte: float


@dataclass(frozen=True)
class LossLaw:
    """The fitted formula, and the range of what it was fitted to (lowest, highest)."""

    floor: float
    data: float
    data_power: float
    size: float
    size_power: float
    repeats_worth: float
    error: float  # root mean square of the relative errors of predicting each run from the others
    runs: int
    difficulty_range: tuple[float, float]
    parameters_range: tuple[float, float]
    seen_range: tuple[float, float]
    passes_range: tuple[float, float]
    difficulty_power: float = 1.0

    def predict(self, *, difficulty: float, parameters: float, seen_bytes: float, unique_bytes: float) -> float:
        """Bits per byte on held-out text."""
        read = effective_bytes(seen_bytes, unique_bytes, self.repeats_worth)
        return difficulty**self.difficulty_power * (
            self.floor
            + self.data * (read / 1e6) ** -self.data_power
            + self.size * (parameters / 1e6) ** -self.size_power
        )

    def outside(self, *, difficulty: float, parameters: float, seen_bytes: float, unique_bytes: float) -> list[str]:
        """One sentence for each quantity that lies outside of what was measured."""
        found = []
        for what, value, (low, high) in (
            ("text that xz leaves {:.2f} bits a byte of", difficulty, self.difficulty_range),
            ("{:.2g} parameters that multiply", parameters, self.parameters_range),
            ("{:.2g} bytes read", seen_bytes, self.seen_range),
            ("{:.1f} passes over the text", seen_bytes / unique_bytes, self.passes_range),
        ):
            if not low / TOLERATED <= value <= high * TOLERATED:
                found.append(f"{what.format(value)}: measured were {low:.3g} to {high:.3g}")
        return found


TOLERATED = 1.25  # so far beyond the measured range a smooth formula is trusted


def effective_bytes(seen: float, unique: float, repeats_worth: float) -> float:
    """Bytes read, those of later passes at their lower worth."""
    passes = seen / unique
    if passes <= 1:
        return seen
    return unique * (1 + repeats_worth * (1 - math.exp(-(passes - 1) / repeats_worth)))


def difficulty_of(sample: bytes) -> float:
    """Bits per byte that xz leaves of `sample`, whose length matters: the plan and the fit take SAMPLE_BYTES."""
    return 8 * len(lzma.compress(sample, preset=XZ_PRESET)) / len(sample)


SAMPLE_BYTES = 1 << 20


def spread_sample(texts: Sequence[str] | Iterable[str], total_bytes: int, size: int = SAMPLE_BYTES) -> bytes:
    """Documents from everywhere in a corpus of `total_bytes`, about `size` bytes in all."""
    stride = max(1.0, total_bytes / size)
    taken, read, kept = [], 0, 0.0
    for text in texts:
        encoded = text.encode("utf-8")
        read += len(encoded)
        if read / stride >= kept + len(encoded) / 2:
            taken.append(encoded)
            kept += len(encoded)
    return b"\n".join(taken)[: 2 * size]


def fit_law(runs: Sequence[MeasuredRun]) -> LossLaw:
    """The formula with the least squared relative error, and its error on runs that it has not seen."""
    law = _fit(runs)
    errors = []
    for left_out in range(len(runs)):
        run = runs[left_out]
        predicted = _fit([*runs[:left_out], *runs[left_out + 1 :]]).predict(
            difficulty=run.difficulty,
            parameters=run.parameters,
            seen_bytes=run.seen_bytes,
            unique_bytes=run.unique_bytes,
        )
        errors.append(predicted / run.bits_per_byte - 1)
    return replace(law, error=float(np.sqrt(np.mean(np.square(errors)))))


def _fit(runs: Sequence[MeasuredRun]) -> LossLaw:
    """Powers from a grid, the rest by linear least squares."""
    bits = np.array([run.bits_per_byte for run in runs])
    hard = np.array([run.difficulty for run in runs])
    sizes = np.array([run.parameters / 1e6 for run in runs])
    best: tuple[float, Any] = (math.inf, None)
    for worth in REPEATS_WORTH:
        read = np.array([effective_bytes(run.seen_bytes, run.unique_bytes, worth) / 1e6 for run in runs])
        for data_power, size_power, power in product(POWERS, SIZE_POWERS, DIFFICULTY_POWERS):
            columns = np.stack([np.ones(len(runs)), read**-data_power, sizes**-size_power], axis=1)
            relative = columns * (hard**power / bits)[:, None]
            weights, *_ = np.linalg.lstsq(relative, np.ones(len(runs)), rcond=None)
            error = float(np.sqrt(np.mean((relative @ weights - 1) ** 2)))
            if error < best[0] and (weights >= 0).all():
                best = (error, (weights, data_power, size_power, power, worth))
    error, found = best
    assert found is not None, "no formula with terms of the right sign fits these runs"
    weights, data_power, size_power, power, worth = found
    return LossLaw(
        float(weights[0]), float(weights[1]), data_power, float(weights[2]), size_power, worth, error, len(runs),
        difficulty_range=_range(run.difficulty for run in runs),
        parameters_range=_range(float(run.parameters) for run in runs),
        seen_range=_range(run.seen_bytes for run in runs),
        passes_range=_range(run.seen_bytes / run.unique_bytes for run in runs),
        difficulty_power=power,
    )  # fmt: skip


def _range(values: Iterable[float]) -> tuple[float, float]:
    found = list(values)
    return min(found), max(found)


def load_runs() -> list[MeasuredRun]:
    """The measured runs that come with the program."""
    text = files("groundup.training").joinpath("loss_runs.jsonl").read_text(encoding="utf-8")
    return [MeasuredRun(**json.loads(line)) for line in text.splitlines()]


def load_law() -> LossLaw:
    """The formula that was fitted to them."""
    values: dict[str, Any] = json.loads(
        files("groundup.training").joinpath("loss_law.json").read_text(encoding="utf-8")
    )
    for key, value in values.items():
        values[key] = tuple(value) if isinstance(value, list) else value
    return LossLaw(**values)


def law_as_json(law: LossLaw) -> str:
    """What load_law reads."""
    return json.dumps(asdict(law), indent=2) + "\n"
