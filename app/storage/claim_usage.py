"""What the claims so far have used of each cap, added up by the database; and what is carried."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    Subquery,
    and_,
    case,
    exists,
    extract,
    func,
    select,
    union_all,
)

from app.payments.usage import Usage
from app.storage.claims import sources_claimed
from app.storage.corrections import approved_amounts
from app.storage.live_claims import live_claims
from app.storage.prepared import Built, together
from app.storage.tables import (
    approved_lines,
    claim_line_shares,
    claim_lines,
    dispute_outcomes,
)


def usage(connection: Connection, contract_id: str, before_claim: int) -> Usage:
    """Sums over the lines of every live claim numbered below `before_claim`, with corrections.

    A live claim is submitted or approved: a submitted one holds its headroom until it is decided.
    An approved correction of a line uses or gives back what the line would: money of its metric,
    person, contract and payers, in the year of the line's claim.
    """
    asked = {"contract_id": contract_id, "before_claim": before_claim}
    with together(connection):
        contract = _of_contract.run(connection, asked)
        counts, people, activities = (
            sums.run(connection, asked) for sums in (_of_metrics, _of_people, _of_activities)
        )
        shares = _of_payers.run(connection, asked)
    return Usage(
        contract_minor=sum(int(row.amount) for row in contract),
        metric_count=_amounts(counts),
        person_minor=_amounts(people),
        activity_minor=_amounts(activities),
        **_by_payer(shares),
    )


def _lines(contract_id: str, before_claim: int) -> Subquery:
    """The lines of live claims, and the corrections of them as lines of their own."""
    live = live_claims(contract_id, before_claim)
    own = (
        select(
            claim_lines.c.claim_number,
            claim_lines.c.line_number,
            claim_lines.c.metric,
            claim_lines.c.participant_id,
            claim_lines.c.origin,
            claim_lines.c.payable_minor,
            claim_lines.c.counted,
        )
        .join(live, live.c.claim_number == claim_lines.c.claim_number)
        .where(claim_lines.c.contract_id == contract_id)
    )
    return union_all(own, _corrected(contract_id, live)).subquery()


@Built
def _of_contract(contract_id: str, before_claim: int) -> Select[Any]:
    lines = _lines(contract_id, before_claim)
    return select(func.coalesce(func.sum(lines.c.payable_minor), 0).label("amount"))


@Built
def _of_metrics(contract_id: str, before_claim: int) -> Select[Any]:
    lines = _lines(contract_id, before_claim)
    return _sums(lines.c.metric, lines.c.counted).where(lines.c.counted != 0)


@Built
def _of_people(contract_id: str, before_claim: int) -> Select[Any]:
    lines = _lines(contract_id, before_claim)
    return _sums(lines.c.participant_id, lines.c.payable_minor).where(lines.c.origin == "outcome")


@Built
def _of_activities(contract_id: str, before_claim: int) -> Select[Any]:
    lines = _lines(contract_id, before_claim)
    return _sums(lines.c.metric, lines.c.payable_minor).where(lines.c.origin != "outcome")


def _sums(key: Any, amount: Any) -> Select[Any]:
    return select(key.label("name"), func.sum(amount).label("amount")).group_by(key)


def _amounts(rows: Iterable[Any]) -> dict[str, int]:
    return {row.name: int(row.amount) for row in rows}


def _corrected(contract_id: str, live: Any) -> Select[Any]:
    """Each approved correction of a live claim's line, as if it were a line of its own."""
    amounts = headroom_amounts(contract_id).subquery()
    whole = (
        select(
            amounts.c.claim_number,
            amounts.c.line_number,
            amounts.c.correction_id,
            amounts.c.counted,
            func.sum(amounts.c.amount_minor).label("amount_minor"),
        )
        .group_by(
            amounts.c.claim_number,
            amounts.c.line_number,
            amounts.c.correction_id,
            amounts.c.counted,
        )
        .subquery()
    )
    return (
        select(
            claim_lines.c.claim_number,
            claim_lines.c.line_number,
            claim_lines.c.metric,
            claim_lines.c.participant_id,
            claim_lines.c.origin,
            whole.c.amount_minor,
            whole.c.counted,
        )
        .join(live, live.c.claim_number == claim_lines.c.claim_number)
        .join(
            whole,
            and_(
                whole.c.claim_number == claim_lines.c.claim_number,
                whole.c.line_number == claim_lines.c.line_number,
            ),
        )
        .where(claim_lines.c.contract_id == contract_id)
    )


