"""Failures to sign in reach the access log at once, a flood of them once a minute, and a crash of
the service loses none.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from uuid_utils import uuid7

from app.domain.sight import Sight
from app.service.accesses import SERVICE_CHAIN
from app.service.failed_sign_ins import NOT_SIGNED_IN, TOGETHER, enter_counted, note_failure
from app.storage import access_log
from app.storage.engine import UnitOfWork, run_transaction
from app.storage.scope import Scope

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CODE = "sign-in-refused"


class Door:
    """As much of the reception as this needs: a clock and transactions. One for each process."""

    def __init__(self, engine, now: datetime = NOON) -> None:
        self.engine, self.now = engine, now

    def clock(self) -> datetime:
        return self.now

    def write(self, work):
        return run_transaction(self.engine, work)

    def at(self, now: datetime) -> "Door":
        self.now = now
        return self


@pytest.fixture
def door(engine) -> Door:
    return Door(engine)


@pytest.fixture
def operation() -> str:
    """A kind of failure that no other test counts."""
    return f"signIn-{uuid7()}"


def entered(engine, operation: str) -> list[tuple[str, int, str]]:
    """Seconds after noon, how many and code of each entry of the kind."""
    with UnitOfWork(engine, read_only=True) as uow:
        uow.look(Scope(SERVICE_CHAIN, "", Sight.PERSON, service=True))
        rows = [one.access for one in access_log.of_chain(uow.connection, SERVICE_CHAIN)]
    mine = [one for one in rows if one.operation == operation]
    assert {one.who for one in mine} <= {NOT_SIGNED_IN}
    return [
        (int((one.at - NOON).total_seconds()), json.loads(one.detail)["times"], one.code)
        for one in mine
    ]


def test_the_first_of_a_kind_is_entered_at_once_and_the_others_are_counted(door, engine, operation):
    for after in (0, 0, 20, 59):
        note_failure(door.at(NOON + after * SECOND), operation, CODE)
    note_failure(door, operation, "key-refused")
    assert entered(engine, operation) == [(0, 1, CODE), (59, 1, "key-refused")]
    enter_counted(door.at(NOON + TOGETHER - SECOND))
    assert len(entered(engine, operation)) == 2
    for _ in range(2):
        enter_counted(door.at(NOON + TOGETHER))
    assert entered(engine, operation)[2:] == [(60, 3, CODE)]


def test_a_minute_after_an_entry_the_next_is_entered_at_once_again(door, engine, operation):
    for after in (0, 59, 60, 118, 119, 180):
        note_failure(door.at(NOON + after * SECOND), operation, CODE)
        if after == 60:  # counted too, since one waited; from here the minute begins anew
            enter_counted(door)
    assert entered(engine, operation) == [(0, 1, CODE), (60, 2, CODE)]
    enter_counted(door)
    assert entered(engine, operation)[2:] == [(180, 3, CODE)]
    note_failure(door.at(NOON + 240 * SECOND), operation, CODE)
    assert entered(engine, operation)[3:] == [(240, 1, CODE)]


def test_a_process_that_crashes_leaves_its_count_to_the_next(door, engine, operation):
    for _ in range(5):
        note_failure(door, operation, CODE)
    enter_counted(Door(engine, NOON + TOGETHER))
    assert entered(engine, operation) == [(0, 1, CODE), (60, 4, CODE)]


def test_whoever_stops_enters_what_waits(door, engine, operation):
    for _ in range(3):
        note_failure(door, operation, CODE)
    for _ in range(2):
        enter_counted(door, stopping=True)
    assert entered(engine, operation) == [(0, 1, CODE), (0, 2, CODE)]


def test_processes_count_together_and_lose_none(engine, operation):
    def one(number: int) -> None:
        note_failure(Door(engine), operation, CODE)
        if number % 5 == 0:
            enter_counted(Door(engine, NOON + TOGETHER))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(20)))
    enter_counted(Door(engine), stopping=True)
    assert sum(times for _, times, _ in entered(engine, operation)) == 20


def test_a_clock_that_was_set_back_holds_nothing_up(door, engine, operation):
    note_failure(door.at(NOON + timedelta(days=1)), operation, CODE)
    note_failure(door.at(NOON), operation, CODE)
    note_failure(door.at(NOON + SECOND), operation, CODE)
    assert entered(engine, operation) == [(86_400, 1, CODE), (0, 1, CODE)]
