"""Chat tuning: from a pretrained checkpoint and conversations to a model that answers.

The trainer, its checkpoints, guards, ledger and resume are those of pretraining (training/pretrain.py); what differs is
in `Tuning`: weights that begin where pretraining ended, a loss on the assistant's words alone, and held-out
conversations that say when to stop.
"""

import dataclasses
import math
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from groundup.data.conversation_rows import read_conversations, read_preferences
from groundup.data.conversations import Conversation, Preference
from groundup.data.loader import Batch
from groundup.data.order import make_windows
from groundup.evaluation.bits_per_byte import Evaluation, Sums, evaluate, own_sums
from groundup.inference.chat import answer
from groundup.inference.generation import GenerationConfig, load_generation
from groundup.model.bundle import find_bundle, load_model, read_config, weight_files
from groundup.model.config import ModelConfig
from groundup.model.initialisation import shrink_and_perturb
from groundup.model.lora import add_adapters, merge_adapters
from groundup.model.transformer import Transformer
from groundup.runs.folder import RunFolder
from groundup.runs.origin import ORIGIN, read_origin
from groundup.tokenizer.chat_format import Message
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.loading import load_tokenizer
from groundup.training.config import Config
from groundup.training.observer import Observer
from groundup.training.preferences import evaluate_preferences, preference_objective
from groundup.training.prepare import Prepared
from groundup.training.recipe import load_own_weights, rebuild
from groundup.training.reporting import leave_report
from groundup.training.result import Result
from groundup.training.session import Session
from groundup.training.settings import check_settings, fill_rates
from groundup.training.step import NEXT_TOKEN
from groundup.training.tune_prepare import HELD_OUT, prepare_tuning, row_size
from groundup.training.tuning_settings import LORA_LEARNING_RATE, RATE_SHARE, check_tuning
from groundup.utils.device import resolve_device
from groundup.utils.errors import UserError
from groundup.utils.files import fingerprint, sha256_file, write_json
from groundup.utils.seeding import derive_seed


def tune(config: Config, *, restart: bool = False, observer: Observer | None = None) -> Result:
    """Tune as `config` says; the same call again goes on, or finds that nothing is left to do.

    tuning.checkpoint is what it begins from, training.output_dir the run folder (by default checkpoints/<name>-chat).
    Raises UserError for whatever a user can mend, and Interrupted when a signal stopped it after saving.
    """
    observer = observer or Observer()
    check_settings(config.training)
    check_tuning(config.tuning)
    resolve_device(config.training.device)
    if config.tuning.checkpoint is None:
        raise UserError(
            "tuning begins from a checkpoint: give --checkpoint, or tuning.checkpoint in the configuration."
        )
    bundle = find_bundle(Path(config.tuning.checkpoint))
    tokenizer = load_tokenizer(bundle)
    config = with_origin(config, bundle)
    run = RunFolder(Path(str(config.training.output_dir)))
    observer.say(f"tuning {bundle} in {run.path}")
    if restart:
        aside = run.set_aside()
        if aside is not None:
            observer.say(f"the earlier run is kept as {aside}")
    with run.locked():
        run.remove_leftovers()
        check_origin(run, bundle)
        prepared = prepare_tuning(config, tokenizer, bundle, Path(str(config.dataset.dir)), observer.say)
        config = with_steps(config, prepared)
        recipe = Tuning(config, bundle, Path(str(config.dataset.dir)) / HELD_OUT)
        result = Session(config, run, prepared, observer, recipe).train(only_new=False)
    leave_report(run, observer.say)  # when nobody trains there any more: the report says so
    return result


def with_origin(config: Config, bundle: Path) -> Config:
    """A copy with everything that follows from the checkpoint: shape, context, tokenizer, paths, learning rates."""
    config = dataclasses.replace(config)
    config.training, config.dataset = dataclasses.replace(config.training), dataclasses.replace(config.dataset)
    config.tokenizer, config.generation = dataclasses.replace(config.tokenizer), dataclasses.replace(config.generation)
    _, shape = read_config(bundle)
    values = {field.name: getattr(shape, field.name) for field in dataclasses.fields(ModelConfig)}
    config.model = ModelConfig(**{**values, "dropout": config.model.dropout})
    training = config.training
    training.block_size = shape.block_size
    training.output_dir = training.output_dir or str(default_output(bundle))
    config.dataset.dir = str(Path(training.output_dir) / "tokens")
    config.tokenizer.path = str(bundle)
    if config.generation == GenerationConfig():
        config.generation = load_generation(bundle)
    if config.tuning.method == "lora":
        training.optimizer = "adamw"
        if training.learning_rate == "auto":
            training.learning_rate = LORA_LEARNING_RATE[config.tuning.objective]
    # Rates that are not given become a share of those that pretraining begins with.
    embedding = "narrow" if config.model.tied_embeddings else "wide"
    fill_rates(training, RATE_SHARE[config.tuning.objective], embedding)
    return config


def default_output(bundle: Path) -> Path:
    """checkpoints/<name>-chat for a run called <name>; beside the run of a quickstart, chat/."""
    if bundle.name != "model" or bundle.parent.name[:5] != "step-":
        return Path("checkpoints") / f"{bundle.resolve().name}-chat"
    run = bundle.parent.parent
    return run.with_name("chat") if run.name == "run" else run.with_name(f"{run.resolve().name}-chat")


