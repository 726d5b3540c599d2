"""Pretraining: from a configuration to a trained run folder, going on by itself where an earlier start left off.

1 corpus      files -> corpus.jsonl        (training/prepare.py; what is there and fits is reused)
2 tokenizer   corpus -> tokenizer folder
3 tokens      corpus -> token files
4 training    token files -> checkpoints   (this file opens the run; training/loop.py trains)
"""

import dataclasses
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn

from groundup.data.loader import Batch, Batches, validation_windows
from groundup.data.token_files import TokenSet
from groundup.evaluation.bits_per_byte import Evaluation
from groundup.inference.generation import GenerationConfig
from groundup.model.accounting import flops_per_token
from groundup.model.bundle import load_bundle, write_bundle
from groundup.runs.decisions import Decisions
from groundup.runs.environment import describe_environment
from groundup.runs.folder import RunFolder
from groundup.runs.ledger import Entry
from groundup.runs.metrics import Row, RowWriter, cut_rows_after, read_rows
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.loading import load_tokenizer
from groundup.training.checkpoint import (
    Snapshot,
    TrainingState,
    find_resumable,
    load_state,
    prune,
    save_checkpoint,
    telling_full_disk,
)
from groundup.training.config import Config, load_config, save_config
from groundup.training.curves import Curves
from groundup.training.guards import TokenFileWatch
from groundup.training.incident import report_non_finite
from groundup.training.limits import ClockEnd, FixedEnd
from groundup.training.loop import Loop
from groundup.training.observer import Observer
from groundup.training.optimizer import build_optimizers
from groundup.training.phases import Phase, choose_phase, last_step_by_limits
from groundup.training.prepare import Prepared, prepare
from groundup.training.recipe import Pretraining, Recipe
from groundup.training.saver import Saver
from groundup.training.settings import check_settings
from groundup.training.settle import check_unchanged, settle
from groundup.training.signals import StopRequest, leaving_at_once
from groundup.training.start import adopt_shape, load_start
from groundup.training.step import NonFiniteError
from groundup.utils.device import PRECISIONS, matmul_flops_per_second, resolve_device
from groundup.utils.errors import UserError
from groundup.utils.files import write_json
from groundup.utils.progress import Say


@dataclass(frozen=True)
class Result:
    """How a run stands when `pretrain` returns."""

    run: Path
    step: int
    train_loss: float | None  # of the last step; None when nothing has been trained
    evaluation: Evaluation  # of the best checkpoint, on all validation text
    best: Path  # the best checkpoint

    def to_dict(self) -> dict[str, Any]:
        """As JSON, under the names that metrics use."""
        return {
            "run": str(self.run),
            "step": self.step,
            "train_loss": self.train_loss,
            **self.evaluation.to_dict(),
            "checkpoint": str(self.best),
        }


def pretrain(
    config: Config, *, restart: bool = False, only_new: bool = False, observer: Observer | None = None
) -> Result:
    """Train as `config` says, and return how it went. The same call again goes on, or finds that nothing is left to do.

    Raises UserError for whatever a user can mend, and Interrupted when a signal stopped the run after saving.
    """
    observer = observer or Observer()
    check_settings(config.training)
    resolve_device(config.training.device)  # before minutes are spent on preparing
    adopt_shape(config)
    with leaving_at_once("what has been prepared is kept, and the same command goes on"):
        prepared = prepare(config, observer.say)
    run = RunFolder(Path(str(config.training.output_dir)))
    if restart:
        aside = run.set_aside()
        if aside is not None:
            observer.say(f"the earlier run is kept as {aside}")
    with run.locked():
        run.remove_leftovers()
        return Session(config, run, prepared, observer, Pretraining()).train(only_new)


