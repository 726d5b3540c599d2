"""Loss against seconds on prepared token files: groundup, a GPT-2 loop at nanoGPT's settings, and that loop at its best.

    python benchmarks/stories.py --tokens DIR --tokenizer DIR --peer-minutes 5 --best-minutes 1 2 --our-steps 100 200

Every contender is a process of its own and about the same size (6 layers x 256). The peers (gpt2_loop.py) count the minutes of their training loop
alone; ours counts its whole process, from start to the end of the evaluation on all validation text. "plain" is fp32, AdamW at 1e-3, batch
16, SDPA; "best" is bf16, explicit attention, AdamW at 4e-3 (the best of three, see LOG.md), batch 8. The time that ours takes to the loss that
a peer's longest run ends with is interpolated between our runs of that seed, in the logarithm of the seconds. A table goes to stdout, a plot to --plot.
"""

import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

PLAIN = ["--fp32", "--learning-rate", "1e-3", "--batch-size", "16", "--attention", "sdpa"]
BEST = ["--learning-rate", "4e-3", "--batch-size", "8", "--attention", "eager"]


@dataclass(frozen=True)
class Point:
    """One finished run."""

    who: str
    seed: int
    seconds: float
    bits_per_byte: float
    tokens_per_second: float


def run_peer(options: argparse.Namespace, who: str, flags: list[str], minutes: float, seed: int) -> Point:
    script = Path(__file__).with_name("gpt2_loop.py")
    command = [sys.executable, str(script), "--tokens", str(options.tokens), "--tokenizer", str(options.tokenizer)]
    command += ["--minutes", str(minutes), "--seed", str(seed), "--no-samples", *flags]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return Point(who, seed, 60 * minutes, found["val_bpb"], found["tokens_per_second"])


def run_ours(options: argparse.Namespace, steps: int, seed: int) -> Point:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "ours.yaml").write_text(
            f"tokenizer: {{path: {options.tokenizer.resolve()}, vocab_size: 4096}}\n"
            f"dataset: {{dir: {options.tokens.resolve()}}}\n"
            "model: {n_layer: 6, n_head: 4, n_embd: 256}\n"
            f"training: {{max_steps: {steps}, seed: {seed}, eval_tokens: 8192, eval_interval: 1000000, sample_tokens: 0}}\n"
            "logging: {tensorboard: false}\n",
            encoding="utf-8",
        )
        command = [sys.executable, "-m", "groundup", "train", "--config", "ours.yaml", *options.words]
        began = time.time()
        subprocess.run(command, check=True, capture_output=True, cwd=folder)
        seconds = time.time() - began
        run = folder / "checkpoints/ours"
        score = json.loads((run / "evaluation.json").read_text(encoding="utf-8"))
        rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    speed = statistics.median(row["tokens_per_second"] for row in rows[3:])
    return Point("groundup", seed, seconds, score["val_bpb"], speed)


def of(points: list[Point], who: str, seed: int) -> list[Point]:
    return [point for point in points if (point.who, point.seed) == (who, seed)]


def times_less(points: list[Point], peer: str, seed: int) -> float:
    """How many times less time ours takes to where the peer's longest run of this seed ends; NaN where it is not known."""
    runs = of(points, peer, seed)
    if not runs:
        return math.nan
    end = max(runs, key=lambda point: point.seconds)
    return end.seconds / seconds_to(of(points, "groundup", seed), end.bits_per_byte)


def seconds_to(points: list[Point], bits: float) -> float:
    """Seconds to `bits`, between the two runs around it; NaN where no run came so far."""
    curve = sorted((point.seconds, point.bits_per_byte) for point in points)
    if not curve or min(loss for _, loss in curve) > bits:
        return math.nan
    before = (curve[0][0], curve[0][1])
    for seconds, loss in curve:
        if loss <= bits:
            if seconds == before[0]:
                return seconds
            share = (before[1] - bits) / (before[1] - loss)
            return math.exp(math.log(before[0]) + share * math.log(seconds / before[0]))
        before = (seconds, loss)
    return math.nan


def plot(points: list[Point], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    colours: dict[str, str] = {}
    for who, seed in dict.fromkeys((point.who, point.seed) for point in points):
        own = sorted((point.seconds, point.bits_per_byte) for point in of(points, who, seed))
        (line,) = pyplot.plot(*zip(*own, strict=True), marker="o", color=colours.get(who))
        if who not in colours:
            line.set_label(who)
        colours[who] = line.get_color()
    pyplot.xscale("log")
    pyplot.xlabel("seconds")
    pyplot.ylabel("bits per byte, held-out text")
    pyplot.legend()
    pyplot.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--peer-minutes", type=float, nargs="*", default=[5.0])
    parser.add_argument("--best-minutes", type=float, nargs="*", default=[1.0, 2.0])
    parser.add_argument("--our-steps", type=int, nargs="*", default=[100, 200])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--points", type=Path, help="file of earlier points, read and added to")
    parser.add_argument("words", nargs="*", help="settings of ours")
    options = parser.parse_args()
    earlier = options.points is not None and options.points.exists()
    points = [Point(**json.loads(line)) for line in options.points.read_text().splitlines()] if earlier else []
    for seed in options.seeds:
        runs = [(run_ours, (options, steps, seed)) for steps in options.our_steps]
        runs += [(run_peer, (options, "best", BEST, minutes, seed)) for minutes in options.best_minutes]
        runs += [(run_peer, (options, "plain", PLAIN, minutes, seed)) for minutes in options.peer_minutes]
        for function, arguments in runs:
            point = function(*arguments)
            points.append(point)
            line = json.dumps(point.__dict__)
            print(line, flush=True)
            if options.points is not None:
                with options.points.open("a", encoding="utf-8") as f:
                    f.write(line + "\n")
    for peer in ("plain", "best"):
        ratios = {seed: times_less(points, peer, seed) for seed in dict.fromkeys(point.seed for point in points)}
        known = {seed: ratio for seed, ratio in ratios.items() if not math.isnan(ratio)}
        if known:
            each = ", ".join(f"seed {seed} {ratio:.1f}" for seed, ratio in known.items())
            print(f"times less than {peer} to where it ends: {each}; median {statistics.median(known.values()):.1f}")
    if options.plot is not None:
        plot(points, options.plot)


if __name__ == "__main__":
    main()
