"""What watches over a run: batches that explode, memory that runs out, token files that change under it.

The spike guard follows OLMo-core's SkipStepOptimizer (a step beyond six standard deviations of the recent ones is not
taken), with three departures: what was skipped does not count to the recent ones, so that a second spike is not excused
by the first; after MOST_IN_A_ROW skipped steps the level has changed for good, and the guard learns the new one; and a
deviation below FLOOR of the mean counts as that much, since on text known by heart every loss is nearly the same.
"""

import math
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from groundup.data.token_files import TokenSet
from groundup.utils.errors import UserError

RECENT = 128  # steps that a step is compared with
LEAST = 64  # steps to have seen before any is judged
MOST_IN_A_ROW = 8
FLOOR = 0.02


@dataclass
class SpikeState:
    """What the spike guard remembers; part of every checkpoint, so that a resumed run skips the same steps."""

    losses: list[float] = field(default_factory=list)  # of the recent steps that were taken
    norms: list[float] = field(default_factory=list)  # their gradient norms
    in_a_row: int = 0  # steps skipped since the last one taken
    skipped: int = 0  # steps skipped in the whole run

    def forget(self) -> None:
        """Begin to learn what is usual: other data has other losses."""
        self.losses, self.norms, self.in_a_row = [], [], 0


def judge_step(state: SpikeState, loss: float, norm: float, deviations: float) -> str | None:
    """Say why a step is not to be taken, or None to take it; remember it either way. deviations: 0 takes every step."""
    reason = None
    if deviations and len(state.losses) >= LEAST:
        reason = beyond("loss", loss, state.losses, deviations) or beyond(
            "gradient norm", norm, state.norms, deviations
        )
    if reason is not None:
        state.in_a_row += 1
        state.skipped += 1
        if state.in_a_row >= MOST_IN_A_ROW:
            state.forget()
        return reason
    state.in_a_row = 0
    for recent, value in ((state.losses, loss), (state.norms, norm)):
        recent.append(value)
        del recent[:-RECENT]
    return None


def beyond(what: str, value: float, recent: Sequence[float], deviations: float) -> str | None:
    """Say by how much `value` is beyond so many standard deviations above the mean of the recent ones, if it is."""
    mean = math.fsum(recent) / len(recent)
    deviation = math.sqrt(math.fsum((x - mean) ** 2 for x in recent) / len(recent))
    if value <= mean + deviations * max(deviation, FLOOR * abs(mean)):
        return None
    return f"its {what} of {value:.4g} is beyond {deviations:g} standard deviations of the recent {mean:.4g}"


def is_out_of_memory(error: BaseException) -> bool:
    """Whether torch or Python means that memory ran out: the CPU's allocator has no type of its own for it."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    told = str(error)
    return isinstance(error, RuntimeError) and (
        "not enough memory" in told or "can't allocate memory" in told or "out of memory" in told
    )


class TokenFilesChangedError(UserError):
    """What has been trained since the last checkpoint may not be what is recorded."""


class TokenFileWatch:
    """Notices when token files change while they are read: by size and time of change, looked at once a second."""

    def __init__(self, sets: Sequence[TokenSet], seconds: float = 1.0) -> None:
        """The files are taken to be right now: check their sums first."""
        self._known = {path: _stamp(path) for token_set in sets for path in token_set.files}
        self._seconds = seconds
        self._looked = time.monotonic()

    def look(self, *, now: bool = False) -> None:
        """Raise TokenFilesChangedError if a file is another one than at the start; `now` does not wait its turn."""
        if not now and time.monotonic() - self._looked < self._seconds:
            return
        self._looked = time.monotonic()
        for path, known in self._known.items():
            found = _stamp(path)
            if found != known:
                raise TokenFilesChangedError(
                    f"the token file {path} {_difference(known, found)} while it was being trained on. Nothing trained "
                    "since the last checkpoint is kept. Put the file back as it was, then go on with the same command."
                )


Stamp = tuple[int, int] | None


def _stamp(path: Path) -> Stamp:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return status.st_size, status.st_mtime_ns


def _difference(known: Stamp, found: Stamp) -> str:
    if found is None or known is None:
        return "disappeared"
    if found[0] != known[0]:
        return f"went from {known[0]:,} to {found[0]:,} bytes"
    return "was written to"
