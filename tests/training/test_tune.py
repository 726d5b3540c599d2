"""Tuning on conversations: the same trainer as pretraining, another beginning and another loss."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from groundup.data.chat_tokens import Row, encode, join
from groundup.data.conversations import Conversation
from groundup.data.packing import number_segments, restart_positions
from groundup.evaluation.bits_per_byte import evaluate
from groundup.inference.chat import answer
from groundup.inference.generation import GenerationConfig
from groundup.model.bundle import load_bundle
from groundup.model.loss import IGNORED
from groundup.runs.metrics import read_rows
from groundup.tokenizer.chat_format import Message
from groundup.training.config import Config, load_config, merge_config
from groundup.training.observer import Observer
from groundup.training.pretrain import pretrain
from groundup.training.result import Result
from groundup.training.step import MicroBatch, compute_gradients, next_token_loss
from groundup.training.tune import tune
from groundup.training.tune_prepare import builtin_dialogues
from groundup.training.tuning_settings import TRAINING_DEFAULTS
from groundup.utils.errors import UserError

SETTINGS = (
    "training.precision=float32",
    "training.attention=explicit",
    "training.threads=1",
    "training.device=cpu",
    "training.batch_size=4",
    "training.sample_tokens=4",
    "training.checkpoint_interval=3",
    "logging.tensorboard=false",
)


def write_conversations(path: Path, count: int = 60, offset: int = 0) -> Path:
    """Short conversations with one right answer each."""
    rows = [
        {"messages": [{"role": "user", "content": f"Say {n}."}, {"role": "assistant", "content": f"It is {n}."}]}
        for n in range(offset, offset + count)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder, trained for a second, with a context of 96."""
    folder = tmp_path_factory.mktemp("pretrained")
    (folder / "texts").mkdir()
    texts = ["User says a number. The assistant says it. " * 5 + str(n) for n in range(150)]
    (folder / "texts" / "a.txt").write_text("\n<|endoftext|>\n".join(texts))
    (folder / "base.yaml").write_text(
        "corpus: {input: texts, validation: 0.1}\ntokenizer: {vocab_size: 300}\n"
        "model: {n_layer: 2, n_head: 2, n_embd: 32}\n"
        "training: {block_size: 96, batch_size: 4, max_steps: 6, precision: float32, attention: explicit, threads: 1,\n"
        "  sample_tokens: 0, device: cpu}\nlogging: {tensorboard: false}\n"
    )
    before = Path.cwd()
    os.chdir(folder)
    try:
        config = load_config(Path("base.yaml"))
        config.dataset.dir = str(folder / "artifacts/base/tokens")
        config.training.output_dir = str(folder / "checkpoints/base")
        pretrain(config)
    finally:
        os.chdir(before)
    return folder / "checkpoints" / "base"


@pytest.fixture
def here(in_folder: Path) -> Path:
    write_conversations(in_folder / "chat.jsonl")
    return in_folder


def settings(pretrained: Path, *words: str, out: str = "tuned") -> Config:
    config = merge_config(None, [*SETTINGS, *words], {"training": TRAINING_DEFAULTS})
    config.tuning.checkpoint = str(pretrained)
    config.tuning.data = config.tuning.data or ["chat.jsonl"]
    config.training.output_dir = out
    return config


def weights(result: Result) -> dict[str, torch.Tensor]:
    return load_bundle(result.best / "model")[0].state_dict()


def test_tuning_learns_to_answer_and_leaves_a_chat_model(here: Path, pretrained: Path) -> None:
    said: list[str] = []
    result = tune(settings(pretrained, "tuning.epochs=12"), observer=Observer(said.append))
    rows = [row for row in read_rows(Path("tuned/metrics.jsonl")) if "val_loss" in row]
    assert rows[-1]["val_loss"] < 0.7 * rows[0]["val_loss"]
    assert result.evaluation.loss == pytest.approx(min(row["val_loss"] for row in rows), rel=1e-3)
    model, tokenizer = load_bundle(result.best / "model")
    reply = answer(
        model, tokenizer, [{"role": "user", "content": "Say 5."}], GenerationConfig(temperature=0, max_new_tokens=20)
    )
    assert reply.text.startswith("It is")
    text = "\n".join(said)
    for words in ("60 rows: 60 kept", "of them the assistant's", "mixed in against forgetting"):
        assert words in text
    ledger = json.loads(Path("tuned/seen_datasets.json").read_text())["datasets"]
    assert {entry["files"].split(".")[0] for entry in ledger} == {"chat", "text"}
    assert json.loads(Path("tuned/origin.json").read_text())["sha256"]


def test_built_in_dialogues_are_the_default(in_folder: Path, pretrained: Path) -> None:
    config = settings(pretrained, "tuning.builtin_dialogues=300", "training.max_steps=2", "tuning.pretraining_share=0")
    config.tuning.data = []
    said: list[str] = []
    tune(config, observer=Observer(said.append))
    text = "\n".join(said)
    assert "300 built-in dialogues; 400 of combinations never trained on" in text
    assert "lost their oldest turns" in text
    train = {json.dumps(one.messages) for one in builtin_dialogues(1, 300, held_out=False)}
    assert not train & {json.dumps(one.messages) for one in builtin_dialogues(1, 400, held_out=True)}


