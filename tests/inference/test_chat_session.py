"""A conversation in progress: every command, and what happens to the history."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from groundup.data.conversation_rows import read_conversations
from groundup.inference.chat_session import COMMANDS, ChatSession, help_text
from groundup.inference.generation import GenerationConfig
from groundup.model.config import ModelConfig
from groundup.model.initialisation import initialise
from groundup.model.transformer import Transformer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.utils.errors import UserError
from groundup.utils.progress import quiet


def ignore(text: str) -> None:
    """Nobody listens."""


@pytest.fixture(scope="module")
def make() -> Callable[..., ChatSession]:
    tokenizer = train_tokenizer(["user\nYes.\nassistant\nNo. red ball"] * 9, TokenizerConfig(), quiet)
    shape = ModelConfig(vocab_size=tokenizer.vocab_size, block_size=96, n_layer=1, n_head=2, n_embd=16)
    model = initialise(Transformer(shape), 1).eval()

    def session(system: str | None = None) -> ChatSession:
        return ChatSession(model, tokenizer, GenerationConfig(max_new_tokens=8, temperature=1.0, seed=1), system=system)

    return session


def test_history_grows_and_undo_takes_back(make: Callable[..., ChatSession]) -> None:
    session = make()
    pieces: list[str] = []
    reply = session.say("Yes.", pieces.append)
    assert "".join(pieces) == reply.text
    session.say("No.", ignore)
    assert [message["role"] for message in session.messages] == ["user", "assistant"] * 2
    assert session.messages[1]["content"] == reply.text
    assert session.undo() == "taken back; left: 1 exchange"
    assert len(session.messages) == 2
    session.undo()
    with pytest.raises(UserError, match="nothing to take back"):
        session.undo()


def test_retry_answers_the_same_message_by_other_chance(make: Callable[..., ChatSession]) -> None:
    session = make()
    with pytest.raises(UserError, match="nothing has been said"):
        session.retry(ignore)
    first = session.say("Yes.", ignore)
    texts = {first.text, *(session.retry(ignore).text for _ in range(5))}
    assert len(texts) > 1
    assert [message["role"] for message in session.messages] == ["user", "assistant"]


def test_the_same_seed_and_words_get_the_same_replies(make: Callable[..., ChatSession]) -> None:
    one, other = make(), make()
    assert [one.say(w, ignore).text for w in ("a", "b")] == [other.say(w, ignore).text for w in ("a", "b")]


def test_reset_keeps_the_system_message_and_system_changes_it(make: Callable[..., ChatSession]) -> None:
    session = make(system="red")
    session.say("Yes.", ignore)
    session.reset()
    assert session.messages == [{"role": "system", "content": "red"}]
    session.set_system("ball")
    assert session.system == "ball"
    session.set_system("")
    assert session.messages == []


def test_a_saved_conversation_loads_and_is_data_for_tuning(make: Callable[..., ChatSession], tmp_path: Path) -> None:
    session = make(system="red")
    session.say("Yes 🦊.\n", ignore)
    session.messages[-1]["content"] = "No."
    path = tmp_path / "talk.jsonl"
    session.save(path)
    other = make()
    assert other.load(path) == f"3 messages read from {path}"
    assert other.messages == session.messages
    assert read_conversations([path])[0][0].messages == session.messages


@pytest.mark.parametrize(
    "content", ["[]", "{", '{"messages": [3]}', '{"messages": [{"role": "bot", "content": "x"}]}', None]
)
def test_a_file_without_a_conversation_changes_nothing(
    make: Callable[..., ChatSession], tmp_path: Path, content: str | None
) -> None:
    session = make(system="red")
    path = tmp_path / "talk.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UserError):
        session.load(path)
    assert session.system == "red"


def test_settings_are_checked_and_set_back(make: Callable[..., ChatSession]) -> None:
    session = make()
    assert session.set("temperature", "0.7") == "temperature is 0.7"
    assert session.settings.temperature == 0.7
    assert session.set("temperature", "") == "temperature is 1.0"
    for name, value, words in (
        ("temprature", "1", "Did you mean"),
        ("top_k", "many", "number"),
        ("top_p", "2", "top_p is 2"),
    ):
        with pytest.raises(UserError, match=words):
            session.set(name, value)
    assert session.settings.top_p is None


def test_ctrl_c_keeps_what_was_heard(make: Callable[..., ChatSession]) -> None:
    session = make()
    heard: list[str] = []

    def stop_after_two(piece: str) -> None:
        heard.append(piece)
        if len(heard) == 2:
            raise KeyboardInterrupt

    reply = session.say("Yes.", stop_after_two)
    assert reply.ended_by == "interrupted"
    assert reply.text == "".join(heard)
    assert session.messages[-1] == {"role": "assistant", "content": reply.text}
    session.say("No.", ignore)  # it goes on


def test_a_message_too_long_for_the_context_is_taken_back(make: Callable[..., ChatSession]) -> None:
    session = make()
    with pytest.raises(UserError, match="Shorten it"):
        session.say("red " * 200, ignore)
    assert session.messages == []


def test_the_oldest_turns_go_when_the_context_is_full_and_history_keeps_them(make: Callable[..., ChatSession]) -> None:
    session = make()
    replies = [session.say("red ball " * 5, ignore) for _ in range(4)]
    assert replies[0].left_out == 0
    assert replies[-1].left_out > 0
    assert session.left_out == replies[-1].left_out
    assert len(session.messages) == 8


def test_stats_and_help(make: Callable[..., ChatSession]) -> None:
    session = make()
    assert "0 exchanges, 0 tokens of a context of 96" in session.describe()
    session.say("Yes.", ignore)
    assert "1 exchange," in session.describe()
    assert "tokens/s" in session.describe()
    assert len(help_text().splitlines()) == len(COMMANDS)
    assert json.dumps(help_text())
