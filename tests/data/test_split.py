"""The split: pure, frozen, both sides with text."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.data.split import SplitRule, choose_rule
from groundup.utils.errors import UserError

ids = st.lists(st.integers(0, 2**128 - 1).map(lambda value: f"{value:032x}"), min_size=2, unique_by=lambda i: i[:16])
fractions = st.floats(1e-6, 1 - 1e-6)


@given(ids, fractions)
def test_both_sides_have_text(ids, fraction):
    rule = choose_rule(ids, fraction)
    assert {rule.side(i) for i in ids} == {"train", "val"}


@given(ids, ids, fractions)
def test_a_kept_rule_never_moves_an_old_section(old, new, fraction):
    rule = choose_rule(old, fraction)
    before = {i: rule.side(i) for i in old}
    kept = SplitRule.from_dict(rule.to_dict())
    after = {i: kept.side(i) for i in reversed(new + old)}
    assert kept == rule
    assert all(after[i] == side for i, side in before.items())


def test_about_the_fraction_is_for_validation():
    ids = [hashlib.sha256(str(n).encode()).hexdigest()[:32] for n in range(20_000)]
    rule = choose_rule(ids, 0.05)
    assert 0.045 < sum(rule.side(i) == "val" for i in ids) / len(ids) < 0.055
    assert rule.threshold == int(0.05 * 2**64)


def test_threshold_moves_as_little_as_needed():
    low, middle, high = "8" * 32, "a" * 32, "f" * 32
    assert [choose_rule([high, middle, low], 0.01).side(i) for i in (low, middle, high)] == ["val", "train", "train"]
    assert [choose_rule([high, middle, low], 0.99999).side(i) for i in (low, middle, high)] == ["val", "val", "train"]


@pytest.mark.parametrize("ids", [[], ["0" * 32], ["0" * 32, "0" * 32]])
def test_too_little_text_says_what_to_do(ids):
    with pytest.raises(UserError, match=r"Not enough text .* Add more text"):
        choose_rule(ids, 0.05)


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 5, float("nan")])
def test_impossible_fraction(fraction):
    with pytest.raises(UserError, match="between 0 and 1"):
        choose_rule(["0" * 32, "1" * 32], fraction)


@pytest.mark.parametrize("value", [{}, {"kind": "content hash"}, {"kind": "x", "threshold": "1"}, {"threshold": 3}])
def test_damaged_record_of_a_rule(value):
    with pytest.raises(UserError, match="recorded split"):
        SplitRule.from_dict(value)
