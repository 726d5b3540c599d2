"""The short form of benchmarks/kill_test.py: killed at random moments, in two phases, and nothing differs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[2] / "benchmarks" / "kill_test.py"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes that it has forked")
def test_a_run_killed_at_random_moments_sees_the_same_windows_and_ends_with_the_same_bytes() -> None:
    done = subprocess.run([sys.executable, PROGRAM, "--kills", "8"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert all(told["agree"].values())
    assert sum(phase["kills"] for phase in told["phases"]) >= 6  # a process can end before its kill
