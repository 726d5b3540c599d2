"""groundup import."""

from pathlib import Path
from typing import Annotated

import typer


def import_(
    folder: Annotated[Path | None, typer.Argument(metavar="[SOURCE]", help="The same as --checkpoint.")] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            help="Hugging Face model folder (gpt2, llama, qwen3, phi), or any checkpoint.", show_default=False
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="New folder for the model.", show_default="imported/NAME OF THE SOURCE")
    ] = None,
    special_token: Annotated[
        list[str] | None, typer.Option(help="Token to add beside the chat markers; may be repeated.")
    ] = None,
    dtype: Annotated[
        str | None, typer.Option(help="float32, bfloat16 or float16.", show_default="as the weights are stored")
    ] = None,
) -> None:
    """Take over a model that others made, so that training, generation and chat start from it.

    Every tensor is checked. Chat markers that its tokenizer lacks are added, and its embeddings grow with them.
    """
    if (folder is None) == (checkpoint is None):
        raise typer.BadParameter("give the folder of the model, once")
    source = folder or checkpoint
    assert source is not None

    from groundup.cli.display import say
    from groundup.cli.opening import DTYPES
    from groundup.export.importing import import_model
    from groundup.utils.errors import UserError, nearest_hint

    if dtype is not None and dtype not in DTYPES:
        raise UserError(f'--dtype "{dtype}" is unknown.{nearest_hint(dtype, ["float32", "bfloat16", "float16"])}')
    target = output or Path("imported") / source.resolve().name
    import_model(source, target, special_tokens=special_token or (), dtype=DTYPES.get(dtype or ""), say=say)
    print(target)
    say(f"write with it    groundup generate --checkpoint {target}")
    say(f"train it on      training.init_from={target}")
