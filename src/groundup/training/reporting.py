"""The report that every run leaves in its folder."""

from groundup.report.page import write_report
from groundup.runs.folder import RunFolder
from groundup.training.config import default_settings
from groundup.utils.errors import UserError
from groundup.utils.progress import Say


def leave_report(run: RunFolder, say: Say) -> None:
    """Write report.html into the run folder. A report that fails is told and harms no run that went well."""
    try:
        write_report([run.path], run.report, default_settings())
    except (OSError, UserError) as error:
        say(f"the report could not be written: {error}")
    else:
        say(f"report: {run.report}")
