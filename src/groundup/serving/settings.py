"""How the server behaves towards others, and what it refuses to start with."""

import ipaddress
from dataclasses import dataclass

from groundup.utils.errors import UserError


@dataclass(frozen=True)
class ServerSettings:
    """Where the server listens, who may use it, and how much of it."""

    host: str = "127.0.0.1"
    port: int = 8000
    api_keys: tuple[str, ...] = ()
    """Any of these as `Authorization: Bearer ...`; none: no key is asked for."""
    allow_public_without_key: bool = False
    cors_origins: tuple[str, ...] = ()
    """Origins whose pages may call the server; none: no other page than its own."""
    max_body_bytes: int = 1 << 20
    max_queue: int = 64
    """Requests that wait for a slot; what is beyond gets 429."""
    max_unread: int = 64
    """Answers that are written but not yet fetched, beyond slots and queue."""
    request_timeout_s: float = 300.0
    """From the arrival of a request to its last token."""
    read_timeout_s: float = 10.0
    """For the head and the body of a request to arrive, each."""
    write_timeout_s: float = 30.0
    """How long a client may read nothing of what is sent to it."""
    shutdown_timeout_s: float = 10.0
    """What requests at hand get to finish when the server is stopped."""
    trusted_hosts: tuple[str, ...] = ()
    """Further names under which a server without a key may be addressed (`Host` header)."""


def check_settings(settings: ServerSettings) -> None:
    """Raise UserError for settings that would open the machine to others, or cannot work."""
    if not 0 <= settings.port < 65536:
        raise UserError(f"--port is {settings.port}; it must be between 0 and 65535.")
    if any(not key or not key.isascii() or not key.isprintable() or " " in key for key in settings.api_keys):
        raise UserError("An API key is empty or has spaces or characters beyond ASCII. Choose another one.")
    if not is_loopback(settings.host) and not settings.api_keys and not settings.allow_public_without_key:
        raise UserError(
            f"--host {settings.host} lets other machines in, and there is no API key. "
            "Give --api-key (or GROUNDUP_API_KEY), or say --allow-public-without-key if that is meant."
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine itself reaches `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
