"""Payments and their allocations as rows."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from app.domain.payment import Payment, PaymentAllocation


def payment_row(payment: Payment, entry_number: int | None) -> dict[str, Any]:
    """A payment without what it settles; a set-off has no entry."""
    return {
        "payment_id": payment.payment_id,
        "kind": payment.kind.value,
        "payer": payment.payer,
        "payee": payment.payee,
        "amount_minor": payment.amount.minor,
        "currency": payment.amount.currency,
        "paid_on": payment.paid_on,
        "reference": payment.reference,
        "returns": payment.returns,
        "pays_back": payment.pays_back,
        "entry_number": entry_number,
    }


def allocation_rows(
    payment_id: str, allocations: Iterable[PaymentAllocation], day: date
) -> list[dict[str, Any]]:
    """What a payment is set against."""
    return [
        {
            "payment_id": payment_id,
            "document": item.document,
            "amount_minor": item.amount.minor,
            "currency": item.amount.currency,
            "allocated_on": day,
        }
        for item in allocations
    ]
