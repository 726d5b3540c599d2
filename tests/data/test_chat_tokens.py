"""Conversations as rows of ids and mask: what is learned, what is left out, what shares a row."""

import random
from pathlib import Path

import numpy as np
import pytest

from groundup.data.chat_tokens import (
    METHOD,
    FitReport,
    conversation_rows,
    encode,
    fit,
    pack,
    preference_rows,
    replay_rows,
    write_rows,
)
from groundup.data.conversations import Conversation, Preference
from groundup.data.loader import WindowReader
from groundup.data.packing import IGNORED
from groundup.data.token_files import find_token_sets
from groundup.tokenizer.chat_format import Message, without_oldest_turn
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.utils.errors import UserError
from groundup.utils.progress import quiet


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    text = "user\nYes.\nassistant\nNo.\na b c"
    return train_tokenizer([text] * 9, TokenizerConfig(vocab_size=300), quiet)


def turns(*contents: str) -> list[Message]:
    return [{"role": ("user", "assistant")[n % 2], "content": content} for n, content in enumerate(contents)]


def show(tokenizer: Tokenizer, ids: np.ndarray) -> list[str]:
    return [tokenizer.decode([int(id)], skip_special_tokens=False) for id in ids]


def test_rows_input_target_and_mask_stand_in_line(tokenizer: Tokenizer, tmp_path: Path) -> None:
    rows, _ = conversation_rows([Conversation(turns("a", "b")), Conversation(turns("c", "Yes."))], tokenizer, 64)
    found = write_rows(rows, tmp_path, "chat", "train", tokenizer=tokenizer, seq_len=64, sources=[{"path": "test"}])
    batch = WindowReader([found], 64, segments=True).read(np.array([0]), np.array([0]))
    length = len(rows[0].ids) - 1  # nothing follows the last token of the last row
    assert batch.segments is not None
    assert batch.positions is not None
    table = [
        (text, segment, position, tokenizer.decode([target], skip_special_tokens=False) if target != IGNORED else ".")
        for text, segment, position, target in zip(
            show(tokenizer, batch.inputs[0, :length]),
            batch.segments[0, :length].tolist(),
            batch.positions[0, :length].tolist(),
            batch.targets[0, :length].tolist(),
            strict=True,
        )
    ]
    end, start, over = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
    assert table == [
        # input         segment, position, target where it counts
        (end, 1, 0, "."), (start, 1, 1, "."), ("user", 1, 2, "."), ("\n", 1, 3, "."), ("c", 1, 4, "."),
        (over, 1, 5, "."), ("\n", 1, 6, "."), (start, 1, 7, "."), ("assistant", 1, 8, "."), ("\n", 1, 9, "Yes"),
        ("Yes", 1, 10, "."), (".", 1, 11, over), (over, 1, 12, "."), ("\n", 1, 13, "."),
        (end, 2, 0, "."), (start, 2, 1, "."), ("user", 2, 2, "."), ("\n", 2, 3, "."), ("a", 2, 4, "."),
        (over, 2, 5, "."), ("\n", 2, 6, "."), (start, 2, 7, "."), ("assistant", 2, 8, "."), ("\n", 2, 9, "b"),
        ("b", 2, 10, over), (over, 2, 11, "."),
    ]  # fmt: skip
    assert batch.counted == int((batch.targets != IGNORED).sum()) == 5
    assert (batch.inputs[0, length:] == tokenizer.specials.ids["pad"]).all()


def test_one_token_too_long_costs_the_oldest_turn(tokenizer: Tokenizer) -> None:
    messages = turns("a a a", "b b", "c", "Yes.")
    whole = encode(messages, tokenizer)
    report = FitReport()
    assert fit(messages, tokenizer, len(whole.ids), report) is not None
    assert report.shortened == 0
    row = fit(messages, tokenizer, len(whole.ids) - 1, report)
    assert row is not None
    assert row.ids.tolist() == encode(messages[2:], tokenizer).ids.tolist()
    assert (report.shortened, report.turns_left_out) == (1, 2)
    assert report.tokens_left_out == len(whole.ids) - len(row.ids)


def test_an_exchange_that_does_not_fit_is_refused_and_never_cut(tokenizer: Tokenizer) -> None:
    report = FitReport()
    last = encode(turns("c", "Yes."), tokenizer)
    assert fit(turns("a", "b", "c", "Yes."), tokenizer, len(last.ids) - 1, report) is None
    assert (report.too_long, report.conversations) == (1, 0)


def test_a_conversation_without_a_token_to_learn_is_refused(tokenizer: Tokenizer) -> None:
    report = FitReport()
    assert fit(turns("a"), tokenizer, 64, report) is None
    assert report.too_long + report.unsupervised == 1


