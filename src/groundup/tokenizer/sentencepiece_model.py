"""Reading sentencepiece `.model` files without the sentencepiece package, into a tokenizer that gives the same ids.

The file is one protocol-buffer message (google/sentencepiece, src/sentencepiece_model.proto); only the fields named
below are read. White space is written as U+2581 and text is not cut into words, so that runs of spaces are pieces like
any other. Ids are those of sentencepiece but for two cases in which `tokenizers` cannot do the same: a normalising
model (nmt_nfkc) on unusual sequences of combining characters, and a model with user-defined symbols on
spaces at the beginning and at the end of a text.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import tokenizers
from tokenizers import AddedToken, Regex, decoders, models, normalizers, pre_tokenizers

from groundup.tokenizer.huggingface import HuggingFaceTokenizer, count_ids
from groundup.tokenizer.markers import add_markers, guard_against_spelling
from groundup.tokenizer.token_bytes import SPACE
from groundup.utils.errors import UserError

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 1, 2, 3, 4, 5, 6
UNIGRAM, BPE = 1, 2
KIND_NAMES: Final = {1: "unigram", 2: "bpe", 3: "word", 4: "char"}


@dataclass
class SentencePieceModel:
    """What a `.model` file says."""

    pieces: list[tuple[str, float, int]] = field(default_factory=list)
    """(text, score, type) of each id."""
    kind: int = UNIGRAM
    byte_fallback: bool = False
    precompiled_charsmap: bytes = b""
    add_dummy_prefix: bool = True
    remove_extra_whitespaces: bool = True


def parse_model(data: bytes) -> SentencePieceModel:
    """Read the bytes of a `.model` file. Raises ValueError or IndexError if they are none."""
    model = SentencePieceModel()
    for number, value in _fields(data):
        if number == 1:
            piece = dict(_fields(_as_bytes(value)))
            score = float(np.frombuffer(_as_bytes(piece.get(2, b"\0\0\0\0")), "<f4")[0])
            model.pieces.append((_as_bytes(piece[1]).decode(), score, _as_int(piece.get(3, NORMAL))))
        elif number == 2:
            trainer = dict(_fields(_as_bytes(value)))
            model.kind = _as_int(trainer.get(3, UNIGRAM))
            model.byte_fallback = bool(trainer.get(35, 0))
        elif number == 3:
            normalizer = dict(_fields(_as_bytes(value)))
            model.precompiled_charsmap = _as_bytes(normalizer.get(2, b""))
            model.add_dummy_prefix = bool(normalizer.get(3, 1))
            model.remove_extra_whitespaces = bool(normalizer.get(4, 1))
    if not any(kind == UNKNOWN for _, _, kind in model.pieces):
        raise ValueError("no unknown piece")
    return model


def load_sentencepiece(path: Path, further: Iterable[str] = ()) -> HuggingFaceTokenizer:
    """Open a `.model` file. Raises UserError if it is none, or of a kind other than unigram and bpe."""
    try:
        model = parse_model(path.read_bytes())
    except (ValueError, IndexError, KeyError) as error:
        raise UserError(f"{path} is not a sentencepiece model ({error}). Give a .model file.") from error
    if model.kind not in (UNIGRAM, BPE):
        kind = KIND_NAMES.get(model.kind, str(model.kind))
        raise UserError(f"{path} is a sentencepiece model of the kind {kind}; unigram and bpe can be used.")
    return convert(model, further)


def convert(model: SentencePieceModel, further: Iterable[str] = ()) -> HuggingFaceTokenizer:
    """The same tokenizer for `tokenizers`: ids of plain text stay, missing markers come after them."""
    by_kind = {kind: [text for text, _, k in model.pieces if k == kind] for kind in range(1, 7)}
    backend = tokenizers.Tokenizer(_backend_model(model))
    backend.normalizer = normalizers.Sequence(list(_normalizers(model, whole_text=not by_kind[USER_DEFINED])))
    if model.add_dummy_prefix and by_kind[USER_DEFINED]:
        backend.pre_tokenizer = pre_tokenizers.Metaspace(SPACE, prepend_scheme="first", split=False)
    strip = [decoders.Strip(" ", 1, 0)] if model.add_dummy_prefix else []
    backend.decoder = decoders.Sequence(
        [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse(), *strip]
    )
    special = by_kind[CONTROL] + by_kind[UNKNOWN]
    backend.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in special])
    backend.add_tokens([AddedToken(text, normalized=False) for text in by_kind[USER_DEFINED]])
    guard_against_spelling(backend, special + by_kind[BYTE] + by_kind[UNUSED])
    usual = {"bos": "<s>", "eos": "</s>", "pad": "<pad>", "mask": "<mask>"}
    named = {role: text for role, text in usual.items() if text in special} | {"unk": by_kind[UNKNOWN][0]}
    roles = add_markers(backend, named, further)
    return HuggingFaceTokenizer(backend, roles, n_new_tokens=count_ids(backend) - len(model.pieces))


def _backend_model(model: SentencePieceModel) -> models.Model:
    ids = {text: id for id, (text, _, _) in enumerate(model.pieces)}
    unknown = next(id for id, (_, _, kind) in enumerate(model.pieces) if kind == UNKNOWN)
    if model.kind == UNIGRAM:
        scored = [(text, score) for text, score, _ in model.pieces]
        return models.Unigram(scored, unk_id=unknown, byte_fallback=model.byte_fallback)
    return models.BPE(
        ids,
        list(_merges({text: score for text, score, kind in model.pieces if kind in (NORMAL, USER_DEFINED)})),
        unk_token=model.pieces[unknown][0],
        fuse_unk=True,
        byte_fallback=model.byte_fallback,
    )


def _merges(scores: dict[str, float]) -> Iterator[tuple[str, str]]:
    """All ways to make each piece from two others, pieces with better scores first, as sentencepiece merges them."""
    for text in sorted(scores, key=lambda text: -scores[text]):
        halves = ((text[:cut], text[cut:]) for cut in range(1, len(text)))
        yield from ((left, right) for left, right in halves if left in scores and right in scores)


def _normalizers(model: SentencePieceModel, *, whole_text: bool) -> Iterator[normalizers.Normalizer]:
    """Steps of the normaliser; not `whole_text`: it sees pieces of a text, between user-defined symbols."""
    if model.precompiled_charsmap:
        yield normalizers.Precompiled(model.precompiled_charsmap)
    if model.remove_extra_whitespaces:
        if whole_text:
            yield normalizers.Replace(Regex("^ +| +$"), "")
        yield normalizers.Replace(Regex(" {2,}"), " ")
    if model.add_dummy_prefix and whole_text:
        yield normalizers.Prepend(SPACE)
    yield normalizers.Replace(" ", SPACE)


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(number, value) of each field of a protocol-buffer message."""
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        wire_type = key & 7
        if wire_type == 0:
            value, position = _varint(data, position)
            yield key >> 3, value
            continue
        if wire_type == 2:
            size, position = _varint(data, position)
        elif wire_type in (1, 5):
            size = 8 if wire_type == 1 else 4
        else:
            raise ValueError(f"wire type {wire_type}")
        if position + size > len(data):
            raise ValueError("cut short")
        yield key >> 3, data[position : position + size]
        position += size


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position


def _as_bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise ValueError("a number where text was expected")
    return value


def _as_int(value: int | bytes) -> int:
    if isinstance(value, bytes):
        raise ValueError("text where a number was expected")
    return value
