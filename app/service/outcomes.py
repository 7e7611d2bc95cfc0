"""Putting outcomes forward: a provider submits an achieved milestone with its evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.domain.errors import Fault, InputInvalid, NotPermitted, RuleRefused
from app.domain.evidence import EvidenceGap, gaps
from app.domain.outcome import Entitlement, Milestone, MilestoneState, Submission
from app.domain.terms.outcomes import LatePolicy, Metric
from app.domain.terms.parties import Role
from app.domain.terms.timeline import Timeline
from app.domain.verification import decide_by, due_on, longstop_on
from app.domain.working import Step, terms_ref
from app.payments.assess import assess, claimable
from app.payments.scope import Earned
from app.service.command import Change, Command, Done, Work, run
from app.service.context import Context
from app.storage import contracts, earnings, evidence, journal, outcomes, participants
from app.storage.engine import Connection
from app.storage.outcomes import StoredSubmission
from app.storage.working import steps_to_json


@dataclass(frozen=True, slots=True)
class Submitted:
    """A submission as recorded, with the parts of the evidence rule that no item meets yet.

    `decide_by` is the day by which the verifier should have decided.
    """

    submission: Submission
    gaps: tuple[EvidenceGap, ...]
    decide_by: date


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """A submission and what became of it; `decide_by` is None once it is decided."""

    stored: StoredSubmission
    decide_by: date | None


def submit_outcome(
    context: Context,
    command: Command,
    *,
    participant_id: str,
    metric: str,
    evidence_ids: Sequence[str],
    submitted_on: date | None = None,
    achieved_on: date | None = None,
) -> Done[Submitted]:
    """Submit an achieved milestone for verification.

    The service assesses the milestone; the provider names only person, metric and evidence, and
    `achieved_on` where several homes reached it (else the earliest that is not past its
    long-stop). Gaps in the evidence do not stop a submission, they are answered and shown to the
    verifier.
    """

    def decide(work: Work) -> Change[Submitted]:
        work.require_role(Role.SERVICE_PROVIDER, doing="submit outcomes")
        person = participants.get(work.connection, work.contract_id, participant_id)
        if person.provider != work.actor.party:
            raise NotPermitted(
                "party-not-permitted", "Only the participant's own provider may submit outcomes."
            )
        day = work.day(submitted_on, "/submitted_on")
        milestone = _achieved(work, participant_id, metric, day, achieved_on)
        submission = _submission(work, milestone, evidence_ids, day)
        missing = missing_evidence(work.connection, work.contract_id, work.timeline, submission)
        deciding_day = _decide_by(work.timeline, submission)
        rows = {
            "submissions": [_row(submission) | work.signed()],
            "submission_evidence": [
                {
                    "submission_id": submission.submission_id,
                    "evidence_id": evidence_id,
                    "participant_id": participant_id,
                }
                for evidence_id in submission.evidence_ids
            ],
        }
        return Change("outcome_submitted", day, rows, Submitted(submission, missing, deciding_day))

    return run(context, command, decide)


def get_submission(context: Context, contract_id: str, submission_id: str) -> SubmissionView:
    """One submission with its decision, or the day by which to decide."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        stored = outcomes.get(uow.connection, contract_id, submission_id)
        return _view(contracts.timeline(uow.connection, contract_id), stored)


def list_submissions(
    context: Context,
    contract_id: str,
    after: tuple[int, str] = (0, ""),
    limit: int = 50,
    state: str | None = None,
    participant_id: str | None = None,
) -> list[SubmissionView]:
    """Submissions in order of recording; `after` is (sequence, id) of the last one seen."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        found = outcomes.page(uow.connection, contract_id, after, limit, state, participant_id)
        timeline = contracts.timeline(uow.connection, contract_id)
        return [_view(timeline, stored) for stored in found]


def get_entitlement(context: Context, contract_id: str, entitlement_id: str) -> Entitlement:
    """One entitlement."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return outcomes.entitlement(uow.connection, contract_id, entitlement_id)


