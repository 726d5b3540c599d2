"""groundup train."""

import json
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
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")] = False,
) -> None:
    """Train a model; go on by itself where an earlier start left off.

    Whatever is missing before it (corpus, tokenizer, token files) is made from the same configuration.
    """
    from groundup.cli.display import choose_observer
    from groundup.training.config import find_config, load_config
    from groundup.training.pretrain import announce, pretrain

    resolved = load_config(find_config(path=config, model=model), settings or [])
    result = pretrain(resolved, restart=restart, only_new=only_new, observer=choose_observer())
    if as_json:
        print(json.dumps(result.to_dict()))
    else:
        announce(result, print)
        print(f'try it: groundup generate --checkpoint {result.run} --prompt "..."')
