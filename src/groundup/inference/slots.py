"""Which sequence has which slot of the cache, and what a new one can take over from those before it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

SHARE_TO_TAKE_OVER = 0.5
"""A free slot is given to a sequence that shares at least this part of it: a conversation that goes on. One that has
only its beginning in common (a system message) gets a copy, so that the other conversation can go on, too."""


@dataclass
class Slot:
    """A place for one sequence."""

    number: int
    ids: list[int] = field(default_factory=list)
    """Tokens whose keys and values it holds."""
    aligned: int = 0
    """Of these, the leading ones that were read in pieces as a new prompt's would be (see `Stepper.grain`)."""
    busy: bool = False
    last_used: int = 0


@dataclass(frozen=True)
class Taken:
    """A slot for a new sequence; its first `reused` tokens need not be read. copy_from: slot that has them."""

    slot: Slot
    reused: int
    copy_from: int | None = None


class SlotTable:
    """All slots. Keeps what a finished sequence left until its slot is needed, the longest unused first."""

    def __init__(self, n_slots: int, grain: int) -> None:
        self._slots = [Slot(number) for number in range(n_slots)]
        self._grain, self._clock = grain, 0

    @property
    def n_free(self) -> int:
        """Slots that no sequence has."""
        return sum(not slot.busy for slot in self._slots)

    def take(self, ids: Sequence[int]) -> Taken | None:
        """A slot for the prompt `ids`, None if all are busy. The last token is always read: its logits are needed."""
        free = [slot for slot in self._slots if not slot.busy]
        if not free:
            return None
        best = max(self._slots, key=lambda slot: (self._shared(slot, ids), not slot.busy))
        shared = self._shared(best, ids)
        if shared and not best.busy and shared >= SHARE_TO_TAKE_OVER * len(best.ids):
            return self._occupy(best, shared, None, ids)
        oldest = min(free, key=lambda slot: (bool(slot.ids), slot.last_used))
        source = best.number if shared and best is not oldest else None
        return self._occupy(oldest, shared, source, ids)

    def release(self, slot: Slot) -> None:
        """The sequence is over."""
        assert slot.busy
        self._clock += 1
        slot.busy, slot.last_used = False, self._clock

    def _shared(self, slot: Slot, ids: Sequence[int]) -> int:
        """Tokens that need not be read again with the keys and values of `slot`."""
        limit = min(len(slot.ids) if self._grain == 1 else slot.aligned, len(ids) - 1)
        n = next((i for i in range(limit) if slot.ids[i] != ids[i]), limit)
        return n - n % self._grain

    @staticmethod
    def _occupy(slot: Slot, shared: int, source: int | None, ids: Sequence[int]) -> Taken:
        slot.busy, slot.aligned = True, shared
        slot.ids = list(ids[:shared])
        return Taken(slot, shared, source)
