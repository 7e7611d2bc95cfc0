"""Two time axes: what was known on a day, of what was effective to a day.

The golden story: P3 surrendered the tenancy on 22 May 2023; an audit found it on 9 October 2023,
after 12 months had been paid. The clawback was approved with the claim of the last quarter.
"""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from uuid_utils import uuid7

from app.domain.calendar import end_of_day
from app.domain.participant import EventKind
from app.domain.period import Period
from app.service.context import Context
from app.service.ledger import balances, trial_balance
from app.service.participants import get_participant
from app.service.statements import statement
from app.storage.evidence_files import EvidenceFiles
from tests.factories import day
from tests.replay import Clock, Replay, ServiceBackend, load

BOOKS = ("lcf", "scc", "spv")


@pytest.fixture(scope="module")
def told(engine, tmp_path_factory):
    """The golden story, told once: context, contract id, day of the clawback's approval."""
    contract_id, clock = str(uuid7()), Clock()
    files = EvidenceFiles(tmp_path_factory.mktemp("evidence"), 1_000_000)
    context = Context(engine, clock, lambda: str(uuid7()), files)
    replay = Replay(ServiceBackend(context, clock, contract_id)).run()
    return context, contract_id, replay.story["claims"][-1]["approved_on"]


def known_on(text: str) -> datetime:
    """The first instant after a local day: what was recorded on it is known."""
    return end_of_day(day(text), "Europe/London")


def net(found, account: str) -> str:
    return str(next(balance.net for one, balance in found.accounts if one.name == account))


def expenditure(told, known: str | None, effective: str | None) -> tuple[str, str]:
    """The council's expenditure and the fund's, as known on a day, effective to a day."""
    context, contract_id, _ = told
    found = balances(
        context,
        contract_id,
        known_at=known_on(known) if known else None,
        effective_to=day(effective) if effective else None,
    )
    assert found.mirror_differences == ()
    for book in found.trial_balances:
        assert book.debit_total == book.credit_total
    return net(found, "scc/outcome-expenditure"), net(found, "lcf/grant-expenditure")


BEFORE, AFTER = ("82535.00", "19000.00"), ("74287.00", "17758.74")
GRID = [
    ("2019-12-31", None, ("0.00", "0.00")),
    ("2023-10-08", None, BEFORE),  # the surrender is not known yet
    ("2023-10-09", None, BEFORE),  # decided, but in no approved claim yet
    (None, None, AFTER),
    (None, "2023-12-31", BEFORE),  # known now, but not effective by then
    ("2023-10-08", "2021-03-31", ("6500.00", "1625.00")),
    (None, "2019-12-31", ("0.00", "0.00")),
]


@pytest.mark.parametrize(("known", "effective", "expected"), GRID)
def test_expenditure_as_known_and_effective(told, known, effective, expected):
    assert expenditure(told, known, effective) == expected


def test_the_day_before_the_day_and_the_day_after_the_clawback_is_approved(told):
    approved = told[2]
    days = [approved.replace(day=approved.day + step).isoformat() for step in (-1, 0, 1)]
    assert [expenditure(told, one, None) for one in days] == [BEFORE, AFTER, AFTER]
    assert [expenditure(told, None, one) for one in days] == [BEFORE, AFTER, AFTER]


def test_a_journey_as_known_before_and_after_the_audit(told):
    context, contract_id, _ = told
    seen = [
        EventKind.TENANCY_ENDED
        in {
            event.kind
            for event in get_participant(context, contract_id, "P3", known_on(on)).standing
        }
        for on in ("2023-05-22", "2023-10-08", "2023-10-09")
    ]
    assert seen == [False, False, True]


PERIODS = [
    ("2020-07-01", "2020-09-30"),
    ("2021-04-01", "2022-03-31"),
    ("2023-07-01", "2023-12-31"),
    ("2019-01-01", "2030-12-31"),
    ("2024-01-01", "2024-03-31"),
]


@pytest.mark.parametrize("known", [None, "2021-12-31", "2023-10-08"])
@pytest.mark.parametrize("book", BOOKS)
@pytest.mark.parametrize(("start", "end"), PERIODS)
def test_opening_and_movements_make_the_closing_and_mirrors_agree(told, start, end, book, known):
    context, contract_id, _ = told
    period, at = Period(day(start), day(end)), known_on(known) if known else None
    found = statement(context, contract_id, book, period, at)
    moved: dict[str, int] = {}
    for line in found.lines:
        assert period.contains(line.effective_date)
        assert at is None or line.recorded_at < at
        moved[line.debit] = moved.get(line.debit, 0) + line.amount.minor
        moved[line.credit] = moved.get(line.credit, 0) - line.amount.minor
    for account in found.accounts:
        assert account.opening + account.debits - account.credits == account.closing
        assert (account.debits - account.credits).minor == moved.pop(account.account, 0)
    assert moved == {}
    assert found.mirrors
    assert all(mirror.agrees for mirror in found.mirrors)


@pytest.mark.parametrize("book", BOOKS)
def test_consecutive_statements_join(told, book):
    context, contract_id, _ = told
    ends = [day(text) for text in ("2020-12-31", "2021-12-31", "2022-12-31", "2024-12-31")]
    starts = [day("2019-01-01"), *(end.replace(year=end.year + 1, month=1, day=1) for end in ends)]
    found = [
        statement(context, contract_id, book, Period(start, end))
        for start, end in zip([*starts[:3], day("2023-01-01")], ends, strict=True)
    ]
    for earlier, later in pairwise(found):
        assert [one.closing for one in earlier.accounts] == [one.opening for one in later.accounts]
    whole = statement(context, contract_id, book, Period(starts[0], ends[-1]))
    assert [one.closing for one in found[-1].accounts] == [one.closing for one in whole.accounts]
    assert sum(len(one.lines) for one in found) == len(whole.lines)


def test_a_trial_balance_of_each_book_agrees_with_its_statement(told):
    context, contract_id, _ = told
    period = Period(day("2019-01-01"), day("2022-12-31"))
    for book in BOOKS:
        trial = trial_balance(context, contract_id, book, effective_to=period.end)
        closing = {
            one.account: one.closing
            for one in statement(context, contract_id, book, period).accounts
        }
        assert {one.account: one.net for one in trial.balances} == closing


def test_what_is_known_now_is_the_default(told):
    context, contract_id, _ = told
    now = balances(context, contract_id)
    later = balances(context, contract_id, known_at=datetime(2100, 1, 1, tzinfo=UTC))
    assert now.accounts == later.accounts


def test_the_net_of_the_story(told):
    expected = load("expected-totals.yaml")["net"]
    assert expenditure(told, None, None) == (expected["payable"], expected["lcf"])
