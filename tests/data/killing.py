"""A program that is killed at every single step in turn: what kill_corpus.py and kill_tokenizing.py share.

They are programs of their own, so that forking is safe.
"""

import os
import random
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Place = tuple[Any, str]
"""An object and the name of a function of it."""


def die_at(step: int, watched: Sequence[Place], *, afterwards: bool) -> None:
    """Let this process be killed at its n-th call of a watched function; 0 for never.

    It dies before the call. afterwards: a call is two steps, before and after.
    """
    done = 0

    def reach() -> None:
        nonlocal done
        done += 1
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            reach()
            result = real(*arguments, **named)
            if afterwards:
                reach()
            return result

        return call

    for owner, name in watched:
        setattr(owner, name, watch(getattr(owner, name)))


def kill_at_every_step(
    folder: Path,
    work: Callable[[Path], None],
    watched: Sequence[Place],
    *,
    afterwards: bool = False,
    check: Callable[[Path], None] = lambda place: None,
) -> None:
    """Let `work` fill `folder`/0 undisturbed, then /1, /2, ...: killed at that step, at a random one, and finished.

    It ends with the first step that is never reached. check: holds for what a killed process leaves.
    """
    chance = random.Random(0)

    def survives(step: int, place: Path) -> bool:
        child = os.fork()
        if child == 0:
            die_at(step, watched, afterwards=afterwards)
            work(place)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0, f"step {step}: an error"
        return not os.WIFSIGNALED(status)

    assert survives(0, folder / "0")
    for step in range(1, 1000):
        place = folder / str(step)
        if survives(step, place):
            break
        check(place)
        survives(chance.randint(1, 12), place)
        check(place)
        assert survives(0, place)
