"""Rows that a role does not see, asked in plain SQL, for every table that the catalogue knows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product

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
    OF_A_BOOK,
    PERSON_LEVEL,
    SET_SCOPE,
    WITHOUT_POLICIES,
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
        """With these settings, as somebody may set them who runs SQL as the application."""
        settings = {"contract": contract_id, "party": party, "sight": sight, "role": "none"}
        self.connection.execute(SET_SCOPE, settings)
        return self

    def serving(self, contract_id: str, party: str = "") -> "Looking":
        """As the service, which writes and reckons."""
        settings = Scope(contract_id, party, Sight.PERSON, service=True).settings()
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
    expected |= {(name, "of_sight") for name in PERSON_LEVEL}
    expected |= {(name, "of_book") for name in OF_A_BOOK}
    assert set(for_application) == expected | {("idempotency_keys", "of_party")}


def test_every_table_of_another_schema_has_policies_or_its_reason(database_urls):
    found = asked(
        database_urls,
        "SELECT c.oid::regclass::text, c.relrowsecurity AND c.relforcerowsecurity, "
        "EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'contract_id')"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' "
        "AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'public')",
    )
    assert {name for name, held, _ in found if not held} == set(WITHOUT_POLICIES)
    assert {name for name, held, _ in found if held} == {"access.access_log"}
    # Of those that name a contract, only the one that says who may ask about it has no policy.
    named = {name for name, held, of_contract in found if of_contract and not held}
    assert named == {"access.grants"}
    policies = asked(
        database_urls,
        "SELECT policyname, cmd, permissive FROM pg_policies WHERE schemaname = 'access' "
        "AND 'outcomes_app' = ANY(roles)",
    )
    assert set(policies) == {
        ("entered", "INSERT", "PERMISSIVE"),
        ("of_contract", "SELECT", "PERMISSIVE"),
        ("of_sight", "SELECT", "RESTRICTIVE"),
    }


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
        assert "may_look()" in definition
        assert "security_barrier" in options
    names = {column.name for table in VIEWS.tables.values() for column in table.columns}
    assert not names & {"participant_id", "source_id", "payload", "working"}


def test_the_application_bypasses_nothing_and_is_not_the_service_unasked(database_urls):
    roles = asked(
        database_urls,
        "SELECT rolname, rolcanlogin, rolinherit, rolsuper OR rolbypassrls OR rolcreaterole "
        "FROM pg_roles WHERE rolname LIKE 'outcomes\\_%'",
    )
    assert sorted(roles) == [
        ("outcomes_app", True, False, False),
        ("outcomes_owner", True, False, False),
        ("outcomes_service", False, False, False),
    ]
    is_one = "SELECT pg_has_role('outcomes_app', 'outcomes_service', %s)"
    with psycopg.connect(database_urls.owner) as connection:
        found = [connection.execute(is_one, [how]).fetchone() for how in ("MEMBER", "USAGE")]
    assert found == [(True,), (False,)]


# --- No row ----------------------------------------------------------------------------------

MOST = {PROVIDER: "person", COUNCIL: "person", SPV: "aggregate", FUND: "aggregate"}
"""What the terms of the golden contract give each party at most."""


@pytest.mark.parametrize("table", [*TABLES, *sorted(VIEWS.tables)])
def test_no_row_without_the_contract(looking, table):
    assert looking.rows(table) == 0  # no setting at all
    for contract_id in ("", str(uuid7())):
        for sight in Sight:
            assert looking.at(contract_id, COUNCIL, sight).rows(table) == 0
        assert looking.serving(contract_id).rows(table) == 0


@pytest.mark.parametrize("table", [*TABLES, *sorted(VIEWS.tables)])
def test_no_row_for_a_party_that_the_terms_do_not_name(looking, table):
    for party in ("no-party-at-all", "", "%", "SCC", f"{COUNCIL} "):
        for sight in ("person", "own", "aggregate", ""):
            assert looking.at(looking.contract_id, party, sight).rows(table) == 0, (party, sight)


@pytest.mark.parametrize("table", TABLES)
def test_no_party_sees_more_than_the_terms_give_it_whatever_sight_is_set(looking, table):
    for party, most in MOST.items():
        whole = looking.serving(looking.contract_id, party).rows(table)
        if table in PERSON_LEVEL:
            assert whole > 0
        for sight in ("person", "own", "aggregate", "", "PERSON", "persons"):
            seen = looking.at(looking.contract_id, party, sight).rows(table)
            if table in OF_A_BOOK:
                assert seen <= whole, (party, sight)
                assert table not in PERSON_LEVEL or most == "person" or seen == 0
            elif table not in PERSON_LEVEL:
                assert seen == whole, (party, sight)
            elif most == "aggregate" or sight not in {"person", "own"}:
                assert seen == 0, (party, sight)
            elif sight == "person":
                assert seen == whole, party


@pytest.mark.parametrize("table", sorted(OF_A_BOOK - PERSON_LEVEL))
def test_what_a_bank_says_is_seen_by_the_party_it_says_it_to(looking, table):
    """The bank files of the golden contract are the SPV's."""
    whole = looking.serving(looking.contract_id).rows(table)
    assert whole > 0
    for party in MOST:
        for sight in ("person", "own", "aggregate"):
            seen = looking.at(looking.contract_id, party, sight).rows(table)
            assert seen == (whole if party == SPV else 0), (party, sight)


