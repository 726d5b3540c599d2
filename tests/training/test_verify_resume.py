"""verify-resume: it finds agreement where there is agreement, and every kind of difference where there is one."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from groundup.cli.main import app
from groundup.runs.folder import RunFolder
from groundup.runs.metrics import read_rows
from groundup.training.config import load_config
from groundup.training.pretrain import pretrain
from groundup.training.verify_resume import (
    Trial,
    compare,
    plan_kills,
    planned_windows,
    prepare_trial,
    verify_resume,
)
from groundup.utils.errors import UserError
from groundup.utils.progress import quiet


def test_kills_fall_into_every_kind_of_place() -> None:
    trial = Trial(Path("nowhere"), [[], []], [20, 30])
    for seed in range(20):
        kills = plan_kills(trial, 6, 8, seed)
        assert [kill.step for kill in kills] == sorted(kill.step for kill in kills)
        assert {kill.where for kill in kills} == {"step", "save", "evaluation"}
        assert any(8 < kill.step < 20 for kill in kills)
        assert any(trial.phase_at(kill.step - 1) == 1 for kill in kills)


@pytest.fixture
def two_runs(write_texts: Callable[..., Path], tiny_config: Path) -> Trial:
    """Two runs of one configuration, neither of them killed."""
    write_texts()
    for name in ("whole", "killed"):
        settings = [f"training.output_dir=trial/runs/{name}", "logging.windows=true", "training.max_steps=6"]
        pretrain(load_config(tiny_config, settings))
    return Trial(Path("trial"), [[], []], [6, 6])


def test_every_difference_is_found(two_runs: Trial) -> None:
    assert all(told.startswith("agree") for told in compare(two_runs, exact=True).values())
    run = two_runs.run("killed")
    planned = planned_windows(run)
    assert planned == {row["step"]: row["windows"] for row in read_rows(run.windows)}

    def changed(path: Path, old: str, new: str) -> dict[str, str]:
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
        found = compare(two_runs, exact=True)
        path.write_text(text)
        return {name: told for name, told in found.items() if not told.startswith("agree")}

    window = json.dumps(planned[4][0])
    assert changed(run.windows, window, "[0, 99999]") == {
        "windows": "differ: killed read others than planned at step 4"
    }
    last = run.windows.read_text().splitlines(keepends=True)[-1]
    assert list(changed(run.windows, last, "")) == ["windows"]
    loss = str(next(read_rows(run.metrics))["train_loss"])
    assert list(changed(run.metrics, loss, "5.5")) == ["losses"]
    ledger = run.step_folder(6) / "training" / "ledger.json"
    assert list(changed(ledger, '"windows": 24', '"windows": 23')) == ["ledger"]
    weights = run.step_folder(6) / "model" / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-3] ^= 1
    weights.write_bytes(content)
    assert compare(two_runs, exact=True)["weights"] == "differ"
    assert compare(two_runs, exact=False)["weights"].startswith("agree: apart by")


def test_what_cannot_be_tried_says_why(write_texts: Callable[..., Path], tiny_config: Path) -> None:
    write_texts(n_documents=5)
    config = load_config(tiny_config)
    with pytest.raises(UserError, match="a trial needs"):
        prepare_trial(config, Path("trial"), steps=10, say=quiet)
    with pytest.raises(UserError, match="leaves no room for kills"):
        prepare_trial(config, Path("other"), steps=3, say=quiet)
    with pytest.raises(UserError, match="is not empty"):
        prepare_trial(config, Path("texts"), steps=10, say=quiet)
    result = CliRunner().invoke(app, ["verify-resume", "--config", str(tiny_config), "--processes", "1,x"])
    assert result.exit_code == 1
    assert 'error: --processes "1,x" is no list of numbers' in result.stderr


@pytest.mark.long
@pytest.mark.parametrize(("processes", "kind"), [([1], "ddp"), ([1, 2], "ddp"), ([2], "fsdp")])
def test_killed_runs_agree_with_the_undisturbed_one(
    write_texts: Callable[..., Path], tiny_config: Path, processes: list[int], kind: str
) -> None:
    write_texts(n_documents=150)
    config = load_config(tiny_config, ["training.batch_size=8", f"training.distributed={kind}"])
    report = verify_resume(config, Path("trial"), steps=16, kills=5, processes=processes, seed=3, say=quiet)
    assert report.agrees, report
    assert sum(report.kills[where] for where in ("step", "save", "evaluation")) >= 3
    assert report.kills["second phase"] >= 1
    assert not Path("checkpoints").exists()  # the user's own run is left alone
    assert RunFolder(Path("trial/runs/killed")).steps()[-1] == report.steps
