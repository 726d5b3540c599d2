"""Comparing two runs: what differs, the curves at equal places, and what is said about it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from groundup.cli.main import app
from groundup.report.comparison import align, compare_runs, describe, differences, flatten
from groundup.runs.metrics import Row
from groundup.training.config import load_config
from groundup.training.pretrain import pretrain
from groundup.utils.errors import UserError


def rows(count: int, *, loss: float, tokens: int, seconds: float, evaluated: int = 0) -> list[Row]:
    made = []
    for step in range(1, count + 1):
        row: Row = {"step": step, "tokens": tokens * step, "elapsed_seconds": seconds * step, "train_loss": loss}
        if evaluated and step % evaluated == 0:
            row["val_bpb"] = loss / step
        made.append(row)
    return made


def test_curves_meet_at_equal_places_as_far_as_both_runs_went() -> None:
    a = rows(20, loss=2.0, tokens=100, seconds=1.0, evaluated=10)
    b = rows(10, loss=1.0, tokens=400, seconds=4.0)
    by_steps = align(a, b, by="steps")
    assert [mark.at for mark in by_steps] == list(range(1, 11))
    assert by_steps[-1].val_bpb == (0.2, None)
    assert all(mark.train_loss == (2.0, 1.0) for mark in by_steps)
    by_tokens = align(a, b, by="tokens")
    assert [mark.at for mark in by_tokens] == [200 * i for i in range(1, 11)]
    assert by_tokens[0].train_loss == (2.0, None)  # B's first step ends at 400 tokens
    assert by_tokens[1].train_loss == (2.0, 1.0)
    assert align(a, b, by="seconds")[-1].at == 20.0


def test_the_mean_of_a_stretch_takes_each_row_once() -> None:
    a = rows(40, loss=0.0, tokens=1, seconds=1.0)
    for row in a:
        row["train_loss"] = float(row["step"])
    marks = align(a, a, by="steps")
    assert [mark.at for mark in marks] == [4 * i for i in range(1, 11)]
    assert sum(4 * (mark.train_loss[0] or 0) for mark in marks) == sum(range(1, 41))


def test_differences_name_every_setting_that_is_not_the_same() -> None:
    a = flatten({"training": {"seed": 1, "output_dir": "x", "lr": 0.1}, "model": {"n_layer": 2}})
    b = flatten({"training": {"seed": 2, "output_dir": "y", "lr": 0.1}, "model": {"n_layer": 2, "bias": True}})
    assert differences(a, b) == {"training.seed": (1, 2), "model.bias": (None, True)}


def test_two_real_runs(write_texts: Callable[..., Path], tiny_config: Path) -> None:
    write_texts()
    for name, seed in (("a", 1), ("b", 2)):
        pretrain(load_config(tiny_config, [f"training.seed={seed}", f"training.output_dir=checkpoints/{name}"]))
    comparison = compare_runs(Path("checkpoints/a"), Path("checkpoints/b"))
    assert comparison.settings == {"training.seed": (1, 2)}
    assert [run.state for run in comparison.runs] == ["finished", "finished"]
    best = json.loads(Path("checkpoints/b/evaluation.json").read_text())
    assert comparison.results["val_bpb"][1] == best["val_bpb"]
    assert comparison.results["steps"] == (12, 12)
    assert comparison.remarks == []
    text = describe(comparison)
    assert "training.seed  1  2" in text
    change = comparison.results["val_bpb"][1] - comparison.results["val_bpb"][0]  # type: ignore[operator]
    assert f"{change:+.4f}" in text
    shown = CliRunner().invoke(app, ["compare", "checkpoints/a", "checkpoints/b/step-00000012", "--json"])
    assert shown.exit_code == 0
    assert json.loads(shown.stdout)["results"]["steps"] == [12, 12]


def test_another_tokenizer_is_remarked_upon(write_texts: Callable[..., Path], tiny_config: Path) -> None:
    write_texts()
    pretrain(load_config(tiny_config, ["training.output_dir=checkpoints/a"]))
    other = ["tokenizer.vocab_size=280", "tokenizer.path=other", "dataset.dir=other-tokens"]
    pretrain(load_config(tiny_config, ["training.output_dir=checkpoints/b", *other]))
    comparison = compare_runs(Path("checkpoints/a"), Path("checkpoints/b"))
    assert any("only val_bpb compares" in remark for remark in comparison.remarks)
    assert any(remark.startswith("one seed each") for remark in comparison.remarks)


def test_what_cannot_be_compared_says_why(in_folder: Path) -> None:
    Path("checkpoints/a").mkdir(parents=True)
    with pytest.raises(UserError, match=r'"step" is unknown\. Did you mean "steps"'):
        compare_runs(Path("checkpoints/a"), Path("checkpoints/a"), by="step")
    result = CliRunner().invoke(app, ["compare", "checkpoints/a", "checkpoints/a"])
    assert result.exit_code == 1
    assert "holds no run" in result.stderr
