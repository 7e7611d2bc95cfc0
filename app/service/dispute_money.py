"""What disputes do to the ledger: what an approval withholds, what an outcome takes or returns."""

from dataclasses import replace
from datetime import date

from app.domain.claim import Claim, LineKind, PayerShare
from app.domain.correction import CorrectionKind, CorrectionReason
from app.domain.dispute import DisputeState, OutcomeKind
from app.domain.errors import RuleRefused
from app.domain.ledger import Entry
from app.domain.terms.document import Terms
from app.payments.corrected_lines import LineStanding
from app.service.claim_rows import Row
from app.service.command import Work
from app.service.correcting import approved_correction_rows, line_standing, merged
from app.service.dispute_lines import due_shares, not_due_shares
from app.storage import disputes
from app.storage.disputes import StoredDispute

_REASON = {
    OutcomeKind.UPHELD: CorrectionReason.DISPUTE_UPHELD,
    OutcomeKind.SETTLED: CorrectionReason.DISPUTE_SETTLED,
    OutcomeKind.REJECTED: CorrectionReason.DISPUTE_REJECTED,
}


def withheld_rows(
    work: Work, claim: Claim, terms: Terms, entries: tuple[Entry, ...], day: date
) -> dict[str, list[Row]]:
    """What disputes keep back from a claim that is being approved: a reversal for each, linked.

    Every line is posted whole, and in the same record the part that an open dispute is about, or
    that an outcome has found not to be due, is taken back. Of a line of 8,248.00 with 3,000.00
    disputed, 5,248.00 are due meanwhile (terms /disputes/pay_undisputed). Raises what
    `require_no_blocking_dispute` raises.
    """
    found = require_no_blocking_dispute(work, claim.claim_number, day)
    by_source = {entry.source: entry for entry in entries}
    lines = {line.line_number: line for line in claim.lines}
    standings: dict[int, LineStanding] = {}
    parts: list[dict[str, list[Row]]] = []
    number = entries[-1].entry_number if entries else 0
    for one in found:
        shares = not_due_shares(one)
        if not shares:
            continue
        line = lines[one.line_number]
        standing = standings.get(one.line_number) or LineStanding(
            claim.claim_number, claim.period, line, terms, by_source[one.line]
        )
        number += 1
        made = approved_correction_rows(
            work,
            standing,
            kind=_taking(standing),
            reason=_withheld_because(one),
            shares=_signed(standing, shares, takes=True),
            day=day,
            entry_number=number,
            dispute_id=one.dispute.dispute_id,
        )
        standings[one.line_number] = replace(
            standing,
            reversals=(*standing.reversals, made.entry),
            corrections=(*standing.corrections, made.correction),
        )
        parts.append(made.rows)
    return merged(*parts)


def require_no_blocking_dispute(work: Work, claim_number: int, day: date) -> list[StoredDispute]:
    """The disputes of a claim that is being approved, if none of them keeps it from approval.

    Where the terms in effect on the day pay nothing before a dispute is decided (terms
    /disputes/pay_undisputed), raises RuleRefused `claim-in-dispute`.
    """
    found = disputes.of_claims(work.connection, work.contract_id, [claim_number])
    is_open = any(one.state is DisputeState.OPEN for one in found)
    if is_open and not work.timeline.in_effect(day).terms.disputes.pay_undisputed:
        raise RuleRefused(
            "claim-in-dispute",
            f"A line of claim {claim_number} is in dispute, and the terms pay nothing of a "
            "claim before its disputes are decided. Record the outcome, or return the claim.",
        )
    return found


def outcome_rows(work: Work, decided: StoredDispute, day: date) -> dict[str, list[Row]]:
    """The correction that an outcome makes of a line, as rows of the outcome's own record.

    Disputed after approval, what is not due is taken back by a linked reversal: upheld, 8,248.00.
    Withheld at approval, what is due is put back: rejected, 8,248.00. A claim that is not decided
    yet posts nothing; its approval will take the outcome into account.
    """
    outcome = decided.dispute.outcome
    if outcome is None:
        raise AssertionError("only an outcome posts anything")
    takes = decided.is_posted
    shares = not_due_shares(decided) if takes else due_shares(decided)
    if not shares or not decided.claim_approved:
        return {}
    standing = line_standing(
        work.connection,
        work.contract_id,
        work.timeline,
        decided.claim_number,
        decided.line_number,
    )
    made = approved_correction_rows(
        work,
        standing,
        kind=_taking(standing) if takes else CorrectionKind.SETTLEMENT,
        reason=_REASON[outcome.kind],
        shares=_signed(standing, shares, takes=takes),
        day=day,
        dispute_id=decided.dispute.dispute_id,
    )
    return made.rows


def _taking(standing: LineStanding) -> CorrectionKind:
    """How a part of a line is undone: a line that takes back has no entry to reverse again."""
    takes_back = standing.line.kind is LineKind.CLAWBACK
    return CorrectionKind.CORRECTION if takes_back else CorrectionKind.REVERSAL


def _signed(
    standing: LineStanding, shares: tuple[PayerShare, ...], *, takes: bool
) -> tuple[PayerShare, ...]:
    """Amounts above zero as what payers owe more, or below zero less."""
    lowers = takes is not (standing.line.kind is LineKind.CLAWBACK)
    return tuple(
        PayerShare(share.payer, -share.amount if lowers else share.amount) for share in shares
    )


def _withheld_because(stored: StoredDispute) -> CorrectionReason:
    outcome = stored.dispute.outcome
    return CorrectionReason.DISPUTED if outcome is None else _REASON[outcome.kind]
