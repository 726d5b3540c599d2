"""Several processor threads on one step: each takes some rows of a micro-batch, alone, through the whole model.

PyTorch's own way, all threads on each operation, makes them wait for each other some two thousand times a step. Here
they wait twice. What they compute with is a copy of the matrices in the compute dtype, made once a step; their
gradients are summed in one order, so the result is the same in every run with as many threads.
"""

import copy
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from typing import TypeVar, cast

import torch
from torch import Tensor, nn

from groundup.model.dropout import own_chance
from groundup.model.fused import add_up
from groundup.model.transformer import Block, Linear, Transformer
from groundup.model.whole_block import WholeBlock, can_be_whole
from groundup.utils.memory import keep_freed_memory

T = TypeVar("T")
Loss = Callable[[nn.Module], Tensor]
"""The loss of some rows, from the model."""


class Workers:
    """Threads for `model`, which has its device and compute dtype by now."""

    def __init__(self, model: Transformer, count: int) -> None:
        assert count >= 1
        self.count = count
        self._copy = copy.deepcopy(model)
        self._whole = self._fuse_blocks()
        self._pairs: list[tuple[nn.Parameter, nn.Parameter]] = []  # trained weights, and what stands for them here
        self._own: tuple[list[Tensor], list[Tensor]]  # matrices of the model, and what stands for them here
        self._pair(model)
        self._sums = [torch.zeros_like(theirs, memory_format=torch.contiguous_format) for theirs, _ in self._pairs]
        keep_freed_memory()
        self._pool = ThreadPoolExecutor(count, "groundup-rows", initializer=lambda: torch.set_num_threads(1))

    def _run(self, tasks: Iterable[Callable[[], T]]) -> list[T]:
        futures = [self._pool.submit(task) for task in tasks]
        wait(futures)  # also when one has failed: none may still compute when the step is tried again
        return [future.result() for future in futures]

    def _pair(self, model: Transformer) -> None:
        """Let the copy's parameters share memory with the model's, except matrices that are cast or joined."""
        dtype = model.compute_dtype or torch.float32
        tables = {id(module.weight) for module in model.modules() if isinstance(module, nn.Embedding)}
        matrices = {id(module.weight) for module in model.modules() if isinstance(module, Linear)} - tables
        for mine, theirs in zip(self._copy.parameters(), model.parameters(), strict=True):
            mine.data = theirs.detach().to(dtype) if id(theirs) in matrices else theirs.detach()
            if theirs.requires_grad:
                self._pairs.append((theirs, mine))
        for block in self._whole:
            block.join()
        pairs = zip(model.parameters(), self._copy.parameters(), strict=True)
        own = [(theirs.detach(), mine.detach()) for theirs, mine in pairs if mine.data_ptr() != theirs.data_ptr()]
        self._own = [theirs for theirs, _ in own], [mine for _, mine in own]

    def _fuse_blocks(self) -> list[WholeBlock]:
        """Put one autograd function in the place of each block of the copy for which there is one; return those."""
        blocks = [WholeBlock(cast(Block, block)) if can_be_whole(block) else block for block in self._copy.blocks]
        self._copy.blocks = nn.ModuleList(blocks)
        return [block for block in blocks if isinstance(block, WholeBlock)]

    def refresh(self) -> None:
        """Take over what an update has changed."""
        if self._own[0]:
            torch._foreach_copy_(self._own[1], self._own[0])

    def accumulate(self, losses: Sequence[Loss], divisor: float) -> Tensor:
        """Add the gradients of (sum of `losses`, one a thread) / divisor to the model's `.grad`; return the sum."""
        parameters = [mine for _, mine in self._pairs]
        seeds = torch.randint(2**62, (len(losses),)).tolist()  # from the process's own sequence, as dropout would draw

        def compute(loss: Loss, seed: int) -> tuple[Tensor, Sequence[Tensor | None]]:
            with own_chance(seed):
                total = loss(self._copy)
            return total.detach(), torch.autograd.grad(total / divisor, parameters, allow_unused=True)

        results = self._run([partial(compute, loss, seed) for loss, seed in zip(losses, seeds, strict=True)])
        by_parameter = list(zip(*(gradients for _, gradients in results), strict=True))
        share = range(self.count)
        self._run([partial(self._add, by_parameter, range(worker, len(parameters), self.count)) for worker in share])
        return torch.stack([total for total, _ in results]).sum()

    def _add(self, gradients: Sequence[Sequence[Tensor | None]], which: Iterable[int]) -> None:
        """Sum what the threads found for some of the parameters, in the order of the threads."""
        for index in which:
            found = [gradient for gradient in gradients[index] if gradient is not None]
            if found:
                theirs, total = self._pairs[index][0], self._sums[index]
                add_up(total, found, fresh=theirs.grad is None)
                theirs.grad = total

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown()
