"""Counts below 5 are not shown, nor one that would give a single small count away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.payments.suppression import COUNT_SHOWN_MIN, shown_counts


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([], ()),
        ([5], (5,)),
        ([4], (None,)),
        ([0], (None,)),
        ([-1], (None,)),
        ([12, 7, 5], (12, 7, 5)),
        ([12, 7, 4], (12, None, None)),  # the next smallest too: 23 less 12 and 7 would be 4
        ([4, 12, 7], (None, 12, None)),
        ([12, 4, 3], (12, None, None)),
        ([7, 7, 4], (None, 7, None)),
        ([12, 0], (None, None)),
    ],
)
def test_small_counts_are_withheld(counts, shown):
    assert shown_counts(counts) == shown


@given(st.lists(st.integers(-3, 12), min_size=2, max_size=8))
def test_no_total_gives_a_small_count_away(counts):
    shown = shown_counts(counts)
    withheld = [count for count, told in zip(counts, shown, strict=True) if told is None]
    assert all(told is None or told >= COUNT_SHOWN_MIN for told in shown)
    assert len(withheld) != 1
    assert [told for told in shown if told is not None] == [
        count for count, told in zip(counts, shown, strict=True) if told is not None
    ]
