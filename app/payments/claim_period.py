"""The periods that a claim may ask for: whole periods of the contract's claim calendar."""

from datetime import date, timedelta

from app.domain.calendar import add_months
from app.domain.errors import RuleRefused
from app.domain.period import Period
from app.domain.terms.payment import ClaimCalendar

_MONTHS = {ClaimCalendar.MONTH: 1, ClaimCalendar.QUARTER: 3, ClaimCalendar.HALF_YEAR: 6}


def require_whole_periods(period: Period, calendar: ClaimCalendar) -> None:
    """Refuse a claim period that is not one or several whole periods of the calendar.

    Source: terms /claims/calendar. Months, quarters and half-years count from 1 January, and a
    claim may join several: by quarters, 1 Oct 2019 to 30 Jun 2020 is three; 28 Nov 2019 to 31
    Dec 2019 is none. `any` refuses nothing. Raises RuleRefused `period-not-in-calendar`.
    """
    months = _MONTHS.get(calendar)
    if months is None:
        return
    span = calendar.value.replace("_", "-")
    first = _start(period.start, months)
    if period.start != first:
        raise RuleRefused(
            "period-not-in-calendar",
            f"Claims are for whole {span}s; the {span} of {period.start.isoformat()} starts on "
            f"{first.isoformat()}.",
            pointer="/period/start",
        )
    last = add_months(_start(period.end, months), months) - timedelta(days=1)
    if period.end != last:
        raise RuleRefused(
            "period-not-in-calendar",
            f"Claims are for whole {span}s; the {span} of {period.end.isoformat()} ends on "
            f"{last.isoformat()}.",
            pointer="/period/end",
        )


def _start(day: date, months: int) -> date:
    return date(day.year, (day.month - 1) // months * months + 1, 1)
