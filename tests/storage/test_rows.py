"""One codec for tables, the journal's payload and the refold: what goes in comes out the same."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Boolean, Date, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import StatementError

from app.domain.journal import GENESIS, seal
from app.domain.parties import Actor
from app.domain.sight import Sight
from app.storage import journal, rows
from app.storage.engine import UnitOfWork
from app.storage.scope import Scope
from app.storage.tables import PROJECTIONS
from app.storage.tables import participants as participants_table

ACTOR = Actor("provider", "worker-1")
RECORDED = datetime(2021, 7, 15, 10, 30, 0, 123456, tzinfo=UTC)

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
# Journal payloads are canonical JSON, whose numbers are exact up to 2**53 - 1.
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1)


def values_of(column):
    """Values that a column may hold."""
    if isinstance(column.type, JSONB):
        kind = st.lists(st.dictionaries(TEXTS, TEXTS | NUMBERS | st.none(), max_size=3), max_size=3)
    elif isinstance(column.type, Boolean):
        kind = st.booleans()
    elif isinstance(column.type, Integer):
        kind = NUMBERS
    elif isinstance(column.type, Date):
        kind = st.dates()
    else:
        kind = TEXTS
    return kind | st.none() if column.nullable else kind


def rows_for(table):
    own = {
        column.name: values_of(column) for column in table.columns if column.name not in rows.SEALED
    }
    return st.lists(st.fixed_dictionaries(own), min_size=1, max_size=3)


ADDED = st.dictionaries(st.sampled_from([table.name for table in PROJECTIONS]), st.none()).flatmap(
    lambda names: st.fixed_dictionaries(
        {table.name: rows_for(table) for table in PROJECTIONS if table.name in names}
    )
)


@given(ADDED)
def test_rows_read_back_from_the_journal_are_the_rows_written(added):
    record = seal(
        "c-1", 7, "tested", date(2021, 7, 1), RECORDED, ACTOR, rows.payload_of(added), GENESIS
    )
    found: dict[str, list] = {}
    for table, row in rows.rows_of(record, journal.parsed(record)):
        found.setdefault(table.name, []).append(row)
    sealed = {"contract_id": "c-1", "sequence": 7, "recorded_at": RECORDED}
    assert found == {
        name: [row | sealed for row in listed] for name, listed in added.items() if listed
    }


def test_a_payload_names_only_tables_with_rows():
    assert rows.payload_of(
        {"participants": [], "waivers": [{"granted_on": date(2020, 2, 29)}]}
    ) == {"waivers": [{"granted_on": "2020-02-29"}]}


def test_what_a_row_leaves_out_is_null():
    added = {"evidence_items": [{"evidence_id": "e-1"}]}
    record = seal(
        "c-1", 1, "tested", date(2021, 7, 1), RECORDED, ACTOR, rows.payload_of(added), GENESIS
    )
    ((table, row),) = rows.rows_of(record, journal.parsed(record))
    assert table.name == "evidence_items"
    assert row["evidence_id"] == "e-1"
    assert row["size_bytes"] is None
    assert set(row) == {column.name for column in table.columns}


@pytest.fixture
def opened(engine, contract_id):
    """A connection with a contract of its own; nothing of it is kept."""
    with UnitOfWork(engine) as uow:
        uow.look(Scope(contract_id, "council", Sight.PERSON, service=True))
        yield uow.connection, journal.open_contract(uow.connection, contract_id, RECORDED)


PERSON = {
    "participant_id": "P1",
    "provider": "provider",
    "referred_on": date(2020, 2, 29),
    "setting": "care",
    "funded_by_commissioner": True,
}


def test_a_written_row_is_what_its_record_says(opened):
    connection, head = opened
    record = journal.append(
        connection,
        head,
        "participant_registered",
        date(2020, 2, 29),
        RECORDED,
        ACTOR,
        {"participants": [PERSON]},
    )
    stored = connection.execute(
        participants_table.select().where(participants_table.c.contract_id == head.contract_id)
    ).one()
    ((_, expected),) = rows.rows_of(record, journal.parsed(record))
    assert dict(stored._mapping) == expected
    assert stored.age_at_referral is None


def test_a_row_with_a_column_that_its_table_lacks_is_refused(opened):
    connection, head = opened
    with pytest.raises((AssertionError, StatementError)):
        journal.append(
            connection,
            head,
            "participant_registered",
            date(2020, 2, 29),
            RECORDED,
            ACTOR,
            {"participants": [PERSON | {"name": "somebody"}]},
        )


def test_recorded_times_never_run_backwards(opened):
    connection, head = opened
    earlier = RECORDED.replace(year=2001)
    record = journal.append(
        connection,
        head,
        "participant_registered",
        date(2020, 2, 29),
        earlier,
        ACTOR,
        {"participants": [PERSON]},
    )
    assert record.recorded_at == RECORDED
    assert journal.head(connection, head.contract_id).recorded_at == RECORDED
