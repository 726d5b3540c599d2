"""Faults at the file operations of a commit, and a disk that is really full: a restart always works."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from groundup.runs.folder import RunFolder
from groundup.runs.manifest import damage
from groundup.training.config import load_config
from groundup.training.pretrain import pretrain
from groundup.utils.errors import UserError

WriteTexts = Callable[..., Path]
PROGRAM = Path(__file__).with_name("kill_saving.py")


def harmed(config: Path, how: str, first: int, stride: int) -> int:
    """Run the program; the number of operations that were harmed."""
    command = [sys.executable, str(PROGRAM), str(config), how, str(first), str(stride)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="sees from /proc which files are synced")
@pytest.mark.parametrize("how", ["kill", "error", "full"])
def test_harmed_at_some_file_operations_of_the_saves(write_texts: WriteTexts, tiny_config: Path, how: str) -> None:
    write_texts()
    assert harmed(tiny_config, how, 5, 61) >= 2


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="sees from /proc which files are synced")
@pytest.mark.parametrize(("how", "first"), [("kill", 1), ("error", 4), ("full", 7)])
def test_harmed_at_many_file_operations_of_the_saves(
    write_texts: WriteTexts, tiny_config: Path, how: str, first: int
) -> None:
    """Every ninth, each way at others; a stride of 1 takes half an hour a way."""
    write_texts()
    assert harmed(tiny_config, how, first, 9) >= 7


@pytest.fixture
def small_disk(in_folder: Path) -> Iterator[Path]:
    """A file system of 700 KB, mounted at checkpoints/."""
    path = in_folder / "checkpoints"
    path.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", str(path)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"a tmpfs cannot be mounted here: {done.stderr.strip()}")
    yield path
    subprocess.run(["umount", "-l", str(path)], check=True)


def test_a_full_disk_stops_the_run_with_the_last_checkpoint_intact(
    write_texts: WriteTexts, tiny_config: Path, small_disk: Path
) -> None:
    write_texts()
    words = ["training.max_steps=30", "training.checkpoint_interval=1", "training.keep=20", "training.eval_interval=30"]
    with pytest.raises(UserError, match=r"is full: a checkpoint takes about [\d.,]+ MB and [\d.,]+ MB are free"):
        pretrain(load_config(tiny_config, words))
    run = RunFolder(small_disk / "tiny")
    last = run.pointed("last")
    assert last is not None
    assert all(damage(run.step_folder(step)) is None for step in run.steps())
    subprocess.run(["mount", "-o", "remount,size=50m", str(small_disk)], check=True)
    assert pretrain(load_config(tiny_config, words)).step == 30
    pretrain(load_config(tiny_config, [*words, "training.output_dir=elsewhere"]))
    names = ("model/model.safetensors", "training/optimizer.safetensors", "training/ledger.json")
    for name in names:
        assert (run.step_folder(30) / name).read_bytes() == Path("elsewhere/step-00000030", name).read_bytes()
