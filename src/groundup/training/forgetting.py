"""Whether new text costs what was learned from the old: the old validation text, before and after."""

from collections.abc import Callable, Sequence
from typing import Any

from groundup.data.token_files import TokenSet
from groundup.evaluation.bits_per_byte import Evaluation
from groundup.training.checkpoint import TrainingState
from groundup.training.phases import Phase
from groundup.utils.progress import Say

Judge = Callable[[Sequence[TokenSet]], Evaluation]
"""Scores the present model on all of some validation sets."""


def old_validation(phases: Sequence[Phase], sets: Sequence[TokenSet]) -> list[TokenSet]:
    """Those of the validation sets that were there before the newest phase began, as far as they are still there."""
    known = {name for phase in phases[:-1] for name in phase.validation}
    return [token_set for token_set in sets if token_set.fingerprint in known]


def begin_phase(state: TrainingState, sets: Sequence[TokenSet], judge: Judge, say: Say) -> None:
    """Note how the model does on the old validation text before a phase over other data begins.

    sets: all validation sets. The best checkpoint is chosen anew where they are others than before: losses on
    different text do not compare.
    """
    phase = state.phases[-1]
    phase.validation = [token_set.fingerprint for token_set in sets]
    if len(state.phases) == 1:
        return
    earlier = state.phases[-2]
    if set(phase.validation) != set(earlier.validation):
        state.best_step = state.best_val_loss = None
        state.evaluations_since_best = 0
    state.spikes.forget()
    old = old_validation(state.phases, sets)
    if old and set(phase.order.datasets) != set(earlier.order.datasets):
        before = judge(old)
        phase.before = {**before.to_dict(), "tokens": before.tokens}
        say(f"on the validation text of before ({before.tokens:,} tokens): {told(phase.before)}")


def end_phase(phase: Phase, old: Sequence[TokenSet], judge: Judge, say: Say) -> dict[str, Any]:
    """What to record at the end of a phase that `begin_phase` noted something for: {} if it did not."""
    if phase.before is None or not old:
        return {}
    score = judge(old)
    after: dict[str, float] = {**score.to_dict(), "tokens": score.tokens}
    change = after["val_bpb"] - phase.before["val_bpb"]
    verdict = "forgotten" if change > 0 else "gained"
    say(
        f"on the validation text of before: {told(after)}; before this phase {told(phase.before)}: "
        f"{abs(change):.4f} bits per byte {verdict}"
    )
    return {"old_validation": {"before": phase.before, "after": after}}


def told(scores: dict[str, float]) -> str:
    """The scores in words."""
    return f"val_loss {scores['val_loss']:.4f}  val_bpb {scores['val_bpb']:.4f}"
