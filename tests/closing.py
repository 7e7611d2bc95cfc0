"""Closing a contract's periods in tests: one after the other, up to a day."""

from datetime import date

from app.domain.parties import Actor
from app.domain.period_close import CloseLevel, PeriodKind
from app.service.command import Command
from app.service.context import Context
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


def close_a_little(context: Context, contract_id: str, commissioner: str) -> None:
    """The contract's first quarter closed softly, reopened, and closed for good."""
    first, *_ = list_periods(context, contract_id, PeriodKind.QUARTER)
    command = Command(contract_id, Actor(commissioner, "finance-officer-1"))
    start = first.period.start
    for level in (CloseLevel.SOFT, CloseLevel.HARD):
        close_period(context, command, kind=PeriodKind.QUARTER, start=start, level=level)
        if level is CloseLevel.SOFT:
            reopen_period(
                context, command, kind=PeriodKind.QUARTER, start=start, note="A line was missing"
            )
