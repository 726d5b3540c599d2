"""`groundup params`: the numbers, where the shape comes from, and what cannot be."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from groundup.cli.main import app
from groundup.model.accounting import TOKENS_PER_PARAMETER, activation_bytes, cache_bytes, flops_per_token, state_bytes
from groundup.model.config import ModelConfig

CONFIGS = Path(__file__).parents[2] / "configs"
GPT2 = ("--config", str(CONFIGS / "gpt2-124m.yaml"))
PUBLISHED = 124_439_808


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["params", *words])


def numbers(*words: str) -> dict[str, Any]:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_gpt2_small_from_its_configuration() -> None:
    found = numbers(*GPT2, "--batch-size", "4")
    shape = ModelConfig("gpt2", vocab_size=50257, block_size=1024, n_layer=12, n_head=12, n_embd=768)
    assert found["total_parameters"] == found["gpt2_formula_parameters"] == PUBLISHED
    assert sum(found["parameters"].values()) == PUBLISHED
    assert found["optimal_tokens"] == TOKENS_PER_PARAMETER * PUBLISHED
    assert found["training_flops_per_token"] == flops_per_token(shape)
    assert found["state_bytes"] == state_bytes(shape, optimizer="adamw") == 16 * PUBLISHED
    assert found["activation_bytes"]["bfloat16"] == activation_bytes(shape, 4, element_bytes=2)
    assert found["activation_bytes_fused"]["float32"] == activation_bytes(shape, 4, explicit=False)
    assert found["cache_bytes"]["float32"] == cache_bytes(shape)


def test_flags_alone_give_the_same_model_as_the_configuration() -> None:
    flags = "--architecture gpt2 --n-layer 12 --n-head 12 --n-embd 768 --vocab-size 50257 --block-size 1024"
    found = numbers(*flags.split(), "--batch-size", "480", "--optimizer", "adamw")
    assert found == numbers(*GPT2)


def test_the_text_is_aligned_and_names_the_published_formula() -> None:
    lines = run(*GPT2).stdout.splitlines()
    assert lines[0].startswith("gpt2: 12 layers of width 768, 12 heads of 64")
    table = [line for line in lines[2:] if line]
    assert "by GPT-2's formula      124,439,808  V C + T C" in "\n".join(table)
    end = lines[2].index("38,597,376") + len("38,597,376")
    assert all(line[end - 1] != " " and line[end : end + 2] == "  " for line in table), "numbers end in one column"
    for name in ("token embedding", "attention", "feed forward", "total parameters", "FLOPs per token", "KV cache"):
        assert any(line.startswith(name) for line in table)


@pytest.mark.parametrize(
    ("flags", "key", "value"),
    [
        (["--n-layer", "3"], "n_layer", 3),
        (["--n-head", "8"], "n_head", 8),
        (["--n-kv-head", "2"], "n_kv_head", 2),
        (["--n-embd", "128"], "n_embd", 128),
        (["--n-ff", "99"], "n_ff", 99),
        (["--vocab-size", "777"], "vocab_size", 777),
        (["--block-size", "64"], "block_size", 64),
        (["--architecture", "llama"], "architecture", "llama"),
        (["--tied"], "tied_embeddings", True),
        (["--architecture", "gpt2", "--untied"], "tied_embeddings", False),
    ],
)
def test_every_flag_changes_the_shape(flags: list[str], key: str, value: object) -> None:
    found, default = numbers(*flags), numbers()
    assert found["shape"][key] == value != default["shape"][key] or key == "tied_embeddings"
    assert found != default


def test_optimizer_and_batch_size_change_memory_only() -> None:
    default = numbers()
    adamw, batch = numbers("--optimizer", "adamw"), numbers("--batch-size", "80")
    assert adamw["state_bytes"] > default["state_bytes"]
    assert batch["activation_bytes"]["float32"] == 10 * default["activation_bytes"]["float32"]
    assert adamw["total_parameters"] == batch["total_parameters"] == default["total_parameters"]


def test_sizes_follow_the_configuration(in_folder: Path) -> None:
    """The vocabulary is the tokenizer's and the context that of training, as in the run itself."""
    (in_folder / "configs").mkdir()
    (in_folder / "configs" / "mine.yaml").write_text(
        "tokenizer: {vocab_size: 1234}\ntraining: {block_size: 99, batch_size: 3}\nmodel: {n_layer: 1}"
    )
    found = numbers("--model", "mine")
    assert (found["shape"]["vocab_size"], found["shape"]["block_size"], found["batch_size"]) == (1234, 99, 3)
    assert numbers("--model", "mine", "--vocab-size", "50")["shape"]["vocab_size"] == 50


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--n-embd", "5"], 1, "model.n_embd (5) is not a multiple of model.n_head (4)"),
        (["--architecture", "gpt3"], 1, 'Did you mean "gpt2"?'),
        (["--optimizer", "sgd"], 1, 'training.optimizer "sgd" is unknown'),
        (["--batch-size", "0"], 1, "training.batch_size is 0"),
        (["--config", "gone.yaml"], 1, "there is no configuration file gone.yaml"),
        (["--config", "a.yaml", "--model", "b"], 1, "give either --config PATH or --model NAME"),
        (["--n-layers", "5"], 2, "--n-layer"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(words: list[str], code: int, message: str) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr
