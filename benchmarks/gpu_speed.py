"""A GPT-2 of 124M parameters and ours of that size on one GPU: tokens/s, share of the peak, time to equal loss.

    python benchmarks/gpu_speed.py --tokens DIR --minutes 2

Ours is the default architecture with the default optimizer, as `groundup train` steps it on a GPU: bf16, compiled, SDPA. The peer
is a loop in the style of nanoGPT: GPT-2 with learned positions, tied embeddings and GELU, bf16 autocast over fp32 weights, compiled,
flash attention through SDPA, fused AdamW at 6e-4 with betas of 0.9 and 0.95, decay of 0.1, clipping at 1, warm-up and cosine, TF32. First
both step in turns (medians of the turns); then, with --minutes, the peer trains for so long from its first weights, compilation not
counted, and ours, with its schedule for as long, until it has the loss that the peer ended with. Both read random windows of the token files, in one
order, and are judged on the same validation windows. The peak is that of square matrix products in this process.

    python benchmarks/gpu_speed.py --tokens DIR --device cpu --shape 2x64 --context 64 --batch 4 --minutes 0.1 --no-compile    tries it without a GPU
"""

import argparse
import json
import math
import statistics
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from groundup.data.token_files import find_token_sets
from groundup.model.accounting import flops_per_token
from groundup.model.config import ModelConfig
from groundup.model.initialisation import initialise
from groundup.model.loss import cross_entropy
from groundup.model.transformer import Transformer
from groundup.training.optimizer import build_optimizers
from groundup.training.schedule import learning_rate_share, muon_momentum
from groundup.training.settings import TrainingConfig, fill_rates
from groundup.training.step import MicroBatch, measure_step, take_step
from groundup.utils.device import matmul_flops_per_second, synchronize


