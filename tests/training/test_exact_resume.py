"""Kill a run at any moment and start it again: it ends with the very same bytes."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from groundup.runs.metrics import read_rows

STEPS = 40


def command(config: Path, run: str, *words: str) -> list[str]:
    program = [
        sys.executable,
        "-m",
        "groundup",
        "train",
        "--config",
        str(config),
        f"training.output_dir=checkpoints/{run}",
    ]
    return [*program, f"training.max_steps={STEPS}", *words]


def steps_done(run: str) -> int:
    rows = list(read_rows(Path(f"checkpoints/{run}/metrics.jsonl")))
    return int(rows[-1]["step"]) if rows else 0


def train_to_the_end(config: Path, run: str, *words: str) -> None:
    done = subprocess.run(command(config, run, *words), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def stop_after(number: int, config: Path, run: str, step: int, *words: str) -> int:
    """Start the run, send the signal once `step` is in the metrics, and return the exit code."""
    with subprocess.Popen(
        command(config, run, *words), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as process:
        end = time.monotonic() + 100
        while steps_done(run) < step and process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(number)
        return process.wait()


def files_of(run: str) -> dict[str, bytes]:
    """What must be equal to the last byte: weights, optimizer, ledger."""
    last = Path(f"checkpoints/{run}") / Path(f"checkpoints/{run}/last").read_text().strip()
    names = ("model/model.safetensors", "training/optimizer.safetensors", "training/ledger.json")
    return {name: (last / name).read_bytes() for name in names}


def curve(run: str) -> list[tuple[int, float]]:
    return [(row["step"], row["train_loss"]) for row in read_rows(Path(f"checkpoints/{run}/metrics.jsonl"))]


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_killed_run_ends_as_if_nothing_had_happened(
    write_texts: Callable[..., Path], tiny_config: Path, precision: str
) -> None:
    write_texts()
    words = [f"training.precision={precision}", "model.dropout=0.1"]
    train_to_the_end(tiny_config, "whole", *words)
    for step in (5, 20, 33):
        assert stop_after(signal.SIGKILL, tiny_config, "killed", step, *words) == -signal.SIGKILL
    train_to_the_end(tiny_config, "killed", *words)
    assert files_of("killed") == files_of("whole")
    assert curve("killed") == curve("whole")  # each step stands once, with the same loss


def test_a_killed_only_new_phase_too(write_texts: Callable[..., Path], tiny_config: Path) -> None:
    write_texts("a")
    for run in ("whole", "killed"):
        train_to_the_end(tiny_config, run)
    write_texts("b", seed=1)
    train_to_the_end(tiny_config, "whole", "--only-new")
    last = steps_done("whole")
    assert last > STEPS
    assert stop_after(signal.SIGKILL, tiny_config, "killed", STEPS + 1, "--only-new") == -signal.SIGKILL
    assert stop_after(signal.SIGKILL, tiny_config, "killed", STEPS + 8, "--only-new") == -signal.SIGKILL
    train_to_the_end(tiny_config, "killed", "--only-new")
    assert files_of("killed") == files_of("whole")
    assert curve("killed") == curve("whole")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_saves_and_leaves(write_texts: Callable[..., Path], tiny_config: Path, number: int, code: int) -> None:
    write_texts()
    words = ["training.checkpoint_interval=1000", "training.eval_interval=1000"]
    train_to_the_end(tiny_config, "whole", *words)
    assert stop_after(number, tiny_config, "stopped", 10, *words) == code
    assert Path("checkpoints/stopped/last").read_text().strip() >= "step-00000010"
    train_to_the_end(tiny_config, "stopped", *words)
    assert files_of("stopped") == files_of("whole")


@pytest.mark.long
def test_two_dozen_kills_at_random_moments(write_texts: Callable[..., Path], tiny_config: Path) -> None:
    """Also inside saves, evaluations and preparation."""
    write_texts()
    words = ["training.checkpoint_interval=2", "training.eval_interval=4"]
    train_to_the_end(tiny_config, "whole", *words)
    chance = random.Random(int(os.environ.get("KILL_SEED", "0")))
    for _ in range(24):
        with subprocess.Popen(command(tiny_config, "killed", *words), stderr=subprocess.DEVNULL) as process:
            time.sleep(chance.uniform(1.0, 6.0))
            process.kill()
    train_to_the_end(tiny_config, "killed", *words)
    assert files_of("killed") == files_of("whole")
    assert curve("killed") == curve("whole")
