"""What a run was made from, back to the text: files, corpora, token files, and the weights that it began with.

Everything is told as it was recorded when it was used, with its checksum; beside it stands whether that is still what
lies there today. Checksums of weights are compared by manifest, so that no report has to read gigabytes.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from groundup.data.corpus_report import report_path
from groundup.runs.folder import RunFolder
from groundup.runs.manifest import MANIFEST
from groundup.runs.origin import ORIGIN, read_origin
from groundup.utils.files import read_object

SAME, OTHER, GONE = "", "has other content by now", "no longer there"
MOST_ANCESTORS = 20  # a chain of runs that is longer than this is a circle
CONVERSATIONS = "conversations"  # folder of the token files of dataset.conversations, beside the others


@dataclass(frozen=True)
class TextFile:
    """A file that was trained on."""

    name: str
    sha256: str
    documents: int | None  # read from it; None where no corpus tells any more
    state: str = SAME  # SAME | OTHER | GONE: in the corpus as it is now


@dataclass(frozen=True)
class Ancestor:
    """Weights that a run, or the run before it, began with."""

    folder: str  # model folder, as recorded
    weights: dict[str, str]  # SHA-256 of the weight files by name, as recorded
    state: str  # SAME, also where only the weights themselves could tell | OTHER | GONE
    tokens_added: dict[str, int] = field(default_factory=dict)  # new tokens and their ids
    ledger: list[dict[str, Any]] = field(default_factory=list)  # what these weights had been trained on
    files: dict[str, str] = field(default_factory=dict)  # and the text files behind it, with their SHA-256


def seen_from(run: Path, path: str) -> Path:
    """Where `path` is, that a run noted relative to the folder it was started in: here, or above the run."""
    places = [Path(path), *(parent / path for parent in run.resolve().parents)]
    return next((place for place in places if place.exists()), Path(path))


def read_token_files(run: Path, settings: dict[str, Any], ledger: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The meta.json of every set of token files in the ledger that is still there, with its name."""
    folder = settings.get("dataset.dir")
    if not isinstance(folder, str):
        return []
    found = []
    here = seen_from(run, folder)
    for name in dict.fromkeys(str(entry.get("files")) for entry in ledger):
        for place in (here, here / CONVERSATIONS):
            meta = read_object(place / f"{name}.meta.json")
            if meta:
                found.append({"name": name, **meta})
    return found


def read_corpora(run: Path, settings: dict[str, Any], token_files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The reports of the corpora that the token files were made from, each with its `path`; none for what is gone."""
    sources = [source.get("path") for meta in token_files for source in meta.get("sources", [])]
    paths = dict.fromkeys(path for path in (*sources, settings.get("corpus.output")) if isinstance(path, str))
    reports = ((path, read_object(report_path(seen_from(run, path)))) for path in paths)
    return [{"path": path, **report} for path, report in reports if report]


def read_text_files(run: RunFolder, corpora: list[dict[str, Any]]) -> list[TextFile]:
    """The files that the run was trained on, as it noted them; for older runs those of the corpora."""
    present = {
        file["path"]: file for corpus in corpora for file in corpus.get("files", []) if file.get("status") == "read"
    }
    trained = read_object(run.trained_files) or {name: file["sha256"] for name, file in present.items()}
    found = []
    for name, sha256 in trained.items():
        now = present.get(name)
        state = GONE if now is None else SAME if now["sha256"] == sha256 else OTHER
        found.append(TextFile(name, sha256, None if now is None else now["documents"], state if corpora else SAME))
    return found


def read_ancestors(run: Path) -> list[Ancestor]:
    """What the run's weights were before it, the newest first, as far as folders that are still there tell."""
    found: list[Ancestor] = []
    holder: Path | None = run
    while holder is not None and len(found) < MOST_ANCESTORS:
        origin = _origin(run, holder)
        if origin is None:
            break
        checkpoint = seen_from(
            run, origin.folder
        ).parent  # model/ lies in a checkpoint, or in what groundup import wrote
        found.append(origin)
        holder = next((place for place in (checkpoint, checkpoint.parent) if (place / ORIGIN).is_file()), None)
    return found


def _origin(run: Path, holder: Path) -> Ancestor | None:
    """The origin of a run or an imported model, the run itself or before it."""
    value = read_origin(holder)
    folder = value.get("checkpoint", value.get("source"))  # tuning's own form, and that of the others
    if not isinstance(folder, str):
        return None
    weights = value.get("weights") or ({"model.safetensors": value["sha256"]} if value.get("sha256") else {})
    path = seen_from(run, folder)
    return Ancestor(
        folder=folder,
        weights=weights,
        state=_state(path, weights),
        tokens_added=value.get("tokens_added", {}),
        ledger=list(read_object(path.parent / "training" / "ledger.json").get("datasets", [])),
        files=read_object(RunFolder(path.parent.parent).trained_files),
    )


def _state(folder: Path, weights: dict[str, str]) -> str:
    """Whether the folder still has the weights of these checksums, as its checkpoint's manifest tells."""
    if not folder.is_dir():
        return GONE
    listed = read_object(folder.parent / MANIFEST).get("files", {})
    there = {name: listed.get(f"{folder.name}/{name}", {}).get("sha256") for name in weights}
    return OTHER if any(sha256 is not None and sha256 != weights[name] for name, sha256 in there.items()) else SAME
