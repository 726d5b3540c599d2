"""When a phase ends, as a step number: fixed by steps, tokens or passes, or found by the clock and written down."""

import math

from groundup.runs.decisions import Decisions

FIRST_GUESS_STEPS = 1000  # before the clock has seen a step; replaced after three of them
CALIBRATION_STEPS = 3  # the first steps are slower (memory is taken, kernels are chosen): they do not count


class FixedEnd:
    """The phase ends after a step that is known from the start."""

    def __init__(self, last_step: int) -> None:
        self.last_step = last_step

    def update(self, step: int, elapsed_seconds: float) -> None:
        """Nothing to decide."""


class ClockEnd:
    """The phase ends when the minutes are used up; how many steps that makes is decided again as the run goes.

    Every decision is recorded before it takes effect. Where a record for a step exists (the run was killed after it),
    it is followed, so that a resumed run repeats what was computed before.
    """

    def __init__(
        self, decisions: Decisions, max_seconds: float, step: int, elapsed_seconds: float, *, at_most: int | None = None
    ) -> None:
        self._decisions = decisions
        self._max_seconds = max_seconds
        self._at_most = at_most  # a limit in steps that holds as well
        self._began = (step, elapsed_seconds)
        self._calibrated: tuple[int, float] | None = None
        known = decisions.in_force(step)
        if known is None:
            known = self._record(step, step + FIRST_GUESS_STEPS)
        self.last_step = known
        self._next_decision = step + CALIBRATION_STEPS

    def _record(self, step: int, last_step: int) -> int:
        last_step = last_step if self._at_most is None else min(last_step, self._at_most)
        self._decisions.record(step, last_step)
        return last_step

    def update(self, step: int, elapsed_seconds: float) -> None:
        """Decide anew, if it is time to, after `step` steps and `elapsed_seconds` of training."""
        recorded = self._decisions.at(step)
        if recorded is not None:
            self.last_step = recorded
        elif step < self._decisions.newest_step:
            return  # the run had come further before it was killed, and had not asked the clock here
        elif step >= self._next_decision or elapsed_seconds >= self._max_seconds:
            began, began_seconds = self._calibrated or self._began
            seconds_per_step = (elapsed_seconds - began_seconds) / max(1, step - began)
            left = (self._max_seconds - elapsed_seconds) / max(seconds_per_step, 1e-9)
            # A step that would end well after the limit is not begun.
            self.last_step = self._record(step, step + max(0, math.floor(left + 0.1)))
        else:
            return
        if self._calibrated is None and step >= self._began[0] + CALIBRATION_STEPS:
            self._calibrated = (step, elapsed_seconds)
        # Soon while little is known, then twenty times over what is left.
        taken = step - self._began[0]
        self._next_decision = step + (max(1, min((self.last_step - step) // 20, taken)) if taken else CALIBRATION_STEPS)
