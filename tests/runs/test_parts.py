"""The table of optional parts says what pyproject.toml says."""

import re
from pathlib import Path

import pytest

from groundup.runs.parts import PARTS, Part

PYPROJECT = Path(__file__).parent.parent.parent / "pyproject.toml"


def test_every_package_of_every_extra_is_there_with_what_it_adds() -> None:
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 cannot read TOML")
    extras = tomllib.loads(PYPROJECT.read_text())["project"]["optional-dependencies"]
    expected = {
        (re.split(r"[<>=!;\[ ]", requirement)[0], extra)
        for extra, requirements in extras.items()
        if extra != "dev"
        for requirement in requirements
    }
    expected = {(package, extra) for package, extra in expected if package != "groundup"}
    assert {(part.package, part.extra) for part in PARTS} == expected, "add a line to src/groundup/runs/parts.py"
    assert all(part.adds for part in PARTS)


def test_versions() -> None:
    assert Part("pytest", "dev", "tests").version() == pytest.__version__
    assert Part("no-such-package-here", "dev", "nothing").version() is None
