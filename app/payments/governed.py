"""Which version of the terms judges each chance of meeting a metric."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from app.domain.outcome import MilestoneState
from app.domain.participant import EventKind, Journey
from app.domain.period import within
from app.domain.sustainment import Spell, spells
from app.domain.terms.outcomes import Metric, Sustainment
from app.domain.terms.timeline import TermsVersion, Timeline
from app.domain.working import Step, terms_ref
from app.payments.candidates import Candidate, candidates


@dataclass(frozen=True, slots=True)
class Governed:
    """A candidate, the metric it is of, and the version that governs it, with extra working.

    `pointer` is the metric's place in its own version, `home` the version it was found in: the
    governing one, unless that has no such metric.
    """

    candidate: Candidate
    metric: Metric
    version: TermsVersion
    home: TermsVersion
    pointer: str
    notes: tuple[Step, ...] = ()

    def turned(self, state: MilestoneState, note: Step, on: date | None = None) -> "Governed":
        """The same with another state, the step that says why, and perhaps another date."""
        changed = replace(self.candidate, state=state, on=on or self.candidate.on)
        return replace(self, candidate=changed, notes=(*self.notes, note))


def governed(journey: Journey, timeline: Timeline, as_of: date) -> list[Governed]:
    """Each candidate under the version that governs its date.

    Every version's metrics and breaks are tried; what counts is what the version in force on the
    resulting date says. A date on which no version in force has the metric, or which lies
    outside /metrics/available_from and available_to, is NOT_AVAILABLE. Once a referral was
    declined or found ineligible, nothing in that referral counts (LOST).
    """
    events = [event for event in journey.events if event.on <= as_of]
    own: dict[tuple[str, date], Governed] = {}
    foreign: dict[tuple[str, date], Governed] = {}
    for version, lived in _lived(journey, timeline, as_of):
        rules = version.terms.sustainment
        for index, metric in enumerate(version.terms.metrics):
            for candidate in candidates(metric, rules, lived, events, as_of):
                key = (metric.code, candidate.begins_on)
                governing = timeline.governing(candidate.governed_on)
                one = Governed(
                    candidate, metric, governing or version, version, f"/metrics/{index}"
                )
                (own if governing is version else foreign)[key] = one
    known = {code for code, _ in own}
    found = [_checked(one) for one in own.values()]
    for key, one in foreign.items():
        judged_otherwise = one.metric.code in known and one.version is not one.home
        if key not in own and not (judged_otherwise and _has(one.version, one.metric)):
            found.append(_unavailable(one))
    if refused := _refused_referrals(journey, as_of):
        return [_unless_refused(one, refused) for one in found]
    return found


def _lived(
    journey: Journey, timeline: Timeline, as_of: date
) -> Iterator[tuple[TermsVersion, tuple[Spell, ...]]]:
    known: list[tuple[Sustainment, tuple[Spell, ...]]] = []
    for version in timeline.versions:
        rules = version.terms.sustainment
        lived = next((found for same, found in known if same is rules or same == rules), None)
        if lived is None:
            lived = spells(journey, rules, as_of)
            known.append((rules, lived))
        yield version, lived


def _has(version: TermsVersion, metric: Metric) -> bool:
    return any(other.code == metric.code for other in version.terms.metrics)


def _checked(one: Governed) -> Governed:
    metric, day = one.metric, one.candidate.governed_on
    if within(day, metric.available_from, metric.available_to):
        return one
    note = Step(
        "metric.not-available",
        f"{metric.code} is available from {metric.available_from or 'the start'} to "
        f"{metric.available_to or 'the end'}; {day} lies outside.",
        (terms_ref(one.version.number, one.pointer),),
    )
    return one.turned(MilestoneState.NOT_AVAILABLE, note, day)


def _unavailable(one: Governed) -> Governed:
    metric, day = one.metric, one.candidate.governed_on
    if one.version is one.home:
        because = f"On {day} no version of the terms was in force."
    elif _has(one.version, metric):
        because = (
            f"Version {one.version.number}, in force on {day}, counts {metric.code} otherwise."
        )
    else:
        because = f"Version {one.version.number}, in force on {day}, has no metric {metric.code}."
    refs = (terms_ref(one.version.number, "/metrics"), terms_ref(one.home.number, one.pointer))
    return one.turned(
        MilestoneState.NOT_AVAILABLE,
        Step("metric.not-available", because, tuple(dict.fromkeys(refs))),
        day,
    )


@dataclass(frozen=True, slots=True)
class _Refusal:
    referred_on: date
    refused_on: date
    event: str
    ends_on: date | None

    def covers(self, day: date) -> bool:
        """Whether a day falls into the referral that was refused."""
        return self.referred_on <= day and (self.ends_on is None or day < self.ends_on)


def _refused_referrals(journey: Journey, as_of: date) -> list[_Refusal]:
    found: list[_Refusal] = []
    referred_on = journey.participant.referred_on
    for event in journey.events:
        if event.on > as_of:
            break
        if event.kind in {EventKind.DECLINED, EventKind.FOUND_INELIGIBLE}:
            found.append(_Refusal(referred_on, event.on, event.event_id, None))
        elif event.kind is EventKind.RE_REFERRED:
            referred_on = event.on
            if found and found[-1].ends_on is None:
                found[-1] = replace(found[-1], ends_on=event.on)
    return found


def _unless_refused(one: Governed, refused: list[_Refusal]) -> Governed:
    for refusal in refused:
        if refusal.covers(one.candidate.begins_on):
            note = Step(
                "referral.refused",
                f"The referral was declined or found ineligible on {refusal.refused_on}.",
                (f"event:{refusal.event}", terms_ref(one.version.number, "/cohort/eligibility")),
            )
            return one.turned(MilestoneState.LOST, note, refusal.refused_on)
    return one
