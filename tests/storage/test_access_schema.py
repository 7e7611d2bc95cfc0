"""The schema `access`: as described, append-only, and nothing of a contract's."""

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, RestrictViolation
from sqlalchemy import create_engine, text
from uuid_utils import uuid7

from app.storage.access_tables import ACCESS_SCHEMA, access_metadata
from app.storage.engine import normalise_url
from app.storage.roles import create_database
from tests.storage.test_schema import COLUMNS, CONSTRAINTS, INDEXES, catalogue

TABLES = sorted(table.name for table in access_metadata.sorted_tables)
CHANGING = {"sessions", "pending_sign_ins", "failed_sign_ins"}


@pytest.fixture(scope="module")
def described(postgres) -> str:
    """A database made from the metadata alone."""
    name = f"described_{uuid7().hex[:12]}"
    create_database(postgres, name)
    url = postgres.replace("/postgres?", f"/{name}?")
    engine = create_engine(normalise_url(url))
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {ACCESS_SCHEMA}"))
    access_metadata.create_all(engine)
    engine.dispose()
    return url


@pytest.mark.parametrize("query", [COLUMNS, CONSTRAINTS, INDEXES])
def test_the_migrated_schema_is_the_one_described(database_urls, described, query):
    query = query.replace("'public'", f"'{ACCESS_SCHEMA}'")
    migrated = catalogue(database_urls.owner, query)
    assert migrated
    assert migrated == catalogue(described, query)


@pytest.mark.parametrize("table", TABLES)
def test_the_service_changes_and_removes_nothing_but_sessions(database_urls, table):
    """The column named first is a key everywhere, so no right to change it is needed."""
    column = access_metadata.tables[f"{ACCESS_SCHEMA}.{table}"].columns.keys()[0]
    statements = [f"UPDATE access.{table} SET {column} = {column}", f"TRUNCATE access.{table}"]
    if table != "pending_sign_ins":
        statements.append(f"DELETE FROM access.{table}")
    for statement in statements:
        with (
            psycopg.connect(database_urls.app) as connection,
            pytest.raises(InsufficientPrivilege),
        ):
            connection.execute(statement)


@pytest.mark.parametrize("table", [name for name in TABLES if name not in CHANGING])
def test_even_the_owner_is_refused(database_urls, table):
    with psycopg.connect(database_urls.owner) as connection, pytest.raises(RestrictViolation):
        connection.execute(f"TRUNCATE access.{table} CASCADE")


def test_the_owner_changes_no_row(database_urls):
    with psycopg.connect(database_urls.owner) as connection:
        connection.execute(
            "INSERT INTO access.principals VALUES ('p', 'person', 'n', 'o', 'b', now())"
        )
        for statement in (
            "UPDATE access.principals SET name = 'x'",
            "DELETE FROM access.principals",
        ):
            with pytest.raises(RestrictViolation), connection.transaction():
                connection.execute(statement)
        connection.rollback()


def test_of_a_session_only_its_use_and_end_change(database_urls):
    columns = access_metadata.tables[f"{ACCESS_SCHEMA}.sessions"].columns.keys()
    with psycopg.connect(database_urls.app) as connection:
        for column in columns:
            statement = f"UPDATE access.sessions SET {column} = {column}"
            if column in {"last_used_at", "ended_at"}:
                connection.execute(statement)
                continue
            with pytest.raises(InsufficientPrivilege), connection.transaction():
                connection.execute(statement)
