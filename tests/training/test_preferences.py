"""DPO's loss: by hand, by a slow twin without padding, and as trl computes it."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from groundup.data.chat_tokens import preference_rows, write_rows
from groundup.data.conversations import Preference
from groundup.data.loader import WindowReader
from groundup.model.config import ModelConfig
from groundup.model.initialisation import initialise
from groundup.model.transformer import Transformer
from groundup.tokenizer.chat_format import Message, render
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.training.preferences import preference_loss, preference_objective, reply_log_probabilities
from groundup.training.step import MicroBatch
from groundup.utils.progress import quiet

CONTEXT, BETA = 48, 0.3
PAIRS = [
    Preference([{"role": "user", "content": "a b"}], "Yes.", "No. No."),
    Preference(
        [{"role": "user", "content": "a"}, {"role": "assistant", "content": "No."}, {"role": "user", "content": "b"}],
        "Yes. Yes.",
        "No.",
    ),
]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer(["user\nYes.\nassistant\nNo. a b"] * 9, TokenizerConfig(vocab_size=300), quiet)


def tiny(tokenizer: Tokenizer, seed: int) -> Transformer:
    shape = ModelConfig(vocab_size=tokenizer.vocab_size, block_size=CONTEXT, n_layer=1, n_head=2, n_embd=16)
    shape.tied_embeddings = True  # not zero where it begins
    return initialise(Transformer(shape), seed).eval()


def batch(tokenizer: Tokenizer, folder: Path) -> MicroBatch:
    rows, _ = preference_rows(PAIRS, tokenizer, CONTEXT)
    found = write_rows(rows, folder, "chat", "train", tokenizer=tokenizer, seq_len=2 * CONTEXT, sources=[])
    read = WindowReader([found], 2 * CONTEXT).read(np.zeros(2, np.int64), np.arange(2))
    return MicroBatch(torch.from_numpy(read.inputs), torch.from_numpy(read.targets))


def log_probability(model: Transformer, messages: list[Message], tokenizer: Tokenizer) -> float:
    """log p of the last reply and its end, token by token: the slow twin."""
    ids, mask = render(messages, tokenizer)
    before, _ = render(messages[:-1], tokenizer, add_generation_prompt=True)
    log_p = model(torch.tensor([ids])).float().log_softmax(-1)[0]
    places = [at for at in range(len(before), len(ids)) if mask[at]]
    return sum(float(log_p[at - 1, ids[at]].detach()) for at in places)


def test_log_probabilities_are_those_of_each_reply_alone(tokenizer: Tokenizer, tmp_path: Path) -> None:
    model = tiny(tokenizer, 1)
    found = reply_log_probabilities(model, batch(tokenizer, tmp_path)).detach()
    expected = [
        [log_probability(model, pair.with_reply(reply), tokenizer) for reply in (pair.chosen, pair.rejected)]
        for pair in PAIRS
    ]
    assert torch.allclose(found, torch.tensor(expected), atol=1e-4)


def test_the_loss_by_hand(tokenizer: Tokenizer, tmp_path: Path) -> None:
    policy, reference = tiny(tokenizer, 1), tiny(tokenizer, 2)
    total = 0.0
    for pair in PAIRS:
        gains = []
        for reply in (pair.chosen, pair.rejected):
            logs = [log_probability(model, pair.with_reply(reply), tokenizer) for model in (policy, reference)]
            gains.append(logs[0] - logs[1])
        total += math.log(1 + math.exp(-BETA * (gains[0] - gains[1])))
    objective = preference_objective(reference, BETA)
    pairs = batch(tokenizer, tmp_path)
    assert objective.count(pairs) == 2
    assert float(objective.loss(policy, pairs).detach()) == pytest.approx(total, rel=1e-5)


def test_where_model_and_reference_agree_the_loss_is_ln_2() -> None:
    same = torch.tensor([[-3.0, -5.0]])
    assert float(preference_loss(same, same, 0.1)) == pytest.approx(math.log(2))


def test_a_row_of_which_nothing_counts_is_no_pair(tokenizer: Tokenizer, tmp_path: Path) -> None:
    pairs = batch(tokenizer, tmp_path)
    pairs.targets[1] = -100
    objective = preference_objective(tiny(tokenizer, 2), BETA)
    assert objective.count(pairs) == 1
    alone = MicroBatch(pairs.inputs[:1], pairs.targets[:1])
    model = tiny(tokenizer, 1)
    assert float(objective.loss(model, pairs).detach()) == pytest.approx(float(objective.loss(model, alone).detach()))
