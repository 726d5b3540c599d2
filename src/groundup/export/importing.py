"""A model that others made becomes a folder of ours, from which training, generation and chat start.

OUT/
  model/        a Hugging Face model folder, as in every checkpoint      -> model/bundle.py
  origin.json   where it came from, checksums of its weights, which tokens were added
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from groundup.inference.generation import load_generation
from groundup.model.accounting import count_parameters
from groundup.model.bundle import check_finite, find_bundle, load_bundle, read_config, save_bundle, weight_files
from groundup.runs.origin import ORIGIN
from groundup.tokenizer.chat_format import CHAT_TEMPLATE
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.errors import UserError
from groundup.utils.files import folder_atomic, read_json, sha256_file, write_json
from groundup.utils.progress import Say, quiet


@dataclass(frozen=True)
class Origin:
    """What a model began as. Written beside what it became."""

    source: str
    """Model folder."""
    model_type: str
    weights: dict[str, str]
    """SHA-256 of each weight file, by name."""
    vocab_size: int
    """Ids that the tokenizer had."""
    tokens_added: dict[str, int]
    """New tokens and their ids; their embeddings began as the mean of the others."""


def describe_origin(folder: Path, tokenizer: Tokenizer, known: int) -> Origin:
    """The origin of a model that is taken from the model folder `folder`, which knows the first `known` ids."""
    architecture, _ = read_config(folder)
    added = {str(tokenizer.id_to_token(id)): id for id in range(known, tokenizer.vocab_size)}
    weights = {file.name: sha256_file(file) for file in weight_files(folder)}
    return Origin(str(folder), architecture.MODEL_TYPE, weights, known, added)


def import_model(
    source: Path,
    output: Path,
    *,
    special_tokens: Sequence[str] = (),
    dtype: torch.dtype | None = None,
    say: Say = quiet,
) -> Origin:
    """Write the model of the folder `source` (whatever `find_bundle` takes) to the new folder `output`.

    dtype: of the written weights; None: as they are stored. Raises UserError naming what is wrong with the source:
    tensors that are missing, unknown or of another shape, settings that we cannot compute.
    """
    if output.exists():
        raise UserError(f"{output} exists already. Give another --output, or remove it first.")
    bundle = find_bundle(source)
    model, tokenizer = load_bundle(bundle, dtype=dtype, further_tokens=special_tokens)
    check_finite(model, bundle)
    origin = describe_origin(bundle, tokenizer, tokenizer.vocab_size - tokenizer.n_new_tokens)
    with folder_atomic(output) as folder:
        save_bundle(model, tokenizer, folder / "model", generation=asdict(load_generation(bundle)), say=say)
        write_json(folder / ORIGIN, dataclasses.asdict(origin))
    c = model.config
    say(
        f"{origin.model_type}: {c.n_layer} layers of width {c.n_embd}, {count_parameters(c).total:,} parameters, "
        f"context {c.block_size:,}, weights in {str(model.embed.weight.dtype).removeprefix('torch.')}"
    )
    say(tell_tokens(origin, c.vocab_size))
    if has_other_template(bundle):
        say("its chat template was another one; here it gets ChatML, which it has to learn: groundup tune")
    return origin


def tell_tokens(origin: Origin, rows: int) -> str:
    """One line about the vocabulary."""
    if not origin.tokens_added:
        return f"vocabulary of {origin.vocab_size:,} tokens, nothing to add; {rows:,} rows of embeddings"
    tokens = ", ".join(f"{token} ({id})" for token, id in origin.tokens_added.items())
    return f"vocabulary of {origin.vocab_size:,} tokens and new ones: {tokens}; {rows:,} rows of embeddings"


def has_other_template(folder: Path) -> bool:
    """Whether a model folder brings a chat template that is not ours."""
    path = folder / "tokenizer_config.json"
    template = read_json(path).get("chat_template") if path.is_file() else None
    return (template or CHAT_TEMPLATE) != CHAT_TEMPLATE or (folder / "chat_template.jinja").is_file()
