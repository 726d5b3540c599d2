"""Stories without end: every story from its own number, so that any range can be made anywhere."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from groundup.data.builtin.cast import (
    PERSON_TYPES,
    Draw,
    Person,
    Thing,
    draw_person,
    draw_thing,
    is_held_out,
    pair,
    pick,
)
from groundup.data.builtin.grammar import plots
from groundup.data.builtin.lexicon import GROUPS, article
from groundup.data.builtin.tale import Tale
from groundup.data.builtin.writer import tell

Cast = dict[str, Person | Thing]

# who may stand in a role when the plot does not say, by the world of the hero
_FRIENDS = {
    "child": ("child", "child", "furry", "bird"),
    "animal": ("furry", "furry", "bird", "scaly", "furry", "bird", "child"),
}
_GROWN_UPS = {"child": ("relation", "worker"), "animal": ("relation", "furry", "bird", "scaly")}
_ANIMALS = ("furry", "furry", "bird", "scaly")


@dataclass(frozen=True)
class Story:
    """A story and what it is about."""

    text: str
    plot: str
    cast: Cast
    held_out: bool

    @property
    def hero(self) -> Person:
        return _person(self.cast, "H")

    @property
    def friend(self) -> Person:
        return _person(self.cast, "F")

    @property
    def object(self) -> Thing:
        return _thing(self.cast, "X")

    @property
    def place(self) -> Thing:
        return _thing(self.cast, "P")


def generate_stories(seed: int, *, held_out: bool = False, start: int = 0) -> Iterator[Story]:
    """Yield the stories of a seed for ever, from number `start` on.

    `held_out` chooses the combinations of character, object and plot that belong to validation; else none of them comes.
    """
    number = start
    while True:
        yield story(seed, number, held_out=held_out)
        number += 1


def story(seed: int, number: int, *, held_out: bool = False) -> Story:
    """Return one story, which depends on nothing but these numbers."""
    draw = random.Random(_story_seed(seed, number, held_out)).random
    while True:
        plot, wanted = pick(draw, _plots())
        cast = draw_cast(draw, wanted)
        hero, thing = _person(cast, "H"), _thing(cast, "X")
        if is_held_out(hero.noun, thing.noun.one, plot) == held_out:
            return Story(tell(plot, Tale(draw, cast)), plot, cast, held_out)


def generate_corpus(seed: int, characters: int, *, held_out: bool = False) -> Iterator[str]:
    """Yield stories until they have `characters` characters in all, the last story whole."""
    told = 0
    for one in generate_stories(seed, held_out=held_out):
        if told >= characters:
            return
        told += len(one.text)
        yield one.text


def _story_seed(seed: int, number: int, held_out: bool) -> int:
    assert seed >= 0
    return (seed << 65) | (number << 1) | held_out


@lru_cache(maxsize=1)
def _plots() -> tuple[tuple[str, dict[str, tuple[str, ...]]], ...]:
    """Return the plots with the groups that each of their roles may be drawn from."""
    return tuple((plot.name, {role[0]: _groups(role[2:]) for role in plot.parameters}) for plot in plots())


def _groups(types: str) -> tuple[str, ...]:
    """Return the groups that "toy|clothing" or "known" stand for."""
    return tuple(group for one in types.split("|") for group in PERSON_TYPES.get(one, GROUPS.get(one, (one,))))


def draw_cast(draw: Draw, wanted: dict[str, tuple[str, ...]]) -> Cast:
    """Draw who and what a plot needs: roles it does not speak of are filled to suit the hero's world."""
    persons: dict[str, Person] = {}
    hero_groups = wanted.get("H") or (("child",) if draw() < 0.5 else _ANIMALS)
    persons["H"] = draw_person(draw, pick(draw, hero_groups))
    world = "child" if persons["H"].group == "child" else "animal"
    for role, usual in (("F", _FRIENDS[world]), ("G", _GROWN_UPS[world]), ("V", _ANIMALS)):
        groups = _in_world(wanted.get(role, usual), usual)
        persons[role] = draw_person(draw, pick(draw, groups), list(persons.values()))
    cast: Cast = {role: _with_mentions(who, persons) for role, who in persons.items()}
    mentions = _pair_mentions(persons["H"], persons["F"])
    cast["T"] = replace(pair(persons["H"], persons["F"]), mentions=mentions, introductions=mentions)
    for role, usual in (("X", ("toy",)), ("Y", ("toy",)), ("Z", ("outside",)), ("P", ("nature",))):
        cast[role] = draw_thing(draw, wanted.get(role, usual))
    return cast


def _in_world(groups: Sequence[str], usual: Sequence[str]) -> Sequence[str]:
    return [group for group in usual if group in groups] or groups


def _with_mentions(who: Person, persons: dict[str, Person]) -> Person:
    """Add the ways to name a person: a description only where it can mean nobody else."""
    name = f" {who.name}"
    if who.group == "relation":
        mentions = (name, " @ " + who.noun, " @ " + who.noun)
        return replace(who, mentions=mentions, introductions=mentions[1:])
    alone = [one.noun for one in persons.values()].count(who.noun) == 1
    description = (f" the {who.noun}",) * 2 + (f" the {who.trait} {who.noun}",)
    names = (name,) * {"child": 12, "worker": 3}.get(who.group, 5)
    introductions = (f" {article(who.noun)} {who.noun} named {who.name}", f" {who.name} the {who.noun}")
    return replace(who, mentions=names + description if alone else names, introductions=introductions)


def _pair_mentions(one: Person, other: Person) -> tuple[str, ...]:
    forward, backward = f" {one.name} and {other.name}", f" {other.name} and {one.name}"
    return (forward, forward, forward, backward, " the two friends", " the friends")


def _person(cast: Cast, role: str) -> Person:
    who = cast[role]
    assert isinstance(who, Person)
    return who


def _thing(cast: Cast, role: str) -> Thing:
    what = cast[role]
    assert isinstance(what, Thing)
    return what
