"""GGUF files, run in llama.cpp: ids, log-probabilities, greedy text and chat template are those of our model."""

import random
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner, Result

from groundup.cli.main import app
from groundup.export import gguf_check, llama_cpp
from groundup.export.gguf_check import check_gguf, parting
from groundup.export.gguf_file import DTYPES, write_gguf
from groundup.export.gguf_tensors import neighbours
from groundup.export.probes import LINES
from groundup.model.bundle import save_bundle
from groundup.model.config import ModelConfig
from groundup.model.transformer import Transformer
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.utils.errors import UserError
from groundup.utils.progress import quiet

pytest.importorskip("gguf", reason="the package gguf is not installed")
needs_llama_cpp = pytest.mark.skipif(not llama_cpp.is_here(), reason="the package xllamacpp is not installed")


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer(["The cat's 12 dogs sat. größer 日本 😀\n\n def f(x):\n    return x\n", *LINES] * 3,
                           TokenizerConfig(vocab_size=500, special_tokens=["<|tool|>"]))  # fmt: skip


def build(tokenizer: Tokenizer, architecture: str, **settings: object) -> Transformer:
    shape = {"n_layer": 2, "n_head": 4, "n_embd": 64, "block_size": 96, **settings}
    model = Transformer(ModelConfig(architecture, vocab_size=tokenizer.vocab_size, **shape))  # type: ignore[arg-type]
    chance = torch.Generator().manual_seed(2)
    for name, parameter in model.named_parameters():
        centre = 1.0 if "norm" in name and name.endswith("gain") else 0.0
        parameter.data.normal_(centre, 0.15, generator=chance)
    return model.eval()


SHAPES: list[tuple[str, dict[str, object]]] = [
    ("qwen3", {}),
    ("qwen3", {"n_kv_head": 2, "head_size": 32, "tied_embeddings": True}),
    ("llama", {"n_kv_head": 2, "bias": True}),
    ("llama", {"tied_embeddings": True, "rotary_base": 500_000.0}),
    ("gpt2", {}),
    ("gpt2", {"tied_embeddings": False}),
    ("phi", {"rotary_share": 0.5}),
    ("phi", {"tied_embeddings": True, "n_kv_head": 2}),
]


@needs_llama_cpp
@pytest.mark.parametrize(("architecture", "settings"), SHAPES)
def test_every_architecture_computes_the_same_in_llama_cpp(
    architecture: str, settings: dict[str, object], tokenizer: Tokenizer, tmp_path: Path
) -> None:
    model = build(tokenizer, architecture, **settings)
    path = tmp_path / "model.gguf"
    write_gguf(model, tokenizer, path, name="tiny", dtype="f32", say=quiet)
    proof = check_gguf(path, model, tokenizer, "f32")
    assert proof.largest_difference < 0.01
    assert proof.lines == len(LINES)


@needs_llama_cpp
@pytest.mark.parametrize("dtype", [dtype for dtype in DTYPES if dtype != "f32"])
def test_every_type_computes_the_same_up_to_its_rounding(dtype: str, tokenizer: Tokenizer, tmp_path: Path) -> None:
    model = build(tokenizer, "qwen3")
    path = tmp_path / "model.gguf"
    write_gguf(model, tokenizer, path, name="tiny", dtype=dtype, say=quiet)
    check_gguf(path, model, tokenizer, dtype)
    assert path.stat().st_size < 2.5 * sum(parameter.numel() for parameter in model.parameters()) + 100_000


@needs_llama_cpp
def test_another_model_and_another_tokenizer_are_found_out(tokenizer: Tokenizer, tmp_path: Path) -> None:
    model = build(tokenizer, "llama")
    path = tmp_path / "model.gguf"
    write_gguf(model, tokenizer, path, name="tiny", dtype="f32", say=quiet)
    other = build(tokenizer, "llama")
    other.blocks[1].mlp.down.weight.data[0] += 0.5  # type: ignore[union-attr, operator, index]
    with pytest.raises(UserError, match="log-probabilities differ"):
        check_gguf(path, other, tokenizer, "f32")
    foreign = train_tokenizer(["zzz yyy xxx " * 9, *LINES], TokenizerConfig(vocab_size=tokenizer.vocab_size))
    with pytest.raises(UserError, match=r"the ids of .* differ"):
        check_gguf(path, model, foreign, "f32")
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(UserError, match=r"llama\.cpp does not run"):
        check_gguf(path, model, tokenizer, "f32")


def random_lines(count: int) -> list[str]:
    """Lines of words, code, white space, digits, CJK, emoji and rarer scripts, mixed at random."""
    chance = random.Random(7)
    scripts = "20-7e a1-17f 370-3ff 400-45f 5d0-5ea 627-64a 905-939 3041-3096 4e00-9fff ac00-d7a3 1f300-1f64f 2000-206f"
    ranges = [[int(end, 16) for end in script.split("-")] for script in scripts.split()]
    code = (
        "def f(x):",
        "    return",
        "x += 1;",
        "{}",
        "!=",
        "->",
        "/* c */",
        "\t\t",
        "\r\n",
        "\n\n",
        "   ",
        "'ll",
        "I'VE",
        "1234",
    )

    def piece() -> str:
        if chance.random() < 0.4:
            return chance.choice(code)
        low, high = chance.choice(ranges)
        return "".join(chr(chance.randint(low, high)) for _ in range(chance.randint(1, 6)))

    return [chance.choice(("", " ")).join(piece() for _ in range(chance.randint(1, 12))) for _ in range(count)]


