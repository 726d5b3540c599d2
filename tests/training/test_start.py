"""Training that begins with the weights of a finished model: shape, tokenizer and first loss are the model's."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from groundup.export.importing import import_model
from groundup.model.bundle import load_bundle
from groundup.runs.metrics import read_rows
from groundup.training.config import Config, load_config
from groundup.training.pretrain import pretrain
from groundup.training.tuned_run import find_tuned_run
from groundup.utils.errors import UserError

WriteTexts = Callable[..., Path]


def second(path: Path, *settings: str, **more: str) -> Config:
    """A configuration that begins where the model in checkpoints/tiny ended."""
    path.with_name("second.yaml").write_text(
        "corpus: {input: texts, validation: 0.1}\n"
        "training: {init_from: checkpoints/tiny, block_size: 32, batch_size: 4, max_steps: 4, precision: float32,\n"
        "           attention: explicit, threads: 1, sample_tokens: 0, device: cpu}\n"
        "logging: {tensorboard: false}\n"
    )
    return load_config(path.with_name("second.yaml"), list(settings))


@pytest.fixture
def trained(write_texts: WriteTexts, tiny_config: Path) -> Path:
    write_texts()
    pretrain(load_config(tiny_config, ["training.max_steps=20"]))
    return tiny_config


def losses(run: str) -> list[float]:
    return [row["train_loss"] for row in read_rows(Path("checkpoints") / run / "metrics.jsonl")]


def test_the_run_goes_on_from_the_models_loss_with_its_shape(trained: Path) -> None:
    result = pretrain(second(trained))
    before = losses("tiny")
    assert losses("second")[0] < before[0] - 1
    assert losses("second")[0] == pytest.approx(before[-1], abs=0.4)
    model, tokenizer = load_bundle(result.best / "model")
    first, _ = load_bundle(Path("checkpoints/tiny") / Path("checkpoints/tiny/best").read_text().strip() / "model")
    assert model.config == first.config
    assert json.loads(Path("checkpoints/second/origin.json").read_text())["tokens_added"] == {}
    assert tokenizer.n_new_tokens == 0
    assert find_tuned_run(result.best / "model") is None, "a run that begins with weights has not been tuned by that"
    again = pretrain(second(trained))
    assert again.step == 4, "the same command finds that nothing is left to do"


def test_a_step_of_no_length_leaves_the_weights_as_they_are(trained: Path) -> None:
    pretrain(second(trained, "training.max_steps=1", "training.learning_rate=1e-30", "training.optimizer=adamw"))
    rates = load_config(Path("checkpoints/second/config.yaml")).training
    assert rates.head_learning_rate == pytest.approx(0.001), (
        "rates that were left open are lower than for fresh weights"
    )
    one, _ = load_bundle(Path("checkpoints/second/step-00000001/model"))
    two, _ = load_bundle(Path("checkpoints/tiny/step-00000020/model"))
    for a, b in zip(one.parameters(), two.parameters(), strict=True):
        torch.testing.assert_close(a, b, atol=1e-6, rtol=0)


def test_special_tokens_grow_the_embeddings_and_are_recorded(trained: Path) -> None:
    result = pretrain(second(trained, "tokenizer.special_tokens=[<|tool|>]"))
    model, tokenizer = load_bundle(result.best / "model")
    before, old = load_bundle(Path("checkpoints/tiny/step-00000020/model"))
    id = tokenizer.token_to_id("<|tool|>")
    assert id == old.vocab_size == before.config.vocab_size
    assert model.config.vocab_size == id + 1
    assert json.loads(Path("checkpoints/second/origin.json").read_text())["tokens_added"] == {"<|tool|>": id}
    assert math.isfinite(losses("second")[-1])
    assert pretrain(second(trained, "tokenizer.special_tokens=[<|tool|>]", "training.max_steps=6")).step == 6


def test_training_starts_from_an_imported_folder(in_folder: Path, write_texts: WriteTexts, tiny_config: Path) -> None:
    pytest.importorskip("transformers", reason="transformers is not installed")
    import transformers

    text = write_texts().read_text()
    pretrain(load_config(tiny_config, ["training.max_steps=1", "model.architecture=gpt2"]))
    theirs = Path("checkpoints/tiny/step-00000001/model")
    config = transformers.GPT2Config(vocab_size=350, n_positions=48, n_embd=32, n_layer=1, n_head=2)
    model = transformers.GPT2LMHeadModel(config)
    folder = in_folder / "theirs"
    folder.mkdir()
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "special_tokens_map.json", "tokenizer_config.json"):
        (folder / name).write_bytes((theirs / name).read_bytes())
    import_model(folder, in_folder / "imported", special_tokens=["<|a|>"])
    assert text
    result = pretrain(second(tiny_config, "training.init_from=imported"))
    trained, _ = load_bundle(result.best / "model")
    assert (trained.config.vocab_size, trained.config.block_size, trained.config.n_layer) == (350, 48, 1)


def test_what_does_not_fit_is_refused(trained: Path) -> None:
    for settings, message in (
        (["model.n_layer=5"], "model.n_layer is 5, but the model in .* has 2"),
        (["model.architecture=gpt2"], "model.architecture is gpt2, but the model in .* has qwen3"),
        (["training.init_from=nowhere"], "nowhere is no folder"),
    ):
        with pytest.raises(UserError, match=message):
            pretrain(second(trained, *settings))
    pretrain(second(trained))
    with pytest.raises(UserError, match=r"training\.init_from was checkpoints/tiny"):
        pretrain(second(trained, "training.init_from=checkpoints/second"))


def test_another_tokenizer_is_refused(trained: Path, write_texts: WriteTexts) -> None:
    config = second(trained, "tokenizer.path=other", "tokenizer.vocab_size=280")
    with pytest.raises(UserError, match="other is not a tokenizer folder"):
        pretrain(config)
    pretrain(load_config(trained, ["tokenizer.path=other", "tokenizer.vocab_size=280", "training.output_dir=o",
                                   "dataset.dir=o-tokens", "training.max_steps=1"]))  # fmt: skip
    with pytest.raises(UserError, match="the tokenizer other is not that of the model"):
        pretrain(config)


def test_learned_positions_end_where_they_end(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts()
    pretrain(load_config(tiny_config, ["training.max_steps=1", "model.architecture=gpt2"]))
    with pytest.raises(UserError, match="has learned 32 positions"):
        pretrain(second(tiny_config, "training.block_size=64"))
    pretrain(second(tiny_config, "training.block_size=16"))
    trained, _ = load_bundle(Path("checkpoints/second/step-00000004/model"))
    assert trained.config.block_size == 32
