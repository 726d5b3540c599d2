"""The training loop: batches in, steps, metrics, evaluations and checkpoints out, until the phase ends."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from groundup.data.loader import Batch, Batches
from groundup.evaluation.bits_per_byte import Evaluation, Stopped
from groundup.model.loss import IGNORED
from groundup.runs.ledger import Entry
from groundup.runs.metrics import Row
from groundup.training.checkpoint import TrainingState
from groundup.training.limits import ClockEnd, FixedEnd
from groundup.training.observer import Observer, Progress
from groundup.training.optimizer import Optimizers, peak_learning_rate
from groundup.training.schedule import learning_rate_share, muon_momentum
from groundup.training.settings import TrainingConfig
from groundup.training.signals import Interrupted, StopRequest
from groundup.training.step import MicroBatch, NonFiniteError, Objective, StepResult, train_step
from groundup.utils.errors import UserError
from groundup.utils.seeding import derive_seed

AUTO_EVALUATIONS = 10  # in a phase, unless an interval is given
SAVE_SECONDS = 600  # at most this much work is lost to a power cut, whatever the intervals


@dataclass
class Loop:
    """Everything that the loop works with."""

    settings: TrainingConfig
    log_interval: int
    model: nn.Module  # compiled or not
    optimizers: Optimizers
    batches: Batches
    objective: Objective
    patience: int | None  # evaluations without a better one after which the phase ends early
    end: FixedEnd | ClockEnd
    state: TrainingState
    entries: list[Entry]  # the ledger's entries of this phase, in the order of the phase's datasets
    flops_per_token: float
    peak_flops_per_second: float
    observer: Observer
    evaluate: Callable[[Callable[[], bool]], Evaluation]
    save: Callable[[], None]
    write_row: Callable[[Row], None]
    write_sample: Callable[[], None]

    def __post_init__(self) -> None:
        self._device = torch.device(self.settings.device)
        self._began = time.perf_counter() - self.state.elapsed_seconds
        self._saved_at = time.perf_counter()
        self._first_step_here, self._elapsed_at_start = self.state.step, self.state.elapsed_seconds
        self._in_update = False

    def run(self) -> None:
        """Train to the end of the phase. Saves on a signal (then raises Interrupted) and on any error that it can."""
        with StopRequest() as stop, self.batches as batches:
            try:
                self._steps(iter(batches), stop)
            except NonFiniteError as error:
                self._save_if_sound()
                raise UserError(self._explain(error)) from error
            except BaseException:
                if not self._in_update:  # in the middle of an update the weights belong to no step
                    self._save_if_sound()
                raise
            if stop.signal_number is not None:
                self.save()
                raise Interrupted(stop.signal_number, self.state.step)
        self.save()

    def _steps(self, batches: Iterator[Batch], stop: StopRequest) -> None:
        state = self.state
        self.end.update(state.step, state.elapsed_seconds)
        while state.step < self.end.last_step and not stop:
            began = time.perf_counter()
            batch = next(batches)
            rate = self._set_rates()
            result = self._train(batch)
            self._account(batch, result)
            state.elapsed_seconds = time.perf_counter() - self._began
            self.end.update(state.step, state.elapsed_seconds)
            row = self._row(result, rate, time.perf_counter() - began)
            if self._is_due(self.settings.eval_interval):
                row |= self._evaluate(stop)
            if state.step % self.log_interval == 0 or "val_loss" in row or state.step == self.end.last_step:
                self.write_row(row)
            self.observer.progress(Progress(state.step, self.end.last_step, self._seconds_left(), row))
            if self._is_due(self.settings.checkpoint_interval) or self._is_best_now() or self._save_is_overdue():
                self.save()
                self._saved_at = time.perf_counter()
            state.elapsed_seconds = time.perf_counter() - self._began

    def _set_rates(self) -> float:
        """Set the learning rates for the coming step; return the main one."""
        phase, settings = self.state.phase, self.settings
        share = learning_rate_share(
            self.state.step - phase.first_step,
            self.end.last_step - phase.first_step,
            schedule=settings.schedule,
            warmup=settings.warmup,
            decay=settings.decay,
            final=settings.final_learning_rate,
        )
        self.optimizers.set_rates(share, muon_momentum(self.state.step))
        return peak_learning_rate(settings) * share

    def _train(self, batch: Batch) -> StepResult:
        torch.manual_seed(derive_seed(self.settings.seed, "dropout", self.state.step))
        micro_batches = list(self._micro_batches(batch))
        self._in_update = True
        result = train_step(
            self.model,
            self.optimizers,
            micro_batches,
            max_grad_norm=self.settings.max_grad_norm,
            objective=self.objective,
        )
        self.state.step += 1
        self.state.consumed += len(batch.inputs)
        self._in_update = False
        return result

    def _micro_batches(self, batch: Batch) -> Iterator[MicroBatch]:
        size = int(self.settings.micro_batch_size)
        for start in range(0, len(batch.inputs), size):
            rows = slice(start, start + size)
            inputs = torch.from_numpy(batch.inputs[rows]).to(self._device, non_blocking=True)
            targets = torch.from_numpy(batch.targets[rows]).to(self._device, non_blocking=True)
            segments = None if batch.segments is None else torch.from_numpy(batch.segments[rows]).to(self._device)
            positions = None if batch.positions is None else torch.from_numpy(batch.positions[rows]).to(self._device)
            yield MicroBatch(inputs, targets, segments, positions)

    def _account(self, batch: Batch, result: StepResult) -> None:
        """Enter the batch in the ledger."""
        counted = (batch.targets != IGNORED).sum(axis=1)
        for index in np.unique(batch.dataset_indices):
            mine = batch.dataset_indices == index
            entry = self.entries[int(index)]
            entry.windows += int(mine.sum())
            entry.tokens += int(counted[mine].sum())
        for entry in self.entries:
            entry.last_step = self.state.step

    def _row(self, result: StepResult, rate: float, seconds: float) -> Row:
        speed = result.tokens / seconds
        return {
            "step": self.state.step,
            "tokens": self.state.ledger.tokens(),
            "elapsed_seconds": round(self.state.elapsed_seconds, 3),
            "train_loss": result.loss,
            "learning_rate": rate,
            "grad_norm": result.gradient_norm,
            "tokens_per_second": round(speed, 1),
            "mfu": round(speed * self.flops_per_token / self.peak_flops_per_second, 4),
        }

    def _is_due(self, interval: int | str) -> bool:
        """Whether something that happens every `interval` steps happens after this one. The last step always counts."""
        step, phase = self.state.step, self.state.phase
        if step == self.end.last_step:
            return True
        if interval != "auto":
            return step % int(interval) == 0
        length = self.end.last_step - phase.first_step
        done = step - phase.first_step
        return done * AUTO_EVALUATIONS // length > (done - 1) * AUTO_EVALUATIONS // length

    def _evaluate(self, stop: StopRequest) -> Row:
        """Evaluate, remember the best, write a sample. Empty when asked to stop in the middle."""
        try:
            evaluation = self.evaluate(lambda: bool(stop))
        except Stopped:
            return {}
        state = self.state
        if state.best_val_loss is None or evaluation.loss < state.best_val_loss:
            state.best_val_loss, state.best_step = evaluation.loss, state.step
            state.evaluations_since_best = 0
        else:
            state.evaluations_since_best += 1
            self._end_if_out_of_patience()
        if self.settings.sample_tokens:
            self.write_sample()
        return evaluation.to_dict()

    def _end_if_out_of_patience(self) -> None:
        """End the phase, for good, when it has not got better for too long. Losses decide: a resumed run agrees."""
        state = self.state
        if self.patience is None or state.evaluations_since_best < self.patience or state.step >= self.end.last_step:
            return
        self.end = FixedEnd(state.step)
        state.phase.last_step = state.step
        self.observer.say(
            f"ended early at step {state.step:,}: {state.evaluations_since_best} evaluations without a better one "
            f"than that of step {state.best_step:,}"
        )

    def _is_best_now(self) -> bool:
        return self.state.best_step == self.state.step

    def _save_is_overdue(self) -> bool:
        return time.perf_counter() - self._saved_at > SAVE_SECONDS

    def _seconds_left(self) -> float | None:
        if isinstance(self.end, ClockEnd):
            return max(0.0, 60 * float(self.settings.max_minutes or 0) - self.state.elapsed_seconds)
        here = self.state.step - self._first_step_here
        if here < 3:  # the first steps are no measure
            return None
        spent = self.state.elapsed_seconds - self._elapsed_at_start
        return spent / here * (self.end.last_step - self.state.step)

    def _save_if_sound(self) -> None:
        """Save the state after the last whole step, unless its weights are no longer numbers."""
        if all(bool(torch.isfinite(parameter).all()) for parameter in self.model.parameters()):
            self.save()

    def _explain(self, error: NonFiniteError) -> str:
        step = self.state.step + 1
        return (
            f"training stopped before step {step}: {error}. Nothing was updated by it and the state after step "
            f"{step - 1} is saved. Lower training.learning_rate or set training.precision=float32, then go on."
        )
