"""The periods that a claim may ask for, and which of them belong together."""

from collections.abc import Iterable
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
    first = period_start(period.start, calendar)
    if period.start != first:
        raise RuleRefused(
            "period-not-in-calendar",
            f"Claims are for whole {span}s; the {span} of {period.start.isoformat()} starts on "
            f"{first.isoformat()}.",
            pointer="/period/start",
        )
    last = add_months(period_start(period.end, calendar), months) - timedelta(days=1)
    if period.end != last:
        raise RuleRefused(
            "period-not-in-calendar",
            f"Claims are for whole {span}s; the {span} of {period.end.isoformat()} ends on "
            f"{last.isoformat()}.",
            pointer="/period/end",
        )


def period_start(day: date, calendar: ClaimCalendar) -> date:
    """The first day of the period of the calendar in which a day falls; of `any`, the day itself.

    Source: terms /claims/calendar. By quarters, 5 Apr 2020 and 30 Apr 2020 give 1 Apr 2020.
    """
    months = _MONTHS.get(calendar)
    if months is None:
        return day
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def share_a_period(one: Period, other: Period, calendar: ClaimCalendar) -> bool:
    """Whether both have days in one period of the calendar; of `any`, a day in common.

    Source: terms /claims/calendar. By quarters, 1 Jan to 5 Apr 2020 and 6 to 30 Apr 2020 do: both
    have days in the quarter from 1 April. So days between cannot be chosen to keep two apart.
    """
    return period_start(one.start, calendar) <= period_start(other.end, calendar) and (
        period_start(other.start, calendar) <= period_start(one.end, calendar)
    )


def with_days(period: Period, days: Iterable[date]) -> Period:
    """A period lengthened to hold some days.

    Of a claim to a fund, those on which what it asks for was approved: July to September with a
    line approved on 8 April is April to September, so that a line put off belongs to its own time.
    """
    found = [*days, period.start, period.end]
    return Period(min(found), max(found))
