"""Several processes train the model that one would: the same windows, the same losses within the order of summation."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rank_runs import LIMIT_SECONDS, TOLERANCE, ledger, losses, rows_of, train

from groundup.training.config import load_config
from groundup.training.pretrain import pretrain


def test_two_processes_are_one_run(write_texts: Callable[..., Path], tiny_config: Path) -> None:
    """A batch of 5 does not divide by 2, and masked tokens lie in it: everything is counted over all processes."""
    write_texts()
    words = ["training.batch_size=5", "training.max_steps=6", "dataset.method=split", "dataset.seq_len=32"]
    pretrain(load_config(tiny_config, ["training.output_dir=checkpoints/one", *words]))
    assert rows_of("one")[-1]["tokens"] < 6 * 5 * 32  # rows were padded, and padding is not counted
    for kind in ("ddp", "fsdp"):
        told = train(tiny_config, kind, *words, f"training.distributed={kind}", count=2)
        assert losses(kind) == pytest.approx(losses("one"), abs=TOLERANCE)
        for key in ("tokens", "learning_rate", "val_loss"):
            one, two = ([row.get(key, 0.0) for row in rows_of(run)] for run in ("one", kind))
            assert two == pytest.approx(one, rel=1e-3), key
        norms = [[row["grad_norm"] for row in rows_of(run)] for run in ("one", kind)]
        assert norms[1] == pytest.approx(norms[0], rel=0.01)
        assert ledger(kind) == ledger("one")
        assert f"2 processes, {kind}" in told.stderr
        assert told.stderr.count("training qwen3") == 1  # one process speaks


@pytest.mark.long
@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_four_processes_too(write_texts: Callable[..., Path], tiny_config: Path, kind: str, optimizer: str) -> None:
    """Three rows on four processes: one of them has none. Micro-batches of one."""
    write_texts()
    words = [
        f"training.optimizer={optimizer}",
        "training.batch_size=7",
        "training.micro_batch_size=1",
        "training.document_mask=true",
        "training.max_grad_norm=0.5",
        "training.weight_decay=0.1",
    ]
    train(tiny_config, "one", *words)
    train(tiny_config, "four", *words, f"training.distributed={kind}", count=4)
    assert losses("four") == pytest.approx(losses("one"), abs=TOLERANCE)
    assert ledger("four") == ledger("one")
    few = ["training.batch_size=3", "training.max_steps=3"]
    train(tiny_config, "one-of-three", *few)
    train(tiny_config, "four-of-three", *few, f"training.distributed={kind}", count=4)
    assert losses("four-of-three") == pytest.approx(losses("one-of-three"), abs=TOLERANCE)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_a_run_moves_from_one_process_to_two_to_four_to_one(
    write_texts: Callable[..., Path], tiny_config: Path, kind: str, optimizer: str
) -> None:
    write_texts()
    words = [f"training.optimizer={optimizer}", f"training.distributed={kind}", "training.schedule=constant"]
    words += ["training.eval_interval=50", "training.checkpoint_interval=50"]
    train(tiny_config, "one", *words, "training.max_steps=24")
    for count, steps in ((1, 6), (2, 12), (4, 18), (1, 24)):
        train(tiny_config, "moved", *words, f"training.max_steps={steps}", count=count)
        about = json.loads(Path("checkpoints/moved/environment.json").read_text())
        assert (about["processes"], about["distributed"]) == (count, kind if count > 1 else "alone")
    assert [row["step"] for row in rows_of("moved")] == list(range(1, 25))
    assert losses("moved") == pytest.approx(losses("one"), abs=TOLERANCE)
    assert ledger("moved") == ledger("one")


@pytest.mark.long
def test_the_bytes_do_not_depend_on_a_stop(write_texts: Callable[..., Path], tiny_config: Path) -> None:
    """On the same number of processes a resumed run is exact to the last bit; sharded: test_sharded_checkpoint.py."""
    write_texts()
    words = ["training.distributed=ddp", "training.schedule=constant", "model.dropout=0.1"]
    train(tiny_config, "whole", *words, count=2)
    train(tiny_config, "stopped", *words, "training.max_steps=7", count=2)
    train(tiny_config, "stopped", *words, count=2)
    for name in ("model/model.safetensors", "training/optimizer.safetensors"):
        files = [Path(f"checkpoints/{run}/step-00000012/{name}").read_bytes() for run in ("whole", "stopped")]
        assert files[0] == files[1], name


@pytest.mark.long
@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
def test_a_signal_to_any_process_saves_and_stops_all(
    write_texts: Callable[..., Path], tiny_config: Path, kind: str
) -> None:
    write_texts()
    command = [sys.executable, "-m", "groundup", "train", "--config", str(tiny_config), "--nproc", "2"]
    command += ["training.max_steps=100000", f"training.distributed={kind}", "training.checkpoint_interval=100000"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        wait_for_step(3, process)
        second = next(pid for pid, rank in ranks_below(process.pid) if rank == 1)
        os.kill(second, signal.SIGTERM)
        assert process.wait(timeout=LIMIT_SECONDS) == 128 + signal.SIGTERM
        assert process.stderr is not None
        assert process.stderr.read().count("stopped by SIGTERM: saved after step") == 1
    assert Path("checkpoints/tiny/last").read_text().strip() >= "step-00000003"


@pytest.mark.long
def test_when_one_process_dies_the_leader_saves_and_says_so(
    write_texts: Callable[..., Path], tiny_config: Path
) -> None:
    write_texts()
    command = [sys.executable, "-m", "groundup", "train", "--config", str(tiny_config), "--nproc", "2"]
    command += ["training.max_steps=100000", "training.checkpoint_interval=100000", "training.eval_interval=100000"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        wait_for_step(3, process)
        second = next(pid for pid, rank in ranks_below(process.pid) if rank == 1)
        os.kill(second, signal.SIGKILL)
        assert process.wait(timeout=LIMIT_SECONDS) != 0
        assert process.stderr is not None
        assert "process 0 of 2 has lost the others" in process.stderr.read()
    assert Path("checkpoints/tiny/last").read_text().strip() >= "step-00000003"


@pytest.mark.long
def test_a_launcher_that_is_killed_leaves_nobody_behind(write_texts: Callable[..., Path], tiny_config: Path) -> None:
    write_texts()
    command = [sys.executable, "-m", "groundup", "train", "--config", str(tiny_config), "--nproc", "2"]
    with subprocess.Popen([*command, "training.max_steps=100000"], stderr=subprocess.DEVNULL) as process:
        wait_for_step(1, process)
        ranks = [pid for pid, _ in ranks_below(process.pid)]
        process.kill()
    end = time.monotonic() + 60
    while any(Path(f"/proc/{pid}/cmdline").exists() for pid in ranks) and time.monotonic() < end:
        time.sleep(0.05)
    assert len(ranks) == 2
    assert not any(Path(f"/proc/{pid}/cmdline").exists() for pid in ranks)
    assert Path("checkpoints/tiny/last").exists()  # they saved, as on SIGTERM


def wait_for_step(step: int, process: subprocess.Popen[Any]) -> None:
    end = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < end and process.poll() is None:
        rows = rows_of("tiny")
        if rows and rows[-1]["step"] >= step:
            return
        time.sleep(0.02)
    raise AssertionError("the run did not get that far")


def ranks_below(launcher: int) -> list[tuple[int, int]]:
    """(process id, rank) of the processes that a launcher has started."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            environment = (entry / "environ").read_bytes().decode().split("\0")
        except (OSError, ValueError, IndexError):
            continue
        if parent == launcher:
            found += [(int(entry.name), int(word[5:])) for word in environment if word.startswith("RANK=")]
    return found


