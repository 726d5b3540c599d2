"""What training costs beside computing: loader, records, checkpoints and guards, in shares of step time.

    python benchmarks/overhead.py --steps 80

A model of about five million parameters is trained as `groundup train` does it by default (TensorBoard, spike guard,
watch over the token files, ten evaluations and ten saves in the background). Counted as overhead is all time in the loop
that is neither gradients and update nor evaluation and sampling; and what steps take longer than bare ones, which are
timed before and after on one batch, with nothing running beside them.
"""

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from groundup.runs.metrics import read_rows
from groundup.training import loop, pretrain
from groundup.training.config import load_config
from groundup.training.saver import Saver

CONFIG = """
corpus: {input: texts}
tokenizer: {vocab_size: 4096}
model: {n_layer: 6, n_head: 4, n_embd: 256}
training: {block_size: 256, batch_size: 8, device: cpu}
"""


class Stopwatch:
    """Seconds spent in functions, call by call."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}
        self.spans: dict[str, list[tuple[float, float]]] = {}

    def over(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, timed."""

        def timed(*arguments: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                end = time.perf_counter()
                self.seconds.setdefault(name, []).append(end - began)
                self.spans.setdefault(name, []).append((began, end))

        return timed

    def total(self, *names: str) -> float:
        """Seconds in these functions."""
        return sum(sum(self.seconds.get(name, [])) for name in names)


def write_text(characters: int) -> None:
    """Random sentences over some thousand made-up words."""
    chance = random.Random(0)
    letters = "etaoinshrdlucmfw"
    words = ["".join(chance.choices(letters, k=chance.randint(2, 8))) for _ in range(6000)]
    texts, length = [], 0
    while length < characters:
        texts.append(" ".join(chance.choices(words, k=150)))
        length += len(texts[-1])
    Path("texts").mkdir()
    Path("texts/a.txt").write_text("\n<|endoftext|>\n".join(texts))


def main() -> None:
    """Train, time, tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=80)
    steps = parser.parse_args().steps
    watch = Stopwatch()
    bare: list[float] = []
    measure, take, run = loop.measure_step, loop.take_step, loop.Loop.run

    def time_bare(job: loop.Loop, count: int) -> None:
        """Gradients of one batch over and over; the weights stay, and so does the state."""
        inputs = torch.randint(0, 4000, (job.settings.batch_size, job.settings.block_size))
        size = int(job.settings.micro_batch_size)
        parts = [loop.MicroBatch(inputs[i : i + size], inputs[i : i + size]) for i in range(0, len(inputs), size)]
        for _ in range(count):
            began = time.perf_counter()
            measure(job.model, parts, job.objective, job.parallel)
            bare.append(time.perf_counter() - began)
            loop.drop_gradients(job.model)

    def timed_run(job: loop.Loop) -> None:
        time_bare(job, 14)
        job.__post_init__()  # its clock begins now
        began = time.perf_counter()
        run(job)
        watch.seconds["run"] = [time.perf_counter() - began]
        time_bare(job, 12)

    loop.measure_step, loop.take_step = watch.over("gradients", measure), watch.over("update", take)
    loop.Loop.run = timed_run  # type: ignore[method-assign]
    loop.Loop._evaluate = watch.over("evaluation", loop.Loop._evaluate)  # type: ignore[method-assign]
    loop.Loop._save = watch.over("save, in the loop", loop.Loop._save)  # type: ignore[method-assign]
    Saver.wait = watch.over("waiting for a save", Saver.wait)  # type: ignore[method-assign]
    Saver._run = watch.over("save, in its thread", Saver._run)  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("five.yaml").write_text(CONFIG)
        write_text(3_000_000)
        pretrain.pretrain(load_config(Path("five.yaml"), [f"training.max_steps={steps}"]))
        rows = len(list(read_rows(Path("checkpoints/five/metrics.jsonl"))))
        os.chdir("/")
    report(watch, bare[2:], rows)


def report(watch: Stopwatch, bare: list[float], steps: int) -> None:
    """The shares, as JSON."""
    gradients = watch.seconds["gradients"]
    saves = watch.spans["save, in its thread"]
    beside = [any(a < end and b > began for a, b in saves) for began, end in watch.spans["gradients"]]
    alone = statistics.median(g for g, busy in zip(gradients, beside, strict=True) if not busy)
    busy_seconds = [g - alone for g, busy in zip(gradients, beside, strict=True) if busy]
    computing = watch.total("gradients", "update")
    rest = watch.total("run") - computing - watch.total("evaluation")
    save_seconds = watch.total("save, in the loop") + sum(busy_seconds)
    told = {
        "steps": steps,
        "threads": torch.get_num_threads(),
        "bare gradients, median ms": 1000 * statistics.median(bare),
        "gradients in the loop with no save beside, median ms": 1000 * alone,
        "step (gradients and update), ms": 1000 * computing / steps,
        "everything else a step, without saves, ms": 1000 * (rest - watch.total("save, in the loop")) / steps,
        "everything else without saves, % of a step": 100 * (rest - watch.total("save, in the loop")) / computing,
        "saves": len(saves),
        "a save in the loop, ms": 1000 * watch.total("save, in the loop") / len(saves),
        "a save in its thread, ms": 1000 * watch.total("save, in its thread") / len(saves),
        "a save slows the steps beside it by, ms": 1000 * sum(busy_seconds) / len(saves),
        "a save every 10 minutes, % of training time": 100 * save_seconds / len(saves) / 600,
        "ten saves in this short run, % of training time": 100 * save_seconds / watch.total("run"),
    }
    print(json.dumps({name: round(value, 3) for name, value in told.items()}, indent=1))


if __name__ == "__main__":
    main()
