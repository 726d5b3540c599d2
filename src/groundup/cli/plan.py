"""groundup plan."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groundup.cli.options import ConfigOption, ModelOption, SettingsArgument

if TYPE_CHECKING:
    from groundup.model.cluster import ClusterCosts
    from groundup.training.plan import Plan

GPUS_PER_NODE = 8
NODES = (1, 2, 4, 8, 16, 32, 64, 128)


def plan(
    settings: SettingsArgument = None,
    config: ConfigOption = None,
    model: ModelOption = None,
    nodes: Annotated[int | None, typer.Option(help="Machines; 1 to 128 of them unless given.", min=1)] = None,
    gpus: Annotated[int, typer.Option(help="GPUs in each machine.", min=1)] = GPUS_PER_NODE,
    tflops: Annotated[
        float, typer.Option(help="What a GPU reaches in training, in TFLOP/s: about 0.4 of its peak.", min=0.001)
    ] = 400.0,
    network: Annotated[float, typer.Option(help="Network of a machine, in Gbit/s.", min=0.001)] = 400.0,
    text: Annotated[Path | None, typer.Option(help="Your text, a file or a folder: plan a model for it.")] = None,
    budget: Annotated[str, typer.Option(help="Time for the whole of `groundup train`: 90s, 10m, 1.5h.")] = "10m",
    output: Annotated[
        Path | None, typer.Option(help="Configuration to write; configs/<name of the text>.yaml unless given.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a configuration that is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers as JSON.")] = False,
) -> None:
    """Plan a model for a text and a time (--text, --budget), or, for a configuration, what many GPUs would take.

    With --text: measures the text and this machine, chooses sizes, predicts what they come to, and writes a
    configuration for `groundup train`. With --config or --model: memory, traffic and time of a step, on paper.
    """
    if text is not None:
        plan_text(text, budget, output, settings or [], force=force, as_json=as_json)
        return
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


def plan_text(text: Path, budget: str, output: Path | None, settings: list[str], *, force: bool, as_json: bool) -> None:
    """Plan for a text: print the plan, write its configuration."""
    from groundup.cli.display import choose_observer
    from groundup.training.config import CONFIG_FOLDER, merge_config, save_config, with_default_paths
    from groundup.training.plan import make_plan, measure_text, parse_budget, refuse_chosen
    from groundup.training.prepare import prepare_corpus
    from groundup.utils.errors import UserError

    seconds = parse_budget(budget)
    refuse_chosen(settings)
    path = output or CONFIG_FOLDER / f"{text.resolve().stem}.yaml"
    if path.exists() and not force:
        raise UserError(f"{path} is there already. Give another --output, or --force to overwrite it.")
    say = choose_observer().say
    config = with_default_paths(merge_config(None, [*settings, f"corpus.input=[{json.dumps(str(text))}]"]), path.stem)
    corpus = prepare_corpus(config, say)
    assert corpus is not None
    found = make_plan(config, measure_text(corpus), seconds, say)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_config(found.config, path)
    print(json.dumps({**found.to_dict(), "config": str(path)}) if as_json else describe(found, path))


def describe(found: "Plan", path: Path) -> str:
    """The plan as a person reads it."""
    lines = [f"  {choice.setting:22} {choice.value:18} {choice.reason}" for choice in found.choices]
    bits, error = found.bits_per_byte, found.error
    predicted = [
        ("bits per byte", f"{bits:.3f}", f"on held-out text, give or take {2 * error:.0%}"),
        ("time", f"{found.wall_seconds / 60:.1f} min", f"{found.training_seconds / 60:.1f} of them training"),
        ("steps", f"{found.steps:,}", f"{found.tokens:,} tokens, {found.passes:.1f} passes over the text"),
        ("parameters", f"{found.parameters:,}", "embeddings included"),
        ("memory", f"{found.memory_bytes / 1e9:.1f} GB", "weights, gradients, optimizer, activations, the program"),
        ("disk", f"{found.disk_bytes / 1e9:.2f} GB", "corpus, token files, three checkpoints"),
    ]
    lines += ["", "predicted:", *(f"  {what:22} {value:18} {reason}" for what, value, reason in predicted)]
    lines += ["", *(f"careful: {warning}" for warning in found.warnings)] if found.warnings else []
    return "\n".join(["chosen:", *lines, "", f"wrote {path}; start with: groundup train --config {path}"])


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
