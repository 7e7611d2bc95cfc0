"""Who approved each claim, correction and claim to a fund: for checking that enough persons did."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, FromClause, Select, and_, exists, func, select, union_all
from sqlalchemy.dialects.postgresql import distinct_on

from app.domain.period import Period
from app.domain.terms.payment import ClaimCalendar
from app.payments.claim_period import share_a_period
from app.storage.fund_claims import fund_lines
from app.storage.tables import (
    claim_decisions,
    claim_first_approvals,
    claim_lines,
    claims,
    correction_decisions,
    correction_first_approvals,
    correction_shares,
    corrections,
    delegated_acts,
    dispute_outcomes,
    disputes,
    fund_claim_first_approvals,
    fund_claim_states,
    fund_claims,
)

_ACTS = (
    claim_first_approvals,
    claim_decisions,
    correction_first_approvals,
    correction_decisions,
    fund_claim_first_approvals,
    fund_claim_states,
)


@dataclass(frozen=True, slots=True)
class Approval:
    """One act: the record it stands in, its day, the party, and every person behind it.

    `persons` are who did it and, under a delegation, for whom: B for A is B and A.
    """

    sequence: int
    day: date
    party: str
    persons: frozenset[str]


@dataclass(frozen=True, slots=True)
class Approvable:
    """What was or is to be approved: its amount and limit in minor units, and its approvals so far.

    `amount_minor` is what it counts for by itself. That of a correction is without signs, and
    `moved_minor` the change in all; None of anything else. `governed_on` is the day that says by
    which terms a claim is, to be known in the record of its `sequence`; None of a correction.

    `name` is how a person names it: claim 3. What is approved for one `group` in the same
    periods of the calendar, or without periods, is added up; the period of a claim to a fund is
    with the days on which what it asks for was approved. `decided` is the decision (of a claim to a
    fund its first submission), None while there is none; `approved` whether it approves.
    """

    name: str
    terms_version: int
    amount_minor: int
    moved_minor: int | None
    above_minor: int | None
    group: tuple[str, str]
    period: Period | None
    governed_on: date | None
    sequence: int
    first: Approval | None
    decided: Approval | None
    approved: bool

    def belongs_with(self, other: "Approvable", calendar: ClaimCalendar) -> bool:
        """Whether the two are added up under terms with a calendar of claims."""
        if self is other or self.group != other.group:
            return False
        if self.period is None or other.period is None:
            return True
        return share_a_period(self.period, other.period, calendar)


def every(connection: Connection, contract_id: str) -> list[Approvable]:
    """Every claim, correction and claim to a fund of a contract, in order of their numbers or ids.

    Without the corrections that carry out a dispute, in the record of its outcome or of their
    claim's approval: nobody approves those.
    """
    delegators = _delegators(connection, contract_id)

    def approval(row: Any, which: str) -> Approval | None:
        sequence = getattr(row, f"{which}_sequence")
        if sequence is None:
            return None
        persons = frozenset({getattr(row, f"{which}_person")}) | delegators[sequence]
        day, party = getattr(row, f"{which}_day"), getattr(row, f"{which}_party")
        return Approval(sequence, day, party, persons)

    def built(
        row: Any, name: str, group: tuple[str, str], period: Period | None, *, approved: bool
    ) -> Approvable:
        return Approvable(
            name,
            row.terms_version,
            int(row.amount_minor),
            int(row.moved_minor) if group[0] == "corrections" else None,
            row.second_approval_above_minor,
            group,
            period,
            None if period is None else row.governed_on,
            row.sequence,
            approval(row, "first"),
            approval(row, "decided"),
            approved,
        )

    found = [
        built(
            row,
            f"claim {row.claim_number}",
            ("claims", ""),
            Period(row.period_start, row.period_end),
            approved=row.decision == "approved",
        )
        for row in connection.execute(_claims(contract_id))
    ]
    found += [
        built(
            row,
            f"correction {row.correction_id}",
            ("corrections", str(row.claim_number)),
            None,
            approved=row.decision == "approved",
        )
        for row in _approved_by_somebody(connection.execute(_corrections(contract_id)).all())
    ]
    found += [
        built(
            row,
            f"fund claim {row.fund_claim_number}",
            ("fund claims", row.fund),
            Period(row.period_start, row.period_end),
            approved=True,
        )
        for row in connection.execute(_fund_claims(contract_id))
    ]
    return found


def _claims(contract_id: str) -> Select[Any]:
    payable = (
        select(claim_lines.c.claim_number, func.sum(claim_lines.c.payable_minor).label("minor"))
        .where(claim_lines.c.contract_id == contract_id)
        .group_by(claim_lines.c.claim_number)
        .subquery()
    )
    return (
        select(
            claims.c.claim_number,
            claims.c.period_start,
            claims.c.period_end,
            claims.c.period_end.label("governed_on"),
            claims.c.sequence,
            claims.c.terms_version,
            func.coalesce(payable.c.minor, 0).label("amount_minor"),
            claims.c.second_approval_above_minor,
            *_act(claim_first_approvals, "first", "approved_on"),
            *_act(claim_decisions, "decided", "decided_on"),
            claim_decisions.c.decision,
        )
        .outerjoin(payable, payable.c.claim_number == claims.c.claim_number)
        .outerjoin(claim_first_approvals, _same(claims, claim_first_approvals, "claim_number"))
        .outerjoin(claim_decisions, _same(claims, claim_decisions, "claim_number"))
        .where(claims.c.contract_id == contract_id)
        .order_by(claims.c.claim_number)
    )


def _corrections(contract_id: str) -> Select[Any]:
    changed = (
        select(
            correction_shares.c.correction_id,
            func.sum(func.abs(correction_shares.c.amount_minor)).label("minor"),
            func.sum(correction_shares.c.amount_minor).label("moved"),
        )
        .where(correction_shares.c.contract_id == contract_id)
        .group_by(correction_shares.c.correction_id)
        .subquery()
    )
    decided = correction_decisions
    here = and_(
        corrections.c.contract_id == claim_decisions.c.contract_id,
        corrections.c.claim_number == claim_decisions.c.claim_number,
        claim_decisions.c.sequence == decided.c.sequence,
        claim_decisions.c.decision == "approved",
    )
    first = correction_first_approvals
    return (
        select(
            corrections.c.correction_id,
            corrections.c.claim_number,
            corrections.c.sequence,
            claims.c.terms_version,
            func.coalesce(changed.c.minor, 0).label("amount_minor"),
            func.coalesce(changed.c.moved, 0).label("moved_minor"),
            claims.c.second_approval_above_minor,
            *_act(first, "first", "approved_on"),
            *_act(decided, "decided", "decided_on"),
            decided.c.decision,
            corrections.c.dispute_id,
            claim_lines.c.kind.label("line_kind"),
            disputes.c.is_posted,
            disputes.c.amount_minor.label("disputed_minor"),
            dispute_outcomes.c.sequence.label("outcome_sequence"),
            dispute_outcomes.c.due_minor,
            exists().where(here).label("with_claim"),
        )
        .join(claims, _same(corrections, claims, "claim_number"))
        .join(claim_lines, _of_line(claim_lines))
        .outerjoin(disputes, and_(_same(corrections, disputes, "dispute_id"), _of_line(disputes)))
        .outerjoin(changed, changed.c.correction_id == corrections.c.correction_id)
        .outerjoin(first, _same(corrections, first, "correction_id"))
        .outerjoin(decided, _same(corrections, decided, "correction_id"))
        .outerjoin(
            dispute_outcomes,
            and_(
                _same(corrections, dispute_outcomes, "dispute_id"),
                dispute_outcomes.c.sequence <= decided.c.sequence,
            ),
        )
        .where(corrections.c.contract_id == contract_id)
        .order_by(corrections.c.correction_id)
    )


def _approved_by_somebody(rows: Sequence[Any]) -> Iterator[Any]:
    """Corrections without those that carry out a dispute, as the database tells them apart."""
    together: defaultdict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in rows:
        if row.decision == "approved":
            together[row.dispute_id, row.decided_sequence].append(row)
    for row in rows:
        same = together[row.dispute_id, row.decided_sequence]
        if row.disputed_minor is None or row not in same or not _carries_out(row, same):
            yield row


def _carries_out(row: Any, same: Sequence[Any]) -> bool:
    """Whether a correction in the record of an outcome, or of its claim's approval, does no more.

    It takes back of the disputed line what is not due, or puts back what is, if that was withheld.
    `same` are all corrections of the dispute in that record, which count together.
    """
    moved = sum(int(one.amount_minor) for one in same)
    up = sum(int(one.moved_minor) for one in same) * (-1 if row.line_kind == "clawback" else 1)
    by_outcome = row.outcome_sequence == row.decided_sequence
    if by_outcome and not row.is_posted:
        return bool(up == moved and moved <= row.due_minor)
    if by_outcome or row.with_claim:
        return bool(up == -moved and moved <= row.disputed_minor - (row.due_minor or 0))
    return False


def _of_line(table: FromClause) -> Any:
    return and_(
        _same(corrections, table, "claim_number"),
        table.c.line_number == corrections.c.line_number,
    )


def _fund_claims(contract_id: str) -> Select[Any]:
    lines = fund_lines(contract_id).subquery()
    asked = (
        select(
            lines.c.fund_claim_number,
            func.sum(lines.c.amount_minor).label("minor"),
            func.min(lines.c.approved_on).label("first_day"),
            func.max(lines.c.approved_on).label("last_day"),
        )
        .group_by(lines.c.fund_claim_number)
        .subquery()
    )
    states = fund_claim_states
    submitted = (
        select(states)
        .ext(distinct_on(states.c.fund_claim_number))
        .where(states.c.contract_id == contract_id, states.c.state == "submitted")
        .order_by(states.c.fund_claim_number, states.c.sequence)
        .subquery()
    )
    first, number = fund_claim_first_approvals, "fund_claim_number"
    return (
        select(
            fund_claims.c.fund_claim_number,
            fund_claims.c.fund,
            func.least(fund_claims.c.period_start, asked.c.first_day).label("period_start"),
            func.greatest(fund_claims.c.period_end, asked.c.last_day).label("period_end"),
            fund_claims.c.period_end.label("governed_on"),
            fund_claims.c.sequence,
            fund_claims.c.terms_version,
            func.coalesce(asked.c.minor, 0).label("amount_minor"),
            fund_claims.c.second_approval_above_minor,
            *_act(first, "first", "approved_on"),
            *_act(submitted, "decided", "on_date"),
        )
        .outerjoin(asked, asked.c.fund_claim_number == fund_claims.c.fund_claim_number)
        .outerjoin(first, _same(fund_claims, first, number))
        .outerjoin(submitted, _same(fund_claims, submitted, number))
        .where(fund_claims.c.contract_id == contract_id)
        .order_by(fund_claims.c.fund_claim_number)
    )


def _act(table: FromClause, which: str, day: str) -> Iterator[Any]:
    """The record, day, party and person of an act, named for what it is."""
    named = {"sequence": "sequence", "day": day, "party": "party", "person": "person"}
    return (table.c[column].label(f"{which}_{name}") for name, column in named.items())


def _same(one: FromClause, other: FromClause, key: str) -> Any:
    return and_(one.c.contract_id == other.c.contract_id, one.c[key] == other.c[key])


def _delegators(connection: Connection, contract_id: str) -> defaultdict[int, frozenset[str]]:
    """For whom each record about an approval was made under a delegation."""
    acts = (select(table.c.sequence).where(table.c.contract_id == contract_id) for table in _ACTS)
    rows = connection.execute(
        select(delegated_acts.c.sequence, delegated_acts.c.on_behalf_of).where(
            delegated_acts.c.contract_id == contract_id,
            delegated_acts.c.sequence.in_(union_all(*acts)),
        )
    )
    found: defaultdict[int, frozenset[str]] = defaultdict(frozenset)
    for row in rows:
        found[row.sequence] |= {row.on_behalf_of}
    return found
