"""The claim lines of one outcome: its own, and those of parts that were carried forward."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, exists, select

from app.domain.claim import LineKind
from app.storage.tables import claim_decisions, claim_lines, clawbacks


@dataclass(frozen=True, slots=True)
class OutcomePart:
    """A line of a claim that was not returned, which asks for an outcome or a part of it."""

    claim_number: int
    line_number: int
    is_approved: bool


def parts_of_outcome(
    connection: Connection, contract_id: str, entitlement_id: str
) -> list[OutcomePart]:
    """The live lines that ask for an outcome: one of its own, then what that carried forward."""
    found: list[OutcomePart] = []
    kind, sources = LineKind.OUTCOME, [entitlement_id]
    while sources:
        rows = connection.execute(
            select(
                claim_lines.c.claim_number,
                claim_lines.c.line_number,
                claim_lines.c.carried,
                claim_decisions.c.decision,
            )
            .outerjoin(
                claim_decisions,
                and_(
                    claim_decisions.c.contract_id == claim_lines.c.contract_id,
                    claim_decisions.c.claim_number == claim_lines.c.claim_number,
                ),
            )
            .where(
                claim_lines.c.contract_id == contract_id,
                claim_lines.c.kind == kind.value,
                claim_lines.c.source_id.in_(sources),
                claim_decisions.c.decision.is_distinct_from("returned"),
            )
            .order_by(claim_lines.c.claim_number, claim_lines.c.line_number)
        ).all()
        found += [
            OutcomePart(row.claim_number, row.line_number, row.decision == "approved")
            for row in rows
        ]
        kind = LineKind.CARRIED_FORWARD
        sources = [
            f"claim:{row.claim_number}/line:{row.line_number}/{item['payer']}"
            for row in rows
            for item in row.carried
        ]
    return found


def is_taken_back(
    connection: Connection, contract_id: str, claim_number: int, line_number: int
) -> bool:
    """Whether a clawback of the line's outcome has been decided, in a claim yet or not."""
    entitlement_id = _outcome_of(connection, contract_id, claim_number, line_number)
    if entitlement_id is None:
        return False
    return connection.execute(
        select(
            exists().where(
                clawbacks.c.contract_id == contract_id,
                clawbacks.c.entitlement_id == entitlement_id,
            )
        )
    ).scalar_one()


def _outcome_of(
    connection: Connection, contract_id: str, claim_number: int, line_number: int
) -> str | None:
    """The entitlement that a line asks for, itself or as a part carried forward; else None."""
    while True:
        row = connection.execute(
            select(claim_lines.c.kind, claim_lines.c.source_id).where(
                claim_lines.c.contract_id == contract_id,
                claim_lines.c.claim_number == claim_number,
                claim_lines.c.line_number == line_number,
            )
        ).first()
        if row is None:
            return None
        if row.kind != LineKind.CARRIED_FORWARD.value:
            return row.source_id if row.kind == LineKind.OUTCOME.value else None
        claim, line, _ = row.source_id.split("/", 2)
        claim_number = int(claim.removeprefix("claim:"))
        line_number = int(line.removeprefix("line:"))
