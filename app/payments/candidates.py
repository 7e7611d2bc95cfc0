"""What one version of the terms says of one journey: each metric met, pending or lost, dated."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.domain.calendar import add_months
from app.domain.occupation import SpellEnd
from app.domain.outcome import MilestoneState
from app.domain.participant import JourneyEvent
from app.domain.sustainment import Hold, Spell
from app.domain.terms.outcomes import (
    Continuity,
    EventMetric,
    FutureMilestones,
    Metric,
    MonthRule,
    SustainedMetric,
    Sustainment,
)

_UNITS = {
    MonthRule.CALENDAR_MONTHS: "calendar months",
    MonthRule.DAYS: "days",
    MonthRule.WEEKS: "weeks",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A metric of one version applied to one event or spell.

    `governed_on` is the day whose governing version decides: the achievement date, or the day the
    milestone falls or would have fallen due. `begins_on` is the anchor, or the event's own day.
    `origins` are the ids under which the events that began it were first recorded.
    """

    state: MilestoneState
    on: date
    governed_on: date
    begins_on: date
    spell: Spell | None
    because: str
    events: tuple[str, ...]
    origins: tuple[str, ...]


def due_date(anchor: date, length: int, rule: MonthRule) -> date:
    """The day a span of months, days or weeks from an anchor is complete.

    Months are calendar months, always counted from the anchor and clamped to the month's last
    day. Source: terms /sustainment/month_rule. 31 Aug 2020 and 6 months is 28 Feb 2021.
    """
    if rule is MonthRule.CALENDAR_MONTHS:
        return add_months(anchor, length)
    return anchor + timedelta(days=length if rule is MonthRule.DAYS else 7 * length)


def candidates(
    metric: Metric,
    rules: Sustainment,
    spells: Sequence[Spell],
    events: Iterable[JourneyEvent],
    as_of: date,
) -> Iterator[Candidate]:
    """Every chance a journey gave of meeting a metric, in order of date.

    Engagement and training are met on the day of the event; the move on the anchor of a spell
    that starts with leaving care; a sustained metric once for each spell, or once in all where
    days are added up (/sustainment/continuity).
    """
    if isinstance(metric, SustainedMetric):
        if rules.continuity is Continuity.CUMULATIVE_DAYS:
            if spells:
                yield _cumulative(metric, rules, spells, as_of)
        else:
            for spell in spells:
                yield _sustained(metric, rules, spell, as_of)
    elif metric.event == "moved_on":
        for spell in spells:
            if spell.from_care:
                yield _move(spell)
    else:
        yield from _events(metric, events)


def _events(metric: EventMetric, events: Iterable[JourneyEvent]) -> Iterator[Candidate]:
    for event in events:
        if event.kind == metric.event:
            because = f"{metric.code} is met by the event on {event.on}."
            yield Candidate(
                MilestoneState.ACHIEVED,
                event.on,
                event.on,
                event.on,
                None,
                because,
                (event.event_id,),
                (event.origin,),
            )


def _move(spell: Spell) -> Candidate:
    anchor = spell.anchor_on
    if spell.on(anchor) is Hold.LIVE:
        state = MilestoneState.ACHIEVED
        because = f"Left care for a qualifying home ({spell.destination}) on {anchor}."
    else:
        state = MilestoneState.UNDETERMINED
        because = f"Moved on {anchor}, in an absence that may yet turn out too long."
    return Candidate(state, anchor, anchor, anchor, spell, because, (), spell.origins)


def _sustained(metric: SustainedMetric, rules: Sustainment, spell: Spell, as_of: date) -> Candidate:
    due = due_date(spell.anchor_on, metric.length, rules.month_rule)
    span = f"{metric.length} {_UNITS[rules.month_rule]} from {spell.anchor_on} end on {due}"
    return _judged(span, due, rules, spell, spell, as_of)


def _cumulative(
    metric: SustainedMetric, rules: Sustainment, spells: Sequence[Spell], as_of: date
) -> Candidate:
    """Days of all spells added up: the nights from each anchor to each spell's end.

    A length in months is the number of days it has from the first anchor, so 12 months from
    31 Aug 2020 are 365 days. Met on the first day at whose end a spell is live and that many
    nights have been kept: 1 Jan to 11 Jan (10 nights) and again from 1 Mar meet 15 on 6 Mar.
    """
    first = spells[0].anchor_on
    needed = (due_date(first, metric.length, rules.month_rule) - first).days
    kept = 0
    for spell in spells:
        due = spell.anchor_on + timedelta(days=needed - kept)
        if spell.ended_on is None or due < spell.ended_on:
            break
        kept += (spell.ended_on - spell.anchor_on).days
    span = f"{needed} days, added up over all spells since {first}, are complete on {due}"
    return _judged(span, due, rules, spell, spells[0], as_of)


def _judged(
    span: str, due: date, rules: Sustainment, spell: Spell, first: Spell, as_of: date
) -> Candidate:
    state, on, governed_on, because = _state(due, rules, spell, as_of)
    because = f"{span}; {because}"
    return Candidate(state, on, governed_on, first.anchor_on, spell, because, (), first.origins)


def _state(
    due: date, rules: Sustainment, spell: Spell, as_of: date
) -> tuple[MilestoneState, date, date, str]:
    ended = spell.ended_on
    if ended is not None and ended <= due:
        if not _counts_as_success(spell, rules):
            return MilestoneState.LOST, ended, due, f"the spell ended before it, on {ended}."
        if spell.undecided_from is not None:
            because = "the terms count the exit as success, but an absence before it is open."
            return MilestoneState.UNDETERMINED, ended, ended, because
        because = f"the terms count the exit on {ended} as success, achieved on that day."
        return MilestoneState.ACHIEVED, ended, ended, because
    if due > as_of:
        return MilestoneState.PENDING, due, due, f"on {as_of} the clock still runs."
    if spell.on(due) is Hold.LIVE:
        because = "the spell was live at the end of that day."
        return MilestoneState.ACHIEVED, due, due, because
    because = (
        f"that day falls into an absence or gap since {spell.undecided_from} that may yet turn "
        "out too long."
    )
    return MilestoneState.UNDETERMINED, due, due, because


def _counts_as_success(spell: Spell, rules: Sustainment) -> bool:
    rule = {SpellEnd.DIED: rules.death, SpellEnd.OTHER_PLANNED: rules.planned_exit}
    return spell.end_reason in rule and (
        rule[spell.end_reason] is FutureMilestones.COUNT_AS_SUCCESS
    )
