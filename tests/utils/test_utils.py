from pathlib import Path

import pytest
import torch

from groundup.utils.device import choose_precision, list_accelerators, resolve_device
from groundup.utils.errors import UserError, nearest_hint
from groundup.utils.files import fingerprint, folder_atomic, open_atomic, read_json, write_json
from groundup.utils.seeding import derive_seed


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail() -> None:
        with open_atomic(path) as f:
            f.write("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_folder_does_not_exist(tmp_path: Path) -> None:
    def fail() -> None:
        with folder_atomic(tmp_path / "step") as folder:
            (folder / "x").write_text("1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []
    with folder_atomic(tmp_path / "step") as folder:
        (folder / "x").write_text("1")
    assert (tmp_path / "step" / "x").read_text() == "1"


def test_json_is_json(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "a.json", {"x": float("nan")})
    assert not (tmp_path / "a.json").exists()
    (tmp_path / "b.json").write_text("{")
    with pytest.raises(UserError, match=r"b\.json is not valid JSON"):
        read_json(tmp_path / "b.json")


def test_fingerprints_name_content_and_not_its_order() -> None:
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})


def test_seeds_depend_on_purpose_alone() -> None:
    assert derive_seed(1, "order", 0) == derive_seed(1, "order", 0)
    assert len({derive_seed(seed, name, n) for seed in (1, 2) for name in ("a", "b") for n in (0, 1)}) == 8
    assert 0 <= derive_seed(7, "x") < 2**63


def test_devices_that_are_not_there_are_refused() -> None:
    assert resolve_device("cpu") == torch.device("cpu")
    if not list_accelerators():
        assert resolve_device("auto") == torch.device("cpu")
    for name in ("cuda:99", "gpu", ""):
        with pytest.raises(UserError, match="this machine has cpu"):
            resolve_device(name)


def test_precision_names() -> None:
    cpu = torch.device("cpu")
    assert choose_precision("fp32", cpu)[0] == torch.float32
    assert choose_precision("bfloat16", cpu)[0] == torch.bfloat16
    with pytest.raises(UserError, match="float16"):
        choose_precision("float16", cpu)


def test_hints() -> None:
    assert nearest_hint("max_step", ["max_steps", "seed"]) == ' Did you mean "max_steps"?'
    assert nearest_hint("zzz", ["b", "a"]) == " Valid: a, b."
