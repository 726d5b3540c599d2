"""From a model in training to a checkpoint folder: what is taken from it, and what is written beside the training."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from groundup.inference.generation import GenerationConfig
from groundup.model.bundle import write_bundle
from groundup.model.bundle_check import check_bundle
from groundup.runs.folder import RunFolder
from groundup.tokenizer.interface import Tokenizer
from groundup.training.checkpoint import Snapshot, TrainingState, prune, save_checkpoint
from groundup.training.optimizer import Optimizers
from groundup.training.parallel import Parallel
from groundup.training.recipe import Recipe
from groundup.training.saver import Saver
from groundup.training.sharded_checkpoint import save_sharded, sharded_state
from groundup.utils.progress import Say

CHECKED_BYTES = 16 * 2**30  # weights and optimizer of a model that is read back after it was written


@dataclasses.dataclass(frozen=True)
class CheckpointWriter:
    """Takes the state of a run, and writes it down."""

    run: RunFolder
    recipe: Recipe
    tokenizer: Tokenizer
    generation: GenerationConfig  # the defaults that are shipped with the model
    keep: int  # newest checkpoints kept, beside the best
    state: TrainingState
    parallel: Parallel
    optimizers: Optimizers
    say: Say

    def save(self, saver: Saver) -> None:
        """By all processes: each hands over what it has to write."""
        if self.parallel.kind == "fsdp":
            with self.parallel.team.together():  # so that none begins a save that another one takes no part in
                saver.wait()
            saver.save(self._parts())
            return
        self.parallel.team.lead(lambda: saver.save(self._snapshot()))

    def rescue(self, saver: Saver) -> None:
        """Save when the other processes may be gone: possible where the leader holds everything."""
        if self.parallel.team.leads and self.parallel.kind != "fsdp":
            saver.save(self._snapshot())

    def _snapshot(self) -> Snapshot:
        """The present state, not copied."""
        model = self.parallel.plain
        shipped, own = self.recipe.shipped(model), self.recipe.own_weights(model)
        return Snapshot(self.state, shipped.config, shipped.state_dict(), own, self.optimizers.state_tensors())

    def _parts(self) -> Snapshot:
        """The same of a sharded model: what this process holds."""
        model = self.parallel.plain
        return Snapshot(self.state, model.config, sharded_state(model), {}, self.optimizers.state_tensors())

    def write(self, taken: Snapshot) -> None:
        """Runs in the saver's thread: it uses nothing that training changes."""
        if self.parallel.kind == "fsdp":
            team = self.parallel.background
            save_sharded(self.run, taken, team, lambda folder, weights: self._write_model(taken, folder, weights))
            team.lead(lambda: self.tidy(taken.state))
            return
        save_checkpoint(self.run, taken, lambda folder: self._write_model(taken, folder, taken.weights))
        self.tidy(taken.state)

    def _write_model(self, taken: Snapshot, folder: Path, weights: Mapping[str, Tensor]) -> None:
        values = dataclasses.asdict(self.generation)
        write_bundle(taken.shape, weights, self.tokenizer, folder, generation=values)
        # Reading it back takes the memory of several models: of a large one in parts the checksums must do.
        large = self.parallel.kind == "fsdp" and taken.size_bytes() > CHECKED_BYTES
        if taken.state.best_step == taken.state.step and not large:
            check_bundle(folder, taken.shape, weights, self.tokenizer, self.say)

    def tidy(self, state: TrainingState) -> None:
        """Point at the best checkpoint, and delete those that are no longer kept."""
        best = state.best_step
        if best is not None and self.run.step_folder(best).exists():
            self.run.point("best", best)
        else:
            self.run.point("best", state.step)  # nothing has been evaluated yet: the newest is all there is
        prune(self.run, keep=self.keep, best_step=best)
