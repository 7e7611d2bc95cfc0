"""Payments, returns of payments, and what they settle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, select

from app.domain.errors import NotFound
from app.domain.money import Money
from app.domain.payment import Payment, PaymentAllocation, PaymentKind
from app.storage.settlement_tables import (
    invoice_document,
    invoices,
    payment_allocations,
    payments,
)
from app.storage.tables import approved_lines


@dataclass(frozen=True, slots=True)
class StoredPayment:
    """A payment, its ledger entry (none of a set-off), and what of it has been returned.

    `version` is the sequence of the last record that changed it: an allocation, or a return.
    """

    payment: Payment
    entry_number: int | None
    returned: Money
    sequence: int
    recorded_at: datetime
    version: int

    @property
    def on_account(self) -> Money:
        """What is neither allocated nor returned: an over-payment until it is."""
        payment = self.payment
        if payment.kind is PaymentKind.RETURN:
            return Money(0, payment.amount.currency)
        return payment.amount - self.returned - payment.used


def one(connection: Connection, contract_id: str, payment_id: str) -> StoredPayment:
    """One payment; NotFound `payment-unknown` otherwise."""
    query = _query(contract_id).where(payments.c.payment_id == payment_id)
    found = _load(connection, contract_id, query)
    if not found:
        raise NotFound("payment-unknown", "The contract has no payment with that id.")
    return found[0]


def page(
    connection: Connection, contract_id: str, after: int = 0, limit: int | None = None
) -> list[StoredPayment]:
    """Payments in order of recording, after a journal sequence."""
    query = _query(contract_id).where(payments.c.sequence > after).limit(limit)
    return _load(connection, contract_id, query)


def on_account(connection: Connection, contract_id: str) -> list[StoredPayment]:
    """Payments with money that nothing has taken up, oldest first."""
    return [stored for stored in page(connection, contract_id) if stored.on_account]


def settled_before(connection: Connection, contract_id: str, payment_id: str) -> dict[str, Money]:
    """What other payments had settled of each document of a payment when it last touched it."""
    other = payment_allocations.alias("other")
    mine = (
        select(
            payment_allocations.c.document,
            func.max(payment_allocations.c.sequence).label("last_sequence"),
        )
        .where(
            payment_allocations.c.contract_id == contract_id,
            payment_allocations.c.payment_id == payment_id,
        )
        .group_by(payment_allocations.c.document)
        .subquery()
    )
    rows = connection.execute(
        select(other.c.document, other.c.currency, func.sum(other.c.amount_minor).label("minor"))
        .join(mine, mine.c.document == other.c.document)
        .where(
            other.c.contract_id == contract_id,
            other.c.payment_id != payment_id,
            other.c.sequence < mine.c.last_sequence,
        )
        .group_by(other.c.document, other.c.currency)
    )
    return {row.document: Money(int(row.minor), row.currency) for row in rows}


def opened_by(
    connection: Connection, contract_id: str, payment_id: str, return_id: str
) -> list[PaymentAllocation]:
    """What a return took back of its payment's allocations, by document."""
    returned = payments.alias("returned")
    rows = connection.execute(
        select(payment_allocations)
        .join(
            returned,
            and_(
                returned.c.contract_id == payment_allocations.c.contract_id,
                returned.c.sequence == payment_allocations.c.sequence,
            ),
        )
        .where(
            payment_allocations.c.contract_id == contract_id,
            payment_allocations.c.payment_id == payment_id,
            returned.c.payment_id == return_id,
        )
        .order_by(payment_allocations.c.document)
    )
    return [PaymentAllocation(row.document, Money(row.amount_minor, row.currency)) for row in rows]


def paid_on_for(connection: Connection, contract_id: str, entitlement_id: str) -> date | None:
    """The day of the first payment that settles anything of an invoice with the entitlement.

    A payment that came back settles nothing.
    """
    settling = (
        select(payment_allocations.c.payment_id)
        .join(
            invoices,
            and_(
                invoices.c.contract_id == payment_allocations.c.contract_id,
                invoice_document() == payment_allocations.c.document,
            ),
        )
        .join(
            approved_lines,
            and_(
                approved_lines.c.contract_id == invoices.c.contract_id,
                approved_lines.c.claim_number == invoices.c.claim_number,
            ),
        )
        .where(
            payment_allocations.c.contract_id == contract_id,
            invoices.c.kind == "invoice",
            approved_lines.c.kind == "outcome",
            approved_lines.c.source_id == entitlement_id,
        )
        .group_by(payment_allocations.c.payment_id)
        .having(func.sum(payment_allocations.c.amount_minor) > 0)
    )
    found: date | None = connection.execute(
        select(func.min(payments.c.paid_on)).where(
            payments.c.contract_id == contract_id, payments.c.payment_id.in_(settling)
        )
    ).scalar_one()
    return found


def _query(contract_id: str) -> Select[Any]:
    given_back = payments.alias("given_back")
    returned = (
        select(
            given_back.c.returns,
            func.sum(given_back.c.amount_minor).label("returned_minor"),
            func.max(given_back.c.sequence).label("returned_sequence"),
        )
        .where(given_back.c.contract_id == contract_id, given_back.c.returns.is_not(None))
        .group_by(given_back.c.returns)
        .subquery()
    )
    return (
        select(
            payments,
            func.coalesce(returned.c.returned_minor, 0).label("returned_minor"),
            func.coalesce(returned.c.returned_sequence, 0).label("returned_sequence"),
        )
        .outerjoin(returned, returned.c.returns == payments.c.payment_id)
        .where(payments.c.contract_id == contract_id)
        .order_by(payments.c.sequence)
    )


def _load(connection: Connection, contract_id: str, query: Select[Any]) -> list[StoredPayment]:
    rows = connection.execute(query).all()
    if not rows:
        return []
    used = _allocations(connection, contract_id, [row.payment_id for row in rows])
    return [_stored(row, used[row.payment_id]) for row in rows]


@dataclass(slots=True)
class _Used:
    """The allocations of one payment, in order of recording, and the last record of them."""

    allocations: list[PaymentAllocation] = field(default_factory=list)
    last_sequence: int = 0


def _allocations(
    connection: Connection, contract_id: str, payment_ids: Sequence[str]
) -> Mapping[str, _Used]:
    found = {one: _Used() for one in payment_ids}
    rows = connection.execute(
        select(payment_allocations)
        .where(
            payment_allocations.c.contract_id == contract_id,
            payment_allocations.c.payment_id.in_(payment_ids),
        )
        .order_by(payment_allocations.c.sequence, payment_allocations.c.document)
    )
    for row in rows:
        used = found[row.payment_id]
        used.allocations.append(
            PaymentAllocation(row.document, Money(row.amount_minor, row.currency))
        )
        used.last_sequence = row.sequence
    return found


def _stored(row: Row[Any], used: _Used) -> StoredPayment:
    payment = Payment(
        row.payment_id,
        PaymentKind(row.kind),
        row.payer,
        row.payee,
        Money(row.amount_minor, row.currency),
        row.paid_on,
        row.reference,
        row.returns,
        tuple(used.allocations),
        row.pays_back,
    )
    return StoredPayment(
        payment,
        row.entry_number,
        Money(int(row.returned_minor), row.currency),
        row.sequence,
        row.recorded_at,
        max(row.sequence, row.returned_sequence, used.last_sequence),
    )
