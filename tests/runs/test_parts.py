"""The table of optional parts says what pyproject.toml says."""

import re
from pathlib import Path

import pytest

from groundup.runs.parts import PARTS, Part

PYPROJECT = Path(__file__).parent.parent.parent / "pyproject.toml"


def test_every_part_is_in_the_extra_that_it_names() -> None:
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 cannot read TOML")
    extras = tomllib.loads(PYPROJECT.read_text())["project"]["optional-dependencies"]
    packages = {
        extra: {re.split(r"[<>=!;\[ ]", requirement)[0] for requirement in requirements}
        for extra, requirements in extras.items()
        if extra != "dev"
    }
    assert [part for part in PARTS if part.package not in packages.get(part.extra, ())] == []
    assert all(part.adds for part in PARTS)


def test_versions() -> None:
    assert Part("pytest", "dev", "tests").version() == pytest.__version__
    assert Part("no-such-package-here", "dev", "nothing").version() is None
