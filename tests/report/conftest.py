"""Each test gets a copy of the trained runs that it may damage."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def run(trained: Path, in_folder: Path) -> Path:
    """The tiny run, in the working directory."""
    shutil.copytree(trained, in_folder, dirs_exist_ok=True)
    return Path("checkpoints/tiny")


@pytest.fixture
def other(run: Path) -> Path:
    """The other run."""
    return run.with_name("other")
