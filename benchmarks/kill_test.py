"""Kill a training run at random moments, many times, and compare it with one that was never killed.

    python benchmarks/kill_test.py --kills 200

A tiny model is trained twice: first without a kill, then killed with SIGKILL again and again: while it starts, between
two steps, inside a save. Both then get new text and train it as an --only-new phase, in the same way. What must agree:
the windows that every step saw, with each other and with the plan; every loss; and the bytes of weights, optimizer and
ledger. After every kill the newest checkpoint's ledger must account for exactly its steps.

The processes are forked from one that has imported everything, so that starting them costs little.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported; and no thread of torch's may live when we fork

import torch._dynamo  # noqa: F401 - torch's optimizers import it when first used: better once here than in each process

from groundup.data.order import Order
from groundup.runs.folder import RunFolder
from groundup.runs.manifest import damage
from groundup.runs.metrics import read_rows
from groundup.training.config import load_config
from groundup.training.observer import Observer
from groundup.training.pretrain import pretrain

BATCH_SIZE = 4
STEPS_A_KILL = 2  # about what a run comes forward between two kills
CONFIG = f"""
corpus: {{input: texts, validation: 0.1}}
tokenizer: {{vocab_size: 280}}
model: {{n_layer: 1, n_head: 2, n_embd: 16, dropout: 0.1}}
training:
  {{block_size: 16, batch_size: {BATCH_SIZE}, precision: float32, attention: explicit, threads: 1, device: cpu,
  checkpoint_interval: 2, eval_interval: 7, eval_tokens: 128, sample_tokens: 4}}
logging: {{tensorboard: false, windows: true}}
"""
WORDS = [
    "the",
    "a",
    "cat",
    "dog",
    "bird",
    "sees",
    "likes",
    "finds",
    "ball",
    "tree",
    "house",
    "big",
    "small",
    "red",
    "runs",
]


def write_text(name: str, documents: int, seed: int) -> None:
    """A file of random sentences."""
    chance = random.Random(seed)
    texts = [" ".join(chance.choices(WORDS, k=chance.randint(20, 45))) for _ in range(documents)]
    Path("texts").mkdir(exist_ok=True)
    Path(f"texts/{name}.txt").write_text("\n<|endoftext|>\n".join(texts), encoding="utf-8")


def start(run: str, steps: int, only_new: bool) -> int:
    """Train in a process of its own; its process id."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        log = os.open(f"{run}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        settings = [f"training.output_dir=checkpoints/{run}", f"training.max_steps={steps}"]
        observer = Observer(lambda message: print(message, flush=True))
        pretrain(load_config(Path("tiny.yaml"), settings), only_new=only_new, observer=observer)
        code = 0
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", flush=True)
    finally:
        os._exit(code)


def finish(child: int, run: str) -> None:
    """Wait for a process, which must end well."""
    _, status = os.waitpid(child, 0)
    if status:
        sys.exit(f"{run} failed:\n{Path(f'{run}.log').read_text()[-2000:]}")


def has_ended(child: int) -> bool:
    """Whether a process has come to its end (and been waited for)."""
    pid, status = os.waitpid(child, os.WNOHANG)
    if pid and status:
        sys.exit("a killed run failed when it was started again; see killed.log")
    return bool(pid)


def last_row(run: RunFolder) -> int:
    """The newest step in the metrics."""
    return max((row["step"] for row in read_rows(run.metrics)), default=0)


def wait_for_moment(child: int, run: RunFolder, kind: str, chance: random.Random) -> bool:
    """Wait until a moment of this kind; False if the process ended before."""
    if kind == "start":
        time.sleep(chance.uniform(0, 0.5))
        return not has_ended(child)
    begin, more = last_row(run), chance.randint(0, 2 * STEPS_A_KILL)
    while last_row(run) < begin + more or (kind == "save" and not any(run.path.glob(".step-*.tmp"))):
        if has_ended(child):
            return False
        time.sleep(0.0005)
    time.sleep(chance.uniform(0, 0.004))
    return not has_ended(child)


