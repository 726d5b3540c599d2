"""ONNX files, run in ONNX Runtime: logits of any batch and any length, and greedy text, are those of our model."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner, Result

from groundup.cli.main import app
from groundup.export.onnx_file import check_onnx, write_onnx
from groundup.export.probes import LINES
from groundup.model.config import ModelConfig
from groundup.model.transformer import Transformer
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.loading import load_tokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.utils.errors import UserError

for package in ("onnx", "onnxscript", "onnxruntime"):
    pytest.importorskip(package, reason=f"the package {package} is not installed")

CONTEXT = 40


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer(["The cat sat on the mat. " * 9, *LINES], TokenizerConfig(vocab_size=320))


def build(tokenizer: Tokenizer, architecture: str, **settings: object) -> Transformer:
    shape = {"n_layer": 2, "n_head": 4, "n_embd": 32, "block_size": CONTEXT, **settings}
    model = Transformer(ModelConfig(architecture, vocab_size=tokenizer.vocab_size, **shape))  # type: ignore[arg-type]
    chance = torch.Generator().manual_seed(2)
    for name, parameter in model.named_parameters():
        parameter.data.normal_(1.0 if name.endswith("gain") else 0.0, 0.15, generator=chance)
    return model.eval()


SHAPES: list[tuple[str, dict[str, object]]] = [
    ("qwen3", {"n_kv_head": 2, "head_size": 16, "tied_embeddings": True}),
    ("llama", {"bias": True}),
    ("gpt2", {}),
    ("phi", {"rotary_share": 0.5}),
    # What no format of others has a name for is a graph like any other.
    ("llama", {"positions": "sinusoidal", "activation": "relu2", "norm": "layernorm", "norm_position": "post"}),
]


@pytest.mark.parametrize(("architecture", "settings"), SHAPES)
def test_every_architecture_computes_the_same(
    architecture: str, settings: dict[str, object], tokenizer: Tokenizer, tmp_path: Path
) -> None:
    model = build(tokenizer, architecture, **settings)
    model.set_compute(attention="sdpa")  # as commands set it up; the file does not depend on it
    path = tmp_path / "new" / "model.onnx"
    assert write_onnx(model, path, name="tiny") == [path]
    proof = check_onnx(path, model, tokenizer)
    assert (proof.shapes, proof.prompts) == (10, 5)
    assert proof.largest_difference < 1e-4
    assert [file.name for file in path.parent.iterdir()] == ["model.onnx"]


def test_the_file_says_how_it_wants_to_be_called(tokenizer: Tokenizer, tmp_path: Path) -> None:
    import onnxruntime

    path = tmp_path / "model.onnx"
    write_onnx(build(tokenizer, "qwen3"), path, name="tiny")
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (given,), (returned,) = session.get_inputs(), session.get_outputs()
    assert (given.name, given.shape, given.type) == ("input_ids", ["batch", "sequence"], "tensor(int64)")
    assert (returned.name, returned.shape) == ("logits", ["batch", "sequence", tokenizer.vocab_size])
    properties = session.get_modelmeta().custom_metadata_map
    assert (properties["name"], properties["context"]) == ("tiny", str(CONTEXT))


def test_what_stands_right_of_a_text_changes_nothing(tokenizer: Tokenizer, tmp_path: Path) -> None:
    import onnxruntime

    path = tmp_path / "model.onnx"
    write_onnx(build(tokenizer, "phi"), path, name="tiny")
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    ids = torch.arange(20)[None]
    (alone,) = session.run(None, {"input_ids": ids[:, :9].numpy()})
    (padded,) = session.run(None, {"input_ids": ids.numpy()})
    torch.testing.assert_close(torch.from_numpy(padded[:, :9]), torch.from_numpy(alone), atol=1e-5, rtol=0)


def test_another_model_and_a_damaged_file_are_found_out(tokenizer: Tokenizer, tmp_path: Path) -> None:
    model = build(tokenizer, "qwen3")
    path = tmp_path / "model.onnx"
    write_onnx(model, path, name="tiny")
    other = build(tokenizer, "qwen3")
    other.blocks[1].mlp.down.weight.data[0] += 0.5  # type: ignore[union-attr, operator, index]
    with pytest.raises(UserError, match=r"logits of \(1, 1\) ids differ"):
        check_onnx(path, other, tokenizer)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(UserError, match="onnxruntime does not open"):
        check_onnx(path, model, tokenizer)


def test_weights_of_a_large_model_lie_beside_the_graph(
    tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("groundup.export.onnx_file.ONE_FILE_BYTES", 1000)
    model = build(tokenizer, "llama")
    path = tmp_path / "model.onnx"
    assert write_onnx(model, path, name="tiny") == [path, tmp_path / "model.onnx.data"]
    check_onnx(path, model, tokenizer)


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_command(trained: Path, in_folder: Path) -> None:
    shutil.copytree(trained / "checkpoints", "checkpoints")
    result = run("export", "checkpoints/tiny", "--format", "onnx")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == "exports/tiny/tiny.onnx\n"
    assert "verified with onnxruntime: logits of 10 batches" in result.stderr
    bundle = next(Path("checkpoints/tiny").glob("step-*/model"))
    assert load_tokenizer(Path("exports/tiny")).fingerprint == load_tokenizer(bundle).fingerprint
    assert "chat_template" in json.loads(Path("exports/tiny/tokenizer_config.json").read_text())
    refused = run("export", "checkpoints/tiny", "--format", "onnx", "--dtype", "q8_0")
    assert refused.exit_code == 1
    assert refused.stderr.startswith('error: --dtype "q8_0" is unknown to ONNX export, which writes f32.')
    assert refused.stderr.count("\n") == 1
