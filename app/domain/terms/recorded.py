"""What the terms can say, and this release records without acting upon it."""

from collections.abc import Iterator

from app.domain.errors import Fault
from app.domain.terms.base import TermsPart
from app.domain.terms.document import Terms
from app.domain.terms.faults import pointer

_SECTIONS = ("audit", "savings_gate", "indexation", "investment")
"""Parts of the document of which nothing is acted upon."""

_FIELDS = (
    ("verification", "deemed_approval"),
    ("clawback", "method"),
)
"""Single fields. Of the methods of clawback, the default acts: set-off in the next claim."""


def recorded_only() -> tuple[tuple[str, ...], ...]:
    """Paths of the fields that are recorded and not acted upon, but for those of metrics."""
    sections = (
        (section, field)
        for section in _SECTIONS
        for field in type(Terms.model_fields[section].default).model_fields
    )
    return (*_FIELDS, *sections)


def recorded_findings(terms: Terms) -> Iterator[Fault]:
    """A finding on every such field whose value is not the default, so that nobody relies on it.

    `/verification/deemed_approval: true`, for instance: silence approves nothing in this release.
    """
    for index, metric in enumerate(terms.metrics):
        if metric.savings_gated:
            yield _finding("metrics", index, "savings_gated")
    for path in recorded_only():
        *above, field = path
        part: TermsPart = terms
        for name in above:
            part = getattr(part, name)
        if getattr(part, field) != type(part).model_fields[field].default:
            yield _finding(*path)


def _finding(*path: str | int) -> Fault:
    where = pointer(*path)
    message = f"{where} is recorded, and not acted upon in this release."
    return Fault("not-acted-upon", where, message)
