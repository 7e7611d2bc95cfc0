"""Remittance advice as structured data and as rows; its print is made from the same data."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.money import Money
from app.interchange.columns import Cell, Column, ColumnKind
from app.payments.remittance import RemittanceAdvice

Data = dict[str, Any]

REMITTANCE_COLUMNS = (
    Column("payment_id"),
    Column("paid_on", ColumnKind.DATE),
    Column("payer"),
    Column("payee"),
    Column("payment_reference"),
    Column("document"),
    Column("reference"),
    Column("issued_on", ColumnKind.DATE),
    Column("amount", ColumnKind.MONEY),
    Column("paid_before", ColumnKind.MONEY),
    Column("paid_now", ColumnKind.MONEY),
    Column("left", ColumnKind.MONEY),
    Column("currency"),
)
"""One row for each document, and one for what came back or is on account, if anything does."""

RETURNED, ON_ACCOUNT = "returned", "on account"


def remittance_data(
    advice: RemittanceAdvice, names: Mapping[str, str], contract_id: str, title: str
) -> Data:
    """The advice in JSON's types: amounts are decimal text, dates are ISO 8601.

    `names` are the parties' names by id. Nothing in it names or counts a participant.
    """
    return {
        "payment_id": advice.payment_id,
        "contract_reference": contract_id,
        "contract_title": title,
        "payer": _party(advice.payer, names),
        "payee": _party(advice.payee, names),
        "paid_on": advice.paid_on.isoformat(),
        "reference": advice.reference,
        "currency": advice.amount.currency,
        "amount": str(advice.amount),
        "returned": str(advice.returned),
        "on_account": str(advice.on_account),
        "rows": [
            {
                "document": row.document,
                "reference": row.reference,
                "issued_on": row.issued_on.isoformat(),
                "amount": str(row.amount),
                "paid_before": str(row.paid_before),
                "paid_now": str(row.paid_now),
                "left": str(row.left),
            }
            for row in advice.rows
        ],
    }


def remittance_rows(advice: RemittanceAdvice) -> Iterator[tuple[Cell, ...]]:
    """The advice under `REMITTANCE_COLUMNS`.

    For a payment to a creditor `paid_now` adds up to the amount paid: 11,500.00 for an invoice,
    -8,248.00 for a credit note and 3,748.00 on account are a payment of 7,000.00.
    """
    payment: tuple[Cell, ...] = (
        advice.payment_id,
        advice.paid_on,
        advice.payer,
        advice.payee,
        advice.reference,
    )
    currency = advice.amount.currency
    for row in advice.rows:
        amounts = (row.amount, row.paid_before, row.paid_now, row.left)
        yield (*payment, row.document, row.reference, row.issued_on, *amounts, currency)
    for label, amount in ((RETURNED, advice.returned), (ON_ACCOUNT, advice.on_account)):
        if amount:
            yield (*payment, None, label, None, *_only_now(amount), currency)


def _only_now(amount: Money) -> tuple[Cell, ...]:
    return None, None, amount, None


def _party(party: str, names: Mapping[str, str]) -> Data:
    return {"id": party, "name": names[party]}
