"""The grammar as a judge: every rule becomes a network of what it can say.

The writer chooses what makes sense in the story; the parser judges single sentences, so it generalises. Where the grammar
calls an act, a clause, a place, a time, a verb of saying or a lesson, any rule of that kind will do; what is said is any
sentences that may be said, the last ending in the right mark; a thing may be "a", "the" or, as agreement allows, "his";
a place and a time may follow. One feeling is as good as another, and one subject, where the verb does not mind.
What stays strict is grammar and selection: the form of the verb, the person of every pronoun, a and an, objects by class.

A symbol is a rule or kind with the features that decide agreement: the verb form in force, whether somebody is speaking,
and the person (he, she, they, I, you, we) of each of its persons. A role that stands once may be anybody; a role that
stands several times is gone through person by person.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from groundup.data.builtin import notation
from groundup.data.builtin.automaton import Network
from groundup.data.builtin.cast import PRONOUNS
from groundup.data.builtin.grammar import is_finite, rules, subject_of
from groundup.data.builtin.lexicon import is_feeling
from groundup.data.builtin.notation import QUOTE, Call, Choice, Clause, Part, Role, Rule, Sequence, Text, Verb
from groundup.data.builtin.nounphrases import add_nouns, add_person
from groundup.data.builtin.passages import sentences_of, split_at_ends
from groundup.data.builtin.tokens import words_of
from groundup.data.builtin.verbs import conjugate

INTERCHANGEABLE = frozenset({"act", "clause", "lesson", "place", "time", "saying"})
TOLD = ("he", "she", "they")
SPEAKING = ("I", "you", "we")
_FIXED = {"I": ("I",), "U": ("you",), "W": ("we",), "T": ("they",)} | dict.fromkeys("HFGV", ("he", "she"))
_CASES = {"": 0, "full": 0, "he": 0, "him": 1, "his": 2, "'s": 2, "himself": 3}
_DEFAULT_CLASSES = {"P": "place", "Z": "tall|outside|furniture"}
_THE = Text("the")


@dataclass(frozen=True)
class Symbol:
    """What a network recognises: "sentence", any rule of a kind, one rule, or (kind "person", "noun") a noun phrase."""

    kind: str
    name: str = ""
    form: str = "past"
    spoken: bool = False
    persons: tuple[str | None, ...] = ()  # of the parameters, None: anybody; of an act, its subject
    ending: str = ""
    article: bool = False


SENTENCE = Symbol("sentence")


@dataclass(frozen=True)
class Scope:
    form: str
    spoken: bool
    persons: dict[str, str | None]
    subject: str  # the role that "his" means in "hugged his mom"


@dataclass(frozen=True)
class Use:
    """A production as a network takes it: what it says, in which rule, and the role that "his" means in "hugged his mom"."""

    rule: Rule
    production: Sequence
    subject: str

    def of(self, parts: tuple[Part, ...]) -> "Use":
        return Use(self.rule, Sequence(parts), self.subject)


def build(symbol: Symbol) -> Network:
    """Make the network of a symbol."""
    network = Network()
    if symbol.kind == "sentence":
        _add_sentences(network, symbol)
    elif symbol.kind == "speech":
        _add_speech(network, symbol)
    elif symbol.kind == "person":
        add_person(network, symbol.name, symbol.form, symbol.spoken, symbol.persons, symbol.article)
    elif symbol.kind == "noun":
        add_nouns(network, symbol.name, symbol.form, symbol.article)
    else:
        for use in _uses(symbol):
            _add_use(network, use, symbol)
        if symbol.kind in ("act", "clause"):
            network.add_call(Network.END, Symbol("place"), Network.END)
            network.add_call(Network.END, Symbol("time"), Network.END)
    return network


def _uses(symbol: Symbol) -> Iterator[Use]:
    """Yield what can stand for a rule: its productions, or those of all rules of its kind."""
    known = [rules()[symbol.name]] if symbol.name else [rule for rule in rules().values() if rule.kind == symbol.kind]
    for rule in known:
        for production in rule.productions:
            if not (_only_calls(production, rule.kind) or (_is_past(production, rule) and symbol.form != "past")):
                yield Use(rule, production, subject_of(rule, production))
    if symbol.kind == "clause":
        yield from _clauses_of_scenes()
    if symbol.kind == "act":
        yield from _acts_of_clauses()


def _only_calls(production: Sequence, kind: str) -> bool:
    """Whether a production is but another rule of the kind, which is there anyway."""
    parts = [part for part in production.parts if not (isinstance(part, Role) and part.form == "if")]
    return kind in INTERCHANGEABLE and len(parts) == 1 and isinstance(parts[0], Call) and _kind_of(parts[0]) == kind


def _is_past(production: Sequence, rule: Rule) -> bool:
    return rule.kind == "act" and is_finite(production)


def _clauses_of_scenes() -> Iterator[Use]:
    """Yield the plain sentences that scenes tell, without their full stop: each could be part of a longer one."""
    for rule, sentence in sentences_of(rules().values()):
        *parts, end = sentence.parts
        calls_clause = isinstance(parts[0], Call) and _kind_of(parts[0]) == "clause"
        if end == Text(".") and not calls_clause and not {QUOTE, Text(","), Text("?"), Text("!")} & set(parts):
            yield Use(rule, Sequence(tuple(parts)), subject_of(rule, sentence))


def _acts_of_clauses() -> Iterator[Use]:
    """Yield what clauses say of their subject: it could be said of anybody, and be wanted or tried as well as done."""
    for rule in rules().values():
        for production in rule.productions if rule.kind == "clause" else ():
            first, second = (*production.parts, None, None)[:2]
            if (
                isinstance(first, Role)
                and first.letter in notation.PERSONS
                and not first.form
                and isinstance(second, Verb)
            ):
                yield Use(rule, Sequence(production.parts[1:]), first.letter)


def _add_sentences(network: Network, symbol: Symbol) -> None:
    """Add every sentence that the stories tell, and any of them after a time: "Later that day, Tom ran home."."""
    network.add_call(Network.START, Symbol("time"), timed := network.node())
    network.add_word(timed, ",", Network.START)
    network.add_skip(timed, Network.START)
    for rule, sentence in sentences_of(rules().values()):
        _add_use(network, Use(rule, sentence, subject_of(rule, sentence)), symbol)


def _add_speech(network: Network, symbol: Symbol) -> None:
    """Add one or several sentences as they may be said, the last with the mark `symbol.ending`, which is left out."""
    for rule in rules().values():
        for production in rule.productions if rule.kind == "speech" else ():
            for sentence in split_at_ends(production):
                use = Use(rule, sentence, subject_of(rule, sentence))
                _add_use(network, use, symbol, end=Network.START)
                if sentence.parts[-1] == Text(symbol.ending):
                    _add_use(network, use.of(sentence.parts[:-1]), symbol)


def _add_use(network: Network, use: Use, symbol: Symbol, end: int = Network.END) -> None:
    """Add a production once for each way in which its persons can agree."""
    speech = use.rule.kind == "speech"
    spoken = symbol.spoken or speech
    given = _given_persons(use, symbol)
    uses: dict[str, int] = {}
    _count_uses(use.production, uses, use.subject)
    open_letters = [letter for letter, count in uses.items() if given.get(letter) is None and count > 1]
    # what a clause says is true of one as of two, but for "was" and "were"
    anybody = not speech and not {Text("was"), Text("were")} & set(use.production.parts)
    if anybody and use.subject and given.get(use.subject) is None and use.subject not in open_letters:
        open_letters.append(use.subject)
    domains = [TOLD if anybody and letter == use.subject else _persons_of(letter, spoken) for letter in open_letters]
    for persons in product(*domains):
        agreeing = {**given, **dict(zip(open_letters, persons, strict=True))}
        scope = Scope("now" if speech else symbol.form, spoken, agreeing, use.subject)
        _add_sequence(network, Network.START, use.production.parts, end, scope)


def _given_persons(use: Use, symbol: Symbol) -> dict[str, str | None]:
    """Return the persons that the symbol fixes: of an act its subject, of another rule its parameters."""
    if symbol.kind == "act":
        return {"S": symbol.persons[0], use.subject: symbol.persons[0]}
    if symbol.name:
        return dict(zip(_person_parameters(use.rule), symbol.persons, strict=True))
    return {}


def _person_parameters(rule: Rule) -> list[str]:
    return [letter for letter in rule.parameters if letter in notation.PERSONS]


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
    given = [argument for argument in call.arguments if isinstance(argument, str) and argument in notation.PERSONS]
    return [*given, call.subject or "S"]


def _add_sequence(network: Network, start: int, parts: tuple[Part, ...], end: int, scope: Scope) -> None:
    if not parts:
        network.add_skip(start, end)
    ends = [network.node() for _ in parts[1:]] + [end]
    starts = [start, *ends[:-1]]
    for at, part in enumerate(parts):
        _add_part(network, starts[at], part, ends[at], scope)
        if _is_one_thing(part):
            determined = at and (parts[at - 1] == _THE or _is_possessive(parts[at - 1]))
            if determined or _has_article(part):
                _add_determined(network, starts[at - 1 if determined else at], part, ends[at], scope)


def _is_one_thing(part: Part) -> bool:
    """Whether a part is a noun in the singular, which takes a determiner."""
    if isinstance(part, Role):
        return part.letter in notation.THINGS and part.form in ("", "one")
    return isinstance(part, Call) and _kind_of(part) == "noun" and part.form in ("", "one")


def _has_article(part: Part) -> bool:
    return isinstance(part, Role | Call) and part.article


def _is_possessive(part: Part) -> bool:
    return isinstance(part, Role) and part.letter in notation.PERSONS and part.form in ("his", "'s")


def _add_determined(network: Network, start: int, noun: Part, end: int, scope: Scope) -> None:
    """Add the ways to determine a noun: "a ball", "the ball", and "his ball" where it is clear whose."""
    assert isinstance(noun, Role | Call)
    network.add_call(start, _noun_symbol(noun, article=True), end)
    network.add_word(start, "the", bare := network.node())
    owner = scope.persons.get(scope.subject)
    if owner is not None:
        network.add_word(start, PRONOUNS[owner][2], bare)
    network.add_call(bare, _noun_symbol(noun, article=False), end)


def _noun_symbol(noun: Role | Call, article: bool) -> Symbol:
    if isinstance(noun, Call):
        return Symbol("noun", "feeling" if is_feeling(noun.name) else noun.name, noun.form, article=article)
    return Symbol("noun", noun.type or _DEFAULT_CLASSES.get(noun.letter, "thing"), noun.form, article=article)


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
    kind = _kind_of(call)
    if kind == "noun":
        symbol = _noun_symbol(call, call.article)
    elif kind == "act":
        symbol = Symbol("act", "", form, scope.spoken, (_person(subject, scope),))
    elif kind == "speech":
        symbol = Symbol("speech", ending=ending)
    elif kind in INTERCHANGEABLE:
        symbol = Symbol(kind, "", form, scope.spoken)
    else:
        given = [_person(a, scope) for a in call.arguments if isinstance(a, str) and a in notation.PERSONS]
        symbol = Symbol(kind, call.name, form, scope.spoken, tuple(given))
    network.add_call(start, symbol, end)


def _kind_of(call: Call) -> str:
    for letters, kind in (
        (notation.ACTS, "act"),
        (notation.CLAUSES, "clause"),
        (notation.SPEECHES, "speech"),
        (notation.LESSONS, "lesson"),
    ):
        if call.name in letters:
            return kind
    return rules()[call.name].kind if call.name in rules() else "noun"


def _person(letter: str, scope: Scope) -> str | None:
    fixed = _FIXED.get(letter, ())
    return scope.persons.get(letter) or (fixed[0] if len(fixed) == 1 else None)


def _add_role(network: Network, start: int, role: Role, end: int, scope: Scope) -> None:
    if role.form == "if":
        network.add_skip(start, end)
        return
    if role.letter in notation.THINGS:
        network.add_call(start, _noun_symbol(role, role.article), end)
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
