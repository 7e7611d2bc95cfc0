"""Approvals that were taken out or forged behind the service's back: `verify` asks the terms."""

import psycopg
import pytest

from app.domain.parties import Actor
from app.service.verify import verify
from tests.factories import COUNCIL

SECOND = Actor(COUNCIL, "council-officer-3")
FEWER = "claim 1: approved above its limit by fewer than two persons"
ONE_IS_ENOUGH = "claim 1: approved first, where one approval is enough"
LATE = "claim 1: approved first after its decision, or in the same record"
TWO_PARTIES = "claim 1: approved above its limit by persons of two parties"
OTHER_LIMIT = "claim 1: its limit is not that of terms version 1"
NEVER_IN_FORCE = "claim 1: terms version 1 is not in force"


@pytest.fixture
def tampered(world, database_urls):
    """What verify says of an approved claim of 6,500.00, limit 6,000.00, after some statements.

    As a superuser whose triggers are off; what was there is put back afterwards.
    """
    world.agree(claims={"second_approval_above": "6000.00"})
    world.moved()
    world.earn("MOVE", "2020-01-20")
    world.claim("2020 Q1", "2020-04-03")
    world.approve(1, "2020-04-06")
    world.approve(1, "2020-04-07", by=SECOND)
    tables = ("claims", "claim_first_approvals", "claim_decisions", "acceptances")
    tables += ("delegated_acts", "claim_lines")
    url = database_urls.owner.replace("//outcomes_owner@", "//postgres@")
    mine = [world.contract_id]

    def put_back() -> None:
        for table in tables:
            connection.execute(f"DELETE FROM {table} WHERE contract_id = %s", mine)
            connection.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")

    def look(*statements: str) -> list[str]:
        for statement in statements:
            assert connection.execute(f"{statement} WHERE contract_id = %s", mine).rowcount
        report = verify(world.context, world.contract_id)
        (claims,) = (check for check in report.checks if check.name == "claims")
        put_back()
        return claims.differences

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for table in tables:
            kept = f"CREATE TEMP TABLE kept_{table} AS SELECT * FROM {table} WHERE contract_id = %s"
            connection.execute(kept, mine)
        yield look
        put_back()


SAME_PERSON = "UPDATE claim_first_approvals SET person = 'council-officer-3'"
HIGHER = "UPDATE claims SET second_approval_above_minor = 9000000"
NONE = "UPDATE claims SET second_approval_above_minor = NULL"


def for_somebody(act: str, whom: str) -> str:
    """The record of an act said to be made under a delegation of somebody's."""
    return (
        "INSERT INTO delegated_acts (contract_id, sequence, recorded_at, on_behalf_of, grant_id) "
        f"SELECT contract_id, sequence, recorded_at, '{whom}', 'g' FROM {act}"
    )


FIRST_PERSON, SECOND_PERSON = "council-officer-2", "council-officer-3"
BOTH = ("claim_first_approvals", "claim_decisions")
RETURNED = "UPDATE claim_decisions SET decision = 'returned'"
TRIALS = [
    ([SAME_PERSON], [FEWER]),
    (["DELETE FROM claim_first_approvals"], [FEWER]),
    ([HIGHER], [OTHER_LIMIT]),
    ([HIGHER, "DELETE FROM claim_first_approvals"], [OTHER_LIMIT, FEWER]),
    ([NONE, "DELETE FROM claim_first_approvals"], [OTHER_LIMIT, FEWER]),
    (["UPDATE claim_decisions SET person = 'somebody'"], []),
    (["DELETE FROM claim_decisions", "DELETE FROM claim_first_approvals"], []),
    ([for_somebody("claim_decisions", FIRST_PERSON)], [FEWER]),
    ([for_somebody("claim_first_approvals", SECOND_PERSON)], [FEWER]),
    ([for_somebody(act, "somebody") for act in BOTH], [FEWER]),
    ([for_somebody("claim_decisions", "somebody")], []),
    ([for_somebody("claims", FIRST_PERSON)], []),
    (["UPDATE claim_first_approvals SET party = 'spv'"], [TWO_PARTIES]),
    (["UPDATE claim_first_approvals SET sequence = sequence + 1"], [LATE]),
    (["UPDATE claim_first_approvals SET sequence = sequence + 2"], [LATE]),
    ([RETURNED, "UPDATE claim_first_approvals SET sequence = sequence + 2"], [LATE]),
    ([RETURNED, SAME_PERSON], []),
    (
        ["UPDATE claim_lines SET payable_minor = 600000, gross_minor = 600000"],
        ["claim 1 line 1: payable is not the sum of the shares", ONE_IS_ENOUGH],
    ),
    (["DELETE FROM acceptances"], [NEVER_IN_FORCE]),
]


def test_too_few_persons_are_found_whatever_the_claim_says_of_its_limit(tampered):
    """As the database would have refused them: by person, for whom, by party and in what order."""
    assert tampered() == []
    assert [(statements, tampered(*statements)) for statements, _ in TRIALS] == TRIALS
