"""The one chat format (ChatML): from messages to ids and loss mask, and the same as a template for other programs.

    <|endoftext|><|im_start|>user\\nHi.<|im_end|>\\n<|im_start|>assistant\\nHello!<|im_end|>\\n<|endoftext|>
    . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . .XXXXXX XXXXXXXXXX . . . . . . . .   loss mask

* It begins with `<|endoftext|>`, as every model input does. A conversation that the assistant has the last word in is
  over and ends with `<|endoftext|>`; one that waits for the assistant (`add_generation_prompt`) ends with
  `<|im_start|>assistant\\n`.
* The template writes the first `<|endoftext|>` itself. transformers then tokenises without adding another one, and
  llama.cpp, which adds one, first takes a leading one off the template's text: all three get one.
* Content is encoded with special tokens off. A message that spells out `<|im_end|>` is text here and ends no turn.
  Programs that tokenise the template's whole text cannot tell the two apart, so for such a message, and only for
  such a message, their ids differ from ours.
* The template's text is what is encoded, turn by turn: behind a marker, role, newline and content are one string.
* Nothing is trimmed. Where the content begins with white space that joins the newline after the role in one token
  ("\\n\\n"), that token belongs to the header: the loss mask begins with the first token that is content alone.
"""

from collections.abc import Sequence
from typing import Final, TypedDict

import numpy as np

from groundup.tokenizer.interface import Tokenizer
from groundup.utils.errors import UserError

ROLES: Final = ("system", "user", "assistant")

CHAT_TEMPLATE: Final = (
    "{{ bos_token }}"
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}"
    "{{ '<|im_start|>assistant\\n' }}"
    "{% elif messages[-1]['role'] == 'assistant' %}"
    "{{ eos_token }}"
    "{% endif %}"
)
"""Jinja twin of `render`, stored with every tokenizer. Only what transformers' and llama.cpp's engines both know."""


class Message(TypedDict):
    """One turn of a conversation."""

    role: str
    """`system` (the first turn only), `user` or `assistant`."""
    content: str


def check_messages(messages: Sequence[Message], *, add_generation_prompt: bool = False) -> None:
    """Raise UserError unless every role is known, a system turn stands first only, and every content is text.

    With `add_generation_prompt` the last turn must not be the assistant's: there would be nothing to answer.
    """
    if not messages:
        raise UserError("A conversation has no messages. Give at least one, from the user.")
    for number, message in enumerate(messages, start=1):
        role, content = message.get("role"), message.get("content")
        if role not in ROLES:
            raise UserError(f"Message {number} has the role {role!r}. Use one of: {', '.join(ROLES)}.")
        if role == "system" and number > 1:
            raise UserError(f"Message {number} has the role system. Only the first message may have it.")
        if not isinstance(content, str):
            raise UserError(f"The content of message {number} is {type(content).__name__}. It must be text.")
    if add_generation_prompt and messages[-1]["role"] == "assistant":
        raise UserError("The last message is the assistant's, so there is nothing to answer. End with the user's.")


def without_oldest_turn(messages: Sequence[Message]) -> list[Message] | None:
    """The conversation without the oldest user message and what was said up to the next one; the system message stays.

    None when only one user message is left: a conversation is never cut within its last exchange.
    """
    system = [message for message in messages[:1] if message["role"] == "system"]
    turns = list(messages[len(system) :])
    later = [number for number, message in enumerate(turns) if message["role"] == "user" and number > 0]
    return system + turns[later[0] :] if later else None


def _after_marker(text: str, tokenizer: Tokenizer) -> list[int]:
    """Ids of `text` as they are behind a marker, exactly as when the template's whole text is tokenised.

    Text that spells out a special token is encoded apart, as text. (A special token stands for no bytes.)
    """
    ids = tokenizer.encode(tokenizer.specials.im_start + text, allow_special=True)[1:]
    return ids if tokenizer.token_byte_lengths[ids].all() else tokenizer.encode(text)


def _turn(message: Message, tokenizer: Tokenizer) -> tuple[list[int], list[bool]]:
    """Ids and loss mask of what stands between `<|im_start|>` and `<|im_end|>`: role, newline, content."""
    ids = _after_marker(f"{message['role']}\n{message['content']}", tokenizer)
    if message["role"] != "assistant":
        return ids, [False] * len(ids)
    # Counted from the end: some tokenizers put a space before a text, which shifts the beginning.
    bytes_from_here = np.cumsum(tokenizer.token_byte_lengths[ids][::-1])[::-1]
    return ids, (bytes_from_here <= len(message["content"].encode("utf-8", "surrogatepass"))).tolist()


def render(
    messages: Sequence[Message], tokenizer: Tokenizer, *, add_generation_prompt: bool = False
) -> tuple[list[int], list[bool]]:
    """Ids of a conversation, and the loss mask: True on what the assistant says, its `<|im_end|>` included.

    Raises UserError for messages that are not a conversation (see `check_messages`).
    """
    check_messages(messages, add_generation_prompt=add_generation_prompt)
    special = tokenizer.specials.ids
    newline = _after_marker("\n", tokenizer)
    ids, mask = [special["end_of_text"]], [False]
    for message in messages:
        turn_ids, turn_mask = _turn(message, tokenizer)
        said_by_assistant = message["role"] == "assistant"
        ids += [special["im_start"], *turn_ids, special["im_end"], *newline]
        mask += [False, *turn_mask, said_by_assistant, *[False] * len(newline)]
    if add_generation_prompt:
        tail = [special["im_start"], *_after_marker("assistant\n", tokenizer)]
    else:
        tail = [special["end_of_text"]] if messages[-1]["role"] == "assistant" else []
    return ids + tail, mask + [False] * len(tail)
