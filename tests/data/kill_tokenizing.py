"""Tokenise a corpus over and over, killed before every single file operation in turn, and then finish.

Run by test_tokenize_killed.py as a program of its own, so that forking is safe:
    python kill_tokenizing.py CORPUS FOLDER METHOD FORMAT...
It leaves FOLDER/0 (not killed), FOLDER/1 (killed before the first operation, started again), and so on.
"""

import os
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from toy_corpus import tokenize

from groundup.data import encoding
from groundup.data import tokenize as tokenize_module
from groundup.data.token_files import find_token_sets


def die_before(operation: int) -> None:
    """Let this process be killed when it is about to rename or remove its n-th file; 0 for never."""
    done = 0

    def watched(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal done
            done += 1
            if done == operation:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **named)

        return call

    os.replace, os.unlink = watched(os.replace), watched(os.unlink)


def survives(operation: int, corpus: Path, folder: Path, settings: dict[str, Any]) -> bool:
    """Tokenise in a process of its own; whether it came to its end."""
    child = os.fork()
    if child == 0:
        encoding.BATCH_CHARACTERS = 600
        tokenize_module.SECONDS_BETWEEN_COMMITS = 0.0
        die_before(operation)
        tokenize(corpus, folder, say=lambda message: print(message, flush=True), **settings)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0, f"operation {operation}: an error"
    return not os.WIFSIGNALED(status)


def check_what_is_there(folder: Path) -> None:
    """A set that can be seen is whole."""
    for token_set in find_token_sets(folder):
        token_set.verify(deep=True)
        assert len(token_set.document_ids()) == 16 * token_set.meta.documents


def main(corpus: Path, folder: Path, method: str, formats: list[str]) -> None:
    """Kill at every operation, sometimes a second time, until there is none left."""
    settings = {"method": method, "seq_len": 9, "formats": formats}
    chance = random.Random(0)
    assert survives(0, corpus, folder / "0", settings)
    for operation in range(1, 1000):
        place = folder / str(operation)
        if survives(operation, corpus, place, settings):
            break
        check_what_is_there(place)
        survives(chance.randint(1, 12), corpus, place, settings)
        check_what_is_there(place)
        assert survives(0, corpus, place, settings)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4:])
