"""What `groundup compare` does beside curves: both models on the same items."""

from pathlib import Path
from typing import Any

from groundup.cli.evaluating import Wanted, evaluate_model
from groundup.evaluation.paired import Difference, compare_records
from groundup.evaluation.record import FORMAT
from groundup.utils.errors import UserError
from groundup.utils.files import read_json
from groundup.utils.progress import Say


def paired_differences(
    a: Path,
    b: Path,
    *,
    text: list[Path],
    pairs: list[Path],
    tasks: list[str],
    device: str | None,
    say: Say,
) -> list[Difference]:
    """Evaluate both on the same data, or read what `groundup eval --output` wrote, and test the differences."""
    if is_record(a) and is_record(b):
        return compare_records(read_record(a), read_record(b))
    if is_record(a) or is_record(b):
        raise UserError(f"{a} and {b}: give two models, or two files of groundup eval --output.")
    wanted = Wanted(text=text, pairs=pairs, tasks=tasks)
    records = []
    for letter, path in (("A", a), ("B", b)):
        say(f"evaluating {letter}: {path}")
        record, _ = evaluate_model(
            path, wanted, device=device, dtype="float32", batch_tokens=None, output=None, say=say
        )
        records.append(record)
    return compare_records(*records)


def is_record(path: Path) -> bool:
    """Whether a path means a file of `groundup eval --output`, not a model."""
    return path.is_file()


def read_record(path: Path) -> dict[str, Any]:
    """A record. Raises UserError for any other file."""
    record = read_json(path)
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise UserError(f"{path} is no record of groundup eval. Make one: groundup eval --output {path.name}")
    return record
