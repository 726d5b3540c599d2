from itertools import islice

import pytest

from groundup.data.builtin.stories import generate_corpus
from groundup.evaluation.writing import complete_sentences, judge
from groundup.utils.errors import UserError

STORIES = list(islice(generate_corpus(1, 10_000), 4))
OTHERS = list(islice(generate_corpus(2, 10_000), 4))


def test_reciting_the_training_text_is_grammatical_and_not_new() -> None:
    found = judge(STORIES, STORIES)
    assert found.grammatical_share == 1.0
    assert found.novel_share == 0.0


def test_other_stories_are_new() -> None:
    found = judge(OTHERS, STORIES)
    assert found.grammatical_share == 1.0
    assert found.novel_share > 0.8


def test_broken_sentences_count_against_both_shares() -> None:
    good = complete_sentences(OTHERS[0])[:6]
    broken = [
        "Dog the was happily.",
        "She find a apples.",
        "The very.",
        "He said the.",
        "A of to tree.",
        "Ran ran ran.",
    ]
    found = judge([" ".join(good), " ".join(broken)], STORIES)
    assert found.sentences == 12
    assert found.grammatical_share == 0.5


def test_a_sentence_cut_off_by_the_limit_is_not_judged() -> None:
    found = judge([OTHERS[0] + "\n\nThen the small"], STORIES)
    assert found.sentences == len(complete_sentences(OTHERS[0]))


def test_nothing_written_is_said() -> None:
    with pytest.raises(UserError, match="no complete sentence"):
        judge(["once upon"], STORIES)
