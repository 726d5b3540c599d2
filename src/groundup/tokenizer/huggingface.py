"""A `tokenizers.Tokenizer` (the Rust library) behind our interface, and the folder that it is stored in."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tokenizers
from tokenizers.processors import TemplateProcessing

from groundup.tokenizer.chat_format import CHAT_TEMPLATE
from groundup.tokenizer.special_tokens import SpecialTokens
from groundup.tokenizer.token_bytes import bytes_table
from groundup.utils.files import fingerprint, open_atomic, write_json
from groundup.utils.text import without_lone_surrogates

# The key of tokenizer_config.json that holds what transformers has no word for.
OWN_KEY = "groundup"


class HuggingFaceTokenizer:
    """Any tokenizer that Hugging Face `tokenizers` can run. See `interface.Tokenizer` for what each method promises."""

    def __init__(
        self,
        backend: tokenizers.Tokenizer,
        roles: Mapping[str, str],
        *,
        llama_cpp_name: str | None = None,
        n_new_tokens: int = 0,
    ):
        """Wrap a copy of `backend`. `roles` maps role names to special tokens that it has.

        `llama_cpp_name` is what llama.cpp calls this tokenizer's way of splitting text, None if it knows none.
        `n_new_tokens`: how many of the last ids were added to the vocabulary of the file that it was read from, so
        that a model which was trained with that file does not know them.
        """
        # One copy never sees markers, the other always does: no switch is turned while several threads encode.
        self._plain = tokenizers.Tokenizer.from_str(backend.to_str())
        self._plain.no_padding()
        self._plain.no_truncation()
        end_of_text = roles["end_of_text"]
        self._plain.post_processor = TemplateProcessing(
            single=f"{end_of_text} $A",
            pair=f"{end_of_text} $A $B:1",
            special_tokens=[(end_of_text, self._plain.token_to_id(end_of_text))],
        )
        self._serialised = self._plain.to_str()
        self._plain.encode_special_tokens = True
        self.llama_cpp_name = llama_cpp_name
        self.n_new_tokens = n_new_tokens
        vocabulary = self._plain.get_vocab(with_added_tokens=True)
        self.specials = SpecialTokens(**roles, ids={role: vocabulary[token] for role, token in roles.items()})
        self.vocab_size = count_ids(self._plain)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as the serialised text: worker processes get an equal tokenizer, switches included."""
        return _rebuild, (self._serialised, self.specials.roles(), self.llama_cpp_name, self.n_new_tokens)

    def to_json(self) -> str:
        """The text of tokenizer.json."""
        return self._serialised

    @cached_property
    def _marked(self) -> tokenizers.Tokenizer:
        return tokenizers.Tokenizer.from_str(self._serialised)

    @cached_property
    def _token_bytes(self) -> list[bytes]:
        added = {id: (token.content, token.special) for id, token in self._plain.get_added_tokens_decoder().items()}
        vocabulary = self._plain.get_vocab(with_added_tokens=True)
        return bytes_table(json.loads(self._serialised)["decoder"], vocabulary, added)

    @cached_property
    def token_byte_lengths(self) -> npt.NDArray[np.int32]:
        """Bytes of text that each id stands for, (V,)."""
        return np.array([len(token) for token in self._token_bytes], dtype=np.int32)

    @cached_property
    def fingerprint(self) -> str:
        """Hex SHA-256 of the canonical form that `canonical` gives."""
        return fingerprint(canonical(json.loads(self._serialised), self.specials.roles()))

    def encode(self, text: str, *, add_special_tokens: bool = False, allow_special: bool = False) -> list[int]:
        """Ids of `text`; see the interface."""
        backend = self._marked if allow_special else self._plain
        try:
            ids = backend.encode(text, add_special_tokens=add_special_tokens).ids
        except TypeError:
            ids = backend.encode(without_lone_surrogates(text), add_special_tokens=add_special_tokens).ids
        return list(ids)

    def encode_batch(self, texts: Sequence[str], *, add_special_tokens: bool = False) -> list[list[int]]:
        """Ids of every text, on all cores."""
        try:
            encodings = self._plain.encode_batch_fast(list(texts), add_special_tokens=add_special_tokens)
        except TypeError:
            repaired = [without_lone_surrogates(text) for text in texts]
            encodings = self._plain.encode_batch_fast(repaired, add_special_tokens=add_special_tokens)
        return [encoding.ids for encoding in encodings]

    def decode(self, ids: Sequence[int], *, skip_special_tokens: bool = True) -> str:
        """Text of `ids`."""
        return str(self._plain.decode(list(ids), skip_special_tokens=skip_special_tokens))

    def token_to_id(self, token: str) -> int | None:
        """Id of a vocabulary entry, or None."""
        id: int | None = self._plain.token_to_id(token)
        return id

    def id_to_token(self, id: int) -> str | None:
        """Vocabulary entry, or None."""
        token: str | None = self._plain.id_to_token(id)
        return token

    def token_bytes(self, id: int) -> bytes:
        """The bytes of text that a token stands for."""
        return self._token_bytes[id]

    def save(self, folder: Path) -> None:
        """Write the three files, each atomically."""
        folder.mkdir(parents=True, exist_ok=True)
        with open_atomic(folder / "tokenizer.json") as f:
            f.write(tokenizers.Tokenizer.from_str(self._serialised).to_str(pretty=True) + "\n")
        special_map = self._special_tokens_map()
        write_json(folder / "special_tokens_map.json", special_map)
        write_json(
            folder / "tokenizer_config.json",
            {
                "tokenizer_class": "PreTrainedTokenizerFast",
                **special_map,
                "add_bos_token": True,
                "clean_up_tokenization_spaces": False,
                "chat_template": CHAT_TEMPLATE,
                OWN_KEY: {"roles": self.specials.roles(), "llama_cpp_pre_tokenizer": self.llama_cpp_name},
            },
        )

    def _special_tokens_map(self) -> dict[str, Any]:
        """Roles as transformers names them. Its beginning of text is our `<|endoftext|>`, and so is its end."""
        specials = self.specials
        named = {"bos_token": specials.end_of_text, "eos_token": specials.end_of_text, "pad_token": specials.pad}
        named |= {"unk_token": specials.unk} if specials.unk else {}
        named |= {"mask_token": specials.mask} if specials.mask else {}
        added = self._plain.get_added_tokens_decoder()
        others = [added[id].content for id in sorted(added) if added[id].special]
        return {**named, "additional_special_tokens": [token for token in others if token not in named.values()]}


