"""Payments recorded against approved claims."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, Connection, Integer, and_, any_, bindparam, func, select

from app.domain.errors import NotFound
from app.domain.money import Money
from app.storage.prepared import Prepared
from app.storage.tables import approved_lines, payments

_OF_CLAIMS = Prepared(
    select(payments)
    .where(
        payments.c.contract_id == bindparam("contract"),
        payments.c.claim_number == any_(bindparam("claims", type_=ARRAY(Integer))),
    )
    .order_by(payments.c.sequence)
)


@dataclass(frozen=True, slots=True)
class StoredPayment:
    """A payment that was made, and the ledger entry it was posted as."""

    payment_id: str
    claim_number: int
    payer: str
    payee: str
    amount: Money
    paid_on: date
    reference: str | None
    entry_number: int
    sequence: int
    recorded_at: datetime


def of_claims(
    connection: Connection, contract_id: str, claim_numbers: Sequence[int]
) -> list[StoredPayment]:
    """Payments of several claims, in order of recording."""
    rows = _OF_CLAIMS.all(connection, contract=contract_id, claims=list(claim_numbers))
    return [_payment(row) for row in rows]


def one(connection: Connection, contract_id: str, payment_id: str) -> StoredPayment:
    """One payment; NotFound `payment-unknown` otherwise."""
    row = connection.execute(
        select(payments).where(
            payments.c.contract_id == contract_id, payments.c.payment_id == payment_id
        )
    ).first()
    if row is None:
        raise NotFound("payment-unknown", "The contract has no payment with that id.")
    return _payment(row)


def page(
    connection: Connection, contract_id: str, after: int = 0, limit: int | None = None
) -> list[StoredPayment]:
    """Payments in order of recording, after a journal sequence."""
    rows = connection.execute(
        select(payments)
        .where(payments.c.contract_id == contract_id, payments.c.sequence > after)
        .order_by(payments.c.sequence)
        .limit(limit)
    )
    return [_payment(row) for row in rows]


def paid_on_for(connection: Connection, contract_id: str, entitlement_id: str) -> date | None:
    """The day on which the claim that holds an entitlement was first paid."""
    found: date | None = connection.execute(
        select(func.min(payments.c.paid_on))
        .join(
            approved_lines,
            and_(
                approved_lines.c.contract_id == payments.c.contract_id,
                approved_lines.c.claim_number == payments.c.claim_number,
            ),
        )
        .where(
            payments.c.contract_id == contract_id,
            approved_lines.c.kind == "outcome",
            approved_lines.c.source_id == entitlement_id,
        )
    ).scalar_one()
    return found


def _payment(row: Any) -> StoredPayment:
    return StoredPayment(
        row.payment_id,
        row.claim_number,
        row.payer,
        row.payee,
        Money(row.amount_minor, row.currency),
        row.paid_on,
        row.reference,
        row.entry_number,
        row.sequence,
        row.recorded_at,
    )
