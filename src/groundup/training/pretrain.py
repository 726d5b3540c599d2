"""Pretraining: from a configuration to a trained run folder, going on by itself where an earlier start left off.

1 corpus      files -> corpus.jsonl        (training/prepare.py; what is there and fits is reused)
2 tokenizer   corpus -> tokenizer folder
3 tokens      corpus -> token files
4 training    token files -> checkpoints   (training/session.py opens the run; training/loop.py trains)
"""

from contextlib import ExitStack
from pathlib import Path

from groundup.runs.folder import RunFolder
from groundup.training.config import Config
from groundup.training.distributed import Team, joined_team
from groundup.training.observer import Observer
from groundup.training.prepare import Prepared, load_prepared, prepare
from groundup.training.recipe import Pretraining
from groundup.training.reporting import leave_report
from groundup.training.result import Result
from groundup.training.run_suite import RunSuite
from groundup.training.session import Session
from groundup.training.settings import check_settings
from groundup.training.signals import leaving_at_once
from groundup.training.start import adopt_shape
from groundup.utils.device import resolve_device
from groundup.utils.progress import Say


def pretrain(
    config: Config, *, restart: bool = False, only_new: bool = False, observer: Observer | None = None
) -> Result:
    """Train as `config` says, and return how it went. The same call again goes on, or finds that nothing is left to do.

    Raises UserError for whatever a user can mend, and Interrupted when a signal stopped the run after saving.
    """
    check_settings(config.training)
    with joined_team() as team:
        observer = observer if observer is not None and team.leads else Observer()
        RunSuite(config.evaluation)  # a file that is no suite, or no such device:
        resolve_device(config.training.device)  # known before minutes are spent on preparing
        adopt_shape(config)
        prepared = prepare_once(config, team, observer.say)
        run = RunFolder(Path(str(config.training.output_dir)))
        if restart and (aside := team.lead(run.set_aside)) is not None:
            observer.say(f"the earlier run is kept as {aside}")
        with ExitStack() as stack:
            team.lead(lambda: stack.enter_context(run.locked()))
            team.lead(run.remove_leftovers)
            result = Session(config, run, prepared, observer, Pretraining(), team).train(only_new)
        team.lead(lambda: leave_report(run, observer.say))  # when nobody trains there any more: the report says so
        return result


def prepare_once(config: Config, team: Team, say: Say) -> Prepared:
    """Let the leader prepare; the others wait, and then open what it has made."""
    made: list[Prepared] = []

    def prepare_here() -> None:
        with leaving_at_once("what has been prepared is kept, and the same command goes on"):
            made.append(prepare(config, say))

    team.lead(prepare_here)
    return made[0] if made else load_prepared(config)
