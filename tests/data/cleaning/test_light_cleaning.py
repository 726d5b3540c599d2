"""Cleaning: each thing it does, nothing else, and the same for a text in pieces."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.data.cleaning.light import changes, clean, clean_pieces
from groundup.data.cleaning.profile import resolve
from groundup.utils.errors import UserError

alphabet = st.sampled_from([*"ab1 \t\n\r\x00\x0b\x0c\x1f\x7f\x85", "\u0301", "\u2028", "\ufeff", "é", "한", "\u1100"])
nasty = st.one_of(st.text(), st.lists(alphabet, max_size=60).map("".join))


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("cafe\u0301", "café"),
        ("a\x00b\x07c\x7fd\x9fe", "abcde"),
        ("tab\tstays", "tab\tstays"),
        ("page\x0cpage\u2028line\x85line", "page\npage\nline\nline"),
        ("\ufeffmark", "mark"),
        ("spaces  \t\nhere  ", "spaces\nhere"),
        ("a\n\n\n\n\nb\n \n \nc\n\nd", "a\n\nb\n\nc\n\nd"),
        ("\n  text \n\n", "text"),
        ("👩\u200d👧 “quotes” — 2\u00a0km", "👩\u200d👧 “quotes” — 2\u00a0km"),
        ("\x00 \n\t", ""),
    ],
)
def test_light(raw, cleaned):
    assert clean(raw, "light") == cleaned


def test_none_changes_line_ends_only():
    assert clean("\r\n  cafe\u0301\x00 \r\n\n\n\nb \n\n", "none") == "  cafe\u0301\x00 \n\n\n\nb "


@given(nasty, st.sampled_from(["none", "light"]))
def test_clean_stays_clean(text, level):
    once = clean(text, level)
    assert clean(once, level) == once
    if level == "light":
        assert unicodedata.is_normalized("NFC", once)
        assert not any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in once if c not in "\n\t")


@given(st.lists(nasty, max_size=8), st.sampled_from(["none", "light"]), st.integers(10, 40))
def test_pieces_make_no_difference(pieces, level, size):
    # Without a place to cut, a text is cut anywhere after sixteen pieces: such texts are not meant here.
    words = [piece[: 4 * size] + "\nword and word " for piece in pieces]
    assert "".join(clean_pieces(words, level, size=size)) == clean("".join(words), level)


def test_a_long_text_comes_out_in_pieces():
    pieces = list(clean_pieces(("one two three\n\n\n\n" * 10 for _ in range(100)), "light", size=500))
    assert len(pieces) > 10
    assert max(map(len, pieces)) < 1000
    assert "".join(pieces) == "one two three\n\n" * 999 + "one two three"


def test_a_text_without_any_place_to_cut_is_cut_somewhere():
    pieces = list(clean_pieces(("。" * 100 for _ in range(100)), "light", size=100))
    assert "".join(pieces) == "。" * 10_000
    assert max(map(len, pieces)) <= 1700


def test_unknown_level_names_the_nearest():
    with pytest.raises(UserError, match='"light"'):
        resolve("ligth")


def test_changes_are_counted_rule_by_rule():
    raw = "\ufeff\n  One \r\ntwo\x00\t\n\n \n\n\nthree\x0cfour cafe\u0301\u2028five  \n"
    text = clean(raw, "light")
    assert text == "One\ntwo\n\nthree\nfour caf\u00e9\nfive"
    found = {finding.rule: finding.count for finding in changes(raw, text, "light")}
    assert found == {
        "carriage returns": 1,
        "form feeds and other separators of lines": 2,
        "control characters": 2,
        "lines in another Unicode form than NFC": 1,
        "spaces before a line end": 3,
        "several blank lines": 1,
    }
    assert changes("\n\n a b\n\n", "a b", "light") == []
    assert [finding.rule for finding in changes("a\r\nb", "a\nb", "none")] == ["carriage returns"]
    assert changes("a \n\n\n\nb\n", "a \n\n\n\nb", "none") == []


@given(nasty)
def test_no_change_of_light_cleaning_goes_untold(raw):
    text = clean(raw, "light")
    assert bool(changes(raw, text, "light")) == (text != raw.strip())
