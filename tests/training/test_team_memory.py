"""Memory that runs out on one of several processes: all go on with less at once, or one line says what to do."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from rank_runs import losses, rows_of, train

from groundup.utils.launch import Ranks

PROGRAM = Path(__file__).with_name("short_of_memory.py")


def short_of_memory(config: Path, run: str, *words: str, limit: int, first: int = 1) -> tuple[int, str]:
    """(exit code, what both processes said)."""
    log = Path("log")
    settings = (f"training.output_dir=checkpoints/{run}", *words)
    with (
        open(log, "w") as f,
        Ranks([str(PROGRAM), str(config), str(limit), str(first), *settings], 2, stdout=f, stderr=f) as ranks,
    ):
        code = ranks.wait()
    return code, log.read_text()


def test_all_halve_the_micro_batch_together(write_texts: Callable[..., Path], tiny_config: Path) -> None:
    """At the first step, where a rehearsal finds it out, and in the middle of an accumulation."""
    write_texts()
    words = ["training.batch_size=8", "training.max_steps=4"]
    train(tiny_config, "small", *words, "training.micro_batch_size=1", count=2)
    code, told = short_of_memory(tiny_config, "short", *words, "training.micro_batch_size=4", limit=1)
    assert code == 0, told
    assert [line.split("instead of ")[1] for line in told.splitlines() if "memory ran out" in line] == [
        "4; batch and order stay",
        "2; batch and order stay",
    ]
    assert "micro_batch_size: 1" in Path("checkpoints/short/config.yaml").read_text()
    assert losses("short") == losses("small")  # from the first step, since the first did not fit
    code, told = short_of_memory(tiny_config, "later", *words, "training.micro_batch_size=2", limit=1, first=4)
    assert code == 0, told  # pass 1 is the rehearsal, 2 and 3 are the first step: the second one fails
    assert "memory ran out at step 2: going on with micro-batches of 1 sequences instead of 2" in told
    assert losses("later") == pytest.approx(losses("small"), abs=1e-3)


@pytest.mark.long
def test_what_does_not_fit_at_all_ends_all_and_is_saved(write_texts: Callable[..., Path], tiny_config: Path) -> None:
    write_texts()
    words = ["training.batch_size=8", "training.micro_batch_size=2", "training.max_steps=4"]
    code, told = short_of_memory(tiny_config, "short", *words, limit=0, first=6)
    assert code == 1
    assert told.count("error: ") == 1, told
    assert "step 3 does not fit into memory with one sequence at a time" in told
    assert (Path("checkpoints/short") / Path("checkpoints/short/last").read_text().strip()).name == "step-00000002"
    assert rows_of("short")[-1]["step"] == 2


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "fork"), reason="gloo's words for a lost connection are those of Linux")
def test_where_the_others_wait_one_line_says_what_to_lower(write_texts: Callable[..., Path], tiny_config: Path) -> None:
    """FSDP2: the processes wait for each other in every block of the model."""
    write_texts()
    words = ["training.distributed=fsdp", "training.batch_size=8", "training.micro_batch_size=4"]
    code, told = short_of_memory(tiny_config, "short", *words, limit=2, first=3)
    assert code != 0
    assert "Traceback" not in told
    assert "process 1 of 2: memory ran out in step 3" in told
    assert "Give a smaller training.micro_batch_size than 4" in told
    done: subprocess.CompletedProcess[str] = train(
        tiny_config, "short", *words, "training.micro_batch_size=2", "training.max_steps=4", count=2
    )
    assert done.returncode == 0