def _rebuild(serialised: str, roles: Mapping[str, str], llama_cpp_name: str | None, n_new: int) -> HuggingFaceTokenizer:
    backend = tokenizers.Tokenizer.from_str(serialised)
    return HuggingFaceTokenizer(backend, roles, llama_cpp_name=llama_cpp_name, n_new_tokens=n_new)


def count_ids(backend: tokenizers.Tokenizer) -> int:
    """Highest id + 1."""
    return max(backend.get_vocab(with_added_tokens=True).values(), default=-1) + 1


def canonical(serialised: Mapping[str, Any], roles: Mapping[str, str]) -> dict[str, Any]:
    """What decides the ids, out of a parsed tokenizer.json, in one form for every version of `tokenizers`.

    Vocabulary; merges as pairs (older files write them as one string); the other settings of the model, the
    normaliser and the pre-tokenizer without what is unset and without `trim_offsets` (which changes no id); special
    tokens with their flags and roles. Left out: decoder, post-processor, truncation, padding, formatting.
    """
    model = dict(serialised["model"])
    merges = [merge.split(" ") if isinstance(merge, str) else merge for merge in model.pop("merges", [])]
    return {
        "vocabulary": model.pop("vocab"),
        "merges": merges,
        "model": _without_unset(model),
        "normalizer": _without_unset(serialised.get("normalizer")),
        "pre_tokenizer": _without_unset(serialised.get("pre_tokenizer")),
        "special_tokens": sorted(
            (_without_unset(token) for token in serialised["added_tokens"]), key=lambda token: token["id"]
        ),
        "roles": dict(roles),
    }


def extends(longer: HuggingFaceTokenizer, shorter: HuggingFaceTokenizer) -> bool:
    """Whether `longer` is `shorter` with more special tokens: every text gets the same ids from both."""
    long, short = (canonical(json.loads(t.to_json()), t.specials.roles()) for t in (longer, shorter))
    special, words = (all(entry in long[key] for entry in short[key]) for key in ("special_tokens", "vocabulary"))
    if isinstance(short["vocabulary"], dict):  # special tokens may stand among the words
        words = all(long["vocabulary"].get(token) == id for token, id in short["vocabulary"].items())
    parts = ("merges", "model", "normalizer", "pre_tokenizer", "roles")
    return special and words and all(long[part] == short[part] for part in parts)


def _without_unset(value: Any) -> Any:
    """`value` without keys that are None, False or `trim_offsets`, at every depth."""
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if k != "trim_offsets" and v is not None and v is not False}
        return {k: _without_unset(v) for k, v in kept.items()}
    return [_without_unset(v) for v in value] if isinstance(value, list) else value
