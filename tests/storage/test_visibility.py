"""Rows that a role does not see, asked in plain SQL, for every table that the catalogue knows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import psycopg
import pytest
from psycopg import errors
from psycopg.sql import SQL, Identifier
from uuid_utils import uuid7

from app.domain.errors import NotPermitted
from app.domain.parties import Actor
from app.domain.sight import Sight
from app.service.context import Context
from app.storage.engine import UnitOfWork
from app.storage.evidence_files import EvidenceFiles
from app.storage.participants import page
from app.storage.scope import (
    NOT_OF_A_CONTRACT,
    PERSON_LEVEL,
    SCHEMAS_WITHOUT_POLICIES,
    SET_SCOPE,
    Scope,
)
from app.storage.tables import metadata
from app.storage.views import VIEWS
from tests.banking import reconcile_a_little
from tests.closing import close_a_little
from tests.peoples_data import live_a_little
from tests.replay import Clock, Replay, ServiceBackend
from tests.settling import Settling
from tests.unscanned import UNSCANNED

TABLES = sorted(table.name for table in metadata.sorted_tables)
PROVIDER, COUNCIL, SPV, FUND = "syha", "scc", "spv", "lcf"


@dataclass(frozen=True)
class Looking:
    """The application's role, and a contract with rows in most tables."""

    connection: psycopg.Connection
    contract_id: str

    def at(self, contract_id: str, party: str, sight: str) -> "Looking":
        settings = {"contract": contract_id, "party": party, "sight": sight}
        self.connection.execute(SET_SCOPE, settings)
        return self

    def rows(self, table: str) -> int:
        query = SQL("SELECT count(*) FROM {}").format(Identifier(table))
        return self.connection.execute(query).fetchone()[0]


@pytest.fixture(scope="module")
def contract(engine, tmp_path_factory) -> str:
    contract_id, clock = str(uuid7()), Clock()
    files = EvidenceFiles(tmp_path_factory.mktemp("evidence"), 1_000_000)
    context = Context(engine, clock, lambda: str(uuid7()), files, uploads=UNSCANNED)
    Replay(ServiceBackend(context, clock, contract_id)).run()
    settling = Settling(context, contract_id, FUND)
    settling.issue([1])
    settling.pay_invoices([1])
    reconcile_a_little(context, contract_id, SPV, COUNCIL)
    live_a_little(context, contract_id, Actor(PROVIDER, "worker-1"), date(2023, 12, 1), "P3")
    close_a_little(context, contract_id, COUNCIL, SPV)
    return contract_id


@pytest.fixture
def looking(database_urls, contract) -> Iterator[Looking]:
    with psycopg.connect(database_urls.app) as connection:
        yield Looking(connection, contract)
        connection.rollback()


def asked(urls, query: str) -> list[tuple]:
    with psycopg.connect(urls.owner) as connection:
        return connection.execute(query).fetchall()


# --- The catalogue ---------------------------------------------------------------------------


def test_every_table_of_a_contract_has_its_policies(database_urls):
    forced = asked(
        database_urls,
        "SELECT relname FROM pg_class WHERE relkind = 'r' "
        "AND relnamespace = 'public'::regnamespace AND relrowsecurity AND relforcerowsecurity",
    )
    every = asked(
        database_urls,
        "SELECT relname FROM pg_class WHERE relkind = 'r' "
        "AND relnamespace = 'public'::regnamespace",
    )
    assert {name for (name,) in forced} == {name for (name,) in every} - set(NOT_OF_A_CONTRACT)
    assert {name for (name,) in forced} == set(TABLES)
    for_application = asked(
        database_urls,
        "SELECT tablename, policyname FROM pg_policies "
        "WHERE schemaname = 'public' AND 'outcomes_app' = ANY(roles)",
    )
    expected = {(name, "of_contract") for name in TABLES}
    expected |= {(name, rule) for name in PERSON_LEVEL for rule in ("of_sight", "by_command")}
    assert set(for_application) == expected | {("idempotency_keys", "of_party")}


def test_every_other_schema_has_its_reason(database_urls):
    found = asked(
        database_urls,
        "SELECT DISTINCT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')",
    )
    assert {name for (name,) in found} == {"public", *SCHEMAS_WITHOUT_POLICIES}


def test_what_leads_to_a_participant_is_person_level():
    leading = {"participant_id", "submission_id", "entitlement_id", "evidence_id", "source_id"}
    found = {table.name for table in metadata.sorted_tables if leading & set(table.columns.keys())}
    assert found <= PERSON_LEVEL
    assert PERSON_LEVEL - found == {"journal", "notes"}  # text, in which anybody may be named


def test_a_view_holds_no_pseudonym_and_says_whose_rows_it_shows(database_urls):
    found = asked(
        database_urls,
        "SELECT c.relname, pg_get_viewdef(c.oid), c.reloptions::text FROM pg_class c "
        "WHERE c.relkind = 'v' AND c.relnamespace = 'public'::regnamespace",
    )
    assert {name for name, _, _ in found} == set(VIEWS.tables)
    for _, definition, options in found:
        assert "current_setting('outcomes.contract'" in definition
        assert "security_barrier" in options
    names = {column.name for table in VIEWS.tables.values() for column in table.columns}
    assert not names & {"participant_id", "source_id", "payload", "working"}


def test_the_application_bypasses_nothing(database_urls):
    roles = asked(
        database_urls,
        "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname LIKE 'outcomes%'",
    )
    assert sorted(roles) == [("outcomes_app", False, False), ("outcomes_owner", False, False)]


