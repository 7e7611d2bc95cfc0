"""The payment clock: due days, stops, ageing, and the figures of a payments compliance notice."""

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import Money
from app.domain.payment_clock import (
    AgeBucket,
    PayableSum,
    Stop,
    age_bucket,
    ageing,
    days_counted,
    days_late,
    due_on,
    percent,
    prompt_payment,
)
from app.domain.period import Period
from tests.factories import day, gbp

RECEIVED = day("2023-08-01")
AUGUST = (Stop(day("2023-08-11"), day("2023-08-21")),)
HALF_YEAR = Period(day("2023-10-01"), day("2024-03-31"))


def stops(*spans):
    return tuple(Stop(day(first), None if last is None else day(last)) for first, last in spans)


@pytest.mark.parametrize(
    ("spans", "days", "due"),
    [
        ((), 30, "2023-08-31"),
        ((), 0, "2023-08-01"),
        ((("2023-08-11", "2023-08-21"),), 30, "2023-09-10"),
        ((("2023-08-11", "2023-08-11"),), 30, "2023-08-31"),
        ((("2023-08-11", "2023-08-12"),), 30, "2023-09-01"),
        ((("2023-08-31", "2023-09-10"),), 30, "2023-09-10"),  # notice on the day it is due
        ((("2023-09-01", "2023-09-10"),), 30, "2023-08-31"),  # a day later it moves nothing
        ((("2023-08-11", None),), 30, None),
        ((("2023-09-01", None),), 30, "2023-08-31"),
        ((("2023-07-20", "2023-08-06"),), 30, "2023-09-04"),  # five days after the receipt
        ((("2023-07-20", "2023-07-25"),), 30, "2023-08-31"),
        ((("2023-07-20", None),), 30, None),
        # Two disputes at once stop the clock once, whichever was raised first.
        ((("2023-08-15", "2023-08-25"), ("2023-08-11", "2023-08-21")), 30, "2023-09-14"),
        ((("2023-08-11", "2023-08-21"), ("2023-08-13", "2023-08-15")), 30, "2023-09-10"),
        ((("2023-08-11", "2023-08-21"), ("2023-08-21", "2023-08-22")), 30, "2023-09-11"),
        ((("2023-08-11", None), ("2023-08-13", "2023-08-15")), 30, None),
        ((("2023-08-11", "2023-08-21"), ("2023-08-15", None)), 30, None),
        ((("2023-08-03", "2023-08-05"), ("2023-08-11", "2023-08-12")), 30, "2023-09-03"),
        # The first stop makes room for a second that would have come after the due day.
        ((("2023-08-11", "2023-08-21"), ("2023-09-05", "2023-09-06")), 30, "2023-09-11"),
    ],
)
def test_the_day_on_which_the_terms_run_out(spans, days, due):
    assert due_on(RECEIVED, stops(*spans), days) == (None if due is None else day(due))


@pytest.mark.parametrize(
    ("received", "due"),
    [("2024-01-30", "2024-02-29"), ("2023-01-30", "2023-03-01"), ("2023-12-31", "2024-01-30")],
)
def test_days_are_calendar_days(received, due):
    assert due_on(day(received), (), 30) == day(due)


@pytest.mark.parametrize(
    ("on", "spans", "counted", "late"),
    [
        ("2023-07-31", (), 0, 0),
        ("2023-08-01", (), 0, 0),
        ("2023-08-02", (), 1, 0),
        ("2023-08-30", (), 29, 0),
        ("2023-08-31", (), 30, 0),
        ("2023-09-01", (), 31, 1),
        ("2023-08-31", (("2023-08-11", "2023-08-21"),), 20, 0),
        ("2023-09-10", (("2023-08-11", "2023-08-21"),), 30, 0),
        ("2023-09-11", (("2023-08-11", "2023-08-21"),), 31, 1),
        ("2023-08-10", (("2023-08-11", "2023-08-21"),), 9, 0),
        ("2023-08-11", (("2023-08-11", None),), 9, 0),
        ("2023-12-31", (("2023-08-11", None),), 9, 0),
        ("2023-09-30", (("2023-09-10", "2023-09-20"),), 50, 20),
        ("2023-07-01", (("2023-06-01", "2023-06-20"),), 0, 0),
    ],
)
def test_days_that_count_and_days_late(on, spans, counted, late):
    assert days_counted(RECEIVED, stops(*spans), day(on)) == counted
    assert days_late(RECEIVED, stops(*spans), day(on), 30) == late


def test_a_dispute_is_not_resolved_before_its_notice():
    with pytest.raises(ValueError, match="before its notice"):
        Stop(day("2023-08-11"), day("2023-08-10"))


@given(
    st.lists(st.tuples(st.integers(-20, 90), st.one_of(st.none(), st.integers(0, 40))), max_size=4),
    st.integers(0, 60),
)
def test_the_due_day_is_where_the_count_reaches_the_terms(spans, terms):
    made = [
        Stop(
            RECEIVED + timedelta(days=first),
            None if length is None else RECEIVED + timedelta(days=first + length),
        )
        for first, length in spans
    ]
    due = due_on(RECEIVED, made, terms)
    # Day by day: a day counts if no dispute is open on it.
    counted, running, last = 0, RECEIVED, RECEIVED + timedelta(days=500)
    while counted < terms and running < last:
        running += timedelta(days=1)
        stopped = any(
            stop.notice_on <= running and (stop.resolved_on is None or running < stop.resolved_on)
            for stop in made
        )
        counted += not stopped
    assert due == (running if counted == terms else None)
    if due is not None:
        assert days_counted(RECEIVED, made, due) == terms
        assert days_late(RECEIVED, made, due, terms) == 0


