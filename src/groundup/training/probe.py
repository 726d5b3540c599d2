"""How long a training step takes here, measured on a model of the same shape with few layers and on random tokens."""

import dataclasses
import statistics
import time

import torch

from groundup.model.config import ModelConfig, ResolvedConfig
from groundup.model.initialisation import initialise
from groundup.model.transformer import Transformer
from groundup.training.optimizer import build_optimizers
from groundup.training.parallel import Parallel
from groundup.training.settings import TrainingConfig, fill_rates
from groundup.training.step import MicroBatch, drop_gradients, measure_step, take_step
from groundup.utils.device import PRECISIONS, synchronize

LONGEST_EXPLICIT = 1024  # tokens of context beyond which scores are not written out


def step_seconds(shape: ResolvedConfig, training: TrainingConfig, workers: int, *, repeats: int = 3) -> float:
    """Median seconds of a whole step, update included, with `workers` threads that take rows of their own.

    `training` says batch, micro-batch, context, precision, optimizer, threads and device.
    """
    device = torch.device(training.device)
    model = initialise(Transformer(shape), seed=0).to(device)
    written_out = (
        training.block_size <= LONGEST_EXPLICIT or shape.dropout > 0
    )  # as settle.choose_attention will have it
    attention = "explicit" if device.type == "cpu" and written_out else "sdpa"
    attention = attention if training.attention == "auto" else training.attention
    model.set_compute(PRECISIONS[training.precision], attention=attention)
    parallel = Parallel(model, workers=workers)
    optimizers = build_optimizers(model, _with_rates(training))
    optimizers.set_rates(1e-3, 0.9)
    rows = int(training.micro_batch_size)
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(0, shape.vocab_size, (training.batch_size, training.block_size), generator=generator).to(device)
    batches = [MicroBatch(part, part) for part in ids.split(rows)]
    times: list[float] = []
    for _ in range(1 + repeats):
        began = time.perf_counter()
        result = measure_step(model, batches, parallel=parallel)
        take_step(model, optimizers, result, max_grad_norm=0.0)
        synchronize(device)
        times.append(time.perf_counter() - began)
    drop_gradients(model)
    if parallel.workers is not None:
        parallel.workers.close()
    return statistics.median(times[1:])


def shallow(shape: ModelConfig, n_layer: int) -> ModelConfig:
    """The same shape with fewer layers, if it has more."""
    return dataclasses.replace(shape, n_layer=min(n_layer, shape.n_layer))


def _with_rates(training: TrainingConfig) -> TrainingConfig:
    """Any rates do for a measurement, but they must be there."""
    filled = dataclasses.replace(training)
    fill_rates(filled, 1.0, "wide")
    return filled
