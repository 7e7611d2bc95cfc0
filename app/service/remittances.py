"""Remittance advice to hand on: the same advice as data, as rows, and in print."""

from app.interchange.csv_out import csv_chunks
from app.interchange.remittance_out import (
    REMITTANCE_COLUMNS,
    Data,
    remittance_data,
    remittance_rows,
)
from app.service.context import Context
from app.service.payments import get_remittance
from app.service.snapshot import snapshot
from app.storage import contracts


def get_remittance_data(context: Context, contract_id: str, payment_id: str) -> Data:
    """The advice of a payment with the parties' names: what the print shows.

    Names and title are those of the terms in effect on the day of the payment, so that a later
    variation does not change an advice. Raises what `get_remittance` raises.
    """
    with snapshot(context, contract_id) as held:
        advice = get_remittance(held, contract_id, payment_id)
        with held.reading(contract_id) as uow:
            timeline = contracts.timeline(uow.connection, contract_id)
    terms = timeline.in_effect(advice.paid_on).terms
    names = {
        party.id: party.name for version in timeline.versions for party in version.terms.parties
    }
    names |= {party.id: party.name for party in terms.parties}
    return remittance_data(advice, names, contract_id, terms.title)


def remittance_csv(context: Context, contract_id: str, payment_id: str) -> bytes:
    """The advice of a payment as CSV, a row for each document."""
    advice = get_remittance(context, contract_id, payment_id)
    return b"".join(csv_chunks(REMITTANCE_COLUMNS, remittance_rows(advice)))
