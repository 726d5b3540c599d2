"""groundup params."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groundup.cli.options import ConfigOption, ModelOption

if TYPE_CHECKING:
    from groundup.model.accounting import Costs
    from groundup.model.config import ResolvedConfig


def params(
    config: ConfigOption = None,
    model: ModelOption = None,
    architecture: Annotated[str | None, typer.Option(help="qwen3, llama, gpt2 or phi.")] = None,
    n_layer: Annotated[int | None, typer.Option(help="Blocks.")] = None,
    n_head: Annotated[int | None, typer.Option(help="Query heads.")] = None,
    n_kv_head: Annotated[int | None, typer.Option(help="Key/value heads.")] = None,
    n_embd: Annotated[int | None, typer.Option(help="Width of the residual stream.")] = None,
    n_ff: Annotated[int | None, typer.Option(help="Width of the feed-forward layer.")] = None,
    vocab_size: Annotated[int | None, typer.Option(help="Tokens in the vocabulary.")] = None,
    block_size: Annotated[int | None, typer.Option(help="Context in tokens.")] = None,
    tied: Annotated[
        bool | None, typer.Option("--tied/--untied", help="Whether the head uses the token embedding.")
    ] = None,
    batch_size: Annotated[int | None, typer.Option(help="Sequences that go through the model at once.")] = None,
    optimizer: Annotated[str | None, typer.Option(help="muon or adamw.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers as JSON.")] = False,
) -> None:
    """Count parameters, FLOPs and memory of a shape, and the tokens that it should be trained on.

    The shape is the default one, or that of --config or --model; further flags change it.
    """
    from groundup.model.accounting import measure_costs
    from groundup.model.config import ModelConfig, resolve
    from groundup.training.config import Config, find_config, load_config
    from groundup.training.settings import check_settings
    from groundup.training.start import adopt_shape

    settings = load_config(find_config(path=config, model=model)) if config or model else Config()
    if settings.model.vocab_size == ModelConfig.vocab_size:  # left open: it follows the tokenizer
        settings.model.vocab_size = settings.tokenizer.vocab_size
    settings.model.block_size = settings.training.block_size
    adopt_shape(settings)
    flags = {
        "architecture": architecture,
        "n_layer": n_layer,
        "n_head": n_head,
        "n_kv_head": n_kv_head,
        "n_embd": n_embd,
        "n_ff": n_ff,
        "vocab_size": vocab_size,
        "block_size": block_size,
        "tied_embeddings": tied,
    }
    set_given(settings.model, flags)
    set_given(settings.training, {"batch_size": batch_size, "optimizer": optimizer})
    check_settings(settings.training)
    shape = resolve(settings.model)
    costs = measure_costs(shape, batch_size=settings.training.batch_size, optimizer=settings.training.optimizer)
    if as_json:
        print(json.dumps({"shape": asdict(shape), "batch_size": settings.training.batch_size, **asdict(costs)}))
    else:
        print(as_table(shape, costs, settings.training.batch_size, settings.training.optimizer))


def set_given(target: object, values: dict[str, Any]) -> None:
    """Set what is not None."""
    for name, value in values.items():
        if value is not None:
            setattr(target, name, value)


def as_table(shape: "ResolvedConfig", costs: "Costs", batch_size: int, optimizer: str) -> str:
    """The costs in aligned columns: what, how much, of which kind."""
    total = costs.total_parameters
    rows = [(name.replace("_", " "), f"{n:,}", f"{n / total:.1%}") for name, n in asdict(costs.parameters).items()]
    rows.append(("total parameters", f"{total:,}", f"{costs.parameters.without_embeddings:,} in the blocks"))
    if costs.gpt2_formula_parameters is not None:
        rows.append(("by GPT-2's formula", f"{costs.gpt2_formula_parameters:,}", "V C + T C + L (12 C² + 13 C) + 2 C"))
    rows += [
        ("", "", ""),
        ("FLOPs per token", f"{costs.training_flops_per_token:,.0f}", "forward and backward, at full context"),
        ("compute-optimal", f"{costs.optimal_tokens:,}", f"tokens, 20 a parameter: {costs.optimal_flops:.2g} FLOPs"),
        ("", "", ""),
        ("training state", readable(costs.state_bytes), f"weights, gradients and {optimizer}, all float32"),
    ]
    for dtype, size in costs.activation_bytes.items():
        note = f"{batch_size} x {shape.block_size:,} tokens, {readable(size // batch_size)} a sequence"
        rows.append((f"activations {dtype}", readable(size), note))
        rows.append(("", readable(costs.activation_bytes_fused[dtype]), "with fused attention"))
    rows += [(f"KV cache {dtype}", readable(size), "one sequence") for dtype, size in costs.cache_bytes.items()]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    lines = [f"{name:<{widths[0]}}  {value:>{widths[1]}}  {note}".rstrip() for name, value, note in rows]
    return "\n".join([title(shape), "", *lines])


def title(shape: "ResolvedConfig") -> str:
    """The shape in one line."""
    return (
        f"{shape.architecture}: {shape.n_layer} layers of width {shape.n_embd}, {shape.n_head} heads of "
        f"{shape.head_size} ({shape.n_kv_head} for keys and values), feed-forward {shape.n_ff}, "
        f"vocabulary {shape.vocab_size:,}, context {shape.block_size:,}"
    )


def readable(size_bytes: int) -> str:
    """In MB or GB, of a million or a billion bytes."""
    return f"{size_bytes / 1e9:,.2f} GB" if size_bytes >= 1e9 else f"{size_bytes / 1e6:,.1f} MB"
