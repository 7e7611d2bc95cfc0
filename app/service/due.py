"""What is due: each participant's next milestone, missing evidence and the money at stake."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.calendar import local_date
from app.domain.errors import OutcomesError
from app.domain.evidence import EvidenceGap, EvidenceItem, gaps
from app.domain.money import Money
from app.domain.outcome import Milestone
from app.domain.participant import Journey, standing
from app.domain.terms.timeline import Timeline
from app.domain.verification import decide_by, due_on, longstop_on
from app.payments.assess import assess, next_milestone
from app.payments.pricing import price
from app.service.context import Context
from app.service.outcomes import is_after_longstop, metric_of
from app.storage import contracts, earnings, evidence, journal, outcomes, participants
from app.storage.outcomes import StoredSubmission


@dataclass(frozen=True, slots=True)
class DueItem:
    """One participant's next milestone.

    `submit_by` is the last day to submit without a waiver, `longstop_on` the last day at all.
    `at_stake` is the price before caps, None when no edition prices it on that day.
    `submission_state` tells where the last round stands: submitted, returned, rejected or None;
    `decide_by` is the day by which to decide on it while it is submitted, else None.
    """

    participant_id: str
    milestone: Milestone
    submit_by: date | None
    longstop_on: date | None
    missing: tuple[EvidenceGap, ...]
    at_stake: Money | None
    submission_state: str | None
    decide_by: date | None


def due(
    context: Context, contract_id: str, after: str = "", limit: int = 50, as_of: date | None = None
) -> tuple[list[DueItem], str | None]:
    """The next milestone of each participant who has one, in order of participant id.

    What passed its long-stop without being put forward is not due: a later home may still earn it.

    Reads `limit` participants after a given one; those with nothing to come are left out. The
    second value is where to go on, None at the end.
    """
    with context.reading(contract_id) as uow:
        connection = uow.connection
        journal.head(connection, contract_id)
        timeline = contracts.timeline(connection, contract_id)
        people = participants.page(connection, contract_id, after, limit)
        if not timeline.versions or not people:
            return [], None
        ids = [person.participant_id for person in people]
        events = participants.events(connection, contract_id, ids)
        items = evidence.of_participants(connection, contract_id, ids)
        earned = earnings.earned_by(connection, contract_id, ids)
        rounds = outcomes.last_rounds(connection, contract_id, ids)
    day = as_of or local_date(context.clock(), timeline.latest.terms.timezone)
    found = []
    for person in people:
        participant_id = person.participant_id
        journey = Journey(person, standing(events[participant_id]))
        milestones = [
            one
            for one in assess(journey, timeline, day, earned[participant_id])
            if _can_still_be_earned(timeline, one, rounds[participant_id], day)
        ]
        if milestone := next_milestone(milestones, earned[participant_id]):
            found.append(_item(timeline, milestone, items[participant_id], rounds[participant_id]))
    return found, ids[-1] if len(people) == limit else None


def _can_still_be_earned(
    timeline: Timeline,
    milestone: Milestone,
    rounds: Mapping[tuple[str, str], StoredSubmission],
    day: date,
) -> bool:
    """Not past its long-stop, unless it was put forward in time and waits for a decision."""
    last = rounds.get((milestone.metric, milestone.scope))
    waits = last is not None and last.state == "submitted"
    return waits or not is_after_longstop(timeline, milestone, day)


def _item(
    timeline: Timeline,
    milestone: Milestone,
    items: Sequence[EvidenceItem],
    rounds: Mapping[tuple[str, str], StoredSubmission],
) -> DueItem:
    terms = timeline.numbered(milestone.terms_version).terms
    metric = metric_of(timeline, milestone.terms_version, milestone.metric)
    supporting = [item for item in items if milestone.metric in item.supports]
    last = rounds.get((milestone.metric, milestone.scope))
    on = milestone.on
    if on is None:
        return DueItem(milestone.participant_id, milestone, None, None, (), None, None, None)
    return DueItem(
        milestone.participant_id,
        milestone,
        due_on(on, terms.submission),
        longstop_on(on, terms.submission, terms.last_day),
        gaps(metric.evidence, supporting, on, milestone.anchor_on),
        _at_stake(timeline, milestone, on),
        last.state if last else None,
        _decide_by(timeline, last),
    )


def _decide_by(timeline: Timeline, last: StoredSubmission | None) -> date | None:
    if last is None or last.state != "submitted":
        return None
    terms = timeline.numbered(last.submission.terms_version).terms
    return decide_by(last.submission.submitted_on, terms)


def _at_stake(timeline: Timeline, milestone: Milestone, on: date) -> Money | None:
    """The price if it were submitted and verified on the day it falls due; None if unpriced."""
    try:
        return price(
            milestone.metric,
            achieved_on=on,
            submitted_on=on,
            verified_on=on,
            anchor_on=milestone.anchor_on,
            late=False,
            timeline=timeline,
            terms_version=milestone.terms_version,
        ).amount
    except OutcomesError:
        return None
