"""What happened to each invented person, as journey events in the words of the interface."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.cli.demo.cohort import LAST_DAY, Person
from app.domain.calendar import add_months

AUDIT_ON = date(2023, 11, 20)
"""The day on which it is found out that a home had been given up before 24 months."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `told_on` is when the provider learned of it."""

    kind: str
    on: date
    told_on: date
    destination: str | None = None
    reason: str | None = None

    def body(self) -> dict[str, str]:
        """The event as the interface takes it."""
        told = {"kind": self.kind, "on": self.on.isoformat()}
        if self.destination:
            told["destination"] = self.destination
        if self.reason:
            told["reason"] = self.reason
        return told


@dataclass(frozen=True, slots=True)
class Stay:
    """Time away from a kept home: days after the move, and nights."""

    kind: str
    after: int
    nights: int


# By place among the people who moved and kept their home, in order of moving. The terms let a home
# be kept through 91 days in hospital and 28 nights in residential care; nobody exceeds these.
STAYS: Mapping[int, Stay] = {
    3: Stay("hospital", 200, 39),
    5: Stay("care", 300, 14),
    9: Stay("care", 310, 21),
    11: Stay("hospital", 210, 60),
    15: Stay("care", 300, 28),
    19: Stay("hospital", 205, 21),
    21: Stay("care", 320, 7),
    27: Stay("hospital", 195, 88),
    30: Stay("care", 305, 10),
}
CHANGED_HOME_AFTER: Mapping[int, int] = {7: 420, 17: 430, 25: 440}
TRAINING_DAYS: Mapping[int, int | None] = {2: 180, 8: None, 14: 150, 22: None}
"""Days from begun to completed; None where it was still going on."""
TRAINING_AFTER = 90
OUT_OF_CONTACT: Mapping[int, int] = {12: 260}

_STAY_EVENTS = {
    "hospital": ("hospital_admitted", "hospital_discharged"),
    "care": ("care_stay_started", "care_stay_ended"),
}


def steady_movers(people: Iterable[Person]) -> list[Person]:
    """Those who moved and kept home and support, in order of moving."""
    found = [one for one in people if one.moved_on and not one.leaving and not one.audited]
    return sorted(found, key=lambda one: (one.moved_on or LAST_DAY, one.participant_id))


def training(people: Sequence[Person]) -> dict[str, tuple[date, date | None]]:
    """The days on which training began and was completed, by pseudonym."""
    steady = steady_movers(people)
    found = {}
    for place, days in TRAINING_DAYS.items():
        begun = _after(steady[place], TRAINING_AFTER)
        done = begun + timedelta(days=days) if days else None
        found[steady[place].participant_id] = (begun, done)
    return found


def journeys(people: Sequence[Person]) -> dict[str, tuple[Event, ...]]:
    """Every person's events in order of their days, by pseudonym."""
    extra = _extra_events(people)
    return {
        person.participant_id: tuple(
            sorted(
                (*_own_events(person), *extra.get(person.participant_id, ())),
                key=lambda event: event.on,
            )
        )
        for person in people
    }


def _own_events(person: Person) -> Iterator[Event]:
    yield _event("accepted", person.accepted_on)
    if person.engaged_on:
        yield _event("engaged", person.engaged_on)
    if person.withdrew_in_care_on:
        yield _event("withdrew_before_move", person.withdrew_in_care_on)
    if person.moved_on:
        yield _event("moved_on", person.moved_on, destination=person.home)
        yield from _after_the_move(person)


def _after_the_move(person: Person) -> Iterator[Event]:
    if person.leaving:
        yield _event("support_withdrawn", _after(person, person.leaving.withdrew_after))
        if ended_on := person.home_ended_on:
            reason = person.leaving.reason
            yield _event("tenancy_ended", ended_on, reason=reason)
            if reason == "returned_to_care":
                yield _event("returned_to_care", ended_on)
        return
    moved_on = person.moved_on or LAST_DAY
    if person.audited:
        left_on = add_months(moved_on, 23)
        yield Event("tenancy_ended", left_on, AUDIT_ON, reason="surrendered")
    planned_end = add_months(moved_on, 24) + timedelta(days=1)
    if planned_end < LAST_DAY - timedelta(days=2):
        yield _event("support_ended_planned", planned_end)


def _extra_events(people: Sequence[Person]) -> dict[str, list[Event]]:
    steady = steady_movers(people)
    found: dict[str, list[Event]] = {}
    for place, stay in STAYS.items():
        begins, ends = _STAY_EVENTS[stay.kind]
        away = _after(steady[place], stay.after)
        back = away + timedelta(days=stay.nights)
        found.setdefault(steady[place].participant_id, []).extend(
            (_event(begins, away), _event(ends, back))
        )
    for place, days in CHANGED_HOME_AFTER.items():
        changed = _event("tenancy_changed", _after(steady[place], days), destination="social_rent")
        found.setdefault(steady[place].participant_id, []).append(changed)
    for place, days in OUT_OF_CONTACT.items():
        lost = _after(steady[place], days)
        found.setdefault(steady[place].participant_id, []).extend(
            (
                _event("contact_lost", lost),
                _event("contact_regained", lost + timedelta(days=17)),
            )
        )
    for participant_id, (begun, done) in training(people).items():
        found.setdefault(participant_id, []).append(_event("training_begun", begun))
        if done:
            found[participant_id].append(_event("training_completed", done))
    return found


def _after(person: Person, days: int) -> date:
    if person.moved_on is None:
        raise AssertionError("only a person who moved has days after the move")
    return person.moved_on + timedelta(days=days)


def _event(
    kind: str, on: date, *, destination: str | None = None, reason: str | None = None
) -> Event:
    return Event(kind, on, on, destination, reason)
