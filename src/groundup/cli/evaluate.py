"""groundup eval."""

from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.options import CheckpointArgument, CheckpointOption, DeviceOption, only_one


def evaluate(
    folder: CheckpointArgument = None,
    checkpoint: CheckpointOption = None,
    text: Annotated[
        list[Path] | None, typer.Option(help="File or folder of text: bits per byte, perplexity. May be repeated.")
    ] = None,
    pairs: Annotated[
        list[Path] | None, typer.Option(help="File or folder of minimal pairs in BLiMP's format. May be repeated.")
    ] = None,
    tasks: Annotated[
        list[str] | None,
        typer.Option(
            help="FILE, FORMAT:FILE (arc, hellaswag, piqa, lambada, gsm8k), or a name: arc_easy, ... May be repeated."
        ),
    ] = None,
    conversations: Annotated[
        list[Path] | None,
        typer.Option(help="File or folder of conversations: how it answers them. May be repeated."),
    ] = None,
    questions: Annotated[int, typer.Option(help="Questions to answer for --conversations.", min=1)] = 200,
    before: Annotated[
        Path | None, typer.Option(help="Checkpoint to put beside it on conversations: the model before tuning.")
    ] = None,
    generation: Annotated[
        bool, typer.Option("--generation", help="Let it write: endings, repetition, memorisation, well-formedness.")
    ] = False,
    samples: Annotated[int, typer.Option(help="Texts to write for --generation.", min=1)] = 40,
    window: Annotated[
        int | None, typer.Option(help="Tokens read at a time of --text.", show_default="the model's context")
    ] = None,
    stride: Annotated[
        int | None,
        typer.Option(help="Tokens of a window that are scored; the others are context.", show_default="the window"),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of what is written.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole record as JSON on stdout.")] = False,
    output: Annotated[Path | None, typer.Option(help="File that gets the record as JSON.")] = None,
    device: DeviceOption = None,
    dtype: Annotated[str, typer.Option(help="float32, bfloat16 or float16; float32 compares across machines.")] = (
        "float32"
    ),
    batch_tokens: Annotated[
        int | None,
        typer.Option(help="Tokens that go through the model at a time.", show_default="1024; GPU 16384", min=1),
    ] = None,
) -> None:
    """Measure a model. Without --text, --pairs, --tasks, --conversations or --generation: its own validation text, and
    what it writes; for a model that was tuned, its held-out conversations, before tuning and after.

    Accuracies come with chance and 95 % intervals; the record holds settings, versions and hashes of model and data.
    """
    chosen = only_one({"CHECKPOINT": folder, "--checkpoint": checkpoint})

    from groundup.cli.display import say
    from groundup.cli.evaluating import Wanted, evaluate_model, show

    wanted = Wanted(
        text=text or [],
        pairs=pairs or [],
        tasks=tasks or [],
        conversations=conversations or [],
        questions=questions,
        before=before,
        generation=generation,
        samples=samples,
        window=window,
        stride=stride,
        seed=seed,
    )
    record, lines = evaluate_model(
        chosen, wanted, device=device, dtype=dtype, batch_tokens=batch_tokens, output=output, say=say
    )
    show(record, lines, as_json=as_json, output=output, say=say)
