"""Checkpoints that every process writes its parts of (FSDP2): any number of processes goes on from them."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from rank_runs import TOLERANCE, ledger, losses, rows_of, train
from safetensors.torch import load_file
from test_damage import HARMS

from groundup.model.bundle import load_bundle
from groundup.runs.folder import RunFolder
from groundup.runs.manifest import damage
from groundup.training.checkpoint import WEIGHTS_PREFIX, find_resumable
from groundup.training.shards import StoredTensors

FSDP = ("training.distributed=fsdp", "training.schedule=constant", "training.eval_interval=50")


def shards_of(run: str, step: int) -> Path:
    return RunFolder(Path("checkpoints") / run).step_folder(step) / "training" / "shards"


def test_two_processes_save_their_parts_and_one_goes_on(write_texts: Callable[..., Path], tiny_config: Path) -> None:
    write_texts()
    train(tiny_config, "one", *FSDP, "training.max_steps=7")
    train(tiny_config, "moved", *FSDP, "training.max_steps=4", count=2)
    shards = shards_of("moved", 4)
    sizes = [file.stat().st_size for file in sorted(shards.iterdir())]
    assert len(sizes) == 2
    assert sizes[0] == pytest.approx(sizes[1], rel=0.05)  # a half each
    assert not (shards.parent / "optimizer.safetensors").exists()
    model, _ = load_bundle(shards.parents[1] / "model")
    stored = StoredTensors(shards, WEIGHTS_PREFIX)
    assert set(stored) == set(model.state_dict())
    assert all(torch.equal(stored[name], value) for name, value in model.state_dict().items())
    train(tiny_config, "moved", *FSDP, "training.max_steps=7")
    assert losses("moved") == pytest.approx(losses("one"), abs=TOLERANCE)
    assert ledger("moved") == ledger("one")


def test_every_harm_to_a_shard_is_found_out(write_texts: Callable[..., Path], tiny_config: Path) -> None:
    write_texts()
    train(tiny_config, "tiny", *FSDP, "training.max_steps=6", count=2)
    run, newest = RunFolder(Path("checkpoints/tiny")), RunFolder(Path("checkpoints/tiny")).step_folder(6)
    whole = Path("whole")
    shutil.copytree(newest, whole)
    shards = sorted(path.relative_to(newest) for path in newest.rglob("shard-*"))
    assert len(shards) == 2
    for name in shards:
        for harm in HARMS:
            harm(newest / name)
            said: list[str] = []
            assert str(name) in (damage(newest) or "")
            assert find_resumable(run, said.append) == run.step_folder(3)
            shutil.copy(whole / name, newest / name)
    assert damage(newest) is None


@pytest.mark.long
@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
@pytest.mark.parametrize("tied", ["true", "false"])
def test_a_run_moves_from_four_processes_to_one_to_two_to_four(
    write_texts: Callable[..., Path], tiny_config: Path, optimizer: str, tied: str
) -> None:
    """From parts to a whole and back; 30 embeddings a process do not divide evenly."""
    write_texts()
    words = [*FSDP, f"training.optimizer={optimizer}", f"model.tied_embeddings={tied}", "tokenizer.vocab_size=299"]
    train(tiny_config, "one", *words, "training.max_steps=15")
    for count, steps in ((4, 3), (1, 6), (2, 9), (4, 12), (2, 15)):
        train(tiny_config, "moved", *words, f"training.max_steps={steps}", count=count)
        shards = shards_of("moved", steps)
        assert (len(list(shards.iterdir())) if shards.exists() else 1) == count
    assert [row["step"] for row in rows_of("moved")] == list(range(1, 16))
    assert losses("moved") == pytest.approx(losses("one"), abs=TOLERANCE)
    assert ledger("moved") == ledger("one")


@pytest.mark.long
def test_one_way_of_splitting_goes_on_from_the_other(write_texts: Callable[..., Path], tiny_config: Path) -> None:
    write_texts()
    train(tiny_config, "one", *FSDP, "training.max_steps=12")
    for kind, steps in (("fsdp", 4), ("ddp", 8), ("fsdp", 12)):
        train(tiny_config, "moved", *FSDP, f"training.distributed={kind}", f"training.max_steps={steps}", count=2)
        about = json.loads(Path("checkpoints/moved/environment.json").read_text())
        assert about["distributed"] == kind
    assert losses("moved") == pytest.approx(losses("one"), abs=TOLERANCE)


@pytest.mark.long
def test_the_best_of_a_sharded_run_is_what_is_evaluated(write_texts: Callable[..., Path], tiny_config: Path) -> None:
    """A learning rate that ruins the model after the first evaluation: the best checkpoint is not the last one."""
    write_texts()
    words = ["training.distributed=fsdp", "training.optimizer=adamw", "training.schedule=constant"]
    words += ["training.eval_interval=2", "training.learning_rate=0.5", "training.max_steps=6"]
    train(tiny_config, "tiny", *words, count=2)
    told = json.loads(Path("checkpoints/tiny/evaluation.json").read_text())
    best = min((row for row in rows_of("tiny") if "val_loss" in row), key=lambda row: row["val_loss"])
    assert told["checkpoint"] == f"step-{best['step']:08d}" != "step-00000006"
    assert told["val_loss"] == pytest.approx(best["val_loss"], abs=1e-5)


@pytest.mark.long
def test_the_same_processes_go_on_to_the_last_bit(write_texts: Callable[..., Path], tiny_config: Path) -> None:
    write_texts()
    words = [*FSDP, "model.dropout=0.1"]
    train(tiny_config, "whole", *words, count=2)
    train(tiny_config, "stopped", *words, "training.max_steps=7", count=2)
    train(tiny_config, "stopped", *words, count=2)
    whole, stopped = (sorted(shards_of(run, 12).iterdir()) for run in ("whole", "stopped"))
    for a, b in zip(whole, stopped, strict=True):
        x, y = load_file(a), load_file(b)
        assert x.keys() == y.keys()
        assert all(torch.equal(x[name], y[name]) for name in x)
