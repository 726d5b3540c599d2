"""`groundup doctor` on this machine."""

import json
import os
from pathlib import Path

from typer.testing import CliRunner

from groundup.cli.main import app
from groundup.runs.parts import PARTS


def test_json_has_devices_speeds_disk_and_parts(in_folder: Path) -> None:
    result = CliRunner().invoke(app, ["doctor", "--json", "--compile-seconds", "0"])
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    cpu = told["devices"][-1]
    assert cpu["name"] == "cpu"
    assert f"{os.cpu_count()} cores" in cpu["description"]
    assert cpu["memory_bytes"] > cpu["free_memory_bytes"] > 0
    assert cpu["matmul_flops_per_second"]["float32"] > 1e8
    assert cpu["matmul_flops_per_second"]["bfloat16"] > 1e6
    assert cpu["memory_bytes_per_second"] > 1e8
    assert cpu["precision"] in ("float32", "bfloat16")
    assert (cpu["compile_works"], cpu["compile_note"], cpu["compile"]) == (None, "not tried", False)
    assert told["disk"]["free_bytes"] > 0
    assert told["disk"]["write_bytes_per_second"] > 0
    assert [part["package"] for part in told["optional_parts"]] == [part.package for part in PARTS]
    assert told["environment"]["packages"]["torch"]
    assert not list(in_folder.iterdir())


def test_text_names_what_is_here_and_how_to_get_what_is_not(in_folder: Path) -> None:
    result = CliRunner().invoke(app, ["doctor", "--compile-seconds", "0"])
    assert result.exit_code == 0, result.stderr
    for words in (
        "GiB free",
        "matrix product  float32",
        "torch.compile   not tried",
        "training takes",
        "optional parts",
    ):
        assert words in result.stdout
    for part in PARTS:
        line = next(line for line in result.stdout.splitlines() if line.split()[:1] == [part.package])
        assert (part.version() or f'pip install "groundup[{part.extra}]"') in line
