"""Closing quarters and financial years: which day, which order, and where a late item goes."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.calendar import local_date
from app.domain.errors import NotFound, RuleRefused
from app.domain.period import Period
from app.domain.period_close import (
    CloseLevel,
    LatePosting,
    PeriodDecision,
    PeriodKind,
    PeriodState,
    PostingDay,
    check_close,
    check_reopen,
    hard_closed_through,
    period_of,
    period_starting,
    periods_to,
    posting_day,
    state_of,
)
from tests.factories import day

QUARTER, YEAR = PeriodKind.QUARTER, PeriodKind.FINANCIAL_YEAR
SOFT, HARD, REOPENED = CloseLevel.SOFT, CloseLevel.HARD, CloseLevel.REOPENED
FIRST_DAY = day("2019-11-28")
"""The contract's first: the first quarter is October to December 2019."""
DAYS = st.dates(day("1990-01-01"), day("2100-12-31"))


def decided(*lines: str) -> list[PeriodDecision]:
    """Decisions such as "hard 2019-10-01" or "soft year 2019-04-01", in order."""
    found = []
    for number, line in enumerate(lines, 1):
        level, *year, start = line.split()
        kind = YEAR if year else QUARTER
        found.append(PeriodDecision(number, kind, period_of(kind, day(start)), CloseLevel(level)))
    return found


def refused(code: str, act, *args, **kwargs) -> RuleRefused:
    with pytest.raises(RuleRefused) as refusal:
        act(*args, **kwargs)
    assert refusal.value.code == code
    return refusal.value


@pytest.mark.parametrize(
    ("on", "quarter", "year"),
    [
        ("2024-03-31", ("2024-01-01", "2024-03-31"), ("2023-04-01", "2024-03-31")),
        ("2024-04-01", ("2024-04-01", "2024-06-30"), ("2024-04-01", "2025-03-31")),
        ("2024-02-29", ("2024-01-01", "2024-03-31"), ("2023-04-01", "2024-03-31")),
        ("2023-12-31", ("2023-10-01", "2023-12-31"), ("2023-04-01", "2024-03-31")),
        ("2024-01-01", ("2024-01-01", "2024-03-31"), ("2023-04-01", "2024-03-31")),
        ("2024-06-30", ("2024-04-01", "2024-06-30"), ("2024-04-01", "2025-03-31")),
        ("2024-07-01", ("2024-07-01", "2024-09-30"), ("2024-04-01", "2025-03-31")),
        ("2024-10-01", ("2024-10-01", "2024-12-31"), ("2024-04-01", "2025-03-31")),
    ],
)
def test_the_quarter_and_the_year_of_a_day(on, quarter, year):
    assert period_of(QUARTER, day(on)) == Period(*map(day, quarter))
    assert period_of(YEAR, day(on)) == Period(*map(day, year))


@given(on=DAYS, kind=st.sampled_from(PeriodKind))
def test_every_day_is_in_one_period_of_each_kind(on, kind):
    found = period_of(kind, on)
    assert found.contains(on)
    assert period_of(kind, found.start) == period_of(kind, found.end) == found
    assert found.start.month in {1, 4, 7, 10}
    assert found.start.day == 1


@pytest.mark.parametrize(
    ("kind", "start"),
    [(QUARTER, "2019-10-01"), (QUARTER, "2020-01-01"), (YEAR, "2019-04-01"), (YEAR, "2020-04-01")],
)
def test_a_period_that_the_contract_has(kind, start):
    assert period_starting(kind, day(start), FIRST_DAY).start == day(start)


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        (QUARTER, "2019-07-01"),  # the quarter before the first
        (QUARTER, "2020-01-02"),  # no first day
        (QUARTER, "2019-12-31"),
        (YEAR, "2018-04-01"),
        (YEAR, "2020-01-01"),  # a quarter, and no year
    ],
)
def test_a_period_that_the_contract_has_not(kind, start):
    with pytest.raises(NotFound) as refusal:
        period_starting(kind, day(start), FIRST_DAY)
    assert refusal.value.code == "period-unknown"


