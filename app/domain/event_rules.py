"""Whether new events and corrections may be added to a journey: every fault at once."""

from collections.abc import Iterator, Sequence
from datetime import date

from app.domain.errors import Fault
from app.domain.event_fields import field_faults
from app.domain.event_order import order_faults
from app.domain.participant import EndReason, EventKind, Journey, JourneyEvent, standing
from app.domain.tenancy import tenancies
from app.domain.terms.outcomes import Sustainment


def event_faults(
    journey: Journey,
    recorded: Sequence[JourneyEvent],
    new: Sequence[JourneyEvent],
    today: date,
    rules: Sustainment,
) -> tuple[Fault, ...]:
    """Every reason why new events cannot be added, with pointers such as /events/0/on.

    `recorded` are all events of the participant, superseded ones too, `today` is the last day
    that is not in the future. Fields come first, then what is superseded, dates (before the
    referral, in the future, after death), moves to nowhere, duplicates (same kind and day), and
    order. The journey is judged as it will stand, so a correction is refused when it would leave
    an event out of order that stands already; what was out of order before is not held against
    it. Order is judged once every event is well-formed and every correction finds its event,
    because a faulty event makes others look out of order. An end of tenancy because of death may
    follow the day of death; nothing else may.
    """
    faults: list[Fault] = []
    for index, event in enumerate(new):
        faults.extend(field_faults(event, f"/events/{index}", rules))
    faults.extend(_supersede_faults(recorded, new))
    well_formed = not faults
    will_stand = standing([*recorded, *new])
    places = {event.event_id: index for index, event in enumerate(new)}
    faults.extend(_date_faults(journey, new, today))
    faults.extend(_death_faults(will_stand, places))
    faults.extend(_move_faults(will_stand, places))
    faults.extend(_duplicate_faults(will_stand, places))
    if well_formed:
        before = order_faults(standing(recorded), rules, today)
        after = order_faults(will_stand, rules, today)
        faults.extend(_order_faults(will_stand, before, after, places, new))
    return tuple(faults)


def _supersede_faults(
    recorded: Sequence[JourneyEvent], new: Sequence[JourneyEvent]
) -> Iterator[Fault]:
    known = {event.event_id: event for event in recorded}
    superseded = {event.supersedes for event in recorded if event.supersedes}
    for index, event in enumerate(new):
        pointer = f"/events/{index}/supersedes"
        if event.supersedes is not None:
            target = known.get(event.supersedes)
            if target is None:
                yield Fault(
                    "supersedes-unknown", pointer, "The participant has no event with that id."
                )
            elif event.supersedes in superseded:
                yield Fault(
                    "already-superseded",
                    pointer,
                    "That event was corrected before; correct the event that replaced it.",
                )
            elif target.kind is EventKind.RETRACTED:
                yield Fault(
                    "supersedes-retraction",
                    pointer,
                    "A retraction cannot be corrected; record the event again.",
                )
            superseded.add(event.supersedes)
        known[event.event_id] = event


def _date_faults(journey: Journey, new: Sequence[JourneyEvent], today: date) -> Iterator[Fault]:
    referred_on = journey.participant.referred_on
    for index, event in enumerate(new):
        pointer = f"/events/{index}/on"
        if event.on < referred_on:
            message = f"The person was referred on {referred_on}; nothing can precede that."
            yield Fault("before-referral", pointer, message)
        if event.on > today:
            message = f"The date is in the future; today is {today}."
            yield Fault("in-the-future", pointer, message)


def _death_faults(will_stand: Sequence[JourneyEvent], places: dict[str, int]) -> Iterator[Fault]:
    death = next((event for event in will_stand if event.kind is EventKind.DIED), None)
    if death is None:
        return
    later = [event for event in will_stand if event.on > death.on and not _may_follow_death(event)]
    for event in later:
        if event.event_id in places:
            message = f"The person died on {death.on}; nothing can follow that."
            yield Fault("after-death", f"/events/{places[event.event_id]}/on", message)
    standing_already = [event for event in later if event.event_id not in places]
    if standing_already and death.event_id in places:
        latest = standing_already[-1]
        message = f"An event of kind {latest.kind.value} is recorded on {latest.on}, after that."
        yield Fault("after-death", f"/events/{places[death.event_id]}/on", message)


def _move_faults(will_stand: Sequence[JourneyEvent], places: dict[str, int]) -> Iterator[Fault]:
    """A `moved_on` names its home, unless a home is open on that day or one starts later."""
    homes = tenancies(will_stand)
    for event in will_stand:
        if (
            event.kind is EventKind.MOVED_ON
            and event.destination is None
            and event.event_id in places
            and not any(home.ends_on is None or home.ends_on >= event.on for home in homes)
        ):
            message = (
                "Say what kind of home it is, by its code, or record the tenancy_started with it."
            )
            place = f"/events/{places[event.event_id]}/destination"
            yield Fault("missing-field", place, message)


def _may_follow_death(event: JourneyEvent) -> bool:
    return event.kind is EventKind.TENANCY_ENDED and event.reason == EndReason.DIED


def _duplicate_faults(
    will_stand: Sequence[JourneyEvent], places: dict[str, int]
) -> Iterator[Fault]:
    seen: dict[tuple[EventKind, date, str | None], JourneyEvent] = {}
    # Those that are recorded already come first, so that the fault is the new event's.
    for event in sorted(will_stand, key=lambda one: places.get(one.event_id, -1)):
        accepts = event.reason if event.kind is EventKind.ABSENCE_ACCEPTED else None
        key = (event.kind, event.on, accepts)
        if key in seen and event.event_id in places:
            yield Fault(
                "duplicate-event",
                f"/events/{places[event.event_id]}",
                f"An event of kind {event.kind.value} on {event.on} is there already.",
            )
        seen[key] = event


def _order_faults(
    will_stand: Sequence[JourneyEvent],
    before: dict[str, str],
    after: dict[str, str],
    places: dict[str, int],
    new: Sequence[JourneyEvent],
) -> Iterator[Fault]:
    correcting = next((index for index, event in enumerate(new) if event.supersedes), 0)
    cause = correcting
    for event in will_stand:
        if event.event_id in places:
            cause = places[event.event_id]
        problem = after.get(event.event_id)
        if problem is None:
            continue
        if event.event_id in places:
            message = f"Out of order: {problem}."
            yield Fault("out-of-order", f"/events/{cause}/kind", message)
        elif event.event_id not in before:
            message = (
                f"This would leave the event of kind {event.kind.value} on {event.on} out of "
                f"order: {problem}."
            )
            yield Fault("out-of-order", f"/events/{cause}/kind", message)
