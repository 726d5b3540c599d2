"""How several processes train one model: each with all of it (DDP), or each with a part (FSDP2).

Both read the same rows and sum the same gradients: results agree with one process's within the order of summation.
"""

import contextlib
import inspect
from collections.abc import Iterator
from typing import Any, cast

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.nn.parallel import DistributedDataParallel

from groundup.model.accounting import state_bytes
from groundup.model.config import ModelConfig, ResolvedConfig
from groundup.model.transformer import Transformer, empty_model
from groundup.training.distributed import Team
from groundup.training.guards import is_out_of_memory
from groundup.training.settings import TrainingConfig
from groundup.training.sharding import is_sharded, own_part, whole
from groundup.training.workers import Workers
from groundup.utils.device import PRECISIONS, free_memory_bytes
from groundup.utils.lazy import Lazy

fsdp = Lazy("torch.distributed.fsdp")
# The only buffers are tables that never change. The argument's name changed with torch 2.13.
_NAMES = inspect.signature(DistributedDataParallel.__init__).parameters
NEVER_SEND_BUFFERS: dict[str, Any] = {
    "forward_sync_buffers" if "forward_sync_buffers" in _NAMES else "broadcast_buffers": False
}
SHARE_FOR_STATE = 0.5  # of a GPU's memory: the rest is for activations


class TeamOutOfMemoryError(Exception):
    """Memory ran out on one of the processes at least, and all know."""


class Parallel:
    """A model and the processes that train it together."""

    def __init__(self, model: Transformer, team: Team | None = None, *, kind: str = "alone", workers: int = 1) -> None:
        """Shards `model` in place under fsdp. All processes must begin with the same weights on their own device.

        workers: threads of this process that share its rows, if above 1 and no other process takes part.
        """
        self.team = team or Team()
        self.kind = kind if self.team.size > 1 else "alone"
        self.plain = model
        self.model: nn.Module = model  # what a training step calls
        self.background = self.team  # for the thread that writes checkpoints, where all write one together
        if self.kind == "ddp":
            ids = None if model.embed.weight.device.type == "cpu" else [model.embed.weight.device]
            self.model = DistributedDataParallel(model, device_ids=ids, **NEVER_SEND_BUFFERS)
        elif self.kind == "fsdp":
            if not is_sharded(model.embed.weight):
                shard(model)
            self.background = self.team.another()
        self.workers = Workers(model, workers) if workers > 1 and self.team.size == 1 else None
        self.rehearsed = self.kind != "ddp"  # whether a micro-batch is known to fit into every process's memory
        self._ddp = self.model if isinstance(self.model, DistributedDataParallel) else None

    @contextlib.contextmanager
    def accumulating(self, *, last: bool) -> Iterator[None]:
        """Around forward and backward of a micro-batch: DDP sends gradients once, after the last one."""
        if self._ddp is None or last:
            yield
            return
        with self._ddp.no_sync():
            yield

    @contextlib.contextmanager
    def agreeing_on_memory(self) -> Iterator[None]:
        """Where memory runs out within the block on one process, TeamOutOfMemoryError is raised on all at its end.

        Under DDP, whose processes do not wait for each other there. Under FSDP2 they wait for each other in every block
        of the model: lack of memory on one stays its own error, which ends the run.
        """
        failed = False
        try:
            yield
        except (RuntimeError, MemoryError) as error:
            if self._ddp is None or not is_out_of_memory(error):
                raise
            failed = True
        if self._ddp is not None and self.team.maximum(failed):
            raise TeamOutOfMemoryError

    def total(self, number: Tensor) -> Tensor:
        """A scalar summed over the processes."""
        if self.team.size > 1:
            dist.all_reduce(number)
        return number

    def is_finite(self) -> bool:
        """Whether every weight that this process holds is a number."""
        return all(bool(torch.isfinite(own_part(parameter)).all()) for parameter in self.plain.parameters())

    def gathered(self, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """Tensors that are sharded, whole on the leader's CPU and absent elsewhere; all processes must call this."""
        if self.kind != "fsdp":
            return tensors
        found = {}
        for name, tensor in tensors.items():  # one after the other: never a second whole model on a GPU
            full = whole(tensor.detach())
            if self.team.leads:
                found[name] = full.cpu()
        return found

    def whole_model(self) -> Transformer:
        """The model with all its weights in one place: itself, or a copy on the leader's CPU where it is sharded.

        Under fsdp all processes must call this; what the others get has no weights.
        """
        if self.kind != "fsdp":
            return self.plain
        tensors = self.gathered(self.plain.state_dict())
        if not self.team.leads:
            return empty_model(self.plain.config)
        copy = Transformer(self.plain.config)
        copy.load_state_dict(tensors)
        copy.set_compute(self.plain.compute_dtype, attention="sdpa" if self.plain.use_sdpa else "explicit")
        return copy.eval()


def empty_in_parts(config: ModelConfig, settings: TrainingConfig, device: torch.device) -> Transformer:
    """A sharded model whose weights are not set yet: no process ever holds it whole."""
    model = empty_model(config)
    model.set_compute(PRECISIONS[settings.precision], attention=settings.attention)
    shard(model, device.type)
    model.to_empty(device=device)
    model.fill_tables()
    return model.to(device)


def shard(model: Transformer, device_type: str | None = None) -> None:
    """Cut every weight over all processes, in place, a block at a time; products in the model's compute dtype."""
    low = model.compute_dtype not in (None, torch.float32)
    # Parts are sent in the dtype that they are multiplied in, and gradients summed in float32.
    policy = fsdp.MixedPrecisionPolicy(
        param_dtype=model.compute_dtype if low else None, reduce_dtype=torch.float32 if low else None
    )
    mesh = init_device_mesh(device_type or model.embed.weight.device.type, (dist.get_world_size(),))
    for block in model.blocks:
        fsdp.fully_shard(block, mesh=mesh, mp_policy=policy)
    fsdp.fully_shard(cast(nn.Module, model), mesh=mesh, mp_policy=policy)


def choose_kind(shape: ResolvedConfig, settings: TrainingConfig, device: torch.device) -> tuple[str, str]:
    """(ddp or fsdp, why): the simple one, unless a copy of everything does not fit on each GPU."""
    if settings.distributed != "auto":
        return settings.distributed, "as configured"
    if device.type != "cuda":
        return "ddp", "each process has room for the whole model"
    needed = state_bytes(shape, optimizer=settings.optimizer)
    room = SHARE_FOR_STATE * free_memory_bytes(device)
    if needed <= room:
        return "ddp", f"weights, gradients and optimizer ({needed / 1e9:.1f} GB) fit on each GPU"
    return "fsdp", f"weights, gradients and optimizer ({needed / 1e9:.1f} GB) are too much for each GPU"
