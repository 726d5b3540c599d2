"""A conversation in progress: what was said, how the model is to write, and the commands that change both."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from groundup.inference.chat import Reply, answer
from groundup.inference.generation import GenerationConfig, check_generation
from groundup.model.transformer import Transformer
from groundup.tokenizer.chat_format import Message, check_messages, render
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.errors import UserError, nearest_hint
from groundup.utils.files import open_atomic, read_json

COMMANDS: Final = {
    "/reset": "forget what was said; the system message stays",
    "/system TEXT": "begin anew with another system message; without TEXT, none",
    "/undo": "take back the last message and its reply",
    "/retry": "let the model answer the last message again",
    "/save FILE": "write the conversation as {\"messages\": [...]}, which groundup tune reads",
    "/load FILE": "go on with a saved conversation",
    "/set NAME VALUE": "temperature, top_k, top_p, max_new_tokens or seed; without VALUE, the default",
    "/stats": "turns, tokens in the context, speed",
    "/help": "this list",
    "/exit": "end; Ctrl-D too",
}  # fmt: skip
SETTABLE: Final = {"temperature": float, "top_k": int, "top_p": float, "max_new_tokens": int, "seed": int}


@dataclass
class Stats:
    """What has been generated so far."""

    replies: int = 0
    tokens: int = 0
    seconds: float = 0.0


class ChatSession:
    """One conversation. Methods return what there is to tell a person; UserError is for what they can mend."""

    def __init__(
        self, model: Transformer, tokenizer: Tokenizer, settings: GenerationConfig, *, system: str | None = None
    ) -> None:
        self.model, self.tokenizer = model, tokenizer
        self.settings, self._defaults = settings, replace(settings)
        self.messages: list[Message] = []
        self.stats = Stats()
        self.left_out = 0  # messages that the last prompt had no room for
        self._drawn = 0  # replies drawn from this seed: each gets chance of its own
        self.set_system(system or "")

    @property
    def system(self) -> str:
        """The system message; empty without one."""
        return self.messages[0]["content"] if self.messages and self.messages[0]["role"] == "system" else ""

    def say(self, text: str, on_text: Callable[[str], None]) -> Reply:
        """Say something and hear the reply. A reply that Ctrl-C stops stays as far as it was told.

        Raises UserError, with the conversation as it was, for a message that does not fit the context.
        """
        self.messages.append({"role": "user", "content": text})
        return self._answer(on_text)

    def retry(self, on_text: Callable[[str], None]) -> Reply:
        """Let the model answer the last message again, by other chance."""
        if self.messages and self.messages[-1]["role"] == "assistant":
            del self.messages[-1]
        if not self.messages or self.messages[-1]["role"] != "user":
            raise UserError("there is nothing to answer again: nothing has been said yet.")
        return self._answer(on_text)

    def _answer(self, on_text: Callable[[str], None]) -> Reply:
        pieces: list[str] = []

        def hear(piece: str) -> None:
            pieces.append(piece)
            on_text(piece)

        began = time.perf_counter()
        try:
            reply = answer(self.model, self.tokenizer, self.messages, self.settings, sample=self._drawn, on_text=hear)
        except UserError:
            del self.messages[-1]
            raise
        except KeyboardInterrupt:
            text = "".join(pieces)
            reply = Reply(text, len(self.tokenizer.encode(text)), "interrupted", 0, 0)
        self._drawn += 1
        self.left_out = reply.left_out
        self.messages.append({"role": "assistant", "content": reply.text})
        self.stats.replies += 1
        self.stats.tokens += reply.n_tokens
        self.stats.seconds += time.perf_counter() - began
        return reply

    def reset(self) -> str:
        """Forget what was said."""
        self.set_system(self.system)
        return "the conversation begins anew"

    def set_system(self, text: str) -> str:
        """Begin anew with a system message, or with none."""
        self.messages = [{"role": "system", "content": text}] if text else []
        self.left_out = 0
        return f"the conversation begins anew, {'with this' if text else 'without a'} system message"

    def undo(self) -> str:
        """Take back the last user message and what followed."""
        places = [number for number, message in enumerate(self.messages) if message["role"] == "user"]
        if not places:
            raise UserError("there is nothing to take back.")
        del self.messages[places[-1] :]
        return f"taken back; left: {counted(len(places) - 1, 'exchange')}"

    def save(self, path: Path) -> str:
        """Write the conversation as one line of jsonl."""
        with open_atomic(path) as f:
            f.write(json.dumps({"messages": self.messages}, ensure_ascii=False) + "\n")
        return f"{counted(len(self.messages), 'message')} written to {path}"

    def load(self, path: Path) -> str:
        """Go on with a saved conversation. Raises UserError, with this one as it was, for a file that has none."""
        if not path.is_file():
            raise UserError(f"there is no file {path}.")
        value: Any = read_json(path)
        messages = value.get("messages") if isinstance(value, dict) else None
        if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
            raise UserError(f"{path} holds no conversation: it must be {{\"messages\": [...]}}.")  # fmt: skip
        if messages:
            check_messages(messages)
        self.messages = [{"role": message["role"], "content": message["content"]} for message in messages]
        return f"{counted(len(messages), 'message')} read from {path}"

    def set(self, name: str, value: str) -> str:
        """Change how the model writes. An empty value sets the default."""
        if name not in SETTABLE:
            raise UserError(f'there is no setting "{name}".{nearest_hint(name, SETTABLE)}')
        try:
            parsed = SETTABLE[name](value) if value else getattr(self._defaults, name)
        except ValueError as error:
            raise UserError(f'{name} cannot be "{value}": it is a number.') from error
        changed = replace(self.settings, **{name: parsed})
        check_generation(changed)
        self.settings = changed
        if name == "seed":
            self._drawn = 0
        return f"{name} is {parsed}"

    def describe(self) -> str:
        """Turns, tokens, speed, settings."""
        ids = render(self.messages, self.tokenizer)[0] if self.messages else []
        stats, context = self.stats, self.model.config.block_size
        speed = f", {stats.tokens / stats.seconds:,.0f} tokens/s" if stats.seconds else ""
        values = {name: getattr(self.settings, name) for name in SETTABLE}
        chosen = ", ".join(f"{name} {'off' if value is None else value}" for name, value in values.items())
        exchanges = sum(message["role"] == "user" for message in self.messages)
        return (
            f"{counted(exchanges, 'exchange')}, {len(ids):,} tokens of a context of {context:,}; "
            f"written: {counted(stats.tokens, 'token')}{speed}\n{chosen}"
        )


def counted(number: int, noun: str) -> str:
    """A number of things: 1 message, 2 messages."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def help_text() -> str:
    """The commands, one a line."""
    return "\n".join(f"{command:16} {what}" for command, what in COMMANDS.items())
