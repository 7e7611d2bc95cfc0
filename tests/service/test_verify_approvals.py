"""Approvals that were taken out or forged behind the service's back: `verify` asks the terms."""

import psycopg
import pytest

from app.domain.parties import Actor
from app.service.verify import verify
from tests.factories import COUNCIL

SECOND = Actor(COUNCIL, "council-officer-3")
FEWER = "claim 1: approved above its limit by fewer than two persons"
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
    url = database_urls.owner.replace("//outcomes_owner@", "//postgres@")
    mine = [world.contract_id]

    def look(*statements: str) -> list[str]:
        for statement in statements:
            assert connection.execute(f"{statement} WHERE contract_id = %s", mine).rowcount
        report = verify(world.context, world.contract_id)
        (claims,) = (check for check in report.checks if check.name == "claims")
        return claims.differences

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for table in tables:
            kept = f"CREATE TEMP TABLE kept_{table} AS SELECT * FROM {table} WHERE contract_id = %s"
            connection.execute(kept, mine)
        yield look
        for table in tables:
            connection.execute(f"DELETE FROM {table} WHERE contract_id = %s", mine)
            connection.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")


SAME_PERSON = "UPDATE claim_first_approvals SET person = 'council-officer-3'"
HIGHER = "UPDATE claims SET second_approval_above_minor = 9000000"
NONE = "UPDATE claims SET second_approval_above_minor = NULL"
TRIALS = [
    ([SAME_PERSON], [FEWER]),
    (["DELETE FROM claim_first_approvals"], [FEWER]),
    ([HIGHER], [OTHER_LIMIT]),
    ([HIGHER, "DELETE FROM claim_first_approvals"], [OTHER_LIMIT, FEWER]),
    ([NONE, "DELETE FROM claim_first_approvals"], [OTHER_LIMIT, FEWER]),
    (["UPDATE claim_decisions SET person = 'somebody'"], []),
    (["DELETE FROM claim_decisions", "DELETE FROM claim_first_approvals"], []),
    (["DELETE FROM acceptances"], [NEVER_IN_FORCE]),
]


@pytest.mark.parametrize(("statements", "found"), TRIALS)
def test_too_few_persons_are_found_whatever_the_claim_says_of_its_limit(
    tampered, statements, found
):
    assert tampered() == []
    assert tampered(*statements) == found
