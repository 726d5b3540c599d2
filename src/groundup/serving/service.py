"""From a checked request to its answer: prompts, the engine, and the form that the client reads."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from groundup.inference.chat import fit_prompt
from groundup.inference.engine import Engine, QueueFullError
from groundup.inference.generation import GenerationConfig, prompt_ids
from groundup.inference.requests import CANCELLED, TIMEOUT, Progress, Request, TokenChoice
from groundup.serving import protocol
from groundup.serving.bridge import Bridge, Generation
from groundup.serving.errors import ApiError
from groundup.serving.metrics import Metrics
from groundup.serving.schemas import MOST_CHOICES, ChatRequest, CompletionRequest, Sampling
from groundup.serving.settings import ServerSettings
from groundup.serving.streaming import EventStream, until_gone
from groundup.tokenizer.chat_format import Message, without_oldest_turn
from groundup.utils.errors import UserError
from groundup.utils.text import without_lone_surrogates

LONG_TEXT = 20_000
"""Characters from which on a text is cut into tokens beside the loop, so that others are not kept waiting."""


@dataclass
class Job:
    """What the engine is asked for on behalf of one HTTP request."""

    requests: list[Request]
    prompt_tokens: int
    form: protocol.Form
    stream: bool
    include_usage: bool
    left_out: int = 0
    openings: list[str] = field(default_factory=list)  # text that stands before each choice (echo)
    arrived: float = field(default_factory=time.perf_counter)


class Service:
    """Everything that the endpoints share. Lives in the loop's thread."""

    def __init__(
        self,
        engine: Engine,
        bridge: Bridge,
        *,
        name: str,
        created: int,
        n_slots: int,
        defaults: GenerationConfig,
        settings: ServerSettings,
    ) -> None:
        self.engine, self.bridge, self.name, self.created = engine, bridge, name, created
        self.defaults, self.settings, self.metrics = defaults, settings, Metrics()
        self.open_requests = 0
        self.most_open_requests = n_slots + settings.max_queue + settings.max_unread
        self._most_token_bytes = max(1, int(engine.tokenizer.token_byte_lengths.max()))

    # ---- prompts ----------------------------------------------------------------------------------------------------

    async def chat(self, body: ChatRequest, http: HttpRequest) -> Response:
        """POST /v1/chat/completions."""
        self._check_model(body.model)
        most = body.max_completion_tokens or body.max_tokens
        messages: list[Message] = [
            {
                "role": "system" if turn.role == "developer" else turn.role,
                "content": without_lone_surrogates(turn.text()),
            }
            for turn in body.messages
        ]
        wanted = most or self.defaults.max_new_tokens
        size = sum(len(message["content"]) for message in messages)
        prompt = await _beside_if_long(size, self._fit, messages, wanted)
        job = self._job(body, protocol.Chat, [prompt[0]], most or prompt[2], body.considered())
        job.left_out = prompt[1]
        return await self._answer(job, http)

    def _fit(self, messages: list[Message], wanted: int) -> tuple[list[int], int, int]:
        """Ids of the prompt, messages left out, room for the answer. Turns that cannot fit by their size in bytes go
        before anything is cut into tokens, so that a long history costs nothing."""
        context, given = self.engine.context, len(messages)
        most_bytes = context * self._most_token_bytes
        while sum(len(message["content"].encode()) for message in messages) > most_bytes:
            shorter = without_oldest_turn(messages)
            if shorter is None:
                raise UserError(f"The last message is far longer than the model's context of {context:,} tokens.")
            messages = list(shorter)
        prompt = fit_prompt(messages, self.engine.tokenizer, context=context, max_new_tokens=wanted)
        return prompt.ids, prompt.left_out + given - len(messages), prompt.room

    async def complete(self, body: CompletionRequest, http: HttpRequest) -> Response:
        """POST /v1/completions."""
        self._check_model(body.model)
        prompts = body.prompts()
        if not prompts:
            raise ApiError(400, "The list of prompts is empty.", param="prompt")
        if len(prompts) * (body.n or 1) > MOST_CHOICES:
            raise ApiError(400, f"More than {MOST_CHOICES} choices in one request.", param="prompt")
        size = sum(map(len, prompts))
        ids = await _beside_if_long(size, lambda: [self._ids(prompt) for prompt in prompts])
        job = self._job(body, protocol.Text, ids, body.max_tokens or self.defaults.max_new_tokens, body.logprobs)
        if body.echo:
            openings = [p if isinstance(p, str) else self.engine.tokenizer.decode(p) for p in prompts]
            job.openings = [without_lone_surrogates(opening) for opening in openings for _ in range(body.n or 1)]
        return await self._answer(job, http)

    def _ids(self, prompt: str | list[int]) -> list[int]:
        if not isinstance(prompt, str):
            return prompt
        context = self.engine.context
        if len(prompt.encode("utf-8", "replace")) > context * self._most_token_bytes:
            raise UserError(f"The prompt is far longer than the model's context of {context:,} tokens. Shorten it.")
        return prompt_ids(self.engine.tokenizer, without_lone_surrogates(prompt))

    def _check_model(self, name: str) -> None:
        if name != self.name:
            raise ApiError(404, f"The model {name!r} is not served here; {self.name!r} is.", code="model_not_found")

    def _job(
        self, body: Sampling, form: type[protocol.Form], prompts: Sequence[list[int]], most: int, considered: int | None
    ) -> Job:
        """One request to the engine for each sample of each prompt."""
        given = {name: value for name in ("temperature", "top_k") if (value := getattr(body, name)) is not None}
        if body.top_p is not None:
            given["top_p"] = body.top_p or 1e-9  # OpenAI's range has 0: the likeliest token alone
        seed = secrets.randbits(63) if body.seed is None else body.seed
        stop = [without_lone_surrogates(string) for string in body.stops()]
        settings = replace(self.defaults, seed=seed, max_new_tokens=most, stop=stop, num_samples=1, **given)
        requests = [
            Request(tuple(ids), settings, sample, considered, self.settings.request_timeout_s)
            for ids in prompts
            for sample in range(body.n or 1)
        ]
        options = body.stream_options
        return Job(
            requests,
            sum(map(len, prompts)),
            form(self.engine.tokenizer, f"{form.prefix}{secrets.token_hex(12)}", int(time.time()), self.name),
            stream=bool(body.stream),
            include_usage=bool(options and options.include_usage),
        )

    # ---- answers ----------------------------------------------------------------------------------------------------

    async def _answer(self, job: Job, http: HttpRequest) -> Response:
        generation = self._submit(job)
        if job.stream:
            return EventStream(self._events(job, generation), lambda: self._leave(generation))
        try:
            return await self._whole(job, generation, http)
        finally:
            self._leave(generation)

    def _submit(self, job: Job) -> Generation:
        if self.open_requests >= self.most_open_requests:
            raise self._busy("too many answers are still to be fetched")
        try:
            generation = self.bridge.submit(self.engine, job.requests)
        except QueueFullError as error:
            raise self._busy(str(error)) from error
        self.open_requests += 1
        return generation

    def _leave(self, generation: Generation) -> None:
        self.open_requests -= 1
        generation.cancel()

    @staticmethod
    def _busy(why: str) -> ApiError:
        return ApiError(429, f"The server is busy: {why}. Try again later.", code="rate_limit_exceeded", retry_after=1)

    async def _whole(self, job: Job, generation: Generation, http: HttpRequest) -> Response:
        """Wait for all of it, unless the client goes away."""
        gone = asyncio.create_task(until_gone(http.receive))
        collected: list[list[Progress]] = [[] for _ in job.requests]
        try:
            while True:
                news = asyncio.create_task(generation.news())
                await asyncio.wait({news, gone}, return_when=asyncio.FIRST_COMPLETED)
                if not news.done():
                    news.cancel()
                    return Response(status_code=499)  # nobody reads it; nginx's number for it in the metrics
                if not news.result():
                    break
                self._observe(job, any(collected), news.result())
                for number, progress in news.result():
                    collected[number].append(progress)
        finally:
            gone.cancel()
        choices = [self._choice(job, number, parts) for number, parts in enumerate(collected)]
        return JSONResponse(job.form.answer(choices, self._usage(job, [parts[-1] for parts in collected])))

    def _choice(self, job: Job, number: int, parts: list[Progress]) -> dict[str, Any]:
        completion = parts[-1].completion
        assert completion is not None
        if problem := _problem(parts[-1]):
            raise problem
        tokens: list[TokenChoice] | None = None
        if job.requests[number].n_considered is not None:
            tokens = [token for part in parts for token in part.tokens]
        opening = job.openings[number] if job.openings else ""
        return job.form.choice(number, opening + completion.text, tokens, protocol.FINISH[completion.ended_by])

    async def _events(self, job: Job, generation: Generation) -> AsyncIterator[bytes]:
        """The answer piece by piece; what came in one step goes out in one write."""
        begun: set[int] = set()
        offsets = [0] * len(job.requests)
        last: list[Progress | None] = [None] * len(job.requests)
        while told := await generation.news():
            self._observe(job, bool(begun), told)
            out = bytearray()
            for number, progress in told:
                if number not in begun:
                    begun.add(number)
                    out += self._opening(job, number)
                finish = None
                if progress.completion is not None:
                    last[number] = progress
                    if problem := _problem(progress):
                        yield bytes(out) + protocol.event(problem.body())
                        return
                    finish = protocol.FINISH[progress.completion.ended_by]
                if progress.text or progress.tokens or finish:
                    chunk = job.form.chunk(number, progress.text, progress.tokens, offsets[number], finish)
                    out += protocol.event(chunk)
                offsets[number] += sum(len(protocol.token_text(job.form.tokenizer, t.id)) for t in progress.tokens)
            if out:
                yield bytes(out)
        end = b""
        if job.include_usage:
            end = protocol.event(job.form.usage_chunk(self._usage(job, last)))
        yield end + protocol.DONE

    @staticmethod
    def _opening(job: Job, number: int) -> bytes:
        first = job.form.first(number)
        out = b"" if first is None else protocol.event(first)
        if job.openings and job.openings[number]:
            out += protocol.event(job.form.chunk(number, job.openings[number], (), 0, None))
        return out

    def _observe(self, job: Job, begun: bool, told: Sequence[tuple[int, Progress]]) -> None:
        seconds = time.perf_counter() - job.arrived
        if not begun:
            self.metrics.first_token.observe(seconds)
        for _, progress in told:
            if progress.completion is not None:
                self.metrics.duration.observe(seconds)

    @staticmethod
    def _usage(job: Job, last: Sequence[Progress | None]) -> dict[str, Any]:
        done = [progress for progress in last if progress is not None]
        written, reused = sum(progress.n_tokens for progress in done), sum(progress.n_reused for progress in done)
        return protocol.usage(job.prompt_tokens, written, min(reused, job.prompt_tokens), job.left_out)


def _problem(progress: Progress) -> ApiError | None:
    """What went wrong with a request that did not come to its own end."""
    assert progress.completion is not None
    ended_by = progress.completion.ended_by
    if ended_by in protocol.FINISH:
        return None
    if ended_by == TIMEOUT:
        return ApiError(504, "The answer took longer than the server allows.", code="timeout")
    if ended_by == CANCELLED:
        return ApiError(503, "The server is shutting down.", code="shutting_down")
    return ApiError(500, progress.error or "The engine failed; see its log.", code="engine_error")


async def _beside_if_long(size: int, work: Any, *arguments: Any) -> Any:
    """Do `work`, in another thread if the text is long."""
    return await asyncio.to_thread(work, *arguments) if size > LONG_TEXT else work(*arguments)