def test_periods_run_from_the_first_to_that_of_today():
    quarters = periods_to(QUARTER, FIRST_DAY, day("2020-03-31"))
    assert [str(one) for one in quarters] == [
        "2019-10-01 to 2019-12-31",
        "2020-01-01 to 2020-03-31",
    ]
    assert len(periods_to(QUARTER, FIRST_DAY, day("2020-04-01"))) == 3
    assert len(periods_to(YEAR, FIRST_DAY, day("2020-03-31"))) == 1
    assert len(periods_to(YEAR, FIRST_DAY, day("2020-04-01"))) == 2
    assert len(periods_to(QUARTER, FIRST_DAY, FIRST_DAY)) == 1


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        ((), "open"),
        (("soft 2019-10-01",), "soft"),
        (("soft 2019-10-01", "reopened 2019-10-01"), "open"),
        (("soft 2019-10-01", "reopened 2019-10-01", "soft 2019-10-01"), "soft"),
        (("soft 2019-10-01", "hard 2019-10-01"), "hard"),
        (("hard 2020-01-01",), "open"),  # of another quarter
        (("hard year 2019-04-01",), "open"),  # of the year
    ],
)
def test_the_last_decision_on_a_period_counts(lines, state):
    quarter = period_of(QUARTER, day("2019-10-01"))
    assert state_of(QUARTER, quarter, decided(*lines)) is PeriodState(state)


def test_every_day_to_the_end_of_the_last_hard_close_is_closed():
    assert hard_closed_through(decided("soft 2019-10-01")) is None
    both = decided("hard 2019-10-01", "hard 2020-01-01", "soft 2020-04-01")
    assert hard_closed_through(both) == day("2020-03-31")


def close(kind, start, level, *before, today="2021-06-30"):
    period = period_of(kind, day(start))
    check_close(kind, period, level, decided(*before), FIRST_DAY, day(today))


@pytest.mark.parametrize("level", [SOFT, HARD])
@pytest.mark.parametrize(
    ("kind", "start", "last"),
    [
        (QUARTER, "2019-10-01", "2019-12-31"),
        (QUARTER, "2020-01-01", "2020-03-31"),
        (YEAR, "2019-04-01", "2020-03-31"),
    ],
)
def test_a_period_closes_from_the_day_after_its_end(kind, start, last, level):
    before = [f"{level.value} 2019-10-01"] if start != "2019-10-01" else []
    before += [f"{level.value} 2020-01-01"] if kind is YEAR else []
    following = (day(last)).toordinal() + 1
    for today in (last, day(last).fromordinal(following - 2).isoformat()):
        refused("period-not-over", close, kind, start, level, *before, today=today)
    for after in (following, following + 1):
        close(kind, start, level, *before, today=day(last).fromordinal(after).isoformat())


@pytest.mark.parametrize(
    ("quarter", "instant", "is_over"),
    [
        # The clocks went forward on 31 March 2024 itself: that day ended at 23:00 UTC.
        ("2024-01-01", "2024-03-31T22:59:59", False),
        ("2024-01-01", "2024-03-31T23:00:00", True),
        ("2023-01-01", "2023-03-31T22:59:59", False),  # summer time since the Sunday before
        ("2023-01-01", "2023-03-31T23:00:00", True),
        ("2024-04-01", "2024-06-30T22:59:59", False),
        ("2024-04-01", "2024-06-30T23:00:00", True),
        ("2024-07-01", "2024-09-30T22:59:59", False),
        ("2024-07-01", "2024-09-30T23:00:00", True),
        ("2024-10-01", "2024-12-31T23:59:59", False),  # in winter with the day of UTC
        ("2024-10-01", "2025-01-01T00:00:00", True),
    ],
)
def test_the_instant_of_close_follows_the_contracts_clock(quarter, instant, is_over):
    today = local_date(datetime.fromisoformat(instant).replace(tzinfo=UTC), "Europe/London")
    act = (QUARTER, period_of(QUARTER, day(quarter)), HARD, [], day(quarter), today)
    if is_over:
        check_close(*act)
    else:
        refused("period-not-over", check_close, *act)


