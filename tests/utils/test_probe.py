"""Measurements are positive numbers, and what cannot be done is said."""

import sys
from pathlib import Path

import pytest
import torch

from groundup.utils import probe


def test_memory_disk_and_room(tmp_path: Path) -> None:
    assert probe.memory_bytes_per_second(torch.device("cpu"), repeats=1) > 1e8
    assert (probe.disk_bytes_per_second(tmp_path) or 0) > 1e5
    assert not list(tmp_path.iterdir())
    assert probe.disk_bytes_per_second(tmp_path / "gone") is None
    assert probe.free_disk_bytes(tmp_path) > 0
    assert probe.total_memory_bytes() > 1 << 28


def test_a_compiler_that_fails_or_hangs_is_reported() -> None:
    works, note = probe.try_compile("no-such-device", seconds=60)
    assert works is False
    assert "no-such-device" in note
    assert probe.try_compile("cpu", seconds=0.05) == (None, "not done after 0 s")


@pytest.mark.long
def test_the_compiler_of_this_machine() -> None:
    works, note = probe.try_compile("cpu", seconds=280)
    if sys.platform == "linux":
        assert works, note
