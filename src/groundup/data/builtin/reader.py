"""The grammar as a judge: every rule becomes a network of the sentences that it can make.

A symbol is a rule with the features that decide agreement: the verb form in force, whether somebody is speaking, and the
person (he, she, they, I, you, we) of each of its persons. A role that stands once may be anybody; a role that stands
several times is gone through person by person, so that pronouns and verbs agree. What a rule receives as argument may be
any rule of that kind: the parser judges sentences, not whether the story makes sense.
"""

from dataclasses import dataclass
from itertools import product, zip_longest

from groundup.data.builtin import notation
from groundup.data.builtin.automaton import Network
from groundup.data.builtin.cast import PRONOUNS
from groundup.data.builtin.grammar import is_finite, role_classes, rules, subject_of
from groundup.data.builtin.notation import Call, Choice, Clause, Part, Role, Rule, Sequence, Text, Verb
from groundup.data.builtin.nounphrases import add_nouns, add_person
from groundup.data.builtin.tokens import words_of
from groundup.data.builtin.verbs import conjugate

PASSAGES = ("plot", "scene", "shape")
TOLD = ("he", "she", "they")
SPEAKING = ("I", "you", "we")
_FIXED = {"I": ("I",), "U": ("you",), "W": ("we",), "T": ("they",)} | dict.fromkeys("HFGV", ("he", "she"))
_CASES = {"": 0, "full": 0, "he": 0, "him": 1, "his": 2, "'s": 2, "himself": 3}
_DEFAULT_CLASSES = {"P": "place", "Z": "tall"}


@dataclass(frozen=True)
class Symbol:
    """What a network recognises: "sentence", a kind of rule, a rule, or (kind "person", "noun") a noun phrase."""

    kind: str
    name: str = ""
    form: str = "past"
    spoken: bool = False
    persons: tuple[str | None, ...] = ()  # of the parameters, None: anybody
    ending: str = ""
    article: bool = False


SENTENCE = Symbol("sentence")


@dataclass(frozen=True)
class Scope:
    form: str
    spoken: bool
    persons: dict[str, str | None]
    subject: str  # the role that "his" means in "hugged his mom"
    classes: dict[str, str]  # of things, by role


def build(symbol: Symbol) -> Network:
    network = Network()
    if symbol.kind == "sentence":
        for rule in rules().values():
            if rule.kind in PASSAGES:
                for sentence in _sentences(rule):
                    _add_production(network, sentence, rule, symbol)
    elif symbol.kind == "person":
        add_person(network, symbol.name, symbol.form, symbol.spoken, symbol.persons, symbol.article)
    elif symbol.kind == "noun":
        add_nouns(network, symbol.name, symbol.form, symbol.article)
    elif symbol.name:
        _add_rule(network, rules()[symbol.name], symbol)
    else:  # any rule of a kind, as an argument may be
        for rule in rules().values():
            if rule.kind == symbol.kind:
                persons = _any_persons(rule, symbol.persons)
                _add_rule(
                    network, rule, Symbol(rule.kind, rule.name, symbol.form, symbol.spoken, persons, symbol.ending)
                )
    return network


def _any_persons(rule: Rule, given: tuple[str | None, ...]) -> tuple[str | None, ...]:
    letters = _person_parameters(rule)
    return (*given, *[None] * (len(letters) - len(given)))


def _person_parameters(rule: Rule) -> list[str]:
    parameters = rule.parameters if rule.kind != "act" else ("S", *rule.parameters)
    return [letter for letter in parameters if letter in notation.PERSONS]


def _sentences(rule: Rule) -> list[Sequence]:
    """Return the sentences that stand in the passages of a rule, without the passages that it calls."""
    found: list[Sequence] = []
    for production in rule.productions:
        _collect_sentences(production, found)
    return found


