"""The training loop: batches in, steps, metrics, evaluations and checkpoints out, until the phase ends."""

import contextlib
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn

from groundup.data.loader import Batch, Batches
from groundup.evaluation.bits_per_byte import Evaluation, Stopped
from groundup.model.loss import IGNORED
from groundup.runs.ledger import Entry
from groundup.runs.metrics import SUITE_SECONDS, Row
from groundup.training.checkpoint import TrainingState
from groundup.training.distributed import FollowedError
from groundup.training.guards import TokenFilesChangedError, TokenFileWatch, is_out_of_memory, judge_step
from groundup.training.limits import ClockEnd, FixedEnd
from groundup.training.observer import Observer, Progress
from groundup.training.optimizer import Optimizers, peak_learning_rate
from groundup.training.parallel import Parallel, TeamOutOfMemoryError
from groundup.training.saver import Saver
from groundup.training.schedule import learning_rate_share, muon_momentum
from groundup.training.settings import TrainingConfig
from groundup.training.signals import Interrupted, Stopping, StopRequest
from groundup.training.step import (
    MicroBatch,
    NonFiniteError,
    Objective,
    StepResult,
    drop_gradients,
    measure_step,
    rehearse,
    take_step,
)
from groundup.utils.device import peak_memory_bytes
from groundup.utils.errors import UserError
from groundup.utils.seeding import derive_seed

AUTO_EVALUATIONS = 10  # in a phase, unless an interval is given


