"""Small corpora and their token files, made in one call."""

import json
import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from toy_tokenizer import ByteTokenizer

from groundup.data.token_files import TokenSet, find_token_sets
from groundup.data.tokenize import DatasetConfig, TokenizeReport, tokenize_corpus


def make_texts(count: int, seed: int = 0, longest: int = 60) -> list[str]:
    """Different texts of 1 to `longest` characters, some of more than one byte each."""
    chance = random.Random(seed)
    return [
        f"{seed}.{number} " + "".join(chance.choices("abcdef é中\n", k=chance.randint(1, longest))) + "."
        for number in range(count)
    ]


def write_corpus(path: Path, texts: Sequence[str]) -> Path:
    """A .jsonl corpus file."""
    lines = (json.dumps({"text": text, "source": f"{path.stem}#{n}", "id": ""}) for n, text in enumerate(texts))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def tokenize(
    corpus: Path | Sequence[Path], folder: Path, *, tokenizer: ByteTokenizer | None = None, **settings: Any
) -> TokenizeReport:
    """Tokenise with bytes; `settings` are those of DatasetConfig, validation, block_size and say."""
    others: dict[str, Any] = {"validation": 0.2, "block_size": 16}
    others |= {key: settings.pop(key) for key in ("validation", "block_size", "say", "workers") if key in settings}
    config = DatasetConfig(dir=str(folder), **settings)
    return tokenize_corpus(corpus, tokenizer or ByteTokenizer(), config, **others)


def make_sets(folder: Path, count: int = 40, seed: int = 0, **settings: Any) -> list[TokenSet]:
    """The training sets of a new corpus of `count` texts in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenize(write_corpus(folder / f"texts{seed}.corpus.jsonl", make_texts(count, seed)), folder, **settings)
    return find_token_sets(folder, split="train")


def documents_of(token_set: TokenSet) -> list[list[int]]:
    """The ids of each row."""
    bounds = token_set.offsets.tolist()
    return [token_set.tokens[a:b].tolist() for a, b in pairwise(bounds)]