@pytest.mark.parametrize(
    ("kind", "start", "level", "before"),
    [
        (QUARTER, "2019-10-01", SOFT, ()),
        (QUARTER, "2019-10-01", HARD, ()),
        (QUARTER, "2019-10-01", HARD, ("soft 2019-10-01",)),
        (QUARTER, "2019-10-01", SOFT, ("soft 2019-10-01", "reopened 2019-10-01")),
        (QUARTER, "2020-01-01", SOFT, ("soft 2019-10-01",)),
        (QUARTER, "2020-01-01", SOFT, ("hard 2019-10-01",)),
        (QUARTER, "2020-01-01", HARD, ("hard 2019-10-01",)),
        (YEAR, "2019-04-01", SOFT, ("soft 2019-10-01", "hard 2019-10-01", "soft 2020-01-01")),
        (YEAR, "2019-04-01", HARD, ("hard 2019-10-01", "hard 2020-01-01")),
        (
            YEAR,
            "2020-04-01",
            HARD,
            (
                "hard 2019-10-01", "hard 2020-01-01", "hard year 2019-04-01", "hard 2020-04-01",
                "hard 2020-07-01", "hard 2020-10-01", "hard 2021-01-01",
            ),
        ),
    ],
)  # fmt: skip
def test_closes_in_order(kind, start, level, before):
    close(kind, start, level, *before)


@pytest.mark.parametrize(
    ("kind", "start", "level", "before"),
    [
        (QUARTER, "2020-01-01", SOFT, ()),
        (QUARTER, "2020-01-01", HARD, ("soft 2019-10-01",)),
        (QUARTER, "2020-04-01", HARD, ("hard 2019-10-01",)),
        (QUARTER, "2020-01-01", SOFT, ("soft 2019-10-01", "reopened 2019-10-01")),
        (YEAR, "2019-04-01", SOFT, ("soft 2019-10-01",)),
        (YEAR, "2019-04-01", HARD, ("hard 2019-10-01", "soft 2020-01-01")),
        (
            YEAR,  # its quarters are closed, the year before is not
            "2020-04-01",
            HARD,
            (
                "hard 2019-10-01", "hard 2020-01-01", "hard 2020-04-01", "hard 2020-07-01",
                "hard 2020-10-01", "hard 2021-01-01",
            ),
        ),
    ],
)  # fmt: skip
def test_no_open_day_lies_before_a_closed_one(kind, start, level, before):
    refused("period-before-open", close, kind, start, level, *before)


@pytest.mark.parametrize(
    ("level", "before"),
    [
        (SOFT, ("soft 2019-10-01",)),
        (SOFT, ("hard 2019-10-01",)),
        (HARD, ("hard 2019-10-01",)),
    ],
)
def test_nothing_is_closed_twice(level, before):
    refused("period-closed-already", close, QUARTER, "2019-10-01", level, *before)


@pytest.mark.parametrize(
    ("kind", "start", "before", "code"),
    [
        (QUARTER, "2019-10-01", ("soft 2019-10-01",), None),
        (QUARTER, "2019-10-01", ("soft 2019-10-01", "soft 2020-01-01"), None),
        (YEAR, "2019-04-01", ("soft year 2019-04-01",), None),
        (QUARTER, "2019-10-01", (), "period-not-closed"),
        (QUARTER, "2019-10-01", ("soft 2019-10-01", "reopened 2019-10-01"), "period-not-closed"),
        (QUARTER, "2019-10-01", ("hard 2019-10-01",), "period-hard-closed"),
        (YEAR, "2019-04-01", ("hard year 2019-04-01",), "period-hard-closed"),
        (QUARTER, "2019-10-01", ("soft 2019-10-01", "soft year 2019-04-01"), "year-closed"),
    ],
)
def test_reopening(kind, start, before, code):
    act = (kind, period_of(kind, day(start)), decided(*before))
    if code is None:
        check_reopen(*act)
    else:
        refused(code, check_reopen, *act)


