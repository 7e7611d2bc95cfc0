"""What a party without sight of persons reads: rows in which no participant can be recognised.

The database's views (0001_visibility.sql) hold no pseudonym, no count below 5 and no payload.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    select,
)

from app.domain.claim import PayerShare
from app.domain.money import Money
from app.domain.parties import Actor
from app.payments.claims import ClaimTotals, MetricTotal

VIEWS = MetaData()

_journal = Table(
    "journal_without_payloads",
    VIEWS,
    Column("contract_id", Text),
    Column("sequence", BigInteger),
    Column("kind", Text),
    Column("effective_date", Date),
    Column("recorded_at", DateTime(timezone=True)),
    Column("party", Text),
    Column("person", Text),
    Column("previous_hash", Text),
    Column("hash", Text),
)
_by_payer = Table(
    "claim_totals_by_payer",
    VIEWS,
    Column("contract_id", Text),
    Column("claim_number", Integer),
    Column("currency", Text),
    Column("payer", Text),
    Column("amount_minor", BigInteger),
)
_by_metric = Table(
    "claim_totals_by_metric",
    VIEWS,
    Column("contract_id", Text),
    Column("claim_number", Integer),
    Column("metric", Text),
    Column("currency", Text),
    Column("gross_minor", BigInteger),
    Column("payable_minor", BigInteger),
    Column("counted", BigInteger),
)


@dataclass(frozen=True, slots=True)
class RecordTold:
    """A journal record as it is told: what happened, when, by whom; `payload` only if it may be."""

    sequence: int
    kind: str
    effective_date: date
    recorded_at: datetime
    actor: Actor
    payload: str | None
    previous_hash: str
    hash: str


def record_page(
    connection: Connection, contract_id: str, after: int, limit: int
) -> list[RecordTold]:
    """Journal records after a sequence, in order, without their payloads."""
    found = connection.execute(
        select(_journal)
        .where(_journal.c.contract_id == contract_id, _journal.c.sequence > after)
        .order_by(_journal.c.sequence)
        .limit(limit)
    )
    return [
        RecordTold(
            row.sequence,
            row.kind,
            row.effective_date,
            row.recorded_at,
            Actor(row.party, row.person),
            None,
            row.previous_hash,
            row.hash,
        )
        for row in found
    ]


def claim_totals(
    connection: Connection, contract_id: str, claim_numbers: Sequence[int], currency: str
) -> dict[int, ClaimTotals]:
    """Totals of several claims by metric and payer; counts below 5 are withheld."""
    shares: dict[int, list[PayerShare]] = {number: [] for number in claim_numbers}
    for row in _of_claims(connection, _by_payer, contract_id, claim_numbers):
        share = PayerShare(row.payer, Money(row.amount_minor, row.currency))
        shares[row.claim_number].append(share)
    metrics: dict[int, list[MetricTotal]] = {number: [] for number in claim_numbers}
    for row in _of_claims(connection, _by_metric, contract_id, claim_numbers):
        gross, payable = (
            Money(row.gross_minor, row.currency),
            Money(row.payable_minor, row.currency),
        )
        total = MetricTotal(row.metric, row.counted, gross, gross - payable, payable)
        metrics[row.claim_number].append(total)
    return {number: _totals(shares[number], metrics[number], currency) for number in claim_numbers}


def _of_claims(
    connection: Connection, view: Table, contract_id: str, claim_numbers: Sequence[int]
) -> Sequence[Row[Any]]:
    return connection.execute(
        select(view).where(
            view.c.contract_id == contract_id, view.c.claim_number.in_(claim_numbers)
        )
    ).all()


def _totals(shares: list[PayerShare], metrics: list[MetricTotal], currency: str) -> ClaimTotals:
    gross = sum(one.gross.minor for one in metrics)
    payable = sum(one.payable.minor for one in metrics)
    return ClaimTotals(
        Money(gross, currency),
        Money(gross - payable, currency),
        Money(payable, currency),
        tuple(sorted(shares, key=lambda one: one.payer)),
        tuple(sorted(metrics, key=lambda one: one.metric)),
    )