def _collect_sentences(passage: Sequence, found: list[Sequence]) -> None:
    parts: list[Part] = []
    quoted = False
    for part, following in zip_longest(passage.parts, passage.parts[1:]):
        if not parts and isinstance(part, Choice) and any(is_passage(option) for option in part.options):
            for option in part.options:
                _collect_sentences(option, found)
        elif parts or not (part == Text("¶") or _calls_passage(part)):
            parts.append(part)
            quoted ^= part == Text('"')
            ends = isinstance(part, Text) and part.text in notation.SENTENCE_ENDS and not quoted
            closes = (
                part == Text('"') and not quoted and len(parts) > 1 and parts[-2] in map(Text, notation.SENTENCE_ENDS)
            )
            if ends or (closes and following is None):
                found.append(Sequence(tuple(parts)))
                parts = []
    assert not parts, f"no end of sentence: {parts}"


def is_passage(option: Sequence) -> bool:
    """Whether an alternative is made of whole sentences."""
    if not option.parts:
        return False
    last = option.parts[-1]
    closed = last == Text('"') and len(option.parts) > 1 and option.parts[-2] in map(Text, notation.SENTENCE_ENDS)
    return last in map(Text, notation.SENTENCE_ENDS) or last == Text("¶") or closed or _calls_passage(last)


def _calls_passage(part: Part) -> bool:
    return isinstance(part, Call) and part.name in rules() and rules()[part.name].kind in PASSAGES


def _add_rule(network: Network, rule: Rule, symbol: Symbol) -> None:
    for production in rule.productions:
        parts = production.parts
        if rule.kind == "act" and symbol.form != "past" and is_finite(production):
            continue
        if symbol.ending:
            if parts[-1] != Text(symbol.ending):
                continue
            parts = parts[:-1]
        _add_production(network, Sequence(parts), rule, symbol)


def _add_production(network: Network, production: Sequence, rule: Rule, symbol: Symbol) -> None:
    """Add a production once for each way in which its persons can agree."""
    form = "now" if rule.kind == "speech" else symbol.form
    spoken = symbol.spoken or rule.kind == "speech"
    given: dict[str, str | None] = {}
    if symbol.kind != "sentence":
        given = dict(zip(_person_parameters(rule), symbol.persons, strict=True))
    uses: dict[str, int] = {}
    subject = subject_of(rule, production)
    _count_uses(production, uses, subject)
    classes = role_classes().get(rule.name, {})
    open_letters = [letter for letter, count in uses.items() if given.get(letter) is None and count > 1]
    for persons in product(*(_persons_of(letter, spoken) for letter in open_letters)):
        agreeing = {**given, **dict(zip(open_letters, persons, strict=True))}
        scope = Scope(form, spoken, agreeing, subject, classes)
        _add_sequence(network, Network.START, production.parts, Network.END, scope)


def _persons_of(letter: str, spoken: bool) -> tuple[str, ...]:
    return _FIXED.get(letter) or (TOLD + SPEAKING if spoken else TOLD)


def _count_uses(part: Part | Sequence, uses: dict[str, int], subject: str) -> None:
    """Count where the person of each role shows."""
    letters: list[str] = []
    if isinstance(part, Role) and part.letter in notation.PERSONS and part.form != "if":
        # another person in an object position may be "his mom"
        letters = [part.letter, subject] if part.form in ("him", "'s") and part.letter != subject else [part.letter]
    elif isinstance(part, Verb):
        letters = ["S"]
    elif isinstance(part, Clause):
        letters = [part.subject.letter] * 2 + _letters(part.act)
    elif isinstance(part, Call):
        letters = _letters(part)
    elif isinstance(part, Choice):
        for option in part.options:
            _count_uses(option, uses, subject)
    elif isinstance(part, Sequence):
        for inner in part.parts:
            _count_uses(inner, uses, subject)
    for letter in letters:
        uses[letter] = uses.get(letter, 0) + 1


