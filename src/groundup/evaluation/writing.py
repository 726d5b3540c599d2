"""What a model writes, judged where the grammar is known: the share of well-formed sentences, and of new ones.

Well-formed alone would reward copying: a model that recites its training text writes perfect sentences. So the share of
sentences that are well-formed *and* stand nowhere in the training text is told beside it.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from groundup.data.builtin.parser import is_well_formed
from groundup.data.builtin.tokens import is_complete, split_sentences
from groundup.utils.errors import UserError


@dataclass(frozen=True)
class WritingStatistics:
    """Shares of all complete sentences that a model wrote."""

    sentences: int  # complete ones; what the limit of tokens cut off at the end is not judged
    grammatical_share: float  # can be derived in the grammar of the built-in stories
    novel_share: float  # can be derived, and stand nowhere in the training text

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    def describe(self) -> str:
        """As one line."""
        return (
            f"grammatical_share {self.grammatical_share:.3f}   novel_share {self.novel_share:.3f}   "
            f"(of {self.sentences} sentences: well-formed; well-formed and not in the training text)"
        )


def judge(texts: Iterable[str], training_texts: Iterable[str]) -> WritingStatistics:
    """Judge every complete sentence of `texts`. Raises UserError when there is none."""
    written = [sentence for text in texts for sentence in complete_sentences(text)]
    if not written:
        raise UserError("the model wrote no complete sentence: train longer.")
    known = {sentence for text in training_texts for sentence in complete_sentences(text)}
    good = [sentence for sentence in written if is_well_formed(sentence)]
    novel = sum(sentence not in known for sentence in good)
    return WritingStatistics(len(written), len(good) / len(written), novel / len(written))


def complete_sentences(text: str) -> list[str]:
    """The sentences of a text that were written to their end, with single spaces."""
    return [" ".join(sentence.split()) for sentence in split_sentences(text) if is_complete(sentence)]
