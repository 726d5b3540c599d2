"""The official client, unchanged, against a server that runs."""

import asyncio
from collections.abc import Iterator

import pytest

from groundup.inference.chat import answer
from groundup.inference.generation import GenerationConfig, complete
from groundup.model.transformer import Transformer
from groundup.tokenizer.interface import Tokenizer

openai = pytest.importorskip("openai", reason="the openai client is not installed")

MESSAGES = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Where is the fox?"}]
STEADY = {"model": "tiny", "seed": 7, "max_tokens": 30, "temperature": 0.9}


@pytest.fixture(scope="module")
def client(server) -> Iterator["openai.OpenAI"]:  # type: ignore[no-untyped-def, name-defined]
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0, timeout=60) as made:
        yield made


def test_models(client) -> None:
    assert [model.id for model in client.models.list()] == ["tiny"]
    assert client.models.retrieve("tiny").owned_by == "groundup"


def test_chat_is_what_the_model_says(client, served_model: Transformer, served_tokenizer: Tokenizer) -> None:
    whole = client.chat.completions.create(messages=MESSAGES, **STEADY)
    settings = GenerationConfig(max_new_tokens=30, temperature=0.9, seed=7)
    expected = answer(served_model, served_tokenizer, MESSAGES, settings)  # type: ignore[arg-type]
    choice = whole.choices[0]
    assert choice.message.role == "assistant"
    assert choice.message.content == expected.text
    assert choice.finish_reason == ("stop" if expected.ended_by == "end_of_text" else "length")
    assert whole.usage.completion_tokens == expected.n_tokens
    assert whole.usage.prompt_tokens == expected.prompt_tokens
    assert whole.object == "chat.completion"
    assert whole._request_id.startswith("req_")


def test_completion_is_what_the_model_writes(client, served_model: Transformer, served_tokenizer: Tokenizer) -> None:
    whole = client.completions.create(prompt="The fox", **STEADY)
    settings = GenerationConfig(max_new_tokens=30, temperature=0.9, seed=7)
    assert whole.choices[0].text == complete(served_model, served_tokenizer, "The fox", settings).text


@pytest.mark.parametrize("logprobs", [False, True])
def test_streaming_is_not_streaming(client, logprobs: bool) -> None:
    asked = {**STEADY, "messages": MESSAGES, "n": 2}
    asked |= {"logprobs": True, "top_logprobs": 3} if logprobs else {}
    whole = client.chat.completions.create(**asked)
    texts, reasons, tokens, usage = ["", ""], ["", ""], [[], []], None
    for chunk in client.chat.completions.create(stream=True, stream_options={"include_usage": True}, **asked):
        assert chunk.object == "chat.completion.chunk"
        usage = chunk.usage or usage
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
            reasons[choice.index] = choice.finish_reason or reasons[choice.index]
            tokens[choice.index] += choice.logprobs.content if choice.logprobs else []
    assert texts == [choice.message.content for choice in whole.choices]
    assert texts[0] != texts[1]
    assert reasons == [choice.finish_reason for choice in whole.choices]
    assert usage.completion_tokens == whole.usage.completion_tokens
    if logprobs:
        assert tokens == [choice.logprobs.content for choice in whole.choices]


def test_completions_stream_too(client) -> None:
    asked = {**STEADY, "prompt": ["The fox", "The owl"], "logprobs": 2, "n": 2}
    whole = client.completions.create(**asked)
    texts, offsets = [""] * 4, [[] for _ in range(4)]
    for chunk in client.completions.create(stream=True, **asked):
        for choice in chunk.choices:
            texts[choice.index] += choice.text
            offsets[choice.index] += choice.logprobs.text_offset if choice.logprobs else []
    assert texts == [choice.text for choice in whole.choices]
    assert offsets == [choice.logprobs.text_offset for choice in whole.choices]


def test_a_seed_is_reproducible_and_samples_are_its_samples(client) -> None:
    first, again, other = (
        client.completions.create(**{**STEADY, "seed": seed}, prompt="The owl", n=3).choices for seed in (7, 7, 8)
    )
    texts = [choice.text for choice in first]
    assert texts == [choice.text for choice in again]
    assert len(set(texts)) == 3
    assert texts != [choice.text for choice in other]
    assert client.completions.create(**STEADY, prompt="The owl").choices[0].text == texts[0]


