"""Conversations, from the formats that people have. One row of a file is one conversation:

messages       {"messages": [{"role": "user", "content": "..."}, ...]}; also "conversation", "dialog", "turns"
ShareGPT       {"conversations": [{"from": "human", "value": "..."}, {"from": "gpt", "value": "..."}], "system": "..."}
Alpaca         {"instruction": "...", "input": "...", "output": "..."}
completion     {"prompt": "...", "completion": "..."}; also question and answer, query and response
DailyDialog    Hi! __eou__ Hello. __eou__            one line, speakers in turn
labelled text  User: Hi!                             lines that begin with a speaker's name; a blank line before "User:"
               Assistant: Hello.                     that follows a reply begins the next conversation

A preference is {"prompt": ..., "chosen": ..., "rejected": ...}, each text or messages. What files these rows come from
is data/conversation_rows.py's matter.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from groundup.data.documents import document_id
from groundup.tokenizer.chat_format import Message, check_messages
from groundup.utils.errors import UserError

ROLES: Final = {
    **dict.fromkeys(("user", "human", "prompter", "customer", "person", "q", "question"), "user"),
    **dict.fromkeys(("assistant", "gpt", "chatgpt", "bot", "model", "ai", "a", "answer", "agent"), "assistant"),
    "system": "system",
}
LISTS: Final = ("messages", "conversations", "conversation", "dialog", "dialogue", "turns")
PAIRS: Final = (("prompt", "completion"), ("prompt", "response"), ("question", "answer"), ("query", "response"),
                ("input", "output"), ("instruction", "response"))  # fmt: skip
UTTERANCE_END: Final = "__eou__"
_LABEL = re.compile(r"^(user|human|assistant|bot|ai|system|q|a)[ \t]*:[ \t]*", re.IGNORECASE)


class BadRow(ValueError):  # noqa: N818 - it is counted and reported, and ends nothing
    """A row that is no conversation, and why."""


@dataclass(frozen=True)
class Conversation:
    """One conversation with at least one reply."""

    messages: list[Message]
    answers: tuple[str, ...] = ()
    """The key word that each reply must hold, where that is known; else empty."""

    @property
    def id(self) -> str:
        """Named by its content."""
        return document_id(json.dumps(self.messages, ensure_ascii=True))

    @property
    def replies(self) -> list[str]:
        """What the assistant says."""
        return [message["content"] for message in self.messages if message["role"] == "assistant"]


@dataclass(frozen=True)
class Preference:
    """A conversation that waits for the assistant, and two replies to it."""

    prompt: list[Message]
    chosen: str
    rejected: str

    @property
    def id(self) -> str:
        """Named by its prompt: pairs of one prompt stay on one side."""
        return document_id(json.dumps(self.prompt, ensure_ascii=True))

    def with_reply(self, reply: str) -> list[Message]:
        """The conversation with one of the replies."""
        return [*self.prompt, {"role": "assistant", "content": reply}]


def read_conversation(row: Any) -> Conversation:
    """The conversation of one row: an object of one of the forms above, a list of messages, or a line of text.

    Raises BadRow with what is wrong with it.
    """
    if isinstance(row, str):
        return checked(_from_text(row))
    if isinstance(row, list):
        return checked(_from_list(row))
    if not isinstance(row, Mapping):
        raise BadRow(f"a {type(row).__name__} is no conversation")
    answers = _answers(row)
    for key in LISTS:
        if row.get(key) is not None:
            value = _decoded(row[key])
            messages = _from_text(value) if isinstance(value, str) else _from_list(value)
            return checked(_with_system(row, messages), answers)
    if isinstance(row.get("instruction"), str) and "output" in row:
        given = _text(row.get("input") or "", "input")
        question = row["instruction"] + (f"\n\n{given}" if given.strip() else "")
        return checked(_with_system(row, _exchange(question, _text(row["output"], "output"))), answers)
    for asked, replied in PAIRS:
        if asked in row and replied in row:
            exchange = _exchange(_text(row[asked], asked), _text(row[replied], replied))
            return checked(_with_system(row, exchange), answers)
    if isinstance(row.get("text"), str):
        return checked(_from_text(row["text"]), answers)
    raise BadRow(f"no known form of conversation; its keys are {', '.join(map(str, list(row)[:8])) or 'none'}")


def read_preference(row: Any) -> Preference:
    """The preference of one row. Raises BadRow."""
    if not isinstance(row, Mapping) or not {"chosen", "rejected"} <= row.keys():
        raise BadRow('a preference needs the keys "prompt", "chosen" and "rejected"')
    sides: list[list[Message]] = []
    for key in ("chosen", "rejected"):
        value = _decoded(row[key])
        sides.append([{"role": "assistant", "content": value}] if isinstance(value, str) else _from_list(value))
    prompt = _prompt(_decoded(row["prompt"])) if row.get("prompt") else sides[0][:-1]
    for messages in sides:
        if not messages or messages[-1]["role"] != "assistant":
            raise BadRow("chosen and rejected must end with a reply of the assistant")
    prompt = _with_system(row, prompt)
    chosen, rejected = (messages[-1]["content"] for messages in sides)
    if chosen == rejected:
        raise BadRow("chosen and rejected are the same text")
    for reply in (chosen, rejected):
        checked([*prompt, {"role": "assistant", "content": reply}])
    return Preference(prompt, chosen, rejected)


def checked(messages: list[Message], answers: tuple[str, ...] = ()) -> Conversation:
    """The conversation, if it is one that can be learned from. Raises BadRow."""
    try:
        check_messages(messages)
    except UserError as error:
        raise BadRow(str(error)) from error
    replies = [number for number, message in enumerate(messages, 1) if message["role"] == "assistant"]
    if not replies:
        raise BadRow("nothing is said by the assistant: there is nothing to learn")
    for number in replies:
        if not messages[number - 1]["content"].strip():
            raise BadRow(f"the reply in message {number} is empty")
    if not any(message["role"] == "user" for message in messages):
        raise BadRow("nothing is said by the user")
    if answers and len(answers) != len(replies):
        raise BadRow(f"{len(answers)} answers for {len(replies)} replies")
    # What nobody answers teaches nothing.
    return Conversation(messages[: replies[-1]], answers)


def labelled_blocks(lines: Iterator[str]) -> Iterator[tuple[int, str]]:
    """Cut labelled text into conversations: (number of the first line, text).

    A blank line ends a conversation where the next line begins with the user's or the system's label and the
    assistant had the last word; other blank lines belong to what is being said.
    """
    block: list[str] = []
    began, speaker, blank = 1, "", False
    for number, line in enumerate(lines, 1):
        label = _LABEL.match(line)
        role = ROLES[label[1].lower()] if label else ""
        if block and blank and role in ("user", "system") and speaker == "assistant":
            yield began, "\n".join(block)
            block = []
        if not block and not line.strip():
            continue
        began = began if block else number
        block.append(line)
        speaker, blank = role or speaker, not line.strip()
    if block:
        yield began, "\n".join(block)


def _from_text(text: str) -> list[Message]:
    if UTTERANCE_END in text:
        said = [part.strip() for part in text.split(UTTERANCE_END)]
        return _in_turn([part for part in said if part])
    messages: list[Message] = []
    for line in text.split("\n"):
        label = _LABEL.match(line)
        if label:
            messages.append({"role": ROLES[label[1].lower()], "content": line[label.end() :]})
        elif messages:
            messages[-1]["content"] += "\n" + line
        elif line.strip():
            raise BadRow(f'neither lines that begin with "User:" and "Assistant:" nor {UTTERANCE_END} between turns')
    for message in messages:
        message["content"] = message["content"].strip()
    return messages


def _from_list(turns: Any) -> list[Message]:
    if not isinstance(turns, list):
        raise BadRow(f"the turns are a {type(turns).__name__}, not a list")
    if turns and all(isinstance(turn, str) for turn in turns):
        return _in_turn(turns)
    messages: list[Message] = []
    for number, turn in enumerate(turns, 1):
        if not isinstance(turn, Mapping):
            raise BadRow(f"message {number} is a {type(turn).__name__}, not an object with role and content")
        role = turn.get("role", turn.get("from"))
        content = turn.get("content", turn.get("value"))
        known = ROLES.get(str(role).lower())
        if known is None:
            raise BadRow(f"message {number} has the role {role!r}, which is not one of system, user, assistant")
        messages.append({"role": known, "content": _text(content, f"the content of message {number}")})
    return messages


def _prompt(value: Any) -> list[Message]:
    return [{"role": "user", "content": value}] if isinstance(value, str) else _from_list(value)


def _in_turn(said: list[str]) -> list[Message]:
    return [{"role": ("user", "assistant")[number % 2], "content": text} for number, text in enumerate(said)]


def _exchange(question: str, reply: str) -> list[Message]:
    return [{"role": "user", "content": question}, {"role": "assistant", "content": reply}]


def _with_system(row: Mapping[str, Any], messages: list[Message]) -> list[Message]:
    system = row.get("system")
    if isinstance(system, str) and system.strip() and not (messages and messages[0]["role"] == "system"):
        return [{"role": "system", "content": system}, *messages]
    return messages


def _answers(row: Mapping[str, Any]) -> tuple[str, ...]:
    answers = _decoded(row.get("answers"))
    return tuple(answers) if isinstance(answers, list) and all(isinstance(one, str) for one in answers) else ()


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise BadRow(f"{what} is {type(value).__name__}, not text")
    return value


def _decoded(value: Any) -> Any:
    """A column of a table holds a list as JSON text."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
