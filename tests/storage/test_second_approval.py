"""A claim above its limit takes two persons: the database refuses fewer, whoever writes to it.

Each trial enters approvals by hand, as the owner of the tables and as the application with and
without sight of people, asks for the constraints, and takes everything back.
"""

import psycopg
import pytest
from psycopg.errors import (
    CheckViolation,
    InsufficientPrivilege,
    RestrictViolation,
    UniqueViolation,
)
from uuid_utils import uuid7

from app.domain.currencies import MINOR_DIGITS
from app.domain.parties import Actor
from app.domain.sight import Sight
from app.service.context import Context
from app.storage.evidence_files import EvidenceFiles
from app.storage.scope import SET_SCOPE, Scope
from tests.factories import COUNCIL, SPV
from tests.replay import Clock
from tests.service.world import APPROVER, MANAGER, VERIFIER, World

SECOND = Actor(COUNCIL, "council-officer-3")
ABOVE, AT_LIMIT, PAID = 2, 3, 1
WRITERS = ("owner", "person", "aggregate")
ENTER = {
    "first": "INSERT INTO claim_first_approvals (contract_id, sequence, recorded_at, claim_number, "
    "approved_on, party, person) VALUES (%s, %s, now(), %s, DATE '2020-07-06', %s, %s)",
    "approved": "INSERT INTO claim_decisions (contract_id, sequence, recorded_at, claim_number, "
    "decided_on, party, person, decision) "
    "VALUES (%s, %s, now(), %s, DATE '2020-07-06', %s, %s, 'approved')",
    "returned": "INSERT INTO claim_decisions (contract_id, sequence, recorded_at, claim_number, "
    "decided_on, party, person, decision) "
    "VALUES (%s, %s, now(), %s, DATE '2020-07-06', %s, %s, 'returned')",
}


@pytest.fixture(scope="module")
def world(engine, tmp_path_factory) -> World:
    """Limit 6,500.00. Claim 1 of 13,000.00 is approved by two and paid; 2 of 13,000.00 and 3 of
    6,500.00 are submitted.
    """
    clock = Clock()
    files = EvidenceFiles(tmp_path_factory.mktemp("evidence"), 1_000_000)
    made = World(Context(engine, clock, lambda: str(uuid7()), files), clock, str(uuid7()))
    made.agree(claims={"second_approval_above": "6500.00"})
    for on, people in (
        ("2020-01-15", ("P1", "P2")),
        ("2020-04-15", ("P3", "P4")),
        ("2020-07-15", ("P5",)),
    ):
        for name in people:
            made.moved(name, on)
            made.earn("MOVE", on, name)
    for quarter in ("2020 Q1", "2020 Q2", "2020 Q3"):
        made.claim(quarter, "2020-10-02")
    made.approve(PAID, "2020-10-05")
    made.approve(PAID, "2020-10-05", by=SECOND)
    made.issue(PAID, "2020-10-05")
    made.pay(COUNCIL, SPV, "100.00", ("invoice:spv/1", "100.00"), on="2020-10-06")
    return made


@pytest.fixture
def writer(request, database_urls, world):
    """A connection of whoever writes, with the numbers of the last two journal records."""
    who = request.param
    url = database_urls.owner if who == "owner" else database_urls.app
    with psycopg.connect(url) as connection:
        if who != "owner":
            scope = Scope(world.contract_id, COUNCIL, Sight(who), service=True).settings()
            connection.execute(SET_SCOPE, scope)
        yield connection
        connection.rollback()


def last_sequence(connection, contract_id: str) -> int:
    query = "SELECT head_sequence FROM contracts WHERE contract_id = %s"
    return connection.execute(query, [contract_id]).fetchone()[0]


def enter(connection, contract_id: str, rows) -> None:
    """Approvals one after the other, each in a record so many before the last."""
    last = last_sequence(connection, contract_id)
    for kind, number, who, back in rows:
        row = [contract_id, last - back, number, who.party, who.person]
        connection.execute(ENTER[kind], row)
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")


