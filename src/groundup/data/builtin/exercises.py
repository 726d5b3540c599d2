"""Conversations in which the assistant says a sentence again, word for word.

Answers about a passage are mostly words of the passage. A small model learns to fetch words from its context long before
it could find out from answers alone, when many replies consist of nothing else (LOG.md has the comparison).
"""

import random
from collections.abc import Iterator

from groundup.data.builtin.dialogues import Conversation
from groundup.data.builtin.stories import story
from groundup.data.builtin.tokens import is_complete, split_sentences

FRAMES = (
    "Say this again: {sentence}",
    "Please say this again: {sentence}",
    "Say it again. {sentence}",
    "Repeat this:\n\n{sentence}",
    "Please repeat: {sentence}",
    "Repeat after me: {sentence}",
    "Write this once more:\n\n{sentence}",
    "Now you: {sentence}",
)
FEWEST_WORDS, MOST_WORDS = 4, 16
A_STORY = 2  # sentences taken from one story


def generate_exercises(seed: int, *, start: int = 0) -> Iterator[Conversation]:
    """Yield the exercises of a seed for ever; their sentences are those of the stories from number `start` on."""
    number = start
    while True:
        draw = random.Random((seed << 67) | (number << 3) | 4)
        for sentence in draw.sample(sentences := sentences_of(seed, number), min(A_STORY, len(sentences))):
            asked = draw.choice(FRAMES).format(sentence=sentence)
            yield {
                "messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": sentence}],
                "answers": [],
                "answer": "",
            }
        number += 1


def sentences_of(seed: int, number: int) -> list[str]:
    """The sentences of one training story that are neither very short nor very long."""
    sentences = (" ".join(one.split()) for one in split_sentences(story(seed, number).text) if is_complete(one))
    return [one for one in sentences if FEWEST_WORDS <= len(one.split()) <= MOST_WORDS]
