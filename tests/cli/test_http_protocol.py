"""The server with slow, endless and broken clients, over real sockets."""

import socket
import time
from contextlib import contextmanager

import pytest

from app.cli import http_protocol
from app.cli.http_protocol import PatientHttp
from tests.api.conftest import serving


async def small(scope, receive, send) -> None:
    """Answers the length of the body."""
    if scope["type"] != "http":
        return
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    length = (b"content-length", str(len(str(size))).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": str(size).encode()})


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(PatientHttp, "head_seconds", 0.3)
    monkeypatch.setattr(PatientHttp, "head_bytes_max", 2000)
    with serving(small) as address:
        yield int(address.rsplit(":", 1)[1])


@contextmanager
def connected(port: int):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as found:
        yield found


def all_of(connection: socket.socket) -> bytes:
    """What comes until the server closes."""
    found = b""
    while True:
        try:
            part = connection.recv(65536)
        except ConnectionResetError:
            return found
        if not part:
            return found
        found += part


def test_requests_in_a_row_and_together(impatient):
    with connected(impatient) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 2)
        connection.sendall(
            b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n" + b"x" * 4000
        )
        time.sleep(0.5)  # a body may take longer than a head
        connection.sendall(b"x" * 1000 + b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        answers = all_of(connection)
    assert answers.count(b"200 OK") == 4
    assert b"5000" in answers


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\r\n",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ",
    ],
)
def test_who_does_not_state_a_request_is_closed(impatient, sent):
    with connected(impatient) as connection:
        connection.sendall(sent)
        begun = time.monotonic()
        assert all_of(connection) == b""
        assert 0.1 < time.monotonic() - begun < 3


def test_a_byte_now_and_then_does_not_help(impatient):
    with connected(impatient) as connection:
        begun = time.monotonic()
        try:
            for letter in b"GET / HTTP/1.1\r\nX-Slow: " + b"x" * 100:
                connection.sendall(bytes([letter]))
                time.sleep(0.05)
        except OSError:
            pass
        assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n" + b"X-Many: many\r\n" * 500,
        b"GET / HTTP/1.1\r\nX-Long: " + b"x" * 5000,
        b"GET /" + b"x" * 5000,
        b"\x16\x03\x01\x02\x00\x01\x00\x01",
        b"GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET / HTTP/1.1\nHost : a\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused_with_our_headers(impatient, sent):
    with connected(impatient) as connection:
        connection.sendall(sent)
        answer = all_of(connection)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b" 400 Bad") == answer.count(b"content-length") == 1
    assert b"content-security-policy: default-src 'none'" in answer
    assert b"x-content-type-options: nosniff" in answer
    assert answer.endswith(http_protocol._REFUSAL)


def test_connections_are_bounded(monkeypatch):
    monkeypatch.setattr(PatientHttp, "connections_max", 2)
    with serving(small) as address:
        port = int(address.rsplit(":", 1)[1])
        with connected(port) as first, connected(port) as second:
            for one in (first, second):
                one.sendall(b"GET / HTTP/1.1\r\n\r\n")
                assert one.recv(100).startswith(b"HTTP/1.1 200")
            with connected(port) as third:
                assert all_of(third) == b""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            with connected(port) as again:
                again.sendall(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
                if all_of(again).startswith(b"HTTP/1.1 200"):
                    return
        raise AssertionError("places are given back")