def test_an_evaluation_shared_out_is_the_same(write_texts: Callable[..., Path], tiny_config: Path) -> None:
    """849 validation tokens are 27 windows: three processes get 9 each, but not the same number in each batch."""
    write_texts()
    words = [
        "training.max_steps=2",
        "training.batch_size=3",
        "training.learning_rate=1e-9",
        "training.micro_batch_size=1",
    ]
    words += ["training.head_learning_rate=1e-9", "training.gain_learning_rate=1e-9"]
    words += ["training.embedding_learning_rate=1e-9"]
    told = []
    for kind, count in (("ddp", 1), ("ddp", 3), ("fsdp", 2)):
        train(tiny_config, f"{kind}{count}", *words, f"training.distributed={kind}", count=count)
        told.append(json.loads(Path(f"checkpoints/{kind}{count}/evaluation.json").read_text()))
    for other in told[1:]:
        assert (other["tokens"], other["bytes"]) == (told[0]["tokens"], told[0]["bytes"])
        assert other["val_loss"] == pytest.approx(told[0]["val_loss"], abs=1e-6)
        assert other["val_bpb"] == pytest.approx(told[0]["val_bpb"], abs=1e-6)


def test_errors_are_told_once(write_texts: Callable[..., Path], tiny_config: Path) -> None:
    write_texts(n_documents=2)
    done = train(tiny_config, "none", "training.block_size=512", count=2, code=1)
    assert sum(line.startswith("error:") for line in done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
