"""groundup chat."""

from pathlib import Path
from typing import Annotated, Optional

import typer

# Typer reads annotations at run time, on Python 3.10 too.
OptionalPath = Optional[Path]  # noqa: UP045
OptionalText = Optional[str]  # noqa: UP045
OptionalInt = Optional[int]  # noqa: UP045
OptionalFloat = Optional[float]  # noqa: UP045


def chat(
    folder: Annotated[OptionalPath, typer.Argument(metavar="[CHECKPOINT]", help="The same as --checkpoint.")] = None,
    checkpoint: Annotated[
        OptionalPath,
        typer.Option(help="Checkpoint, run folder or Hugging Face model folder.", show_default="the newest run"),
    ] = None,
    system: Annotated[OptionalText, typer.Option(help="System message that the conversation begins with.")] = None,
    max_new_tokens: Annotated[
        OptionalInt, typer.Option("--max-new-tokens", "--max-tokens", help="Tokens of a reply.")
    ] = None,
    temperature: Annotated[
        OptionalFloat, typer.Option("--temperature", "--temp", help="0 is greedy, higher is bolder.")
    ] = None,
    top_k: Annotated[OptionalInt, typer.Option(help="Draw from the k likeliest tokens only; 0 for all.")] = None,
    top_p: Annotated[
        OptionalFloat, typer.Option(help="Draw from the likeliest tokens only that together have this probability.")
    ] = None,
    seed: Annotated[OptionalInt, typer.Option(help="The same seed and words get the same replies.")] = None,
    device: Annotated[OptionalText, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = None,
    dtype: Annotated[
        OptionalText, typer.Option(help="float32, bfloat16 or float16.", show_default="as the weights are stored")
    ] = None,
) -> None:
    """Talk with a model that was tuned on conversations. /help lists what can be typed.

    In a pipe, each line of standard input is a message, and standard output gets the replies alone.
    """
    from groundup.cli import conversing, writing
    from groundup.cli.display import say
    from groundup.inference.chat_session import ChatSession

    bundle = conversing.choose_chat_bundle(folder or checkpoint, say)
    settings = writing.choose_settings(
        bundle, max_new_tokens=max_new_tokens, temperature=temperature, top_k=top_k, top_p=top_p, seed=seed
    )
    model, tokenizer = writing.open_model(bundle, device, dtype, say)
    conversing.converse(ChatSession(model, tokenizer, settings, system=system), say)