def check_newest(run: RunFolder) -> int:
    """The newest whole checkpoint accounts for exactly its steps. Returns its step, 0 without any."""
    for step in reversed(run.steps()):
        folder = run.step_folder(step)
        if (problem := damage(folder)) is not None:
            sys.exit(f"{folder} can be seen and is not whole: {problem}")  # a kill alone must never leave one
        ledger = json.loads((folder / "training" / "ledger.json").read_text())["datasets"]
        windows = sum(entry["windows"] + entry["skipped_windows"] for entry in ledger)
        if windows != step * BATCH_SIZE:
            sys.exit(f"the ledger of {folder} has {windows} windows, not {step * BATCH_SIZE}")
        return step
    return 0


def kill_often(kills: int, steps: int, only_new: bool, chance: random.Random) -> dict[str, Any]:
    """Kill the run so often, or until it is done, then let it end."""
    run = RunFolder(Path("checkpoints/killed"))
    kinds: Counter[str] = Counter()
    resumed: Counter[str] = Counter()
    for _ in range(kills):
        kind = chance.choices(("start", "step", "save"), (1, 2, 2))[0]
        child = start("killed", steps, only_new)
        if not wait_for_moment(child, run, kind, chance):
            break
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        kinds["inside a save" if any(run.path.glob(".step-*.tmp")) else f"at a {kind}"] += 1
        resumed["from a checkpoint" if check_newest(run) else "from nothing"] += 1
    finish(start("killed", steps, only_new), "killed")
    return {"kills": sum(kinds.values()), "where": dict(kinds), "gone on": dict(resumed)}


def compare() -> dict[str, bool]:
    """What must agree between the two runs, and with the plan."""
    whole, killed = (RunFolder(Path(f"checkpoints/{name}")) for name in ("whole", "killed"))
    folders = [run.pointed("last") for run in (whole, killed)]
    assert folders[0] is not None
    assert folders[1] is not None
    phases = json.loads((folders[1] / "training" / "state.json").read_text())["phases"]
    orders = [(phase["first_step"], Order.from_dict(phase["order"])) for phase in phases]
    seen = list(read_rows(killed.windows))
    planned = []
    for step in range(1, int(folders[1].name.removeprefix("step-")) + 1):
        first, order = max(((first, order) for first, order in orders if first < step), key=lambda pair: pair[0])
        places = range((step - first - 1) * BATCH_SIZE, (step - first) * BATCH_SIZE)
        planned.append({"step": step, "windows": [list(order.at(place)) for place in places]})

    def same(name: str) -> bool:
        return (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()  # type: ignore[operator]

    def curve(run: RunFolder) -> list[Any]:
        keys = ("step", "train_loss", "grad_norm", "learning_rate", "val_loss", "val_bpb")
        return [[row.get(key) for key in keys] for row in read_rows(run.metrics)]

    return {
        "windows as planned": seen == planned,
        "windows as without kills": seen == list(read_rows(whole.windows)),
        "losses": curve(whole) == curve(killed),
        "weights": same("model/model.safetensors"),
        "optimizer": same("training/optimizer.safetensors"),
        "ledger": same("training/ledger.json"),
    }


def main() -> None:
    """Both phases, then the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    chance, began = random.Random(arguments.seed), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("tiny.yaml").write_text(CONFIG)
        steps, results = 0, []
        for only_new in (False, True):
            write_text("new" if only_new else "old", 60, seed=int(only_new))
            steps += max(20, STEPS_A_KILL * arguments.kills)
            finish(start("whole", steps, only_new), "whole")
            results.append(kill_often(arguments.kills // 2, steps, only_new, chance))
        agree = compare()
        print(
            json.dumps({"steps": steps, "phases": results, "agree": agree, "seconds": round(time.monotonic() - began)})
        )
        os.chdir("/")
    if not all(agree.values()):
        sys.exit("the runs differ")


if __name__ == "__main__":
    main()
