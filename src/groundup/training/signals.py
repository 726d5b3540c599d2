"""Ctrl-C and SIGTERM ask a run to save and stop; a second Ctrl-C stops it at once.

What a signal may do depends on where it comes:

    within the block of a StopRequest   it raises a flag, and the work goes on to its next good place
    within `abandonable`                it raises Stopping on the spot: what is computed there can be thrown away
    within `expendable`                 the same; and where the main thread does not come back from a library that
                                        hears no signals (a tokenizer's merges), the process ends without it
"""

import contextlib
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any

PATIENCE_SECONDS = 3.0  # for the main thread to hear a signal, before an expendable process ends without it


class Interrupted(Exception):  # noqa: N818 - the run was asked to stop; nothing failed
    """Stopped by a signal, with nothing lost."""

    def __init__(self, signal_number: int, what: str) -> None:
        super().__init__(f"stopped by {signal.Signals(signal_number).name}: {what}")
        self.exit_code = 128 + signal_number  # 130 for Ctrl-C, as shells have it


class Stopping(BaseException):
    """Leaves an abandonable block. No Exception, so that no library on the way takes it for an error of its own."""


class StopRequest:
    """Within the block, signals only raise a flag. Idle outside the main thread, where Python allows no handlers."""

    def __init__(self) -> None:
        self.signal_number: int | None = None
        self._previous: dict[int, Any] = {}
        self._raises = self._expendable = False
        self._heard = threading.Event()

    def __bool__(self) -> bool:
        return self.signal_number is not None

    def __enter__(self) -> "StopRequest":
        if threading.current_thread() is threading.main_thread():
            self._read_end, self._write_end = os.pipe()
            os.set_blocking(self._write_end, False)
            self._previous_fd = signal.set_wakeup_fd(self._write_end, warn_on_full_buffer=False)
            self._watcher = threading.Thread(target=self._watch, name="signals", daemon=True)
            self._watcher.start()
            for number in (signal.SIGINT, signal.SIGTERM):
                self._previous[number] = signal.signal(number, self._ask)
            self._previous_hook, sys.unraisablehook = sys.unraisablehook, self._unraisable
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._previous:
            return
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._previous_fd)
        sys.unraisablehook = self._previous_hook
        os.close(self._write_end)  # the watcher reads the end of the pipe
        self._watcher.join()
        os.close(self._read_end)

    @contextlib.contextmanager
    def abandonable(self) -> Iterator[None]:
        """Raise Stopping as soon as a signal comes, or at once where one has come already."""
        with self._mode(raises=True, expendable=False):
            yield

    @contextlib.contextmanager
    def expendable(self) -> Iterator[None]:
        """As abandonable; and nothing is lost when the process ends in the middle of a call that hears no signals."""
        with self._mode(raises=True, expendable=True):
            yield

    @contextlib.contextmanager
    def deferred(self) -> Iterator[None]:
        """Only raise the flag, also inside one of the other two."""
        with self._mode(raises=False, expendable=False):
            yield

    @contextlib.contextmanager
    def _mode(self, *, raises: bool, expendable: bool) -> Iterator[None]:
        before = self._raises, self._expendable
        self._raises, self._expendable = raises, expendable
        try:
            if raises and self:
                raise Stopping
            yield
        finally:
            self._raises, self._expendable = before

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._heard.set()
        if self.signal_number is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.signal_number = number
        if self._raises:
            # torch.compile, left in the middle of a backward pass, takes it for an error and prints a traceback.
            warnings.filterwarnings("ignore", "Error detected in")
            raise Stopping

    def _unraisable(self, told: "sys.UnraisableHookArgs") -> None:
        """A signal that came within a finaliser raises nothing there: the flag is up, and there is nothing to print."""
        if told.exc_type is not Stopping:
            self._previous_hook(told)

    def _watch(self) -> None:
        """Read what the system's own signal handler writes, which no library can hold up."""
        while byte := os.read(self._read_end, 1):
            number = byte[0]
            if number not in (signal.SIGINT, signal.SIGTERM) or self._heard.wait(PATIENCE_SECONDS):
                continue
            if self._expendable:
                print(
                    f"stopped by {signal.Signals(number).name}; the same command goes on", file=sys.stderr, flush=True
                )
                os._exit(128 + number)


@contextlib.contextmanager
def leaving_at_once(what: str) -> Iterator[None]:
    """Let a signal end the block at once, with Interrupted saying `what`: nothing in it needs to be saved."""
    with StopRequest() as stop:
        try:
            with stop.expendable():
                yield
        except Stopping:
            assert stop.signal_number is not None
            raise Interrupted(stop.signal_number, what) from None
