"""The run folder as an interface: which file lies where, and who may write.

checkpoints/<name>/
  config.yaml          the resolved configuration
  environment.json     machine and versions
  metrics.jsonl        one row a step                          -> runs/metrics.py
  windows.jsonl        which windows each step read, if logging.windows asks for it
  decisions.jsonl      what the clock decided, and at which step -> runs/decisions.py
  seen_datasets.json   copy of the newest checkpoint's ledger  -> runs/ledger.py
  trained_files.json   the files whose text has been trained on, with their checksums
  origin.json          the weights that it began with, if they were not random -> runs/origin.py
  samples.jsonl        what the model wrote at each evaluation
  evaluation.json      the best checkpoint on all validation text, at the end of the run
  report.html          what people look at                     -> report/page.py
  tensorboard/
  step-00001000/       a checkpoint: model/, training/, manifest.json -> runs/manifest.py
  best, last           text files naming two of them
"""

import contextlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from groundup.utils.errors import UserError
from groundup.utils.files import open_atomic

try:
    import fcntl
except ImportError:  # Windows: no advisory locks of this kind, so two writers are not told apart there
    fcntl = None  # type: ignore[assignment]

STEP_FOLDER = re.compile(r"step-(\d{8})")


class RunFolder:
    """Names of everything in a run folder; reads and writes its pointers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.yaml"
        self.environment = path / "environment.json"
        self.metrics = path / "metrics.jsonl"
        self.windows = path / "windows.jsonl"
        self.decisions = path / "decisions.jsonl"
        self.trained_files = path / "trained_files.json"
        self.seen_datasets = path / "seen_datasets.json"
        self.samples = path / "samples.jsonl"
        self.evaluation = path / "evaluation.json"
        self.report = path / "report.html"
        self.tensorboard = path / "tensorboard"

    def step_folder(self, step: int) -> Path:
        """Where the checkpoint of `step` lies."""
        return self.path / f"step-{step:08d}"

    def steps(self) -> list[int]:
        """Steps that have a checkpoint folder, ascending. Whether a checkpoint is whole, its manifest tells."""
        if not self.path.is_dir():
            return []
        matches = (STEP_FOLDER.fullmatch(entry.name) for entry in self.path.iterdir() if entry.is_dir())
        return sorted(int(match[1]) for match in matches if match)

    def point(self, name: str, step: int) -> None:
        """Let the pointer `name` (best or last) name the checkpoint of `step`."""
        with open_atomic(self.path / name) as f:
            f.write(self.step_folder(step).name + "\n")

    def pointed(self, name: str) -> Path | None:
        """The checkpoint folder that `name` (best or last) names; None if there is none."""
        pointer = self.path / name
        if not pointer.is_file():
            return None
        target = self.path / pointer.read_text(encoding="utf-8", errors="replace").strip()
        return target if STEP_FOLDER.fullmatch(target.name) and target.is_dir() else None

    def remove_step(self, step: int) -> None:
        """Delete a checkpoint. It loses its name first, so that a half-deleted one is never taken for whole."""
        folder = self.step_folder(step)
        doomed = folder.with_name(f".{folder.name}.deleted.tmp")
        os.rename(folder, doomed)
        shutil.rmtree(doomed, ignore_errors=True)

    def set_newer_aside(self, checkpoint: Path) -> None:
        """Rename the damaged checkpoints after `checkpoint`, so that the resumed run can write theirs anew."""
        for step in self.steps():
            folder = self.step_folder(step)
            if folder.name > checkpoint.name:
                os.rename(folder, folder.with_name(f"{folder.name}.damaged.{time.strftime('%Y%m%d-%H%M%S')}"))

    def remove_leftovers(self) -> None:
        """Delete what a killed process left half-written. Only the holder of the lock may call this."""
        for entry in self.path.glob(".*.tmp"):
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)

    def set_aside(self) -> Path | None:
        """Rename the folder so that a new run can begin under its name; nothing is deleted. Returns the new name."""
        if not self.path.exists():
            return None
        aside = self.path.with_name(f"{self.path.name}.{time.strftime('%Y%m%d-%H%M%S')}")
        os.rename(self.path, aside)
        return aside

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for writing. Raises UserError naming the process that already does."""
        self.path.mkdir(parents=True, exist_ok=True)
        with open(self.path / ".lock", "a+", encoding="utf-8") as lock:
            if fcntl is not None:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    lock.seek(0)
                    holder = lock.read().strip() or "another process"
                    raise UserError(
                        f"{self.path} is in use by {holder}. Wait for it or stop it; "
                        "for a second run give another training.output_dir."
                    ) from None
            lock.truncate(0)
            lock.write(f"process {os.getpid()}, started {time.strftime('%Y-%m-%d %H:%M:%S')}")
            lock.flush()
            yield
