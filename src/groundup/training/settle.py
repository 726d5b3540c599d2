"""What is "auto" is decided here: once, with a printed reason, and then kept in the run's config.yaml.

A resumed run takes what the first start decided, so that it computes the same thing.
"""

import copy
import dataclasses
import math
import statistics
import time
from collections.abc import Callable

import torch

from groundup.model.accounting import TOKENS_PER_PARAMETER, activation_bytes, optimal_tokens
from groundup.model.config import ModelConfig, ResolvedConfig, resolve
from groundup.model.initialisation import starts_at_zero
from groundup.model.native.kernels import load_kernels
from groundup.model.transformer import attend_explicit, attend_sdpa, attention_mask
from groundup.training.config import Config, flatten
from groundup.training.probe import LONGEST_EXPLICIT, shallow, step_seconds
from groundup.training.settings import (
    RATES,
    TRAINED_SHARE,
    WIDE,
    TrainingConfig,
    fill_rates,
)
from groundup.utils.device import choose_precision, free_memory_bytes, resolve_device, synchronize
from groundup.utils.errors import UserError
from groundup.utils.progress import Say

# What a resumed run cannot change without being another run, and why nothing else would help.
FIXED_KEYS = (
    "training.seed",
    "training.block_size",
    "training.batch_size",
    "training.optimizer",
    "training.init_from",
    "tuning.shrink",
)
SHARED_CHANCE = "PyTorch's own attention draws dropout from one sequence for all rows"
FREE_MODEL_KEYS = ("model.dropout", "model.vocab_size", "model.block_size")  # the last two follow other settings
LEAST_PER_WORKER = 1 << 15  # activations of one layer, below which row threads gain little or lose (LOG.md)
CLEARLY = 0.95  # a measured advantage smaller than this may be chance
TURNS = 3
ENOUGH = 0.8  # an advantage that needs no second measurement
MOST_PASSES = 4  # repeated text teaches nearly as much as new text up to about here (Muennighoff et al. 2023)


def check_unchanged(config: Config, saved: Config, run_folder: object) -> None:
    """Raise UserError when a resumed run would become another one: key, old and new value, what to do."""
    old, new = flatten(saved), flatten(config)
    for key in new:
        fixed = key in FIXED_KEYS or (key.startswith("model.") and key not in FREE_MODEL_KEYS)
        if fixed and new[key] is not None and old[key] != new[key]:
            raise UserError(
                f"{key} was {old[key]} when {run_folder} began and is {new[key]} now: that would be another model. "
                "Set it back, give another training.output_dir, or begin anew with --restart."
            )


def settle(
    config: Config,
    saved: Config | None,
    *,
    vocab_size: int,
    train_tokens: int,
    say: Say,
    embedding_deviation: float | None = None,
    processes: int = 1,
) -> Config:
    """Return a copy of `config` in which nothing is open: every "auto" is decided, or taken from `saved`.

    embedding_deviation: standard deviation of the token embedding that the run begins with; None: it is drawn.
    processes: how many share a batch.
    """
    config = copy.deepcopy(config)
    training = config.training
    # Rows that no token uses are kept where a configuration names them; a model that is there keeps its context, too.
    named = training.init_from is not None or config.model.vocab_size != ModelConfig.vocab_size
    config.model.vocab_size = max(vocab_size, config.model.vocab_size) if named else vocab_size
    shape = resolve(dataclasses.replace(config.model, block_size=training.block_size))
    if training.init_from is None:
        config.model.block_size = training.block_size
    for key in ("n_kv_head", "head_size", "n_ff"):
        setattr(config.model, key, getattr(shape, key))
    if saved is not None:
        take_decisions(training, saved.training, say)
    device = resolve_device(training.device)
    training.device = str(device)
    settle_rates(training, starts_at_zero(shape) if embedding_deviation is None else embedding_deviation > WIDE, say)
    if training.threads == "auto":
        training.threads = torch.get_num_threads()
    torch.set_num_threads(int(training.threads))
    if training.precision == "auto":
        dtype, reason = choose_precision("auto", device)
        training.precision = str(dtype).removeprefix("torch.")
        say(f"precision {training.precision}: {reason}")
    if training.micro_batch_size == "auto":
        training.micro_batch_size = fit_micro_batch(shape, training, device, processes)
        if training.micro_batch_size < math.ceil(training.batch_size / processes):
            say(f"micro-batch {training.micro_batch_size} of {training.batch_size} sequences: what memory allows")
    if training.compile == "auto":
        training.compile, reason = choose_compile(device)
        say(f"compile {'on' if training.compile else 'off'}: {reason}")
    if training.workers == "auto":
        training.workers, reason = choose_workers(shape, training, device, processes)
        say(f"workers {training.workers}: {reason}")
    if training.attention == "auto":
        training.attention, reason = choose_attention(shape, training, device)
        say(f"attention {training.attention}: {reason}")
    if training.attention == "sdpa" and shape.dropout > 0 and int(training.workers) > 1 and processes == 1:
        raise UserError(
            f"training.workers={training.workers} and training.attention=sdpa do not go together with model.dropout: "
            f"{SHARED_CHANCE}. Set training.attention=explicit or training.workers=1."
        )
    if training.max_steps is None and training.max_tokens is None and training.max_minutes is None:
        training.max_tokens, reason = default_tokens(shape, train_tokens)
        say(f"training.max_tokens {training.max_tokens:,}: {reason}")
    return config


