"""Golden losses: a change that is meant to be neutral leaves them as they are, to the last bit.

Print new ones with `python -m pytest tests/training/test_golden.py -s` after a change that is meant to matter, and say
in LOG.md what changed them. Processors with other vector units round differently: there, agreement is to 1e-4.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from groundup.runs.metrics import read_rows
from groundup.training.config import load_config
from groundup.training.pretrain import pretrain

RECORDED_WITH = "AVX512"
GOLDEN: dict[str, list[float]] = {}


@pytest.mark.parametrize("name", ["qwen3", "gpt2"])
def test_losses_are_golden(write_texts: Callable[..., Path], tiny_config: Path, name: str) -> None:
    write_texts()
    settings = [f"model.architecture={name}", *(["training.optimizer=adamw"] if name == "gpt2" else [])]
    pretrain(load_config(tiny_config, settings))
    losses = [row["train_loss"] for row in read_rows(Path("checkpoints/tiny/metrics.jsonl"))][::4]
    print(name, losses)
    if torch.backends.cpu.get_cpu_capability() == RECORDED_WITH:
        assert losses == GOLDEN[name]
    else:
        assert losses == pytest.approx(GOLDEN[name], abs=1e-4)
