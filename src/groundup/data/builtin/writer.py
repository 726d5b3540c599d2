"""The grammar as a story-teller: every rule becomes a function from the state of the tale to text.

Rules are compiled when first told, once for each way of calling them; telling is then a chain of plain calls. A piece of
text brings the space before it; `^` marks what begins with a capital, until `finish` writes it so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from groundup.data.builtin import notation
from groundup.data.builtin.cast import PERSON_TYPES, PRONOUNS, SPEAKERS, Person, Thing
from groundup.data.builtin.grammar import calls_passage, ends_sentence, is_finite, is_passage, rules, subject_of
from groundup.data.builtin.lexicon import GROUPS, adjectives, article, has_class, nouns
from groundup.data.builtin.notation import (
    PARAGRAPH,
    QUOTE,
    Call,
    Choice,
    Clause,
    Part,
    Role,
    Rule,
    Sequence,
    Text,
    Verb,
)
from groundup.data.builtin.tale import Piece, Tale, Tell
from groundup.data.builtin.verbs import conjugate

OPTIONAL_SHARE = 0.35
MANNER_SHARE = 0.15
ADJECTIVE_SHARE = 0.35


@dataclass(frozen=True)
class Bound:
    """A rule with its arguments, handed to another rule."""

    name: str
    arguments: tuple["str | Bound", ...] = ()


@dataclass(frozen=True)
class Scope:
    """What the letters and unmarked verbs of a production mean."""

    form: str = "past"
    spoken: bool = False
    bindings: tuple[tuple[str, "str | Bound"], ...] = ()
    subject: str = ""  # the role that "his" means in "hugged his mom"

    def letter(self, letter: str) -> str:
        return _bound_letter(self.bindings, letter)

    def resolve(self, call: Call) -> Bound:
        given = dict(self.bindings)
        if call.name in given:
            value = given[call.name]
            assert isinstance(value, Bound) and not call.arguments
            return value
        arguments = (given.get(a, a) if isinstance(a, str) else self.resolve(a) for a in call.arguments)
        return Bound(call.name, tuple(arguments))


def tell(rule: str, tale: Tale, arguments: tuple[str | Bound, ...] = ()) -> str:
    """Return the text of a rule for this tale, ready to read."""
    return finish(teller(rule, arguments).tell(tale))


def finish(text: str) -> str:
    """Write the capitals and take away the spaces at the borders of passages."""
    first, *rest = text.split("^")
    text = first + "".join([part[1:2].upper() + part[2:] for part in rest])
    return text.replace("\n\n ", "\n\n").strip()


@cache
def teller(
    name: str,
    arguments: tuple[str | Bound, ...] = (),
    form: str = "past",
    subject: str = "S",
    spoken: bool = False,
    ending: str = "",
) -> Piece:
    """Compile a rule called with these arguments. `ending` keeps only speech that ends so, and leaves the mark out."""
    rule = rules()[name]
    parameters = {"act": ("S", *rule.parameters), "plot": ()}.get(rule.kind, rule.parameters)
    arguments = arguments if rule.kind != "act" else (subject, *arguments)
    spoken = spoken or rule.kind == "speech"
    form = "now" if rule.kind == "speech" else form
    assert len(parameters) == len(arguments), f"{name} takes {parameters}, not {arguments}"
    bindings = tuple(zip(parameters, arguments, strict=True))
    productions = [p for p in rule.productions if rule.kind != "act" or form == "past" or not is_finite(p)]
    scopes = [Scope(form, spoken, bindings, _bound_letter(bindings, subject_of(rule, p))) for p in productions]
    options = [_production(rule, p, scope, ending) for p, scope in zip(productions, scopes, strict=True)]
    return _choice([option for option in options if option is not None], 1.0)


def _bound_letter(bindings: tuple[tuple[str, str | Bound], ...], letter: str) -> str:
    value = dict(bindings).get(letter, letter)
    assert isinstance(value, str)
    return value


def _production(rule: Rule, production: Sequence, scope: Scope, ending: str) -> Piece | None:
    parts = production.parts
    if ending:
        if parts[-1] != Text(ending):
            return None
        parts = parts[:-1]
    return _sequence(parts, scope, sentences=rule.kind in notation.SENTENCES)


def _sequence(parts: tuple[Part, ...], scope: Scope, sentences: bool = False) -> Piece:
    """Join pieces; in passages of sentences, mark where each begins."""
    pieces: list[Piece] = []
    begins, quoted = sentences, False
    for at, part in enumerate(parts):
        if begins and not _brings_beginnings(part) and not (part == QUOTE and quoted):
            pieces.append(_SENTENCE)
        if part == QUOTE:
            quoted = not quoted
            pieces.append(_text(' "^' if quoted else '"'))
            begins = False
        else:
            ends = isinstance(part, Text) and ends_sentence((part,)) and parts[at + 1 : at + 2] != (QUOTE,)
            begins = sentences and (ends or _brings_beginnings(part))
            pieces.append(_piece(part, scope, passage=begins))
    return _joined(pieces)


def _brings_beginnings(part: Part) -> bool:
    """Whether a part brings its own beginnings of sentences."""
    if isinstance(part, Choice):
        return any(is_passage(option) for option in part.options)
    return part == PARAGRAPH or calls_passage(part)


def _piece(part: Part, scope: Scope, passage: bool) -> Piece:
    if isinstance(part, Text):
        return _text(part.text if part.text in ",.!?'s" else " " + part.text) if part != PARAGRAPH else _PARAGRAPH
    if isinstance(part, Verb):
        verb = _text(" " + conjugate(part.base, scope.form, person_of(scope.letter("S"))))
        return _joined([_choice([teller("manner")], MANNER_SHARE), verb]) if part.manner else verb
    if isinstance(part, Role):
        return _person(part, scope) if part.letter in notation.PERSONS else _thing(part, scope)
    if isinstance(part, Clause):
        subject = scope.letter(part.subject.letter)
        act = _call(part.act, scope, subject)
        return _joined([_person(part.subject, scope), act])
    if isinstance(part, Choice):
        options = [_sequence(option.parts, scope, passage) for option in part.options]
        return _choice(options, OPTIONAL_SHARE if part.optional else 1.0)
    return _call(part, scope, scope.letter(part.subject or "S"))


def _call(call: Call, scope: Scope, subject: str) -> Piece:
    if call.name not in rules() and call.name not in dict(scope.bindings):
        return _word(call)
    bound = scope.resolve(call)
    ending = call.form if call.form in notation.SENTENCE_ENDS else ""
    form = call.form if call.form and not ending else scope.form
    kind = rules()[bound.name].kind
    # only what depends on the verb in force is compiled once for each form and subject
    if kind in notation.SENTENCES:
        form, subject = "past", "S"
    return teller(bound.name, bound.arguments, form, subject if kind == "act" else "S", scope.spoken, ending)


def person_of(letter: str) -> str:
    """The grammatical person of a role, as far as verbs show it."""
    return {"I": "I", "U": "you", "W": "we", "T": "they"}.get(letter, "he")


def _text(text: str) -> Piece:
    return Piece(lambda tale: text, constant=text)


def _begin_paragraph(tale: Tale) -> str:
    tale.new_paragraph()
    return "\n\n"


def _begin_sentence(tale: Tale) -> str:
    tale.sentence += 1
    return " ^"


_PARAGRAPH = Piece(_begin_paragraph)
_SENTENCE = Piece(_begin_sentence)
# what no cast allows: speech that should end in a mark that none of its productions has
_NEVER = Piece(lambda tale: "", lambda tale: False)


def _joined(pieces: list[Piece]) -> Piece:
    if _NEVER in pieces:
        return _NEVER
    merged: list[Piece] = []
    for piece in pieces:
        if merged and merged[-1].constant is not None and piece.constant is not None:
            merged[-1] = _text(merged[-1].constant + piece.constant)
        else:
            merged.append(piece)
    if len(merged) == 1:
        return merged[0]
    tells = [piece.tell for piece in merged]
    fits = [piece.fits for piece in merged if piece.fits is not None]
    roles = frozenset().union(*(piece.roles for piece in merged))

    def tell_all(tale: Tale) -> str:
        return "".join([tell_one(tale) for tell_one in tells])

    return Piece(tell_all, (lambda tale: all(fit(tale) for fit in fits)) if fits else None, roles)


def _choice(options: list[Piece], share: float) -> Piece:
    """One of the options that fit, each as likely; with `share` below 1, often nothing."""
    options = [option for option in options if option is not _NEVER]
    if not options:
        return _NEVER
    constants = [option.constant for option in options]
    if share == 1.0 and len(options) == 1:
        return options[0]
    if all(constant is not None for constant in constants):
        words = [constant for constant in constants if constant is not None]
        count = len(words) / share
        if share < 1:
            return Piece(lambda tale: words[at] if (at := int(tale.random() * count)) < len(words) else "")
        return Piece(lambda tale: words[int(tale.random() * count)])
    tests = [option.fits for option in options]
    if not any(tests):
        tells = [option.tell for option in options]

        def tell_one(tale: Tale) -> str:
            at = int(tale.random() * (len(tells) / share))
            return tells[at](tale) if at < len(tells) else ""

        return Piece(tell_one)
    return _selective_choice(options, share)


def _selective_choice(options: list[Piece], share: float) -> Piece:
    roles = sorted(frozenset().union(*(option.roles for option in options)))
    fitting_by_groups: dict[tuple[str, ...], list[Tell]] = {}

    def fitting(tale: Tale) -> list[Tell]:
        groups = tuple([tale.cast[role].group for role in roles])
        tells = fitting_by_groups.get(groups)
        if tells is None:
            tells = [option.tell for option in options if option.fits is None or option.fits(tale)]
            fitting_by_groups[groups] = tells
        return tells

    def tell_one(tale: Tale) -> str:
        tells = fitting(tale)
        at = int(tale.random() * (len(tells) / share))
        return tells[at](tale) if at < len(tells) else ""

    if share < 1 or any(option.fits is None for option in options):
        return Piece(tell_one)
    return Piece(tell_one, lambda tale: bool(fitting(tale)), frozenset(roles))


def _person(role: Role, scope: Scope) -> Piece:
    letter = scope.letter(role.letter)
    if letter in SPEAKERS:
        if role.form == "if":
            return _NEVER
        return _text(" " + _pronoun(letter, role.form))
    tell_person = _PERSON_FORMS[role.form](letter, scope)
    if role.article:
        tell_person = _with_article(tell_person)
    if not role.type:
        return Piece(tell_person)
    groups = PERSON_TYPES.get(role.type, (role.type,))
    return Piece(tell_person, lambda tale: tale.cast[letter].group in groups, frozenset(letter))


def _pronoun(letter: str, form: str) -> str:
    nominative, accusative, possessive, reflexive = PRONOUNS[SPEAKERS[letter].gender]
    return {"": nominative, "him": accusative, "his": possessive, "'s": possessive, "himself": reflexive}[form]


def _someone(tale: Tale, letter: str) -> Person:
    who = tale.cast[letter]
    assert isinstance(who, Person)
    return who


def _mention(letter: str, scope: Scope, case: int, suffix: str = "", pronoun: bool = True) -> Tell:
    """The person by pronoun where it is clear who is meant, else by name or description. In speech, by name."""
    spoken, subject = scope.spoken, scope.subject

    def tell_mention(tale: Tale) -> str:
        who = _someone(tale, letter)
        if spoken:
            return f" {who.name}{suffix}"
        if pronoun and tale.focus[who.gender] is who and tale.takes_pronoun():
            tale.pronouns += 1
            return " " + PRONOUNS[who.gender][case]
        mentions = who.mentions if suffix or who.name in tale.known else who.introductions
        mention = mentions[int(tale.random() * len(mentions))]
        if mention[1] == "@":
            owner = _someone(tale, "H")
            near = subject == "H" if case else tale.focus[owner.gender] is owner
            mention = mention.replace("@", PRONOUNS[owner.gender][2] if near else owner.name + "'s")
        tale.mention(who)
        return mention + suffix

    return tell_mention


def _fixed(letter: str, case: int) -> Tell:
    return lambda tale: " " + PRONOUNS[_someone(tale, letter).gender][case]


def _name(letter: str, scope: Scope) -> Tell:
    def tell_name(tale: Tale) -> str:
        who = _someone(tale, letter)
        if not scope.spoken:
            tale.mention(who)
        return " " + who.name

    return tell_name


def _kind(letter: str) -> Tell:
    def tell_kind(tale: Tale) -> str:
        who = _someone(tale, letter)
        return f" {who.trait} {who.noun}" if who.trait else " " + who.noun

    return tell_kind


_PERSON_FORMS: dict[str, Callable[[str, Scope], Tell]] = {
    "": lambda letter, scope: _mention(letter, scope, 0),
    "him": lambda letter, scope: _mention(letter, scope, 1),
    "'s": lambda letter, scope: _mention(letter, scope, 2, "'s"),
    "he": lambda letter, scope: _fixed(letter, 0),
    "his": lambda letter, scope: _fixed(letter, 2),
    "himself": lambda letter, scope: _fixed(letter, 3),
    "full": lambda letter, scope: _mention(letter, scope, 0, pronoun=False),
    "if": lambda letter, scope: lambda tale: "",
    "name": _name,
    "kind": lambda letter, scope: _kind(letter),
    "trait": lambda letter, scope: lambda tale: " " + _someone(tale, letter).trait,
    "noun": lambda letter, scope: lambda tale: " " + _someone(tale, letter).noun,
}


def _with_article(tell_noun: Tell) -> Tell:
    def tell_with_article(tale: Tale) -> str:
        noun = tell_noun(tale)
        return f" {article(noun[1:])}{noun}"

    return tell_with_article


def _thing(role: Role, scope: Scope) -> Piece:
    letter, place_form = scope.letter(role.letter), {"goal": "to", "spot": "at"}.get(role.form, role.form)
    share = 0.0 if place_form != role.form else 0.75 if role.article else ADJECTIVE_SHARE

    def tell_thing(tale: Tale) -> str:
        thing = tale.cast[letter]
        assert isinstance(thing, Thing)
        if role.form == "if":
            return ""
        if role.form == "adjective":
            return " " + thing.adjective
        if role.form in ("one", "many"):
            return f" {thing.noun.one if role.form == 'one' else thing.noun.many}"
        place = {"at": " " + thing.noun.at, "to": " " + thing.noun.to}.get(place_form, "")
        described = role.form == "full" or tale.random() < share
        return f"{place} {thing.adjective} {thing.noun.one}" if described else f"{place} {thing.noun.one}"

    told = _with_article(tell_thing) if role.article else tell_thing
    if not role.type:
        return Piece(told)
    groups = GROUPS.get(role.type, (role.type,))
    return Piece(told, lambda tale: tale.cast[letter].group in groups, frozenset(letter))


def _word(call: Call) -> Piece:
    """A word of a class of the lexicon: a noun with or without adjective, or an adjective."""
    if not has_class(call.name):
        given = [f" {article(word)} {word}" if call.article else f" {word}" for word in adjectives(call.name)]
        return _choice([_text(word) for word in given], 1.0)
    words = nouns(call.name)

    def tell_word(tale: Tale) -> str:
        noun = words[int(tale.random() * len(words))]
        place = {"at": " " + noun.at, "to": " " + noun.to}.get(call.form, "")
        text = noun.many if call.form == "many" else noun.one
        if call.form != "one" and noun.adjectives and tale.random() < ADJECTIVE_SHARE:
            return f"{place} {noun.adjectives[int(tale.random() * len(noun.adjectives))]} {text}"
        return f"{place} {text}"

    return Piece(_with_article(tell_word) if call.article else tell_word)
