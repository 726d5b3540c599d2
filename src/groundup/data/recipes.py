"""Known data sets by name: from a local copy, or streamed from the Hugging Face Hub, to a file of texts.

A recipe (recipes.yaml) says how the text of a row is made from its columns. What is read is written as texts to one
jsonl file beside the local copy, so that the corpus can record its hash like that of any other input.
"""

import csv
import json
import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import pyarrow
import pyarrow.ipc
import pyarrow.parquet
import yaml

from groundup.data.time_left import Pace
from groundup.utils.errors import UserError, nearest_hint
from groundup.utils.files import open_atomic
from groundup.utils.progress import Say

LOCAL = Path("data/recipes")
"""Where local copies lie, each in the folder of its recipe."""
TEXTS = "texts.jsonl"
SECONDS_TO_CONNECT = 10.0
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Recipe:
    """A data set and how its rows become texts."""

    key: str
    name: str
    """On the Hugging Face Hub."""
    template: str = ""
    """The text of a row, with {column} in it; a line whose columns are all empty is left out."""
    turns: str = ""
    """Instead of a template: the column that lists turns (texts, or messages with `content`), one a line."""
    config: str | None = None
    split: str = "train"
    licence: str = "see its card"
    size: str = "size unknown"
    good_for: str = ""
    fetch: str = ""
    """Where to fetch it by hand; empty: it is on the Hub under its name, and can be streamed."""


def load_recipes() -> dict[str, Recipe]:
    """All recipes by key."""
    text = files("groundup.data").joinpath("recipes.yaml").read_text(encoding="utf-8")
    return {key: Recipe(key, **values) for key, values in yaml.safe_load(text).items()}


def find_recipe(key: str) -> Recipe:
    """The recipe of this name. Raises UserError naming the nearest."""
    recipes = load_recipes()
    if key not in recipes:
        raise UserError(f'There is no recipe "{key}".{nearest_hint(key, recipes)}')
    return recipes[key]


def text_of(recipe: Recipe, row: Mapping[str, Any]) -> str:
    """The text of a row. Raises UserError when a column is missing."""
    if recipe.turns:
        turns = _column(recipe, row, recipe.turns) or []
        return "\n".join(text for text in map(_text_of_turn, turns) if text)
    lines = []
    for line in recipe.template.split("\n"):
        columns = _PLACE.findall(line)
        values = {column: str(_column(recipe, row, column) or "") for column in columns}
        if not columns or any(value.strip() for value in values.values()):
            lines.append(line.format_map(values))
    return "\n".join(lines)


def _text_of_turn(turn: Any) -> str:
    """A turn is a text, a message, or several messages in a row."""
    if isinstance(turn, list):
        return " ".join(text for text in map(_text_of_turn, turn) if text)
    if isinstance(turn, Mapping):
        turn = next((turn[key] for key in ("content", "value", "text") if turn.get(key)), "")
    return str(turn).strip()


def hub_recipe(name: str, column: str, split: str = "train") -> Recipe:
    """A recipe for any set on the Hub: NAME or NAME:CONFIG, its text in one column."""
    path, _, config = name.partition(":")
    key = re.sub(r"[^\w.-]+", "--", name).strip("-.") or "dataset"
    return Recipe(key, path, f"{{{column}}}", config=config or None, split=split)


def _column(recipe: Recipe, row: Mapping[str, Any], column: str) -> Any:
    if column not in row:
        raise UserError(f'{recipe.name} has no column "{column}"; its columns are: {", ".join(map(str, row))}.')
    return row[column]


