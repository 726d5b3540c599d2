"""The formula that predicts a loss: recovered from runs that follow it, monotone, and honest about its range."""

import json
import random
from dataclasses import asdict, replace

import pytest

from groundup.training.loss_law import (
    LossLaw,
    MeasuredRun,
    difficulty_of,
    effective_bytes,
    fit_law,
    law_as_json,
    load_law,
    load_runs,
    spread_sample,
)

TRUE = LossLaw(0.2, 0.3, 0.5, 0.1, 0.25, 4.0, 0.0, 0, (1, 3), (1e5, 1e7), (1e5, 1e8), (0.1, 10))


def made_up_runs() -> list[MeasuredRun]:
    rng = random.Random(1)
    runs = []
    for _ in range(60):
        run = MeasuredRun("a", rng.uniform(1, 3), rng.randrange(10**5, 10**7), rng.uniform(1e6, 5e7), 4e6, 0.0)
        bits = TRUE.predict(
            difficulty=run.difficulty,
            parameters=run.parameters,
            seen_bytes=run.seen_bytes,
            unique_bytes=run.unique_bytes,
        )
        runs.append(replace(run, bits_per_byte=bits))
    return runs


def test_the_fit_finds_the_formula_that_made_the_runs() -> None:
    law = fit_law(made_up_runs())
    assert law.error < 1e-6
    assert (law.data_power, law.size_power, law.repeats_worth) == pytest.approx((0.5, 0.25, 4.0))
    assert (law.floor, law.data, law.size) == pytest.approx((0.2, 0.3, 0.1), rel=1e-3)


def test_what_is_written_is_what_is_read() -> None:
    law = load_law()
    assert json.loads(law_as_json(law)) == json.loads(json.dumps(asdict(law)))
    assert law.runs == len(load_runs())


def test_the_shipped_formula_is_the_fit_of_the_shipped_runs() -> None:
    fitted, shipped = fit_law(load_runs()), load_law()
    for key, value in asdict(fitted).items():
        assert value == pytest.approx(getattr(shipped, key), rel=1e-6), key
    for run in load_runs():
        values = {key: value for key, value in asdict(run).items() if key not in ("text", "bits_per_byte")}
        assert shipped.outside(**values) == []


def test_more_text_and_more_parameters_never_harm_and_repeats_help_less() -> None:
    law = load_law()
    base = {"difficulty": 2.0, "parameters": 1e6, "seen_bytes": 2e6, "unique_bytes": 2e6}
    assert law.predict(**(base | {"seen_bytes": 4e6, "unique_bytes": 4e6})) < law.predict(**base)
    assert law.predict(**(base | {"parameters": 2e6})) < law.predict(**base)
    assert law.predict(**(base | {"seen_bytes": 4e6})) > law.predict(
        **(base | {"seen_bytes": 4e6, "unique_bytes": 4e6})
    )
    assert effective_bytes(1e6, 2e6, 4.0) == 1e6
    assert effective_bytes(1e12, 1e6, 4.0) == pytest.approx(5e6)


def test_outside_of_what_was_measured_it_says_so() -> None:
    law = load_law()
    far = law.outside(difficulty=1.7, parameters=1e9, seen_bytes=1e12, unique_bytes=1e12)
    assert any("parameters" in line for line in far)
    assert any("bytes read" in line for line in far)


def test_difficulty_is_what_xz_leaves() -> None:
    noise = random.Random(2).randbytes(20_000)
    assert difficulty_of(noise) == pytest.approx(8, rel=0.01)
    assert difficulty_of(b"again and again " * 2000) < 0.1


def test_a_sample_comes_from_everywhere() -> None:
    texts = [f"{number:04d}" * 25 for number in range(1000)]
    sample = spread_sample(texts, 100_000, 10_000)
    assert 9_000 <= len(sample) <= 11_500
    taken = [int(part[:4]) for part in sample.decode().split("\n")]
    assert taken[0] < 30
    assert taken[-1] > 970
    assert spread_sample(texts, 100_000, 1_000_000).count(b"\n") == 999
