"""Codes in events and evidence that the terms do not know: recorded, and worth a second look."""

from collections.abc import Iterable, Iterator, Sequence

from app.domain.errors import Fault
from app.domain.evidence import EvidenceItem
from app.domain.participant import JourneyEvent
from app.domain.terms.document import Terms
from app.domain.terms.outcomes import AllOf, EvidenceRule, EvidenceType
from app.domain.terms.timeline import Timeline


def event_warnings(events: Sequence[JourneyEvent], timeline: Timeline) -> tuple[Fault, ...]:
    """A warning for every destination that does not count as a home under the terms of its day.

    People do move to homes that do not qualify, so such an event is recorded. It may also be a
    slip of the pen. Source: terms /sustainment/qualifying_destinations. With `tenancy` listed, a
    move to "tenancy" is silent and one to "castle" warns: it pays nothing.
    """
    return tuple(
        Fault(
            "destination-not-qualifying",
            f"/events/{index}/destination",
            f'"{event.destination}" is no qualifying destination under the terms: the move will '
            f"not count. Those that qualify: {', '.join(qualifying)}.",
        )
        for index, event in enumerate(events)
        if event.destination is not None
        and event.destination not in (qualifying := _qualifying(event, timeline))
    )


def evidence_warnings(items: Sequence[EvidenceItem], timeline: Timeline) -> tuple[Fault, ...]:
    """A warning for every type of evidence, or issuer of it, that no evidence rule names.

    The item is recorded: a verifier may accept equivalent evidence. Source: terms
    /metrics/evidence of every version in force. If the rules name a `letter` by the `landlord`,
    a "leter" warns of its type, and a letter by the "tenant" of its issuer.
    """
    named = [rule for one in timeline.versions for rule in _named(one.terms)]
    if not named:
        return ()  # without any rule, no type is better than another
    return tuple(
        fault for index, item in enumerate(items) for fault in _item_warnings(item, index, named)
    )


def _item_warnings(item: EvidenceItem, index: int, named: list[EvidenceType]) -> Iterator[Fault]:
    of_type = [rule for rule in named if rule.type == item.type]
    if not of_type:
        yield Fault(
            "evidence-type-unnamed",
            f"/items/{index}/type",
            f'No evidence rule of the terms names the type "{item.type}": it will not count. '
            f"Those named: {_listed(rule.type for rule in named)}.",
        )
    elif not any(not rule.issuers or item.issuer in rule.issuers for rule in of_type):
        yield Fault(
            "evidence-issuer-unnamed",
            f"/items/{index}/issuer",
            f'No evidence rule of the terms names "{item.issuer}" as issuer of {item.type}: it '
            f"will not count. Those named: "
            f"{_listed(issuer for rule in of_type for issuer in rule.issuers)}.",
        )


def _qualifying(event: JourneyEvent, timeline: Timeline) -> list[str]:
    return timeline.in_effect(event.on).terms.sustainment.qualifying_destinations


def _named(terms: Terms) -> Iterator[EvidenceType]:
    for metric in terms.metrics:
        if metric.evidence is not None:
            yield from _types(metric.evidence)


def _types(rule: EvidenceRule) -> Iterator[EvidenceType]:
    if isinstance(rule, EvidenceType):
        yield rule
        return
    parts = rule.all_of if isinstance(rule, AllOf) else rule.any_of
    for part in parts:
        yield from _types(part)


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(sorted(set(codes)))
