"""The ledger: which token files a model's weights have been trained on, how often, in which phase and steps.

It lies inside every checkpoint (training/ledger.json), so that weights and ledger cannot disagree;
seen_datasets.json in the run folder is a copy for people.
"""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Entry:
    """What one phase has trained of one dataset."""

    dataset: str  # content fingerprint of the token files
    files: str  # their common name when the phase began
    dataset_windows: int  # windows in one pass over it
    phase: int  # number of the phase, from 0
    first_step: int  # first optimizer step of the phase
    last_step: int  # last optimizer step so far
    windows: int = 0  # windows that the weights have been trained on
    tokens: int = 0  # counted targets among them
    weight: float | None = None  # its share of the phase's windows, where the phase is a mixture
    skipped_windows: int = 0  # read by steps that the spike guard did not take: not among `windows`

    @property
    def passes(self) -> float:
        """How often the dataset went through the model, on average over its windows."""
        return self.windows / self.dataset_windows


@dataclass
class Ledger:
    """All entries of a run, in the order in which they began."""

    entries: list[Entry] = field(default_factory=list)

    def datasets(self) -> set[str]:
        """Fingerprints of everything that has been trained on, or is being trained on."""
        return {entry.dataset for entry in self.entries}

    def of_phase(self, phase: int) -> list[Entry]:
        """The entries of one phase."""
        return [entry for entry in self.entries if entry.phase == phase]

    def tokens(self) -> int:
        """Counted targets over all phases."""
        return sum(entry.tokens for entry in self.entries)

    def to_dict(self) -> dict[str, Any]:
        """As JSON, with the number of passes spelled out for readers."""
        return {"datasets": [{**asdict(entry), "passes": round(entry.passes, 4)} for entry in self.entries]}

    @staticmethod
    def from_dict(value: dict[str, Any]) -> "Ledger":
        """The inverse of to_dict."""
        rows = [{k: v for k, v in entry.items() if k != "passes"} for entry in value["datasets"]]
        return Ledger([Entry(**row) for row in rows])
