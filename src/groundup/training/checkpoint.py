"""Checkpoints: folders that exist whole or not at all, and are believed only after every checksum agrees.

    step-00001000/
      model/             what is shipped: a Hugging Face model folder      -> model/bundle.py
      training/          what resuming needs beside the weights
        state.json         step, phases, position in the data, best evaluation
        ledger.json        what these weights have been trained on         -> runs/ledger.py
        optimizer.safetensors
        weights.safetensors  only where training needs other weights than are shipped (adapters)
      manifest.json      size and checksum of every file, written last

Random numbers need no state: whatever chance decides is drawn from (seed, purpose, step).
"""

import errno
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from torch import Tensor

from groundup.runs.folder import RunFolder
from groundup.runs.ledger import Ledger
from groundup.training.phases import Phase
from groundup.utils.errors import UserError
from groundup.utils.files import folder_atomic, read_json, sha256_file, write_json
from groundup.utils.progress import Say

OWN_WEIGHTS = "weights.safetensors"


@dataclass
class TrainingState:
    """Where a run stands, beside its weights."""

    step: int = 0  # optimizer steps taken
    elapsed_seconds: float = 0.0  # of training so far, evaluations and saves included
    phases: list[Phase] = field(default_factory=list)
    consumed: int = 0  # windows of the current phase that have been trained
    best_step: int | None = None
    best_val_loss: float | None = None
    evaluations_since_best: int = 0
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def phase(self) -> Phase:
        """The phase that is being trained."""
        return self.phases[-1]


def save_checkpoint(
    run: RunFolder,
    state: TrainingState,
    optimizer_tensors: dict[str, Tensor],
    save_model: Callable[[Path], None],
    own_weights: dict[str, Tensor] | None = None,
) -> Path:
    """Write the checkpoint of `state.step`, point `last` at it, and refresh the readable copy of the ledger.

    `save_model` fills the folder that it is given; own_weights are those that training needs beside it.
    Raises UserError when the disk is full; what was there stays.
    """
    folder = run.step_folder(state.step)
    if not folder.exists():
        try:
            with folder_atomic(folder) as temporary:
                save_model(temporary / "model")
                write_training(temporary / "training", state, optimizer_tensors, own_weights or {})
                write_manifest(temporary, state.step)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise disk_full(run, optimizer_tensors) from error
        except Exception as error:  # safetensors reports a full disk in a type of its own
            if "No space left" not in str(error):
                raise
            raise disk_full(run, optimizer_tensors) from error
    run.point("last", state.step)
    write_json(run.seen_datasets, state.ledger.to_dict())
    return folder


def disk_full(run: RunFolder, optimizer_tensors: dict[str, Tensor]) -> UserError:
    """The error for a disk without room, with how much room a checkpoint takes."""
    state_bytes = sum(tensor.nbytes for tensor in optimizer_tensors.values())
    megabytes = max(1, round(2.5 * state_bytes / 2**20))  # state of Muon and AdamW: about the weights' own size
    return UserError(
        f"the disk of {run.path} is full: a checkpoint takes about {megabytes} MB. "
        "The checkpoints before it are intact; make room and start the same command again."
    )


def write_training(
    folder: Path, state: TrainingState, optimizer_tensors: dict[str, Tensor], own_weights: dict[str, Tensor]
) -> None:
    """Write training/: everything that resuming needs beside the weights."""
    folder.mkdir()
    values = {key: value for key, value in asdict(state).items() if key not in ("ledger", "phases")}
    write_json(folder / "state.json", {**values, "phases": [phase.to_dict() for phase in state.phases]})
    write_json(folder / "ledger.json", state.ledger.to_dict())
    save_file(optimizer_tensors, folder / "optimizer.safetensors")
    if own_weights:
        save_file(own_weights, folder / OWN_WEIGHTS)


def write_manifest(folder: Path, step: int) -> None:
    """List every file of a checkpoint with size and checksum."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    listed = {
        file.relative_to(folder).as_posix(): {"size_bytes": file.stat().st_size, "sha256": sha256_file(file)}
        for file in files
    }
    write_json(folder / "manifest.json", {"step": step, "files": listed})


def damage(folder: Path) -> str | None:
    """Say what is wrong with a checkpoint folder, or None when every file is as its manifest says."""
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return "manifest.json is missing"
    try:
        files: dict[str, dict[str, Any]] = read_json(manifest)["files"]
    except (UserError, KeyError, TypeError):
        return "manifest.json is damaged"
    for name, entry in files.items():
        file = folder / name
        if not file.is_file():
            return f"{name} is missing"
        if file.stat().st_size != entry["size_bytes"]:
            return f"{name} has {file.stat().st_size} bytes instead of {entry['size_bytes']}"
        if sha256_file(file) != entry["sha256"]:
            return f"{name} does not have the checksum that was recorded"
    return None


def find_resumable(run: RunFolder, say: Say) -> Path | None:
    """Return the newest checkpoint that is whole, saying which newer ones are not and why; None for a fresh run.

    Raises UserError when there are checkpoints and none is whole: training from nothing must be asked for.
    """
    steps = run.steps()
    for step in reversed(steps):
        folder = run.step_folder(step)
        problem = damage(folder)
        if problem is None:
            return folder
        say(f"checkpoint {folder} is damaged ({problem}); taking the one before it")
    if steps:
        raise UserError(f"no checkpoint in {run.path} is whole. Begin anew with --restart (it deletes nothing).")
    return None


def load_state(folder: Path) -> tuple[TrainingState, dict[str, Tensor]]:
    """Read training/ of a checkpoint: (state, optimizer tensors on the CPU)."""
    training = folder / "training"
    values = read_json(training / "state.json")
    values["phases"] = [Phase.from_dict(phase) for phase in values["phases"]]
    state = TrainingState(**values, ledger=Ledger.from_dict(read_json(training / "ledger.json")))
    return state, load_file(training / "optimizer.safetensors")


def prune(run: RunFolder, *, keep: int, best_step: int | None) -> None:
    """Delete all but the newest `keep` checkpoints and the best one."""
    for step in run.steps()[:-keep]:
        if step != best_step:
            run.remove_step(step)
