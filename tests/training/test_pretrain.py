"""The whole path in one process: from texts to checkpoints."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from groundup.inference.generation import GenerationConfig, generate_text
from groundup.model.bundle import load_bundle
from groundup.runs.metrics import read_rows
from groundup.training.config import Config, load_config
from groundup.training.observer import Observer
from groundup.training.pretrain import pretrain
from groundup.utils.errors import UserError

WriteTexts = Callable[..., Path]
ROW_KEYS = {"step", "tokens", "elapsed_seconds", "train_loss", "learning_rate", "grad_norm", "tokens_per_second"} | {
    "mfu",
    "memory_bytes",
}


class Listener(Observer):
    """Remembers what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []
        super().__init__(self.said.append)


def weights(checkpoint: Path) -> bytes:
    return (checkpoint / "model" / "model.safetensors").read_bytes()


def test_a_run_folder_explains_itself(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts()
    result = pretrain(load_config(tiny_config))
    run = Path("checkpoints/tiny")
    assert result.run == run
    assert result.step == 12
    rows = list(read_rows(run / "metrics.jsonl"))
    assert [row["step"] for row in rows] == list(range(1, 13))
    assert all(row.keys() >= ROW_KEYS for row in rows)
    assert [row["step"] for row in rows if "val_loss" in row] == [6, 12]
    assert rows[-1]["val_ppl"] == pytest.approx(math.exp(rows[-1]["val_loss"]))
    assert rows[-1]["tokens"] == 12 * 4 * 32
    assert {entry.name for entry in run.iterdir()} >= {
        "config.yaml",
        "environment.json",
        "seen_datasets.json",
        "samples.jsonl",
        "step-00000012",
        "best",
        "last",
    }
    assert (run / "last").read_text().strip() == "step-00000012"
    assert sorted(file.name for file in (run / "step-00000012").iterdir()) == ["manifest.json", "model", "training"]
    seen = json.loads((run / "seen_datasets.json").read_text())["datasets"]
    assert [(entry["phase"], entry["first_step"], entry["last_step"], entry["windows"]) for entry in seen] == [
        (0, 1, 12, 48)
    ]


def test_the_first_loss_is_that_of_a_model_that_knows_nothing(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts()
    pretrain(load_config(tiny_config, ["training.max_steps=1"]))
    (row,) = read_rows(Path("checkpoints/tiny/metrics.jsonl"))
    _, tokenizer = load_bundle(Path("checkpoints/tiny/step-00000001/model"))
    assert row["train_loss"] == pytest.approx(math.log(tokenizer.vocab_size), rel=0.06)


@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_one_batch_is_learned_by_heart(write_texts: WriteTexts, tiny_config: Path, optimizer: str) -> None:
    write_texts(n_documents=12)
    settings = [
        "training.max_steps=250",
        "training.batch_size=20",
        f"training.optimizer={optimizer}",
        "training.eval_interval=250",
    ]
    if optimizer == "adamw":
        settings.append("training.learning_rate=0.01")
    pretrain(load_config(tiny_config, [*settings, "training.checkpoint_interval=250"]))
    rows = list(read_rows(Path("checkpoints/tiny/metrics.jsonl")))
    assert rows[-1]["train_loss"] < 0.1


def test_a_run_that_reached_its_limit_says_so_and_changes_nothing(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts()
    pretrain(load_config(tiny_config))
    before = weights(Path("checkpoints/tiny/step-00000012"))
    listener = Listener()
    pretrain(load_config(tiny_config), observer=listener)
    assert any("reached its limit at step 12" in line for line in listener.said)
    assert weights(Path("checkpoints/tiny/step-00000012")) == before


def test_a_higher_limit_goes_on(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts()
    pretrain(load_config(tiny_config))
    result = pretrain(load_config(tiny_config, ["training.max_steps=15"]))
    assert result.step == 15
    assert [row["step"] for row in read_rows(Path("checkpoints/tiny/metrics.jsonl"))] == list(range(1, 16))


def test_micro_batches_change_nothing_beyond_rounding(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts()
    losses = {}
    for size in (1, 3, 4):
        folder = f"training.output_dir=checkpoints/micro{size}"
        pretrain(load_config(tiny_config, [f"training.micro_batch_size={size}", folder]))
        losses[size] = [row["train_loss"] for row in read_rows(Path(f"checkpoints/micro{size}/metrics.jsonl"))]
    assert losses[1] == pytest.approx(losses[4], abs=2e-3)
    assert losses[3] == pytest.approx(losses[4], abs=2e-3)


def test_only_new_trains_on_what_was_added_and_nothing_else(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts("a")
    pretrain(load_config(tiny_config))
    write_texts("b", n_documents=60, seed=1)
    pretrain(load_config(tiny_config), only_new=True)
    seen = json.loads(Path("checkpoints/tiny/seen_datasets.json").read_text())["datasets"]
    assert [entry["phase"] for entry in seen] == [0, 1]
    first, second = seen
    assert second["dataset"] != first["dataset"]
    assert second["first_step"] == 13
    assert second["passes"] == pytest.approx(first["passes"], rel=0.1)  # as many passes as the first text got
    assert first["last_step"] == 12


def test_only_new_without_anything_new_says_so(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts()
    pretrain(load_config(tiny_config))
    listener = Listener()
    assert pretrain(load_config(tiny_config), only_new=True, observer=listener).step == 12
    assert any("No token file is new" in line for line in listener.said)


def test_new_text_without_only_new_opens_a_phase_over_everything(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts("a")
    pretrain(load_config(tiny_config))
    write_texts("b", seed=1)
    pretrain(load_config(tiny_config, ["training.max_steps=18"]))
    seen = json.loads(Path("checkpoints/tiny/seen_datasets.json").read_text())["datasets"]
    assert [entry["phase"] for entry in seen] == [0, 1, 1]
    assert sum(entry["windows"] for entry in seen) == 18 * 4


def test_another_learning_rate_begins_a_new_phase(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts()
    pretrain(load_config(tiny_config))
    pretrain(load_config(tiny_config, ["training.max_steps=15", "training.learning_rate=0.001"]))
    seen = json.loads(Path("checkpoints/tiny/seen_datasets.json").read_text())["datasets"]
    assert [entry["phase"] for entry in seen] == [0, 1]


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ("model.n_layer=3", "model.n_layer was 2"),
        ("training.seed=5", "training.seed was 1"),
        ("training.batch_size=8", "was 4"),
    ],
)
def test_what_would_make_it_another_model_is_refused(
    write_texts: WriteTexts, tiny_config: Path, setting: str, named: str
) -> None:
    write_texts()
    pretrain(load_config(tiny_config))
    with pytest.raises(UserError, match=named):
        pretrain(load_config(tiny_config, [setting, "training.max_steps=20"]))


def test_restart_keeps_the_earlier_run(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts()
    pretrain(load_config(tiny_config))
    before = weights(Path("checkpoints/tiny/step-00000012"))
    pretrain(load_config(tiny_config, ["training.seed=5"]), restart=True)
    (aside,) = Path("checkpoints").glob("tiny.*")
    assert weights(aside / "step-00000012") == before
    assert weights(Path("checkpoints/tiny/step-00000012")) != before


def test_a_damaged_newest_checkpoint_is_named_and_the_one_before_it_taken(
    write_texts: WriteTexts, tiny_config: Path
) -> None:
    write_texts()
    pretrain(load_config(tiny_config))
    reference = weights(Path("checkpoints/tiny/step-00000012"))
    damaged = Path("checkpoints/tiny/step-00000012/training/optimizer.safetensors")
    damaged.write_bytes(damaged.read_bytes()[:-1])
    listener = Listener()
    pretrain(load_config(tiny_config), observer=listener)
    assert any("step-00000012 is damaged (training/optimizer.safetensors has" in line for line in listener.said)
    assert any("going on from" in line and "step-00000009" in line for line in listener.said)
    assert weights(Path("checkpoints/tiny/step-00000012")) == reference
    assert [row["step"] for row in read_rows(Path("checkpoints/tiny/metrics.jsonl"))] == list(range(1, 13))


def test_a_loss_that_is_not_finite_stops_before_the_update(
    write_texts: WriteTexts, tiny_config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_texts()
    with pytest.raises(UserError, match="stopped before step"):
        pretrain(load_config(tiny_config, ["training.learning_rate=1e30", "training.head_learning_rate=1e30"]))
    run = Path("checkpoints/tiny")
    for folder in run.glob("step-*"):
        model, _ = load_bundle(folder / "model")
        assert all(torch.isfinite(parameter).all() for parameter in model.parameters())


def test_dropout_and_document_masks_train(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts()
    result = pretrain(load_config(tiny_config, ["model.dropout=0.1", "training.document_mask=true"]))
    assert result.step == 12


def test_too_little_text_says_what_to_do(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts(n_documents=2)
    with pytest.raises(UserError, match=r"Not enough (tokens|text) for"):
        pretrain(load_config(tiny_config, ["training.block_size=512"]))


def test_a_default_configuration_has_somewhere_to_put_everything(tiny_config: Path) -> None:
    config = load_config(tiny_config)
    assert isinstance(config, Config)
    assert config.dataset.dir == "artifacts/tiny/tokens"


def test_transformers_loads_a_checkpoint_as_it_is(write_texts: WriteTexts, tiny_config: Path) -> None:
    transformers = pytest.importorskip("transformers", reason="the extra hf is not installed")
    write_texts()
    folder = pretrain(load_config(tiny_config)).best / "model"
    ours, tokenizer = load_bundle(folder)
    theirs = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    their_tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    prompt = "The cat sees a dog."
    ids = tokenizer.encode(prompt, add_special_tokens=True)
    assert their_tokenizer(prompt)["input_ids"] == ids
    batch = torch.tensor([ids])
    with torch.no_grad():
        torch.testing.assert_close(ours.eval()(batch), theirs(batch).logits, atol=1e-4, rtol=1e-4)
    greedy = GenerationConfig(max_new_tokens=10, temperature=0)
    written = theirs.generate(batch, max_new_tokens=10, do_sample=False)[0, len(ids) :].tolist()
    assert generate_text(ours, tokenizer, prompt, greedy) == tokenizer.decode(written)


def test_curves_are_drawn_for_tensorboard(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts()
    pretrain(load_config(tiny_config, ["logging.tensorboard=true"]))
    (events,) = Path("checkpoints/tiny/tensorboard").iterdir()
    assert b"val_bpb" in events.read_bytes()


def test_minutes_are_a_limit(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts()
    result = pretrain(load_config(tiny_config, ["training.max_steps=null", "training.max_minutes=0.03"]))
    rows = list(read_rows(Path("checkpoints/tiny/metrics.jsonl")))
    assert result.step == rows[-1]["step"] > 3
    assert rows[-1]["elapsed_seconds"] < 20  # 1.8 are asked for; a crowded machine may take one long step
    decided = list(read_rows(Path("checkpoints/tiny/decisions.jsonl")))
    assert decided[-1]["last_step"] == result.step


def test_without_a_limit_the_text_and_the_size_decide(write_texts: WriteTexts, tiny_config: Path) -> None:
    write_texts(n_documents=60)
    listener = Listener()
    pretrain(load_config(tiny_config, ["training.max_steps=null", "training.eval_interval=1000"]), observer=listener)
    assert any("4 passes over the text" in line for line in listener.said)
    seen = json.loads(Path("checkpoints/tiny/seen_datasets.json").read_text())["datasets"]
    assert seen[0]["passes"] == pytest.approx(4, rel=0.05)
