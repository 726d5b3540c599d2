"""groundup verify-resume."""

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groundup.cli.options import ConfigOption, ModelOption, SettingsArgument

if TYPE_CHECKING:
    from groundup.training.verify_resume import Report


def verify_resume(
    settings: SettingsArgument = None,
    config: ConfigOption = None,
    model: ModelOption = None,
    steps: Annotated[int, typer.Option(help="Steps of the first phase; a second one has half as many.")] = 20,
    kills: Annotated[int, typer.Option(help="How often the run is killed.", min=1)] = 6,
    processes: Annotated[
        str, typer.Option(help="Numbers of processes, one start after the other: 1,2,4 takes these in turn.")
    ] = "1",
    seed: Annotated[int, typer.Option(help="Seed of the moments of the kills.")] = 1,
    folder: Annotated[Path | None, typer.Option(help="Where to work; a temporary folder unless given.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Prove that a run of this configuration, killed and started again, ends as one that was never killed.

    Trains a short run in a scratch folder on some of your text, kills it with SIGKILL between steps, inside saves and
    inside evaluations, and compares. Your own run is left alone. Exit code 1 when anything differs.
    """
    from groundup.cli.display import say
    from groundup.training.config import find_config, load_config
    from groundup.training.verify_resume import remove_trial
    from groundup.training.verify_resume import verify_resume as verify

    numbers = parse_processes(processes)
    resolved = load_config(find_config(path=config, model=model), settings or [])
    place = folder or Path(tempfile.mkdtemp(prefix="groundup-verify-"))
    report = verify(resolved, place, steps=steps, kills=kills, processes=numbers, seed=seed, say=say)
    print(json.dumps(report.to_dict()) if as_json else describe(report))
    if report.agrees and folder is None:
        remove_trial(place)
    if not report.agrees:
        say(f"everything is left in {place}")
        raise typer.Exit(1)


def parse_processes(text: str) -> list[int]:
    """1,2,4 as numbers. Raises UserError."""
    from groundup.utils.errors import UserError

    numbers = [int(word) for word in text.split(",") if word.strip().isdecimal()]
    if len(numbers) != len(text.split(",")) or min(numbers) < 1:
        raise UserError(f'--processes "{text}" is no list of numbers. Write it as 1,2,4.')
    return numbers


def describe(report: "Report") -> str:
    """The outcome for a person."""
    told = {"step": "between steps", "save": "inside a save", "evaluation": "inside an evaluation"}
    kills = ", ".join(f"{n} {told.get(where, f'in a {where}')}" for where, n in report.kills.items() if n)
    lines = [f"{report.steps} steps; kills: {kills or 'none'}"]
    lines += [f"{name:<10} {outcome}" for name, outcome in report.checks.items()]
    return "\n".join([*lines, "this run resumes exactly" if report.agrees else "this run does NOT resume exactly"])
