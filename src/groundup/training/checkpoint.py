"""Checkpoints: folders that exist whole or not at all, and are believed only after every checksum agrees.

    step-00001000/
      model/             what is shipped: a Hugging Face model folder      -> model/bundle.py
      training/          what resuming needs beside the weights
        state.json         step, phases, position in the data, best evaluation
        ledger.json        what these weights have been trained on         -> runs/ledger.py
        optimizer.safetensors  or, of a model that no process holds whole, shards/   -> training/sharded_checkpoint.py
        weights.safetensors  only where training needs other weights than are shipped (adapters)
      manifest.json      size and checksum of every file, written last   -> runs/manifest.py

Random numbers need no state: whatever chance decides is drawn from (seed, purpose, step).
"""

import contextlib
import copy
import errno
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import Tensor

from groundup.model.config import ResolvedConfig
from groundup.runs.folder import RunFolder
from groundup.runs.ledger import Ledger
from groundup.runs.manifest import damage, write_manifest
from groundup.runs.metrics import Row
from groundup.training.guards import SpikeState
from groundup.training.phases import Phase
from groundup.training.sharding import copied_to_cpu
from groundup.training.shards import StoredTensors
from groundup.utils.errors import UserError
from groundup.utils.files import folder_atomic, read_json, write_json
from groundup.utils.progress import Say

OPTIMIZER, OWN_WEIGHTS = "optimizer.safetensors", "weights.safetensors"
SHARDS = "shards"
WEIGHTS_PREFIX, OPTIMIZER_PREFIX = "model.", "optimizer."  # of the names of tensors there
SMALL_FILES_BYTES = 2**19  # the tokenizer and the JSON files of a checkpoint, roughly


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
    spikes: SpikeState = field(default_factory=SpikeState)
    pending: Row | None = None  # of a step that was stopped before its evaluation was done
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def phase(self) -> Phase:
        """The phase that is being trained."""
        return self.phases[-1]


@dataclass(frozen=True)
class Snapshot:
    """Everything that one checkpoint is written from, as it was after one step. Tensors may be sharded."""

    state: TrainingState
    shape: ResolvedConfig
    weights: dict[str, Tensor]  # of the model that is shipped
    own_weights: dict[str, Tensor]  # that training needs beside it
    optimizer: dict[str, Tensor]

    def copied(self) -> "Snapshot":
        """The same in memory of its own, on the CPU, so that training can go on while it is written."""
        parts = (
            {name: copied_to_cpu(tensor) for name, tensor in part.items()}
            for part in (self.weights, self.own_weights, self.optimizer)
        )
        return Snapshot(copy.deepcopy(self.state), self.shape, *parts)

    def size_bytes(self) -> int:
        """About what the checkpoint takes on disk."""
        parts = (self.weights, self.own_weights, self.optimizer)
        return sum(tensor.nbytes for part in parts for tensor in part.values()) + SMALL_FILES_BYTES


def save_checkpoint(run: RunFolder, taken: Snapshot, save_model: Callable[[Path], None]) -> Path:
    """Write the checkpoint of a step, point `last` at it, and refresh the readable copy of the ledger.

    `save_model` fills the folder that it is given. Raises UserError when the disk is full; what was there stays.
    """
    state = taken.state
    folder = run.step_folder(state.step)
    with telling_full_disk(run, taken.size_bytes()):
        if not folder.exists():
            with folder_atomic(folder) as temporary:
                save_model(temporary / "model")
                write_training(temporary / "training", taken)
                write_manifest(temporary, state.step)
        point_at(run, state)
    return folder


def point_at(run: RunFolder, state: TrainingState) -> None:
    """Make the checkpoint of this state the last one, in the pointer and in the readable copy of the ledger."""
    run.point("last", state.step)
    write_json(run.seen_datasets, state.ledger.to_dict())


@contextlib.contextmanager
def telling_full_disk(run: RunFolder, checkpoint_bytes: int) -> Iterator[None]:
    """Turn the many ways in which a disk says that it is full into one UserError, with how much room is needed."""
    try:
        yield
    except Exception as error:
        # safetensors reports a full disk in a type of its own, with the system's words in it.
        full = (
            error.errno in (errno.ENOSPC, errno.EDQUOT) if isinstance(error, OSError) else "No space left" in str(error)
        )
        if not full or isinstance(error, UserError):
            raise
        needed, free = checkpoint_bytes / 2**20, shutil.disk_usage(run.path).free / 2**20
        raise UserError(
            f"the disk of {run.path} is full: a checkpoint takes about {needed:,.1f} MB and {free:,.1f} MB are free. "
            "The checkpoints before it are intact; make room and start the same command again."
        ) from error


def write_training(folder: Path, taken: Snapshot) -> None:
    """Write training/: everything that resuming needs beside the weights."""
    folder.mkdir()
    write_state(folder, taken.state)
    save_file(taken.optimizer, folder / OPTIMIZER)
    if taken.own_weights:
        save_file(taken.own_weights, folder / OWN_WEIGHTS)


def write_state(folder: Path, state: TrainingState) -> None:
    """Write what is no tensor."""
    values = {key: value for key, value in asdict(state).items() if key not in ("ledger", "phases")}
    write_json(folder / "state.json", {**values, "phases": [phase.to_dict() for phase in state.phases]})
    write_json(folder / "ledger.json", state.ledger.to_dict())


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


def load_state(folder: Path) -> TrainingState:
    """Read what is no tensor from training/ of a checkpoint."""
    training = folder / "training"
    values = read_json(training / "state.json")
    values["phases"] = [Phase.from_dict(phase) for phase in values["phases"]]
    values["spikes"] = SpikeState(**values.get("spikes", {}))  # checkpoints from before there was a guard have none
    return TrainingState(**values, ledger=Ledger.from_dict(read_json(training / "ledger.json")))


def load_optimizer(folder: Path) -> Mapping[str, Tensor]:
    """The optimizer's tensors in a checkpoint, whole, on the CPU."""
    training = folder / "training"
    if (training / SHARDS).is_dir():
        return StoredTensors(training / SHARDS, OPTIMIZER_PREFIX)
    return load_file(training / OPTIMIZER)


def prune(run: RunFolder, *, keep: int, best_step: int | None) -> None:
    """Delete all but the newest `keep` checkpoints and the best one."""
    for step in run.steps()[:-keep]:
        if step != best_step:
            run.remove_step(step)
