"""Deciding on submissions: verified, returned or rejected; waiving lateness."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.domain.calendar import local_date
from app.domain.errors import Fault, InputInvalid, NotPermitted, RuleRefused
from app.domain.outcome import Entitlement, Milestone, Submission
from app.domain.pseudonym import identity_fault
from app.domain.terms.outcomes import LatePolicy
from app.domain.terms.parties import Role
from app.domain.terms.payment import PriceDate
from app.domain.verification import (
    Decision,
    Lateness,
    ReasonCode,
    Verification,
    Waiver,
    due_on,
    lateness,
    longstop_on,
)
from app.domain.working import Step, terms_ref
from app.payments.assess import assess, claimable
from app.payments.pricing import price
from app.service.command import Change, Command, Done, Work, run
from app.service.context import Context
from app.service.outcomes import earned_by, missing_evidence
from app.storage import outcomes, participants
from app.storage.outcomes import StoredSubmission
from app.storage.working import steps_to_json


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, and the entitlement it made if the outcome was verified."""

    submission: Submission
    verification: Verification
    entitlement: Entitlement | None


@dataclass(frozen=True, slots=True)
class Acceptances:
    """What a verifier accepts by name: other evidence than the rule asks for, or a late recording.

    `backdated`: the submission is dated in time but was recorded after its last day.
    """

    equivalent_evidence: bool = False
    backdated: bool = False


def waive_lateness(
    context: Context,
    command: Command,
    submission_id: str,
    *,
    granted_on: date | None = None,
    note: str | None = None,
) -> Done[Waiver]:
    """The commissioner waives the lateness of one submission, with a date."""

    def decide(work: Work) -> Change[Waiver]:
        work.require_role(Role.COMMISSIONER, doing="waive lateness")
        _check_note(note)
        stored = outcomes.get(work.connection, work.contract_id, submission_id)
        submission = stored.submission
        _require_open(stored)
        day = work.day(granted_on, "/granted_on")
        governing = work.timeline.governing(submission.achieved_on)
        if governing is None:
            raise AssertionError("a submitted outcome was achieved under some version")
        rules = governing.terms.submission
        due = due_on(submission.achieved_on, rules)
        longstop = longstop_on(submission.achieved_on, rules, governing.terms.last_day)
        stands = lateness(submission.submitted_on, due, longstop)
        if stands is not Lateness.LATE:
            raise RuleRefused(
                "not-late",
                "The submission was in time, or is past the long-stop; there is nothing to waive.",
            )
        if rules.late_policy is not LatePolicy.WAIVER_BY_COMMISSIONER:
            raise RuleRefused("waiver-not-in-terms", "The terms do not provide for waivers.")
        if stored.waiver is not None:
            raise RuleRefused("already-waived", "The lateness has been waived already.")
        if day < submission.submitted_on:
            raise RuleRefused(
                "date-before-submission",
                "A waiver cannot be dated before the submission.",
                pointer="/granted_on",
            )
        row = {
            "submission_id": submission_id,
            "granted_on": day,
            "note_digest": work.note(note),
        } | work.signed()
        waiver = Waiver(submission_id, day, work.actor)
        return Change("lateness_waived", day, {"waivers": [row]}, waiver)

    return run(context, command, decide)


def decide_submission(
    context: Context,
    command: Command,
    submission_id: str,
    *,
    decision: Decision,
    reason_code: ReasonCode | None = None,
    note: str | None = None,
    decided_on: date | None = None,
    accepting: Acceptances = Acceptances(),
) -> Done[Decided]:
    """Verify, return or reject a submission. Verifying makes the entitlement, priced and uncapped.

    Checks in order: role, not the submitter's party, not decided yet, version, reason, dates;
    and to verify: milestone still achieved, lateness, evidence.
    """

    def decide(work: Work) -> Change[Decided]:
        work.require_role(Role.COMMISSIONER, doing="decide on submissions")
        _check_reason(decision, reason_code)
        _check_note(note)
        stored = outcomes.get(work.connection, work.contract_id, submission_id)
        _require_other_party(work, stored)
        _require_open(stored)
        work.require_version(stored.version)
        day = work.day(decided_on, "/decided_on")
        if day < stored.submission.submitted_on:
            raise RuleRefused(
                "date-before-submission",
                "A decision cannot be dated before the submission.",
                pointer="/decided_on",
            )
        verification = Verification(
            work.new_id(),
            submission_id,
            decision,
            reason_code,
            day,
            work.actor,
            accepting.equivalent_evidence,
        )
        rows: dict[str, Any] = {"verifications": [_row(work, verification, note)]}
        entitlement = None
        if decision is Decision.VERIFIED:
            entitlement = _entitle(work, stored, verification, accepting, note)
            rows["entitlements"] = [_entitlement_row(entitlement)]
        decided = Decided(stored.submission, verification, entitlement)
        return Change(f"outcome_{decision.value}", day, rows, decided)

    return run(context, command, decide)


