"""When a participant has achieved the longest sustained milestone of the terms."""

from collections.abc import Iterable
from datetime import date

from app.domain.outcome import Milestone, MilestoneState
from app.domain.terms.outcomes import SustainedMetric
from app.domain.terms.timeline import Timeline


def completed_on(milestones: Iterable[Milestone], timeline: Timeline) -> date | None:
    """The day on which the longest sustained metric of the latest terms was achieved, if it was.

    Terms with 6, 12 and 24 months: moved 31 Aug 2020 and kept the home, completed 31 Aug 2022.
    None where the terms have no sustained metric. Source: terms /metrics.
    """
    sustained = [
        metric for metric in timeline.latest.terms.metrics if isinstance(metric, SustainedMetric)
    ]
    if not sustained:
        return None
    longest = max(sustained, key=lambda metric: metric.length).code
    reached = [
        one.on
        for one in milestones
        if one.metric == longest and one.state is MilestoneState.ACHIEVED and one.on is not None
    ]
    return min(reached, default=None)
