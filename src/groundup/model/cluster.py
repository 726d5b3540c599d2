"""What training on many GPUs takes of each, on paper: memory per rank, and what each rank sends in a step.

Nothing here is measured: formulas over model/accounting.py, for choosing a number of machines before renting them.
N ranks, P parameters, M of them in matrices. Weights, gradients and optimizer state are float32; parts of a sharded
model are sent in bfloat16. A ring all-reduce sends 2 (N-1)/N of its bytes from every rank, an all-gather or
reduce-scatter (N-1)/N (Patarasuk and Yuan 2009).
"""

import math
from dataclasses import dataclass

from groundup.model.accounting import (
    activation_bytes,
    count_parameters,
    flops_per_token,
    matrix_parameters,
    state_bytes,
)
from groundup.model.config import ModelConfig, resolve

KINDS = ("ddp", "fsdp")
BF16, FP32 = 2, 4


@dataclass(frozen=True)
class ClusterCosts:
    """One step on N ranks, under ddp (all of the model on each) and fsdp (a part on each)."""

    nodes: int
    ranks: int
    sequences_per_rank: int  # of the batch, the largest share
    idle_ranks: int  # that get no sequence: the batch is too small
    memory_bytes: dict[str, int]  # per rank: state, activations, and under fsdp the weights of two blocks at a time
    sent_bytes: dict[str, int]  # per rank and step
    compute_seconds: float  # of the busiest rank
    network_seconds: dict[str, float]  # for what is sent, none of it hidden behind computation


def cluster_costs(
    config: ModelConfig,
    *,
    nodes: int,
    gpus_per_node: int,
    batch_size: int,
    micro_batch_size: int,
    optimizer: str,
    gpu_flops_per_second: float,
    network_bytes_per_second: float,
) -> ClusterCosts:
    """batch_size: sequences in a step over all ranks. network: of a node to the others, shared by its GPUs."""
    c = resolve(config)
    ranks = nodes * gpus_per_node
    share = math.ceil(batch_size / ranks)
    micro = min(share, micro_batch_size)
    rounds = math.ceil(share / micro)
    sent = {kind: sent_bytes(c, kind, ranks, rounds, optimizer) for kind in KINDS}
    per_rank = network_bytes_per_second / gpus_per_node
    return ClusterCosts(
        nodes=nodes,
        ranks=ranks,
        sequences_per_rank=share,
        idle_ranks=max(0, ranks - batch_size),
        memory_bytes={kind: rank_memory_bytes(c, kind, ranks, micro, optimizer) for kind in KINDS},
        sent_bytes=sent,
        compute_seconds=share * c.block_size * flops_per_token(c) / gpu_flops_per_second,
        network_seconds={kind: size / per_rank for kind, size in sent.items()},
    )


def rank_memory_bytes(config: ModelConfig, kind: str, ranks: int, micro_batch_size: int, optimizer: str) -> int:
    """Bytes on each rank: state, activations of a micro-batch in bfloat16 with fused attention, gathered weights."""
    c = resolve(config)
    state = state_bytes(c, optimizer=optimizer)
    activations = activation_bytes(c, micro_batch_size, element_bytes=BF16, explicit=False)
    if kind == "ddp":
        return state + activations + FP32 * count_parameters(c).total  # the buckets in which gradients are sent
    parameters = count_parameters(c)
    block = math.ceil(parameters.without_embeddings / c.n_layer)
    outside = parameters.total - parameters.without_embeddings  # embeddings and head stay gathered for the whole pass
    return math.ceil(state / ranks) + activations + BF16 * (2 * block + outside) + FP32 * max(block, outside)


def sent_bytes(config: ModelConfig, kind: str, ranks: int, rounds: int, optimizer: str) -> int:
    """Bytes that each rank sends in a step of so many micro-batches."""
    P, M = count_parameters(config).total, matrix_parameters(config)
    share = (ranks - 1) / ranks
    if kind == "ddp":  # gradients once, after the last micro-batch
        return math.ceil(2 * share * FP32 * P)
    gathered = 2 * BF16 * P  # weights for forward and again for backward
    reduced = FP32 * P
    # Muon needs whole matrices: each rank gets some of them from all the others, and gives the updates back.
    exchanged = 2 * FP32 * M / ranks if optimizer == "muon" else 0
    return math.ceil(share * (rounds * (gathered + reduced) + exchanged))
