"""One PostgreSQL for the whole test run, one database per test process, one contract per test.

The server comes from the same wheel as `outcomes serve` and forgets everything at the end. With
xdist the controller starts it and tells its workers where it is; without xdist the first test that
needs it does. Each test process gets a copy of one migrated template database. Tests isolate
themselves by working on a contract of their own (`contract_id`), so nothing is ever truncated.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Engine
from uuid_utils import uuid7

from app.storage import migrate
from app.storage.engine import make_engine
from app.storage.local_postgres import LocalPostgres
from app.storage.roles import APP_ROLE, OWNER_ROLE, DatabaseUrls, create_database, create_roles
from tests.tries import load_profile

load_profile()

_SERVER = pytest.StashKey[LocalPostgres]()
_TEMPLATE = "outcomes_template"
_TEMPLATE_LOCK = 1


# Begun first, so that no process is left alone with one of them at the end.
LONGEST = (
    "tests/test_demo.py",
    "tests/service/test_verify.py",
    "tests/service/test_reconciliation.py",
    "tests/api/test_exports.py",
    "tests/verify/test_tampering.py",
    "tests/stateful/test_money_cycle.py",
    "tests/cli/test_server.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; each file stays whole (make test: --dist loadscope)."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


def pytest_collection_finish() -> None:
    """Leave what collecting made, which stays to the end, out of every later search for garbage."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:
    """On the xdist controller, before each worker starts."""
    config = node.config
    if _SERVER not in config.stash:
        config.stash[_SERVER] = LocalPostgres.start(durable=False)
    node.workerinput["postgres"] = config.stash[_SERVER].superuser_url


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server that this process started."""
    if _SERVER in config.stash:
        config.stash[_SERVER].stop()


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> str:
    """The superuser's URL. For tests of the database itself; most want `engine`."""
    config = request.config
    if hasattr(config, "workerinput"):
        return config.workerinput["postgres"]
    if _SERVER not in config.stash:
        config.stash[_SERVER] = LocalPostgres.start(durable=False)
    return config.stash[_SERVER].superuser_url


@pytest.fixture(scope="session")
def database_urls(postgres: str, request: pytest.FixtureRequest) -> DatabaseUrls:
    """This test process's own migrated database, as `outcomes_owner` and as `outcomes_app`."""
    name = f"outcomes_{getattr(request.config, 'workerinput', {}).get('workerid', 'alone')}"
    with psycopg.connect(postgres, autocommit=True) as guard:
        guard.execute("SELECT pg_advisory_lock(%s)", [_TEMPLATE_LOCK])
        create_roles(postgres)
        create_database(postgres, _TEMPLATE)
        migrate.upgrade(_url(postgres, OWNER_ROLE, _TEMPLATE))
        create_database(postgres, name, template=_TEMPLATE)
    return DatabaseUrls(owner=_url(postgres, OWNER_ROLE, name), app=_url(postgres, APP_ROLE, name))


@pytest.fixture(scope="session")
def engine(database_urls: DatabaseUrls) -> Iterator[Engine]:
    """What the service has: a pool of connections as `outcomes_app`."""
    made = make_engine(database_urls.app, pool_size=10)
    yield made
    made.dispose()


@pytest.fixture(scope="session")
def owner_engine(database_urls: DatabaseUrls) -> Iterator[Engine]:
    """The owner of the tables, to show that triggers hold even without the role's limits."""
    made = make_engine(database_urls.owner)
    yield made
    made.dispose()


@pytest.fixture
def contract_id() -> str:
    """The identifier of a contract that no other test has."""
    return str(uuid7())


def _url(superuser_url: str, role: str, database: str) -> str:
    return superuser_url.replace("//postgres@/postgres?", f"//{role}@/{database}?")
