"""The parser of the built-in grammar: it knows every sentence of the stories, and little else."""

import random
from itertools import islice

import pytest

from groundup.data.builtin.parser import is_well_formed
from groundup.data.builtin.stories import generate_stories
from groundup.data.builtin.tokens import capital_positions, is_complete, spaced, split_sentences, words_of

IRREGULAR_PAST = {
    "was": "were",
    "went": "go",
    "saw": "see",
    "had": "have",
    "took": "take",
    "found": "find",
    "felt": "feel",
}
PROMISED_SHARE_REFUSED = 0.95


@pytest.fixture(scope="module")
def sentences():
    found = {s: None for one in islice(generate_stories(11), 500) for s in split_sentences(one.text)}
    return list(found)


def test_every_sentence_of_the_stories_is_well_formed(sentences):
    assert [s for s in sentences if not is_well_formed(s)] == []


def test_every_sentence_of_held_out_stories_is_well_formed():
    for one in islice(generate_stories(11, held_out=True), 100):
        assert all(is_well_formed(s) for s in split_sentences(one.text))


@pytest.mark.parametrize(
    "sentence",
    [
        "Tom was very happy.",
        "Mia found a red ball behind the shed.",
        '"Thank you so much, Mia. You are a kind friend," said Tom softly.',
        '"Can you help me, Mia?" asked Tom.',
        "Because she felt sad, Mia sat down and cried.",
        "The little fox hugged his mom.",
        "Tom and Mia played chess together.",
    ],
)
def test_plain_sentences_are_well_formed(sentence):
    assert is_well_formed(sentence)


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("Tom were very happy.", "agreement"),
        ("Tom was happy very.", "order of words"),
        ("Tom was proud of herself.", "reflexive pronoun"),
        ("Mia found an red ball behind the shed.", "article before a consonant"),
        ("Mia found a old ball behind the shed.", "article before a vowel"),
        ("Mia found a red ball behind shed.", "a missing article"),
        ("Mia find a red ball behind the shed.", "tense"),
        ("Mia loved to played chess.", "form of the verb"),
        ("Tom ate a stone.", "object that does not suit the verb"),
        ("Tom drank a ladder.", "object that does not suit the verb"),
        ("Mia wore a muffin.", "object that does not suit the verb"),
        ("Tom hugged her mom.", "whose mom"),
        ("tom was very happy.", "no capital"),
        ("Tom was Very happy.", "a capital too many"),
        ("Tom was very happy", "no full stop"),
        ("Tom  was very happy.", "spacing"),
        ("Tom was very happy .", "spacing"),
        ('"Thank you, Mia, said Tom softly.', "quotation never closed"),
        ('Thank you, Mia," said Tom softly.', "quotation never opened"),
        ("Tom blorped very happy.", "no word"),
        ("Happy happy happy.", "no sentence"),
        ("", "nothing"),
        ("The moon.", "no verb"),
    ],
)
def test_wrong_sentences_are_refused(sentence, wrong):
    assert not is_well_formed(sentence), wrong


def swap_words(tokens, draw):
    places = [i for i in range(len(tokens) - 1) if tokens[i].isalpha() and tokens[i + 1].isalpha()]
    i = draw.choice(places)
    return [*tokens[:i], tokens[i + 1], tokens[i], *tokens[i + 2 :]]


def double_word(tokens, draw):
    i = draw.choice([i for i, token in enumerate(tokens) if token.isalpha()])
    return [*tokens[:i], tokens[i], *tokens[i:]]


def drop_word(tokens, draw):
    i = draw.choice([i for i, token in enumerate(tokens) if token.isalpha()])
    return [*tokens[:i], *tokens[i + 1 :]]


def misspell(tokens, draw):
    i = draw.choice([i for i, token in enumerate(tokens) if len(token) > 2])
    at = draw.randrange(1, len(tokens[i]))
    return [*tokens[:i], tokens[i][:at] + draw.choice("bcdfgjkpqvwxz") + tokens[i][at:], *tokens[i + 1 :]]


def wrong_article(tokens, draw):
    return [{"a": "an", "an": "a"}.get(token, token) for token in tokens]


def wrong_form(tokens, draw):
    return [IRREGULAR_PAST.get(token, token) for token in tokens]


def lost_quotation_mark(tokens, draw):
    places = [i for i, token in enumerate(tokens) if token == '"']
    i = draw.choice(places) if places else len(tokens)
    return [*tokens[:i], *tokens[i + 1 :]]


@pytest.mark.parametrize(
    "corrupt", [swap_words, double_word, misspell, wrong_article, wrong_form, lost_quotation_mark, drop_word]
)
def test_corrupted_sentences_are_refused(corrupt, sentences):
    draw = random.Random(5)
    refused = tried = 0
    for sentence in sentences[:2500]:
        tokens = small_letters(words_of(sentence))
        if len([token for token in tokens if token.isalpha()]) < 3:
            continue
        changed = corrupt(tokens, draw)
        if changed != tokens:
            tried += 1
            refused += not is_well_formed(spaced(with_capitals(changed)))
    assert tried > 300
    # a sentence that lost an adverb is still one: dropped words may stay a little below
    assert refused / tried > (0.93 if corrupt is drop_word else PROMISED_SHARE_REFUSED)


def small_letters(tokens):
    places = capital_positions(tokens)
    return [t[0].lower() + t[1:] if due and t != "I" else t for t, due in zip(tokens, places, strict=True)]


def with_capitals(tokens):
    return [t[0].upper() + t[1:] if due else t for t, due in zip(tokens, capital_positions(tokens), strict=True)]


def test_split_sentences_keeps_what_is_said_with_who_says_it():
    text = (
        '"Oh no! My hat is gone," said Tom. He cried. "Help!" called Mia. Tom said, "Here I am." She ran.\n\nThe end.'
    )
    assert split_sentences(text) == [
        '"Oh no! My hat is gone," said Tom.',
        "He cried.",
        '"Help!" called Mia.',
        'Tom said, "Here I am."',
        "She ran.",
        "The end.",
    ]


def test_split_sentences_keeps_what_has_no_end():
    assert split_sentences("He ran. She sat down and") == ["He ran.", "She sat down and"]
    assert [is_complete(s) for s in split_sentences('He ran. She said, "Go!" Then she')] == [True, True, False]
    assert split_sentences("") == []


def test_spacing_is_restored(sentences):
    assert all(spaced(words_of(sentence)) == sentence for sentence in sentences)
