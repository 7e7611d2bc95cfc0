"""Assessing journeys in tests, with the milestones in a form that reads in a table."""

from app.domain.outcome import Earning, Milestone
from app.domain.terms.timeline import Timeline
from app.payments.assess import assess
from tests.factories import day, sustained_metric, timeline, version
from tests.journeys import journey

LATER = "2024-12-31"
MOVED = "moved_on 2021-01-15 tenancy"


def brief(milestone: Milestone) -> tuple[str, str, str | None]:
    return (
        milestone.metric,
        milestone.state.value,
        milestone.on.isoformat() if milestone.on else None,
    )


def assessed(terms: Timeline, *lines: str, as_of: str = LATER, earned=None, **participant):
    return assess(
        journey(*lines, **participant),
        terms,
        day(as_of),
        earnings(terms, *lines, earned=earned or {}, **participant),
    )


def earnings(terms: Timeline, *lines: str, earned, **participant) -> dict:
    """What was earned on a day by metric and scope, with what it rests on in the journey."""
    found = assess(journey(*lines, **participant), terms, day(LATER))
    occurrences = {(one.metric, one.on): (one.anchor_on or one.on, one.origins) for one in found}
    return {
        key: Earning(day(on), begins_on, frozenset(origins))
        for key, on in earned.items()
        for begins_on, origins in [occurrences.get((key[0], day(on)), (day(on), ()))]
    }


def states(terms: Timeline, *lines: str, metric: str | None = None, **options):
    """(metric, state, date) of each milestone, or (state, date) of one metric's."""
    found = [brief(one) for one in assessed(terms, *lines, **options)]
    if metric is None:
        return found
    return [(state, on) for code, state, on in found if code == metric]


def sustained(length: int, **rules) -> Timeline:
    """One version with one sustained metric, KEEP."""
    return timeline(
        version(
            metrics=[sustained_metric("KEEP", length)],
            sustainment={"qualifying_destinations": ["tenancy", "supported"], **rules},
        )
    )
