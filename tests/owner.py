"""The owner of the tables, from whom no policy hides a row: to count what is stored."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine

from app.storage.roles import OWNER_ROLE


@contextmanager
def as_owner(engine: Engine) -> Iterator[Connection]:
    """The database of the application's engine, as `outcomes_owner`."""
    with _owner_engine(engine.url).connect() as connection:
        yield connection


@lru_cache
def _owner_engine(url: URL) -> Engine:
    return create_engine(url.set(username=OWNER_ROLE), poolclass=NullPool)
