"""What stands before the application: who may come in, how large and how slow a request may be."""

import asyncio
import hmac
import logging
import secrets
from collections.abc import Set as AbstractSet

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from groundup.serving.errors import ApiError
from groundup.serving.metrics import Metrics
from groundup.serving.settings import ServerSettings, is_loopback

OPEN_PATHS = ("/", "/health", "/openapi.json")
"""What needs no key: the page, whose files are the same for everybody, and the question whether the server lives."""
STATIC = "/static/"

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
}

log = logging.getLogger(__name__)


class Guard:
    """ASGI middleware. Every request that comes through has its whole body read, and counts in the metrics."""

    def __init__(self, app: ASGIApp, settings: ServerSettings, metrics: Metrics, paths: AbstractSet[str]) -> None:
        """paths: that are counted by name; the number of others is up to clients, who must not fill our memory."""
        self._app, self._settings, self._metrics, self._paths = app, settings, metrics, paths
        self._keys = [key.encode() for key in settings.api_keys]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # lifespan; websockets do not exist here
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._dress(scope, message)
            await send(message)

        try:
            self._check(scope)
            body = await self._read(scope, receive)
            await self._app(scope, _replayed(body, receive), send_guarded)
        except ApiError as error:
            await error.response()(scope, receive, send_guarded)
        except Exception:
            log.exception("%s failed", scope["path"])
            if started:
                raise
            problem = ApiError(500, "The server failed; see its log.")
            await problem.response()(scope, receive, send_guarded)

    def _dress(self, scope: Scope, message: Message) -> None:
        """Headers for every answer, and its place in the metrics."""
        headers = MutableHeaders(scope=message)
        headers["X-Request-Id"] = f"req_{secrets.token_hex(12)}"
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        path = scope["path"] if scope["path"] in self._paths else "other"
        self._metrics.requests[path, message["status"]] += 1

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        path = scope["path"]
        if self._keys:
            if path not in OPEN_PATHS and not path.startswith(STATIC) and scope["method"] != "OPTIONS":
                self._check_key(headers.get("authorization", ""))
        elif not self._settings.allow_public_without_key:
            self._check_host(headers.get("host", ""))
        if scope["method"] == "POST":
            kind = headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind != "application/json":  # other kinds any web page may send without being asked
                raise ApiError(415, "The body must be JSON: send Content-Type: application/json.")

    def _check_key(self, authorization: str) -> None:
        scheme, _, key = authorization.partition(" ")
        given = key.strip().encode("utf-8", "replace")
        fits = [hmac.compare_digest(given, known) for known in self._keys]  # the time taken tells nothing about a key
        if scheme.lower() != "bearer" or True not in fits:
            what = "Incorrect API key." if authorization else "No API key. Send it as Authorization: Bearer KEY."
            raise ApiError(401, what, code="invalid_api_key")

    def _check_host(self, host: str) -> None:
        """Without a key, only requests that name this machine: a page elsewhere whose name was made to point here
        (DNS rebinding) gives itself away by its own name."""
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
        known = (self._settings.host, *self._settings.trusted_hosts)
        if not is_loopback(name.lower()) and name.lower() not in known:
            raise ApiError(403, "This server answers only to localhost. Start it with an API key to serve other names.")

    async def _read(self, scope: Scope, receive: Receive) -> bytes:
        """The whole body, within limits of size and time."""
        most = self._settings.max_body_bytes
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length[:20]) > most:
            raise _too_large(most)
        if scope["method"] in ("GET", "HEAD", "OPTIONS", "DELETE") and length in ("", "0"):
            return b""
        try:
            return await asyncio.wait_for(_collect(receive, most), self._settings.read_timeout_s)
        except asyncio.TimeoutError as error:
            raise ApiError(408, "The body of the request did not arrive in time.") from error


async def _collect(receive: Receive, most: int) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ApiError(400, "The request was broken off.")
        body += message.get("body", b"")
        if len(body) > most:
            raise _too_large(most)
        if not message.get("more_body"):
            return bytes(body)


def _too_large(most: int) -> ApiError:
    return ApiError(413, f"The request is larger than {most:,} bytes.", code="request_too_large")


def _replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body once, and then waits for the client to go away."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