TODAY = day("2020-10-12")
CLOSED = decided(
    "hard 2019-10-01", "hard 2020-01-01", "hard 2020-04-01", "soft 2020-07-01"
)  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "belongs_on", "effective", "late"),
    [
        # Hard-closed through 30 June: posted today, and it belongs where it happened.
        ("2020-06-29", None, "2020-10-12", ("hard", "2020-06-29")),
        ("2020-06-30", None, "2020-10-12", ("hard", "2020-06-30")),
        ("2020-02-29", None, "2020-10-12", ("hard", "2020-02-29")),
        ("2019-09-30", None, "2020-10-12", ("hard", "2019-09-30")),  # before the first quarter
        ("2020-06-30", "2020-03-31", "2020-10-12", ("hard", "2020-06-30")),
        # Soft-closed from 1 July to 30 September: on its own day, with a reason.
        ("2020-07-01", None, "2020-07-01", ("soft", "2020-07-01")),
        ("2020-09-30", None, "2020-09-30", ("soft", "2020-09-30")),
        ("2020-09-30", "2020-06-30", "2020-09-30", ("soft", "2020-09-30")),
        # Open from 1 October on.
        ("2020-10-01", None, "2020-10-01", None),
        ("2020-10-12", None, "2020-10-12", None),
        # A claim of a hard-closed period, approved in an open one.
        ("2020-10-12", "2020-06-29", "2020-10-12", ("hard", "2020-06-29")),
        ("2020-10-12", "2020-06-30", "2020-10-12", ("hard", "2020-06-30")),
        ("2020-10-12", "2020-07-01", "2020-10-12", None),
        ("2020-10-12", "2020-09-30", "2020-10-12", None),
    ],
)
def test_where_an_entry_goes(asked, belongs_on, effective, late):
    found = posting_day(
        day(asked),
        CLOSED,
        TODAY,
        has_reason=True,
        belongs_on=day(belongs_on) if belongs_on else None,
    )
    expected = late and LatePosting(PeriodState(late[0]), day(late[1]))
    assert found == PostingDay(day(effective), expected)


@pytest.mark.parametrize(
    ("asked", "is_refused"),
    [("2020-06-30", False), ("2020-07-01", True), ("2020-09-30", True), ("2020-10-01", False)],
)
def test_only_a_soft_closed_day_needs_a_reason(asked, is_refused):
    act = (posting_day, day(asked), CLOSED, TODAY)
    if is_refused:
        refusal = refused("period-soft-closed", *act, has_reason=False)
        assert "2020-07-01 to 2020-09-30" in refusal.message
        assert "--late-reason" in refusal.message
    else:
        posting_day(*act[1:], has_reason=False)


def test_nothing_is_closed_at_first():
    asked = day("2020-02-29")
    found = posting_day(asked, [], TODAY, has_reason=False, belongs_on=day("2019-12-31"))
    assert found == PostingDay(asked)


@given(asked=st.dates(day("2019-01-01"), TODAY), belongs_on=st.none() | DAYS)
def test_no_entry_ever_falls_into_a_hard_closed_day(asked, belongs_on):
    found = posting_day(asked, CLOSED, TODAY, has_reason=True, belongs_on=belongs_on)
    assert found.effective_date > day("2020-06-30")
    if asked > day("2020-06-30"):
        assert found.effective_date == asked
    else:
        assert found.late == LatePosting(PeriodState.HARD, asked)
