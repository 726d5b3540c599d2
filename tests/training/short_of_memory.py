"""Train as a process of a team, with process 1 short of memory: no more than LIMIT sequences at once fit into it.

Run by test_team_memory.py: short_of_memory.py CONFIG LIMIT FIRST_STEP SETTING...
"""

import os
import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from groundup.training.config import load_config
from groundup.training.distributed import FollowedError
from groundup.training.observer import Observer
from groundup.training.pretrain import pretrain
from groundup.utils.errors import UserError

ERROR = "[enforce fail at alloc_cpu.cpp:127] data. DefaultCPUAllocator: can't allocate memory: you tried to allocate"


def shorten(limit: int, first: int) -> None:
    """Let larger micro-batches fail on process 1, from its first-th training pass on."""
    real, passes = torch.nn.Embedding.forward, 0

    def forward(self: Any, ids: Tensor) -> Tensor:
        nonlocal passes
        passes += self.training
        if self.training and len(ids) > limit and passes >= first:
            raise RuntimeError(ERROR)
        return real(self, ids)

    torch.nn.Embedding.forward = forward  # type: ignore[method-assign]


def main(config: Path, limit: int, first: int, settings: list[str]) -> None:
    """As the command line would end."""
    if os.environ["RANK"] == "1":
        shorten(limit, first)
    try:
        pretrain(load_config(config, settings), observer=Observer(lambda text: print(text, file=sys.stderr)))
    except FollowedError:
        sys.exit(1)
    except UserError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
