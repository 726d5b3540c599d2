"""Gopher's rules on repetition beside datatrove's, on made-up texts in which one rule at a time is in question.

What differs on purpose: shares are of the characters in words here, of all characters (white space too) there, so words
are long here and verdicts are compared where the oracle's own is the same with limits a tenth higher and lower. And
every word in a repeated sequence counts once here, as Gopher says; datatrove passes over a whole sequence when it has
counted it, and so leaves out up to n - 1 words at the end of a repeated passage: passages are many sequences long here.
"""

import random
import string

import pytest

from groundup.data.cleaning import repetition as ours
from groundup.data.cleaning.repetition import repetition
from groundup.data.cleaning.words import Measures

pytest.importorskip("datatrove.pipeline.filters", reason="the extra cluster is not installed")
from datatrove.data import Document
from datatrove.pipeline.filters import gopher_repetition_filter as oracle

MARGIN = 0.1


@pytest.fixture(autouse=True)
def words_parted_by_spaces(monkeypatch):
    monkeypatch.setattr(oracle, "split_into_words", lambda text, language: text.split())


class Words:
    """Long words, none of which has been there before."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.count = 0

    def take(self, count):
        self.count += count
        return ["".join(self.chance.choices(string.ascii_lowercase, k=20)) for _ in range(count)]


def oracle_reasons(text, factor, **rules):
    """What datatrove says with its limits times `factor`, and no rules but these."""
    off = {"dup_line_frac": None, "dup_para_frac": None, "dup_line_char_frac": None, "dup_para_char_frac": None}
    limits = {**off, "top_n_grams": (), "dup_n_grams": ()}
    for name, limit in rules.items():
        limits[name] = (
            [(n, value * factor) for n, value in limit.items()] if isinstance(limit, dict) else limit * factor
        )
    result = oracle.GopherRepetitionFilter(**limits).filter(Document(text=text, id="1"))
    return None if result is True else result[1]


def compare(texts, rules, names):
    """Each verdict is the oracle's where its limits leave no doubt; returns how often each rule was met."""
    met = {}
    for text in texts:
        strict, mild = (oracle_reasons(text, factor, **rules) for factor in (1 - MARGIN, 1 + MARGIN))
        found = repetition(Measures(text))
        rule = found.rule if found and found.rule.startswith(tuple(names.values())) else None
        if bool(strict) != bool(mild):
            continue  # too near to a limit to compare
        assert (rule is not None) == (mild is not None), (rule, strict, mild, text)
        met[rule] = met.get(rule, 0) + 1
    return met


