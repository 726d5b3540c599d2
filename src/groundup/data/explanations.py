"""Reading back why documents were dropped or changed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from groundup.data.corpus_report import explain_path
from groundup.utils.errors import UserError, nearest_hint

ACTIONS = ("dropped", "near-duplicate", "duplicate", "changed", "allowed")


def read_explanations(
    corpus: Path, *, step: str | None = None, source: str | None = None, action: str | None = None
) -> Iterator[dict[str, Any]]:
    """Yield what is recorded of each dropped or changed document of a corpus, those that match.

    `step` is the name of a step, `source` any part of a source, `action` one of ACTIONS. Raises UserError when nothing
    is recorded, and for an action that does not exist.
    """
    if action is not None and action not in ACTIONS:
        raise UserError(f'There is no action "{action}".{nearest_hint(action, ACTIONS)}')
    path = explain_path(corpus)
    if not path.is_file():
        raise UserError(f"{path} does not exist. Make the corpus with groundup corpus --explain.")
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
                steps = [finding["step"] for finding in row["findings"]]
                matches = (
                    (step is None or step in steps)
                    and (source is None or source in row["source"] or source == row["id"])
                    and (action is None or action == row["action"])
                )
            except (ValueError, KeyError, TypeError) as error:
                raise UserError(f"{path}: line {number} is damaged. Make the corpus again with --explain.") from error
            if matches:
                yield row


def steps_met(corpus: Path) -> list[str]:
    """The steps that dropped or changed a document of a corpus, in the order of the alphabet."""
    return sorted({finding["step"] for row in read_explanations(corpus) for finding in row["findings"]})


def describe(row: dict[str, Any]) -> list[str]:
    """Lines for a person: what happened to a document, by which rules, before and after."""
    lines = [f"{row['source']}: {row['action']}  (id {row['id']})"]
    for finding in row["findings"]:
        places = f", {finding['count']} places" if finding["count"] > 1 else ""
        lines.append(f"  {finding['step']}: {finding['rule']}: {finding['value']} (limit: {finding['limit']}{places})")
    for name in ("before", "after"):
        if row.get(name):
            lines.append(f"  {name}: {' '.join(row[name].split())}")
    if "text" in row:
        lines.append(f"  text: {' '.join(row['text'].split())[:300]}")
    return lines
