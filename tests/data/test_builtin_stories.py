"""The built-in stories: the same everywhere, rich, and with held-out combinations kept apart."""

import hashlib
import re
from collections import Counter
from itertools import islice

import pytest

from groundup.data.builtin.cast import is_held_out
from groundup.data.builtin.dialogues import generate_dialogues
from groundup.data.builtin.grammar import plots
from groundup.data.builtin.lexicon import article
from groundup.data.builtin.stories import generate_corpus, generate_stories, story
from groundup.data.builtin.writer import finish

SOME = 1500


@pytest.fixture(scope="module")
def stories():
    return list(islice(generate_stories(3), SOME))


def test_a_story_depends_on_its_numbers_alone(stories):
    assert story(3, 1234) == stories[1234]
    assert next(generate_stories(3, start=700)) == stories[700]
    assert story(4, 1234).text != stories[1234].text


def test_the_same_stories_on_every_platform_and_python():
    text = "\n".join(generate_corpus(7, 200_000))
    assert (
        hashlib.sha256(text.encode()).hexdigest() == "e95a1a8811a884af67f578d086a1e9d472d20bb4d4d336fe0f2243f98d7c07ec"
    )


def test_no_story_comes_twice(stories):
    assert len({one.text for one in stories}) == SOME


def test_every_plot_is_told_about_equally_often(stories):
    told = Counter(one.plot for one in stories)
    assert len(plots()) >= 12
    assert set(told) == {plot.name for plot in plots()}
    assert min(told.values()) > SOME / len(plots()) / 3


def test_stories_have_the_length_of_short_stories(stories):
    lengths = sorted(len(one.text.split()) for one in stories)
    assert lengths[SOME // 20] >= 90
    assert lengths[SOME // 2] in range(140, 220)
    assert lengths[-SOME // 20] <= 300


def test_a_story_names_its_hero_and_shows_no_trace_of_the_notation(stories):
    for one in stories:
        assert one.hero.name in one.text
        assert not set(one.text) & set("{}[]()|*~^_@<>:;")
        assert "  " not in one.text
        assert one.text == one.text.strip()


def test_most_stories_mention_their_object(stories):
    assert sum(one.object.noun.one in one.text for one in stories) > 0.6 * SOME


def test_held_out_combinations_come_in_validation_only(stories):
    def combination(one):
        return one.hero.noun, one.object.noun.one, one.plot

    held_out = list(islice(generate_stories(3, held_out=True), 200))
    assert all(is_held_out(*combination(one)) for one in held_out)
    assert not any(is_held_out(*combination(one)) for one in stories)


def test_held_out_is_a_small_share_of_all_combinations():
    kinds, things, names = [f"kind{i}" for i in range(20)], [f"thing{i}" for i in range(50)], ["lost", "found"]
    share = sum(is_held_out(k, t, n) for k in kinds for t in things for n in names) / 2000
    assert 0.03 < share < 0.07


def test_a_corpus_has_the_size_that_was_asked_for():
    texts = list(generate_corpus(1, 50_000))
    size = sum(map(len, texts))
    assert 50_000 <= size < 50_000 + len(texts[-1])
    assert list(generate_corpus(1, 20_000)) == texts[: len(list(generate_corpus(1, 20_000)))]


def test_articles_go_by_the_word_that_follows(stories):
    texts = [one.text for one in stories] + [
        message["content"] for one in islice(generate_dialogues(3), SOME) for message in one["messages"]
    ]
    said = {pair for text in texts for pair in re.findall(r"\b([Aa]n?) ([a-z][\w-]*)", text)}
    assert len(said) > 200
    assert {pair for pair in said if pair[0].lower() != article(pair[1])} == set()


def test_finish_writes_capitals_and_paragraphs():
    assert (
        finish(' ^ the fox ran. ^ "^ help!" cried she.\n\n ^ it was over.')
        == 'The fox ran. "Help!" cried she.\n\nIt was over.'
    )
