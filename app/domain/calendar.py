"""Dates of the contract: months with clamping, quarters, financial years, nights, local days."""

from calendar import monthrange
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def add_months(anchor: date, months: int) -> date:
    """The day `months` calendar months from the anchor, clamped to the month's last day.

    Always computed from the anchor, never from an earlier milestone: 31 Aug 2020 + 6 is
    28 Feb 2021, and 31 Aug 2020 + 12 is 31 Aug 2021. Source: terms /sustainment/month_rule.
    """
    index = anchor.year * 12 + anchor.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


def nights_away(first_day_away: date, day_of_return: date) -> int:
    """Nights of an absence: the first day away counts, the day of return does not.

    10 Apr 2021 to 19 May 2021 is 39 nights. Source: terms /sustainment/care_stay_nights_max.
    """
    return (day_of_return - first_day_away).days


def quarter_start(day: date) -> date:
    """First day of the calendar quarter (Jan-Mar, Apr-Jun, Jul-Sep, Oct-Dec) of a day."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def quarter_end(day: date) -> date:
    """Last day of the calendar quarter of a day: 15 Feb 2021 gives 31 Mar 2021."""
    return add_months(quarter_start(day), 3) - timedelta(days=1)


def end_of_next_quarter(day: date) -> date:
    """Last day of the quarter after the one a day falls in: 30 Dec 2022 gives 31 Mar 2023."""
    return quarter_end(quarter_end(day) + timedelta(days=1))


def financial_year(day: date) -> str:
    """The UK financial year (April to March) of a day: 31 Mar 2022 is 2021/22."""
    first = day.year if day.month >= 4 else day.year - 1
    return f"{first}/{(first + 1) % 100:02d}"


def add_working_days(day: date, count: int, holidays: Collection[date] = ()) -> date:
    """The day `count` working days after a day, skipping week-ends and the holidays passed in."""
    current, left = day, count
    while left > 0:
        current += timedelta(days=1)
        if current.weekday() < 5 and current not in holidays:
            left -= 1
    return current


def local_date(instant: datetime, zone: str) -> date:
    """The calendar day of an instant in the contract's time zone.

    23:30 UTC on 30 Jun is already 1 Jul in Europe/London, because of summer time.
    """
    return instant.astimezone(ZoneInfo(zone)).date()


def end_of_day(day: date, zone: str) -> datetime:
    """The first instant after a local day, in UTC: what was known "on" a day is recorded before."""
    following = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(zone))
    return following.astimezone(UTC)
