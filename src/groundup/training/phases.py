"""A run is a list of phases: which data, in which order, with which learning rates, from which step to which.

A phase ends when its limit is reached. New data, or other learning rates, begin a new phase; its schedule starts over.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from groundup.data.order import Order
from groundup.data.token_files import TokenSet
from groundup.runs.ledger import Ledger
from groundup.training.mixture import weigh
from groundup.training.settings import TrainingConfig
from groundup.utils.errors import UserError
from groundup.utils.seeding import derive_seed

LEARNING_KEYS = (
    "learning_rate",
    "embedding_learning_rate",
    "head_learning_rate",
    "gain_learning_rate",
    "weight_decay",
    "schedule",
    "warmup",
    "decay",
    "final_learning_rate",
)


@dataclass
class Phase:
    """One phase of a run."""

    number: int
    only_new: bool  # its datasets are those that no earlier phase had
    order: Order  # which windows, in which order: a pure function of this
    first_step: int  # optimizer steps taken before it
    last_step: int | None  # its end, where it was fixed when the phase began; None: the run's limits tell
    learning: dict[str, Any]  # the settings of LEARNING_KEYS that it began with
    mixture: dict[str, float] = field(default_factory=dict)  # dataset.mixture, as it was when the phase began
    replayed: list[str] = field(default_factory=list)  # those of its datasets that are old text beside the new
    validation: list[str] = field(default_factory=list)  # the validation sets of that time
    before: dict[str, float] | None = None  # scores on the validation sets of earlier phases, when the phase began

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "order": self.order.to_dict()}

    @staticmethod
    def from_dict(value: dict[str, Any]) -> "Phase":
        """The inverse of to_dict."""
        return Phase(**{**value, "order": Order.from_dict(value["order"])})


def learning_settings(training: TrainingConfig) -> dict[str, Any]:
    """The settings whose change begins a new phase."""
    return {key: getattr(training, key) for key in LEARNING_KEYS}


def last_step_by_limits(training: TrainingConfig) -> int | None:
    """The run's last optimizer step as max_steps and max_tokens tell it, whichever comes first; None without either."""
    steps = [] if training.max_steps is None else [training.max_steps]
    if training.max_tokens is not None:
        steps.append(math.ceil(training.max_tokens / (training.batch_size * training.block_size)))
    return min(steps, default=None)


def limit_is_reached(training: TrainingConfig, *, step: int, elapsed_seconds: float) -> bool:
    """Whether the run's limits leave no step to take."""
    last_step = last_step_by_limits(training)
    if last_step is not None and step >= last_step:
        return True
    # A run limited by minutes stops at a step boundary, so a few seconds before its limit it is at its end.
    return training.max_minutes is not None and elapsed_seconds >= 0.98 * 60 * training.max_minutes


def phase_is_finished(phase: Phase, training: TrainingConfig, *, step: int, elapsed_seconds: float) -> bool:
    """Whether `phase` has no step left to take."""
    if phase.last_step is not None:
        return step >= phase.last_step
    return limit_is_reached(training, step=step, elapsed_seconds=elapsed_seconds)


def open_phase(
    sets: Sequence[TokenSet],
    replayed: Sequence[TokenSet],
    training: TrainingConfig,
    earlier: Sequence[Phase],
    ledger: Ledger,
    *,
    only_new: bool,
    step: int,
    elapsed_seconds: float,
    window_size: int | None = None,
    mixture: Mapping[str, float] | None = None,
) -> Phase:
    """Begin a phase over `sets` after `step` steps, with training.replay_fraction of its tokens from `replayed`.

    An only-new phase of a run that has reached its limits makes as many passes over the new text as the first phase
    made over its own; every other phase ends where the run's limits say. window_size: block_size unless given.
    """
    number = len(earlier)
    seed = derive_seed(training.seed, "order", number)
    weights = weigh(sets, replayed, mixture or {}, training.replay_fraction)
    both = [*sets, *replayed]
    order = Order.over(both, seed=seed, window_size=window_size or training.block_size, weights=weights)
    last_step = None
    if earlier and limit_is_reached(training, step=step, elapsed_seconds=elapsed_seconds):
        entries = ledger.of_phase(earlier[0].number)
        passes = sum(entry.windows for entry in entries) / sum(entry.dataset_windows for entry in entries)
        windows = passes * sum(order.window_counts[: len(sets)])
        if order.shares is not None:
            windows *= sum(order.shares) / sum(order.shares[: len(sets)])
        last_step = step + max(1, round(windows / training.batch_size))
    names = [token_set.fingerprint for token_set in replayed]
    return Phase(number, only_new, order, step, last_step, learning_settings(training), dict(mixture or {}), names)


def choose_phase(
    available: Mapping[str, TokenSet],
    training: TrainingConfig,
    phases: Sequence[Phase],
    ledger: Ledger,
    *,
    only_new: bool,
    step: int,
    elapsed_seconds: float,
    window_size: int | None = None,
    mixture: Mapping[str, float] | None = None,
) -> tuple[Phase | None, str]:
    """Decide what a `train` command goes on with: (phase to train, why), or (None, why there is nothing to do).

    available: all training datasets that lie there and that `mixture` names, by content fingerprint. The phase
    returned is the last of `phases` itself when that one goes on.
    """
    new = [fingerprint for fingerprint in available if fingerprint not in ledger.datasets()]

    def opened(names: Sequence[str], replayed: Sequence[str] = ()) -> Phase:
        return open_phase(
            [available[name] for name in names],
            [available[name] for name in replayed if name in available],
            training,
            phases,
            ledger,
            only_new=only_new and bool(phases),
            step=step,
            elapsed_seconds=elapsed_seconds,
            window_size=window_size,
            mixture=mixture,
        )

    if not phases:
        return opened(list(available)), "first phase, over all token files"
    current = phases[-1]
    finished = phase_is_finished(current, training, step=step, elapsed_seconds=elapsed_seconds)
    if only_new and new:
        old = [name for name in available if name not in new] if training.replay_fraction else []
        beside = f", with {training.replay_fraction:.0%} of old text" if old else ""
        return opened(new, old), f"new phase over {len(new)} token file(s) not trained on yet{beside}"
    if new and not finished:
        return opened(list(available)), f"new phase over all token files: {len(new)} of them are new"
    if finished:
        told = f"{len(new)} token file(s) are new: train on them with --only-new. " if new else "No token file is new. "
        longer = f"To train longer, raise the limit ({_limit(training)})."
        return None, f"this run has reached its limit at step {step}. {told}{longer}"
    changed = [key for key in LEARNING_KEYS if current.learning.get(key) != getattr(training, key)]
    remixed = current.mixture != dict(mixture or {})
    missing = [name for name in current.order.datasets if name not in available]
    if missing and not remixed:
        raise UserError(
            f"{len(missing)} dataset(s) of the phase in progress are gone (fingerprint {missing[0][:12]}...). "
            "Put the token files back, or begin anew with --restart."
        )
    if not changed and not remixed:
        return current, "going on with the phase in progress"
    names = [name for name in current.order.datasets if name not in current.replayed]
    phase = opened(list(available)) if remixed else opened(names, current.replayed)
    return phase, f"new phase, since {', '.join([*changed, *['dataset.mixture'] * remixed])} changed"


def _limit(training: TrainingConfig) -> str:
    given = [key for key in ("max_steps", "max_tokens", "max_minutes") if getattr(training, key) is not None]
    return ", ".join(f"training.{key}={getattr(training, key)}" for key in given)