def list_entitlements(
    context: Context, contract_id: str, after: tuple[int, str] = (0, ""), limit: int = 50
) -> list[tuple[int, Entitlement]]:
    """Entitlements with their sequences, in order of recording."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return outcomes.entitlement_page(uow.connection, contract_id, after, limit)


def earned_by(connection: Connection, contract_id: str, participant_id: str) -> Earned:
    """What a participant has earned and not lost to a clawback, by metric and scope."""
    return earnings.earned_by(connection, contract_id, [participant_id])[participant_id]


def missing_evidence(
    connection: Connection, contract_id: str, timeline: Timeline, submission: Submission
) -> tuple[EvidenceGap, ...]:
    """The parts of the metric's evidence rule that the submission's items do not meet."""
    rule = metric_of(timeline, submission.terms_version, submission.metric).evidence
    items = evidence.items(connection, contract_id, submission.evidence_ids)
    supporting = [item for item in items.values() if submission.metric in item.supports]
    return gaps(rule, supporting, submission.achieved_on, submission.anchor_on)


def is_after_longstop(timeline: Timeline, milestone: Milestone, day: date) -> bool:
    """Whether a milestone can no longer be put forward on a day.

    Source: terms /submission/longstop_months. Achieved on 15 Jul 2020 with 6 months: from 16 Jan
    2021 on. What is not achieved yet is past it only if it falls due after the contract's last day.
    """
    if milestone.on is None:
        return False
    terms = timeline.numbered(milestone.terms_version).terms
    stop = longstop_on(milestone.on, terms.submission, terms.last_day)
    earliest = day if milestone.state is MilestoneState.ACHIEVED else milestone.on
    return stop is not None and earliest > stop


def metric_of(timeline: Timeline, terms_version: int, code: str) -> Metric:
    """A metric's definition in the version that governs the outcome."""
    terms = timeline.numbered(terms_version).terms
    return next(metric for metric in terms.metrics if metric.code == code)


def _achieved(
    work: Work, participant_id: str, metric: str, day: date, achieved_on: date | None
) -> Milestone:
    """The milestone that the submission is about, or a refusal that says where it stands.

    What a first home reached and nobody put forward in time does not stand in the way of what a
    later home reached.
    """
    known = {item.code for version in work.timeline.versions for item in version.terms.metrics}
    if metric not in known:
        raise InputInvalid(
            [
                Fault(
                    "metric-unknown",
                    "/metric",
                    f"The terms have no metric {metric}; they have {', '.join(sorted(known))}.",
                )
            ]
        )
    journey = participants.journey(work.connection, work.contract_id, participant_id)
    earned = earned_by(work.connection, work.contract_id, participant_id)
    milestones = assess(journey, work.timeline, work.today, earned)
    asked = [one for one in milestones if achieved_on in {None, one.on}]
    in_reach = [one for one in asked if not is_after_longstop(work.timeline, one, day)]
    found = claimable(in_reach, metric, earned) or claimable(asked, metric, earned)
    if found is None or found.on is None:
        raise RuleRefused("milestone-not-achieved", _why_not(milestones, metric), pointer="/metric")
    if found.on > day:
        raise RuleRefused(
            "milestone-not-achieved",
            f"{metric} is achieved on {found.on.isoformat()}, after the day of submission, "
            f"{day.isoformat()}.",
            pointer="/metric",
        )
    return found


def _why_not(milestones: Sequence[Milestone], metric: str) -> str:
    stands = [milestone for milestone in milestones if milestone.metric == metric]
    if not stands:
        return f"{metric} is not achieved: nothing in the journey starts it."
    last = stands[-1]
    when = f" ({last.on.isoformat()})" if last.on else ""
    reason = f" {last.working[-1].because}" if last.working else ""
    return (
        f"{metric} cannot be submitted: it is {last.state.value.replace('_', ' ')}{when}.{reason}"
    )


