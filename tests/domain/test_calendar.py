"""Dates: months with clamping, quarters, financial years, nights, working days, local days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.calendar import (
    add_months,
    add_working_days,
    end_of_day,
    end_of_next_quarter,
    financial_year,
    local_date,
    nights_away,
    quarter_end,
    quarter_start,
)
from tests.factories import day

DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
MONTHS = st.integers(0, 240)
LONDON = "Europe/London"


@pytest.mark.parametrize(
    ("anchor", "months", "expected"),
    [
        ("2020-08-31", 6, "2021-02-28"),
        ("2020-08-31", 12, "2021-08-31"),
        ("2020-08-31", 18, "2022-02-28"),
        ("2023-08-31", 6, "2024-02-29"),
        ("2021-08-30", 6, "2022-02-28"),
        ("2021-08-28", 6, "2022-02-28"),
        ("2020-02-29", 12, "2021-02-28"),
        ("2020-02-29", 24, "2022-02-28"),
        ("2020-02-29", 48, "2024-02-29"),
        ("2020-02-29", 6, "2020-08-29"),
        ("2021-03-31", 1, "2021-04-30"),
        ("2021-12-31", 2, "2022-02-28"),
        ("2021-01-15", 0, "2021-01-15"),
        ("2021-01-15", 12, "2022-01-15"),
        ("2021-11-30", 1, "2021-12-30"),
        ("2021-03-31", -1, "2021-02-28"),
    ],
)
def test_months_are_counted_from_the_anchor_and_clamped(anchor, months, expected):
    assert add_months(day(anchor), months) == day(expected)


@given(DAYS, MONTHS, MONTHS)
def test_more_months_are_never_earlier(anchor, one, other):
    less, more = sorted([one, other])
    assert add_months(anchor, less) <= add_months(anchor, more)
    assert (add_months(anchor, less) == add_months(anchor, more)) == (less == more)


@given(DAYS, DAYS, MONTHS)
def test_a_later_anchor_never_falls_due_earlier(one, other, months):
    earlier, later = sorted([one, other])
    assert add_months(earlier, months) <= add_months(later, months)


@given(DAYS, MONTHS)
def test_the_day_is_the_anchors_or_the_last_of_the_month(anchor, months):
    due = add_months(anchor, months)
    assert (due.year - anchor.year) * 12 + due.month - anchor.month == months
    assert due.day <= anchor.day
    if due.day < anchor.day:
        assert (due + timedelta(days=1)).day == 1


@given(DAYS, MONTHS, MONTHS)
def test_a_clamp_is_not_carried_on_to_the_next_milestone(anchor, first, second):
    assert (
        add_months(anchor, first + second).day >= add_months(add_months(anchor, first), second).day
    )


@pytest.mark.parametrize(
    ("first_day", "back_on", "nights"),
    [
        ("2021-04-10", "2021-05-19", 39),
        ("2021-04-10", "2021-04-10", 0),
        ("2021-04-10", "2021-04-11", 1),
        ("2020-02-28", "2020-03-01", 2),
        ("2021-09-20", "2022-02-01", 134),
    ],
)
def test_the_first_day_away_counts_and_the_day_of_return_does_not(first_day, back_on, nights):
    assert nights_away(day(first_day), day(back_on)) == nights


@pytest.mark.parametrize(
    ("on", "start", "end", "next_end"),
    [
        ("2021-01-01", "2021-01-01", "2021-03-31", "2021-06-30"),
        ("2021-03-31", "2021-01-01", "2021-03-31", "2021-06-30"),
        ("2021-04-01", "2021-04-01", "2021-06-30", "2021-09-30"),
        ("2021-09-30", "2021-07-01", "2021-09-30", "2021-12-31"),
        ("2022-12-30", "2022-10-01", "2022-12-31", "2023-03-31"),
    ],
)
def test_quarters(on, start, end, next_end):
    assert quarter_start(day(on)) == day(start)
    assert quarter_end(day(on)) == day(end)
    assert end_of_next_quarter(day(on)) == day(next_end)


@pytest.mark.parametrize(
    ("on", "year"),
    [
        ("2022-03-31", "2021/22"),
        ("2022-04-01", "2022/23"),
        ("1999-12-31", "1999/00"),
        ("2009-04-01", "2009/10"),
    ],
)
def test_the_financial_year_runs_from_april_to_march(on, year):
    assert financial_year(day(on)) == year


@pytest.mark.parametrize(
    ("on", "count", "holidays", "expected"),
    [
        ("2021-10-04", 0, [], "2021-10-04"),
        ("2021-10-04", 1, [], "2021-10-05"),
        ("2021-10-08", 1, [], "2021-10-11"),
        ("2021-10-09", 1, [], "2021-10-11"),
        ("2021-10-04", 15, [], "2021-10-25"),
        ("2021-12-24", 1, ["2021-12-27", "2021-12-28"], "2021-12-29"),
    ],
)
def test_working_days_skip_week_ends_and_holidays(on, count, holidays, expected):
    assert add_working_days(day(on), count, {day(one) for one in holidays}) == day(expected)


@pytest.mark.parametrize(
    ("instant", "zone", "expected"),
    [
        ("2021-06-30T22:59", LONDON, "2021-06-30"),
        ("2021-06-30T23:00", LONDON, "2021-07-01"),
        ("2021-06-30T23:30", LONDON, "2021-07-01"),
        ("2021-12-31T23:59", LONDON, "2021-12-31"),
        # Clocks go forward on 28 March 2021 and back on 31 October 2021, both at 01:00 UTC.
        ("2021-03-27T23:59", LONDON, "2021-03-27"),
        ("2021-03-28T00:00", LONDON, "2021-03-28"),
        ("2021-03-28T22:59", LONDON, "2021-03-28"),
        ("2021-03-28T23:00", LONDON, "2021-03-29"),
        ("2021-10-30T23:00", LONDON, "2021-10-31"),
        ("2021-10-31T23:59", LONDON, "2021-10-31"),
        ("2021-11-01T00:00", LONDON, "2021-11-01"),
        ("2021-06-30T23:30", "UTC", "2021-06-30"),
        ("2021-06-30T23:30", "America/New_York", "2021-06-30"),
    ],
)
def test_the_local_day_of_an_instant(instant, zone, expected):
    assert local_date(datetime.fromisoformat(instant).replace(tzinfo=UTC), zone) == day(expected)


@pytest.mark.parametrize(
    ("on", "end", "hours"),
    [
        ("2021-01-15", "2021-01-16T00:00", 24),
        ("2021-07-15", "2021-07-15T23:00", 24),
        ("2021-03-27", "2021-03-28T00:00", 24),
        ("2021-03-28", "2021-03-28T23:00", 23),
        ("2021-10-30", "2021-10-30T23:00", 24),
        ("2021-10-31", "2021-11-01T00:00", 25),
    ],
)
def test_a_day_ends_at_local_midnight_and_may_have_23_or_25_hours(on, end, hours):
    assert end_of_day(day(on), LONDON) == datetime.fromisoformat(end).replace(tzinfo=UTC)
    length = end_of_day(day(on), LONDON) - end_of_day(day(on) - timedelta(days=1), LONDON)
    assert length == timedelta(hours=hours)


@given(st.dates(date(2015, 1, 1), date(2040, 12, 31)))
def test_an_instant_before_the_end_of_a_day_is_on_that_day_and_the_end_is_not(on):
    end = end_of_day(on, LONDON)
    assert local_date(end - timedelta(microseconds=1), LONDON) == on
    assert local_date(end, LONDON) == on + timedelta(days=1)
