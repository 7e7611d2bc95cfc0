"""Migrations run once, by one starter at a time, and the service refuses any other version."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import text

from app.storage import migrate
from app.storage.engine import UnitOfWork, make_engine
from app.storage.migrate import WrongSchemaVersion
from app.storage.roles import APP_ROLE, OWNER_ROLE, DatabaseUrls, create_database


@pytest.fixture
def empty(postgres: str, contract_id: str, database_urls: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """A database of its own with nothing in it."""
    name = f"empty_{contract_id}"
    create_database(postgres, name)
    ours = postgres.replace("//postgres@/postgres?", f"//{{}}@/{name}?")
    yield DatabaseUrls(owner=ours.format(OWNER_ROLE), app=ours.format(APP_ROLE))
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}"')


def test_an_empty_database_has_no_version_and_is_refused(empty):
    assert migrate.current(empty.owner) is None
    engine = make_engine(empty.app, pool_size=1)
    with pytest.raises(WrongSchemaVersion, match=r"at version none.*run `outcomes migrate`"):
        migrate.require_current(engine)
    engine.dispose()


def test_upgrade_reaches_the_newest_version_and_the_service_accepts_it(engine, database_urls):
    assert migrate.current(database_urls.owner) == migrate.head() is not None
    assert migrate.upgrade(database_urls.owner) == migrate.head()
    migrate.require_current(engine)


def test_several_starters_migrate_once(empty):
    reached = []
    threads = [
        threading.Thread(target=lambda: reached.append(migrate.upgrade(empty.owner)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reached == [migrate.head()] * 3


def test_the_service_cannot_migrate(empty):
    with pytest.raises(Exception, match="permission denied for schema public"):
        migrate.upgrade(empty.app)


def test_an_unknown_version_is_refused(empty):
    migrate.upgrade(empty.owner)
    owner = make_engine(empty.owner, pool_size=1)
    with owner.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(WrongSchemaVersion, match="at version 9999, this release needs"):
        migrate.require_current(owner)
    owner.dispose()


def test_the_service_owns_nothing(engine):
    owned = "SELECT count(*) FROM pg_class WHERE relowner = :role ::regrole"
    with UnitOfWork(engine, read_only=True) as uow:
        assert uow.connection.execute(text(owned), {"role": APP_ROLE}).scalar_one() == 0
