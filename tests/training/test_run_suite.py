"""The suite that is asked while a model trains: its scores, its interval, and that the run stays the same with it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from groundup.cli.main import app
from groundup.evaluation.minimal_pairs import read_pairs, score_pairs
from groundup.evaluation.suite import Subject
from groundup.model.bundle import load_bundle
from groundup.report.page import charts_of
from groundup.report.record import read_record
from groundup.runs.metrics import read_rows
from groundup.training.checkpoint import load_state
from groundup.training.config import load_config
from groundup.training.pretrain import pretrain
from groundup.training.run_suite import EvaluationConfig, RunSuite
from groundup.training.signals import Interrupted
from groundup.utils.errors import UserError
from groundup.utils.progress import quiet

ASKED = ["evaluation.pairs=[pairs.jsonl]", "evaluation.tasks=[arc:easy-1.jsonl,last.jsonl]", "evaluation.items=3"]


@pytest.fixture
def questions(write_texts: Callable[..., Path], in_folder: Path) -> Path:
    write_texts()
    pairs = [
        {"sentence_good": f"The {x} runs.", "sentence_bad": f"Runs {x} the."} for x in ("cat", "dog", "red", "ball")
    ]
    arc = [
        {"question": f"What is {x}?", "choices": {"text": ["big", "small"], "label": ["A", "B"]}, "answerKey": "B"}
        for x in "abcd"
    ]
    for name, rows in (("pairs", pairs), ("easy-1", arc), ("last", [{"text": "the cat sees the dog"}])):
        (in_folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return in_folder


def rows_of(run: Path) -> list[dict[str, Any]]:
    return list(read_rows(run / "metrics.jsonl"))


def test_scores_are_those_of_the_checkpoint_and_land_in_metrics_and_report(questions: Path, tiny_config: Path) -> None:
    result = pretrain(load_config(tiny_config, [*ASKED, "training.output_dir=out", "training.keep=9"]))
    asked = {row["step"]: row for row in rows_of(result.run) if "suite_seconds" in row}
    assert list(asked) == [6, 12]  # at every evaluation
    for step, row in asked.items():
        assert {key for key in row if key.startswith("accuracy_")} == {
            "accuracy_pairs",
            "accuracy_easy_1",
            "accuracy_last",
        }
        model, tokenizer = load_bundle(result.run / f"step-{step:08d}" / "model")
        scored = score_pairs(Subject(model, tokenizer, 4096), read_pairs(Path("pairs.jsonl"))[:3], quiet)
        assert row["accuracy_pairs"] == round(sum(found.correct for found in scored) / 3, 6)
    chart = next(chart for chart in charts_of([read_record(result.run)], "steps") if chart.title == "Right answers")
    assert {line.name for line in chart.lines} == {"pairs", "easy_1", "last"}


def test_interval_is_its_own(questions: Path, tiny_config: Path) -> None:
    words = [*ASKED, "evaluation.interval=5", "training.output_dir=out", "logging.interval=4"]
    result = pretrain(load_config(tiny_config, words))
    assert [row["step"] for row in rows_of(result.run) if "accuracy_pairs" in row] == [5, 10, 12]


def test_a_run_learns_the_same_with_and_without_it(questions: Path, tiny_config: Path) -> None:
    with_suite = pretrain(load_config(tiny_config, [*ASKED, "training.output_dir=a", "model.dropout=0.1"]))
    without = pretrain(load_config(tiny_config, ["training.output_dir=b", "model.dropout=0.1"]))
    for name in ("model/model.safetensors", "training/optimizer.safetensors"):
        assert (with_suite.best / name).read_bytes() == (without.best / name).read_bytes()
    losses = [[(row["train_loss"], row.get("val_loss")) for row in rows_of(run.run)] for run in (with_suite, without)]
    assert losses[0] == losses[1]


def test_stopped_while_asking_it_goes_on_as_if_it_had_not_been(
    questions: Path, tiny_config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os
    import signal

    words = [*ASKED, "training.output_dir=a"]
    whole = pretrain(load_config(tiny_config, ["training.output_dir=b", *ASKED]))
    ask = RunSuite.ask

    def stopped(self: RunSuite, *arguments: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return ask(self, *arguments)

    monkeypatch.setattr(RunSuite, "ask", stopped)
    with pytest.raises(Interrupted):
        pretrain(load_config(tiny_config, words))
    state = load_state(questions / "a" / "step-00000006")
    assert (state.step, state.best_step) == (6, None)
    monkeypatch.setattr(RunSuite, "ask", ask)
    resumed = pretrain(load_config(tiny_config, words))
    kept = ("step", "train_loss", "val_loss", "accuracy_pairs", "accuracy_easy_1", "accuracy_last")
    rows = [[{key: row.get(key) for key in kept} for row in rows_of(run.run)] for run in (whole, resumed)]
    assert rows[0] == rows[1]
    name = "model/model.safetensors"
    assert (whole.best / name).read_bytes() == (resumed.best / name).read_bytes()


def test_bad_files_and_values_are_named_before_anything_is_prepared(questions: Path, tiny_config: Path) -> None:
    (questions / "no.jsonl").write_text("{}\n")
    for words, message in {
        "evaluation.pairs=nowhere": "--pairs nowhere names no .jsonl file",
        "evaluation.pairs=no.jsonl": "no.jsonl: line 1 is no JSON object",
        "evaluation.tasks=no.jsonl": "belongs to no known format",
        "evaluation.items=0": "evaluation.items is 0",
        "evaluation.interval=never": 'evaluation.interval is "never"',
        "evaluation.pear=1": 'there is no setting "evaluation.pear"',
    }.items():
        result = CliRunner().invoke(app, ["train", "--config", str(tiny_config), words])
        assert result.exit_code == 1, words
        assert message in result.stderr
        assert result.stderr.count("\n") == 1
    assert not (questions / "artifacts").exists()
    with pytest.raises(UserError, match="two of the files are called last"):
        RunSuite(EvaluationConfig(tasks=["last.jsonl", "lambada:last.jsonl"]))
