"""Cross-checks on what counts as an outcome: metrics, evidence, sustainment, submission."""

from collections.abc import Iterator

from app.domain.errors import Fault
from app.domain.terms.base import EVIDENCE_DEPTH_MAX
from app.domain.terms.check_parties import identifier_faults
from app.domain.terms.document import Terms
from app.domain.terms.faults import pointer, repeated, reversed_dates, unknown_metric
from app.domain.terms.outcomes import (
    AllOf,
    AnyOf,
    CoversWhen,
    Deadline,
    EventMetric,
    EvidenceRule,
    LatePolicy,
    OncePer,
    SustainedMetric,
)


def outcome_faults(terms: Terms) -> Iterator[Fault]:
    """Everything that must agree among metrics, their evidence, and the rules of time."""
    yield from repeated((metric.code for metric in terms.metrics), "duplicate-metric", "metrics")
    for index in range(len(terms.metrics)):
        yield from _metric_faults(terms, index)
    yield from _order_faults(terms)
    yield from _requirement_faults(terms)
    yield from _sustainment_faults(terms)
    yield from _submission_faults(terms)


def _metric_faults(terms: Terms, index: int) -> Iterator[Fault]:
    metric = terms.metrics[index]
    here: tuple[str | int, ...] = ("metrics", index)
    yield from identifier_faults(metric.identifiers, *here, "identifiers")
    yield from reversed_dates(metric.available_from, metric.available_to, *here, "available_to")
    yield from repeated(metric.requires, "repeated-value", *here, "requires")
    homeless = isinstance(metric, EventMetric) and metric.event != "moved_on"
    if homeless and metric.once_per is OncePer.SPELL:
        message = "Only moves and sustained metrics belong to a tenancy spell."
        yield Fault("no-spell", pointer(*here, "once_per"), message)
    if metric.evidence is not None:
        sustained = isinstance(metric, SustainedMetric)
        yield from _evidence_faults(metric.evidence, (*here, "evidence"), 0, sustained=sustained)


def _evidence_faults(
    rule: EvidenceRule, path: tuple[str | int, ...], depth: int, *, sustained: bool
) -> Iterator[Fault]:
    if depth > EVIDENCE_DEPTH_MAX:
        message = f"Evidence rules nest at most {EVIDENCE_DEPTH_MAX} deep."
        yield Fault("evidence-too-deep", pointer(*path), message)
    elif isinstance(rule, AllOf | AnyOf):
        key = "all_of" if isinstance(rule, AllOf) else "any_of"
        parts = rule.all_of if isinstance(rule, AllOf) else rule.any_of
        for index, part in enumerate(parts):
            yield from _evidence_faults(part, (*path, key, index), depth + 1, sustained=sustained)
    else:
        yield from repeated(rule.issuers, "repeated-value", *path, "issuers")
        if rule.covers is CoversWhen.FROM_ANCHOR_TO_ACHIEVEMENT and not sustained:
            message = "An event metric has no anchor; choose another day for the item to cover."
            yield Fault("no-anchor", pointer(*path, "covers"), message)


def _order_faults(terms: Terms) -> Iterator[Fault]:
    """Sustained metrics rise in length: the document's order decides ties within a claim."""
    longest: SustainedMetric | None = None
    for index, metric in enumerate(terms.metrics):
        if isinstance(metric, SustainedMetric):
            if longest is not None and metric.length <= longest.length:
                yield Fault(
                    "sustained-out-of-order",
                    pointer("metrics", index, "length"),
                    f"List sustained metrics by rising length; {longest.code} before this one "
                    f"has {longest.length}.",
                )
            else:
                longest = metric


def _requirement_faults(terms: Terms) -> Iterator[Fault]:
    needs = {metric.code: metric.requires for metric in terms.metrics}
    for index, metric in enumerate(terms.metrics):
        for place, code in enumerate(metric.requires):
            if code not in needs:
                yield unknown_metric(code, "metrics", index, "requires", place)
        if metric.code in _reached(metric.code, needs):
            message = f"{metric.code} requires itself, directly or through other metrics."
            yield Fault("requires-cycle", pointer("metrics", index, "requires"), message)


def _reached(start: str, needs: dict[str, list[str]]) -> set[str]:
    """Every code that a metric requires, directly or through others."""
    reached: set[str] = set()
    waiting = list(needs[start])
    while waiting:
        code = waiting.pop()
        if code not in reached:
            reached.add(code)
            waiting.extend(needs.get(code, ()))
    return reached


def _sustainment_faults(terms: Terms) -> Iterator[Fault]:
    sustainment = terms.sustainment
    yield from repeated(
        sustainment.qualifying_destinations,
        "repeated-value",
        "sustainment",
        "qualifying_destinations",
    )
    for name, absence in (("hospital", sustainment.hospital), ("custody", sustainment.custody)):
        accepted = absence.accepted_days_max
        if accepted is not None and accepted < absence.days_max:
            yield Fault(
                "limits-reversed",
                pointer("sustainment", name, "accepted_days_max"),
                f"What may be accepted ({accepted} days) is less than what needs no acceptance "
                f"({absence.days_max}).",
            )


def _submission_faults(terms: Terms) -> Iterator[Fault]:
    submission = terms.submission
    months = submission.deadline_months
    counted = submission.deadline is Deadline.MONTHS_AFTER_ACHIEVEMENT
    if counted and months is None:
        message = "Give the months, since the deadline is months_after_achievement."
        yield Fault("missing-field", "/submission/deadline_months", message)
    elif not counted and months is not None:
        message = "Leave this out, or choose the deadline months_after_achievement."
        yield Fault("not-applicable", "/submission/deadline_months", message)
    elif months is not None and (submission.longstop_months or months) < months:
        message = f"The long-stop comes before the deadline of {months} months."
        yield Fault("limits-reversed", "/submission/longstop_months", message)
    reduced = submission.late_policy is LatePolicy.REDUCED_PRICE
    if reduced and submission.late_price_share is None:
        message = "Give the share of the price, since the late policy is reduced_price."
        yield Fault("missing-field", "/submission/late_price_share", message)
    elif not reduced and submission.late_price_share is not None:
        message = "Leave this out, or choose the late policy reduced_price."
        yield Fault("not-applicable", "/submission/late_price_share", message)
