"""Payments, returns of payments, and what they settle."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, select

from app.domain.errors import NotFound
from app.domain.money import Money, total
from app.domain.payment import Payment, PaymentAllocation, PaymentKind
from app.storage.settlement_tables import invoices, payment_allocations, payments
from app.storage.tables import approved_lines


@dataclass(frozen=True, slots=True)
class StoredPayment:
    """A payment, its ledger entry, and what of it has been returned."""

    payment: Payment
    entry_number: int
    returned: Money
    sequence: int
    recorded_at: datetime

    @property
    def on_account(self) -> Money:
        """What is neither allocated nor returned: an over-payment until it is."""
        payment = self.payment
        currency = payment.amount.currency
        if payment.kind is PaymentKind.RETURN:
            return Money(0, currency)
        used = total((item.amount for item in payment.allocations), currency)
        return payment.amount - self.returned - used


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


def paid_on_for(connection: Connection, contract_id: str, entitlement_id: str) -> date | None:
    """The first day on which money was allocated to a document of the entitlement's claim."""
    document = func.concat("invoice:", invoices.c.issuer, "/", invoices.c.number)
    found: date | None = connection.execute(
        select(func.min(payments.c.paid_on))
        .join(
            payment_allocations,
            and_(
                payment_allocations.c.contract_id == payments.c.contract_id,
                payment_allocations.c.payment_id == payments.c.payment_id,
            ),
        )
        .join(
            invoices,
            and_(
                invoices.c.contract_id == payments.c.contract_id,
                document == payment_allocations.c.document,
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
            payments.c.contract_id == contract_id,
            approved_lines.c.kind == "outcome",
            approved_lines.c.source_id == entitlement_id,
        )
    ).scalar_one()
    return found


def _query(contract_id: str) -> Select[Any]:
    given_back = payments.alias("given_back")
    returned = (
        select(given_back.c.returns, func.sum(given_back.c.amount_minor).label("returned_minor"))
        .where(given_back.c.contract_id == contract_id, given_back.c.returns.is_not(None))
        .group_by(given_back.c.returns)
        .subquery()
    )
    return (
        select(payments, func.coalesce(returned.c.returned_minor, 0).label("returned_minor"))
        .outerjoin(returned, returned.c.returns == payments.c.payment_id)
        .where(payments.c.contract_id == contract_id)
        .order_by(payments.c.sequence)
    )


def _load(connection: Connection, contract_id: str, query: Select[Any]) -> list[StoredPayment]:
    rows = connection.execute(query).all()
    used = _allocations(connection, contract_id, [row.payment_id for row in rows])
    return [_stored(row, used[row.payment_id]) for row in rows]


def _allocations(
    connection: Connection, contract_id: str, payment_ids: Sequence[str]
) -> dict[str, list[PaymentAllocation]]:
    found: dict[str, list[PaymentAllocation]] = {one: [] for one in payment_ids}
    rows = connection.execute(
        select(payment_allocations)
        .where(
            payment_allocations.c.contract_id == contract_id,
            payment_allocations.c.payment_id.in_(payment_ids),
        )
        .order_by(payment_allocations.c.sequence, payment_allocations.c.document)
    )
    for row in rows:
        amount = Money(row.amount_minor, row.currency)
        found[row.payment_id].append(PaymentAllocation(row.document, amount))
    return found


def _stored(row: Row[Any], allocations: list[PaymentAllocation]) -> StoredPayment:
    payment = Payment(
        row.payment_id,
        PaymentKind(row.kind),
        row.payer,
        row.payee,
        Money(row.amount_minor, row.currency),
        row.paid_on,
        row.reference,
        row.returns,
        tuple(allocations),
    )
    return StoredPayment(
        payment,
        row.entry_number,
        Money(int(row.returned_minor), row.currency),
        row.sequence,
        row.recorded_at,
    )
