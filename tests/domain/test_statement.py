"""A shared account agrees when two books say the opposite; late items are shown apart."""

from datetime import UTC, datetime

import pytest

from app.domain.money import Money
from app.domain.period_close import LatePosting, PeriodState
from app.domain.statement import LateMovement, MirrorLine, Statement, StatementLine
from tests.factories import day, gbp, quarter

INSTANT = datetime(2020, 10, 12, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("own", "other", "agrees"),
    [(-650_000, 650_000, True), (0, 0, True), (-650_000, 649_999, False), (1, 1, False)],
)
def test_mirrors_agree(own, other, agrees):
    line = MirrorLine("scc/payable/spv", Money(own), "spv/receivable/scc", Money(other))
    assert line.agrees is agrees


def line(number: int, amount: str, late: LatePosting | None = None, **accounts) -> StatementLine:
    return StatementLine(
        number,
        number,
        day("2020-10-12"),
        INSTANT,
        "payment",
        f"payment:{number}",
        accounts.get("debit", "spv/cash"),
        accounts.get("credit", "spv/receivable/scc"),
        gbp(amount),
        late,
    )


def hard(on: str) -> LatePosting:
    return LatePosting(PeriodState.HARD, day(on))


def statement(*lines: StatementLine, name: str = "2020 Q4") -> Statement:
    return Statement("c", "spv", quarter(name), INSTANT, "GBP", (), lines, (), ())


@pytest.mark.parametrize(
    ("late", "is_prior"),
    [
        (None, False),
        (hard("2020-09-29"), True),
        (hard("2020-09-30"), True),  # the day before the period
        (hard("2020-10-01"), False),  # its first day
        (hard("2020-10-02"), False),
        (LatePosting(PeriodState.SOFT, day("2020-10-05")), False),
    ],
)
def test_what_belongs_before_the_period_is_shown_apart(late, is_prior):
    one = line(1, "5.00", late)
    found = statement(one)
    assert found.prior_period_lines == ((one,) if is_prior else ())
    assert found.own_lines == (() if is_prior else (one,))


def test_prior_period_adjustments_come_to_debits_and_credits_by_account():
    found = statement(
        line(1, "100.00"),
        line(2, "8248.00", hard("2020-09-30"), debit="spv/receivable/scc", credit="spv/income"),
        line(3, "248.00", hard("2020-09-30")),
        line(4, "2.00", hard("2020-06-30")),
    )
    assert found.prior_period_movements == (
        LateMovement("spv/cash", gbp("250.00"), gbp("0.00")),
        LateMovement("spv/income", gbp("0.00"), gbp("8248.00")),
        LateMovement("spv/receivable/scc", gbp("8248.00"), gbp("250.00")),
    )
    assert statement(line(1, "100.00")).prior_period_movements == ()
