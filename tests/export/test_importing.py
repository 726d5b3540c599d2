"""`groundup import`: folders of the four architectures become ours, and what is wrong with one is named."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from foreign_models import CONFIGS, write_foreign
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner, Result

from groundup.cli.main import app
from groundup.model.bundle import load_bundle
from groundup.utils.files import sha256_file

TEXTS = ["The fox went home, and the owl said: good night! " * 3, "the cat sat on the mat, the dog did not. " * 3]


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.mark.parametrize("architecture", CONFIGS)
def test_imported_model_is_the_same_and_knows_the_markers(architecture: str, in_folder: Path) -> None:
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    theirs = write_foreign(in_folder / "theirs", architecture, TEXTS)
    result = run("import", "theirs", "--output", "ours")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == "ours\n"
    assert "new ones: <|pad|> (" in result.stderr

    model, tokenizer = load_bundle(in_folder / "ours" / "model")
    n = tokenizer.vocab_size - 3
    ids = torch.tensor([tokenizer.encode("The owl sat on the mat.", add_special_tokens=True)])
    with torch.no_grad():
        torch.testing.assert_close(model(ids)[..., :n], theirs(ids).logits, atol=1e-5, rtol=0)
    torch.testing.assert_close(model.embed.weight[n:], model.embed.weight[:n].mean(dim=0).expand(3, -1))

    # At home elsewhere, too, and it goes on from there: the folder is a run's model folder in every way.
    again = transformers.AutoModelForCausalLM.from_pretrained(in_folder / "ours" / "model")
    with torch.no_grad():
        torch.testing.assert_close(again(ids).logits, model(ids), atol=1e-5, rtol=0)
    written = run("generate", "ours", "--prompt", "The owl", "--max-new-tokens", "4", "--seed", "1")
    assert written.exit_code == 0, written.stderr
    assert written.stdout.startswith("The owl")


def test_origin_is_recorded(in_folder: Path) -> None:
    write_foreign(in_folder / "theirs", "gpt2", TEXTS)
    assert run("import", "theirs", "--output", "ours", "--special-token", "<|tool|>").exit_code == 0
    _, tokenizer = load_bundle(in_folder / "ours" / "model")
    origin = json.loads((in_folder / "ours" / "origin.json").read_text())
    first = tokenizer.vocab_size - 4
    assert origin == {
        "source": "theirs",
        "model_type": "gpt2",
        "weights": {"model.safetensors": sha256_file(in_folder / "theirs" / "model.safetensors")},
        "vocab_size": first,
        "tokens_added": {"<|pad|>": first, "<|im_start|>": first + 1, "<|im_end|>": first + 2, "<|tool|>": first + 3},
    }
    assert tokenizer.encode("a<|tool|>", allow_special=True)[-1] == first + 3


def test_tokens_can_be_added_to_a_model_of_ours(in_folder: Path) -> None:
    write_foreign(in_folder / "theirs", "qwen3", TEXTS)
    assert run("import", "theirs").exit_code == 0
    assert (
        run("import", "--checkpoint", "imported/theirs", "--output", "more", "--special-token", "<|x|>").exit_code == 0
    )
    before, one = load_bundle(in_folder / "imported" / "theirs" / "model")
    after, two = load_bundle(in_folder / "more" / "model")
    assert two.vocab_size == one.vocab_size + 1 == after.config.vocab_size
    assert torch.equal(after.embed.weight[:-1], before.embed.weight)
    torch.testing.assert_close(after.head.weight[-1], before.head.weight.mean(dim=0))
    origin = json.loads((in_folder / "more" / "origin.json").read_text())
    assert origin["tokens_added"] == {"<|x|>": one.vocab_size}


def test_spare_rows_are_used(in_folder: Path) -> None:
    write_foreign(in_folder / "theirs", "phi", TEXTS, spare_rows=40)
    assert run("import", "theirs", "--output", "ours").exit_code == 0
    model, tokenizer = load_bundle(in_folder / "ours" / "model")
    assert model.config.vocab_size == tokenizer.vocab_size - 3 + 40


def test_precision_is_kept_unless_asked_for(in_folder: Path) -> None:
    theirs = write_foreign(in_folder / "theirs", "llama", TEXTS)
    theirs.to(torch.bfloat16).save_pretrained(in_folder / "theirs")
    for words, dtype in (((), torch.bfloat16), (("--dtype", "float32"), torch.float32)):
        output = in_folder / str(dtype)
        assert run("import", "theirs", "--output", output, *words).exit_code == 0
        assert {tensor.dtype for tensor in load_file(output / "model" / "model.safetensors").values()} == {dtype}


def test_other_chat_template_is_said(in_folder: Path) -> None:
    write_foreign(in_folder / "theirs", "gpt2", TEXTS)
    assert "chat template" not in run("import", "theirs", "--output", "a").stderr
    (in_folder / "theirs" / "chat_template.jinja").write_text("{{ messages }}")
    assert "its chat template was another one" in run("import", "theirs", "--output", "b").stderr


def change_weights(folder: Path, drop: str | None = None, **more: torch.Tensor) -> None:
    tensors = load_file(folder / "model.safetensors")
    if drop is not None:
        del tensors[drop]
    save_file(tensors | more, folder / "model.safetensors")


def test_what_is_wrong_is_named_and_nothing_is_left_behind(in_folder: Path) -> None:
    write_foreign(in_folder / "good", "llama", TEXTS)
    q = "model.layers.1.self_attn.q_proj.weight"
    for name, changes in {
        "missing": {"drop": q},
        "unknown": {"score": torch.zeros(2)},
        "wrong": {q: torch.zeros(3, 32)},
    }.items():
        shutil.copytree(in_folder / "good", in_folder / name)
        change_weights(in_folder / name, **changes)  # type: ignore[arg-type]
    shutil.copytree(in_folder / "good", in_folder / "pickled")
    (in_folder / "pickled" / "model.safetensors").rename(in_folder / "pickled" / "pytorch_model.bin")
    shutil.copytree(in_folder / "good", in_folder / "other")
    (in_folder / "other" / "config.json").write_text('{"model_type": "mamba"}')
    for source, message in {
        "missing": f"the llama model of this config.json lacks tensor {q}.",
        "unknown": "has unknown tensor score.",
        "wrong": f"tensor {q} has shape (3, 32), but config.json means (32, 32).",
        "pickled": "Only safetensors weights are read",
        "other": 'model_type "mamba" is not supported. Supported are qwen3, llama, gpt2, phi',
        "gone": "gone is no folder",
        "good --dtype float8": '--dtype "float8" is unknown',
    }.items():
        result = run("import", *source.split(), "--output", "ours")
        assert result.exit_code == 1, source
        assert message in result.stderr
        assert result.stderr.count("\n") == 1
        assert not (in_folder / "ours").exists()
    assert not list(in_folder.glob(".*"))
    assert run("import").exit_code == 2
    assert run("import", "good", "--checkpoint", "good").exit_code == 2
    assert run("import", "good", "--output", "ours").exit_code == 0
    again = run("import", "good", "--output", "ours")
    assert (again.exit_code, "ours exists already" in again.stderr) == (1, True)


def test_generate_takes_the_folder_as_it_is(in_folder: Path) -> None:
    """Without import: a Hugging Face folder whose tokenizer lacks the markers."""
    write_foreign(in_folder / "theirs", "gpt2", TEXTS)
    result = run("generate", "theirs", "--prompt", "The fox", "--max-new-tokens", "3", "--temperature", "0")
    assert result.exit_code == 0, result.stderr
    assert run("import", "theirs", "--output", "ours").exit_code == 0
    ours = run("generate", "ours", "--prompt", "The fox", "--max-new-tokens", "3", "--temperature", "0")
    assert ours.stdout == result.stdout