@dataclass
class Loop:
    """Everything that the loop works with."""

    settings: TrainingConfig
    log_interval: int
    model: nn.Module  # what a step calls: compiled or not, wrapped or not
    parallel: Parallel
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
    save: Callable[[Saver], None]  # by all processes together
    rescue: Callable[[Saver], None]  # what can still be saved when the other processes may be gone
    saver: Saver
    watch: TokenFileWatch
    stop: StopRequest
    keep_settings: Callable[[], None]  # after one of them had to change
    explain: Callable[[NonFiniteError, Batch], UserError]
    write_row: Callable[[Row], None]
    write_windows: Callable[[Row], None] | None
    write_sample: Callable[[], None]
    suite_interval: int | str | None  # steps; None: no questions are asked on the way
    ask_suite: Callable[[], Row]  # by all processes together

    def __post_init__(self) -> None:
        self._team = self.parallel.team
        self._device = torch.device(self.settings.device)
        self._began = time.perf_counter() - self.state.elapsed_seconds
        self._saved_at = time.perf_counter()
        self._first_step_here, self._elapsed_at_start = self.state.step, self.state.elapsed_seconds
        self._in_update = False

    def run(self) -> None:
        """Train to the end of the phase. Saves on a signal (then raises Interrupted) and on any error that it can."""
        with self.stop.deferred(), self.batches as batches:
            try:
                self._steps(iter(batches))
            except Stopping:
                pass  # what was being computed is computed again when the run goes on
            except KeyboardInterrupt:
                raise  # somebody is in a hurry
            except BaseException as error:
                self._rescue(error)
                raise
            self._save()
            with self._team.together():
                self.saver.wait()
            if self._must_stop() and self.stop.signal_number is not None:
                raise Interrupted(self.stop.signal_number, f"saved after step {self.state.step:,}")

    def _rescue(self, error: BaseException) -> None:
        """Save the state after the last whole step, if it can be trusted."""
        if self._in_update and is_out_of_memory(error):
            raise UserError(
                f"memory ran out in the update of step {self.state.step + 1}, which has no smaller parts. "
                "The last checkpoint is intact. Choose a smaller model or a device with more memory."
            ) from error
        # In the middle of an update the weights belong to no step, and what has been read from a file that changed is
        # not what is recorded.
        self.saver.forget()
        sound = self.parallel.is_finite() and not self._in_update and not isinstance(error, TokenFilesChangedError)
        if self._team.size == 1 or not self._team.all_know:
            if sound:
                self.rescue(self.saver)
        elif not self._team.maximum(not sound):
            self.save(self.saver)
        with contextlib.suppress(FollowedError):  # what is being told here is what it follows from
            self.saver.wait()

    def _steps(self, batches: Iterator[Batch]) -> None:
        state = self.state
        self.end.update(state.step, state.elapsed_seconds)
        self._follow_leader()
        if state.pending is not None:  # the last start was stopped before it had finished this step
            self._finish(state.pending)
        while state.step < self.end.last_step and not self._must_stop():
            began = time.perf_counter()
            with self._team.together():
                self.saver.check()
                self.watch.look()
                batch = next(batches)
            rate = self._set_rates()
            result = self._train(batch)
            state.elapsed_seconds = time.perf_counter() - self._began
            self.end.update(state.step, state.elapsed_seconds)
            self._follow_leader()
            self._finish(self._row(result, rate, time.perf_counter() - began))
            state.elapsed_seconds = time.perf_counter() - self._began

    def _finish(self, row: Row) -> None:
        """What comes after the update: evaluation, records, a checkpoint. Until it is done, the row is pending."""
        state = self.state
        state.pending = dict(row)
        if self.suite_interval is not None and self._is_due(self.suite_interval):
            with self._leavable():  # and before the evaluation, which remembers the best: it must not do so twice
                row |= self.ask_suite()
        if self._is_due(self.settings.eval_interval):
            row |= self._evaluate()
        measured = "val_loss" in row or SUITE_SECONDS in row
        if state.step % self.log_interval == 0 or measured or state.step == self.end.last_step:
            self.write_row(row)
        state.pending = None
        self.observer.progress(Progress(state.step, self.end.last_step, self._seconds_left(), row))
        if self._is_due(self.settings.checkpoint_interval) or self._is_best_now() or self._overdue:
            self._save()

    def _save(self) -> None:
        with self._team.together():
            self.watch.look(now=True)  # so that no checkpoint holds what was read from a file that is another one now
        self.save(self.saver)
        self._saved_at = time.perf_counter()

    def _follow_leader(self) -> None:
        """Take over what the leader's clock has decided: the phase's end, and whether a save is overdue."""
        self.end.last_step, self._overdue = self._team.share((self.end.last_step, self._save_is_overdue()))

    def _must_stop(self) -> bool:
        """Whether any process was asked to stop."""
        agreed = int(self._team.maximum(self.stop.signal_number or 0))
        if agreed:
            self.stop.signal_number = agreed
        return bool(agreed)

    def _leavable(self) -> contextlib.AbstractContextManager[None]:
        """Where a signal may end the work on the spot: only where no other process waits for it."""
        return self.stop.abandonable() if self._team.size == 1 else contextlib.nullcontext()

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
        """Take the step, unless the spike guard is against it, and enter it in the ledger."""
        state, settings = self.state, self.settings
        result = self._measure(batch)
        spike = judge_step(state.spikes, result.loss, result.gradient_norm, settings.spike_deviations)
        self._in_update = True
        if spike is None:
            take_step(self.model, self.optimizers, result, max_grad_norm=settings.max_grad_norm)
        else:
            drop_gradients(self.model)
        state.step += 1
        state.consumed = batch.consumed
        self._account(batch, taken=spike is None)
        self._in_update = False
        if spike is not None:
            self.observer.say(f"step {state.step:,} is not taken: {spike} (skipped so far: {state.spikes.skipped})")
        return result

    def _measure(self, batch: Batch) -> StepResult:
        """The gradients of a batch, through smaller micro-batches if memory runs out."""
        while True:
            # Every process zeroes other activations: its rows are others.
            rank = (self._team.rank,) if self._team.rank else ()
            seed = derive_seed(self.settings.seed, "dropout", self.state.step, *rank)
            try:
                with self._leavable():
                    micro_batches = list(self._micro_batches(batch))
                    if not self.parallel.rehearsed:
                        rehearse(self.model, micro_batches[0], self.objective, self.parallel)
                    torch.manual_seed(seed)
                    return measure_step(self.model, micro_batches, self.objective, self.parallel)
            except NonFiniteError as error:
                self._team.all_know = True  # loss and norm are the same everywhere
                self.saver.wait()  # so that it names the checkpoint that will be there
                raise self.explain(error, self._all_rows(batch)) from error
            except TeamOutOfMemoryError:
                pass
            except (RuntimeError, MemoryError) as error:
                if self._team.size > 1:  # the others wait in the middle of the step
                    raise self._team.own_error(self._told(error)) from error
                if not is_out_of_memory(error):
                    raise
            # Outside of the handler, whose traceback keeps the tensors of the failed attempt alive.
            self._halve_micro_batch()

    def _told(self, error: Exception) -> Exception:
        """An error of this process alone; lack of memory in words that help."""
        if not is_out_of_memory(error):
            return error
        size = int(self.settings.micro_batch_size)
        what = "training.micro_batch_size" if size > 1 else "training.block_size or model"
        now = f" than {size}" if size > 1 else ""
        return UserError(
            f"memory ran out in step {self.state.step + 1}, where the others wait for this process. "
            f"Give a smaller {what}{now}, and start the same command again to go on from the newest checkpoint."
        )

    def _all_rows(self, batch: Batch) -> Batch:
        """The batch with the windows that all processes have read of it, in order; inputs and targets stay."""
        pairs = self._team.gather((batch.dataset_indices, batch.window_indices))
        datasets, windows = (np.empty(sum(len(own[0]) for own in pairs), np.int64) for _ in range(2))
        for rank, (own_datasets, own_windows) in enumerate(pairs):
            mine = slice(rank, None, self._team.size)
            datasets[mine], windows[mine] = own_datasets, own_windows
        return replace(batch, dataset_indices=datasets, window_indices=windows)

    def _halve_micro_batch(self) -> None:
        drop_gradients(self.model)
        size = int(self.settings.micro_batch_size)
        if size == 1:
            self._team.all_know = True
            message = (
                f"step {self.state.step + 1} does not fit into memory with one sequence at a time. Give a smaller "
                "training.block_size or model, or a device with more memory; what was trained so far is saved."
            )
            raise UserError(message) if self._team.leads else FollowedError(message)
        if self._device.type == "cuda":
            torch.cuda.empty_cache()
        self.settings.micro_batch_size = (size + 1) // 2
        self.parallel.rehearsed = self.parallel.kind != "ddp"
        self.keep_settings()
        self.observer.say(
            f"memory ran out at step {self.state.step + 1:,}: going on with micro-batches of "
            f"{self.settings.micro_batch_size} sequences instead of {size}; batch and order stay"
        )

    def _micro_batches(self, batch: Batch) -> Iterator[MicroBatch]:
        """As many on every process, since they wait for each other in each; those beyond its rows count nothing."""
        size = int(self.settings.micro_batch_size)
        for start in range(0, math.ceil(self.settings.batch_size / self._team.size), size):
            idle = start >= len(batch.inputs)
            rows = slice(0, 1) if idle else slice(start, start + size)
            inputs = torch.from_numpy(batch.inputs[rows]).to(self._device, non_blocking=True)
            targets = torch.from_numpy(batch.targets[rows]).to(self._device, non_blocking=True)
            targets = torch.full_like(targets, IGNORED) if idle else targets
            segments = None if batch.segments is None else torch.from_numpy(batch.segments[rows]).to(self._device)
            positions = None if batch.positions is None else torch.from_numpy(batch.positions[rows]).to(self._device)
            yield MicroBatch(inputs, targets, segments, positions)

    def _account(self, batch: Batch, *, taken: bool) -> None:
        """Enter the batch in the ledger."""
        if self.write_windows is not None:
            rows = self._all_rows(batch)
            read = np.stack([rows.dataset_indices, rows.window_indices], axis=1)
            self.write_windows({"step": self.state.step, "windows": read.tolist()})
        for entry, windows, counted in zip(self.entries, batch.windows_of, batch.counted_of, strict=True):
            if taken:
                entry.windows += int(windows)
                entry.tokens += int(counted)
            else:
                entry.skipped_windows += int(windows)
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
            "skipped_steps": self.state.spikes.skipped,
            "mfu": round(speed * self.flops_per_token / self.peak_flops_per_second, 4),
            "memory_bytes": peak_memory_bytes(self._device),
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

    def _evaluate(self) -> Row:
        """Evaluate, write a sample, remember the best."""
        with self._leavable():
            try:
                evaluation = self._team.share(self.evaluate(self._must_stop))
            except Stopped:
                raise Stopping from None
            if self.settings.sample_tokens:
                self.write_sample()
        state = self.state
        if state.best_val_loss is None or evaluation.loss < state.best_val_loss:
            state.best_val_loss, state.best_step = evaluation.loss, state.step
            state.evaluations_since_best = 0
        else:
            state.evaluations_since_best += 1
            self._end_if_out_of_patience()
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
        return time.perf_counter() - self._saved_at > 60 * self.settings.checkpoint_minutes

    def _seconds_left(self) -> float | None:
        if isinstance(self.end, ClockEnd):
            return max(0.0, 60 * float(self.settings.max_minutes or 0) - self.state.elapsed_seconds)
        here = self.state.step - self._first_step_here
        if here < 3:  # the first steps are no measure
            return None
        spent = self.state.elapsed_seconds - self._elapsed_at_start
        return spent / here * (self.end.last_step - self.state.step)
