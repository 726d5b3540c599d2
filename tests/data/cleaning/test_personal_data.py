"""Personal data: what is found, and what looks like it and is not."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup.data.cleaning import personal
from groundup.data.cleaning.personal import drop_personal, iban_checksum, luhn, mask_personal


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Write to anna.b+news@mail.example.co.uk, please.", "Write to <email>, please."),
        ("anna [at] example [dot] org or bob(at)example.org", "<email> or <email>"),
        ("mail me: anna at example dot com", "mail me: <email>"),
        ("jürgen@müller.de und ANNA＠EXAMPLE.COM", "<email> und <email>"),
        ("Card 4111 1111 1111 1111 or 5500-0000-0000-0004.", "Card <card> or <card>."),
        ("Amex 378282246310005!", "Amex <card>!"),
        ("IBAN DE89 3704 0044 0532 0130 00, GB82WEST12345698765432", "IBAN <iban>, <iban>"),
        ("from 203.0.113.77 and 2001:db8::8a2e:370:7334", "from <ip> and <ip>"),
        ("call +49 30 901820 or (212) 555-0100 or 212-555-0100", "call <phone> or <phone> or <phone>"),
        ("Tel. 020 7946 0958, 01 23 45 67 89", "Tel. <phone>, <phone>"),
        ("id AKIAIOSFODNN7EXAMPLE end", "id <key> end"),
        ("id AKIACJEPMPDAISHBXIPL end", "id <key> end"),
        ("ghp_" + "a1B2" * 9 + " sk-proj-" + "Ab3" * 10, "<key> <key>"),
        ('api_key = "9f8e7d6c5b4a39281706"', 'api_key = "<key>"'),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nx", "<key>\nx"),
    ],
)
def test_what_is_masked(text, masked):
    result, findings = mask_personal(text)
    assert result == masked
    assert sum(finding.count for finding in findings) == result.count("<") or result == text


@pytest.mark.parametrize(
    "text",
    [
        "In 1990-1995 some 1,234,567 people, 3.14159265358979 and 10/12/2024.",
        "Card 4111 1111 1111 1112 fails its checksum; 0000 0000 0000 0000 is none.",
        "DE89 3704 0044 0532 0130 01 is no account.",
        "Version 10.12.14.3 came after 1.2.3.4.5.",
        "They met at noon, at home. He was @ 5. ISBN 978-3-16-148410-0.",
        "It costs $1,299.99 or 12 345 678 in all; at 10:30:45 she left.",
        "password: correct-horse-battery",
    ],
)
def test_what_stays(text):
    assert mask_personal(text) == (text, [])


def test_drop_says_what_it_found():
    text, findings = drop_personal("Write to anna@example.com or bob@example.com.")
    assert text == "Write to anna@example.com or bob@example.com."
    assert [(f.rule, f.value, f.drops) for f in findings] == [("email", 2, True)]
    assert drop_personal("Nothing.") == ("Nothing.", [])


@settings(deadline=None)
@given(st.text(alphabet="0123456789", min_size=11, max_size=18))
def test_every_single_wrong_digit_fails_the_luhn_checksum(digits):
    check = next(d for d in "0123456789" if luhn(digits + d))
    assert [d for d in "0123456789" if luhn(digits + d)] == [check]


def test_iban_checksum_finds_swapped_digits():
    assert iban_checksum("DE89370400440532013000")
    assert not iban_checksum("DE89370400440532010300")
    assert not iban_checksum("DE8937040044053201300")


@settings(deadline=None)
@given(st.text(alphabet="a1 @.:-+()[]<>=/\nat dot", max_size=200))
def test_masking_is_quick_and_stable(text):
    masked, _ = mask_personal(text)
    assert mask_personal(masked)[0] == masked


# What each form begins with, holds or is spelt with, to be put together at random.
FRAGMENTS = [
    *(
        "anna",
        "anna",
        "@",
        " at ",
        "[at]",
        "( at )",
        " AT ",
        "_at_",
        "&#64;",
        "%40",
        "＠",
        "{at}",
        "<at>",
        ".",
        " dot ",
    ),
    *("example", "com", "org", " ", " ", "\n", ", ", ":", "=", " = ", '"', "'"),
    *("key", "api_key", "Token", "PASSWORD", "passwd", "secret", "correct-horse-battery-9X", "9f8e7d6c5b4a39281706"),
    *("4111 1111 1111 1111", "DE89370400440532013000", "203.0.113.77", "2001:db8::8a2e:370:7334", "+49 30 901820"),
    *("(212) 555-0100", "0", "19", "AKIAIOSFODNN7EXAMPLE", "ghp_" + "a1B2" * 9, "hf_" + "a1B" * 11, "sk-" + "Ab3" * 10),
    *("-----BEGIN PRIVATE KEY-----", "SG." + "a" * 20 + "." + "b" * 20, "npm_" + "a1B" * 12, "xoxb-" + "a1" * 10),
]


def test_looking_only_where_a_form_may_stand_misses_none(monkeypatch):
    chance = random.Random(1)
    texts = [f"At 9: {fragment} end" for fragment in FRAGMENTS]
    texts += [f"At 9: anna{at}example{dot}org" for at in FRAGMENTS for dot in (".", " dot ", "[dot]")]
    texts += [f"At 9, {name}{sign}9f8e7d6c5b4a39281706" for name in FRAGMENTS for sign in (":", " = ", '="')]
    texts += ["".join(chance.choices(FRAGMENTS, k=chance.randint(1, 10))) for _ in range(3000)]
    quick = [mask_personal(text) for text in texts]
    monkeypatch.setattr(personal, "_NEEDS", dict.fromkeys(personal._NEEDS, lambda text: True))
    monkeypatch.setattr(personal, "_may_name_secret", lambda text: True)
    assert [mask_personal(text) for text in texts] == quick
    assert {finding.rule for _, found in quick for finding in found} == {"key", "email", "iban", "card", "ip", "phone"}
