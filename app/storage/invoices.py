"""Invoices and credit notes, with what payments have settled of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, select

from app.domain.errors import NotFound
from app.domain.invoice import DocumentKind, Invoice, InvoiceLine
from app.domain.money import Money
from app.domain.period import Period
from app.storage.settlement_tables import (
    invoice_document,
    invoice_lines,
    invoices,
    payment_allocations,
)
from app.storage.tables import approved_lines, claims


@dataclass(frozen=True, slots=True)
class StoredInvoice:
    """A document with what is allocated to it (below zero on a used credit note)."""

    invoice: Invoice
    allocated: Money
    sequence: int
    recorded_at: datetime

    @property
    def open_amount(self) -> Money:
        """What is still to be paid, or for a credit note still to be used (below zero)."""
        asked = self.invoice.total
        if self.invoice.kind is DocumentKind.CREDIT_NOTE:
            asked = -asked
        return asked - self.allocated


def next_number(connection: Connection, contract_id: str, issuer: str) -> int:
    """The number that the issuer's next document gets; numbers have no gaps."""
    last = connection.execute(
        select(func.max(invoices.c.number)).where(
            invoices.c.contract_id == contract_id, invoices.c.issuer == issuer
        )
    ).scalar_one()
    return 1 if last is None else int(last) + 1


def last_round(connection: Connection, contract_id: str, claim_number: int) -> int:
    """How many times documents of a claim have been issued; 0 before the first."""
    last = connection.execute(
        select(func.max(invoices.c.round)).where(
            invoices.c.contract_id == contract_id, invoices.c.claim_number == claim_number
        )
    ).scalar_one()
    return int(last or 0)


def get(connection: Connection, contract_id: str, issuer: str, number: int) -> StoredInvoice:
    """One document; NotFound `invoice-unknown` otherwise."""
    query = _query(contract_id).where(invoices.c.issuer == issuer, invoices.c.number == number)
    found = _load(connection, contract_id, query)
    if not found:
        raise NotFound("invoice-unknown", f"{issuer} has issued no document {number}.")
    return found[0]


def of_claims(
    connection: Connection, contract_id: str, claim_numbers: Sequence[int]
) -> list[StoredInvoice]:
    """The documents of several claims."""
    query = _query(contract_id).where(invoices.c.claim_number.in_(claim_numbers))
    return _load(connection, contract_id, query)


def chosen(connection: Connection, contract_id: str, condition: Any) -> list[StoredInvoice]:
    """The documents that meet a condition on the table, by issuer and number."""
    return _load(connection, contract_id, _query(contract_id).where(condition))


def page(
    connection: Connection, contract_id: str, after: tuple[str, int] = ("", 0), limit: int = 50
) -> list[StoredInvoice]:
    """Documents by issuer and number, after (issuer, number)."""
    issuer, number = after
    query = _query(contract_id).where(
        (invoices.c.issuer > issuer) | and_(invoices.c.issuer == issuer, invoices.c.number > number)
    )
    return _load(connection, contract_id, query.limit(limit))


def originals_of(
    connection: Connection, contract_id: str, source_ids: Sequence[str]
) -> dict[str, list[Invoice]]:
    """By source of a clawback line: the documents of the claim whose line is taken back."""
    rows = connection.execute(
        select(approved_lines.c.source_id, approved_lines.c.claim_number).where(
            approved_lines.c.contract_id == contract_id,
            approved_lines.c.kind != "clawback",
            approved_lines.c.source_id.in_(source_ids),
        )
    ).all()
    claim_of = {row.source_id: row.claim_number for row in rows}
    found = of_claims(connection, contract_id, sorted(set(claim_of.values())))
    return {
        source: [one.invoice for one in found if one.invoice.claim_number == number]
        for source, number in claim_of.items()
    }


def _query(contract_id: str) -> Select[Any]:
    allocated = (
        select(func.coalesce(func.sum(payment_allocations.c.amount_minor), 0))
        .where(
            payment_allocations.c.contract_id == contract_id,
            payment_allocations.c.document == invoice_document(),
        )
        .scalar_subquery()
    )
    return (
        select(
            invoices,
            claims.c.period_start,
            claims.c.period_end,
            allocated.label("allocated_minor"),
        )
        .join(
            claims,
            and_(
                claims.c.contract_id == invoices.c.contract_id,
                claims.c.claim_number == invoices.c.claim_number,
            ),
        )
        .where(invoices.c.contract_id == contract_id)
        .order_by(invoices.c.issuer, invoices.c.number)
    )


def _load(connection: Connection, contract_id: str, query: Select[Any]) -> list[StoredInvoice]:
    rows = connection.execute(query).all()
    if not rows:
        return []
    lines: dict[tuple[str, int], list[Any]] = {(row.issuer, row.number): [] for row in rows}
    parts = connection.execute(
        select(invoice_lines)
        .where(
            invoice_lines.c.contract_id == contract_id,
            invoice_lines.c.issuer.in_({issuer for issuer, _ in lines}),
            invoice_lines.c.number.in_({number for _, number in lines}),
        )
        .order_by(invoice_lines.c.issuer, invoice_lines.c.number, invoice_lines.c.line_number)
    )
    for part in parts:
        if (part.issuer, part.number) in lines:
            lines[part.issuer, part.number].append(part)
    return [_stored(row, lines[row.issuer, row.number]) for row in rows]


def _stored(row: Row[Any], parts: list[Any]) -> StoredInvoice:
    currency = row.currency
    invoice = Invoice(
        issuer=row.issuer,
        number=row.number,
        kind=DocumentKind(row.kind),
        claim_number=row.claim_number,
        customer=row.customer,
        period=Period(row.period_start, row.period_end),
        issued_on=row.issued_on,
        due_on=row.due_on,
        purchase_order=row.purchase_order,
        lines=tuple(
            InvoiceLine(
                part.line_number,
                part.metric,
                part.description,
                part.counted,
                Money(part.net_minor, currency),
            )
            for part in parts
        ),
        net=Money(row.net_minor, currency),
        vat_treatment=row.vat_treatment,
        vat_rationale=row.vat_rationale,
        vat_rate=row.vat_rate,
        vat=Money(row.vat_minor, currency),
        total=Money(row.total_minor, currency),
        cites=tuple(row.cites),
    )
    return StoredInvoice(
        invoice, Money(int(row.allocated_minor), currency), row.sequence, row.recorded_at
    )
