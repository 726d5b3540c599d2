"""Every file of the newest checkpoint harmed in turn, in every way: found out, and the one before it taken."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from groundup.runs.folder import RunFolder
from groundup.runs.manifest import damage
from groundup.runs.metrics import read_rows
from groundup.training.checkpoint import find_resumable
from groundup.training.config import load_config
from groundup.training.observer import Observer
from groundup.training.pretrain import pretrain
from groundup.utils.errors import UserError

RUN = RunFolder(Path("checkpoints/tiny"))


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def delete(path: Path) -> None:
    path.unlink()


HARMS = [truncate, empty, flip_a_bit, delete]


@pytest.fixture
def trained(write_texts: Callable[..., Path], tiny_config: Path) -> Path:
    """A run with checkpoints 9 and 12; its configuration."""
    write_texts()
    pretrain(load_config(tiny_config))
    return tiny_config


def test_every_harm_to_every_file_is_found_out_and_the_checkpoint_before_it_is_taken(trained: Path) -> None:
    newest = RUN.step_folder(12)
    names = sorted(path.relative_to(newest) for path in newest.rglob("*") if path.is_file())
    assert len(names) >= 9  # model and tokenizer, training, manifest
    whole = newest.with_name("whole")
    shutil.copytree(newest, whole)
    for name in names:
        for harm in HARMS:
            harm(newest / name)
            said: list[str] = []
            assert damage(newest) is not None, f"{harm.__name__} {name}"
            assert find_resumable(RUN, said.append) == RUN.step_folder(9)
            assert str(newest) in said[0]
            if name.name != "manifest.json":
                assert str(name) in said[0]
            shutil.copy(whole / name, newest / name)
    assert damage(newest) is None


@pytest.mark.parametrize("harm", HARMS)
def test_going_on_from_the_one_before_says_so_and_counts_nothing_twice(
    trained: Path, harm: Callable[[Path], None]
) -> None:
    reference = (RUN.step_folder(12) / "model/model.safetensors").read_bytes()
    harm(RUN.step_folder(12) / "training/state.json")
    said: list[str] = []
    pretrain(load_config(trained), observer=Observer(said.append))
    assert any("is damaged" in line and "taking the one before" in line for line in said)
    assert any("going on from" in line and "step-00000009" in line for line in said)
    assert (RUN.step_folder(12) / "model/model.safetensors").read_bytes() == reference
    assert [row["step"] for row in read_rows(RUN.metrics)] == list(range(1, 13))
    (entry,) = json.loads(RUN.seen_datasets.read_text())["datasets"]
    assert entry["windows"] == 12 * 4


def test_when_none_is_whole_nothing_is_begun_anew_unasked(trained: Path) -> None:
    for step in RUN.steps():
        flip_a_bit(RUN.step_folder(step) / "training/optimizer.safetensors")
    with pytest.raises(UserError, match=r"no checkpoint in .* is whole. Begin anew with --restart"):
        pretrain(load_config(trained))
