"""The migrated database and app/storage/tables.py say the same, to the last constraint."""

import psycopg
import pytest
from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint, create_engine
from uuid_utils import uuid7

from app.storage.engine import normalise_url
from app.storage.roles import create_database
from app.storage.rows import BY_NAME, SEALED
from app.storage.tables import NOT_PROJECTED, PROJECTIONS, metadata

TEMPLATE, TEMPLATE_LOCK = "outcomes_template", 1  # as in tests/conftest.py

COLUMNS = """
SELECT table_name, column_name, ordinal_position, data_type, is_nullable, column_default
FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'alembic_version'
"""
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, contype::text, pg_get_constraintdef(oid)
FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'
  AND contype IN ('p', 'u', 'f', 'c')
"""
INDEXES = """
SELECT tablename, indexname, indexdef FROM pg_indexes
WHERE schemaname = 'public' AND tablename <> 'alembic_version'
"""


def catalogue(url: str, query: str) -> list[tuple]:
    with psycopg.connect(url) as connection:
        return sorted(connection.execute(query).fetchall(), key=repr)


@pytest.fixture(scope="module")
def described(postgres) -> str:
    """A database made from the metadata alone."""
    name = f"described_{uuid7().hex[:12]}"
    create_database(postgres, name)
    url = postgres.replace("/postgres?", f"/{name}?")
    engine = create_engine(normalise_url(url))
    metadata.create_all(engine)
    engine.dispose()
    return url


@pytest.fixture(scope="module")
def as_migrated(postgres, database_urls) -> str:
    """A copy of the migrated template: tests of tampering leave their marks on the shared one."""
    name = f"migrated_{uuid7().hex[:12]}"
    with psycopg.connect(postgres, autocommit=True) as guard:
        guard.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE_LOCK])
        create_database(postgres, name, template=TEMPLATE)
    return postgres.replace("/postgres?", f"/{name}?")


@pytest.mark.parametrize("query", [COLUMNS, CONSTRAINTS, INDEXES])
def test_the_migrated_schema_is_the_one_described(as_migrated, described, query):
    migrated = catalogue(as_migrated, query)
    assert migrated
    assert migrated == catalogue(described, query)


def keys(table):
    """Every key of a table: primary, unique and foreign, and its indexes."""
    for constraint in table.constraints:
        if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint | ForeignKeyConstraint):
            yield constraint.name, [column.name for column in constraint.columns]
    for index in table.indexes:
        yield index.name, [column.name for column in index.columns]


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_contract_id_comes_first_in_every_key(table):
    found = dict(keys(table))
    assert found
    assert {name: columns[0] for name, columns in found.items()} == dict.fromkeys(
        found, "contract_id"
    )


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_foreign_keys_stay_inside_the_contract(table):
    for constraint in table.constraints:
        if isinstance(constraint, ForeignKeyConstraint):
            assert constraint.elements[0].target_fullname.endswith(".contract_id")


@pytest.mark.parametrize("table", PROJECTIONS, ids=lambda table: table.name)
def test_every_projected_row_belongs_to_a_journal_record(table):
    names = [column.name for column in table.columns]
    assert names[:3] == list(SEALED)
    assert BY_NAME[table.name] is table
    assert ["contract_id", "sequence"] in [
        [column.name for column in one.columns]
        for one in table.constraints
        if isinstance(one, ForeignKeyConstraint)
    ]


def test_every_table_is_a_projection_or_named_as_none():
    names = {table.name for table in metadata.sorted_tables}
    assert names == NOT_PROJECTED | {table.name for table in PROJECTIONS}


def test_no_table_generates_values_or_defaults(database_urls):
    """A row is what its journal record says: the database adds nothing of its own."""
    assert {row[5] for row in catalogue(database_urls.owner, COLUMNS)} == {None}