def headroom_amounts(contract_id: str) -> Select[Any]:
    """The approved corrections that count towards caps, by payer; see `approved_amounts`.

    What approval withheld of a line uses its caps until the dispute is decided, so that a
    rejection, which puts it back, never passes one. What it left with the payee of a disputed
    clawback counts at once: until that is decided, it gives nothing back to others.
    """
    amounts = approved_amounts(contract_id).subquery()
    is_decided = exists().where(
        dispute_outcomes.c.contract_id == contract_id,
        dispute_outcomes.c.dispute_id == amounts.c.dispute_id,
    )
    raises = amounts.c.amount_minor > 0
    return select(amounts).where(amounts.c.dispute_id.is_(None) | is_decided | raises)


def carried(
    connection: Connection, contract_id: str, before_claim: int
) -> list[tuple[int, int, str]]:
    """What approved lines carry forward for a payer and no later live claim has asked for.

    (claim number, line number, payer), from the oldest. Lines that were taken back, or corrected
    to nothing, carry nothing.
    """
    with together(connection):
        corrected = _corrected_to_nothing.run(connection, {"contract_id": contract_id})
        asked = {"contract_id": contract_id, "before_claim": before_claim}
        rows = _carrying.run(connection, asked)
        claimed, clawed = (
            sources_claimed.run(connection, asked | {"kind": kind})
            for kind in ("carried_forward", "clawback")
        )
    gone = {(row.claim_number, row.line_number) for row in corrected}
    asked_again = {row.source_id for row in claimed}
    taken_back = {row.source_id for row in clawed}
    return [
        (row.claim_number, row.line_number, item["payer"])
        for row in rows
        for item in row.carried
        if row.source_id not in taken_back
        and (row.claim_number, row.line_number) not in gone
        and f"claim:{row.claim_number}/line:{row.line_number}/{item['payer']}" not in asked_again
    ]


@Built
def _corrected_to_nothing(contract_id: str) -> Select[Any]:
    amounts = approved_amounts(contract_id).subquery()
    return (
        select(amounts.c.claim_number, amounts.c.line_number)
        .join(
            claim_lines,
            and_(
                claim_lines.c.contract_id == contract_id,
                claim_lines.c.claim_number == amounts.c.claim_number,
                claim_lines.c.line_number == amounts.c.line_number,
            ),
        )
        .group_by(amounts.c.claim_number, amounts.c.line_number, claim_lines.c.payable_minor)
        .having(claim_lines.c.payable_minor + func.sum(amounts.c.amount_minor) == 0)
    )


@Built
def _carrying(contract_id: str, before_claim: int) -> Select[Any]:
    return (
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


@Built
def _of_payers(contract_id: str, before_claim: int) -> Select[Any]:
    """Shares by payer and by the UK financial year (April to March) of the period's end."""
    live = live_claims(contract_id, before_claim)
    year = extract("year", live.c.period_end) - case(
        (extract("month", live.c.period_end) < 4, 1), else_=0
    )
    own = select(
        claim_line_shares.c.claim_number,
        claim_line_shares.c.payer,
        claim_line_shares.c.amount_minor,
    ).where(claim_line_shares.c.contract_id == contract_id)
    changed = headroom_amounts(contract_id).subquery()
    shares = union_all(
        own, select(changed.c.claim_number, changed.c.payer, changed.c.amount_minor)
    ).subquery()
    return (
        select(
            shares.c.payer,
            year.label("first_year"),
            func.sum(shares.c.amount_minor).label("amount"),
        )
        .join(live, live.c.claim_number == shares.c.claim_number)
        .group_by(shares.c.payer, year)
    )


def _by_payer(rows: Iterable[Any]) -> dict[str, Any]:
    by_payer: dict[str, int] = {}
    by_year: dict[tuple[str, str], int] = {}
    for row in rows:
        first = int(row.first_year)
        by_payer[row.payer] = by_payer.get(row.payer, 0) + int(row.amount)
        by_year[row.payer, f"{first}/{(first + 1) % 100:02d}"] = int(row.amount)
    return {"payer_minor": by_payer, "payer_year_minor": by_year}
