"""Which files a run was trained on, and whether they still are what they were."""

from collections.abc import Mapping
from pathlib import Path

from groundup.data.corpus_report import is_prepared_corpus, report_path
from groundup.training.config import Config
from groundup.utils.files import read_json

NAMED = 3
Files = dict[str, str]
"""SHA-256 of each file, by its path inside the input."""


def files_of(config: Config) -> Files:
    """The files that the configuration's corpus was made from; empty where no corpus tells."""
    inputs = config.corpus.input
    given = Path(inputs[0]) if len(inputs) == 1 else None
    corpus = given if given is not None and is_prepared_corpus(given) else Path(str(config.corpus.output))
    report = report_path(corpus)
    if not inputs or not report.is_file():
        return {}
    return {file["path"]: file["sha256"] for file in read_json(report)["files"] if file["status"] == "read"}


def tell_differences(trained: Mapping[str, str], present: Mapping[str, str]) -> list[str]:
    """One line for the files that were trained on and have changed, and one for those that are gone."""
    if not present:
        return []
    changed = [path for path, sha256 in trained.items() if present.get(path, sha256) != sha256]
    removed = [path for path in trained if path not in present]
    lines = []
    if changed:
        lines.append(
            f"{len(changed)} file(s) that this run was trained on have changed since ({_shortened(changed)}): what is "
            "different in them counts as new text; what they said before stays in the token files and in the model"
        )
    if removed:
        lines.append(
            f"{len(removed)} file(s) that this run was trained on are gone ({_shortened(removed)}): their text stays "
            "in the token files and in the model; to train without it, empty dataset.dir and begin anew with --restart"
        )
    return lines


def _shortened(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(sorted(names)[:NAMED])}{more}"
