"""Options that several verbs share, so that they are spelled and explained once."""

from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.quickstart import DEFAULT_OUT

RUN_ROOTS = (Path("checkpoints"), Path("artifacts"), DEFAULT_OUT)
"""Where runs lie unless a configuration says otherwise."""

ConfigOption = Annotated[Path | None, typer.Option("--config", help="Configuration file, .yaml or .json.")]
ModelOption = Annotated[str | None, typer.Option("--model", help="NAME, meaning configs/NAME.yaml or .json.")]
SettingsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[KEY=VALUE]...", help="Settings that override the file, such as training.max_steps=200."),
]

CheckpointArgument = Annotated[Path | None, typer.Argument(metavar="[CHECKPOINT]", help="The same as --checkpoint.")]
CheckpointOption = Annotated[
    Path | None,
    typer.Option(help="Checkpoint, run folder or Hugging Face model folder.", show_default="the newest run"),
]
TemperatureOption = Annotated[
    float | None, typer.Option("--temperature", "--temp", help="0 is greedy, higher is bolder.")
]
TopKOption = Annotated[int | None, typer.Option(help="Draw from the k likeliest tokens only; 0 for all.")]
TopPOption = Annotated[
    float | None, typer.Option(help="Draw from the likeliest tokens only that together have this probability.")
]
DeviceOption = Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")]
DtypeOption = Annotated[
    str | None, typer.Option(help="float32, bfloat16 or float16.", show_default="as the weights are stored")
]


def only_one(given: dict[str, Path | str | bool | None]) -> Path | None:
    """The value that is not None; wrong usage if there are several."""
    there = {name: value for name, value in given.items() if value is not None}
    if len(there) > 1:
        raise typer.BadParameter(f"{' and '.join(there)} cannot be given together")
    return next((value for value in there.values() if isinstance(value, Path)), None)


def refuse_unread(context: typer.Context, *, by_configuration: bool) -> None:
    """Wrong usage for what would be left unread: options beside a configuration that decides, settings without one."""
    decides = ("config", "model", "settings")
    given = [name for name in context.params if str(context.get_parameter_source(name)).endswith("COMMANDLINE")]
    unread = [name for name in given if (name not in decides if by_configuration else name == "settings")]
    if unread and by_configuration:
        raise typer.BadParameter(
            f"--{unread[0].replace('_', '-')} is not read beside a configuration; write it as a setting, KEY=VALUE"
        )
    if unread:
        raise typer.BadParameter("settings (KEY=VALUE) are read with --config or --model only")
