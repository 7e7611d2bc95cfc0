"""Reading a terms document: every fault at once, each with its place in the document."""

from collections.abc import Iterator
from typing import Any

from app.domain.errors import Fault, InputInvalid
from app.domain.terms.check_outcomes import outcome_faults
from app.domain.terms.check_parties import cohort_faults, party_faults
from app.domain.terms.check_payment import payment_faults
from app.domain.terms.document import Terms
from app.domain.terms.faults import reversed_dates
from app.domain.terms.findings import warnings
from app.domain.terms.shape import parse_shape
from app.domain.terms.variation import variation_faults

__all__ = ["parse_terms", "variation_faults", "warnings"]


def parse_terms(document: dict[str, Any]) -> Terms:
    """The document in its JSON form (`document.plain`) as Terms that agree with themselves.

    First its shape, against the published schema; then, if it has the shape, everything that
    must agree between its parts. A metric priced from 1 May 2022 but available from 1 Apr 2022 is
    one fault, "price-gap", with both dates. Raises InputInvalid with every fault of the stage.
    """
    terms = parse_shape(document)
    if faults := tuple(_cross_faults(terms)):
        raise InputInvalid(faults)
    return terms


def _cross_faults(terms: Terms) -> Iterator[Fault]:
    yield from _date_faults(terms)
    yield from party_faults(terms)
    yield from cohort_faults(terms)
    yield from outcome_faults(terms)
    yield from payment_faults(terms)


def _date_faults(terms: Terms) -> Iterator[Fault]:
    """A variation may come after the service has ended, in the run-off; a first version may not."""
    variation = terms.variation
    if variation is None:
        yield from reversed_dates(terms.effective_from, terms.service_ends, "service_ends")
        return
    place = "/variation/applies_to_achievements_from"
    reaches_back = variation.applies_to_achievements_from
    if variation.retrospective and reaches_back is None:
        message = "Give the first achievement date that a retrospective variation governs."
        yield Fault("missing-field", place, message)
    elif not variation.retrospective and reaches_back is not None:
        message = "Leave this out, or mark the variation as retrospective."
        yield Fault("not-applicable", place, message)
    elif reaches_back is not None and reaches_back >= terms.effective_from:
        message = f"A retrospective variation reaches back before {terms.effective_from}."
        yield Fault("not-retrospective", place, message)
