"""As much of a stream of texts as a tokenizer can be trained on in bounded memory.

The trainer of `tokenizers` keeps every distinct word with its positions: about 100 bytes of memory for each byte of
distinct words. A gigabyte of English prose has a few megabytes of them; a gigabyte of Chinese, where a "word" is all
that stands between two punctuation marks, has hundreds.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

DISTINCT_BYTES: Final = 16_000_000
"""Budget for distinct words: about 2 GB of memory."""
TOTAL_BYTES: Final = 1_000_000_000
"""Budget for text: beyond it merges hardly change, and the trainer's 32-bit pair counts could overflow."""
_HEAD_START: Final = 0.1
"""Share of the budgets that the beginning may spend at once: every text begins with many new words."""

# Near enough to the words that the tokenizer will see, and fast.
_WORD = re.compile(r"\w+|[^\w\s]+")
_MEASURE_ONE_IN: Final = 8


class TextSample:
    """Iterates over `texts`: over all while the budgets last.

    If `text_bytes`, about how much text there is, is known, the budgets are spent in step with the progress through it:
    of too rich a stream, texts are left out everywhere alike. If not, the sample ends when a budget is used up.
    The same texts in the same order give the same sample.
    """

    def __init__(
        self,
        texts: Iterable[str],
        text_bytes: int | None = None,
        *,
        distinct_budget: int = DISTINCT_BYTES,
        total_budget: int = TOTAL_BYTES,
    ):
        self._texts = texts
        self._text_bytes = text_bytes
        self._distinct_budget = distinct_budget
        self._total_budget = total_budget
        self.bytes_taken = 0
        self.is_partial = False

    def __iter__(self) -> Iterator[str]:
        words: set[str] = set()
        distinct_bytes = seen_bytes = taken = 0
        for text in self._texts:
            size = len(text.encode("utf-8", "replace"))
            seen_bytes += size
            progress = seen_bytes / self._text_bytes if self._text_bytes else 1.0
            pace = min(1.0, _HEAD_START + (1 - _HEAD_START) * progress)
            if distinct_bytes > pace * self._distinct_budget or self.bytes_taken > pace * self._total_budget:
                self.is_partial = True
                if pace == 1.0:
                    return
                continue
            if taken % _MEASURE_ONE_IN == 0:
                new = set(_WORD.findall(text)) - words
                words |= new
                # An upper estimate: each of the texts that are not measured adds at most as many.
                distinct_bytes += _MEASURE_ONE_IN * sum(len(word.encode("utf-8", "replace")) for word in new)
            taken += 1
            self.bytes_taken += size
            yield text
