"""How much of what a model wrote is good grammar, and how much of that is its own."""

from collections.abc import Iterable
from dataclasses import dataclass

from groundup.data.builtin.parser import is_well_formed
from groundup.data.builtin.tokens import is_complete, split_sentences


@dataclass(frozen=True)
class SentenceShares:
    """Counts of sentences, and what they are as shares of all complete sentences that were generated."""

    complete: int
    well_formed: int  # derivable in the grammar of the built-in stories
    novel: int  # well formed, and nowhere in the training text

    @property
    def grammatical_share(self) -> float:
        """Well-formed sentences as a share of all complete ones; 0 if there are none."""
        return self.well_formed / self.complete if self.complete else 0.0

    @property
    def novel_share(self) -> float:
        """Well-formed sentences that stand nowhere in the training text, as a share of all complete ones."""
        return self.novel / self.complete if self.complete else 0.0


def sentence_shares(texts: Iterable[str], training_texts: Iterable[str]) -> SentenceShares:
    """Judge the complete sentences of generated texts. White space does not count in the comparison with the training text.

    A text that breaks off in a sentence is judged up to the sentence before. A prompt that should not count must not be in
    the texts.
    """
    generated = [sentence for text in texts for sentence in complete_sentences(text)]
    well_formed = [sentence for sentence in generated if is_well_formed(sentence)]
    training = "\n".join(_normalised(text) for text in training_texts)
    seen = {sentence: _normalised(sentence) in training for sentence in set(well_formed)}
    novel = sum(not seen[sentence] for sentence in well_formed)
    return SentenceShares(len(generated), len(well_formed), novel)


def complete_sentences(text: str) -> list[str]:
    return [sentence for sentence in split_sentences(text) if is_complete(sentence)]


def _normalised(text: str) -> str:
    return " ".join(text.split())
