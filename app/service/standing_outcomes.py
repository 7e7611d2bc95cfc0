"""Which verified outcomes the journeys, as they are known now, still bear out."""

from collections.abc import Iterable, Sequence
from datetime import date

from app.domain.outcome import Entitlement, MilestoneState
from app.domain.participant import Journey
from app.domain.terms.timeline import Timeline
from app.payments.assess import assess
from app.storage import participants
from app.storage.engine import Connection

_BATCH = 1000


def borne_out(
    connection: Connection,
    contract_id: str,
    timeline: Timeline,
    entitlements: Sequence[Entitlement],
    today: date,
) -> tuple[list[Entitlement], list[Entitlement]]:
    """The entitlements whose milestones the journeys still show, and those they no longer do.

    Six months verified on 20 Jul 2020 are not borne out once it is recorded that the tenancy had
    ended on 1 Jul. Each is judged by the terms it was verified under: a later variation does not
    take back what was earned. Journeys are read for many participants at a time.
    """
    people = sorted({one.participant_id for one in entitlements})
    journeys: dict[str, Journey] = {}
    for start in range(0, len(people), _BATCH):
        some = people[start : start + _BATCH]
        found = participants.journeys_of(connection, contract_id, some)
        journeys |= {one.participant.participant_id: one for one in found}
    reached: dict[tuple[str, int], frozenset[tuple[str, date | None]]] = {}
    shown: list[Entitlement] = []
    gone: list[Entitlement] = []
    for one in entitlements:
        key = (one.participant_id, one.terms_version)
        if key not in reached:
            known = _up_to(timeline, one.terms_version)
            reached[key] = frozenset(_reached(journeys[one.participant_id], known, today))
        kept = shown if (one.metric, one.achieved_on) in reached[key] else gone
        kept.append(one)
    return shown, gone


def _up_to(timeline: Timeline, number: int) -> Timeline:
    return Timeline(tuple(version for version in timeline.versions if version.number <= number))


def _reached(
    journey: Journey, timeline: Timeline, today: date
) -> Iterable[tuple[str, date | None]]:
    for milestone in assess(journey, timeline, today):
        if milestone.state is MilestoneState.ACHIEVED:
            yield milestone.metric, milestone.on
