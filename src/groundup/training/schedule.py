"""The learning rate as a pure function of the step."""

import math


def learning_rate_share(step: int, total: int, *, schedule: str, warmup: float, decay: float, final: float) -> float:
    """Return the share of the peak learning rate that step `step` of `total` (from 0) uses.

    It rises linearly over the first `warmup` share of the steps; then
        wsd       stays, and falls linearly to `final` over the last `decay` share (warmup-stable-decay)
        linear    falls linearly to `final`
        cosine    falls along half a cosine to `final`
        constant  stays
    """
    warmup_steps = round(warmup * total)
    if step < warmup_steps:
        return (step + 1) / (warmup_steps + 1)
    if schedule == "constant":
        return 1.0
    decay_steps = min(round(decay * total), total - warmup_steps) if schedule == "wsd" else total - warmup_steps
    past = (step - (total - decay_steps)) / max(decay_steps, 1)  # 0 where the fall begins, 1 after the last step
    if past <= 0:
        return 1.0
    fallen = (1 - math.cos(math.pi * min(past, 1.0))) / 2 if schedule == "cosine" else min(past, 1.0)
    return 1 - (1 - final) * fallen


def muon_momentum(step: int, *, warmup_steps: int = 300, low: float = 0.85, high: float = 0.95) -> float:
    """Muon's momentum rises over the first steps, while the direction of the gradient still turns quickly.

    Source: modded-nanogpt's speed-run records.
    """
    return low + (high - low) * min(step / warmup_steps, 1.0)
