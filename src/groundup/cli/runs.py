"""groundup runs and groundup compare."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groundup.cli.options import RUN_ROOTS, DeviceOption

if TYPE_CHECKING:
    from groundup.runs.listing import RunSummary


def runs(
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="[FOLDER]...", help="Where to look; the usual places unless given.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List runs with their state, newest first."""
    from groundup.runs.listing import find_runs, summarize
    from groundup.utils.errors import UserError

    for folder in folders or ():
        if not folder.is_dir():
            raise UserError(f"{folder} is no folder. Give one that holds runs, or none for the usual places.")
    roots = folders or [root for root in RUN_ROOTS if root.is_dir()]
    found = sorted((summarize(run) for run in find_runs(roots)), key=lambda run: run.changed, reverse=True)
    if as_json:
        print(json.dumps([run.to_dict() for run in found]))
    elif found:
        print(as_table(found))
    else:
        places = ", ".join(f"{root}/" for root in (folders or RUN_ROOTS))
        print(f"no runs under {places}")


def as_table(found: "list[RunSummary]") -> str:
    """One run a line, in columns."""
    rows = [("run", "state", "step", "val_bpb", "size", "changed", "")]
    for run in found:
        of = f"/{run.last_step:,}" if run.last_step else ""
        bits = "-" if run.val_bpb is None else f"{run.val_bpb:.4f}"
        date = time.strftime("%Y-%m-%d %H:%M", time.localtime(run.changed))
        rows.append(
            (run.path, run.state, f"{run.step:,}{of}", bits, f"{run.size_bytes / 1e6:,.1f} MB", date, run.detail)
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    right = (2, 3, 4)
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def compare(
    a: Annotated[Path, typer.Argument(metavar="A", help="A run folder; with data any model, or a record of eval.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another one.")],
    by: Annotated[str, typer.Option(help="What the curves are aligned by: steps, tokens or seconds.")] = "steps",
    text: Annotated[
        list[Path] | None, typer.Option(help="Compare bits per byte on this file or folder of text.")
    ] = None,
    pairs: Annotated[list[Path] | None, typer.Option(help="Compare on minimal pairs (see groundup eval).")] = None,
    tasks: Annotated[list[str] | None, typer.Option(help="Compare on questions (see groundup eval).")] = None,
    device: DeviceOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
) -> None:
    """Show what differs between two runs, in settings and in results.

    With --text, --pairs or --tasks, or for two files of groundup eval --output: whether their results on the same items
    differ by more than chance.
    """
    if text or pairs or tasks or (a.is_file() and b.is_file()):
        from groundup.cli.comparing import paired_differences
        from groundup.cli.display import say
        from groundup.evaluation import paired

        found = paired_differences(a, b, text=text or [], pairs=pairs or [], tasks=tasks or [], device=device, say=say)
        print(json.dumps([item.to_dict() for item in found]) if as_json else paired.describe(found))
        return
    from groundup.report.comparison import compare_runs, describe
    from groundup.runs.listing import find_run

    comparison = compare_runs(find_run(a), find_run(b), by=by)
    print(json.dumps(comparison.to_dict()) if as_json else describe(comparison))
