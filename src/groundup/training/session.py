"""One start of a run, from opening its folder to its last evaluation; training/loop.py does the steps between."""

import dataclasses
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import cast

import torch
from torch import nn

from groundup.data.loader import Batch, Batches
from groundup.data.token_files import TokenSet
from groundup.evaluation.bits_per_byte import Evaluation
from groundup.model.accounting import flops_per_token
from groundup.model.bundle import load_bundle
from groundup.model.config import resolve
from groundup.model.initialisation import initialise
from groundup.model.transformer import Transformer
from groundup.runs.decisions import Decisions
from groundup.runs.environment import describe_environment
from groundup.runs.folder import RunFolder
from groundup.runs.ledger import Entry
from groundup.runs.metrics import cut_rows_after, read_rows
from groundup.tokenizer.interface import Tokenizer
from groundup.training.checkpoint import (
    TrainingState,
    find_resumable,
    load_state,
    point_at,
    telling_full_disk,
)
from groundup.training.checkpoint_writer import CheckpointWriter
from groundup.training.config import Config, flatten, load_config, save_config
from groundup.training.distributed import FollowedError, Team
from groundup.training.examining import Examiner
from groundup.training.forgetting import begin_phase, end_phase, old_validation
from groundup.training.guards import TokenFileWatch
from groundup.training.incident import report_non_finite
from groundup.training.limits import ClockEnd, FixedEnd
from groundup.training.loop import Loop
from groundup.training.mixture import choose_sets
from groundup.training.observer import Observer
from groundup.training.optimizer import build_optimizers
from groundup.training.parallel import Parallel, choose_kind, empty_in_parts
from groundup.training.phases import Phase, choose_phase, last_step_by_limits
from groundup.training.prepare import Prepared, check_tokenizer
from groundup.training.recipe import Recipe
from groundup.training.records import NoRecords, Records
from groundup.training.result import Result
from groundup.training.run_suite import RunSuite
from groundup.training.saver import Saver
from groundup.training.settle import check_unchanged, settle
from groundup.training.sharded_checkpoint import load_optimizer_into, load_weights_into
from groundup.training.sharding import put_part
from groundup.training.signals import StopRequest, leaving_at_once
from groundup.training.start import load_start
from groundup.training.step import NonFiniteError
from groundup.training.trained_files import Files, files_of, tell_differences
from groundup.utils.device import PRECISIONS, matmul_flops_per_second
from groundup.utils.errors import UserError
from groundup.utils.files import read_json, write_json
from groundup.utils.seeding import derive_seed


