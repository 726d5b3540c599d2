"""From a text and a time budget to a model: probe the machine, measure the corpus, choose and predict, with reasons.

Every candidate shape is timed here (with one and two of its layers) and its loss predicted for the bytes that it could
read in the time there is; the lowest prediction wins. In minutes small shapes win: what they lack in capacity they make
up for by reading several times as many bytes.
"""

import copy
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from groundup.data.documents import read_corpus
from groundup.model.accounting import (
    activation_bytes,
    count_parameters,
    flops_per_token,
    matrix_parameters,
    state_bytes,
)
from groundup.model.config import ModelConfig, ResolvedConfig, resolve
from groundup.training.config import Config
from groundup.training.loss_law import SAMPLE_BYTES, LossLaw, difficulty_of, load_law, spread_sample
from groundup.training.probe import shallow, step_seconds
from groundup.training.settings import TrainingConfig
from groundup.training.settle import choose_workers, fit_micro_batch
from groundup.utils.device import choose_precision, matmul_flops_per_second, resolve_device
from groundup.utils.errors import UserError
from groundup.utils.progress import Say

SHAPES = ((4, 2, 128), (4, 3, 192), (6, 4, 256), (6, 6, 384), (8, 8, 512), (12, 12, 768))  # layers, heads, width
BYTES_PER_TOKEN = {1024: 2.8, 2048: 3.4, 4096: 3.9}  # about, of English, by vocabulary (LOG.md)
LEAST_TEXT_FOR = {4096: 3_000_000, 2048: 1_200_000, 1024: 0}  # bytes; rare entries need examples, too
VALIDATION_SHARE = 0.05
LEAST_STEPS = 100  # a shape that would make fewer learns nothing that a smaller one would not
LIKELY_SHARE = 0.3  # of the matrix-product peak, to leave out shapes before they are timed
STARTUP_SECONDS = 7.0  # imports, decisions and the report
SECONDS_PER_MB = 0.35  # tokenizer and token files
TIMED_WHOLE = 1.0  # seconds a step: a slower model is timed by two of its layers
EVALUATION_SHARE = 1 / 3  # time of a token in an evaluation, of that of one in training
EVALUATIONS = 10
EVAL_TOKENS = 8192
CHOSEN = (
    *("tokenizer.vocab_size", "model.n_layer", "model.n_head", "model.n_embd", "model.dropout"),
    *("training.max_minutes", "training.workers", "training.eval_tokens"),
)
"""Settings that a plan writes, whatever stood there."""
LEAST_BUDGET_SECONDS = 30.0
DROPOUT = 0.1
PASSES_WITHOUT_DROPOUT = 3.0  # one book, read six times without it, was worse than read twice (LOG.md)


@dataclass(frozen=True)
class Text:
    """What a corpus holds."""

    bytes: int
    documents: int
    difficulty: float  # bits per byte that xz leaves of a sample


@dataclass(frozen=True)
class Choice:
    """One decision."""

    setting: str
    value: str
    reason: str


@dataclass(frozen=True)
class Prediction:
    """What one shape would come to."""

    config: ResolvedConfig
    step_seconds: float
    workers: int
    steps: int
    seen_bytes: float
    passes: float
    bits_per_byte: float


@dataclass(frozen=True)
class Plan:
    """A configuration, what it will come to, and why."""

    config: Config
    choices: list[Choice]
    bits_per_byte: float
    error: float  # relative, of the fit
    steps: int
    tokens: int
    passes: float
    wall_seconds: float
    training_seconds: float
    memory_bytes: int
    disk_bytes: int
    parameters: int
    considered: list[Prediction]
    warnings: list[str]

    def to_dict(self) -> dict[str, Any]:
        """As JSON, without the configuration, which is a file of its own."""
        return {key: value for key, value in asdict(self).items() if key != "config"}