def _letters(call: Call) -> list[str]:
    letters = [argument for argument in call.arguments if isinstance(argument, str) and argument in notation.PERSONS]
    return letters + [call.subject or "S"]


def _add_sequence(network: Network, start: int, parts: tuple[Part, ...], end: int, scope: Scope) -> None:
    if not parts:
        network.add_skip(start, end)
    for at, part in enumerate(parts):
        target = end if at == len(parts) - 1 else network.node()
        _add_part(network, start, part, target, scope)
        start = target


def _add_part(network: Network, start: int, part: Part, end: int, scope: Scope) -> None:
    if isinstance(part, Text):
        network.add_words(start, words_of(part.text), end)
    elif isinstance(part, Verb):
        if part.manner:
            network.add_call(start, Symbol("phrase", "manner"), middle := network.node())
            network.add_skip(start, middle)
            start = middle
        network.add_words(start, words_of(conjugate(part.base, scope.form, scope.persons.get("S") or "he")), end)
    elif isinstance(part, Role):
        _add_role(network, start, part, end, scope)
    elif isinstance(part, Clause):
        middle = network.node()
        _add_role(network, start, part.subject, middle, scope)
        _add_call(network, middle, part.act, end, scope, part.subject.letter)
    elif isinstance(part, Choice):
        for option in part.options:
            _add_sequence(network, start, option.parts, end, scope)
        if part.optional:
            network.add_skip(start, end)
    else:
        _add_call(network, start, part, end, scope, part.subject or "S")


def _add_call(network: Network, start: int, call: Call, end: int, scope: Scope, subject: str) -> None:
    ending = call.form if call.form in notation.SENTENCE_ENDS else ""
    form = call.form if call.form and not ending else scope.form
    if call.name in notation.ACTS:
        symbol = Symbol("act", "", form, scope.spoken, (_person(subject, scope),))
    elif call.name in notation.CLAUSES:
        symbol = Symbol("clause", "", form, scope.spoken)
    elif call.name in notation.LESSONS:
        symbol = Symbol("lesson")
    elif call.name in notation.SPEECHES:
        symbol = Symbol("speech", ending=ending)
    elif call.name in rules():
        rule = rules()[call.name]
        given = [_person(a, scope) for a in call.arguments if isinstance(a, str) and a in notation.PERSONS]
        persons = (_person(subject, scope), *given) if rule.kind == "act" else tuple(given)
        assert len(persons) == len(_person_parameters(rule)), f"wrong arguments: {call}"
        form = form if rule.kind in ("act", "clause", "lesson", "phrase") else "past"
        symbol = Symbol(rule.kind, rule.name, form, scope.spoken, persons, ending)
    else:
        symbol = Symbol("noun", call.name, call.form, article=call.article)
    network.add_call(start, symbol, end)


def _person(letter: str, scope: Scope) -> str | None:
    fixed = _FIXED.get(letter, ())
    return scope.persons.get(letter) or (fixed[0] if len(fixed) == 1 else None)


def _add_role(network: Network, start: int, role: Role, end: int, scope: Scope) -> None:
    if role.form == "if":
        network.add_skip(start, end)
        return
    if role.letter in notation.THINGS:
        usual = scope.classes.get(role.letter) or _DEFAULT_CLASSES.get(role.letter, "thing")
        classes = role.type or usual
        network.add_call(start, Symbol("noun", classes, role.form, article=role.article), end)
        return
    person = _person(role.letter, scope)
    allowed = (person,) if person else _persons_of(role.letter, scope.spoken)
    owner = scope.persons.get(scope.subject)
    for one in allowed:
        if one in SPEAKING or role.form in ("he", "his", "himself"):
            if role.form in _CASES:
                network.add_word(start, PRONOUNS[one][_CASES[role.form]], end)
        else:
            symbol = Symbol("person", role.type, role.form, scope.spoken, (one, owner), article=role.article)
            network.add_call(start, symbol, end)
