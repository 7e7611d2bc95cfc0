"""Assessment: what a journey has achieved under the terms, what is pending, and why."""

from collections.abc import Iterable
from datetime import date
from types import MappingProxyType

from app.domain.outcome import Milestone, MilestoneState
from app.domain.participant import Journey
from app.domain.spell_working import RULE_POINTERS
from app.domain.sustainment import Spell
from app.domain.terms.timeline import TermsVersion, Timeline
from app.domain.working import Step, terms_ref
from app.payments.governed import Governed, governed
from app.payments.prerequisites import with_prerequisites
from app.payments.scope import (
    Earned,
    earned_in_place_of,
    first_moves,
    scope_of,
    without_occurrence,
)

NOTHING_EARNED: Earned = MappingProxyType({})

_WAITING = {MilestoneState.PENDING, MilestoneState.UNDETERMINED}
_EARNABLE = {*_WAITING, MilestoneState.ACHIEVED}


def assess(
    journey: Journey, timeline: Timeline, as_of: date, earned: Earned = NOTHING_EARNED
) -> tuple[Milestone, ...]:
    """Every metric for every event and spell of a journey, as known at the end of `as_of`.

    The version that governs the achievement date decides, with its own metrics, spans and breaks;
    a metric that it does not have, or not on that date, is NOT_AVAILABLE: 18 months kept on
    28 Feb 2022 earn nothing under terms that know the metric from 1 Apr 2022. A milestone whose
    date passed stays achieved when the spell ends later. `earned` gives the occurrence that
    every live entitlement rests on; the metric is ALREADY_EARNED wherever else its scope reaches,
    and on the same occurrence under any other scope or date. A metric not earned yet may be
    achieved in any spell. Metrics for which nothing has happened yet are
    NOT_STARTED, under the version in force on `as_of` or the next. Sources: terms /metrics,
    /sustainment.

    In order of metric (as the latest version lists them), then of date.
    """
    found = with_prerequisites(governed(journey, timeline, as_of), earned)
    moves = first_moves(found, earned)
    adrift = without_occurrence(found, earned, as_of)
    working: dict[tuple[int, date], tuple[Step, ...]] = {}
    milestones = []
    for one in found:
        scope = scope_of(one, moves)
        holder = earned_in_place_of(one, scope, earned, adrift)
        person = journey.participant.participant_id
        milestones.append(_milestone(person, one, scope, holder, working))
    order = _metric_order(timeline)
    started = {one.metric for one in milestones}
    milestones.extend(
        _not_started(journey.participant.participant_id, code, version)
        for code in order
        if code not in started and (version := _next_to_have(timeline, code, as_of)) is not None
    )
    milestones.sort(key=lambda one: (order[one.metric], *_by_date(one)))
    return tuple(milestones)


def claimable(
    milestones: Iterable[Milestone], metric: str, earned: Earned = NOTHING_EARNED
) -> Milestone | None:
    """The earliest achievement of a metric that no live entitlement covers; None if there is none.

    Source: terms /metrics/once_per. Achieved in spells 1 and 2 and earned in neither: spell 1.
    """
    unearned = [
        one
        for one in milestones
        if one.metric == metric
        and one.state is MilestoneState.ACHIEVED
        and (metric, one.scope) not in earned
    ]
    return min(unearned, key=_by_date, default=None)


def next_milestone(
    milestones: Iterable[Milestone], earned: Earned = NOTHING_EARNED
) -> Milestone | None:
    """The earliest milestone that is pending, undetermined, or achieved and not earned; or None."""
    waiting = [
        one
        for one in milestones
        if one.state in _WAITING
        or (one.state is MilestoneState.ACHIEVED and (one.metric, one.scope) not in earned)
    ]
    return min(waiting, key=_by_date, default=None)


def _by_date(milestone: Milestone) -> tuple[date, int]:
    return (milestone.on or date.max, milestone.spell or 0)


def _metric_order(timeline: Timeline) -> dict[str, int]:
    codes: dict[str, int] = {}
    for version in reversed(timeline.versions):
        for metric in version.terms.metrics:
            codes.setdefault(metric.code, len(codes))
    return codes


def _milestone(
    participant_id: str,
    one: Governed,
    scope: str,
    holder: tuple[str, date] | None,
    working: dict[tuple[int, date], tuple[Step, ...]],
) -> Milestone:
    candidate, number = one.candidate, one.version.number
    spell = candidate.spell
    steps: tuple[Step, ...] = ()
    if spell is not None:
        key = (one.home.number, spell.anchor_on)
        if key not in working:
            working[key] = _spell_working(spell, one.home.number)
        steps = working[key]
    refs = (
        *(f"event:{event}" for event in candidate.events),
        terms_ref(one.home.number, one.pointer),
    )
    steps = (*steps, Step("milestone", candidate.because, refs), *one.notes)
    state = candidate.state
    if state in _EARNABLE and holder is not None:
        state = MilestoneState.ALREADY_EARNED
        steps = (*steps, _earned_step(one, *holder))
    return Milestone(
        participant_id=participant_id,
        metric=one.metric.code,
        state=state,
        on=candidate.on,
        anchor_on=candidate.begins_on if spell is not None else None,
        spell=spell.number if spell is not None else None,
        terms_version=number,
        working=steps,
        scope=scope,
        origins=candidate.origins,
    )


def _spell_working(spell: Spell, version: int) -> tuple[Step, ...]:
    return tuple(
        Step(step.rule, step.because, (*step.refs, terms_ref(version, RULE_POINTERS[step.rule])))
        for step in spell.working
    )


def _earned_step(one: Governed, scope: str, on: date) -> Step:
    because = (
        f"{one.metric.code} was earned on {on} (scope {scope}), and the terms pay it once "
        f"per {one.metric.once_per.value.replace('_', ' ')}."
    )
    return Step("once", because, (terms_ref(one.home.number, f"{one.pointer}/once_per"),))


def _next_to_have(timeline: Timeline, code: str, as_of: date) -> TermsVersion | None:
    current = timeline.governing(as_of)
    for version in timeline.versions:
        is_past = current is not None and version.number < current.number
        if not is_past and any(metric.code == code for metric in version.terms.metrics):
            return version
    return None


def _not_started(participant_id: str, code: str, version: TermsVersion) -> Milestone:
    because = f"Nothing that {code} counts from has happened yet."
    step = Step("milestone", because, (terms_ref(version.number, "/metrics"),))
    return Milestone(
        participant_id=participant_id,
        metric=code,
        state=MilestoneState.NOT_STARTED,
        on=None,
        anchor_on=None,
        spell=None,
        terms_version=version.number,
        working=(step,),
        scope="none",
    )
