"""Which corrections went on which documents, each once for a customer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain.claim import Claim, ClaimLine, LineKind
from app.domain.correction import Correction
from app.domain.invoice import DocumentKind, Invoice
from app.domain.terms.document import Terms
from app.payments.invoicing import asked_of


@dataclass(frozen=True, slots=True)
class InvoicedCorrection:
    """That a correction is in what a customer was asked for, and on which document.

    `document` is None where the round left nothing to ask of the customer for the line's metric:
    a line of 100.00 reversed whole before its claim was invoiced is on no document.
    """

    correction_id: str
    customer: str
    document: Invoice | None


def invoiced_corrections(
    claim: Claim,
    terms: Terms,
    corrections: Iterable[Correction],
    *,
    originals: Mapping[int, Sequence[Invoice]],
    made: Sequence[Invoice],
    issued: Sequence[Invoice],
) -> tuple[InvoicedCorrection, ...]:
    """Where a round of documents (`made`) puts corrections that no earlier round (`issued`) had.

    For a customer's first documents a correction goes where its line does: on the invoice, or on
    the credit note of a clawback line. Later, what lowers goes on a credit note and what raises on
    an invoice; set against another for the same metric, on the document that is left.
    """
    lines = {line.line_number: line for line in claim.lines}
    known = {one.customer for one in issued}
    return tuple(
        InvoicedCorrection(
            one.correction_id,
            customer,
            _document(lines[one.line_number], customer, made, lowers=lowers, first=first),
        )
        for one in corrections
        for customer, lowers in _customers(
            lines[one.line_number], one, originals.get(one.line_number, ()), terms
        )
        for first in (customer not in known,)
    )


def _customers(
    line: ClaimLine, correction: Correction, originals: Iterable[Invoice], terms: Terms
) -> Iterator[tuple[str, bool]]:
    """Whom a correction concerns, and whether it lowers what that customer owes."""
    for customer, amount in asked_of(line, correction.shares, originals, terms).items():
        yield customer, amount.minor < 0


def _document(
    line: ClaimLine, customer: str, made: Iterable[Invoice], *, lowers: bool, first: bool
) -> Invoice | None:
    is_credit = line.kind is LineKind.CLAWBACK if first else lowers
    wanted = DocumentKind.CREDIT_NOTE if is_credit else DocumentKind.INVOICE
    named = [
        one
        for one in made
        if one.customer == customer and line.metric in {item.metric for item in one.lines}
    ]
    named.sort(key=lambda one: one.kind is not wanted)
    return named[0] if named else None