def prepare_recipe(recipe: Recipe, say: Say, *, sample_rows: int | None = None, folder: Path | None = None) -> Path:
    """Write the texts of a data set's rows (the first `sample_rows` of them) to a jsonl file and return it.

    Takes the local copy in `folder` if there is one, else streams from the Hub. Raises UserError when neither is there.
    """
    folder = folder or LOCAL / recipe.key
    local = [path for path in sorted(folder.rglob("*")) if path.suffix in _ROWS and path.name != TEXTS]
    say(f"{recipe.name}: {recipe.size}; licence: {recipe.licence}; {'local copy' if local else 'from the Hub'}")
    rows = (row for path in local for row in _rows_of(path)) if local else _stream(recipe, folder)
    count, pace = 0, Pace()
    with open_atomic(folder / TEXTS) as file:
        for row in islice(rows, sample_rows):
            file.write(json.dumps({"text": text_of(recipe, row)}, ensure_ascii=False) + "\n")
            count += 1
            if pace.due():
                of = f" of {sample_rows:,}, {pace.left(count, sample_rows)}" if sample_rows else ""
                say(f"{recipe.name}: {count:,} rows{of}")
    say(f"{folder / TEXTS}: {count:,} rows")
    return folder / TEXTS


def _rows_of(path: Path) -> Iterator[Mapping[str, Any]]:
    """The rows of a file. Raises UserError naming the first one that cannot be read."""
    number = 1
    try:
        for row in _ROWS[path.suffix](path):
            if not isinstance(row, Mapping):
                raise ValueError("it is no object with columns")
            yield row
            number += 1
    except (ValueError, csv.Error, pyarrow.ArrowException) as error:
        what = " ".join(str(error).split())[:200]
        raise UserError(f"{path} cannot be read at row {number:,} ({what}). Fetch it again.") from error


def _stream(recipe: Recipe, folder: Path) -> Iterator[Mapping[str, Any]]:
    what = recipe.fetch or f"the {recipe.config or recipe.split} files of the set {recipe.name} (parquet, jsonl)"
    fetch = f"Fetch {what} where there is a network, put them into {folder}, and run this again."
    if recipe.fetch:
        raise UserError(f"{folder} has no copy of {recipe.name}, which the Hub does not have. {fetch}")
    if find_spec("datasets") is None:
        raise UserError(
            f"{folder} has no copy of {recipe.name}, and streaming needs pip install 'groundup[datasets]'. {fetch}"
        )
    import datasets

    if not Path(recipe.name).exists() and not _reachable(datasets.config.HF_ENDPOINT):
        raise UserError(f"{recipe.name} cannot be streamed: the Hub cannot be reached. {fetch}")
    try:
        yield from datasets.load_dataset(recipe.name, recipe.config, split=recipe.split, streaming=True)
    except (OSError, ValueError, RuntimeError) as error:  # what no network and no such set lead to
        raise UserError(f"{recipe.name} cannot be streamed ({type(error).__name__}). {fetch}") from error


def _reachable(address: str) -> bool:
    """Whether there is a way to the Hub: asked once, since the library would ask six times in half a minute."""
    parts = urlsplit(address)
    if getproxies() or not parts.hostname:  # the way is another one, then: let the library try
        return True
    try:
        socket.create_connection((parts.hostname, parts.port or 443), SECONDS_TO_CONNECT).close()
    except OSError:
        return False
    return True


def _parquet_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    for batch in pyarrow.parquet.ParquetFile(path).iter_batches(64):
        yield from batch.to_pylist()


def _arrow_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    with open(path, "rb") as file:
        for batch in pyarrow.ipc.open_stream(file):
            yield from batch.to_pylist()


def _json_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    with open(path, encoding="utf-8") as file:
        if path.suffix == ".json":  # a list of rows, as Alpaca is published, or an object of them, as chit-chat
            rows = json.load(file)
            yield from rows.values() if isinstance(rows, dict) else rows
        else:
            yield from (json.loads(line) for line in file if line.strip())


def _csv_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    with open(path, encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _txt_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    """Texts parted by lines `<|endoftext|>`, as TinyStories is published."""
    lines: list[str] = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip() == "<|endoftext|>":
                yield {"text": "".join(lines)}
                lines = []
            else:
                lines.append(line)
    if lines:
        yield {"text": "".join(lines)}


_ROWS = {
    ".parquet": _parquet_rows,
    ".arrow": _arrow_rows,
    ".jsonl": _json_rows,
    ".json": _json_rows,
    ".csv": _csv_rows,
    ".txt": _txt_rows,
}
