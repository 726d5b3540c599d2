"""Running the server until it is told to stop."""

import socket
import sys
import time
from pathlib import Path

import uvicorn

from groundup.inference.engine import Engine
from groundup.inference.generation import GenerationConfig
from groundup.inference.stepper import open_stepper, room_for
from groundup.model.transformer import Transformer
from groundup.serving.app import build_app
from groundup.serving.bridge import Bridge
from groundup.serving.connection import KEEP_ALIVE_S, patient_protocol
from groundup.serving.service import Service
from groundup.serving.settings import ServerSettings, check_settings
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.errors import UserError
from groundup.utils.progress import Say, quiet

SPARE_CONNECTIONS = 64
SWITCH_INTERVAL_S = 0.0005
"""After each step of a few milliseconds the engine wants Python's lock back; by default it may wait for 5."""
BACKLOG = 512


def open_service(
    model: Transformer,
    tokenizer: Tokenizer,
    *,
    name: str,
    defaults: GenerationConfig,
    settings: ServerSettings,
    n_slots: int,
    n_threads: int,
    say: Say = quiet,
) -> Service:
    """Engine and all that stands around it, ready for `build_app`. The engine's thread runs from here on."""
    room = room_for(model, n_slots)
    stepper = open_stepper(model, n_slots=room.n_slots, n_threads=n_threads, say=say)
    say(f"{room.n_slots} sequences at a time; their keys and values take {room.cache_bytes / 2**20:,.0f} MiB")
    bridge = Bridge()
    engine = Engine(
        stepper, tokenizer, context=model.config.block_size, max_queue=settings.max_queue, on_step=bridge.flush
    )
    return Service(
        engine,
        bridge,
        name=name,
        created=int(time.time()),
        n_slots=room.n_slots,
        defaults=defaults,
        settings=settings,
    )


def listen(settings: ServerSettings) -> socket.socket:
    """A socket on the address; raises UserError if it cannot be had."""
    check_settings(settings)
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
    except OSError as error:
        raise UserError(
            f"Cannot listen on {settings.host}, port {settings.port}: {error.strerror or error}. "
            "Choose another --port (0 takes a free one) or --host."
        ) from error
    return listener


def make_server(service: Service) -> uvicorn.Server:
    """uvicorn with the application and our limits."""
    settings = service.settings
    config = uvicorn.Config(
        build_app(service),
        http=patient_protocol(
            settings.read_timeout_s, settings.write_timeout_s, service.most_open_requests + SPARE_CONNECTIONS
        ),
        ws="none",
        access_log=False,
        log_level="error",
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=max(1, round(settings.shutdown_timeout_s)),
    )
    return uvicorn.Server(config)


def run_server(service: Service, listener: socket.socket, say: Say = quiet) -> None:
    """Serve until SIGINT or SIGTERM: then no new requests, and those at hand get some time to finish."""
    host, port = listener.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    listener.listen(BACKLOG)  # before the address is said: who comes at once waits and is not refused
    say(f"{service.name}: web chat at {address}, OpenAI protocol at {address}/v1. Ctrl-C stops it.")
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    make_server(service).run(sockets=[listener])


def model_name(bundle: Path) -> str:
    """What clients call the model: its run, else its folder."""
    for name in (bundle.name, *(parent.name for parent in bundle.parents)):
        if name and name not in ("model", "run", "checkpoints") and not name.startswith("step-"):
            return name
    return "groundup"