@pytest.mark.long
@needs_llama_cpp
def test_a_thousand_lines_get_the_same_ids(tokenizer: Tokenizer, tmp_path: Path) -> None:
    model = build(tokenizer, "qwen3", n_layer=1)
    path = tmp_path / "model.gguf"
    write_gguf(model, tokenizer, path, name="tiny", dtype="f16", say=quiet)
    assert check_gguf(path, model, tokenizer, "f16", lines=random_lines(1000)).lines == 1000


def test_rows_that_rotate_together_become_neighbours() -> None:
    rows = torch.arange(8)[:, None]  # two heads of four components: 0 turns with 2, 1 with 3
    assert neighbours(rows, 2).flatten().tolist() == [0, 2, 1, 3, 4, 6, 5, 7]


def test_greedy_texts_may_part_at_near_ties_only(tokenizer: Tokenizer) -> None:
    model = build(tokenizer, "qwen3")
    with torch.inference_mode():
        log_p = model(torch.tensor([[0, 9]]))[0, -1].log_softmax(-1)
    first, second = log_p.topk(2).indices.tolist()
    gap = float(log_p[first] - log_p[second])
    assert parting(model, tokenizer, [0, 9], [first], 0.0) is None
    assert parting(model, tokenizer, [0, 9], [second], gap * 1.01) == 0
    assert parting(model, tokenizer, [0, 9], [second], gap * 0.99) is False


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["export", *map(str, words)])


@pytest.fixture(scope="module")
def bundle(tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "mine"
    save_bundle(build(tokenizer, "qwen3"), tokenizer, folder, generation={"temperature": 0.7, "max_new_tokens": 50})
    return folder


@needs_llama_cpp
def test_the_command_writes_proves_and_tells(bundle: Path, tmp_path: Path) -> None:
    result = run(bundle, "--output", tmp_path / "out", "--dtype", "bf16", "--chat")
    assert result.exit_code == 0, result.stderr
    assert "verified with llama.cpp" in result.stderr
    assert result.stdout.splitlines() == [str(tmp_path / "out" / name) for name in ("mine-bf16.gguf", "Modelfile")]
    ollama = (tmp_path / "out" / "Modelfile").read_text()
    assert ollama.startswith("FROM ./mine-bf16.gguf\n")
    assert "<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n{{ end }}<|im_start|>assistant\n" in ollama
    assert {"PARAMETER temperature 0.7", "PARAMETER num_ctx 96", 'PARAMETER stop "<|im_end|>"'} <= set(
        ollama.splitlines()
    )
    plain = run(bundle, "--output", tmp_path / "out", "--no-verify")
    assert "not verified" in plain.stderr
    assert "{{ .Prompt }}" in (tmp_path / "out" / "Modelfile").read_text()


@needs_llama_cpp
def test_a_file_that_fails_its_proof_is_not_left(bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gguf_check, "TOLERANCE", {"f16": 0.0})  # no file is that good
    result = run(bundle, "--output", tmp_path / "out")
    assert result.exit_code == 1
    assert "is not fit for use" in result.stderr
    assert not list((tmp_path / "out").glob("*"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"activation": "relu2"}, "activation=relu2"),
        ({"attention_bias": True}, "model.attention_bias=false"),
        ({"positions": "sinusoidal"}, "positions=sinusoidal"),
    ],
)
def test_what_llama_cpp_does_not_know_is_named(
    settings: dict[str, object], message: str, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    save_bundle(build(tokenizer, "qwen3", **settings), tokenizer, tmp_path / "odd")
    result = run(tmp_path / "odd", "--output", tmp_path / "out")
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_tokenizer_that_llama_cpp_does_not_know_is_named(tmp_path: Path) -> None:
    unigram = train_tokenizer([*LINES] * 2, TokenizerConfig("unigram", vocab_size=400))
    save_bundle(build(unigram, "llama"), unigram, tmp_path / "odd")
    result = run(tmp_path / "odd", "--output", tmp_path / "out")
    assert result.exit_code == 1
    assert "llama.cpp has no Unigram over bytes" in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["none"], "is no folder"),
        (["."], "holds none of config.json"),
        (["{bundle}", "--format", "ggufs"], 'Did you mean "gguf"'),
        (["{bundle}", "--dtype", "q4"], "unknown to GGUF"),
        (["{bundle}", "--output", "file"], "is a file"),
    ],
)
def test_wrong_arguments_are_said_in_one_line(words: list[str], message: str, bundle: Path, in_folder: Path) -> None:
    (in_folder / "file").touch()
    result = run(*(word.format(bundle=bundle) for word in words))
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_damaged_folder_is_said_in_one_line(tokenizer: Tokenizer, tmp_path: Path) -> None:
    save_bundle(build(tokenizer, "qwen3"), tokenizer, tmp_path / "odd")
    weights = tmp_path / "odd" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:3000])
    for verb in ("export", "eval"):
        result = CliRunner().invoke(app, [verb, str(tmp_path / "odd")])
        assert result.exit_code == 1
        assert "model.safetensors is damaged" in result.stderr
        assert result.stderr.count("\n") == 1
