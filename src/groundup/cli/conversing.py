"""What `groundup chat` does with a terminal or a pipe: lines in, replies out, commands between."""

import sys
from collections.abc import Callable
from pathlib import Path

from groundup.cli.opening import choose_bundle
from groundup.cli.writing import read_as_utf8, read_line, standard_output
from groundup.inference.chat import Reply
from groundup.inference.chat_session import COMMANDS, ChatSession, help_text
from groundup.model.bundle import find_chat_bundle
from groundup.runs.origin import is_tuned
from groundup.utils.errors import UserError, nearest_hint
from groundup.utils.progress import Say

BLOCK = '"""'  # a line of its own begins and ends a message of several lines
ENDINGS = {
    "max_new_tokens": "(cut off: /set max_new_tokens gives replies more room)",
    "context": "(cut off: the context is full)",
    "interrupted": "(stopped)",
}


def choose_chat_bundle(checkpoint: Path | None, say: Say) -> Path:
    """The model folder of --checkpoint, or of the newest run; says so when it was never tuned on conversations."""
    bundle = choose_bundle(None, say) if checkpoint is None else find_chat_bundle(checkpoint)
    run_folder = bundle.parent.parent
    if (run_folder / "metrics.jsonl").exists() and not is_tuned(run_folder):
        say("this model was not tuned on conversations, so it goes on with text instead of answering: groundup tune")
    return bundle


def converse(session: ChatSession, say: Say) -> None:
    """Talk until end of input. Ctrl-C stops a reply; at the prompt it drops what was typed."""
    emit = standard_output()
    read_as_utf8()
    if sys.stdin.isatty():
        say(f"/help lists the commands. {BLOCK} begins and ends a message of several lines. Ctrl-C stops a reply.")
    while True:
        try:
            text = read_message()
        except KeyboardInterrupt:
            print(file=sys.stderr)
            continue
        if text is None or text.strip() in ("/exit", "/quit"):
            return
        if not text.strip():
            continue
        try:
            act(session, text, emit, say)
        except UserError as error:
            say(f"error: {error}")
        except KeyboardInterrupt:  # between two tokens
            print(file=sys.stderr)


def act(session: ChatSession, text: str, emit: Callable[[str], None], say: Say) -> None:
    """Carry out a command, or say the text to the model."""
    word, _, rest = text.strip().partition(" ")
    rest = rest.strip()
    if not text.startswith("/"):
        tell(session, session.say(text, emit), emit, say)
    elif word == "/retry":
        tell(session, session.retry(emit), emit, say)
    elif word == "/reset":
        say(session.reset())
    elif word == "/system":
        say(session.set_system(rest))
    elif word == "/undo":
        say(session.undo())
    elif word in ("/save", "/load"):
        if not rest:
            raise UserError(f"{word} needs the name of a file.")
        say((session.save if word == "/save" else session.load)(Path(rest).expanduser()))
    elif word == "/set":
        name, _, value = rest.partition(" ")
        say(session.set(name, value.strip()))
    elif word == "/stats":
        say(session.describe())
    elif word == "/help":
        say(help_text())
    else:
        raise UserError(f"there is no command {word}.{nearest_hint(word, [name.split()[0] for name in COMMANDS])}")


def tell(session: ChatSession, reply: Reply, emit: Callable[[str], None], say: Say) -> None:
    """End the reply's line, and say what a person should know about it."""
    emit("\n")
    if reply.ended_by in ENDINGS:
        say(ENDINGS[reply.ended_by])
    if reply.left_out:
        say(f"(the context is full: the oldest {reply.left_out} messages were left out)")


def read_message() -> str | None:
    """The next message: a line, lines joined by a backslash at their end, or what stands between two lines of \"\"\".

    None at the end of input.
    """
    line = read_line("> ")
    if line is None:
        return None
    if line.strip() == BLOCK:
        lines: list[str] = []
        while (line := read_line(". ")) is not None and line.strip() != BLOCK:
            lines.append(line)
        return "\n".join(lines)
    while line.endswith("\\"):
        following = read_line(". ")
        line = line[:-1] + ("" if following is None else "\n" + following)
        if following is None:
            break
    return line
