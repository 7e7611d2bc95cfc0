"""A participant's journey: dated events, corrected only by later events that supersede them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum


class EventKind(StrEnum):
    """What can happen to a participant. Tenancy and support are separate axes."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    FOUND_INELIGIBLE = "found_ineligible"
    ENGAGED = "engaged"
    WITHDREW_BEFORE_MOVE = "withdrew_before_move"
    RE_REFERRED = "re_referred"
    MOVED_ON = "moved_on"
    TENANCY_STARTED = "tenancy_started"
    TENANCY_CHANGED = "tenancy_changed"
    TENANCY_ENDED = "tenancy_ended"
    HOSPITAL_ADMITTED = "hospital_admitted"
    HOSPITAL_DISCHARGED = "hospital_discharged"
    CUSTODY_STARTED = "custody_started"
    CUSTODY_ENDED = "custody_ended"
    CARE_STAY_STARTED = "care_stay_started"
    CARE_STAY_ENDED = "care_stay_ended"
    RETURNED_TO_CARE = "returned_to_care"
    ABSENCE_ACCEPTED = "absence_accepted"
    SUPPORT_WITHDRAWN = "support_withdrawn"
    SUPPORT_RESUMED = "support_resumed"
    SUPPORT_ENDED_PLANNED = "support_ended_planned"
    CONTACT_LOST = "contact_lost"
    CONTACT_REGAINED = "contact_regained"
    TRAINING_BEGUN = "training_begun"
    TRAINING_COMPLETED = "training_completed"
    DIED = "died"
    RETRACTED = "retracted"


class EndReason(StrEnum):
    """Why a tenancy ended."""

    RETURNED_TO_CARE = "returned_to_care"
    EVICTED = "evicted"
    ABANDONED = "abandoned"
    SURRENDERED = "surrendered"
    DIED = "died"
    LEFT_AREA = "left_area"
    PLANNED_MOVE = "planned_move"
    OTHER_PLANNED = "other_planned"


@dataclass(frozen=True, slots=True)
class JourneyEvent:
    """Something that happened to a participant on a day.

    `order` is the order of recording inside the contract. `destination` is a code of the terms'
    list (moved_on, tenancy_started, tenancy_changed); `reason` an EndReason value (tenancy_ended)
    or a code. `supersedes` names the event this one corrects; a RETRACTED event only removes it.
    An ABSENCE_ACCEPTED event names in `reason` which absence it accepts: hospital or custody.
    `first` is the id of the event that a chain of corrections began with; None without one.
    """

    event_id: str
    kind: EventKind
    on: date
    order: int
    destination: str | None = None
    reason: str | None = None
    supersedes: str | None = None
    first: str | None = None

    @property
    def origin(self) -> str:
        """The id under which the occurrence was first recorded; no correction changes it."""
        return self.first or self.event_id


@dataclass(frozen=True, slots=True)
class Participant:
    """One person in the cohort under the provider's pseudonym, with the referral's own facts."""

    participant_id: str
    provider: str
    referred_on: date
    setting: str
    funded_by_commissioner: bool
    age_at_referral: int | None = None


@dataclass(frozen=True, slots=True)
class Journey:
    """A participant and the events that stand, in order of date and then of recording."""

    participant: Participant
    events: tuple[JourneyEvent, ...]


def standing(events: Iterable[JourneyEvent]) -> tuple[JourneyEvent, ...]:
    """The events that no later event supersedes, by date and recording order, without retractions.

    A correction of a correction works the same way: only the last of the chain stands, and names
    the first of it. On its day a correction takes the place of the event that it corrects, so
    that a home whose end is corrected still ends before the next one, recorded in between, starts.
    """
    recorded = list(events)
    superseded = {event.supersedes for event in recorded if event.supersedes}
    kept = [
        event
        for event in recorded
        if event.event_id not in superseded and event.kind is not EventKind.RETRACTED
    ]
    if not superseded:
        return tuple(sorted(kept, key=lambda event: (event.on, event.order)))
    by_id = {event.event_id: event for event in recorded}
    began = [(event, _original(event, by_id)) for event in kept]
    began.sort(key=lambda pair: (pair[0].on, pair[1].order))
    return tuple(
        event if event is first else replace(event, first=first.event_id) for event, first in began
    )


def _original(event: JourneyEvent, by_id: Mapping[str, JourneyEvent]) -> JourneyEvent:
    while event.supersedes is not None:
        corrected = by_id.get(event.supersedes)
        if corrected is None or corrected.order >= event.order:
            break
        event = corrected
    return event
