"""Disputes: raised on a line, handed on by the steps of the terms, decided by another party."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.domain.bank_holidays import bank_holidays
from app.domain.calendar import local_date
from app.domain.claim import ClaimStatus, PayerShare
from app.domain.dispute import (
    Dispute,
    DisputeReason,
    DisputeState,
    Outcome,
    OutcomeKind,
    StepDue,
    check_may_dispute,
    handed_on,
    last_day_to_dispute,
    money_effect,
    step_due,
)
from app.domain.errors import InputInvalid, NotPermitted, RuleRefused
from app.domain.money import Money
from app.domain.pseudonym import identity_fault
from app.domain.terms.timeline import Timeline
from app.payments.corrections import proportional
from app.service.command import Change, Command, Done, Work, run
from app.service.context import Context
from app.service.correcting import merged
from app.service.dispute_lines import DisputedLine, disputed_line
from app.service.dispute_money import outcome_rows
from app.storage import claims, contracts, disputes, journal
from app.storage.disputes import StoredDispute


@dataclass(frozen=True, slots=True)
class DisputeView:
    """A dispute and where it stands on a day.

    `raise_by` was the last day to raise it. `step` is None once it is decided or lapsed, and where
    the terms name no steps.
    """

    stored: StoredDispute
    raise_by: date
    step: StepDue | None


def raise_dispute(
    context: Context,
    command: Command,
    *,
    subject: str,
    amount: Money,
    reason: DisputeReason,
    note: str | None = None,
    raised_on: date | None = None,
) -> Done[DisputeView]:
    """Dispute a line of a claim or statement, whole or in part, within the window of the terms.

    Any party whose book the line touches may, from the day of the decision that is challenged: of a
    submitted claim its submission, of an approved one its approval. A line has one open dispute at
    a time. Of 8,248.00 approved on 6 Oct 2023 with 20 working days: until 3 Nov 2023.
    """

    def decide(work: Work) -> Change[DisputeView]:
        _check_texts({"/note": note})
        line = disputed_line(work.connection, work.contract_id, work.timeline, subject)
        _require_may_raise(work, line)
        day = work.day(raised_on, "/raised_on")
        terms = work.timeline.in_effect(day).terms
        if amount.currency != terms.currency:
            raise RuleRefused(
                "currency-not-of-contract",
                f"The contract is in {terms.currency}; dispute amounts of it.",
                pointer="/amount/currency",
            )
        if line.is_disputed:
            raise RuleRefused(
                "dispute-open",
                "A dispute of the line is open already; decide it before another is raised.",
                pointer="/subject",
            )
        check_may_dispute(
            line.challenged_on,
            day,
            work.today,
            terms.disputes.window_working_days,
            bank_holidays(terms.timezone),
            amount,
            line.left,
        )
        dispute = Dispute(
            work.new_id(), subject, work.actor.party, day, line.challenged_on, amount, reason
        )
        shares = tuple(share for share in proportional(line.shares, amount) if share.amount)
        stored = _raised(work, dispute, line, shares, work.note(note))
        view = _view(stored, work.timeline, work.today)
        return Change("dispute_raised", day, _rows(stored), view)

    return run(context, command, decide)


def escalate_dispute(
    context: Context,
    command: Command,
    dispute_id: str,
    *,
    note: str | None = None,
    on: date | None = None,
) -> Done[DisputeView]:
    """Hand an open dispute on to the next step before the deadline of the one it stands at.

    A party whose book the line touches may. Without it, the next step begins by itself on the day
    after the deadline. At step 1 from 17 Jul 2023 with 10 working days: until 31 Jul 2023.
    """

    def decide(work: Work) -> Change[DisputeView]:
        _check_texts({"/note": note})
        stored = _open_dispute(work, dispute_id)
        day = work.day(on, "/on")
        terms = work.timeline.in_effect(stored.dispute.raised_on).terms
        dispute = stored.dispute
        steps, holidays = terms.disputes.escalation, bank_holidays(terms.timezone)
        escalation = handed_on(dispute, steps, day, holidays)
        row = {
            "dispute_id": dispute_id,
            "step": escalation.step,
            "on_date": day,
            "note_digest": work.note(note),
        } | work.signed()
        after = replace(dispute, escalations=(*dispute.escalations, escalation))
        view = _view(replace(stored, dispute=after), work.timeline, work.today)
        return Change("dispute_escalated", day, {"dispute_escalations": [row]}, view)

    return run(context, command, decide)


def decide_dispute(
    context: Context,
    command: Command,
    dispute_id: str,
    *,
    kind: OutcomeKind,
    amount_due: Money | None = None,
    decided_by: str | None = None,
    note: str | None = None,
    decided_on: date | None = None,
) -> Done[DisputeView]:
    """Record how a dispute was decided, and post what follows in the same record.

    A party whose book the line touches records it, other than the one that raised it. Who decided
    is the step of the terms at which the dispute stood (/disputes/escalation), unless `decided_by`
    says so; where the terms name no steps, it has to. Upheld: none of the amount is due; rejected:
    all of it; settled: `amount_due`. Of 8,248.00 settled at 5,000.00, 3,248.00 are taken back.
    """

    def decide(work: Work) -> Change[DisputeView]:
        _check_texts({"/note": note, "/decided_by": decided_by})
        stored = _open_dispute(work, dispute_id)
        if work.actor.party == stored.by.party or work.is_behind(stored.by, "disputes", dispute_id):
            raise NotPermitted(
                "decider-is-raiser",
                "Whoever raised a dispute cannot record its outcome; another party has to.",
            )
        day = work.day(decided_on, "/decided_on")
        effect = money_effect(
            stored.dispute, Outcome(kind, day, "", amount_due), is_posted=stored.is_posted
        )
        _require_in_order(work, stored, day)
        by = decided_by or _step_name(stored.dispute, work.timeline, day)
        outcome = Outcome(kind, day, by, amount_due)
        ended = replace(
            stored,
            dispute=replace(stored.dispute, outcome=outcome),
            due=effect.due,
            decided=work.actor,
            outcome_note_digest=work.note(note),
        )
        rows = merged(
            {"dispute_outcomes": [_outcome_row(work, ended, outcome)]},
            outcome_rows(work, ended, day),
        )
        return Change("dispute_decided", day, rows, _view(ended, work.timeline, work.today))

    return run(context, command, decide)


def get_dispute(context: Context, contract_id: str, dispute_id: str) -> DisputeView:
    """One dispute, as it stands today."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        timeline = contracts.timeline(uow.connection, contract_id)
        stored = disputes.one(uow.connection, contract_id, dispute_id)
        return _view(stored, timeline, _today(context, timeline))