def _submission(
    work: Work, milestone: Milestone, evidence_ids: Sequence[str], day: date
) -> Submission:
    if milestone.on is None:
        raise AssertionError("an achieved milestone has its date")
    scope = milestone.scope
    occurrence, number = _next_round(work, milestone, scope)
    terms = work.timeline.numbered(milestone.terms_version).terms
    rules = terms.submission
    due, longstop = due_on(milestone.on, rules), longstop_on(milestone.on, rules, terms.last_day)
    if longstop is not None and day > longstop:
        raise RuleRefused(
            "after-longstop",
            f"The long-stop for this outcome was {longstop.isoformat()}; it can no longer be "
            "submitted, and no waiver is possible.",
        )
    late = due is not None and day > due
    if late and rules.late_policy is LatePolicy.REJECT:
        raise RuleRefused(
            "submitted-late", "The last day to submit has passed, and the terms reject late items."
        )
    _check_evidence(work, milestone, evidence_ids)
    return Submission(
        work.new_id(),
        milestone.participant_id,
        milestone.metric,
        scope,
        occurrence,
        number,
        milestone.on,
        milestone.anchor_on,
        milestone.terms_version,
        tuple(evidence_ids),
        day,
        due,
        (*milestone.working, *_deadline_step(milestone.terms_version, day, due)),
    )


def _view(timeline: Timeline, stored: StoredSubmission) -> SubmissionView:
    waits = stored.verification is None
    return SubmissionView(stored, _decide_by(timeline, stored.submission) if waits else None)


def _decide_by(timeline: Timeline, submission: Submission) -> date:
    terms = timeline.numbered(submission.terms_version).terms
    return decide_by(submission.submitted_on, terms)


def _deadline_step(version: int, day: date, due: date | None) -> tuple[Step, ...]:
    if due is None:
        return ()
    late = (day - due).days
    said = f"{late} days late" if late > 0 else "in time"
    return (
        Step(
            "submission.deadline",
            f"Submitted on {day.isoformat()}, due by {due.isoformat()}: {said}.",
            (terms_ref(version, "/submission/deadline"),),
        ),
    )


def _next_round(work: Work, milestone: Milestone, scope: str) -> tuple[int, int]:
    """Which occurrence and round this is; refuses while an earlier round is open."""
    earlier = [
        stored
        for stored in outcomes.rounds(
            work.connection, work.contract_id, milestone.participant_id, milestone.metric
        )
        if stored.submission.scope == scope
    ]
    if not earlier:
        return 1, 1
    last = earlier[-1]
    if last.state == "submitted":
        raise RuleRefused(
            "already-submitted",
            "This outcome is submitted and waits for a decision; it cannot be submitted twice.",
            pointer="/metric",
        )
    if last.state == "verified":
        # It was clawed back whole, or the milestone would not have been claimable.
        return last.submission.occurrence + 1, 1
    return last.submission.occurrence, last.submission.round + 1


def _check_evidence(work: Work, milestone: Milestone, evidence_ids: Sequence[str]) -> None:
    items = evidence.items(work.connection, work.contract_id, evidence_ids)
    faults = []
    for index, evidence_id in enumerate(evidence_ids):
        at, item = f"/evidence_ids/{index}", items.get(evidence_id)
        if evidence_id in evidence_ids[:index]:
            faults.append(Fault("duplicate", at, "The same evidence item is named twice."))
        elif item is None or item.participant_id != milestone.participant_id:
            faults.append(
                Fault(
                    "evidence-unknown",
                    at,
                    "The contract has no such evidence item about this participant.",
                )
            )
        elif milestone.metric not in item.supports:
            faults.append(
                Fault(
                    "evidence-not-for-metric",
                    at,
                    f"The item was recorded as evidence of {', '.join(item.supports)}, not of "
                    f"{milestone.metric}.",
                )
            )
    if faults:
        raise InputInvalid(faults)


def _row(submission: Submission) -> dict[str, Any]:
    return {
        "submission_id": submission.submission_id,
        "participant_id": submission.participant_id,
        "metric": submission.metric,
        "scope": submission.scope,
        "occurrence": submission.occurrence,
        "round": submission.round,
        "achieved_on": submission.achieved_on,
        "anchor_on": submission.anchor_on,
        "terms_version": submission.terms_version,
        "submitted_on": submission.submitted_on,
        "due_on": submission.due_on,
        "working": steps_to_json(submission.working),
    }
