"""What the database refuses by itself, whoever asks: edits, deletions, unbalanced entries.

Plain psycopg, as from psql: as `outcomes_app` that has become `outcomes_service` (the most that the
service has), and as `outcomes_owner`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import product

import psycopg
import pytest
from psycopg import errors
from psycopg.sql import SQL, Identifier
from uuid_utils import uuid7

from app.domain.access import AccessRole, Grant
from app.domain.participant import EventKind
from app.domain.parties import Actor
from app.domain.payment import PaymentAllocation
from app.domain.period import Period
from app.service.command import Command, Idempotency
from app.service.context import Context
from app.service.heads import sign_head
from app.service.invoices import invoices_of_claim
from app.service.participants import NewEvent, record_events
from app.service.payments import record_payment
from app.storage import signing_keys
from app.storage.evidence_files import EvidenceFiles
from app.storage.idempotency import StoredReply
from app.storage.roles import DatabaseUrls
from app.storage.tables import metadata
from app.storage.views import VIEWS
from tests.approving import TWO_PERSONS, ApprovingBackend
from tests.banking import reconcile_a_little
from tests.closing import close_a_little
from tests.correcting import correct_a_little
from tests.peoples_data import live_a_little
from tests.replay import Clock, Replay, ServiceBackend
from tests.service.disputing import LONG, dispute_a_little
from tests.settling import Settling
from tests.unscanned import UNSCANNED

TABLES = sorted(table.name for table in metadata.sorted_tables)
MAY_CHANGE = {"contracts", "notes", "evidence_uploads"}
"""The head moves with every record; a note may go: at the commit its erasure must be there; that a
file was sent may be forgotten until an item names it."""
SET_SESSION = (
    "SELECT set_config('outcomes.contract', %s, false), "
    "set_config('outcomes.sight', 'person', false)"
)
ACTS = ("UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0} CASCADE")


@dataclass(frozen=True)
class Stored:
    """A contract with a row in every table."""

    contract_id: str
    context: Context
    backend: ServiceBackend


@pytest.fixture(scope="module")
def stored(engine, tmp_path_factory) -> Stored:
    contract_id, clock = str(uuid7()), Clock()
    files = EvidenceFiles(tmp_path_factory.mktemp("evidence"), 1_000_000)
    key_file = tmp_path_factory.mktemp("keys") / "signing-keys.json"
    signing_keys.create(key_file, datetime(2023, 1, 1, tzinfo=UTC))
    context = Context(engine, clock, lambda: str(uuid7()), files, key_file, uploads=UNSCANNED)
    backend = ApprovingBackend(context, clock, contract_id)
    replay = Replay(backend)
    replay.changes = LONG | TWO_PERSONS
    replay.run()
    cashier = Command(
        contract_id,
        Actor("scc", "cashier-1"),
        idempotency=Idempotency("key", "print", lambda _, __: StoredReply(200, {}, "{}")),
    )
    settling = Settling(context, contract_id, "lcf")
    settling.issue([1])
    settling.reclaim(Period(date(2019, 10, 1), date(2023, 12, 31)))
    invoice = invoices_of_claim(context, contract_id, 1)[0]
    record_payment(
        context,
        cashier,
        payer="scc",
        payee="spv",
        amount=invoice.open_amount,
        allocations=[PaymentAllocation("invoice:spv/1", invoice.open_amount)],
    )
    dispute_a_little(context, contract_id, replay.claims["2023-Q2"])
    correct_a_little(settling, 1)
    reconcile_a_little(context, contract_id, "spv", "scc")
    worker = Actor("syha", "worker-1")
    begun = NewEvent(EventKind.TRAINING_BEGUN, date(2023, 12, 2), note="It stays")
    delegated = Grant(
        "given", contract_id, "syha", AccessRole.PROVIDER, date(2023, 12, 1),
        delegated_from="own", delegated_by="worker-on-leave",
    )  # fmt: skip
    record_events(context, Command(contract_id, worker, mandate=(delegated,)), "P1", [begun])
    live_a_little(context, contract_id, worker, date(2023, 12, 1), "P3")
    close_a_little(context, contract_id, "scc", "spv")
    sign_head(context, contract_id)
    return Stored(contract_id, context, backend)


@pytest.fixture
def app(database_urls) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_urls.app) as connection:
        connection.execute("SET LOCAL ROLE outcomes_service")
        yield connection
        connection.rollback()


@pytest.fixture
def owner(database_urls) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_urls.owner) as connection:
        yield connection
        connection.rollback()


def connected(urls: DatabaseUrls, role: str, contract_id: str) -> psycopg.Connection:
    """As a role that sees everything of one contract, as a command does."""
    connection = psycopg.connect(getattr(urls, role))
    connection.execute(SET_SESSION, [contract_id])
    if role == "app":
        connection.execute("SET ROLE outcomes_service")
    connection.commit()
    return connection


def act(template: str, table: str) -> SQL:
    column = metadata.tables[table].columns.values()[-1].name
    return SQL(template).format(Identifier(table), Identifier(column))


def refused_acts():
    return [
        pytest.param(table, template, id=f"{template.split()[0]}-{table}")
        for table, template in product(TABLES, ACTS)
    ]


@pytest.mark.parametrize(("table", "template"), refused_acts())
def test_the_application_cannot_change_or_remove_rows(stored, app, table, template):
    if (table, template) == ("contracts", ACTS[0]):
        app.execute("UPDATE contracts SET head_hash = head_hash WHERE false")  # the head moves
        template = "UPDATE contracts SET contract_id = contract_id"
        with pytest.raises(errors.InsufficientPrivilege):
            app.execute(template)
        return
    if (table, template) == ("notes", ACTS[1]):  # it may, but only what an erasure names
        app.execute(SET_SESSION, [stored.contract_id])
        app.execute("DELETE FROM notes WHERE contract_id = %s", [stored.contract_id])
        with pytest.raises(errors.RestrictViolation, match="no erasure of note"):
            app.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return
    if (table, template) == ("evidence_uploads", ACTS[1]):  # it may, but only what no item names
        app.execute(SET_SESSION, [stored.contract_id])
        with pytest.raises(errors.RestrictViolation, match="is evidence"):
            app.execute("DELETE FROM evidence_uploads WHERE contract_id = %s", [stored.contract_id])
        return
    with pytest.raises(errors.InsufficientPrivilege):
        app.execute(act(template, table))


@pytest.mark.parametrize(
    ("table", "template"),
    [
        pytest.param(table, template, id=f"{template.split()[0]}-{table}")
        for table, template in product(TABLES, ACTS)
        # TRUNCATE of contracts would take its records along, and those are refused.
        if table not in MAY_CHANGE or (table == "contracts" and template.startswith("TRUNCATE"))
    ],
)
def test_triggers_refuse_the_owner_too(stored, owner, table, template):
    with pytest.raises(errors.RestrictViolation, match="recorded rows are never changed"):
        owner.execute(act(template, table))


def test_the_owner_cannot_delete_a_contract_that_has_records(stored, owner):
    with pytest.raises(errors.ForeignKeyViolation):
        owner.execute("DELETE FROM contracts WHERE contract_id = %s", [stored.contract_id])


def test_the_service_may_do_nothing_but_read_add_and_move_heads(app):
    looked_at = {"alembic_version", *VIEWS.tables}
    reading = {(name, "SELECT") for name in {*TABLES, *looked_at}}
    assert granted(app, "outcomes_app") == reading
    adding = {(table, "INSERT") for table in TABLES}
    assert granted(app, "outcomes_service") == reading | adding | {
        ("notes", "DELETE"),
        ("evidence_uploads", "DELETE"),
    }
    columns = app.execute(
        "SELECT a.grantee::regrole::text, c.relname, t.attname FROM pg_attribute t "
        "JOIN pg_class c ON c.oid = t.attrelid, aclexplode(t.attacl) a "
        "WHERE c.relnamespace = 'public'::regnamespace AND a.privilege_type = 'UPDATE'"
    ).fetchall()
    heads = ("head_sequence", "head_hash", "head_recorded_at")
    assert set(columns) == {("outcomes_service", "contracts", name) for name in heads}


def granted(connection: psycopg.Connection, role: str) -> set[tuple[str, str]]:
    """Every right of a role on the tables of `public`."""
    found = connection.execute(
        "SELECT c.relname, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v') "
        "AND a.grantee = %s::regrole",
        [role],
    )
    return set(found.fetchall())


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE extra (id int)",
        "ALTER TABLE postings DISABLE TRIGGER USER",
        "DROP TRIGGER refuse_change ON postings",
        "ALTER TABLE postings DROP CONSTRAINT ck_postings_one_book",
        "SET session_replication_role = replica",
        "SET ROLE outcomes_owner",
        "CREATE OR REPLACE FUNCTION check_entry(text, bigint) RETURNS void LANGUAGE sql AS ''",
        "INSERT INTO alembic_version VALUES ('9999')",
    ],
)
def test_the_application_cannot_loosen_its_own_limits(app, statement):
    with pytest.raises(errors.InsufficientPrivilege):
        app.execute(statement)


def test_every_check_at_the_commit_looks_with_the_rights_of_the_owner(app):
    """What a caller hides from itself, by then, is not hidden from a check on it."""
    found = app.execute(
        "SELECT p.oid::regproc::text, p.prosecdef, coalesce(p.proconfig::text, '') "
        "FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE t.tgdeferrable AND NOT t.tgisinternal"
    ).fetchall()
    assert {"check_reversal", "check_second_approval_limit"} <= {name for name, _, _ in found}
    unsafe = {name for name, definer, path in found if not definer or "search_path" not in path}
    assert unsafe == set()


PAYABLE, RECEIVABLE = "scc/payable/spv", "spv/receivable/scc"
SPENT, EARNED = "scc/outcome-expenditure", "spv/outcome-income"
OWED = (SPENT, PAYABLE, 5)
CLAIMED = (RECEIVABLE, EARNED, 5)


def add_entry(
    connection,
    contract_id: str,
    *postings: tuple[str, str, int],
    entry: int = 9001,
    on: str = "2024-01-01",
):
    """An entry and its postings, as a forger would write them under the last journal record."""
    connection.execute(
        "INSERT INTO entries SELECT contract_id, head_sequence, head_recorded_at, %s, 'payment', "
        "%s, %s::date, NULL FROM contracts WHERE contract_id = %s",
        [entry, f"payment:{entry}", on, contract_id],
    )
    add_postings(connection, contract_id, entry, *postings)


def add_postings(connection, contract_id: str, entry: int, *postings, first: int = 1) -> None:
    for number, (debit, credit, amount) in enumerate(postings, start=first):
        connection.execute(
            "INSERT INTO postings SELECT contract_id, sequence, recorded_at, entry_number, %s, %s, "
            "%s, %s, 'GBP', effective_date FROM entries "
            "WHERE contract_id = %s AND entry_number = %s",
            [number, debit, credit, amount, contract_id, entry],
        )


@pytest.mark.parametrize("role", ["app", "owner"])
@pytest.mark.parametrize(
    ("postings", "error", "words"),
    [
        ([], errors.CheckViolation, "has no postings"),
        ([OWED], errors.CheckViolation, "mirror of"),
        ([CLAIMED], errors.CheckViolation, "mirror of"),
        ([OWED, (RECEIVABLE, EARNED, 4)], errors.CheckViolation, "is off by"),
        ([(SPENT, RECEIVABLE, 5)], errors.CheckViolation, "one_book"),
        ([OWED, CLAIMED, (SPENT, PAYABLE, 0)], errors.CheckViolation, "amount_positive"),
        ([OWED, CLAIMED, (SPENT, PAYABLE, -5)], errors.CheckViolation, "amount_positive"),
        ([("scc/nowhere", PAYABLE, 5), CLAIMED], errors.ForeignKeyViolation, "accounts"),
    ],
)
def test_an_entry_that_does_not_balance_cannot_be_committed(
    stored, database_urls, role, postings, error, words
):
    with connected(database_urls, role, stored.contract_id) as connection:
        with pytest.raises(error, match=words):  # noqa: PT012 - some faults show at the commit only
            add_entry(connection, stored.contract_id, *postings)
            connection.commit()
        connection.rollback()


def test_a_balanced_entry_passes_the_same_checks_in_any_order(stored, owner):
    add_entry(owner, stored.contract_id, OWED, CLAIMED)
    owner.execute("SET CONSTRAINTS ALL IMMEDIATE")
    owner.rollback()
    add_entry(
        owner, stored.contract_id, CLAIMED, OWED, (SPENT, PAYABLE, 3), (RECEIVABLE, EARNED, 3)
    )
    owner.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("role", ["app", "owner"])
@pytest.mark.parametrize(
    ("reverses", "amount", "excess"),
    [
        (1, 649_000, None),  # entry 1 posted 6,500.00, of which 10.00 has been reversed
        (1, 649_001, 1),
        (1, 650_000, 1_000),
        (2, 650_001, 1),  # nothing of entry 2 has been reversed
    ],
)
def test_the_reversals_of_an_entry_never_exceed_it(
    stored, database_urls, role, reverses, amount, excess
):
    with connected(database_urls, role, stored.contract_id) as connection:
        connection.execute(
            "INSERT INTO entries SELECT contract_id, head_sequence, head_recorded_at, 9002, "
            "'reversal', 'correction:forged', DATE '2024-01-01', %s FROM contracts "
            "WHERE contract_id = %s",
            [reverses, stored.contract_id],
        )
        back = ((PAYABLE, SPENT, amount), (EARNED, RECEIVABLE, amount))
        add_postings(connection, stored.contract_id, 9002, *back)
        if excess is None:
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        else:
            words = f"reversals of entry {reverses} exceed it: .* by {excess} GBP"
            with pytest.raises(errors.CheckViolation, match=words):
                connection.commit()
        connection.rollback()


@pytest.mark.parametrize("role", ["app", "owner"])
@pytest.mark.parametrize(
    ("on", "is_refused"),
    [
        ("2019-09-30", True),  # before the first close
        ("2019-10-01", True),
        ("2019-12-30", True),
        ("2019-12-31", True),  # the last day of the hard-closed quarter
        ("2020-01-01", False),  # softly closed: the service asks for a reason
        ("2020-02-29", False),
        ("2020-04-01", False),
    ],
)
def test_no_entry_is_dated_in_a_hard_closed_period(stored, database_urls, role, on, is_refused):
    with connected(database_urls, role, stored.contract_id) as connection:
        if is_refused:
            with pytest.raises(errors.CheckViolation, match="to 2019-12-31 is hard-closed"):
                add_entry(connection, stored.contract_id, OWED, CLAIMED, on=on)
        else:
            add_entry(connection, stored.contract_id, OWED, CLAIMED, on=on)
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        connection.rollback()


@pytest.mark.parametrize("role", ["app", "owner"])
@pytest.mark.parametrize(
    ("document", "is_refused"),
    [("fund-claim:1", False), ("fund-claim:01", True), ("fund-claim:9", True)],
)
def test_nothing_pays_a_claim_to_a_fund_that_was_not_submitted(
    stored, database_urls, role, document, is_refused
):
    with connected(database_urls, role, stored.contract_id) as connection:
        connection.execute(
            "INSERT INTO payment_allocations (contract_id, sequence, recorded_at, payment_id, "
            "document, amount_minor, currency, allocated_on) "
            "SELECT contract_id, head_sequence, head_recorded_at, payment_id, %s, 1, 'GBP', "
            "paid_on FROM payments JOIN contracts USING (contract_id) WHERE contract_id = %s "
            "LIMIT 1",
            [document, stored.contract_id],
        )
        if is_refused:
            with pytest.raises(errors.CheckViolation, match="paid before it was submitted"):
                connection.commit()
        else:
            connection.execute("SET CONSTRAINTS fund_claim_submitted IMMEDIATE")
        connection.rollback()


def test_a_posting_added_later_to_an_old_entry_is_checked(stored, owner):
    add_postings(owner, stored.contract_id, 1, OWED, first=90)
    with pytest.raises(errors.CheckViolation, match="entry 1 does not balance: mirror of"):
        owner.commit()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"effective_date": "DATE '2001-01-01'"}, errors.ForeignKeyViolation),
        ({"recorded_at": "TIMESTAMPTZ '2001-01-01'"}, errors.ForeignKeyViolation),
        ({"sequence": "sequence - 1"}, errors.ForeignKeyViolation),
        ({"entry_number": "8000"}, errors.ForeignKeyViolation),
    ],
)
def test_a_posting_has_the_date_and_record_of_its_entry(stored, owner, change, error):
    columns = [column.name for column in metadata.tables["postings"].columns]
    values = change | {"posting_number": "90"}
    select = ", ".join(values.get(name, name) for name in columns)
    with pytest.raises(error):  # noqa: PT012 - deferred or not, it must not be committed
        owner.execute(
            f"INSERT INTO postings SELECT {select} FROM postings "
            "WHERE contract_id = %s AND entry_number = 2 AND posting_number = 1",
            [stored.contract_id],
        )
        owner.commit()


COPIES = {
    # What must exist once, whatever the service believes: table -> the columns made new.
    "approved_lines": {"claim_number": "claim_number", "line_number": "line_number"},
    "entitlements": {"entitlement_id": "'other'", "submission_id": "'other'"},
    "verifications": {"verification_id": "'other'"},
    "clawbacks": {"clawback_id": "'other'"},
    "payments": {"payment_id": "'other'"},
    "invoices": {"number": "number + 5000"},
    "fund_claim_lines": {"fund_claim_number": "fund_claim_number + 5000"},
    "entries": {"entry_number": "entry_number + 5000"},
    "submissions": {"submission_id": "'other'"},
    "claim_decisions": {},
    "claim_first_approvals": {},
    "correction_decisions": {},
    "correction_first_approvals": {},
    "fund_claim_first_approvals": {},
    "correction_documents": {},
    "fund_claim_corrections": {"fund_claim_number": "fund_claim_number + 5000"},
    "waivers": {},
    "acceptances": {},
    "terms_versions": {"version": "version + 100"},
    "journal": {"sequence": "sequence + 5000"},
    "journey_events": {"event_id": "'other'"},
    "frozen_statements": {"statement_number": "statement_number + 5000"},
    "late_postings": {},
}


@pytest.mark.parametrize("table", sorted(COPIES))
def test_what_may_exist_once_cannot_be_written_twice(stored, owner, table):
    columns = [column.name for column in metadata.tables[table].columns]
    select = ", ".join(COPIES[table].get(name, name) for name in columns)
    with pytest.raises(errors.UniqueViolation):
        owner.execute(
            f"INSERT INTO {table} SELECT {select} FROM {table} "
            f"WHERE contract_id = '{stored.contract_id}' LIMIT 1"
        )
