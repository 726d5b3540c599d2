"""From the engine's thread to asyncio: one wake-up a step, however many requests it told something."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence

from groundup.inference.engine import Engine
from groundup.inference.requests import Progress, Request, Ticket

Told = list[tuple[int, Progress]]
"""Number of the sample, what a step added to it."""


class Generation:
    """What one client asked for: the samples of its prompts, as they come."""

    def __init__(self, n_samples: int) -> None:
        self._open, self._told = n_samples, deque[tuple[int, Progress]]()
        self._news = asyncio.Event()
        self.tickets: list[Ticket] = []

    def put(self, number: int, progress: Progress) -> None:
        """Take in news (in the loop's thread)."""
        self._told.append((number, progress))
        self._news.set()

    async def news(self) -> Told:
        """All that came since the last call, at least one; empty when all samples are over."""
        if not self._told:
            if not self._open:
                return []
            self._news.clear()
            await self._news.wait()
        told = list(self._told)
        self._told.clear()
        self._open -= sum(progress.completion is not None for _, progress in told)
        return told

    def cancel(self) -> None:
        """Nobody listens any more."""
        for ticket in self.tickets:
            ticket.cancel()


class Bridge:
    """Collects what the engine tells during a step and hands it over at its end."""

    def __init__(self) -> None:
        self._outbox: deque[tuple[Generation, int, Progress]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on, news go to this loop."""
        self._loop = loop

    def flush(self) -> None:
        """The step is over (called in the engine's thread)."""
        if self._outbox and self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to be told
                self._loop.call_soon_threadsafe(self._hand_over)

    def submit(self, engine: Engine, requests: Sequence[Request]) -> Generation:
        """Ask the engine (in the loop's thread). Raises what `Engine.submit` does."""
        generation = Generation(len(requests))

        def tell(number: int, progress: Progress) -> None:
            self._outbox.append((generation, number, progress))

        generation.tickets = engine.submit(requests, tell)
        return generation

    def _hand_over(self) -> None:
        while self._outbox:
            generation, number, progress = self._outbox.popleft()
            generation.put(number, progress)