@pytest.mark.parametrize(
    ("late", "bucket"),
    [(0, "not_due"), (1, "1-30"), (30, "1-30"), (31, "31-60"), (60, "31-60"), (61, "61+")],
)
def test_age_buckets(late, bucket):
    assert age_bucket(late) is AgeBucket(bucket)


def test_an_ageing_list_has_every_bucket():
    sums = [
        PayableSum(RECEIVED, (), None, gbp("6500"), 30),
        PayableSum(RECEIVED, AUGUST, None, gbp("8248"), 30),
        PayableSum(RECEIVED, (), day("2023-09-01"), gbp("1"), 30),
        PayableSum(RECEIVED, (), day("2023-09-02"), gbp("2"), 30),
        PayableSum(day("2023-09-02"), (), None, gbp("4"), 30),
        PayableSum(day("2023-07-02"), (), None, gbp("8"), 30),
    ]
    lines = ageing(sums, day("2023-09-01"), "GBP")
    assert [(line.bucket, line.count, str(line.amount)) for line in lines] == [
        ("not_due", 1, "8248.00"),
        ("1-30", 2, "6502.00"),
        ("31-60", 1, "8.00"),
        ("61+", 0, "0.00"),
    ]


@pytest.mark.parametrize(
    ("paid_on", "on", "late"),
    [
        (None, "2023-09-10", 0),
        (None, "2023-09-11", 1),
        ("2023-09-12", "2023-09-11", 1),
        ("2023-09-12", "2023-09-20", 2),
        ("2023-09-10", "2023-09-20", 0),
    ],
)
def test_a_sum_is_late_until_it_is_paid(paid_on, on, late):
    one = PayableSum(RECEIVED, AUGUST, paid_on and day(paid_on), gbp("8248"), 30)
    assert (one.due_on, one.days_late(day(on))) == (day("2023-09-10"), late)


def paid(received, on, amount="100", spans=()):
    return PayableSum(
        day(received), stops(*spans), None if on is None else day(on), gbp(amount), 30
    )


def test_the_figures_of_a_payments_compliance_notice():
    sums = [
        paid("2023-10-02", "2023-10-12", "6500"),  # 10 days
        paid("2023-10-02", "2023-11-01", "8248"),  # 30 days, on the day it is due
        paid("2023-10-02", "2023-11-02", "11500"),  # 31 days
        paid("2023-11-01", "2024-01-01", "10"),  # 61 days
        paid("2023-12-01", "2024-01-30", "20"),  # 60 days
        paid("2023-12-01", "2024-01-20", "40", [("2023-12-11", "2024-01-10")]),  # 20 that count
        paid("2024-01-01", None),  # fell due 31 Jan, unpaid
        paid("2024-02-20", "2024-04-02"),  # fell due 21 Mar, paid after the period
        paid("2024-03-02", None),  # falls due 1 Apr, after the period
        paid("2024-03-01", None, "80"),  # falls due on 31 Mar, the last day
        paid("2024-01-01", None, "7", [("2024-01-10", None)]),  # the clock stands
        paid("2023-08-01", "2023-09-30", "9"),  # paid before the period
        paid("2023-08-31", "2023-10-01", "5"),  # fell due on 30 Sep, paid on the first day: 31 days
        paid("2024-02-01", "2024-02-05", "3", [("2024-02-03", None)]),  # paid while disputed
    ]
    made = prompt_payment(sums, HALF_YEAR, "GBP")
    assert (made.paid_count, str(made.paid)) == (8, "26326.00")
    assert made.average_days == Fraction(10 + 30 + 31 + 61 + 60 + 20 + 31 + 1, 8)
    assert (made.share_to_30, made.share_31_to_60, made.share_over_60) == (
        Fraction(4, 8),
        Fraction(3, 8),
        Fraction(1, 8),
    )
    # The sum that is disputed without end is not due, nor are those of 30 Sep and 1 Apr.
    assert made.due_count == 9
    assert made.share_not_paid_in_terms == Fraction(6, 9)
    assert made.share_unpaid_at_end == Fraction(3, 9)
    assert str(made.paid_late) == "11535.00"


def test_a_period_without_payments_has_no_shares():
    made = prompt_payment([], HALF_YEAR, "GBP")
    assert (made.paid_count, made.due_count, made.paid_late) == (0, 0, Money(0))
    assert made.average_days is None
    assert made.share_to_30 is made.share_31_to_60 is made.share_over_60 is None
    assert made.share_not_paid_in_terms is made.share_unpaid_at_end is None


@pytest.mark.parametrize(
    ("share", "text"),
    [
        ((0, 1), "0.00"),
        ((1, 1), "100.00"),
        ((2, 3), "66.67"),
        ((1, 3), "33.33"),
        ((1, 800), "0.13"),
    ],
)
def test_percentages_are_rounded_half_up(share, text):
    assert percent(Fraction(*share)) == text
