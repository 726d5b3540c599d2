"""Gopher's and FineWeb's rules beside datatrove's, given words as white space parts them (its tokenizer is large).

Where quality.py departs on purpose, and says so, the texts here keep to the common ground.
"""

import random

import pytest

from groundup.data.cleaning import quality
from groundup.data.cleaning.words import Measures

filters = pytest.importorskip("datatrove.pipeline.filters", reason="the extra cluster is not installed")
from datatrove.data import Document  # noqa: E402
from datatrove.pipeline.filters import fineweb_quality_filter, gopher_quality_filter  # noqa: E402

WORDS = [
    "the",
    "lamp",
    "and",
    "boat",
    "of",
    "letter",
    "extraordinarily",
    "incomprehensibilities",
    "a",
    "to",
    "it",
    "x9",
]
STRANGE = ["12", "2024", "7", "word#", "tag#", "so...", "1984"]
REASONS = {
    "gopher_below_avg_threshold": "mean word length",
    "gopher_above_avg_threshold": "mean word length",
    "gopher_too_many_hashes": "# or ... per word",
    "gopher_too_many_ellipsis": "# or ... per word",
    "gopher_too_many_bullets": "lines that are bullets",
    "gopher_too_many_end_ellipsis": "lines that end with ...",
    "gopher_below_alpha_threshold": "words with a letter",
    "gopher_enough_stop_words": "stop words",
    "line_punct_ratio": "lines that end with punctuation",
    "short_line_ratio": "short lines",
    "list_ratio": "line ends per word",
}


@pytest.fixture(autouse=True)
def words_parted_by_spaces(monkeypatch):
    for module in (gopher_quality_filter, fineweb_quality_filter):
        monkeypatch.setattr(module, "split_into_words", lambda text, language: text.split())


def texts(count, ends, ends_from=0):
    """Texts of ten lines and more, each of a kind of its own: shares are drawn anew, so that every rule is met."""
    chance = random.Random(len(ends))
    unusual = STRANGE if "..." in ends else [word for word in STRANGE if "..." not in word]
    for _ in range(count):
        strange, end = chance.choice([0, 0.1, 0.3]), chance.choice([0.05, 0.3, 0.8])
        words, bullet = chance.sample(WORDS, chance.randint(1, len(WORDS))), chance.choice([0, 0, 0.97])
        longest = chance.choice([2, 4, 16])
        lines = []
        for _ in range(chance.randint(10, 40)):
            line = " ".join(
                chance.choice(unusual if chance.random() < strange else words)
                for _ in range(chance.randint(1, longest))
            )
            line = f"-{line}" if chance.random() < bullet else line
            lines.append(line + chance.choice(ends) if chance.random() < end and len(line) >= ends_from else line)
        yield "\n".join(lines)


def verdict(result):
    return None if result is True else REASONS[result[1]]


def test_gopher_judges_alike():
    oracle = gopher_quality_filter.GopherQualityFilter(min_doc_words=None, max_doc_words=None)
    met = set()
    for text in texts(1500, ["...", "."]):
        m = Measures(text)
        found = quality.gopher(m) or quality.stop_words(m, "en")
        wanted = verdict(oracle.filter(Document(text=text, id="1")))
        if wanted == "stop words" and len(quality.STOP_WORDS.intersection(m.normal)) >= quality.MIN_STOP_WORDS:
            continue  # one stands before a full stop, and so is no stop word there
        met.add(wanted)
        assert (found.rule if found else None) == wanted, text
    assert met == {None, *(rule for reason, rule in REASONS.items() if reason.startswith("gopher"))}


def test_fineweb_judges_alike_but_for_short_lines_that_are_sentences():
    # Its limit on repeated lines is left to repetition.py, and a short line with a full stop is speech or verse.
    oracle = fineweb_quality_filter.FineWebQualityFilter(char_duplicates_ratio=1.0)
    met = set()
    for text in texts(1500, [".", "!", "?"], quality.SHORT_LINE + 1):
        found = quality.fineweb(Measures(text))
        wanted = verdict(oracle.filter(Document(text=text, id="1")))
        met.add(wanted)
        assert (found.rule if found else None) == wanted, text
    assert met == {None, "lines that end with punctuation", "short lines", "line ends per word"}
