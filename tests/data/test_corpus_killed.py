"""A corpus is killed at any moment and made again: the same bytes as if nothing had happened, and nothing left over."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_staged_corpus import story


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    rows = [story(n) for n in range(30)]
    rows[7] = rows[3] + " Only this."
    rows[9] = "Too short."
    (folder / "rows.jsonl").write_text("".join(json.dumps({"text": row}) + "\n" for row in rows))
    for n in range(3):
        (folder / f"{n}.txt").write_text(
            "\n\n".join([story(100 + n, 40), story(5), story(200 + n, 40)]) + " anna@example.com"
        )
    return folder


def contents(folder):
    """Every file but the store, whose bytes depend on its past."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if "sqlite" not in path.name}


@pytest.mark.parametrize("cleaning", ["light", "web"])
def test_a_corpus_killed_at_any_step_ends_with_the_same_bytes(tmp_path, source, cleaning):
    script = Path(__file__).with_name("kill_corpus.py")
    out = tmp_path / "out"
    words = [sys.executable, str(script), str(source), str(out), cleaning]
    subprocess.run(words, check=True, timeout=280)
    whole = contents(out / "0")
    assert whole.keys() == {"c.jsonl", "c.report.json", "c.explain.jsonl"}
    killed = sorted(path for path in out.iterdir() if path.name != "0")
    assert len(killed) > 20
    for folder in killed:
        assert contents(folder) == whole, folder.name


@pytest.mark.long
def test_the_command_killed_with_its_workers_leaves_no_process_and_goes_on(tmp_path, source):
    big = [story(n, 60) for n in range(1000, 2200)]
    (source / "big.jsonl").write_text("".join(json.dumps({"text": row}) + "\n" for row in big))

    def start(folder):
        words = ["corpus", str(source), "--output-file", str(folder / "c.jsonl"), "--cleaning", "web", "--workers", "2"]
        return subprocess.Popen([sys.executable, "-m", "groundup", *words], stderr=subprocess.DEVNULL)

    assert start(tmp_path / "whole").wait() == 0
    chance, out = random.Random(4), tmp_path / "out"
    for _ in range(4):
        process = start(out)
        time.sleep(chance.uniform(1.5, 5))
        children = _descendants(process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait()
        end = time.monotonic() + 20
        while any(map(_is_alive, children)) and time.monotonic() < end:
            time.sleep(0.1)
        assert not any(map(_is_alive, children))
    assert start(out).wait() == 0
    assert contents(out) == contents(tmp_path / "whole")


def _descendants(process):
    found = []
    for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
        found += [int(child), *_descendants(int(child))]
    return found


def _is_alive(process):
    try:
        os.kill(process, 0)
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
