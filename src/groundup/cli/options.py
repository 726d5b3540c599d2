"""Options that several verbs share, so that they are spelled and explained once."""

from pathlib import Path
from typing import Annotated, Optional

import typer

ConfigOption = Annotated[Optional[Path], typer.Option("--config", help="Configuration file, .yaml or .json.")]  # noqa: UP045
ModelOption = Annotated[Optional[str], typer.Option("--model", help="NAME, meaning configs/NAME.yaml or .json.")]  # noqa: UP045
SettingsArgument = Annotated[
    Optional[list[str]],  # noqa: UP045 - Typer reads these at run time, on Python 3.10 too
    typer.Argument(metavar="[KEY=VALUE]...", help="Settings that override the file, such as training.max_steps=200."),
]
