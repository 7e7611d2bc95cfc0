"""How long a name or an address has to wait after failures."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lockout import BY_ADDRESS, BY_NAME, Limit, blocked_until

NINE = datetime(2024, 1, 1, 9, tzinfo=UTC)
FIVE = Limit(5, timedelta(minutes=15))


def failures(count: int, every: timedelta = timedelta(minutes=1)) -> list[datetime]:
    return [NINE + every * at for at in range(count)]


@pytest.mark.parametrize(
    ("count", "now", "until"),
    [
        (0, NINE, None),
        (4, NINE + timedelta(minutes=4), None),
        (5, NINE + timedelta(minutes=5), NINE + timedelta(minutes=15)),
        (5, NINE + timedelta(minutes=14, seconds=59), NINE + timedelta(minutes=15)),
        (5, NINE + timedelta(minutes=15), None),
        (5, NINE + timedelta(minutes=15, seconds=1), None),
        (6, NINE + timedelta(minutes=6), NINE + timedelta(minutes=16)),
    ],
)
def test_the_pause_after_five_failures(count, now, until):
    assert FIVE.blocked_until(failures(count), now) == until


def test_twenty_failures_in_a_day_lock_until_the_day_is_over():
    slow = failures(20, timedelta(minutes=20))
    last = slow[-1]
    assert blocked_until(BY_NAME, slow[:19], last) is None
    assert blocked_until(BY_NAME, slow, last) == NINE + timedelta(hours=24)
    end = NINE + timedelta(hours=24)
    assert blocked_until(BY_NAME, slow, end - timedelta(seconds=1)) == end
    assert blocked_until(BY_NAME, slow, end) is None


def test_an_office_may_fail_more_often_than_a_name():
    many = failures(49, timedelta(seconds=1))
    assert blocked_until(BY_ADDRESS, many, NINE + timedelta(minutes=2)) is None
    assert blocked_until(BY_ADDRESS, failures(50, timedelta(seconds=1)), many[-1]) is not None


@given(
    st.lists(st.timedeltas(timedelta(0), timedelta(hours=1)), max_size=40),
    st.timedeltas(timedelta(0), timedelta(hours=2)),
)
def test_waiting_until_the_instant_named_is_enough_and_no_less_is(offsets, later):
    failed, now = [NINE + one for one in offsets], NINE + later
    until = FIVE.blocked_until(failed, now)
    if until is None:
        return
    assert until > now
    assert FIVE.blocked_until(failed, until) is None
    assert FIVE.blocked_until(failed, until - timedelta(microseconds=1)) is not None
