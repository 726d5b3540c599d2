"""A finished tuning run, found again: what it learned from, what was held out, and the model that it began with."""

from dataclasses import dataclass
from pathlib import Path

from groundup.data.conversation_rows import read_conversations
from groundup.data.conversations import Conversation
from groundup.model.bundle import CONFIG
from groundup.runs.folder import RunFolder
from groundup.runs.origin import is_tuned, read_origin
from groundup.training.config import Config, load_config
from groundup.training.run_texts import run_of
from groundup.training.tune_prepare import HELD_OUT, read_material
from groundup.utils.errors import UserError
from groundup.utils.progress import Say, quiet


@dataclass(frozen=True)
class TunedRun:
    """A run of `groundup tune` on conversations."""

    run: Path
    config: Config
    before: Path | None  # the model folder that it began from, if it is still there

    @property
    def held_out_file(self) -> Path:
        """The held-out conversations."""
        return Path(str(self.config.dataset.dir)) / HELD_OUT

    def held_out(self) -> list[Conversation]:
        """The conversations that training never saw."""
        return read_conversations([self.held_out_file])[0]

    def training(self, say: Say) -> list[Conversation]:
        """The conversations that it learned from; none, with a line saying so, where the files are gone."""
        try:
            return [one for one in read_material(self.config, quiet).train if isinstance(one, Conversation)]
        except UserError as error:
            say(f"the training conversations cannot be read, so copying from them is not measured: {error}")
            return []


def find_tuned_run(bundle: Path) -> TunedRun | None:
    """The tuning run that a model belongs to; None for any other model, and for one tuned on preferences."""
    run = run_of(bundle)
    if run is None or not is_tuned(run):
        return None
    config = load_config(RunFolder(run).config)
    before = Path(read_origin(run)["checkpoint"])
    found = TunedRun(run, config, before if (before / CONFIG).is_file() else None)
    return found if config.tuning.objective == "conversations" and found.held_out_file.is_file() else None
