"""Tokenizers in Hugging Face folders that others made: their ids stay, the markers come after them."""

import json
from pathlib import Path

import pytest
import tokenizers
from tokenizers import decoders, models, pre_tokenizers, trainers

from groundup.tokenizer.chat_format import render
from groundup.tokenizer.huggingface import HuggingFaceTokenizer
from groundup.tokenizer.loading import load_tokenizer
from groundup.utils.errors import UserError


def backend_like_gpt2(texts: list[str]) -> tokenizers.Tokenizer:
    """GPT-2's kind: its splitting, `<|endoftext|>` last."""
    backend = tokenizers.Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    backend.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=500, initial_alphabet=alphabet))
    backend.add_special_tokens(["<|endoftext|>"])
    return backend


def write(folder: Path, backend: tokenizers.Tokenizer, **config: object) -> Path:
    folder.mkdir(exist_ok=True)
    backend.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return folder


def test_gpt2_folder(tmp_path: Path, texts: list[str]) -> None:
    theirs = backend_like_gpt2(texts)
    end = theirs.token_to_id("<|endoftext|>")
    named = {f"{role}_token": "<|endoftext|>" for role in ("bos", "eos", "unk")}
    ours = load_tokenizer(write(tmp_path / "gpt2", theirs, tokenizer_class="GPT2Tokenizer", **named))
    assert isinstance(ours, HuggingFaceTokenizer)
    assert ours.specials.ids == {"end_of_text": end, "pad": end + 1, "im_start": end + 2, "im_end": end + 3}
    assert ours.vocab_size == end + 4
    assert ours.llama_cpp_name == "gpt-2"
    for text in texts:
        assert ours.encode(text) == theirs.encode(text).ids
        assert ours.encode(text, add_special_tokens=True) == [end, *theirs.encode(text).ids]
        assert ours.decode(ours.encode(text)) == text
    again_folder = tmp_path / "again"
    ours.save(again_folder)
    again = load_tokenizer(again_folder)
    assert again.fingerprint == ours.fingerprint
    assert again.specials == ours.specials


def test_phi_folder_with_tokens_for_white_space(tmp_path: Path, texts: list[str]) -> None:
    theirs = backend_like_gpt2(texts)
    theirs.add_tokens([tokenizers.AddedToken(" " * n, normalized=True) for n in (3, 2)])
    ours = load_tokenizer(write(tmp_path, theirs, bos_token={"content": "<|endoftext|>", "lstrip": False}))
    text = "def f():\n   return  <|im_end|>"
    ids = ours.encode(text)
    assert ids == theirs.encode(text).ids
    assert theirs.token_to_id("  ") in ids
    assert b"".join(ours.token_bytes(id) for id in ids) == text.encode()
    assert ours.specials.ids["pad"] == theirs.token_to_id("  ") + 1


def test_folder_with_other_names_and_own_padding(tmp_path: Path, texts: list[str]) -> None:
    theirs = backend_like_gpt2(texts)
    plain = json.loads(theirs.to_str())
    plain["added_tokens"] = []
    theirs = tokenizers.Tokenizer.from_str(json.dumps(plain))
    theirs.add_special_tokens(["<s>", "</s>", "<pad>"])
    (tmp_path / "special_tokens_map.json").write_text(
        json.dumps({"bos_token": "<s>", "eos_token": {"content": "</s>"}, "pad_token": "<pad>", "unk_token": None})
    )
    ours = load_tokenizer(write(tmp_path, theirs))
    assert ours.specials.end_of_text == "<s>"
    assert ours.specials.eos == "</s>"
    assert ours.specials.pad == "<pad>"
    assert ours.token_to_id("<|endoftext|>") is None
    assert ours.vocab_size == theirs.get_vocab_size() + 2


def test_further_special_tokens_and_chats_in_transformers(tmp_path: Path, texts: list[str]) -> None:
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    ours = load_tokenizer(write(tmp_path, backend_like_gpt2(texts)), ["<|tool|>"])
    assert ours.encode("<|tool|>", allow_special=True) == [ours.vocab_size - 1]
    ours.save(tmp_path / "saved")
    theirs = transformers.AutoTokenizer.from_pretrained(tmp_path / "saved")
    for content in ("The fox.", " fox", "\n\nfox ", "", "🦊 語"):
        messages = [{"role": "user", "content": "Where?"}, {"role": "assistant", "content": content}]
        assert render(messages, ours)[0] == theirs.apply_chat_template(messages, tokenize=True, return_dict=False)


def test_unigram_that_knows_its_special_tokens_as_pieces(tmp_path: Path) -> None:
    pieces = [("<s>", 0.0), ("<unk>", 0.0), *((character, -3.0) for character in "<>sunk▁abc/")]
    theirs = tokenizers.Tokenizer(models.Unigram(pieces, unk_id=1))
    theirs.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never", split=False)
    theirs.decoder = decoders.Metaspace(prepend_scheme="never", split=False)
    theirs.add_special_tokens(["<s>", "<unk>"])
    ours = load_tokenizer(write(tmp_path, theirs, bos_token="<s>", unk_token="<unk>"))
    ids = ours.encode("a <s>b")
    assert (ours.token_byte_lengths[ids] > 0).all()
    assert ours.decode(ids) == "a <s>b"
    assert ours.encode("a <s>b", allow_special=True).count(ours.specials.ids["end_of_text"]) == 1


def test_tokenizers_that_lose_text_are_refused(tmp_path: Path) -> None:
    theirs = tokenizers.Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1}, unk_token="[UNK]"))
    theirs.decoder = decoders.WordPiece()
    with pytest.raises(UserError, match="WordPiece"):
        load_tokenizer(write(tmp_path, theirs))


def test_vocabulary_with_gaps_is_refused(tmp_path: Path) -> None:
    alphabet = {character: 2 * id for id, character in enumerate(pre_tokenizers.ByteLevel.alphabet())}
    theirs = tokenizers.Tokenizer(models.BPE(alphabet, []))
    theirs.decoder = decoders.ByteLevel()
    with pytest.raises(UserError, match="gaps"):
        load_tokenizer(write(tmp_path, theirs))
