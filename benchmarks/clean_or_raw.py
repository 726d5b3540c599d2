"""Does cleaning help a model? The damaged mixture of corpus_damage.py, trained on as it is and cleaned, budget equal.

    python benchmarks/clean_or_raw.py --data DIR --evaluation DIR --out DIR [--megabytes 6] [--steps 500] [--seeds 1 2 3]

DIR of --data holds clean .txt files, that of --evaluation BLiMP's .jsonl files. Some clean documents are held out before
anything is damaged. The rest, with the damaged ones, goes through `groundup corpus` twice: --cleaning none and --cleaning
web (with the evaluation sentences to cut out). Each corpus gets a tokenizer of its own; steps, tokens and seeds are equal.
Started again, it goes on where it stopped.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
from pathlib import Path

import corpus_damage

CONFIG = {
    "tokenizer": {"vocab_size": 2048},
    "model": {"n_layer": 4, "n_head": 4, "n_embd": 128},
    "training": {"block_size": 256, "batch_size": 8, "eval_interval": 1_000_000, "checkpoint_interval": 1_000_000},
}
HELD_OUT = 250
UNIQUE = 1600
"""Documents that are damaged, beside the clean ones."""


def run(*words):
    subprocess.run([sys.executable, "-m", "groundup", *map(str, words)], check=True)


def prepare(options):
    """The mixture, the held-out text, the subset of BLiMP and both corpora."""
    chance = random.Random(9)
    clean = corpus_damage.clean_documents(options.data, options.megabytes, chance)
    held_out, unique, clean = clean[:HELD_OUT], clean[HELD_OUT : HELD_OUT + UNIQUE], clean[HELD_OUT + UNIQUE :]
    (options.out / "held-out.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in held_out))
    raw = options.out / "raw"
    raw.mkdir()
    corpus_damage.damage(raw, clean, unique, options.evaluation, options.out / "planted.jsonl", chance)
    pairs = options.out / "pairs"
    pairs.mkdir()
    for path in sorted(options.evaluation.rglob("*.jsonl")):
        lines = path.read_text(encoding="utf-8").splitlines()[: options.pairs]
        (pairs / path.name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    for cleaning in ("none", "web"):
        extra = ["--evaluation", options.out / "planted.jsonl"] if cleaning == "web" else []
        run("corpus", raw, "--output-file", options.out / f"{cleaning}.jsonl", "--cleaning", cleaning, *extra)


def train(options, cleaning, seed):
    """Train one model and return its scores."""
    folder = options.out / f"{cleaning}-{seed}"
    scores = folder / "scores.json"
    if not scores.exists():
        folder.mkdir(exist_ok=True)
        tokens = options.out / f"{cleaning}-tokens"
        config = json.loads(json.dumps(CONFIG))
        config["corpus"] = {"input": [str(options.out / f"{cleaning}.jsonl")]}
        config["tokenizer"]["path"] = str(tokens / "tokenizer")
        config["dataset"] = {"dir": str(tokens)}
        config["training"] |= {"max_steps": options.steps, "seed": seed, "output_dir": str(folder / "run")}
        (folder / "config.json").write_text(json.dumps(config))
        run("train", "--config", folder / "config.json")
        text, pairs = options.out / "held-out.jsonl", options.out / "pairs"
        run("eval", folder / "run", "--text", text, "--pairs", pairs, "--output", folder / "part.json")
        (folder / "part.json").rename(scores)
    return json.loads(scores.read_text())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--evaluation", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--megabytes", type=float, default=6)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--pairs", type=int, default=100, help="of each paradigm")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if not (options.out / "web.jsonl").exists():
        prepare(options)
    print("| corpus | seed | bits per byte | pairs |\n|---|---|---|---|")
    for cleaning in ("none", "web"):
        bits, right = [], []
        for seed in options.seeds:
            scores = train(options, cleaning, seed)
            suites = {suite["suite"]: suite["scores"] for suite in scores["suites"]}
            bits.append(suites["text"]["bits_per_byte"])
            right.append(suites["pairs"]["overall"]["accuracy"])
            print(f"| {cleaning} | {seed} | {bits[-1]:.4f} | {right[-1]:.4f} |", flush=True)
        spread = [f"{statistics.stdev(values):.4f}" if len(values) > 1 else "-" for values in (bits, right)]
        print(f"| {cleaning} | mean (deviation) | {statistics.mean(bits):.4f} ({spread[0]}) "
              f"| {statistics.mean(right):.4f} ({spread[1]}) |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
