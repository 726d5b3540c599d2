"""The plan for many GPUs: by hand for a small case, and in its limits."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from groundup.cli.main import app
from groundup.model.accounting import activation_bytes, count_parameters, matrix_parameters, state_bytes
from groundup.model.cluster import ClusterCosts, cluster_costs, rank_memory_bytes, sent_bytes
from groundup.model.config import ModelConfig

SHAPE = ModelConfig(vocab_size=1000, block_size=128, n_layer=4, n_head=4, n_embd=64)
GPT2 = Path(__file__).parents[2] / "configs" / "gpt2-124m.yaml"


def costs(nodes: int, batch_size: int = 64, micro_batch_size: int = 2) -> ClusterCosts:
    return cluster_costs(
        SHAPE,
        nodes=nodes,
        gpus_per_node=8,
        batch_size=batch_size,
        micro_batch_size=micro_batch_size,
        optimizer="muon",
        gpu_flops_per_second=1e14,
        network_bytes_per_second=5e10,
    )


def test_what_a_rank_sends() -> None:
    P, M = count_parameters(SHAPE).total, matrix_parameters(SHAPE)
    assert sent_bytes(SHAPE, "ddp", 2, 1, "adamw") == 4 * P  # each of two sends half and returns half
    assert sent_bytes(SHAPE, "ddp", 4, 9, "adamw") == 6 * P  # however many micro-batches
    assert sent_bytes(SHAPE, "fsdp", 2, 1, "adamw") == (2 * P + 2 * P + 4 * P) // 2
    assert sent_bytes(SHAPE, "fsdp", 2, 3, "adamw") == 3 * sent_bytes(SHAPE, "fsdp", 2, 1, "adamw")
    more = sent_bytes(SHAPE, "fsdp", 2, 1, "muon") - sent_bytes(SHAPE, "fsdp", 2, 1, "adamw")
    assert more == 2 * M  # half of 2 x 4 bytes of half the elements
    assert sent_bytes(SHAPE, "ddp", 1, 1, "muon") == sent_bytes(SHAPE, "fsdp", 1, 1, "muon") == 0


def test_sharded_memory_falls_to_what_cannot_be_shared() -> None:
    memory = [rank_memory_bytes(SHAPE, "fsdp", ranks, 1, "muon") for ranks in (1, 8, 64, 1024)]
    assert memory == sorted(memory, reverse=True)
    state = state_bytes(SHAPE, optimizer="muon")
    assert memory[0] - memory[1] == state - -(-state // 8)
    activations = activation_bytes(SHAPE, 1, element_bytes=2, explicit=False)
    assert memory[-1] > activations
    assert rank_memory_bytes(SHAPE, "ddp", 1, 1, "muon") == state + activations + 4 * count_parameters(SHAPE).total


def test_the_batch_is_shared_out() -> None:
    assert (costs(1).sequences_per_rank, costs(4).sequences_per_rank, costs(16).idle_ranks) == (8, 2, 64)
    assert costs(2).compute_seconds == pytest.approx(costs(1).compute_seconds / 2)
    assert costs(1).network_seconds["ddp"] == pytest.approx(costs(1).sent_bytes["ddp"] / (5e10 / 8))


def test_the_command_goes_from_8_to_1024_gpus() -> None:
    result = CliRunner().invoke(app, ["plan", "--config", str(GPT2), "--json"])
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert [row["ranks"] for row in found] == [8 * 2**i for i in range(8)]
    told = CliRunner().invoke(app, ["plan", "--config", str(GPT2), "--nodes", "2", "--gpus", "4"])
    assert told.stdout.splitlines()[1].split()[:2] == ["2", "8"]
    assert "tokens; memory and bytes of each GPU" in told.stdout
