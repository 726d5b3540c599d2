"""Training a sentencepiece model as Llama's was: BPE over characters, bytes for rare ones, text kept as it is."""

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from groundup.tokenizer.huggingface import HuggingFaceTokenizer
from groundup.tokenizer.sentencepiece_model import convert, parse_model
from groundup.tokenizer.special_tokens import END_OF_TEXT, PAD, RESERVED
from groundup.utils.errors import UserError

UNKNOWN: Final = "<unk>"
# sentencepiece holds every line that it trains on in memory.
MOST_LINES: Final = 2_000_000


def train(texts: Iterable[str], vocab_size: int, special: list[str]) -> HuggingFaceTokenizer:
    """Train on `texts`; a vocabulary that is too large for them is shrunk. Needs the sentencepiece package.

    The reserved tokens have the ids 0 to 3 as everywhere, `<unk>`, which a sentencepiece model must have, is 4.
    """
    lines = list(_lines(texts))
    if not lines:
        raise UserError("There is no text to train a tokenizer on. Give files with text in them.")
    try:
        return _train(lines, vocab_size, special)
    except RuntimeError as error:
        most = re.search(r"Vocabulary size too high.*<= (\d+)", str(error))
        if not most:
            raise UserError(f"sentencepiece could not train: {str(error).splitlines()[-1]}") from error
    return _train(lines, int(most[1]), special)


def _train(lines: list[str], vocab_size: int, special: list[str]) -> HuggingFaceTokenizer:
    output = io.BytesIO()
    _trainer().train(
        sentence_iterator=iter(lines),
        model_writer=output,
        model_type="bpe",
        vocab_size=vocab_size,
        bos_id=0,
        bos_piece=END_OF_TEXT,
        pad_id=1,
        pad_piece=PAD,
        unk_id=4,
        unk_piece=UNKNOWN,
        eos_id=-1,
        control_symbols=[token for token in special if token not in (END_OF_TEXT, PAD, UNKNOWN)],
        byte_fallback=True,
        normalization_rule_name="identity",
        add_dummy_prefix=False,
        remove_extra_whitespaces=False,
        split_digits=True,
        max_sentence_length=1 << 20,
        num_threads=1,  # so that the same text gives the same model
        minloglevel=2,
    )
    tokenizer = convert(parse_model(output.getvalue()), special)
    assert [tokenizer.token_to_id(token) for token in RESERVED] == [0, 1, 2, 3]
    return tokenizer


def _trainer() -> Any:
    try:
        import sentencepiece
    except ImportError as error:
        raise UserError(
            "Training a sentencepiece tokenizer needs the package sentencepiece: pip install sentencepiece, "
            "or train the kind bpe or unigram."
        ) from error
    return sentencepiece.SentencePieceTrainer


def _lines(texts: Iterable[str]) -> Iterator[str]:
    """Lines without their ends, so that no piece spans two of them; the first ones if there are too many."""
    count = 0
    for text in texts:
        for line in text.split("\n"):
            if line:
                yield line
                count += 1
        if count >= MOST_LINES:
            return