TWO, SUBMITTED = "the approval of two persons", "submitted it"
TRIALS = {
    "nobody before": ([("approved", ABOVE, APPROVER, 0)], TWO),
    "one person twice": ([("first", ABOVE, APPROVER, 1), ("approved", ABOVE, APPROVER, 0)], TWO),
    "one record": (
        [("first", ABOVE, APPROVER, 0), ("approved", ABOVE, SECOND, 0)],
        f"{TWO}|before the decision",
    ),
    "first after": ([("approved", ABOVE, APPROVER, 1), ("first", ABOVE, SECOND, 0)], TWO),
    "two persons": ([("first", ABOVE, APPROVER, 1), ("approved", ABOVE, SECOND, 0)], None),
    "two parties": (
        [("first", ABOVE, Actor("fund", "fund-officer-1"), 1), ("approved", ABOVE, SECOND, 0)],
        TWO,
    ),
    "only the first": ([("first", ABOVE, APPROVER, 0)], None),
    "returned at once": ([("returned", ABOVE, APPROVER, 0)], None),
    "returned after": ([("first", ABOVE, APPROVER, 1), ("returned", ABOVE, APPROVER, 0)], None),
    "first when returned": (
        [("returned", ABOVE, APPROVER, 1), ("first", ABOVE, SECOND, 0)],
        "before the decision",
    ),
    "at the limit": ([("approved", AT_LIMIT, APPROVER, 0)], None),
    "first at the limit": ([("first", AT_LIMIT, APPROVER, 0)], "takes one approval"),
    "submitter's person": ([("first", ABOVE, Actor(COUNCIL, MANAGER.person), 0)], SUBMITTED),
    "submitter's party": ([("first", ABOVE, Actor(MANAGER.party, "another"), 0)], SUBMITTED),
    "verifier first": ([("first", ABOVE, VERIFIER, 0)], "verified an outcome"),
    "verifier second": (
        [("first", ABOVE, APPROVER, 1), ("approved", ABOVE, VERIFIER, 0)],
        "verified an outcome",
    ),
}


@pytest.mark.parametrize("writer", WRITERS, indirect=True)
@pytest.mark.parametrize("trial", TRIALS)
def test_two_persons_who_may_approve_what_is_above_the_limit(writer, world, trial):
    rows, refused = TRIALS[trial]
    if refused is None:
        enter(writer, world.contract_id, rows)
        return
    with pytest.raises(CheckViolation, match=refused):
        enter(writer, world.contract_id, rows)


@pytest.mark.parametrize("writer", WRITERS, indirect=True)
def test_a_claim_has_one_first_approval(writer, world):
    with pytest.raises(UniqueViolation):
        enter(
            writer,
            world.contract_id,
            [("first", ABOVE, APPROVER, 1), ("first", ABOVE, SECOND, 0)],
        )


@pytest.mark.parametrize(
    ("writer", "error"),
    [("owner", RestrictViolation), ("person", InsufficientPrivilege)],
    indirect=["writer"],
)
@pytest.mark.parametrize(
    "statement",
    ["UPDATE claim_first_approvals SET person = 'x'", "DELETE FROM claim_first_approvals"],
)
def test_a_first_approval_is_never_changed(writer, error, statement):
    with pytest.raises(error):
        writer.execute(statement)


@pytest.mark.parametrize("writer", WRITERS, indirect=True)
@pytest.mark.parametrize(
    ("limit", "may"),
    [("650000", True), ("649999", False), ("650001", False), ("65000000", False), ("NULL", False)],
)
def test_a_claims_limit_is_that_of_its_terms(writer, world, limit, may):
    writer.execute(
        "INSERT INTO claims (contract_id, sequence, recorded_at, claim_number, period_start, "
        "period_end, supplementary, terms_version, submitted_on, party, person, "
        "second_approval_above_minor) SELECT contract_id, sequence, recorded_at, 99, period_start, "
        "period_end, supplementary, terms_version, submitted_on, party, person, "
        f"{limit} FROM claims WHERE contract_id = %s AND claim_number = 1",
        [world.contract_id],
    )
    if may:
        writer.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return
    with pytest.raises(CheckViolation, match="is not that of its terms"):
        writer.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("writer", ["owner"], indirect=True)
def test_the_database_knows_the_decimals_of_every_currency(writer):
    found = writer.execute(
        "SELECT code, minor_digits(code) FROM unnest(%s::text[]) AS code", [list(MINOR_DIGITS)]
    ).fetchall()
    assert dict(found) == MINOR_DIGITS


@pytest.mark.parametrize("writer", ["owner"], indirect=True)
@pytest.mark.parametrize(
    ("person", "may"), [(APPROVER.person, False), (SECOND.person, False), ("cashier", True)]
)
def test_neither_approver_records_what_settles_the_claim(writer, world, person, may):
    """The allocation that was made, entered again as recorded by somebody else."""
    mine = [world.contract_id]
    writer.execute("ALTER TABLE payment_allocations DISABLE TRIGGER refuse_change")
    writer.execute("ALTER TABLE journal DISABLE TRIGGER refuse_change")
    writer.execute(
        "CREATE TEMP TABLE again ON COMMIT DROP AS SELECT * FROM payment_allocations "
        "WHERE contract_id = %s",
        mine,
    )
    writer.execute(
        "UPDATE journal SET person = %s WHERE contract_id = %s AND sequence IN "
        "(SELECT sequence FROM again)",
        [person, *mine],
    )
    writer.execute("DELETE FROM payment_allocations WHERE contract_id = %s", mine)
    writer.execute("INSERT INTO payment_allocations SELECT * FROM again")
    check = "SET CONSTRAINTS payment_recorder_is_not_approver IMMEDIATE"
    if may:
        writer.execute(check)
        return
    with pytest.raises(CheckViolation, match="approved its claim"):
        writer.execute(check)
