"""Listing runs: each state is found by making it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from groundup.cli.main import app
from groundup.runs.folder import RunFolder
from groundup.runs.listing import find_run, find_runs, lock_holder, summarize
from groundup.training.config import load_config
from groundup.training.pretrain import pretrain
from groundup.utils.errors import UserError


@pytest.fixture
def finished(write_texts: Callable[..., Path], tiny_config: Path) -> Path:
    write_texts()
    return pretrain(load_config(tiny_config)).run


def test_a_finished_run(finished: Path) -> None:
    summary = summarize(finished)
    assert (summary.state, summary.step, summary.last_step) == ("finished", 12, 12)
    evaluation = json.loads((finished / "evaluation.json").read_text())
    assert summary.val_bpb == evaluation["val_bpb"]
    assert summary.size_bytes == sum(file.stat().st_size for file in finished.rglob("*") if file.is_file())


def test_a_run_that_went_on_and_was_stopped_is_interrupted(finished: Path) -> None:
    step = finished / "step-00000012"
    later = finished / "step-00000013"
    subprocess.run(["cp", "-r", str(step), str(later)], check=True)
    assert summarize(finished).state == "interrupted"


def test_a_checkpoint_cut_short_is_named(finished: Path) -> None:
    weights = finished / "step-00000012" / "model" / "model.safetensors"
    size = weights.stat().st_size
    weights.write_bytes(weights.read_bytes()[:-1])
    summary = summarize(finished)
    assert summary.state == "damaged"
    assert summary.detail == f"step-00000012: model/model.safetensors has {size - 1} bytes instead of {size}"
    (finished / "step-00000012" / "manifest.json").unlink()
    assert "manifest.json" in summarize(finished).detail


def test_a_running_one_names_its_process_and_is_not_disturbed(finished: Path) -> None:
    with RunFolder(finished).locked():
        program = "import sys; from pathlib import Path; from groundup.runs.listing import summarize as s;"
        program += "r = s(Path(sys.argv[1])); print(r.state, '|', r.detail)"
        told = subprocess.run(
            [sys.executable, "-c", program, str(finished)], capture_output=True, text=True, check=True, timeout=60
        )
        assert told.stdout.startswith(f"running | process {os.getpid()}, started ")
    assert lock_holder(finished) is None
    assert summarize(finished).state == "finished"


def test_a_folder_without_a_checkpoint_is_empty(in_folder: Path) -> None:
    Path("checkpoints/new").mkdir(parents=True)
    Path("checkpoints/new/config.yaml").write_text("training:\n  max_steps: 7\n")
    Path("checkpoints/new/.lock").write_text("")
    summary = summarize(Path("checkpoints/new"))
    assert (summary.state, summary.step, summary.last_step, summary.val_bpb) == ("empty", 0, 7, None)


def test_runs_are_found_wherever_they_lie(finished: Path) -> None:
    assert find_runs([Path("checkpoints"), Path(".")]) == [finished]
    assert find_run(finished / "step-00000012") == finished
    assert find_run(Path("checkpoints")) == finished
    with pytest.raises(UserError, match="holds no run"):
        find_run(Path("texts"))


def test_the_command_lists_them(finished: Path) -> None:
    result = CliRunner().invoke(app, ["runs"])
    head, line = result.stdout.splitlines()
    assert head.split()[:4] == ["run", "state", "step", "val_bpb"]
    assert line.split()[:3] == ["checkpoints/tiny", "finished", "12/12"]
    (listed,) = json.loads(CliRunner().invoke(app, ["runs", "--json", "checkpoints"]).stdout)
    assert listed["state"] == "finished"
    assert CliRunner().invoke(app, ["runs", "nowhere"]).exit_code == 1


def test_no_runs_is_no_error(in_folder: Path) -> None:
    result = CliRunner().invoke(app, ["runs"])
    assert result.exit_code == 0
    assert result.stdout.startswith("no runs under checkpoints/")
