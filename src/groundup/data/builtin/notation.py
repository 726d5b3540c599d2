"""The notation in which the grammar is written, read into syntax trees.

One grammar serves two readers: `writer` tells stories with it, `parser` recognises their sentences. A rule is a
header and one production a line (a line indented deeper goes on with the one above):

    clause lose S:
        {S: drop X} [by (mistake|accident)]
        {S.his} {X} *fall out of {S.his} pocket

Kinds of rules: `plot` and `scene` make passages of whole sentences, `shape` makes one sentence from its parts, `clause`
has a subject and a finite verb, `act` is a verb phrase whose subject is S, `speech` is what stands between quotation
marks, `lesson` is what a story teaches, `phrase` is anything smaller. Dialogues have `fact`, `question` and `answer`, and `verb`, a
verb without its object.

    word  . , ! ?  "      stand for themselves; ¶ begins a paragraph
    (this|that)  [maybe]  one of several; an optional part
    *find  ~find          the verb in the form in force (past, in speech present); ~ lets an adverb of manner go before it
    {S} {S.him} {S.his} {S.himself} {S's} {S.name} ...    a person, as pronoun, name or description
    {X} {a X} {X:food}    a thing, with its article, of a category
    {P.to} {P.goal}       towards a place, which may be described or never is; {P.at} {P.spot}: where it is
    {a toy} {toy.many}    a word of a class of the lexicon, with an adjective where one fits
    {S: act N}            a clause: subject and verb phrase; {S: act.base} fixes the form
    {rule F (act X)}      another rule with its arguments: roles, or rules with arguments of their own
    {D.base@O}            an act received as argument, with O as its subject
    {Q.} {Q!} {Q?}        speech received as argument and ending so, without its last mark

One upper-case letter names a role (the capital letters below), which the story or the caller fills.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# hero, friend, grown-up, villain, the two of them (hero and friend); speaker I, listener U ("you"), both W ("we");
# S O R are parameters, S the subject
PERSONS = frozenset("HFGVTIUWSOR")
# objects of the story X Y Z and its place P; words that a dialogue asks for K J C; N M are parameters
THINGS = frozenset("XYZPKJCNM")
CLAUSES = frozenset("AB")
ACTS = frozenset("DE")
SPEECHES = frozenset("Q")
LESSONS = frozenset("L")

KINDS = (
    "plot",
    "scene",
    "shape",
    "clause",
    "act",
    "speech",
    "fact",
    "question",
    "answer",
    "verb",
    "lesson",
    "place",
    "time",
    "saying",
    "phrase",
)
PASSAGES = frozenset({"plot", "scene", "shape"})  # made of whole sentences of stories
SENTENCES = PASSAGES | {"speech", "fact", "question", "answer"}
SENTENCE_ENDS = frozenset(".!?")


@dataclass(frozen=True)
class Text:
    """A word or a mark that stands for itself."""

    text: str


@dataclass(frozen=True)
class Verb:
    base: str
    manner: bool  # an adverb of manner may go before it


@dataclass(frozen=True)
class Role:
    """A person or thing of the story, by letter."""

    letter: str
    form: str = ""
    type: str = ""
    article: bool = False


@dataclass(frozen=True)
class Call:
    """A rule, a class of words, or a parameter that holds a rule."""

    name: str
    form: str = ""
    arguments: tuple["str | Call", ...] = ()
    article: bool = False
    subject: str = ""  # the role that becomes S, if it is not the S in force


@dataclass(frozen=True)
class Clause:
    subject: Role
    act: Call


@dataclass(frozen=True)
class Choice:
    options: tuple["Sequence", ...]
    optional: bool = False  # or nothing at all


QUOTE, PARAGRAPH = Text('"'), Text("¶")

Part = Text | Verb | Role | Call | Clause | Choice


@dataclass(frozen=True)
class Sequence:
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Rule:
    kind: str
    name: str
    parameters: tuple[str, ...]
    productions: tuple[Sequence, ...]


_HEADER = re.compile(r"^(\w+) ([\w-]+)((?: [A-Z](?:=[a-z|]+)?)*):$")
_TOKEN = re.compile(r"\{[^}]*\}|[()\[\]|]|[*~][\w-]+|[A-Za-z][A-Za-z'-]*|'s|[.,!?\"¶]")
_REFERENCE = re.compile(r"^(a )?([A-Za-z][\w-]*)('s|[.!?][\w]*)?(?::([a-z-]+))?(?:@([A-Z]))?((?: .+)?)$")


def read_rules(source: str) -> Iterator[Rule]:
    """Yield the rules of a text in the notation. Lines that begin with # are comments."""
    header: re.Match[str] | None = None
    lines: list[str] = []
    for line in [*source.splitlines(), "end of text:"]:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line.startswith("        "):
            lines[-1] += " " + line.strip()
        elif line.startswith("    "):
            lines.append(line.strip())
        else:
            if header is not None:
                yield _rule(header, lines)
            header, lines = _HEADER.match(line), []
            assert header is not None or line == "end of text:", f"not a header: {line!r}"


