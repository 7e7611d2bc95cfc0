"""Stays away from a home that is kept: hospital, custody, and respite or trial stays in care."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from app.domain.calendar import nights_away
from app.domain.participant import EventKind, JourneyEvent
from app.domain.terms.outcomes import Sustainment


class StayKind(StrEnum):
    """Where the person stays; the values are those of an `absence_accepted` event's reason."""

    HOSPITAL = "hospital"
    CUSTODY = "custody"
    CARE = "care"


_BEGINS = {
    EventKind.HOSPITAL_ADMITTED: StayKind.HOSPITAL,
    EventKind.CUSTODY_STARTED: StayKind.CUSTODY,
    EventKind.CARE_STAY_STARTED: StayKind.CARE,
    EventKind.RETURNED_TO_CARE: StayKind.CARE,
}
_FINISHES = {
    EventKind.HOSPITAL_DISCHARGED: StayKind.HOSPITAL,
    EventKind.CUSTODY_ENDED: StayKind.CUSTODY,
    EventKind.CARE_STAY_ENDED: StayKind.CARE,
}


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay away. `ends_on` is the day of return, which does not count as away, or None.

    `permanent` marks a return to care that is not a respite or trial stay. `final` marks an end
    that nothing can undo: the person moved on from care, or died.
    """

    kind: StayKind
    starts_on: date
    ends_on: date | None
    accepted: bool
    permanent: bool
    final: bool
    events: tuple[str, ...]

    def length(self, as_of: date) -> int:
        """Days (nights for care) away: the first day counts, the day of return does not.

        A stay that has not ended is counted to the end of `as_of`: from 10 Apr, 1 on 10 Apr.
        10 Apr to a return on 19 May is 39.
        """
        return nights_away(self.starts_on, self.ends_on or as_of + timedelta(days=1))

    def settled(self, as_of: date) -> bool:
        """Whether the stay can no longer grow, seen at the end of `as_of`.

        The day of return is too early to tell, because going away again on the next day would
        continue the stay.
        """
        return self.final or (self.ends_on is not None and self.ends_on < as_of)


def stays(events: Iterable[JourneyEvent]) -> tuple[Stay, ...]:
    """The stays in order of their start, from standing events in journey order.

    A one-night return does not reset a break: a stay of the same kind that starts on the day of
    return or on the next day continues the one before as if the return had not happened, so
    1-15 Mar and 16-30 Mar are one stay of 29 nights. Leaving care by `moved_on` does reset it.
    `returned_to_care` makes a care stay permanent from its first night. `moved_on`,
    `returned_to_care` and `died` end every other stay that is still open.
    """
    found: list[Stay] = []
    latest: dict[StayKind, int] = {}
    for event in events:
        if event.kind in _BEGINS:
            _begin(found, latest, event)
        elif event.kind in _FINISHES:
            at = latest.get(_FINISHES[event.kind])
            if at is not None and found[at].ends_on is None:
                found[at] = _ended(found[at], event)
        elif event.kind is EventKind.ABSENCE_ACCEPTED:
            at = latest.get(StayKind(event.reason or ""))
            if at is not None:
                found[at] = replace(
                    found[at], accepted=True, events=(*found[at].events, event.event_id)
                )
        elif event.kind in {EventKind.MOVED_ON, EventKind.DIED}:
            for at in latest.values():
                stay = found[at] if found[at].ends_on else _ended(found[at], event)
                found[at] = replace(stay, final=True)
    return tuple(sorted(found, key=lambda stay: stay.starts_on))


def limit(stay: Stay, rules: Sustainment) -> int:
    """The longest such a stay may be without being a break, in days (nights for care).

    Source: terms /sustainment/hospital, /custody and /care_stay_nights_max. Hospital: 91 days,
    or 364 once the commissioner has accepted it, unless the terms allow no acceptance.
    """
    if stay.kind is StayKind.CARE:
        return rules.care_stay_nights_max
    allowed = rules.hospital if stay.kind is StayKind.HOSPITAL else rules.custody
    if stay.accepted and allowed.accepted_days_max is not None:
        return max(allowed.days_max, allowed.accepted_days_max)
    return allowed.days_max


def _begin(found: list[Stay], latest: dict[StayKind, int], event: JourneyEvent) -> None:
    kind = _BEGINS[event.kind]
    permanent = event.kind is EventKind.RETURNED_TO_CARE
    if permanent:
        for other, place in latest.items():
            if other is not StayKind.CARE and found[place].ends_on is None:
                found[place] = replace(_ended(found[place], event), final=True)
    at = latest.get(kind)
    if at is not None and _continues(found[at], event):
        earlier = found[at]
        found[at] = replace(
            earlier,
            ends_on=None,
            permanent=earlier.permanent or permanent,
            events=(*earlier.events, event.event_id),
        )
        return
    latest[kind] = len(found)
    found.append(
        Stay(
            kind,
            event.on,
            None,
            accepted=False,
            permanent=permanent,
            final=False,
            events=(event.event_id,),
        )
    )


def _continues(earlier: Stay, event: JourneyEvent) -> bool:
    if earlier.final:
        return False
    return earlier.ends_on is None or nights_away(earlier.ends_on, event.on) <= 1


def _ended(stay: Stay, event: JourneyEvent) -> Stay:
    return replace(stay, ends_on=event.on, events=(*stay.events, event.event_id))
