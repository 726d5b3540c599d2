"""Training a unigram tokenizer (Kudo 2018, "Subword Regularization") over bytes.

Like the byte-level BPE it never lacks a character and gives back exactly the text that went in. llama.cpp has no
unigram model over bytes, so such a tokenizer serves here and in transformers only.
"""

import json
from collections.abc import Iterable
from typing import Any

import tokenizers
from tokenizers import models, pre_tokenizers, trainers

from groundup.tokenizer.byte_level import byte_level_backend
from groundup.tokenizer.token_bytes import character_to_byte

# The trainer drops rare pieces after its last pruning and so ends below the size asked for: it is asked for more.
_OVERSHOOT = 1.3
# Bytes that the text lacks get the lowest score plus steps of 1e-4, in an order that is left to chance.
_SCORE_DIGITS = 6
_FILLER_RANGE = 0.03


def train_unigram(texts: Iterable[str], vocab_size: int, special: list[str]) -> tokenizers.Tokenizer:
    """Train on `texts`. The vocabulary has `vocab_size` entries, or fewer where the text is too short."""
    backend = byte_level_backend(models.Unigram())
    trainer = trainers.UnigramTrainer(
        vocab_size=max(vocab_size, int(vocab_size * _OVERSHOOT)),
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator(texts, trainer=trainer)
    serialised = json.loads(backend.to_str())
    serialised["model"]["vocab"] = _in_one_form(serialised["model"]["vocab"], special, vocab_size)
    return tokenizers.Tokenizer.from_str(json.dumps(serialised))


def _in_one_form(vocabulary: list[list[Any]], special: list[str], vocab_size: int) -> list[list[Any]]:
    """The best `vocab_size` entries in a fixed order: special tokens, then by falling score, all bytes among them.

    The trainer adds up scores on several threads, so that their last digits, and with them the order of ties, change
    from run to run; here they do not.
    """
    alphabet = character_to_byte()
    pieces = {piece: round(score, _SCORE_DIGITS) for piece, score in vocabulary if piece not in special}
    lowest = min(pieces.values())
    for piece in alphabet:
        if pieces[piece] < lowest + _FILLER_RANGE:
            pieces[piece] = lowest
    order = sorted(pieces, key=lambda piece: (-pieces[piece], piece))
    longer = [piece for piece in order if piece not in alphabet]
    kept = set(longer[: vocab_size - len(special) - len(alphabet)]) | set(alphabet)
    return [[token, 0.0] for token in special] + [[piece, pieces[piece]] for piece in order if piece in kept]
