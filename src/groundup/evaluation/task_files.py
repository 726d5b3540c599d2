"""Questions of public benchmarks, read from the files they are handed round in; each format is known by its keys.

    arc        {"question": ..., "choices": {"text": [...], "label": [...]}, "answerKey": ...}, or with question.stem
    hellaswag  {"ctx_a": ..., "ctx_b": ..., "activity_label": ..., "endings": [...], "label": ...}
    piqa       {"goal": ..., "sol1": ..., "sol2": ..., "label": ...}; labels may stand in <name>-labels.lst
    lambada    {"text": ...}: the last word is asked for
    gsm8k      {"question": ..., "answer": "... #### 42"}: the number is asked for

Files are .jsonl, or .parquet as Hugging Face serves them; a folder that `datasets` saved works where `datasets` is.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from groundup.utils.errors import UserError, nearest_hint

Row = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """One item: a prompt, and either choices to be scored or an answer to be written."""

    prompt: str
    choices: tuple[str, ...]  # as they follow the prompt, a space first; a single one for lambada; none for gsm8k
    answer: int | str  # number of the right choice from 0; gsm8k: the right answer


@dataclass(frozen=True)
class Format:
    """How one benchmark writes its items, and how they are put to a model."""

    name: str
    kind: str  # choice | word | answer
    keys: tuple[str, ...]
    template: str  # recorded with the results
    read: Callable[[Row], Question]


def read_arc(row: Row) -> Question:
    """Both of ARC's forms: that of Hugging Face, and the original one with the choices inside the question."""
    question, choices = row["question"], row.get("choices")
    if isinstance(question, dict):
        choices = question["choices"]
        question = question["stem"]
    if isinstance(choices, list):
        choices = {"text": [c["text"] for c in choices], "label": [c["label"] for c in choices]}
    assert isinstance(choices, dict)
    answer = [str(label) for label in choices["label"]].index(str(row["answerKey"]))
    return Question(f"Question: {question}\nAnswer:", tuple(f" {text}" for text in choices["text"]), answer)


def read_hellaswag(row: Row) -> Question:
    """Activity, context, endings; the marks of WikiHow's sections are taken out, as the harness of EleutherAI does."""
    context = f"{row['activity_label']}: {row['ctx_a']} {row['ctx_b'].capitalize()}"
    endings = tuple(f" {_without_marks(ending)}" for ending in row["endings"])
    return Question(_without_marks(context), endings, int(row["label"]))


def read_piqa(row: Row) -> Question:
    """A goal and two ways to reach it."""
    return Question(f"Question: {row['goal']}\nAnswer:", (f" {row['sol1']}", f" {row['sol2']}"), int(row["label"]))


def read_lambada(row: Row) -> Question:
    """A passage whose last word has to be guessed."""
    prompt, space, word = row["text"].strip().rpartition(" ")
    if not space:
        raise ValueError("a passage needs two words")
    return Question(prompt, (f" {word}",), 0)


def read_gsm8k(row: Row) -> Question:
    """A problem whose solution ends in #### and a number."""
    _, mark, answer = row["answer"].rpartition("####")
    if not mark:
        raise ValueError('the answer has no "####"')
    return Question(f"Question: {row['question']}\nAnswer:", (), answer.strip().replace(",", ""))


FORMATS = {
    item.name: item
    for item in (
        Format(
            "arc",
            "choice",
            ("question", "answerKey"),
            "Question: {question}\\nAnswer: {choice}",
            read_arc,
        ),
        Format(
            "hellaswag",
            "choice",
            ("ctx_a", "ctx_b", "activity_label", "endings", "label"),
            "{activity_label}: {ctx_a} {ctx_b} {ending}",
            read_hellaswag,
        ),
        Format("piqa", "choice", ("goal", "sol1", "sol2", "label"), "Question: {goal}\\nAnswer: {solution}", read_piqa),
        Format("gsm8k", "answer", ("question", "answer"), "Question: {question}\\nAnswer:", read_gsm8k),
        Format("lambada", "word", ("text",), "{text without its last word} {last word}", read_lambada),
    )
}