def test_the_end_of_every_reply_is_learned(tokenizer: Tokenizer) -> None:
    rows, report = conversation_rows([Conversation(turns("a", "b", "c", "Yes."))], tokenizer, 64)
    over = tokenizer.specials.ids["im_end"]
    ends = (rows[0].ids == over) & (rows[0].mask == 1)
    assert ends.sum() == 2
    assert report.supervised == int(rows[0].mask.sum())


def test_packing_keeps_conversations_whole_and_loses_none(tokenizer: Tokenizer) -> None:
    chance = random.Random(1)
    singles = [encode(turns("a " * chance.randint(1, 20), "b " * chance.randint(1, 9)), tokenizer) for _ in range(200)]
    rows = pack(singles, 64)
    assert all(len(row.ids) <= 64 for row in rows)
    assert sum(row.conversations for row in rows) == 200
    end = tokenizer.specials.ids["end_of_text"]
    apart = sorted(
        tuple(part.tolist()) for row in rows for part in np.split(row.ids, np.flatnonzero(row.ids == end)[1:])
    )
    assert apart == sorted(tuple(row.ids.tolist()) for row in singles)
    assert sum(len(row.ids) for row in rows) / (64 * len(rows)) > 0.9  # little is padding
    assert [row.ids.tolist() for row in pack(singles, 64)] == [row.ids.tolist() for row in rows]


def test_a_preference_is_chosen_then_rejected_and_only_the_last_reply_counts(tokenizer: Tokenizer) -> None:
    pair = Preference(turns("a", "b", "c"), "Yes.", "No.")
    (row,), report = preference_rows([pair, Preference(turns("a " * 99), "Yes.", "No.")], tokenizer, 32)
    assert (report.conversations, report.too_long) == (1, 1)
    assert row.ids.shape == row.mask.shape == (64,)
    for half, words in ((slice(0, 32), "Yes."), (slice(32, 64), "No.")):
        counted = row.ids[half][row.mask[half] == 1]
        assert "".join(show(tokenizer, counted)) == words + "<|im_end|>"
        assert row.ids[half][0] == tokenizer.specials.ids["end_of_text"]


def test_replay_takes_spans_of_the_pretraining_text(tokenizer: Tokenizer, tmp_path: Path) -> None:
    stream = encode(turns("a b c " * 40, "Yes. No. " * 20), tokenizer)
    source = write_rows([stream], tmp_path, "text", "train", tokenizer=tokenizer, seq_len=16, sources=[])
    rows = replay_rows([source], 5, 16, seed=1)
    whole = stream.ids.tolist()
    assert len(rows) == 5
    assert len({tuple(row.ids.tolist()) for row in rows}) > 1
    for row in rows:
        assert any(whole[at : at + 16] == row.ids.tolist() for at in range(len(whole)))
        assert row.mask.tolist() == [0] + [1] * 15


def test_a_changed_mask_is_another_content_and_damage_is_found(tokenizer: Tokenizer, tmp_path: Path) -> None:
    row = encode(turns("a", "b"), tokenizer)
    first = write_rows([row], tmp_path / "a", "chat", "train", tokenizer=tokenizer, seq_len=64, sources=[])
    row.mask[-1] ^= 1
    second = write_rows([row], tmp_path / "b", "chat", "train", tokenizer=tokenizer, seq_len=64, sources=[])
    assert first.fingerprint != second.fingerprint
    (found,) = find_token_sets(tmp_path / "a", split="train", method=METHOD, seq_len=64)
    found.verify(deep=True)
    mask = first.path("mask")
    mask.write_bytes(bytes([1]) + mask.read_bytes()[1:])
    with pytest.raises(UserError, match=r"mask is damaged"):
        found.verify(deep=True)


def test_the_search_for_what_fits_ends_where_one_turn_after_the_other_does(tokenizer: Tokenizer) -> None:
    said_before = [(f"{'a ' * number}b", f"{'No. ' * (9 - number)}") for number in range(1, 9)]
    messages: list[Message] = [{"role": "system", "content": "b"}]
    for asked, said in said_before:
        messages += [{"role": "user", "content": asked}, {"role": "assistant", "content": said}]
    longest = len(encode(messages, tokenizer).ids)
    kept_sizes = set()
    for limit in range(1, longest + 2):
        rest: list[Message] | None = messages
        while rest is not None and len(encode(rest, tokenizer).ids) > limit:
            rest = without_oldest_turn(rest)
        found = fit(messages, tokenizer, limit, FitReport())
        assert (found is None) == (rest is None)
        if found is not None and rest is not None:
            assert found.ids.tolist() == encode(rest, tokenizer).ids.tolist()
            kept_sizes.add(len(rest))
    assert len(kept_sizes) == len(said_before)
