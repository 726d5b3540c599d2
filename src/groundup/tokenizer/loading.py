"""Opening tokenizers of every kind, and not writing over one that other files depend on."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tokenizers

from groundup.tokenizer.huggingface import OWN_KEY, HuggingFaceTokenizer, count_ids
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.markers import add_markers, add_special, guard_against_spelling
from groundup.tokenizer.sentencepiece_model import load_sentencepiece
from groundup.tokenizer.special_tokens import RESERVED, all_special_tokens
from groundup.tokenizer.tiktoken_files import ENCODINGS, KNOWN_PATTERNS, files_to_fetch, load_gpt2, load_tiktoken
from groundup.utils.errors import UserError
from groundup.utils.files import read_json
from groundup.utils.progress import Say, quiet

_GPT2_FILES = (("vocab.bpe", "encoder.json"), ("merges.txt", "vocab.json"))


def load_tokenizer(path: Path, further: Sequence[str] = ()) -> HuggingFaceTokenizer:
    """Open a tokenizer: a folder with tokenizer.json, GPT-2's two files, a .tiktoken or .model file; or that file.

    A tokenizer that others made gets the missing markers as new tokens after its vocabulary; each gets the special
    tokens `further` that it lacks. `n_new_tokens` counts both. Raises UserError if there is none at `path`, with what
    to fetch if `path` is the name of a known one.
    """
    if path.is_file():
        return _load_file(path, further)
    if (path / "tokenizer.json").is_file():
        return _load_json(path, further)
    for merges, vocabulary in _GPT2_FILES:
        if (path / merges).is_file() and (path / vocabulary).is_file():
            return load_gpt2(path / merges, path / vocabulary, further)
    files = sorted([*path.glob("*.tiktoken"), *path.glob("*.model")])
    if len(files) == 1:
        return _load_file(files[0], further)
    raise UserError(_how_to_get(path))


def _load_file(path: Path, further: Sequence[str]) -> HuggingFaceTokenizer:
    if path.suffix == ".tiktoken":
        return load_tiktoken(path, further)
    if path.suffix == ".model":
        return load_sentencepiece(path, further)
    if path.name == "tokenizer.json":
        return _load_json(path.parent, further)
    raise UserError(f"{path} is no tokenizer file. Give a folder, or a .tiktoken or .model file.")


def _how_to_get(path: Path) -> str:
    """What to tell somebody who names a tokenizer that is not there."""
    if path.name in ENCODINGS:
        files = " and ".join(files_to_fetch(path.name))
        return f"The encoding {path.name} is not on this machine. Fetch {files} and put it into the folder {path}."
    if not path.exists() and not path.is_absolute() and len(path.parts) == 2:
        return (
            f"There is no tokenizer at {path}. If it is a model on the Hugging Face Hub, fetch tokenizer.json and "
            f"tokenizer_config.json from https://huggingface.co/{path.as_posix()} and put them into the folder {path}."
        )
    return f"{path} is not a tokenizer folder: tokenizer.json is missing. Make one with `groundup tokenizer train`."


def _load_json(folder: Path, further: Sequence[str]) -> HuggingFaceTokenizer:
    path, config_path = folder / "tokenizer.json", folder / "tokenizer_config.json"
    config = read_json(config_path) if config_path.is_file() else {}
    try:
        backend = tokenizers.Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare Exception for whatever is wrong with the file
        raise UserError(f"{path} is damaged ({error}). Restore it or train the tokenizer again.") from error
    try:
        own = config.get(OWN_KEY)
        if own is None:
            return _adopt(backend, folder, config, further)
        roles: dict[str, str] = dict(own["roles"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"{config_path} is damaged ({error}). Fetch the tokenizer again, or train it again.") from error
    missing = [token for token in roles.values() if backend.token_to_id(token) is None]
    if missing:
        raise UserError(f"{path} lacks the tokens {', '.join(missing)} that {config_path.name} names. Train it again.")
    known = count_ids(backend)
    add_special(backend, [*roles.values(), *(token for token in all_special_tokens(further) if token not in RESERVED)])
    name = own.get("llama_cpp_pre_tokenizer")
    return HuggingFaceTokenizer(backend, roles, llama_cpp_name=name, n_new_tokens=count_ids(backend) - known)


def _adopt(
    backend: tokenizers.Tokenizer, folder: Path, config: dict[str, Any], further: Sequence[str]
) -> HuggingFaceTokenizer:
    """A Hugging Face tokenizer that others made, with our markers."""
    map_path = folder / "special_tokens_map.json"
    names = {**(read_json(map_path) if map_path.is_file() else {}), **config}
    tokens = {role: names.get(f"{role}_token") for role in ("bos", "eos", "pad", "unk", "mask")}
    # Older files write a token as a dictionary with its flags.
    texts = {role: token["content"] if isinstance(token, dict) else token for role, token in tokens.items() if token}
    name = llama_cpp_name(json.loads(backend.to_str())["pre_tokenizer"])
    known = count_ids(backend)
    roles = add_markers(backend, texts, further)
    if type(backend.model).__name__ == "Unigram":
        added = backend.get_added_tokens_decoder().values()
        guard_against_spelling(backend, [token.content for token in added if token.special])
    tokenizer = HuggingFaceTokenizer(backend, roles, llama_cpp_name=name, n_new_tokens=count_ids(backend) - known)
    assert len(tokenizer.token_byte_lengths) == tokenizer.vocab_size  # refuses what loses text, now rather than later
    return tokenizer


def llama_cpp_name(pre_tokenizer: Any) -> str | None:
    """What llama.cpp calls this way of cutting text (that part of tokenizer.json), None if it is not known here."""
    parts = (pre_tokenizer or {}).get("pretokenizers", [pre_tokenizer or {}])
    byte_level = next((part for part in parts if part.get("type") == "ByteLevel"), None)
    if byte_level is None:
        return None
    patterns = [part.get("pattern", {}).get("Regex") for part in parts if part.get("type") == "Split"]
    if not patterns and byte_level.get("use_regex", True):
        return "gpt-2"
    return KNOWN_PATTERNS.get(patterns[0]) if len(patterns) == 1 else None


def save_tokenizer(tokenizer: Tokenizer, folder: Path, *, force: bool = False, say: Say = quiet) -> None:
    """Write `tokenizer` to `folder`, unless another one is there: files made with that one would fit no longer.

    An equal one is left as it is. `force` writes in every case.
    """
    if (folder / "tokenizer.json").exists() and not force:
        if load_tokenizer(folder).fingerprint != tokenizer.fingerprint:
            raise UserError(
                f"{folder} holds another tokenizer. Token files and checkpoints made with it would fit no longer. "
                "Choose another --output-dir, or replace it with --force."
            )
        say(f"{folder} already holds exactly this tokenizer; left as it is.")
        return
    tokenizer.save(folder)
