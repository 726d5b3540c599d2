"""Everything that is known about one run, read from its folder. What is missing is left out: a report shows what is."""

import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from groundup.data.corpus import report_path
from groundup.report.comparison import read_settings
from groundup.report.evaluations import EvaluationTable, read_evaluations
from groundup.runs.folder import RunFolder
from groundup.runs.listing import RunSummary, summarize
from groundup.runs.metrics import Row, read_rows
from groundup.utils.errors import UserError
from groundup.utils.files import read_json

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
    corpus: dict[str, Any]  # the corpus report, where the corpus still lies at its place
    transcripts: list[Transcript]  # conversations that were saved in the folder
    token_files: list[dict[str, Any]] = field(default_factory=list)  # meta.json of the files in the ledger

    @property
    def last_row(self) -> Row:
        """The newest row; empty before the first step."""
        return self.rows[-1] if self.rows else {}

    def newest(self, key: str) -> Any:
        """The newest value of a metric; None where no row has one."""
        return next((row[key] for row in reversed(self.rows) if row.get(key) is not None), None)


def read_record(path: Path) -> RunRecord:
    """Read a run folder. Raises UserError where a file in it is damaged."""
    run = RunFolder(path)
    settings = read_settings(path) if run.config.is_file() else {}
    ledger = list(_object(run.seen_datasets).get("datasets", []))
    return RunRecord(
        path=path,
        name=run_name(path),
        summary=summarize(path),
        rows=list(read_rows(run.metrics)),
        settings=settings,
        config_text=run.config.read_text(encoding="utf-8") if run.config.is_file() else "",
        environment=_object(run.environment),
        samples=[row for row in read_rows(run.samples) if row.get("text")],
        ledger=ledger,
        evaluation=_object(path / "evaluation.json"),
        tables=read_evaluations(path),
        corpus=_corpus_report(settings),
        transcripts=read_transcripts(run),
        token_files=_token_files(settings, ledger),
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


def _object(path: Path) -> dict[str, Any]:
    value = read_json(path) if path.is_file() else {}
    return value if isinstance(value, dict) else {}


def _corpus_report(settings: dict[str, Any]) -> dict[str, Any]:
    output = settings.get("corpus.output")
    return _object(report_path(Path(output))) if isinstance(output, str) else {}


def _token_files(settings: dict[str, Any], ledger: list[dict[str, Any]]) -> list[dict[str, Any]]:
    folder = settings.get("dataset.dir")
    if not isinstance(folder, str):
        return []
    found = []
    for name in dict.fromkeys(str(entry.get("files")) for entry in ledger):
        meta = _object(Path(folder) / f"{name}.meta.json")
        if meta:
            found.append({"name": name, **meta})
    return found
