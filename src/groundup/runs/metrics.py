"""metrics.jsonl: one JSON object a line, each step once, whatever was killed in between."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from groundup.utils.errors import UserError
from groundup.utils.files import open_atomic

Row = dict[str, Any]

SUITE_SCORE = "accuracy_"
"""How the keys of the suite's scores begin (see `training.run_suite`)."""
SUITE_SECONDS = "suite_seconds"


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a .jsonl file. A last line cut short by a kill is passed over; it was never acknowledged.

    Raises UserError naming the line of a file that is damaged elsewhere.
    """
    if not path.exists():
        return
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            if not line.endswith("\n"):
                continue
            try:
                yield json.loads(line)
            except json.JSONDecodeError as error:
                raise UserError(f"{path} is damaged in line {number} ({error.msg}). Remove that line.") from error


def cut_rows_after(path: Path, step: int) -> None:
    """Drop the rows of steps that the resumed run will compute again."""
    if not path.exists():
        return
    kept = [row for row in read_rows(path) if row["step"] <= step]
    with open_atomic(path) as f:
        f.writelines(encode(row) for row in kept)


def drop_torn_line(path: Path) -> None:
    """Cut a last line that a kill left without its end, so that the next row does not continue it."""
    if not path.exists():
        return
    with open(path, "rb+") as f:
        content = f.read()
        if content and not content.endswith(b"\n"):
            f.truncate(content.rfind(b"\n") + 1)


def encode(row: Row) -> str:
    """One line of JSON. A number that is not finite becomes null: NaN is not JSON and 0.0 would be a lie."""
    clean = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}
    return json.dumps(clean, ensure_ascii=False, allow_nan=False) + "\n"


class RowWriter:
    """Appends rows to a .jsonl file; each row is handed to the operating system at once."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = open(path, "a", encoding="utf-8")  # noqa: SIM115 - open for as long as the run

    def write(self, row: Row) -> None:
        """Append one row."""
        self._file.write(encode(row))
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
