"""The figures of a comparison are those counted by hand."""

import json
from pathlib import Path

import pytest

from groundup.tokenizer.chat_format import Message, render
from groundup.tokenizer.compare import MarkerSaving, compare, plot, read_conversations, spelled_out, table
from groundup.tokenizer.display import coloured, pieces, plain
from groundup.tokenizer.huggingface import HuggingFaceTokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.utils.errors import UserError

CHAT: list[Message] = [{"role": "user", "content": "Yes."}, {"role": "assistant", "content": "No."}]


@pytest.fixture(scope="module")
def bytes_only() -> HuggingFaceTokenizer:
    return train_tokenizer(["x"], TokenizerConfig(vocab_size=260))


def test_figures_of_a_tokenizer_of_bytes(bytes_only: HuggingFaceTokenizer, tokenizer: HuggingFaceTokenizer) -> None:
    rows = compare({"bytes": bytes_only, "bpe": tokenizer}, iter(["fox", "naïve"]), iter([CHAT]))
    assert [row.name for row in rows] == ["bytes", "bpe"]
    row = rows[0]
    assert (row.vocab_size, row.documents, row.text_bytes, row.tokens) == (260, 2, 9, 9)
    assert row.bytes_per_token == 1
    assert row.tokens_per_document == 4.5
    assert set(row.round_trips.values()) == {True}
    # Each marker, 12 or 10 bytes, is one token; the two <|endoftext|> are tokens either way.
    text = len(spelled_out(CHAT))
    assert row.markers.spelled_tokens == text + 2
    assert row.markers.single_tokens == text + 2 - 2 * (11 + 9) == len(render(CHAT, bytes_only)[0])
    assert row.markers.share == pytest.approx(1 - (text - 38) / (text + 2))
    assert rows[1].tokens < 9
    assert "bytes_per_token" in row.to_dict()
    assert json.loads(json.dumps(row.to_dict()))["marker_saving"] == row.markers.share


def test_damage_is_seen(bytes_only: HuggingFaceTokenizer) -> None:
    class Lossy:
        vocab_size = 3

        def encode(self, text: str) -> str:
            return text

        def decode(self, text: str) -> str:
            return text.replace("\t", " ")

    (row,) = compare({"lossy": Lossy()})  # type: ignore[dict-item]
    assert row.round_trips == {"apostrophes": True, "emoji": True, "CJK": True, "white space": False}
    assert table([row])[1][-1] == "changed"


def test_reading_ends_at_the_limit(bytes_only: HuggingFaceTokenizer) -> None:
    (row,) = compare({"bytes": bytes_only}, ("fox" for _ in range(10_000)), most_bytes=600)
    assert 600 <= row.text_bytes < 2000


def test_table_has_what_was_measured(bytes_only: HuggingFaceTokenizer, tmp_path: Path) -> None:
    rows = compare({"bytes": bytes_only})
    assert table(rows)[0] == ["tokenizer", "vocabulary", "apostrophes", "emoji", "CJK", "white space"]
    with pytest.raises(UserError, match="nothing to plot"):
        plot(rows, tmp_path / "p.png")
    rows = compare({"bytes": bytes_only}, ["fox"], [CHAT])
    headings, cells = table(rows)
    assert len(headings) == len(cells) == 11
    assert dict(zip(headings, cells, strict=True))["bytes per token"] == "1.000"
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    plot(rows, tmp_path / "p.svg")
    assert (tmp_path / "p.svg").stat().st_size > 1000
    with pytest.raises(UserError, match="cannot be drawn"):
        plot(rows, tmp_path / "p.docx")


def test_conversations_are_read_and_bad_lines_named(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    path.write_text(json.dumps({"messages": CHAT}) + "\n\n" + json.dumps({"messages": CHAT}) + "\n")
    assert list(read_conversations(path)) == [CHAT, CHAT]
    for bad in ("{", "[]", '{"text": ""}', '{"messages": []}', '{"messages": [1]}', '{"messages": 5}'):
        path.write_text(json.dumps({"messages": CHAT}) + "\n" + bad + "\n")
        with pytest.raises(UserError, match="line 2: not a conversation"):
            list(read_conversations(path))
    assert MarkerSaving().share == 0


def test_pieces_show_every_token(tokenizer: HuggingFaceTokenizer) -> None:
    ids = tokenizer.encode("fox 🦩\n<|im_end|>", allow_special=True)
    shown = pieces(tokenizer, ids)
    assert len(shown) == len(ids)
    assert shown[-1] == "<|im_end|>"
    assert "\\x" in "".join(shown)
    assert plain(["a", "\n", "\tb"]) == "a‖⏎‖⇥b"
    parts = coloured(["a", "b\n", "c"])
    assert [text for text, _ in parts] == ["a", "b⏎\n", "c"]
    assert len({style for _, style in parts}) == 3
