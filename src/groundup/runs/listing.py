"""Which runs lie on the disk, and how each one stands. Reads only; nothing here loads a model."""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from groundup.runs.folder import RunFolder
from groundup.runs.manifest import damage
from groundup.runs.metrics import read_rows
from groundup.utils.errors import UserError
from groundup.utils.files import read_object
from groundup.utils.processes import is_alive

try:
    import fcntl
except ImportError:  # Windows: who holds a folder cannot be told there
    fcntl = None  # type: ignore[assignment]

STATES = ("running", "finished", "interrupted", "damaged", "empty")
DEPTH = 3  # folders below a root in which a run may lie


@dataclass(frozen=True)
class RunSummary:
    """One run as a line of a list."""

    path: str
    state: str  # one of STATES
    detail: str  # the process that runs it, or what is damaged; else empty
    step: int  # of the newest checkpoint; of the newest row while it runs
    last_step: int | None  # where the run's steps end, as far as its settings tell
    val_bpb: float | None  # of the best checkpoint on all validation text, else of the newest evaluation
    val_loss: float | None
    size_bytes: int  # of everything in the folder
    changed: float  # when it was last written, in seconds since 1970

    def to_dict(self) -> dict[str, Any]:
        """As JSON; the date as ISO 8601."""
        return {**asdict(self), "changed": time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(self.changed))}


def is_run(path: Path) -> bool:
    """Whether a folder is, or was meant to be, a run folder."""
    run = RunFolder(path)
    return bool(run.steps()) or (run.config.is_file() and (run.metrics.is_file() or (path / ".lock").is_file()))


def find_runs(roots: Sequence[Path]) -> list[Path]:
    """All run folders among `roots` and a few levels below them, each once."""
    found: dict[Path, Path] = {}
    for root in roots:
        for run in _walk(root, DEPTH):
            found.setdefault(run.resolve(), run)
    return list(found.values())


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    if not folder.is_dir():
        return
    if is_run(folder):
        yield folder
    elif depth:
        for entry in sorted(folder.iterdir()):
            if entry.is_dir() and not entry.name.startswith("."):
                yield from _walk(entry, depth - 1)


def find_run(path: Path) -> Path:
    """The run that a person means by `path`: a run folder, a checkpoint in it, or a folder that holds one run.

    Raises UserError when there is none or there are several.
    """
    for candidate in (path, path.parent):  # a checkpoint lies in its run
        if is_run(candidate) and (candidate == path or path.is_dir()):
            return candidate
    runs = find_runs([path])
    if len(runs) == 1:
        return runs[0]
    if runs:
        raise UserError(f"{path} holds {len(runs)} runs: {', '.join(map(str, runs[:4]))}. Name one of them.")
    raise UserError(f"{path} holds no run. Give a run folder, such as checkpoints/my-llm; groundup runs lists them.")


def summarize(path: Path) -> RunSummary:
    """How the run in `path` stands."""
    run = RunFolder(path)
    rows = list(read_rows(run.metrics))
    steps = run.steps()
    result = _read_quietly(run.evaluation)
    evaluated = next((row for row in reversed(rows) if row.get("val_bpb") is not None), {})
    holder = lock_holder(path)
    newest_row = int(rows[-1]["step"]) if rows else 0
    problem = _what_is_damaged(run, steps)
    if holder is not None:
        state, detail, step = "running", holder, max(newest_row, *steps, 0)
    elif not steps:
        state, detail, step = "empty", "no checkpoint yet", newest_row
    elif problem is not None:
        state, detail, step = "damaged", problem, steps[-1]
    else:
        state, detail, step = "finished" if _is_finished(run, steps[-1], result) else "interrupted", "", steps[-1]
    files = [file for file in path.rglob("*") if file.is_file()]
    return RunSummary(
        path=str(path),
        state=state,
        detail=detail,
        step=step,
        last_step=_last_step(run),
        val_bpb=result.get("val_bpb", evaluated.get("val_bpb")),
        val_loss=result.get("val_loss", evaluated.get("val_loss")),
        size_bytes=sum(_size(file) for file in files),
        changed=max((_modified(file) for file in files), default=_modified(path)),
    )


def lock_holder(path: Path) -> str | None:
    """Who trains in the run folder now, as the lock file tells ("process 123, started ..."); None when nobody does."""
    lock = path / ".lock"
    if fcntl is None or not lock.is_file():
        return None
    try:
        with open(lock, encoding="utf-8") as f:
            told = f.read().strip()
            process = re.search(r"\d+", told)
            if process is not None and not is_alive(int(process[0])):
                return None  # without touching the lock, for which a starting run would have to wait
            fcntl.flock(f, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return told or "another process"
    except OSError:
        return None
    return None


def _what_is_damaged(run: RunFolder, steps: Sequence[int]) -> str | None:
    """What is wrong with the newest checkpoint, by its manifest and the sizes of its files."""
    if not steps:
        return None
    folder = run.step_folder(steps[-1])
    try:
        problem = damage(folder, checksums=False)
    except OSError:  # deleted meanwhile by the run itself
        return None
    return None if problem is None else f"{folder.name}: {problem}"


def _is_finished(run: RunFolder, newest_step: int, result: dict[str, Any]) -> bool:
    """Whether the last start came to its end: it then evaluated, after the newest checkpoint."""
    if "step" in result:
        return bool(result["step"] == newest_step)
    return bool(result) and _modified(run.evaluation) >= _modified(run.step_folder(newest_step))


def _last_step(run: RunFolder) -> int | None:
    """The end that the newest checkpoint's phase or the run's limit gives; None for one limited by the clock."""
    newest = run.steps()[-1:]
    state = _read_quietly(run.step_folder(newest[0]) / "training" / "state.json") if newest else {}
    phases = state.get("phases") or [{}]
    if phases[-1].get("last_step") is not None:
        return int(phases[-1]["last_step"])
    decided = [row["last_step"] for row in read_rows(run.decisions)]
    if decided:
        return int(decided[-1])
    found = re.search(r"^  max_steps: (\d+)$", _text(run.config), re.MULTILINE)
    return int(found[1]) if found else None


def _read_quietly(path: Path) -> dict[str, Any]:
    """A JSON object, or an empty one where there is none or it is damaged: a list shows what can be shown."""
    try:
        return read_object(path)
    except (OSError, UserError):
        return {}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:  # deleted meanwhile by the run itself
        return 0


def _modified(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0