def read_task(path: Path, name: str | None = None) -> tuple[Format, list[Question]]:
    """The items of a file or folder, and their format: `name`, or what the keys of the first row tell.

    Raises UserError naming the row that does not fit.
    """
    return parse_rows(read_rows(path), path, name)


def parse_rows(rows: Iterable[Row], path: Path, name: str | None) -> tuple[Format, list[Question]]:
    """`read_task` of rows that have been opened; `path` names them in messages."""
    if name is not None and name not in FORMATS:
        raise UserError(f'--tasks: the format "{name}" is unknown.{nearest_hint(name, FORMATS)}')
    questions: list[Question] = []
    chosen = FORMATS[name] if name is not None else None
    for number, row in enumerate(rows, 1):
        chosen = chosen or recognise(row, path)
        try:
            questions.append(chosen.read(row))
        except (KeyError, TypeError, ValueError, AttributeError, AssertionError) as error:
            raise UserError(
                f"{path}: row {number} is no item of {chosen.name} ({type(error).__name__}: {error}). "
                f"It needs {', '.join(chosen.keys)}."
            ) from error
    if chosen is None:
        raise UserError(f"{path} holds no items. Give a file of {', '.join(FORMATS)}.")
    return chosen, questions


def recognise(row: Row, path: Path) -> Format:
    """The format whose keys a row has. Raises UserError."""
    for item in FORMATS.values():
        if all(key in row for key in item.keys):
            return item
    raise UserError(
        f"{path}: a row with {', '.join(sorted(row)) or 'no keys'} belongs to no known format "
        f"({', '.join(FORMATS)}). Name it: --tasks arc:{path.name}"
    )


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a .jsonl or .parquet file, or of a folder that `datasets` saved. Raises UserError."""
    if path.is_dir():
        yield from _read_saved(path)
        return
    if not path.is_file():
        raise UserError(f"--tasks {path} does not exist. Give a file, FORMAT:FILE, or the name of a known set.")
    if path.suffix == ".parquet":
        try:
            yield from pyarrow.parquet.read_table(path).to_pylist()
        except (pyarrow.ArrowException, OSError) as error:
            raise UserError(f"{path} is damaged ({str(error).splitlines()[0]}). Fetch it again.") from error
        return
    labels = path.with_name(f"{path.stem}-labels.lst")
    known = labels.read_text(encoding="utf-8").split() if labels.is_file() else []
    with open(path, "rb") as file:
        lines = [(number, line) for number, line in enumerate(file, 1) if line.strip()]
    for place, (number, line) in enumerate(lines):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UserError(f"{path}: line {number} is no JSON. Give a .jsonl or .parquet file.") from error
        if not isinstance(row, dict):
            raise UserError(f"{path}: line {number} is no JSON object. Give a .jsonl or .parquet file.")
        if known and "label" not in row and place < len(known):
            row["label"] = known[place]
        yield row


def _read_saved(folder: Path) -> Iterator[Row]:
    try:
        import datasets
    except ImportError:
        raise UserError(f"{folder} is a folder: to read it, pip install datasets. Or give a .jsonl file.") from None
    try:
        saved = datasets.load_from_disk(str(folder))
    except (FileNotFoundError, ValueError, OSError) as error:
        raise UserError(f"{folder} was not saved by datasets.save_to_disk. Give a .jsonl or .parquet file.") from error
    if isinstance(saved, dict):
        raise UserError(f"{folder} holds the splits {', '.join(saved)}. Give the folder of one of them.")
    yield from saved


def _without_marks(text: str) -> str:
    text = text.strip().replace(" [title]", ". ")
    return re.sub(r"\[.*?\]", "", text).replace("  ", " ")
