"""A keep-alive HTTP client that costs next to nothing, so that the server is what is measured."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_START_SECONDS = 60.0


@contextmanager
def serving(factory: str, settings: dict[str, str]) -> Iterator[int]:
    """A uvicorn of one worker with an application of `bench.served`; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", f"bench.served:{factory}", "--factory"]
    options = ["--port", str(port), "--log-level", "warning", "--no-access-log"]
    server = subprocess.Popen([*command, *options], env=os.environ | settings)
    try:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            if server.poll() is not None or time.monotonic() > deadline:
                message = f"{factory} did not start"
                raise RuntimeError(message)
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait()


def posted(port: int, path: str, headers: dict[str, str], body: bytes) -> bytes:
    """A POST as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(body)}", *(f"{name}: {headers[name]}" for name in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class Caller:
    """One connection, kept alive."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes) -> None:
        """Send one request and read its answer; anything but 200 or 201 is an error."""
        self._socket.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._received()
        head, _, body = answer.partition(b"\r\n\r\n")
        fields = head.lower().split(b"\r\n")
        length = next(int(line[15:]) for line in fields if line.startswith(b"content-length:"))
        while len(body) < length:
            body += self._received()
        if head.split(b" ", 2)[1] not in {b"200", b"201"}:
            message = f"{head.decode()}\n{body.decode()}"
            raise RuntimeError(message)

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def _received(self) -> bytes:
        chunk = self._socket.recv(65536)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        return chunk