def _entitle(
    work: Work,
    stored: StoredSubmission,
    verification: Verification,
    accepting: Acceptances,
    note: str | None,
) -> Entitlement:
    found = _still_achieved(work, stored.submission)
    # A retrospective variation also governs what was put forward before it and not verified yet.
    submission = replace(
        stored.submission, terms_version=found.terms_version, anchor_on=found.anchor_on
    )
    late = _require_in_time(work, stored, submission, verification.decided_on, accepting)
    evidence_step = _require_evidence(work, submission, accepting, note)
    priced = price(
        submission.metric,
        achieved_on=submission.achieved_on,
        submitted_on=submission.submitted_on,
        verified_on=verification.decided_on,
        anchor_on=submission.anchor_on,
        late=late,
        timeline=work.timeline,
        terms_version=submission.terms_version,
    )
    return Entitlement(
        work.new_id(),
        submission.participant_id,
        submission.metric,
        submission.scope,
        submission.occurrence,
        submission.achieved_on,
        verification.decided_on,
        submission.terms_version,
        priced.terms_version,
        priced.edition,
        priced.amount,
        submission.submission_id,
        (evidence_step, *priced.working),
        submission.anchor_on,
        found.origins,
    )


def _still_achieved(work: Work, submission: Submission) -> Milestone:
    """The submitted milestone on the journey and terms known now; refused where it is none."""
    journey = participants.journey(work.connection, work.contract_id, submission.participant_id)
    earned = earned_by(work.connection, work.contract_id, submission.participant_id)
    same = [
        milestone
        for milestone in assess(journey, work.timeline, work.today, earned)
        if (milestone.on, milestone.scope) == (submission.achieved_on, submission.scope)
    ]
    found = claimable(same, submission.metric, earned)
    if found is None:
        raise RuleRefused(
            "milestone-no-longer-achieved",
            "Events or terms recorded since the submission mean that the milestone was not reached "
            f"on {submission.achieved_on.isoformat()}. Reject it, or have the journey corrected.",
        )
    return found


def _require_in_time(
    work: Work,
    stored: StoredSubmission,
    submission: Submission,
    decided_on: date,
    accepting: Acceptances,
) -> bool:
    """Whether a lower price for lateness applies, after refusing lateness nobody answers for.

    The rules are those of the version that governs the outcome now. A given date that makes the
    submission look earlier than its recording, where that matters, has to be accepted by name.
    """
    rules = work.timeline.numbered(submission.terms_version).terms
    recorded_on = local_date(stored.recorded_at, rules.timezone)
    due = due_on(submission.achieved_on, rules.submission)
    longstop = longstop_on(submission.achieved_on, rules.submission, rules.last_day)
    stands, stood = (lateness(day, due, longstop) for day in (submission.submitted_on, recorded_on))
    prices_by_submission = rules.claims.price_date is PriceDate.SUBMISSION
    dated_back = submission.submitted_on != recorded_on
    if (stands is not stood or (prices_by_submission and dated_back)) and not accepting.backdated:
        raise RuleRefused(
            "backdated-submission",
            f"The submission is dated {submission.submitted_on.isoformat()} but was recorded on "
            f"{recorded_on.isoformat()}, and its deadline or price depends on which counts. Accept "
            "the dating by name (accept_backdated), or reject it with reason late.",
        )
    if stands is Lateness.ON_TIME:
        return False
    waiver = stored.waiver
    waived = waiver is not None and waiver.granted_on <= decided_on
    _refuse_lateness(rules.submission.late_policy, stands, submission, waived=waived)
    return not waived