class Session:
    """One start of a run, from opening its folder to its last evaluation."""

    def __init__(
        self,
        config: Config,
        run: RunFolder,
        prepared: Prepared,
        observer: Observer,
        recipe: Recipe,
        team: Team | None = None,
    ) -> None:
        self.run, self.prepared, self.observer, self.recipe = run, prepared, observer, recipe
        self.team = team = team or Team()
        self.watch = TokenFileWatch([*prepared.train, *prepared.val])
        self.tokenizer: Tokenizer = prepared.tokenizer
        checkpoint = team.lead(lambda: find_resumable(run, observer.say))
        fresh = checkpoint is None and config.training.init_from is not None
        with team.together():
            self.start = load_start(config, prepared.tokenizer, observer.say) if fresh else None
        self.config = team.lead(lambda: self._settle(config, going_on=checkpoint is not None))
        self.settings = self.config.training
        torch.set_num_threads(int(self.settings.threads))
        self.device = team.device(torch.device(self.settings.device))
        kind = self._choose_kind()
        with team.together():
            if checkpoint is not None:
                check_tokenizer(checkpoint, self.tokenizer, prepared.tokenizer_path)
            self.state = TrainingState() if checkpoint is None else load_state(checkpoint)
            self.model = self._open_model(checkpoint, kind)
        self.parallel = Parallel(self.model, team, kind=kind, workers=int(self.settings.workers))
        self.optimizers = build_optimizers(self.model, self.settings)
        if checkpoint is not None:
            with team.together():
                load_optimizer_into(self.optimizers, checkpoint, team, sharded=kind == "fsdp")
        self._set_up()
        team.lead(lambda: self._bring_folder_to(checkpoint))

    def _choose_kind(self) -> str:
        """How the processes share the model."""
        if self.team.size == 1:
            return "alone"
        shape = resolve(self.config.model)
        kind, why = self.team.lead(lambda: choose_kind(shape, self.settings, self.device))
        self.observer.say(f"{self.team.size} processes, {kind}: {why}")
        return kind

    def _open_model(self, checkpoint: Path | None, kind: str) -> Transformer:
        """The model as the run or the checkpoint begins, on its device or devices."""
        if kind == "fsdp" and self.start is None:
            model = empty_in_parts(self.config.model, self.settings, self.device)
            if checkpoint is None:
                return initialise(model, derive_seed(self.settings.seed, "weights"), put_part)
            load_weights_into(model, checkpoint, self.team)
            return model
        if checkpoint is not None:
            model = self.recipe.resume(self.config, checkpoint)
        elif self.start is not None:
            model = self.start.begin(self.config, self.run)
        else:
            model = self.recipe.begin(self.config)
        model.set_compute(PRECISIONS[self.settings.precision], attention=self.settings.attention)
        return model.to(self.device)

    def _settle(self, config: Config, *, going_on: bool) -> Config:
        """The configuration with every open decision made: by measuring, or as the run's earlier start made it."""
        saved = load_config(self.run.config) if going_on and self.run.config.exists() else None
        if saved is not None:
            check_unchanged(config, saved, self.run.path)
            if read_json(self.run.environment).get("processes", 1) != self.team.size:
                saved.training.threads = saved.training.micro_batch_size = "auto"  # each has another share to do
        tokens = sum(found.meta.tokens for found in self.prepared.train)
        return settle(
            config,
            saved,
            embedding_deviation=None if self.start is None else self.start.embedding_deviation,
            vocab_size=self.tokenizer.vocab_size,
            train_tokens=tokens,
            say=self.observer.say,
            processes=self.team.size,
        )

    def _set_up(self) -> None:
        """Make what examines the model and what saves it."""
        self.examiner = Examiner(
            self.config,
            self.recipe,
            self.tokenizer,
            self.prepared.val,
            self.device,
            self.parallel,
            self.observer,
            RunSuite(self.config.evaluation),
        )
        self.writer = CheckpointWriter(
            self.run,
            self.recipe,
            self.tokenizer,
            self.config.generation,
            self.settings.keep,
            self.state,
            self.parallel,
            self.optimizers,
            self.observer.say,
        )

    def _bring_folder_to(self, checkpoint: Path | None) -> None:
        """Let the run folder hold what it held when the checkpoint was written."""
        if checkpoint is not None:
            self.run.set_newer_aside(checkpoint)
            # These two in case a start was killed between a checkpoint and its pointers.
            point_at(self.run, self.state)
            self.writer.tidy(self.state)
            self.observer.say(f"going on from {checkpoint}")
        self._cut_records()

    def _cut_records(self) -> None:
        """Drop the rows of steps that will be computed again, also where a start was killed before any checkpoint."""
        step = self.state.step
        finished = step - (self.state.pending is not None)
        for path, last in ((self.run.metrics, finished), (self.run.samples, finished), (self.run.windows, step)):
            cut_rows_after(path, last)

    def train(self, only_new: bool) -> Result:
        """Choose the phase, train it to its end, and evaluate the best checkpoint on all validation text."""
        state = self.state
        mixture = self.config.dataset.mixture
        available = {found.fingerprint: found for found in choose_sets(self.prepared.train, mixture)}
        files = self.team.lead(self._compare_files)
        phase, why = choose_phase(
            available,
            self.settings,
            state.phases,
            state.ledger,
            only_new=only_new,
            step=state.step,
            elapsed_seconds=state.elapsed_seconds,
            window_size=self.recipe.window_size(self.config),
            mixture=mixture,
        )
        self.observer.say(why)
        if phase is not None:
            self._enter(phase, available)
            self.team.lead(lambda: write_json(self.run.trained_files, files))
            self.team.lead(self._write_about)
            with telling_full_disk(self.run, 3 * sum(4 * parameter.numel() for parameter in self.model.parameters())):
                self._train_phase(phase, [available[name] for name in phase.order.datasets])
        with leaving_at_once("training is saved, and the same command evaluates it"):
            return self._conclude()

    def _compare_files(self) -> Files:
        """Say which files have changed since they were trained on; return all files that are trained on by now."""
        present = files_of(self.config)
        if not self.state.phases or not self.run.trained_files.is_file():
            return present
        trained: Files = read_json(self.run.trained_files)
        for line in tell_differences(trained, present):
            self.observer.say(line)
        return {**trained, **present}

    def _enter(self, phase: Phase, available: dict[str, TokenSet]) -> None:
        """Make `phase` the current one; a new one gets its entries in the ledger."""
        state = self.state
        if state.phases and state.phases[-1] is phase:
            return
        state.phases.append(phase)
        state.consumed = 0
        for name, windows, weight in phase.order.accounts():
            entry = Entry(name, available[name].name, windows, phase.number, state.step + 1, state.step, weight=weight)
            state.ledger.entries.append(entry)
        with leaving_at_once("nothing of the new phase has begun, and the same command begins it"):
            begin_phase(state, self.prepared.val, self._judge, self.observer.say)

    def _judge(self, sets: Sequence[TokenSet]) -> Evaluation:
        """Score the present model on all of these validation sets."""
        return self.team.share(self.examiner.score(self.model, sets=sets))

    def _write_about(self) -> None:
        save_config(self.config, self.run.config)
        about = {"device": str(self.device), "processes": self.team.size, "distributed": self.parallel.kind}
        write_json(self.run.environment, {**describe_environment(), **about})

    def _end(self, phase: Phase) -> FixedEnd | ClockEnd:
        last_step = phase.last_step or last_step_by_limits(self.settings)
        if phase.last_step is not None or self.settings.max_minutes is None:
            assert last_step is not None, "settle gives every run a limit"
            return FixedEnd(last_step)
        if not self.team.leads:
            return FixedEnd(self.state.step)  # the leader's clock tells, before each step
        minutes = self.settings.max_minutes
        decisions = Decisions(self.run.decisions, minutes)
        state = self.state
        return ClockEnd(decisions, 60 * minutes, state.step, state.elapsed_seconds, at_most=last_step)

    def _train_phase(self, phase: Phase, sets: list[TokenSet]) -> None:
        settings, state = self.settings, self.state
        dtype = PRECISIONS[settings.precision]
        model = self.parallel.model
        model = cast(nn.Module, torch.compile(model)) if settings.compile is True else model

        def explain(error: NonFiniteError, batch: Batch) -> UserError:
            if not self.team.leads:
                return FollowedError(str(error))
            size, step = phase.order.window_size, state.step + 1
            return report_non_finite(self.run, sets, batch, size, self.model, step=step, why=str(error))

        with ExitStack() as until_end:
            records = NoRecords()
            if self.team.leads:
                records = until_end.enter_context(
                    Records(self.run, self.config.logging, next_step=state.step + 1, settings=flatten(self.config))
                )
            until_end.callback(self.observer.end)
            self.observer.begin(self._title(phase))
            Loop(
                settings=settings,
                log_interval=self.config.logging.interval,
                model=model,
                parallel=self.parallel,
                optimizers=self.optimizers,
                batches=Batches(
                    sets,
                    phase.order,
                    batch_size=settings.batch_size,
                    consumed=state.consumed,
                    rank=self.team.rank,
                    world_size=self.team.size,
                    segments=settings.document_mask,
                ),
                objective=self.recipe.objective,
                patience=self.recipe.patience,
                end=self._end(phase),
                state=state,
                entries=state.ledger.of_phase(phase.number),
                flops_per_token=flops_per_token(dataclasses.replace(self.model.config, block_size=settings.block_size)),
                peak_flops_per_second=self.team.size * matmul_flops_per_second(self.device, dtype),
                observer=self.observer,
                evaluate=lambda should_stop: self.examiner.score(
                    self.model, at_most_tokens=settings.eval_tokens, should_stop=should_stop
                ),
                save=self.writer.save,
                rescue=self.writer.rescue,
                saver=Saver(self.writer.write),
                watch=self.watch,
                stop=until_end.enter_context(StopRequest()),
                keep_settings=lambda: self.team.lead(lambda: save_config(self.config, self.run.config)),
                explain=explain,
                write_row=records.write,
                write_windows=records.write_windows if self.config.logging.windows else None,
                write_sample=lambda: self.examiner.sample(state.step, records),
                suite_interval=self.examiner.suite_interval,
                ask_suite=self.examiner.ask,
            ).run()

    def _title(self, phase: Phase) -> str:
        order = phase.order
        return (
            f"{self.model.config.architecture}, {sum(p.numel() for p in self.model.parameters()):,} parameters, "
            f"{order.windows:,} windows of {order.window_size} tokens"
        )

    def _conclude(self) -> Result:
        """Evaluate the best checkpoint on all validation text and write the result down."""
        best = self.team.lead(lambda: self.run.pointed("best")) or self.run.step_folder(self.state.step)
        if best != self.run.step_folder(self.state.step) and self.parallel.kind == "fsdp":
            with self.team.together():
                load_weights_into(self.model, best, self.team)
        elif best != self.run.step_folder(self.state.step):
            self.model, _ = load_bundle(best / "model", device=self.device)
            self.model.set_compute(PRECISIONS[self.settings.precision], attention=self.settings.attention)
        evaluation = self.examiner.score(self.model)
        old = old_validation(self.state.phases, self.prepared.val)
        forgotten = end_phase(self.state.phases[-1], old, self._judge, self.observer.say) if self.state.phases else {}
        rows = [row for row in read_rows(self.run.metrics) if "train_loss" in row]
        counts = {"tokens": evaluation.tokens, "bytes": evaluation.bytes}
        about = {"step": self.state.step, "checkpoint": best.name, **evaluation.to_dict(), **counts, **forgotten}
        self.team.lead(lambda: write_json(self.run.evaluation, about))
        return Result(self.run.path, self.state.step, rows[-1]["train_loss"] if rows else None, evaluation, best)
