"""Approvals of corrections, claims to funds and claims of one period, forged behind the service."""

import psycopg
import pytest
from uuid_utils import uuid7

from app.domain.parties import Actor
from app.service.context import Context
from app.service.verify import verify
from app.storage.evidence_files import EvidenceFiles
from tests.correcting import Correcting
from tests.factories import COUNCIL, SPV
from tests.replay import Clock
from tests.service.world import APPROVER, World

SECOND = Actor(COUNCIL, "council-officer-3")
TABLES = (
    "claim_first_approvals", "correction_first_approvals", "correction_decisions", "corrections",
    "correction_shares", "fund_claims", "fund_claim_first_approvals", "fund_claim_states",
    "delegated_acts",
)  # fmt: skip
LIMIT = "7000.00"


@pytest.fixture(scope="module")
def made(engine, tmp_path_factory) -> World:
    """Limit 7,000.00; claims 1 and 2 of 6,500.00 are for one quarter, so the second took two.

    Of claim 1, a reversal of 4,000.00 took one and a raise of 4,000.00 after it two. The fund bears
    all: claim 1 to it, of 13,000.00 less and more 4,000.00, took two.
    """
    clock = Clock()
    files = EvidenceFiles(tmp_path_factory.mktemp("evidence"), 1_000_000)
    world = World(Context(engine, clock, lambda: str(uuid7()), files), clock, str(uuid7()))
    shares = [{"payer": "fund", "share": "1"}]
    world.agree(
        claims={"second_approval_above": LIMIT},
        funding={"shares": shares, "remainder_payer": COUNCIL},
    )
    world.moved()
    world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    world.moved("P2", "2020-03-01", referred="2020-01-02")
    late = world.submit("MOVE", "2020-04-06", "P2", dated="2020-03-30")
    world.decide(late, "2020-04-06", dated="2020-03-31")
    world.claim("2020 Q1", "2020-04-08")
    for by in (APPROVER, SECOND):
        world.approve(2, "2020-04-08", by=by)
    desk = Correcting(world.context, world.contract_id, SPV, COUNCIL)
    world.on("2020-04-09")
    desk.make(1, amount="4000")
    raised = desk.propose(1, amount="4000", kind="goodwill").correction.correction_id
    for by in (APPROVER, SECOND):
        desk.approve(raised, by=by)
    world.fund_claim("2020-05-01", "2020-01-01")
    for by in (APPROVER, SECOND):
        world.submit_fund_claim(1, "2020-05-04", by=by)
    world.vary("2020-06-01", "2020-07-01")
    return world


@pytest.fixture(scope="module")
def tampered(made, database_urls):
    """What verify says of approvals after some statements, as a superuser without triggers."""
    url = database_urls.owner.replace("//outcomes_owner@", "//postgres@")
    mine = [made.contract_id]

    def put_back() -> None:
        for table in TABLES:
            connection.execute(f"DELETE FROM {table} WHERE contract_id = %s", mine)
            connection.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")

    def look(*statements: str) -> list[str]:
        try:
            for statement in statements:
                assert connection.execute(f"{statement} AND contract_id = %s", mine).rowcount
            report = verify(made.context, made.contract_id)
        finally:
            put_back()
        (claims,) = (check for check in report.checks if check.name == "claims")
        ids = connection.execute(
            "SELECT correction_id FROM corrections WHERE contract_id = %s ORDER BY sequence", mine
        ).fetchall()
        told = "\n".join(claims.differences)
        for place, (correction_id,) in enumerate(ids, start=1):
            told = told.replace(correction_id, str(place))
        return told.splitlines()

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for table in TABLES:
            kept = f"CREATE TEMP TABLE kept_{table} AS SELECT * FROM {table} WHERE contract_id = %s"
            connection.execute(kept, mine)
        yield look


FEWER = "approved above its limit by fewer than two persons"
TWO_PARTIES = "approved above its limit by persons of two parties"
LATE = "approved first after its decision, or in the same record"
ONE_IS_ENOUGH = "approved first, where one approval is enough"
UNLIMITED = "UPDATE fund_claims SET second_approval_above_minor = NULL"
OTHER_TERMS = "is not that of its period"
LIMIT_FORGED = "its limit is not that of terms version 1"
NAMES = {"claim": "claim 2", "correction": "correction 2", "fund_claim": "fund claim 1"}


@pytest.mark.parametrize("kind", NAMES)
def test_too_few_persons_are_found_of_every_kind(tampered, kind):
    """As the database would have refused them: by person, for whom, by party and in what order."""
    first, name = f"{kind}_first_approvals", NAMES[kind]
    only = " AND claim_number = 2" if kind == "claim" else ""
    delegated = (
        "INSERT INTO delegated_acts (contract_id, sequence, recorded_at, on_behalf_of, grant_id) "
        f"SELECT contract_id, sequence, recorded_at, '{SECOND.person}', 'g' FROM {first} WHERE true"
    )
    trials = {
        f"DELETE FROM {first} WHERE true{only}": FEWER,
        f"UPDATE {first} SET person = '{SECOND.person}' WHERE true{only}": FEWER,
        f"UPDATE {first} SET party = 'spv' WHERE true{only}": TWO_PARTIES,
        f"UPDATE {first} SET sequence = sequence + 1 WHERE true{only}": LATE,
        delegated + only: FEWER,
    }
    assert tampered() == []
    assert {statement: tampered(statement) for statement in trials} == {
        statement: [f"{name}: {fault}"] for statement, fault in trials.items()
    }


OF_DISPUTES = "UPDATE corrections SET dispute_id = 'forged' WHERE kind = 'goodwill'"
ONE_LESS = (
    "UPDATE correction_decisions SET decision = 'refused', entry_number = NULL "
    "WHERE sequence = (SELECT min(sequence) FROM kept_correction_decisions)"
)


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        # Claims to a fund carry their limit; it is compared with the terms.
        ([f"{UNLIMITED} WHERE true"], [LIMIT_FORGED]),
        (
            [
                "UPDATE fund_claims SET second_approval_above_minor = 9000000 WHERE true",
                "DELETE FROM fund_claim_first_approvals WHERE true",
            ],
            [LIMIT_FORGED, FEWER],
        ),
        (
            ["UPDATE fund_claims SET terms_version = 9 WHERE true"],
            ["terms version 9 is not in force"],
        ),
        # Terms without a limit that came later.
        (
            [
                f"{UNLIMITED}, terms_version = 2 WHERE true",
                "DELETE FROM fund_claim_first_approvals WHERE true",
            ],
            [f"terms version 2 {OTHER_TERMS}"],
        ),
        # A correction said to be a dispute's, but not in the record of its outcome.
        ([OF_DISPUTES, "DELETE FROM correction_first_approvals WHERE true"], [FEWER]),
        # Without the first correction the second would not have taken two, if it were no raise.
        ([ONE_LESS], []),
        ([ONE_LESS, "UPDATE correction_shares SET amount_minor = -400000 WHERE true"],
         [ONE_IS_ENOUGH]),
        # A raise, said to have come before what it is added to: it counts with its claim.
        ([ONE_LESS, "DELETE FROM correction_first_approvals WHERE true"], [FEWER]),
        # Two persons' approval of the claim, forged, would have made one enough for the raise.
        ([ONE_LESS, "UPDATE claim_first_approvals SET claim_number = 1 WHERE true"],
         [ONE_IS_ENOUGH, LATE, FEWER, ONE_IS_ENOUGH]),
    ],
)  # fmt: skip
def test_no_excuse_is_taken(tampered, statements, told):
    found = tampered(*statements)
    assert [one.split(": ", 1)[1] for one in found] == told
