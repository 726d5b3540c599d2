"""Dialogues without end: a short passage told by the user, questions about it, and answers that follow from it."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypedDict

from groundup.data.builtin.cast import Draw, Person, Thing, draw_person, draw_thing, is_held_out, pick
from groundup.data.builtin.lexicon import Noun, adjectives, rows
from groundup.data.builtin.stories import Cast, draw_cast
from groundup.data.builtin.tale import Tale
from groundup.data.builtin.writer import Bound, finish, teller

# verb, how it makes one feel, and the groups of things that it is done to
EVENTS = """
find glad: toy treasure clothing book instrument fruit flower
discover glad: treasure book container
buy glad: toy clothing book instrument treat
win glad: toy treasure book
make glad: toy clothing treat
receive glad: toy clothing book instrument treasure flower
bake glad: treat
pick glad: flower fruit vegetable
catch glad: bug
see glad: wild vehicle building bug
draw glad: wild vehicle building flower creature
paint glad: wild vehicle building flower
borrow glad: book instrument builder digger
choose glad: toy clothing book instrument treat fruit
repair proud: toy instrument vehicle
carry tired: container builder digger
lose sad: toy treasure clothing book instrument
break sad: toy instrument container
drop cross: treat fruit container
hide afraid: toy treasure treat
"""

# fact: the questions that it answers, each with the role that holds the key word of the answer
QUESTIONS = """
opening: who=H kind=kind trait=trait
going: where=P who=H when=C yes=yes no=no
event: what=X who=H where=P yes=yes no=no look=look
meeting: who=F kind=friend no=no
giving: who=F
eating: how-many=N what=M
feeling: how=K why=X yes=yes no=no
"""

WITH_VERB = frozenset({"event", "feeling"})
# after these one has the object, and can give it away
GIVEN = frozenset(
    {"find", "discover", "buy", "win", "make", "receive", "bake", "pick", "catch", "draw", "paint", "choose"}
)
MOODS = ("glad", "proud", "tired", "sad", "cross", "afraid", "lonely", "surprised")

FRAMES = (
    "{passage} {question}",
    "{passage} {question}",
    "{passage}\n\n{question}",
    "{passage}\n\n{question}",
    "Read this: {passage} {question}",
    "Read the story.\n\n{passage}\n\n{question}",
    "Here is a story. {passage} {question}",
    "Story: {passage}\nQuestion: {question}",
    "Listen to this story. {passage} {question}",
    "{passage}\nQuestion: {question}",
    "I have a question about a story. {passage} {question}",
    "Please answer the question. {passage} {question}",
    "Here is a short story: {passage}\n\nNow tell me: {question}",
)  # fmt: skip
LATER_FRAMES = (
    *("{question}",) * 6,
    "And {small}",
    "Now tell me: {small}",
    "Next question: {small}",
    "One more question: {small}",
    "I see. {question}",
    "Good. {question}",
    "Thank you. {question}",
)
MOST_TURNS = 4


class Message(TypedDict):
    role: str
    content: str


class Conversation(TypedDict):
    """User and assistant in turn; `answers` holds the key word of each answer, `answer` that of the last."""

    messages: list[Message]
    answers: list[str]
    answer: str


@dataclass(frozen=True)
class Question:
    name: str  # "going-where"
    key: str
    arguments: tuple[Bound, ...]


def generate_dialogues(
    seed: int, *, held_out: bool = False, start: int = 0, most_turns: int = MOST_TURNS
) -> Iterator[Conversation]:
    """Yield the dialogues of a seed for ever, from number `start` on.

    `held_out` chooses the combinations of character, object and event that belong to validation; else none of them comes.
    """
    number = start
    while True:
        yield dialogue(seed, number, held_out=held_out, most_turns=most_turns)
        number += 1


def dialogue(seed: int, number: int, *, held_out: bool = False, most_turns: int = MOST_TURNS) -> Conversation:
    """Return one dialogue, which depends on nothing but these numbers; it has one to `most_turns` questions."""
    assert seed >= 0
    draw = random.Random((seed << 66) | (number << 2) | 2 | held_out).random
    while True:
        event, mood, groups = pick(draw, _events())
        cast = _draw_cast(draw, mood, groups)
        hero, thing = cast["H"], cast["X"]
        assert isinstance(hero, Person)
        assert isinstance(thing, Thing)
        if is_held_out(hero.noun, thing.noun.one, event) == held_out:
            return _converse(draw, cast, event, most_turns)


def _converse(draw: Draw, cast: Cast, verb: str, most_turns: int) -> Conversation:
    facts, event = _choose_facts(draw, given=verb in GIVEN), Bound(f"to-{verb}")
    passage = _tell_facts(facts, Tale(draw, cast), event)
    open_questions = [
        q for fact in facts for q in _questions(fact, event) if "going" in facts or q.name != "event-where"
    ]
    messages: list[Message] = []
    answers: list[str] = []
    for turn in range(min(1 + int(draw() * most_turns), len(open_questions))):
        question = open_questions.pop(int(draw() * len(open_questions)))
        asked = _tell("ask", question, Tale(draw, cast))
        frame = pick(draw, LATER_FRAMES if turn else FRAMES)
        small = asked[0].lower() + asked[1:]
        messages.append({"role": "user", "content": frame.format(passage=passage, question=asked, small=small)})
        messages.append({"role": "assistant", "content": _tell("answer", question, Tale(draw, cast))})
        answers.append(_key_word(question.key, cast))
    return {"messages": messages, "answers": answers, "answer": answers[-1]}


def _choose_facts(draw: Draw, *, given: bool) -> list[str]:
    """Draw three to six facts, in the order in which they happen. given: whether the object may change hands."""
    meets = draw() < 0.6
    chances = {
        "opening": 0.85,
        "going": 0.75,
        "event": 1.0,
        "meeting": meets,
        "giving": meets and given and 0.8,
        "eating": 0.3,
    }
    facts = [fact for fact, chance in chances.items() if draw() < chance]
    return [*facts, "feeling"] if draw() < 0.6 or len(facts) < 3 else facts


def _tell_facts(facts: Sequence[str], tale: Tale, event: Bound) -> str:
    told = [teller(f"tell-{fact}", (event,) if fact in WITH_VERB else ()).tell(tale) for fact in facts]
    return finish("".join(told))


def _tell(kind: str, question: Question, tale: Tale) -> str:
    return finish(teller(f"{kind}-{question.name}", question.arguments).tell(tale))


def _questions(fact: str, event: Bound) -> list[Question]:
    arguments = (event,) if fact in WITH_VERB else ()
    return [Question(f"{fact}-{name}", key, arguments) for name, key in _question_table()[fact]]


def _key_word(key: str, cast: Cast) -> str:
    if key in ("yes", "no"):
        return key
    role = {"kind": "H", "trait": "H", "friend": "F", "look": "X"}.get(key, key)
    holder = cast[role]
    if isinstance(holder, Thing):
        return {"look": holder.adjective, "M": holder.noun.many}.get(key, holder.noun.one)
    return {"trait": holder.trait, "kind": holder.noun, "friend": holder.noun}.get(key, holder.name)


def _draw_cast(draw: Draw, mood: str, groups: tuple[str, ...]) -> Cast:
    """Draw who and what comes into a passage, and what does not but might be asked for."""
    cast = draw_cast(draw, {"X": groups, "P": ("nature", "town", "indoors")})
    persons = [who for who in cast.values() if isinstance(who, Person)]
    cast["V"] = draw_person(draw, "child" if draw() < 0.5 else "furry", persons)
    cast["Y"] = _another(draw, cast, "X", groups)
    cast["Z"] = _another(draw, cast, "P", ("nature", "town", "indoors"))
    cast["M"] = draw_thing(draw, ("fruit", "treat", "vegetable"))
    cast["K"] = _word(pick(draw, adjectives(mood)))
    other = pick(draw, [one for one in MOODS if one != mood])
    cast["J"] = _word(pick(draw, [word for word in adjectives(other) if word not in adjectives(mood)]))
    cast["C"] = _word(when := pick(draw, adjectives("when")), "day" if "day" in when else "word")
    cast["N"] = _word(pick(draw, adjectives("number-word")))
    return cast


def _another(draw: Draw, cast: Cast, role: str, groups: Sequence[str]) -> Thing:
    while True:
        thing, known = draw_thing(draw, groups), cast[role]
        assert isinstance(known, Thing)
        if thing.noun.one != known.noun.one:
            return thing


def _word(word: str, group: str = "word") -> Thing:
    return Thing(Noun(word, word), group, "")


@cache
def _events() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    heads = ((head.split(), tuple(groups)) for head, groups in rows(EVENTS))
    return tuple((verb, mood, groups) for (verb, mood), groups in heads)


@cache
def _question_table() -> dict[str, tuple[tuple[str, str], ...]]:
    table: dict[str, tuple[tuple[str, str], ...]] = {}
    for fact, questions in rows(QUESTIONS):
        pairs = (question.split("=") for question in questions)
        table[fact] = tuple((name, key) for name, key in pairs)
    return table
