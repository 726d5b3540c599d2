"""groundup export."""

from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.options import CheckpointArgument, CheckpointOption, only_one


def export(
    folder: CheckpointArgument = None,
    checkpoint: CheckpointOption = None,
    to: Annotated[
        str, typer.Option("--format", help="gguf (llama.cpp, Ollama), onnx (ONNX Runtime) or hub (Hugging Face).")
    ] = "gguf",
    output: Annotated[Path | None, typer.Option(help="Folder for the files.", show_default="exports/NAME")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the model.", show_default="the run's")] = None,
    dtype: Annotated[
        str | None,
        typer.Option(help="gguf: f32, f16, bf16 or q8_0; onnx: f32.", show_default="gguf f16, onnx f32"),
    ] = None,
    chat: Annotated[
        bool | None,
        typer.Option("--chat/--no-chat", help="Ollama: a model to talk to.", show_default="if it was tuned"),
    ] = None,
    verify: Annotated[bool, typer.Option("--verify/--no-verify", help="Run what was written and compare.")] = True,
    licence: Annotated[str | None, typer.Option("--license", help="hub: licence of the model, such as mit.")] = None,
    language: Annotated[str | None, typer.Option(help="hub: language of the model, such as en.")] = None,
    watts: Annotated[
        float | None, typer.Option(help="hub: what the machine drew in training.", show_default="a guess", min=0.001)
    ] = None,
    push: Annotated[str | None, typer.Option(help="hub: upload the folder as USER/NAME.")] = None,
    private: Annotated[bool, typer.Option("--private", help="hub: upload it for you alone.")] = False,
) -> None:
    """Write a model for other programs, and prove that they compute the same."""
    chosen = only_one({"CHECKPOINT": folder, "--checkpoint": checkpoint})

    from groundup.cli.display import say
    from groundup.cli.exporting import CardWords, export_model

    card = CardWords(licence=licence, language=language, watts=watts, push=push, private=private)
    written = export_model(
        chosen, to=to, output=output, name=name, dtype=dtype, chat=chat, verify=verify, card=card, say=say
    )
    for path in written:
        print(path)