class Session:
    """One start of a run, from opening its folder to its last evaluation."""

    def __init__(self, config: Config, run: RunFolder, prepared: Prepared, observer: Observer, recipe: Recipe) -> None:
        self.run, self.prepared, self.observer, self.recipe = run, prepared, observer, recipe
        self.watch = TokenFileWatch([*prepared.train, *prepared.val])
        self.tokenizer: Tokenizer = prepared.tokenizer
        checkpoint = find_resumable(run, observer.say)
        saved = load_config(run.config) if checkpoint is not None and run.config.exists() else None
        if saved is not None:
            check_unchanged(config, saved, run.path)
        fresh = checkpoint is None and config.training.init_from is not None
        self.start = load_start(config, prepared.tokenizer, observer.say) if fresh else None
        self.config = settle(
            config,
            saved,
            embedding_deviation=None if self.start is None else self.start.embedding_deviation,
            vocab_size=self.tokenizer.vocab_size,
            train_tokens=sum(found.meta.tokens for found in prepared.train),
            say=observer.say,
        )
        self.settings = self.config.training
        self.device = torch.device(self.settings.device)
        if checkpoint is None:
            self._begin()
        else:
            self._resume(checkpoint)
        self._cut_records()
        self.model.set_compute(PRECISIONS[self.settings.precision], attention=self.settings.attention)

    def _begin(self) -> None:
        self.state = TrainingState()
        begun = self.recipe.begin(self.config) if self.start is None else self.start.begin(self.config, self.run)
        self.model = begun.to(self.device)
        self.optimizers = build_optimizers(self.model, self.settings)

    def _resume(self, checkpoint: Path) -> None:
        self.run.set_newer_aside(checkpoint)
        check_tokenizer(checkpoint, self.tokenizer, self.prepared.tokenizer_path)
        self.state, tensors = load_state(checkpoint)
        self.model = self.recipe.resume(self.config, checkpoint).to(self.device)
        self.optimizers = build_optimizers(self.model, self.settings)
        self.optimizers.load_state_tensors(tensors)
        write_json(self.run.seen_datasets, self.state.ledger.to_dict())
        self.observer.say(f"going on from {checkpoint}")

    def _cut_records(self) -> None:
        """Drop the rows of steps that will be computed again, also where a start was killed before any checkpoint."""
        step = self.state.step
        finished = step - (self.state.pending is not None)
        for path, last in ((self.run.metrics, finished), (self.run.samples, finished), (self.run.windows, step)):
            cut_rows_after(path, last)

    def train(self, only_new: bool) -> Result:
        """Choose the phase, train it to its end, and evaluate the best checkpoint on all validation text."""
        state = self.state
        available = {found.fingerprint: found for found in self.prepared.train}
        phase, why = choose_phase(
            available,
            self.settings,
            state.phases,
            state.ledger,
            only_new=only_new,
            step=state.step,
            elapsed_seconds=state.elapsed_seconds,
            window_size=self.recipe.window_size(self.config),
        )
        self.observer.say(why)
        if phase is not None:
            self._enter(phase, available)
            self._write_about()
            with telling_full_disk(self.run, self._snapshot().size_bytes()):
                self._train_phase(phase, [available[name] for name in phase.order.datasets])
        with leaving_at_once("training is saved, and the same command evaluates it"):
            return self._conclude()

    def _enter(self, phase: Phase, available: dict[str, TokenSet]) -> None:
        """Make `phase` the current one; a new one gets its entries in the ledger."""
        state = self.state
        if state.phases and state.phases[-1] is phase:
            return
        state.phases.append(phase)
        state.consumed = 0
        for name, windows in zip(phase.order.datasets, phase.order.window_counts, strict=True):
            files = available[name].name
            state.ledger.entries.append(Entry(name, files, windows, phase.number, state.step + 1, state.step))

    def _write_about(self) -> None:
        save_config(self.config, self.run.config)
        write_json(self.run.environment, {**describe_environment(), "device": str(self.device)})

    def _end(self, phase: Phase) -> FixedEnd | ClockEnd:
        last_step = phase.last_step or last_step_by_limits(self.settings)
        if phase.last_step is not None or self.settings.max_minutes is None:
            assert last_step is not None, "settle gives every run a limit"
            return FixedEnd(last_step)
        minutes = self.settings.max_minutes
        decisions = Decisions(self.run.decisions, minutes)
        state = self.state
        return ClockEnd(decisions, 60 * minutes, state.step, state.elapsed_seconds, at_most=last_step)

    def _train_phase(self, phase: Phase, sets: list[TokenSet]) -> None:
        settings, state = self.settings, self.state
        dtype = PRECISIONS[settings.precision]
        metrics, samples = RowWriter(self.run.metrics), RowWriter(self.run.samples)
        windows = RowWriter(self.run.windows) if self.config.logging.windows else None
        curves = Curves(self.run.tensorboard if self.config.logging.tensorboard else None, next_step=state.step + 1)
        model = cast(nn.Module, torch.compile(self.model)) if settings.compile is True else self.model

        def write_row(row: Row) -> None:
            metrics.write(row)
            curves.draw(row)

        def explain(error: NonFiniteError, batch: Batch) -> UserError:
            size, step = phase.order.window_size, state.step + 1
            return report_non_finite(self.run, sets, batch, size, self.model, step=step, why=str(error))

        with ExitStack() as until_end:
            for writer in (metrics, samples, windows, curves):
                if writer is not None:
                    until_end.callback(writer.close)
            until_end.callback(self.observer.end)
            self.observer.begin(self._title(phase))
            Loop(
                settings=settings,
                log_interval=self.config.logging.interval,
                model=model,
                optimizers=self.optimizers,
                batches=Batches(
                    sets,
                    phase.order,
                    batch_size=settings.batch_size,
                    consumed=state.consumed,
                    segments=settings.document_mask,
                ),
                objective=self.recipe.objective,
                patience=self.recipe.patience,
                end=self._end(phase),
                state=state,
                entries=state.ledger.of_phase(phase.number),
                flops_per_token=flops_per_token(dataclasses.replace(self.model.config, block_size=settings.block_size)),
                peak_flops_per_second=matmul_flops_per_second(self.device, dtype),
                observer=self.observer,
                evaluate=lambda should_stop: self._evaluate(settings.eval_tokens, should_stop),
                save=lambda saver: saver.save(self._snapshot()),
                saver=Saver(self._write_checkpoint),
                watch=self.watch,
                stop=until_end.enter_context(StopRequest()),
                keep_settings=lambda: save_config(self.config, self.run.config),
                explain=explain,
                write_row=write_row,
                write_windows=None if windows is None else windows.write,
                write_sample=lambda: self._sample(samples),
            ).run()

    def _title(self, phase: Phase) -> str:
        order = phase.order
        return (
            f"{self.model.config.architecture}, {sum(p.numel() for p in self.model.parameters()):,} parameters, "
            f"{order.windows:,} windows of {order.window_size} tokens"
        )

    def _evaluate(self, at_most_tokens: int | None, should_stop: Callable[[], bool] = lambda: False) -> Evaluation:
        settings, size = self.settings, self.recipe.window_size(self.config)
        batches = validation_windows(
            self.prepared.val,
            size,
            batch_size=max(8, int(settings.micro_batch_size)),
            segments=settings.document_mask,
            max_windows=None if at_most_tokens is None else max(1, at_most_tokens // size),
        )
        return self.recipe.evaluate(self.model, batches, self.tokenizer.token_byte_lengths, self.device, should_stop)

    def _sample(self, samples: RowWriter) -> None:
        """Write down what the model writes: the same chance at every evaluation, so that samples compare."""
        settings = GenerationConfig(
            max_new_tokens=min(self.settings.sample_tokens, self.settings.block_size - 1),
            temperature=self.config.generation.temperature,
            top_k=self.config.generation.top_k,
            top_p=self.config.generation.top_p,
            seed=self.settings.seed,
        )
        text = self.recipe.sample(self.model, self.tokenizer, settings)
        samples.write({"step": self.state.step, "text": text})
        self.observer.sample(text)

    def _snapshot(self) -> Snapshot:
        """The present state, not copied."""
        shipped = self.recipe.shipped(self.model)
        own_weights = self.recipe.own_weights(self.model)
        return Snapshot(self.state, shipped.config, shipped.state_dict(), own_weights, self.optimizers.state_tensors())

    def _write_checkpoint(self, taken: Snapshot) -> None:
        """Runs in the saver's thread: it uses nothing of the session that training changes."""
        generation = dataclasses.asdict(self.config.generation)

        def save_model(folder: Path) -> None:
            write_bundle(taken.shape, taken.weights, self.tokenizer, folder, generation=generation)

        save_checkpoint(self.run, taken, save_model)
        best = taken.state.best_step
        if best is not None and self.run.step_folder(best).exists():
            self.run.point("best", best)
        else:
            self.run.point("best", taken.state.step)  # nothing has been evaluated yet: the newest is all there is
        prune(self.run, keep=self.settings.keep, best_step=best)

    def _conclude(self) -> Result:
        """Evaluate the best checkpoint on all validation text and write the result down."""
        best = self.run.pointed("best") or self.run.step_folder(self.state.step)
        if best != self.run.step_folder(self.state.step):
            self.model, _ = load_bundle(best / "model", device=self.device)
            self.model.set_compute(PRECISIONS[self.settings.precision], attention=self.settings.attention)
        evaluation = self._evaluate(None)
        rows = [row for row in read_rows(self.run.metrics) if "train_loss" in row]
        result = Result(self.run.path, self.state.step, rows[-1]["train_loss"] if rows else None, evaluation, best)
        write_json(
            self.run.path / "evaluation.json",
            {
                "step": self.state.step,
                "checkpoint": best.name,
                **evaluation.to_dict(),
                "tokens": evaluation.tokens,
                "bytes": evaluation.bytes,
            },
        )
        return result


def check_tokenizer(checkpoint: Path, tokenizer: Tokenizer, path: Path) -> None:
    """Raise UserError when a checkpoint was trained with another tokenizer than the one at `path`."""
    trained_with = load_tokenizer(checkpoint / "model").fingerprint
    if trained_with != tokenizer.fingerprint:
        raise UserError(
            f"{checkpoint} was trained with tokenizer {trained_with[:12]}, but {path} is {tokenizer.fingerprint[:12]}. "
            "Put the earlier tokenizer back, or begin anew with --restart."
        )


def announce(result: Result, say: Say) -> None:
    """Say what a run came to."""
    score = result.evaluation
    train_loss = "" if result.train_loss is None else f"train_loss {result.train_loss:.4f}  "
    say(
        f"step {result.step:,}: {train_loss}val_loss {score.loss:.4f}  val_ppl {score.perplexity:.2f}  "
        f"val_bpb {score.bits_per_byte:.4f}  (on all {score.tokens:,} validation tokens)"
    )
    say(f"best checkpoint: {result.best}")
