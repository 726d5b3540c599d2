"""A cheap proof that a model folder is what it should be: read it back as anybody would, and compare.

Without transformers, whose own reading of such folders is compared with ours in tests/model/test_parity.py.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor

from groundup.model.bundle import CONFIG, load_bundle, weight_files
from groundup.model.config import ResolvedConfig, exportable
from groundup.model.transformer import Transformer
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.errors import UserError
from groundup.utils.files import read_json
from groundup.utils.progress import Say

PROBE_TOKENS = 8


def check_bundle(
    folder: Path, shape: ResolvedConfig, weights: Mapping[str, Tensor], tokenizer: Tokenizer, say: Say
) -> None:
    """Say what is wrong with the folder, if anything is: training goes on, since its own state is not concerned."""
    if fault := bundle_fault(folder, shape, weights, tokenizer):
        say(f"WARNING: the model folder {folder} is not sound: {fault}")


def bundle_fault(
    folder: Path, shape: ResolvedConfig, weights: Mapping[str, Tensor], tokenizer: Tokenizer
) -> str | None:
    """What is wrong with the folder that was written of this model, in words; None if nothing is.

    Compared are shape, tokenizer, every weight, dtype, tied embeddings, special ids, and logits of a short text.
    """
    try:
        model, stored_tokenizer = load_bundle(folder, dtype=None)
    except (UserError, OSError) as error:
        return str(error)
    hf = read_json(folder / CONFIG)
    standard = exportable(shape) is None
    loaded = model.state_dict()
    dtype = model.embed.weight.dtype
    differing = [
        name for name, value in weights.items() if not torch.equal(loaded[name], value.detach().cpu().to(dtype))
    ]
    stored_names = [name for file in weight_files(folder) for name in _names(file)]
    faults = {
        f"{len(differing)} weights differ, first {differing[:1]}": bool(differing),
        "the tokenizer is another one": stored_tokenizer.fingerprint != tokenizer.fingerprint,
        "the dtype of config.json is not that of the weights": hf.get("torch_dtype") != str(dtype).split(".")[-1],
        "tied embeddings are stored twice": standard
        and bool(hf.get("tie_word_embeddings"))
        and any("lm_head.weight" in name for name in stored_names),
        "vocab_size is not the number of embeddings": standard and hf.get("vocab_size") != shape.vocab_size,
        "a special id is beyond the vocabulary": max(tokenizer.specials.ids.values()) >= shape.vocab_size,
    }
    found = [words for words, wrong in faults.items() if wrong]
    return found[0] if found else _logits_fault(model, shape, weights)


def _names(file: Path) -> list[str]:
    with safe_open(file, framework="pt") as stored:
        return list(stored.keys())


@torch.inference_mode()
def _logits_fault(model: Transformer, shape: ResolvedConfig, weights: Mapping[str, Tensor]) -> str | None:
    """Whether the model in memory, in the folder's precision, gives other logits than the one read back."""
    dtype = model.embed.weight.dtype
    original = Transformer(shape)
    copies = {name: value.detach().cpu() for name, value in weights.items()}
    original.load_state_dict(copies, strict=not shape.tied_embeddings)
    ids = torch.arange(min(PROBE_TOKENS, shape.block_size))[None] % shape.vocab_size
    same = torch.equal(original.to(dtype).eval()(ids), model(ids))
    return None if same else "its logits are not those of the model"
