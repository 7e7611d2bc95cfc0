"""The real application on a real socket, over the test database, with a clock that tests move."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Thread
from time import sleep

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine, func, select

from app.cli.serving import configured
from app.main import create_app
from app.settings import Settings
from app.storage.columns import metadata
from app.storage.tables import contracts
from tests.api.client import Api
from tests.owner import as_owner

START = datetime(2023, 11, 1, 12, tzinfo=UTC)


class Clock:
    """The instant that the service believes it is."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an application on a free port of this machine, in a thread; its address."""
    server = uvicorn.Server(configured(app))
    thread = Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def session_clock() -> Clock:
    return Clock()


@pytest.fixture
def clock(session_clock: Clock) -> Iterator[Clock]:
    """The server's clock, at noon on 1 November 2023 until a test moves it."""
    session_clock.now = START
    yield session_clock
    session_clock.now = START


@pytest.fixture(scope="session")
def settings(database_urls, tmp_path_factory) -> Settings:
    return Settings(
        mode="demo",
        database_url=database_urls.app,
        evidence_dir=tmp_path_factory.mktemp("evidence"),
        evidence_max_bytes=64 * 1024,
    )


@pytest.fixture(scope="session")
def app(settings: Settings, engine: Engine, session_clock: Clock) -> FastAPI:
    return create_app(settings, engine, session_clock)


@pytest.fixture(scope="session")
def http(app: FastAPI) -> Iterator[httpx.Client]:
    with serving(app) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


@pytest.fixture
def api(http: httpx.Client, contract_id: str, clock: Clock) -> Api:
    return Api(http, contract_id)


@pytest.fixture
def stored(engine: Engine, contract_id: str) -> Callable[[], dict[str, object]]:
    """What the database holds of the test's contract: its head, and the rows of every table."""

    def counted() -> dict[str, object]:
        found: dict[str, object] = {}
        with as_owner(engine) as connection:
            for table in metadata.sorted_tables:
                query = select(func.count()).where(table.c.contract_id == contract_id)
                found[table.name] = connection.execute(query).scalar_one()
            heads = select(contracts).where(contracts.c.contract_id == contract_id)
            found["head"] = connection.execute(heads).first()
        return found

    return counted
