"""Who and what a story is about: persons, things and a place, drawn to suit a plot."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from groundup.data.builtin import people
from groundup.data.builtin.lexicon import Noun, nouns, rows

Draw = Callable[[], float]
T = TypeVar("T")

# nominative, accusative, possessive, reflexive
PRONOUNS = {
    "he": ("he", "him", "his", "himself"),
    "she": ("she", "her", "her", "herself"),
    "they": ("they", "them", "their", "themselves"),
    "I": ("I", "me", "my", "myself"),
    "you": ("you", "you", "your", "yourself"),
    "we": ("we", "us", "our", "ourselves"),
}

HELD_OUT_PER_THOUSAND = 50


@dataclass(frozen=True)
class Person:
    name: str
    noun: str  # what the person is: "girl", "fox", "mom", "baker"
    gender: str  # a key of PRONOUNS
    group: str  # child, furry, bird, scaly, relation, worker, pair
    trait: str = ""
    mentions: tuple[str, ...] = ()  # ways to name the person, with a space before each; a frequent way stands often
    introductions: tuple[str, ...] = ()  # the same for the first time, when nobody knows the name


@dataclass(frozen=True)
class Thing:
    noun: Noun
    group: str
    adjective: str


# what a rule may ask of a role beside the group itself
PERSON_TYPES = {
    "animal": ("furry", "bird", "scaly"),
    "grown": ("relation", "worker"),
    "known": ("child", "furry", "bird", "scaly"),  # goes by a name of their own
    "walker": ("child", "furry"),
    "person": ("child", "relation", "worker"),
}

GROUPS_OF_PERSONS = ("child", "furry", "bird", "scaly", "relation", "worker", "pair")
TITLES = {"king": "King", "queen": "Queen", "captain": "Captain", "doctor": "Doctor"}

SPEAKERS = {
    "I": Person("I", "", "I", "speech"),
    "U": Person("you", "", "you", "speech"),
    "W": Person("we", "", "we", "speech"),
}


def pick(random: Draw, items: Sequence[T]) -> T:
    return items[int(random() * len(items))]


@lru_cache(maxsize=None)
def animal_kinds() -> dict[str, tuple[str, ...]]:
    return {group: tuple(kinds) for group, kinds in rows(people.ANIMALS)}


@lru_cache(maxsize=None)
def relations() -> tuple[tuple[str, str, str], ...]:
    """Return (noun, name, gender) of each relation: ("mom", "Mom", "she")."""
    table = (row.split() for row in people.RELATIONS.split(";"))
    return tuple((noun, name, gender) for noun, name, gender in table)


def genders(kind: str) -> tuple[str, ...]:
    """Return what a person of this kind can be."""
    if kind in people.ONLY_SHE:
        return ("she",)
    return ("he",) if kind in people.ONLY_HE else ("he", "she")


def draw_person(random: Draw, group: str, taken: Sequence[Person] = ()) -> Person:
    """Draw somebody of a group whose name and kind nobody in `taken` has."""
    names, kinds = {person.name for person in taken}, {person.noun for person in taken}
    while True:
        person = _DRAWS[group](random)
        if person.name not in names and (group == "child" or person.noun not in kinds):
            return person


def _child(random: Draw) -> Person:
    trait = pick(random, people.CHILD_TRAITS)
    if random() < 0.5:
        return Person(pick(random, people.BOYS), "boy", "he", "child", trait)
    return Person(pick(random, people.GIRLS), "girl", "she", "child", trait)


def _animal(group: str) -> Callable[[Draw], Person]:
    def draw(random: Draw) -> Person:
        kind, trait = pick(random, animal_kinds()[group]), pick(random, people.ANIMAL_TRAITS)
        gender = pick(random, genders(kind))
        names = people.ANIMAL_NAMES_SHE if gender == "she" else people.ANIMAL_NAMES_HE
        return Person(pick(random, names), kind, gender, group, trait)

    return draw


def _relation(random: Draw) -> Person:
    noun, name, gender = pick(random, relations())
    return Person(name, noun, gender, "relation")


def _worker(random: Draw) -> Person:
    trade, trait = pick(random, people.WORKERS), pick(random, people.WORKER_TRAITS)
    gender = pick(random, genders(trade))
    title = TITLES.get(trade, "Mrs" if gender == "she" else "Mr")
    return Person(f"{title} {pick(random, people.SURNAMES)}", trade, gender, "worker", trait)


_DRAWS: dict[str, Callable[[Draw], Person]] = {
    "child": _child,
    "furry": _animal("furry"),
    "bird": _animal("bird"),
    "scaly": _animal("scaly"),
    "relation": _relation,
    "worker": _worker,
}
_ANIMAL_GROUPS = ("furry", "furry", "furry", "bird", "scaly")


def pair(one: Person, other: Person) -> Person:
    return Person(f"{one.name} and {other.name}", "friends", "they", "pair")


def draw_thing(random: Draw, groups: Sequence[str]) -> Thing:
    group = pick(random, groups)
    noun = pick(random, nouns(group))
    return Thing(noun, group, pick(random, noun.adjectives))


def is_held_out(kind: str, thing: str, plot: str) -> bool:
    """Whether this combination of character, object and plot belongs to validation. The same on every machine, for ever."""
    return zlib.crc32(f"{kind}/{thing}/{plot}".encode()) % 1000 < HELD_OUT_PER_THOUSAND
