"""A connection that does not wait for ever: for the head of a request, or for a client that reads."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

KEEP_ALIVE_S = 5


def patient_protocol(read_timeout_s: float, write_timeout_s: float, most: int) -> type[H11Protocol]:
    """uvicorn's protocol with limits that it does not have. most: connections at a time; further ones are closed.

    A request's body has its own limit (`guard.Guard`).
    """

    class PatientProtocol(H11Protocol):
        _head_timer: asyncio.TimerHandle | None = None
        _write_timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if len(self.connections) > most:
                transport.abort()
                return
            self._head_timer = self.loop.call_later(read_timeout_s, transport.abort)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.cycle is not None and not self.cycle.response_complete:
                self._stop_head_timer()  # the head is here
            elif self._head_timer is None:
                self._head_timer = self.loop.call_later(read_timeout_s, self.transport.abort)

        def on_response_complete(self) -> None:
            self._stop_head_timer()
            super().on_response_complete()

        def pause_writing(self) -> None:
            super().pause_writing()
            if self._write_timer is None:
                self._write_timer = self.loop.call_later(write_timeout_s, self.transport.abort)

        def resume_writing(self) -> None:
            super().resume_writing()
            if self._write_timer is not None:
                self._write_timer.cancel()
                self._write_timer = None

        def timeout_keep_alive_handler(self) -> None:
            super().timeout_keep_alive_handler()
            # Closing waits until the client has read everything; aborting what is closed already does nothing.
            self.loop.call_later(write_timeout_s, self.transport.abort)

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_head_timer()
            super().connection_lost(exc)

        def _stop_head_timer(self) -> None:
            if self._head_timer is not None:
                self._head_timer.cancel()
                self._head_timer = None

    return PatientProtocol
