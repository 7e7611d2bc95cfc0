"""The quarter's file of a council's payments over GBP 500 (Transparency Code 2015)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.domain.calendar import add_months, local_date
from app.domain.errors import RuleRefused
from app.domain.invoice import Invoice
from app.domain.payment import Payment, PaymentAllocation
from app.domain.period import Period
from app.domain.terms.timeline import Timeline
from app.interchange.columns import Cell, Column, ColumnKind
from app.payments.transparency import SpendRow, spend_rows
from app.service.context import Context
from app.service.documents import whole_document
from app.storage import contracts, journal, payments
from app.storage.engine import Connection
from app.storage.invoices import StoredInvoice
from app.storage.open_items import undone_payments
from app.storage.payments import StoredPayment

SPEND_COLUMNS = (
    Column("Date the expenditure was incurred", ColumnKind.DATE),
    Column("Local authority department which incurred the expenditure"),
    Column("Beneficiary"),
    Column("Summary of the purpose of the expenditure"),
    Column("Amount", ColumnKind.MONEY),
    Column("Value Added Tax (VAT) that cannot be recovered", ColumnKind.MONEY),
    Column("Merchant category"),
)
"""What the Code asks for of each item, in its order and words; nothing more leaves."""


@dataclass(frozen=True, slots=True)
class SpendFile:
    """A quarter's items, and the day by which the Code wants them published."""

    council: str
    period: Period
    publish_by: date
    rows: tuple[SpendRow, ...]

    def cells(self) -> Iterator[tuple[Cell, ...]]:
        """The items under `SPEND_COLUMNS`."""
        for row in self.rows:
            yield (
                row.paid_on,
                row.department,
                row.beneficiary,
                row.purpose,
                row.amount,
                row.irrecoverable_vat,
                row.merchant_category,
            )


def quarterly_spend(
    context: Context,
    contract_id: str,
    period: Period,
    *,
    department: str,
    merchant_category: str,
    vat_recoverable: bool = True,
) -> SpendFile:
    """What the commissioner paid in a quarter and must publish.

    The Code wants it within a month of the quarter's end: of July to September 2021 by 31 October
    2021. RuleRefused `period-not-over` before the quarter has ended, because a payment could still
    be missing; `terms-not-in-force` while the contract has no terms.
    """
    with context.reading(contract_id) as uow:
        connection = uow.connection
        journal.head(connection, contract_id)
        timeline = contracts.timeline(connection, contract_id)
        if not timeline.versions:
            raise RuleRefused("terms-not-in-force", "No version of the terms is in force yet.")
        terms = timeline.in_effect(period.end).terms
        if local_date(context.clock(), terms.timezone) <= period.end:
            raise RuleRefused(
                "period-not-over", "The file is of a whole quarter; ask when the quarter is over."
            )
        made = _as_made(connection, contract_id, period)
        documents = _invoices(connection, contract_id, made)
    rows = spend_rows(
        made,
        period,
        council=terms.commissioner,
        names=_names(timeline),
        documents=documents,
        department=department,
        merchant_category=merchant_category,
        vat_recoverable=vat_recoverable,
    )
    return SpendFile(terms.commissioner, period, _month_later(period.end), rows)


def _month_later(end: date) -> date:
    """The last day of the month after a quarter's: 31 October for 30 September."""
    return add_months(end + timedelta(days=1), 1) - timedelta(days=1)


def _as_made(connection: Connection, contract_id: str, period: Period) -> list[Payment]:
    """The payments and returns of a period, and what those returns give back.

    A return's share of its payment's allocations is told of the return, and not of the payment:
    money paid in June and returned in July was spent in June. What an undone match had recorded
    was never paid, so neither that nor what undid it is told.
    """
    undone = undone_payments(connection, contract_id)
    stored = [
        one
        for one in payments.page(connection, contract_id)
        if one.payment.payment_id not in undone
    ]
    by_id = {one.payment.payment_id: one for one in stored}
    wanted = {name for name, one in by_id.items() if period.contains(one.payment.paid_on)}
    wanted |= {origin for name in wanted if (origin := by_id[name].payment.returns) is not None}
    opened = {
        one.payment.payment_id: payments.opened_by(
            connection, contract_id, one.payment.returns, one.payment.payment_id
        )
        for one in stored
        if one.payment.returns in wanted or one.payment.payment_id in wanted
        if one.payment.returns is not None
    }
    return [_with_own(by_id[name], by_id, opened) for name in by_id if name in wanted]


def _with_own(
    stored: StoredPayment,
    by_id: dict[str, StoredPayment],
    opened: dict[str, list[PaymentAllocation]],
) -> Payment:
    payment = stored.payment
    if payment.returns is not None:
        return replace(payment, allocations=tuple(opened[payment.payment_id]))
    left = list(payment.allocations)
    for name, taken in opened.items():
        if by_id[name].payment.returns == payment.payment_id:
            for one in taken:
                left.remove(one)
    return replace(payment, allocations=tuple(left))


def _invoices(
    connection: Connection, contract_id: str, made: Sequence[Payment]
) -> dict[str, Invoice]:
    names = sorted({one.document for payment in made for one in payment.allocations})
    found = {name: whole_document(connection, contract_id, name) for name in names}
    return {name: one.invoice for name, one in found.items() if isinstance(one, StoredInvoice)}


def _names(timeline: Timeline) -> dict[str, str]:
    """Every party's name, as the latest version that has the party gives it."""
    return {
        party.id: party.name for version in timeline.versions for party in version.terms.parties
    }
