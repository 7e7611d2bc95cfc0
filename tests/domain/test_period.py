"""Spans of days with both ends included."""

import pytest

from app.domain.period import Period, within
from tests.factories import day

PERIOD = Period(day("2021-01-01"), day("2021-03-31"))


@pytest.mark.parametrize(
    ("on", "inside"),
    [
        ("2020-12-31", False),
        ("2021-01-01", True),
        ("2021-03-31", True),
        ("2021-04-01", False),
    ],
)
def test_both_ends_belong_to_a_period(on, inside):
    assert PERIOD.contains(day(on)) is inside
    assert within(day(on), PERIOD.start, PERIOD.end) is inside


def test_a_period_of_one_day():
    assert Period(day("2021-01-01"), day("2021-01-01")).contains(day("2021-01-01"))


def test_a_period_cannot_end_before_it_starts():
    with pytest.raises(ValueError, match="cannot end before it starts"):
        Period(day("2021-01-02"), day("2021-01-01"))


def test_a_period_in_words():
    assert str(PERIOD) == "2021-01-01 to 2021-03-31"


@pytest.mark.parametrize(
    ("start", "end", "inside"),
    [
        (None, None, True),
        ("2021-01-01", None, True),
        ("2021-01-02", None, False),
        (None, "2021-01-01", True),
        (None, "2020-12-31", False),
    ],
)
def test_an_open_end_bounds_nothing(start, end, inside):
    first, last = start and day(start), end and day(end)
    assert within(day("2021-01-01"), first, last) is inside
