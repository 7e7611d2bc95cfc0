"""What the claims so far have used of each cap, added up by the database; and what is carried."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, and_, case, extract, func, select

from app.payments.usage import Usage
from app.storage.live_claims import live_claims
from app.storage.tables import approved_lines, claim_line_shares, claim_lines


def usage(connection: Connection, contract_id: str, before_claim: int) -> Usage:
    """Sums over the lines of every live claim numbered below `before_claim`.

    A live claim is submitted or approved: a submitted one holds its headroom until it is decided.
    """
    live = live_claims(contract_id, before_claim)
    lines = (
        select(claim_lines, live.c.period_end)
        .join(live, live.c.claim_number == claim_lines.c.claim_number)
        .where(claim_lines.c.contract_id == contract_id)
        .subquery()
    )
    payable, outcome = lines.c.payable_minor, lines.c.origin == "outcome"
    return Usage(
        contract_minor=int(
            connection.execute(select(func.coalesce(func.sum(payable), 0))).scalar_one()
        ),
        metric_count=_sums(connection, lines.c.metric, lines.c.counted, lines.c.counted != 0),
        person_minor=_sums(connection, lines.c.participant_id, payable, outcome),
        activity_minor=_sums(connection, lines.c.metric, payable, ~outcome),
        **_by_payer(connection, contract_id, live),
    )


def carried(
    connection: Connection, contract_id: str, before_claim: int
) -> list[tuple[int, int, str]]:
    """What approved lines carry forward for a payer and no later live claim has asked for.

    (claim number, line number, payer), from the oldest. Lines that were taken back carry nothing.
    """
    rows = connection.execute(
        select(
            claim_lines.c.claim_number,
            claim_lines.c.line_number,
            claim_lines.c.carried,
            claim_lines.c.source_id,
        )
        .join(
            approved_lines,
            and_(
                approved_lines.c.contract_id == claim_lines.c.contract_id,
                approved_lines.c.claim_number == claim_lines.c.claim_number,
                approved_lines.c.line_number == claim_lines.c.line_number,
            ),
        )
        .where(
            claim_lines.c.contract_id == contract_id,
            claim_lines.c.claim_number < before_claim,
            func.jsonb_array_length(claim_lines.c.carried) > 0,
        )
        .order_by(claim_lines.c.claim_number, claim_lines.c.line_number)
    )
    asked = _sources(connection, contract_id, before_claim, "carried_forward")
    taken_back = _sources(connection, contract_id, before_claim, "clawback")
    return [
        (row.claim_number, row.line_number, item["payer"])
        for row in rows
        for item in row.carried
        if row.source_id not in taken_back
        and f"claim:{row.claim_number}/line:{row.line_number}/{item['payer']}" not in asked
    ]


def _sources(
    connection: Connection, contract_id: str, before_claim: int, kind: str
) -> frozenset[str]:
    live = live_claims(contract_id, before_claim)
    rows: Iterable[Any] = connection.execute(
        select(claim_lines.c.source_id)
        .join(live, live.c.claim_number == claim_lines.c.claim_number)
        .where(claim_lines.c.contract_id == contract_id, claim_lines.c.kind == kind)
    ).scalars()
    return frozenset(rows)


def _sums(connection: Connection, key: Any, amount: Any, condition: Any) -> dict[str, int]:
    query: Select[Any] = select(key, func.sum(amount)).where(condition).group_by(key)
    return {name: int(value) for name, value in connection.execute(query).all()}


def _by_payer(connection: Connection, contract_id: str, live: Any) -> dict[str, Any]:
    """Shares by payer and by the UK financial year (April to March) of the period's end."""
    year = extract("year", live.c.period_end) - case(
        (extract("month", live.c.period_end) < 4, 1), else_=0
    )
    rows = connection.execute(
        select(claim_line_shares.c.payer, year, func.sum(claim_line_shares.c.amount_minor))
        .join(
            live,
            and_(
                live.c.claim_number == claim_line_shares.c.claim_number,
                claim_line_shares.c.contract_id == contract_id,
            ),
        )
        .group_by(claim_line_shares.c.payer, year)
    ).all()
    by_payer: dict[str, int] = {}
    by_year: dict[tuple[str, str], int] = {}
    for payer, first_year, amount in rows:
        first = int(first_year)
        by_payer[payer] = by_payer.get(payer, 0) + int(amount)
        by_year[payer, f"{first}/{(first + 1) % 100:02d}"] = int(amount)
    return {"payer_minor": by_payer, "payer_year_minor": by_year}
