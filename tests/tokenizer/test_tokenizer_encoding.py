"""What comes out of a tokenizer is what went in, and text can never spell a special token."""

import pickle
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup.tokenizer.huggingface import HuggingFaceTokenizer
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.special_tokens import RESERVED

MARKERS = [*RESERVED, "<s>", "</s>", "<unk>", "<mask>", "<|im_", "|>", "<|"]
# Text as people write it, mixed with marker strings and pieces of them.
any_text = st.lists(st.one_of(st.text(max_size=12), st.sampled_from(MARKERS))).map("".join)

ROUND_TRIPS = [
    "",
    " ",
    "\n\n\n \t \t\t\r\n  \n",
    "It's, it’s, IT'S, 'twas; don't",
    "🦊🌊👩‍👩‍👧🏳️‍🌈 ✅",
    "我们一起去看海吧。吾輩は猫である。그는 바다로",
    "ग्राम में एक नदी थी। قال الثعلب إن البحر بعيد.",
    "e\u0301 is not é, nor Å Å",
    "for (i = 0; i < 10; ++i) {\n\treturn x[i] + 0x1F;\n}",
    "12345 3.14 ½ ٣ Ⅷ",
    "\x00\x01\x7f\u00a0\u2028\u3000\ufeff",
    "𝕬𝖑𝖎𝖈𝖊 ﷽",
]


@pytest.mark.parametrize("text", ROUND_TRIPS)
def test_text_comes_back_exactly(tokenizer: HuggingFaceTokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text)) == text


@given(any_text)
@settings(max_examples=300, deadline=None)
def test_any_text_comes_back_without_special_tokens(tokenizer: HuggingFaceTokenizer, text: str) -> None:
    ids = tokenizer.encode(text)
    assert not set(ids) & set(tokenizer.specials.ids.values())
    assert tokenizer.decode(ids, skip_special_tokens=False) == text
    assert b"".join(tokenizer.token_bytes(id) for id in ids) == text.encode()
    assert tokenizer.token_byte_lengths[ids].sum() == len(text.encode())
    assert tokenizer.encode_batch([text, "x"])[0] == ids


def test_reserved_ids_and_roles(tokenizer: HuggingFaceTokenizer) -> None:
    assert [tokenizer.token_to_id(token) for token in RESERVED] == [0, 1, 2, 3]
    assert tokenizer.specials.ids == {
        "end_of_text": 0, "pad": 1, "im_start": 2, "im_end": 3, "unk": 6, "bos": 4, "eos": 5, "mask": 7,
    }  # fmt: skip
    assert [tokenizer.token_bytes(id) for id in range(8)] == [b""] * 8
    assert isinstance(tokenizer, Tokenizer)


def test_special_tokens_only_on_request(tokenizer: HuggingFaceTokenizer) -> None:
    marked = tokenizer.encode("a<|im_end|>", allow_special=True)
    assert marked == [*tokenizer.encode("a"), 3]
    assert tokenizer.encode("a", add_special_tokens=True) == [0, *tokenizer.encode("a")]
    assert tokenizer.encode_batch(["a", ""], add_special_tokens=True) == [[0, *tokenizer.encode("a")], [0]]
    assert tokenizer.decode(marked) == "a"
    assert tokenizer.decode(marked, skip_special_tokens=False) == "a<|im_end|>"


def test_every_byte_is_a_token(tokenizer: HuggingFaceTokenizer) -> None:
    table = [tokenizer.token_bytes(id) for id in range(tokenizer.vocab_size)]
    assert {bytes([byte]) for byte in range(256)} <= set(table)
    assert tokenizer.id_to_token(tokenizer.vocab_size) is None
    assert tokenizer.id_to_token(tokenizer.vocab_size - 1) is not None


def test_lone_surrogates_become_the_replacement_character(tokenizer: HuggingFaceTokenizer) -> None:
    assert tokenizer.decode(tokenizer.encode("a\ud800b🦊")) == "a\ufffdb🦊"
    assert tokenizer.encode_batch(["x", "a\ud800"]) == [tokenizer.encode("x"), tokenizer.encode("a\ufffd")]


def test_pickle_keeps_everything(tokenizer: HuggingFaceTokenizer) -> None:
    copy = pickle.loads(pickle.dumps(tokenizer))
    assert copy.fingerprint == tokenizer.fingerprint
    assert copy.encode("<|im_end|>") == tokenizer.encode("<|im_end|>") != [3]


def test_threads_do_not_disturb_each_other(tokenizer: HuggingFaceTokenizer) -> None:
    text = "fox <|im_end|> sea"
    expected = {special: tokenizer.encode(text, allow_special=special) for special in (True, False)}
    wrong: list[bool] = []

    def work(special: bool) -> None:
        wrong.extend(True for _ in range(300) if tokenizer.encode(text, allow_special=special) != expected[special])

    threads = [threading.Thread(target=work, args=(n % 2 == 0,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