def _refuse_lateness(
    policy: LatePolicy, stands: Lateness, submission: Submission, *, waived: bool
) -> None:
    if stands is Lateness.CLOSED:
        raise RuleRefused(
            "after-longstop",
            "The long-stop for this outcome had passed when it was submitted, and no waiver is "
            "possible. Reject it with reason late.",
        )
    if policy is LatePolicy.REJECT:
        raise RuleRefused(
            "submitted-late", "The last day to submit had passed, and the terms reject late items."
        )
    if policy is LatePolicy.WAIVER_BY_COMMISSIONER and not waived:
        raise RuleRefused(
            "late-without-waiver",
            f"Submitted on {submission.submitted_on.isoformat()}, after its last day. Waive the "
            "lateness first, or reject it with reason late.",
        )


def _require_evidence(
    work: Work, submission: Submission, accepting: Acceptances, note: str | None
) -> Step:
    missing = missing_evidence(work.connection, work.contract_id, work.timeline, submission)
    refs = tuple(f"evidence:{evidence_id}" for evidence_id in submission.evidence_ids)
    terms = work.timeline.numbered(submission.terms_version).terms
    codes = [metric.code for metric in terms.metrics]
    place = f"/metrics/{codes.index(submission.metric)}/evidence"
    rule = terms_ref(submission.terms_version, place)
    if not missing:
        return Step("evidence", "The evidence meets the metric's rule.", (*refs, rule))
    if not accepting.equivalent_evidence:
        raise RuleRefused(
            "evidence-incomplete",
            "The evidence does not meet the metric's rule; see `faults` for what is missing. "
            "Return it, or accept equivalent evidence by name with a note.",
            faults=[Fault("evidence-missing", gap.pointer, gap.wanted) for gap in missing],
        )
    if not terms.verification.equivalent_evidence:
        raise RuleRefused(
            "equivalent-evidence-not-in-terms", "The terms do not allow equivalent evidence."
        )
    if note is None:
        raise RuleRefused(
            "note-required",
            "Say in a note why the evidence is equivalent to what the rule asks for.",
            pointer="/note",
        )
    wanted = "; ".join(gap.wanted for gap in missing)
    return Step(
        "evidence.equivalent",
        f"Accepted as equivalent by {work.actor.party}; the rule asked for: {wanted}",
        (*refs, rule),
    )


def _check_reason(decision: Decision, reason_code: ReasonCode | None) -> None:
    if (decision is Decision.VERIFIED) != (reason_code is None):
        wanted = "no reason_code" if decision is Decision.VERIFIED else "a reason_code"
        raise InputInvalid(
            [Fault("reason-mismatch", "/reason_code", f"A {decision.value} decision has {wanted}.")]
        )


def _check_note(note: str | None) -> None:
    if note and (fault := identity_fault(note, "/note")):
        raise InputInvalid([fault])


def _require_other_party(work: Work, stored: StoredSubmission) -> None:
    submission_id = stored.submission.submission_id
    if stored.by.party == work.actor.party or work.is_behind(
        stored.by, "submissions", submission_id
    ):
        raise NotPermitted(
            "verifier-is-submitter",
            "Whoever submitted the evidence, party or person, cannot decide on it.",
        )


def _require_open(stored: StoredSubmission) -> None:
    if stored.verification is not None:
        raise RuleRefused(
            "already-decided",
            f"The submission was {stored.state} on "
            f"{stored.verification.decided_on.isoformat()}; a decision is made once.",
        )


def _row(work: Work, verification: Verification, note: str | None) -> dict[str, Any]:
    return {
        "verification_id": verification.verification_id,
        "submission_id": verification.submission_id,
        "decision": verification.decision.value,
        "reason_code": verification.reason_code.value if verification.reason_code else None,
        "decided_on": verification.decided_on,
        "equivalent_evidence": verification.equivalent_evidence,
        "note_digest": work.note(note),
    } | work.signed()


def _entitlement_row(entitlement: Entitlement) -> dict[str, Any]:
    return {
        "entitlement_id": entitlement.entitlement_id,
        "participant_id": entitlement.participant_id,
        "metric": entitlement.metric,
        "scope": entitlement.scope,
        "occurrence": entitlement.occurrence,
        "achieved_on": entitlement.achieved_on,
        "verified_on": entitlement.verified_on,
        "terms_version": entitlement.terms_version,
        "price_terms_version": entitlement.price_terms_version,
        "edition": entitlement.edition,
        "amount_minor": entitlement.amount.minor,
        "currency": entitlement.amount.currency,
        "submission_id": entitlement.submission_id,
        "working": steps_to_json(entitlement.working),
        "anchor_on": entitlement.anchor_on,
        "origins": list(entitlement.origins),
    }
