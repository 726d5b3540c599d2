"""groundup train."""

import json
from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.options import ConfigOption, ModelOption, SettingsArgument


def train(
    settings: SettingsArgument = None,
    config: ConfigOption = None,
    model: ModelOption = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin anew; the earlier run is kept under another name.")
    ] = False,
    only_new: Annotated[
        bool, typer.Option("--only-new", help="Train only on text that this run has not seen, as a new phase.")
    ] = False,
    nproc: Annotated[
        int, typer.Option("--nproc", help="Processes on this machine: one a GPU, or a few on a CPU.", min=1)
    ] = 1,
    device: Annotated[
        str | None,
        typer.Option(help="auto, cpu, cuda, cuda:N or mps.", show_default="as configured; a terminal is asked"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")] = False,
) -> None:
    """Train a model; go on by itself where an earlier start left off.

    Whatever is missing before it (corpus, tokenizer, token files) is made from the same configuration.
    """
    from groundup.utils.ranks import launched_as_team, launched_rank

    if nproc > 1 and not launched_as_team():
        from groundup.utils.launch import launch

        raise typer.Exit(launch(words(settings, config, model, device, restart, only_new, as_json), nproc))
    from groundup.cli.devices import ask_on_terminal, choose_training_device
    from groundup.cli.display import choose_observer, say
    from groundup.runs.folder import RunFolder
    from groundup.training.config import find_config, load_config
    from groundup.training.pretrain import pretrain
    from groundup.training.result import announce

    resolved = load_config(find_config(path=config, model=model), settings or [])
    training = resolved.training
    decided = launched_as_team() or (RunFolder(Path(str(training.output_dir))).config.exists() and not restart)
    training.device = choose_training_device(training.device, device, decided, lambda: ask_on_terminal(say))
    result = pretrain(resolved, restart=restart, only_new=only_new, observer=choose_observer())
    if launched_rank():
        return  # another process speaks
    if as_json:
        print(json.dumps(result.to_dict()))
    else:
        announce(result, print)
        print(f'try it: groundup generate --checkpoint {result.run} --prompt "..."')


def words(
    settings: list[str] | None,
    config: Path | None,
    model: str | None,
    device: str | None,
    restart: bool,
    only_new: bool,
    as_json: bool,
) -> list[str]:
    """The same command for one of several processes."""
    named = [["--config", str(config)] if config else [], ["--model", model] if model else []]
    named.append(["--device", device] if device else [])
    flags = [flag for flag, on in (("--restart", restart), ("--only-new", only_new), ("--json", as_json)) if on]
    return ["train", *(word for pair in named for word in pair), *flags, *(settings or [])]
