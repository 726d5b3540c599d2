"""A real server on a free port of this machine, with a tiny random model."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import torch
import uvicorn

from groundup.inference.generation import GenerationConfig
from groundup.model.config import ModelConfig
from groundup.model.transformer import Transformer
from groundup.serving.server import listen, make_server, open_service
from groundup.serving.service import Service
from groundup.serving.settings import ServerSettings
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer

CONTEXT = 256


@pytest.fixture(scope="session")
def served_tokenizer() -> Tokenizer:
    texts = ["The fox went home. The owl said: good night! " * 3, "Where is the fox? In the forest, said the owl. "]
    return train_tokenizer(texts, TokenizerConfig(vocab_size=320))


@pytest.fixture(scope="session")
def served_model(served_tokenizer: Tokenizer) -> Transformer:
    config = ModelConfig("qwen3", served_tokenizer.vocab_size, CONTEXT, n_layer=2, n_head=4, n_kv_head=2, n_embd=32)
    model = Transformer(config).eval()
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_((parameter.dim() == 1) + 0.3 * torch.randn(parameter.shape, generator=generator))
    return model


class Running:
    """A server that runs, its address, and the service inside."""

    def __init__(self, service: Service, server: uvicorn.Server, port: int) -> None:
        self.service, self.server, self.port = service, server, port
        self.url = f"http://127.0.0.1:{port}"

    def idle(self, seconds: float = 20.0) -> bool:
        """Whether, after a while at most, nothing runs and every slot is free."""
        counts, end = self.service.engine.counts, time.monotonic() + seconds
        while time.monotonic() < end:
            if counts.running == counts.waiting == self.service.open_requests == 0 and counts.free_slots == 4:
                return True
            time.sleep(0.01)
        return False


Serve = Callable[..., contextlib.AbstractContextManager[Running]]


@pytest.fixture(scope="session")
def serve(served_model: Transformer, served_tokenizer: Tokenizer) -> Serve:
    """Run a server with given settings while a `with` block lasts."""

    @contextlib.contextmanager
    def run(**given: object) -> Iterator[Running]:
        settings = ServerSettings(port=0, **given)  # type: ignore[arg-type]
        listener = listen(settings)
        service = open_service(
            served_model,
            served_tokenizer,
            name="tiny",
            defaults=GenerationConfig(max_new_tokens=40, temperature=0.8),
            settings=settings,
            n_slots=4,
            n_threads=1,
        )
        server = make_server(service)
        port = listener.getsockname()[1]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        try:
            yield Running(service, server, port)
        finally:
            server.should_exit = True
            thread.join(30)
            assert not thread.is_alive()

    return run


@pytest.fixture(scope="module")
def server(serve: Serve) -> Iterator[Running]:
    with serve() as running:
        yield running
