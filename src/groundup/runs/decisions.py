"""What the clock decided in a run limited by minutes, written down before it takes effect.

A run that is killed and resumed follows what is recorded for a step instead of asking the clock again: so it computes
the same numbers that it computed before.
"""

import json
import os
from pathlib import Path

from groundup.runs.metrics import drop_torn_line, read_rows


class Decisions:
    """Planned last step of the run, by the step at which it was decided, under one limit of minutes."""

    def __init__(self, path: Path, max_minutes: float) -> None:
        self._path = path
        self._max_minutes = max_minutes
        drop_torn_line(path)
        rows = [row for row in read_rows(path) if row["max_minutes"] == max_minutes]
        self._last_steps: dict[int, int] = {row["step"]: row["last_step"] for row in rows}

    @property
    def newest_step(self) -> int:
        """The latest step at which anything was decided; -1 before the first decision."""
        return max(self._last_steps, default=-1)

    def at(self, step: int) -> int | None:
        """What was decided at exactly this step, if anything was."""
        return self._last_steps.get(step)

    def in_force(self, step: int) -> int | None:
        """The newest decision made at or before this step."""
        earlier = [decided for decided in self._last_steps if decided <= step]
        return self._last_steps[max(earlier)] if earlier else None

    def record(self, step: int, last_step: int) -> None:
        """Write a decision down; it survives a power cut when this returns."""
        with open(self._path, "a", encoding="utf-8") as f:
            f.write(json.dumps({"step": step, "last_step": last_step, "max_minutes": self._max_minutes}) + "\n")
            f.flush()
            os.fsync(f.fileno())
        self._last_steps[step] = last_step
