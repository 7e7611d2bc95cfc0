"""Closing a contract's periods in tests: one after the other, up to a day."""

from dataclasses import replace
from datetime import date, timedelta

from app.domain.money import Money
from app.domain.parties import Actor
from app.domain.period_close import CloseLevel, PeriodKind
from app.service.command import Command
from app.service.context import Context
from app.service.payments import record_payment
from app.service.periods import PeriodView, close_period, list_periods, reopen_period


def close_through(
    context: Context, contract_id: str, commissioner: str, last: date, level: str = "hard"
) -> list[PeriodView]:
    """Every quarter that ends by a day, and every financial year; answers those closed by it."""
    command = Command(contract_id, Actor(commissioner, "finance-officer-1"))
    closed = []
    for kind in (PeriodKind.QUARTER, PeriodKind.FINANCIAL_YEAR):
        for view in list_periods(context, contract_id, kind, limit=1000):
            if view.period.end > last or view.state.value in {level, "hard"}:
                continue
            done = close_period(
                context, command, kind=kind, start=view.period.start, level=CloseLevel(level)
            )
            assert done.answer is not None
            closed.append(done.answer)
    return closed


def close_a_little(context: Context, contract_id: str, commissioner: str, payee: str) -> None:
    """The contract's first quarter closed softly, reopened, and closed for good; then a late item.

    A payment on account of 3.00 of the quarter's last day is a prior-period adjustment, and one of
    2.00 is posted into the next quarter, softly closed, with a reason.
    """
    first, *_ = list_periods(context, contract_id, PeriodKind.QUARTER)
    command = Command(contract_id, Actor(commissioner, "finance-officer-1"))
    start = first.period.start
    for level in (CloseLevel.SOFT, CloseLevel.HARD):
        close_period(context, command, kind=PeriodKind.QUARTER, start=start, level=level)
        if level is CloseLevel.SOFT:
            reopen_period(
                context, command, kind=PeriodKind.QUARTER, start=start, note="A line was missing"
            )
    following = first.period.end + timedelta(days=1)
    soft = CloseLevel.SOFT
    close_period(context, command, kind=PeriodKind.QUARTER, start=following, level=soft)
    late = replace(command, late_reason="The bank's file came late")
    for paid_on, pounds in ((first.period.end, 3), (following, 2)):
        record_payment(
            context,
            late,
            payer=commissioner,
            payee=payee,
            amount=Money(pounds * 100),
            paid_on=paid_on,
        )