def test_the_same_call_again_finds_nothing_to_do(here: Path, pretrained: Path) -> None:
    first = tune(settings(pretrained, "training.max_steps=3"))
    said: list[str] = []
    again = tune(settings(pretrained, "training.max_steps=3"), observer=Observer(said.append))
    assert again.evaluation == first.evaluation
    assert any("has reached its limit" in line for line in said)


def test_it_ends_early_when_held_out_conversations_get_worse(here: Path, pretrained: Path) -> None:
    words = ["tuning.epochs=40", "tuning.patience=2", "training.eval_interval=2", "training.learning_rate=0.000001"]
    words += [f"training.{name}_learning_rate=0.5" for name in ("embedding", "gain")]
    said: list[str] = []
    result = tune(settings(pretrained, *words), observer=Observer(said.append))
    planned = 40 * 60 // 4  # more than the packed rows make
    assert result.step < planned
    ended = [line for line in said if line.startswith("ended early at step")]
    assert ended
    assert int(result.best.name.removeprefix("step-")) < result.step
    again = tune(settings(pretrained, *words))  # it has ended for good
    assert again.step == result.step


def test_packed_equals_unpacked(pretrained: Path) -> None:
    """Loss and gradient of two conversations in one row are those of two rows."""
    model, tokenizer = load_bundle(Path(pretrained, (pretrained / "best").read_text().strip(), "model"))
    conversations: list[list[Message]] = [
        [{"role": "user", "content": f"Say {n}."}, {"role": "assistant", "content": f"It is {n}."}] for n in (3, 1234)
    ]
    singles = [encode(one, tokenizer) for one in conversations]

    def batch(rows: list[Row], width: int, segments: bool) -> MicroBatch:
        end, pad = tokenizer.specials.ids["end_of_text"], tokenizer.specials.ids["pad"]
        inputs = np.full((len(rows), width), pad, np.int64)
        targets = np.full((len(rows), width), IGNORED, np.int64)
        for number, row in enumerate(rows):
            inputs[number, : len(row.ids)] = row.ids
            targets[number, : len(row.ids) - 1] = np.where(row.mask[1:], row.ids[1:].astype(np.int64), IGNORED)
        numbers = number_segments(inputs, end)
        if not segments:
            return MicroBatch(torch.from_numpy(inputs), torch.from_numpy(targets))
        places = torch.from_numpy(restart_positions(numbers))
        return MicroBatch(torch.from_numpy(inputs), torch.from_numpy(targets), torch.from_numpy(numbers), places)

    def gradient(micro_batch: MicroBatch) -> tuple[float, torch.Tensor]:
        model.zero_grad()
        loss, _ = compute_gradients(model, [micro_batch])
        return float(loss), torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])

    packed_loss, packed = gradient(batch([join(singles)], 96, True))
    single_loss, single = gradient(batch(singles, 64, False))
    assert packed_loss == pytest.approx(single_loss, abs=1e-6)
    assert torch.allclose(packed, single, atol=1e-6)
    _, leaking = gradient(batch([join(singles)], 96, False))
    assert not torch.allclose(leaking, single, atol=1e-6)  # what the masks are for
    assert float(next_token_loss(model, batch(singles, 64, False)).detach()) > 0


def test_lora_trains_adapters_alone_and_ships_them_merged(here: Path, pretrained: Path) -> None:
    config = settings(
        pretrained, "tuning.method=lora", "tuning.lora_rank=4", "tuning.epochs=8", "training.learning_rate=0.02"
    )
    result = tune(config)
    before = load_bundle(Path(pretrained, (pretrained / "best").read_text().strip(), "model"))[0].state_dict()
    after = weights(result)
    assert torch.equal(before["embed.weight"], after["embed.weight"])  # frozen
    changed = {name for name in after if not torch.equal(before[name], after[name])}
    assert changed
    assert all(".blocks." in f".{name}" for name in changed)
    rows = [row for row in read_rows(Path("tuned/metrics.jsonl")) if "val_loss" in row]
    # What was judged while training (adapters applied) is what is shipped (adapters merged).
    best = min(row["val_loss"] for row in rows)
    assert result.evaluation.loss == pytest.approx(best, rel=1e-4)
    assert rows[-1]["val_loss"] < rows[0]["val_loss"]


def command(pretrained: Path, out: str, *words: str) -> list[str]:
    program = [sys.executable, "-m", "groundup", "tune", "--checkpoint", str(pretrained), "--data", "chat.jsonl"]
    return [*program, "--out", out, *SETTINGS, "tuning.epochs=8", *words]


