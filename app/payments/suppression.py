"""Small counts withheld: what a party that may not see people is told about how many there are."""

from collections.abc import Sequence
from dataclasses import replace

from app.payments.claims import ClaimTotals

COUNT_SHOWN_MIN = 5
"""Counts below this are not shown: somebody who knows the area could tell who they are."""


def shown_counts(counts: Sequence[int]) -> tuple[int | None, ...]:
    """The counts of one group, those below 5 withheld (None).

    Where only one is withheld, the next smallest is too, so that a total known from elsewhere gives
    neither away by subtraction. Amounts are not withheld: they are what the contract pays.
    12, 7, 3 is shown as 12, -, -; and 12, 4, 3 as 12, -, -. A single 3 stands alone: nothing is
    left to withhold. The database's views say the same (0001_visibility.sql).
    """
    places = sorted(range(len(counts)), key=lambda place: (counts[place], place))
    small = [place for place in places if counts[place] < COUNT_SHOWN_MIN]
    withheld = set(places[:2] if len(small) == 1 else small)
    return tuple(None if place in withheld else count for place, count in enumerate(counts))


def without_small_counts(totals: ClaimTotals) -> ClaimTotals:
    """A claim's totals with the counts that may be shown."""
    counts = shown_counts([one.count or 0 for one in totals.by_metric])
    by_metric = (
        replace(one, count=count) for one, count in zip(totals.by_metric, counts, strict=True)
    )
    return replace(totals, by_metric=tuple(by_metric))
