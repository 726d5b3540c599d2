"""The peer: a plain training loop over `transformers`' GPT-2 with AdamW, as many people write it, at its best here.

bf16 autocast with float32 weights, eager attention (on a CPU faster in bf16 than SDPA), fused AdamW, warmup and cosine,
windows drawn at random. It reads the same token files and is scored by the same evaluation as our own runs.
"""

import argparse
import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from transformers import GPT2Config, GPT2LMHeadModel

from groundup.data.loader import validation_windows
from groundup.data.token_files import find_token_sets
from groundup.evaluation.bits_per_byte import evaluate
from groundup.tokenizer.loading import load_tokenizer


class Logits(nn.Module):
    """A transformers model as a function from ids to logits, in the precision that it was trained in."""

    def __init__(self, model: GPT2LMHeadModel, bf16: bool) -> None:
        super().__init__()
        self.model, self.bf16 = model, bf16

    def forward(self, ids: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            return self.model(ids).logits


def train(options: argparse.Namespace) -> dict[str, float]:
    """Train for `options.minutes` and return the scores on all validation text."""
    torch.manual_seed(options.seed)
    tokenizer = load_tokenizer(options.tokenizer)
    T = options.block_size
    config = GPT2Config(
        vocab_size=tokenizer.vocab_size,
        n_positions=T,
        n_embd=options.n_embd,
        n_layer=options.n_layer,
        n_head=options.n_head,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        use_cache=False,
        bos_token_id=0,
        eos_token_id=0,
    )
    config._attn_implementation = options.attention
    model = GPT2LMHeadModel(config)
    model.train()
    decayed = [p for p in model.parameters() if p.ndim >= 2]
    others = [p for p in model.parameters() if p.ndim < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}],
        lr=options.learning_rate,
        betas=(0.9, 0.95),
        fused=True,
    )
    (found,) = find_token_sets(options.tokens, split="train")
    stream = found.tokens
    draw = np.random.default_rng(options.seed)
    limit = 60 * options.minutes
    began, steps, tokens = time.perf_counter(), 0, 0
    while True:
        elapsed = time.perf_counter() - began
        progress = steps / options.steps if options.steps else elapsed / limit
        if progress >= 1:
            break
        share = min(1.0, (steps + 1) / 100) * (0.1 + 0.9 * (1 + math.cos(math.pi * progress)) / 2)
        for group in optimizer.param_groups:
            group["lr"] = options.learning_rate * share
        starts = draw.integers(0, len(stream) - T - 1, options.batch_size)
        rows = torch.from_numpy(np.stack([stream[s : s + T + 1] for s in starts]).astype(np.int64))
        with torch.autocast("cpu", torch.bfloat16, enabled=options.bf16):
            logits = model(rows[:, :-1]).logits
        loss = nn.functional.cross_entropy(logits.flatten(0, 1).float(), rows[:, 1:].flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        steps, tokens = steps + 1, tokens + rows[:, 1:].numel()
        if steps % 200 == 0:
            print(f"step {steps} loss {loss.item():.3f} {tokens / (elapsed or 1):,.0f} tokens/s", file=sys.stderr)
    seconds = time.perf_counter() - began
    batches = validation_windows(find_token_sets(options.tokens, split="val"), T, batch_size=8)
    score = evaluate(Logits(model, options.bf16), batches, tokenizer.token_byte_lengths, device=torch.device("cpu"))
    if options.output is not None:
        model.save_pretrained(options.output)
        tokenizer.save(options.output)
    samples = []
    model.eval()
    model.config.use_cache = True
    for seed in range(0 if options.no_samples else 5):
        torch.manual_seed(seed)
        ids = model.generate(
            torch.tensor([[tokenizer.specials.ids["end_of_text"]]]),
            attention_mask=torch.ones(1, 1, dtype=torch.long),
            max_new_tokens=120,
            do_sample=True,
            temperature=0.8,
            pad_token_id=tokenizer.specials.ids["pad"],
            eos_token_id=tokenizer.specials.ids["end_of_text"],
        )
        samples.append(tokenizer.decode(ids[0].tolist()))
    return {
        "learning_rate": options.learning_rate,
        "parameters": model.num_parameters(),
        "steps": steps,
        "tokens": tokens,
        "tokens_per_second": tokens / seconds,
        **score.to_dict(),
        "samples": samples,
    }


def main() -> None:
    """Read the options, train, print the result as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=Path, required=True, help="folder of token files made by groundup")
    parser.add_argument("--tokenizer", type=Path, required=True, help="tokenizer folder made by groundup")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument(
        "--steps", type=int, help="end after so many steps instead: to choose a setting on a busy machine"
    )
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--block-size", type=int, default=256)
    parser.add_argument("--n-layer", type=int, default=6)
    parser.add_argument("--n-head", type=int, default=4)
    parser.add_argument("--n-embd", type=int, default=256)
    parser.add_argument("--attention", default="eager", choices=("eager", "sdpa"))
    parser.add_argument("--fp32", dest="bf16", action="store_false")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-samples", action="store_true")
    parser.add_argument("--output", type=Path, help="folder to save the model in, as a Hugging Face folder")
    print(json.dumps(train(parser.parse_args())))


if __name__ == "__main__":
    main()
