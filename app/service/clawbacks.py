"""Taking money back: a decision now, a line of a later claim, the original split reversed."""

from datetime import date

from app.domain.calendar import add_months
from app.domain.dispute import DisputeState
from app.domain.errors import Fault, InputInvalid, RuleRefused
from app.domain.occupation import SpellEnd
from app.domain.outcome import ClawbackDecision, Entitlement
from app.domain.pseudonym import identity_fault
from app.domain.sustainment import spells
from app.domain.terms.parties import Role
from app.domain.verification import ClawbackGround
from app.service.command import Change, Command, Done, Work, run
from app.service.context import Context
from app.storage import claims, corrections, disputes, outcomes, participants
from app.storage.outcome_parts import OutcomePart, parts_of_outcome
from app.storage.payments import paid_on_for


def claw_back(
    context: Context,
    command: Command,
    entitlement_id: str,
    *,
    ground: ClawbackGround,
    decided_on: date | None = None,
    note: str | None = None,
) -> Done[ClawbackDecision]:
    """Decide to take an entitlement back whole.

    Not claimed yet: it is void and never claimed. Approved: the next claim has a line that
    reverses it, which restores cap headroom. In an undecided claim: return that claim first.
    A line that was corrected cannot be taken back whole any more: reverse what is left of it.
    The terms bound how long after payment this is possible (/clawback/lookback_months), except
    for false evidence where fraud is unlimited.
    """

    def decide(work: Work) -> Change[ClawbackDecision]:
        work.require_role(Role.COMMISSIONER, doing="claw money back")
        if note and (fault := identity_fault(note, "/note")):
            raise InputInvalid([fault])
        entitlement = outcomes.entitlement(work.connection, work.contract_id, entitlement_id)
        day = work.day(decided_on, "/decided_on")
        _require_possible(work, entitlement, day)
        _require_in_lookback(work, entitlement, ground, day)
        if ground is ClawbackGround.EARLY_RETURN_TO_CARE:
            _require_early_return(work, entitlement)
        decision = ClawbackDecision(work.new_id(), entitlement_id, ground.value, day)
        row = {
            "clawback_id": decision.clawback_id,
            "entitlement_id": entitlement_id,
            "ground": ground.value,
            "decided_on": day,
            "note_digest": work.note(note),
        } | work.signed()
        return Change("clawback_decided", day, {"clawbacks": [row]}, decision)

    return run(context, command, decide)


def _require_possible(work: Work, entitlement: Entitlement, day: date) -> None:
    connection, contract_id = work.connection, work.contract_id
    if outcomes.clawback_of(connection, contract_id, entitlement.entitlement_id):
        raise RuleRefused("already-clawed-back", "The entitlement has been clawed back already.")
    if day < entitlement.verified_on:
        raise InputInvalid(
            [
                Fault(
                    "date-before-verification",
                    "/decided_on",
                    "A clawback cannot be dated before the verification.",
                )
            ]
        )
    held = claims.open_claim_of(connection, contract_id, entitlement.entitlement_id)
    if held is not None:
        raise RuleRefused(
            "in-undecided-claim",
            f"The entitlement is in claim {held}, which is not decided yet. Return that claim, "
            "then take the entitlement back.",
        )
    parts = parts_of_outcome(connection, contract_id, entitlement.entitlement_id)
    for part in parts:
        _require_not_in_dispute(work, part)
    approved = [(one.claim_number, one.line_number) for one in parts if one.is_approved]
    if corrections.any_corrected(connection, contract_id, approved):
        raise RuleRefused(
            "reversed-in-part",
            "The line of the entitlement has been corrected, so it cannot be taken back whole. "
            "Propose a reversal of what is left of it.",
        )


def _require_not_in_dispute(work: Work, part: OutcomePart) -> None:
    """What a dispute is about stays until it is decided, and what it took until it is posted."""
    found = disputes.of_line(work.connection, work.contract_id, part.claim_number, part.line_number)
    states = {one.state for one in found}
    if DisputeState.OPEN in states:
        raise RuleRefused(
            "dispute-open",
            "The entitlement's line is in dispute. Record the outcome first; then take it back.",
        )
    if not part.is_approved and states & {DisputeState.UPHELD, DisputeState.SETTLED}:
        raise RuleRefused(
            "in-undecided-claim",
            f"A dispute took something of the entitlement's part in claim {part.claim_number}, "
            "which is not decided yet. Return that claim, then take the entitlement back.",
        )


def _require_in_lookback(
    work: Work, entitlement: Entitlement, ground: ClawbackGround, day: date
) -> None:
    rules = work.timeline.in_effect(day).terms.clawback
    paid_on = paid_on_for(work.connection, work.contract_id, entitlement.entitlement_id)
    if paid_on is None or rules.lookback_months is None:
        return
    if ground is ClawbackGround.FALSE_EVIDENCE and rules.unlimited_for_fraud:
        return
    last = add_months(paid_on, rules.lookback_months)
    if day > last:
        raise RuleRefused(
            "after-lookback",
            f"It was paid on {paid_on.isoformat()}; the terms allow a clawback for "
            f"{rules.lookback_months} months, until {last.isoformat()}.",
        )


def _require_early_return(work: Work, entitlement: Entitlement) -> None:
    """A move is taken back only if the person returned to care within the terms' days."""
    terms = work.timeline.numbered(entitlement.terms_version).terms
    days = terms.clawback.move_clawback_days
    journey = participants.journey(work.connection, work.contract_id, entitlement.participant_id)
    returned = [
        spell
        for spell in spells(journey, terms.sustainment, work.today)
        if spell.anchor_on == entitlement.achieved_on
        and spell.end_reason is SpellEnd.RETURNED_TO_CARE
        and spell.ended_on is not None
        and (spell.ended_on - spell.anchor_on).days <= days
    ]
    metric = next(item for item in terms.metrics if item.code == entitlement.metric)
    if days == 0 or metric.kind != "event" or metric.event != "moved_on" or not returned:
        raise RuleRefused(
            "no-early-return",
            f"The terms take a move back only after a return to care within {days} days of it, and "
            "the journey shows none. A later tenancy failure is not a ground.",
            pointer="/ground",
        )
