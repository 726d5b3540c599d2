"""Answers in OpenAI's form: pure functions from what the engine tells to dictionaries."""

from collections.abc import Sequence
from typing import Any, Final

from pydantic_core import to_json

from groundup.inference.requests import TokenChoice
from groundup.tokenizer.interface import Tokenizer

FINISH: Final = {"end_of_text": "stop", "stop": "stop", "max_new_tokens": "length", "context": "length"}
"""Why a text ended. Whatever else ended it is an error."""

LEAST_LOGPROB: Final = -9999.0
"""Stands for minus infinity, which JSON has not."""


def token_text(tokenizer: Tokenizer, id: int) -> str:
    """A token as text; a special one by its name."""
    return tokenizer.token_bytes(id).decode("utf-8", "replace") or tokenizer.id_to_token(id) or ""


def chat_logprobs(tokenizer: Tokenizer, tokens: Sequence[TokenChoice]) -> dict[str, Any]:
    """The `logprobs` of a chat choice."""

    def entry(id: int, logprob: float) -> dict[str, Any]:
        text, data = token_text(tokenizer, id), tokenizer.token_bytes(id)
        return {"token": text, "logprob": max(logprob, LEAST_LOGPROB), "bytes": list(data) if data else None}

    content = [
        entry(token.id, token.logprob) | {"top_logprobs": [entry(*other) for other in token.considered]}
        for token in tokens
    ]
    return {"content": content, "refusal": None}


def text_logprobs(tokenizer: Tokenizer, tokens: Sequence[TokenChoice], offset: int) -> dict[str, Any]:
    """The `logprobs` of a completion choice; offset: characters of the text before these tokens."""
    texts = [token_text(tokenizer, token.id) for token in tokens]
    offsets = [offset + sum(map(len, texts[:n])) for n in range(len(texts))]
    top = []
    for token in tokens:
        best: dict[str, float] = {}
        for id, logprob in token.considered:  # several tokens may look alike: the likeliest counts
            best.setdefault(token_text(tokenizer, id), max(logprob, LEAST_LOGPROB))
        top.append(best)
    logprobs = [max(token.logprob, LEAST_LOGPROB) for token in tokens]
    return {"tokens": texts, "token_logprobs": logprobs, "top_logprobs": top, "text_offset": offsets}


class Form:
    """How one request's answer is written; `Chat` and `Text` below."""

    prefix = ""
    whole = ""
    part = ""

    def __init__(self, tokenizer: Tokenizer, id: str, created: int, model: str) -> None:
        self.tokenizer = tokenizer
        self._head = {"id": id, "created": created, "model": model}

    def logprobs(self, tokens: Sequence[TokenChoice], offset: int) -> dict[str, Any]:
        """Those of some tokens."""
        raise NotImplementedError

    def choice(self, index: int, text: str, tokens: list[TokenChoice] | None, finish: str) -> dict[str, Any]:
        """A whole choice."""
        raise NotImplementedError

    def delta(self, text: str) -> dict[str, Any]:
        """A piece of text in a stream."""
        raise NotImplementedError

    def first(self, index: int) -> dict[str, Any] | None:
        """What opens a choice in a stream."""
        raise NotImplementedError

    def answer(self, choices: list[dict[str, Any]], usage: dict[str, Any]) -> dict[str, Any]:
        """The whole answer."""
        return {**self._head, "object": self.whole, "choices": choices, "usage": usage}

    def chunk(
        self, index: int, text: str, tokens: Sequence[TokenChoice], offset: int, finish: str | None
    ) -> dict[str, Any]:
        """A part of a streamed answer."""
        logprobs = self.logprobs(tokens, offset) if tokens else None
        choice = {"index": index, **self.delta(text), "logprobs": logprobs, "finish_reason": finish}
        return {**self._head, "object": self.part, "choices": [choice]}

    def usage_chunk(self, usage: dict[str, Any]) -> dict[str, Any]:
        """The last part of a stream whose client wants to know."""
        return {**self._head, "object": self.part, "choices": [], "usage": usage}


class Chat(Form):
    """/v1/chat/completions."""

    prefix, whole, part = "chatcmpl-", "chat.completion", "chat.completion.chunk"

    def logprobs(self, tokens: Sequence[TokenChoice], offset: int) -> dict[str, Any]:
        """See `Form`."""
        return chat_logprobs(self.tokenizer, tokens)

    def choice(self, index: int, text: str, tokens: list[TokenChoice] | None, finish: str) -> dict[str, Any]:
        """See `Form`."""
        logprobs = None if tokens is None else self.logprobs(tokens, 0)
        message = {"role": "assistant", "content": text, "refusal": None}
        return {"index": index, "message": message, "logprobs": logprobs, "finish_reason": finish}

    def delta(self, text: str) -> dict[str, Any]:
        """See `Form`."""
        return {"delta": {"content": text} if text else {}}

    def first(self, index: int) -> dict[str, Any] | None:
        """See `Form`."""
        choice = {"index": index, "delta": {"role": "assistant", "content": ""}, "logprobs": None}
        return {**self._head, "object": self.part, "choices": [{**choice, "finish_reason": None}]}


class Text(Form):
    """/v1/completions."""

    prefix, whole, part = "cmpl-", "text_completion", "text_completion"

    def logprobs(self, tokens: Sequence[TokenChoice], offset: int) -> dict[str, Any]:
        """See `Form`."""
        return text_logprobs(self.tokenizer, tokens, offset)

    def choice(self, index: int, text: str, tokens: list[TokenChoice] | None, finish: str) -> dict[str, Any]:
        """See `Form`."""
        logprobs = None if tokens is None else self.logprobs(tokens, 0)
        return {"index": index, "text": text, "logprobs": logprobs, "finish_reason": finish}

    def delta(self, text: str) -> dict[str, Any]:
        """See `Form`."""
        return {"text": text}

    def first(self, index: int) -> dict[str, Any] | None:
        """See `Form`."""
        return None


def event(value: dict[str, Any]) -> bytes:
    """One server-sent event."""
    return b"data: " + to_json(value) + b"\n\n"


DONE: Final = b"data: [DONE]\n\n"


def usage(prompt: int, completion: int, reused: int, left_out: int = 0) -> dict[str, Any]:
    """Tokens; left_out: oldest messages of a conversation that did not fit the context."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": reused},
        **({"left_out_messages": left_out} if left_out else {}),
    }
