"""The table of optional parts says what pyproject.toml says."""

import re
from pathlib import Path

import pytest

from groundup.runs.parts import PARTS, Part

PYPROJECT = Path(__file__).parent.parent.parent / "pyproject.toml"


def test_every_extra_is_there_with_what_it_adds() -> None:
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 cannot read TOML")
    extras = tomllib.loads(PYPROJECT.read_text())["project"]["optional-dependencies"]
    packages = {
        extra: {re.split(r"[<>=!;\[ ]", requirement)[0] for requirement in requirements}
        for extra, requirements in extras.items()
        if extra != "dev"
    }
    assert {part.extra for part in PARTS} == packages.keys(), "add a line to src/groundup/runs/parts.py"
    assert all(part.package in packages[part.extra] for part in PARTS)
    assert all(part.adds for part in PARTS)


def test_versions() -> None:
    assert Part("pytest", "dev", "tests").version() == pytest.__version__
    assert Part("no-such-package-here", "dev", "nothing").version() is None
