"""Model folders: what goes in comes out, what does not fit is named in one line, and no path is mistaken."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from groundup.model.bundle import find_bundle, load_bundle, load_model, newest_run, save_bundle
from groundup.model.config import ModelConfig
from groundup.model.initialisation import initialise
from groundup.model.transformer import Transformer
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.utils.errors import UserError


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer(["the cat sat on the mat"] * 3, TokenizerConfig(vocab_size=265))


def build(architecture: str, vocab_size: int, **settings: object) -> Transformer:
    config = ModelConfig(architecture, vocab_size=vocab_size, block_size=16, n_layer=1, n_embd=32, n_head=2, **settings)
    return initialise(Transformer(config), seed=3).eval()


@pytest.fixture
def folder(tokenizer: Tokenizer, tmp_path: Path) -> Path:
    """A good bundle, to be damaged."""
    path = tmp_path / "bundle"
    save_bundle(build("gpt2", tokenizer.vocab_size), tokenizer, path)
    return path


def change_weights(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors")


def change_config(folder: Path, **settings: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | settings))


def test_only_safetensors_and_json(folder: Path) -> None:
    assert {path.suffix for path in folder.iterdir()} == {".json", ".safetensors"}
    assert not {"lm_head.weight"} & load_file(folder / "model.safetensors").keys(), "a tied head is stored once"


def test_model_and_tokenizer_come_back(folder: Path, tokenizer: Tokenizer) -> None:
    model, loaded = load_bundle(folder)
    assert loaded.fingerprint == tokenizer.fingerprint
    assert not model.training
    assert model.head.weight is model.embed.weight
    ids = torch.tensor([[5, 6, 7]])
    with torch.no_grad():
        assert torch.equal(model(ids), build("gpt2", tokenizer.vocab_size)(ids))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_weights_can_be_saved_and_loaded_in_half(dtype: torch.dtype, tokenizer: Tokenizer, tmp_path: Path) -> None:
    save_bundle(build("qwen3", tokenizer.vocab_size), tokenizer, tmp_path, dtype=dtype)
    assert {tensor.dtype for tensor in load_file(tmp_path / "model.safetensors").values()} == {dtype}
    assert load_model(tmp_path).embed.weight.dtype == torch.float32
    assert load_model(tmp_path, dtype=None).embed.weight.dtype == dtype


def test_a_shape_of_our_own_comes_back_and_is_said(tokenizer: Tokenizer, tmp_path: Path) -> None:
    model = build("qwen3", tokenizer.vocab_size, activation="relu2", positions="sinusoidal")
    said: list[str] = []
    save_bundle(model, tokenizer, tmp_path, say=said.append)
    assert len(said) == 1
    assert "positions=sinusoidal, activation=relu2" in said[0]
    assert json.loads((tmp_path / "config.json").read_text())["model_type"] == "groundup"

    loaded = load_model(tmp_path)
    assert loaded.config == model.config
    assert all(torch.equal(one, other) for one, other in zip(loaded.parameters(), model.parameters(), strict=True))


def test_generation_settings_are_those_of_transformers(tokenizer: Tokenizer, tmp_path: Path) -> None:
    model = build("qwen3", tokenizer.vocab_size)
    ids = tokenizer.specials.ids
    settings = {"temperature": 0.7, "top_k": None, "top_p": 0.9, "max_new_tokens": 50, "seed": None, "stop": []}
    save_bundle(model, tokenizer, tmp_path, generation=settings)
    assert json.loads((tmp_path / "generation_config.json").read_text()) == {
        "bos_token_id": ids["end_of_text"],
        "eos_token_id": [ids["end_of_text"], ids["im_end"]],
        "pad_token_id": ids["pad"],
        "do_sample": True,
        "temperature": 0.7,
        "top_k": 0,
        "top_p": 0.9,
        "max_new_tokens": 50,
    }


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing tensor": (
        lambda folder: change_weights(folder, lambda tensors: tensors.pop("transformer.ln_f.bias")),
        "the gpt2 model of this config.json lacks tensor transformer.ln_f.bias.",
    ),
    "a layer too few": (
        lambda folder: change_config(folder, n_layer=2),
        "lacks tensors transformer.h.1.attn.c_attn.bias, transformer.h.1.attn.c_attn.weight, "
        "transformer.h.1.attn.c_proj.bias and 9 more.",
    ),
    "tensor of another model": (
        lambda folder: change_weights(folder, lambda tensors: tensors.update(score=torch.zeros(2))),
        "has unknown tensor score.",
    ),
    "wrong shape": (
        lambda folder: change_config(folder, n_inner=100),
        "tensor transformer.h.0.mlp.c_fc.weight has shape (32, 128), but config.json means (32, 100).",
    ),
    "unsupported architecture": (
        lambda folder: change_config(folder, model_type="mamba"),
        'config.json: model_type "mamba" is not supported. Supported are qwen3, llama, gpt2, phi, groundup.',
    ),
    "unsupported setting": (
        lambda folder: change_config(folder, scale_attn_by_inverse_layer_idx=True),
        "config.json: scale_attn_by_inverse_layer_idx=True is not supported.",
    ),
    "impossible shape": (
        lambda folder: change_config(folder, n_head=5),
        "model.n_embd (32) is not a multiple of model.n_head (5).",
    ),
    "setting left out": (
        lambda folder: (folder / "config.json").write_text('{"model_type": "gpt2"}'),
        "config.json lacks a setting or has a wrong one: 'vocab_size'.",
    ),
    "damaged settings": (
        lambda folder: (folder / "config.json").write_text('{"model_type": '),
        "config.json is not valid JSON",
    ),
    "no settings": (lambda folder: (folder / "config.json").unlink(), "has no config.json: it is no model folder."),
    "cut weights": (
        lambda folder: (folder / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:5000]),
        "model.safetensors is damaged",
    ),
    "pickled weights only": (
        lambda folder: (folder / "model.safetensors").rename(folder / "pytorch_model.bin"),
        "Only safetensors weights are read",
    ),
    "missing shard": (
        lambda folder: (
            (folder / "model.safetensors").unlink(),
            (folder / "model.safetensors.index.json").write_text('{"weight_map": {"a": "model-00001.safetensors"}}'),
        ),
        "model-00001.safetensors is missing",
    ),
    "other tokenizer": (
        lambda folder: (
            change_config(folder, vocab_size=100),
            change_weights(
                folder,
                lambda tensors: tensors.update(
                    {"transformer.wte.weight": tensors["transformer.wte.weight"][:100].clone()}
                ),
            ),
        ),
        "ids, the model only 100: they do not belong together.",
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_does_not_fit_is_named_in_one_line(damage: str, folder: Path) -> None:
    break_it, message = DAMAGE[damage]
    break_it(folder)
    with pytest.raises(UserError, match=re.escape(message)) as raised:
        load_bundle(folder)
    assert str(folder) in str(raised.value)
    assert "\n" not in str(raised.value)


def make_run(run: Path, *, best: bool) -> Path:
    """A run folder with two checkpoints; returns the model folder of the one that it should be taken for."""
    for name in ("step-00000010", "step-00000020"):
        (run / name / "model").mkdir(parents=True)
        (run / name / "model" / "config.json").write_text("{}")
    (run / "last").write_text("step-00000020\n")
    if best:
        (run / "best").write_text("step-00000010\n")
    return run / ("step-00000010" if best else "step-00000020") / "model"


def test_paths_that_mean_a_model(tmp_path: Path) -> None:
    run = tmp_path / "checkpoints" / "mine"
    best = make_run(run, best=True)
    assert find_bundle(best) == best
    assert find_bundle(best.parent) == best
    assert find_bundle(run) == best
    assert find_bundle(tmp_path) == best, "quickstart's folder: the one run in it"


def test_a_run_without_a_best_checkpoint_means_its_last(tmp_path: Path) -> None:
    last = make_run(tmp_path / "run", best=False)
    assert find_bundle(tmp_path / "run") == find_bundle(tmp_path) == last


def test_several_runs_are_named(tmp_path: Path) -> None:
    for name in ("a", "b"):
        make_run(tmp_path / "checkpoints" / name, best=True)
    with pytest.raises(UserError, match=r"holds several runs: .*checkpoints/a, .*checkpoints/b"):
        find_bundle(tmp_path)


@pytest.mark.parametrize(("make", "message"), [(True, "holds none of config.json"), (False, "is no folder")])
def test_a_path_that_means_nothing_is_said(make: bool, message: str, tmp_path: Path) -> None:
    path = tmp_path / "nothing"
    if make:
        path.mkdir()
    with pytest.raises(UserError, match=message):
        find_bundle(path)


def test_the_newest_run_is_found(tmp_path: Path) -> None:
    roots = [tmp_path / "checkpoints", tmp_path / "artifacts"]
    with pytest.raises(UserError, match="No trained model was found"):
        newest_run(roots)
    make_run(roots[0] / "old", best=True)
    make_run(roots[1] / "checkpoints", best=True)
    for index, run in enumerate((roots[0] / "old", roots[1] / "checkpoints")):
        os.utime(run / "last", (index, index))
    assert newest_run(roots) == roots[1] / "checkpoints"
