from pathlib import Path

import pytest

from groundup.runs.folder import RunFolder
from groundup.runs.ledger import Entry, Ledger
from groundup.runs.metrics import RowWriter, cut_rows_after, read_rows
from groundup.utils.errors import UserError


def test_rows_after_a_step_are_cut_and_a_torn_line_with_them(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    writer = RowWriter(path)
    for step in (1, 2, 3):
        writer.write({"step": step, "train_loss": 0.5})
    writer.close()
    with open(path, "a") as f:
        f.write('{"step": 4, "tra')
    assert [row["step"] for row in read_rows(path)] == [1, 2, 3]
    cut_rows_after(path, 2)
    assert path.read_text().count("\n") == 2


def test_a_number_that_is_none_is_null_and_not_zero(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    writer = RowWriter(path)
    writer.write({"step": 1, "train_loss": float("nan"), "val_ppl": float("inf")})
    writer.close()
    assert path.read_text() == '{"step": 1, "train_loss": null, "val_ppl": null}\n'


def test_pointers_name_checkpoints_that_are_there(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    run.step_folder(5).mkdir(parents=True)
    assert run.pointed("best") is None
    run.point("best", 5)
    assert run.pointed("best") == run.step_folder(5)
    run.remove_step(5)
    assert run.pointed("best") is None
    assert run.steps() == []


def test_a_pointer_leads_nowhere_else(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    (run.path / "best").write_text("../../etc\n")
    assert run.pointed("best") is None


def test_two_writers_are_told_apart(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    with run.locked(), pytest.raises(UserError, match=r"in use by process \d+, started"), run.locked():
        pass
    with run.locked():
        pass


def test_newer_damaged_checkpoints_are_kept_under_another_name(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    for step in (1, 2, 3):
        run.step_folder(step).mkdir(parents=True)
    run.set_newer_aside(run.step_folder(1))
    assert run.steps() == [1]
    assert len(list(run.path.glob("*.damaged.*"))) == 2


def test_the_ledger_counts_passes() -> None:
    ledger = Ledger(
        [Entry("f", "name", dataset_windows=10, phase=0, first_step=1, last_step=5, windows=25, tokens=100)]
    )
    assert ledger.to_dict()["datasets"][0]["passes"] == 2.5
    assert Ledger.from_dict(ledger.to_dict()) == ledger
    assert ledger.datasets() == {"f"}
    assert ledger.tokens() == 100
