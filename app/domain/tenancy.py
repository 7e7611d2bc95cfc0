"""Homes of a participant: each tenancy from its start to its end, read from the journey."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from app.domain.participant import EndReason, EventKind, JourneyEvent

# Whatever shows that the person lived in the home named by the move fixes that home's start.
_SETTLES_THE_MOVE = {
    EventKind.HOSPITAL_ADMITTED,
    EventKind.CUSTODY_STARTED,
    EventKind.CARE_STAY_STARTED,
    EventKind.RETURNED_TO_CARE,
}


@dataclass(frozen=True, slots=True)
class Tenancy:
    """One home. `ends_on` is the first day without it (the date of the ending event), or None.

    `ended` tells a tenancy that was given up from one that was exchanged for the next home on
    the same day. `events` are the ids of the journey events that started and ended it.
    """

    starts_on: date
    destination: str
    ends_on: date | None
    end_reason: EndReason | None
    ended: bool
    events: tuple[str, ...]


def tenancies(events: Iterable[JourneyEvent]) -> tuple[Tenancy, ...]:
    """The homes in order of their start, from standing events in journey order.

    A home starts with `tenancy_started`, with `tenancy_changed`, or with a `moved_on` that names
    a destination while no tenancy is open. A `tenancy_started` for the destination that the move
    named is that same home's own start: moved on 1 Mar, tenancy from 5 Mar, home from 5 Mar.
    Once the person was seen to live there (an absence or a return to care), it is another home.
    A home that starts while another is open replaces it on that day as a planned move.
    """
    homes: list[Tenancy] = []
    current: Tenancy | None = None
    only_named_by_move = False
    for event in events:
        if event.kind in _SETTLES_THE_MOVE:
            only_named_by_move = False
        elif event.kind is EventKind.TENANCY_ENDED and current is not None:
            reason = EndReason(event.reason or "")
            homes.append(_closed(current, event, reason, ended=True))
            current = None
        elif (destination := _names_a_home(event)) is not None:
            if current is not None and destination == current.destination:
                if event.kind is EventKind.MOVED_ON:
                    continue
                if event.kind is EventKind.TENANCY_STARTED and only_named_by_move:
                    current = replace(
                        current, starts_on=event.on, events=(*current.events, event.event_id)
                    )
                    only_named_by_move = False
                    continue
            if current is not None:
                homes.append(_closed(current, event, EndReason.PLANNED_MOVE, ended=False))
            current = Tenancy(
                event.on, destination, None, None, ended=False, events=(event.event_id,)
            )
            only_named_by_move = event.kind is EventKind.MOVED_ON
    return (*homes, current) if current is not None else tuple(homes)


def _names_a_home(event: JourneyEvent) -> str | None:
    if event.kind in {EventKind.MOVED_ON, EventKind.TENANCY_STARTED, EventKind.TENANCY_CHANGED}:
        return event.destination
    return None


def _closed(home: Tenancy, event: JourneyEvent, reason: EndReason, *, ended: bool) -> Tenancy:
    return replace(
        home,
        ends_on=event.on,
        end_reason=reason,
        ended=ended,
        events=(*home.events, event.event_id),
    )
