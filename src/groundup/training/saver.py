"""Checkpoints written beside the training: the step that is saved is copied, and a thread writes the copy.

One save at a time: the next one waits for it. What goes wrong in the thread is raised in the training thread, at the
next `check`, `save` or `wait`. The thread only ever publishes whole checkpoints, so it can be killed at any moment.
"""

import contextlib
import os
import threading
from collections.abc import Callable

from groundup.training.checkpoint import Snapshot

NICER = 10  # the writer yields to training where both want the processor


class Saver:
    """Hands snapshots to `write`, each in a thread of its own."""

    def __init__(self, write: Callable[[Snapshot], None]) -> None:
        self._write = write
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None

    def save(self, taken: Snapshot) -> None:
        """Copy the snapshot and write the copy in the background. Raises what went wrong with the one before it."""
        self.wait()
        taken = taken.copied()
        # A daemon, since a process that is told to leave at once shall not wait for it.
        self._thread = threading.Thread(target=self._run, args=(taken,), name="checkpoint", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raise what went wrong in a save that has ended."""
        if self._thread is not None and not self._thread.is_alive():
            self.wait()

    def wait(self) -> None:
        """Wait until everything handed over is on disk. Raises what went wrong."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def forget(self) -> None:
        """Wait for what is being written, whatever becomes of it: another error is being told already."""
        with contextlib.suppress(Exception):
            self.wait()

    def _run(self, taken: Snapshot) -> None:
        with contextlib.suppress(AttributeError, OSError):  # where threads have priorities of their own (Linux)
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), os.getpriority(os.PRIO_PROCESS, 0) + NICER)
        try:
            self._write(taken)
        except BaseException as error:
            self._error = error