def test_stop_strings(client) -> None:
    whole = client.completions.create(**STEADY, prompt="The owl").choices[0].text
    stop = whole[len(whole) // 2 :][:2]
    cut = client.completions.create(**STEADY, prompt="The owl", stop=[stop, "never"]).choices[0]
    assert cut.text == whole[: whole.index(stop)]
    assert cut.finish_reason == "stop"


def test_logprobs_say_what_was_considered(client) -> None:
    asked = {"model": "tiny", "messages": MESSAGES, "temperature": 0, "max_tokens": 8}
    content = client.chat.completions.create(**asked, logprobs=True, top_logprobs=4).choices[0].logprobs.content
    assert content
    for token in content:
        assert len(token.top_logprobs) == 4
        assert token.top_logprobs[0].token == token.token
        assert token.logprob <= 0
        assert bytes(token.bytes).decode("utf-8", "replace") == token.token


def test_token_ids_and_echo(client, served_tokenizer: Tokenizer) -> None:
    text = client.completions.create(**STEADY, prompt="The fox").choices[0].text
    ids = served_tokenizer.encode("The fox", add_special_tokens=True)
    assert client.completions.create(**STEADY, prompt=ids).choices[0].text == text
    assert client.completions.create(**STEADY, prompt="The fox", echo=True).choices[0].text == "The fox" + text


def test_history_is_reused(client) -> None:
    history = [*MESSAGES, {"role": "assistant", "content": "In the forest."}, {"role": "user", "content": "Why?"}]
    client.chat.completions.create(messages=history, **STEADY)
    usage = client.chat.completions.create(messages=history, **STEADY).usage
    assert usage.prompt_tokens_details.cached_tokens > 10


def test_a_long_conversation_loses_its_oldest_turns(client) -> None:
    turns = [{"role": role, "content": f"{n} The fox went home."} for n in range(40) for role in ("user", "assistant")]
    whole = client.chat.completions.create(messages=[*turns, {"role": "user", "content": "Why?"}], **STEADY)
    assert whole.usage.prompt_tokens <= 256
    assert whole.usage.left_out_messages > 0


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"model": "gpt-5"}, openai.NotFoundError, "tiny"),
        ({"temperature": 3}, openai.BadRequestError, "temperature"),
        ({"messages": []}, openai.BadRequestError, "messages"),
        ({"messages": [{"role": "robot", "content": "x"}]}, openai.BadRequestError, "role"),
        ({"messages": [*MESSAGES, {"role": "assistant", "content": "x"}]}, openai.BadRequestError, "last message"),
        ({"messages": [{"role": "user", "content": "The fox " * 300}]}, openai.BadRequestError, "context"),
        ({"messages": [{"role": "user", "content": "x" * 900_000}]}, openai.BadRequestError, "context"),
        ({"n": 0}, openai.BadRequestError, "n:"),
        ({"stop": ["a"] * 99}, openai.BadRequestError, "stop"),
        ({"top_logprobs": 2}, openai.BadRequestError, "logprobs"),
        ({"logit_bias": {"5": 10}}, openai.BadRequestError, "logit_bias"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, openai.BadRequestError, "tools"),
    ],
)
def test_errors_are_openais(client, change: dict, error: type[Exception], words: str) -> None:
    with pytest.raises(error) as caught:
        client.chat.completions.create(**{**STEADY, "messages": MESSAGES, **change})
    body = caught.value.body  # type: ignore[attr-defined]
    assert words in body["message"]
    assert body["type"] == "invalid_request_error"


def test_prompts_that_do_not_fit(client) -> None:
    for prompt in ("The fox " * 200, "x" * 900_000, [1] * 300, [99999], []):
        with pytest.raises(openai.BadRequestError):
            client.completions.create(**STEADY, prompt=prompt)


def test_a_client_that_goes_away_frees_its_slot(client, server) -> None:
    for _ in range(6):
        stream = client.completions.create(model="tiny", prompt="", max_tokens=250, temperature=2, stream=True)
        next(iter(stream))
        stream.close()
    assert server.idle()
    # A twentieth of what a thousand tokens take at the very least, even of this model.
    impatient = client.with_options(timeout=openai.Timeout(20, read=0.005))
    for _ in range(3):
        with pytest.raises(openai.APITimeoutError):
            impatient.completions.create(model="tiny", prompt="The fox", max_tokens=250, temperature=2, n=4)
    assert server.idle()


def test_the_async_client_works_side_by_side(server) -> None:
    async def ask_all() -> list[str]:
        async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0) as client:
            asked = [client.completions.create(prompt="The fox", **{**STEADY, "seed": n}) for n in range(8)]
            return [whole.choices[0].text for whole in await asyncio.gather(*asked)]

    together = asyncio.run(ask_all())
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="none") as client:
        alone = [client.completions.create(prompt="The fox", **{**STEADY, "seed": n}).choices[0].text for n in range(8)]
    assert together == alone
