"""What of a conversation a model reads, when all of it does not fit."""

import pytest

from groundup.inference.chat import answer, fit_prompt
from groundup.inference.generation import GenerationConfig
from groundup.model.config import ModelConfig
from groundup.model.initialisation import initialise
from groundup.model.transformer import Transformer
from groundup.tokenizer.chat_format import Message, render, without_oldest_turn
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.utils.errors import UserError
from groundup.utils.progress import quiet

SYSTEM: Message = {"role": "system", "content": "Be short."}


def user(content: str) -> Message:
    return {"role": "user", "content": content}


def assistant(content: str) -> Message:
    return {"role": "assistant", "content": content}


CONVERSATION = [SYSTEM, user("one " * 10), assistant("two " * 10), user("three " * 10), assistant("four"), user("five")]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer(["one two three four five Be short. user assistant system"] * 4, TokenizerConfig(), quiet)


@pytest.fixture(scope="module")
def model(tokenizer: Tokenizer) -> Transformer:
    shape = ModelConfig(vocab_size=tokenizer.vocab_size, block_size=96, n_layer=1, n_head=2, n_embd=16)
    return initialise(Transformer(shape), 1).eval()


def length(messages: list[Message], tokenizer: Tokenizer) -> int:
    return len(render(messages, tokenizer, add_generation_prompt=True)[0])


def test_what_fits_is_read_whole(tokenizer: Tokenizer) -> None:
    whole = length(CONVERSATION, tokenizer)
    prompt = fit_prompt(CONVERSATION, tokenizer, context=whole + 10, max_new_tokens=10)
    assert (len(prompt.ids), prompt.left_out, prompt.room) == (whole, 0, 10)


def test_one_token_too_many_costs_the_oldest_turn_and_never_the_system_message(tokenizer: Tokenizer) -> None:
    whole = length(CONVERSATION, tokenizer)
    prompt = fit_prompt(CONVERSATION, tokenizer, context=whole + 9, max_new_tokens=10)
    assert prompt.left_out == 2
    assert prompt.ids == render([SYSTEM, *CONVERSATION[3:]], tokenizer, add_generation_prompt=True)[0]


def test_the_last_message_is_never_left_out(tokenizer: Tokenizer) -> None:
    last = [SYSTEM, CONVERSATION[-1]]
    prompt = fit_prompt(CONVERSATION, tokenizer, context=length(last, tokenizer) + 1, max_new_tokens=10)
    assert prompt.left_out == 4
    assert prompt.room == 1


def test_a_message_that_fills_the_context_is_refused(tokenizer: Tokenizer) -> None:
    with pytest.raises(UserError, match="Shorten it"):
        fit_prompt([user("five " * 200)], tokenizer, context=64, max_new_tokens=10)


def test_without_oldest_turn_takes_the_replies_along() -> None:
    assert without_oldest_turn(CONVERSATION) == [SYSTEM, *CONVERSATION[3:]]
    assert without_oldest_turn(CONVERSATION[3:]) == CONVERSATION[5:]
    assert without_oldest_turn([SYSTEM, user("x")]) is None
    assert without_oldest_turn([assistant("hello"), user("x"), assistant("y")]) == [user("x"), assistant("y")]


def test_the_reply_is_what_was_streamed(model: Transformer, tokenizer: Tokenizer) -> None:
    settings = GenerationConfig(max_new_tokens=12, temperature=1.0, seed=3)
    pieces: list[str] = []
    reply = answer(model, tokenizer, [user("one two")], settings, on_text=pieces.append)
    assert "".join(pieces) == reply.text
    assert reply.n_tokens <= 12
    assert reply.ended_by in ("end_of_text", "max_new_tokens")
    assert reply == answer(model, tokenizer, [user("one two")], settings)


def test_a_reply_ends_where_the_context_does(model: Transformer, tokenizer: Tokenizer) -> None:
    settings = GenerationConfig(max_new_tokens=1000, temperature=1.0)
    messages = [user("one " * 30)]
    endings = set()
    for seed in range(4):
        settings.seed = seed
        reply = answer(model, tokenizer, messages, settings)
        endings.add(reply.ended_by)
        if reply.ended_by == "context":
            assert reply.prompt_tokens + reply.n_tokens == model.config.block_size + 1
    assert endings <= {"context", "end_of_text"}
