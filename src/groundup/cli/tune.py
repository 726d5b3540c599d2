"""groundup tune."""

import json
from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.options import ConfigOption, SettingsArgument


def tune(
    settings: SettingsArgument = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="What to begin from: checkpoint, run folder or Hugging Face model folder.")
    ] = None,
    data: Annotated[
        list[Path] | None,
        typer.Option(
            help="Conversations (jsonl, json, parquet, csv, txt; also .gz, .zst) or a folder of them; may be repeated. "
            "Without any, the built-in dialogues."
        ),
    ] = None,
    config: ConfigOption = None,
    out: Annotated[
        Path | None, typer.Option(help="Run folder.", show_default="checkpoints/<name of the run>-chat")
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin anew; the earlier run is kept under another name.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")] = False,
) -> None:
    """Tune a pretrained model on conversations, so that it answers; go on where an earlier start left off.

    Rows are {"messages": [...]}, ShareGPT, Alpaca, prompt and completion, lines with __eou__, or "User:" and
    "Assistant:" text. For preferences (prompt, chosen, rejected) add tuning.objective=preferences.
    """
    from groundup.cli.display import choose_observer
    from groundup.training.config import merge_config
    from groundup.training.result import announce
    from groundup.training.tune import tune as run
    from groundup.training.tuning_settings import TRAINING_DEFAULTS

    resolved = merge_config(config, settings or [], {"training": TRAINING_DEFAULTS})
    if checkpoint is not None:
        resolved.tuning.checkpoint = str(checkpoint)
    if data:
        resolved.tuning.data = [str(path) for path in data]
    if out is not None:
        resolved.training.output_dir = str(out)
    result = run(resolved, restart=restart, observer=choose_observer())
    if as_json:
        print(json.dumps(result.to_dict()))
    else:
        announce(result, print)
        print(f"talk to it: groundup chat --checkpoint {result.run}")
