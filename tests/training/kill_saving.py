"""Train a tiny run over and over, harmed at every file operation of its saves in turn, and start it again.

Run by test_faults.py as a program of its own, so that forking is safe:
    python kill_saving.py CONFIG (kill | error | full) FIRST STRIDE
Prints the number of operations tried. Exits with 1 where a checkpoint and its ledger disagree or a restart fails.
"""

import errno
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch._dynamo  # noqa: F401 - here once, not in every process

from groundup.runs.folder import RunFolder
from groundup.runs.manifest import damage
from groundup.runs.metrics import read_rows
from groundup.training.config import load_config
from groundup.training.pretrain import pretrain

STEPS = 5
WATCHED = ("replace", "rename", "fsync", "mkdir", "unlink", "rmdir", "open")


NOT_REACHED = 5


def harm(operation: int, how: str, run: str) -> Callable[[], int]:
    """Let the n-th of the watched calls that touches the run folder fail, or be this process' last.

    Returns what tells how many there have been.
    """
    done = 0

    def watched(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal done
            where = arguments[0]
            if isinstance(where, int):
                where = os.readlink(f"/proc/self/fd/{where}") if where >= 0 else ""
            if run in os.fspath(where):
                done += 1
                if done == operation:
                    if how == "kill":
                        os.kill(os.getpid(), signal.SIGKILL)
                    raise OSError(errno.EIO if how == "error" else errno.ENOSPC, "injected", str(where))
            return real(*arguments, **named)

        return call

    for name in WATCHED:
        setattr(os, name, watched(getattr(os, name)))
    return lambda: done


def train(config: Path, run: str, operation: int, how: str) -> int:
    """Train in a process of its own. 0: came to its end, 1: stopped with an error, 9: killed, 5: never harmed."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            settings = load_config(
                config,
                [
                    f"training.output_dir=checkpoints/{run}",
                    f"training.max_steps={STEPS}",
                    "training.checkpoint_interval=1",
                    "training.eval_interval=2",
                    "training.sample_tokens=0",
                ],
            )
            count = harm(operation, how, f"checkpoints/{run}") if operation else lambda: 0
            pretrain(settings)
            code = NOT_REACHED if count() < operation else 0
        except Exception as error:
            print(f"{run}: {type(error).__name__}: {error}", file=sys.stderr)
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return 9 if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status)


def contents(run: str) -> dict[str, bytes]:
    """Weights, optimizer and ledger of the last checkpoint, and which are called last and best."""
    folder, best = (RunFolder(Path("checkpoints") / run).pointed(name) for name in ("last", "best"))
    assert folder is not None
    assert best is not None
    names = ("model/model.safetensors", "training/optimizer.safetensors", "training/ledger.json")
    return {folder.name: b"", "best": best.name.encode(), **{name: (folder / name).read_bytes() for name in names}}


def check(run: str) -> None:
    """Every checkpoint that can be seen is whole, and its ledger accounts for exactly its steps."""
    folder = RunFolder(Path("checkpoints") / run)
    for step in folder.steps():
        assert damage(folder.step_folder(step)) is None, f"{run}: {damage(folder.step_folder(step))}"
        ledger = json.loads((folder.step_folder(step) / "training/ledger.json").read_text())["datasets"]
        assert sum(entry["windows"] for entry in ledger) == 4 * step, f"{run}: the ledger of step {step}"


def main(config: Path, how: str, first: int, stride: int) -> None:
    """Harm every stride-th operation, from the first on, until there is none left."""
    assert train(config, "whole", 0, how) == 0
    whole, tried = contents("whole"), 0
    for operation in range(first, 10_000, stride):
        run = f"r{operation}"
        code = train(config, run, operation, how)
        if code == NOT_REACHED:
            break
        tried += 1
        check(run)
        assert train(config, run, 0, how) == 0, f"{run} cannot be started again"
        check(run)
        assert contents(run) == whole, f"{run} ended otherwise"
        seen = json.loads((Path("checkpoints") / run / "seen_datasets.json").read_text())
        ledger = RunFolder(Path("checkpoints") / run).pointed("last")
        assert ledger is not None
        assert seen == json.loads((ledger / "training/ledger.json").read_text())
        assert [row["step"] for row in read_rows(Path("checkpoints") / run / "metrics.jsonl")] == list(
            range(1, STEPS + 1)
        )
    print(tried)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
