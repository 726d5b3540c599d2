"""What share of the processor's matrix-product peak a training step reaches, both measured in this process.

    python benchmarks/peak_share.py --shapes 4x128 6x256 8x384 --turns 5

A step is gradients and update, as `groundup train` takes it, on random tokens. Its FLOPs are those of the model
(training/accounting: attention halved, since it is causal; the optimizer's own products count nothing), the peak is that of
square products of 1,024 in the same precision. Both are measured in turns, the share is the median of the turns' shares.
"""

import argparse
import os
import statistics
import sys

os.environ.setdefault("GOMP_SPINCOUNT", "10000")  # as the command line sets it, before torch is imported

import torch

from groundup.model.accounting import count_parameters, flops_per_token
from groundup.model.config import ModelConfig, resolve
from groundup.training.probe import step_seconds
from groundup.training.settings import TrainingConfig
from groundup.utils.device import PRECISIONS, choose_precision, matmul_flops_per_second


def main() -> None:
    """Print a row for each shape."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", nargs="+", default=["4x128", "6x256", "8x384"], help="layers x width")
    parser.add_argument("--vocabulary", type=int, default=4096)
    parser.add_argument("--context", type=int, default=256)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--workers", type=int, default=torch.get_num_threads(), help="threads with rows of their own")
    parser.add_argument("--precision", default="auto", choices=["auto", *PRECISIONS])
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    device = torch.device("cpu")
    dtype, why = choose_precision(options.precision, device)
    print(f"{torch.get_num_threads()} threads, {dtype}: {why}", file=sys.stderr)
    print("shape   parameters  step ms  tokens/s  peak GFLOP/s  share of the peak")
    for shape in options.shapes:
        layers, width = map(int, shape.split("x"))
        size = resolve(
            ModelConfig(
                n_layer=layers,
                n_head=max(4, width // 64),
                n_embd=width,
                vocab_size=options.vocabulary,
                block_size=options.context,
            )
        )
        training = TrainingConfig(
            block_size=options.context,
            batch_size=options.batch,
            micro_batch_size=options.batch,
            threads=torch.get_num_threads(),
            precision=str(dtype).removeprefix("torch."),
            device="cpu",
        )
        tokens = options.batch * options.context
        steps, peaks, shares = [], [], []
        for _ in range(options.turns):
            before = matmul_flops_per_second(device, dtype)
            steps.append(step_seconds(size, training, options.workers, repeats=5))
            peaks.append(max(before, matmul_flops_per_second(device, dtype)))
            shares.append(tokens * flops_per_token(size) / steps[-1] / peaks[-1])
        step, peak = statistics.median(steps), statistics.median(peaks)
        print(
            f"{shape:7} {count_parameters(size).total:11,}  {1e3 * step:7.1f}  {tokens / step:8,.0f}"
            f"  {peak / 1e9:12.0f}  {statistics.median(shares):.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
