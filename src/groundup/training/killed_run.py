"""One start of a run that kills itself: `python -m groundup.training.killed_run SPEC.json`, for verify-resume.

SPEC: {"config": file, "settings": [overrides], "kill": null | {"where": "step" | "save" | "evaluation", "step": n}}.
The process kills itself with SIGKILL at the first such moment at or after step n, as a power cut would.
"""

import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from groundup.training.config import load_config
from groundup.training.observer import Observer, Progress
from groundup.training.pretrain import pretrain
from groundup.utils.files import read_json

PLACES = ("step", "save", "evaluation")


@dataclass(frozen=True)
class Kill:
    """Where a process is to die."""

    where: str  # one of PLACES
    step: int  # not before this step is done


class Killer(Observer):
    """Watches for the moment."""

    def __init__(self, kill: Kill, run: Path) -> None:
        super().__init__(lambda message: print(message, flush=True))
        self._kill, self._run = kill, run
        self._newest = 0  # the newest step that is done with its evaluation
        self._watcher = threading.Thread(target=self._watch_for_save, daemon=True)

    def begin(self, title: str) -> None:
        self.say(title)

    def progress(self, progress: Progress) -> None:
        """After a step and its evaluation, before its save."""
        self._newest = progress.step
        if progress.step < self._kill.step:
            return
        if self._kill.where == "step":
            die()
        if self._kill.where == "save" and not self._watcher.is_alive():
            self._watcher.start()

    def sample(self, text: str) -> None:
        """Inside an evaluation: the text is scored, and nothing of it is recorded yet."""
        if self._kill.where == "evaluation" and self._newest + 1 >= self._kill.step:
            die()

    def _watch_for_save(self) -> None:
        """Die as soon as a checkpoint is half written: its folder has only its temporary name."""
        while True:
            if any(self._run.glob(".step-*.tmp")):
                die()
            time.sleep(0.0005)


def die() -> None:
    """As kill -9."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(spec: Path) -> None:
    """Train as the specification says, to the end or to death."""
    values = read_json(spec)
    config = load_config(Path(values["config"]), values["settings"])
    kill = values["kill"]
    observer = Observer(print) if kill is None else Killer(Kill(**kill), Path(str(config.training.output_dir)))
    pretrain(config, observer=observer)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