def settle_rates(training: TrainingConfig, wide: bool, say: Say) -> None:
    """Decide the learning rates that are open. wide: the token embedding has a deviation of about 1."""
    share = 1.0 if training.init_from is None else TRAINED_SHARE
    if training.learning_rate == "auto" and share < 1:
        say(f"learning rates at {share:g} of those for fresh weights: these are trained already")
    fill_rates(training, share, "wide" if wide else "narrow")


DECISIONS = (*RATES, "threads", "precision", "micro_batch_size", "workers", "attention", "compile")


def take_decisions(training: TrainingConfig, saved: TrainingConfig, say: Say) -> None:
    """Fill what is open from an earlier start. On another kind of device, what depends on it is decided anew."""
    if training.device == "auto":
        training.device = saved.device if device_is_there(saved.device) else "auto"
    moved = resolve_device(training.device).type != torch.device(saved.device).type
    if moved:
        say(f"this run was on {saved.device} before: going on within rounding, no longer to the last bit")
    for key in DECISIONS:
        if getattr(training, key) == "auto" and (key in RATES or not moved):
            setattr(training, key, getattr(saved, key))
    limits = ("max_steps", "max_tokens", "max_minutes")
    if all(getattr(training, key) is None for key in limits):
        for key in limits:
            setattr(training, key, getattr(saved, key))


def device_is_there(name: str) -> bool:
    """Whether this machine has the device."""
    try:
        resolve_device(name)
    except UserError:
        return False
    return True


def default_tokens(shape: ResolvedConfig, train_tokens: int) -> tuple[int, str]:
    """How many tokens to train on when no limit is given, and why."""
    from_size = optimal_tokens(shape)
    from_text = MOST_PASSES * train_tokens
    if from_size <= from_text:
        return from_size, f"{TOKENS_PER_PARAMETER} tokens a parameter are compute-optimal"
    return from_text, f"{MOST_PASSES} passes over the text; more than that teaches little"


def fit_micro_batch(shape: ResolvedConfig, training: TrainingConfig, device: torch.device, processes: int) -> int:
    """The largest halving of a process's share of the batch whose activations fit in half of the free memory."""
    free = free_memory_bytes(device)
    if device.type == "cpu":
        free //= processes
    micro = math.ceil(training.batch_size / processes)
    while free and micro > 1 and activation_bytes(shape, micro) > free / 2:
        micro = math.ceil(micro / 2)
    return micro


