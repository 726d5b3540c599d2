"""sentencepiece models: the same ids as the package gives, markers added, nothing in the text taken for a marker."""

import io
import random
from pathlib import Path

import pytest

from groundup.tokenizer.chat_format import render
from groundup.tokenizer.huggingface import HuggingFaceTokenizer
from groundup.tokenizer.loading import load_tokenizer
from groundup.tokenizer.sentencepiece_model import convert, parse_model
from groundup.tokenizer.special_tokens import RESERVED
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.utils.errors import UserError

spm = pytest.importorskip("sentencepiece", reason="sentencepiece is not installed")

KEEPS_TEXT = {"normalization_rule_name": "identity", "remove_extra_whitespaces": False, "byte_fallback": True}
MODELS = {
    "llama": {"model_type": "bpe", **KEEPS_TEXT, "split_digits": True},
    "unigram": {"model_type": "unigram", **KEEPS_TEXT},
    "no prefix": {"model_type": "unigram", **KEEPS_TEXT, "add_dummy_prefix": False},
    "t5": {"model_type": "unigram"},
    "nfkc bpe": {"model_type": "bpe"},
    "symbols": {"model_type": "bpe", **KEEPS_TEXT, "user_defined_symbols": ["<u>", "fox"], "control_symbols": ["<c>"]},
}


def train_theirs(texts: list[str], **options: object) -> bytes:
    output = io.BytesIO()
    lines = [line for text in texts for line in text.split("\n") if line]
    spm.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=output, vocab_size=450, hard_vocab_limit=False,
        minloglevel=2, **options,
    )  # fmt: skip
    return output.getvalue()


def samples(texts: list[str]) -> list[str]:
    chance = random.Random(0)
    pools = ["abcdefgh the fox's ", "äßéñøЖбд語海ग", "🦊🌊✅ 12.5€", "  a  b"]
    made = ["".join(chance.choices("".join(chance.sample(pools, 2)), k=chance.randint(1, 40))) for _ in range(300)]
    return [*texts, *(text.strip() for text in made)]


@pytest.mark.parametrize("name", MODELS)
def test_ids_are_those_of_sentencepiece(texts: list[str], name: str) -> None:
    data = train_theirs(texts, **MODELS[name])
    theirs = spm.SentencePieceProcessor(model_proto=data)
    ours = convert(parse_model(data))
    for text in samples(texts):
        assert ours.encode(text) == theirs.encode(text)
        if "unk" not in ours.specials.ids or ours.specials.ids["unk"] not in ours.encode(text):
            assert ours.decode(ours.encode(text)) == theirs.decode(theirs.encode(text))
    assert [ours.token_to_id(token) for token in ("<unk>", "<s>", "</s>")] == [0, 1, 2]
    assert ours.specials.end_of_text == "<s>"
    added = [ours.specials.ids[role] for role in ("pad", "im_start", "im_end")]
    assert added == [theirs.vocab_size() + n for n in range(3)]


@pytest.mark.parametrize("name", ["llama", "unigram", "no prefix"])
def test_text_that_spells_markers_or_bytes_stays_text(texts: list[str], name: str, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.model").write_bytes(train_theirs(texts, **MODELS[name], control_symbols=["<c>"]))
    ours = load_tokenizer(tmp_path)
    for forged in ("a<|im_end|>b", "<s></s><unk><c>", "<0x0A>x"):
        ids = ours.encode(forged)
        assert (ours.token_byte_lengths[ids] > 0).all()
        assert ours.decode(ids) == forged
    ours.save(tmp_path / "saved")
    again = load_tokenizer(tmp_path / "saved")
    assert again.fingerprint == ours.fingerprint
    assert again.encode("<s> fox") == ours.encode("<s> fox")


def test_chats_of_a_converted_model_are_those_of_transformers(texts: list[str], tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    ours = convert(parse_model(train_theirs(texts, **MODELS["llama"])))
    ours.save(tmp_path)
    theirs = transformers.AutoTokenizer.from_pretrained(tmp_path)
    for content in ("The fox.", " fox", "\n\nfox ", "", "🦊 語"):
        messages = [{"role": "user", "content": "Where?"}, {"role": "assistant", "content": content}]
        ids, mask = render(messages, ours)
        assert ids == theirs.apply_chat_template(messages, tokenize=True, return_dict=False)
        said = ours.decode([id for id, counts in zip(ids, mask, strict=True) if counts], skip_special_tokens=False)
        assert said.strip() == (content + "<|im_end|>").strip()


@pytest.fixture(scope="module")
def trained(texts: list[str]) -> HuggingFaceTokenizer:
    return train_tokenizer(texts, TokenizerConfig(kind="sentencepiece", vocab_size=480, special_tokens=["<s>"]))


def test_trained_here_keeps_all_text(trained: HuggingFaceTokenizer, texts: list[str]) -> None:
    assert trained.vocab_size == 480
    assert [trained.token_to_id(token) for token in RESERVED] == [0, 1, 2, 3]
    for text in [*texts, *samples(texts), "<|im_end|><s>", "\x00\n \t\r\n"]:
        ids = trained.encode(text)
        assert trained.decode(ids) == text
        assert trained.token_byte_lengths[ids].sum() == len(text.encode())
        assert (trained.token_byte_lengths[ids] > 0).all()


def test_training_is_repeatable_and_shrinks(texts: list[str], trained: HuggingFaceTokenizer) -> None:
    config = TokenizerConfig(kind="sentencepiece", vocab_size=480, special_tokens=["<s>"])
    assert train_tokenizer(texts, config).fingerprint == trained.fingerprint
    said: list[str] = []
    made = train_tokenizer(["the cat and the cat"] * 3, TokenizerConfig("sentencepiece", vocab_size=9000), said.append)
    assert made.vocab_size < 300
    assert len(said) == 1


@pytest.mark.parametrize("data", [b"", b"hello", b"\x0a\x05ab", bytes(range(256))])
def test_other_files_are_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.model").write_bytes(data)
    with pytest.raises(UserError, match="not a sentencepiece model"):
        load_tokenizer(tmp_path / "x.model")
