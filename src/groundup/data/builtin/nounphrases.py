"""The ways to name a person or a thing, as networks: what `writer` says of the cast, for anybody and anything."""

from functools import cache

from groundup.data.builtin.automaton import Network
from groundup.data.builtin.cast import (
    GROUPS_OF_PERSONS,
    PERSON_TYPES,
    PRONOUNS,
    genders,
    kinds,
    name_list,
    names,
    relations,
    title,
    traits,
)
from groundup.data.builtin.lexicon import Noun, adjectives, article, has_class, nouns

_CASES = {"": 0, "him": 1, "'s": 2}
_KNOWN = PERSON_TYPES["known"]


def add_person(
    network: Network, kind: str, form: str, spoken: bool, persons: tuple[str | None, ...], with_article: bool
) -> None:
    """Add what can name a person of a type (`kind`; "": any) in a form. `persons` are the one named and the owner, who is
    meant by the pronoun in "his mom"."""
    gender, owner = persons
    assert gender is not None
    groups = PERSON_TYPES.get(kind, (kind,)) if kind else GROUPS_OF_PERSONS
    end = Network.END
    if form in ("kind", "noun"):
        for start, words in _articles(network) if with_article else [(Network.START, None)]:
            for group in groups:
                _add_kinds(network, start, group, gender, end, words, form == "kind")
        return
    if form == "'s":
        end = network.node()
        network.add_word(end, "'s", Network.END)
    for group in groups:
        for name in _names(group, gender):
            network.add_words(Network.START, name.split(), end)
    if gender == "they" and "pair" in groups:
        _add_pair(network, end)
    if form in _CASES:
        network.add_word(Network.START, PRONOUNS[gender][_CASES[form]], Network.END)
    if spoken or form == "name":
        return
    if form != "'s":
        for group in groups:
            _add_introductions(network, group, gender, end)
    network.add_word(Network.START, "the", described := network.node())
    for group in groups:
        _add_kinds(network, described, group, gender, end, None, True)
    if "relation" in groups:
        # a subject may be anybody's mom, what comes after it belongs to it
        owners: set[str | None] = {owner} & {"he", "she"} if form in ("him", "'s") else {"he", "she"}
        _add_relations(network, gender, owners, end)


@cache
def _names(group: str, gender: str) -> tuple[str, ...]:
    if gender == "they" or group == "pair":
        return ()
    if group == "relation":
        return tuple(name for _, name, one in relations() if one == gender)
    if group != "worker":  # a fox may have a child's name
        return (*names(name_list("child", gender)), *names(name_list("furry", gender)))
    known = names(name_list(group, gender))
    titles = dict.fromkeys(title(trade, gender) for trade in kinds(group) if gender in genders(trade))
    return tuple(f"{one} {name}" for one in titles for name in known)


def _add_pair(network: Network, end: int) -> None:
    known = [name for group in _KNOWN for gender in ("he", "she") for name in _names(group, gender)]
    first, second = network.node(), network.node()
    for name in dict.fromkeys(known):
        network.add_word(Network.START, name, first)
        network.add_word(second, name, end)
    network.add_word(first, "and", second)


def _add_kinds(
    network: Network, start: int, group: str, gender: str, end: int, first: str | None, with_traits: bool
) -> None:
    """Add "little fox", "fox". With `first` only what follows that article."""
    if group == "pair":
        if gender == "they":
            network.add_word(start, "two", two := network.node())
            network.add_skip(start, two)
            network.add_word(two, "friends", end)
        return
    if group == "relation":
        return
    described = network.node()
    for trait in traits(group) if with_traits else ():
        if first in (None, article(trait)):
            network.add_word(start, trait, described)
    for kind in kinds(group):
        if gender in genders(kind):
            network.add_words(described, kind.split(), end)
            if first in (None, article(kind)):
                network.add_words(start, kind.split(), end)


def _add_introductions(network: Network, group: str, gender: str, end: int) -> None:
    """Add "Nettie the fox" and "a fox named Nettie"."""
    names = _names(group, gender)
    if not names or group == "relation":
        return
    first, named = network.node(), network.node()
    network.add_word(first, "the", after_the := network.node())
    _add_kinds(network, after_the, group, gender, end, None, False)
    for article_word in ("a", "an"):
        network.add_word(Network.START, article_word, after_article := network.node())
        _add_kinds(network, after_article, group, gender, named, article_word, False)
    network.add_word(named, "named", second := network.node())
    for name in names:
        network.add_words(Network.START, name.split(), first)
        network.add_words(second, name.split(), end)


def _add_relations(network: Network, gender: str, owners: set[str | None], end: int) -> None:
    owned = network.node()
    for owner in ("he", "she"):
        if owner in owners:
            network.add_word(Network.START, PRONOUNS[owner][2], owned)
    named = network.node()
    for group in _KNOWN:
        for one in ("he", "she"):
            for name in _names(group, one):
                network.add_word(Network.START, name, named)
    network.add_word(named, "'s", owned)
    for noun, _, one in relations():
        if one == gender:
            network.add_word(owned, noun, end)


def _articles(network: Network) -> list[tuple[int, str]]:
    """Add "a" and "an"; return where each leads."""
    places = [(network.node(), word) for word in ("a", "an")]
    for place, word in places:
        network.add_word(Network.START, word, place)
    return places


def add_nouns(network: Network, name: str, form: str, with_article: bool) -> None:
    """Add the nouns of a class with the adjectives that suit each, or the adjectives of a class."""
    if form == "adjective":
        for word in dict.fromkeys(word for noun in nouns(name) for word in noun.adjectives):
            network.add_words(Network.START, word.split(), Network.END)
    elif not has_class(name):
        for start, first in _articles(network) if with_article else [(Network.START, None)]:
            for word in adjectives(name):
                if first in (None, article(word)):
                    network.add_words(start, word.split(), Network.END)
    else:
        starts = _articles(network) if with_article else [(Network.START, None)]
        for start, first in starts:
            described: dict[tuple[str, ...], int] = {}
            for noun in nouns(name):
                _add_noun(network, start, noun, form, first, described)


def _add_noun(
    network: Network, start: int, noun: Noun, form: str, first: str | None, described: dict[tuple[str, ...], int]
) -> None:
    place = {"at": noun.at, "to": noun.to}.get(form)
    if place:
        start = _after(network, start, place)
    words = (noun.many if form == "many" else noun.one).split()
    if first in (None, article(words[0])):
        network.add_words(start, words, Network.END)
    if form == "one":
        return
    key = (place or "", *noun.adjectives)
    if key not in described:
        described[key] = network.node()
        for adjective in noun.adjectives:
            if first in (None, article(adjective)):
                network.add_words(start, adjective.split(), described[key])
    network.add_words(described[key], words, Network.END)


def _after(network: Network, start: int, words: str) -> int:
    *before, last = words.split()
    for word in before:
        network.add_word(start, word, start := network.node())
    network.add_word(start, last, end := network.node())
    return end
