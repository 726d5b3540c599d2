"""Which sections are for validation: a rule on the hash of their content, chosen once and then kept.

A section's side depends on its own text and the rule only, so adding, removing or reordering documents never moves
another one. Whoever applies a rule records it (`to_dict`) and reads it back instead of choosing anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from groundup.utils.errors import UserError

_HASHES = 1 << 64


def _hash(section_id: str) -> int:
    """The first 64 bits of a section's id, uniform over 0 .. 2**64 - 1."""
    return int(section_id[:16], 16)


@dataclass(frozen=True)
class SplitRule:
    """A section is for validation if and only if its hash is below `threshold`."""

    threshold: int

    def side(self, section_id: str) -> Literal["train", "val"]:
        """The side of the section with this id."""
        return "val" if _hash(section_id) < self.threshold else "train"

    def to_dict(self) -> dict[str, Any]:
        """As JSON: the threshold in hex, because 64 bits do not fit the numbers of every JSON reader."""
        return {"kind": "content hash", "threshold": f"{self.threshold:016x}"}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> "SplitRule":
        """Read what `to_dict` wrote. Raises UserError when it is something else."""
        try:
            if value["kind"] != "content hash":
                raise ValueError(value["kind"])
            return cls(int(value["threshold"], 16))
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"The recorded split {dict(value)} cannot be read. Make the token files again.") from error


def choose_rule(ids: Iterable[str], fraction: float) -> SplitRule:
    """Choose the rule that puts about `fraction` of the sections on the validation side, and at least one on each.

    Where no hash falls below the threshold it is raised to just above the smallest; where all do, it is lowered to
    the largest. Reads `ids` once, in constant memory. Raises UserError for fewer than two distinct sections.
    """
    if not 0 < fraction < 1:
        raise UserError(f"corpus.validation is {fraction}: it must lie between 0 and 1, for example 0.05.")
    smallest, largest = _HASHES, -1
    for section_id in ids:
        value = _hash(section_id)
        smallest, largest = min(smallest, value), max(largest, value)
    if smallest >= largest:
        found = "no section" if largest < 0 else "one section"
        raise UserError(
            f"Not enough text for training and validation: the corpus has {found}, and two different ones are needed. "
            "Add more text (a document of up to 20,000 characters is one section)."
        )
    return SplitRule(min(max(int(fraction * _HASHES), smallest + 1), largest))
