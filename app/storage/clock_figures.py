"""What the payment clock needs beside the documents: what settles each, and who credits it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select, true

from app.domain.invoice import DocumentKind
from app.storage import invoices as invoice_store
from app.storage.invoices import StoredInvoice
from app.storage.settlement_tables import invoices, payment_allocations, payments


@dataclass(frozen=True, slots=True)
class Use:
    """What one payment or set-off settles of a document, net of what came back of it."""

    document: str
    payment_id: str
    paid_on: date
    minor: int


def uses(
    connection: Connection,
    contract_id: str,
    documents: Collection[str],
    until: date,
    known_at: datetime | None = None,
) -> list[Use]:
    """What settles some documents at the end of a day, by day and payment.

    Below zero on a credit note. What came back later, or was recorded at `known_at` or after, is
    not taken off: a payment of 5 May that bounced on the 10th settles its invoice on the 7th.
    """
    if not documents:
        return []
    settled = func.sum(payment_allocations.c.amount_minor)
    rows = connection.execute(
        select(
            payment_allocations.c.document,
            payments.c.payment_id,
            payments.c.paid_on,
            settled.label("minor"),
        )
        .join(
            payments,
            (payments.c.contract_id == payment_allocations.c.contract_id)
            & (payments.c.payment_id == payment_allocations.c.payment_id),
        )
        .where(
            payment_allocations.c.contract_id == contract_id,
            payment_allocations.c.document.in_(documents),
            payment_allocations.c.allocated_on <= until,
            _known(payment_allocations, known_at),
        )
        .group_by(payment_allocations.c.document, payments.c.payment_id, payments.c.paid_on)
        .having(settled != 0)
        .order_by(payments.c.paid_on, payments.c.payment_id)
    )
    return [Use(row.document, row.payment_id, row.paid_on, int(row.minor)) for row in rows]


def credit_notes(
    connection: Connection,
    contract_id: str,
    issuers: Collection[str],
    until: date,
    known_at: datetime | None = None,
) -> list[StoredInvoice]:
    """The credit notes that some issuers issued by a day, by issuer and number."""
    condition = (
        (invoices.c.kind == DocumentKind.CREDIT_NOTE.value)
        & invoices.c.issuer.in_(issuers)
        & (invoices.c.issued_on <= until)
        & _known(invoices, known_at)
    )
    return invoice_store.chosen(connection, contract_id, condition)


def invoices_to(
    connection: Connection,
    contract_id: str,
    customer: str | None,
    until: date,
    known_at: datetime | None = None,
) -> list[StoredInvoice]:
    """The invoices issued by a day, to one customer if asked, by issuer and number."""
    condition = (
        (invoices.c.kind == DocumentKind.INVOICE.value)
        & (invoices.c.issued_on <= until)
        & _known(invoices, known_at)
    )
    if customer is not None:
        condition = condition & (invoices.c.customer == customer)
    return invoice_store.chosen(connection, contract_id, condition)


def _known(table: Any, known_at: datetime | None) -> Any:
    return true() if known_at is None else table.c.recorded_at < known_at
