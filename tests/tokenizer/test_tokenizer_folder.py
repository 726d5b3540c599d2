"""Tokenizer folders: saved and loaded without a change, damaged ones refused, the same ids in transformers."""

import json
from pathlib import Path

import pytest

from groundup.tokenizer.huggingface import HuggingFaceTokenizer, canonical
from groundup.tokenizer.loading import load_tokenizer, save_tokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.utils.errors import UserError


@pytest.fixture
def folder(tmp_path: Path, tokenizer: HuggingFaceTokenizer) -> Path:
    tokenizer.save(tmp_path / "tok")
    return tmp_path / "tok"


def test_loaded_is_the_same(folder: Path, tokenizer: HuggingFaceTokenizer) -> None:
    loaded = load_tokenizer(folder)
    assert isinstance(loaded, HuggingFaceTokenizer)
    assert loaded.fingerprint == tokenizer.fingerprint
    assert loaded.specials == tokenizer.specials
    assert loaded.llama_cpp_name == "qwen2"
    assert sorted(path.name for path in folder.iterdir()) == [
        "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json",
    ]  # fmt: skip


def test_fingerprint_ignores_formatting_and_sees_content(folder: Path, tokenizer: HuggingFaceTokenizer) -> None:
    path = folder / "tokenizer.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content, sort_keys=True))
    assert load_tokenizer(folder).fingerprint == tokenizer.fingerprint

    roles = tokenizer.specials.roles()
    old_style = json.loads(json.dumps(content))
    old_style["model"]["merges"] = [" ".join(pair) for pair in content["model"]["merges"]]
    old_style["model"].pop("dropout")
    assert canonical(old_style, roles) == canonical(content, roles)
    content["model"]["merges"][5:7] = reversed(content["model"]["merges"][5:7])
    path.write_text(json.dumps(content))
    assert load_tokenizer(folder).fingerprint != tokenizer.fingerprint


def test_what_is_no_tokenizer_folder_is_refused(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(UserError, match="not a tokenizer folder"):
        load_tokenizer(tmp_path / "nowhere")
    path = folder / "tokenizer.json"
    whole = path.read_text()
    path.write_text(whole[:1000])
    with pytest.raises(UserError, match="damaged"):
        load_tokenizer(folder)
    path.write_text(whole.replace("<|im_end|>", "<|im_gone|>"))
    with pytest.raises(UserError, match=r"lacks the tokens <\|im_end\|>"):
        load_tokenizer(folder)


def test_another_tokenizer_is_not_overwritten(folder: Path, tokenizer: HuggingFaceTokenizer) -> None:
    said: list[str] = []
    save_tokenizer(tokenizer, folder, say=said.append)
    assert len(said) == 1
    other = train_tokenizer(["other text"], TokenizerConfig(vocab_size=262))
    with pytest.raises(UserError, match="--force"):
        save_tokenizer(other, folder)
    assert load_tokenizer(folder).fingerprint == tokenizer.fingerprint
    save_tokenizer(other, folder, force=True)
    assert load_tokenizer(folder).fingerprint == other.fingerprint
    save_tokenizer(other, folder.parent / "new")
    assert load_tokenizer(folder.parent / "new").fingerprint == other.fingerprint


@pytest.mark.parametrize("architecture", [None, "qwen3", "gpt2", "llama", "phi"])
def test_transformers_gives_the_same_ids(
    folder: Path, tokenizer: HuggingFaceTokenizer, texts: list[str], architecture: str | None
) -> None:
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    if architecture:  # as in a model folder: the model's type must not change how text is cut
        (folder / "config.json").write_text(json.dumps({"model_type": architecture}))
    theirs = transformers.AutoTokenizer.from_pretrained(folder)
    assert len(theirs) == tokenizer.vocab_size
    assert (theirs.bos_token_id, theirs.eos_token_id, theirs.pad_token_id) == (0, 0, 1)
    assert (theirs.unk_token, theirs.mask_token) == ("<unk>", "<mask>")
    for text in [*texts[:8], "", "a b .", "12345 IT'S", "x <|im_end|> y"]:
        plain = theirs.encode(text, add_special_tokens=False)
        assert plain == tokenizer.encode(text, allow_special=True)
        assert theirs.encode(text) == tokenizer.encode(text, add_special_tokens=True, allow_special=True)
        assert theirs.decode(plain) == tokenizer.decode(plain, skip_special_tokens=False) == text
        assert theirs.decode(plain, skip_special_tokens=True) == tokenizer.decode(plain)
