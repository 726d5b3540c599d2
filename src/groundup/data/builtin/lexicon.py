"""The words by class, as the grammar asks for them: nouns with plural, article and adjectives; places with prepositions."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from groundup.data.builtin.adjectives import ADJECTIVES, FEELINGS, LOOKS, PLACE_ADJECTIVES
from groundup.data.builtin.nouns import NOUNS, PLACES

# names that stand for several classes at once
GROUPS = {
    "food": ("fruit", "treat", "vegetable"),
    "thing": (
        *("toy", "clothing", "treasure", "book", "instrument", "digger", "builder", "household"),
        *("fruit", "treat", "vegetable", "flower", "container"),
    ),
    "tool": ("digger", "builder", "household"),
    "keepsake": ("toy", "clothing", "treasure", "book", "instrument"),
    "place": ("nature", "indoors", "town"),
    "outdoors": ("nature", "town"),
}

_VOWELS = "aeiou"
_VOWEL_LETTER_WITH_A = ("uni", "use", "uku", "one", "eu")
_CONSONANT_LETTER_WITH_AN = ("hour", "honest")
_TOWARDS = {"in": "to the", "on": "up to the", "by": "to the", "at": "to the"}


@dataclass(frozen=True)
class Noun:
    one: str
    many: str
    adjectives: tuple[str, ...] = ()
    at: str = ""  # of a place: "in the", "on the"
    to: str = ""  # of a place: "to the", "up to the"


def article(word: str) -> str:
    """Return "a" or "an", by how `word` sounds."""
    if word.startswith(_CONSONANT_LETTER_WITH_AN):
        return "an"
    return "an" if word[0].lower() in _VOWELS and not word.startswith(_VOWEL_LETTER_WITH_A) else "a"


def plural(noun: str) -> str:
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return noun + "es"
    return noun[:-1] + "ies" if noun.endswith("y") and noun[-2] not in _VOWELS else noun + "s"


@cache
def nouns(name: str) -> tuple[Noun, ...]:
    """Return the nouns of a class, of the classes that a group names, or of several: "toy|book".

    Raises:
        KeyError: no class has this name.
    """
    if "|" in name:
        return tuple(noun for part in name.split("|") for noun in nouns(part))
    if name in GROUPS:
        return tuple(noun for part in GROUPS[name] for noun in nouns(part))
    return _classes()[name]


def has_class(name: str) -> bool:
    return "|" in name or name in GROUPS or name in _classes()


@cache
def adjectives(name: str) -> tuple[str, ...]:
    """Return the adjectives of a class: colours, sizes, what suits toys; "feeling" has all that tell of persons."""
    if name == "feeling":
        return tuple(dict.fromkeys(word for words in table(FEELINGS).values() for word in words))
    return table(ADJECTIVES + FEELINGS + LOOKS)[name]


@cache
def is_feeling(name: str) -> bool:
    """Whether a class of adjectives tells how somebody feels or what somebody is like."""
    return name in table(FEELINGS)


@cache
def _classes() -> dict[str, tuple[Noun, ...]]:
    classes: dict[str, tuple[Noun, ...]] = {}
    suited = table(ADJECTIVES)
    for head, words in rows(NOUNS):
        name, _, kinds = head.rstrip(")").partition(" (")
        fitting = _fitting(suited, kinds)
        classes[name] = tuple(_noun(word, fitting) for word in words)
    suited = table(PLACE_ADJECTIVES)
    for head, words in rows(PLACES):
        name, preposition, kinds = head.replace("(", "").replace(")", "").split()
        fitting = _fitting(suited, kinds)
        places = (_noun(word, fitting, f"{preposition} the", _TOWARDS[preposition]) for word in words)
        classes[name] = classes.get(name, ()) + tuple(places)
    return classes


def _fitting(adjectives_of: dict[str, tuple[str, ...]], kinds: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for kind in kinds.split() for word in adjectives_of[kind]))


def _noun(word: str, fitting: tuple[str, ...], at: str = "", to: str = "") -> Noun:
    one, _, many = word.replace("_", " ").partition("/")
    # "a round ball" but not "a wooden wooden duck"
    suited = tuple(adjective for adjective in fitting if adjective not in one.split())
    return Noun(one, many or plural(one), suited, at, to)


def rows(table: str) -> Iterator[tuple[str, list[str]]]:
    """Yield (head, words) of a table with lines `head: words`, where an indented line goes on with the one above."""
    for line in table.replace("\n    ", " ").splitlines():
        if line.strip():
            head, words = line.split(":")
            yield head, words.split()


def table(text: str) -> dict[str, tuple[str, ...]]:
    """Return a table of words by class, `_` read as a space."""
    return {name: tuple(word.replace("_", " ") for word in words) for name, words in rows(text)}
