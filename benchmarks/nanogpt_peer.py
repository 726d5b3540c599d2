"""The peer on characters of Shakespeare: nanoGPT's published recipe for a CPU, written anew from its description.

README of nanoGPT, "I only have a macbook": 4 layers, 4 heads, 128 wide, context 64, batch 12, 2,000 steps, no dropout, no
compilation; with config/train_shakespeare_char.py: AdamW at 1e-3 falling along a cosine to 1e-4 after 100 steps of warm-up, betas
0.9 and 0.99, weight decay 0.1 on matrices, gradients clipped at 1, an evaluation of 20 batches of each split every 250 steps. The model is GPT-2's without
biases, tied, in fp32, attention through SDPA. Prints one JSON line a step of interest; the last has the loss on the whole validation split.
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

T, B, LAYERS, HEADS, C = 64, 12, 4, 4, 128
STEPS, WARMUP, RATE, LEAST = 2000, 100, 1e-3, 1e-4
BEGAN = time.time()


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(C, bias=False), nn.LayerNorm(C, bias=False)
        self.qkv, self.out = nn.Linear(C, 3 * C, bias=False), nn.Linear(C, C, bias=False)
        self.up, self.down = nn.Linear(C, 4 * C, bias=False), nn.Linear(4 * C, C, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (part.unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in self.qkv(self.norm1(x)).split(C, dim=-1))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(mixed.transpose(1, 2).flatten(-2))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Model(nn.Module):
    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.tokens, self.places = nn.Embedding(vocabulary, C), nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(C, bias=False)
        self.head = nn.Linear(C, vocabulary, bias=False)
        self.head.weight = self.tokens.weight
        for name, p in self.named_parameters():
            if p.ndim == 2:
                nn.init.normal_(
                    p, std=0.02 / math.sqrt(2 * LAYERS) if name.endswith(("out.weight", "down.weight")) else 0.02
                )

    def forward(self, ids: Tensor, targets: Tensor) -> Tensor:
        x = self.tokens(ids) + self.places.weight[: ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return F.cross_entropy(self.head(self.norm(x)).flatten(0, 1), targets.flatten())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1337)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    text = options.text.read_text(encoding="utf-8")
    alphabet = sorted(set(text))
    number = {c: i for i, c in enumerate(alphabet)}
    data = np.array([number[c] for c in text], dtype=np.uint16)
    splits = {"train": data[: int(0.9 * len(data))], "val": data[int(0.9 * len(data)) :]}

    def draw(split: str) -> tuple[Tensor, Tensor]:
        source = splits[split]
        starts = torch.randint(len(source) - T, (B,)).tolist()
        x, y = (
            torch.stack([torch.from_numpy(source[s + o : s + o + T].astype(np.int64)) for s in starts]) for o in (0, 1)
        )
        return x, y

    model = Model(len(alphabet))
    matrices = [p for p in model.parameters() if p.ndim >= 2]
    vectors = [p for p in model.parameters() if p.ndim < 2]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}],
        lr=RATE,
        betas=(0.9, 0.99),
    )

    @torch.no_grad()
    def estimate() -> dict[str, float]:
        return {split: sum(model(*draw(split)).item() for _ in range(20)) / 20 for split in splits}

    batch = draw("train")
    for step in range(STEPS + 1):
        rate = (
            RATE * (step + 1) / (WARMUP + 1)
            if step < WARMUP
            else LEAST + (RATE - LEAST) * 0.5 * (1 + math.cos(math.pi * (step - WARMUP) / (STEPS - WARMUP)))
        )
        for group in optimizer.param_groups:
            group["lr"] = rate
        if step % 250 == 0:
            print(json.dumps({"step": step, "seconds": time.time() - BEGAN, **estimate()}), flush=True)
        loss = model(*batch)
        batch = draw("train")
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        loss.item()
    seconds = time.time() - BEGAN
    val = torch.from_numpy(splits["val"].astype(np.int64))
    windows = (len(val) - 1) // T
    x, y = val[: windows * T].view(-1, T), val[1 : windows * T + 1].view(-1, T)
    with torch.no_grad():
        nats = sum(model(a, b).item() * len(a) for a, b in zip(x.split(64), y.split(64), strict=True)) / len(x)
    print(json.dumps({"seconds": seconds, "tokens_per_second": STEPS * B * T / seconds, "val_nats": nats}))


if __name__ == "__main__":
    main()
