from itertools import islice

import pytest

from groundup.data.builtin.stories import generate_corpus
from groundup.evaluation.generation import describe_texts, distinct_share, is_builtin_world, self_repetition
from groundup.inference.generation import Completion


def test_distinct_and_repeated_runs_are_counted_by_hand() -> None:
    texts = [list("ababab"), list("abc")]
    assert distinct_share(texts, 1) == pytest.approx(3 / 9)
    assert distinct_share(texts, 2) == pytest.approx(3 / 7)  # ab ba ab ba ab, ab bc
    assert distinct_share(texts, 7) is None
    assert self_repetition(texts, 2) == pytest.approx(3 / 7)  # what another text holds is no repetition
    assert self_repetition(texts, 9) is None


def test_the_share_that_ended() -> None:
    found = describe_texts([Completion("a b", 3, "end_of_text"), Completion("a b c", 9, "max_new_tokens")])
    assert found["ended_share"] == 0.5
    assert (found["texts"], found["words"], found["tokens"]) == (2, 5, 12)


def test_only_the_built_in_stories_are_taken_for_them() -> None:
    assert is_builtin_world(islice(generate_corpus(1, 20_000), 20))
    assert not is_builtin_world(["Call me Ishmael. Some years ago I went to sea."])
    assert not is_builtin_world([])
