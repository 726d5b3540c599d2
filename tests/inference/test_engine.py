"""The engine against plain generation: what a request gets is what it would get alone, whatever happens beside it."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest
import torch

from groundup.inference.engine import Engine, QueueFullError
from groundup.inference.generation import GenerationConfig, complete, prompt_ids, stream_tokens
from groundup.inference.native.decoder import NativeDecoder
from groundup.inference.native.library import load_library
from groundup.inference.requests import CANCELLED, FAILED, TIMEOUT, Progress, Request
from groundup.inference.stepper import PlainStepper, Stepper
from groundup.model.config import ModelConfig
from groundup.model.transformer import Transformer
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.utils.errors import UserError
from groundup.utils.progress import quiet

CONTEXT = 256
SAMPLED = GenerationConfig(max_new_tokens=24, temperature=1.0, seed=11)
PROMPTS = ["The fox", "The owl said", "", "Good night, said the owl to the fox. " * 3, "Where is"]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    texts = ["The fox went home. The owl said: good night! " * 3, "Where is the fox? In the forest, said the owl. "]
    return train_tokenizer(texts, TokenizerConfig(vocab_size=320))


@pytest.fixture(scope="module")
def model(tokenizer: Tokenizer) -> Transformer:
    config = ModelConfig("qwen3", tokenizer.vocab_size, CONTEXT, n_layer=2, n_head=4, n_kv_head=2, n_embd=32)
    built = Transformer(config).eval()
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in built.parameters():
            parameter.copy_((parameter.dim() == 1) + 0.3 * torch.randn(parameter.shape, generator=generator))
    return built


def make_stepper(kind: str, model: Transformer, n_slots: int = 4) -> Stepper:
    if kind == "plain":
        return PlainStepper(model, n_slots=n_slots)
    library = load_library()
    if library is None:
        pytest.skip("no C compiler here")
    return NativeDecoder(library, model, n_slots=n_slots, max_tokens=256, n_threads=2)


@pytest.fixture(params=["native", "plain"])
def engine(request: pytest.FixtureRequest, model: Transformer, tokenizer: Tokenizer) -> Iterator[Engine]:
    built = Engine(make_stepper(request.param, model), tokenizer, context=CONTEXT, max_queue=20)
    yield built
    built.close()


@dataclass
class Heard:
    """What a request was told."""

    progress: list[Progress] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def take(self, number: int, progress: Progress) -> None:
        assert not self.over.is_set(), "nothing may come after the end"
        self.progress.append(progress)
        if progress.completion is not None:
            self.over.set()

    @property
    def last(self) -> Progress:
        assert self.over.wait(60)
        return self.progress[-1]

    @property
    def text(self) -> str:
        completion = self.last.completion
        assert completion is not None
        assert "".join(progress.text for progress in self.progress) == completion.text
        return completion.text


def ask(engine: Engine, prompt: str, settings: GenerationConfig = SAMPLED, **rest: object) -> Heard:
    heard = Heard()
    ids = tuple(prompt_ids(engine.tokenizer, prompt))
    engine.submit([Request(ids, settings, **rest)], heard.take)  # type: ignore[arg-type]
    return heard


@pytest.mark.parametrize("settings", [SAMPLED, replace(SAMPLED, top_k=20, top_p=0.9), replace(SAMPLED, temperature=0)])
def test_alone_is_plain_generation(
    engine: Engine, model: Transformer, tokenizer: Tokenizer, settings: GenerationConfig
) -> None:
    settings = replace(settings, max_new_tokens=200)  # to the end of the context
    for prompt in PROMPTS:
        for sample in range(2):
            heard = ask(engine, prompt, settings, sample=sample, n_considered=0)
            expected = [tokens[0] for tokens in stream_tokens(model, tokenizer, prompt, settings, [sample], quiet)]
            whole = complete(model, tokenizer, prompt, settings, sample=sample)
            assert heard.text == whole.text
            assert heard.last.completion == whole
            assert [token.id for progress in heard.progress for token in progress.tokens] == expected[: whole.n_tokens]


def traces(heard: Heard) -> list[tuple[int, float]]:
    return [(token.id, token.logprob) for progress in heard.progress for token in progress.tokens]


def test_neighbours_change_nothing_to_the_last_bit(engine: Engine) -> None:
    """Log-probabilities are compared as they are: equal bits, not nearly equal numbers."""
    alone = []
    for number, prompt in enumerate(PROMPTS):
        heard = ask(engine, prompt, replace(SAMPLED, seed=number), n_considered=0)
        assert heard.over.wait(60)
        alone.append(traces(heard))
    chance = random.Random(3)
    for _ in range(3):
        order = [number for number in range(len(PROMPTS)) for _ in range(2)]
        chance.shuffle(order)
        crowd = []
        for number in order:
            crowd.append(ask(engine, PROMPTS[number], replace(SAMPLED, seed=number), n_considered=0))
            time.sleep(chance.random() * 0.01)  # they join while others write
        for number, heard in zip(order, crowd, strict=True):
            assert heard.over.wait(60)
            assert traces(heard) == alone[number]


def test_a_conversation_reads_only_what_is_new(engine: Engine, tokenizer: Tokenizer) -> None:
    history = "The fox went home. The owl said: " * 9
    longer = history + ask(engine, history).text + " And then the owl said good night! "
    before = engine.counts.prompt_tokens
    second = ask(engine, longer, n_considered=0)
    n_prompt = len(prompt_ids(tokenizer, longer))
    assert second.last.n_reused > 0
    assert engine.counts.prompt_tokens - before == n_prompt - second.last.n_reused
    fresh = Engine(make_fresh(engine), tokenizer, context=CONTEXT)
    try:
        anew = ask(fresh, longer, n_considered=0)
        assert anew.last.n_reused == 0
        assert traces(anew) == traces(second), "what was reused has other bits than what is read anew"
    finally:
        fresh.close()


def make_fresh(engine: Engine) -> Stepper:
    """A stepper of the same kind with an empty cache."""
    old = engine._stepper
    if isinstance(old, PlainStepper):
        return PlainStepper(old._model, n_slots=2)
    assert isinstance(old, NativeDecoder)
    return NativeDecoder(old._library, old.model, n_slots=2, max_tokens=256, n_threads=1)


def test_samples_of_one_prompt_read_it_once(engine: Engine, tokenizer: Tokenizer) -> None:
    ids = tuple(prompt_ids(tokenizer, "The owl said: where is the fox? " * 6))
    assert len(ids) > engine._stepper.grain
    heard = [Heard() for _ in range(3)]
    before = engine.counts.prompt_tokens
    engine.submit([Request(ids, SAMPLED, sample) for sample in range(3)], lambda n, p: heard[n].take(n, p))
    assert len({h.text for h in heard}) == 3
    assert engine.counts.prompt_tokens - before < 2 * len(ids)
    assert [h.text for h in heard] == [
        ask(engine, "The owl said: where is the fox? " * 6, sample=i).text for i in range(3)
    ]


def test_stop_strings_end_the_text(engine: Engine) -> None:
    whole = ask(engine, "The fox", replace(SAMPLED, max_new_tokens=60)).text
    stop = whole[len(whole) // 2 :][:2]
    heard = ask(engine, "The fox", replace(SAMPLED, max_new_tokens=60, stop=[stop]))
    assert heard.text == whole[: whole.index(stop)]
    assert heard.last.completion is not None
    assert heard.last.completion.ended_by == "stop"


def test_what_the_model_considered(engine: Engine) -> None:
    heard = ask(engine, "The fox", replace(SAMPLED, temperature=0), n_considered=5)
    assert heard.over.wait(60)
    tokens = [token for progress in heard.progress for token in progress.tokens]
    assert tokens
    for token in tokens:
        assert len(token.considered) == 5
        logprobs = [logprob for _, logprob in token.considered]
        assert logprobs == sorted(logprobs, reverse=True)
        assert (token.id, token.logprob) == token.considered[0], "greedy takes the first"
        assert sum(2.718281828**logprob for logprob in logprobs) <= 1 + 1e-5


def test_cancelled_requests_free_their_slots(engine: Engine) -> None:
    endless = replace(SAMPLED, max_new_tokens=10_000)
    slow = threading.Event()

    def hold(number: int, progress: Progress) -> None:
        slow.wait(0.01)

    tickets = [ticket for _ in range(12) for ticket in engine.submit([Request((0, 5), endless)], hold)]
    for ticket in tickets:
        ticket.cancel()
        ticket.cancel()
    slow.set()
    assert ask(engine, "The fox").text
    wait_until(lambda: engine.counts.running == engine.counts.waiting == 0)
    assert engine.counts.free_slots == 4


def wait_until(holds: object, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_cancelled_request_says_so_with_what_it_had(engine: Engine) -> None:
    heard = Heard()
    started = threading.Event()

    def take(number: int, progress: Progress) -> None:
        heard.take(number, progress)
        started.set()
        time.sleep(0.005)

    (ticket,) = engine.submit([Request((0, 5), replace(SAMPLED, max_new_tokens=10_000))], take)
    assert started.wait(30)
    ticket.cancel()
    assert heard.last.completion is not None
    assert heard.last.completion.ended_by == CANCELLED
    assert heard.text == heard.last.completion.text


def test_time_runs_out_for_those_who_write_and_those_who_wait(engine: Engine) -> None:
    heard = [ask(engine, "The fox", replace(SAMPLED, max_new_tokens=100), timeout_s=0.0) for _ in range(8)]
    assert {h.last.completion.ended_by for h in heard} == {TIMEOUT}  # type: ignore[union-attr]
    assert engine.counts.generated_tokens == 0


def test_a_full_queue_refuses(engine: Engine) -> None:
    blocked = threading.Event()
    heard = Heard()
    engine.submit([Request((0, 5), SAMPLED)], lambda n, p: (blocked.wait(30), heard.take(n, p))[1])
    wait_until(lambda: engine.counts.running == 1)
    engine.submit([Request((0, 5), SAMPLED)] * 20, lambda n, p: None)
    with pytest.raises(QueueFullError):
        engine.submit([Request((0, 5), SAMPLED)] * 20, lambda n, p: None)
    blocked.set()
    assert heard.text is not None


@pytest.mark.parametrize(
    ("ids", "settings", "what"),
    [
        ((), SAMPLED, "no tokens"),
        ((0,) * (CONTEXT + 1), SAMPLED, "context"),
        ((0, 9999), SAMPLED, "9999"),
        ((0, -1), SAMPLED, "-1"),
        ((0,), replace(SAMPLED, temperature=-1.0), "temperature"),
    ],
)
def test_what_cannot_work_is_refused(
    engine: Engine, ids: tuple[int, ...], settings: GenerationConfig, what: str
) -> None:
    with pytest.raises(UserError, match=what):
        engine.submit([Request(ids, settings)], lambda n, p: None)


def test_damaged_weights_fail_and_the_engine_goes_on(engine: Engine, model: Transformer) -> None:
    ids = tuple(prompt_ids(engine.tokenizer, "The fox"))
    expected = ask(engine, "The fox").text
    place = model.embed.weight[ids[-1]]
    kept = place.clone()
    with torch.no_grad():
        place.fill_(float("nan"))
    try:
        heard = ask(engine, "fox The fox")  # nothing to reuse
        assert heard.last.completion is not None
        assert heard.last.completion.ended_by == FAILED
        assert "damaged" in heard.last.error
    finally:
        with torch.no_grad():
            place.copy_(kept)
    assert ask(engine, "The fox").text == expected


class Failing(PlainStepper):
    """A stepper whose memory runs out once."""

    fails = True

    def step(self, *arguments: Sequence[int]) -> torch.Tensor:
        if self.fails:
            self.fails = False
            raise MemoryError("no memory")
        return super().step(*arguments)


def test_a_step_that_fails_takes_its_requests_alone(model: Transformer, tokenizer: Tokenizer) -> None:
    engine = Engine(Failing(model, n_slots=2), tokenizer, context=CONTEXT)
    try:
        first = ask(engine, "The fox")
        assert first.last.completion is not None
        assert first.last.completion.ended_by == FAILED
        assert ask(engine, "The fox").text
        wait_until(lambda: engine.counts.free_slots == 2)
    finally:
        engine.close()


def test_closing_ends_what_is_there(model: Transformer, tokenizer: Tokenizer) -> None:
    engine = Engine(PlainStepper(model, n_slots=1), tokenizer, context=CONTEXT)
    heard = [ask(engine, "The fox", replace(SAMPLED, max_new_tokens=100)) for _ in range(3)]
    engine.close()
    assert all(h.over.is_set() for h in heard)
    with pytest.raises(QueueFullError, match="shutting down"):
        ask(engine, "The fox")