UNITS = {"": 60.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parse_budget(budget: str) -> float:
    """Seconds of "90s", "10m", "1.5h", "2d" or "10" (minutes). Raises UserError."""
    found = re.fullmatch(r"\s*([0-9]*\.?[0-9]+)\s*(s|m|h|d|)(?:ec|in|ins|ours?|ays?)?\s*", budget)
    seconds = float(found[1]) * UNITS[found[2]] if found else 0.0
    if seconds < LEAST_BUDGET_SECONDS:
        raise UserError(
            f'--budget "{budget}" is no time of at least {LEAST_BUDGET_SECONDS:.0f} seconds. '
            "Write it like 90s, 10m, 1.5h or 2d."
        )
    return seconds


def refuse_chosen(words: Sequence[str]) -> None:
    """Raise UserError for settings, key=value, that a plan would overwrite."""
    for word in words:
        if (key := word.partition("=")[0].strip()) in CHOSEN:
            raise UserError(
                f"{key} is what a plan chooses. Leave it out, and change it in the file that the plan writes."
            )


def measure_text(corpus: Path) -> Text:
    """Read a prepared corpus: bytes, documents, difficulty."""
    sizes = [len(document.text.encode("utf-8")) for document in read_corpus(corpus)]
    if not sizes:
        raise UserError(f"{corpus} holds no text to plan for. Give other files.")
    sample = spread_sample((document.text for document in read_corpus(corpus)), sum(sizes), SAMPLE_BYTES)
    return Text(sum(sizes), len(sizes), difficulty_of(sample))


def make_plan(config: Config, text: Text, budget_seconds: float, say: Say) -> Plan:
    """Choose everything for `text` and write it into a copy of `config`, whose paths and seed stay.

    budget_seconds: of `groundup train` as a whole, from its start to its end.
    """
    config = copy.deepcopy(config)
    law, training = load_law(), config.training
    choices: list[Choice] = []
    _choose_machine(training, choices)
    vocabulary = next(size for size, least in LEAST_TEXT_FOR.items() if text.bytes >= least)
    choices.append(Choice("tokenizer.vocab_size", f"{vocabulary}", f"for {text.bytes / 1e6:.1f} MB of text"))
    candidates = predict_all(config, text, vocabulary, budget_seconds, law, say)
    best = min(candidates, key=lambda found: found.bits_per_byte)
    write_choice(config, best, vocabulary)
    overhead = _overhead_seconds(text, best)
    training.max_minutes = round(max(budget_seconds - overhead, 0.25 * budget_seconds) / 60, 3)
    training.eval_tokens = EVAL_TOKENS
    choices += _explain(training, best, candidates, budget_seconds, overhead)
    parameters = count_parameters(best.config).total
    precise = 4 if training.precision == "float32" else 2
    return Plan(
        config=config,
        choices=choices,
        bits_per_byte=best.bits_per_byte,
        error=law.error,
        steps=best.steps,
        tokens=best.steps * training.batch_size * training.block_size,
        passes=best.passes,
        wall_seconds=overhead + 60 * training.max_minutes,
        training_seconds=60 * training.max_minutes,
        memory_bytes=PROCESS_BYTES
        + state_bytes(best.config, optimizer=training.optimizer)
        + activation_bytes(best.config, training.batch_size, element_bytes=precise),
        disk_bytes=int(2.6 * text.bytes) + (training.keep + 1) * 4 * (2 * parameters + parameters),
        parameters=parameters,
        considered=candidates,
        warnings=_warnings(law, text, best, budget_seconds, overhead),
    )


PROCESS_BYTES = 450_000_000  # Python, PyTorch and its buffers


def _choose_machine(training: TrainingConfig, choices: list[Choice]) -> None:
    """Device, threads and precision: what every candidate is timed with, and every later run on this machine takes."""
    device = resolve_device(training.device)
    training.device = str(device)
    if training.threads == "auto":
        training.threads = torch.get_num_threads()
    torch.set_num_threads(int(training.threads))
    dtype, reason = choose_precision(training.precision, device)
    training.precision = str(dtype).removeprefix("torch.")
    choices.append(Choice("training.precision", training.precision, reason))
    choices.append(Choice("training.threads", f"{training.threads}", f"what PyTorch takes on {device}"))


def predict_all(
    config: Config, text: Text, vocabulary: int, budget_seconds: float, law: LossLaw, say: Say
) -> list[Prediction]:
    """A prediction for every shape that would make a useful number of steps."""
    training = config.training
    device = resolve_device(training.device)
    dtype = torch.bfloat16 if training.precision == "bfloat16" else torch.float32
    peak = matmul_flops_per_second(device, dtype)
    found: list[Prediction] = []
    for n_layer, n_head, n_embd in SHAPES:
        asked = replace(
            config.model,
            vocab_size=vocabulary,
            block_size=training.block_size,
            n_layer=n_layer,
            n_head=n_head,
            n_embd=n_embd,
            dropout=0.0,
        )
        shape = resolve(asked)
        least = flops_per_token(shape) * training.batch_size * training.block_size / (LIKELY_SHARE * peak)
        if found and budget_seconds / least < LEAST_STEPS:
            break
        say(f"timing {n_layer} layers of width {n_embd}")
        found.append(_predict(shape, training, text, budget_seconds, law, device))
    return found


def _predict(
    shape: ResolvedConfig,
    training: TrainingConfig,
    text: Text,
    budget_seconds: float,
    law: LossLaw,
    device: torch.device,
) -> Prediction:
    timed = replace(training, micro_batch_size=fit_micro_batch(shape, training, device, 1), compile=False)
    workers, _ = choose_workers(shape, timed, device, 1)
    one, two = (step_seconds(resolve(shallow(shape, layers)), timed, workers, repeats=2) for layers in (1, 2))
    seconds = max(two + (shape.n_layer - 2) * (two - one), two)
    if seconds < TIMED_WHOLE:  # a small difference, times many layers, was 1.6 times off
        seconds = step_seconds(shape, timed, workers, repeats=3)
    draft = Prediction(shape, seconds, workers, 0, 0.0, 0.0, 0.0)
    available = max(budget_seconds - _overhead_seconds(text, draft), 0.25 * budget_seconds)
    evaluations = EVALUATIONS * EVAL_TOKENS * EVALUATION_SHARE * seconds / (training.batch_size * training.block_size)
    steps = max(1, int(max(available - evaluations, 0.5 * available) / seconds))
    unique = text.bytes * (1 - VALIDATION_SHARE)
    seen = steps * training.batch_size * training.block_size * BYTES_PER_TOKEN.get(shape.vocab_size, 3.9)
    if seen / unique > PASSES_WITHOUT_DROPOUT and not shape.dropout:  # with which a step takes longer
        return _predict(replace(shape, dropout=DROPOUT), training, text, budget_seconds, law, device)
    bits = law.predict(difficulty=text.difficulty, parameters=multiplying(shape), seen_bytes=seen, unique_bytes=unique)
    return Prediction(shape, seconds, workers, steps, seen, seen / unique, bits)


def multiplying(shape: ModelConfig) -> int:
    """Parameters that multiply activations: the blocks' matrices and the head."""
    resolved = resolve(shape)
    return matrix_parameters(resolved) + resolved.vocab_size * resolved.n_embd


def _overhead_seconds(text: Text, found: Prediction) -> float:
    """What a run takes beside training: starting, preparing the text, the last evaluation."""
    tokens = VALIDATION_SHARE * text.bytes / BYTES_PER_TOKEN.get(found.config.vocab_size, 3.9)
    last = tokens * EVALUATION_SHARE * found.step_seconds / (8 * found.config.block_size)
    return STARTUP_SECONDS + SECONDS_PER_MB * text.bytes / 1e6 + last


def write_choice(config: Config, best: Prediction, vocabulary: int) -> None:
    """Write the sizes that were chosen into a configuration."""
    config.tokenizer.vocab_size = vocabulary
    model, shape = config.model, best.config
    model.n_layer, model.n_head, model.n_embd = shape.n_layer, shape.n_head, shape.n_embd
    model.dropout = shape.dropout
    config.training.workers = best.workers


def _explain(
    training: TrainingConfig, best: Prediction, candidates: Sequence[Prediction], budget: float, overhead: float
) -> list[Choice]:
    shape = best.config
    windows = f"{training.batch_size} x {training.block_size} tokens"
    others = ", ".join(
        f"{found.config.n_layer} x {found.config.n_embd}: {found.bits_per_byte:.3f}" for found in candidates
    )
    batch = "small batches make many updates, the largest lever in little time"
    passes = f"{best.passes:.1f} passes over the text at this speed"
    return [
        Choice("model", f"{shape.n_layer} layers x {shape.n_embd}", f"the lowest predicted bits per byte ({others})"),
        Choice("training.batch_size", windows, batch),
        Choice("training.workers", f"{best.workers}", f"{best.step_seconds * 1000:.0f} ms a step, estimated here"),
        Choice("model.dropout", f"{best.config.dropout:g}", passes),
        Choice("training.max_minutes", f"{(budget - overhead) / 60:.2f}", f"{overhead:.0f} s go into everything else"),
    ]


def _warnings(law: LossLaw, text: Text, best: Prediction, budget: float, overhead: float) -> list[str]:
    found = law.outside(
        difficulty=text.difficulty,
        parameters=multiplying(best.config),
        seen_bytes=best.seen_bytes,
        unique_bytes=best.seen_bytes / best.passes,
    )
    lines = [f"outside of what was measured, so the prediction is a guess: {line}" for line in found]
    if overhead > 0.5 * budget:
        lines.append(f"preparing this text takes about {overhead:.0f} s: more than half of the budget")
    return lines
