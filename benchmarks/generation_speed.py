"""Tokens a second of one sequence: the engine against transformers' generate with cache, same weights, cores, precision.

    python benchmarks/generation_speed.py [--sizes 10M 100M] [--precisions float32 bfloat16] [--rounds 3] [--cpu-time]

Random models; greedy; the two take turns, so that what else the machine does meets both. Also said: the share of the
memory bandwidth that reading every weight once a token would need. Numbers of one run compare; see LOG.md.

--cpu-time: one thread each, and processor seconds instead of seconds: for a machine that others use, too.
"""

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM

from groundup.inference.engine import Engine
from groundup.inference.generation import GenerationConfig
from groundup.inference.requests import Progress, Request
from groundup.inference.stepper import open_stepper
from groundup.model.accounting import count_parameters
from groundup.model.bundle import load_model, save_bundle
from groundup.model.config import ModelConfig
from groundup.model.initialisation import initialise
from groundup.model.transformer import Transformer
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.utils.processes import available_cores

SHAPES = {
    "10M": ModelConfig("qwen3", 4096, 1024, n_layer=8, n_head=5, n_embd=320, head_size=64),
    "100M": ModelConfig("qwen3", 16384, 1024, n_layer=12, n_head=12, n_embd=768),
}
NEW_TOKENS = {"10M": 200, "100M": 50}
PROMPT = tuple(range(100, 116))
Clock = Callable[[], float]


def make_model(size: str, folder: Path) -> Tokenizer:
    """A random model in `folder`, as users have theirs."""
    tokenizer = train_tokenizer(["the cat sat on the mat, the dog did not"] * 3, TokenizerConfig(vocab_size=270))
    model = Transformer(SHAPES[size])
    initialise(model, 1)
    with torch.no_grad():
        model.head.weight.normal_(std=0.05, generator=torch.Generator().manual_seed(1))
        model.head.weight[:16] = 0  # special tokens: never the likeliest, so that nothing ends early
    save_bundle(model, tokenizer, folder)
    return tokenizer


def bandwidth(clock: Clock) -> float:
    """Bytes a second that the threads read from memory."""
    numbers = torch.ones(1 << 28)  # 1 GiB
    best = 0.0
    for _ in range(6):
        begun = clock()
        numbers.sum()
        best = max(best, 4 * len(numbers) / (clock() - begun))
    return best


def ours(engine: Engine, n: int, clock: Clock) -> float:
    """Tokens a second, from the first token on."""
    times: list[float] = []
    over = threading.Event()

    def take(number: int, progress: Progress) -> None:
        times.append(clock())
        if progress.completion is not None:
            assert progress.completion.n_tokens == n, progress
            over.set()

    engine.submit([Request(PROMPT, GenerationConfig(max_new_tokens=n, temperature=0))], take)
    assert over.wait(600)
    return (n - 1) / (times[-1] - times[0])


def theirs(model: object, n: int, clock: Clock) -> float:
    """The same of transformers: time for n tokens less time for one."""
    ids = torch.tensor([PROMPT])

    def seconds(k: int) -> float:
        begun = clock()
        with torch.inference_mode():
            out = model.generate(  # type: ignore[attr-defined]
                ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=k, min_new_tokens=k,
                use_cache=True, pad_token_id=0,
            )  # fmt: skip
        assert out.shape[1] == len(PROMPT) + k
        return clock() - begun

    first = seconds(1)
    return (n - 1) / (seconds(n) - first)


def compare(size: str, precision: str, rounds: int, reads: float, n_threads: int, clock: Clock) -> None:
    """One line of results."""
    dtype, n = getattr(torch, precision), NEW_TOKENS[size]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        tokenizer = make_model(size, folder)
        model = load_model(folder, dtype=dtype)
        reference = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).eval()
        reference.generation_config.eos_token_id = None
    stepper = open_stepper(model, n_slots=1, n_threads=n_threads, say=print)
    engine = Engine(stepper, tokenizer, context=model.config.block_size)
    # The tokenizer is smaller than the model: the whole vocabulary is computed, its beginning is drawn from.
    ours(engine, 8, clock), theirs(reference, 4, clock)
    mine, peers = [], []
    for _ in range(rounds):
        mine.append(ours(engine, n, clock))
        peers.append(theirs(reference, n, clock))
    engine.close()
    # Read for each token: all but the embedding table, of which it takes one row.
    weights = sum(p.numel() * p.element_size() for name, p in model.named_parameters() if name != "embed.weight")
    rate, other = statistics.median(mine), statistics.median(peers)
    print(
        f"{size} ({count_parameters(model.config).total / 1e6:.1f}M) {precision}: engine {rate:,.0f} tokens/s "
        f"({min(mine):,.0f}-{max(mine):,.0f}), transformers {other:,.0f} ({min(peers):,.0f}-{max(peers):,.0f}): "
        f"{rate / other:.1f} times; {100 * rate * weights / reads:.0f} % of the bandwidth's {reads / weights:,.0f}",
        flush=True,
    )


def main() -> None:
    """All sizes in all precisions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", default=list(SHAPES), choices=list(SHAPES))
    parser.add_argument("--precisions", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cpu-time", action="store_true", help="one thread, processor seconds")
    options = parser.parse_args()
    n_threads, clock = (1, time.process_time) if options.cpu_time else (available_cores(), time.perf_counter)
    torch.set_num_threads(n_threads)
    reads = bandwidth(clock)
    kind = "per processor second" if options.cpu_time else "per second"
    print(f"{n_threads} threads, torch {torch.__version__}; {kind}; memory read at {reads / 1e9:.0f} GB/s", flush=True)
    for size in options.sizes:
        for precision in options.precisions:
            compare(size, precision, options.rounds, reads, n_threads, clock)


if __name__ == "__main__":
    main()
