"""Text that is shown while it is written: whole characters, and nothing that a stop string takes back."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.inference.text_stream import TextStream
from groundup.tokenizer.huggingface import HuggingFaceTokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer

STOPS = st.lists(st.text("ab\n", max_size=4), max_size=3)


class Pieces:
    """A vocabulary of given byte strings: all that a stream asks of a tokenizer."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces

    def token_bytes(self, id: int) -> bytes:
        return self.pieces[id]


def shown(pieces: list[bytes], stop: list[str] | None = None) -> tuple[list[str], TextStream]:
    """What each push gives, and at last what `end` gives."""
    stream = TextStream(Pieces(*pieces), stop or [])  # type: ignore[arg-type]
    return [stream.push(id) for id in range(len(pieces))] + [stream.end()], stream


@pytest.fixture(scope="module")
def tokenizer() -> HuggingFaceTokenizer:
    return train_tokenizer(["plain words, hardly any others"] * 3, TokenizerConfig(vocab_size=270))


def test_a_character_over_several_tokens_appears_when_it_is_whole() -> None:
    fox = "🦊".encode()
    assert shown([b"a", fox[:1], fox[1:3], fox[3:] + b"b"])[0] == ["a", "", "", "🦊b", ""]


def test_an_invalid_byte_is_replaced_and_what_follows_is_not_lost() -> None:
    assert shown([b"a\xff", b"b"])[0] == ["a�", "b", ""]
    assert shown(["é".encode()[:1], b"b"])[0] == ["", "�b", ""]


def test_an_unfinished_character_at_the_end() -> None:
    assert shown([b"a", "é".encode()[:1]])[0] == ["a", "", "�"]


def test_a_stop_string_over_token_borders() -> None:
    pieces, stream = shown([b"one E", b"N", b"D two"], ["END"])
    assert pieces == ["one ", "", "", ""]
    assert stream.stopped
    assert stream.text == "one "


def test_what_only_began_like_a_stop_string_is_shown() -> None:
    pieces, stream = shown([b"one E", b"N", b"E", b"ND"], ["END"])
    assert pieces == ["one ", "", "EN", "", ""]  # the second E begins anew
    assert stream.text == "one EN"
    pieces, stream = shown([b"one EN"], ["END"])
    assert pieces == ["one ", "EN"]
    assert not stream.stopped


def test_the_first_of_several_stop_strings_ends() -> None:
    assert shown([b"a.b,c"], [",", "."])[1].text == "a"
    assert shown([b"xabcy"], ["bcy", "abc"])[1].text == "x"


def test_an_empty_stop_string_stops_nothing() -> None:
    assert shown([b"abc"], [""])[1].text == "abc"


def test_a_stop_string_of_several_bytes_a_character() -> None:
    fox = "🦊".encode()
    pieces, stream = shown([b"a", fox[:2], fox[2:], b"b"], ["🦊"])
    assert "".join(pieces) == stream.text == "a"


def test_nothing_comes_after_a_stop() -> None:
    pieces, stream = shown([b"a.", b"b.", "é".encode()[:1]], ["."])
    assert pieces == ["a", "", "", ""]
    assert stream.text == "a"


def test_text_of_no_token_ends_an_unfinished_character_and_may_stop() -> None:
    stream = TextStream(Pieces("é".encode()[:1]), ["\nEND\n"])  # type: ignore[arg-type]
    stream.push(0)
    assert stream.push_text("|END|") == "�|END|"
    assert stream.push_text("\nEND\n") == ""
    assert stream.stopped


@given(data=st.binary(max_size=40), cuts=st.lists(st.integers(0, 40), max_size=8))
def test_pieces_joined_are_the_whole_text(data: bytes, cuts: list[int]) -> None:
    """However the bytes are cut, valid or not, the pieces are what decoding them at once gives."""
    places = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    pieces, stream = shown([data[a:b] for a, b in itertools.pairwise(places)])
    assert "".join(pieces) == stream.text == data.decode("utf-8", "replace")


@given(texts=st.lists(st.text("ab\né", max_size=6), max_size=8), stops=STOPS)
def test_stop_strings_cut_where_they_first_become_whole(texts: list[str], stops: list[str]) -> None:
    """The slow twin: after each piece, look for a stop string in all the text so far."""
    pieces, stream = shown([text.encode() for text in texts], stops)
    whole, expected = "", None
    for text in texts:
        whole += text
        places = [whole.find(stop) for stop in stops if stop and stop in whole]
        if places:
            expected = whole[: min(places)]
            break
    assert "".join(pieces) == stream.text == (whole if expected is None else expected)
    assert stream.stopped == (expected is not None)


@given(text=st.text(max_size=30))
def test_a_real_tokenizers_tokens_give_the_text_back(tokenizer: HuggingFaceTokenizer, text: str) -> None:
    stream = TextStream(tokenizer)
    ids = tokenizer.encode(text)
    assert "".join([stream.push(id) for id in ids] + [stream.end()]) == tokenizer.decode(ids) == text
