"""Golden losses: a change that is meant to be neutral leaves them as they are, to the last bit.

Print new ones with `python -m pytest tests/training/test_golden.py -s` after a change that is meant to matter, and say
in LOG.md what changed them. Other processors round differently, and so does a machine without a C compiler: there,
agreement is to 1e-4.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from groundup.model.native.kernels import load_kernels
from groundup.runs.environment import processor_name
from groundup.runs.metrics import read_rows
from groundup.training.config import load_config
from groundup.training.pretrain import pretrain

RECORDED_ON = "AMD EPYC"
GOLDEN = {
    "qwen3": [5.923186302185059, 4.154051303863525, 3.136282444000244],
    "gpt2": [5.712097644805908, 5.166102886199951, 4.669149398803711],
}


@pytest.mark.parametrize("name", ["qwen3", "gpt2"])
def test_losses_are_golden(write_texts: Callable[..., Path], tiny_config: Path, name: str) -> None:
    write_texts()
    pretrain(load_config(tiny_config, [f"model.architecture={name}"]))
    losses = [row["train_loss"] for row in read_rows(Path("checkpoints/tiny/metrics.jsonl"))][::4]
    print(name, losses)
    if processor_name() == RECORDED_ON and not isinstance(load_kernels(), str):
        assert losses == GOLDEN[name]
    else:
        assert losses == pytest.approx(GOLDEN[name], abs=1e-4)
