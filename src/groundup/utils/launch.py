"""Several processes on this machine as one team, under the same environment variables as torchrun gives.

torchrun does the same and more; this leaves out its messages, so that a user reads what the program says and no more.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType, TracebackType

LIFELINE = "GROUNDUP_LIFELINE"  # number of a pipe whose other end the launcher holds: it closes when the launcher dies
LAST_SECONDS = 30.0  # for the others to save, once one process has failed


class Ranks:
    """The processes of a team that runs `python WORDS`. As a context, it leaves none of them behind."""

    def __init__(self, words: Sequence[str], count: int, **options: object) -> None:
        """options: for subprocess.Popen, such as stderr."""
        held, self._lifeline = os.pipe()
        threads = str(max(1, (os.cpu_count() or 1) // count))
        common = {
            **os.environ,
            "WORLD_SIZE": str(count),
            "LOCAL_WORLD_SIZE": str(count),
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": str(free_port()),
            "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", threads),
            LIFELINE: str(held),
        }
        self.processes = [
            subprocess.Popen(
                [sys.executable, *words],
                env={**common, "RANK": str(rank), "LOCAL_RANK": str(rank)},
                pass_fds=(held,),
                start_new_session=True,  # Ctrl-C on the terminal reaches them once, through us
                **options,  # type: ignore[call-overload]
            )
            for rank in range(count)
        ]
        os.close(held)

    def send(self, number: int) -> None:
        """Send a signal to every process that is still there."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(number)

    def wait(self) -> int:
        """Wait until all have ended; return the first one's failure in order of rank, or 0.

        When one fails the others, which may be waiting for it, get some seconds to save.
        """
        deadline: float | None = None
        while any(process.poll() is None for process in self.processes):
            if deadline is None and any(process.poll() for process in self.processes):
                deadline = time.monotonic() + LAST_SECONDS
            if deadline is not None and time.monotonic() > deadline:
                self.send(signal.SIGKILL)
            time.sleep(0.02)
        codes = [process.returncode for process in self.processes]
        return next((code if code > 0 else 128 - code for code in codes if code), 0)

    def __enter__(self) -> "Ranks":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.send(signal.SIGKILL)
        for process in self.processes:
            process.wait()
        os.close(self._lifeline)


def launch(words: Sequence[str], count: int) -> int:
    """Run `groundup WORDS` as `count` processes, handing on Ctrl-C and SIGTERM; return the exit code."""
    with Ranks(["-m", "groundup", *words], count) as ranks:

        def hand_on(number: int, frame: FrameType | None) -> None:
            ranks.send(number)

        earlier = {number: signal.signal(number, hand_on) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            return ranks.wait()
        finally:
            for number, handler in earlier.items():
                signal.signal(number, handler)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])
