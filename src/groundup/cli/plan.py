"""groundup plan."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from groundup.cli.options import ConfigOption, ModelOption, SettingsArgument

if TYPE_CHECKING:
    from groundup.model.cluster import ClusterCosts

OptionalInt = int | None
GPUS_PER_NODE = 8
NODES = (1, 2, 4, 8, 16, 32, 64, 128)


def plan(
    settings: SettingsArgument = None,
    config: ConfigOption = None,
    model: ModelOption = None,
    nodes: Annotated[OptionalInt, typer.Option(help="Machines; 1 to 128 of them unless given.", min=1)] = None,
    gpus: Annotated[int, typer.Option(help="GPUs in each machine.", min=1)] = GPUS_PER_NODE,
    tflops: Annotated[
        float, typer.Option(help="What a GPU reaches in training, in TFLOP/s: about 0.4 of its peak.", min=0.001)
    ] = 400.0,
    network: Annotated[float, typer.Option(help="Network of a machine, in Gbit/s.", min=0.001)] = 400.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers as JSON.")] = False,
) -> None:
    """Compute, on paper, what a step on many GPUs takes: memory of each, what each sends, and how long that takes."""
    from groundup.model.cluster import cluster_costs
    from groundup.model.config import ModelConfig, resolve
    from groundup.training.config import find_config, load_config
    from groundup.training.settings import check_settings

    resolved = load_config(find_config(path=config, model=model), settings or [])
    training = resolved.training
    check_settings(training)
    if resolved.model.vocab_size == ModelConfig.vocab_size:  # left open: it follows the tokenizer
        resolved.model.vocab_size = resolved.tokenizer.vocab_size
    resolved.model.block_size = training.block_size
    micro = training.batch_size if training.micro_batch_size == "auto" else int(training.micro_batch_size)
    found = [
        cluster_costs(
            resolve(resolved.model),
            nodes=count,
            gpus_per_node=gpus,
            batch_size=training.batch_size,
            micro_batch_size=micro,
            optimizer=training.optimizer,
            gpu_flops_per_second=tflops * 1e12,
            network_bytes_per_second=network * 1e9 / 8,
        )
        for count in ((nodes,) if nodes else NODES)
    ]
    if as_json:
        print(json.dumps([asdict(costs) for costs in found]))
    else:
        print(as_table(found, training.batch_size * training.block_size))


def as_table(found: "list[ClusterCosts]", tokens: int) -> str:
    """A line for each number of machines."""
    head = (
        "machines",
        "GPUs",
        "seqs/GPU",
        "GB ddp",
        "GB fsdp",
        "sent ddp",
        "sent fsdp",
        "s compute",
        "s ddp",
        "s fsdp",
    )
    rows: list[tuple[str, ...]] = [head]
    for costs in found:
        rows.append(
            (
                f"{costs.nodes}",
                f"{costs.ranks}",
                f"{costs.sequences_per_rank}{'*' if costs.idle_ranks else ''}",
                *(f"{costs.memory_bytes[kind] / 1e9:.2f}" for kind in ("ddp", "fsdp")),
                *(f"{costs.sent_bytes[kind] / 1e9:.2f} GB" for kind in ("ddp", "fsdp")),
                f"{costs.compute_seconds:.4f}",
                *(f"{costs.network_seconds[kind]:.4f}" for kind in ("ddp", "fsdp")),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    notes = [f"a step of {tokens:,} tokens; memory and bytes of each GPU; network times with nothing hidden behind"]
    if any(costs.idle_ranks for costs in found):
        notes.append("* fewer sequences in a batch than GPUs: some have nothing to do. Raise training.batch_size.")
    return "\n".join([*lines, "", *notes])