def choose_workers(
    shape: ResolvedConfig, training: TrainingConfig, device: torch.device, processes: int
) -> tuple[int, str]:
    """How many threads take rows of their own (see `training/workers`), and why."""
    rows = int(training.micro_batch_size)
    count = min(int(training.threads), rows)
    for obstacle, why in (
        (device.type != "cpu" or processes > 1, "only for one process on a CPU"),
        (training.compile is True, "torch.compile makes one program of the step"),
        (training.threads == 1, "there is one thread"),
        (shape.dropout > 0 and training.attention == "sdpa", SHARED_CHANCE),
        (2 * rows <= int(training.threads), "the threads have more to do together than with a few rows each"),
        (
            rows // count * training.block_size * shape.n_embd < LEAST_PER_WORKER,
            "operations of this size are so short that threads would wait for Python, which runs one at a time",
        ),
    ):
        if obstacle:
            return 1, why
    small = resolve(shallow(dataclasses.replace(shape, block_size=training.block_size), 2))
    shares: list[float] = []  # of the time that all threads on each operation take
    while len(shares) < TURNS and not _settled(shares):
        together, alone = (step_seconds(small, training, number, repeats=2) for number in (1, count))
        shares.append(alone / together)
    share = statistics.median(shares)
    if share > CLEARLY:
        return 1, f"threads that take rows of their own would need {share:.2f} times as long here and now"
    kernels = load_kernels()
    note = f"; no kernels in C: {kernels}" if isinstance(kernels, str) else ""
    return count, f"each takes rows of its own: {1 / share:.2f} times as fast as all on each operation{note}"


def _settled(shares: list[float]) -> bool:
    """Whether another measurement would change nothing: one that is far from 1, or two on the same side."""
    far = any(not ENOUGH < share < 1 / ENOUGH for share in shares)
    return far or (len(shares) > 1 and len({share > CLEARLY for share in shares}) == 1)


def choose_attention(shape: ResolvedConfig, training: TrainingConfig, device: torch.device) -> tuple[str, str]:
    """Time both attention paths, forward and backward, at the run's own shape; take the faster one."""
    if device.type != "cpu":
        return "sdpa", "the fused kernels of an accelerator need no T x T memory"
    T = training.block_size
    if shape.dropout > 0:
        return "explicit", "with dropout, PyTorch's own writes the scores out as well"
    if T > LONGEST_EXPLICIT:
        return "sdpa", f"explicit scores would take T x T memory at a context of {T}"
    dtype = torch.bfloat16 if training.precision in ("bfloat16", "bf16") else torch.float32
    alone = int(training.workers) > 1  # as the run will compute: one thread with some of the rows
    b = min(int(training.micro_batch_size) // int(training.workers), 4)
    q, k, v = (
        torch.randn(b, heads, T, shape.head_size, device=device).to(dtype).requires_grad_()
        for heads in (shape.n_head, shape.n_kv_head, shape.n_kv_head)
    )
    mask = attention_mask(torch.zeros(b, T, 1, device=device, dtype=dtype), 0, None)

    def explicit() -> torch.Tensor:
        return attend_explicit(q, k, v, mask, causal=True, dropout=0.0)

    def fused() -> torch.Tensor:
        return attend_sdpa(q, k, v, None, causal=True, dropout=0.0)

    torch.set_num_threads(1 if alone else int(training.threads))
    times = {"explicit": median_seconds(explicit, device), "sdpa": median_seconds(fused, device)}
    torch.set_num_threads(int(training.threads))
    fastest = min(times, key=lambda name: times[name])
    slowest = max(times, key=lambda name: times[name])
    return fastest, f"{times[slowest] / times[fastest]:.1f} times as fast as {slowest} at this shape"


def median_seconds(forward: Callable[[], torch.Tensor], device: torch.device, *, repeats: int = 5) -> float:
    """Median time of a forward and backward pass, after one that does not count."""
    times: list[float] = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        forward().sum().backward()
        synchronize(device)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def choose_compile(device: torch.device) -> tuple[bool, str]:
    """Compile where it is known to pay; on a CPU its half minute is rarely earned back."""
    if device.type != "cuda":
        return False, "it would first take half a minute or more on this device"
    try:
        torch.compile(lambda x: x * 2 + 1)(torch.ones(8, device=device))
    except Exception as error:  # the compiler fails in as many types as it has parts
        return False, f"the compiler does not work here ({type(error).__name__})"
    return True, "a GPU runs compiled steps much faster"
