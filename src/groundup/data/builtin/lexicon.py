"""The words by class, as the grammar asks for them: nouns with plural, article and adjectives; places with prepositions."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from groundup.data.builtin.nouns import ADJECTIVES, NOUNS, PLACE_ADJECTIVES, PLACES

# names that stand for several classes at once
GROUPS = {
    "food": ("fruit", "treat", "vegetable"),
    "thing": (
        *("toy", "clothing", "treasure", "book", "instrument", "tool"),
        *("fruit", "treat", "vegetable", "flower", "container"),
    ),
    "keepsake": ("toy", "clothing", "treasure", "book", "instrument"),
    "spot": ("furniture", "outside"),
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


@lru_cache(maxsize=None)
def nouns(name: str) -> tuple[Noun, ...]:
    """Return the nouns of a class, or of the classes that a group names.

    Raises:
        KeyError: no class has this name.
    """
    if name in GROUPS:
        return tuple(noun for part in GROUPS[name] for noun in nouns(part))
    return _classes()[name]


def has_class(name: str) -> bool:
    return name in GROUPS or name in _classes()


@lru_cache(maxsize=None)
def adjectives(name: str) -> tuple[str, ...]:
    """Return the adjectives of a class: colours, sizes, what suits toys."""
    return _adjectives(ADJECTIVES)[name]


@lru_cache(maxsize=None)
def _classes() -> dict[str, tuple[Noun, ...]]:
    classes: dict[str, tuple[Noun, ...]] = {}
    suited = _adjectives(ADJECTIVES)
    for head, words in rows(NOUNS):
        name, _, kinds = head.rstrip(")").partition(" (")
        fitting = _fitting(suited, kinds)
        classes[name] = tuple(_noun(word, fitting) for word in words)
    suited = _adjectives(PLACE_ADJECTIVES)
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


def _adjectives(table: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple(words) for name, words in rows(table)}


def rows(table: str) -> Iterator[tuple[str, list[str]]]:
    """Yield (head, words) of a table with lines `head: words`, where an indented line goes on with the one above."""
    for line in table.replace("\n    ", " ").splitlines():
        if line.strip():
            head, words = line.split(":")
            yield head, words.split()
