"""`verify` on closed periods: a statement whose bytes, hash or ledger were changed is found."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from app.service.verify import verify
from tests.closing import close_through
from tests.factories import COUNCIL, SPV, day


@pytest.fixture
def closed(world):
    """A claim of 6,500.00 approved on 3 April 2020, and everything to 30 June hard-closed."""
    world.agree().moved()
    world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    close_through(world.on("2020-07-01").context, world.contract_id, COUNCIL, day("2020-06-30"))
    world.pay(COUNCIL, SPV, "10.00", on="2020-07-02", dated="2020-06-30")
    return world


@pytest.fixture
def superuser(database_urls) -> str:
    return database_urls.owner.replace("//outcomes_owner@", "//postgres@")


@contextmanager
def forged(superuser: str, statement: str, contract_id: str, undo: str) -> Iterator[None]:
    """One row changed with triggers switched off, and changed back."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        assert connection.execute(statement, [contract_id]).rowcount > 0
        try:
            yield
        finally:
            connection.execute(undo, [contract_id])


def periods_check(world) -> list[str]:
    found = verify(world.context, world.contract_id)
    return next(one.differences for one in found.checks if one.name == "periods")


ONE = "WHERE contract_id = %s AND book = 'spv' AND statement_number = 3"
LEDGER = "frozen statement 3 of spv: the ledger as known through journal record"


def test_frozen_statements_are_counted_and_intact(closed):
    found = verify(closed.context, closed.contract_id)
    check = next(one for one in found.checks if one.name == "periods")
    assert found.intact
    assert check.count == 4 * 3  # three quarters and a year, for council, fund and SPV


@pytest.mark.parametrize(
    ("change", "undo", "said"),
    [
        (
            "UPDATE frozen_statements SET document = document || ' ' " + ONE,
            "UPDATE frozen_statements SET document = rtrim(document) " + ONE,
            ["frozen statement 3 of spv: the document does not have its SHA-256", LEDGER],
        ),
        (
            "UPDATE frozen_statements SET sha256 = reverse(sha256) " + ONE,
            "UPDATE frozen_statements SET sha256 = reverse(sha256) " + ONE,
            ["frozen statement 3 of spv: the document does not have its SHA-256"],
        ),
        (
            "UPDATE frozen_statements SET document = document || ' ', sha256 = "
            "encode(sha256(convert_to(document || ' ', 'UTF8')), 'hex') " + ONE,
            "UPDATE frozen_statements SET document = rtrim(document), sha256 = "
            "encode(sha256(convert_to(rtrim(document), 'UTF8')), 'hex') " + ONE,
            [LEDGER],
        ),
    ],
)
def test_changed_bytes_are_found_even_under_a_new_hash(closed, superuser, change, undo, said):
    with forged(superuser, change, closed.contract_id, undo):
        found = periods_check(closed)
    assert len(found) == len(said)
    for one, expected in zip(found, said, strict=True):
        assert one.startswith(expected)
    assert periods_check(closed) == []


def test_a_ledger_changed_behind_a_frozen_statement_is_found(closed, superuser):
    amounts = "UPDATE postings SET amount_minor = amount_minor {} 1 WHERE contract_id = %s"
    with forged(superuser, amounts.format("+"), closed.contract_id, amounts.format("-")):
        found = periods_check(closed)
    assert [one for one in found if one.startswith(LEDGER)]


def test_an_entry_slipped_into_a_closed_period_is_found(closed, superuser):
    day_of = "UPDATE {} SET effective_date = DATE '{}' WHERE contract_id = %s AND entry_number = {}"
    number = 2  # the payment, posted on 2 July
    change = day_of.format("entries", "2020-06-30", number)
    undo = day_of.format("entries", "2020-07-02", number)
    with forged(superuser, change, closed.contract_id, undo):
        (said,) = periods_check(closed)
    assert said.startswith(f"entry {number} is dated in a period that journal record ")
