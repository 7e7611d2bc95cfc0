"""The payment clock: when an invoice is due, how late it is, and how promptly a payer pays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from app.domain.money import Money, total
from app.domain.period import Period


@dataclass(frozen=True, slots=True)
class Stop:
    """A dispute stops the clock from the day of its notice to the day before it is resolved.

    `resolved_on` None: the clock is still stopped.
    """

    notice_on: date
    resolved_on: date | None

    def __post_init__(self) -> None:
        if self.resolved_on is not None and self.resolved_on < self.notice_on:
            raise ValueError("a dispute cannot be resolved before its notice")


@dataclass(frozen=True, slots=True)
class PayableSum:
    """A sum to pay: when its valid invoice was received, when the clock stood, when it was paid.

    An invoice paid in parts is one of these for each part. `payment_days` are those of the terms
    it is asked under (/claims/payment_terms_days), which a variation may change.
    """

    received_on: date
    stops: tuple[Stop, ...]
    paid_on: date | None
    amount: Money
    payment_days: int

    @property
    def due_on(self) -> date | None:
        """The last day to pay it without being late; None while a dispute stops the clock."""
        return due_on(self.received_on, self.stops, self.payment_days)

    def days_late(self, on: date) -> int:
        """The counted days beyond the terms at the end of a day, or when it was paid before."""
        until = on if self.paid_on is None else min(on, self.paid_on)
        return days_late(self.received_on, self.stops, until, self.payment_days)


class AgeBucket(StrEnum):
    """How many counted days a sum is past its terms."""

    NOT_DUE = "not_due"
    DAYS_1_30 = "1-30"
    DAYS_31_60 = "31-60"
    DAYS_61_AND_MORE = "61+"


@dataclass(frozen=True, slots=True)
class AgeLine:
    """One line of an ageing list."""

    bucket: AgeBucket
    count: int
    amount: Money


@dataclass(frozen=True, slots=True)
class PromptPayment:
    """The figures of a payments compliance notice for one reporting period.

    Shares are exact fractions, to be rounded where they are shown (`percent`); None where nothing
    was paid or fell due. `average_days` and the three shares are of the sums paid in the period.
    `share_not_paid_in_terms` and `share_unpaid_at_end` are of the sums that fell due in it.
    `paid_late` adds up what was paid in the period after its terms had run out.
    """

    period: Period
    paid_count: int
    paid: Money
    average_days: Fraction | None
    share_to_30: Fraction | None
    share_31_to_60: Fraction | None
    share_over_60: Fraction | None
    due_count: int
    share_not_paid_in_terms: Fraction | None
    share_unpaid_at_end: Fraction | None
    paid_late: Money


def due_on(received_on: date, stops: Iterable[Stop], payment_days: int) -> date | None:
    """The day on which the terms run out: the last one to pay without being late.

    `payment_days` (terms /claims/payment_terms_days, usually 30) are counted from the day after the
    valid invoice was received. Days from a dispute's notice to the day before its resolution do not
    count. None while a dispute stops the clock. A notice after that day moves nothing. Received on
    1 Aug 2023: due 31 Aug; with a dispute from 11 to 21 Aug: due 10 Sep.
    """
    due = received_on + timedelta(days=payment_days)
    for notice_on, resolved_on in _merged(stops):
        first = max(notice_on, received_on + timedelta(days=1))
        if first > due:
            break
        if resolved_on is None:
            return None
        due += timedelta(days=max(0, (resolved_on - first).days))
    return due


def days_counted(received_on: date, stops: Iterable[Stop], on: date) -> int:
    """The days that count from the receipt of an invoice to a day: day 1 is the one after.

    Source: Procurement Regulations 2024, reg. 38(2)(c), for day 1. Received on 1 Aug 2023, paid on
    31 Aug: 30 days; 20 with a dispute from 11 to 21 Aug. Nothing is counted before the receipt.
    """
    start = received_on + timedelta(days=1)
    counted = max(0, (on - received_on).days)
    for notice_on, resolved_on in _merged(stops):
        last = on + timedelta(days=1)
        until = last if resolved_on is None else min(resolved_on, last)
        counted -= max(0, (until - max(notice_on, start)).days)
    return counted


def days_late(received_on: date, stops: Iterable[Stop], on: date, payment_days: int) -> int:
    """The counted days beyond the terms: 31 days against terms of 30 are 1 day late."""
    return max(0, days_counted(received_on, stops, on) - payment_days)


def age_bucket(late: int) -> AgeBucket:
    """Where a number of days late belongs: 0 is not due, 30 is in 1-30, 31 in 31-60."""
    if late <= 0:
        return AgeBucket.NOT_DUE
    if late <= 30:
        return AgeBucket.DAYS_1_30
    return AgeBucket.DAYS_31_60 if late <= 60 else AgeBucket.DAYS_61_AND_MORE


def ageing(sums: Iterable[PayableSum], on: date, currency: str) -> tuple[AgeLine, ...]:
    """What is unpaid at the end of a day, by how late it is; every bucket has a line.

    A sum received later, or paid by that day, is not in the list. 6,500.00 received on 1 Aug 2023
    is in 1-30 on 1 Sep.
    """
    found: dict[AgeBucket, list[Money]] = {bucket: [] for bucket in AgeBucket}
    for one in sums:
        if one.received_on <= on and (one.paid_on is None or one.paid_on > on):
            found[age_bucket(one.days_late(on))].append(one.amount)
    return tuple(
        AgeLine(bucket, len(amounts), total(amounts, currency)) for bucket, amounts in found.items()
    )


def prompt_payment(sums: Iterable[PayableSum], period: Period, currency: str) -> PromptPayment:
    """The figures of the six-monthly payments compliance notice, from every sum of the payer.

    Of sums paid in the period: the average (arithmetic mean) of the counted days, and the shares
    paid within 30 days, on days 31 to 60, and later. Of sums that fell due in the period: the
    share not paid within terms, and the share not paid by the period's end. Source: Procurement
    Act 2023, s.69; Procurement Regulations 2024, reg. 38(2). Three sums paid after 10, 30 and 31
    days: average 71/3, two thirds to 30 days, one third on days 31 to 60. Days on which a dispute
    stops the clock are left out of all of them.
    """
    days: list[int] = []
    paid: list[Money] = []
    paid_late: list[Money] = []
    fell_due = late = unpaid = 0
    for one in sums:
        due = one.due_on
        if one.paid_on is not None and period.contains(one.paid_on):
            days.append(days_counted(one.received_on, one.stops, one.paid_on))
            paid.append(one.amount)
            if due is not None and one.paid_on > due:
                paid_late.append(one.amount)
        if due is not None and period.contains(due):
            fell_due += 1
            late += one.paid_on is None or one.paid_on > due
            unpaid += one.paid_on is None or one.paid_on > period.end
    return PromptPayment(
        period=period,
        paid_count=len(paid),
        paid=total(paid, currency),
        average_days=_share(sum(days), len(days)),
        share_to_30=_share(sum(counted <= 30 for counted in days), len(days)),
        share_31_to_60=_share(sum(30 < counted <= 60 for counted in days), len(days)),
        share_over_60=_share(sum(counted > 60 for counted in days), len(days)),
        due_count=fell_due,
        share_not_paid_in_terms=_share(late, fell_due),
        share_unpaid_at_end=_share(unpaid, fell_due),
        paid_late=total(paid_late, currency),
    )


def percent(share: Fraction) -> str:
    """A share as a percentage with two decimals, half up: 2/3 is 66.67."""
    hundredths = (share * 20_000 + 1) // 2
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def _merged(stops: Iterable[Stop]) -> Sequence[tuple[date, date | None]]:
    """Spans in order, those that overlap or touch made one; each ends on the day the clock runs."""
    spans: list[tuple[date, date | None]] = []
    for stop in sorted(stops, key=lambda stop: stop.notice_on):
        if spans:
            first, end = spans[-1]
            if end is None:
                break
            if stop.notice_on <= end:
                later = stop.resolved_on
                spans[-1] = (first, None if later is None else max(end, later))
                continue
        spans.append((stop.notice_on, stop.resolved_on))
    return spans
