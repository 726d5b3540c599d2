"""What a cleaning step has to tell: which rule, the value that it measured, the limit that it was held against."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from groundup.data.cleaning.words import Measures

Value = float | int | str


@dataclass(frozen=True)
class Finding:
    """One rule that a document met."""

    step: str
    rule: str
    value: Value
    """What was measured: a share, a count, a name."""
    limit: Value
    """What it was measured against; for a change: what was put in its place."""
    drops: bool = False
    """Whether the document is left out for it."""
    count: int = 1
    """How many places were changed."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        value = round(self.value, 4) if isinstance(self.value, float) else self.value
        return {"step": self.step, "rule": self.rule, "value": value, "limit": self.limit, "count": self.count}


Transform = Callable[[str], tuple[str, list[Finding]]]
"""Returns the changed text and what was changed."""

Filter = Callable[[Measures], Finding | None]
"""Returns why a document is left out, or None."""


def drop(step: str, rule: str, value: Value, limit: Value) -> Finding:
    """A reason to leave a document out."""
    return Finding(step, rule, value, limit, drops=True)
