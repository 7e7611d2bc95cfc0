"""Tenancy spells: how long a qualifying home has been kept, on one clock, and what ended it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.domain.absence import Stay, stays
from app.domain.occupation import Occupation, SpellEnd, is_break, may_be_rehoused, occupations
from app.domain.participant import EventKind, Journey, JourneyEvent
from app.domain.spell_working import working
from app.domain.tenancy import Tenancy, tenancies
from app.domain.terms.outcomes import Sustainment
from app.domain.working import Step

_MAY_START_A_CLOCK = {
    EventKind.MOVED_ON,
    EventKind.TENANCY_STARTED,
    EventKind.TENANCY_CHANGED,
    EventKind.HOSPITAL_DISCHARGED,
    EventKind.CUSTODY_ENDED,
    EventKind.SUPPORT_RESUMED,
}


class Hold(StrEnum):
    """Whether a spell is live at the end of a day, as far as is known."""

    LIVE = "live"
    UNDECIDED = "undecided"
    NOT_LIVE = "not_live"


@dataclass(frozen=True, slots=True)
class Spell:
    """One clock: qualifying homes kept without a disqualifying break, counted from an anchor.

    `number` counts from 1. `live_until` is the last day at whose end the spell was live, so the
    tenancy, for one, ended on the next day; None while it lasts. `from_care` tells that the spell
    starts with leaving care, and not with another home or with coming back from a long stay.
    `undecided_from` is the first day of an absence, or of a gap between homes, of which it is not
    known yet whether it becomes too long; `interrupted` that the person is away or between homes.
    `origins` are the ids under which the events that start the clock were first recorded: those
    of the anchor's day, and leaving care where the spell starts with it.
    """

    number: int
    anchor_on: date
    destination: str
    live_until: date | None
    end_reason: SpellEnd | None
    tenancies: tuple[Tenancy, ...]
    from_care: bool
    interrupted: bool
    undecided_from: date | None
    working: tuple[Step, ...]
    origins: tuple[str, ...]

    def on(self, day: date) -> Hold:
        """Whether the spell was live at the end of a day that is not in the future."""
        if day < self.anchor_on or (self.live_until is not None and day > self.live_until):
            return Hold.NOT_LIVE
        if self.undecided_from is not None and day >= self.undecided_from:
            return Hold.UNDECIDED
        return Hold.LIVE

    @property
    def ended_on(self) -> date | None:
        """The first day on which the spell was no longer live; None while it lasts."""
        return None if self.live_until is None else self.live_until + timedelta(days=1)


def spells(journey: Journey, rules: Sustainment, as_of: date) -> tuple[Spell, ...]:
    """The spells of a journey in order, from what happened up to the end of `as_of`.

    The clock starts on the later of the day a qualifying tenancy starts and the day the person
    left care. It runs through stays away from a home that is kept, up to the limits of
    /sustainment/hospital, /custody (days) and /care_stay_nights_max (nights); a longer one ends
    the spell from its first day, and a new clock starts on the day the person is back in the
    home (after a return to care: when the person has moved on again). It runs through a gap of
    at most /sustainment/move_gap_days_max days between two qualifying homes, whatever ended the
    first and wherever the person was meanwhile, unless that was care, or the clock restarts with
    every home (/planned_move_restarts_clock). The first day without the home counts, the day
    the next home starts does not: home ended on 1 Mar, next on 29 Mar, is a gap of 28 days and
    the clock continues; 30 Mar is 29 days and starts a new one. A return to care, death and
    leaving the area end a spell for good; so does a planned exit where /planned_exit counts it
    as success. Support that is withdrawn ends it only where the terms need support.
    """
    events = [event for event in journey.events if event.on <= as_of]
    if not any(event.kind is EventKind.MOVED_ON for event in events):
        return ()
    away = stays(events)
    homes = tenancies(events)
    breaking = [stay for stay in away if is_break(stay, rules, as_of, homes)]
    runs = _joined(occupations(events, homes, breaking, rules), rules)
    seen: set[str] = set()
    found: list[Spell] = []
    for index, run in enumerate(runs):
        stint = run[0].stint.start_event
        is_last = index == len(runs) - 1
        found.append(
            _spell(
                run,
                number=index + 1,
                from_care=stint not in seen,
                gap_open=is_last and _gap_is_open(run[-1], rules, as_of),
                events=events,
                away=away,
                breaking=breaking,
                rules=rules,
                as_of=as_of,
            )
        )
        seen.add(stint)
    return tuple(found)


def _joined(parts: Sequence[Occupation], rules: Sustainment) -> list[list[Occupation]]:
    runs: list[list[Occupation]] = []
    for part in parts:
        if runs and _continues(runs[-1][-1], part, rules):
            runs[-1].append(part)
        else:
            runs.append([part])
    return runs


def _continues(earlier: Occupation, later: Occupation, rules: Sustainment) -> bool:
    if earlier.ends_on is None or not may_be_rehoused(earlier, rules):
        return False
    gap = (later.starts_on - earlier.ends_on).days
    return earlier.stint == later.stint and gap <= rules.move_gap_days_max


def _gap_is_open(last: Occupation, rules: Sustainment, as_of: date) -> bool:
    # A home that starts tomorrow makes a gap of (as_of + 1 - ends_on) days.
    if last.ends_on is None or not may_be_rehoused(last, rules):
        return False
    stint_open = last.stint.ends_on is None
    return stint_open and (as_of - last.ends_on).days < rules.move_gap_days_max


def _spell(
    run: Sequence[Occupation],
    *,
    number: int,
    from_care: bool,
    gap_open: bool,
    events: Sequence[JourneyEvent],
    away: Sequence[Stay],
    breaking: Sequence[Stay],
    rules: Sustainment,
    as_of: date,
) -> Spell:
    first, last = run[0], run[-1]
    ended_on = None if gap_open else last.ends_on
    doubts = [last.ends_on] if gap_open and last.ends_on is not None else []
    inside: list[Stay] = []
    for stay in away:
        if ended_on is not None and stay.starts_on >= ended_on:
            break
        if stay.ends_on is not None and stay.ends_on < first.starts_on:
            continue
        if stay not in breaking and stay.ends_on != first.starts_on:
            inside.append(stay)
        if not stay.settled(as_of):
            doubts.append(max(stay.starts_on, first.starts_on))
    return Spell(
        number=number,
        anchor_on=first.starts_on,
        destination=first.tenancy.destination,
        live_until=None if ended_on is None else ended_on - timedelta(days=1),
        end_reason=None if ended_on is None else last.ended_by,
        tenancies=tuple(dict.fromkeys(part.tenancy for part in run)),
        from_care=from_care,
        interrupted=ended_on is None and (gap_open or any(stay.ends_on is None for stay in inside)),
        undecided_from=min(doubts, default=None),
        working=working(run, inside, breaking, rules, as_of, gap_open=gap_open),
        origins=_origins(first, events, from_care=from_care),
    )


def _origins(
    first: Occupation, events: Sequence[JourneyEvent], *, from_care: bool
) -> tuple[str, ...]:
    return tuple(
        event.origin
        for event in events
        if (event.on == first.starts_on and event.kind in _MAY_START_A_CLOCK)
        or (from_care and event.event_id == first.stint.start_event)
    )
