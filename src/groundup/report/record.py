"""Everything that is known about one run, read from its folder. What is missing is left out: a report shows what is."""

import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from groundup.report.ancestry import (
    Ancestor,
    TextFile,
    read_ancestors,
    read_corpora,
    read_text_files,
    read_token_files,
)
from groundup.report.comparison import read_settings
from groundup.report.evaluations import EvaluationTable, read_evaluations
from groundup.runs.folder import RunFolder
from groundup.runs.listing import RunSummary, summarize
from groundup.runs.metrics import Row, read_rows
from groundup.utils.errors import UserError
from groundup.utils.files import read_object

SHOWN_TRANSCRIPTS = 12


@dataclass(frozen=True)
class Transcript:
    """A conversation with the model, as `/save` in groundup chat writes it."""

    file: str
    messages: list[dict[str, Any]]  # {"role": ..., "content": ...}


@dataclass(frozen=True)
class RunRecord:
    """One run as a report shows it."""

    path: Path
    name: str
    summary: RunSummary
    rows: list[Row]  # of metrics.jsonl
    settings: dict[str, Any]  # the resolved configuration, flat: {"training.seed": 1, ...}
    config_text: str  # config.yaml as it lies there
    environment: dict[str, Any]
    samples: list[Row]  # {"step": ..., "text": ...}
    ledger: list[dict[str, Any]]  # entries of seen_datasets.json
    evaluation: dict[str, Any]  # evaluation.json: the best checkpoint on all validation text
    tables: list[EvaluationTable]  # what groundup eval has left in the folder
    transcripts: list[Transcript]  # conversations that were saved in the folder
    token_files: list[dict[str, Any]] = field(default_factory=list)  # meta.json of the files in the ledger
    corpora: list[dict[str, Any]] = field(default_factory=list)  # reports of the corpora that still lie at their place
    text_files: list[TextFile] = field(default_factory=list)  # that were trained on
    ancestors: list[Ancestor] = field(default_factory=list)  # what the weights were before, newest first
    conversations: dict[str, Any] = field(default_factory=dict)  # of a tuned run: what became of them, by side

    @property
    def last_row(self) -> Row:
        """The newest row; empty before the first step."""
        return self.rows[-1] if self.rows else {}

    @property
    def is_tuned(self) -> bool:
        """Whether it learned to answer, from conversations."""
        return self.settings.get("tuning.checkpoint") is not None

    @property
    def phases(self) -> int:
        """How many phases its ledger has."""
        return len({entry.get("phase") for entry in self.ledger})

    def newest(self, key: str) -> Any:
        """The newest value of a metric; None where no row has one."""
        return next((row[key] for row in reversed(self.rows) if row.get(key) is not None), None)


def read_record(path: Path) -> RunRecord:
    """Read a run folder. Raises UserError where a file in it is damaged."""
    run = RunFolder(path)
    settings = read_settings(path) if run.config.is_file() else {}
    ledger = list(read_object(run.seen_datasets).get("datasets", []))
    token_files = read_token_files(path, settings, ledger)
    corpora = read_corpora(path, settings, token_files)
    return RunRecord(
        path=path,
        name=run_name(path),
        summary=summarize(path),
        rows=list(read_rows(run.metrics)),
        settings=settings,
        config_text=run.config.read_text(encoding="utf-8") if run.config.is_file() else "",
        environment=read_object(run.environment),
        samples=[row for row in read_rows(run.samples) if row.get("text")],
        ledger=ledger,
        evaluation=read_object(run.evaluation),
        tables=read_evaluations(path),
        transcripts=read_transcripts(run),
        token_files=token_files,
        corpora=corpora,
        text_files=read_text_files(run, corpora),
        ancestors=read_ancestors(path),
        conversations=_conversations(settings),
    )


def read_transcripts(run: RunFolder) -> list[Transcript]:
    """Conversations, {"messages": [...]} a line, in the .jsonl files that people have put into the run folder."""
    found: list[Transcript] = []
    for file in sorted(run.path.glob("*.jsonl")):
        if file in (run.metrics, run.samples, run.decisions):
            continue
        with contextlib.suppress(UserError, UnicodeDecodeError):  # a file of somebody's that is none of ours
            rows = [row for row in read_rows(file) if isinstance(row, dict) and _is_conversation(row.get("messages"))]
            found += [Transcript(file.name, row["messages"]) for row in rows]
    return found[:SHOWN_TRANSCRIPTS]


def _is_conversation(messages: Any) -> bool:
    return isinstance(messages, list) and all(isinstance(m, dict) and {"role", "content"} <= m.keys() for m in messages)


def run_name(path: Path) -> str:
    """A run's name for people: its folder's; with the folder around it where that one alone says nothing."""
    resolved = path.resolve()
    return f"{resolved.parent.name}/{resolved.name}" if resolved.name in ("run", "checkpoints") else resolved.name


def _conversations(settings: dict[str, Any]) -> dict[str, dict[str, int]]:
    """What became of the conversations of a tuned run: {"train": {"conversations": ..., ...}, "val": ...}."""
    if settings.get("tuning.checkpoint") is None:
        return {}
    prepared = read_object(Path(str(settings.get("dataset.dir"))) / "prepared.json")
    return {side: prepared[side] for side in ("train", "val") if side in prepared}
