"""Several processes as one run: who leads, what they agree on, and how what fails on one stops all.

* Process 0 leads: it alone prepares, prints and writes files. The others follow what it decides, wherever a clock, a
  file or a measurement decides.
* Errors and signals are exchanged before a step begins, so that all processes leave the loop at the same place and can
  still save together.
* Numbers and messages of this kind go over a group of their own, on the CPU, whose patience outlasts a long
  preparation; gradients go over NCCL on GPUs, gloo elsewhere.
"""

import contextlib
import datetime
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import torch
import torch.distributed as dist

from groundup.training.guards import is_out_of_memory
from groundup.utils.errors import UserError
from groundup.utils.launch import LIFELINE
from groundup.utils.ranks import launched_as_team

PATIENCE = datetime.timedelta(days=7)  # of those who wait while process 0 prepares a large text
STEP_TIMEOUT = datetime.timedelta(minutes=30)  # within a step: another machine has died without a word

T = TypeVar("T")


class FollowedError(UserError):
    """What another process has failed at; that one tells the user."""


class Team:
    """The processes of a run, as one of them sees it. Every method but `leads` must be called by all, in one order."""

    def __init__(self, rank: int = 0, size: int = 1, *, local_rank: int = 0) -> None:
        self.rank, self.size, self.local_rank = rank, size, local_rank
        self.all_know = False  # whether the error that is being raised has reached every process
        self.messages: Any = dist.new_group(backend="gloo", timeout=PATIENCE) if size > 1 else None

    def another(self) -> "Team":
        """The same processes with a group of their own for messages, for another thread."""
        return Team(self.rank, self.size, local_rank=self.local_rank)

    @property
    def leads(self) -> bool:
        """Whether this is the process that prints and writes."""
        return self.rank == 0

    def share(self, value: T) -> T:
        """The leader's value, on every process."""
        if self.size == 1:
            return value
        box = [value]
        dist.broadcast_object_list(box, src=0, group=self.messages)
        return box[0]

    def lead(self, function: Callable[[], T]) -> T:
        """Let the leader alone call `function`; its value, or that it failed, is everybody's."""
        if self.size == 1:
            return function()
        if not self.leads:
            value, problem = self.share((None, None))
            if problem is not None:
                self.all_know = True
                raise FollowedError(problem)
            return value  # type: ignore[return-value]
        try:
            value = function()
        except BaseException as error:
            self.all_know = True
            with contextlib.suppress(RuntimeError):  # they may have been stopped, too
                self.share((None, str(error) or type(error).__name__))
            raise
        self.share((value, None))
        return value

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """What fails within the block on one process, fails on all at its end."""
        try:
            yield
        except Exception as error:
            if self.size == 1:
                raise
            self.maximum(self.rank + 1)
            self.all_know = True
            raise self.own_error(error) from error
        if self.size > 1 and (failed := int(self.maximum(0))):
            self.all_know = True
            raise FollowedError(f"process {failed - 1} of {self.size} failed and has said why")

    def own_error(self, error: Exception) -> Exception:
        """What this process alone has run into, saying which one it is."""
        if is_lost_connection(error):
            return error
        message = f"process {self.rank} of {self.size}: {error}"
        if is_out_of_memory(error):
            return UserError(f"{message}. Give a smaller training.micro_batch_size, or a larger machine.")
        return type(error)(message) if isinstance(error, UserError) else RuntimeError(message)

    def gather(self, value: T) -> list[T]:
        """Every process's value, in order of rank."""
        if self.size == 1:
            return [value]
        found: list[Any] = [None] * self.size
        dist.all_gather_object(found, value, group=self.messages)
        return found

    def maximum(self, number: float) -> float:
        """The largest of all processes' numbers."""
        return number if self.size == 1 else self._reduce([number], dist.ReduceOp.MAX)[0]

    def sums(self, numbers: Sequence[float]) -> list[float]:
        """Each number summed over the processes, in float64."""
        return list(numbers) if self.size == 1 else self._reduce(numbers, dist.ReduceOp.SUM)

    def _reduce(self, numbers: Sequence[float], operation: Any) -> list[float]:
        tensor = torch.tensor(numbers, dtype=torch.float64)
        dist.all_reduce(tensor, operation, group=self.messages)
        found: list[float] = tensor.tolist()
        return found

    def device(self, chosen: torch.device) -> torch.device:
        """This process's own device of the kind that the run has chosen."""
        if self.size == 1 or chosen.type != "cuda":
            return chosen
        return torch.device("cuda", self.local_rank)


@contextlib.contextmanager
def joined_team() -> Iterator[Team]:
    """The team that a launcher has put this process in; a team of one without a launcher.

    Raises UserError when the processes cannot reach each other, when there are more of them than GPUs, and, on the
    leader, when another one has gone.
    """
    if not launched_as_team() or os.environ["WORLD_SIZE"] == "1":
        yield Team()
        return
    rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    local_rank = int(os.environ.get("LOCAL_RANK", "0"))
    _watch_lifeline()
    backend = "gloo"
    if torch.cuda.is_available():
        if local_rank >= torch.cuda.device_count():
            raise UserError(
                f"process {rank} is number {local_rank + 1} on its machine, which has {torch.cuda.device_count()} "
                "GPU(s). Start one process a GPU, or set training.device=cpu."
            )
        torch.cuda.set_device(local_rank)
        backend = "cpu:gloo,cuda:nccl"
    try:
        dist.init_process_group(backend, timeout=STEP_TIMEOUT)
    except (ValueError, RuntimeError) as error:
        where = f"{os.environ['MASTER_ADDR']}:{os.environ['MASTER_PORT']}"
        raise UserError(
            f"process {rank} of {size} does not reach the others at {where} ({_first_line(error)}). "
            "Check that address and the number of processes."
        ) from error
    try:
        yield Team(rank, size, local_rank=local_rank)
    except RuntimeError as error:
        if not is_lost_connection(error):
            raise
        raise UserError(
            f"process {rank} of {size} has lost the others ({_first_line(error)}). What they said stands above; "
            "start the same command again to go on from the newest checkpoint."
        ) from error
    finally:
        with contextlib.suppress(RuntimeError):  # another process may be gone already
            dist.destroy_process_group()


def is_lost_connection(error: BaseException) -> bool:
    """Whether a communication failed because its other end has gone."""
    if isinstance(error, dist.DistError):
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and any(
        word in text for word in ("Connection closed by peer", "Connection reset", "Broken pipe", "NCCL", "gloo")
    )


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__


def _watch_lifeline() -> None:
    """Save and stop, as on SIGTERM, when the launcher is gone."""
    number = os.environ.pop(LIFELINE, None)
    if number is None:
        return

    def watch() -> None:
        os.read(int(number), 1)  # returns when the other end is closed
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
