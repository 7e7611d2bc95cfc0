"""Counts below 5 are not shown, nor one that would give a single small count away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.claim import PayerShare
from app.domain.money import Money
from app.payments.claims import ClaimTotals, MetricTotal
from app.payments.suppression import COUNT_SHOWN_MIN, shown_counts, without_small_counts


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


def test_a_claims_amounts_stay_and_its_small_counts_go():
    def metric(name: str, count: int, pounds: int) -> MetricTotal:
        amount = Money(pounds * 100, "GBP")
        return MetricTotal(name, count, amount, Money(0, "GBP"), amount)

    whole = Money(15_000_000, "GBP")
    totals = ClaimTotals(
        whole,
        Money(0, "GBP"),
        whole,
        (PayerShare("council", whole),),
        (metric("MOVE", 12, 78_000), metric("S06", 4, 40_000), metric("S12", 4, 32_000)),
    )
    shown = without_small_counts(totals)
    assert [one.count for one in shown.by_metric] == [12, None, None]
    assert [one.payable for one in shown.by_metric] == [one.payable for one in totals.by_metric]
    assert (shown.payable, shown.by_payer) == (totals.payable, totals.by_payer)
