"""Corrections of approved claim lines: proposed by one person, approved or refused by another."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from app.domain.approval import FirstApproval
from app.domain.claim import PayerShare
from app.domain.correction import (
    OF_DISPUTES,
    Correction,
    CorrectionKind,
    CorrectionReason,
    CorrectionState,
)
from app.domain.errors import Fault, InputInvalid, NotPermitted, RuleRefused
from app.domain.money import Money
from app.domain.parties import Actor
from app.domain.pseudonym import identity_fault
from app.domain.terms.parties import Role
from app.payments.corrected_lines import LineStanding, shares_adjusted, shares_taken_back
from app.service.command import Change, Command, Done, Work, run
from app.service.context import Context
from app.service.correcting import (
    decision_row,
    line_standing,
    merged,
    posted,
    proposal_rows,
)
from app.service.limits import require_within_limit
from app.service.second_approval import first_approval_row, require_another
from app.storage import corrections, journal
from app.storage.corrections import StoredCorrection

PROPOSERS = (
    Role.COMMISSIONER,
    Role.OUTCOME_PAYER,
    Role.OUTCOMES_FUND,
    Role.SPV,
    Role.INVESTOR,
    Role.SERVICE_PROVIDER,
)
"""Whoever pays, is paid or claims may say that a line is wrong; the commissioner decides."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a correction is to change: an amount, parts by payer, or (a reversal) all that is left.

    Of a reversal they are what is taken back, above zero. Of an adjustment, what payers owe more,
    or below zero less.
    """

    kind: CorrectionKind
    reason: CorrectionReason
    claim_number: int
    line_number: int
    amount: Money | None = None
    shares: tuple[PayerShare, ...] | None = None


def propose_correction(
    context: Context,
    command: Command,
    asked: Asked,
    *,
    proposed_on: date | None = None,
    note: str | None = None,
) -> Done[StoredCorrection]:
    """Propose a correction of a line of an approved claim. Nothing is posted.

    Any party to the money proposes. Every rule that approval will apply is applied now, so that
    what could not be approved today is not proposed.
    """

    def decide(work: Work) -> Change[StoredCorrection]:
        work.require_role(*PROPOSERS, doing="propose corrections")
        _require_proposable(work, asked, note)
        day = work.day(proposed_on, "/proposed_on")
        standing = line_standing(
            work.connection,
            work.contract_id,
            work.timeline,
            asked.claim_number,
            asked.line_number,
        )
        correction = _correction(work, standing, asked, day)
        posted(work, standing, correction, day=day, is_trial=True)
        digest = work.note(note)
        rows = proposal_rows(work, correction, digest)
        return Change("correction_proposed", day, rows, _proposed(work, correction, digest))

    return run(context, command, decide)


def approve_correction(
    context: Context,
    command: Command,
    correction_id: str,
    *,
    decided_on: date | None = None,
    note: str | None = None,
) -> Done[StoredCorrection]:
    """Approve a proposed correction: its entry is posted, and never changes again.

    Another person than the proposer, for the commissioner. What the line has become since decides:
    a reversal of more than is left by then is refused.

    The limit (/claims/second_approval_above) is the lower of the one of its claim's terms and the
    one of the terms in effect on the day of the approval. A correction above it, by itself or with
    the corrections of that claim approved before, or with all that the claim comes to by it if one
    person approved the claim, takes two persons: the first
    approval is recorded and posts nothing, the correction can still be refused, and the approval of
    another person then posts it. All that is asked of one approval is asked of both.
    """

    def decide(work: Work) -> Change[StoredCorrection]:
        _, day = _deciding(work, correction_id, decided_on, note)
        stored = corrections.get(work.connection, work.contract_id, correction_id, on=day)
        correction, approval = stored.correction, stored.approval
        require_within_limit(work, approval.amount, "The correction")
        _require_not_proposer(work, stored)  # once more: the limit may leave a delegation only
        require_another(
            work, approval.first, "correction_first_approvals", correction_id, "the correction"
        )
        standing = line_standing(
            work.connection,
            work.contract_id,
            work.timeline,
            correction.claim_number,
            correction.line_number,
        )
        if approval.takes_two and approval.first is None:
            posted(work, standing, correction, day=day, is_trial=True)
            return _first_approved(work, stored, day, work.note(note))
        made = posted(work, standing, correction, day=day)
        digest = work.note(note)
        row = decision_row(work, correction, "approved", day, made, digest)
        decided = replace(
            _decided(work, stored, CorrectionState.APPROVED, day, digest),
            entry_number=made.entry.entry_number,
            counted=made.counted,
        )
        rows = merged(made.rows, {"correction_decisions": [row]})
        return Change("correction_approved", made.entry.effective_date, rows, decided)

    return run(context, command, decide)


def refuse_correction(
    context: Context,
    command: Command,
    correction_id: str,
    *,
    decided_on: date | None = None,
    note: str | None = None,
) -> Done[StoredCorrection]:
    """Refuse a proposed correction: nothing is posted, and the proposal stays on record."""

    def decide(work: Work) -> Change[StoredCorrection]:
        stored, day = _deciding(work, correction_id, decided_on, note)
        digest = work.note(note)
        row = decision_row(work, stored.correction, "refused", day, None, digest)
        decided = _decided(work, stored, CorrectionState.REFUSED, day, digest)
        return Change("correction_refused", day, {"correction_decisions": [row]}, decided)

    return run(context, command, decide)


def get_correction(context: Context, contract_id: str, correction_id: str) -> StoredCorrection:
    """One correction with its decision, its entry and the documents that it went on."""
    with context.reckoning(contract_id) as uow:  # what its claim comes to counts
        journal.head(uow.connection, contract_id)
        return corrections.get(uow.connection, contract_id, correction_id)


def list_corrections(
    context: Context,
    contract_id: str,
    after: tuple[int, str] = (0, ""),
    limit: int = 50,
    *,
    claim_number: int | None = None,
    state: CorrectionState | None = None,
) -> list[StoredCorrection]:
    """Corrections in the order in which they were proposed, of one claim or state if named."""
    with context.reckoning(contract_id) as uow:  # what their claims come to counts
        journal.head(uow.connection, contract_id)
        return corrections.page(
            uow.connection, contract_id, after, limit, claim_number=claim_number, state=state
        )


def _require_proposable(work: Work, asked: Asked, note: str | None) -> None:
    faults: list[Fault] = []
    if note and (fault := identity_fault(note, "/note")):
        faults.append(fault)
    if asked.reason in OF_DISPUTES:
        message = "A dispute gives this reason itself; raise one, or give the cause of the mistake."
        faults.append(Fault("reason-of-disputes", "/reason", message))
    if asked.amount is not None and asked.shares is not None:
        message = "Give an amount, which is divided as the line is, or `shares`, and not both."
        faults.append(Fault("amount-and-shares", "/shares", message))
    given = [(asked.amount, "/amount")] if asked.amount is not None else []
    given += [
        (share.amount, f"/shares/{place}/amount") for place, share in enumerate(asked.shares or ())
    ]
    for amount, pointer in given:
        if amount.currency != work.terms.currency:
            message = f"Give the amount in {work.terms.currency}, the contract's currency."
            faults.append(Fault("currency-not-of-contract", pointer, message))
    if faults:
        raise InputInvalid(faults)


def _correction(work: Work, standing: LineStanding, asked: Asked, day: date) -> Correction:
    shares: Sequence[PayerShare]
    reverses = None
    if asked.kind is CorrectionKind.REVERSAL:
        if asked.amount is not None and asked.amount.minor <= 0:
            raise RuleRefused(
                "reversal-of-nothing",
                "Reverse an amount above zero, and for no payer below zero.",
                pointer="/amount",
            )
        shares = shares_taken_back(standing, asked.amount, asked.shares)
        reverses = standing.entry.entry_number if standing.entry else None
    else:
        shares = shares_adjusted(standing, asked.amount, asked.shares)
    named = {share.payer for share in shares}
    if len(named) < len(shares):
        raise RuleRefused("adjustment-repeats-payer", "Name each payer once.", pointer="/shares")
    return Correction(
        work.new_id(),
        asked.kind,
        asked.reason,
        asked.claim_number,
        asked.line_number,
        reverses,
        None,
        day,
        tuple(sorted(shares, key=lambda share: share.payer)),
    )


def _proposed(work: Work, correction: Correction, digest: str | None) -> StoredCorrection:
    return StoredCorrection(
        correction=correction,
        currency=work.terms.currency,
        by=work.actor,
        note_digest=digest,
        approval=corrections.to_approve(work.connection, work.contract_id, correction),
        state=CorrectionState.PROPOSED,
        decided_on=None,
        decided_by=None,
        decision_note_digest=None,
        entry_number=None,
        counted=0,
        documents=(),
        is_invoiced=False,
        sequence=0,
        version=0,
        recorded_at=work.now,
    )


def _first_approved(
    work: Work, stored: StoredCorrection, day: date, digest: str | None
) -> Change[StoredCorrection]:
    """The first of two approvals: recorded, and nothing posted."""
    key = {"correction_id": stored.correction.correction_id, "note_digest": digest}
    rows = {"correction_first_approvals": [first_approval_row(work, key, day)]}
    given = replace(
        stored,
        state=CorrectionState.FIRST_APPROVED,
        approval=replace(stored.approval, first=FirstApproval(day, work.actor)),
    )
    return Change("correction_first_approved", day, rows, given)


def _decided(
    work: Work,
    stored: StoredCorrection,
    state: CorrectionState,
    day: date,
    digest: str | None,
) -> StoredCorrection:
    return replace(
        stored,
        state=state,
        decided_on=day,
        decided_by=Actor(work.actor.party, work.actor.person),
        decision_note_digest=digest,
    )


def _deciding(
    work: Work, correction_id: str, decided_on: date | None, note: str | None
) -> tuple[StoredCorrection, date]:
    """What approval and refusal have in common: who may, what state, which version, which day."""
    work.require_role(Role.COMMISSIONER, doing="decide on corrections")
    if note and (fault := identity_fault(note, "/note")):
        raise InputInvalid([fault])
    stored = corrections.get(work.connection, work.contract_id, correction_id)
    if stored.decided_on is not None:
        raise RuleRefused(
            "correction-already-decided",
            f"The correction was {stored.state.value} on {stored.decided_on.isoformat()}; what is "
            "decided stays. Propose another one.",
        )
    work.require_version(stored.version)
    _require_not_proposer(work, stored)
    day = work.day(decided_on, "/decided_on")
    if day < stored.correction.proposed_on:
        message = "A decision cannot be dated before the proposal."
        raise InputInvalid([Fault("date-before-proposal", "/decided_on", message)])
    first = stored.approval.first
    if first and day < first.approved_on:
        message = "A decision cannot be dated before the first approval."
        raise InputInvalid([Fault("date-before-first-approval", "/decided_on", message)])
    return stored, day


def _require_not_proposer(work: Work, stored: StoredCorrection) -> None:
    if work.is_behind(stored.by, "corrections", stored.correction.correction_id):
        raise NotPermitted(
            "approver-is-proposer", "Whoever proposed the correction cannot decide on it."
        )
