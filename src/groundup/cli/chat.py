"""groundup chat."""

from typing import Annotated

import typer

from groundup.cli.options import (
    CheckpointArgument,
    CheckpointOption,
    DeviceOption,
    DtypeOption,
    TemperatureOption,
    TopKOption,
    TopPOption,
)


def chat(
    folder: CheckpointArgument = None,
    checkpoint: CheckpointOption = None,
    system: Annotated[str | None, typer.Option(help="System message that the conversation begins with.")] = None,
    max_new_tokens: Annotated[
        int | None, typer.Option("--max-new-tokens", "--max-tokens", help="Tokens of a reply.")
    ] = None,
    temperature: TemperatureOption = None,
    top_k: TopKOption = None,
    top_p: TopPOption = None,
    seed: Annotated[int | None, typer.Option(help="The same seed and words get the same replies.")] = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
) -> None:
    """Talk with a model that was tuned on conversations. /help lists what can be typed.

    In a pipe, each line of standard input is a message, and standard output gets the replies alone.
    """
    from groundup.cli import conversing, opening, writing
    from groundup.cli.display import say
    from groundup.inference.chat_session import ChatSession

    bundle = conversing.choose_chat_bundle(folder or checkpoint, say)
    settings = writing.choose_settings(
        bundle, max_new_tokens=max_new_tokens, temperature=temperature, top_k=top_k, top_p=top_p, seed=seed
    )
    model, tokenizer = opening.open_model(bundle, device, dtype, say)
    conversing.converse(ChatSession(model, tokenizer, settings, system=system), say)
