"""A good folder passes, and each way of spoiling one is named."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from groundup.model.bundle import save_bundle
from groundup.model.bundle_check import bundle_fault
from groundup.model.config import ModelConfig
from groundup.model.initialisation import initialise
from groundup.model.transformer import Transformer
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer(["the cat sat on the mat"] * 3, TokenizerConfig(vocab_size=265))


def build(tokenizer: Tokenizer, architecture: str = "gpt2", **settings: Any) -> Transformer:
    shape = {"block_size": 16, "n_layer": 1, "n_embd": 32, "n_head": 2, **settings}
    return initialise(Transformer(ModelConfig(architecture, vocab_size=tokenizer.vocab_size, **shape)), seed=3)


def fault(folder: Path, model: Transformer, tokenizer: Tokenizer) -> str | None:
    return bundle_fault(folder, model.config, model.state_dict(), tokenizer)


@pytest.mark.parametrize("architecture", ["qwen3", "llama", "gpt2", "phi"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_what_is_saved_is_sound(architecture: str, dtype: torch.dtype, tokenizer: Tokenizer, tmp_path: Path) -> None:
    model = build(tokenizer, architecture)
    save_bundle(model, tokenizer, tmp_path, dtype=dtype)
    assert fault(tmp_path, model, tokenizer) is None


def test_a_shape_of_our_own_is_sound(tokenizer: Tokenizer, tmp_path: Path) -> None:
    model = build(tokenizer, "qwen3", activation="relu2")
    save_bundle(model, tokenizer, tmp_path)
    assert fault(tmp_path, model, tokenizer) is None


def change_config(folder: Path, **settings: Any) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | settings))


def change_weight(folder: Path, name: str) -> None:
    tensors = load_file(folder / "model.safetensors")
    tensors[name] = tensors[name] + 1e-6
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "a weight": (lambda folder: change_weight(folder, "transformer.ln_f.bias"), "1 weights differ"),
    "the dtype": (lambda folder: change_config(folder, torch_dtype="float16"), "dtype of config.json"),
    "a setting": (lambda folder: change_config(folder, layer_norm_epsilon=0.1), "logits are not"),
    "no weights": (lambda folder: (folder / "model.safetensors").unlink(), "has neither model.safetensors"),
    "the tokenizer": (
        lambda folder: train_tokenizer(["dogs dig dens"] * 3, TokenizerConfig(vocab_size=265)).save(folder),
        "tokenizer is another",
    ),
}


@pytest.mark.parametrize("case", SPOILT)
def test_a_spoilt_folder_is_found_out(case: str, tokenizer: Tokenizer, tmp_path: Path) -> None:
    spoil, message = SPOILT[case]
    model = build(tokenizer)
    save_bundle(model, tokenizer, tmp_path)
    spoil(tmp_path)
    found = fault(tmp_path, model, tokenizer)
    assert found is not None
    assert message in found
