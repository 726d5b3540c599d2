"""What a run leaves behind when its numbers stop being numbers: which batch it was, and whose text."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from groundup.data.loader import Batch
from groundup.data.provenance import documents_in_windows, sources_of
from groundup.data.token_files import TokenSet
from groundup.runs.folder import RunFolder
from groundup.utils.errors import UserError
from groundup.utils.files import write_json

NAMED = 3  # documents, windows and weights that the message itself names; the file names all


def damaged_weights(model: nn.Module) -> list[str]:
    """The names of the weights that hold a NaN or an infinity."""
    return [name for name, parameter in model.named_parameters() if not bool(torch.isfinite(parameter).all())]


def report_non_finite(
    run: RunFolder, sets: Sequence[TokenSet], batch: Batch, window_size: int, model: nn.Module, *, step: int, why: str
) -> UserError:
    """Write which windows and documents step `step` read; return the error that tells it. Call it after saving.

    sets: those of the phase, in the order of its datasets.
    """
    datasets = [_dataset(token_set, batch, index, window_size) for index, token_set in enumerate(sets)]
    datasets = [dataset for dataset in datasets if dataset["windows"]]
    damaged = damaged_weights(model)
    path = run.path / f"stopped-before-step-{step:08d}.json"
    write_json(path, {"step": step, "why": why, "damaged_weights": damaged, "datasets": datasets})
    windows = [f"{window} of {dataset['files']}" for dataset in datasets for window in dataset["windows"]]
    documents = [document["source"] or document["id"] for dataset in datasets for document in dataset["documents"]]
    if damaged:
        last = run.pointed("last")
        kept = f"{last} is the last good checkpoint" if last is not None else "no checkpoint had been written"
        advice = (
            f"The weights {_shortened(damaged)} are damaged already: nothing was saved, {kept}. Start again from it."
        )
    else:
        advice = (
            f"Nothing was updated by it and the state after step {step - 1} is saved. "
            "Lower training.learning_rate or set training.precision=float32, then go on."
        )
    return UserError(
        f"training stopped before step {step}: {why}. {advice} "
        f"The batch: windows {_shortened(windows)}; documents {_shortened(documents)} (all of them in {path})."
    )


def _dataset(token_set: TokenSet, batch: Batch, index: int, window_size: int) -> dict[str, Any]:
    """What a batch read of one dataset."""
    windows = sorted(batch.window_indices[batch.dataset_indices == index].tolist())
    ids = documents_in_windows(token_set, windows, window_size) if windows and "docs" in token_set.meta.files else []
    sources = sources_of(ids, [Path(source["path"]) for source in token_set.meta.sources if "path" in source])
    return {
        "dataset": token_set.fingerprint,
        "files": token_set.name,
        "windows": windows,
        "documents": [{"id": name, "source": sources.get(name)} for name in ids],
    }


def _shortened(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"
