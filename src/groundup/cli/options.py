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
