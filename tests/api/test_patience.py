"""How long the service waits for a body, and for a reader."""

import asyncio
import socket

import pytest

from app.api.patience import ReaderGone, patient_receive, patient_send
from app.domain.errors import TooSlow
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import serving


def body(*parts: bytes, pause: float = 0.0, ends: bool = True):
    """A body of parts, each after a pause; then nothing more for ever."""
    waiting = list(parts)

    async def receive():
        if not waiting:
            await asyncio.Event().wait()
        await asyncio.sleep(pause)
        part = waiting.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(waiting) or not ends}

    return receive


async def read(receive) -> bytes:
    found, more = b"", True
    while more:
        message = await receive()
        found += message["body"]
        more = message["more_body"]
    return found


def test_a_body_in_time():
    async def run():
        return await read(patient_receive(body(b"a", b"b", pause=0.01), 5, 5))

    assert asyncio.run(run()) == b"ab"


@pytest.mark.parametrize(
    ("receive", "whole", "idle"),
    [
        (body(b"a", ends=False), 5, 0.05),
        (body(*[b"a"] * 100, pause=0.02), 0.1, 5),
        (body(), 5, 0.05),
    ],
    ids=["it stops", "it trickles", "it never comes"],
)
def test_a_body_that_does_not_come(receive, whole, idle):
    async def run():
        await read(patient_receive(receive, whole, idle))

    with pytest.raises(TooSlow) as refused:
        asyncio.run(asyncio.wait_for(run(), 3))
    assert refused.value.code == "request-too-slow"


def test_after_the_body_an_answer_may_wait_for_its_reader_to_go():
    async def run():
        receive = patient_receive(body(b"a"), 0.05, 0.05)
        await read(receive)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(receive(), 0.2)

    asyncio.run(run())


def test_a_reader_who_does_not_take_a_part():
    seen = []

    async def stuck(_):
        await asyncio.Event().wait()

    async def run():
        await patient_send(stuck, seen.append, 0.05)({"type": "x", "more_body": True})

    with pytest.raises(ReaderGone):
        asyncio.run(asyncio.wait_for(run(), 3))
    assert len(seen) == 1


def test_over_http(database_urls, engine, tmp_path):
    settings = Settings(
        mode="demo", database_url=database_urls.app, var_dir=tmp_path, body_seconds=1
    )
    head = (
        b"POST /v1/terms/check HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Content-Length: 1000\r\n\r\n{"
    )
    with serving(create_app(settings, engine)) as address:
        port = int(address.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(head)
            answer = b""
            while part := connection.recv(65536):
                answer += part
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in answer
    assert b'"code":"request-too-slow"' in answer
