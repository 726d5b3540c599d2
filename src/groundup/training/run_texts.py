"""The texts of a finished run, found again from its configuration: for validation, and those it was trained on."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from groundup.data.token_files import TokenSet
from groundup.runs.folder import STEP_FOLDER, RunFolder
from groundup.tokenizer.interface import Tokenizer
from groundup.training.config import Config, load_config
from groundup.training.prepare import matching_sets
from groundup.utils.progress import Say


@dataclass(frozen=True)
class RunTexts:
    """The token files of a run that are still where its configuration says."""

    run: Path
    config: Config
    train: list[TokenSet]
    val: list[TokenSet]

    @property
    def data(self) -> list[dict[str, object]]:
        """Name and content fingerprint of the validation sets, for the record."""
        return [{"file": found.name, "fingerprint": found.fingerprint} for found in self.val]


def run_of(bundle: Path) -> Path | None:
    """The run folder that a model folder `step-.../model` belongs to; None for any other folder."""
    checkpoint = bundle.absolute().parent
    is_run = bundle.name == "model" and STEP_FOLDER.fullmatch(checkpoint.name)
    return checkpoint.parent if is_run and RunFolder(checkpoint.parent).config.is_file() else None


def find_run_texts(bundle: Path, tokenizer: Tokenizer, say: Say) -> RunTexts | None:
    """The texts of the run that a model belongs to; None, with a line saying why, when they are not here.

    Raises UserError for token files that are damaged or were made with another tokenizer.
    """
    run = run_of(bundle)
    if run is None:
        say(f"{bundle} belongs to no run, so it brings no text of its own. Give --text to measure bits per byte.")
        return None
    config = load_config(RunFolder(run).config)
    train, val = (matching_sets(config, split, tokenizer) for split in ("train", "val"))
    if not val:
        say(
            f"{config.dataset.dir} holds no validation text of this run (looked in {Path.cwd()}). "
            "Start where it was trained, or give --text."
        )
        return None
    return RunTexts(run, config, train, val)


def decoded_documents(sets: list[TokenSet], tokenizer: Tokenizer) -> Iterator[str]:
    """The texts of token files, as far as they were trained on: without what truncation left out."""
    for token_set in sets:
        tokens = token_set.tokens
        starts = np.flatnonzero(tokens[:] == token_set.meta.end_of_text_id)
        ends = np.append(starts[1:], len(tokens))
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            yield tokenizer.decode(tokens[start + 1 : end].tolist())
