"""Which periods can be claimed: whole months, quarters or half-years, one or several."""

import pytest

from app.domain.errors import RuleRefused
from app.domain.period import Period
from app.domain.terms.payment import ClaimCalendar
from app.payments.claim_period import require_whole_periods, share_a_period, with_days
from tests.factories import day

START, END = "/period/start", "/period/end"


@pytest.mark.parametrize(
    ("calendar", "start", "end", "pointer"),
    [
        ("quarter", "2021-01-01", "2021-03-31", None),
        ("quarter", "2019-10-01", "2020-06-30", None),
        ("quarter", "2020-07-01", "2020-12-31", None),
        ("quarter", "2020-12-31", "2021-03-31", START),
        ("quarter", "2021-01-02", "2021-03-31", START),
        ("quarter", "2021-02-01", "2021-03-31", START),
        ("quarter", "2019-11-28", "2019-12-31", START),
        ("quarter", "2021-01-01", "2021-03-30", END),
        ("quarter", "2021-01-01", "2021-04-01", END),
        ("quarter", "2021-01-01", "2021-02-28", END),
        ("quarter", "2021-01-02", "2021-03-30", START),
        ("month", "2024-02-01", "2024-02-29", None),
        ("month", "2024-02-01", "2024-02-28", END),
        ("month", "2023-02-01", "2023-02-28", None),
        ("month", "2023-12-01", "2024-01-31", None),
        ("month", "2024-01-31", "2024-02-29", START),
        ("half_year", "2020-07-01", "2020-12-31", None),
        ("half_year", "2020-01-01", "2020-12-31", None),
        ("half_year", "2020-04-01", "2020-09-30", START),
        ("half_year", "2020-01-01", "2020-09-30", END),
        ("any", "2019-11-28", "2019-12-30", None),
    ],
)
def test_a_claim_is_for_whole_periods_of_the_calendar(calendar, start, end, pointer):
    period = Period(day(start), day(end))
    if pointer is None:
        require_whole_periods(period, ClaimCalendar(calendar))
        return
    with pytest.raises(RuleRefused) as refusal:
        require_whole_periods(period, ClaimCalendar(calendar))
    assert (refusal.value.code, refusal.value.pointer) == ("period-not-in-calendar", pointer)


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2021-02-01", "2021-03-31", "whole quarters; the quarter of 2021-02-01 starts on 2021-01"),
        ("2021-01-01", "2021-12-30", "the quarter of 2021-12-30 ends on 2021-12-31"),
    ],
)
def test_the_refusal_names_the_day_that_would_do(start, end, said):
    with pytest.raises(RuleRefused, match=said):
        require_whole_periods(Period(day(start), day(end)), ClaimCalendar.QUARTER)


@pytest.mark.parametrize(
    ("calendar", "end", "start", "shared"),
    [
        ("quarter", "2020-04-05", "2020-04-06", True),
        ("quarter", "2020-04-01", "2020-06-30", True),
        ("quarter", "2020-03-31", "2020-04-01", False),
        ("quarter", "2020-06-30", "2020-07-01", False),
        ("month", "2020-02-28", "2020-02-29", True),
        ("month", "2020-02-29", "2020-03-01", False),
        ("half_year", "2020-04-05", "2020-06-30", True),
        ("half_year", "2020-06-30", "2020-07-01", False),
        ("any", "2020-04-05", "2020-04-06", False),
        ("any", "2020-04-06", "2020-04-06", True),
    ],
)
def test_days_of_one_period_of_the_calendar_belong_together(calendar, end, start, shared):
    """Days from 1 January, and days to the end of the year."""
    one, other = Period(day("2020-01-01"), day(end)), Period(day(start), day("2020-12-31"))
    assert share_a_period(one, other, ClaimCalendar(calendar)) is shared
    assert share_a_period(other, one, ClaimCalendar(calendar)) is shared


def test_a_period_is_lengthened_to_hold_days():
    period = Period(day("2020-07-01"), day("2020-09-30"))
    assert with_days(period, []) == period
    assert with_days(period, [day("2020-08-01")]) == period
    found = with_days(period, [day("2020-04-08"), day("2020-10-01")])
    assert found == Period(day("2020-04-08"), day("2020-10-01"))
