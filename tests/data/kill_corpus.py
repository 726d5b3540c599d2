"""Build a corpus over and over, killed before and after every single step that reaches the disk, and then finish.

Run by test_corpus_killed.py as a program of its own, so that forking is safe:
    python kill_corpus.py INPUT FOLDER CLEANING
It leaves FOLDER/0 (not killed), FOLDER/1 (killed at the first step, started again), and so on.
"""

import os
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from groundup.data import chunks
from groundup.data.corpus import CorpusConfig, build_corpus
from groundup.data.store import Store


def die_at(step: int) -> None:
    """Let this process be killed at its n-th step, before or after what it does by turns; 0 for never."""
    done = 0

    def watched(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal done
            for moment in ("before", "after"):
                done += 1
                if done == step:
                    os.kill(os.getpid(), signal.SIGKILL)
                if moment == "before":
                    result = real(*arguments, **named)
            return result

        return call

    os.replace, os.fsync = watched(os.replace), watched(os.fsync)
    Store.put_chunk = watched(Store.put_chunk)  # type: ignore[method-assign]
    Store.put_account = watched(Store.put_account)  # type: ignore[method-assign]
    Store.finish = watched(Store.finish)  # type: ignore[method-assign]


def survives(step: int, source: Path, folder: Path, cleaning: str) -> bool:
    """Build in a process of its own; whether it came to its end."""
    child = os.fork()
    if child == 0:
        chunks.CHUNK_CHARACTERS = 6_000
        die_at(step)
        build_corpus([source], folder / "c.jsonl", CorpusConfig(cleaning=cleaning, explain=True, workers=1))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0, f"step {step}: an error"
    return not os.WIFSIGNALED(status)


def main(source: Path, folder: Path, cleaning: str) -> None:
    """Kill at every step, then once more at a random one, until there is none left."""
    import ftfy.badness  # noqa: F401  # so that no child has to load them
    import py3langid

    py3langid.classify("The model is loaded once.")
    chance = random.Random(0)
    assert survives(0, source, folder / "0", cleaning)
    for step in range(1, 1000):
        place = folder / str(step)
        if survives(step, source, place, cleaning):
            break
        survives(chance.randint(1, 12), source, place, cleaning)
        assert survives(0, source, place, cleaning)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