def test_a_record_about_a_bank_file_is_its_partys(looking):
    of_bank = "SELECT DISTINCT party FROM journal WHERE kind ~ 'bank|line|fault|match|mapping'"

    def parties() -> set[str]:
        return {one for (one,) in looking.connection.execute(of_bank).fetchall()}

    looking.serving(looking.contract_id)
    assert parties() == {SPV}
    looking.at(looking.contract_id, COUNCIL, "person")
    assert parties() == set()


@pytest.mark.parametrize("table", sorted(PERSON_LEVEL))
def test_a_sole_provider_sees_its_own_and_the_commissioner_none_as_a_provider(looking, table):
    whole = looking.at(looking.contract_id, PROVIDER, "person").rows(table)
    own = looking.at(looking.contract_id, PROVIDER, "own").rows(table)
    # Of the journal it sees what it did itself, of notes those about its participants.
    assert 0 <= own < whole if table in {"journal", "notes"} else own == whole > 0
    as_provider = looking.at(looking.contract_id, COUNCIL, "own").rows(table)
    assert as_provider < whole if table in {"journal", "erasures"} else as_provider == 0


def test_a_reply_is_seen_by_the_party_it_was_kept_for(engine, looking):
    insert = "INSERT INTO idempotency_keys VALUES (%s, %s, 'key', 'print', 200, '{}', '{}', now())"
    looking.serving(looking.contract_id, SPV)
    looking.connection.execute(insert, [looking.contract_id, SPV])
    assert looking.rows("idempotency_keys") == 1
    assert looking.at(looking.contract_id, COUNCIL, "person").rows("idempotency_keys") == 0
    looking.serving(looking.contract_id, COUNCIL)
    with pytest.raises(errors.InsufficientPrivilege):
        looking.connection.execute(insert, [looking.contract_id, SPV])


def test_settings_end_with_the_transaction(looking):
    assert looking.at(looking.contract_id, COUNCIL, "person").rows("participants") > 0
    assert looking.serving(looking.contract_id).rows("participants") > 0
    looking.connection.commit()
    assert looking.rows("participants") == 0
    assert looking.rows("contracts") == 0
    assert looking.connection.execute("SELECT current_user").fetchone() == ("outcomes_app",)


def test_the_access_log_is_seen_by_who_sees_its_people(looking):
    """Entries of this contract, of a stranger's attempt on it, and of none."""
    enter = (
        "INSERT INTO access.access_log (chain, sequence, at, who, party, operation, contract_id, "
        "participants, outcome, previous_hash, hash) VALUES (%s, 0, now(), 'w', %s, 'op'"
        ", %s, ARRAY['P1'], 'allowed', '', '')"
    )
    here, other = looking.contract_id, str(uuid7())
    for chain, party, about in (
        (here, COUNCIL, here),
        (here, PROVIDER, here),
        ("", None, here),
        (other, COUNCIL, other),
        ("", None, None),
    ):
        looking.connection.execute(enter, [chain, party, about])

    def seen() -> int:
        count = "SELECT count(*), count(*) FILTER (WHERE contract_id = %s) FROM access.access_log"
        every, of_this = looking.connection.execute(count, [here]).fetchone()
        assert every == of_this
        return every

    looking.at(here, COUNCIL, "person")
    assert seen() == 3
    looking.at(here, PROVIDER, "own")
    assert seen() == 1
    for contract_id, party, sight in (
        *product((here,), (SPV, FUND, "no-party-at-all", ""), Sight),
        *product((other, ""), (COUNCIL, PROVIDER), Sight),
        (here, COUNCIL, "aggregate"),
    ):
        looking.at(contract_id, party, sight)
        assert seen() == 0, (contract_id, party, sight)
    looking.serving(here)
    assert seen() == 3


# --- No row written --------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_no_row_is_written_into_another_contract(looking, table):
    """The policy speaks first, before any other column is missed."""
    looking.serving(looking.contract_id, COUNCIL)
    insert = SQL("INSERT INTO {} (contract_id) VALUES (%s)").format(Identifier(table))
    with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
        looking.connection.execute(insert, [str(uuid7())])


@pytest.mark.parametrize("table", TABLES)
def test_a_reader_writes_nothing_at_all(looking, table):
    looking.at(looking.contract_id, COUNCIL, "person")
    insert = SQL("INSERT INTO {} (contract_id) VALUES (%s)").format(Identifier(table))
    with pytest.raises(errors.InsufficientPrivilege, match="permission denied"):
        looking.connection.execute(insert, [looking.contract_id])


# --- Views and functions ---------------------------------------------------------------------


def test_functions_across_contracts_answer_identifiers_only(looking):
    named = "SELECT contract_ids_after(%s, '', NULL)"
    for party, is_listed in ((None, True), (COUNCIL, True), ("stranger", False)):
        ids = {one for (one,) in looking.connection.execute(named, [party]).fetchall()}
        assert (looking.contract_id in ids) is is_listed
    assert looking.connection.execute("SELECT contract_ids_without_contract()").fetchall() == []


def test_the_journal_is_told_without_payloads(looking):
    whole = looking.serving(looking.contract_id).rows("journal")
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