class Contender(ABC):
    """A model that takes steps, and can begin anew without compiling anew."""

    name: str
    model: nn.Module

    @abstractmethod
    def begin(self) -> None:
        """First weights, and an optimizer that remembers nothing."""

    @abstractmethod
    def step(self, inputs: Tensor, targets: Tensor, share: float) -> None:
        """Train on a batch, (b, T) each; share: how far the run is, from 0 to 1."""

    @abstractmethod
    def loss(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """Mean nats a token."""

    @torch.no_grad()
    def judge(self, windows: list[tuple[Tensor, Tensor]]) -> float:
        """Mean nats a token of all windows."""
        self.model.eval()
        losses = [self.loss(inputs, targets).item() for inputs, targets in windows]
        self.model.train()
        return statistics.fmean(losses)


class Ours(Contender):
    """The default architecture and optimizer."""

    name = "groundup"

    def __init__(self, options: argparse.Namespace, shape: ModelConfig, device: torch.device) -> None:
        self.seed, self.plain = options.seed, Transformer(shape).to(device)
        self.plain.set_compute(torch.bfloat16, attention="sdpa")
        self.model = cast(nn.Module, torch.compile(self.plain)) if options.compile else self.plain
        self.settings = TrainingConfig(block_size=options.context, batch_size=options.batch)
        fill_rates(self.settings, 1.0, "wide")
        self.begin()

    def begin(self) -> None:
        initialise(self.plain, seed=self.seed)
        self.optimizers, self.number = build_optimizers(self.plain, self.settings), 0

    def step(self, inputs: Tensor, targets: Tensor, share: float) -> None:
        settings = self.settings
        rate = learning_rate_share(
            round(1000 * share), 1000, schedule=settings.schedule, warmup=settings.warmup, decay=settings.decay,
            final=settings.final_learning_rate,
        )  # fmt: skip
        self.optimizers.set_rates(rate, muon_momentum(self.number))
        result = measure_step(self.model, [MicroBatch(inputs, targets)])
        take_step(self.plain, self.optimizers, result, max_grad_norm=settings.max_grad_norm)
        self.number += 1

    def loss(self, inputs: Tensor, targets: Tensor) -> Tensor:
        nats, count = cross_entropy(self.model(inputs), targets)
        return nats / count


WARMUP = 0.05  # of the peer's run


class PeerBlock(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width, bias=False), nn.LayerNorm(width, bias=False)
        self.qkv, self.out = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.up, self.down = nn.Linear(width, 4 * width, bias=False), nn.Linear(4 * width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (
            part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in self.qkv(self.norm1(x)).chunk(3, dim=-1)
        )
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(mixed.transpose(1, 2).flatten(-2))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class PeerModel(nn.Module):
    def __init__(self, shape: ModelConfig, vocabulary: int) -> None:
        super().__init__()
        self.tokens, self.places = nn.Embedding(vocabulary, shape.n_embd), nn.Embedding(shape.block_size, shape.n_embd)
        self.blocks = nn.ModuleList(PeerBlock(shape.n_embd, shape.n_head) for _ in range(shape.n_layer))
        self.norm = nn.LayerNorm(shape.n_embd, bias=False)
        self.head = nn.Linear(shape.n_embd, vocabulary, bias=False)
        self.head.weight = self.tokens.weight

    def forward(self, inputs: Tensor, targets: Tensor) -> Tensor:
        x = self.tokens(inputs) + self.places.weight[: inputs.shape[1]]
        for block in self.blocks:
            x = block(x)
        return F.cross_entropy(self.head(self.norm(x)).flatten(0, 1), targets.flatten())


class Peer(Contender):
    """nanoGPT's way, at its usual settings for this size."""

    name = "peer"

    def __init__(self, options: argparse.Namespace, shape: ModelConfig, device: torch.device) -> None:
        self.seed, self.rate, self.device = options.seed, options.peer_rate, device
        self.plain = PeerModel(shape, -(-shape.vocab_size // 64) * 64).to(device)  # padded, as nanoGPT advises
        self.model = cast(nn.Module, torch.compile(self.plain)) if options.compile else self.plain
        self.begin()

    @torch.no_grad()
    def begin(self) -> None:
        torch.manual_seed(self.seed)
        for name, parameter in self.plain.named_parameters():
            narrow = name.endswith(("out.weight", "down.weight"))
            if parameter.ndim == 2:
                parameter.normal_(std=0.02 / math.sqrt(2 * len(self.plain.blocks)) if narrow else 0.02)
            else:
                parameter.fill_(1.0)
        decayed = [parameter for parameter in self.plain.parameters() if parameter.ndim >= 2]
        others = [parameter for parameter in self.plain.parameters() if parameter.ndim < 2]
        groups = [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=self.rate, betas=(0.9, 0.95), fused=True)

    def step(self, inputs: Tensor, targets: Tensor, share: float) -> None:
        warm = min(1.0, (share + 1e-3) / WARMUP)
        cosine = 0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * max(0.0, share - WARMUP) / (1 - WARMUP)))
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * min(warm, cosine)
        self.loss(inputs, targets).backward()
        nn.utils.clip_grad_norm_(self.plain.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)

    def loss(self, inputs: Tensor, targets: Tensor) -> Tensor:
        with torch.autocast(self.device.type, torch.bfloat16):
            return cast(Tensor, self.model(inputs, targets))


class Windows:
    """Random windows of a split's token files, in an order that the seed gives."""

    def __init__(self, folder: Path, split: str, context: int, device: torch.device, seed: int) -> None:
        self.tokens = np.concatenate([found.tokens for found in find_token_sets(folder, split=split)]).astype(np.int64)
        self.context, self.device = context, device
        self.generator = np.random.default_rng(seed)

    def draw(self, rows: int) -> tuple[Tensor, Tensor]:
        """Inputs and targets, (rows, context) each."""
        starts = self.generator.integers(0, len(self.tokens) - self.context - 1, rows)
        picked = torch.from_numpy(np.stack([self.tokens[start : start + self.context + 1] for start in starts]))
        picked = picked.to(self.device, non_blocking=True)
        return picked[:, :-1].contiguous(), picked[:, 1:].contiguous()


def time_steps(contender: Contender, windows: Windows, options: argparse.Namespace) -> float:
    """Seconds a step, over `options.steps` steps."""
    batches = [windows.draw(options.batch) for _ in range(options.steps)]
    synchronize(windows.device)
    began = time.perf_counter()
    for inputs, targets in batches:
        contender.step(inputs, targets, 0.02)
    synchronize(windows.device)
    return (time.perf_counter() - began) / options.steps


def train(
    contender: Contender,
    windows: Windows,
    judges: list[tuple[Tensor, Tensor]],
    options: argparse.Namespace,
    *,
    stop: float,
) -> list[tuple[float, float]]:
    """(seconds of training, validation loss) at twenty times; ends early below `stop` nats."""
    curve: list[tuple[float, float]] = []
    seconds, whole = 0.0, 60 * options.minutes
    while seconds < whole:
        inputs, targets = windows.draw(options.batch)
        synchronize(windows.device)
        began = time.perf_counter()
        contender.step(inputs, targets, seconds / whole)
        synchronize(windows.device)
        seconds += time.perf_counter() - began
        if seconds >= (len(curve) + 1) * whole / 20:
            curve.append((seconds, contender.judge(judges)))
            if curve[-1][1] <= stop:
                break
    return curve


def main() -> None:
    """Compare and print one JSON line for each result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=Path, required=True, help="folder of token files made by groundup")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--shape", default="12x768", help="layers x width; heads of 64")
    parser.add_argument("--context", type=int, default=1024)
    parser.add_argument("--batch", type=int, default=32, help="sequences a step")
    parser.add_argument(
        "--vocabulary", type=int, default=50_304, help="rows of the embedding; at least the tokenizer's"
    )
    parser.add_argument("--steps", type=int, default=20, help="a turn")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=0.0, help="of training each, for the time to equal loss")
    parser.add_argument("--peer-rate", type=float, default=6e-4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-compile", dest="compile", action="store_false")
    options = parser.parse_args()
    torch.set_float32_matmul_precision("high")
    device = torch.device(options.device)
    layers, width = map(int, options.shape.split("x"))
    shape = ModelConfig(
        n_layer=layers,
        n_head=max(1, width // 64),
        n_embd=width,
        vocab_size=options.vocabulary,
        block_size=options.context,
    )
    windows = Windows(options.tokens, "train", options.context, device, options.seed)
    if windows.tokens.max() >= options.vocabulary:
        parser.error(f"--vocabulary {options.vocabulary} is too small: the token files hold id {windows.tokens.max()}")
    ours, peer = Ours(options, shape, device), Peer(options, shape, device)
    compare_speed(ours, peer, windows, shape, options)
    if options.minutes:
        compare_loss(ours, peer, options, device)


def compare_speed(ours: Ours, peer: Peer, windows: Windows, shape: ModelConfig, options: argparse.Namespace) -> None:
    """Steps in turns."""
    times: dict[str, list[float]] = {ours.name: [], peer.name: []}
    for turn in range(options.turns + 1):
        for contender in (ours, peer):
            seconds = time_steps(contender, windows, options)
            if turn:  # the first one compiles
                times[contender.name].append(seconds)
    peak = matmul_flops_per_second(windows.device, torch.bfloat16, seconds=1.0)
    for contender in (ours, peer):
        speed = options.batch * options.context / statistics.median(times[contender.name])
        parameters = sum(parameter.numel() for parameter in contender.model.parameters())
        result = {"who": contender.name, "parameters": parameters, "tokens_per_second": round(speed)}
        if contender is ours:
            result |= {"share_of_peak": speed * flops_per_token(shape) / peak, "peak_tflops": peak / 1e12}
        print(json.dumps(result), flush=True)
    ratio = statistics.median(theirs / own for own, theirs in zip(times[ours.name], times[peer.name], strict=True))
    print(json.dumps({"tokens_per_second_beside_peer": ratio}), flush=True)


def compare_loss(ours: Ours, peer: Peer, options: argparse.Namespace, device: torch.device) -> None:
    """The peer for its minutes, then ours until it is where the peer ended."""
    validation = Windows(options.tokens, "val", options.context, device, 0)
    judges = [validation.draw(options.batch) for _ in range(8)]
    end, whole = -math.inf, math.nan
    for contender in (peer, ours):
        contender.judge(judges)  # compiles
        contender.begin()
        windows = Windows(options.tokens, "train", options.context, device, options.seed)
        curve = train(contender, windows, judges, options, stop=end)
        print(json.dumps({"who": contender.name, "curve": curve}), flush=True)
        if contender is peer:
            whole, end = curve[-1]
    less = whole / curve[-1][0] if curve[-1][1] <= end else None
    print(json.dumps({"times_less_to_equal_loss": less}), flush=True)


if __name__ == "__main__":
    main()
