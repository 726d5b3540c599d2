"""The tutorial, followed word for word in an empty folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parent.parent / "docs" / "tutorial.md"
MINUTES = re.compile(r"max_minutes([:=]) ?[\d.]+")
QUICK = 0.1  # the only thing that is changed: nobody waits for the training minutes of a check


def commands() -> list[str]:
    return re.findall(r"```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_every_command_line_in_the_text_is_one_that_exists() -> None:
    verbs = set(re.findall(r"groundup ([a-z]+)", PAGE.read_text(encoding="utf-8")))
    done = subprocess.run([sys.executable, "-m", "groundup", "--help"], capture_output=True, text=True, check=True)
    assert all(re.search(rf"^  {verb} ", done.stdout, re.MULTILINE) for verb in verbs), verbs


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_the_tutorial_followed_word_for_word(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, words in (("groundup", "-m groundup"), ("python", "")):
        (programs / name).write_text(f'#!/bin/sh\nexec {sys.executable} {words} "$@"\n')
        (programs / name).chmod(0o755)
    folder = tmp_path / "empty"
    folder.mkdir()
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    said = ""
    for block in commands():
        quick = MINUTES.sub(lambda match: f"max_minutes{match[1]}{' ' if match[1] == ':' else ''}{QUICK}", block)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", quick],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{block}\n{done.stderr}"
        said += done.stdout
    for told in ("val_bpb", "best checkpoint", "One day", "checkpoints/tales/report.html"):
        assert told in said
    assert (folder / "checkpoints" / "tales" / "report.html").is_file()
    assert (folder / "checkpoints" / "tales-chat" / "best").is_file()
