"""The notation, the inflections, and that every rule of the grammar can be used."""

import pytest

from groundup.data.builtin.grammar import rules
from groundup.data.builtin.lexicon import adjectives, article, has_class, nouns, plural
from groundup.data.builtin.notation import (
    Call,
    Choice,
    Clause,
    Role,
    Sequence,
    Text,
    Verb,
    read_production,
    read_rules,
)
from groundup.data.builtin.verbs import conjugate

PARAMETERS_THAT_HOLD_RULES = "ABDELQ"


def test_a_production_is_read_into_its_parts():
    assert read_production("{S} *lose (his|her) {X:toy} [again].") == Sequence(
        (
            Role("S"),
            Verb("lose", manner=False),
            Choice((Sequence((Text("his"),)), Sequence((Text("her"),)))),
            Role("X", type="toy"),
            Choice((Sequence((Text("again"),)),), optional=True),
            Text("."),
        )
    )


def test_calls_may_hold_calls():
    assert read_production("{H: want (play-with X)} {so.past F (give O)}") == Sequence(
        (
            Clause(Role("H"), Call("want", arguments=(Call("play-with", arguments=("X",)),))),
            Call("so", "past", ("F", Call("give", arguments=("O",)))),
        )
    )


def test_rules_have_kinds_parameters_and_productions():
    (rule,) = read_rules("clause lose S:\n    {S} *lose it\n    # a comment\n    {S} *go\n        home\n")
    assert (rule.kind, rule.name, rule.parameters, len(rule.productions)) == ("clause", "lose", ("S",), 2)
    assert rule.productions[1] == read_production("{S} *go home")


@pytest.mark.parametrize("broken", ["a (b", "a {b", "a ; b", "a) b"])
def test_a_broken_production_is_no_production(broken):
    with pytest.raises(AssertionError):
        read_production(broken)


def calls_in(part):
    if isinstance(part, Call):
        yield part
        for argument in part.arguments:
            if isinstance(argument, Call):
                yield from calls_in(argument)
    elif isinstance(part, Clause):
        yield from calls_in(part.act)
    elif isinstance(part, Choice):
        for option in part.options:
            yield from calls_in(option)
    elif isinstance(part, Sequence):
        for inner in part.parts:
            yield from calls_in(inner)


def test_every_call_names_a_rule_or_a_class_of_words():
    for rule in rules().values():
        for call in (call for production in rule.productions for call in calls_in(production)):
            if call.name in rules():
                assert len(call.arguments) == len(rules()[call.name].parameters), f"{call.name} in {rule.name}"
            elif call.name not in PARAMETERS_THAT_HOLD_RULES:
                assert has_class(call.name) or adjectives(call.name), f"{call.name} in {rule.name}"


def test_no_rule_has_the_name_of_a_class_of_words():
    assert not [name for name in rules() if has_class(name)]


@pytest.mark.parametrize(
    ("verb", "past", "ing", "now", "done"),
    [
        ("play", "played", "playing", "plays", "played"),
        ("cry", "cried", "crying", "cries", "cried"),
        ("hop", "hopped", "hopping", "hops", "hopped"),
        ("bake", "baked", "baking", "bakes", "baked"),
        ("see", "saw", "seeing", "sees", "seen"),
        ("go home", "went home", "going home", "goes home", "gone home"),
        ("catch", "caught", "catching", "catches", "caught"),
        ("lie", "lay", "lying", "lies", "lain"),
        ("be", "was", "being", "is", "been"),
        ("have", "had", "having", "has", "had"),
        ("run", "ran", "running", "runs", "run"),
        ("agree", "agreed", "agreeing", "agrees", "agreed"),
    ],
)
def test_verbs_have_all_their_forms(verb, past, ing, now, done):
    forms = [conjugate(verb, form) for form in ("base", "past", "ing", "now", "done")]
    assert forms == [verb, past, ing, now, done]


def test_be_agrees_with_its_person():
    assert [conjugate("be", "past", person) for person in ("I", "you", "he", "we", "they")] == [
        *("was", "were", "was", "were", "were")
    ]
    assert [conjugate("be", "now", person) for person in ("I", "you", "she", "they")] == ["am", "are", "is", "are"]


def test_articles_go_by_sound():
    words = ["apple", "ball", "old ball", "unusual hat", "useful rope", "honest boy", "ukulele", "hour", "igloo"]
    assert [article(word) for word in words] == ["an", "a", "an", "an", "a", "an", "a", "an", "an"]


def test_plurals():
    assert [plural(noun) for noun in ("ball", "box", "cherry", "toy", "brush")] == [
        *("balls", "boxes", "cherries", "toys", "brushes")
    ]


def test_nouns_know_their_adjectives_and_plurals():
    loaf = {noun.one: noun for noun in nouns("container")}["box"]
    assert loaf.many == "boxes"
    assert "wooden" in loaf.adjectives
    assert len({noun.one for noun in nouns("thing")}) > 280
