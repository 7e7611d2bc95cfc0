"""What is open of one document, by its name: the look-up that every payment makes."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, exists, func, select, true

from app.domain.fund_claim import FundClaimState, fund_claim_id
from app.domain.money import Money
from app.storage.fund_claims import fund_lines
from app.storage.prepared import Prepared
from app.storage.settlement_tables import (
    fund_claim_states,
    fund_claims,
    invoice_document,
    invoices,
    payment_allocations,
)


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A document's debtor or fund, what it asks for (below zero: gives back), what is settled.

    `is_asked_for`: an invoice always; a claim to a fund once it has been submitted.
    """

    debtor: str
    asked: Money
    settled: Money
    is_asked_for: bool


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


def invoices_named(
    connection: Connection, contract_id: str, names: Collection[str]
) -> dict[str, OpenDocument]:
    """What is open of several invoices and credit notes, by name: invoice:spv/12."""
    if not names:
        return {}
    settled = _settled_of(contract_id, names)
    named = invoice_document()
    rows = connection.execute(
        select(
            named.label("document"),
            invoices.c.customer.label("debtor"),
            _ASKED.label("asked_minor"),
            invoices.c.currency,
            func.coalesce(settled.c.settled_minor, 0).label("settled_minor"),
            true().label("is_asked_for"),
        )
        .outerjoin(settled, settled.c.document == named)
        .where(invoices.c.contract_id == contract_id, named.in_(sorted(names)))
    )
    return {row.document: found for row in rows if (found := _found(row))}


def fund_claims_numbered(
    connection: Connection, contract_id: str, numbers: Collection[int]
) -> dict[str, OpenDocument]:
    """What is open of several claims to funds, by name: fund-claim:3."""
    if not numbers:
        return {}
    named = func.concat("fund-claim:", fund_claims.c.fund_claim_number)
    settled = _settled_of(contract_id, [fund_claim_id(number) for number in numbers])
    lines = fund_lines(contract_id).subquery()
    rows = connection.execute(
        select(
            named.label("document"),
            fund_claims.c.fund.label("debtor"),
            func.sum(lines.c.amount_minor).label("asked_minor"),
            lines.c.currency,
            func.coalesce(settled.c.settled_minor, 0).label("settled_minor"),
            _submitted(contract_id, fund_claims.c.fund_claim_number).label("is_asked_for"),
        )
        .join(lines, lines.c.fund_claim_number == fund_claims.c.fund_claim_number)
        .outerjoin(settled, settled.c.document == named)
        .where(
            fund_claims.c.contract_id == contract_id,
            fund_claims.c.fund_claim_number.in_(sorted(numbers)),
        )
        .group_by(
            fund_claims.c.fund_claim_number,
            fund_claims.c.fund,
            lines.c.currency,
            settled.c.settled_minor,
        )
    )
    return {row.document: found for row in rows if (found := _found(row))}


def _found(row: Any) -> OpenDocument | None:
    if row is None:
        return None
    return OpenDocument(
        row.debtor,
        Money(int(row.asked_minor), row.currency),
        Money(int(row.settled_minor), row.currency),
        row.is_asked_for,
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


def _settled_of(contract_id: str, names: Collection[str]) -> Any:
    """What is settled of each of several documents that anything was set against."""
    return (
        select(
            payment_allocations.c.document,
            func.sum(payment_allocations.c.amount_minor).label("settled_minor"),
        )
        .where(
            payment_allocations.c.contract_id == contract_id,
            payment_allocations.c.document.in_(sorted(names)),
        )
        .group_by(payment_allocations.c.document)
        .subquery()
    )


def _submitted(contract_id: Any, number: Any) -> Any:
    """Whether a claim to a fund was submitted, queried since or not."""
    return exists().where(
        fund_claim_states.c.contract_id == contract_id,
        fund_claim_states.c.fund_claim_number == number,
        fund_claim_states.c.state == FundClaimState.SUBMITTED.value,
    )


_ASKED = case(
    (invoices.c.kind == "credit_note", -invoices.c.total_minor), else_=invoices.c.total_minor
)


def _invoice_query() -> Select[Any]:
    return select(
        invoices.c.customer.label("debtor"),
        _ASKED.label("asked_minor"),
        invoices.c.currency,
        _settled(),
        true().label("is_asked_for"),
    ).where(
        invoices.c.contract_id == bindparam("contract"),
        invoices.c.issuer == bindparam("issuer"),
        invoices.c.number == bindparam("number"),
    )


def _fund_claim_query() -> Select[Any]:
    lines = fund_lines(bindparam("contract")).subquery()
    submitted = _submitted(bindparam("contract"), bindparam("number"))
    return (
        select(
            fund_claims.c.fund.label("debtor"),
            func.sum(lines.c.amount_minor).label("asked_minor"),
            lines.c.currency,
            _settled(),
            submitted.label("is_asked_for"),
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
