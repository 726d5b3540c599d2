"""Bits per byte at equal computation: small models that read much, large ones that read little.

    python benchmarks/tokens_per_parameter.py --tokens DIR --tokenizer DIR --operations 5e12

For each shape as many steps of 8 x 256 tokens as the computation allows (6 operations for each token and each parameter that multiplies),
default recipe, the schedule's whole length, scored on all validation text. Losses at fixed steps do not depend on the machine's load. A line a
run goes to tokens_per_parameter.jsonl beside this file; runs that stand there are not made again.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from groundup.model.config import ModelConfig
from groundup.runs.metrics import read_rows
from groundup.training.config import load_config
from groundup.training.plan import multiplying

RESULTS = Path(__file__).with_suffix(".jsonl")
SHAPES = ((2, 1, 32), (2, 1, 64), (3, 2, 96), (4, 2, 128), (4, 3, 192), (6, 4, 256))  # layers, heads, width
STEP_TOKENS = 8 * 256
OPERATIONS = 6  # for each parameter and token


def train(options: argparse.Namespace, shape: tuple[int, int, int], steps: int) -> dict[str, float]:
    """Train one shape in a process of its own; its row of the results."""
    layers, heads, width = shape
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "one.yaml").write_text(
            f"tokenizer: {{path: {options.tokenizer.resolve()}, vocab_size: 4096}}\n"
            f"dataset: {{dir: {options.tokens.resolve()}}}\n"
            f"model: {{n_layer: {layers}, n_head: {heads}, n_embd: {width}}}\n"
            f"training: {{max_steps: {steps}, eval_interval: 1000000, sample_tokens: 0, precision: bfloat16}}\n"
            "logging: {tensorboard: false}\n",
            encoding="utf-8",
        )
        subprocess.run([sys.executable, "-m", "groundup", "train", "--config", "one.yaml"], check=True, cwd=folder)
        run = folder / "checkpoints/one"
        score = json.loads((run / "evaluation.json").read_text(encoding="utf-8"))
        *_, last = (row for row in read_rows(run / "metrics.jsonl") if "train_loss" in row)
        parameters = multiplying(load_config(run / "config.yaml").model)
    return {
        "operations": options.operations,
        "layers": layers,
        "width": width,
        "parameters": parameters,
        "steps": steps,
        "tokens": last["tokens"],
        "tokens_per_parameter": round(last["tokens"] / parameters, 4),
        "bytes_per_token": round(score["bytes"] / score["tokens"], 4),
        "bits_per_byte": round(score["val_bpb"], 5),
        "seconds": round(last["elapsed_seconds"], 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--operations", type=float, default=5e12)
    options = parser.parse_args()
    made = {(row["operations"], row["layers"], row["width"]) for row in read_rows(RESULTS)}
    for shape in SHAPES:
        layers, heads, width = shape
        if (options.operations, layers, width) in made:
            continue
        model = ModelConfig(n_layer=layers, n_head=heads, n_embd=width, vocab_size=4096)
        steps = round(options.operations / OPERATIONS / multiplying(model) / STEP_TOKENS)
        row = train(options, shape, steps)
        with RESULTS.open("a", encoding="utf-8") as f:
            f.write(json.dumps(row) + "\n")
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
