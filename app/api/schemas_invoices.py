"""Shapes of invoices and credit notes."""

from typing import Annotated, Any, Self

from pydantic import Field

from app.api.fields import (
    Amount,
    Answered,
    Day,
    DayOut,
    Instant,
    NextCursor,
    Party,
    Received,
    Version,
)
from app.api.schemas_claims import PeriodOut
from app.domain.invoice import DocumentKind, InvoiceLine
from app.domain.journal import instant_text
from app.domain.payment import Settlement, settlement
from app.interchange.invoice_json import Data
from app.storage.invoices import StoredInvoice

DocumentId = Annotated[
    str,
    Field(
        description="How payments name the document: invoice:<issuer>/<number> or "
        "fund-claim:<number>.",
        examples=["invoice:spv/1"],
    ),
]


class NewInvoices(Received):
    """That the payee issues the documents of an approved claim."""

    issued_on: Day | None = Field(default=None, description="The day; left out: today.")


class InvoiceLineOut(Answered):
    """One metric's part of a document: a count of outcomes and their net amount, no person."""

    line_number: int = Field(description="From 1.", examples=[1])
    metric: str = Field(description="The metric or activity code.", examples=["MOVE"])
    description: str = Field(description="Its name in the terms.", examples=["Moved on"])
    count: int = Field(description="Outcomes of which something is paid.", examples=[1])
    net: Amount

    @classmethod
    def of(cls, line: InvoiceLine) -> Self:
        """From a line of the document."""
        return cls(
            line_number=line.line_number,
            metric=line.metric,
            description=line.description,
            count=line.count,
            net=Amount.of(line.net),
        )


class InvoiceOut(Answered):
    """An invoice or credit note, and how far payments settle it.

    Amounts of a credit note are positive; what is settled and open of it is below zero.
    """

    document_id: DocumentId
    reference: str = Field(description="The printed number.", examples=["SPV-000001"])
    issuer: Party
    number: int = Field(
        description="From 1 without gaps for each issuer, credit notes included.", examples=[1]
    )
    kind: DocumentKind = Field(description="What it is.", examples=["invoice"])
    claim_number: int = Field(description="The approved claim.", examples=[1])
    customer: Party
    period: PeriodOut
    issued_on: DayOut
    due_on: DayOut | None
    purchase_order: str | None = Field(
        description="The customer's order number.", examples=["PO-4711"]
    )
    lines: list[InvoiceLineOut]
    net: Amount
    vat_treatment: str = Field(
        description="outside_scope, exempt or standard.", examples=["outside_scope"]
    )
    vat_rationale: str = Field(
        description="Why, from the terms.", examples=["Agreed with the VAT advisers."]
    )
    vat_rate: str | None = Field(description="As a share of the net.", examples=["0.20"])
    vat: Amount
    total: Amount
    cites: list[int] = Field(
        description="The numbers of the invoices that a credit note takes back from.",
        examples=[[1]],
    )
    settled: Amount
    open_amount: Amount
    settlement: Settlement = Field(description="How far it is settled.", examples=["open"])
    recorded_at: Instant

    @classmethod
    def of(cls, stored: StoredInvoice) -> Self:
        """From the stored document."""
        return cls.model_validate(_facts(stored))


class InvoiceWhole(InvoiceOut):
    """A document with its structured data, from which the print is made."""

    document: dict[str, Any] = Field(
        description="The data of docs/reference/invoices.md: every field that the print shows.",
        examples=[{"specification": "urn:outcomes-ledger:invoice:1", "invoice_number": "SPV-1"}],
    )

    @classmethod
    def both(cls, stored: StoredInvoice, data: Data) -> Self:
        """From the stored document and its structured data."""
        return cls.model_validate(_facts(stored) | {"document": data})


class InvoicesIssued(Answered):
    """The documents of one claim."""

    items: list[InvoiceOut]
    version: Version

    @classmethod
    def of(cls, issued: tuple[StoredInvoice, ...], version: int) -> Self:
        """From the documents just issued."""
        return cls(items=[InvoiceOut.of(one) for one in issued], version=version)


class InvoicesOfClaim(Answered):
    """The documents of one claim; none before they are issued."""

    items: list[InvoiceOut]


class InvoicePage(Answered):
    """Documents by issuer and number, and where the next page starts."""

    items: list[InvoiceOut]
    next_cursor: NextCursor


def _facts(stored: StoredInvoice) -> dict[str, object]:
    one = stored.invoice
    asked = stored.open_amount + stored.allocated
    return {
        "document_id": one.document_id,
        "reference": one.reference,
        "issuer": one.issuer,
        "number": one.number,
        "kind": one.kind,
        "claim_number": one.claim_number,
        "customer": one.customer,
        "period": PeriodOut.of(one.period),
        "issued_on": one.issued_on,
        "due_on": one.due_on,
        "purchase_order": one.purchase_order,
        "lines": [InvoiceLineOut.of(line) for line in one.lines],
        "net": Amount.of(one.net),
        "vat_treatment": one.vat_treatment,
        "vat_rationale": one.vat_rationale,
        "vat_rate": one.vat_rate,
        "vat": Amount.of(one.vat),
        "total": Amount.of(one.total),
        "cites": list(one.cites),
        "settled": Amount.of(stored.allocated),
        "open_amount": Amount.of(stored.open_amount),
        "settlement": settlement(asked, stored.allocated),
        "recorded_at": instant_text(stored.recorded_at),
    }