def list_disputes(
    context: Context,
    contract_id: str,
    after: int = 0,
    limit: int = 50,
    *,
    state: DisputeState | None = None,
    claim_number: int | None = None,
) -> list[DisputeView]:
    """Disputes in order of recording, of one state or claim if asked, as they stand today."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        timeline = contracts.timeline(uow.connection, contract_id)
        found = disputes.page(
            uow.connection, contract_id, after, limit, state=state, claim_number=claim_number
        )
        return [_view(stored, timeline, _today(context, timeline)) for stored in found]


def _today(context: Context, timeline: Timeline) -> date:
    now = context.clock()
    return local_date(now, timeline.in_effect(now.date()).terms.timezone)


def _view(stored: StoredDispute, timeline: Timeline, on: date) -> DisputeView:
    dispute = stored.dispute
    terms = timeline.in_effect(dispute.raised_on).terms
    holidays = bank_holidays(terms.timezone)
    last = last_day_to_dispute(dispute.decided_on, terms.disputes.window_working_days, holidays)
    steps = terms.disputes.escalation
    step = None
    if steps and stored.state is DisputeState.OPEN:
        step = step_due(dispute, steps, on, holidays)
    return DisputeView(stored, last, step)


def _check_texts(texts: dict[str, str | None]) -> None:
    faults = [identity_fault(text, pointer) for pointer, text in texts.items() if text]
    if found := [fault for fault in faults if fault is not None]:
        raise InputInvalid(found)


def _require_may_raise(work: Work, line: DisputedLine) -> None:
    """Payers dispute what they are asked; once it is posted, the payee may too."""
    parties = line.payers | {line.payee} if line.is_posted else line.payers - {line.claim.by.party}
    _require_one_of(work, parties, "dispute the line")


def _require_one_of(work: Work, parties: Collection[str], doing: str) -> None:
    if work.actor.party not in parties:
        raise NotPermitted(
            "party-not-permitted",
            f"Only a party whose book the line touches may {doing}: {', '.join(sorted(parties))}.",
        )


def _open_dispute(work: Work, dispute_id: str) -> StoredDispute:
    """The dispute that is to be acted on: open, as the caller read it, by a party it concerns."""
    stored = disputes.one(work.connection, work.contract_id, dispute_id)
    claim = claims.get(work.connection, work.contract_id, stored.claim_number)
    terms = work.timeline.numbered(claim.terms_version).terms
    line = claims.line(work.connection, work.contract_id, stored.claim_number, stored.line_number)
    payers = {share.payer for share in line.shares}
    parties = {terms.commissioner, terms.payee, *payers}
    _require_one_of(work, parties, "act on its disputes")
    work.require_version(stored.version)
    if stored.state is not DisputeState.OPEN:
        raise RuleRefused(
            "dispute-not-open", f"The dispute is {stored.state.value}; nothing is left to decide."
        )
    return stored


def _require_in_order(work: Work, stored: StoredDispute, day: date) -> None:
    """Not before it was handed on, nor before the claim's approval withheld the amount."""
    earliest = [escalation.on for escalation in stored.dispute.escalations]
    claim = claims.get(work.connection, work.contract_id, stored.claim_number)
    if claim.decided_on is not None:
        earliest.append(claim.decided_on)
    if any(day < one for one in earliest):
        raise RuleRefused(
            "date-out-of-order",
            f"The dispute stood open until {max(earliest)}: its claim was approved or it was "
            "handed on then. Give that day or a later one.",
            pointer="/decided_on",
        )


