"""Contract EX with its periods closed: a late item moves no closed statement by a byte.

On 9 October 2023 an audit finds that P3 had surrendered the tenancy in May. The claim that takes
back 8,248.00 is one for October to December 2023; by the time it is approved, that quarter is
hard-closed.
"""

from datetime import UTC, datetime, time

import pytest
from uuid_utils import uuid7

from app.domain.calendar import end_of_day
from app.domain.money import Money
from app.domain.parties import Actor
from app.service.command import Command
from app.service.context import Context
from app.service.frozen_statements import list_frozen
from app.service.ledger import balances, list_entries
from app.service.payments import record_payment
from app.service.statements import statement
from app.service.verify import verify
from app.storage.evidence_files import EvidenceFiles
from tests.closing import close_through
from tests.factories import day, quarter
from tests.replay import Clock, Replay, ServiceBackend, load

BOOKS = ("lcf", "scc", "spv")


class Closed:
    """The story, hard-closed to December 2023 on the day of the last approval, before it."""

    def __init__(self, engine, directory) -> None:
        self.contract_id, clock = str(uuid7()), Clock()
        files = EvidenceFiles(directory, 1_000_000)
        self.context = Context(engine, clock, lambda: str(uuid7()), files)
        backend = ServiceBackend(self.context, clock, self.contract_id)
        replay = Replay(backend)
        self.last = replay.story["claims"][-1]["approved_on"]
        self.replay = replay
        acts = replay._acts()
        for on, act in acts[:-1]:
            backend.at(datetime.combine(on, time(12), UTC))
            act()
        clock.set(datetime.combine(self.last, time(9), UTC))
        close_through(self.context, self.contract_id, "scc", day("2023-12-31"))
        self.frozen = self.documents()
        self.held = self.closed_balances()
        backend.at(datetime.combine(self.last, time(12), UTC))
        acts[-1][1]()
        record_payment(
            self.context,
            Command(self.contract_id, Actor("scc", "finance-officer-1")),
            payer="scc",
            payee="spv",
            amount=Money(12_345),
            paid_on=day("2023-12-29"),
        )

    def documents(self) -> dict[tuple[str, int], str]:
        return {
            (book, one.statement_number): one.document
            for book in BOOKS
            for one in list_frozen(self.context, self.contract_id, book, limit=1000)
        }

    def closed_balances(self):
        found = balances(self.context, self.contract_id, effective_to=day("2023-12-31"))
        return [(account.name, str(balance.net)) for account, balance in found.accounts]

    def told(self, book: str, name: str, *, known_before: bool):
        on = self.last.replace(day=self.last.day - 1)
        known_at = end_of_day(on, "Europe/London") if known_before else None
        found = statement(self.context, self.contract_id, book, quarter(name), known_at)
        return found.prior_period_lines, found.posted_later


@pytest.fixture(scope="module")
def closed(engine, tmp_path_factory) -> Closed:
    return Closed(engine, tmp_path_factory.mktemp("evidence"))


def test_every_quarter_and_year_has_its_statement_in_every_book(closed):
    numbers = [number for book, number in closed.frozen if book == "spv"]
    assert numbers == list(range(1, 17 + 4 + 1))  # 17 quarters to December 2023, 4 whole years
    assert len(closed.frozen) == 3 * 21


def test_no_closed_statement_moves_by_a_byte(closed):
    assert closed.documents() == closed.frozen
    assert closed.closed_balances() == closed.held


def test_the_clawback_is_a_prior_period_adjustment_of_the_open_quarter(closed):
    entries = {
        one.entry.source: (one.entry.kind.value, one.entry.effective_date, one.late.belongs_on)
        for one in list_entries(closed.context, closed.contract_id, limit=1000)
        if one.late
    }
    number = closed.replay.claims[closed.replay.story["claims"][-1]["quarter"]]
    kinds = {kind for source, (kind, *_) in entries.items() if source.startswith("claim:")}
    assert {source.split("/")[0] for source in entries} >= {f"claim:{number}"}
    assert "clawback_approved" in kinds
    assert {on for _, on, _ in entries.values()} == {closed.last}
    assert {belongs for _, _, belongs in entries.values()} == {
        day("2023-12-31"),
        day("2023-12-29"),
    }


def test_as_known_on_tells_both_stories(closed):
    late, before = {}, {}
    for book in BOOKS:
        late[book] = closed.told(book, "2024 Q1", known_before=False)
        before[book] = closed.told(book, "2024 Q1", known_before=True)
    assert before == dict.fromkeys(BOOKS, ((), ()))
    clawed = {
        (line.debit, line.credit, str(line.amount))
        for line in late["scc"][0]
        if line.kind == "clawback_approved"
    }
    assert ("scc/payable/spv", "scc/outcome-expenditure", "8248.00") in clawed
    assert any(str(line.amount) == "123.45" for line in late["spv"][0])
    prior, later = closed.told("spv", "2023 Q4", known_before=False)
    assert prior == ()
    assert {line.entry_number for line in later} == {line.entry_number for line in late["spv"][0]}
    assert closed.told("spv", "2023 Q4", known_before=True) == ((), ())


def test_the_contract_comes_to_the_same_and_verifies(closed):
    held = {
        account.name: balance.net
        for account, balance in balances(closed.context, closed.contract_id).accounts
    }
    expected = load("expected-totals.yaml")["net"]
    assert str(held["scc/outcome-expenditure"]) == expected["payable"]
    assert str(held["lcf/grant-expenditure"]) == expected["lcf"]
    found = verify(closed.context, closed.contract_id)
    assert [check.differences for check in found.checks if check.found] == []
    assert next(one.count for one in found.checks if one.name == "periods") == 63
