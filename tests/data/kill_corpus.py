"""Build a corpus over and over, killed before and after every single step that reaches the disk, and then finish.

Run by test_corpus_killed.py: python kill_corpus.py INPUT FOLDER CLEANING
It leaves FOLDER/0 (not killed), FOLDER/1 (killed at the first step, started again), and so on.
"""

import os
import sys
from pathlib import Path

import ftfy.badness  # noqa: F401  # here, so that no child has to load it
import py3langid
from killing import kill_at_every_step

from groundup.data import chunks
from groundup.data.corpus import CorpusConfig, build_corpus
from groundup.data.store import Store

WATCHED = [(os, "replace"), (os, "fsync"), (Store, "put_chunk"), (Store, "put_account"), (Store, "finish")]


def main(source: Path, folder: Path, cleaning: str) -> None:
    """Kill at every step, then once more at a random one, until there is none left."""
    py3langid.classify("The model is loaded once.")
    chunks.CHUNK_CHARACTERS = 6_000

    def build(place: Path) -> None:
        build_corpus([source], place / "c.jsonl", CorpusConfig(cleaning=cleaning, explain=True, workers=1))

    kill_at_every_step(folder, build, WATCHED, afterwards=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
