"""Damaged and foreign folders given to eval, export and import: one line each, exit code 1, nothing left behind."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from groundup.cli.main import app
from groundup.model.bundle import save_bundle
from groundup.model.config import ModelConfig
from groundup.model.initialisation import initialise
from groundup.model.transformer import Transformer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer

WEIGHTS, INDEX, CONFIG = "model.safetensors", "model.safetensors.index.json", "config.json"
Harm = Callable[[Path], Any]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "good"
    tokenizer = train_tokenizer(["the cat sleeps in the house. "] * 9, TokenizerConfig(vocab_size=280))
    shape = {"vocab_size": tokenizer.vocab_size, "block_size": 32, "n_layer": 1, "n_head": 2, "n_embd": 16}
    save_bundle(initialise(Transformer(ModelConfig("llama", **shape)), 1).eval(), tokenizer, folder)  # type: ignore[arg-type]
    return folder


def cut(name: str, length: int) -> Harm:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:length])


def write(name: str, content: bytes) -> Harm:
    return lambda folder: (folder / name).write_bytes(content)


def change(name: str, **values: Any) -> Harm:
    return lambda folder: (folder / name).write_text(json.dumps(json.loads((folder / name).read_text()) | values))


def only_index(content: bytes) -> Harm:
    def harm(folder: Path) -> None:
        (folder / WEIGHTS).unlink()
        (folder / INDEX).write_bytes(content)

    return harm


def not_a_number(folder: Path) -> None:
    tensors = load_file(folder / WEIGHTS)
    tensors["model.norm.weight"][3] = torch.nan
    save_file(tensors, folder / WEIGHTS)


def photographs(folder: Path) -> None:
    for file in list(folder.iterdir()):
        file.rename(file.with_suffix(".jpg"))


def stopped_run(folder: Path) -> None:
    """A run that was stopped before its first checkpoint."""
    photographs(folder)
    (folder / "config.yaml").write_text("model: {n_layer: 1}\n")
    (folder / "metrics.jsonl").write_text("")


def lost_checkpoint(folder: Path) -> None:
    stopped_run(folder)
    (folder / "best").write_text("step-00000009\n")


def unreadable_pointer(folder: Path) -> None:
    stopped_run(folder)
    (folder / "best").write_bytes(b"\xff\xfe\x00")


HARMS: dict[str, tuple[Harm, str]] = {
    "weights cut": (cut(WEIGHTS, 5000), "model.safetensors is damaged"),
    "header cut": (cut(WEIGHTS, 40), "model.safetensors is damaged"),
    "weights empty": (cut(WEIGHTS, 0), "model.safetensors is damaged"),
    "weights are a picture": (write(WEIGHTS, b"\xff\xd8\xff\xe0" + bytes(3000)), "model.safetensors is damaged"),
    "weights gone": (lambda folder: (folder / WEIGHTS).unlink(), "has neither model.safetensors nor"),
    "pickled": (lambda folder: (folder / WEIGHTS).rename(folder / "model.bin"), "Only safetensors weights are read"),
    "not a number": (not_a_number, "not finite|holds numbers that are none"),
    "index without map": (only_index(b'{"weight_map": []}'), "it has no weight_map"),
    "index names a missing file": (only_index(b'{"weight_map": {"a": "b.safetensors"}}'), "b.safetensors is missing"),
    "config cut": (cut(CONFIG, 30), "config.json is not valid JSON"),
    "config is a list": (write(CONFIG, b"[]"), "config.json lacks a setting or has a wrong one"),
    "config is a picture": (write(CONFIG, b"\xff\xd8\xff\xe0"), "config.json is not valid JSON"),
    "no type": (change(CONFIG, model_type=None), 'model_type "None" is not supported'),
    "other type": (change(CONFIG, model_type="mamba"), 'model_type "mamba" is not supported'),
    "no heads": (change(CONFIG, num_attention_heads=0), "n_head is 0"),
    "half a component": (change(CONFIG, hidden_size=16.5), "n_embd is 16.5; it must be a whole number"),
    "width in words": (change(CONFIG, hidden_size="wide"), "must be a whole number"),
    "another width": (change(CONFIG, hidden_size=32), "has shape"),
    "width beyond memory": (change(CONFIG, hidden_size=10**12), "has shape"),
    "layers beyond number": (change(CONFIG, num_hidden_layers=10**7), "config.json means 10,000,000 layers"),
    "context beyond memory": (change(CONFIG, max_position_embeddings=10**13), "cannot be made"),
    "stretched context": (change(CONFIG, rope_scaling={"type": "yarn", "factor": 4.0}), 'rope_type "yarn"'),
    "other activation": (change(CONFIG, hidden_act="mish"), 'hidden_act "mish" is not supported'),
    "tokenizer gone": (lambda folder: (folder / "tokenizer.json").unlink(), "tokenizer.json is missing"),
    "tokenizer cut": (cut("tokenizer.json", 300), "tokenizer.json is damaged"),
    "tokenizer empty": (write("tokenizer.json", b"{}"), "tokenizer.json is damaged"),
    "its settings are a list": (write("tokenizer_config.json", b"[1]"), "tokenizer_config.json is damaged"),
    "its settings cut": (cut("tokenizer_config.json", 9), "tokenizer_config.json is not valid JSON"),
    "photographs": (photographs, "holds none of config.json"),
    "a stopped run": (stopped_run, "holds none of config.json"),
    "a lost checkpoint": (lost_checkpoint, "holds none of config.json"),
    "an unreadable pointer": (unreadable_pointer, "holds none of config.json"),
}
VERBS = {
    "eval": ("eval", "bad", "--pairs", "pairs.jsonl"),
    "gguf": ("export", "bad", "--output", "out"),
    "onnx": ("export", "bad", "--output", "out", "--format", "onnx"),
    "hub": ("export", "bad", "--output", "out", "--format", "hub"),
    "import": ("import", "bad", "--output", "out"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_every_damage_is_told_in_one_line(verb: str, good: Path, in_folder: Path) -> None:
    if verb in ("gguf", "onnx"):
        pytest.importorskip(verb, reason=f"the package {verb} is not installed")
    (in_folder / "pairs.jsonl").write_text('{"sentence_good": "the cat", "sentence_bad": "cat the"}\n')
    for name, (harm, message) in HARMS.items():
        shutil.copytree(good, "bad")
        harm(in_folder / "bad")
        result = CliRunner().invoke(app, list(VERBS[verb]))
        assert result.exit_code == 1, (name, result.exception)
        assert isinstance(result.exception, SystemExit), (name, result.exception)
        assert any(words in result.stderr for words in message.split("|")), (name, result.stderr)
        assert result.stderr.startswith("error: "), name
        assert result.stderr.count("\n") == 1, (name, result.stderr)
        assert sorted(os.listdir()) == ["bad", "pairs.jsonl"], name
        shutil.rmtree("bad")


def test_what_only_some_need(good: Path, in_folder: Path) -> None:
    """Settings for writing: export and import need them, reading does not."""
    (in_folder / "pairs.jsonl").write_text('{"sentence_good": "the cat", "sentence_bad": "cat the"}\n')
    pytest.importorskip("gguf", reason="the package gguf is not installed")
    for content in (b"[1]", b"{", b'{"temperature": "hot", "do_sample": true}'):
        shutil.copytree(good, "bad")
        (in_folder / "bad" / "generation_config.json").write_bytes(content)
        assert CliRunner().invoke(app, list(VERBS["eval"])).exit_code == 0
        for verb in ("gguf", "import"):
            result = CliRunner().invoke(app, list(VERBS[verb]))
            assert result.exit_code == 1, content
            assert "generation_config.json" in result.stderr
            assert result.stderr.count("\n") == 1
            assert not (in_folder / "out").exists()
        shutil.rmtree("bad")


def test_no_folder_at_all(in_folder: Path) -> None:
    (in_folder / "picture.jpg").write_bytes(b"\xff\xd8\xff")
    for name in ("picture.jpg", "nowhere"):
        for words in (("eval", name), ("export", name), ("import", name)):
            result = CliRunner().invoke(app, list(words))
            assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
            assert f"{name} is no folder" in result.stderr