def began_from_others(run: RunFolder, bundle: Path) -> bool:
    """Whether a run has begun, and from other weights than those of `bundle`."""
    origin = read_origin(run.path)
    return bool(origin) and origin.get("sha256") != weights_digest(bundle)


def weights_digest(bundle: Path) -> str:
    """Hex SHA-256 of a model's weights: of their file, or of the checksums of several."""
    checksums = {file.name: sha256_file(file) for file in weight_files(bundle)}
    return fingerprint(checksums) if len(checksums) > 1 else next(iter(checksums.values()))


def check_origin(run: RunFolder, bundle: Path) -> None:
    """Record which weights a run began from. Raises UserError when it began from others."""
    origin, digest = read_origin(run.path), weights_digest(bundle)
    if not origin:
        write_json(run.path / ORIGIN, {"checkpoint": str(bundle), "sha256": digest})
    elif began_from_others(run, bundle):
        theirs = origin["sha256"][:12] if "sha256" in origin else f"of {origin.get('source')}"
        raise UserError(
            f"{run.path} began from the weights {theirs} and {bundle} has {digest[:12]}. "
            "Give the earlier checkpoint, another --out, or begin anew with --restart."
        )


def with_steps(config: Config, prepared: Prepared) -> Config:
    """A copy whose max_steps is at most what tuning.epochs makes."""
    training = dataclasses.replace(config.training)
    windows = sum(make_windows(token_set, row_size(config)).count for token_set in prepared.train)
    steps = max(1, math.ceil(config.tuning.epochs * windows / training.batch_size))
    training.max_steps = steps if training.max_steps is None else min(steps, training.max_steps)
    return dataclasses.replace(config, training=training)


class Tuning:
    """The recipe of tuning: full weights or adapters, on conversations or on preferences."""

    def __init__(self, config: Config, bundle: Path, held_out: Path) -> None:
        self._config, self._bundle = config, bundle
        self._lora, self._preferences = config.tuning.method == "lora", config.tuning.objective == "preferences"
        self.patience = config.tuning.patience or None
        self._question = first_question(held_out, preferences=self._preferences)
        self.objective = NEXT_TOKEN
        if self._preferences:
            self._reference = load_model(bundle, device=resolve_device(config.training.device))
            self.objective = preference_objective(self._reference, config.tuning.beta)

    def window_size(self, config: Config) -> int:
        """A row: the context, or a pair of replies."""
        return row_size(config)

    def begin(self, config: Config) -> Transformer:
        """The weights of the checkpoint, with fresh adapters, or among fresh weights, where asked for."""
        model = Transformer(config.model)
        model.load_state_dict(load_model(self._bundle).state_dict())
        if config.tuning.shrink < 1:
            shrink_and_perturb(model, config.tuning.shrink, derive_seed(config.training.seed, "weights", "tuning"))
        return self._adapted(model)

    def resume(self, config: Config, checkpoint: Path) -> Transformer:
        """With adapters, the frozen weights and the adapters apart: what is shipped has them merged."""
        if not self._lora:
            return rebuild(config, checkpoint)
        model = self._adapted(Transformer(config.model))
        saved = load_own_weights(checkpoint)
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                parameter.copy_(saved[name])
        return model

    def _adapted(self, model: Transformer) -> Transformer:
        tuning = self._config.tuning
        seed = derive_seed(self._config.training.seed, "adapters")
        return add_adapters(model, rank=tuning.lora_rank, alpha=tuning.lora_alpha, seed=seed) if self._lora else model

    def own_weights(self, model: Transformer) -> dict[str, Tensor]:
        """All weights of a model with adapters."""
        return {name: p.detach().cpu().contiguous() for name, p in model.named_parameters()} if self._lora else {}

    def shipped(self, model: Transformer) -> Transformer:
        """Without adapters: merged."""
        return merge_adapters(model) if self._lora else model

    def evaluate(
        self,
        model: Transformer,
        batches: Iterable[Batch],
        token_byte_lengths: npt.NDArray[np.int32],
        device: torch.device,
        should_stop: Callable[[], bool],
        sums: Sums = own_sums,
    ) -> Evaluation:
        """Loss and bits per byte of the replies alone, or DPO's loss. Tuning has one process: nothing to sum."""
        if self._preferences:
            beta = self._config.tuning.beta
            return evaluate_preferences(model, self._reference, beta, batches, token_byte_lengths, device, should_stop)
        return evaluate(model, batches, token_byte_lengths, device=device, should_stop=should_stop)

    def sample(self, model: Transformer, tokenizer: Tokenizer, settings: GenerationConfig) -> str:
        """Its answer to the first held-out question; nothing where that is too long for the context."""
        try:
            reply = answer(model, tokenizer, self._question, settings)
        except UserError:
            return ""
        return f"{self._question[-1]['content']} -> {reply.text}"


def first_question(held_out: Path, *, preferences: bool) -> list[Message]:
    """The first held-out conversation up to its first reply."""
    items: list[Conversation] | list[Preference]
    items = read_preferences([held_out])[0] if preferences else read_conversations([held_out])[0]
    first = items[0]
    if isinstance(first, Preference):
        return first.prompt
    replies = [number for number, message in enumerate(first.messages) if message["role"] == "assistant"]
    users = [number for number, message in enumerate(first.messages) if message["role"] == "user"]
    return first.messages[: next((number for number in replies if number > users[0]), replies[-1])]
