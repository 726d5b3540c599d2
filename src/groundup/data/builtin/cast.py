"""Who and what a story is about: persons, things and a place, drawn to suit a plot."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from groundup.data.builtin import people
from groundup.data.builtin.lexicon import Noun, nouns, table

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


@cache
def names(group: str) -> tuple[str, ...]:
    return table(people.NAMES)[group]


@cache
def kinds(group: str) -> tuple[str, ...]:
    """Return what the persons of a group can be: foxes, bakers, boys and girls."""
    if group == "child":
        return ("boy", "girl")
    return table(people.ANIMALS + people.TRADES)[group]


@cache
def traits(group: str) -> tuple[str, ...]:
    return table(people.TRAITS)[group if group in ("child", "worker") else "animal"]


@cache
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
    """Draw somebody of a group whose name nobody in `taken` has, nor, but for children, the kind."""
    taken_names, taken_kinds = {person.name for person in taken}, {person.noun for person in taken}
    while True:
        person = _draw_relation(random) if group == "relation" else _draw_named(random, group)
        if person.name not in taken_names and (group == "child" or person.noun not in taken_kinds):
            return person


def _draw_named(random: Draw, group: str) -> Person:
    kind, trait = pick(random, kinds(group)), pick(random, traits(group))
    gender = pick(random, genders(kind))
    name = pick(random, names(name_list(group, gender)))
    return Person(f"{title(kind, gender)} {name}" if group == "worker" else name, kind, gender, group, trait)


def name_list(group: str, gender: str) -> str:
    """Return the class of names that somebody of this group and gender has."""
    if group == "worker":
        return "surnames"
    if group == "child":
        return "boys" if gender == "he" else "girls"
    return f"{gender}-animals"


def title(trade: str, gender: str) -> str:
    return TITLES.get(trade, "Mrs" if gender == "she" else "Mr")


def _draw_relation(random: Draw) -> Person:
    noun, name, gender = pick(random, relations())
    return Person(name, noun, gender, "relation")


def pair(one: Person, other: Person) -> Person:
    return Person(f"{one.name} and {other.name}", "friends", "they", "pair")


def draw_thing(random: Draw, groups: Sequence[str]) -> Thing:
    group = pick(random, groups)
    noun = pick(random, nouns(group))
    return Thing(noun, group, pick(random, noun.adjectives))


def is_held_out(kind: str, thing: str, plot: str) -> bool:
    """Whether this combination of character, object and plot belongs to validation. The same on every machine, for ever."""
    digest = hashlib.sha256(f"{kind}/{thing}/{plot}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 1000 < HELD_OUT_PER_THOUSAND
