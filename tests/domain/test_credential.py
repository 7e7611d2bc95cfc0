"""The second before the end, the second of it, and the second after."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.credential import is_live, overlap_end, session_end

SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)
START = datetime(2024, 2, 29, 9, tzinfo=UTC)
IDLE, ABSOLUTE = timedelta(minutes=30), timedelta(hours=12)

INSTANTS = st.timedeltas(timedelta(0), timedelta(days=40_000)).map(START.__add__)
LENGTHS = st.timedeltas(timedelta(seconds=1), timedelta(days=400))


@pytest.mark.parametrize(
    ("used_after", "over_after"),
    [
        (timedelta(0), IDLE),
        (timedelta(hours=1), timedelta(hours=1, minutes=30)),
        (timedelta(hours=11, minutes=29, seconds=59), timedelta(hours=11, minutes=59, seconds=59)),
        (timedelta(hours=11, minutes=30), ABSOLUTE),
        (timedelta(hours=11, minutes=30, seconds=1), ABSOLUTE),
        (timedelta(hours=11, minutes=59, seconds=59), ABSOLUTE),
    ],
)
def test_a_session_is_over_when_idle_or_at_its_absolute_end(used_after, over_after):
    assert session_end(START, START + used_after, IDLE, ABSOLUTE) == START + over_after


@given(INSTANTS, LENGTHS, LENGTHS, st.data())
def test_a_session_lives_until_the_second_of_its_end(started, idle, absolute, data):
    used = started + data.draw(st.timedeltas(timedelta(0), absolute))
    end = session_end(started, used, idle, absolute)
    assert is_live(end - SECOND, end)
    assert is_live(end - MICROSECOND, end)
    assert not is_live(end, end)
    assert not is_live(end + SECOND, end)
    assert end <= started + absolute
    assert end <= used + idle


@given(INSTANTS, LENGTHS, st.lists(st.none() | LENGTHS, max_size=4))
def test_a_key_lives_until_the_earliest_of_its_ends(made, life, others):
    ends = [made + life, *(None if one is None else made + one for one in others)]
    first = min(end for end in ends if end is not None)
    assert is_live(first - SECOND, *ends)
    assert not is_live(first, *ends)
    assert not is_live(first + SECOND, *ends)


def test_what_has_no_end_lives():
    assert is_live(START)
    assert is_live(START, None)


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=30)), LENGTHS)
def test_an_overlap_never_lengthens_a_keys_life(now, overlap, left):
    expires = now + left
    end = overlap_end(now, overlap, [expires, None])
    assert end == min(now + overlap, expires)
    assert is_live(end - SECOND, end, expires)
    assert not is_live(end, end, expires)
