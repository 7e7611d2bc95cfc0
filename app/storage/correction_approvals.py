"""What approvals of corrections count for, with those before and with the claim; their limit."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, func, select

from app.domain.claim import PayerShare
from app.domain.money import Money
from app.payments.approvals import (
    ToApprove,
    amount_to_approve,
    lower_limit,
    second_approval_limit,
    with_its_claim,
)
from app.storage import contracts
from app.storage.contracts import Agreed
from app.storage.correction_tables import correction_decisions, correction_shares, corrections
from app.storage.money_tables import claim_first_approvals, claim_lines, claims

_NEVER = 2**63 - 1
"""After every record."""


@dataclass(frozen=True, slots=True)
class _Approved:
    """A correction that was approved in some record: what it changed, without signs and with."""

    claim_number: int
    sequence: int
    unsigned: int
    moved: int


@dataclass(frozen=True, slots=True)
class ApprovalsOfCorrections:
    """What approvals of corrections of some claims count for.

    `alone` is what those of the claims come to that one person approved; `limits` those of the
    claims' own terms, in minor units.
    """

    approved: Sequence[_Approved]
    alone: dict[int, int]
    limits: dict[int, int | None]
    agreed: Sequence[Agreed]

    def of(
        self,
        claim_number: int,
        shares: Sequence[PayerShare],
        on: date = date.max,
        before: int | None = None,
    ) -> ToApprove:
        """What the approval of a correction on a day counts for, and its limit that day.

        Amounts up and down are added without their signs: no correction makes up for another.
        `before` is the record of its own decision, None while there is none.
        """
        currency, until = shares[0].amount.currency, _NEVER if before is None else before
        earlier = [
            one
            for one in self.approved
            if one.claim_number == claim_number and one.sequence < until
        ]
        own = sum(abs(share.amount.minor) for share in shares)
        amount = amount_to_approve(
            Money(own, currency), Money(sum(one.unsigned for one in earlier), currency)
        )
        if claim_number in self.alone:
            standing = self.alone[claim_number] + sum(one.moved for one in earlier)
            moved = sum(share.amount.minor for share in shares)
            amount = with_its_claim(amount, Money(standing, currency), Money(moved, currency))
        minor = self.limits[claim_number]
        above = None if minor is None else Money(minor, currency)
        terms = contracts.timeline_at(self.agreed, until).in_effect(on).terms
        return ToApprove(amount, lower_limit(above, second_approval_limit(terms)))


def approvals_of_corrections(
    connection: Connection, contract_id: str, claim_numbers: Collection[int]
) -> ApprovalsOfCorrections:
    """What to know for the approvals of corrections of some claims.

    Without the corrections that carry out a dispute, which nobody approves.
    """
    approved = [
        _Approved(row.claim_number, row.sequence, int(row.unsigned), int(row.moved))
        for row in connection.execute(_approved(contract_id, claim_numbers))
    ]
    limits, alone = {}, {}
    for row in connection.execute(_claims(contract_id, claim_numbers)):
        limits[row.claim_number] = row.second_approval_above_minor
        if not row.by_two:
            alone[row.claim_number] = int(row.payable)
    return ApprovalsOfCorrections(
        approved, alone, limits, contracts.agreed(connection, contract_id)
    )


def _approved(contract_id: str, claim_numbers: Collection[int]) -> Select[Any]:
    decided, shares = correction_decisions, correction_shares
    return (
        select(
            corrections.c.claim_number,
            decided.c.sequence,
            func.sum(func.abs(shares.c.amount_minor)).label("unsigned"),
            func.sum(shares.c.amount_minor).label("moved"),
        )
        .join(
            decided,
            and_(
                decided.c.contract_id == corrections.c.contract_id,
                decided.c.correction_id == corrections.c.correction_id,
            ),
        )
        .join(
            shares,
            and_(
                shares.c.contract_id == corrections.c.contract_id,
                shares.c.correction_id == corrections.c.correction_id,
            ),
        )
        .where(
            corrections.c.contract_id == contract_id,
            corrections.c.claim_number.in_(claim_numbers),
            corrections.c.dispute_id.is_(None),
            decided.c.decision == "approved",
        )
        .group_by(corrections.c.claim_number, corrections.c.correction_id, decided.c.sequence)
    )


def _claims(contract_id: str, claim_numbers: Collection[int]) -> Select[Any]:
    """Of each claim: its limit, what it comes to, and whether two approved it."""
    lines, first = claim_lines, claim_first_approvals
    by_two = exists().where(
        first.c.contract_id == claims.c.contract_id,
        first.c.claim_number == claims.c.claim_number,
    )
    payable = (
        select(func.coalesce(func.sum(lines.c.payable_minor), 0))
        .where(
            lines.c.contract_id == claims.c.contract_id,
            lines.c.claim_number == claims.c.claim_number,
        )
        .scalar_subquery()
    )
    return select(
        claims.c.claim_number,
        claims.c.second_approval_above_minor,
        payable.label("payable"),
        by_two.label("by_two"),
    ).where(claims.c.contract_id == contract_id, claims.c.claim_number.in_(claim_numbers))