# --- No row ----------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [*TABLES, *sorted(VIEWS.tables)])
def test_no_row_without_the_contract(looking, table):
    assert looking.rows(table) == 0  # no setting at all
    for contract_id in ("", str(uuid7())):
        for sight in Sight:
            assert looking.at(contract_id, COUNCIL, sight).rows(table) == 0


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("sight", ["aggregate", "", "PERSON", "persons"])
def test_no_row_about_people_without_the_sight(looking, table, sight):
    seen = looking.at(looking.contract_id, FUND, sight).rows(table)
    whole = looking.at(looking.contract_id, FUND, "person").rows(table)
    assert seen == (0 if table in PERSON_LEVEL else whole)
    if table in PERSON_LEVEL:
        assert whole > 0


@pytest.mark.parametrize("table", sorted(PERSON_LEVEL))
def test_a_provider_sees_its_own_and_another_provider_none(looking, table):
    whole = looking.at(looking.contract_id, PROVIDER, "person").rows(table)
    own = looking.at(looking.contract_id, PROVIDER, "own").rows(table)
    assert looking.at(looking.contract_id, "another", "own").rows(table) == 0
    # Of the journal it sees what it did itself, of notes those about its participants.
    assert 0 <= own < whole if table in {"journal", "notes"} else own == whole > 0


def test_a_reply_is_seen_by_the_party_it_was_kept_for(engine, looking):
    insert = "INSERT INTO idempotency_keys VALUES (%s, %s, 'key', 'print', 200, '{}', '{}', now())"
    looking.at(looking.contract_id, SPV, "person")
    looking.connection.execute(insert, [looking.contract_id, SPV])
    assert looking.rows("idempotency_keys") == 1
    assert looking.at(looking.contract_id, COUNCIL, "person").rows("idempotency_keys") == 0
    with pytest.raises(errors.InsufficientPrivilege):
        looking.connection.execute(insert, [looking.contract_id, SPV])


def test_settings_end_with_the_transaction(looking):
    assert looking.at(looking.contract_id, COUNCIL, "person").rows("participants") > 0
    looking.connection.commit()
    assert looking.rows("participants") == 0
    assert looking.rows("contracts") == 0


# --- No row written --------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_no_row_is_written_into_another_contract(looking, table):
    """The policy speaks first, before any other column is missed."""
    looking.at(looking.contract_id, COUNCIL, "person")
    insert = SQL("INSERT INTO {} (contract_id) VALUES (%s)").format(Identifier(table))
    with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
        looking.connection.execute(insert, [str(uuid7())])


@pytest.mark.parametrize("sight", ["own", "aggregate"])
def test_a_reader_writes_nothing_about_people(looking, sight):
    looking.at(looking.contract_id, PROVIDER, sight)
    statement = (
        "INSERT INTO participants "
        "VALUES (%s, 1, now(), 'P-new', %s, DATE '2020-01-01', 'care', true)"
    )
    with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
        looking.connection.execute(statement, [looking.contract_id, PROVIDER])


# --- Views and functions ---------------------------------------------------------------------


def test_functions_across_contracts_answer_identifiers_only(looking):
    named = "SELECT contract_ids_after(%s, '', NULL)"
    for party, is_listed in ((None, True), (COUNCIL, True), ("stranger", False)):
        ids = {one for (one,) in looking.connection.execute(named, [party]).fetchall()}
        assert (looking.contract_id in ids) is is_listed
    assert looking.connection.execute("SELECT contract_ids_without_contract()").fetchall() == []


def test_the_journal_is_told_without_payloads(looking):
    whole = looking.at(looking.contract_id, COUNCIL, "person").rows("journal")
    assert looking.at(looking.contract_id, FUND, "aggregate").rows("journal_without_payloads") == (
        whole
    )


def test_counts_in_a_view_are_withheld_when_small(looking):
    found = looking.at(looking.contract_id, FUND, "aggregate").connection.execute(
        "SELECT counted FROM claim_totals_by_metric"
    )
    counts = [count for (count,) in found]
    assert counts
    assert all(count is None or count >= 5 for count in counts)


# --- The unit of work ------------------------------------------------------------------------


def test_a_question_about_people_is_refused_and_not_answered_with_nobody(engine, contract):
    with UnitOfWork(engine, read_only=True) as uow:
        assert page(uow.connection, contract, "", 9) == []  # before it may look at anything
        uow.look(Scope(contract, FUND, Sight.AGGREGATE))
        with pytest.raises(NotPermitted) as refusal:
            page(uow.connection, contract, "", 9)
        assert refusal.value.code == "person-level-not-permitted"
        with uow.reckoning():
            assert page(uow.connection, contract, "", 9)
        with pytest.raises(NotPermitted):
            page(uow.connection, contract, "", 9)


def test_reckoning_ends_also_when_it_fails(engine, contract):
    with UnitOfWork(engine, read_only=True) as uow:
        uow.look(Scope(contract, FUND, Sight.AGGREGATE))
        with pytest.raises(ValueError, match="stop"), uow.reckoning():
            raise ValueError("stop")
        assert uow.scope.sight is Sight.AGGREGATE
        with pytest.raises(NotPermitted):
            page(uow.connection, contract, "", 9)


def test_a_connection_forgets_what_it_saw(engine, contract):
    for _ in range(3):
        with UnitOfWork(engine, read_only=True) as uow:
            assert page(uow.connection, contract, "", 9) == []
            uow.look(Scope(contract, COUNCIL, Sight.PERSON))
            assert page(uow.connection, contract, "", 9)