def repeated_items(separator, count=200):
    """Texts of unlike items (lines, paragraphs), some of which have stood before."""
    for seed in range(count):
        words = Words(seed)
        # Whole texts of short repeated items and long others, and the reverse, so that both rules on them are met.
        length, again = words.chance.choice([(6, 3), (4, 4), (3, 8)])
        share = words.chance.uniform(0, 0.7)
        number = words.chance.randint(10, 40)
        repeats = round(share * number)
        pool = [" ".join(words.take(again)) for _ in range(max(1, repeats // 3))]
        items = [" ".join(words.take(length)) for _ in range(number - repeats)] + [
            words.chance.choice(pool) for _ in range(repeats)
        ]
        words.chance.shuffle(items)
        yield separator.join(items)


@pytest.mark.parametrize(("what", "separator"), [("line", "\n"), ("para", "\n\n")])
def test_repeated_lines_and_paragraphs_are_judged_alike(what, separator):
    rules = {f"dup_{what}_frac": ours.MAX_LINES, f"dup_{what}_char_frac": ours.MAX_LINE_CHARACTERS}
    # Paragraphs of one line each are repeated lines, too, which we look at first.
    names = {"share": "repeated ", "characters": "characters in repeated lines"}
    met = compare(repeated_items(separator), rules, names)
    assert met.pop(None) >= 20
    assert set(met) == {"repeated lines", "characters in repeated lines"}
    assert min(met.values()) >= 10


def short_paragraphs(count=150):
    """Texts of unlike paragraphs of several lines, and a short one that comes again: few lines, many paragraphs."""
    for seed in range(count):
        words = Words(seed)
        number, often = words.chance.randint(10, 30), words.chance.choice([1, 1, words.chance.randint(2, 25)])
        lines = words.chance.randint(3, 6)
        short = " ".join(words.take(words.chance.randint(3, 5)))
        if often > 1 and (often - 1) * len(short) < 0.12 * (number * lines * 80 + often * len(short)):
            continue  # repeated paragraphs of less than a tenth of the characters do not count here, on purpose
        parts = ["\n".join(" ".join(words.take(4)) for _ in range(lines)) for _ in range(number)] + [short] * often
        words.chance.shuffle(parts)
        yield "\n\n".join(parts)


def test_paragraphs_whose_lines_are_few_are_judged_alike():
    both = {"dup_para_frac": ours.MAX_PARAGRAPHS, "dup_para_char_frac": ours.MAX_PARAGRAPH_CHARACTERS}
    lines = {"dup_line_frac": ours.MAX_LINES, "dup_line_char_frac": ours.MAX_LINE_CHARACTERS}
    names = {"lines": "repeated lines", "paragraphs": "repeated paragraphs", "characters": "characters in repeated"}
    met = compare(short_paragraphs(), {**both, **lines}, names)
    assert met.pop(None) >= 20
    assert met["repeated paragraphs"] >= 10


def commonest(n, count=200):
    """Texts in which one sequence of `n` words comes again and again between unlike words."""
    for seed in range(count):
        words = Words(seed)
        often, phrase = words.chance.randint(2, 30), words.take(n)
        gaps = words.chance.randint(n, 12 * n)
        parts = [word for _ in range(often) for word in (*words.take(max(1, gaps)), *phrase)]
        yield " ".join(parts)


@pytest.mark.parametrize("n", list(ours.MAX_TOP))
def test_the_commonest_sequence_is_judged_alike(n):
    names = {"top": f"commonest sequence of {n} words"}
    # Shorter ones are looked at first, on both sides: with n words in a row, n - 1 are in a row as well.
    rules = {"top_n_grams": {k: limit for k, limit in ours.MAX_TOP.items() if k <= n}}
    met = compare(commonest(n), rules, {"top": "commonest sequence of"})
    assert met.pop(None) >= 20
    assert names["top"] in met


def passages(count=150):
    """Texts in which a long passage stands twice, among unlike words: no line and no short sequence is common."""
    for seed in range(count):
        words = Words(seed)
        passage = words.take(300)
        rest = words.take(words.chance.randint(300, 6000))
        place = words.chance.randrange(len(rest))
        yield " ".join([*passage, *rest[:place], *passage, *rest[place:]])


def test_characters_in_repeated_sequences_are_judged_alike():
    met = compare(passages(), {"dup_n_grams": ours.MAX_REPEATED}, {"repeated": "characters in repeated sequences"})
    assert met.pop(None) >= 20
    assert sum(met.values()) >= 20
    # Where five words in a row pass, more in a row are measured against lower limits: 5 to 10 all have their turn.
    assert len(met) >= 4


def test_limits_are_those_that_datatrove_has_from_the_paper():
    published = oracle.GopherRepetitionFilter()
    assert dict(published.top_n_grams) == ours.MAX_TOP
    assert dict(published.dup_n_grams) == ours.MAX_REPEATED
    lines = published.dup_line_frac, published.dup_line_char_frac
    assert lines == (ours.MAX_LINES, ours.MAX_LINE_CHARACTERS)
    assert (published.dup_para_frac, published.dup_para_char_frac) == (
        ours.MAX_PARAGRAPHS,
        ours.MAX_PARAGRAPH_CHARACTERS,
    )
