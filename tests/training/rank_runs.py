"""What the tests of several processes share: runs of the command line, and what they leave behind."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from groundup.runs.metrics import read_rows

# fp32, whose sums of some hundred terms agree to about 1e-6; Muon's products in bfloat16 carry that on to 1e-4.
TOLERANCE = 1e-3
LIMIT_SECONDS = 280


def train(config: Path, run: str, *words: str, count: int = 1, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "groundup", "train", "--config", str(config), "--nproc", str(count)]
    done = subprocess.run(
        [*command, f"training.output_dir=checkpoints/{run}", *words],
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done


def rows_of(run: str) -> list[dict[str, Any]]:
    return list(read_rows(Path(f"checkpoints/{run}/metrics.jsonl")))


def losses(run: str) -> list[float]:
    return [row["train_loss"] for row in rows_of(run)]


def ledger(run: str) -> Any:
    return json.loads(Path(f"checkpoints/{run}/seen_datasets.json").read_text())