def final_bytes(out: str) -> dict[str, bytes]:
    last = Path(out) / Path(out, "last").read_text().strip()
    return {str(f.relative_to(last)): f.read_bytes() for f in sorted(last.rglob("*.safetensors"))}


@pytest.mark.parametrize("words", [["model.dropout=0.1"], ["tuning.method=lora"], ["tuning.shrink=0.5"]])
def test_killed_in_the_middle_it_ends_with_the_same_bytes(here: Path, pretrained: Path, words: list[str]) -> None:
    subprocess.run(command(pretrained, "whole", *words), check=True, capture_output=True)
    steps = [row["step"] for row in read_rows(Path("whole/metrics.jsonl"))]
    with subprocess.Popen(
        command(pretrained, "killed", *words), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as process:
        end = time.monotonic() + 100
        while len(list(read_rows(Path("killed/metrics.jsonl")))) < steps[-1] // 2 and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert len(list(read_rows(Path("killed/metrics.jsonl")))) < steps[-1]
    subprocess.run(command(pretrained, "killed", *words), check=True, capture_output=True)
    assert final_bytes("killed") == final_bytes("whole")
    losses = [
        [(row["step"], row["train_loss"]) for row in read_rows(Path(f"{out}/metrics.jsonl"))]
        for out in ("whole", "killed")
    ]
    assert losses[0] == losses[1]


def test_preferences_make_the_chosen_reply_likelier(in_folder: Path, pretrained: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"prompt": f"Say {n}.", "chosen": f"It is {n}.", "rejected": f"No, not {n}!"} for n in range(40)
    ]
    Path("pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    words = ["tuning.objective=preferences", "tuning.data=pairs.jsonl", "tuning.epochs=4", "tuning.validation=0.2"]
    tune(settings(pretrained, *words))
    evaluated = [row for row in read_rows(Path("tuned/metrics.jsonl")) if "val_accuracy" in row]
    assert evaluated[-1]["val_accuracy"] == 1.0
    assert evaluated[-1]["val_loss"] < 0.6  # it began at ln 2
    first = next(iter(read_rows(Path("tuned/metrics.jsonl"))))
    assert first["train_loss"] == pytest.approx(0.6931, abs=1e-3)  # before the first step, model and reference agree


def test_what_a_user_can_mend_is_said_in_one_line(here: Path, pretrained: Path) -> None:
    cases: list[tuple[Config, str]] = [
        (settings(pretrained, "tuning.method=half"), "tuning.method"),
        (settings(pretrained, "tuning.epochs=0"), "tuning.epochs"),
        (settings(pretrained, "tuning.shrink=0"), "tuning.shrink is 0"),
        (settings(pretrained, "tuning.shrink=0.5", "tuning.method=lora"), "tuning.shrink below 1"),
        (settings(pretrained, "tuning.data=nowhere.jsonl"), "nowhere.jsonl does not exist"),
        (settings(Path("nothing")), "nothing"),
        (settings(pretrained, "tuning.objective=preferences"), "no preference"),
    ]
    for config, words in cases:
        with pytest.raises(UserError, match=words):
            tune(config)
    tune(settings(pretrained, "training.max_steps=2"))
    with pytest.raises(UserError, match=r"tuning\.shrink was 1\.0 when tuned began and is 0\.5 now"):
        tune(settings(pretrained, "training.max_steps=2", "tuning.shrink=0.5"))
    write_conversations(Path("chat.jsonl"), 50, offset=1000)
    with pytest.raises(UserError, match="was made from other conversations"):
        tune(settings(pretrained, "training.max_steps=2"))
    other = Path("other")
    shutil.copytree(pretrained, other)
    tune(settings(pretrained, "training.max_steps=2", out="again"))
    tune(settings(other, "training.max_steps=2", out="again"))  # the same weights under another name
    weights_file = other / (other / "best").read_text().strip() / "model" / "model.safetensors"
    damaged = weights_file.read_bytes()
    weights_file.write_bytes(damaged[:-1] + bytes([damaged[-1] ^ 1]))
    with pytest.raises(UserError, match="began from the weights"):
        tune(settings(other, "training.max_steps=2", out="again"))


def test_evaluation_scores_replies_alone(pretrained: Path) -> None:
    model, tokenizer = load_bundle(Path(pretrained, (pretrained / "best").read_text().strip(), "model"))
    row = encode([{"role": "user", "content": "Say 5."}, {"role": "assistant", "content": "It is 5."}], tokenizer)
    assert Conversation([{"role": "assistant", "content": "x"}]).replies == ["x"]

    class OneBatch:
        inputs = row.ids[None, :-1].astype(np.int64)
        targets = np.where(row.mask[None, 1:], row.ids[None, 1:].astype(np.int64), IGNORED)
        segments = positions = None

    found = evaluate(model, [OneBatch()], tokenizer.token_byte_lengths, device=torch.device("cpu"))  # type: ignore[list-item]
    assert found.bytes == len("It is 5.")
    assert found.tokens == int(row.mask.sum())
