"""Numbers for Prometheus, in its text format (version 0.0.4)."""

import time
from collections import Counter
from collections.abc import Sequence

from groundup.inference.engine import EngineCounts

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class Histogram:
    """Counts of durations by upper bound."""

    def __init__(self, bounds: Sequence[float] = SECONDS) -> None:
        self._bounds, self._counts = bounds, [0] * (len(bounds) + 1)
        self._total = 0.0

    def observe(self, seconds: float) -> None:
        """Count one."""
        place = next((i for i, bound in enumerate(self._bounds) if seconds <= bound), len(self._bounds))
        self._counts[place] += 1
        self._total += seconds

    def lines(self, name: str) -> list[str]:
        """In Prometheus' form: each bucket counts all that are at most its bound."""
        lines, below = [], 0
        for bound, count in zip([*map(str, self._bounds), "+Inf"], self._counts, strict=True):
            below += count
            lines.append(f'{name}_bucket{{le="{bound}"}} {below}')
        return [*lines, f"{name}_sum {self._total:.6f}", f"{name}_count {below}"]


class Metrics:
    """What the server counts; the engine has its own numbers. Used in the loop's thread only."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, int]] = Counter()
        self.first_token, self.duration = Histogram(), Histogram()
        self._started = time.time()

    def text(self, engine: EngineCounts, open_requests: int) -> str:
        """All of it."""
        lines = _head("requests_total", "counter", "Answered requests.")
        for (path, status), count in sorted(self.requests.items()):
            lines.append(f'groundup_requests_total{{path="{path}",status="{status}"}} {count}')
        numbers = [
            ("steps_total", "counter", "Steps of the engine.", engine.steps),
            ("prompt_tokens_total", "counter", "Prompt tokens read.", engine.prompt_tokens),
            ("reused_tokens_total", "counter", "Prompt tokens taken over from earlier requests.", engine.reused_tokens),
            ("generated_tokens_total", "counter", "Tokens generated.", engine.generated_tokens),
            ("running", "gauge", "Sequences that have a slot.", engine.running),
            ("waiting", "gauge", "Sequences that wait for a slot.", engine.waiting),
            ("free_slots", "gauge", "Slots that no sequence has.", engine.free_slots),
            ("open_requests", "gauge", "Requests that are not yet answered to the end.", open_requests),
            ("start_time_seconds", "gauge", "When the server was started, in Unix time.", round(self._started, 3)),
        ]
        for name, kind, help_text, value in numbers:
            lines += [*_head(name, kind, help_text), f"groundup_{name} {value}"]
        for name, help_text, histogram in (
            ("time_to_first_token_seconds", "From a request's arrival to its first token.", self.first_token),
            ("request_seconds", "From a request's arrival to its last token.", self.duration),
        ):
            lines += _head(name, "histogram", help_text)
            lines += histogram.lines(f"groundup_{name}")
        return "\n".join(lines) + "\n"


def _head(name: str, kind: str, help_text: str) -> list[str]:
    return [f"# HELP groundup_{name} {help_text}", f"# TYPE groundup_{name} {kind}"]
