"""Weights & Biases by a switch: offline, so that nothing leaves the machine."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from groundup.training.config import load_config
from groundup.training.pretrain import pretrain
from groundup.training.wandb_log import WandbLog
from groundup.utils.errors import UserError


@pytest.mark.skipif(importlib.util.find_spec("wandb") is None, reason="the extra wandb is not installed")
@pytest.mark.filterwarnings("ignore")  # the package's own
def test_an_offline_run_is_kept_in_the_run_folder(
    write_texts: Callable[..., Path], tiny_config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")
    write_texts()
    result = pretrain(load_config(tiny_config, ["logging.wandb=true", "training.max_steps=3"]))
    (kept,) = (result.run / "wandb").glob("offline-run-*/run-*.wandb")
    content = kept.read_bytes()
    for name in (b"train_loss", b"val_bpb", b"training.learning_rate"):
        assert name in content


def test_a_missing_package_is_said_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wandb", None)  # as Python marks what cannot be imported
    with pytest.raises(UserError, match=r"pip install 'groundup\[wandb\]'"):
        WandbLog(tmp_path, {})
