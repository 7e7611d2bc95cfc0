"""HTTP/1.1 with bounds on what stands before a request's body: time, size, and connections.

uvicorn bounds none of these with its fast parser: whoever opened connections and sent a header
slowly, or without end, would hold memory and sockets for as long as they liked.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 15.0
"""From the first byte of a request, or the connection's start, to the end of its headers."""

HEAD_BYTES_MAX = 64 * 1024
"""Request line and headers together; access tokens with many groups have some 16 KiB."""

CONNECTIONS_MAX = 2_000
"""Connections open at once, also idle ones; further ones are closed at once."""

_REFUSAL = b"This is not a request of HTTP/1.1 as this service reads it.\n"


class PatientHttp(HttpToolsProtocol):
    """One connection."""

    head_seconds = HEAD_SECONDS
    head_bytes_max = HEAD_BYTES_MAX
    connections_max = CONNECTIONS_MAX

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, unless there are too many."""
        self._in_head = True
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        full = len(self.connections) >= self.connections_max
        super().connection_made(transport)
        if full:
            transport.abort()
            return
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, and close what takes too much room or time before its body."""
        if self._in_head:
            self._head_bytes += len(data)
            self._arm()
        super().data_received(data)
        if self._in_head and self._head_bytes > self.head_bytes_max:
            self.send_400_response("")

    def on_headers_complete(self) -> None:
        """The time for the head is over, well."""
        self._in_head, self._head_bytes = False, 0
        self._disarm()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """What comes next is another request's head."""
        self._in_head = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - one text for every fault
        """Refuse what is not HTTP, with the headers of every other answer, and close."""
        from app.main import BARE

        if self.transport.is_closing():
            return
        headers: list[Any] = [
            *BARE,
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(_REFUSAL)).encode()),
            (b"connection", b"close"),
        ]
        lines = [b"HTTP/1.1 400 Bad Request", *(name + b": " + value for name, value in headers)]
        self.transport.write(b"\r\n".join([*lines, b"", _REFUSAL]))
        self.transport.close()

    def _arm(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self.head_seconds, self._give_up)

    def _disarm(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_timer = None
        current: Any = self.cycle  # None before the first request, whatever uvicorn's types say
        if current is not None and not current.response_complete:
            self._arm()  # an earlier request of this connection is still being answered
        else:
            self.transport.close()
