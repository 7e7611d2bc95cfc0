"""Journeys of participants for tests, written as one line an event.

`journey("moved_on 2020-08-31 tenancy", "tenancy_ended 2021-01-10 reason=evicted")`: kind, day, and
for events that start a home its destination; other fields as name=value.
"""

from app.domain.participant import EventKind, Journey, JourneyEvent, Participant, standing
from app.domain.terms.outcomes import Sustainment
from tests.factories import day


def person(referred_on: str = "2019-12-01", **changes) -> Participant:
    """A participant in care who is eligible for `factories.terms()`."""
    values = {
        "participant_id": "P1",
        "provider": "provider",
        "referred_on": day(referred_on),
        "setting": "care",
        "funded_by_commissioner": True,
        "age_at_referral": 40,
        **changes,
    }
    return Participant(**values)


def event(line: str, order: int = 1, event_id: str | None = None) -> JourneyEvent:
    """One event; its id is "e" and its order unless given."""
    kind, on, *rest = line.split()
    fields = {}
    for word in rest:
        name, separator, value = word.partition("=")
        fields[name if separator else "destination"] = value if separator else word
    return JourneyEvent(event_id or f"e{order}", EventKind(kind), day(on), order, **fields)


def events(*lines: str, first: int = 1) -> tuple[JourneyEvent, ...]:
    """Events in the order of recording, with ids e1, e2, ..."""
    return tuple(event(line, order) for order, line in enumerate(lines, first))


def journey(*lines: str, **participant) -> Journey:
    """A journey of the events that stand."""
    return Journey(person(**participant), standing(events(*lines)))


def rules(**changes) -> Sustainment:
    """The register's defaults, with tenancies and supported housing qualifying."""
    return Sustainment.model_validate(
        {"qualifying_destinations": ["tenancy", "supported"], **changes}
    )
