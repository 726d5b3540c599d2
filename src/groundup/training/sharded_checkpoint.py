"""Checkpoints of a model that no process holds whole: each writes its parts, and the leader makes them one checkpoint.

    training/shards/   weights and optimizer in parts          -> training/shards.py

stands in place of training/optimizer.safetensors; all else is as in training/checkpoint.py. model/ is there as well:
the leader makes it of the parts, a file of it at a time, so that whoever uses the model sees no difference. A
checkpoint of either kind resumes with any number of processes, sharded or not.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

import torch
from torch import Tensor

from groundup.model.bundle import load_bundle
from groundup.model.transformer import Transformer
from groundup.runs.folder import RunFolder
from groundup.runs.manifest import write_manifest
from groundup.training.checkpoint import (
    OPTIMIZER_PREFIX,
    SHARDS,
    WEIGHTS_PREFIX,
    Snapshot,
    load_optimizer,
    point_at,
    telling_full_disk,
    write_state,
)
from groundup.training.distributed import Team
from groundup.training.optimizer import Optimizers
from groundup.training.sharding import put_part, room_like
from groundup.training.shards import StoredTensors, read_shards, write_shards
from groundup.utils.files import folder_atomic


def save_sharded(
    run: RunFolder, taken: Snapshot, team: Team, save_model: Callable[[Path, Mapping[str, Tensor]], None]
) -> None:
    """As `save_checkpoint`, by all processes of `team`, each with its own parts in `taken`.

    `save_model` gets, on the leader, the folder to fill and the whole weights. What fails on one process fails on all;
    then the checkpoint is not there.
    """
    folder = run.step_folder(taken.state.step)
    with ExitStack() as leading, telling_full_disk(run, taken.size_bytes()):
        temporary = team.lead(lambda: None if folder.exists() else leading.enter_context(folder_atomic(folder)))
        if temporary is not None:
            shards = temporary / "training" / SHARDS
            with team.together():
                written = write_shards(_named(taken.weights, taken.optimizer), shards, team)
            sums = {f"training/{SHARDS}/{name}": value for own in team.gather(written) for name, value in own.items()}

            def complete() -> None:
                save_model(temporary / "model", StoredTensors(shards, WEIGHTS_PREFIX))
                write_state(temporary / "training", taken.state)
                write_manifest(temporary, taken.state.step, sums)
                leading.close()  # gives the folder its name

            team.lead(complete)
        team.lead(lambda: point_at(run, taken.state))


def load_weights_into(model: Transformer, checkpoint: Path, team: Team) -> None:
    """Give a sharded model the weights of a checkpoint; each process reads its own parts where they were saved so."""
    parts = sharded_state(model)
    if (checkpoint / "training" / SHARDS).is_dir():
        with torch.no_grad():
            read_shards(_named(parts, {}), checkpoint / "training" / SHARDS, team)
        return
    whole, _ = load_bundle(checkpoint / "model")  # saved by processes that had room for all of it
    stored = whole.state_dict()
    for name, part in parts.items():
        put_part(part, stored[name])


def load_optimizer_into(optimizers: Optimizers, checkpoint: Path, team: Team, *, sharded: bool) -> None:
    """Give the optimizers of a model, sharded or not, their state."""
    stored = load_optimizer(checkpoint)
    if sharded and isinstance(stored, StoredTensors):
        parts = {name: room_like(stored.shape(name), stored.dtype(name), optimizers.parameter(name)) for name in stored}
        read_shards(_named({}, parts), checkpoint / "training" / SHARDS, team)
        stored = parts
    optimizers.load_state_tensors(stored)


def sharded_state(model: Transformer) -> dict[str, Tensor]:
    """The parts of the weights that this process holds, each once."""
    tied = {"head.weight"} if model.config.tied_embeddings else set()
    return {name: tensor for name, tensor in model.state_dict().items() if name not in tied}


def _named(weights: Mapping[str, Tensor], optimizer: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {
        **{WEIGHTS_PREFIX + name: tensor for name, tensor in weights.items()},
        **{OPTIMIZER_PREFIX + name: tensor for name, tensor in optimizer.items()},
    }
