"""What is open of one document, by its name: the look-up that every payment makes."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, func, select

from app.domain.money import Money
from app.storage.fund_claims import fund_lines
from app.storage.prepared import Prepared
from app.storage.settlement_tables import (
    fund_claims,
    invoices,
    payment_allocations,
)


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A document's debtor or fund, what it asks for (below zero: gives back), what is settled."""

    debtor: str
    asked: Money
    settled: Money


def invoice(
    connection: Connection, contract_id: str, issuer: str, number: int
) -> OpenDocument | None:
    """What is open of an invoice or credit note."""
    row = _INVOICE.first(
        connection,
        contract=contract_id,
        issuer=issuer,
        number=number,
        document=f"invoice:{issuer}/{number}",
    )
    return _found(row)


def fund_claim(connection: Connection, contract_id: str, number: int) -> OpenDocument | None:
    """What is open of a claim to a fund."""
    row = _FUND_CLAIM.first(
        connection, contract=contract_id, number=number, document=f"fund-claim:{number}"
    )
    return _found(row)


def _found(row: Any) -> OpenDocument | None:
    if row is None:
        return None
    return OpenDocument(
        row.debtor,
        Money(int(row.asked_minor), row.currency),
        Money(int(row.settled_minor), row.currency),
    )


def _settled() -> Any:
    return (
        select(func.coalesce(func.sum(payment_allocations.c.amount_minor), 0))
        .where(
            payment_allocations.c.contract_id == bindparam("contract"),
            payment_allocations.c.document == bindparam("document"),
        )
        .scalar_subquery()
        .label("settled_minor")
    )


def _invoice_query() -> Select[Any]:
    asked = case(
        (invoices.c.kind == "credit_note", -invoices.c.total_minor), else_=invoices.c.total_minor
    )
    return select(
        invoices.c.customer.label("debtor"),
        asked.label("asked_minor"),
        invoices.c.currency,
        _settled(),
    ).where(
        invoices.c.contract_id == bindparam("contract"),
        invoices.c.issuer == bindparam("issuer"),
        invoices.c.number == bindparam("number"),
    )


def _fund_claim_query() -> Select[Any]:
    lines = fund_lines(bindparam("contract")).subquery()
    return (
        select(
            fund_claims.c.fund.label("debtor"),
            func.sum(lines.c.amount_minor).label("asked_minor"),
            lines.c.currency,
            _settled(),
        )
        .join(lines, lines.c.fund_claim_number == fund_claims.c.fund_claim_number)
        .where(
            fund_claims.c.contract_id == bindparam("contract"),
            fund_claims.c.fund_claim_number == bindparam("number"),
        )
        .group_by(fund_claims.c.fund, lines.c.currency)
    )


_INVOICE = Prepared(_invoice_query())
_FUND_CLAIM = Prepared(_fund_claim_query())
