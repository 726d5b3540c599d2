"""Tensors that several processes hold in parts (FSDP2), and the same tensors whole."""

import contextlib
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeGuard

import torch
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh

from groundup.utils.lazy import Lazy

if TYPE_CHECKING:
    import torch.distributed.tensor as dtensor
    from torch.distributed.tensor import DTensor, Placement
else:
    dtensor = Lazy("torch.distributed.tensor")  # half a second, and no use to a process that trains alone


def is_sharded(tensor: Tensor) -> "TypeGuard[DTensor]":
    """Whether a tensor is held in parts."""
    return type(tensor) not in (Tensor, nn.Parameter) and isinstance(tensor, dtensor.DTensor)


def whole(tensor: Tensor) -> Tensor:
    """The whole of a tensor. Where it is sharded all processes must call this: they send each other their parts."""
    return tensor.full_tensor() if is_sharded(tensor) else tensor


def own_part(tensor: Tensor) -> Tensor:
    """What this process holds of a tensor; all of it where it is not sharded."""
    return tensor.to_local() if is_sharded(tensor) else tensor


def shard_like(tensor: Tensor, parameter: Tensor) -> Tensor:
    """Cut a whole tensor as `parameter` is cut; every process keeps its part, and nothing is sent.

    tensor: of the parameter's shape, or a stack (N, ...) of several; anything smaller (a step count) stays whole.
    """
    if not is_sharded(parameter) or is_sharded(tensor) or tensor.ndim < parameter.ndim:
        return tensor
    cut = _cut(tensor.ndim, parameter)
    everywhere = [dtensor.Replicate()] * len(cut)
    mesh = parameter.device_mesh
    return dtensor.DTensor.from_local(tensor.to(parameter.device), mesh, everywhere, run_check=False).redistribute(
        placements=cut
    )


def room_like(shape: torch.Size, dtype: torch.dtype, parameter: Tensor) -> Tensor:
    """Zeros of that shape, cut as `shard_like` cuts."""
    if not is_sharded(parameter) or len(shape) < parameter.ndim:
        return torch.zeros(shape, dtype=dtype)
    return dtensor.zeros(shape, dtype=dtype, device_mesh=parameter.device_mesh, placements=_cut(len(shape), parameter))


def _cut(dimensions: int, parameter: "DTensor") -> "list[Placement]":
    """How a stack of so many dimensions is cut where its members are cut as `parameter` is."""
    more = dimensions - parameter.ndim
    return [
        dtensor.Shard(place.dim + more) if isinstance(place, dtensor.Shard) else place for place in parameter.placements
    ]


@torch.no_grad()
def put_part(weight: Tensor, values: Tensor) -> None:
    """Give a weight its values; of a sharded one this process sets its own part, and nothing is sent."""
    own_part(weight.detach()).copy_(own_part(shard_like(values, weight)))


def copied_to_cpu(tensor: Tensor) -> Tensor:
    """A copy in memory of its own; of a sharded tensor this process's part, and nothing is sent."""
    own = own_part(tensor.detach()).to("cpu", copy=True)
    if not is_sharded(tensor):
        return own
    mesh = init_device_mesh("cpu", tuple(tensor.device_mesh.shape))
    return dtensor.DTensor.from_local(
        own, mesh, tensor.placements, run_check=False, shape=tensor.shape, stride=tensor.stride()
    )


def shared_out(stack: "DTensor") -> "DTensor":
    """A stack (N, rows, columns) whose matrices are cut, with whole matrices instead: each process gets its share."""
    with _without_advice():
        return stack.redistribute(placements=[dtensor.Shard(0)] * stack.device_mesh.ndim)


def cut_again(matrices: Tensor, shares: "DTensor", like: "DTensor") -> "DTensor":
    """The inverse of `shared_out`, of what this process has made of its share."""
    made = dtensor.DTensor.from_local(
        matrices, shares.device_mesh, shares.placements, run_check=False, shape=shares.shape, stride=shares.stride()
    )
    with _without_advice():
        return made.redistribute(placements=like.placements)


@contextlib.contextmanager
def _without_advice() -> Iterator[None]:
    """Without torch's remark that on CPUs everything is sent to everybody: few train sharded models there."""
    logger = logging.getLogger("torch.distributed.tensor._collective_utils")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def global_norm(gradients: list[Tensor]) -> Tensor:
    """The 2-norm over all gradients of all processes' parts, on every process."""
    return whole(torch.nn.utils.get_total_norm(gradients))
