"""Which sentences the grammar can make."""

from functools import lru_cache

from groundup.data.builtin.automaton import Recognizer
from groundup.data.builtin.reader import SENTENCE, build
from groundup.data.builtin.tokens import capital_positions, spaced, words_of


@lru_cache(maxsize=1)
def _recognizer() -> Recognizer:
    return Recognizer(build)


def is_well_formed(sentence: str) -> bool:
    """Whether one sentence, spaced and with its marks as written, can be derived in the grammar of the stories.

    The judgement is about the sentence alone: words, agreement, articles, objects that suit their verbs, quotation marks.
    """
    tokens = words_of(sentence)
    if not tokens or spaced(tokens) != sentence:
        return False
    readings: list[tuple[str, ...]] = []
    for token, capital in zip(tokens, capital_positions(tokens), strict=True):
        if capital and not token[0].isupper():
            return False
        readings.append((token, token[0].lower() + token[1:]) if capital else (token,))
    return _recognizer().matches(SENTENCE, readings)
