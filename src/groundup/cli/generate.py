"""groundup generate."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from groundup.cli.options import (
    CheckpointArgument,
    CheckpointOption,
    DeviceOption,
    DtypeOption,
    TemperatureOption,
    TopKOption,
    TopPOption,
    only_one,
)


def generate(
    folder: CheckpointArgument = None,
    checkpoint: CheckpointOption = None,
    prompt: Annotated[
        str | None, typer.Option(help="Text to go on from; may be empty.", show_default="an empty page")
    ] = None,
    prompt_file: Annotated[
        Path | None, typer.Option(help="File with the prompt, - for standard input. A final line break is left out.")
    ] = None,
    max_new_tokens: Annotated[
        int | None, typer.Option("--max-new-tokens", "--max-tokens", help="Tokens after the prompt.")
    ] = None,
    temperature: TemperatureOption = None,
    top_k: TopKOption = None,
    top_p: TopPOption = None,
    seed: Annotated[int | None, typer.Option(help="The same seed writes the same text.")] = None,
    num_samples: Annotated[int, typer.Option(help="Texts to write, with a line <|endoftext|> between them.")] = 1,
    stop: Annotated[list[str] | None, typer.Option(help="End before this string; may be repeated.")] = None,
    nonstop: Annotated[
        bool,
        typer.Option("--nonstop", help="Write on past the end of text and context: to --max-new-tokens, else Ctrl-C."),
    ] = False,
    interactive: Annotated[
        bool, typer.Option("--interactive", help="Ask for prompts until end of input. Ctrl-C stops a text.")
    ] = False,
    chat: Annotated[
        bool, typer.Option("--chat", help="Talk with it, with history: the same as groundup chat.")
    ] = False,
    output: Annotated[Path | None, typer.Option(help="File that gets the text instead of standard output.")] = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Tell about the model and its speed on stderr.")] = False,
) -> None:
    """Complete a prompt. Standard output gets the text alone, prompt and completion, while it is written.

    Defaults of how to write come from the checkpoint (generation_config.json) where it has them.
    """
    chosen = only_one({"CHECKPOINT": folder, "--checkpoint": checkpoint})
    only_one({"--prompt": prompt, "--prompt-file": prompt_file, "--interactive": interactive or None})
    only_one({"--output": output, "--interactive": interactive or None})
    if chat:
        start_chat(
            {
                "--prompt": prompt,
                "--prompt-file": prompt_file,
                "--interactive": interactive or None,
                "--output": output,
                "--nonstop": nonstop or None,
                "--stop": stop or None,
                "--num-samples": None if num_samples == 1 else num_samples,
            },
            checkpoint=chosen,
            max_new_tokens=max_new_tokens,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            seed=seed,
            device=device,
            dtype=dtype,
        )
        return
    if nonstop and num_samples > 1 and max_new_tokens is None:
        raise typer.BadParameter("the first of several --nonstop texts would never end; give --max-new-tokens, too")

    from groundup.cli import opening, writing
    from groundup.cli.display import say

    bundle = opening.choose_bundle(chosen, say)
    settings = writing.choose_settings(
        bundle,
        max_new_tokens=sys.maxsize if nonstop and max_new_tokens is None else max_new_tokens,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        seed=seed,
        num_samples=num_samples,
        stop=stop,
        nonstop=nonstop,
    )
    text = writing.read_prompt(prompt, prompt_file)
    writing.check_output(output)
    model, tokenizer = opening.open_model(bundle, device, dtype, say)
    writer = writing.Writer(model, tokenizer, settings, say=say, verbose=verbose)
    if verbose:
        writing.describe(bundle, model, settings, say)
    if interactive:
        writing.converse(writer)
    else:
        writing.write(writer, text, output)


def start_chat(others: dict[str, Any], **settings: Any) -> None:
    """`groundup chat` with the flags that it shares with `generate`; wrong usage with any other."""
    there = [name for name, value in others.items() if value is not None]
    if there:
        raise typer.BadParameter(f"--chat and {there[0]} cannot be given together")
    from groundup.cli.chat import chat

    chat(**settings)
