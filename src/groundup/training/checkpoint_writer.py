"""From a model in training to a checkpoint folder: what is taken from it, and what is written beside the training."""

import dataclasses
from pathlib import Path

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
from groundup.utils.progress import Say


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
        """By all processes: they may hold parts of what the leader writes."""
        taken = self._snapshot()
        self.parallel.team.lead(lambda: saver.save(taken))

    def rescue(self, saver: Saver) -> None:
        """Save when the other processes may be gone: possible where the leader holds everything."""
        if self.parallel.team.leads and self.parallel.kind != "fsdp":
            saver.save(self._snapshot())

    def _snapshot(self) -> Snapshot:
        """The present state, not copied; whole on the leader. All processes must call this: weights may be sharded."""
        model, optimizer = self.parallel.whole_model(), self.parallel.gathered(self.optimizers.state_tensors())
        shipped = self.recipe.shipped(model)
        return Snapshot(self.state, shipped.config, shipped.state_dict(), self.recipe.own_weights(model), optimizer)

    def write(self, taken: Snapshot) -> None:
        """Runs in the saver's thread: it uses nothing that training changes."""

        def save_model(folder: Path) -> None:
            values = dataclasses.asdict(self.generation)
            write_bundle(taken.shape, taken.weights, self.tokenizer, folder, generation=values)
            if taken.state.best_step == taken.state.step:
                check_bundle(folder, taken.shape, taken.weights, self.tokenizer, self.say)

        save_checkpoint(self.run, taken, save_model)
        best = taken.state.best_step
        if best is not None and self.run.step_folder(best).exists():
            self.run.point("best", best)
        else:
            self.run.point("best", taken.state.step)  # nothing has been evaluated yet: the newest is all there is
        prune(self.run, keep=self.keep, best_step=best)
