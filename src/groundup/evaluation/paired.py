"""Do two models differ by more than chance? Their outcomes on the same items, item by item.

Right and wrong answers: the exact sign test over the items that only one of them got right (McNemar's test). Texts:
bits per byte, documents drawn anew in pairs. Each with a 95 % interval of the difference, by resampling. Where
parts are tested side by side (the paradigms of BLiMP), their p is multiplied as Holm 1979 does: among all parts
together a false alarm is then to be expected once in twenty comparisons.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from groundup.evaluation.statistics import bootstrap_difference, sign_test
from groundup.utils.errors import UserError

LISTED = 12
"""Parts of a suite that are listed for people, the surest differences first."""


@dataclass(frozen=True)
class Difference:
    """B - A on one set of items."""

    suite: str
    part: str  # "all", or a part of the suite
    measure: str  # accuracy | bits_per_byte
    n: int  # items
    a: float
    b: float
    difference: float
    interval_95: tuple[float, float]
    p: float  # two-sided; of a part corrected for the number of parts
    only_a: int = 0  # items that only A got right
    only_b: int = 0

    def to_dict(self) -> dict[str, Any]:
        """As JSON. An interval that one item cannot give has no ends."""
        ends = [end if math.isfinite(end) else None for end in self.interval_95]
        return {**asdict(self), "interval_95": ends}

    def describe(self) -> str:
        """As one line."""
        low, high = self.interval_95
        alone = f", right alone: A {self.only_a:,}, B {self.only_b:,}" if self.measure == "accuracy" else ""
        return (
            f"{self.a:.4f}  {self.b:.4f}  {self.difference:+.4f} ({low:+.4f} to {high:+.4f})  p {_shown(self.p)}  "
            f"({self.n:,} items{alone})"
        )


def compare_records(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Difference]:
    """Every difference that two records of `groundup eval` allow. Raises UserError when they share no items."""
    found: list[Difference] = []
    others = {suite["suite"]: suite for suite in b["suites"]}
    for suite in a["suites"]:
        other = others.get(suite["suite"])
        if other is not None and suite["items"]:
            _check_same(suite, other)
            found += _compare_suite(suite, other)
    if not found:
        raise UserError("the two evaluations share no items. Evaluate both on the same --text, --pairs or --tasks.")
    return found


def describe(differences: Sequence[Difference]) -> str:
    """For people: a suite's whole, then its surest parts."""
    lines = ["paired differences: A, B, B - A (95 % interval)"]
    for suite in dict.fromkeys(item.suite for item in differences):
        parts = [item for item in differences if item.suite == suite and item.part != "all"]
        lines += [f"  {suite}  {item.describe()}" for item in differences if item.suite == suite and item.part == "all"]
        shown = sorted(parts, key=lambda item: item.p)[:LISTED]
        width = max((len(item.part) for item in shown), default=0)
        lines += [f"    {item.part:<{width}}  {item.describe()}" for item in shown]
        if len(parts) > len(shown):
            lines.append(f"    {len(parts) - len(shown)} more parts, less sure, in --json; p of parts is Holm's")
    return "\n".join(lines)


def _check_same(a: Mapping[str, Any], b: Mapping[str, Any]) -> None:
    """Raise UserError unless both were asked the same in the same way."""
    for key, what in (("data", "data"), ("settings", "settings")):
        if a[key] != b[key]:
            raise UserError(f"the two evaluations of {a['suite']} have other {what}. Evaluate both with one command.")
    if {k: _count(v) for k, v in a["items"].items()} != {k: _count(v) for k, v in b["items"].items()}:
        raise UserError(f"the two evaluations of {a['suite']} have other items. Evaluate both with one command.")


def _compare_suite(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Difference]:
    name, mine, other = a["suite"], a["items"], b["items"]
    parts = [_compare_part(name, part, mine[part], other[part]) for part in mine]
    answered = [part for part in mine if "correct" in mine[part]]
    if len(parts) == 1:
        return [_renamed(parts[0], "all", parts[0].p)]
    if name != "pairs":  # the parts are other measures of the same items
        return [_renamed(parts[0], "all", parts[0].p), *parts[1:]]
    whole = [{"correct": "".join(side[part]["correct"] for part in answered)} for side in (mine, other)]
    return [_compare_part(name, "all", *whole), *_corrected(parts)]


def _compare_part(suite: str, part: str, a: Mapping[str, Any], b: Mapping[str, Any]) -> Difference:
    if "correct" in a:
        first, second = [int(digit) for digit in a["correct"]], [int(digit) for digit in b["correct"]]
        only_a = sum(x > y for x, y in zip(first, second, strict=True))
        only_b = sum(x < y for x, y in zip(first, second, strict=True))
        n = len(first)
        difference, interval, _ = bootstrap_difference(first, second, [1.0] * n)
        p = sign_test(only_a, only_b)
        return Difference(
            suite, part, "accuracy", n, sum(first) / n, sum(second) / n, difference, interval, p, only_a, only_b
        )
    bits_a, bits_b = ([nats / math.log(2) for nats in side["nats"]] for side in (a, b))
    sizes, total = a["bytes"], sum(a["bytes"])
    difference, interval, p = bootstrap_difference(bits_a, bits_b, sizes)
    values = math.fsum(bits_a) / total, math.fsum(bits_b) / total
    return Difference(suite, part, "bits_per_byte", len(sizes), values[0], values[1], difference, interval, p)


def _corrected(parts: Sequence[Difference]) -> list[Difference]:
    """Holm's correction: the smallest p times the number of parts, the next times one less, never falling."""
    order = sorted(range(len(parts)), key=lambda n: parts[n].p)
    corrected, largest = list(parts), 0.0
    for rank, n in enumerate(order):
        largest = max(largest, min(1.0, parts[n].p * (len(parts) - rank)))
        corrected[n] = _renamed(parts[n], parts[n].part, largest)
    return corrected


def _renamed(item: Difference, part: str, p: float) -> Difference:
    return Difference(**{**asdict(item), "part": part, "p": p})


def _count(part: Mapping[str, Any]) -> Any:
    return len(part["correct"]) if "correct" in part else part["bytes"]


def _shown(p: float) -> str:
    return f"{p:.3f}" if p >= 0.001 else f"{p:.0e}"
