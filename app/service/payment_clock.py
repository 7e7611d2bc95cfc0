"""Reads of the payment clock: what is unpaid by age, and how promptly a payer pays."""

from dataclasses import dataclass
from datetime import date, datetime

from app.domain.calendar import local_date
from app.domain.errors import NotFound, RuleRefused
from app.domain.money import Money, total
from app.domain.payment_clock import (
    AgeBucket,
    AgeLine,
    PayableSum,
    PromptPayment,
    age_bucket,
    ageing,
    prompt_payment,
)
from app.domain.period import Period
from app.domain.terms.timeline import Timeline
from app.payments.posting import customers
from app.service.context import Context
from app.service.invoice_clocks import InvoiceClock, clocks
from app.storage import clock_figures, contracts, journal
from app.storage.engine import Connection


@dataclass(frozen=True, slots=True)
class AgedSum:
    """One unpaid sum of an invoice: what it is, how late, and whether a dispute holds it."""

    clock: InvoiceClock
    sum: PayableSum
    bucket: AgeBucket
    days_late: int
    is_held: bool


@dataclass(frozen=True, slots=True)
class Ageing:
    """What is unpaid at the end of a day: by age, what of it is held, and every sum."""

    on: date
    known_at: datetime
    payer: str | None
    lines: tuple[AgeLine, ...]
    unpaid: Money
    held: Money
    sums: tuple[AgedSum, ...]


def read_ageing(
    context: Context,
    contract_id: str,
    on: date | None = None,
    payer: str | None = None,
    known_at: datetime | None = None,
) -> Ageing:
    """The unpaid sums of invoices at the end of a day (default: today), by how late they are.

    Two axes, as in statements: what has a later day (a return, a credit note, an outcome) changes
    no earlier day; and what is recorded later, though dated before, changes it only as it is known
    now, not as known before `known_at`. A payment of 5 May, returned on the 10th, is paid on the
    7th; if the return is dated the 6th and was recorded on the 10th, only as known on the 9th.

    Of one payer if asked. A disputed part is as late as it was at its notice: its clock stands. A
    credit note comes off the invoices that it cites. Raises NotFound `payer-unknown`.
    """
    with context.reading(contract_id) as uow:
        timeline = _timeline(uow.connection, contract_id)
        if not timeline.versions:
            nothing = Money(0, "GBP")
            now = context.clock()
            return Ageing(on or now.date(), known_at or now, payer, (), nothing, nothing, ())
        _require_payer(timeline, payer)
        day = on or _today(context, timeline)
        found = _clocks(uow.connection, contract_id, timeline, payer, day, known_at)
    currency = timeline.latest.terms.currency
    aged = [
        AgedSum(
            clock,
            one,
            age_bucket(one.days_late(day)),
            one.days_late(day),
            one.due_on is None,
        )
        for clock in found
        for one in clock.unpaid
    ]
    return Ageing(
        day,
        known_at or context.clock(),
        payer,
        ageing((one.sum for one in aged), day, currency),
        total((one.sum.amount for one in aged), currency),
        total((one.sum.amount for one in aged if one.is_held), currency),
        tuple(aged),
    )


def read_compliance(
    context: Context, contract_id: str, payer: str, period: Period
) -> PromptPayment:
    """The figures of a payer's payments compliance notice for a period, for this contract.

    Of every invoice to the payer: what was paid in the period and after how many counted days, and
    what fell due in it and was not paid in time. Source: Procurement Act 2023, s.69; Procurement
    Regulations 2024, reg. 38. 1 Oct 2023 to 31 Mar 2024 can be read from 1 Apr 2024.

    Raises NotFound `payer-unknown`, RuleRefused `period-not-over` and `terms-not-in-force`.
    """
    with context.reading(contract_id) as uow:
        timeline = _timeline(uow.connection, contract_id)
        if not timeline.versions:
            raise RuleRefused(
                "terms-not-in-force", "No version of the terms is in force, so nothing was due."
            )
        _require_payer(timeline, payer)
        today = _today(context, timeline)
        if period.end >= today:
            raise RuleRefused(
                "period-not-over",
                f"The period ends on {period.end}; its figures can be told from the day after.",
                pointer="/to",
            )
        found = _clocks(uow.connection, contract_id, timeline, payer, today)
    sums = [one for clock in found for one in clock.sums]
    return prompt_payment(sums, period, timeline.latest.terms.currency)


def _timeline(connection: Connection, contract_id: str) -> Timeline:
    journal.head(connection, contract_id)
    return contracts.timeline(connection, contract_id)


def _today(context: Context, timeline: Timeline) -> date:
    now = context.clock()
    return local_date(now, timeline.in_effect(now.date()).terms.timezone)


def _clocks(
    connection: Connection,
    contract_id: str,
    timeline: Timeline,
    payer: str | None,
    day: date,
    known_at: datetime | None = None,
) -> list[InvoiceClock]:
    stored = clock_figures.invoices_to(connection, contract_id, payer, day, known_at)
    return list(clocks(connection, contract_id, timeline, stored, day, known_at).values())


def _require_payer(timeline: Timeline, payer: str | None) -> None:
    known = sorted({one for version in timeline.versions for one in customers(version.terms)})
    if payer is not None and payer not in known:
        raise NotFound(
            "payer-unknown", f"No invoice is made out to that party; name {' or '.join(known)}."
        )