def _rule(header: re.Match[str], lines: list[str]) -> Rule:
    kind, name, parameters = header.groups()
    assert kind in KINDS, f"unknown kind of rule: {kind}"
    assert lines, f"{name} has no productions"
    return Rule(kind, name, tuple(parameters.split()), tuple(read_production(line) for line in lines))


def read_production(line: str) -> Sequence:
    tokens = _TOKEN.findall(line)
    assert "".join(tokens) == re.sub(r" (?![^{]*\})", "", line), f"cannot read {line!r}"
    sequence, rest = _sequence(tokens, 0)
    assert rest == len(tokens), f"unbalanced brackets in {line!r}"
    return sequence


def _sequence(tokens: list[str], at: int) -> tuple[Sequence, int]:
    """Read parts until a bracket or a bar that this sequence does not own."""
    parts: list[Part] = []
    while at < len(tokens) and tokens[at] not in ")]|":
        token = tokens[at]
        at += 1
        if token in "([":
            options = []
            while True:
                option, at = _sequence(tokens, at)
                options.append(option)
                assert at < len(tokens), "a bracket is never closed"
                at += 1
                if tokens[at - 1] != "|":
                    break
            parts.append(Choice(tuple(options), optional=token == "["))
        elif token[0] == "{":
            parts.append(_reference(token[1:-1]))
        elif token[0] in "*~":
            parts.append(Verb(token[1:].replace("-", " "), token[0] == "~"))
        else:
            parts.append(Text(token))
    return Sequence(tuple(parts)), at


def _reference(text: str) -> Part:
    subject, colon, act = text.partition(": ")
    if colon:
        role, call = _reference(subject), _reference(act)
        assert isinstance(role, Role) and isinstance(call, Call), f"not a clause: {text!r}"
        return Clause(role, call)
    match = _REFERENCE.match(text)
    assert match is not None, f"not a reference: {text!r}"
    article, name, form, type_, owner, rest = match.groups(default="")
    form = form if form in ("'s", ".", "!", "?") else form[1:]
    if name in PERSONS or name in THINGS:
        assert not rest, f"a role takes no arguments: {text!r}"
        return Role(name, form, type_, bool(article))
    return Call(name, form, _arguments(rest), bool(article), owner)


def _arguments(text: str) -> tuple[str | Call, ...]:
    arguments: list[str | Call] = []
    depth, start = 0, 0
    for end, character in enumerate(text + " "):
        depth += (character == "(") - (character == ")")
        if character == " " and depth == 0:
            word = text[start:end].strip()
            start = end
            if word.startswith("("):
                inner = _reference(word[1:-1])
                assert isinstance(inner, Call), f"not a rule: {word!r}"
                arguments.append(inner)
            elif word:
                arguments.append(word)
    return tuple(arguments)
