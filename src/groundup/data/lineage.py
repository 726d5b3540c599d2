"""What hangs on a source: its text in the corpus, what it keeps out, the token files and checkpoints made from it.

From the corpus and its report to the token files (by the ids of documents) to the ledgers of runs (by the fingerprint
of the token files): nothing but hashes is compared, so names and places may have changed.
"""

import difflib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from groundup.data.corpus_report import explain_path, read_report
from groundup.data.documents import read_corpus
from groundup.data.token_files import ID_BYTES, TokenSet, find_token_sets
from groundup.runs.folder import RunFolder
from groundup.runs.ledger import Ledger
from groundup.runs.listing import find_runs
from groundup.utils.errors import UserError
from groundup.utils.files import read_json

_NAMED = 5


@dataclass
class Trained:
    """A run that was trained on text of the source."""

    run: Path
    sections: int
    """Of the source, in the token files of its ledger."""
    checkpoints: list[str]
    """Those whose own ledger has such token files."""


@dataclass
class Lineage:
    """What goes when a source goes."""

    files: list[str]
    documents: int = 0
    """Read from those files."""
    sections: int = 0
    characters: int = 0
    """In the corpus."""
    held_back: list[str] = field(default_factory=list)
    """Documents of other sources that were left out, or cut, as copies of its text or nearly: they would come in."""
    token_sets: list[tuple[str, int]] = field(default_factory=list)
    """Token files that hold some of its sections, and how many."""
    runs: list[Trained] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """What cannot be told, and why."""

    def describe(self) -> list[str]:
        """Lines for a person."""
        more = f" and {len(self.files) - _NAMED:,} more" if len(self.files) > _NAMED else ""
        lines = [
            f"{', '.join(self.files[:_NAMED])}{more}: {self.documents:,} documents read, {self.sections:,} sections "
            f"({self.characters:,} characters) in the corpus"
        ]
        if self.held_back:
            named = ", ".join(self.held_back[:_NAMED]) + (" ..." if len(self.held_back) > _NAMED else "")
            lines.append(
                f"  {len(self.held_back):,} others are copies of its text, or nearly, and would come in: {named}"
            )
        lines += [f"  token files {name}: {count:,} of its sections" for name, count in self.token_sets]
        lines += [
            f"  run {found.run}: trained on {found.sections:,} of its sections; checkpoints: "
            f"{', '.join(found.checkpoints) or 'none that is still there'}"
            for found in self.runs
        ]
        if not self.runs:
            lines.append("  no run has been trained on it, as far as the ledgers tell")
        return lines + [f"  not known: {what}" for what in self.unknown]


def trace(
    corpus: Path, sources: Sequence[str], runs: Sequence[Path], tokens: Sequence[Path] = (), *, explained: bool = True
) -> Lineage:
    """Follow `sources` (files or folders as the report names them) from `corpus` to the runs below `runs`.

    `tokens`: folders of token files besides those that the runs name. Raises UserError when no file has such a name.
    """
    report = read_report(corpus)

    def belongs(name: str) -> bool:
        return any(name == source or name.startswith(source.rstrip("/") + "/") for source in sources)

    records = [record for record in report["files"] if belongs(record["path"])]
    if not records:
        names = [record["path"] for record in report["files"] if record["status"] == "read"]
        close = difflib.get_close_matches(sources[0], names, _NAMED) or names[:_NAMED]
        raise UserError(
            f"{corpus} has no source {' or '.join(sources)}. Its files: {', '.join(close)}"
            f"{f' and {len(names) - len(close):,} more' if len(names) > len(close) else ''}."
        )
    found = Lineage([record["path"] for record in records], sum(record["documents"] for record in records))
    ids: set[bytes] = set()
    for document in read_corpus(corpus):
        if belongs(document.source.partition("#")[0]):
            found.sections += 1
            found.characters += len(document.text)
            ids.add(bytes.fromhex(document.id))
    if explained:
        found.held_back = list(_held_back(corpus, belongs, {section.hex() for section in ids}))
    _add_runs(found, ids, runs, tokens)
    return found


def _held_back(corpus: Path, belongs: Callable[[str], bool], ids: set[str]) -> Iterator[str]:
    if not explain_path(corpus).is_file():
        return
    with open(explain_path(corpus), encoding="utf-8") as file:
        for line in file:
            if '"near-duplicates"' not in line and '"duplicate"' not in line:
                continue
            row = json.loads(line)
            if belongs(row["source"].partition("#")[0]):
                continue
            copies = row["action"] == "duplicate" and row["id"] in ids
            near = (finding["rule"] for finding in row["findings"] if finding["step"] == "near-duplicates")
            if copies or any(belongs(_original(rule)) for rule in near):
                yield row["source"]


def _original(rule: str) -> str:
    """The file that a finding names: "resembles a.txt#line=3"."""
    return rule.partition("resembles ")[2].partition("#")[0]


def _add_runs(found: Lineage, ids: set[bytes], runs: Sequence[Path], tokens: Sequence[Path]) -> None:
    """Look into the token files, and into the ledgers of the runs."""
    folders, ledgers = list(tokens), {}
    for run in find_runs([path for path in runs if path.is_dir()]):
        try:
            config = yaml.safe_load(RunFolder(run).config.read_text(encoding="utf-8"))
            folders.append(Path(config["dataset"]["dir"]))
            ledgers[run] = _ledgers(run)
        except (OSError, UserError, KeyError, TypeError, ValueError) as error:
            found.unknown.append(f"{run} cannot be read ({' '.join(str(error).split())[:100]})")
    sections: dict[str, int] = {}
    for folder in dict.fromkeys(path.resolve() for path in folders):
        for token_set in _sets(folder, found):
            held = _count(token_set, ids)
            sections[token_set.fingerprint] = held
            if held:
                found.token_sets.append((token_set.name, held))
    for run, of_run in ledgers.items():
        datasets = set().union(*(ledger.datasets() for ledger in of_run.values()))
        count = sum(sections.get(dataset, 0) for dataset in datasets)
        gone = sum(dataset not in sections for dataset in datasets)
        if gone:
            found.unknown.append(f"{run} was trained on {gone:,} token files that are gone or lie elsewhere (--tokens)")
        if count:
            steps = [
                name
                for name, ledger in of_run.items()
                if name and any(sections.get(dataset) for dataset in ledger.datasets())
            ]
            found.runs.append(Trained(run, count, steps))


def _ledgers(run: Path) -> dict[str, Ledger]:
    """The ledger of every checkpoint by its name, and the run's own under ""."""
    folder = RunFolder(run)
    paths = {"": folder.seen_datasets}
    paths |= {path.name: path / "training" / "ledger.json" for path in map(folder.step_folder, folder.steps())}
    return {name: Ledger.from_dict(read_json(path)) for name, path in paths.items() if path.is_file()}


def _sets(folder: Path, found: Lineage) -> list[TokenSet]:
    try:
        return find_token_sets(folder)
    except UserError as error:
        found.unknown.append(str(error))
        return []


def _count(token_set: TokenSet, ids: set[bytes]) -> int:
    there = token_set.document_ids()
    return sum(there[n : n + ID_BYTES] in ids for n in range(0, len(there), ID_BYTES))
