"""A PostgreSQL of the bench's own, fsync on, and a service on it with a clock of its own."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from uuid_utils import uuid7

from app.service.context import Context
from app.storage import migrate
from app.storage.engine import make_engine
from app.storage.evidence_files import EvidenceFiles
from app.storage.local_postgres import LocalPostgres

_START = datetime(2024, 6, 3, 12, tzinfo=UTC)
_BEGUN = time.monotonic()


@dataclass(frozen=True, slots=True)
class Bench:
    """The database and the service on it.

    As the service's role, as the owner of the tables (plain contenders, whom no policy limits), and
    as the superuser.
    """

    app_url: str
    owner_url: str
    superuser_url: str
    context: Context


@contextmanager
def database(pool_size: int = 16) -> Iterator[Bench]:
    """A durable database that is thrown away at the end."""
    with LocalPostgres.start(durable=True) as server, tempfile.TemporaryDirectory() as files:
        urls = server.database("bench")
        migrate.upgrade(urls.owner)
        engine = make_engine(urls.app, pool_size)
        try:
            store = EvidenceFiles(Path(files), 1_000_000)
            context = Context(engine, clock, lambda: str(uuid7()), store)
            yield Bench(urls.app, urls.owner, server.url("postgres", "bench"), context)
        finally:
            engine.dispose()


def clock() -> datetime:
    """3 June 2024 and on from there: the contract's own time, whatever the machine's day is."""
    return _START + timedelta(seconds=time.monotonic() - _BEGUN)
