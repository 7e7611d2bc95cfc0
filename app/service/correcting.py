"""How an approved correction is posted, from whichever command decides it; a line as it stands."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.domain.claim import ClaimStatus, LineKind, PayerShare
from app.domain.correction import Correction, CorrectionKind, CorrectionReason
from app.domain.errors import RuleRefused
from app.domain.ledger import Entry
from app.domain.terms.timeline import Timeline
from app.payments.corrected_lines import LineStanding, correction_entry, count_changed
from app.payments.correction_caps import require_headroom
from app.service.claim_rows import Row
from app.service.command import Work
from app.service.posting_days import posted_rows
from app.storage import claim_usage, claims, corrections, disputes, ledger, outcome_parts
from app.storage.engine import Connection


@dataclass(frozen=True, slots=True)
class PostedCorrection:
    """An approved correction about to be recorded: the rows of a journal record, and its entry."""

    correction: Correction
    entry: Entry
    counted: int
    rows: dict[str, list[Row]]


def line_standing(
    connection: Connection,
    contract_id: str,
    timeline: Timeline,
    claim_number: int,
    line_number: int,
) -> LineStanding:
    """An approved line with its entry, reversals and approved corrections.

    Raises NotFound `claim-unknown` and `claim-line-unknown`, RuleRefused `claim-not-approved`.
    """
    stored = claims.get(connection, contract_id, claim_number)
    line = claims.line(connection, contract_id, claim_number, line_number)
    if stored.status not in {ClaimStatus.APPROVED, ClaimStatus.PAID}:
        raise RuleRefused(
            "claim-not-approved",
            f"Claim {claim_number} is {stored.status.value}; only lines of an approved claim are "
            "corrected. Return a claim that is not decided yet.",
        )
    number = claims.entry_of_line(connection, contract_id, claim_number, line_number)
    entry = None if number is None else ledger.entry(connection, contract_id, number).entry
    reversals = () if number is None else ledger.reversals_of(connection, contract_id, number)
    approved = corrections.approved_of(connection, contract_id, [claim_number])
    version = stored.terms_version
    if line.kind is LineKind.CLAWBACK:
        first = claims.line_taken_back(connection, contract_id, line.source_id)
        if first is not None:
            version = claims.get(connection, contract_id, first[0]).terms_version
    return LineStanding(
        claim_number,
        stored.period,
        line,
        timeline.numbered(version).terms,
        entry,
        tuple(reversals),
        tuple(one.correction for one in approved if one.correction.line_number == line_number),
    )


def approved_correction_rows(
    work: Work,
    standing: LineStanding,
    *,
    kind: CorrectionKind,
    reason: CorrectionReason,
    shares: tuple[PayerShare, ...],
    day: date,
    entry_number: int | None = None,
    dispute_id: str | None = None,
    note: str | None = None,
) -> PostedCorrection:
    """A correction made and approved in one act, for a command that decides it: a dispute's end.

    `shares` are what payers owe more, or below zero less. `standing` is the line as it stands: as
    `line_standing` reads it, or put together by a command that posts the line in the same record.
    `entry_number` is that of the new entry, by default the ledger's next. The rows are those of
    the command's own journal record; merge them with `merged`. Raises as `posted` does.
    """
    correction = Correction(
        work.new_id(),
        kind,
        reason,
        standing.claim_number,
        standing.line.line_number,
        _reversed_entry(standing, kind),
        dispute_id,
        day,
        shares,
    )
    made = posted(work, standing, correction, day=day, entry_number=entry_number)
    proposed = proposal_rows(work, correction, work.note(note))
    decided = [decision_row(work, correction, "approved", day, made, None)]
    return replace(made, rows=merged(proposed, made.rows, {"correction_decisions": decided}))


def posted(
    work: Work,
    standing: LineStanding,
    correction: Correction,
    *,
    day: date,
    entry_number: int | None = None,
    is_trial: bool = False,
) -> PostedCorrection:
    """The entry of a correction under all rules on the locked, present state, with its rows.

    It belongs to the last day of the line's claim: where that is closed hard, the entry is a
    prior-period adjustment. A trial (a proposal) posts nothing, so closed periods let it pass.

    Raises RuleRefused `already-clawed-back`, `dispute-open`, `correction-over-cap`,
    `period-soft-closed`, and what `correction_entry` raises.
    """
    connection, contract_id = work.connection, work.contract_id
    if outcome_parts.is_taken_back(
        connection, contract_id, standing.claim_number, standing.line.line_number
    ):
        raise RuleRefused(
            "already-clawed-back",
            f"{standing.place} has been clawed back whole; correct the line that took it back.",
        )
    require_undisputed(work, standing, correction)
    number = entry_number or ledger.next_entry_number(connection, contract_id)
    entry = correction_entry(standing, correction, entry_number=number, effective_date=day)
    if any(share.amount.minor > 0 for share in correction.shares):
        usage = claim_usage.usage(
            connection, contract_id, claims.next_number(connection, contract_id)
        )
        version = work.timeline.in_effect(day)
        require_headroom(version, usage, standing, correction)
    counted = count_changed(standing, correction)
    rows = {} if is_trial else posted_rows(work, [entry], belongs_on=standing.period.end)
    return PostedCorrection(correction, entry, counted, rows)


def require_undisputed(work: Work, standing: LineStanding, correction: Correction) -> None:
    """Refuse to correct a line while it is in dispute, but by the dispute itself.

    What a dispute is about must still be there when it is decided. Raises RuleRefused
    `dispute-open`.
    """
    if correction.dispute_id is None and disputes.is_open(
        work.connection, work.contract_id, standing.claim_number, standing.line.line_number
    ):
        raise RuleRefused(
            "dispute-open",
            f"{standing.place} is in dispute. Record the outcome first; then correct what is left.",
        )


def proposal_rows(
    work: Work, correction: Correction, note_digest: str | None
) -> dict[str, list[Row]]:
    """A correction and its shares as rows."""
    row = {
        "correction_id": correction.correction_id,
        "kind": correction.kind.value,
        "reason": correction.reason.value,
        "claim_number": correction.claim_number,
        "line_number": correction.line_number,
        "reverses": correction.reverses,
        "dispute_id": correction.dispute_id,
        "proposed_on": correction.proposed_on,
        "note_digest": note_digest,
    } | work.signed()
    return {
        "corrections": [row],
        "correction_shares": [
            {
                "correction_id": correction.correction_id,
                "payer": share.payer,
                "amount_minor": share.amount.minor,
                "currency": share.amount.currency,
            }
            for share in correction.shares
        ],
    }


def decision_row(
    work: Work,
    correction: Correction,
    decision: str,
    day: date,
    made: PostedCorrection | None,
    note_digest: str | None,
) -> Row:
    """The decision on a correction as a row; `made` is what an approval posts."""
    return {
        "correction_id": correction.correction_id,
        "decision": decision,
        "decided_on": day,
        "entry_number": made.entry.entry_number if made else None,
        "counted": made.counted if made else 0,
        "note_digest": note_digest,
    } | work.signed()


def merged(*parts: dict[str, Any]) -> dict[str, list[Row]]:
    """Rows of several parts of one journal record, table by table, in the order given."""
    whole: dict[str, list[Row]] = {}
    for part in parts:
        for table, rows in part.items():
            whole.setdefault(table, []).extend(rows)
    return whole


def _reversed_entry(standing: LineStanding, kind: CorrectionKind) -> int | None:
    if kind is not CorrectionKind.REVERSAL or standing.entry is None:
        return None
    return standing.entry.entry_number
