"""How sure a number is: intervals for one model, and whether two models differ on the same items.

All of it is exact or seeded: the same items give the same interval.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Z_95 = 1.959963984540054
"""Standard deviations around the mean that hold 95 % of a normal distribution."""
RESAMPLES = 2000
_SEED = 20260101
_AT_ONCE = 1 << 22  # numbers drawn at a time

Interval = tuple[float, float]


def wilson_interval(successes: int, n: int, z: float = Z_95) -> Interval:
    """Wilson's score interval of a share (Wilson 1927): stays within [0, 1] and holds at 0 and n successes, too."""
    if n == 0:
        return 0.0, 1.0
    share, spread = successes / n, z * z / n
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def bootstrap_ratio(numerators: Sequence[float], denominators: Sequence[float]) -> Interval:
    """95 % percentile interval of sum(numerators) / sum(denominators), whole items drawn anew with replacement.

    For bits per byte: bits and bytes of each document. Needs two items; with fewer both ends are the ratio itself.
    """
    upper, lower = np.asarray(numerators, float), np.asarray(denominators, float)
    if len(upper) < 2:
        ratio = float(upper.sum() / lower.sum())
        return ratio, ratio
    sums = resampled_sums(np.stack([upper, lower], axis=1))
    low, high = np.quantile(sums[:, 0] / sums[:, 1], [0.025, 0.975])
    return float(low), float(high)


def resampled_sums(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Sums of the rows of (n, k), each over n rows drawn with replacement: (RESAMPLES, k)."""
    n = len(values)
    chance = np.random.default_rng(_SEED)
    at_once = max(1, _AT_ONCE // n)
    parts = []
    for start in range(0, RESAMPLES, at_once):
        size = min(at_once, RESAMPLES - start)
        counts = np.stack([np.bincount(chance.integers(0, n, n), minlength=n) for _ in range(size)])
        parts.append(counts @ values)
    return np.concatenate(parts)


def sign_test(wins: int, losses: int) -> float:
    """Two-sided exact p of `wins` against `losses` if both were equally likely; ties are left out by the caller.

    Of two models' right and wrong answers this is McNemar's exact test.
    """
    n = wins + losses
    if n == 0:
        return 1.0
    tail = min(wins, losses)
    logs = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) - n * math.log(2) for k in range(tail + 1)]
    top = max(logs)
    return min(1.0, 2 * math.exp(top) * math.fsum(math.exp(log - top) for log in logs))


def bootstrap_difference(
    first: Sequence[float], second: Sequence[float], weights: Sequence[float]
) -> tuple[float, Interval, float]:
    """(difference, 95 % interval, two-sided p) of (sum(second) - sum(first)) / sum(weights), items drawn in pairs.

    p: twice the share of resamples on the other side of zero, with one added to both counts so that it is never 0.
    """
    changes = np.asarray(second, float) - np.asarray(first, float)
    sizes = np.asarray(weights, float)
    difference = float(changes.sum() / sizes.sum())
    if len(changes) < 2:
        return difference, (-math.inf, math.inf), 1.0
    sums = resampled_sums(np.stack([changes, sizes], axis=1))
    drawn = sums[:, 0] / sums[:, 1]
    low, high = np.quantile(drawn, [0.025, 0.975])
    crossed = min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
    return difference, (float(low), float(high)), min(1.0, 2 * (crossed + 1) / (len(drawn) + 1))
