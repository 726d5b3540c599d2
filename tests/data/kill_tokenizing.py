"""Tokenise a corpus over and over, killed before every single file operation in turn, and then finish.

Run by test_tokenize_killed.py: python kill_tokenizing.py CORPUS FOLDER METHOD FORMAT...
It leaves FOLDER/0 (not killed), FOLDER/1 (killed before the first operation, started again), and so on.
"""

import os
import sys
from pathlib import Path

from killing import kill_at_every_step
from toy_corpus import tokenize

from groundup.data import encoding
from groundup.data import tokenize as tokenize_module
from groundup.data.token_files import find_token_sets


def check_what_is_there(folder: Path) -> None:
    """A set that can be seen is whole."""
    for token_set in find_token_sets(folder):
        token_set.verify(deep=True)
        assert len(token_set.document_ids()) == 16 * token_set.meta.documents


def main(corpus: Path, folder: Path, method: str, formats: list[str]) -> None:
    """Kill at every operation, then once more at a random one, until there is none left."""
    encoding.BATCH_CHARACTERS = 600
    tokenize_module.SECONDS_BETWEEN_COMMITS = 0.0

    def work(place: Path) -> None:
        tokenize(
            corpus,
            place,
            say=lambda message: print(message, flush=True),
            method=method,
            seq_len=9,
            formats=formats,
        )

    kill_at_every_step(folder, work, [(os, "replace"), (os, "unlink")], check=check_what_is_there)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4:])
