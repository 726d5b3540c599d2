"""DPO beside `trl`: the same pairs, the same weights, the same losses, log-probabilities and gradients."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from groundup.data.chat_tokens import preference_rows, write_rows
from groundup.data.conversations import Preference
from groundup.data.loader import WindowReader
from groundup.model.bundle import load_model, save_bundle
from groundup.model.config import ModelConfig
from groundup.model.initialisation import initialise
from groundup.model.transformer import Transformer
from groundup.tokenizer.loading import load_tokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.training.preferences import preference_objective, reply_log_probabilities
from groundup.training.step import MicroBatch
from groundup.utils.progress import quiet

transformers = pytest.importorskip("transformers", reason="the oracle's models are those of transformers (extra hf)")
pytest.importorskip("trl", reason="the oracle of DPO is not installed: pip install trl (extra trl)")
# Long for its imports alone; trl and what it brings warn about themselves.
pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore")]

CONTEXT, BETA = 48, 0.3
PAIRS = [
    Preference([{"role": "user", "content": "a b"}], "Yes.", "No. No."),
    Preference(
        [{"role": "user", "content": "a"}, {"role": "assistant", "content": "No."}, {"role": "user", "content": "b"}],
        "Yes. Yes.",
        "No.",
    ),
    Preference([{"role": "system", "content": "b"}, {"role": "user", "content": "b a b"}], "", "Yes."),
]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A policy and a reference, different ones, as finished models."""
    tokenizer = train_tokenizer(["user\nYes.\nassistant\nNo. a b system"] * 9, TokenizerConfig(vocab_size=300), quiet)
    shape = ModelConfig(vocab_size=tokenizer.vocab_size, block_size=CONTEXT, n_layer=2, n_head=2, n_embd=32)
    shape.tied_embeddings = True  # not zero where it begins
    made = tmp_path_factory.mktemp("dpo")
    for seed, name in ((1, "policy"), (2, "reference")):
        save_bundle(initialise(Transformer(shape), seed), tokenizer, made / name)
    return made / "policy", made / "reference"


@pytest.fixture(scope="module")
def pairs(folders: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> MicroBatch:
    tokenizer = load_tokenizer(folders[0])
    rows, report = preference_rows(PAIRS, tokenizer, CONTEXT)
    assert report.conversations == len(PAIRS)
    place = tmp_path_factory.mktemp("rows")
    found = write_rows(rows, place, "chat", "train", tokenizer=tokenizer, seq_len=2 * CONTEXT, sources=[])
    read = WindowReader([found], 2 * CONTEXT).read(np.zeros(len(rows), np.int64), np.arange(len(rows)))
    return MicroBatch(torch.from_numpy(read.inputs), torch.from_numpy(read.targets))


def trainer_of(folders: tuple[Path, Path], place: Path) -> Any:
    """trl's trainer over the same two models, in fp32 on the CPU."""
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    policy, reference = (transformers.AutoModelForCausalLM.from_pretrained(one, dtype="float32") for one in folders)
    settings = DPOConfig(
        output_dir=str(place), beta=BETA, use_cpu=True, bf16=False, report_to=[], gradient_checkpointing=False
    )
    rows = [
        {
            "prompt": one.prompt,
            "chosen": [{"role": "assistant", "content": one.chosen}],
            "rejected": [{"role": "assistant", "content": one.rejected}],
        }
        for one in PAIRS
    ]
    return DPOTrainer(
        policy,
        reference,
        settings,
        train_dataset=Dataset.from_list(rows),
        processing_class=transformers.AutoTokenizer.from_pretrained(folders[0]),
    )


def as_trl_reads(pairs: MicroBatch) -> dict[str, torch.Tensor]:
    """Our rows as trl's batch: all chosen, then all rejected; a target at t is the token at t + 1."""
    sides = [pairs.inputs[:, :CONTEXT], pairs.inputs[:, CONTEXT:]]
    targets = [pairs.targets[:, :CONTEXT], pairs.targets[:, CONTEXT:]]
    ids, wanted = torch.cat(sides), torch.cat(targets)
    mask = torch.zeros_like(ids)
    mask[:, 1:] = (wanted[:, :-1] >= 0).long()
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "completion_mask": mask}


def test_loss_log_probabilities_and_gradients_are_those_of_trl(
    folders: tuple[Path, Path], pairs: MicroBatch, tmp_path: Path
) -> None:
    theirs = trainer_of(folders, tmp_path)
    theirs.model.eval()  # no dropout; the gradient flows all the same
    their_loss = theirs.compute_loss(theirs.model, as_trl_reads(pairs))
    their_loss.backward()

    policy, reference = (load_model(folder).requires_grad_(True) for folder in folders)
    loss = preference_objective(reference, BETA).loss(policy, pairs) / len(PAIRS)
    loss.backward()
    assert float(loss.detach()) == pytest.approx(float(their_loss.detach()), rel=1e-5)

    metrics = theirs._metrics["eval"]
    ours, before = (reply_log_probabilities(model, pairs).detach() for model in (policy, reference))
    for side, name in enumerate(("chosen", "rejected")):
        assert float(ours[:, side].mean()) == pytest.approx(metrics[f"logps/{name}"][-1], rel=1e-5)
        rewards = BETA * (ours - before)[:, side].mean()
        assert float(rewards) == pytest.approx(metrics[f"rewards/{name}"][-1], rel=1e-4, abs=1e-6)

    gradients = dict(theirs.model.named_parameters())
    assert policy.embed.weight.grad is not None
    expected = gradients["model.embed_tokens.weight"].grad
    assert torch.allclose(policy.embed.weight.grad, expected, atol=1e-6, rtol=1e-4)
    for number, block in enumerate(policy.blocks):
        found = block.attention.q.weight.grad, block.mlp.down.weight.grad
        names = "self_attn.q_proj", "mlp.down_proj"
        for gradient, name in zip(found, names, strict=True):
            expected = gradients[f"model.layers.{number}.{name}.weight"].grad
            assert expected.abs().max() > 0
            assert torch.allclose(gradient, expected, atol=1e-6, rtol=1e-4), (number, name)
