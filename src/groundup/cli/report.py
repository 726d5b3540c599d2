"""groundup report and groundup dashboard."""

from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.options import RUN_ROOTS


def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run folders; several are overlaid.")],
    output: Annotated[
        Path | None,
        typer.Option(help="The file to write.", show_default="report.html in the run folder; here for several runs"),
    ] = None,
) -> None:
    """Make one HTML file that shows a run, or several side by side: curves, samples, ledger, settings.

    It needs nothing else: no server, no network. Training writes it by itself at its end.
    """
    from groundup.report.page import write_report
    from groundup.runs.folder import RunFolder
    from groundup.runs.listing import find_run
    from groundup.training.config import default_settings

    found = [find_run(run) for run in runs]
    target = output or (RunFolder(found[0]).report if len(found) == 1 else Path("report.html"))
    write_report(found, target, default_settings())
    print(target)


def dashboard(
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="[FOLDER]...", help="Where to look; the usual places unless given.")
    ] = None,
    port: Annotated[int, typer.Option(help="Port on this machine; 0 for any that is free.", min=0, max=65535)] = 8077,
) -> None:
    """Show runs live in a browser, running and finished ones, several overlaid. Ctrl-C ends it.

    It listens on 127.0.0.1 only: nobody else sees it.
    """
    from groundup.cli.display import say
    from groundup.report.dashboard import serve
    from groundup.training.config import default_settings

    serve(list(folders or RUN_ROOTS), port, default_settings(), say)