def _step_name(dispute: Dispute, timeline: Timeline, day: date) -> str:
    terms = timeline.in_effect(dispute.raised_on).terms
    steps = terms.disputes.escalation
    standing = step_due(dispute, steps, day, bank_holidays(terms.timezone)) if steps else None
    if standing is None:
        raise RuleRefused(
            "decided-by-missing",
            "The terms name no steps of a dispute, so say who decided it.",
            pointer="/decided_by",
        )
    return standing.decided_by


def _raised(
    work: Work,
    dispute: Dispute,
    line: DisputedLine,
    shares: tuple[PayerShare, ...],
    note_digest: str | None,
) -> StoredDispute:
    status = ClaimStatus.APPROVED if line.is_posted else ClaimStatus.SUBMITTED
    return StoredDispute(
        dispute=dispute,
        claim_number=line.claim.claim_number,
        line_number=line.line.line_number,
        is_posted=line.is_posted,
        claim_status=status,
        shares=shares,
        by=work.actor,
        note_digest=note_digest,
        due=None,
        decided=None,
        outcome_note_digest=None,
        sequence=0,
        version=0,
        recorded_at=work.now,
    )


def _rows(stored: StoredDispute) -> dict[str, list[dict[str, Any]]]:
    dispute = stored.dispute
    row = {
        "dispute_id": dispute.dispute_id,
        "subject": dispute.subject,
        "claim_number": stored.claim_number,
        "line_number": stored.line_number,
        "is_posted": stored.is_posted,
        "raised_on": dispute.raised_on,
        "challenged_on": dispute.decided_on,
        "amount_minor": dispute.amount.minor,
        "currency": dispute.amount.currency,
        "reason": dispute.reason.value,
        "note_digest": stored.note_digest,
        "party": stored.by.party,
        "person": stored.by.person,
    }
    shares = [
        {
            "dispute_id": dispute.dispute_id,
            "payer": share.payer,
            "amount_minor": share.amount.minor,
        }
        for share in stored.shares
    ]
    return {"disputes": [row], "dispute_shares": shares}


def _outcome_row(work: Work, ended: StoredDispute, outcome: Outcome) -> dict[str, Any]:
    if ended.due is None:
        raise AssertionError("an outcome says what is due")
    return {
        "dispute_id": ended.dispute.dispute_id,
        "kind": outcome.kind.value,
        "decided_on": outcome.decided_on,
        "decided_by": outcome.decided_by,
        "due_minor": ended.due.minor,
        "note_digest": ended.outcome_note_digest,
    } | work.signed()
