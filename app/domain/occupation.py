"""Unbroken time of one person out of care in one qualifying home: what spells are made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.absence import Stay, StayKind, limit
from app.domain.participant import EndReason, EventKind, JourneyEvent
from app.domain.tenancy import Tenancy
from app.domain.terms.outcomes import FutureMilestones, Sustainment


class SpellEnd(StrEnum):
    """Why a spell ended. The first eight are the reasons a tenancy can end for."""

    RETURNED_TO_CARE = "returned_to_care"
    EVICTED = "evicted"
    ABANDONED = "abandoned"
    SURRENDERED = "surrendered"
    DIED = "died"
    LEFT_AREA = "left_area"
    PLANNED_MOVE = "planned_move"
    OTHER_PLANNED = "other_planned"
    HOSPITAL = "hospital"
    CUSTODY = "custody"
    SUPPORT_WITHDRAWN = "support_withdrawn"


REHOUSING_MAY_FOLLOW = {
    SpellEnd.EVICTED,
    SpellEnd.ABANDONED,
    SpellEnd.SURRENDERED,
    SpellEnd.PLANNED_MOVE,
    SpellEnd.OTHER_PLANNED,
}
"""After these the person may be rehoused on the same clock; the other ends are final."""


@dataclass(frozen=True, slots=True)
class Stint:
    """Time out of care: from leaving it (`moved_on`) to the day of return or death, or None."""

    starts_on: date
    ends_on: date | None
    ended_by: SpellEnd | None
    start_event: str
    end_event: str | None


@dataclass(frozen=True, slots=True)
class Occupation:
    """Time from `starts_on` to the day before `ends_on` in one qualifying home, out of care.

    `ended_by` tells why it stopped on `ends_on`, and `end_event` which event says so; all three
    are None while it lasts.
    """

    starts_on: date
    ends_on: date | None
    ended_by: SpellEnd | None
    end_event: str | None
    tenancy: Tenancy
    stint: Stint


@dataclass(frozen=True, slots=True)
class _Block:
    """Days that break the clock: a stay that was too long, or support withdrawn."""

    starts_on: date
    ends_on: date | None
    cause: SpellEnd
    event: str


def is_break(stay: Stay, rules: Sustainment, as_of: date, homes: Iterable[Tenancy]) -> bool:
    """Whether a stay away is a break, as far as is known at the end of `as_of`.

    Hospital and custody break above their limit in days. A stay in care is a return to care when
    it is permanent, lasts more than /sustainment/care_stay_nights_max consecutive nights (28: 29
    nights break), or the tenancy is ended during it.
    """
    if stay.length(as_of) > limit(stay, rules):
        return True
    if stay.kind is not StayKind.CARE:
        return False
    return stay.permanent or any(
        home.ended
        and home.ends_on is not None
        and stay.starts_on <= home.ends_on
        and (stay.ends_on is None or home.ends_on < stay.ends_on)
        for home in homes
    )


def occupations(
    events: Sequence[JourneyEvent],
    homes: Sequence[Tenancy],
    breaking: Sequence[Stay],
    rules: Sustainment,
) -> tuple[Occupation, ...]:
    """The occupations in order of start; `breaking` are the stays that are breaks.

    Each runs from the latest of: the start of a qualifying home, leaving care, the end of a
    breaking stay in hospital or custody, and (if the terms need it) support being resumed. It
    ends on the first day of: no home, back in care, a breaking stay, support withdrawn, death.
    An occupation that would not last to the end of its first day does not count.
    """
    qualifying = set(rules.qualifying_destinations)
    blocks = [
        _Block(stay.starts_on, stay.ends_on, SpellEnd(stay.kind.value), stay.events[0])
        for stay in breaking
        if stay.kind is not StayKind.CARE
    ]
    if rules.support_needed_for_outcome:
        blocks = sorted([*blocks, *_without_support(events)], key=lambda block: block.starts_on)
    found: list[Occupation] = []
    for stint in stints(events, breaking):
        for home in homes:
            if home.destination in qualifying:
                found.extend(_occupied(home, stint, blocks))
    return tuple(found)


def may_be_rehoused(part: Occupation, rules: Sustainment) -> bool:
    """Whether another home may still continue the clock of one that ended.

    Not after a return to care, death or leaving the area; not where every home restarts the
    clock; not after a planned exit that the terms count as success.
    """
    if rules.planned_move_restarts_clock or part.ended_by not in REHOUSING_MAY_FOLLOW:
        return False
    counts = rules.planned_exit is FutureMilestones.COUNT_AS_SUCCESS
    return not (counts and part.ended_by is SpellEnd.OTHER_PLANNED)


def stints(events: Iterable[JourneyEvent], breaking: Iterable[Stay]) -> tuple[Stint, ...]:
    """The times out of care, from standing events and the stays that are breaks.

    A stay in care that is a break takes the person back from its first night. A tenancy ended
    because the person returned to care does so from the day it ends.
    """
    returning = {stay.events[0] for stay in breaking if stay.kind is StayKind.CARE}
    found: list[Stint] = []
    current: JourneyEvent | None = None
    for event in events:
        if (end := _leaves_home_life(event, returning)) is not None:
            if current is not None:
                found.append(Stint(current.on, event.on, end, current.event_id, event.event_id))
                current = None
            if end is SpellEnd.DIED:
                return tuple(found)
        elif event.kind is EventKind.MOVED_ON and current is None:
            current = event
    if current is not None:
        found.append(Stint(current.on, None, None, current.event_id, None))
    return tuple(found)


def _leaves_home_life(event: JourneyEvent, returning: set[str]) -> SpellEnd | None:
    ends_tenancy = event.kind is EventKind.TENANCY_ENDED
    if event.kind is EventKind.DIED or (ends_tenancy and event.reason == EndReason.DIED):
        return SpellEnd.DIED
    if event.event_id in returning:
        return SpellEnd.RETURNED_TO_CARE
    if ends_tenancy and event.reason == EndReason.RETURNED_TO_CARE:
        return SpellEnd.RETURNED_TO_CARE
    return None


def _without_support(events: Iterable[JourneyEvent]) -> list[_Block]:
    found: list[_Block] = []
    withdrawn: JourneyEvent | None = None
    for event in events:
        if event.kind is EventKind.SUPPORT_WITHDRAWN and withdrawn is None:
            withdrawn = event
        elif event.kind is EventKind.SUPPORT_RESUMED and withdrawn is not None:
            found.append(_support_block(withdrawn, event.on))
            withdrawn = None
    if withdrawn is not None:
        found.append(_support_block(withdrawn, None))
    return found


def _support_block(withdrawn: JourneyEvent, resumed_on: date | None) -> _Block:
    return _Block(withdrawn.on, resumed_on, SpellEnd.SUPPORT_WITHDRAWN, withdrawn.event_id)


def _occupied(home: Tenancy, stint: Stint, blocks: Iterable[_Block]) -> Iterable[Occupation]:
    start: date = max(home.starts_on, stint.starts_on)
    end, cause, event = _first_end(home, stint)
    for block in blocks:
        if end is not None and block.starts_on >= end:
            break
        if block.ends_on is not None and block.ends_on <= start:
            continue
        if start < block.starts_on:
            yield Occupation(start, block.starts_on, block.cause, block.event, home, stint)
        if block.ends_on is None:
            return
        start = block.ends_on
    if end is None or start < end:
        yield Occupation(start, end, cause, event, home, stint)


def _first_end(home: Tenancy, stint: Stint) -> tuple[date | None, SpellEnd | None, str | None]:
    if home.ends_on is None or (stint.ends_on is not None and stint.ends_on <= home.ends_on):
        return stint.ends_on, stint.ended_by, stint.end_event
    reason = SpellEnd(home.end_reason) if home.end_reason else None
    return home.ends_on, reason, home.events[-1]
